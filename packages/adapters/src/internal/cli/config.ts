/** The configuration file of the command line: what a store is, and within which limits it is cleaned. */
import { createMarketCalendar } from '@tapekit/housecleaning/calendar';
import { durationMs } from '@tapekit/housecleaning/days';
import { isHousecleaningError } from '@tapekit/housecleaning/errors';
import { safetyDefaults, type SafetyOptions } from '@tapekit/housecleaning/safety';
import { z } from 'zod';
import { UsageError } from './usage.ts';

const hours = z.strictObject({
  name: z.string(),
  from: z.string(),
  to: z.string(),
  weekdays: z.array(z.int().min(0).max(6)).exactOptional(),
});

const calendar = z.strictObject({
  tz: z.string(),
  from: z.string(),
  to: z.string(),
  hours: z.array(hours).min(1),
  closed: z.array(z.string()).exactOptional(),
  special: z.record(z.string(), z.array(hours)).exactOptional(),
});

const safety = z.strictObject({
  day: z.strictObject({ tz: z.string(), dayStart: z.string() }),
  roster: z.array(z.string()).min(1),
  calendar: calendar.optional(),
  warmUp: z.string().optional(),
  fresh: z.string().optional(),
  quorum: z.number().optional(),
  onUnsafe: z.enum(['halt', 'archive-only']).optional(),
});

const retentionRule = z.discriminatedUnion('what', [
  z.strictObject({ what: z.literal('superseded-archives'), olderThan: z.string(), keepLast: z.int() }),
  z.strictObject({
    what: z.literal('kept-copies'),
    olderThan: z.string(),
    keepLast: z.int(),
    lookedAt: z.array(z.string()).exactOptional(),
  }),
  z.strictObject({ what: z.literal('journal'), olderThan: z.string(), keepLast: z.int() }),
  z.strictObject({
    what: z.literal('objects'),
    prefix: z.string(),
    olderThan: z.string(),
    keepLast: z.int(),
    writers: z.enum(['write-once', 'overwriting']).exactOptional(),
  }),
]);

const config = z.strictObject({
  store: z.string().optional(),
  endpoint: z.string().optional(),
  region: z.string().optional(),
  conditionalDelete: z.boolean().optional(),
  env: z.string().optional(),
  bucketId: z.string().optional(),
  writers: z.enum(['write-once', 'overwriting']).optional(),
  grace: z.string().optional(),
  minAge: z.string().optional(),
  maxDeletes: z.int().positive().optional(),
  safety: safety.optional(),
  retention: z
    .strictObject({
      allow: z.array(z.string()).default([]),
      minDepth: z.int().min(1).default(2),
      rules: z.array(retentionRule).min(1),
    })
    .optional(),
});

/** A configuration file, read; durations are still text. */
export type CliConfig = z.infer<typeof config>;

/**
 * Reads a configuration.
 * @throws UsageError that names the field
 */
export function parseConfig(text: string, name: string): CliConfig {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${name} is no JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
  const read = config.safeParse(raw);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new UsageError(`${name}: ${issue!.path.join('.') || 'the document'}: ${issue!.message}.`);
}

/** The safety check that a configuration asks for. */
export function safetyOf({ safety: given }: CliConfig): SafetyOptions | undefined {
  if (!given) return undefined;
  const { calendar: days, warmUp, fresh, quorum, onUnsafe } = given;
  return {
    day: given.day,
    roster: given.roster,
    ...(days ? { calendar: createMarketCalendar(days) } : {}),
    warmUpMs: warmUp === undefined ? safetyDefaults.warmUpMs : readDuration('safety.warmUp', warmUp),
    freshMs: fresh === undefined ? safetyDefaults.freshMs : readDuration('safety.fresh', fresh),
    quorum: quorum ?? safetyDefaults.quorum,
    onUnsafe: onUnsafe ?? safetyDefaults.onUnsafe,
  };
}

/**
 * Milliseconds of a duration.
 * @throws UsageError that names the setting
 */
export function readDuration(name: string, text: string): number {
  try {
    return durationMs(text);
  } catch (error) {
    if (!isHousecleaningError(error, 'bad-option')) throw error;
    throw new UsageError(
      `${name} is "${text}", expected an ISO-8601 duration such as PT24H or P30D, without months and years.`,
    );
  }
}
