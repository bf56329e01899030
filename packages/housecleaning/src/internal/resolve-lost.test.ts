// What ends a quarantine says what it did, and never makes a loss look whole.
import { describe, expect, test } from 'vitest';
import { explainCell, resolveQuarantine } from '../housecleaning.ts';
import { archiveKey, manifestKey, manifestPrefix, quarantineKey, stagePrefix } from '../keys.ts';
import { verifyCell } from '../restore.ts';
import {
  backUp,
  createGenerations,
  damageAll,
  deleteAll,
  looked,
  putAndRun,
  seqs,
} from './lost-generations.fixture.ts';
import { fromUtf8, toUtf8 } from './utf8.ts';
import { cell, damage, dueMs, type TestWorld } from './world.fixture.ts';

const later = (ms: number) => ({ ...looked, nowMs: dueMs + ms });
const resolve = (world: TestWorld, how: 'accept-live' | 'restore-from-stage') =>
  resolveQuarantine(world.store, cell, how);

/** Key of the manifest of what lies there. */
async function manifestOf(world: TestWorld): Promise<string> {
  return manifestKey(cell, (await world.store.head(archiveKey(cell)))!.metadata['manifest']!);
}

describe('restore-from-stage', () => {
  test.each(['gone', 'damaged'])('replaces no sound archive by an older one where its manifest is %s', async (how) => {
    const world = await createGenerations(3);
    const manifest = await manifestOf(world);
    const before = await (await world.store.get(archiveKey(cell)))!.bytes();
    const saved = await (await world.store.get(manifest))!.bytes();
    if (how === 'gone') await world.store.delete([{ key: manifest }]);
    else await damage(world.store, manifest);
    expect((await world.run(looked)).cells).toMatchObject([{ state: 'quarantined' }]);
    const refused = resolve(world, 'restore-from-stage');
    await expect(refused).rejects.toMatchObject({ code: 'not-archived' });
    await expect(refused).rejects.toThrow(/generation 2 is older than 3, which the archive that lies there is of/);
    await expect(refused).rejects.toThrow(
      `Bring its manifest "${manifest}" back from a backup; or move "${archiveKey(cell)}"`,
    );
    expect(await (await world.store.get(archiveKey(cell)))!.bytes()).toEqual(before);

    await world.store.put(manifest, saved);
    await resolve(world, 'accept-live');
    expect((await world.run(later(2))).cells).toMatchObject([{ state: 'archived', generation: 3 }]);
    expect(await world.lines()).toEqual(seqs(0, 1, 2, 3, 4, 5));
  });

  test('replaces no lines that can be read, whatever generation the metadata name', async () => {
    const world = await createGenerations(2);
    const { metadata, etag } = (await world.store.head(archiveKey(cell)))!;
    const bytes = await (await world.store.get(archiveKey(cell)))!.bytes();
    await world.store.put(archiveKey(cell), bytes, { metadata: { ...metadata, generation: '1' }, ifMatch: etag });
    await world.store.delete([{ key: await manifestOf(world) }]);
    expect((await world.run(looked)).cells).toMatchObject([{ state: 'quarantined' }]);
    await expect(resolve(world, 'restore-from-stage')).rejects.toThrow(
      /generation 1 does not hold all lines of the archive that lies there/,
    );
  });

  test('replaces no lines that can be read where the metadata are gone, and says to move them away', async () => {
    const world = await createGenerations(3);
    const { metadata } = (await world.store.head(archiveKey(cell)))!;
    const bytes = await (await world.store.get(archiveKey(cell)))!.bytes();
    await world.store.put(archiveKey(cell), bytes);
    await world.store.delete([{ key: manifestKey(cell, metadata['manifest']!) }, { key: metadata['stage']! }]);
    expect((await world.run(looked)).cells).toMatchObject([{ state: 'quarantined' }]);
    await expect(resolve(world, 'restore-from-stage')).rejects.toThrow(
      `generation 1 does not hold all lines of the archive that lies there. Move "${archiveKey(cell)}" out of the store first`,
    );
    expect(await (await world.store.get(archiveKey(cell)))!.bytes()).toEqual(bytes);
  });

  test('publishes a later generation over one whose manifest is gone, and says so', async () => {
    const world = await createGenerations(1);
    const rollBack = await backUp(world);
    const manifest = await manifestOf(world);
    await putAndRun(world, 2);
    await rollBack();
    await world.store.delete([{ key: manifest }]);
    const { etag } = (await world.store.head(archiveKey(cell)))!;
    expect((await world.run(looked)).cells).toMatchObject([{ state: 'quarantined' }]);
    const record = await resolve(world, 'restore-from-stage');
    expect(record.published).toMatchObject({ generation: 2, over: { generation: 1, etag } });
    expect(await world.store.head(record.published!.over!.keptAs!)).toBeDefined();
    expect((await world.run(later(2))).cells).toMatchObject([{ state: 'archived', generation: 2 }]);
    expect(await world.lines()).toEqual(seqs(0, 1, 2, 3));
  });

  test('publishes what there is once the archive is out of the way, and says what is still missing', async () => {
    const world = await createGenerations(3);
    await world.store.delete([{ key: await manifestOf(world) }]);
    await world.run(looked);
    await world.store.delete([{ key: archiveKey(cell) }]);
    const record = await resolve(world, 'restore-from-stage');
    expect(record).toMatchObject({ published: { generation: 2, over: null } });
    expect(record.missing).toMatch(/^The archive is of generation 2, though staged copy /);
    expect((await world.run(later(2))).cells).toMatchObject([{ state: 'quarantined' }]);
  });
});

describe('accept-live', () => {
  test('protects what was brought back: it is missed when it is gone again', async () => {
    const world = await createGenerations(1);
    const bringBack = await backUp(world);
    await world.store.delete([{ key: archiveKey(cell) }]);
    await deleteAll(world, stagePrefix);
    expect((await world.run(looked)).cells).toMatchObject([{ state: 'quarantined' }]);
    await bringBack();
    expect(await resolve(world, 'accept-live')).not.toHaveProperty('accepted');
    expect((await world.run(later(2))).cells).toMatchObject([
      { state: 'archived', restaged: expect.any(String) as string },
    ]);
    await world.store.delete([{ key: archiveKey(cell) }]);
    expect(await verifyCell(world.store, cell)).toMatchObject({ ok: false, isArchived: true });
    expect((await putAndRun(world, 2)).cells).toMatchObject([{ generation: 2, healed: { replaced: null } }]);
    expect(await world.lines()).toEqual(seqs(0, 1, 2, 3));
  });

  test('that was said of a generation counts no more once that one lies there', async () => {
    const world = await createGenerations(1);
    const rollBack = await backUp(world);
    await putAndRun(world, 2);
    const bringBack = await backUp(world);
    await rollBack();
    await deleteAll(world, stagePrefix);
    await world.run(looked);
    const { accepted, missing } = await resolve(world, 'accept-live');
    expect(accepted).toHaveLength(1);
    expect(missing).toContain('its generation 2');
    await bringBack();
    expect((await world.run(later(2))).cells).toMatchObject([{ state: 'archived', generation: 2 }]);
    const record = fromUtf8(await (await world.store.get(quarantineKey(cell)))!.bytes());
    expect(JSON.parse(record)).toMatchObject({ state: 'resolved', accepted: [] });
    await world.store.delete([{ key: archiveKey(cell) }]);
    expect((await world.run(later(3))).cells).toMatchObject([{ generation: 2, healed: { replaced: null } }]);
  });

  test('that was said of a staged copy counts no more once its archive lies there', async () => {
    const world = await createGenerations(1);
    const rollBack = await backUp(world);
    await putAndRun(world, 2);
    const bringBack = await backUp(world);
    const manifest = await manifestOf(world);
    const document = await (await world.store.get(manifest))!.bytes();
    await rollBack();
    await world.store.delete([{ key: manifest }]);
    await world.run(looked);
    expect((await resolve(world, 'accept-live')).accepted).toHaveLength(1);
    await bringBack();
    await world.store.put(manifest, document);
    expect((await world.run(later(2))).cells).toMatchObject([{ state: 'archived', generation: 2 }]);
    await rollBack();
    await world.store.delete([{ key: manifest }]);
    expect((await world.run(later(3))).cells).toMatchObject([{ state: 'quarantined' }]);
  });

  test('leaves a warning of what the archive does not hold', async () => {
    const world = await createGenerations(1);
    const rollBack = await backUp(world);
    await putAndRun(world, 2);
    await putAndRun(world, 4);
    const manifest = await manifestOf(world);
    await rollBack();
    await deleteAll(world, stagePrefix);
    await world.run(looked);
    await resolve(world, 'accept-live');
    await world.run(later(2));
    const { ok, warnings } = await verifyCell(world.store, cell);
    expect(ok).toBe(true);
    expect(warnings).toContain(
      `accepted: its manifest "${manifest}", of generation 3, holds 2 raw objects that the archive does not`,
    );
  });

  test('forgets what an unreadable record accepted, and says of it that it was not readable', async () => {
    const world = await createGenerations(1);
    await world.store.put(quarantineKey(cell), toUtf8('?'));
    const record = await resolve(world, 'accept-live');
    expect(record).toMatchObject({ state: 'resolved', reason: 'The record was not readable.' });
    expect(record).not.toHaveProperty('accepted');
  });
});

describe('where neither archive nor staged copy is left', () => {
  test.each([
    ['gone', (world: TestWorld) => deleteAll(world, stagePrefix)],
    ['damaged', (world: TestWorld) => damageAll(world, stagePrefix)],
  ])('both refuse and name everything to move away, in one round: staged copies are %s', async (_, spoil) => {
    const world = await createGenerations(3);
    await world.store.delete([{ key: archiveKey(cell) }]);
    await spoil(world);
    expect((await putAndRun(world, 6)).cells).toMatchObject([{ state: 'quarantined' }]);
    const control = [...(await world.keys(manifestPrefix)), ...(await world.keys(stagePrefix))];
    const { next } = await explainCell(world.options(looked), cell);
    expect(next).not.toContain('the archive that lies there');
    expect(next).not.toContain('would publish');
    for (const key of control) expect(next).toContain(key);
    for (const how of ['accept-live', 'restore-from-stage'] as const) {
      const error: unknown = await resolve(world, how).catch((reason: unknown) => reason);
      expect(String(error)).toContain('If nothing can be brought back, move all of "');
      for (const key of control) expect(String(error)).toContain(key);
    }
    await world.store.delete(control.map((key) => ({ key })));
    await resolve(world, 'accept-live');
    expect((await world.run(later(2))).cells).toMatchObject([{ state: 'archived', generation: 1 }]);
    expect(await world.lines()).toEqual(seqs(6, 7));
  });
});

describe('explainCell of a cell in quarantine', () => {
  test('names what restore-from-stage would publish at once where not everything is staged', async () => {
    const world = await createGenerations(3);
    const { stage } = (await world.store.head(archiveKey(cell)))!.metadata;
    const manifest = await manifestOf(world);
    await world.store.delete([{ key: archiveKey(cell) }, { key: manifest }]);
    const [stopped] = (await world.run(looked)).cells;
    expect(stopped!.problem).toContain(
      '"restore-from-stage" to publish a staged copy, "accept-live" where an archive lies there and is the right one.',
    );
    const { next } = await explainCell(world.options(looked), cell);
    const [, from] = /would publish generation 2 at once, from "([^"]+)", and say what is still missing$/.exec(next)!;
    expect(await resolve(world, 'restore-from-stage')).toMatchObject({
      published: { generation: 2, stage: from, over: null },
      missing: expect.stringContaining(`staged copy "${stage}"`) as string,
    });
  });

  test('names no staged copy that is damaged, and none of what lies there already', async () => {
    const world = await createGenerations(2);
    const rollBack = await backUp(world);
    await putAndRun(world, 4);
    const { stage } = (await world.store.head(archiveKey(cell)))!.metadata;
    await rollBack();
    const all = await (await world.store.get(stage!))!.bytes();
    await world.store.delete([{ key: stage! }]);
    expect((await world.run(looked)).cells).toMatchObject([{ state: 'quarantined' }]);
    expect((await explainCell(world.options(looked), cell)).next).not.toContain('would publish');
    await world.store.put(stage!, all);
    const { next } = await explainCell(world.options(looked), cell);
    expect(next).toContain('"restore-from-stage" publishes the newest sound staged copy');
    expect(next).not.toContain('would publish');
    await world.store.delete([{ key: stage! }]);
    await world.store.delete([{ key: archiveKey(cell) }]);
    expect((await explainCell(world.options(looked), cell)).next).toContain('would publish generation 2 at once');
    await damageAll(world, stagePrefix);
    expect((await explainCell(world.options(looked), cell)).next).not.toContain('would publish');
  });
});
