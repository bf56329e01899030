import { toUtf8 } from './utf8.ts';

// WebCrypto compares in constant time and is the same on Node, workerd and browsers.
const algorithm = { name: 'HMAC', hash: 'SHA-256' } as const;

/** The token of a digest: HMAC-SHA-256 as 64 lower-case hex characters. */
export async function makeToken(secret: Uint8Array<ArrayBuffer>, purpose: string, digest: string): Promise<string> {
  const key = await crypto.subtle.importKey('raw', secret, algorithm, false, ['sign']);
  const mac = new Uint8Array(await crypto.subtle.sign(algorithm, key, messageOf(purpose, digest)));
  return Array.from(mac, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** True if the token was made with this secret for this purpose and digest; takes the same time for every wrong token. */
export async function isToken(
  secret: Uint8Array<ArrayBuffer>,
  purpose: string,
  digest: string,
  token: unknown,
): Promise<boolean> {
  const given = typeof token === 'string' && /^[0-9a-f]{64}$/.test(token) ? token : '0'.repeat(64);
  const mac = Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(given.slice(2 * i, 2 * i + 2), 16));
  const key = await crypto.subtle.importKey('raw', secret, algorithm, false, ['verify']);
  return crypto.subtle.verify(algorithm, key, mac, messageOf(purpose, digest));
}

function messageOf(purpose: string, digest: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(toUtf8(`${purpose}\n${digest}`));
}
