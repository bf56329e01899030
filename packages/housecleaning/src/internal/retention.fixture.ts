// A store with archives and other objects, and what is planned and deleted in it.
/* eslint-disable no-restricted-imports -- for tests alone: no module of the package imports it */
import { createMemoryStore, type MemoryStoreOptions } from '@tapekit/adapters/stores/memory';
import { runHousecleaning, type SanityReport } from '../housecleaning.ts';
import { envKey, rawCellPrefix, type Cell } from '../keys.ts';
import type { ObjectInfo, ObjectStore } from '../object-store.ts';
import {
  planBulkDelete,
  runBulkDelete,
  type BulkDeleteResult,
  type DeletePlan,
  type PlanBulkDeleteOptions,
  type RetentionRule,
  type RunBulkDeleteOptions,
} from '../retention.ts';
import { toUtf8 } from './utf8.ts';

export const env = { env: 'test', bucketId: 'memory' };
export const secret = new Uint8Array(32).fill(7);
export const dayMs = 86_400_000;
export const startMs = Date.parse('2026-01-10T12:00:00Z');
export const cell = { symbol: 'BTCUSDT', date: '2026-01-02' };
/** A rule for daily exports. */
export const logs = (over: Partial<Extract<RetentionRule, { what: 'objects' }>> = {}): RetentionRule => ({
  what: 'objects',
  prefix: 'exports/daily/',
  olderThan: 'P7D',
  keepLast: 0,
  ...over,
});
export const superseded: RetentionRule = { what: 'superseded-archives', olderThan: 'P30D', keepLast: 2 };

/** What a test does. */
export interface RetentionWorld {
  readonly clock: { nowMs: number };
  readonly store: ObjectStore;
  put(key: string, text?: string): Promise<ObjectInfo>;
  stamp(): Promise<void>;
  /** One more raw object, then one run: one more generation. */
  generation(name: string, of?: Cell, through?: ObjectStore): Promise<SanityReport>;
  plan(rules: readonly RetentionRule[], over?: Partial<PlanBulkDeleteOptions>): Promise<DeletePlan>;
  run(plan: DeletePlan, over?: Partial<RunBulkDeleteOptions>, through?: ObjectStore): Promise<BulkDeleteResult>;
  keys(prefix: string): Promise<string[]>;
}

/** A store under a clock that the test sets, and what is planned and deleted in it. */
export function createWorld(options: Omit<MemoryStoreOptions, 'clock'> = {}): RetentionWorld {
  const clock = { nowMs: startMs };
  const store = createMemoryStore({ ...options, clock: () => clock.nowMs });
  return {
    clock,
    store,
    async put(key: string, text = key) {
      return store.put(key, toUtf8(text));
    },
    async stamp() {
      await store.put(envKey, toUtf8(`${JSON.stringify({ schema: 'hc-env/1', ...env })}\n`));
    },
    /** One more raw object, then one run: one more generation. */
    async generation(name: string, of: Cell = cell, through: ObjectStore = store) {
      await store.put(`${rawCellPrefix(of)}${name}`, toUtf8(`{"of":"${name}"}\n`));
      return runHousecleaning({
        ...{ store: through, cells: [of], nowMs: clock.nowMs, writers: 'overwriting', env, approve: 'first-run' },
      });
    },
    plan: (rules: readonly RetentionRule[], over: Partial<PlanBulkDeleteOptions> = {}) =>
      planBulkDelete(store, rules, { allow: ['exports/'], minDepth: 2, nowMs: clock.nowMs, secret, env, ...over }),
    run: (plan: DeletePlan, over: Partial<RunBulkDeleteOptions> = {}, through: ObjectStore = store) =>
      runBulkDelete(through, plan, { token: plan.token, secret, nowMs: clock.nowMs, ...over }),
    keys: async (prefix: string) => {
      const keys: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.list({ prefix, ...(cursor === undefined ? {} : { cursor }) });
        keys.push(...page.objects.map(({ key }) => key));
        cursor = page.cursor;
      } while (cursor !== undefined);
      return keys;
    },
  };
}

/** Five generations, ten days apart. */
export async function createFive(options: Omit<MemoryStoreOptions, 'clock'> = {}): Promise<RetentionWorld> {
  const world = createWorld(options);
  for (let i = 0; i < 5; i++) {
    world.clock.nowMs = startMs + i * 10 * dayMs;
    await world.generation(`${i}.jsonl`);
  }
  return world;
}

/** Stops every delete after the first `calls`. */
export function deletesOnly(store: ObjectStore, calls: number, sizes: number[] = []): ObjectStore {
  return {
    ...store,
    async delete(targets, options) {
      if (sizes.length === calls) throw new Error('killed');
      sizes.push(targets.length);
      return store.delete(targets, options);
    },
  };
}
