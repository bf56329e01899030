/**
 * What a `{DATE}` means: when the day of a market begins and ends, in its own time zone. Days have 23 to 25 hours where
 * clocks are changed, and a zone that moves across the date line skips one altogether.
 */
import { HousecleaningError } from './errors.ts';
import { isDate } from './keys.ts';

/** How a market cuts time into days. */
export interface MarketDay {
  /** IANA time zone, as it is spelled there: `UTC`, `Asia/Jakarta`, `America/New_York`. */
  readonly tz: string;
  /** Local time at which a day begins and the one before ends, `00:00` to `23:59`. */
  readonly dayStart: string;
}

/** `[startMs, endMs)` in epoch milliseconds UTC. */
export interface TimeRange {
  /** Inclusive start, epoch milliseconds UTC. */
  readonly startMs: number;
  /** Exclusive end, epoch milliseconds UTC. */
  readonly endMs: number;
}

/** Days of UTC, from midnight to midnight: the right ones for markets that never close. */
export const utcDay: MarketDay = { tz: 'UTC', dayStart: '00:00' };

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * Start (inclusive) and end (exclusive) of a day. It starts at the first instant at which the local clock shows
 * `dayStart` of that date or later: where clocks are put forward over it, when they are; where they are put back over it,
 * the first time. The days of a market follow on each other without gap or overlap; a date that the zone skipped (Apia,
 * 30 December 2011) has no length.
 *
 * @example
 * ```ts
 * const { startMs, endMs } = dayBounds('2026-03-08', { tz: 'America/New_York', dayStart: '00:00' });
 * new Date(startMs).toISOString(); // => '2026-03-08T05:00:00.000Z'
 * (endMs - startMs) / 3_600_000; // => 23
 * ```
 * @throws HousecleaningError `bad-key` for a date outside the grammar, `bad-option` for a malformed `day`
 */
export function dayBounds(date: string, day: MarketDay): TimeRange {
  assertMarketDay(day);
  return boundsOf(date, day);
}

/**
 * The date of the day in which an instant lies.
 *
 * @throws HousecleaningError `bad-option` for a time outside 1990 to 2999 or a malformed `day`
 */
export function dateOf(timeMs: number, day: MarketDay): string {
  assertMarketDay(day);
  const local = timeMs + (Number.isFinite(timeMs) ? offsetMs(timeMs, day.tz) : 0) - clockMs(day.dayStart);
  let date = isoDate(local);
  if (!isDate(date)) throw badOption('timeMs', timeMs, 'epoch milliseconds from 1990 to 2999');
  // Clocks that are put back show a time before the start of the day once more; the day has begun all the same.
  while (timeMs >= boundsOf(date, day).endMs) date = addDays(date, 1);
  return date;
}

/**
 * True once the day has been over for `graceMs`. Before that, and for days to come, its cell is open and nothing touches
 * it. Give the earlier of the host's time and the store's: then no clock that runs ahead closes a day.
 *
 * @throws HousecleaningError `bad-key`, `bad-option`
 */
export function isDayClosed(date: string, day: MarketDay, nowMs: number, graceMs: number): boolean {
  return nowMs >= dayBounds(date, day).endMs + graceMs;
}

/** The date `days` calendar days after `date` (before it where negative). */
export function addDays(date: string, days: number): string {
  return isoDate(utcMidnight(date) + days * dayMs);
}

/** The latest date that a raw object of today may bear: tomorrow's, for clocks of writers that run ahead. */
export function latestDate(nowMs: number, day: MarketDay): string {
  return addDays(dateOf(nowMs, day), 1);
}

/**
 * The first instant at which the local clock shows `clock` of `date` or later; `clock` is `HH:MM` or `HH:MM:SS`, up to
 * `24:00`.
 *
 * @throws HousecleaningError `bad-key`, `bad-option`
 */
export function instantOf(date: string, clock: string, tz: string): number {
  assertZone(tz);
  return firstInstant(utcMidnight(date) + clockMs(clock), tz);
}

/**
 * Milliseconds of an ISO-8601 duration of weeks, days, hours, minutes and seconds: `P30D`, `PT36H`. Months and years have no
 * fixed length.
 *
 * @throws HousecleaningError `bad-option`
 */
export function durationMs(text: unknown): number {
  const match =
    typeof text === 'string' &&
    text.length > 2 &&
    /^P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?$/.exec(text);
  if (!match) {
    throw badOption('duration', text, 'an ISO-8601 duration such as P30D or PT36H, without months and years');
  }
  const [weeks, days, hours, minutes, seconds] = match
    .slice(1)
    .map((digits: string | undefined) => Number(digits ?? 0));
  return (((weeks! * 7 + days!) * 24 + hours!) * 60 + minutes!) * 60_000 + seconds! * 1_000;
}

/**
 * Refuses what is no market day.
 *
 * @throws HousecleaningError `bad-option`
 */
export function assertMarketDay(day: MarketDay): void {
  assertZone(day.tz);
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(day.dayStart))
    throw badOption('dayStart', day.dayStart, 'a local time from "00:00" to "23:59"');
}

function boundsOf(date: string, { tz, dayStart }: MarketDay): TimeRange {
  const startMs = utcMidnight(date) + clockMs(dayStart);
  return { startMs: firstInstant(startMs, tz), endMs: firstInstant(startMs + dayMs, tz) };
}

/** The first instant whose local time, written as if it were UTC, is `localMs` or later. */
function firstInstant(localMs: number, tz: string): number {
  if (tz === 'UTC') return localMs;
  // Zones lie between 12 hours behind and 14 hours ahead of UTC, and change at most once within a day and a bit.
  let before = localMs - 15 * hourMs;
  let after = localMs + 13 * hourMs;
  const oldOffset = offsetMs(before, tz);
  const newOffset = offsetMs(after, tz);
  if (oldOffset === newOffset) return localMs - oldOffset;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetMs(middle, tz) === oldOffset) before = middle;
    else after = middle;
  }
  const changeMs = after;
  return localMs - oldOffset < changeMs ? localMs - oldOffset : Math.max(changeMs, localMs - newOffset);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(tz: string): Intl.DateTimeFormat {
  let format = formats.get(tz);
  if (!format) {
    const numeric = 'numeric';
    format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
      timeZone: tz,
      hourCycle: 'h23',
      ...{ year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric },
    });
    formats.set(tz, format);
  }
  return format;
}

/** Local time less UTC. */
function offsetMs(timeMs: number, tz: string): number {
  if (tz === 'UTC') return 0;
  const seconds = Math.floor(timeMs / 1_000) * 1_000;
  const of: Record<string, number> = {};
  for (const { type, value } of formatOf(tz).formatToParts(seconds)) of[type] = Number(value);
  const { year = NaN, month = NaN, day, hour, minute, second } = of;
  return Date.UTC(year, month - 1, day, hour, minute, second) - seconds;
}

function assertZone(tz: string): void {
  if (formats.has(tz) || tz === 'UTC') return;
  const expected = 'an IANA time zone such as "UTC" or "Asia/Jakarta"';
  // Newer engines take offsets such as "+07:00", older ones do not: a configuration must mean the same everywhere.
  if (typeof tz !== 'string' || !/^[A-Z]/i.test(tz)) throw badOption('tz', tz, expected);
  let resolved: string;
  try {
    resolved = formatOf(tz).resolvedOptions().timeZone;
  } catch (error) {
    throw badOption('tz', tz, expected, error);
  }
  if (resolved !== tz && resolved.toLowerCase() === tz.toLowerCase()) {
    formats.delete(tz);
    throw badOption('tz', tz, `the spelling "${resolved}"`);
  }
}

function utcMidnight(date: string): number {
  if (isDate(date)) return Date.parse(`${date}T00:00:00Z`);
  throw new HousecleaningError(
    'bad-key',
    `The date ${JSON.stringify(date)} is no day; expected a calendar day YYYY-MM-DD from 1990 to 2999.`,
    date,
  );
}

function isoDate(utcMs: number): string {
  const time = new Date(utcMs);
  return Number.isNaN(time.getTime()) ? '' : time.toISOString().slice(0, 10);
}

function clockMs(clock: string): number {
  const match = /^(\d{2}):([0-5]\d)(?::([0-5]\d))?$/.exec(clock);
  const ms = match ? (Number(match[1]) * 3_600 + Number(match[2]) * 60 + Number(match[3] ?? 0)) * 1_000 : NaN;
  if (!(ms <= dayMs)) throw badOption('clock', clock, 'a local time "HH:MM" or "HH:MM:SS" up to "24:00"');
  return ms;
}

function badOption(name: string, value: unknown, expected: string, cause?: unknown): HousecleaningError {
  return new HousecleaningError(
    'bad-option',
    `The option ${name} is ${typeof value === 'string' ? JSON.stringify(value) : String(value)}; expected ${expected}.`,
    value,
    { cause },
  );
}
