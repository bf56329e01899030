// Cells of several generations, and what happens to their archives behind the back of every run.
import type { SanityReport } from '../housecleaning.ts';
import { archiveKey } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { cell, createWorld, damage, dueMs, writtenMs, type TestWorld } from './world.fixture.ts';

/** One generation after the other, each of one more raw object, all pruned. */
export async function createGenerations(count: number): Promise<TestWorld> {
  const world = createWorld();
  for (let i = 0; i < count; i++) await putAndRun(world, 2 * i);
  return world;
}

/** One more raw object, and a run. */
export async function putAndRun(world: TestWorld, firstSeq: number): Promise<SanityReport> {
  await putLate(world, firstSeq);
  return world.run();
}

export async function putLate(world: TestWorld, firstSeq: number): Promise<void> {
  world.clock.nowMs = writtenMs;
  await world.put(firstSeq);
}

export const looked = { cells: [cell], nowMs: dueMs + 1 };
export const seqs = (...numbers: readonly number[]): string[] => numbers.map((seq) => `{"seq":${seq}}`);

/** The archive as it lay there, to be put back over a later one. */
export async function backUp(world: TestWorld): Promise<() => Promise<unknown>> {
  const object = (await world.store.get(archiveKey(cell)))!;
  const bytes = await object.bytes();
  return () => world.store.put(archiveKey(cell), bytes, { metadata: object.metadata });
}

/** A run that dies when it publishes: its manifest and its staged copy are there. */
export function deadAtPublish(world: TestWorld): ObjectStore {
  return {
    ...world.store,
    put: (key, body, options) =>
      key === archiveKey(cell) ? Promise.reject(new Error('killed')) : world.store.put(key, body, options),
  };
}

export async function deleteAll(world: TestWorld, prefix: string): Promise<void> {
  await world.store.delete((await world.keys(prefix)).map((key) => ({ key })));
}

export async function damageAll(world: TestWorld, prefix: string): Promise<void> {
  for (const key of await world.keys(prefix)) await damage(world.store, key);
}
