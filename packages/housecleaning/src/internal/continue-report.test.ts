import { describe, expect, test } from 'vitest';
import { continueReport, finishParts, readLastRun, runPart, type SanityReport } from '../housecleaning.ts';
import { archiveKey, rawCellPrefix, stagePrefix, type Cell } from '../keys.ts';
import { cell, createWorld, damage, dueMs, hourMs, writtenMs, type TestWorld } from './world.fixture.ts';
import { toUtf8 } from './utf8.ts';

const part = { cells: [cell], runId: 'r' };
const archiveOf = (world: TestWorld, nowMs = dueMs): Promise<SanityReport> =>
  runPart(world.options({ ...part, nowMs, stopAfter: 'publish' }));
const pruneOf = (world: TestWorld, nowMs = dueMs + hourMs): Promise<SanityReport> =>
  runPart(world.options({ ...part, nowMs }));

/** An archive that is gone, and a raw object that came late. */
async function createLost(): Promise<TestWorld> {
  const world = createWorld();
  await world.put(0);
  await world.run();
  await world.store.delete([{ key: archiveKey(cell) }]);
  world.clock.nowMs = writtenMs;
  await world.put(2);
  return world;
}

describe('continueReport', () => {
  test('tells what both attempts did, and how the later one found the cell', async () => {
    const world = await createLost();
    const before = await archiveOf(world);
    const after = await pruneOf(world);
    expect(before.cells).toMatchObject([{ addedSources: 1, deletedSources: 0, healed: { replaced: null } }]);
    expect(after.cells).toMatchObject([{ addedSources: 0, deletedSources: 1, healed: null }]);
    const both = continueReport(before, after);
    expect(both.cells).toEqual([{ ...after.cells[0], addedSources: 1, healed: before.cells[0]!.healed }]);
    expect(both).toMatchObject({
      run: { id: 'r', outcome: 'ok', reason: null, startedAtMs: dueMs, finishedAtMs: dueMs + hourMs },
      totals: { cells: 1, healed: 1, addedSources: 1, deletedSources: 1 },
      lastGood: { startedAtMs: dueMs },
    });
    // A third attempt finds nothing to do, and changes nothing of it but its time and hash.
    const again = continueReport(both, await pruneOf(world, dueMs + 2 * hourMs));
    expect(again.totals).toEqual(both.totals);
    expect(again.cells).toEqual([{ ...both.cells[0], verifiedAtMs: dueMs + 2 * hourMs }]);
    await finishParts(world.options({ runId: 'r' }), [again]);
    expect(await readLastRun(world.store)).toMatchObject({
      totals: { healed: 1, addedSources: 1 },
      healed: [{ ...cell, replaced: null }],
    });
  });

  test('keeps that a staged copy was put again, and the journal has the run', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    const [stage = ''] = await world.keys(stagePrefix);
    await world.store.delete([{ key: stage }]);
    const before = await archiveOf(world, dueMs + hourMs);
    const both = continueReport(before, await pruneOf(world, dueMs + 2 * hourMs));
    expect(both.cells).toMatchObject([{ restaged: stage }]);
    await finishParts(world.options({ runId: 'r' }), [both]);
    expect((await readLastRun(world.store))?.run.id).toBe('r');
  });

  test('says why a cell is in quarantine, which only the first attempt knows', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    for (const key of [archiveKey(cell), ...(await world.keys(stagePrefix))]) await damage(world.store, key);
    const before = await archiveOf(world);
    const after = await pruneOf(world);
    expect(after.cells[0]!.problem).toMatch(/^Quarantined; read/);
    const both = continueReport(before, after);
    expect(both.cells).toMatchObject([{ state: 'quarantined', problem: before.cells[0]!.problem }]);
    expect(both.run).toMatchObject({ outcome: 'partial', reason: '1 of 1 cells need attention.' });
  });

  test('tells that a writer overwrote an archived key, which only the first attempt sees, and tells it once', async () => {
    const world = createWorld();
    const key = `${rawCellPrefix(cell)}a.jsonl`;
    await world.store.put(key, toUtf8('{"first":1}\n'));
    // Over, but too young to be deleted.
    await world.run({ nowMs: writtenMs + 20 * hourMs });
    world.clock.nowMs = writtenMs + 1;
    await world.store.put(key, toUtf8('{"other":1}\n'));
    const before = await archiveOf(world);
    const after = await pruneOf(world);
    const overwritten = expect.stringContaining('hold other bytes now') as string;
    const kept = '1 archived raw object(s) were kept: its key was overwritten.';
    expect([before.cells[0]!.problem, after.cells[0]!.problem]).toEqual([overwritten, kept]);
    const both = continueReport(before, after);
    expect(both.cells[0]!.problem).toBe(`${before.cells[0]!.problem} ${kept}`);
    expect(continueReport(both, await pruneOf(world)).cells[0]!.problem).toBe(both.cells[0]!.problem);
    expect(both.lastGood).toBeNull();
  });

  test('forgets a request that failed once the next attempt went well', async () => {
    const world = createWorld();
    await world.put(0);
    const store = { ...world.store, list: () => Promise.reject(new Error('503')) };
    const before = await runPart(world.options({ ...part, store }));
    expect(before.run.outcome).not.toBe('ok');
    expect(continueReport(before, await pruneOf(world)).run).toMatchObject({ outcome: 'ok', reason: null });
  });

  test('keeps the cells that the later attempt did not get to', async () => {
    const world = await createLost();
    const before = await archiveOf(world);
    const signal = AbortSignal.abort(new Error('The worker is gone.'));
    const both = continueReport(before, await runPart(world.options({ ...part, signal })));
    expect(both.cells).toEqual(before.cells);
    expect(both.run.outcome).toBe('partial');
    expect(both.run.reason).toContain('The worker is gone.');
    expect(both.totals.healed).toBe(1);
  });

  test('refuses reports that are of two runs', async () => {
    const world = createWorld();
    const before = await archiveOf(world);
    const after = await runPart(world.options({ ...part, runId: 'other' }));
    expect(() => continueReport(before, after)).toThrow(
      'The option after is "other"; expected a report of the same run "r"',
    );
  });
});

test('parts that were continued are joined like others', async () => {
  const world = createWorld();
  const other: Cell = { ...cell, symbol: 'ETHUSDT' };
  const parts = [];
  for (const at of [cell, other]) {
    world.clock.nowMs = writtenMs;
    await world.put(0, at);
    const options = { cells: [at], runId: 'r' };
    const archived = await runPart(world.options({ ...options, stopAfter: 'publish' }));
    parts.push(continueReport(archived, await runPart(world.options(options))));
  }
  const report = await finishParts(world.options({ runId: 'r' }), parts);
  expect(report.totals).toMatchObject({ cells: 2, addedSources: 2, deletedSources: 2 });
});
