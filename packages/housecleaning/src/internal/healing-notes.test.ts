// A run that is killed between putting an archive back and saying so.
import { describe, expect, test } from 'vitest';
import { createFaultStore, type FaultKind } from '@tapekit/tooling/fault-store';
import { finishParts, planHousecleaning, readLastRun, runPart } from '../housecleaning.ts';
import { archiveKey, healingKey, journalPrefix, parseHealingKey, stagePrefix } from '../keys.ts';
import { verifyArchive } from '../restore.ts';
import { backUp, createGenerations, looked, putAndRun, putLate } from './lost-generations.fixture.ts';
import { toUtf8 } from './utf8.ts';
import { cell, damage, dueMs, mutationsOf, type TestWorld } from './world.fixture.ts';

const key = archiveKey(cell);
const bytesAt = async (world: TestWorld): Promise<Uint8Array> => (await world.store.get(key))!.bytes();

/** What happens to the archive where it is not rolled back. */
const ways: Readonly<Record<string, (world: TestWorld) => Promise<unknown>>> = {
  gone: (world) => world.store.delete([{ key }]),
  damaged: (world) => damage(world.store, key),
  'damaged, without metadata': async (world) => {
    const bytes = await bytesAt(world);
    bytes[bytes.length >> 1]! ^= 1;
    await world.store.put(key, bytes);
  },
  'without metadata': async (world) => world.store.put(key, await bytesAt(world)),
};

/** Two generations, then something happens to the archive; with `isLate` a raw object comes. */
async function createLost(how: string, isLate: boolean): Promise<TestWorld> {
  const world = await createGenerations(1);
  const rollBack = await backUp(world);
  await putAndRun(world, 2);
  await (ways[how] ?? rollBack)(world);
  if (isLate) await putLate(world, 4);
  return world;
}

const notesIn = async (world: TestWorld) =>
  (await world.keys(journalPrefix)).flatMap((name) => parseHealingKey(name) ?? []);

describe.each(['gone', 'rolled back', 'damaged', 'damaged, without metadata', 'without metadata'])(
  'an archive that was %s and is healed',
  (how) => {
    test.each(how in ways ? [false] : [false, true])(
      'is told by some run, at whichever operation one dies, and by none after that; late object: %s',
      async (isLate) => {
        const clean = await createLost(how, isLate);
        const { store, log } = createFaultStore(clean.store);
        const whole = await clean.run({ ...looked, store });
        expect(whole.totals.healed).toBe(1);
        const put = log.findIndex(({ op, subject }) => op === 'put' && subject === key);
        const note = log.findIndex(({ op, subject }) => op === 'put' && parseHealingKey(subject));
        expect([note >= 0 && note < put, log.length > put + 3]).toEqual([true, true]);
        expect(await notesIn(clean)).toMatchObject([{ isTold: false }, { isTold: true }]);
        expect((await clean.run({ ...looked, nowMs: dueMs + 2 })).totals.healed).toBe(0);
        for (let at = note; at < log.length; at++) {
          for (const kind of ['crash-after', 'error-after'] as const satisfies readonly FaultKind[]) {
            const world = await createLost(how, isLate);
            const dying = createFaultStore(world.store, { at, kind });
            const first = await world.run({ ...looked, store: dying.store }).catch(() => undefined);
            const { op, subject } = log[at]!;
            const where = `${kind} at ${at}: ${op} ${subject}`;
            // Whichever cells it is given, or none: of a cell that is pruned there is no raw object that leads to it.
            const more = at % 2 === 0 && at > put ? {} : { cells: [cell] };
            const second = await world.run({ ...more, nowMs: dueMs + 2 });
            const told = [first, second].filter((report) => (report?.totals.healed ?? 0) > 0);
            expect(told.length, where).toBeGreaterThan(0);
            expect(second.cells, where).toMatchObject(
              second.cells.length === 0 ? [] : [{ state: 'archived', problem: null }],
            );
            const third = await world.run({ cells: [cell], nowMs: dueMs + 3 });
            expect([third.run.outcome, third.totals.healed], where).toEqual(['ok', 0]);
            const named = await readLastRun(world.store);
            expect(named?.healed ?? first?.totals.healed, where).toBeTruthy();
            expect(await verifyArchive(world.store, cell), where).toMatchObject({ ok: true });
          }
        }
      },
    );
  },
);

describe('what a run says of an archive that an earlier one healed', () => {
  /** A run that dies when its archive is back. */
  async function killRun(world: TestWorld, runId: string, nowMs: number): Promise<void> {
    let isDead = false;
    const { store } = createFaultStore(world.store, ({ op, subject }) => {
      if (isDead) return { kind: 'crash-before' };
      isDead = op === 'put' && subject === key;
      return undefined;
    });
    await expect(world.run({ ...looked, nowMs, runId, store })).rejects.toThrow();
  }

  async function killed(): Promise<TestWorld> {
    const world = await createLost('gone', false);
    await killRun(world, 'killed', looked.nowMs);
    return world;
  }

  test('is what that one noted, and whose it was', async () => {
    const world = await killed();
    const [stage] = (await world.keys(stagePrefix)).filter((name) => name.includes('/BTCUSDT/'));
    const report = await world.run({ nowMs: dueMs + 2 });
    expect(report.run.outcome).toBe('ok');
    expect(report.cells).toMatchObject([{ state: 'archived', generation: 2, prunedSources: 2, problem: null }]);
    const { fault, replaced, stage: from } = report.cells[0]!.healed!;
    expect(fault).toMatch(
      /^There is no archive, .* Run "killed" began to put it right, and ended before it told so, or is still at it.$/,
    );
    expect([replaced, from === null, stage === undefined]).toEqual([null, false, false]);
    expect((await readLastRun(world.store))?.healed).toMatchObject([{ ...cell, replaced: null }]);
  });

  test('changes nothing in cells that it was not given', async () => {
    const world = await killed();
    await putLate(world, 4);
    const other = { symbol: 'ETHUSDT', date: cell.date };
    await world.put(0, other);
    const { counted, mutations } = mutationsOf(world.store);
    const report = await world.run({ cells: [other], nowMs: dueMs + 2, store: counted });
    expect(report.cells).toMatchObject([
      { symbol: 'ETHUSDT', healed: null },
      { symbol: 'BTCUSDT', state: 'late', generation: 2, addedSources: 0, deletedSources: 0, problem: null },
    ]);
    expect(mutations().filter((change) => change.includes('/BTCUSDT/'))).toEqual([
      `put ${healingKey(cell, looked.nowMs, 'killed', true)}`,
    ]);
  });

  test('is of no use where the note cannot be read, but that there was one', async () => {
    const world = await killed();
    await damage(world.store, healingKey(cell, looked.nowMs, 'killed'));
    const { healed } = (await world.run({ nowMs: dueMs + 2 })).cells[0]!;
    expect(healed?.fault).toMatch(/^Run "killed" began .* Its note "[^"]+" cannot be read.$|Run "killed" began/);
  });

  test.each([
    ['another document', '{"schema":"hc-journal/1"}'],
    ['half of one', '{"schema":"hc-healing/1","healed":{"fault":"x","gzSha256":"a"}}'],
    ['no document', '['],
    ['nothing', 'null'],
    [
      'a name that cannot be shown',
      '{"schema":"hc-healing/1","healed":{"fault":"x","replaced":null,"stage":"\\u001b","gzSha256":"a"}}',
    ],
  ])('says so where the note is %s', async (_, text) => {
    const world = await killed();
    await world.store.put(healingKey(cell, looked.nowMs, 'killed'), toUtf8(text));
    const { healed } = (await world.run({ nowMs: dueMs + 2 })).cells[0]!;
    expect(healed).toMatchObject({ replaced: null, stage: null });
    expect(healed!.fault).toMatch(/^Run "killed" began .* Its note "[^"]+" cannot be read.$/);
    expect((await world.run({ nowMs: dueMs + 3 })).totals.healed).toBe(0);
  });

  test('takes no more from a note than it may say', async () => {
    const world = await killed();
    const healed = {
      fault: `\u001b[2J${'x'.repeat(1e6)}`,
      replaced: null,
      stage: null,
      gzSha256: '',
      symbol: 'EVIL',
      date: 'x',
    };
    const text = JSON.stringify({ schema: 'hc-healing/1', healed });
    await world.store.put(healingKey(cell, looked.nowMs, 'killed'), toUtf8(text));
    const { fault } = (await world.run({ nowMs: dueMs + 2 })).cells[0]!.healed!;
    expect(fault).toMatch(/^ \[2Jx{3996} Run "killed"/);
    expect((await readLastRun(world.store))?.healed).toMatchObject([cell]);
  });

  test('is told with what it heals itself, and so are two that died one after the other', async () => {
    const world = await killed();
    await damage(world.store, key);
    const both = (await world.run({ cells: [cell], nowMs: dueMs + 2 })).cells[0]!.healed!;
    expect(both.replaced).not.toBeNull();
    expect(both.fault).toMatch(/^(?!There is no archive).* Before that: There is no archive, .* Run "killed" began/);

    const twice = await killed();
    await damage(twice.store, key);
    await killRun(twice, 'second', dueMs + 2);
    const { fault } = (await twice.run({ nowMs: dueMs + 3 })).cells[0]!.healed!;
    expect(fault).toMatch(/Run "second" began .* Before that: There is no archive, .* Run "killed" began/);
    expect((await notesIn(twice)).filter(({ isTold }) => isTold)).toHaveLength(2);
  });

  test('is that the archive is still missing, by every run until one puts it back', async () => {
    const world = await killed();
    await world.store.delete([{ key }]);
    for (const later of [2, 3]) {
      const { run, cells, totals } = await world.run({ nowMs: dueMs + later });
      expect([run.outcome, totals.healed]).toEqual(['partial', 0]);
      expect(cells[0]!.problem).toMatch(/^There is no archive\. .* Run again with the cell BTCUSDT 20/);
    }
    expect((await world.run({ cells: [cell], nowMs: dueMs + 4 })).totals.healed).toBe(1);
    expect(await world.run({ nowMs: dueMs + 5 })).toMatchObject({ run: { outcome: 'ok' }, totals: { healed: 0 } });
  });

  test('is told by a run in parts too, of its cells and of others, and marked by the end of it', async () => {
    for (const cells of [[cell], [{ symbol: 'ETHUSDT', date: cell.date }]]) {
      const world = await killed();
      await world.put(0, { symbol: 'ETHUSDT', date: cell.date });
      const options = world.options({ nowMs: dueMs + 2, runId: 'parts' });
      const report = await finishParts(options, [await runPart({ ...options, cells })]);
      expect([report.run.outcome, report.totals.healed]).toEqual(['ok', 1]);
      expect((await world.run({ nowMs: dueMs + 3 })).totals.healed).toBe(0);
    }
  });

  test('is told by the end of its own run in parts, where a step of it was killed and done again', async () => {
    const world = await killed();
    const options = world.options({ nowMs: looked.nowMs, runId: 'killed' });
    const again = await runPart({ ...options, cells: [cell] });
    expect(again.totals.healed).toBe(0);
    expect((await finishParts(options, [again])).totals.healed).toBe(1);
    expect((await world.run({ nowMs: dueMs + 3 })).totals.healed).toBe(0);
  });

  test('is in no plan: a plan puts no note, and its hash is that of the run', async () => {
    const world = await createLost('gone', false);
    const { counted, mutations } = mutationsOf(world.store);
    const plan = await planHousecleaning({ ...world.options(looked), store: counted });
    expect([plan.report.totals.healed, mutations()]).toEqual([1, []]);
    expect(plan.mutations.filter((change) => change.key.startsWith(journalPrefix))).toEqual([]);
    expect((await world.run(looked)).run.planHash).toBe(plan.hash);
  });
});

test('an answer that was lost and asked for again is told by the very run', async () => {
  const world = await createLost('rolled back', false);
  const { store: under } = world;
  // As clients of a store do: the first put arrived, its answer did not, and the second one is refused.
  const store = {
    ...under,
    async put(...[to, body, options]: Parameters<typeof under.put>) {
      if (to !== key) return under.put(to, body, options);
      await under.put(to, body, options);
      return under.put(to, new Uint8Array(), options?.ifMatch === undefined ? {} : { ifMatch: options.ifMatch });
    },
  };
  const report = await world.run({ ...looked, store });
  expect(report.run.outcome).toBe('ok');
  expect(report.cells[0]?.healed?.fault).toMatch(/ The answer of the store to that was lost.$/);
  expect((await world.run({ ...looked, nowMs: dueMs + 2 })).totals.healed).toBe(0);
});

test.each([
  ['a', 'b'],
  ['b', 'a'],
])('of two that noted it and heard no answer one tells: %s, and %s in the middle of it', async (first, second) => {
  const world = await createLost('rolled back', false);
  const { store: under } = world;
  const healed: number[] = [];
  // The put of the second arrives, and is repeated by a layer that heard nothing; that of the first comes too late.
  const storeOf = (before: () => Promise<unknown>) => ({
    ...under,
    async put(...[to, body, options]: Parameters<typeof under.put>) {
      if (to === key) await before();
      return under.put(to, body, options);
    },
  });
  const inTheMiddle = storeOf(async () => {
    const again = storeOf(() => under.put(key, stagedBytes, { ifMatch: rolledBackEtag, metadata }));
    healed.push((await world.run({ ...looked, runId: second, store: again })).totals.healed);
  });
  const rolledBackEtag = (await under.head(key))!.etag;
  const whole = await createLost('gone', false);
  await whole.run(looked);
  const { metadata } = (await whole.store.head(key))!;
  const stagedBytes = await bytesAt(whole);
  healed.push((await world.run({ ...looked, runId: first, store: inTheMiddle })).totals.healed);
  healed.push((await world.run({ ...looked, nowMs: dueMs + 2 })).totals.healed);
  expect(healed.reduce((sum, count) => sum + count)).toBeGreaterThan(0);
  expect((await world.run({ ...looked, nowMs: dueMs + 3 })).totals.healed).toBe(0);
});

test('a run over healthy archives asks for nothing more, whatever was healed before', async () => {
  const healthy = await createGenerations(2);
  const once = await createGenerations(2);
  await once.store.delete([{ key }]);
  await once.run({ ...looked, nowMs: dueMs + 1 });
  const requests = async (world: TestWorld): Promise<readonly string[]> => {
    const { counted, log } = mutationsOf(world.store);
    await world.run({ ...looked, nowMs: dueMs + 2, store: counted });
    // Of runs that began in the same millisecond each entry is read.
    return log.flatMap(({ op, subject }) => (op === 'get' && subject.startsWith(journalPrefix) ? [] : [op]));
  };
  expect(await requests(once)).toEqual(await requests(healthy));
});
