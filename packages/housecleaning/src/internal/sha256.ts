/** SHA-256 of whole buffers by the platform, and in pieces by noble: WebCrypto has no incremental digest. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** A running SHA-256. */
export interface Sha256 {
  update(bytes: Uint8Array): void;
  /** The digest of everything so far as 64 lower-case hex characters; the hash cannot be used after it. */
  hex(): string;
}

/** Starts a SHA-256 that takes its input in pieces. */
export function createSha256(): Sha256 {
  const hash = sha256.create();
  return {
    update: (bytes) => void hash.update(bytes),
    hex: () => bytesToHex(hash.digest()),
  };
}

/** SHA-256 of a short input at once, without a promise; used for the multiset of records. */
export function sha256Of(bytes: Uint8Array): Uint8Array {
  return sha256(bytes);
}

/** SHA-256 of bytes at hand, by the platform, as lower-case hex. */
export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  return bytesToHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}
