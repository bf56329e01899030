import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '@tapekit/adapters/stores/memory';
import { createFaultStore } from '@tapekit/tooling/fault-store';
import {
  archiveStatus,
  planHousecleaning,
  readReport,
  runHousecleaning,
  type HousecleaningEvent,
  type HousecleaningOptions,
} from './housecleaning.ts';
import {
  archiveKey,
  clockKey,
  envKey,
  formatRawKey,
  manifestKey,
  quarantineKey,
  rawCellPrefix,
  reportKey,
  type Cell,
} from './keys.ts';
import type { ObjectInfo, ObjectStore } from './object-store.ts';
import { readArchive, readArchiveManifest } from './restore.ts';
import { sha256Hex } from './internal/sha256.ts';
import { fromUtf8, toUtf8 } from './internal/utf8.ts';

const cell: Cell = { symbol: 'BTCUSDT', date: '2026-11-19' };
const writtenMs = Date.parse('2026-11-19T12:00:00Z');
const dueMs = Date.parse('2026-11-21T12:00:00Z');
const env = { env: 'test', bucketId: 'tape' };
const hourMs = 3_600_000;

/** A store whose clock stands where the test puts it. */
function createWorld(options: { readonly conditionalDelete?: boolean } = {}) {
  const clock = { nowMs: writtenMs };
  const store = createMemoryStore({ clock: () => clock.nowMs, ...options });
  return {
    clock,
    store,
    /** Puts one write-once object of two records. */
    async put(firstSeq: number, at: Cell = cell): Promise<ObjectInfo> {
      const bytes = toUtf8(`{"seq":${firstSeq}}\n{"seq":${firstSeq + 1}}\n`);
      const sha256 = await sha256Hex(bytes);
      return store.put(formatRawKey({ ...at, firstSeq, lastSeq: firstSeq + 1, sha256 }), bytes, { ifAbsent: true });
    },
    run(more: Partial<HousecleaningOptions> = {}) {
      clock.nowMs = more.nowMs ?? dueMs;
      return runHousecleaning({ store, nowMs: clock.nowMs, writers: 'write-once', env, ...more });
    },
    keys: async (prefix = '') => (await store.list({ prefix })).objects.map(({ key }) => key),
    async lines(at: Cell = cell) {
      const lines: string[] = [];
      for await (const line of readArchive(store, at)) lines.push(line);
      return lines;
    },
  };
}

/** Puts and deletes that go through. */
function mutationsOf(store: ObjectStore) {
  const { store: counted, log } = createFaultStore(store);
  return {
    counted,
    mutations: () =>
      log.filter(({ op }) => op === 'put' || op === 'delete').map(({ op, subject }) => `${op} ${subject}`),
  };
}

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
    await world.run({ store: counted });
    expect(mutations().map((line) => line.replace(/[0-9a-f]{64}/, '…').replace(/[0-9a-f]{16}/, '…'))).toEqual([
      'put housecleaning/v1/clock.json',
      'put housecleaning/v1/env.json',
      'put housecleaning/v1/manifest/BTCUSDT/2026-11-19/….json',
      'put housecleaning/v1/stage/BTCUSDT/2026-11-19/….jsonl.gz',
      'put raw_tns_compressed/BTCUSDT/2026-11-19.jsonl.gz',
      'delete raw_tns/BTCUSDT/2026-11-19/000000000000-000000000001-….jsonl',
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
    expect(report.cells).toMatchObject([{ state: 'archived', generation: 1, deletedSources: 0, conflicts: 1 }]);
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
    expect(report.safety.foreignKeys).toBe(2);
    expect(await world.keys('raw_tns/')).toEqual(['raw_tns/BTCUSDT/2026-11-199/x', 'raw_tns/sanity-info.json']);
  });

  test('stops deleting when the budget of the run is used up, and goes on in the next', async () => {
    const world = createWorld();
    for (const seq of [0, 2, 4]) await world.put(seq);
    const report = await world.run({ maxDeletes: 2 });
    expect(report.cells).toMatchObject([{ state: 'pruning', deletedSources: 2, prunedSources: 2 }]);
    expect(report.cells[0]?.problem).toBe(
      '1 archived raw object(s) were kept: the run may not delete more; raise maxDeletes or run again.',
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

describe('the safety check', () => {
  test('halts without a change when the store belongs to another environment', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run({ env: { env: 'prod', bucketId: 'tape' }, nowMs: writtenMs + hourMs });
    const { counted, mutations } = mutationsOf(world.store);
    const report = await world.run({ store: counted });
    expect(report.run.outcome).toBe('halted');
    expect(report.safety).toMatchObject({ ok: false, envStamp: 'differs' });
    expect(mutations()).toEqual([`put ${reportKey}`]);
    expect(await world.keys('raw_tns/')).toHaveLength(1);
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
    const report = await runHousecleaning({ store: counted, nowMs: dueMs, writers: 'write-once', env });
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
      return runHousecleaning({ store: world.store, nowMs, writers: 'write-once', env });
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
    const report = await runHousecleaning({ store, nowMs: dueMs, writers: 'write-once', env });
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
    const plan = await planHousecleaning({ store: counted, nowMs: dueMs - hourMs, writers: 'write-once', env });
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

describe('the search for cells', () => {
  test('is not limited by maxSources, which is about one cell', async () => {
    const world = createWorld();
    for (const symbol of ['AA', 'BB', 'CC']) await world.put(0, { ...cell, symbol });
    const report = await world.run({ maxSources: 1 });
    expect(report.run.outcome).toBe('ok');
    expect(report.cells.map(({ state }) => state)).toEqual(['archived', 'archived', 'archived']);
  });
});

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
      if (left > 0) expect(report.cells[0]?.problem).toMatch(/the store cannot delete conditionally/);
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
    expect((await world.run()).cells).toMatchObject([{ generation: 2, deletedSources: 0 }]);
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

describe('a damaged archive', () => {
  const damage = async (world: ReturnType<typeof createWorld>, key: string) => {
    const object = (await world.store.get(key))!;
    const bytes = await object.bytes();
    bytes[bytes.length >> 1]! ^= 1;
    await world.store.put(key, bytes, { metadata: object.metadata });
  };

  test('is healed from its staged copy', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    await damage(world, archiveKey(cell));
    const report = await world.run({ cells: [cell] });
    expect(report.cells).toMatchObject([{ state: 'archived', generation: 1, problem: null }]);
    expect(await world.lines()).toEqual(['{"seq":0}', '{"seq":1}']);
  });

  test('whose staged copy is damaged too is quarantined: nothing is built on it, nothing deleted, until an operator has looked', async () => {
    const world = createWorld();
    await world.put(0);
    const whole = await world.run();
    const stage = (await world.keys('housecleaning/v1/stage/'))[0]!;
    const copy = await (await world.store.get(stage))!.bytes();
    await damage(world, archiveKey(cell));
    await damage(world, stage);
    world.clock.nowMs = writtenMs;
    await world.put(2);
    for (let i = 0; i < 2; i++) {
      const report = await world.run();
      expect(report.run.outcome).toBe('partial');
      expect(report.cells).toMatchObject([{ state: 'quarantined', deletedSources: 0, verifiedAtMs: null }]);
      expect(await world.keys('raw_tns/')).toHaveLength(1);
    }
    // The operator puts the right bytes back and takes the record away.
    await world.store.put(archiveKey(cell), copy, { metadata: (await world.store.head(archiveKey(cell)))!.metadata });
    await world.store.delete([{ key: quarantineKey(cell) }]);
    const healed = await world.run();
    expect(healed.cells).toMatchObject([{ state: 'archived', generation: 2, sources: 2, deletedSources: 1 }]);
    expect(whole.cells[0]?.sha256).not.toBe(healed.cells[0]?.sha256);
  });

  test.each(['manifest', 'own manifest', 'metadata', 'environment'] as const)(
    'without its %s is quarantined',
    async (what) => {
      const world = createWorld();
      await world.put(0);
      await world.run();
      const manifest = (await world.keys('housecleaning/v1/manifest/'))[0]!;
      expect(manifest).toBe(manifestKey(cell, (await readReport(world.store))!.cells[0]!.manifestSha256!));
      if (what === 'manifest') await world.store.delete([{ key: manifest }]);
      if (what === 'own manifest') {
        // Another manifest under the name of the right one, sound in itself.
        const text = fromUtf8(await (await world.store.get(manifest))!.bytes());
        await world.store.put(manifest, toUtf8(text.replace(/"uploadedMs":\d+/, '"uploadedMs":7')));
      }
      if (what === 'metadata') await world.store.put(archiveKey(cell), new Uint8Array(9));
      let env2 = env;
      if (what === 'environment') {
        env2 = { env: 'test', bucketId: 'other' };
        await world.store.delete([{ key: envKey }]);
      }
      world.clock.nowMs = writtenMs;
      await world.put(2);
      const report = await world.run({ env: env2 });
      expect(report.cells).toMatchObject([{ state: 'quarantined' }]);
      expect(await world.keys('raw_tns/')).toHaveLength(1);
    },
  );

  test('is no bit that flips on the way: a second look decides', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    const clean = createFaultStore(world.store);
    await world.run({ store: clean.store, cells: [cell] });
    const at = clean.log.findIndex(({ op, subject }) => op === 'get' && subject === archiveKey(cell));
    const flipped = createFaultStore(world.store, { at, kind: 'bit-flip' });
    const report = await world.run({ store: flipped.store, cells: [cell] });
    expect(report.cells).toMatchObject([{ state: 'archived', problem: null }]);
    const changed = flipped.log.filter(({ op }) => op === 'put' || op === 'delete').map(({ subject }) => subject);
    expect(changed).toEqual([clockKey, reportKey]);
  });
});

describe('planHousecleaning', () => {
  test('changes nothing, and its hash is the one of the run that follows', async () => {
    for (const conditionalDelete of [true, false]) {
      const world = createWorld({ conditionalDelete });
      for (const seq of [0, 2]) await world.put(seq);
      world.clock.nowMs = dueMs;
      const { counted, mutations } = mutationsOf(world.store);
      const plan = await planHousecleaning({ store: counted, nowMs: dueMs, writers: 'write-once', env });
      expect(mutations()).toEqual([]);
      expect(plan.mutations.map(({ op }) => op).join(' ')).toBe('put put put put delete delete');
      expect(plan.report.cells).toMatchObject([{ state: 'archived', deletedSources: 2 }]);
      const report = await world.run();
      expect(report.run.planHash).toBe(plan.hash);
    }
  });

  test('has another hash when the outlook is another', async () => {
    const world = createWorld();
    await world.put(0);
    world.clock.nowMs = dueMs;
    const options = { store: world.store, nowMs: dueMs, writers: 'write-once', env } as const;
    const one = await planHousecleaning(options);
    expect((await planHousecleaning(options)).hash).toBe(one.hash);
    expect((await planHousecleaning({ ...options, minAgeMs: 100 * hourMs })).hash).not.toBe(one.hash);
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
});
