import { describe, expect, test } from 'vitest';
import {
  explainCell,
  finishParts,
  listCells,
  planHousecleaning,
  readReport,
  runHousecleaning,
  runPart,
  tallyForeign,
  type HousecleaningEvent,
} from './housecleaning.ts';
import { clockKey, rawCellPrefix, reportKey } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import { readArchiveManifest } from './restore.ts';
import { cell, createWorld, dueMs, hourMs, mutationsOf, writtenMs } from './internal/world.fixture.ts';

describe('an option that is unknown, missing or no number', () => {
  const given = createWorld().options();
  test.each([
    [{ dryrun: true }, 'There is no option dryrun; expected store, cells, nowMs'],
    [{ limits: { maxDeletes: 1 } }, 'There is no option limits.maxDeletes; expected medianFactor, floor.'],
    [{ nowMs: NaN }, 'The option nowMs is NaN; expected a number from 0 on.'],
    [{ env: undefined }, 'The option env is undefined; expected two non-empty names'],
    [{ store: undefined }, 'The option store is "undefined"; expected an ObjectStore.'],
  ])('%j is refused by its name', async (more, message) => {
    const asked = { ...given, ...more } as typeof given;
    await expect(runHousecleaning(asked)).rejects.toMatchObject({ code: 'bad-option' });
    await expect(planHousecleaning(asked)).rejects.toThrow(message);
  });
});

describe('runHousecleaning', () => {
  test('archives, proves, reports and deletes a closed day', async () => {
    const world = createWorld();
    for (const seq of [0, 2, 4]) await world.put(seq);
    const report = await world.run();
    expect(report.run).toMatchObject({ outcome: 'ok', reason: null, startedAtMs: dueMs });
    expect(report.cells).toMatchObject([
      {
        ...cell,
        state: 'archived',
        generation: 1,
        sources: 3,
        lines: 6,
        prunedSources: 3,
        deletedSources: 3,
        problem: null,
        verifiedAtMs: dueMs,
      },
    ]);
    expect(await world.keys('raw_tns/')).toEqual([]);
    expect(await world.lines()).toEqual([0, 1, 2, 3, 4, 5].map((seq) => `{"seq":${seq}}`));
    expect(await readReport(world.store)).toEqual(report);
  });

  test('writes in the one order that survives a crash: manifest, stage, archive, and only then deletes', async () => {
    const world = createWorld();
    await world.put(0);
    const { counted, mutations } = mutationsOf(world.store);
    await world.run({ store: counted, runId: 'run-1' });
    const journal = `housecleaning/v1/journal/${dueMs}-run-1.json`;
    expect(mutations().map((line) => line.replace(/[0-9a-f]{64}/, '…').replace(/[0-9a-f]{16}/, '…'))).toEqual([
      'put housecleaning/v1/clock.json',
      'put housecleaning/v1/env.json',
      `put ${journal}`,
      'put housecleaning/v1/manifest/BTCUSDT/2026-11-19/….json',
      'put housecleaning/v1/stage/BTCUSDT/2026-11-19/….jsonl.gz',
      'put raw_tns_compressed/BTCUSDT/2026-11-19.jsonl.gz',
      'delete raw_tns/BTCUSDT/2026-11-19/000000000000-000000000001-….jsonl',
      `put ${journal}`,
      'put raw_tns_compressed/sanity-info.json',
    ]);
  });

  test('leaves a day alone until it has been over for the grace period', async () => {
    const world = createWorld();
    await world.put(0);
    const before = await world.keys();
    const open = await world.run({ nowMs: Date.parse('2026-11-20T05:59:59.999Z') });
    expect(open.cells).toMatchObject([{ state: 'open', problem: null }]);
    expect(await world.keys('raw_tns/')).toEqual(before);
    const closed = await world.run({ nowMs: Date.parse('2026-11-20T06:00:00Z') });
    expect(closed.cells[0]?.generation).toBe(1);
  });

  test('deletes an object only when the store has had it for minAgeMs', async () => {
    const world = createWorld();
    await world.put(0);
    world.clock.nowMs = writtenMs + 20 * hourMs;
    await world.put(2);
    const report = await world.run({ nowMs: writtenMs + 24 * hourMs });
    expect(report.cells).toMatchObject([{ state: 'pruning', deletedSources: 1, prunedSources: 1, problem: null }]);
    const later = await world.run({ nowMs: writtenMs + 44 * hourMs });
    expect(later.cells).toMatchObject([{ state: 'archived', deletedSources: 1, prunedSources: 2 }]);
  });

  test('brings late objects into the next generation, which holds everything of the one before', async () => {
    const world = createWorld();
    await world.put(0);
    await world.put(4);
    await world.run();
    world.clock.nowMs = writtenMs;
    await world.put(2);
    const report = await world.run();
    expect(report.cells).toMatchObject([
      { state: 'archived', generation: 2, sources: 3, addedSources: 1, deletedSources: 1 },
    ]);
    expect(await world.lines()).toEqual([0, 1, 2, 3, 4, 5].map((seq) => `{"seq":${seq}}`));
    const manifest = await readArchiveManifest(world.store, cell);
    expect(manifest?.sources.map(({ generation }) => generation)).toEqual([1, 2, 1]);
    expect(manifest?.supersedes).toMatch(/^[0-9a-f]{64}$/);
  });

  test('changes nothing but the report and the reading of the clock when there is nothing to do', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    const { counted, mutations } = mutationsOf(world.store);
    const report = await world.run({ store: counted, cells: [cell] });
    expect(report.cells).toMatchObject([{ state: 'archived', verifiedAtMs: dueMs }]);
    expect(mutations()).toEqual([`put ${clockKey}`, `put ${reportKey}`]);
  });

  test('prunes an archived object that comes back with the same bytes, without a new generation', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    world.clock.nowMs = writtenMs;
    await world.put(0);
    const report = await world.run();
    expect(report.cells).toMatchObject([{ state: 'archived', generation: 1, deletedSources: 1, conflicts: 0 }]);
  });

  test('keeps a replayed object that the store takes for another write, and says so', async () => {
    const world = createWorld({ conditionalDelete: false });
    await world.put(0);
    await world.run();
    world.clock.nowMs = writtenMs;
    const { key } = await world.put(0);
    const report = await world.run();
    expect(report.cells).toMatchObject([{ state: 'conflict', generation: 1, deletedSources: 0, conflicts: 1 }]);
    expect(report.cells[0]?.problem).toMatch(
      /^1 archived raw object\(s\) were put again with the same bytes, first "raw_tns\/BTCUSDT/,
    );
    expect(await world.keys('raw_tns/')).toEqual([key]);
  });

  test('reports a cell that was asked for and is not there as empty', async () => {
    const report = await createWorld().run({ cells: [cell] });
    expect(report.run.outcome).toBe('ok');
    expect(report.cells).toMatchObject([
      {
        state: 'empty',
        generation: 0,
        problem: 'There is neither a raw object nor an archive: nothing was recorded under this symbol and day.',
      },
    ]);
  });

  test('never looks at look-alikes of a symbol or a day, and counts keys that are none of its own', async () => {
    const world = createWorld();
    await world.put(0);
    await world.put(2, { symbol: 'BTCUSD', date: cell.date });
    await world.store.put('raw_tns/BTCUSDT/2026-11-199/x', new Uint8Array(1));
    await world.store.put('raw_tns/sanity-info.json', new Uint8Array(1));
    const report = await world.run();
    expect(report.cells.map(({ symbol, sources }) => [symbol, sources])).toEqual([
      ['BTCUSD', 1],
      ['BTCUSDT', 1],
    ]);
    expect(report.safety).toMatchObject({
      foreignKeys: 2,
      strays: 0,
      foreign: ['"raw_tns/BTCUSDT/2026-11-199/x"', '"raw_tns/sanity-info.json"'],
    });
    expect(await world.keys('raw_tns/')).toEqual(['raw_tns/BTCUSDT/2026-11-199/x', 'raw_tns/sanity-info.json']);
  });

  test('counts everything that no run touches, names the first ten, and tells links and odd names of a folder', async () => {
    const world = createWorld();
    await world.put(0);
    for (let i = 10; i < 22; i++) await world.store.put(`raw_tns/btc/2026-11-19/${i}`, new Uint8Array(1));
    // A day that has not begun anywhere yet.
    await world.store.put('raw_tns/AAA/2026-11-24/1', new Uint8Array(1));
    const stray = { name: 'raw_tns/BTCUSDT/2026-11-19/l\n', why: 'a link' };
    const store: ObjectStore = {
      ...world.store,
      list: async (options) => ({ ...(await world.store.list(options)), strays: [stray] }),
    };
    const report = await world.run({ store });
    expect(report.safety).toMatchObject({ foreignKeys: 13, strays: 1 });
    expect(report.safety.foreign).toHaveLength(10);
    expect(report.safety.foreign.slice(0, 3)).toEqual([
      String.raw`"raw_tns/BTCUSDT/2026-11-19/l\n" (a link)`,
      '"raw_tns/AAA/2026-11-24/1"',
      '"raw_tns/btc/2026-11-19/10"',
    ]);
    expect(report.run.outcome).toBe('ok');
    expect(await readReport(world.store)).toMatchObject({ safety: { strays: 1, foreign: report.safety.foreign } });
    expect(await explainCell(world.options({ store }), cell)).toMatchObject({
      strays: 1,
      strayNames: [report.safety.foreign[0]],
    });
    // A run in parts names what its coordinator saw.
    const foreign = tallyForeign();
    const cells = [];
    for await (const one of listCells({ ...world.options({ store }), foreign })) cells.push(one);
    const options = world.options({ store, cells });
    const merged = await finishParts(options, [await runPart(options)], foreign.found());
    expect(merged.safety).toMatchObject({ foreignKeys: 13, strays: 1, foreign: report.safety.foreign });
  });

  test('stops deleting when the budget of the run is used up, and goes on in the next', async () => {
    const world = createWorld();
    for (const seq of [0, 2, 4]) await world.put(seq);
    const report = await world.run({ maxDeletes: 2 });
    expect(report.cells).toMatchObject([{ state: 'pruning', deletedSources: 2, prunedSources: 2 }]);
    expect(report.cells[0]?.problem).toBe(
      '1 archived raw object(s) were kept: the run may not delete more; run again, raise maxDeletes, or, where the last runs ' +
        'set the limit, look at the plan and apply it.',
    );
    expect((await world.run()).cells).toMatchObject([{ state: 'archived', deletedSources: 1, prunedSources: 3 }]);
  });

  test('tells every step', async () => {
    const world = createWorld();
    await world.put(0);
    const events: HousecleaningEvent[] = [];
    await world.run({ onEvent: (event) => events.push(event) });
    const steps = events.flatMap((event) => (event.type === 'step' ? [event.step] : [event.type]));
    expect([...new Set(steps)]).toEqual([
      'run-started',
      'cell-started',
      'base',
      'list',
      'build',
      'manifest',
      'stage',
      'publish',
      'verify',
      'prune',
      'cell-finished',
    ]);
  });

  test('stops between steps when it is told to, and reports', async () => {
    const world = createWorld();
    await world.put(0);
    const stop = new AbortController();
    const report = await world.run({
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type === 'step' && event.step === 'publish') stop.abort(new Error('shutting down'));
      },
    });
    expect(report.run.outcome).toBe('partial');
    expect(report.cells[0]?.problem).toContain('shutting down');
    expect((await world.run()).cells).toMatchObject([{ state: 'archived' }]);
  });

  test('goes on with other cells when one fails, and gives up after five in a row', async () => {
    const world = createWorld();
    const symbols = ['AA', 'BB', 'CC', 'DD', 'EE', 'FF', 'GG'];
    for (const symbol of symbols) await world.put(0, { ...cell, symbol });
    const failing = (bad: readonly string[]): ObjectStore => ({
      ...world.store,
      list: (options) => {
        const failed = bad.some((symbol) => options?.prefix?.startsWith(`raw_tns/${symbol}/`));
        return failed ? Promise.reject(new Error('503')) : world.store.list(options);
      },
    });
    const five = await world.run({ store: failing(symbols.slice(0, 5)) });
    expect([five.cells.length, five.run.outcome, five.run.reason]).toEqual([5, 'partial', '503']);
    const one = await world.run({ store: failing(['BB']) });
    expect(one.run.reason).toBe('1 of 7 cells need attention.');
    expect(one.cells.map(({ state }) => state)).toEqual(['archived', 'raw', ...Array<string>(5).fill('archived')]);
  });

  test('takes an error of a listing for an error, never for "nothing there"', async () => {
    const world = createWorld();
    await world.put(0);
    const report = await world.run({ store: { ...world.store, list: () => Promise.reject(new Error('timeout')) } });
    expect(report.run).toMatchObject({ outcome: 'failed', reason: 'timeout' });
  });

  test.each([
    ['a foreign key', { objects: [{ key: 'raw_tns/ETHUSDT/2026-11-19/x' }] }, /foreign key/],
    [
      'a repeated key',
      { objects: [{ key: `${rawCellPrefix(cell)}a` }, { key: `${rawCellPrefix(cell)}a` }] },
      /came after/,
    ],
    ['a cursor that runs in a circle', { objects: [], cursor: 'c' }, /circle/],
  ])('refuses a listing with %s', async (_, page, message) => {
    const world = createWorld();
    await world.put(0);
    const list = async () => page as unknown as Awaited<ReturnType<ObjectStore['list']>>;
    const store: ObjectStore = {
      ...world.store,
      list: (options) => (options?.prefix === rawCellPrefix(cell) ? list() : world.store.list(options)),
    };
    const report = await world.run({ store });
    expect(report.cells[0]?.problem).toMatch(message);
    expect(await world.keys('raw_tns/')).toHaveLength(1);
  });

  test('starts a cell over when a listed object is gone, instead of taking it for empty', async () => {
    const world = createWorld();
    await world.put(0);
    const { key } = await world.put(2);
    const store: ObjectStore = {
      ...world.store,
      async get(subject, options) {
        if (subject === key) await world.store.delete([{ key }]);
        return world.store.get(subject, options);
      },
    };
    const report = await world.run({ store });
    expect(report.cells).toMatchObject([{ state: 'archived', sources: 1, lines: 2, problem: null }]);
    expect((await readArchiveManifest(world.store, cell))?.sources.map((source) => source.key)).not.toContain(key);
  });

  test('throws for options that make no sense, by name', async () => {
    const world = createWorld();
    await expect(world.run({ graceMs: -1 })).rejects.toThrow('The option graceMs is -1; expected a number from 0 on.');
    await expect(world.run({ env: { env: '', bucketId: 'x' } })).rejects.toMatchObject({ code: 'bad-option' });
    await expect(world.run({ cells: [{ symbol: '../x', date: cell.date }] })).rejects.toMatchObject({
      code: 'bad-key',
    });
  });

  test('hands the report over in the error when it cannot be stored', async () => {
    const world = createWorld();
    await world.put(0);
    const store: ObjectStore = {
      ...world.store,
      put: (key, body, options) =>
        key === reportKey ? Promise.reject(new Error('disk full')) : world.store.put(key, body, options),
    };
    await expect(world.run({ store })).rejects.toMatchObject({
      code: 'report-not-written',
      subject: { run: { outcome: 'ok' } },
    });
  });
});

describe('the search for cells', () => {
  test('is not limited by maxSources, which is about one cell', async () => {
    const world = createWorld();
    for (const symbol of ['AA', 'BB', 'CC']) await world.put(0, { ...cell, symbol });
    const report = await world.run({ maxSources: 1 });
    expect(report.run.outcome).toBe('ok');
    expect(report.cells.map(({ state }) => state)).toEqual(['archived', 'archived', 'archived']);
  });
});

describe('two runs at once', () => {
  test('end in one archive with everything', async () => {
    for (const conditionalDelete of [true, false]) {
      const world = createWorld({ conditionalDelete });
      for (let seq = 0; seq < 10; seq += 2) await world.put(seq);
      const reports = await Promise.all([world.run(), world.run(), world.run()]);
      for (const report of reports) expect(report.run.outcome).toBe('ok');
      expect(await world.lines()).toEqual(Array.from({ length: 10 }, (_, seq) => `{"seq":${seq}}`));
      expect(await world.keys('raw_tns/')).toEqual([]);
    }
  });
});
