import { HousecleaningError, isObjectStoreError } from '../errors.ts';
import type { ObjectInfo, ObjectStore, StoredObject } from '../object-store.ts';
import { infoOf } from './reading.ts';
import { piecesOfBody } from './streams.ts';

/** An object opened for reading piece by piece. */
export interface OpenObject {
  readonly info: ObjectInfo;
  /** Its bytes, exactly `info.size` of them, or an error. Read them once. */
  readonly pieces: AsyncGenerator<Uint8Array, void, undefined>;
}

/** Requests for one object before it is given up. */
const mostRequests = 3;

/**
 * Opens an object. A body that breaks off is continued by range where it stopped, pinned to the etag that was opened.
 *
 * @returns `undefined` for a missing key
 * @throws while reading: HousecleaningError `unstable-read` if the object changes or its bytes do not arrive
 */
export async function openObject(
  store: ObjectStore,
  key: string,
  options: { readonly ifMatch?: string; readonly signal?: AbortSignal } = {},
): Promise<OpenObject | undefined> {
  const object = await store.get(key, options);
  if (object === undefined) return undefined;
  const info = infoOf(object);
  return { info, pieces: readPieces(store, object, info, options.signal) };
}

async function* readPieces(
  store: ObjectStore,
  first: StoredObject,
  { key, size, etag }: ObjectInfo,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  let got = 0;
  let object: StoredObject | undefined = first;
  for (let request = 1; ; request++) {
    let fault: Error | undefined;
    try {
      for await (const piece of piecesOfBody(object.body)) {
        signal?.throwIfAborted();
        got += piece.length;
        if (got > size) throw unstable(key, `more than its ${size} bytes arrived`);
        yield piece;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof HousecleaningError) throw error;
      fault = error instanceof Error ? error : new Error(String(error));
    }
    if (got === size && fault === undefined) return;
    if (request === mostRequests)
      throw fault ?? unstable(key, `only ${got} of its ${size} bytes arrived, in ${request} requests`);
    try {
      object = await store.get(key, { ifMatch: etag, range: { offset: got }, ...(signal ? { signal } : {}) });
    } catch (error) {
      if (isObjectStoreError(error, 'precondition-failed')) throw unstable(key, 'it was replaced while it was read');
      throw error;
    }
    if (object === undefined) throw unstable(key, 'it was deleted while it was read');
  }
}

function unstable(key: string, why: string): HousecleaningError {
  return new HousecleaningError('unstable-read', `"${key}" could not be read whole: ${why}; read it again.`, key);
}
