import { describe, expect, test } from 'vitest';
import { explainCell, resolveQuarantine } from '../housecleaning.ts';
import { archiveKey, manifestPrefix, stagePrefix } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { restoreFiles, verifyArchive } from '../restore.ts';
import {
  backUp,
  createGenerations,
  damageAll,
  deadAtPublish,
  deleteAll,
  looked,
  putAndRun,
  putLate,
  seqs,
} from './lost-generations.fixture.ts';
import { cell, createWorld, dueMs, mutationsOf, writtenMs, type TestWorld } from './world.fixture.ts';

describe('an archive that is gone, beside its manifest and its staged copy', () => {
  test('is published again by a run that looks at the cell, and told', async () => {
    const world = await createGenerations(2);
    const before = (await world.store.head(archiveKey(cell)))!;
    await world.store.delete([{ key: archiveKey(cell) }]);
    const explained = await explainCell(world.options(looked), cell);
    expect(explained).toMatchObject({
      state: 'quarantined',
      next: expect.stringMatching(/^a run publishes the staged copy/),
    });
    expect(explained.reasons.at(-1)).toMatch(/^There is no archive, though manifest /);
    const report = await world.run(looked);
    expect(report.run.outcome).toBe('ok');
    expect(report.totals.healed).toBe(1);
    expect(report.cells).toMatchObject([
      { state: 'archived', generation: 2, problem: null, healed: { replaced: null, stage: before.metadata['stage'] } },
    ]);
    expect(report.cells[0]?.healed?.fault).toMatch(
      /^There is no archive, though manifest "[^"]+" says that there was one: its generation 2 holds "[^"]+", which is neither/,
    );
    expect(await world.store.head(archiveKey(cell))).toMatchObject({ etag: before.etag, metadata: before.metadata });
  });

  test('is there before late raw objects make the next generation: never a first one again', async () => {
    const world = await createGenerations(2);
    await world.store.delete([{ key: archiveKey(cell) }]);
    const report = await putAndRun(world, 4);
    expect(report.cells).toMatchObject([{ state: 'archived', generation: 3, addedSources: 1, sources: 3 }]);
    expect(await world.lines()).toEqual(seqs(0, 1, 2, 3, 4, 5));
  });

  test.each([
    ['gone', async (world: TestWorld) => deleteAll(world, stagePrefix)],
    ['damaged', async (world: TestWorld) => damageAll(world, stagePrefix)],
  ])('stops the cell where the staged copy is %s, and its raw objects stay', async (how, spoil) => {
    const world = await createGenerations(1);
    await world.store.delete([{ key: archiveKey(cell) }]);
    await spoil(world);
    const { next } = await explainCell(world.options(looked), cell);
    expect(next).toMatch(how === 'gone' ? /^a run puts it into quarantine: no staged copy/ : /once it proves itself$/);
    const { counted, mutations } = mutationsOf(world.store);
    await putLate(world, 2);
    const report = await world.run({ store: counted });
    expect(report.run.outcome).toBe('partial');
    expect(report.cells).toMatchObject([{ state: 'quarantined', healed: null, generation: 0 }]);
    const [manifest] = await world.keys(manifestPrefix);
    expect(report.cells[0]?.problem).toContain(
      `There is no archive, though manifest "${manifest}" says that there was one`,
    );
    expect(mutations().filter((change) => change.includes('/stage/') || change.includes('/BTCUSDT/2026'))).toEqual([
      expect.stringContaining('quarantine'),
    ]);
    expect(await world.keys('raw_tns/')).toHaveLength(1);
  });

  test('stops the cell where its manifest cannot be read, for nothing else tells what it held', async () => {
    const world = await createGenerations(1);
    await world.store.delete([{ key: archiveKey(cell) }]);
    await damageAll(world, manifestPrefix);
    const report = await putAndRun(world, 2);
    expect(report.cells).toMatchObject([{ state: 'quarantined' }]);
    expect(report.cells[0]?.problem).toMatch(
      /manifest "[^"]+", which cannot be read, says that there may have been one/,
    );
  });

  test('is not published again under another environment', async () => {
    const world = await createGenerations(1);
    await world.store.delete([{ key: archiveKey(cell) }]);
    const stamps = (await world.keys('housecleaning/v1/')).filter((key) =>
      /\/(env\.json|clock\.json|journal\/)/.test(key),
    );
    await world.store.delete(stamps.map((key) => ({ key })));
    const report = await world.run({ ...looked, env: { env: 'other', bucketId: 'tape' } });
    expect(report.cells).toMatchObject([{ state: 'quarantined', healed: null }]);
  });
});

describe('where nothing of the newest generation is left but bytes that nobody can read', () => {
  test('the one before does not take its place', async () => {
    const world = await createGenerations(2);
    const before = await world.keys('housecleaning/v1/');
    await putAndRun(world, 4);
    const control = [manifestPrefix, stagePrefix];
    const newest = (await world.keys('housecleaning/v1/')).filter(
      (key) => !before.includes(key) && control.some((prefix) => key.startsWith(prefix)),
    );
    expect(newest).toHaveLength(2);
    await world.store.delete(newest.map((key) => ({ key })));
    const bytes = await (await world.store.get(archiveKey(cell)))!.bytes();
    bytes[bytes.length >> 1]! ^= 1;
    await world.store.put(archiveKey(cell), bytes);
    expect((await world.run(looked)).cells).toMatchObject([{ state: 'quarantined', healed: null }]);
    expect(await (await world.store.get(archiveKey(cell)))!.bytes()).toEqual(bytes);
  });
});

describe('a quarantine for an archive that is gone', () => {
  test('ends with "accept-live" once its raw objects are back, and not before', async () => {
    const world = await createGenerations(1);
    const [manifest, stage] = [(await world.keys(manifestPrefix))[0]!, (await world.keys(stagePrefix))[0]!];
    const bytes = await Promise.all([stage, manifest].map(async (key) => (await world.store.get(key))!.bytes()));
    await world.store.delete([{ key: archiveKey(cell) }, { key: stage }]);
    expect((await world.run(looked)).cells).toMatchObject([{ state: 'quarantined' }]);
    await expect(resolveQuarantine(world.store, cell, 'accept-live')).rejects.toThrow(/says that there was one/);
    world.clock.nowMs = writtenMs;
    await restoreFiles(bytes[0]!, bytes[1]!, world.store);
    await resolveQuarantine(world.store, cell, 'accept-live');
    expect((await world.run({ nowMs: dueMs + 2 })).cells).toMatchObject([{ state: 'archived', generation: 1 }]);
    expect(await world.lines()).toEqual(seqs(0, 1));
  });
});

describe('an archive that was rolled back', () => {
  test('is replaced by the newest generation, and kept', async () => {
    const world = await createGenerations(1);
    const rollBack = await backUp(world);
    await putAndRun(world, 2);
    await putAndRun(world, 4);
    await rollBack();
    const old = await (await world.store.get(archiveKey(cell)))!.bytes();
    const report = await putAndRun(world, 6);
    expect(report.run.outcome).toBe('ok');
    expect(report.cells).toMatchObject([{ state: 'archived', generation: 4, sources: 4 }]);
    const { fault, replaced } = report.cells[0]!.healed!;
    expect(fault).toMatch(/^The archive is of generation 1, though manifest .* its generation 3 holds /);
    expect(await (await world.store.get(replaced!.keptAs!))!.bytes()).toEqual(old);
    expect(await world.lines()).toEqual(seqs(0, 1, 2, 3, 4, 5, 6, 7));
  });

  test('and went on from there stops the cell, until somebody has brought back what is missing and accepts it', async () => {
    const world = await createGenerations(1);
    const rollBack = await backUp(world);
    await putAndRun(world, 2);
    const lost = (await world.store.head(archiveKey(cell)))!.metadata;
    // Somebody who has nothing of generation 2 builds another one, then it turns up again.
    const manifest = (await world.keys(manifestPrefix)).find((key) => key.includes(lost['manifest']!))!;
    const bytes = await (await world.store.get(manifest))!.bytes();
    const stage = await (await world.store.get(lost['stage']!))!.bytes();
    await world.store.delete([{ key: manifest }, { key: lost['stage']! }]);
    await rollBack();
    await putAndRun(world, 4);
    await world.store.put(lost['stage']!, stage);
    await world.store.put(manifest, bytes);
    const report = await world.run(looked);
    expect(report.cells).toMatchObject([{ state: 'quarantined', generation: 2 }]);
    expect(report.cells[0]?.problem).toContain(manifest);

    await restoreFiles(stage, bytes, world.store);
    await resolveQuarantine(world.store, cell, 'accept-live');
    const after = await world.run({ nowMs: dueMs + 2 });
    expect(after.cells).toMatchObject([{ generation: 3, sources: 3 }]);
    expect(await world.lines()).toEqual(seqs(0, 1, 2, 3, 4, 5));
  });

  test('is accepted by "accept-live": the same manifests stop it no more, others do', async () => {
    const world = await createGenerations(1);
    const rollBack = await backUp(world);
    await putAndRun(world, 2);
    await rollBack();
    await deleteAll(world, stagePrefix);
    expect((await world.run(looked)).cells).toMatchObject([{ state: 'quarantined' }]);
    await resolveQuarantine(world.store, cell, 'accept-live');
    expect((await world.run({ ...looked, nowMs: dueMs + 2 })).cells).toMatchObject([
      { state: 'archived', generation: 1 },
    ]);
    expect((await putAndRun(world, 4)).cells).toMatchObject([{ state: 'archived', generation: 2 }]);
    await deleteAll(world, stagePrefix);
    await rollBack();
    expect((await world.run({ ...looked, nowMs: dueMs + 3 })).cells).toMatchObject([{ state: 'quarantined' }]);
  });
});

describe('is no evidence of a lost generation:', () => {
  test('an attempt that died before its publish', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run({ store: deadAtPublish(world) });
    expect(await world.keys(manifestPrefix)).toHaveLength(1);
    const report = await putAndRun(world, 2);
    expect(report.cells).toMatchObject([{ state: 'archived', generation: 1, sources: 2, healed: null, problem: null }]);
    expect((await putAndRun(world, 4)).cells).toMatchObject([{ generation: 2, healed: null, problem: null }]);
  });

  test('a raw object that was copied with its store, and has another etag', async () => {
    const world = createWorld();
    const { key } = await world.put(0);
    await world.run({ store: deadAtPublish(world) });
    const bytes = await (await world.store.get(key))!.bytes();
    await world.store.delete([{ key }]);
    world.clock.nowMs = writtenMs;
    await world.store.put(key, bytes, { metadata: { copied: 'yes' } });
    expect((await world.run()).cells).toMatchObject([{ state: 'archived', healed: null, problem: null }]);
  });

  test('a listing that leaves something out', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run({ store: deadAtPublish(world) });
    await putLate(world, 2);
    const store: ObjectStore = {
      ...world.store,
      async list(options) {
        const page = await world.store.list(options);
        return { ...page, objects: page.objects.filter(({ key }) => !key.includes('/000000000000-')) };
      },
    };
    expect((await world.run({ store, cells: [cell] })).cells).toMatchObject([
      { generation: 1, healed: null, problem: null },
    ]);
  });

  test.each(['stage', 'manifest', 'raw_tns'])(
    'a run that publishes and prunes while this one lists %s',
    async (what) => {
      const world = await createGenerations(1);
      await putLate(world, 2);
      let peer: Promise<unknown> | undefined;
      const store: ObjectStore = {
        ...world.store,
        async list(options) {
          const { prefix = '' } = options ?? {};
          if (prefix.includes(what) && prefix.includes(cell.symbol)) await (peer ??= world.run());
          return world.store.list(options);
        },
      };
      const report = await world.run({ store, cells: [cell] });
      expect(peer).toBeDefined();
      expect(report.cells).toMatchObject([{ state: 'archived', healed: null, problem: null }]);
      expect(await verifyArchive(world.store, cell)).toMatchObject({ ok: true, manifest: { generation: 2 } });
    },
  );
});
