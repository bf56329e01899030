import type { ObjectInfo, StoredObject } from '@tapekit/housecleaning/object-store';

/** The facts of an object without its body, whose getters must not be touched. */
export function infoOf({ key, size, etag, version, uploadedMs, metadata }: ObjectInfo): ObjectInfo {
  return { key, size, etag, ...(version === undefined ? {} : { version }), uploadedMs, metadata };
}

/** The object with its pieces sent through `pass`, whether they are read as a stream or as bytes. */
export function throughPieces(
  object: StoredObject,
  stream: (body: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>,
  whole: (bytes: Uint8Array) => Uint8Array,
): StoredObject {
  return {
    ...infoOf(object),
    get body() {
      return stream(object.body);
    },
    bytes: async () => whole(await object.bytes()),
  };
}
