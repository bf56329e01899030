import { isObjectStoreError } from '../errors.ts';
import { archivePrefix, clockKey, envKey, rawPrefix, reportKey } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { readObject } from './reading.ts';
import type { ResolvedOptions } from './run-types.ts';
import { sha256Hex } from './sha256.ts';
import { fromUtf8, toUtf8 } from './utf8.ts';

/** Compares the stamp of the store with the configuration. */
export async function readEnvironment(
  store: Pick<ObjectStore, 'get'>,
  options: Pick<ResolvedOptions, 'env'>,
): Promise<'matches' | 'missing' | 'differs'> {
  const expected = environmentStamp(options);
  // A stamp that differs is read twice before the run is called off.
  for (let reads = 1; ; reads++) {
    const read = await readObject(store, envKey);
    if (read === undefined) return 'missing';
    if (fromUtf8(read.bytes) === expected) return 'matches';
    if (reads === 2) return 'differs';
  }
}

/** What is said of a store whose stamp differs. */
export function isAnother({ env: { env, bucketId } }: Pick<ResolvedOptions, 'env'>): string {
  return (
    `The store is not the one that this configuration means (env "${env}", bucket "${bucketId}"); ` +
    `compare "${envKey}" with the configuration.`
  );
}

/** Stamps a store. */
export async function stampEnvironment(
  store: Pick<ObjectStore, 'get' | 'put'>,
  options: Pick<ResolvedOptions, 'env' | 'signal'>,
): Promise<'matches' | 'created' | 'differs'> {
  const stamp = toUtf8(environmentStamp(options));
  const { signal } = options;
  let created = false;
  try {
    await store.put(envKey, stamp, {
      ...{ ifAbsent: true, sha256: await sha256Hex(stamp) },
      ...(signal ? { signal } : {}),
    });
    created = true;
  } catch (error) {
    if (!isObjectStoreError(error, 'precondition-failed')) throw error;
  }
  const there = await readEnvironment(store, options);
  if (there === 'missing') throw new Error(`"${envKey}" was put, but is not there; run again.`);
  return there === 'matches' && created ? 'created' : there;
}

/** True if the store holds raw objects or archives; a report of ours is no data. */
export async function hasData(store: Pick<ObjectStore, 'list'>): Promise<boolean> {
  for (const prefix of [rawPrefix, archivePrefix]) {
    let cursor: string | undefined;
    do {
      const page = await store.list({ prefix, limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      if (page.objects.some(({ key }) => key !== reportKey)) return true;
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
  return false;
}

/**
 * Reads the store's clock by a put that everybody may overwrite, also in a run that is then halted; a dry run puts nothing
 * and can only see that its clock is behind the put of an earlier run.
 */
export async function probeClock(
  store: Pick<ObjectStore, 'head' | 'put'>,
  options: Pick<ResolvedOptions, 'nowMs' | 'clockToleranceMs' | 'dryRun' | 'signal'>,
): Promise<{ readonly timeMs: number } | { readonly problem: string }> {
  const { nowMs, clockToleranceMs, dryRun } = options;
  const timeMs = dryRun
    ? Math.max(nowMs, (await store.head(clockKey))?.uploadedMs ?? nowMs)
    : await storeTime(store, options);
  if (Math.abs(timeMs - nowMs) <= clockToleranceMs) return { timeMs };
  return {
    problem: `The store's time is ${iso(timeMs)}, but the run's time nowMs is ${iso(nowMs)}; correct the clock that gives nowMs.`,
  };
}

async function storeTime(
  store: Pick<ObjectStore, 'head' | 'put'>,
  { nowMs, clockToleranceMs, signal }: Pick<ResolvedOptions, 'nowMs' | 'clockToleranceMs' | 'signal'>,
): Promise<number> {
  try {
    const reading = toUtf8(`{"schema":"hc-clock/1","nowMs":${nowMs}}\n`);
    return (await store.put(clockKey, reading, signal ? { signal } : {})).uploadedMs;
  } catch (error) {
    if (!isObjectStoreError(error, 'throttled')) throw error;
    // R2 takes one put a second of a key: many runs that start at once read the time of one of them. It is not later than
    // the store's own, so nothing counts as older than it is.
    const timeMs = (await store.head(clockKey))?.uploadedMs;
    if (timeMs === undefined || Math.abs(timeMs - nowMs) > clockToleranceMs) throw error;
    return timeMs;
  }
}

function environmentStamp({ env: { env, bucketId } }: Pick<ResolvedOptions, 'env'>): string {
  return `${JSON.stringify({ schema: 'hc-env/1', env, bucketId })}\n`;
}

function iso(timeMs: number): string {
  const time = new Date(timeMs);
  return Number.isNaN(time.getTime()) ? String(timeMs) : time.toISOString();
}
