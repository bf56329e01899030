/**
 * An object store over a Cloudflare R2 binding.
 *
 * - **Compare-and-swap** is R2's `onlyIf`. It is known to `put` and `get` only: `delete` ignores etags, so housecleaning
 *   deletes here only keys that are written once, and the parts of a stream of unknown length are joined without a
 *   condition, so a conditional put of such a stream is refused.
 * - **Streams** of stated length (`size`) go up in one request, others in parts; at most two parts are in memory.
 * - **Errors** carry R2's number. What failed on the way has an unknown effect, what R2 refused has none.
 */
import { ObjectStoreError } from '@tapekit/housecleaning/errors';
import {
  assertDeleteTargets,
  assertMetadata,
  assertObjectKey,
  assertRange,
  type ObjectBody,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
  type StoredObject,
} from '@tapekit/housecleaning/object-store';
import { createCursors } from '../internal/cursors.ts';
import { assertPartBytes } from '../internal/parts.ts';
import type { R2BucketLike, R2ObjectBodyLike, R2ObjectLike } from '../internal/r2-bucket.ts';
import { fromR2 } from '../internal/r2-errors.ts';
import { putToR2 } from '../internal/r2-puts.ts';
import { storedObject, withBody } from '../internal/store-body.ts';
import { preconditionFailed } from '../internal/store-errors.ts';

export type {
  R2BucketLike,
  R2MultipartUploadLike,
  R2ObjectBodyLike,
  R2ObjectLike,
  R2PutOptionsLike,
  R2UploadedPartLike,
} from '../internal/r2-bucket.ts';

/** How the store writes. */
export interface R2StoreOptions {
  /**
   * Bytes of a part of a stream of unknown length, from 5 MiB; a Worker has 128 MB of memory in all.
   * @defaultValue 8,388,608
   */
  readonly partBytes?: number;
}

/** Values of options that are left out. */
export const r2StoreDefaults = { partBytes: 8 * 1024 ** 2 } as const;

const maxListed = 1_000;
const metadataBytes = 8_192;
const cursors = createCursors('r2');

/**
 * Wraps the binding. `delete` answers `deleted` for every key, because R2 does not say which were there.
 * @throws AdaptersError `bad-option`
 */
export function createR2Store(bucket: R2BucketLike, options: R2StoreOptions = {}): ObjectStore {
  const partBytes = assertPartBytes(options.partBytes ?? r2StoreDefaults.partBytes);

  async function head(key: string): Promise<ObjectInfo | undefined> {
    const object = await bucket.head(key).catch((error: unknown) => {
      throw fromR2(error, 'head', key, 'none');
    });
    return object === null ? undefined : describe(object);
  }

  async function put(key: string, body: ObjectBody, putOptions: PutOptions): Promise<ObjectInfo> {
    const { ifAbsent, ifMatch, metadata, signal } = putOptions;
    signal?.throwIfAborted();
    assertObjectKey(key);
    assertMetadata(key, metadata, metadataBytes);
    if (ifAbsent === true && ifMatch !== undefined) throw preconditionFailed(key);
    const stored = await putToR2(bucket, key, body, putOptions, partBytes);
    return { ...describe(stored), metadata: { ...metadata } };
  }

  return {
    capabilities: {
      conditionalDelete: false,
      maxDeleteBatch: maxListed,
      listsMetadata: true,
      serverChecksum: true,
      metadataBytes,
      conditionalStream: false,
    },
    async get(key, { ifMatch, range, signal } = {}) {
      signal?.throwIfAborted();
      assertObjectKey(key);
      assertRange(key, range);
      const asked = {
        ...(ifMatch === undefined ? {} : { onlyIf: { etagMatches: ifMatch } }),
        ...(range === undefined ? {} : { range: { ...range } }),
      };
      let object: R2ObjectBodyLike | R2ObjectLike | null;
      try {
        object = await bucket.get(key, asked);
      } catch (error) {
        // R2 refuses a range from the end on (its emulator breaks on some), where the port gives no bytes.
        const info = range === undefined ? undefined : await head(key);
        if (info && ifMatch !== undefined && info.etag !== ifMatch) throw preconditionFailed(key);
        if (info && range && range.offset >= info.size) return storedObject(info, new Uint8Array());
        throw fromR2(error, 'get', key, 'none');
      }
      if (object === null) return undefined;
      if (!hasBody(object)) throw preconditionFailed(key);
      return openObject(object);
    },
    async head(key, { signal } = {}) {
      signal?.throwIfAborted();
      assertObjectKey(key);
      return head(key);
    },
    put: (key, body, putOptions = {}) => withBody(body, put(key, body, putOptions)),
    async delete(targets, { signal } = {}) {
      signal?.throwIfAborted();
      assertDeleteTargets(targets, maxListed);
      const keys = targets.map(({ key }) => key);
      if (keys.length > 0) {
        await bucket.delete(keys).catch((error: unknown) => {
          throw fromR2(error, 'delete', keys[0]!, 'unknown');
        });
      }
      return keys.map((key) => ({ key, outcome: 'deleted' }));
    },
    async list({ prefix, cursor, limit = maxListed, signal } = {}) {
      signal?.throwIfAborted();
      const page = await bucket
        .list({
          ...(prefix === undefined ? {} : { prefix }),
          ...(cursor === undefined ? {} : { cursor: cursors.read(cursor) }),
          limit: Math.max(1, Math.min(limit, maxListed)),
          include: ['customMetadata'],
        })
        .catch((error: unknown) => {
          throw fromR2(error, 'list', prefix ?? '', 'none');
        });
      const objects = page.objects.map(describe);
      if (!page.truncated) return { objects };
      // A page that says "more" without saying where must not pass for the last one.
      if (page.cursor === undefined)
        throw new ObjectStoreError('bad-cursor', prefix ?? '', 'R2 cut a listing off without a cursor; list again.');
      return { objects, cursor: cursors.make(page.cursor) };
    },
  };
}

function hasBody(object: R2ObjectBodyLike | R2ObjectLike): object is R2ObjectBodyLike {
  return 'body' in object;
}

function describe(object: R2ObjectLike): ObjectInfo {
  const { key, size, etag, version, uploaded, customMetadata } = object;
  return { key, size, etag, version, uploadedMs: uploaded.getTime(), metadata: { ...customMetadata } };
}

function openObject(object: R2ObjectBodyLike): StoredObject {
  return {
    ...describe(object),
    get body() {
      return object.body as ReadableStream<Uint8Array>;
    },
    bytes: async () =>
      new Uint8Array(
        await object.arrayBuffer().catch((error: unknown) => {
          throw fromR2(error, 'get', object.key, 'none');
        }),
      ),
  };
}
