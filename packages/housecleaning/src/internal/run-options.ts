import { assertMarketDay, utcDay } from '../days.ts';
import { HousecleaningError } from '../errors.ts';
import { assertCell } from '../keys.ts';
import {
  housecleaningDefaults,
  type DeleteLimits,
  type HousecleaningOptions,
  type ResolvedOptions,
} from './run-types.ts';
import { sha256Hex } from './sha256.ts';
import { toUtf8 } from './utf8.ts';

const hourMs = 3_600_000;

/**
 * Fills in the defaults and refuses what makes no sense or reaches too far.
 *
 * @throws HousecleaningError `bad-option`, `bad-key`
 */
export function resolveOptions(options: HousecleaningOptions): ResolvedOptions {
  assertKnown(options);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const resolved = {
    ...housecleaningDefaults,
    ...given,
    limits: { ...housecleaningDefaults.limits, ...options.limits },
    day: options.day ?? options.safety?.day ?? utcDay,
    runId: options.runId ?? crypto.randomUUID(),
  } as ResolvedOptions;
  for (const name of [
    'nowMs',
    'graceMs',
    'minAgeMs',
    'maxDeletes',
    'maxSources',
    'maxCellBytes',
    'bufferBytes',
    'clockToleranceMs',
  ] as const) {
    const value = resolved[name];
    if (!Number.isFinite(value) || value < 0) throw badOption(name, value, 'a number from 0 on');
  }
  if (!resolved.allowImmediate) {
    for (const name of ['graceMs', 'minAgeMs'] as const) {
      const value = resolved[name];
      if (value < hourMs) {
        throw badOption(name, value, 'at least 3600000 (1 hour), or allowImmediate: true where no writer is left');
      }
    }
  }
  const { limits, share, concurrency, runId, day, safety } = resolved;
  if (!(limits.medianFactor >= 1)) throw badOption('limits.medianFactor', limits.medianFactor, 'a number from 1 on');
  if (!(limits.floor >= 0)) throw badOption('limits.floor', limits.floor, 'a number from 0 on');
  if (!(share > 0 && share <= 1)) throw badOption('share', share, 'a number above 0, up to 1');
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 64)
    throw badOption('concurrency', concurrency, 'a whole number from 1 to 64');
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(runId)) throw badOption('runId', runId, '1 to 64 of A-Z a-z 0-9 _ -');
  assertOneOf('writers', resolved.writers, ['write-once', 'overwriting']);
  assertOneOf('approve', resolved.approve, [undefined, 'first-run']);
  assertOneOf('stopAfter', resolved.stopAfter, [undefined, 'publish']);
  assertMarketDay(day);
  if (safety && (safety.day.tz !== day.tz || safety.day.dayStart !== day.dayStart))
    throw badOption('day', day, 'the same day as safety.day, or to be left out');
  if (!resolved.env.env || !resolved.env.bucketId) {
    throw badOption('env', resolved.env, 'two non-empty names { env, bucketId } that tell this store from every other');
  }
  resolved.cells?.forEach(assertCell);
  return resolved;
}

/** All there are: a misspelt `dryRun` would be a real run. */
const optionNames: Readonly<Record<keyof HousecleaningOptions, true>> = {
  ...{ store: true, cells: true, nowMs: true, graceMs: true, minAgeMs: true, allowImmediate: true, writers: true },
  ...{ day: true, safety: true, approve: true, dryRun: true, maxDeletes: true, limits: true, share: true },
  ...{ maxSources: true, maxCellBytes: true, bufferBytes: true, clockToleranceMs: true, env: true, runId: true },
  ...{
    concurrency: true,
    stopAfter: true,
    lease: true,
    codec: true,
    describeRecord: true,
    onEvent: true,
    signal: true,
  },
};
const limitNames: Readonly<Record<keyof DeleteLimits, true>> = { medianFactor: true, floor: true };

/** For callers without types: what is missing or misspelt is named. */
function assertKnown(options: Partial<HousecleaningOptions>): void {
  const { store, env } = options;
  if (typeof store?.get !== 'function') throw badOption('store', typeof store, 'an ObjectStore');
  if (typeof env !== 'object') throw badOption('env', env, 'two non-empty names { env, bucketId }');
  assertNames('', options, optionNames);
  assertNames('limits.', options.limits ?? {}, limitNames);
}

function assertNames(before: string, given: object, known: object): void {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || Object.hasOwn(known, name)) continue;
    const message = `There is no option ${before}${name}; expected ${Object.keys(known).join(', ')}.`;
    throw new HousecleaningError('bad-option', message, name);
  }
}

/** The options that decide which objects may be deleted: what somebody consented to. */
export interface RunConfig {
  readonly env: string;
  readonly bucketId: string;
  readonly writers: string;
  readonly graceMs: number;
  readonly minAgeMs: number;
  readonly tz: string;
  readonly dayStart: string;
}

/** The part of the options that {@link RunConfig} is about, in a fixed order. */
export function configOf(options: ResolvedOptions): RunConfig {
  const { env, writers, graceMs, minAgeMs, day } = options;
  return {
    env: env.env,
    bucketId: env.bucketId,
    writers,
    graceMs,
    minAgeMs,
    tz: day.tz,
    dayStart: day.dayStart,
  };
}

/** Fingerprint of a configuration. */
export function configSha256(config: RunConfig): Promise<string> {
  return sha256Hex(toUtf8(JSON.stringify(config)));
}

/** An error about an option, with what was expected. */
export function badOption(name: string, value: unknown, expected: string): HousecleaningError {
  return new HousecleaningError('bad-option', `The option ${name} is ${shown(value)}; expected ${expected}.`, value);
}

/** JSON would make `null` of NaN. */
function shown(value: unknown): string {
  return value === undefined || typeof value === 'number' ? String(value) : JSON.stringify(value);
}

function assertOneOf(name: string, value: unknown, allowed: readonly unknown[]): void {
  if (allowed.includes(value)) return;
  const names = allowed.filter((option) => option !== undefined).map((option) => JSON.stringify(option));
  throw badOption(name, value, names.join(' or '));
}
