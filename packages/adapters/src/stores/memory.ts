/** An object store in memory: for tests, for dry runs, for data that may vanish with the process. */
import {
  assertDeleteTargets,
  assertMetadata,
  assertObjectKey,
  assertRange,
  compareKeys,
  type DeleteResult,
  type ObjectBody,
  type ObjectInfo,
  type ObjectStore,
  type ObjectStoreCapabilities,
  type PutOptions,
} from '@tapekit/housecleaning/object-store';
import { createCursors } from '../internal/cursors.ts';
import { sha256Of } from '../internal/sha256.ts';
import { readBody, storedObject, withBody } from '../internal/store-body.ts';
import { checksumMismatch, preconditionFailed, unconditionalStream } from '../internal/store-errors.ts';

/** How the store behaves. */
export interface MemoryStoreOptions {
  /**
   * The store's time, epoch ms.
   * @defaultValue the system's clock
   */
  readonly clock?: () => number;
  /**
   * `true` as on AWS S3: metadata of 2,048 bytes; `false` as on Cloudflare R2: a delete ignores the etag, every write has a
   * version of its own, metadata has 8,192 bytes, and a stream of unknown length cannot be put with a condition.
   * @defaultValue true
   */
  readonly conditionalDelete?: boolean;
  /**
   * Most keys of a listed page.
   * @defaultValue 1 000
   */
  readonly pageSize?: number;
}

const cursors = createCursors('memory');

/** Values of options that are left out. */
export const memoryStoreDefaults = { conditionalDelete: true, pageSize: 1_000 } as const;

/** Creates an empty store. Bytes are copied in and out; etags are the SHA-256 of the bytes. */
export function createMemoryStore(options: MemoryStoreOptions = {}): ObjectStore {
  const clock = options.clock ?? Date.now;
  const conditionalDelete = options.conditionalDelete ?? memoryStoreDefaults.conditionalDelete;
  const pageSize = options.pageSize ?? memoryStoreDefaults.pageSize;
  const objects = new Map<string, { readonly info: ObjectInfo; readonly bytes: Uint8Array }>();
  /** Keys in order, made when it is asked for and dropped when a key comes or goes. */
  let sorted: readonly string[] | undefined;
  let writes = 0;
  const capabilities: ObjectStoreCapabilities = {
    conditionalDelete,
    maxDeleteBatch: 1_000,
    listsMetadata: true,
    serverChecksum: true,
    metadataBytes: conditionalDelete ? 2_048 : 8_192,
    conditionalStream: conditionalDelete,
  };

  async function put(key: string, body: ObjectBody, putOptions: PutOptions): Promise<ObjectInfo> {
    const { ifAbsent, ifMatch, size, sha256, metadata, signal } = putOptions;
    signal?.throwIfAborted();
    assertObjectKey(key);
    assertMetadata(key, metadata, capabilities.metadataBytes);
    const isConditional = ifAbsent === true || ifMatch !== undefined;
    if (isConditional && size === undefined && !(body instanceof Uint8Array) && !capabilities.conditionalStream)
      throw unconditionalStream(key);
    const bytes = await readBody(key, body, putOptions);
    const digest = await sha256Of(bytes);
    signal?.throwIfAborted();
    // From here to the end nothing awaits: the comparison and the swap are one step.
    if (sha256 !== undefined && sha256 !== digest) throw checksumMismatch(key, sha256, digest);
    const before = objects.get(key)?.info;
    if ((ifAbsent === true && before) || (ifMatch !== undefined && ifMatch !== before?.etag))
      throw preconditionFailed(key);
    writes += 1;
    const info: ObjectInfo = {
      key,
      size: bytes.length,
      etag: digest,
      uploadedMs: clock(),
      metadata: { ...metadata },
      ...(conditionalDelete ? {} : { version: `w${writes}` }),
    };
    objects.set(key, { info, bytes });
    if (!before) sorted = undefined;
    return info;
  }

  return {
    capabilities,
    async get(key, { ifMatch, range, signal } = {}) {
      signal?.throwIfAborted();
      assertObjectKey(key);
      assertRange(key, range);
      const found = objects.get(key);
      if (found === undefined) return undefined;
      if (ifMatch !== undefined && ifMatch !== found.info.etag) throw preconditionFailed(key);
      const { offset, length } = range ?? { offset: 0 };
      return storedObject(found.info, found.bytes.slice(offset, length === undefined ? undefined : offset + length));
    },
    async head(key, { signal } = {}) {
      signal?.throwIfAborted();
      assertObjectKey(key);
      return objects.get(key)?.info;
    },
    put: (key, body, putOptions = {}) => withBody(body, put(key, body, putOptions)),
    async delete(targets, { signal } = {}) {
      signal?.throwIfAborted();
      assertDeleteTargets(targets, capabilities.maxDeleteBatch);
      return targets.map(({ key, etag }): DeleteResult => {
        const found = objects.get(key);
        if (found === undefined) return { key, outcome: 'absent' };
        if (conditionalDelete && etag !== undefined && etag !== found.info.etag) return { key, outcome: 'changed' };
        objects.delete(key);
        sorted = undefined;
        return { key, outcome: 'deleted' };
      });
    },
    async list({ prefix = '', cursor, limit = pageSize, signal } = {}) {
      signal?.throwIfAborted();
      const after = cursor === undefined ? undefined : cursors.read(cursor);
      sorted ??= [...objects.keys()].sort(compareKeys);
      const page: ObjectInfo[] = [];
      const most = Math.max(1, Math.min(limit, pageSize));
      let more = false;
      for (const key of sorted) {
        if (!key.startsWith(prefix) || (after !== undefined && compareKeys(key, after) <= 0)) continue;
        more = page.length === most;
        if (more) break;
        page.push(objects.get(key)!.info);
      }
      return more ? { objects: page, cursor: cursors.make(page.at(-1)!.key) } : { objects: page };
    },
  };
}
