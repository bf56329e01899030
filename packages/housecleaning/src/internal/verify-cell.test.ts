import { describe, expect, test } from 'vitest';
import { explainCell } from '../housecleaning.ts';
import { archiveKey, manifestPrefix, stagePrefix } from '../keys.ts';
import { listArchivedCells, verifyCell } from '../restore.ts';
import { backUp, createGenerations, damageAll, deadAtPublish, looked, putAndRun } from './lost-generations.fixture.ts';
import { cell, createWorld, damage, dueMs, mutationsOf, writtenMs, type TestWorld } from './world.fixture.ts';

describe('the staged copy of an archive that is sound', () => {
  test('is put there again by a run that looks at the cell, where it is gone, and told', async () => {
    const world = await createGenerations(1);
    const [stage] = await world.keys(stagePrefix);
    const before = await (await world.store.get(stage!))!.bytes();
    await world.store.delete([{ key: stage! }]);
    const explained = await explainCell(world.options(looked), cell);
    expect(explained).toMatchObject({ state: 'archived', next: 'see to its staged copy' });
    expect(explained.reasons).toContain(
      `its staged copy "${stage}" is gone, which would heal the archive: a run of the cell puts it there again`,
    );
    const report = await world.run(looked);
    expect(report.run.outcome).toBe('ok');
    expect(report.cells).toMatchObject([{ state: 'archived', problem: null, restaged: stage }]);
    expect(await (await world.store.get(stage!))!.bytes()).toEqual(before);
    expect((await world.run({ ...looked, nowMs: dueMs + 2 })).cells[0]).not.toHaveProperty('restaged');
  });

  test('is put there again where its end is missing', async () => {
    const world = await createGenerations(1);
    const [stage] = await world.keys(stagePrefix);
    const before = await (await world.store.get(stage!))!.bytes();
    await world.store.put(stage!, before.slice(0, -1));
    expect((await world.run(looked)).cells).toMatchObject([{ restaged: stage }]);
    expect(await (await world.store.get(stage!))!.bytes()).toEqual(before);
  });

  test('with a flipped bit is told by those who read it', async () => {
    const world = await createGenerations(1);
    await damageAll(world, stagePrefix);
    expect((await explainCell(world.options(looked), cell)).reasons.join()).toMatch(
      /staged copy "[^"]+" is damaged, .* delete it/,
    );
  });
});

describe('a check of everything that was ever archived', () => {
  const check = async (world: TestWorld) => {
    const found = [];
    for await (const { hasArchive, ...at } of listArchivedCells(world.store)) {
      const { ok, isArchived, problem, warnings } = await verifyCell(world.store, at);
      found.push({ at: `${at.symbol}/${at.date}`, hasArchive, ok, isArchived, problem, warnings });
    }
    return found;
  };
  const sound = { at: 'BTCUSDT/2026-11-19', hasArchive: true, ok: true, isArchived: true, problem: null, warnings: [] };

  test('finds cells by their archives and by their manifests, each once, of look-alike symbols too', async () => {
    const world = createWorld();
    const symbols = ['BTC', 'BTC-X', 'BTCUSD', 'BTCUSDT'];
    for (const symbol of symbols) {
      world.clock.nowMs = writtenMs;
      await world.put(0, { symbol, date: cell.date });
      await world.run();
    }
    for (const symbol of ['BTC-X', 'BTCUSDT'])
      await world.store.delete([{ key: archiveKey({ symbol, date: cell.date }) }]);
    expect(await check(world)).toMatchObject([
      { at: 'BTC-X/2026-11-19', hasArchive: false, isArchived: true, ok: false },
      { at: 'BTC/2026-11-19', hasArchive: true, ok: true },
      { at: 'BTCUSD/2026-11-19', hasArchive: true, ok: true },
      { at: 'BTCUSDT/2026-11-19', hasArchive: false, isArchived: true, ok: false },
    ]);
  });

  test('says which manifest tells of an archive that is gone, or of a later one', async () => {
    const world = await createGenerations(1);
    const rollBack = await backUp(world);
    await putAndRun(world, 2);
    expect(await check(world)).toEqual([sound]);
    await rollBack();
    const [{ ok, problem } = sound] = await check(world);
    expect([ok, problem]).toEqual([
      false,
      expect.stringMatching(
        /^The archive is of generation 1, though manifest "[^"]+" says that there was one: its generation 2/,
      ),
    ]);
    await world.store.delete([{ key: archiveKey(cell) }]);
    expect((await check(world))[0]?.problem).toMatch(
      /^There is no archive, though manifest "[^"]+" says that there was one/,
    );
  });

  test('takes an attempt that died before its publish for what it is', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run({ store: deadAtPublish(world) });
    expect(await check(world)).toMatchObject([{ hasArchive: false, isArchived: false, ok: false }]);
  });

  test('warns of a staged copy that is gone or damaged, and of a manifest that cannot be read', async () => {
    const world = await createGenerations(3);
    const first = (await world.store.head(archiveKey(cell)))!.metadata['stage']!;
    await damage(world.store, first);
    expect((await check(world))[0]).toMatchObject({ ok: true, warnings: [expect.stringContaining('is damaged')] });
    await world.store.delete([{ key: first }]);
    expect((await check(world))[0]).toMatchObject({ ok: true, warnings: [expect.stringContaining('is gone')] });
    await damageAll(world, manifestPrefix);
    expect((await check(world))[0]).toMatchObject({ ok: false, problem: expect.stringContaining('has the SHA-256') });
  });

  test('changes nothing', async () => {
    const world = await createGenerations(2);
    await world.store.delete([{ key: archiveKey(cell) }]);
    const { counted, mutations } = mutationsOf(world.store);
    await verifyCell(counted, cell);
    expect(mutations()).toEqual([]);
  });
});
