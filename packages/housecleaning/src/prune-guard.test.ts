import { describe, expect, test } from 'vitest';
import { ObjectStoreError } from './errors.ts';
import { archiveKey, clockKey, quarantineKey } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import { putRecord, writeQuarantine } from './internal/quarantine.ts';
import { withoutDelete } from './internal/run-store.ts';
import { cell, createWorld, dueMs, mutationsOf } from './internal/world.fixture.ts';

/** A store that lets something happen before its `n`th delete. */
function beforeDelete(store: ObjectStore, n: number, happens: () => Promise<unknown>): ObjectStore {
  let deletes = 0;
  return {
    ...store,
    // The look comes before the delete: what happens between two batches is seen by the second one's.
    async delete(targets, options) {
      const results = await store.delete(targets, options);
      deletes += 1;
      if (deletes === n) await happens();
      return results;
    },
  };
}

describe('C4, I17: what is looked at before every batch of 100', () => {
  test('another run that puts the cell into quarantine stops the deletes at once', async () => {
    const world = createWorld();
    for (let i = 0; i < 250; i++) await world.put(2 * i);
    const stop = () => writeQuarantine(world.store, { cell, reason: 'a peer found damage', runId: 'peer' });
    const report = await world.run({ store: beforeDelete(world.store, 1, stop) });
    expect(report.cells).toMatchObject([{ state: 'quarantined', deletedSources: 100 }]);
    expect(report.cells[0]?.problem).toBe('Another run put this cell into quarantine; nothing more was deleted.');
    expect(await world.keys('raw_tns/')).toHaveLength(150);
    expect((await world.run()).cells).toMatchObject([{ state: 'quarantined', deletedSources: 0 }]);
  });

  test('a resolved quarantine does not', async () => {
    const world = createWorld();
    await world.put(0);
    const record = { schema: 'hc-quarantine/1', cell, state: 'resolved', reason: 'x', runId: 'y' } as const;
    await putRecord(world.store, record, undefined);
    expect((await world.run()).cells).toMatchObject([{ state: 'archived', deletedSources: 1 }]);
  });

  test('a record that nobody can read stops the cell', async () => {
    const world = createWorld();
    await world.put(0);
    await world.store.put(quarantineKey(cell), new TextEncoder().encode('{"state":"resolved"'));
    expect((await world.run()).cells).toMatchObject([{ state: 'quarantined', deletedSources: 0 }]);
  });

  test('an archive that is no longer the proven one starts the cell over', async () => {
    const world = createWorld();
    for (let i = 0; i < 150; i++) await world.put(2 * i);
    let replaced = 0;
    const replace = async () => {
      replaced += 1;
      // The same bytes without metadata: what was proven is not what is there.
      const bytes = await (await world.store.get(archiveKey(cell)))!.bytes();
      bytes[20]! ^= 1;
      const { metadata } = (await world.store.head(archiveKey(cell)))!;
      await world.store.put(archiveKey(cell), bytes, { metadata });
    };
    const { counted, mutations } = mutationsOf(world.store);
    const report = await world.run({ store: beforeDelete(counted, 1, replace) });
    expect(replaced).toBe(1);
    // Healed from its stage, proven again, and only then pruned further.
    expect(report.cells).toMatchObject([{ state: 'archived', deletedSources: 150, problem: null }]);
    const ops = mutations().map((line) => line.split(' ').slice(0, 2).join(' '));
    expect(ops.filter((op) => op === `put ${archiveKey(cell)}`)).toHaveLength(2);
    const lines = await world.lines();
    expect([lines.length, lines[299]]).toEqual([300, '{"seq":299}']);
  });
});

describe('R19: who can delete', () => {
  test('a run works on a store that has no delete', () => {
    const { store } = createWorld();
    expect(Object.keys(withoutDelete(store)).sort()).toEqual(['capabilities', 'get', 'head', 'list', 'put']);
  });
});

describe('the reading of the clock', () => {
  test('that is throttled, because many runs start at once, takes the time of another run', async () => {
    const world = createWorld();
    await world.put(0);
    const throttled = (at: number): ObjectStore => ({
      ...world.store,
      put: async (key, ...rest) => {
        if (key !== clockKey) return world.store.put(key, ...rest);
        world.clock.nowMs = at;
        await world.store.put(key, ...rest);
        world.clock.nowMs = dueMs;
        throw new ObjectStoreError('throttled', key, 'one put a second');
      },
    });
    // Half a minute old: within the tolerance.
    const report = await world.run({ store: throttled(dueMs - 30_000) });
    expect(report.cells).toMatchObject([{ state: 'archived' }]);
    const old = await world.run({ store: throttled(dueMs - 61_000) });
    expect(old.run).toMatchObject({ outcome: 'failed', reason: 'one put a second' });
  });
});
