import { describe, expect, test } from 'vitest';
import {
  finishParts,
  listCells,
  mergeReports,
  planHousecleaning,
  readLastRun,
  readReport,
  runHousecleaning,
  runPart,
  type SanityReport,
} from './housecleaning.ts';
import { acquireLease } from './lease.ts';
import { archiveKey, parseJournalKey, reportKey, type Cell } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import {
  cell,
  createWorld,
  damage,
  dueMs,
  hourMs,
  mutationsOf,
  writtenMs,
  type TestWorld,
} from './internal/world.fixture.ts';

const symbols = ['AA', 'BB', 'CC', 'DD', 'EE', 'FF', 'GG', 'HH'];
const cells = symbols.map((symbol): Cell => ({ ...cell, symbol }));

/** One day of eight symbols, with as many raw objects as their number. */
async function fill(world: TestWorld): Promise<void> {
  world.clock.nowMs = writtenMs;
  for (const [i, of] of cells.entries()) for (let j = 0; j <= i; j++) await world.put(2 * j, of);
}

/** The same order of events whatever the machine does: operations of late cells are faster. */
function uneven(store: ObjectStore): ObjectStore {
  const later = async (text: string): Promise<void> => {
    const turns = 8 - symbols.findIndex((symbol) => text.includes(`/${symbol}/`));
    for (let i = 0; i < 20 * turns; i++) await Promise.resolve();
  };
  return {
    ...store,
    get: async (key, options) => (await later(key), store.get(key, options)),
    list: async (options) => (await later(options?.prefix ?? ''), store.list(options)),
    put: async (key, ...rest) => (await later(key), store.put(key, ...rest)),
  };
}

describe('R17: cells at the same time', () => {
  test.each([1, 2, 3, 8, 20])('%i at once make the same report and the same plan hash', async (concurrency) => {
    const results: SanityReport[] = [];
    for (const at of [1, concurrency]) {
      const world = createWorld();
      await fill(world);
      // 36 raw objects, 20 may go: which cells get them must not depend on who is faster.
      const options = world.options({ concurrency: at, maxDeletes: 20, runId: 'r' });
      results.push(await runHousecleaning({ ...options, store: at === 1 ? world.store : uneven(world.store) }));
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[0]!.cells.map(({ deletedSources }) => deletedSources)).toEqual([1, 2, 3, 4, 5, 5, 0, 0]);
  });

  test('are planned by one hash', async () => {
    const world = createWorld();
    await fill(world);
    const hashes = [];
    for (const concurrency of [1, 5]) hashes.push((await planHousecleaning(world.options({ concurrency }))).hash);
    const report = await world.run({ concurrency: 3 });
    expect([...new Set([...hashes, report.run.planHash])]).toHaveLength(1);
  });

  test('end after five failures in a row, and the report has every cell that was touched', async () => {
    const world = createWorld();
    await fill(world);
    const store: ObjectStore = {
      ...world.store,
      list: (options) =>
        options?.prefix === 'raw_tns/' || !options?.prefix?.startsWith('raw_tns/')
          ? world.store.list(options)
          : Promise.reject(new Error('503')),
    };
    const report = await world.run({ store, concurrency: 2 });
    expect(report.run).toMatchObject({ outcome: 'partial', reason: '503' });
    expect(report.cells.length).toBeGreaterThanOrEqual(5);
    expect(report.cells.length).toBeLessThan(8);
  });
});

describe('runPart and finishParts', () => {
  test('share a run: parts write neither journal nor report, the end writes both once', async () => {
    const whole = createWorld();
    await fill(whole);
    const expected = await whole.run({ runId: 'r' });
    const world = createWorld();
    await fill(world);
    const { counted, mutations } = mutationsOf(world.store);
    const parts: SanityReport[] = [];
    for (const of of cells) {
      const options = world.options({ store: counted, cells: [of], runId: 'r', share: 1 / cells.length });
      parts.push(await runPart(options));
    }
    expect(mutations().filter((line) => line.includes('journal') || line.includes(reportKey))).toEqual([]);
    const report = await finishParts(world.options({ runId: 'r' }), parts);
    expect(report.cells).toEqual(expected.cells);
    expect(report.totals).toEqual(expected.totals);
    expect(report.run).toMatchObject({ id: 'r', outcome: 'ok', reason: null });
    expect(await readReport(world.store)).toEqual(report);
    expect(await readLastRun(world.store)).toMatchObject({ run: { id: 'r' }, history: [36], approvedBy: 'first-run' });
    expect((await world.keys('housecleaning/v1/journal/')).map((key) => parseJournalKey(key)?.runId)).toEqual(['r']);
  });

  test('that are finished again, after a report that could not be stored, leave one journal entry', async () => {
    const world = createWorld();
    await fill(world);
    const parts = [await runPart(world.options({ cells, runId: 'r' }))];
    const store: ObjectStore = {
      ...world.store,
      put: (key, ...rest) => (key === reportKey ? Promise.reject(new Error('503')) : world.store.put(key, ...rest)),
    };
    const options = world.options({ runId: 'r' });
    await expect(finishParts({ ...options, store }, parts)).rejects.toMatchObject({ code: 'report-not-written' });
    const report = await finishParts(options, parts);
    expect(report.run).toMatchObject({ outcome: 'ok', reason: null });
    expect(await readLastRun(world.store)).toMatchObject({ number: 1, run: { id: 'r' }, history: [36] });
    expect(await world.keys('housecleaning/v1/journal/')).toHaveLength(1);
  });

  test('give each part its share of the deletes', async () => {
    const world = createWorld();
    await fill(world);
    const options = { maxDeletes: 20, share: 0.25, runId: 'r' };
    const parts = [];
    for (const of of cells.slice(4)) parts.push(await runPart(world.options({ ...options, cells: [of] })));
    expect(parts.map(({ totals }) => totals.deletedSources)).toEqual([5, 5, 5, 5]);
  });

  test('that were halted make a halted run, without a journal entry', async () => {
    const world = createWorld();
    await fill(world);
    const options = { ...world.options({ runId: 'r' }) };
    delete (options as { approve?: unknown }).approve;
    const parts = [];
    for (const of of cells.slice(0, 2)) parts.push(await runPart({ ...options, cells: [of] }));
    const report = await finishParts(options, parts);
    expect(report.run.outcome).toBe('halted');
    expect(report.safety.needsApproval).toHaveLength(2);
    expect(await readLastRun(world.store)).toBeUndefined();
  });
});

describe('mergeReports', () => {
  test('counts the cells that need attention over all parts', async () => {
    const world = createWorld();
    const other: Cell = { ...cell, symbol: 'ETHUSDT' };
    for (const at of [cell, other]) {
      await world.put(0, at);
      await world.run({ cells: [at] });
      for (const key of [archiveKey(at), ...(await world.keys(`housecleaning/v1/stage/${at.symbol}/`))])
        await damage(world.store, key);
    }
    const parts = [
      await runPart(world.options({ cells: [cell], runId: 'p' })),
      await runPart(world.options({ cells: [other], runId: 'p' })),
    ];
    expect(parts.map(({ run }) => run.reason)).toEqual([
      '1 of 1 cells need attention.',
      '1 of 1 cells need attention.',
    ]);
    expect(mergeReports(parts).run.reason).toBe('2 of 2 cells need attention.');
    expect((await finishParts(world.options({ runId: 'p' }), parts.slice(0, 1))).run.reason).toBe(
      '2 of 2 cells need attention.',
    );
  });

  test('adds up, keeps the order, and takes the worse of what differs', async () => {
    const world = createWorld();
    await fill(world);
    const good = await runPart(world.options({ cells: [cells[0]!], runId: 'r' }));
    const store = { ...world.store, list: () => Promise.reject(new Error('503')) };
    const bad = await runPart(world.options({ cells: [cells[1]!], runId: 'r', nowMs: dueMs + 5, store }));
    const merged = mergeReports([good, bad]);
    expect(merged.run).toMatchObject({ outcome: 'partial', startedAtMs: dueMs, finishedAtMs: dueMs + 5 });
    expect(merged.totals.cells).toBe(good.totals.cells + bad.totals.cells);
    expect(merged.lastGood).toBeNull();
    expect(mergeReports([good])).toEqual(good);
    expect(mergeReports([good, bad]).run.planHash).not.toBe(mergeReports([bad, good]).run.planHash);
  });

  test('refuses nothing, and what does not belong together', async () => {
    const world = createWorld();
    const one = await runPart(world.options());
    const other = await runPart(world.options({ minAgeMs: hourMs }));
    expect(() => mergeReports([])).toThrow('The option parts is []; expected at least one report.');
    expect(() => mergeReports([one, other])).toThrow(/expected reports of one environment and configuration/);
  });
});

describe('stopAfter: publish', () => {
  test('publishes without deleting; an ordinary run proves that and deletes', async () => {
    const world = createWorld();
    for (const seq of [0, 2]) await world.put(seq);
    const first = await world.run({ stopAfter: 'publish' });
    expect(first.cells).toMatchObject([{ state: 'published', generation: 1, verifiedAtMs: null, deletedSources: 0 }]);
    expect(await world.keys('raw_tns/')).toHaveLength(2);
    const again = await world.run({ stopAfter: 'publish' });
    expect(again.cells).toMatchObject([{ state: 'verified', verifiedAtMs: dueMs, deletedSources: 0 }]);
    const { counted, mutations } = mutationsOf(world.store);
    expect((await world.run({ store: counted })).cells).toMatchObject([{ state: 'archived', deletedSources: 2 }]);
    expect(mutations().some((line) => line === `put ${archiveKey(cell)}`)).toBe(false);
  });
});

describe('a lease', () => {
  test('that is lost stops the run at its next request; the report is written all the same', async () => {
    const world = createWorld();
    await fill(world);
    const { approve, ...options } = world.options();
    const nowMs = () => world.clock.nowMs;
    const lease = (await acquireLease(world.store, 'all', { owner: 'one', nowMs }))!;
    let puts = 0;
    const store: ObjectStore = {
      ...world.store,
      async put(key, ...rest) {
        // The process is frozen for three minutes in front of the archive of CC.
        if (key === archiveKey(cells[2]!) && puts++ === 0) world.clock.nowMs += 180_000;
        return world.store.put(key, ...rest);
      },
    };
    const report = await runHousecleaning({ ...options, store, lease, approve: approve! });
    expect(report.run.outcome).toBe('partial');
    expect(report.run.reason).toMatch(/^The lease of the shard "all"/);
    expect(report.cells.map(({ state }) => state).slice(0, 2)).toEqual(['archived', 'archived']);
    expect(report.cells).toHaveLength(3);
    expect((await world.keys('raw_tns/')).filter((key) => key.includes('/CC/'))).toHaveLength(3);
    expect((await readReport(world.store))?.run.id).toBe(report.run.id);
  });
});

describe('listCells', () => {
  test('gives every cell that is over, once, in the order of keys', async () => {
    const world = createWorld();
    await fill(world);
    await world.put(0, { symbol: 'AA', date: '2026-11-21' });
    await world.store.put('raw_tns/no-cell', new Uint8Array(1));
    const found = [];
    for await (const of of listCells({ store: world.store, nowMs: dueMs })) found.push(of);
    expect(found).toEqual(cells);
    const early = [];
    for await (const of of listCells({ store: world.store, nowMs: writtenMs })) early.push(of);
    expect(early).toEqual([]);
  });
});
