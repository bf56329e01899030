/**
 * A venue's trading sessions as data: when trading was on, under which name. A lunch break makes two sessions of a day, or
 * one with two ranges.
 */
import { FootprintError } from './errors.ts';

/** `[startMs, endMs)` in epoch milliseconds UTC. */
export interface TimeRange {
  /** Inclusive start, epoch milliseconds UTC. */
  readonly startMs: number;
  /** Exclusive end, epoch milliseconds UTC. */
  readonly endMs: number;
}

/** A stretch of trading that is looked at as one. */
export interface Session {
  /** How the session is called in what comes out, for example `2026-02-19`. */
  readonly name: string;
  /** When trading was on, ascending; more than one where there are breaks. */
  readonly ranges: readonly TimeRange[];
}

/** A part of the venue's day, in its own clock. */
export interface SessionHours {
  /** For example `session-1`. */
  readonly name: string;
  /** Inclusive start as `HH:MM` or `HH:MM:SS`. */
  readonly from: string;
  /** Exclusive end as `HH:MM` or `HH:MM:SS`, up to `24:00`; where it is not after `from`, on the next day. */
  readonly to: string;
  /**
   * Days of the week on which these hours hold, 0 for Sunday to 6 for Saturday.
   * @defaultValue every day
   */
  readonly weekdays?: readonly number[];
}

/** What {@link sessionsOfDates} is made from. */
export interface SessionDates {
  /** Trading days of the venue as `YYYY-MM-DD`: its calendar, holidays left out. */
  readonly dates: readonly string[];
  /** The venue's clock less UTC, in minutes: 420 for Jakarta. With daylight saving time, one call for each stretch. */
  readonly utcOffsetMinutes: number;
  readonly hours: readonly SessionHours[];
  /**
   * Whether the parts of a day are sessions of their own (`separate`, named `2026-02-19 session-1`) or ranges of one
   * (`joined`, named `2026-02-19`).
   * @defaultValue 'joined'
   */
  readonly breaks?: 'joined' | 'separate';
}

const MONDAY_TO_THURSDAY = [1, 2, 3, 4] as const;
const FRIDAY = [5] as const;

/**
 * The regular market of the Indonesia Stock Exchange since 2023-04-03, Jakarta time: the two sessions with the lunch break
 * between them, the opening auction before and the closing auction with post-trading after them. The venue gives its hours
 * with their last second; here the end is the second after it.
 */
export const idxRegularHours: readonly SessionHours[] = [
  { name: 'pre-opening', from: '08:45', to: '09:00' },
  { name: 'session-1', from: '09:00', to: '12:00:01', weekdays: MONDAY_TO_THURSDAY },
  { name: 'session-1', from: '09:00', to: '11:30:01', weekdays: FRIDAY },
  { name: 'session-2', from: '13:30', to: '15:50', weekdays: MONDAY_TO_THURSDAY },
  { name: 'session-2', from: '14:00', to: '15:50', weekdays: FRIDAY },
  { name: 'closing', from: '15:50', to: '16:15:01' },
];

/**
 * Sessions of a list of trading days.
 *
 * @example
 * ```ts
 * const hours = [
 *   { name: 'am', from: '09:00', to: '12:00' },
 *   { name: 'pm', from: '13:30', to: '16:00' },
 * ];
 * const [day] = sessionsOfDates({ dates: ['2026-02-19'], utcOffsetMinutes: 420, hours });
 * day?.ranges.map(({ startMs }) => new Date(startMs).toISOString());
 * // => ['2026-02-19T02:00:00.000Z', '2026-02-19T06:30:00.000Z']
 * ```
 * @throws {@link FootprintError} `bad-option` for what is no date or no time of day.
 */
export function sessionsOfDates({ dates, utcOffsetMinutes, hours, breaks = 'joined' }: SessionDates): Session[] {
  if (!Number.isFinite(utcOffsetMinutes) || Math.abs(utcOffsetMinutes) > 1440) {
    throw wrong('utcOffsetMinutes', utcOffsetMinutes, 'a number of minutes from -1440 to 1440');
  }
  return dates.flatMap((date) => {
    const midnightMs = midnightOf(date) - utcOffsetMinutes * 60_000;
    const weekday = new Date(midnightOf(date)).getUTCDay();
    const parts = hours
      .filter(({ weekdays }) => weekdays === undefined || weekdays.includes(weekday))
      .map(({ name, from, to }) => {
        const [startMs, end] = [midnightMs + clockMs(from), midnightMs + clockMs(to)];
        return { name, range: { startMs, endMs: end > startMs ? end : end + 86_400_000 } };
      })
      .sort((a, b) => a.range.startMs - b.range.startMs);
    if (breaks === 'separate') return parts.map(({ name, range }) => ({ name: `${date} ${name}`, ranges: [range] }));
    return parts.length === 0 ? [] : [{ name: date, ranges: parts.map(({ range }) => range) }];
  });
}

function midnightOf(date: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : NaN;
  // The engine reads 30 February as 2 March.
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== date) {
    throw wrong('Date', date, 'a day of the calendar as YYYY-MM-DD');
  }
  return ms;
}

function clockMs(clock: string): number {
  const match = /^(\d{2}):([0-5]\d)(?::([0-5]\d))?$/.exec(clock);
  const ms = match ? (Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3] ?? 0)) * 1000 : NaN;
  if (!(ms <= 86_400_000)) throw wrong('Time', clock, 'a time of day as HH:MM or HH:MM:SS');
  return ms;
}

function wrong(what: string, value: unknown, expected: string): FootprintError {
  return new FootprintError('bad-option', `${what} "${String(value)}" is not ${expected}.`, value);
}
