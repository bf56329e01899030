/** What can go wrong while a run is at work: in its store, and by others. */
import type { WriterPromise } from '@tapekit/housecleaning/housecleaning';
import { parseRawKey, rawCellPrefix } from '@tapekit/housecleaning/keys';
import { listingFaultKinds, type Fault, type FaultKind } from '../fault-store.ts';
import { checkInvariants, checkReport } from './invariants.ts';
import { digestOf } from './sim-store.ts';
import { forgive, putRaw, putSegment, runCleaner, type World } from './world.ts';

/** The day that every run is about. */
export const cell = { symbol: 'BTCUSDT', date: '2026-11-19' };
/** When its raw objects were written, epoch ms. */
export const writtenMs = Date.parse('2026-11-19T12:00:00Z');

/** What goes wrong, by the name that it has in reports. */
export type TroubleName =
  Exclude<FaultKind, 'interlude'> | 'peer-run' | 'late-put' | 'overwrite' | 'foreign-delete' | 'frozen';

export const troubleNames: readonly TroubleName[] = [
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
  'peer-run',
  'late-put',
  'overwrite',
  'foreign-delete',
  'frozen',
  ...listingFaultKinds,
];

/** What the fault-injecting store calls it. */
export function kindOf(name: TroubleName): FaultKind {
  switch (name) {
    case 'peer-run':
    case 'late-put':
    case 'overwrite':
    case 'foreign-delete':
    case 'frozen':
      return 'interlude';
    default:
      return name;
  }
}

/** A fault of this name at an operation of a run in this world; `abort` is the run's. */
export function faultOf(
  world: World,
  writers: WriterPromise,
  at: number,
  name: TroubleName,
  abort: AbortController,
): Fault {
  const before = (key: string): ReturnType<World['store']['before']> => world.store.before(key);
  switch (name) {
    case 'hang':
      return { at, kind: 'hang', interlude: async () => abort.abort(new Error('The run was told to stop.')) };
    case 'stale-read':
      return { at, kind: name, before };
    case 'peer-run':
      return { at, kind: 'interlude', interlude: () => peerRun(world, writers) };
    case 'late-put':
      return { at, kind: 'interlude', interlude: () => latePut(world) };
    case 'overwrite':
      return { at, kind: 'interlude', interlude: () => overwriteOne(world) };
    case 'foreign-delete':
      return { at, kind: 'interlude', interlude: () => deleteOne(world) };
    case 'frozen':
      return {
        at,
        kind: 'interlude',
        // The process sleeps for three hours, in which a writer and two whole runs of a peer go by.
        interlude: async () => {
          world.clock.nowMs += 3 * 3_600_000;
          await peerRun(world, writers);
          await latePut(world);
          await peerRun(world, writers);
        },
      };
    default:
      return { at, kind: name };
  }
}

async function peerRun(world: World, writers: WriterPromise): Promise<void> {
  const by = `peer ${world.runs.size}`;
  const { record } = await runCleaner(world, by, (store) => store, {
    cells: [cell],
    writers,
    nowMs: world.clock.nowMs,
  });
  checkInvariants(world);
  checkReport(world, record);
}

async function latePut(world: World): Promise<void> {
  for (let firstSeq = 7_003; ; firstSeq += 10) {
    const there = [...world.store.objects.keys()].some((key) => parseRawKey(key)?.firstSeq === firstSeq);
    if (there) continue;
    await putSegment(world, cell, firstSeq, writtenMs);
    checkInvariants(world);
    return;
  }
}

async function overwriteOne(world: World): Promise<void> {
  const [key] = rawKeys(world);
  if (key === undefined) return;
  // What happened before is judged by the store as it was.
  checkInvariants(world);
  const bytes = Buffer.from(`{"overwritten":${world.store.changes.length}}\n`);
  await putRaw(world, key, bytes, digestOf(bytes), world.clock.nowMs, false);
  checkInvariants(world);
}

async function deleteOne(world: World): Promise<void> {
  const key = rawKeys(world).at(-1);
  if (key === undefined) return;
  forgive(world, key);
  await world.store.openFor('somebody else').delete([{ key }]);
  checkInvariants(world);
}

function rawKeys(world: World): readonly string[] {
  return [...world.store.objects.keys()].filter((key) => key.startsWith(rawCellPrefix(cell))).sort();
}
