/**
 * An object store over a Cloudflare R2 binding. R2 compares on put and get but never on delete, so its `delete` ignores
 * etags: housecleaning deletes here only keys that are written once.
 */
import { ObjectStoreError } from '@tapekit/housecleaning/errors';
import {
  assertObjectKey,
  type ObjectInfo,
  type ObjectStore,
  type StoredObject,
} from '@tapekit/housecleaning/object-store';
import { readBody } from '../internal/store-body.ts';
import { preconditionFailed } from '../internal/store-errors.ts';

/** What R2 tells of an object; the part of the platform's `R2Object` that is used here. */
export interface R2ObjectLike {
  readonly key: string;
  readonly version: string;
  readonly size: number;
  readonly etag: string;
  readonly uploaded: Date;
  readonly customMetadata?: Record<string, string>;
}

/** An opened object; the part of the platform's `R2ObjectBody` that is used here. */
export interface R2ObjectBodyLike extends R2ObjectLike {
  readonly body: ReadableStream;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** The part of the platform's `R2Bucket` that is used here; pass the binding itself (`env.TAPE`). */
export interface R2BucketLike {
  head(key: string): Promise<R2ObjectLike | null>;
  get(
    key: string,
    options: { onlyIf?: { etagMatches: string }; range?: { offset: number; length?: number } },
  ): Promise<R2ObjectBodyLike | R2ObjectLike | null>;
  put(
    key: string,
    value: Uint8Array,
    options: {
      onlyIf?: { etagMatches: string } | { etagDoesNotMatch: string };
      sha256?: string;
      customMetadata?: Record<string, string>;
    },
  ): Promise<R2ObjectLike | null>;
  delete(keys: string[]): Promise<void>;
  list(options: {
    prefix?: string;
    cursor?: string;
    limit?: number;
    include?: 'customMetadata'[];
  }): Promise<{ objects: R2ObjectLike[]; truncated: boolean; cursor?: string }>;
}

const maxListed = 1_000;

/**
 * Wraps the binding. A body given as a stream is read into memory first: R2 takes streams of known length only. `delete`
 * answers `deleted` for every key, because R2 does not say which were there.
 */
export function createR2Store(bucket: R2BucketLike): ObjectStore {
  return {
    capabilities: { conditionalDelete: false, maxDeleteBatch: 1_000, listsMetadata: true },
    async get(key, { ifMatch, range, signal } = {}) {
      signal?.throwIfAborted();
      assertObjectKey(key);
      const object = await bucket.get(key, {
        ...(ifMatch === undefined ? {} : { onlyIf: { etagMatches: ifMatch } }),
        ...(range === undefined ? {} : { range: { ...range } }),
      });
      if (object === null) return undefined;
      if (!hasBody(object)) throw preconditionFailed(key);
      return openObject(object);
    },
    async head(key, { signal } = {}) {
      signal?.throwIfAborted();
      assertObjectKey(key);
      const object = await bucket.head(key);
      return object === null ? undefined : describe(object);
    },
    async put(key, body, { ifAbsent, ifMatch, sha256, metadata, signal } = {}) {
      signal?.throwIfAborted();
      assertObjectKey(key);
      const bytes = body instanceof Uint8Array ? body : await readBody(body);
      if (ifAbsent === true && ifMatch !== undefined) throw preconditionFailed(key);
      const customMetadata = { ...metadata };
      let stored: R2ObjectLike | null;
      try {
        stored = await bucket.put(key, bytes, {
          ...(ifAbsent === true ? { onlyIf: { etagDoesNotMatch: '*' } } : {}),
          ...(ifMatch === undefined ? {} : { onlyIf: { etagMatches: ifMatch } }),
          ...(sha256 === undefined ? {} : { sha256 }),
          customMetadata,
        });
      } catch (error) {
        if (sha256 === undefined || !isChecksumError(error)) throw error;
        const message = `The body for "${key}" does not have the SHA-256 ${sha256}; nothing was stored.`;
        throw new ObjectStoreError('checksum-mismatch', key, message, { cause: error });
      }
      if (stored === null) throw preconditionFailed(key);
      return { ...describe(stored), metadata: customMetadata };
    },
    async delete(targets, { signal } = {}) {
      signal?.throwIfAborted();
      const keys = targets.map(({ key }) => key);
      keys.forEach(assertObjectKey);
      if (keys.length > 0) await bucket.delete(keys);
      return keys.map((key) => ({ key, outcome: 'deleted' }));
    },
    async list({ prefix, cursor, limit = maxListed, signal } = {}) {
      signal?.throwIfAborted();
      const page = await bucket.list({
        ...(prefix === undefined ? {} : { prefix }),
        ...(cursor === undefined ? {} : { cursor }),
        limit: Math.max(1, Math.min(limit, maxListed)),
        include: ['customMetadata'],
      });
      const objects = page.objects.map(describe);
      if (!page.truncated) return { objects };
      // A page that says "more" without saying where must not pass for the last one.
      if (page.cursor === undefined)
        throw new ObjectStoreError('bad-cursor', prefix ?? '', 'R2 cut a listing off without a cursor; list again.');
      return { objects, cursor: page.cursor };
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
    bytes: async () => new Uint8Array(await object.arrayBuffer()),
  };
}

/** R2 refuses wrong checksums with its error 10037. */
function isChecksumError(error: unknown): boolean {
  return error instanceof Error && /\b10037\b|checksum/i.test(error.message);
}
