// The fingerprint by which an enumeration knows a world again: the same world has it, and no other one.
import { describe, expect, test } from 'vitest';
import { archiveKey, envKey } from '@tapekit/housecleaning/keys';
import { fingerprintOf } from './fingerprint.ts';
import { checkInvariants } from './invariants.ts';
import { quiesce } from './quiesce.ts';
import { digestOf } from './sim-store.ts';
import { acknowledge, copyWorld, createWorld, putSegment, runCleaner, type World } from './world.ts';

const cell = { symbol: 'BTCUSDT', date: '2026-11-19' };
const writtenMs = Date.parse('2026-11-19T12:00:00Z');
const runMs = Date.parse('2026-11-21T12:00:00Z');

async function archivedWorld(): Promise<World> {
  const world = createWorld({ flavour: 's3', nowMs: runMs });
  await putSegment(world, cell, 0, writtenMs);
  await runCleaner(world, 'cleaner', (store) => store, { cells: [cell] });
  await putSegment(world, cell, 10, writtenMs);
  checkInvariants(world);
  return world;
}

const rest = { cells: [cell], run: { cells: [cell] }, plan: true, restore: true };

/** Whatever tells one world from another. */
const changes: Readonly<Record<string, (world: World) => unknown>> = {
  'another object': (world) => putSegment(world, cell, 20, writtenMs),
  'an object less': (world) => world.store.openFor('x').delete([{ key: envKey }]),
  'other bytes under a key': (world) => world.store.openFor('x').put(envKey, Buffer.from('{}')),
  'the same bytes at another time': async (world) => {
    const object = await world.store.openFor('x').get(envKey);
    world.clock.nowMs += 1_000;
    await world.store.openFor('x').put(envKey, await object!.bytes());
    world.clock.nowMs -= 1_000;
  },
  'other metadata': async (world) => {
    const object = await world.store.openFor('x').get(archiveKey(cell));
    await world.store.openFor('x').put(archiveKey(cell), await object!.bytes());
  },
  'a bit that flipped': (world) => {
    world.store.rot(archiveKey(cell));
  },
  'another time': (world) => (world.clock.nowMs += 1),
  'another promise': (world) => {
    acknowledge(world, `raw_tns/BTCUSDT/2026-11-19/other`, digestOf(Buffer.from('x')));
  },
  'another content that somebody put': (world) => world.everPut.add('key digest'),
  'another archive that was there once': (world) => {
    const [holding] = world.published.get(archiveKey(cell))!;
    world.published.get(archiveKey(cell))!.push(holding!);
  },
};

describe('fingerprintOf', () => {
  test('is the same for a copy, and for a world with the same history', async () => {
    const world = await archivedWorld();
    expect(fingerprintOf(copyWorld(world))).toBe(fingerprintOf(copyWorld(await archivedWorld())));
  });

  test.each(Object.keys(changes))('is another one for a world with %s', async (name) => {
    const world = copyWorld(await archivedWorld());
    const before = fingerprintOf(world);
    await changes[name]!(world);
    expect(fingerprintOf(world)).not.toBe(before);
  });

  test('is another one for the same bytes put again where the store numbers its writes', async () => {
    const world = createWorld({ flavour: 'r2', nowMs: runMs });
    const put = (): Promise<unknown> => world.store.openFor('x').put(envKey, Buffer.from('{}'));
    await put();
    const before = fingerprintOf(world);
    await put();
    expect(fingerprintOf(world)).not.toBe(before);
  });

  test('a run that died after a request and one that died before the next leave the same world, which ends the same', async () => {
    const origin = await archivedWorld();
    const dying = async (requests: number): Promise<World> => {
      const world = copyWorld(origin);
      let left = requests;
      await runCleaner(
        world,
        'dying',
        (store) => {
          const die = (): void => {
            if (left-- <= 0) throw new Error('died');
          };
          return {
            ...store,
            put: async (...args) => (die(), store.put(...args)),
            delete: async (...args) => (die(), store.delete(...args)),
          };
        },
        { cells: [cell] },
      );
      checkInvariants(world);
      return world;
    };
    // Clock, manifest, stage, archive, deletes: the copies differ in what has happened by then.
    const worlds = await Promise.all([1, 2, 3, 4].map(dying));
    expect(new Set(worlds.map(fingerprintOf)).size).toBe(4);
    for (const [i, world] of worlds.entries()) {
      const again = await dying(i + 1);
      expect(fingerprintOf(again)).toBe(fingerprintOf(world));
      expect([await quiesce(again, rest), await quiesce(world, rest)]).toEqual([[], []]);
      expect(fingerprintOf(again)).toBe(fingerprintOf(world));
    }
  });
});
