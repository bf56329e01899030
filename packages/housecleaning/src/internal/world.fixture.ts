// A store under a clock that the test sets, and the acts of writers, runs and readers on it.
/* eslint-disable no-restricted-imports -- for tests alone: no module of the package imports it */
import { createMemoryStore } from '@tapekit/adapters/stores/memory';
import { createFaultStore } from '@tapekit/tooling/fault-store';
import { runHousecleaning, type HousecleaningOptions, type SanityReport } from '../housecleaning.ts';
import { formatRawKey, type Cell } from '../keys.ts';
import type { ObjectInfo, ObjectStore } from '../object-store.ts';
import { readArchive } from '../restore.ts';
import { sha256Hex } from './sha256.ts';
import { toUtf8 } from './utf8.ts';

export const cell: Cell = { symbol: 'BTCUSDT', date: '2026-11-19' };
/** Noon of the cell's day. */
export const writtenMs = Date.parse('2026-11-19T12:00:00Z');
/** Two days later: the day is closed, and everything of noon old enough. */
export const dueMs = Date.parse('2026-11-21T12:00:00Z');
export const env = { env: 'test', bucketId: 'tape' };
export const hourMs = 3_600_000;

export interface TestWorld {
  readonly clock: { nowMs: number };
  readonly store: ObjectStore;
  /** Puts one write-once object of two records. */
  put(firstSeq: number, at?: Cell): Promise<ObjectInfo>;
  /** Options of a run of today, by the store's clock too. */
  options(more?: Partial<HousecleaningOptions>): HousecleaningOptions;
  run(more?: Partial<HousecleaningOptions>): Promise<SanityReport>;
  keys(prefix?: string): Promise<string[]>;
  lines(at?: Cell): Promise<string[]>;
}

/** A store whose clock stands where the test puts it. */
export function createWorld(options: { readonly conditionalDelete?: boolean } = {}): TestWorld {
  const clock = { nowMs: writtenMs };
  const store = createMemoryStore({ clock: () => clock.nowMs, ...options });
  return {
    clock,
    store,
    async put(firstSeq, at = cell) {
      const bytes = toUtf8(`{"seq":${firstSeq}}\n{"seq":${firstSeq + 1}}\n`);
      const sha256 = await sha256Hex(bytes);
      return store.put(formatRawKey({ ...at, firstSeq, lastSeq: firstSeq + 1, sha256 }), bytes, { ifAbsent: true });
    },
    options(more = {}) {
      clock.nowMs = more.nowMs ?? dueMs;
      return { store, nowMs: clock.nowMs, writers: 'write-once', env, approve: 'first-run', ...more };
    },
    run(more = {}) {
      return runHousecleaning(this.options(more));
    },
    async keys(prefix = '') {
      const keys: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.list(cursor === undefined ? { prefix } : { prefix, cursor });
        keys.push(...page.objects.map(({ key }) => key));
        cursor = page.cursor;
      } while (cursor !== undefined);
      return keys;
    },
    async lines(at = cell) {
      const lines: string[] = [];
      for await (const line of readArchive(store, at)) lines.push(line);
      return lines;
    },
  };
}

/** A store that counts, and the puts and deletes that went through it. */
export function mutationsOf(store: ObjectStore): {
  readonly counted: ObjectStore;
  readonly log: readonly { readonly op: string; readonly subject: string }[];
  readonly mutations: () => string[];
} {
  const { store: counted, log } = createFaultStore(store);
  return {
    counted,
    log,
    mutations: () =>
      log.filter(({ op }) => op === 'put' || op === 'delete').map(({ op, subject }) => `${op} ${subject}`),
  };
}

/** Flips one bit in the middle of an object. */
export async function damage(store: ObjectStore, key: string): Promise<void> {
  const object = (await store.get(key))!;
  const bytes = await object.bytes();
  bytes[bytes.length >> 1]! ^= 1;
  await store.put(key, bytes, { metadata: object.metadata });
}
