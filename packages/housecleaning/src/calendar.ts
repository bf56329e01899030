/** On which days a market trades, and when: what the safety check must know to tell a holiday from a dead ingest. */
import { addDays, instantOf, type TimeRange } from './days.ts';
import { HousecleaningError } from './errors.ts';
import { isDate } from './keys.ts';

/** When a market traded on one date. */
export interface MarketSession {
  /** Start of trading, epoch ms UTC. */
  readonly openMs: number;
  /** End of trading, epoch ms UTC. */
  readonly closeMs: number;
  /**
   * When trading was on, ascending, where there are breaks between `openMs` and `closeMs`.
   * @defaultValue one range from open to close
   */
  readonly ranges?: readonly TimeRange[];
}

/** The calendar of a market. Write your own over a vendor's data, or make one with {@link createMarketCalendar}. */
export interface MarketCalendar {
  /** Whether the market trades on this date; `undefined` beyond what the calendar knows. */
  isSession(date: string): boolean | undefined;
  /** When it trades; `undefined` where {@link isSession} is not `true`. */
  sessionOf(date: string): MarketSession | undefined;
}

/** A part of the market's day, in its own clock. */
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

/** What {@link createMarketCalendar} is made from. */
export interface MarketCalendarOptions {
  /** IANA time zone of the hours. */
  readonly tz: string;
  /** First date that the calendar knows. */
  readonly from: string;
  /** Last date that it knows: usually the end of the year whose holidays are announced. */
  readonly to: string;
  /** Regular hours. A date on which none of them holds is no session. */
  readonly hours: readonly SessionHours[];
  /** Dates without trading on which the hours would hold: holidays. */
  readonly closed?: readonly string[];
  /** Dates with hours of their own: early closes, sessions on a Saturday. */
  readonly special?: Readonly<Record<string, readonly SessionHours[]>>;
}

/**
 * A calendar of regular hours, holidays and special days.
 *
 * @example
 * ```ts
 * const calendar = createMarketCalendar({
 *   tz: 'America/New_York',
 *   from: '2026-11-01',
 *   to: '2026-12-31',
 *   hours: [{ name: 'core', from: '09:30', to: '16:00', weekdays: [1, 2, 3, 4, 5] }],
 *   closed: ['2026-11-26', '2026-12-25'],
 *   special: { '2026-11-27': [{ name: 'core', from: '09:30', to: '13:00' }] },
 * });
 * calendar.isSession('2026-11-26'); // => false
 * new Date(calendar.sessionOf('2026-11-27')!.closeMs).toISOString(); // => '2026-11-27T18:00:00.000Z'
 * calendar.isSession('2027-01-04'); // => undefined
 * ```
 * @throws HousecleaningError `bad-option`
 */
export function createMarketCalendar(options: MarketCalendarOptions): MarketCalendar {
  const { tz, from, to, hours } = options;
  const closed = new Set(options.closed);
  const special = new Map(Object.entries(options.special ?? {}));
  if (!isDate(from)) throw badOption('from', from, 'a calendar day YYYY-MM-DD');
  if (!isDate(to) || to < from) throw badOption('to', to, `a calendar day YYYY-MM-DD from "${from}" on`);
  for (const date of [...closed, ...special.keys()]) {
    if (!isDate(date) || date < from || date > to) {
      throw badOption(closed.has(date) ? 'closed' : 'special', date, `a calendar day from "${from}" to "${to}"`);
    }
    if (closed.has(date) && special.has(date)) throw badOption('special', date, 'a day that is not closed as well');
  }
  // Wrong hours and zones are found now, not on the day that first needs them.
  for (const part of [...hours, ...[...special.values()].flat()]) rangeOf(from, part, tz);

  const knows = (date: string): boolean => isDate(date) && date >= from && date <= to;
  const hoursOf = (date: string): readonly SessionHours[] => {
    if (closed.has(date)) return [];
    const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
    return (special.get(date) ?? hours).filter(({ weekdays }) => weekdays?.includes(weekday) ?? true);
  };
  return {
    isSession: (date) => (knows(date) ? hoursOf(date).length > 0 : undefined),
    sessionOf(date) {
      if (!knows(date)) return undefined;
      const ranges = hoursOf(date)
        .map((part) => rangeOf(date, part, tz))
        .sort((a, b) => a.startMs - b.startMs);
      if (ranges.length === 0) return undefined;
      return { openMs: ranges[0]!.startMs, closeMs: Math.max(...ranges.map(({ endMs }) => endMs)), ranges };
    },
  };
}

function rangeOf(date: string, { from, to }: SessionHours, tz: string): TimeRange {
  const startMs = instantOf(date, from, tz);
  const endMs = instantOf(date, to, tz);
  return { startMs, endMs: endMs > startMs ? endMs : instantOf(addDays(date, 1), to, tz) };
}

function badOption(name: string, value: unknown, expected: string): HousecleaningError {
  return new HousecleaningError(
    'bad-option',
    `The option ${name} of the calendar holds ${JSON.stringify(value)}; expected ${expected}.`,
    value,
  );
}
