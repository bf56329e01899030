// Staged copies that no manifest names, and manifests that nobody can read: what tells of a generation once its manifest is gone.
import { describe, expect, test } from 'vitest';
import { explainCell, resolveQuarantine } from '../housecleaning.ts';
import { archiveKey, manifestKey, manifestPrefix, stageKey, stagePrefix } from '../keys.ts';
import { listArchivedCells, verifyCell } from '../restore.ts';
import type { ObjectStore } from '../object-store.ts';
import {
  backUp,
  createGenerations,
  deadAtPublish,
  deleteAll,
  looked,
  putAndRun,
  putLate,
  seqs,
} from './lost-generations.fixture.ts';
import { toUtf8 } from './utf8.ts';
import { cell, createWorld, damage, dueMs, mutationsOf, type TestWorld } from './world.fixture.ts';

interface Generation {
  readonly manifest: string;
  readonly stage: string;
}

/** Keys of the generation that lies there. */
async function current(world: TestWorld): Promise<Generation> {
  const { manifest = '', stage = '' } = (await world.store.head(archiveKey(cell)))!.metadata;
  return { manifest: manifestKey(cell, manifest), stage };
}

/** Three generations, their keys, and what puts the archive of the first two back. */
async function createThree(): Promise<{
  readonly world: TestWorld;
  readonly generations: readonly Generation[];
  readonly backUps: readonly (() => Promise<unknown>)[];
}> {
  const world = await createGenerations(1);
  const generations = [await current(world)];
  const backUps = [await backUp(world)];
  for (const seq of [2, 4]) {
    await putAndRun(world, seq);
    generations.push(await current(world));
    backUps.push(await backUp(world));
  }
  return { world, generations, backUps };
}

const remove = async (world: TestWorld, ...keys: readonly string[]): Promise<unknown> =>
  world.store.delete(keys.map((key) => ({ key })));

describe('a staged copy that no manifest names', () => {
  test('counts as what its name says, whatever lies there: lines that are archived do not excuse it', async () => {
    const { world, generations } = await createThree();
    const [, second, third] = generations;
    const { body } = (await world.store.get(second!.stage))!;
    const bytes = new Uint8Array(await new Response(body).arrayBuffer());
    const { etag } = (await world.store.head(third!.stage))!;
    await world.store.put(third!.stage, bytes, { ifMatch: etag });
    await remove(world, archiveKey(cell), third!.manifest);
    const { cells } = await world.run(looked);
    expect(cells).toMatchObject([{ state: 'quarantined' }]);
    expect(cells[0]!.problem).toContain(third!.stage);
  });

  const lost: readonly [string, (three: Awaited<ReturnType<typeof createThree>>) => Promise<unknown>][] = [
    [
      'the archive and its manifest are gone',
      async ({ world, generations: [, , third] }) => remove(world, archiveKey(cell), third!.manifest),
    ],
    [
      'the archive and every manifest are gone',
      async ({ world }) => {
        await remove(world, archiveKey(cell));
        await deleteAll(world, manifestPrefix);
      },
    ],
    [
      'the archive was rolled back, and the newest manifest is gone',
      async ({ world, generations, backUps }) => {
        await backUps[1]!();
        await remove(world, generations[2]!.manifest);
      },
    ],
    [
      'the archive was rolled back to the first, and both later manifests are gone',
      async (three) => {
        const { world, generations, backUps } = three;
        await backUps[0]!();
        await remove(world, generations[1]!.manifest, generations[2]!.manifest);
      },
    ],
    [
      'the archive was rolled back to the first, and the newest manifest is gone',
      async (three) => {
        await three.backUps[0]!();
        await remove(three.world, three.generations[2]!.manifest);
      },
    ],
  ];
  test.each(lost)('stops the cell where %s, and says what to do', async (_, lose) => {
    const three = await createThree();
    const { world, generations } = three;
    await lose(three);
    const { stage } = generations[2]!;
    const before = await world.keys('housecleaning/v1/');
    const lies = (await world.store.head(archiveKey(cell)))?.etag;

    const verified = await verifyCell(world.store, cell);
    expect(verified).toMatchObject({ ok: false, isArchived: true });
    expect(verified.problem).toContain(`staged copy "${stage}"`);
    const cells = [];
    for await (const found of listArchivedCells(world.store)) cells.push(found);
    expect(cells).toEqual([{ ...cell, hasArchive: lies !== undefined }]);
    const explained = await explainCell(world.options(looked), cell);
    expect(explained).toMatchObject({
      state: 'quarantined',
      next: expect.stringMatching(/^a run puts it into quarantine/),
    });

    await putLate(world, 6);
    const { counted, mutations } = mutationsOf(world.store);
    const report = await world.run({ store: counted });
    expect(report.cells).toMatchObject([{ state: 'quarantined', healed: null }]);
    expect(report.cells[0]?.problem).toContain(`staged copy "${stage}"`);
    expect(report.cells[0]?.problem).toContain(
      'Bring its manifest back from a backup, or move that copy out of the store',
    );
    expect((await world.store.head(archiveKey(cell)))?.etag).toBe(lies);
    expect(mutations().filter((change) => !/quarantine|sanity|clock|journal/.test(change))).toEqual([]);
    expect((await world.keys('housecleaning/v1/')).filter((key) => before.includes(key))).toEqual(before);
  });

  test('lets the cell go on once its manifest is back', async () => {
    const { world, generations } = await createThree();
    const { manifest } = generations[2]!;
    const bytes = await (await world.store.get(manifest))!.bytes();
    await remove(world, archiveKey(cell), manifest);
    expect((await putAndRun(world, 6)).cells).toMatchObject([{ state: 'quarantined' }]);
    await world.store.put(manifest, bytes);
    const record = await resolveQuarantine(world.store, cell, 'restore-from-stage');
    expect(record).toMatchObject({ published: { generation: 3, over: null } });
    expect(record).not.toHaveProperty('missing');
    expect((await world.run(looked)).cells).toMatchObject([{ state: 'archived', generation: 4 }]);
    expect(await world.lines()).toEqual(seqs(0, 1, 2, 3, 4, 5, 6, 7));
  });

  test('lets the cell go on without it once it is moved away, or accepted, which verifyCell remembers', async () => {
    for (const how of ['moved', 'accepted'] as const) {
      const { world, generations, backUps } = await createThree();
      await backUps[1]!();
      await remove(world, generations[2]!.manifest);
      expect((await world.run(looked)).cells).toMatchObject([{ state: 'quarantined' }]);
      const { next } = await explainCell(world.options(looked), cell);
      expect(next).toMatch(
        /bring what is missing back .*; without that, "accept-live" gives up what .* of generation 2/,
      );
      if (how === 'moved') await remove(world, generations[2]!.stage);
      await resolveQuarantine(world.store, cell, 'accept-live');
      expect((await world.run({ ...looked, nowMs: dueMs + 2 })).cells).toMatchObject([
        { state: 'archived', generation: 2 },
      ]);
      expect((await verifyCell(world.store, cell)).warnings).toEqual(
        how === 'moved'
          ? []
          : [expect.stringContaining(`accepted: its staged copy "${generations[2]!.stage}" is of no manifest`)],
      );
    }
  });

  test('is of an earlier generation where the archive holds its lines: nothing is missing', async () => {
    const { world, generations } = await createThree();
    await remove(world, generations[0]!.manifest, generations[1]!.manifest);
    expect(await verifyCell(world.store, cell)).toMatchObject({ ok: true, warnings: [] });
    const report = await putAndRun(world, 6);
    expect(report.cells).toMatchObject([{ state: 'archived', generation: 4, healed: null, problem: null }]);
  });

  test('does not keep a later staged copy that holds its lines from healing the archive', async () => {
    const { world, generations } = await createThree();
    await remove(world, archiveKey(cell), generations[0]!.manifest);
    expect((await putAndRun(world, 6)).cells).toMatchObject([
      { state: 'archived', generation: 4, healed: { replaced: null } },
    ]);
    expect(await world.lines()).toEqual(seqs(0, 1, 2, 3, 4, 5, 6, 7));
  });

  test('stops the cell too where nobody can read it: what it held is not known', async () => {
    const { world, generations } = await createThree();
    await remove(world, generations[0]!.manifest);
    await damage(world.store, generations[0]!.stage);
    const report = await world.run(looked);
    expect(report.cells).toMatchObject([{ state: 'quarantined' }]);
    expect(report.cells[0]?.problem).toContain('it cannot be read');
    await resolveQuarantine(world.store, cell, 'accept-live');
    expect((await world.run({ ...looked, nowMs: dueMs + 2 })).cells).toMatchObject([{ state: 'archived' }]);
  });

  test.each([1, 2])('is none where the manifest is left out of %i listing', async (left) => {
    const world = createWorld();
    await world.put(0);
    await world.run({ store: deadAtPublish(world) });
    let listings = 0;
    const store: ObjectStore = {
      ...world.store,
      async list(options) {
        const page = await world.store.list(options);
        return options?.prefix?.startsWith(manifestPrefix) && ++listings < left ? { objects: [] } : page;
      },
    };
    expect((await world.run({ store })).cells).toMatchObject([{ state: 'archived', generation: 1, problem: null }]);
  });

  test('is none where retention deletes it and its manifest between the listings', async () => {
    const { world, generations } = await createThree();
    const { manifest, stage } = generations[0]!;
    const store: ObjectStore = {
      ...world.store,
      async list(options) {
        const page = await world.store.list(options);
        if (options?.prefix?.startsWith(stagePrefix)) await remove(world, stage, manifest);
        return page;
      },
    };
    await remove(world, archiveKey(cell));
    expect((await world.run({ ...looked, store })).cells).toMatchObject([
      { generation: 3, healed: { replaced: null } },
    ]);
  });

  test('is no other file beside the staged copies', async () => {
    const { world } = await createThree();
    for (const name of ['notes.txt', `${'0'.repeat(64)}.tmp`, `${'0'.repeat(64)}.jsonl.gz.part`])
      await world.store.put(`${stagePrefix}BTCUSDT/2026-11-19/${name}`, toUtf8('x'));
    expect(await verifyCell(world.store, cell)).toMatchObject({ ok: true, warnings: [] });
    expect((await world.run(looked)).cells).toMatchObject([{ state: 'archived', problem: null }]);
  });

  test('has a manifest under the name of a second copy too', async () => {
    const { world, generations } = await createThree();
    const bytes = await (await world.store.get(generations[2]!.stage))!.bytes();
    const content = generations[2]!.stage.split('/').at(-1)!.split('.')[0]!;
    await world.store.put(stageKey(cell, content, 1), bytes);
    expect(await verifyCell(world.store, cell)).toMatchObject({ ok: true, warnings: [] });
  });
});

describe('a manifest that cannot be read, beside an archive that is proven', () => {
  test('may be of a later generation, and stops the cell', async () => {
    const { world, generations, backUps } = await createThree();
    await backUps[1]!();
    const { manifest, stage } = generations[2]!;
    await damage(world.store, manifest);
    await remove(world, stage);
    const report = await putAndRun(world, 6);
    expect(report.cells).toMatchObject([{ state: 'quarantined', generation: 2 }]);
    expect(report.cells[0]?.problem).toContain(
      `The archive is of generation 2, though manifest "${manifest}", which cannot be read, may be of a later one. Bring it back`,
    );
    expect(await verifyCell(world.store, cell)).toMatchObject({ ok: false, isArchived: true });
    await resolveQuarantine(world.store, cell, 'accept-live');
    expect((await world.run({ ...looked, nowMs: dueMs + 2 })).cells).toMatchObject([
      { generation: 3, state: 'archived' },
    ]);
    expect((await verifyCell(world.store, cell)).warnings).toEqual([
      expect.stringMatching(/^accepted: .* cannot be read$/),
    ]);
  });

  test.each([0, 1])('is none where the archive is built upon it (%i)', async (at) => {
    const { world, generations } = await createThree();
    await damage(world.store, generations[at]!.manifest);
    expect((await world.run(looked)).cells).toMatchObject([{ state: 'archived', generation: 3, problem: null }]);
    expect(await verifyCell(world.store, cell)).toMatchObject({ ok: true });
    expect((await putAndRun(world, 6)).cells).toMatchObject([{ state: 'archived', generation: 4 }]);
  });
});
