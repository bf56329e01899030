/**
 * One random schedule: writers, cleaners, a reader, a restorer, an operator, clocks that are wrong, faults and rot, all
 * from one seed. Every invariant is checked after every request, and at the end everything must come to rest.
 */
import { resolveQuarantine } from '@tapekit/housecleaning/housecleaning';
import { clean, historyOf, operate, readBack, restore, write } from './actors.ts';
import { checkInvariants } from './invariants.ts';
import { quiesce } from './quiesce.ts';
import { rotSomething, setScene, type Scene, type ScheduleCounts } from './scene.ts';
import { takeTurns, type Pause } from './turns.ts';
import type { Violation } from './world.ts';

export type { ScheduleCounts } from './scene.ts';

/** What came of one schedule. */
export interface ScheduleResult {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly counts: ScheduleCounts;
  /** A digest of every change of the store, in order. */
  readonly history: string;
}

const hourMs = 3_600_000;

/** Plays one schedule. */
export async function runSchedule(seed: number): Promise<ScheduleResult> {
  const scene = await setScene(seed);
  const { random, world, counts } = scene;
  const actors: ((pause: Pause) => Promise<void>)[] = [];
  for (let i = 1 + random.below(4); i > 0; i--) actors.push((pause) => write(scene, `writer ${i}`, i, pause));
  for (let i = 1 + random.below(3); i > 0; i--) actors.push((pause) => clean(scene, `cleaner ${i}`, pause));
  if (random.chance(0.4)) actors.push((pause) => readBack(scene, pause));
  if (random.chance(0.15)) actors.push((pause) => restore(scene, pause));
  if (random.chance(0.15)) actors.push((pause) => operate(scene, pause));
  const startMs = world.clock.nowMs;
  let rots = scene.rots;
  counts.requests = await takeTurns(random, actors, () => {
    checkInvariants(world);
    world.clock.nowMs += random.chance(0.02) ? random.below(30) * hourMs : random.below(3_000);
    if (rots && random.chance(0.05)) rots = !rotSomething(scene);
  });
  // Everybody is gone. An operator resolves what is quarantined; a day later everything is old enough.
  world.clock.nowMs += 72 * hourMs;
  await resolveAll(scene);
  await quiesce(world, {
    cells: scene.cells,
    run: { cells: scene.cells, nowMs: world.clock.nowMs, ...scene.config, ...scene.manner },
    plan: random.chance(0.25),
    restore: random.chance(0.25),
  });
  counts.simulatedMs = world.clock.nowMs - startMs;
  return { seed, violations: world.violations, counts, history: historyOf(world) };
}

/** What an operator does with cells in quarantine, after having looked. */
async function resolveAll({ world, cells }: Scene): Promise<void> {
  const store = world.store.openFor('operator');
  for (const cell of cells) {
    for (const how of ['accept-live', 'restore-from-stage'] as const)
      await resolveQuarantine(store, cell, how).catch(() => undefined);
    checkInvariants(world);
  }
}
