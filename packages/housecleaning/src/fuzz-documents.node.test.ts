// Damaged documents and archives, from seeds; scripts/fuzz-documents.ts and scripts/rot-archive.ts take any number.
import { expect, test } from 'vitest';
import { prepareWorld } from '../scripts/document-world.ts';
import { documentNames, fuzzManifests, fuzzStore } from '../scripts/fuzz-documents.ts';
import { openGround } from '../scripts/process-ground.ts';
import { rotInMemory, rotOnDisk, sample } from '../scripts/rot-archive.ts';

test('5,000 damaged manifests are refused, or say nothing that their archive belies', async () => {
  const { inputs, refused, harmless, wrong } = await fuzzManifests(5_000, 3);
  expect(wrong).toEqual([]);
  expect([inputs, refused + harmless]).toEqual([5_000, 5_000]);
  // Damage of what an archive cannot tell: when an object was uploaded, for example. Its name tells even that.
  expect(harmless).toBeGreaterThan(0);
});

test('no damaged document of a store makes a run delete, publish or believe anything', async () => {
  const counts = await fuzzStore(documentNames.length * 60, 5);
  expect(Object.keys(counts)).toEqual([
    ...['manifest', 'environment', 'quarantine', 'journal', 'report', 'metadata', 'lease', 'plan'],
  ]);
  for (const [name, { inputs, refused, wrong }] of Object.entries(counts)) {
    expect(wrong, name).toEqual([]);
    expect(inputs).toBe(60);
    // Fewest of the metadata: most of their damage could not lie in a store, or says the same.
    expect(refused, name).toBeGreaterThan(9);
  }
});

test('a bit that flips in any byte of a stored archive is noticed: it is healed, or everything raw is kept', async () => {
  const world = await prepareWorld();
  const { flips, healed, quarantined, wrong } = await rotInMemory(world, world.gz.keys(), 1);
  expect(wrong).toEqual([]);
  expect([flips, healed, quarantined]).toEqual([2 * world.gz.length, world.gz.length, world.gz.length]);
});

test('so it is in a large one, at bytes of a seed', async () => {
  const world = await prepareWorld(20_000);
  expect(world.gz.length).toBeGreaterThan(200_000);
  const { healed, quarantined, wrong } = await rotInMemory(world, sample(world.gz.length, 3, 1), 1);
  expect({ healed, quarantined, wrong }).toEqual({ healed: 3, quarantined: 3, wrong: [] });
});

test('and so it is on a disk that rots behind the back of the store', async () => {
  const ground = await openGround();
  try {
    expect(await rotOnDisk(ground, 4, 1)).toEqual({ flips: 4, healed: 2, quarantined: 2, wrong: [] });
  } finally {
    await ground.close();
  }
});
