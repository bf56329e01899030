/** What a random schedule is made of, and how everybody in it reaches the store. */
import type { HousecleaningOptions } from '@tapekit/housecleaning/housecleaning';
import { archiveKey, quarantineKey, type Cell } from '@tapekit/housecleaning/keys';
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import { canHappen, createFaultStore, listingFaultKinds, type FaultChooser, type FaultKind } from '../fault-store.ts';
import { checkInvariants } from './invariants.ts';
import { onePiece } from './one-piece.ts';
import { createRandom, type Random } from './random.ts';
import type { Flavour } from './sim-store.ts';
import { inTurns, type Pause } from './turns.ts';
import { createWorld, deceives, putSegment, type RunRecord, type World } from './world.ts';

/** What a schedule does, decided by its seed before it begins. */
export interface Scene {
  readonly random: Random;
  readonly world: World;
  /** Days that are looked at; the first is the one that matters. */
  readonly cells: readonly Cell[];
  /** What all cleaners agree on. */
  config: Required<Pick<HousecleaningOptions, 'writers' | 'graceMs' | 'minAgeMs'>>;
  /** How cells are worked on: in one pass, in two, or in one that is given up; one after the other or several at once. */
  readonly manner: Required<Pick<HousecleaningOptions, 'bufferBytes' | 'concurrency'>>;
  /** Probability of a fault, per request. */
  readonly faults: number;
  /** A bit of an archive or of its stage may flip at rest, once. */
  readonly rots: boolean;
  /** What has happened. */
  readonly counts: ScheduleCounts;
}

/** What happened in a schedule. */
export interface ScheduleCounts {
  requests: number;
  faults: number;
  runs: number;
  /** Runs that applied a plan with another configuration. */
  planned: number;
  reads: number;
  restores: number;
  rotten: number;
  /** Time that went by in the world, ms. */
  simulatedMs: number;
}

const hourMs = 3_600_000;
const dayStartMs = Date.parse('2026-11-19T00:00:00Z');

const troubles: readonly FaultKind[] = [
  'error-before',
  'error-after',
  'hang',
  'crash-before',
  'crash-after',
  'crash-halfway',
  'short-body',
  'bit-flip',
  'stale-read',
  'duplicate',
  'throttled',
  ...listingFaultKinds,
];

/** Sets the scene that a seed means. */
export async function setScene(seed: number): Promise<Scene> {
  const random = createRandom(seed);
  const flavour = random.pick<Flavour>(['r2', 'r2', 's3', 'fs']);
  const world = createWorld({
    flavour,
    pageSize: random.pick([1, 2, 3, 1_000]),
    maxDeleteBatch: random.pick([1, 2, 1_000]),
    // From the evening of the day until two days after it.
    nowMs: dayStartMs + 22 * hourMs + random.below(50) * hourMs,
  });
  const cells = [{ symbol: 'BTCUSDT', date: '2026-11-19' }];
  // The neighbours whose keys are easily taken for ours, and the day after, which may be open still.
  if (random.chance(0.2)) cells.push({ symbol: 'BTC', date: '2026-11-19' });
  if (random.chance(0.2)) cells.push({ symbol: 'BTCUSDT', date: '2026-11-20' });
  const writers = random.chance(flavour === 'r2' ? 0.1 : 0.4) ? 'overwriting' : 'write-once';
  const counts = { requests: 0, faults: 0, runs: 0, planned: 0, reads: 0, restores: 0, rotten: 0, simulatedMs: 0 };
  const scene: Scene = {
    ...{ random, world, cells, counts },
    config: { writers, graceMs: random.pick([1, 6]) * hourMs, minAgeMs: random.pick([1, 24]) * hourMs },
    manner: { bufferBytes: random.pick([0, 100, 16 * 1_048_576]), concurrency: random.pick([1, 1, 3]) },
    faults: random.pick([0, 0, 0.01, 0.03, 0.1]),
    rots: random.chance(0.15),
  };
  for (const cell of cells) {
    const noonMs = Date.parse(`${cell.date}T12:00:00Z`);
    for (let i = random.below(5); i > 0; i--)
      await putSegment(world, cell, 10 * i, Math.min(world.clock.nowMs, noonMs + random.below(12) * hourMs));
  }
  checkInvariants(world);
  return scene;
}

/** The store as somebody of this world reaches it: in turns, and not always well. */
export function reach(
  scene: Scene,
  store: ObjectStore,
  pause: Pause,
  caller: { readonly abort?: AbortController; readonly record?: RunRecord } = {},
): ObjectStore {
  const { random, world, counts } = scene;
  const choose: FaultChooser = (operation) => {
    if (!random.chance(scene.faults)) return undefined;
    const kind = random.pick(troubles);
    if (!canHappen(kind, operation)) return undefined;
    counts.faults += 1;
    if (caller.record && deceives(kind, operation.subject)) caller.record.deceived = true;
    return {
      kind,
      interlude: async () => caller.abort?.abort(new Error('Told to stop.')),
      before: (key) => world.store.before(key),
    };
  };
  return inTurns(createFaultStore(store, choose, onePiece).store, pause);
}

/** Flips a bit of an archive or of its staged copy; never of both. */
export function rotSomething({ random, world, cells, counts }: Scene): boolean {
  const cell = random.pick(cells);
  const archive = world.store.objects.get(archiveKey(cell));
  const stage = archive?.info.metadata['stage'];
  if (!archive || stage === undefined || !world.store.objects.has(stage)) return false;
  world.store.rot(random.chance(0.7) ? archive.info.key : stage);
  counts.rotten += 1;
  return true;
}

/** Stops a cell, as an operator does by hand. */
export async function quarantine(world: World, cell: Cell): Promise<void> {
  const record = Buffer.from(
    JSON.stringify({ schema: 'hc-quarantine/1', cell, state: 'open', reason: 'An operator looks.', runId: 'operator' }),
  );
  const key = quarantineKey(cell);
  if (!world.store.objects.has(key)) await world.store.openFor('operator').put(key, record, { ifAbsent: true });
}
