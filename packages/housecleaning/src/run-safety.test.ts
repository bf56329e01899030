import { describe, expect, test } from 'vitest';
import { finishParts, planHousecleaning, readReport, runHousecleaning, runPart } from './housecleaning.ts';
import { clockKey, envKey, rawCellPrefix, reportKey } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import { fromUtf8 } from './internal/utf8.ts';
import { cell, createWorld, dueMs, env, hourMs, mutationsOf, writtenMs } from './internal/world.fixture.ts';

describe('the safety check', () => {
  test('halts without a change when the store belongs to another environment', async () => {
    const world = createWorld();
    await world.put(0);
    const right = { env: { env: 'prod', bucketId: 'tape' } };
    await world.run({ ...right, nowMs: writtenMs + hourMs });
    const { counted, mutations } = mutationsOf(world.store);
    const report = await world.run({ store: counted });
    expect(report.run.outcome).toBe('halted');
    expect(report.safety).toMatchObject({ ok: false, envStamp: 'differs' });
    // Not even the report of its own last run is covered.
    expect(mutations()).toEqual([]);
    expect(await readReport(world.store)).toMatchObject({ ...right, run: { outcome: 'ok' } });
    expect(await world.keys('raw_tns/')).toHaveLength(1);
  });

  test('of a part in a store of another environment leaves the report of the right one, too', async () => {
    const world = createWorld();
    await world.put(0);
    const right = { env: { env: 'prod', bucketId: 'tape' } };
    await world.run({ ...right, nowMs: writtenMs + hourMs });
    const { counted, mutations } = mutationsOf(world.store);
    const options = world.options({ store: counted });
    const report = await finishParts(options, [await runPart({ ...options, cells: [cell] })]);
    expect(report.run.outcome).toBe('halted');
    expect(mutations()).toEqual([]);
  });

  test('stamps a new store once', async () => {
    const world = createWorld();
    expect((await world.run()).safety.envStamp).toBe('created');
    expect((await world.run()).safety.envStamp).toBe('matches');
    expect(fromUtf8(await (await world.store.get(envKey))!.bytes())).toBe(
      '{"schema":"hc-env/1","env":"test","bucketId":"tape"}\n',
    );
  });

  test.each([
    ['behind', dueMs + 61_000, '2026-11-21T12:01:01.000Z'],
    ['ahead of', dueMs - 48 * hourMs, '2026-11-19T12:00:00.000Z'],
  ])('halts before any other change when the clock of the run is %s that of the store', async (_, storeMs, told) => {
    const world = createWorld();
    await world.put(0);
    world.clock.nowMs = storeMs;
    const { counted, mutations } = mutationsOf(world.store);
    const report = await runHousecleaning({
      store: counted,
      nowMs: dueMs,
      writers: 'write-once',
      env,
      approve: 'first-run',
    });
    expect(report.run).toMatchObject({
      outcome: 'halted',
      reason: `The store's time is ${told}, but the run's time nowMs is 2026-11-21T12:00:00.000Z; correct the clock that gives nowMs.`,
    });
    expect(mutations()).toEqual([`put ${clockKey}`, `put ${reportKey}`]);
  });

  test('halts before it deletes early when a clock that is 48 hours ahead finds nothing to publish', async () => {
    const world = createWorld();
    await world.put(0);
    // Archived an hour after the day was closed, too young to be deleted.
    const first = await world.run({ nowMs: writtenMs + 19 * hourMs });
    expect(first.cells).toMatchObject([{ state: 'verified', deletedSources: 0 }]);
    const report = await runHousecleaning({
      store: world.store,
      nowMs: writtenMs + (19 + 48) * hourMs,
      writers: 'write-once',
      env,
    });
    expect(report.run.outcome).toBe('halted');
    expect(await world.keys('raw_tns/')).toHaveLength(1);
  });

  test('takes the earlier of the two clocks within the tolerance for what is closed and old enough', async () => {
    const world = createWorld();
    await world.put(0);
    const run = (storeMs: number, nowMs: number) => {
      world.clock.nowMs = storeMs;
      return runHousecleaning({ store: world.store, nowMs, writers: 'write-once', env, approve: 'first-run' });
    };
    const closedMs = Date.parse('2026-11-20T06:00:00Z');
    expect((await run(closedMs - 1, closedMs + 59_999)).cells).toMatchObject([{ state: 'open' }]);
    expect((await run(closedMs, closedMs)).cells).toMatchObject([{ state: 'verified' }]);
    const oldMs = writtenMs + 24 * hourMs;
    expect((await run(oldMs - 1, oldMs + 59_999)).cells).toMatchObject([{ deletedSources: 0 }]);
    expect((await run(oldMs + 59_999, oldMs - 1)).cells).toMatchObject([{ deletedSources: 0 }]);
    expect((await run(oldMs, oldMs)).cells).toMatchObject([{ state: 'archived', deletedSources: 1 }]);
  });

  test('is passed by a run that lasts for hours while raw objects keep coming', async () => {
    const world = createWorld();
    const second = { symbol: 'ETHUSDT', date: cell.date };
    await world.put(0);
    await world.put(0, second);
    world.clock.nowMs = dueMs;
    const store: ObjectStore = {
      ...world.store,
      async list(options) {
        if (options?.prefix === rawCellPrefix(second) && world.clock.nowMs === dueMs) {
          world.clock.nowMs = dueMs + 3 * hourMs;
          await world.put(2, second);
        }
        return world.store.list(options);
      },
    };
    const report = await runHousecleaning({ store, nowMs: dueMs, writers: 'write-once', env, approve: 'first-run' });
    expect(report.run).toMatchObject({ outcome: 'ok', finishedAtMs: dueMs + 3 * hourMs });
    expect(report.cells).toMatchObject([
      { state: 'archived', deletedSources: 1 },
      // The late object is archived and too young to be deleted.
      { state: 'pruning', sources: 2, deletedSources: 1, problem: null },
    ]);
  });

  test('of a dry run halts when its clock is behind the last run', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    const { counted, mutations } = mutationsOf(world.store);
    const plan = await planHousecleaning({
      store: counted,
      nowMs: dueMs - hourMs,
      writers: 'write-once',
      env,
      approve: 'first-run',
    });
    expect(plan.report.run.outcome).toBe('halted');
    expect(mutations()).toEqual([]);
  });
});

describe('a listener', () => {
  test.each(['run-started', 'cell-started', 'step', 'cell-finished'] as const)(
    'that throws at %s neither stops the run nor loses the report',
    async (type) => {
      const world = createWorld();
      await world.put(0);
      const report = await world.run({
        onEvent: (event) => {
          if (event.type === type) throw new Error('no terminal');
        },
      });
      expect(report.run).toMatchObject({
        outcome: 'partial',
        reason: `The option onEvent threw at "${type}": no terminal`,
      });
      expect(report.cells).toMatchObject([{ state: 'archived', problem: null }]);
      expect(await readReport(world.store)).toEqual(report);
    },
  );

  test('that throws at a halt does not lose the report', async () => {
    const world = createWorld();
    await world.run({ env: { env: 'prod', bucketId: 'tape' } });
    const report = await world.run({
      onEvent: () => {
        throw new Error('no terminal');
      },
    });
    expect(report.run.outcome).toBe('halted');
    expect(report.run.reason).toMatch(
      /^The store is not the one .* The option onEvent threw at "halted": no terminal$/,
    );
  });
});
