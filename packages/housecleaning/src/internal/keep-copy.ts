import { archiveKey, quarantineKey, type Cell } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { sha256Hex } from './sha256.ts';
import { toUtf8 } from './utf8.ts';

/**
 * Keeps what is about to be replaced, beside the place of the quarantine record: damaged bytes may be all that is left of
 * something.
 *
 * @returns the key of the copy; `undefined` if there was nothing
 */
export async function keepCopy(
  store: Pick<ObjectStore, 'get' | 'put'>,
  cell: Cell,
  etag: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const asked = signal ? { signal } : {};
  const object = await store.get(archiveKey(cell), { ifMatch: etag, ...asked });
  if (object === undefined) return undefined;
  const name = (await sha256Hex(toUtf8(etag))).slice(0, 16);
  const key = `${quarantineKey(cell).slice(0, -'.json'.length)}.${name}.damaged`;
  await store.put(key, object.body, { size: object.size, metadata: object.metadata, ...asked });
  return key;
}
