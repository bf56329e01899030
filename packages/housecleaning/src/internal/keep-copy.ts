import { HousecleaningError, isObjectStoreError } from '../errors.ts';
import { archiveKey, isDate, isSymbol, quarantineKey, quarantinePrefix, type Cell } from '../keys.ts';
import type { ObjectStore, StoredObject } from '../object-store.ts';
import { createSha256 } from './sha256.ts';
import { piecesOfBody } from './streams.ts';

const mostAttempts = 3;
const suffix = '.damaged';
/** Hex characters of its digest in the name of a copy. */
const digestChars = 16;

/** Where bytes of this digest are kept once they no longer lie under the key of the archive. */
function keptCopyKey(cell: Cell, sha256: string): string {
  return `${quarantineKey(cell).slice(0, -'.json'.length)}.${sha256.slice(0, digestChars)}${suffix}`;
}

/** What the key of a kept copy says, or `undefined` for any other text. */
export function parseKeptCopyKey(key: string): { readonly cell: Cell; readonly sha256Prefix: string } | undefined {
  if (!key.startsWith(quarantinePrefix) || !key.endsWith(suffix)) return undefined;
  const [symbol = '', name = '', ...deeper] = key.slice(quarantinePrefix.length, -suffix.length).split('/');
  const [date = '', sha256Prefix = '', ...more] = name.split('.');
  const isOurs = isSymbol(symbol) && isDate(date) && new RegExp(`^[0-9a-f]{${digestChars}}$`).test(sha256Prefix);
  return isOurs && deeper.length === 0 && more.length === 0 ? { cell: { symbol, date }, sha256Prefix } : undefined;
}

/**
 * Keeps what is about to be replaced, beside the place of the quarantine record, under a name that follows from its bytes:
 * damaged bytes may be all that is left of something. They are read twice, and the copy is read back; all three are equal.
 *
 * @returns the key of the copy; `undefined` if there was nothing
 * @throws HousecleaningError `unstable-read` if the bytes do not arrive equal: nothing may be replaced
 */
export async function keepCopy(
  store: Pick<ObjectStore, 'get' | 'put'>,
  cell: Cell,
  etag: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const asked = signal ? { signal } : {};
  const source = archiveKey(cell);
  const pinned = { ifMatch: etag, ...asked };
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    const first = await store.get(source, pinned);
    if (first === undefined) return undefined;
    const sha256 = await digestOf(first);
    if (sha256 === undefined) continue;
    const second = await store.get(source, pinned);
    if (second === undefined) return undefined;
    const key = keptCopyKey(cell, sha256);
    try {
      // The store refuses bytes that differ from those of the first read.
      await store.put(key, second.body, { size: first.size, sha256, metadata: first.metadata, ...asked });
    } catch (error) {
      if (isObjectStoreError(error, 'checksum-mismatch') || isObjectStoreError(error, 'size-mismatch')) continue;
      throw error;
    }
    const copy = await store.get(key, asked);
    if (copy && (await digestOf(copy)) === sha256) return key;
  }
  throw new HousecleaningError(
    'unstable-read',
    `"${source}" could not be copied before it is replaced: its bytes do not arrive equal, in ${mostAttempts} attempts. ` +
      'Nothing was replaced; look at the store and its network.',
    source,
  );
}

/** SHA-256 of the bytes that arrive; `undefined` if they are not as many as the store announced. */
async function digestOf({ body, size }: StoredObject): Promise<string | undefined> {
  const hash = createSha256();
  let length = 0;
  for await (const piece of piecesOfBody(body)) {
    hash.update(piece);
    length += piece.length;
  }
  return length === size ? hash.hex() : undefined;
}
