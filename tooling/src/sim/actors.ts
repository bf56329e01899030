/** Everybody in a random schedule. All of them use the code that is published, through a store that may misbehave. */
import { createHash } from 'node:crypto';
import { archiveKey, quarantineKey, rawCellPrefix, type Cell } from '@tapekit/housecleaning/keys';
import { isHousecleaningError, isObjectStoreError } from '@tapekit/housecleaning/errors';
import { readArchive, restoreRaw } from '@tapekit/housecleaning/restore';
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import { CrashError } from '../fault-store.ts';
import { checkInvariants, checkReport } from './invariants.ts';
import { quarantine, reach, type Scene } from './scene.ts';
import { digestOf } from './sim-store.ts';
import { holdingOf } from './truth.ts';
import type { Pause } from './turns.ts';
import { acknowledge, makeSegment, runCleaner, type World } from './world.ts';

const hourMs = 3_600_000;

/** Puts some objects, each until it is acknowledged; a crash ends it. */
export async function write(scene: Scene, name: string, number: number, pause: Pause): Promise<void> {
  const { random, world, cells, config } = scene;
  const store = reach(scene, world.store.openFor(name), pause);
  let text = '';
  for (let i = 1 + random.below(3); i > 0; i--) {
    await idle(random.below(40), pause);
    const cell = random.pick(cells);
    if (config.writers === 'write-once') {
      const { key, bytes, sha256 } = makeSegment(cell, 1_000 * number + 10 * i + 3);
      if (!(await putOnce(world, store, key, bytes, sha256))) return;
    } else {
      // A buffer that is written anew as it grows.
      text += `{"writer":${number},"line":${i}}\n`;
      const key = `${rawCellPrefix(cells[0]!)}hour-${number}.jsonl`;
      if (!(await overwrite(world, store, key, Buffer.from(text)))) return;
    }
  }
}

/** W1: `ifAbsent`, and after a lost answer the bytes that are there decide. */
async function putOnce(
  world: World,
  store: ObjectStore,
  key: string,
  bytes: Uint8Array,
  sha256: string,
): Promise<boolean> {
  world.everPut.add(`${key} ${sha256}`);
  for (let attempt = 1; attempt <= 5; attempt++) {
    try {
      await store.put(key, bytes, { ifAbsent: true, sha256, metadata: { sha256 } });
      acknowledge(world, key, sha256);
      return true;
    } catch (error) {
      if (error instanceof CrashError) return false;
      if (!isObjectStoreError(error, 'precondition-failed')) continue;
      try {
        const there = await store.get(key);
        // A read may be damaged on the way; only the right digest is an acknowledgement.
        if (there && digestOf(await there.bytes()) === sha256) {
          acknowledge(world, key, sha256);
          return true;
        }
      } catch {
        // Asked again with the next put.
      }
    }
  }
  return false;
}

async function overwrite(world: World, store: ObjectStore, key: string, bytes: Uint8Array): Promise<boolean> {
  const sha256 = digestOf(bytes);
  world.everPut.add(`${key} ${sha256}`);
  for (let attempt = 1; attempt <= 5; attempt++) {
    try {
      await store.put(key, bytes, { sha256, metadata: { sha256 } });
      acknowledge(world, key, sha256);
      return true;
    } catch (error) {
      if (error instanceof CrashError) return false;
    }
  }
  return false;
}

/** Runs housecleaning a few times, with a clock and options of its own. */
export async function clean(scene: Scene, name: string, pause: Pause): Promise<void> {
  const { random, world, cells, counts } = scene;
  for (let i = 1 + random.below(3); i > 0; i--) {
    await pause();
    const planned = random.chance(0.1);
    // Somebody changes the configuration, and consents to what follows from it; the others are halted until they know.
    const config = planned ? { ...scene.config, minAgeMs: random.pick([1, 2, 24]) * hourMs } : scene.config;
    const skewMs = random.chance(0.15) ? random.pick([-48, -1, 1, 48]) * hourMs : random.below(60_000) - 30_000;
    const abort = new AbortController();
    counts.runs += 1;
    const by = `${name} run ${counts.runs}`;
    const { record, error } = await runCleaner(
      world,
      by,
      (store, its) => reach(scene, store, pause, { abort, record: its }),
      {
        nowMs: world.clock.nowMs + skewMs,
        ...config,
        ...scene.manner,
        ...(random.chance(0.05) ? { stopAfter: 'publish' as const } : {}),
        signal: abort.signal,
        maxDeletes: random.pick([1, 3, 200_000]),
        ...(random.chance(0.5) ? { cells } : {}),
      },
      planned,
    );
    if (planned && record.report) {
      counts.planned += 1;
      if (record.report.run.outcome !== 'halted') scene.config = config;
    }
    checkInvariants(world);
    checkReport(world, record);
    if (error !== undefined && !isExpected(error)) throw new Error(`${by} failed`, { cause: error });
  }
}

/** Reads the archive; what comes must be one generation, whole. */
export async function readBack(scene: Scene, pause: Pause): Promise<void> {
  const { random, world, cells, counts } = scene;
  for (let i = 1 + random.below(3); i > 0; i--) {
    await idle(random.below(80), pause);
    const cell = random.pick(cells);
    const key = archiveKey(cell);
    const earlier = world.published.get(key)?.length ?? 0;
    const intact = holdingOf(world.store, cell) !== undefined && !scene.rots;
    const store = reach(scene, world.store.openFor('reader'), pause);
    const lines: string[] = [];
    try {
      for await (const line of readArchive(store, cell)) lines.push(line);
    } catch (error) {
      if (intact && scene.faults === 0)
        world.violations.push({ invariant: 'I12', message: `an archive could not be read: ${String(error)}` });
      if (!isExpected(error)) throw error;
      continue;
    }
    counts.reads += 1;
    checkInvariants(world);
    // The one that was there when it began, or any that came since.
    const since = world.published.get(key)?.slice(Math.max(0, earlier - 1)) ?? [];
    const whole = since.some(
      (held) => held.lines.length === lines.length && held.lines.every((l, n) => l === lines[n]),
    );
    // An answer of before is allowed to a cache.
    const older = world.published.get(key)?.some((held) => held.lines.join() === lines.join()) === true;
    if (!whole && !(scene.faults > 0 && older))
      world.violations.push({ invariant: 'I12', message: `a reader saw ${lines.length} records of no generation` });
  }
}

/** Restores the raw objects of an archive, or compares only. */
export async function restore(scene: Scene, pause: Pause): Promise<void> {
  const { random, world, cells, counts } = scene;
  await idle(random.below(120), pause);
  const store = reach(scene, world.store.openFor('restorer'), pause);
  try {
    await restoreRaw(store, random.pick(cells), { check: random.chance(0.5) });
    counts.restores += 1;
  } catch (error) {
    if (!isExpected(error)) throw error;
  }
}

/** Stops a cell for a while. */
export async function operate(scene: Scene, pause: Pause): Promise<void> {
  const { random, world, cells } = scene;
  await idle(random.below(40), pause);
  const cell: Cell = random.pick(cells);
  await quarantine(world, cell);
  await idle(random.below(200), pause);
  await world.store.openFor('operator').delete([{ key: quarantineKey(cell) }]);
}

/** Lets others take some turns. */
function idle(turns: number, pause: Pause): Promise<void> {
  return pause(turns + 1);
}

/** Failures that an injected fault explains; anything else is a defect of the simulation or of the code. */
function isExpected(error: unknown): boolean {
  return (
    isObjectStoreError(error) ||
    isHousecleaningError(error) ||
    (error instanceof Error && ['InjectedError', 'CrashError', 'Error'].includes(error.name))
  );
}

/** A digest of everything that happened, to see that a seed decides everything. */
export function historyOf(world: World): string {
  const hash = createHash('sha256');
  for (const { by, key, after } of world.store.changes) hash.update(`${by} ${key} ${after?.info.etag ?? '-'}\n`);
  return hash.digest('hex');
}
