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

/** Starts a SHA-256 that takes its input in pieces. */
export function createSha256(): Sha256 {
  return nativeSha256() ?? portableSha256();
}

/** By `node:crypto`; `undefined` where there is none. */
export function nativeSha256(): Sha256 | undefined {
  const hash = builtins().crypto?.createHash('sha256');
  return hash && { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
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
    const hash = nativeSha256();
    if (hash) {
      hash.update(bytes);
      return hash.hex();
    }
  }
  return bytesToHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}
