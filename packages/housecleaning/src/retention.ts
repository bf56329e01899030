/**
 * Retention: rules as data, a plan that is bound to what the store held, and a deletion that does what the plan says or
 * nothing. A plan names every object with its identity; its token binds it to a secret and expires.
 */
import { HousecleaningError } from './errors.ts';
import {
  assertToken,
  badOption,
  countTargets,
  digestPlan,
  assertSecret,
  digestTargets,
  retentionDefaults,
  tokenOf,
  type DeletePlan,
} from './internal/delete-plan.ts';
import { assertClock, assertEnvironment, dropMoved } from './internal/retention-guards.ts';
import { readRules, type PrefixLimits, type ReadRule, type RetentionRule } from './internal/retention-rules.ts';
import { surveyStore, type PlannedDelete } from './internal/retention-survey.ts';
import type { Environment } from './internal/run-types.ts';
import type { ObjectStore } from './object-store.ts';

export { retentionDefaults } from './internal/delete-plan.ts';
export type { DeletePlan } from './internal/delete-plan.ts';
export type { PrefixLimits, RetentionRule } from './internal/retention-rules.ts';
export type { PlannedDelete } from './internal/retention-survey.ts';

/** How to make a plan. */
export interface PlanBulkDeleteOptions extends PrefixLimits {
  /** Compared with the stamp that housecleaning left in the store. */
  readonly env: Environment;
  /** The time of the plan, epoch ms UTC. Nothing in here reads a clock. */
  readonly nowMs: number;
  /** At least 32 bytes that only those know who may delete. */
  readonly secret: Uint8Array;
  /**
   * How long the plan may be carried out, ms; at most a day.
   * @defaultValue 15 minutes
   */
  readonly ttlMs?: number;
  /**
   * Most objects of a plan.
   * @defaultValue 200 000
   */
  readonly maxObjects?: number;
  readonly signal?: AbortSignal;
}

/** How to carry a plan out. */
export interface RunBulkDeleteOptions {
  /** The plan's token, given once more by whoever decides. */
  readonly token: string;
  /** The secret that the plan was made with. */
  readonly secret: Uint8Array;
  /** The time of the run, epoch ms UTC. */
  readonly nowMs: number;
  /**
   * How far `nowMs` and the store's time may be apart, ms.
   * @defaultValue 60 seconds
   */
  readonly clockToleranceMs?: number;
  /**
   * Most objects deleted by this call; call again for the rest.
   * @defaultValue all
   */
  readonly maxDeletes?: number;
  /** Told after every batch. An error that it throws stops the run. */
  readonly onProgress?: (progress: BulkDeleteProgress) => void;
  /** Stops before the next batch. */
  readonly signal?: AbortSignal;
}

/** How far a run is. */
export interface BulkDeleteProgress {
  /** Targets that are dealt with, those of earlier runs included. */
  readonly done: number;
  readonly objects: number;
  readonly deleted: number;
}

/** What a run did. */
export interface BulkDeleteResult {
  /** Objects that this run deleted. */
  readonly deleted: number;
  readonly bytes: number;
  /** Targets that were gone already, by an earlier run of the plan for example. */
  readonly absent: number;
  /** Keys under which another object lies than the one that was planned; they were left alone. */
  readonly changed: readonly string[];
  /** Objects left alone because their cell changed during the run, with the reason. */
  readonly kept: readonly string[];
  /** Targets that this call did not get to, because of `maxDeletes`. */
  readonly remaining: number;
}

const batchSize = 1_000;
const dayMs = 86_400_000;

/**
 * What the rules would delete now. The store is only read.
 *
 * @throws HousecleaningError `bad-option` for rules and options that reach too far, `wrong-store`, `too-large` beyond
 * `maxObjects`, `bad-listing`
 */
export async function planBulkDelete(
  store: ObjectStore,
  rules: readonly RetentionRule[],
  options: PlanBulkDeleteOptions,
): Promise<DeletePlan> {
  const { nowMs, allow, minDepth, signal } = options;
  const maxObjects = options.maxObjects ?? retentionDefaults.maxObjects;
  const ttlMs = options.ttlMs ?? retentionDefaults.ttlMs;
  if (!Number.isSafeInteger(nowMs) || nowMs < 0) throw badOption('nowMs', nowMs, 'whole epoch milliseconds');
  if (!Number.isSafeInteger(maxObjects) || maxObjects < 1) throw badOption('maxObjects', maxObjects, '1 or more');
  if (!Number.isSafeInteger(ttlMs) || ttlMs < 1 || ttlMs > dayMs) throw badOption('ttlMs', ttlMs, `1 to ${dayMs}`);
  assertSecret(options.secret);
  const read = readRules(rules, { allow, minDepth }, store.capabilities);
  await assertEnvironment(store, options.env, signal);
  const { targets, kept } = await surveyStore(store, read, { asOfMs: nowMs, maxObjects, signal });
  const body = {
    schema: 'hc-delete-plan/1' as const,
    env: { env: options.env.env, bucketId: options.env.bucketId },
    madeAtMs: nowMs,
    expiresMs: nowMs + ttlMs,
    rules: structuredClone(rules),
    limits: { allow: [...allow], minDepth, maxObjects },
    targets,
    ...countTargets(targets, read),
    kept,
    listingDigest: digestTargets(targets),
  };
  const digest = digestPlan(body);
  return { ...body, digest, token: await tokenOf(digest, options.secret) };
}

/**
 * Deletes what the plan names, in batches of up to 1,000, with the planned identity where the store deletes conditionally.
 * First everything is looked at again: the token, the rules, the stamp of the store, its clock (by a put of
 * `housecleaning/v1/clock.json`), and what the rules allow now. Killed or stopped at any moment, it goes on when it is
 * called again with the same plan.
 *
 * @throws HousecleaningError `bad-token` for an edited plan or one that expired or is of another secret, `plan-changed` if
 * the rules no longer allow a target or reach an object that the plan does not name, `bad-option`, `wrong-store`,
 * `bad-listing`; nothing was deleted then
 */
export async function runBulkDelete(
  store: ObjectStore,
  plan: Omit<DeletePlan, 'token'>,
  options: RunBulkDeleteOptions,
): Promise<BulkDeleteResult> {
  const { signal } = options;
  await assertToken(plan, options);
  const rules = readRules(plan.rules, plan.limits, store.capabilities);
  await assertEnvironment(store, plan.env, signal);
  await assertClock(store, options.nowMs, options.clockToleranceMs ?? retentionDefaults.clockToleranceMs);
  const { pending, changed, archives } = await compareWithStore(store, plan, rules, signal);
  const limit = options.maxDeletes ?? pending.length;
  if (!Number.isSafeInteger(limit) || limit < 0) throw badOption('maxDeletes', limit, 'a whole number from 0 on');

  const kept: string[] = [];
  let absent = plan.objects - pending.length - changed.length;
  let deleted = 0;
  let bytes = 0;
  let at = 0;
  const size = Math.min(batchSize, store.capabilities.maxDeleteBatch);
  while (at < Math.min(pending.length, limit)) {
    signal?.throwIfAborted();
    const slice = pending.slice(at, Math.min(at + size, limit));
    const batch = await dropMoved(store, slice, archives, kept, signal);
    const results = await store.delete(
      batch.map(({ key, etag }) => ({ key, etag })),
      signal ? { signal } : {},
    );
    for (const [i, { key, outcome }] of results.entries()) {
      if (outcome === 'changed') changed.push(key);
      else if (outcome === 'absent') absent += 1;
      else {
        deleted += 1;
        bytes += batch[i]!.size;
      }
    }
    at += slice.length;
    options.onProgress?.({ done: plan.objects - pending.length + at, objects: plan.objects, deleted });
  }
  return { deleted, bytes, absent, changed, kept, remaining: pending.length - at };
}

/** The targets that are still there as planned; refuses a store in which the rules say something else by now. */
async function compareWithStore(
  store: ObjectStore,
  plan: Omit<DeletePlan, 'token'>,
  rules: readonly ReadRule[],
  signal: AbortSignal | undefined,
): Promise<{ pending: readonly PlannedDelete[]; changed: string[]; archives: ReadonlyMap<string, string> }> {
  const planned = new Map(plan.targets.map((target) => [target.key, target]));
  const there = new Set<string>();
  const changed: string[] = [];
  const { targets, archives } = await surveyStore(store, rules, {
    asOfMs: plan.madeAtMs,
    maxObjects: plan.limits.maxObjects,
    signal,
    onObject(object) {
      const target = planned.get(object.key);
      if (target === undefined) return;
      const same = object.etag === target.etag && object.size === target.size && object.version === target.version;
      if (same) there.add(object.key);
      else changed.push(object.key);
    },
  });
  const allowed = new Set(targets.map(({ key }) => key));
  for (const { key } of targets) {
    if (!planned.has(key)) throw planChanged(`the rules also reach "${key}", which it does not name`, key);
  }
  const pending = plan.targets.filter(({ key }) => there.has(key));
  const refused = pending.find(({ key }) => !allowed.has(key));
  if (refused) throw planChanged(`the rules no longer allow "${refused.key}" to go`, refused.key);
  return { pending, changed, archives };
}

function planChanged(why: string, key: string): HousecleaningError {
  return new HousecleaningError(
    'plan-changed',
    `The plan was refused: ${why}. Nothing was deleted; make a new plan.`,
    key,
  );
}
