/**
 * The truth of a simulated world: a store in memory that is fast, behaves like one of three kinds of store, can be copied
 * in an instant, and remembers who changed what.
 */
import { hash } from 'node:crypto';
import { ObjectStoreError } from '@tapekit/housecleaning/errors';
import {
  assertObjectKey,
  compareKeys,
  type DeleteResult,
  type ObjectBody,
  type ObjectInfo,
  type ObjectStore,
  type StoredObject,
} from '@tapekit/housecleaning/object-store';
import { copyOf, openedOver } from './opened.ts';

/**
 * Which store is simulated. `r2`: deletes ignore the etag, every write has a version. `s3`: conditional deletes, listings
 * without metadata, times in whole seconds. `fs`: conditional deletes, a changed object is hidden for a moment before a
 * refused delete puts it back.
 */
export type Flavour = 'r2' | 's3' | 'fs';

/** One object as it lies in the store. */
export interface SimObject {
  readonly info: ObjectInfo;
  readonly bytes: Uint8Array;
  /** What it held before a bit of it rotted. */
  readonly rottenFrom?: SimObject;
}

/** One change of the store, as it happened. */
export interface Change {
  /** Number of the change, from 1. */
  readonly number: number;
  /** Who made it. */
  readonly by: string;
  readonly key: string;
  readonly before: SimObject | undefined;
  readonly after: SimObject | undefined;
  /** The put or delete said what it expected to find. */
  readonly conditional: boolean;
}

export interface SimStoreOptions {
  readonly flavour: Flavour;
  /** The store's clock, epoch ms. */
  readonly clock: () => number;
  /** Most keys of a listed page. */
  readonly pageSize: number;
  readonly maxDeleteBatch: number;
}

/** The store and what it knows. */
export interface SimStore {
  readonly objects: ReadonlyMap<string, SimObject>;
  /** Every change so far. */
  readonly changes: readonly Change[];
  /** Writes so far, its number among the versions of `r2`. */
  writes(): number;
  /** What lay under a key before its last change. */
  before(key: string): StoredObject | undefined;
  /** The store as `by` sees it. `pause` is called where a request of this kind of store is not one step. */
  openFor(by: string, pause?: () => Promise<void>): ObjectStore;
  /** Changes one bit of an object at rest, if it is there. */
  rot(key: string): void;
  /** An independent copy with other options; its list of changes begins empty. */
  copy(options: SimStoreOptions): SimStore;
}

/** SHA-256 as hex, at once. */
export function digestOf(bytes: Uint8Array): string {
  return hash('sha256', bytes);
}

/** An empty store. */
export function createSimStore(options: SimStoreOptions): SimStore {
  return buildStore(options, new Map(), new Map(), [], 0);
}

function buildStore(
  { flavour, clock, pageSize, maxDeleteBatch }: SimStoreOptions,
  objects: Map<string, SimObject>,
  older: Map<string, SimObject>,
  /** The keys of the objects, in order. */
  sorted: string[],
  writesBefore: number,
): SimStore {
  const conditionalDelete = flavour !== 'r2';
  const changes: Change[] = [];
  let writes = writesBefore;

  function lay(key: string, object: SimObject): void {
    if (!objects.has(key)) sorted.splice(placeOf(sorted, key), 0, key);
    objects.set(key, object);
  }

  function take(key: string): void {
    if (objects.delete(key)) sorted.splice(placeOf(sorted, key), 1);
  }

  function change(by: string, key: string, after: SimObject | undefined, conditional: boolean): void {
    const before = objects.get(key);
    if (before) older.set(key, before);
    if (after) lay(key, after);
    else take(key);
    changes.push({ number: changes.length + 1, by, key, before, after, conditional });
  }

  function find(key: string, ifMatch: string | undefined): SimObject | undefined {
    const found = objects.get(key);
    if (!found) assertKey(key);
    if (found && ifMatch !== undefined && ifMatch !== found.info.etag) throw failed(key);
    return found;
  }

  async function deleteOne(
    by: string,
    key: string,
    etag: string | undefined,
    pause: (() => Promise<void>) | undefined,
  ): Promise<DeleteResult['outcome']> {
    const found = objects.get(key);
    if (found === undefined) return 'absent';
    if (conditionalDelete && etag !== undefined && etag !== found.info.etag) {
      if (flavour === 'fs' && pause) {
        take(key);
        try {
          await pause();
        } finally {
          // A store that died here puts it back when it is opened again; a put may have come first.
          if (!objects.has(key)) lay(key, found);
        }
      }
      return 'changed';
    }
    change(by, key, undefined, etag !== undefined);
    return 'deleted';
  }

  return {
    objects,
    changes,
    writes: () => writes,
    before: (key) => {
      const found = older.get(key);
      return found && opened(found);
    },
    rot(key) {
      const found = objects.get(key);
      if (!found || found.bytes.length === 0) return;
      const bytes = found.bytes.slice();
      const at = bytes.length >> 1;
      bytes[at] = bytes[at]! ^ 16;
      objects.set(key, { info: found.info, bytes, rottenFrom: found.rottenFrom ?? found });
    },
    copy: (other) => buildStore(other, new Map(objects), new Map(older), [...sorted], writes),
    openFor: (by, pause) => ({
      capabilities: {
        conditionalDelete,
        maxDeleteBatch,
        listsMetadata: flavour !== 's3',
        serverChecksum: true,
        metadataBytes: 2_048,
        conditionalStream: conditionalDelete,
      },
      async get(key, { ifMatch, range } = {}) {
        const found = find(key, ifMatch);
        if (!found || !range) return found && opened(found);
        const end = range.length === undefined ? undefined : range.offset + range.length;
        return opened({ info: found.info, bytes: found.bytes.subarray(range.offset, end) });
      },
      head: async (key) => find(key, undefined)?.info,
      async put(key, body, { ifAbsent, ifMatch, sha256, size, metadata } = {}) {
        const isConditional = ifAbsent === true || ifMatch !== undefined;
        if (isConditional && size === undefined && !(body instanceof Uint8Array) && !conditionalDelete)
          throw new ObjectStoreError('refused', key, `"${key}" goes up in parts, which know no condition.`);
        const bytes = await allBytes(body);
        assertKey(key);
        if (size !== undefined && size !== bytes.length)
          throw new ObjectStoreError('size-mismatch', key, `"${key}" has ${bytes.length} bytes, not ${size}.`);
        const digest = digestOf(bytes);
        if (sha256 !== undefined && sha256 !== digest)
          throw new ObjectStoreError('checksum-mismatch', key, `"${key}" arrived with the SHA-256 ${digest}.`);
        const before = objects.get(key);
        if ((ifAbsent === true && before) || (ifMatch !== undefined && ifMatch !== before?.info.etag))
          throw failed(key);
        writes += 1;
        const nowMs = clock();
        const info: ObjectInfo = {
          key,
          size: bytes.length,
          etag: digest.slice(0, 32),
          uploadedMs: flavour === 's3' ? Math.floor(nowMs / 1_000) * 1_000 : nowMs,
          metadata: { ...metadata },
          ...(flavour === 'r2' ? { version: `w${writes}` } : {}),
        };
        change(by, key, { info, bytes }, isConditional);
        return info;
      },
      async delete(targets) {
        if (targets.length > maxDeleteBatch)
          throw new ObjectStoreError('refused', targets[0]!.key, `A delete names ${targets.length} keys.`);
        const results: DeleteResult[] = [];
        for (const { key, etag } of targets) {
          assertKey(key);
          results.push({ key, outcome: await deleteOne(by, key, etag, pause) });
        }
        return results;
      },
      async list({ prefix = '', cursor, limit = pageSize } = {}) {
        const page: ObjectInfo[] = [];
        const most = Math.max(1, Math.min(limit, pageSize));
        // What lies below a prefix lies side by side.
        for (
          let at = placeOf(sorted, cursor === undefined || compareKeys(cursor, prefix) < 0 ? prefix : cursor);
          ;
          at++
        ) {
          const key = sorted[at];
          if (key === undefined || !key.startsWith(prefix)) break;
          if (key === cursor) continue;
          if (page.length === most) return { objects: page, cursor: page.at(-1)!.key };
          const { info } = objects.get(key)!;
          page.push(flavour === 's3' ? { ...info, metadata: {} } : info);
        }
        return { objects: page };
      },
    }),
  };
}

/** Where a key lies among others in order, or would. */
function placeOf(sorted: readonly string[], key: string): number {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (compareKeys(sorted[middle]!, key) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Keys that were looked at before. */
const sound = new Set<string>();
const maxSound = 20_000;

function assertKey(key: string): void {
  if (sound.has(key)) return;
  assertObjectKey(key);
  if (sound.size >= maxSound) sound.clear();
  sound.add(key);
}

function opened({ info, bytes }: SimObject): StoredObject {
  return openedOver(info, bytes);
}

function failed(key: string): ObjectStoreError {
  return new ObjectStoreError('precondition-failed', key, `"${key}" is not in the state that the request expects.`);
}

async function allBytes(body: ObjectBody): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return copyOf(body);
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return copyOf(Buffer.concat(parts));
}
