/** Counts what a store is asked for, in the classes in which R2 and S3 bill it. */
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import { throughPieces } from '../internal/object-info.ts';
import { mapStream } from '../internal/store-body.ts';

/** What was asked for so far; attempts that failed count too. */
export interface StoreCounts {
  readonly get: number;
  readonly head: number;
  readonly put: number;
  /** Calls of `delete`, each of up to `maxDeleteBatch` keys. */
  readonly delete: number;
  readonly list: number;
  /** Keys of all deletes. */
  readonly deletedKeys: number;
  /** Writes and listings: what costs most. The parts of a stream count, if `partBytes` is that of the store. */
  readonly classA: number;
  /** Reads. */
  readonly classB: number;
  /** Bytes of bodies that callers read. */
  readonly bytesRead: number;
  /** Bytes of bodies that the store took, whether it kept them or not. */
  readonly bytesWritten: number;
}

/** What the counter has to know of the store. */
export interface CountsOptions {
  /**
   * Bytes of a part, as the store was made with; a stream of unknown length then counts as the requests that it takes.
   * Without it, as on file systems, it counts as one.
   */
  readonly partBytes?: number;
}

/** A store and its counts. */
export interface CountedStore {
  readonly store: ObjectStore;
  /** Live; copy it (`{ ...counts }`) to keep a moment. */
  readonly counts: StoreCounts;
}

/**
 * Wraps a store. Place it below `withRetry` and `withCache` to count what is really sent.
 *
 * @example
 * ```ts
 * const { store, counts } = withCounts(createMemoryStore());
 * await store.put('k', new Uint8Array(3));
 * counts.classA; // => 1
 * counts.bytesWritten; // => 3
 * ```
 */
export function withCounts(store: ObjectStore, { partBytes }: CountsOptions = {}): CountedStore {
  const counts = {
    ...{ get: 0, head: 0, put: 0, delete: 0, list: 0, deletedKeys: 0 },
    ...{ classA: 0, classB: 0, bytesRead: 0, bytesWritten: 0 },
  };
  const read = (bytes: Uint8Array): Uint8Array => {
    counts.bytesRead += bytes.length;
    return bytes;
  };

  function written(body: ReadableStream<Uint8Array>, isCutUp: boolean): ReadableStream<Uint8Array> {
    let size = 0;
    /** A body of one part goes up in one request, counted already; a longer one is begun, put by part, and completed. */
    const more = (): number =>
      isCutUp && partBytes !== undefined && size > partBytes ? Math.ceil(size / partBytes) + 1 : 0;
    return mapStream(body, {
      piece(bytes) {
        const before = more();
        size += bytes.length;
        counts.bytesWritten += bytes.length;
        counts.classA += more() - before;
        return bytes;
      },
    });
  }

  return {
    counts,
    store: {
      capabilities: store.capabilities,
      async get(key, options) {
        counts.get += 1;
        counts.classB += 1;
        const object = await store.get(key, options);
        return object && throughPieces(object, (body) => mapStream(body, { piece: read }), read);
      },
      async head(key, options) {
        counts.head += 1;
        counts.classB += 1;
        return store.head(key, options);
      },
      async put(key, body, options) {
        counts.put += 1;
        counts.classA += 1;
        if (!(body instanceof Uint8Array)) {
          return store.put(key, written(body, options?.size === undefined), options);
        }
        counts.bytesWritten += body.length;
        return store.put(key, body, options);
      },
      async delete(targets, options) {
        counts.delete += 1;
        counts.deletedKeys += targets.length;
        return store.delete(targets, options);
      },
      async list(options) {
        counts.list += 1;
        counts.classA += 1;
        return store.list(options);
      },
    },
  };
}
