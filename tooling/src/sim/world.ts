/** A simulated world: a store with its clock, what was promised to writers, and what everybody did. */
import { archiveKey, formatRawKey, rawCellPrefix, reportKey, type Cell } from '@tapekit/housecleaning/keys';
import {
  applyPlan,
  planHousecleaning,
  runHousecleaning,
  type HousecleaningOptions,
  type SanityReport,
} from '@tapekit/housecleaning/housecleaning';
import type { ObjectInfo, ObjectStore } from '@tapekit/housecleaning/object-store';
import { archiveCellOf, rawCellOf } from './parsed-keys.ts';
import { createSimStore, digestOf, type Flavour, type SimStore } from './sim-store.ts';
import { holdingOf, type Holding } from './truth.ts';

/** How a world is made. */
export interface WorldOptions {
  readonly flavour: Flavour;
  /** Most keys of a listed page. */
  readonly pageSize?: number;
  readonly maxDeleteBatch?: number;
  /** The store's time at the beginning, epoch ms. */
  readonly nowMs: number;
}

/** One run of a cleaner, as its store saw it. */
export interface RunRecord {
  readonly by: string;
  readonly options: Pick<Required<HousecleaningOptions>, 'writers' | 'graceMs' | 'minAgeMs' | 'maxDeletes' | 'nowMs'>;
  /** SHA-256 of the bytes that arrived, for every read of an archive. */
  readonly archivesRead: Map<string, Set<string>>;
  /** By cell, how many changes there were whenever this run had read its archive or deleted of it. */
  readonly lookedAt: Map<string, number[]>;
  /** By the prefix of a cell, how many changes there were when a delete found another object than it expected. */
  readonly refused: Map<string, number>;
  deletes: number;
  /** A listing or a read told it less than there was, so that it cannot know better. */
  deceived: boolean;
  /** Number of the last change before it began. */
  readonly beganAfter: number;
  /** Keys that it changed. */
  readonly changed: Set<string>;
  /** The hash of the plan that it applied. */
  plan?: string;
  report?: SanityReport;
}

/** Something that must never be. */
export interface Violation {
  /** `I1` to `I19` of the specification of housecleaning. */
  readonly invariant: string;
  readonly message: string;
}

/** The world. */
export interface World {
  readonly options: Required<WorldOptions>;
  readonly store: SimStore;
  readonly clock: { nowMs: number };
  /** By key, the digests of the contents that were acknowledged and may never be lost. */
  readonly required: Map<string, Set<string>>;
  /** Every `key digest` that was ever put under a raw key. */
  readonly everPut: Set<string>;
  /** Every archive that was ever published, by its key, oldest first. */
  readonly published: Map<string, Holding[]>;
  readonly runs: Map<string, RunRecord>;
  readonly violations: Violation[];
  /** Changes that the invariants were already checked against. */
  checked: number;
}

/** The environment that every world belongs to. */
export const env = { env: 'sim', bucketId: 'world' } as const;

/** An empty world. */
export function createWorld(options: WorldOptions): World {
  const complete = { pageSize: 1_000, maxDeleteBatch: 1_000, ...options };
  const clock = { nowMs: options.nowMs };
  return {
    options: complete,
    store: createSimStore({ ...complete, clock: () => clock.nowMs }),
    clock,
    required: new Map(),
    everPut: new Set(),
    published: new Map(),
    runs: new Map(),
    violations: [],
    checked: 0,
  };
}

/** An independent copy. */
export function copyWorld(world: World): World {
  const clock = { ...world.clock };
  return {
    options: world.options,
    store: world.store.copy({ ...world.options, clock: () => clock.nowMs }),
    clock,
    required: new Map([...world.required].map(([key, digests]) => [key, new Set(digests)])),
    everPut: new Set(world.everPut),
    published: new Map([...world.published].map(([key, holdings]) => [key, [...holdings]])),
    runs: new Map(),
    violations: [...world.violations],
    checked: 0,
  };
}

/** What a segment of two records holds, and its key. */
export function makeSegment(
  cell: Cell,
  firstSeq: number,
): { readonly key: string; readonly bytes: Uint8Array; readonly sha256: string } {
  const bytes = Buffer.from(`{"seq":${firstSeq}}\n{"seq":${firstSeq + 1}}\n`);
  const sha256 = digestOf(bytes);
  return { key: formatRawKey({ ...cell, firstSeq, lastSeq: firstSeq + 1, sha256 }), bytes, sha256 };
}

/** Remembers that a put was acknowledged: from now on these bytes may never be lost. The newest comes last. */
export function acknowledge(world: World, key: string, sha256: string): void {
  const before = world.required.get(key) ?? [];
  world.required.set(key, new Set([...[...before].filter((old) => old !== sha256), sha256]));
}

/** Forgets what somebody deleted before it was archived. */
export function forgive(world: World, key: string): void {
  const held = holdingNow(world, key);
  const kept = [...(world.required.get(key) ?? [])].filter((old) => held?.contents.has(`${key} ${old}`) === true);
  world.required.set(key, new Set(kept));
}

/** Puts a segment straight into the store, as a writer whose put was acknowledged at `atMs`. */
export async function putSegment(world: World, cell: Cell, firstSeq: number, atMs: number): Promise<ObjectInfo> {
  const { key, bytes, sha256 } = makeSegment(cell, firstSeq);
  return putRaw(world, key, bytes, sha256, atMs, true);
}

/** Puts any raw object straight into the store. */
export async function putRaw(
  world: World,
  key: string,
  bytes: Uint8Array,
  sha256: string,
  atMs: number,
  ifAbsent: boolean,
): Promise<ObjectInfo> {
  const { nowMs } = world.clock;
  world.clock.nowMs = atMs;
  const info = await world.store.openFor('writer').put(key, bytes, { ifAbsent, sha256, metadata: { sha256 } });
  world.clock.nowMs = nowMs;
  world.everPut.add(`${key} ${sha256}`);
  acknowledge(world, key, sha256);
  return info;
}

/** Options of a run in this world, with every default that a rule depends on written out. */
export function runOptions(
  world: World,
  options: Partial<HousecleaningOptions>,
): HousecleaningOptions & RunRecord['options'] {
  return {
    store: world.store.openFor('unnamed'),
    nowMs: world.clock.nowMs,
    writers: 'write-once',
    graceMs: 6 * 3_600_000,
    minAgeMs: 24 * 3_600_000,
    maxDeletes: 200_000,
    approve: 'first-run',
    env,
    ...options,
  };
}

/** Begins the record of a run. */
export function beginRun(world: World, by: string, options: RunRecord['options']): RunRecord {
  const record: RunRecord = {
    by,
    options,
    archivesRead: new Map(),
    lookedAt: new Map(),
    refused: new Map(),
    deletes: 0,
    deceived: false,
    beganAfter: world.store.changes.length,
    changed: new Set(),
  };
  world.runs.set(by, record);
  return record;
}

/**
 * One run through a store that may misbehave; its end is kept in the record. With `planned` somebody looks at the plan
 * first, and consents to it.
 */
export async function runCleaner(
  world: World,
  by: string,
  through: (store: ObjectStore, record: RunRecord) => ObjectStore,
  more: Partial<HousecleaningOptions> = {},
  planned = false,
): Promise<{ readonly record: RunRecord; readonly error?: unknown }> {
  const runId = by.replaceAll(' ', '-');
  const options = runOptions(world, { runId, ...more });
  const record = beginRun(world, by, options);
  const store = watch(world, record, through(world.store.openFor(by), record));
  try {
    if (planned) {
      record.plan = (await planHousecleaning({ ...options, store })).hash;
      record.report = await applyPlan({ ...options, store, plan: record.plan });
    } else {
      record.report = await runHousecleaning({ ...options, store });
    }
    return { record };
  } catch (error) {
    return { record, error };
  }
}

/** True if a fault makes a run believe less than is true, in a way that it cannot notice. */
export function deceives(kind: string, key: string): boolean {
  // Of a report that cannot be read nobody knows when its run began.
  const damages = kind === 'bit-flip' || kind === 'short-body';
  return kind === 'stale-read' || kind.startsWith('listing-') || (damages && key === reportKey);
}

/** Notes what arrives at a run, above everything that may damage it on the way. */
export function watch(world: World, record: RunRecord, store: ObjectStore): ObjectStore {
  const look = (key: string): void => {
    const cell = archiveCellOf(key) ?? rawCellOf(key);
    if (!cell) return;
    const prefix = rawCellPrefix(cell);
    record.lookedAt.set(prefix, [...(record.lookedAt.get(prefix) ?? []), world.store.changes.length]);
  };
  return {
    ...store,
    async get(key, options) {
      const object = await store.get(key, options);
      if (object === undefined || archiveCellOf(key) === undefined) return object;
      const bytes = await object.bytes();
      const digests = record.archivesRead.get(key);
      if (digests) digests.add(digestOf(bytes));
      else record.archivesRead.set(key, new Set([digestOf(bytes)]));
      look(key);
      return object;
    },
    async delete(targets, options) {
      const results = await store.delete(targets, options);
      for (const { key } of targets) look(key);
      for (const { key, outcome } of results) {
        const cell = outcome === 'changed' ? rawCellOf(key) : undefined;
        if (cell) record.refused.set(rawCellPrefix(cell), world.store.changes.length);
      }
      return results;
    },
  };
}

function holdingNow(world: World, rawKey: string): Holding | undefined {
  const cell = rawCellOf(rawKey);
  return cell && world.store.objects.has(archiveKey(cell)) ? holdingOf(world.store, cell) : undefined;
}
