import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** SHA-256 of bytes that come in pieces. */
export interface IncrementalSha256 {
  update(bytes: Uint8Array): void;
  /** Lower-case hex; ends the digest. */
  hex(): string;
}

/** The part of `node:crypto` that is used, where the platform has it. */
interface NativeCrypto {
  createHash(name: 'sha256'): { update(bytes: Uint8Array): unknown; digest(encoding: 'hex'): string };
}

function nativeCrypto(): NativeCrypto | undefined {
  const platform = globalThis as { process?: { getBuiltinModule?: (id: string) => unknown } };
  return platform.process?.getBuiltinModule?.('node:crypto') as NativeCrypto | undefined;
}

/** SHA-256 of bytes, hex, by the platform, without a copy of them where it has such a function. */
export async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const platform = nativeCrypto();
  if (platform) {
    const hash = platform.createHash('sha256');
    hash.update(bytes);
    return hash.digest('hex');
  }
  return bytesToHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

/** The platform's own where it has one that takes pieces (Node, workerd with `nodejs_compat`), else one in JavaScript. */
export function createSha256(): IncrementalSha256 {
  const platform = nativeCrypto();
  if (platform) {
    const native = platform.createHash('sha256');
    return { update: (bytes) => void native.update(bytes), hex: () => native.digest('hex') };
  }
  const portable = sha256.create();
  return { update: (bytes) => void portable.update(bytes), hex: () => bytesToHex(portable.digest()) };
}

/** A digest as S3's headers have it. */
export function base64OfHex(hex: string): string {
  return btoa(hex.replace(/../g, (byte) => String.fromCharCode(Number.parseInt(byte, 16))));
}
