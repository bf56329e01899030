import { HousecleaningError, isObjectStoreError } from '../errors.ts';
import type { ObjectStore } from '../object-store.ts';
import { readObject, type ReadObject } from './reading.ts';
import { sha256Hex } from './sha256.ts';
import { fromUtf8, toUtf8 } from './utf8.ts';

/** What lies under the key of a lease. */
export interface LeaseDocument {
  readonly schema: 'hc-lease/1';
  readonly shard: string;
  readonly state: 'held' | 'free';
  readonly generation: number;
  readonly owner: string;
  /** Counts the puts of this holder, so that no two documents of a shard are the same bytes. */
  readonly beat: number;
  readonly ttlMs: number;
}

/** A document, and what the store says of it. */
export interface ReadLease {
  readonly etag: string;
  readonly uploadedMs: number;
  readonly text: string;
  readonly document: LeaseDocument;
}

/** Puts a document over the state that was seen; its etag, or `undefined` if somebody else was faster. */
export async function swapLease(
  store: ObjectStore,
  key: string,
  shard: string,
  expected: string | undefined,
  document: LeaseDocument,
): Promise<string | undefined> {
  const text = `${JSON.stringify(document)}\n`;
  const bytes = toUtf8(text);
  const condition = expected === undefined ? { ifAbsent: true } : { ifMatch: expected };
  try {
    return (await store.put(key, bytes, { ...condition, sha256: await sha256Hex(bytes) })).etag;
  } catch (error) {
    // The answer may be that of a second arrival of our own request, or lost: what lies there tells.
    const now = await readLease(store, key, shard).catch(() => undefined);
    if (now?.text === text) return now.etag;
    // Something else than what was seen: whatever the error was, our put cannot succeed any more.
    if (isObjectStoreError(error, 'precondition-failed') || (now && now.etag !== expected)) return undefined;
    throw error;
  }
}

/**
 * Reads the lease of a shard.
 *
 * @returns `undefined` if it never had one
 * @throws HousecleaningError `key-conflict` for anything else under its key
 */
export async function readLease(store: ObjectStore, key: string, shard: string): Promise<ReadLease | undefined> {
  // What makes no sense is read twice before it is believed.
  for (let reads = 1; ; reads++) {
    const read = await readWhole(store, key);
    if (read === undefined) return undefined;
    const text = fromUtf8(read.bytes);
    const document = parseLease(text, shard);
    if (document) return { etag: read.info.etag, uploadedMs: read.info.uploadedMs, text, document };
    if (reads === 2) {
      throw new HousecleaningError(
        'key-conflict',
        `"${key}" holds no lease of the shard "${shard}"; look at it, and put it right or use another shard name.`,
        text.slice(0, 200),
      );
    }
  }
}

/** Reads one state of an object that others are changing: a body may be gone before it is read. */
async function readWhole(store: ObjectStore, key: string): Promise<ReadObject | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await readObject(store, key);
    } catch (error) {
      if (!isObjectStoreError(error, 'precondition-failed') || attempt === 10) throw error;
    }
  }
}

function parseLease(text: string, shard: string): LeaseDocument | undefined {
  let raw: Partial<LeaseDocument> | null;
  try {
    raw = JSON.parse(text) as Partial<LeaseDocument> | null;
  } catch {
    return undefined;
  }
  const sound =
    raw?.schema === 'hc-lease/1' &&
    raw.shard === shard &&
    (raw.state === 'held' || raw.state === 'free') &&
    isCount(raw.generation, 1) &&
    isCount(raw.beat, 0) &&
    typeof raw.owner === 'string' &&
    isTtl(raw.ttlMs);
  return sound ? (raw as LeaseDocument) : undefined;
}

/** True for 1 second to 1 hour. */
export function isTtl(value: unknown): value is number {
  return typeof value === 'number' && value >= 1_000 && value <= 3_600_000;
}

function isCount(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least;
}
