import { describe, expect, test } from 'vitest';
import { archiveStatus, finishParts, readReport, runPart } from './housecleaning.ts';
import { reportKey } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import { cell, createWorld, dueMs, hourMs } from './internal/world.fixture.ts';

describe('the report', () => {
  test('of an older run does not cover that of a newer one', async () => {
    const world = createWorld();
    const newer = await world.run({ nowMs: dueMs + hourMs });
    await world.run({ nowMs: dueMs });
    expect(await readReport(world.store)).toEqual(newer);
  });

  test('of an older run does not cover one that comes in between', async () => {
    const world = createWorld();
    await world.run({ nowMs: dueMs - hourMs });
    let newer;
    const store: ObjectStore = {
      ...world.store,
      async put(key, body, options) {
        if (key === reportKey) newer ??= await world.run({ nowMs: dueMs + hourMs });
        return world.store.put(key, body, options);
      },
    };
    await world.run({ store });
    expect(await readReport(world.store)).toEqual(newer);
  });

  test('remembers the last good run', async () => {
    const world = createWorld();
    const good = await world.run();
    const bad = await world.run({
      nowMs: dueMs + hourMs,
      store: { ...world.store, list: () => Promise.reject(new Error('503')) },
    });
    expect(bad.lastGood).toEqual({ startedAtMs: dueMs, finishedAtMs: good.run.finishedAtMs });
  });

  test('is served as the status of the archive', async () => {
    expect(archiveStatus(undefined)).toEqual({ outcome: 'never-run', reason: null, finishedAtMs: null, cells: [] });
    const world = createWorld();
    await world.put(0);
    const status = archiveStatus(await world.run());
    expect(status).toEqual({
      outcome: 'ok',
      reason: null,
      finishedAtMs: dueMs,
      cells: [
        {
          symbol: 'BTCUSDT',
          date: '2026-11-19',
          state: 'archived',
          generation: 1,
          sources: 1,
          lines: 2,
          rawBytes: 20,
          gzBytes: expect.any(Number),
          prunedSources: 1,
          verifiedAtMs: dueMs,
          problem: null,
        },
      ],
    });
  });

  test('keeps the cells that need attention when there are too many', async () => {
    const world = createWorld();
    const cells = Array.from({ length: 600 }, (_, i) => ({ symbol: `S${i}`, date: '2030-01-01' }));
    const empty = { symbol: 'GONE', date: cell.date };
    const report = await world.run({ cells: [...cells, empty] });
    expect(report.cells).toHaveLength(601);
    const stored = await readReport(world.store);
    expect([stored?.cells.length, stored?.cells[0]?.symbol, stored?.totals.cells]).toEqual([500, 'GONE', 601]);
    expect((await world.store.head(reportKey))!.size).toBeLessThan(262_144);
  });

  test('stays below 256 KiB, whatever the problems say', async () => {
    const world = createWorld();
    await world.put(0);
    const part = await runPart(world.options());
    const [one] = part.cells;
    const cells = Array.from({ length: 600 }, (_, i) => ({ ...one!, symbol: `S${i}`, problem: 'x'.repeat(5_000) }));
    const report = await finishParts(world.options(), [{ ...part, cells }]);
    expect(report.cells[0]?.problem).toHaveLength(5_000);
    expect((await world.store.head(reportKey))!.size).toBeLessThanOrEqual(262_144);
    const stored = (await readReport(world.store))!;
    expect(stored.cells.length).toBeGreaterThan(80);
    expect(stored.cells[0]?.problem).toBe(`${'x'.repeat(2_000)} …`);
  });
});
