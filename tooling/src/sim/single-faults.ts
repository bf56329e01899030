/**
 * The SQLite method: every operation of a run fails once, in every way, in every kind of world; then undisturbed runs must
 * finish the work, and no invariant may ever break. Also ordered pairs of faults, and a crash after every prefix.
 */
import type { WriterPromise } from '@tapekit/housecleaning/housecleaning';
import { reportKey } from '@tapekit/housecleaning/keys';
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import { canHappen, createFaultStore, type Fault, type LoggedOperation } from '../fault-store.ts';
import { fingerprintOf } from './fingerprint.ts';
import { checkInvariants, checkReport } from './invariants.ts';
import { onePiece } from './one-piece.ts';
import { lookAfter } from './operator.ts';
import { quiesce } from './quiesce.ts';
import type { Flavour } from './sim-store.ts';
import { cell, faultOf, kindOf, troubleNames, writtenMs, type TroubleName } from './troubles.ts';
import {
  copyWorld,
  createWorld,
  deceives,
  putSegment,
  runCleaner,
  type RunRecord,
  type Violation,
  type World,
} from './world.ts';

export { troubleNames, type TroubleName } from './troubles.ts';

/** What the cell looks like when the run begins. */
export type Scenario =
  /** Raw objects, no archive. */
  | 'first'
  /** An archive whose raw objects are still there, and late objects. */
  | 'second'
  /** An archive whose raw objects are gone, and late objects. */
  | 'late'
  /** An archive, and half of its raw objects. */
  | 'half-pruned';

/** One world to try every fault in. */
export interface FaultConfig {
  readonly flavour: Flavour;
  readonly scenario: Scenario;
  /** Raw objects in the first generation. */
  readonly sources: number;
  /** Most keys of a delete. */
  readonly maxDeleteBatch: number;
}

/** The 96 worlds of the specification. */
export const faultConfigs: readonly FaultConfig[] = (['r2', 's3', 'fs'] as const).flatMap((flavour) =>
  (['first', 'second', 'late', 'half-pruned'] as const).flatMap((scenario) =>
    [0, 1, 5, 1_001].flatMap((sources) =>
      [1, 1_000].map((maxDeleteBatch) => ({ flavour, scenario, sources, maxDeleteBatch })),
    ),
  ),
);

/** The six worlds in which pairs of faults are tried. */
export const pairConfigs: readonly FaultConfig[] = (['r2', 's3'] as const).flatMap((flavour) =>
  (['first', 'late', 'half-pruned'] as const).map((scenario) => ({
    flavour,
    scenario,
    sources: 5,
    maxDeleteBatch: 1_000,
  })),
);

/** One case that went wrong. */
export interface Failure {
  readonly config: FaultConfig;
  readonly faults: readonly { readonly at: number; readonly name: TroubleName }[];
  readonly where: string;
  readonly violations: readonly Violation[];
}

export interface Enumeration {
  readonly cases: number;
  readonly failures: readonly Failure[];
}

const runMs = Date.parse('2026-11-21T12:00:00Z');

/** A world as the config wants it. */
export async function prepareWorld(
  { flavour, scenario, sources, maxDeleteBatch }: FaultConfig,
  writers: WriterPromise = 'write-once',
): Promise<World> {
  const world = createWorld({ flavour, maxDeleteBatch, nowMs: runMs });
  const direct = (store: ObjectStore): ObjectStore => store;
  for (let i = 0; i < sources; i++) await putSegment(world, cell, 10 * i, writtenMs);
  if (scenario === 'first') return settled(world);
  const maxDeletes = { second: 0, late: 200_000, 'half-pruned': Math.ceil(sources / 2) }[scenario];
  await runCleaner(world, 'earlier run', direct, { cells: [cell], maxDeletes, writers });
  if (scenario === 'half-pruned') return settled(world);
  // One object before and one after what is archived.
  await putSegment(world, cell, 5, writtenMs);
  await putSegment(world, cell, 99_999, writtenMs);
  return settled(world);
}

/** The operations of an undisturbed run, and those at which a fault is tried. */
interface Operations {
  readonly log: readonly LoggedOperation[];
  readonly chosen: readonly number[];
}

/** A world under both promises of the writers: a run notices when the promise changes. */
interface Prepared {
  readonly worlds: Readonly<Record<WriterPromise, World>>;
  readonly operations: Readonly<Record<WriterPromise, Operations>>;
  /** Worlds that came to rest without a violation, by what they were before: most faults leave one of a few behind. */
  readonly atRest: Set<string>;
}

async function prepareWorlds(config: FaultConfig): Promise<Prepared> {
  const once = await prepareWorld(config, 'write-once');
  const over = await prepareWorld(config, 'overwriting');
  return {
    atRest: new Set(),
    worlds: { 'write-once': once, overwriting: over },
    operations: {
      'write-once': await operationsOf(once, config, 'write-once'),
      overwriting: await operationsOf(over, config, 'overwriting'),
    },
  };
}

/** What writers promise where somebody overwrites. */
function writersOf(faults: readonly { readonly name: TroubleName }[]): WriterPromise {
  return faults.some(({ name }) => name === 'overwrite') ? 'overwriting' : 'write-once';
}

/** Tries every fault at every operation (of 1,001 objects: at the edges of every kind of operation). */
export async function enumerateSingleFaults(
  config: FaultConfig,
  options: { readonly names?: readonly TroubleName[]; readonly every?: number } = {},
): Promise<Enumeration> {
  const { names = troubleNames, every = 1 } = options;
  const prepared = await prepareWorlds(config);
  const failures: Failure[] = [];
  let cases = 0;
  let candidates = 0;
  for (const name of names) {
    const { log, chosen } = prepared.operations[writersOf([{ name }])];
    for (const at of chosen) {
      const operation = log[at]!;
      if (!canHappen(kindOf(name), operation)) continue;
      candidates += 1;
      if (candidates % every !== 0) continue;
      cases += 1;
      const violations = await tryFaults(prepared, [{ at, name }]);
      if (violations.length > 0)
        failures.push({ config, faults: [{ at, name }], where: `${operation.op} ${operation.subject}`, violations });
    }
  }
  return { cases, failures };
}

/** Tries ordered pairs of faults: the first in a run, the second in the same run or, after a crash, in the next one. */
export async function enumeratePairs(
  config: FaultConfig,
  options: { readonly from?: number; readonly every?: number } = {},
): Promise<Enumeration> {
  const { from = 0, every = 1 } = options;
  const prepared = await prepareWorlds(config);
  const failures: Failure[] = [];
  let cases = 0;
  let candidates = 0;
  for (const first of troubleNames) {
    for (const second of troubleNames) {
      const { log } = prepared.operations[writersOf([{ name: first }, { name: second }])];
      // A fault may make the run longer: what comes after it counts too.
      const length = 2 * log.length;
      for (const [at, operation] of log.entries()) {
        if (!canHappen(kindOf(first), operation)) continue;
        for (let later = at + 1; later < length; later++) {
          const expected = log[later];
          if (expected && !canHappen(kindOf(second), expected)) continue;
          candidates += 1;
          if ((candidates + from) % every !== 0) continue;
          cases += 1;
          const faults = [
            { at, name: first },
            { at: later, name: second },
          ];
          const violations = await tryFaults(prepared, faults);
          if (violations.length > 0)
            failures.push({ config, faults, where: `${operation.op} ${operation.subject}`, violations });
        }
      }
    }
  }
  return { cases, failures };
}

/** Crashes after every prefix of the operations, and again after every prefix of the run that follows. */
export async function enumerateCrashes(config: FaultConfig): Promise<Enumeration> {
  const prepared = await prepareWorlds(config);
  const { log } = prepared.operations['write-once'];
  const failures: Failure[] = [];
  let cases = 0;
  for (let first = 0; first < log.length; first++) {
    for (let second = 0; second < log.length; second++) {
      cases += 1;
      const faults = [
        { at: first, name: 'crash-after' as const },
        { at: first + 1 + second, name: 'crash-after' as const },
      ];
      const violations = await tryFaults(prepared, faults);
      if (violations.length > 0) failures.push({ config, faults, where: log[first]!.op, violations });
    }
  }
  return { cases, failures };
}

/** Repeats one case; what it violates. */
async function tryFaults(
  prepared: Prepared,
  faults: readonly { readonly at: number; readonly name: TroubleName }[],
): Promise<readonly Violation[]> {
  const writers = writersOf(faults);
  const world = copyWorld(prepared.worlds[writers]);
  let done = 0;
  let remaining = faults.map((fault) => fault);
  // After a crash the process starts again; what was planned for later operations happens there.
  for (let attempt = 1; remaining.length > 0 && attempt <= faults.length; attempt++) {
    const abort = new AbortController();
    const planned = remaining.map(({ at, name }): Fault => faultOf(world, writers, at - done, name, abort));
    let log: readonly LoggedOperation[] = [];
    const through = (store: ObjectStore, its: RunRecord): ObjectStore => {
      its.deceived = faults.some(({ name }) => deceives(name, reportKey));
      const faulty = createFaultStore(store, planned, onePiece);
      log = faulty.log;
      return faulty.store;
    };
    const options = { cells: [cell], writers, nowMs: runMs, signal: abort.signal } as const;
    const { record } = await runCleaner(world, `run ${attempt}`, through, options);
    checkInvariants(world);
    checkReport(world, record);
    done += log.length;
    remaining = remaining.filter(({ at }) => at >= done);
  }
  // The overwriting writer put its object in the middle of the run; it is old enough two days later.
  world.clock.nowMs = runMs + 2 * 86_400_000;
  // Raw objects that a dead attempt knew and a stranger took away look like those of an archive that is gone.
  if (faults.length > 1 && faults.some(({ name }) => name === 'foreign-delete'))
    await lookAfter(world, cell, { cells: [cell], writers, nowMs: world.clock.nowMs });
  const before = fingerprintOf(world);
  if (prepared.atRest.has(`${writers} ${before}`)) return world.violations;
  const found = await quiesce(world, {
    cells: [cell],
    run: { cells: [cell], writers, nowMs: world.clock.nowMs },
    // Of some of the worlds, whichever they are.
    plan: '0123'.includes(before[0]!),
    restore: '0123'.includes(before[1]!),
  });
  if (found.length === 0) prepared.atRest.add(`${writers} ${before}`);
  return world.violations;
}

async function operationsOf(prepared: World, config: FaultConfig, writers: WriterPromise): Promise<Operations> {
  let log: readonly LoggedOperation[] = [];
  const through = (store: ObjectStore): ObjectStore => {
    const counted = createFaultStore(store);
    log = counted.log;
    return counted.store;
  };
  await runCleaner(copyWorld(prepared), 'counted', through, { cells: [cell], writers, nowMs: runMs });
  if (config.sources < 1_000) return { log, chosen: [...log.keys()] };
  // Of very many alike: the first, the last, and those at the edge of a page.
  const byKind = new Map<string, number[]>();
  for (const [at, { op, subject }] of log.entries()) {
    const kind = `${op} ${subject.split('/', 2).join('/')}`;
    const same = byKind.get(kind);
    if (same) same.push(at);
    else byKind.set(kind, [at]);
  }
  const edges = [...byKind.values()].flatMap((same) => [same[0]!, same[999], same[1_000], same.at(-1)!]);
  return { log, chosen: [...new Set(edges.filter((at) => at !== undefined))].sort((a, b) => a - b) };
}

/** Nothing that happened while a world was prepared is checked again. */
function settled(world: World): World {
  checkInvariants(world);
  return world;
}
