// Raw keys that are written again: what tells an attempt that died from an archive that is gone.
import { describe, expect, test } from 'vitest';
import { createFaultStore } from '@tapekit/tooling/fault-store';
import { explainCell } from '../housecleaning.ts';
import { archiveKey, journalKey, journalPrefix, manifestPrefix, rawCellPrefix, stagePrefix } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { restoreFiles, verifyCell } from '../restore.ts';
import { deadAtPublish, deleteAll, seqs } from './lost-generations.fixture.ts';
import { fromUtf8, toUtf8 } from './utf8.ts';
import { cell, createWorld, dueMs, writtenMs, type TestWorld } from './world.fixture.ts';

const writers = 'overwriting';
const key = `${rawCellPrefix(cell)}hour-1.jsonl`;
const write = async (world: TestWorld, ...numbers: readonly number[]): Promise<void> => {
  world.clock.nowMs = writtenMs;
  await world.store.put(
    key,
    toUtf8(
      seqs(...numbers)
        .map((line) => `${line}\n`)
        .join(''),
    ),
  );
};
const later = (more: number) => ({ writers, cells: [cell], nowMs: dueMs + more }) as const;

/** A first generation of two lines, published by a run that told so, pruned; then its archive is taken away. */
async function createGone(): Promise<TestWorld> {
  const world = createWorld();
  await write(world, 1, 2);
  await world.run({ writers });
  await world.store.delete([{ key: archiveKey(cell) }]);
  expect(await world.keys(rawCellPrefix(cell))).toEqual([]);
  return world;
}

describe('an archive that is gone, whose only key was written again', () => {
  test.each([1, 2])('is published again, for the journal names it: %i lines came', async (count) => {
    const world = await createGone();
    await write(world, ...[3, 4].slice(0, count));
    const report = await world.run({ ...later(1) });
    expect(report.cells).toMatchObject([{ generation: 2, sources: 2 }]);
    expect(report.cells[0]?.healed?.fault).toMatch(/^There is no archive, though manifest /);
    expect(await world.lines()).toEqual(seqs(...[1, 2, 3, 4].slice(0, 2 + count)));
    expect((await world.run(later(2))).cells).toMatchObject([{ healed: null, problem: null }]);
    expect((await verifyCell(world.store, cell)).warnings).toEqual([]);
  });

  test('is published again though 450 other runs wrote entries in the day before', async () => {
    const world = await createGone();
    const [own] = await world.keys(journalPrefix);
    const entry = JSON.parse(fromUtf8(await (await world.store.get(own!))!.bytes())) as { archived?: unknown };
    delete entry.archived;
    const other = toUtf8(`${JSON.stringify(entry)}\n`);
    for (let i = 0; i < 450; i++)
      await world.store.put(journalKey(writtenMs - 86_000_000 + i * 60_000, `other-${i}`), other);
    await write(world, 3);
    expect((await world.run(later(1))).totals.healed).toBe(1);
  });

  test('stops the cell where its staged copy is gone too', async () => {
    const world = await createGone();
    await deleteAll(world, stagePrefix);
    await write(world, 3);
    expect((await world.run(later(1))).cells).toMatchObject([{ state: 'quarantined' }]);
    expect(await verifyCell(world.store, cell)).toMatchObject({ ok: false, isArchived: true });
  });

  test('is told by every run that looks, where nothing names it, until its lines are back', async () => {
    const world = await createGone();
    const [manifest] = await world.keys(manifestPrefix);
    const [stage] = await world.keys(stagePrefix);
    const bytes = await Promise.all([stage!, manifest!].map(async (name) => (await world.store.get(name))!.bytes()));
    await deleteAll(world, journalPrefix);
    await write(world, 3);
    for (const more of [1, 2]) {
      const report = await world.run(later(more));
      expect(report.run).toMatchObject({ outcome: 'partial', reason: '1 of 1 cells need attention.' });
      expect(report.totals).toMatchObject({ problems: 1, healed: 0 });
      expect(report.cells).toMatchObject([{ state: 'archived', generation: 1, sources: 1 }]);
      expect(report.cells[0]?.problem).toMatch(/^Perhaps an archive is gone, perhaps an attempt died /);
      expect(report.cells[0]?.problem).toContain(`move all of "${manifest!}", "${stage!}" out of the store`);
    }
    await restoreFiles(bytes[0]!, bytes[1]!, world.store);
    const report = await world.run({ ...later(3), minAgeMs: 0, allowImmediate: true, approve: 'first-run' });
    expect(report.run.outcome).toBe('halted');
    expect((await world.run(later(4 + 86_400_000))).cells).toMatchObject([{ generation: 2, sources: 2 }]);
    expect((await world.run(later(5 + 86_400_000))).cells).toMatchObject([{ problem: null }]);
    expect(await world.lines()).toEqual(seqs(3, 1, 2));
  });

  test('is told no more once what tells of it was moved out of the store', async () => {
    const world = await createGone();
    await deleteAll(world, journalPrefix);
    const named = [...(await world.keys(manifestPrefix)), ...(await world.keys(stagePrefix))];
    await write(world, 3);
    await world.run(later(1));
    await world.store.delete(named.map((name) => ({ key: name })));
    expect((await world.run(later(2))).run.outcome).toBe('ok');
  });
});

describe('overwritten raw objects of an attempt that died', () => {
  test.each(['as it was', 'put again'])('are archived once where they grew since, without a word: %s', async (how) => {
    const world = createWorld();
    await write(world, 1, 2);
    await world.run({ writers, store: deadAtPublish(world) });
    await write(world, 1, 2, ...(how === 'as it was' ? [] : [3]));
    const { counted, reads } = countReads(world.store);
    expect((await world.run({ ...later(1), store: counted })).cells).toMatchObject([
      { state: 'archived', generation: 1, sources: 1, healed: null, problem: null },
    ]);
    expect(reads(journalPrefix)).toEqual([]);
    expect(await world.lines()).toEqual(how === 'as it was' ? seqs(1, 2) : seqs(1, 2, 3));
    // Pruned since: the archive holds what the attempt had read.
    expect((await world.run(later(2))).run.outcome).toBe('ok');
    await write(world, 9);
    expect((await world.run(later(3))).cells[0]?.problem).not.toMatch(/Perhaps/);
    expect((await verifyCell(world.store, cell)).warnings).toEqual([]);
  });

  test('are archived as their writer left them, and no lines of that attempt; that it may have been more is told', async () => {
    const world = createWorld();
    await write(world, 1);
    await world.run({ writers, store: deadAtPublish(world) });
    await write(world, 2);
    expect(await explainCell(world.options({ writers }), cell)).toMatchObject({ state: 'staged' });
    const report = await world.run({ writers });
    expect(report.run.outcome).toBe('partial');
    expect(report.cells).toMatchObject([{ state: 'archived', generation: 1, sources: 1, healed: null }]);
    expect(report.cells[0]?.problem).toMatch(/^Perhaps an archive is gone, perhaps an attempt died /);
    expect(await world.lines()).toEqual(seqs(2));
    expect((await verifyCell(world.store, cell)).warnings.join()).toMatch(
      /hour-1.jsonl", which was overwritten since.$/,
    );
  });

  test('are archived from its staged copy where keys are written once: somebody else wrote there', async () => {
    const world = createWorld();
    await write(world, 1);
    await world.run({ store: deadAtPublish(world) });
    await write(world, 2);
    const report = await world.run();
    expect(report.cells).toMatchObject([{ generation: 2, sources: 2 }]);
    expect(report.cells[0]?.healed?.fault).toMatch(/holds "[^"]+hour-1.jsonl", which was overwritten since.$/);
    expect(await world.lines()).toEqual(seqs(1, 2));
  });

  test('stop nothing where two such attempts hold different contents: neither was archived', async () => {
    const world = createWorld();
    for (const seq of [1, 2]) {
      await write(world, seq);
      const store = deadAtPublish(world);
      // The second one did not see what the first one had left.
      const list: ObjectStore['list'] = async (options) => {
        const page = await world.store.list(options);
        const isControl = [manifestPrefix, stagePrefix].some((prefix) => options?.prefix?.startsWith(prefix));
        return isControl ? { objects: [] } : page;
      };
      await world.run({ writers, store: { ...store, list } });
    }
    await write(world, 3);
    expect(await world.keys(manifestPrefix)).toHaveLength(2);
    expect(await explainCell(world.options({ writers }), cell)).toMatchObject({ state: 'staged' });
    const report = await world.run({ writers });
    expect(report.cells).toMatchObject([{ state: 'archived', generation: 1, sources: 1, healed: null }]);
  });
});

/** A store that counts, and the journal entries that were read through it beside the last one. */
function countReads(store: ObjectStore): {
  readonly counted: ObjectStore;
  readonly reads: (prefix: string) => readonly string[];
} {
  const { store: counted, log } = createFaultStore(store);
  return {
    counted,
    reads: (prefix) =>
      log.flatMap(({ op, subject }) => (op === 'get' && subject.startsWith(prefix) ? [subject] : [])).slice(1),
  };
}
