/** Page cursors over any key: the key of the last record of a page, bound to the query by a checksum. */
import { AdaptersError } from '../../errors.ts';
import { shownValue } from './values.ts';

/** What a key is made of as it is read. */
export type KeyValue = string | number | boolean | null;

/** A cursor behind the record with this key, for the query that `scope` describes. */
export function encodeKeyset(key: readonly KeyValue[], scope: string): string {
  const text = JSON.stringify(key);
  return `2.${toUrlText(text)}.${checksum(`${scope}\n${text}`)}`;
}

/**
 * The key that {@link encodeKeyset} put in.
 * @throws {@link AdaptersError} `bad-cursor` when it was altered or belongs to another query.
 */
export function decodeKeyset(cursor: string, scope: string, parts: number): readonly KeyValue[] {
  const match = typeof cursor === 'string' ? /^2\.([\w-]+)\.([0-9a-z]{1,7})$/.exec(cursor) : null;
  const text = match ? fromUrlText(match[1]!) : undefined;
  if (text !== undefined && checksum(`${scope}\n${text}`) === match![2]) {
    const key = keyOf(text);
    if (key?.length === parts) return key;
  }
  throw new AdaptersError(
    'bad-cursor',
    `Cursor "${shownValue(cursor).slice(0, 40)}" is not one that a page of this query ended with. Pass nextCursor unchanged with the same query, or leave it out to start over.`,
    { value: cursor },
  );
}

/** Only a forged cursor holds something else. */
function keyOf(text: string): readonly KeyValue[] | undefined {
  try {
    const key: unknown = JSON.parse(text);
    return Array.isArray(key) ? (key as readonly KeyValue[]) : undefined;
  } catch {
    return undefined;
  }
}

function toUrlText(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

function fromUrlText(text: string): string | undefined {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(binary, (char) => char.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

/** FNV-1a, 32 bits: it tells slips and mix-ups; a forged cursor merely names another place of the same list. */
function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193);
  return (hash >>> 0).toString(36);
}
