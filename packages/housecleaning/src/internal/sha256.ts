/** SHA-256 by the platform where it can, in pieces elsewhere by noble: WebCrypto has no incremental digest. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { builtins } from './platform.ts';

/** A running SHA-256. */
export interface Sha256 {
  update(bytes: Uint8Array): void;
  /** The digest of everything so far as 64 lower-case hex characters; the hash cannot be used after it. */
  hex(): string;
}

/** Below this, asking the platform's thread pool takes longer than hashing. */
const smallBytes = 65_536;
/** Up to this the pieces are kept and hashed in one call: making an object of the platform takes longer than hashing. */
const heldBytes = 4_096;

/** Starts a SHA-256 that takes its input in pieces. */
export function createSha256(): Sha256 {
  return nativeSha256() ?? portableSha256();
}

/** By `node:crypto`; `undefined` where there is none. */
export function nativeSha256(): Sha256 | undefined {
  const { crypto } = builtins();
  if (!crypto) return undefined;
  const { hash: hashAtOnce } = crypto;
  let running = hashAtOnce ? undefined : crypto.createHash('sha256');
  let held: Uint8Array = noBytes;
  let length = 0;
  return {
    update(bytes) {
      if (!running && length + bytes.length <= heldBytes) {
        // Whoever gave us a piece may use it again.
        held = withRoom(held, length, length + bytes.length);
        held.set(bytes, length);
        length += bytes.length;
        return;
      }
      running ??= crypto.createHash('sha256').update(held.subarray(0, length));
      running.update(bytes);
    },
    hex: () => running?.digest('hex') ?? hashAtOnce!('sha256', held.subarray(0, length), 'hex'),
  };
}

const noBytes = new Uint8Array(0);

/** A buffer of at least `needed` bytes that begins with the first `length` of another one. */
function withRoom(buffer: Uint8Array, length: number, needed: number): Uint8Array {
  if (needed <= buffer.length) return buffer;
  const larger = new Uint8Array(length === 0 ? needed : 2 * needed);
  larger.set(buffer.subarray(0, length));
  return larger;
}

/** By noble, everywhere. */
export function portableSha256(): Sha256 {
  const hash = sha256.create();
  return { update: (bytes) => void hash.update(bytes), hex: () => bytesToHex(hash.digest()) };
}

/** SHA-256 of a short input at once, by noble. */
export function sha256Of(bytes: Uint8Array): Uint8Array {
  return sha256(bytes);
}

/** SHA-256 of bytes at hand, by the platform, as lower-case hex. */
export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  if (bytes.length <= smallBytes) {
    const hashAtOnce = builtins().crypto?.hash;
    if (hashAtOnce) return hashAtOnce('sha256', bytes, 'hex');
    const hash = nativeSha256();
    if (hash) {
      hash.update(bytes);
      return hash.hex();
    }
  }
  return bytesToHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}
