import { describe, expect, test } from 'vitest';
import {
  applyPlan,
  archiveStatus,
  finishParts,
  planHousecleaning,
  readReport,
  resolveQuarantine,
  runPart,
} from './housecleaning.ts';
import { archiveKey, quarantineKey, reportKey, stagePrefix } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import { cell, createWorld, damage, dueMs, hourMs } from './internal/world.fixture.ts';

describe('an open quarantine', () => {
  const other = { symbol: 'ETHUSDT', date: cell.date };

  /** Two archived cells without raw objects, the first of them damaged beyond healing. */
  const createQuarantined = async () => {
    const world = createWorld();
    await world.put(0);
    await world.put(0, other);
    await world.run();
    const intact = (await (await world.store.get(archiveKey(cell)))!.bytes()).slice();
    const { metadata } = (await world.store.head(archiveKey(cell)))!;
    await damage(world.store, archiveKey(cell));
    await damage(world.store, (await world.keys(`${stagePrefix}${cell.symbol}/`))[0]!);
    expect((await world.run({ cells: [cell] })).totals.states).toEqual({ quarantined: 1 });
    const resolve = async () => {
      await world.store.put(archiveKey(cell), intact, { metadata });
      await resolveQuarantine(world.store, cell, 'accept-live');
    };
    return { world, resolve };
  };
  const shown = {
    ...cell,
    state: 'quarantined',
    problem: expect.stringContaining('Quarantined; read "housecleaning/v1/'),
  };

  test('is in every report until it is resolved, though nothing of it is raw', async () => {
    const { world, resolve } = await createQuarantined();
    for (let run = 1; run <= 3; run++) {
      const report = await world.run({ nowMs: dueMs + run * hourMs });
      expect(report.cells).toMatchObject([shown]);
      expect(report.run).toMatchObject({ outcome: 'partial', reason: '1 of 1 cells need attention.' });
      expect(await readReport(world.store)).toEqual(report);
    }
    await resolve();
    expect(await world.run({ nowMs: dueMs + 4 * hourMs })).toMatchObject({ run: { outcome: 'ok' }, cells: [] });
  });

  test('is in the report of a run of other cells, of a day that is open again, and of a plan', async () => {
    const { world } = await createQuarantined();
    expect((await world.run({ cells: [other] })).cells).toMatchObject([{ ...other, state: 'archived' }, shown]);
    expect((await world.run({ cells: [cell] })).cells).toMatchObject([shown]);
    const { report, hash } = await planHousecleaning(world.options({ graceMs: 100 * hourMs }));
    expect(report.cells).toMatchObject([shown]);
    const applied = await applyPlan({ ...world.options({ graceMs: 100 * hourMs }), plan: hash });
    expect(applied.cells).toMatchObject([shown]);
  });

  test('is in the one report of parts, once', async () => {
    const { world } = await createQuarantined();
    const parts = await Promise.all(
      [other, { ...other, date: '2026-11-18' }].map((one) => runPart(world.options({ cells: [one], share: 0.5 }))),
    );
    expect(parts.map(({ cells }) => cells.length)).toEqual([1, 1]);
    const report = await finishParts(world.options(), [parts[0]!]);
    expect(report.cells).toMatchObject([{ ...other, state: 'archived' }, shown]);
    expect(report).toMatchObject({
      run: { outcome: 'partial', reason: '1 of 2 cells need attention.' },
      totals: { cells: 2, states: { archived: 1, quarantined: 1 }, problems: 1 },
    });
    const found = await runPart(world.options({ cells: [cell] }));
    expect((await finishParts(world.options(), [...parts, found])).totals.states['quarantined']).toBe(1);
  });

  test('shows also where its record is no record of ours', async () => {
    const world = createWorld();
    await world.store.put(quarantineKey(cell), new Uint8Array(3));
    expect((await world.run()).cells).toMatchObject([shown]);
  });
});

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
