/**
 * Keeps bodies in memory and reads them again only when they have changed: for pages and APIs that show the same archives
 * over and over.
 *
 * Nothing stale is ever given: whatever is kept is kept under its etag, and the store is asked (`head`) before it is given,
 * so a hit costs one request and no bytes. Conditions, versions and metadata are the store's of that moment. Puts and deletes
 * go straight through. Never give it to housecleaning, which has to prove what the store holds and not what a cache remembers.
 */
import { assertRange, type ObjectInfo, type ObjectStore, type StoredObject } from '@tapekit/housecleaning/object-store';
import { AdaptersError } from '../errors.ts';
import { infoOf } from '../internal/object-info.ts';
import { joined, mapStream, storedObject } from '../internal/store-body.ts';
import { preconditionFailed } from '../internal/store-errors.ts';

/** How much is kept. */
export interface CacheOptions {
  /**
   * Most bytes of all bodies that are kept; what was not read for longest goes first, and a longer body is never kept.
   * @defaultValue 67,108,864
   */
  readonly maxBytes?: number;
}

/** Values of options that are left out. */
export const cacheDefaults = { maxBytes: 64 * 1024 ** 2 } as const;

interface Kept {
  readonly etag: string;
  readonly version: string | undefined;
  readonly bytes: Uint8Array;
}

/**
 * Wraps a store.
 *
 * @example
 * ```ts
 * const store = withCache(createS3Store({ endpoint, bucket, credentials }), { maxBytes: 256 * 1024 ** 2 });
 * ```
 * @throws AdaptersError `bad-option`
 */
export function withCache(store: ObjectStore, options: CacheOptions = {}): ObjectStore {
  const { maxBytes } = { ...cacheDefaults, ...options };
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 0) {
    const message = `maxBytes "${maxBytes}" is not a whole number of bytes from 0.`;
    throw new AdaptersError('bad-option', message, { value: maxBytes });
  }
  /** In the order in which they were read last. */
  const kept = new Map<string, Kept>();
  let size = 0;

  function forget(key: string): void {
    size -= kept.get(key)?.bytes.length ?? 0;
    kept.delete(key);
  }

  function keep(info: ObjectInfo, bytes: Uint8Array): void {
    forget(info.key);
    if (bytes.length !== info.size || bytes.length > maxBytes) return;
    kept.set(info.key, { etag: info.etag, version: info.version, bytes });
    size += bytes.length;
    for (const key of kept.keys()) {
      if (size <= maxBytes) break;
      forget(key);
    }
  }

  /** The object with its body kept when it was read to the end. */
  function keeping(object: StoredObject): StoredObject {
    const info = infoOf(object);
    if (info.size > maxBytes) return object;
    return {
      ...info,
      get body() {
        const pieces: Uint8Array[] = [];
        return mapStream(object.body, {
          piece(bytes) {
            pieces.push(new Uint8Array(bytes));
            return bytes;
          },
          end: () => keep(info, joined(pieces)),
        });
      },
      async bytes() {
        const bytes = await object.bytes();
        keep(info, new Uint8Array(bytes));
        return bytes;
      },
    };
  }

  return {
    capabilities: store.capabilities,
    async get(key, asked = {}) {
      const found = kept.get(key);
      if (found === undefined) {
        const object = await store.get(key, asked);
        return object && asked.range === undefined ? keeping(object) : object;
      }
      const { ifMatch, range, signal } = asked;
      assertRange(key, range);
      const now = await store.head(key, signal ? { signal } : {});
      if (now === undefined) {
        forget(key);
        return undefined;
      }
      if (ifMatch !== undefined && ifMatch !== now.etag) throw preconditionFailed(key);
      if (now.etag !== found.etag || now.version !== found.version || now.size !== found.bytes.length) {
        if (kept.get(key) === found) forget(key);
        const object = await store.get(key, asked);
        return object && range === undefined ? keeping(object) : object;
      }
      if (kept.get(key) === found) {
        kept.delete(key);
        kept.set(key, found);
      }
      const { offset, length } = range ?? { offset: 0 };
      return storedObject(now, found.bytes.subarray(offset, length === undefined ? undefined : offset + length));
    },
    head: (key, asked) => store.head(key, asked),
    put(key, body, asked) {
      forget(key);
      return store.put(key, body, asked);
    },
    delete(targets, asked) {
      for (const { key } of targets) forget(key);
      return store.delete(targets, asked);
    },
    list: (asked) => store.list(asked),
  };
}
