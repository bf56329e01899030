// The oracle itself: what it has to see is done by hand.
import { describe, expect, test } from 'vitest';
import { archiveKey, quarantineKey } from '@tapekit/housecleaning/keys';
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import { checkHealed, checkInvariants } from './invariants.ts';
import { quiesce } from './quiesce.ts';
import { beginRun, createWorld, putSegment, runCleaner, runOptions, type World } from './world.ts';

const cell = { symbol: 'BTCUSDT', date: '2026-11-19' };
const writtenMs = Date.parse('2026-11-19T12:00:00Z');
const runMs = Date.parse('2026-11-21T12:00:00Z');

/** A world with two raw objects. */
async function twoObjects(): Promise<{ readonly world: World; readonly keys: readonly [string, string] }> {
  const world = createWorld({ flavour: 'r2', nowMs: runMs });
  const first = await putSegment(world, cell, 0, writtenMs);
  const second = await putSegment(world, cell, 10, writtenMs);
  expect(checkInvariants(world)).toEqual([]);
  return { world, keys: [first.key, second.key] };
}

function namesOf(world: World): readonly string[] {
  return [...new Set(checkInvariants(world).map(({ invariant }) => invariant))].sort();
}

describe('checkInvariants', () => {
  test('sees nothing wrong in an undisturbed run', async () => {
    const { world } = await twoObjects();
    await runCleaner(world, 'cleaner', (store) => store, { cells: [cell] });
    expect(checkInvariants(world)).toEqual([]);
    expect(await quiesce(world, { cells: [cell], run: { cells: [cell] }, restore: true })).toEqual([]);
  });

  test('sees a raw object that somebody deletes before it is archived (I1)', async () => {
    const { world, keys } = await twoObjects();
    await world.store.openFor('somebody').delete([{ key: keys[0] }]);
    expect(namesOf(world)).toEqual(['I1']);
  });

  test('sees a run that deletes without having read the archive back (I2)', async () => {
    const { world, keys } = await twoObjects();
    await runCleaner(world, 'cleaner', (store) => store, { cells: [cell], maxDeletes: 0 });
    checkInvariants(world);
    beginRun(world, 'hasty', runOptions(world, {}));
    await world.store.openFor('hasty').delete([{ key: keys[0] }]);
    expect(namesOf(world)).toEqual(['I2']);
  });

  test('sees an archive that vanishes (I1), also where a run did it (I14)', async () => {
    const { world } = await twoObjects();
    await runCleaner(world, 'cleaner', (store) => store, { cells: [cell] });
    checkInvariants(world);
    beginRun(world, 'vandal', runOptions(world, {}));
    await world.store.openFor('vandal').delete([{ key: archiveKey(cell) }]);
    expect(namesOf(world)).toEqual(['I1', 'I14']);
  });

  test('sees an archive that is put without comparing, and that no manifest describes (I4, I12, I1)', async () => {
    const { world } = await twoObjects();
    await runCleaner(world, 'cleaner', (store) => store, { cells: [cell] });
    checkInvariants(world);
    beginRun(world, 'vandal', runOptions(world, {}));
    await world.store.openFor('vandal').put(archiveKey(cell), new Uint8Array([1, 2, 3]));
    expect(namesOf(world)).toEqual(['I1', 'I12', 'I4']);
  });

  test('sees a change of a day that is not over (I7) and of an object that is too young', async () => {
    const world = createWorld({ flavour: 's3', nowMs: writtenMs });
    const { key } = await putSegment(world, cell, 0, writtenMs);
    checkInvariants(world);
    beginRun(world, 'early', runOptions(world, {}));
    await world.store.openFor('early').delete([{ key }]);
    expect(namesOf(world)).toEqual(['I1', 'I2', 'I7']);
  });

  test('sees a delete in a quarantined cell (I17)', async () => {
    const { world, keys } = await twoObjects();
    await runCleaner(world, 'cleaner', (store) => store, { cells: [cell], maxDeletes: 0 });
    const record = Buffer.from(JSON.stringify({ schema: 'hc-quarantine/1', cell, state: 'open' }));
    await world.store.openFor('operator').put(quarantineKey(cell), record);
    checkInvariants(world);
    const run = beginRun(world, 'blind', runOptions(world, {}));
    run.archivesRead.set(archiveKey(cell), new Set([world.published.get(archiveKey(cell))![0]!.gzSha256]));
    run.lookedAt.set(`raw_tns/${cell.symbol}/${cell.date}/`, [world.store.changes.length]);
    await world.store.openFor('blind').delete([{ key: keys[0] }]);
    expect(namesOf(world)).toEqual(['I17']);
  });

  test('takes the staged copy for the archive while a bit of that is wrong, and the loss of both for a loss', async () => {
    const { world } = await twoObjects();
    await runCleaner(world, 'cleaner', (store) => store, { cells: [cell] });
    checkInvariants(world);
    world.store.rot(archiveKey(cell));
    const { stage } = world.store.objects.get(archiveKey(cell))!.info.metadata;
    expect(await quiesce(world, { cells: [cell], run: { cells: [cell] } })).toEqual([]);
    world.store.rot(archiveKey(cell));
    world.store.rot(stage!);
    const found = await quiesce(world, { cells: [cell], run: { cells: [cell] } });
    expect(found.map(({ invariant }) => invariant)).toContain('I1');
  });
});

test.each([0, 1, 2])(
  'an archive that a run healed and nobody tells is a violation: %i of its puts let through after',
  async (more) => {
    const { world } = await twoObjects();
    await runCleaner(world, 'cleaner', (store) => store, { cells: [cell] });
    await world.store.openFor('somebody').delete([{ key: archiveKey(cell) }]);
    let left = Infinity;
    const dying = (store: ObjectStore): ObjectStore => ({
      ...store,
      async put(key, body, options) {
        if (left-- <= 0) throw new Error('killed');
        const info = await store.put(key, body, options);
        if (key === archiveKey(cell)) left = more;
        return info;
      },
    });
    await runCleaner(world, 'killed', dying, { cells: [cell] });
    // The report of a run whose last put was refused is in its error alone.
    expect(world.runs.get('killed')!.report === undefined).toBe(more < 2);
    expect(checkHealed(world).map(({ invariant }) => invariant)).toEqual(more < 2 ? ['I19'] : []);
    world.violations.length = 0;
    await runCleaner(world, 'next', (store) => store, {});
    expect(world.runs.get('next')!.report!.totals.healed).toBe(1);
    expect(checkHealed(world)).toEqual([]);
  },
);

describe('quiesce', () => {
  test('gives consent where somebody changed the configuration and died', async () => {
    const { world } = await twoObjects();
    const changed = { cells: [cell], minAgeMs: 3_600_000 };
    await runCleaner(world, 'changer', (store) => store, changed, true);
    await putSegment(world, cell, 30, writtenMs);
    checkInvariants(world);
    expect(await quiesce(world, { cells: [cell], run: { cells: [cell] } })).toEqual([]);
    expect([...world.runs.keys()].slice(-4)).toEqual([
      'changer',
      'clean run 1',
      'clean run with consent',
      'clean run 2',
    ]);
  });
});
