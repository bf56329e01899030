import { describe, expect, test } from 'vitest';
import { explainCell } from './housecleaning.ts';
import { formatRawKey, rawCellPrefix } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import { sha256Hex } from './internal/sha256.ts';
import { fromUtf8, toUtf8 } from './internal/utf8.ts';
import { cell, createWorld, writtenMs } from './internal/world.fixture.ts';

describe('what may be deleted', () => {
  test('without conditional delete: only keys that carry their digest, under a promise to write once', async () => {
    for (const [writers, key, left] of [
      ['write-once', undefined, 0],
      ['overwriting', undefined, 1],
      ['write-once', `${rawCellPrefix(cell)}13.json`, 2],
    ] as const) {
      const world = createWorld({ conditionalDelete: false });
      await world.put(0);
      if (key) {
        await world.store.put(key, toUtf8('{}\n'));
        const named = formatRawKey({ ...cell, firstSeq: 8, lastSeq: 8, sha256: '0'.repeat(64) });
        await world.store.put(named, toUtf8('{}'), { metadata: { sha256: await sha256Hex(toUtf8('{}')) } });
      }
      const report = await world.run({ writers });
      expect(report.cells[0]?.state).toBe(left === 0 ? 'archived' : key ? 'pruning' : 'verified');
      expect(await world.keys('raw_tns/')).toHaveLength(left);
      // It is so by nature, every day: a count, and nothing that needs attention.
      expect(report.cells).toMatchObject([{ keptSources: left, problem: null }]);
      expect([report.totals.keptSources, report.totals.problems, report.run.outcome]).toEqual([left, 0, 'ok']);
      if (left > 0)
        expect(Object.keys((await explainCell(world.options({ writers }), cell)).blocked)[0]).toMatch(
          /the store cannot delete conditionally/,
        );
    }
  });

  test('with conditional delete: also keys of overwriting writers, each content of them archived', async () => {
    const world = createWorld();
    const key = `${rawCellPrefix(cell)}13.json`;
    await world.store.put(key, toUtf8('{"v":1}\n'));
    await world.run({ writers: 'overwriting' });
    world.clock.nowMs = writtenMs;
    await world.store.put(key, toUtf8('{"v":1}\n{"v":2}\n'));
    const report = await world.run({ writers: 'overwriting' });
    expect(report.cells).toMatchObject([{ state: 'archived', generation: 2, sources: 2, deletedSources: 1 }]);
    expect(await world.lines()).toEqual(['{"v":1}', '{"v":1}', '{"v":2}']);
  });

  test('archives an overwritten key of a write-once writer and never deletes it', async () => {
    const world = createWorld();
    const { key } = await world.put(0);
    await world.run();
    world.clock.nowMs = writtenMs;
    const other = toUtf8('{"broken":"promise"}\n');
    await world.store.put(key, other, { metadata: { sha256: await sha256Hex(other) } });
    const report = await world.run();
    expect(report.cells).toMatchObject([{ generation: 2, sources: 2, conflicts: 1, deletedSources: 0 }]);
    expect(report.cells[0]?.problem).toMatch(
      /hold other bytes now.* A writer broke its promise to write once; find it\./,
    );
    expect(await world.lines()).toContain('{"broken":"promise"}');
    expect((await world.run()).cells).toMatchObject([{ generation: 2, deletedSources: 0, state: 'conflict' }]);
    expect(await explainCell(world.options(), cell)).toMatchObject({
      state: 'conflict',
      next: expect.stringContaining('look for their writer') as string,
    });
    expect(await world.keys('raw_tns/')).toEqual([key]);
  });

  test('keeps an object that is replaced between the proof and the delete', async () => {
    for (const conditionalDelete of [true, false]) {
      const world = createWorld({ conditionalDelete });
      const { key } = await world.put(0);
      const replace = () => world.store.put(key, toUtf8('{"new":1}\n'));
      const op = conditionalDelete ? 'delete' : 'head';
      let done = false;
      const store: ObjectStore = {
        ...world.store,
        [op]: async (...args: readonly never[]) => {
          const subject = JSON.stringify(args);
          if (!done && subject.includes(key)) await replace();
          done ||= subject.includes(key);
          return (world.store[op] as (...a: readonly never[]) => unknown)(...args);
        },
      };
      const report = await world.run({ store });
      expect(report.cells[0]?.problem).toMatch(/was replaced while it was about to be deleted/);
      expect(fromUtf8(await (await world.store.get(key))!.bytes())).toBe('{"new":1}\n');
    }
  });
});
