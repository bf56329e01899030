/** On which days a venue trades and when, as data: hours that change over the years, breaks, holidays and half days. */
import type { MarketCalendar, SessionHours } from '@tapekit/housecleaning/calendar';
import { addDays, dateOf, instantOf, type TimeRange } from '@tapekit/housecleaning/days';
import { AdaptersError } from '../errors.ts';
import { isCalendarDay } from '../internal/calendar-day.ts';

/** A part of a trading day, in the venue's clock. */
export interface VenueHours extends SessionHours {
  /**
   * −1 where the part begins on the calendar day before the trading day, as the evening session of futures does.
   * @defaultValue 0
   */
  readonly fromDay?: -1 | 0;
}

/** Hours that hold from a date on. */
export interface DatedHours {
  /** First trading day with these hours. */
  readonly from: string;
  readonly hours: readonly VenueHours[];
}

/** A part of one trading day. */
export interface VenuePhase extends TimeRange {
  /** For example `session-1`. */
  readonly name: string;
}

/** What {@link createVenueCalendar} is made from. */
export interface VenueCalendarOptions {
  /** Name of the venue, for errors. */
  readonly venue: string;
  /** IANA time zone of the hours. */
  readonly tz: string;
  /** First trading day that the calendar knows. */
  readonly from: string;
  /** Last day that it knows: the end of the year whose holidays are announced. */
  readonly to: string;
  /** Hours by the date from which they hold, oldest first; days before the first of them trade at hours not known here. */
  readonly hours: readonly DatedHours[];
  /**
   * Days of the week on which the venue trades, 0 for Sunday to 6 for Saturday.
   * @defaultValue Monday to Friday
   */
  readonly weekdays?: readonly number[];
  /** Days without trading on which it would trade by the weekday. */
  readonly closed: readonly string[];
  /** Days with hours of their own: half days, a session on a Saturday. */
  readonly special?: Readonly<Record<string, readonly VenueHours[]>>;
}

/** The calendar of a venue; goes wherever housecleaning asks for a `MarketCalendar`. */
export interface VenueCalendar extends MarketCalendar {
  readonly venue: string;
  readonly tz: string;
  readonly from: string;
  readonly to: string;
  /** The parts of a trading day in order of time; empty where it does not trade, `undefined` where that is not known. */
  phasesOf(date: string): readonly VenuePhase[] | undefined;
  /** The trading day and the part of it that an instant lies in; `undefined` outside of all of them. */
  phaseAt(timeMs: number): { readonly date: string; readonly phase: VenuePhase } | undefined;
  /**
   * Trading days from one date to another, both inclusive.
   * @throws AdaptersError `bad-option` beyond what the calendar knows.
   */
  tradingDays(from: string, to: string): string[];
  /**
   * The trading day `count` trading days after a date (before it, for a negative count); the date need not be one.
   * @throws AdaptersError `bad-option` beyond what the calendar knows.
   */
  shift(date: string, count: number): string;
}

const mondayToFriday: readonly number[] = [1, 2, 3, 4, 5];

/**
 * A calendar over tables.
 *
 * @example
 * ```ts
 * const calendar = createVenueCalendar({
 *   venue: 'demo', tz: 'Asia/Jakarta', from: '2026-01-01', to: '2026-12-31', closed: ['2026-01-01'],
 *   hours: [{ from: '2026-01-01', hours: [{ name: 'am', from: '09:00', to: '12:00' }, { name: 'pm', from: '13:30', to: '16:00' }] }],
 * });
 * calendar.tradingDays('2026-01-01', '2026-01-06'); // => ['2026-01-02', '2026-01-05', '2026-01-06']
 * calendar.phaseAt(Date.UTC(2026, 0, 2, 5, 30)); // => undefined (12:30 in Jakarta: lunch)
 * calendar.phaseAt(Date.UTC(2026, 0, 2, 7))?.phase.name; // => 'pm'
 * ```
 * @throws AdaptersError `bad-option` for tables that contradict themselves.
 */
export function createVenueCalendar(options: VenueCalendarOptions): VenueCalendar {
  const { venue, tz, from, to, hours, weekdays = mondayToFriday } = options;
  const closed = new Set(options.closed);
  const special = new Map(Object.entries(options.special ?? {}));
  checkTables(options, closed, special);

  const knows = (date: string): boolean => date >= from && date <= to;
  const trades = (date: string): boolean =>
    special.has(date) || (weekdays.includes(weekdayOf(date)) && !closed.has(date));
  const hoursOf = (date: string): readonly VenueHours[] | undefined =>
    special.get(date) ?? hours.findLast((dated) => dated.from <= date)?.hours;

  const phasesOf = (date: string): readonly VenuePhase[] | undefined => {
    if (!knows(date)) return undefined;
    if (!trades(date)) return [];
    return hoursOf(date)
      ?.filter((part) => part.weekdays?.includes(weekdayOf(date)) ?? true)
      .map((part) => phaseOf(date, part, tz))
      .sort((a, b) => a.startMs - b.startMs);
  };

  const shift = (date: string, count: number): string => {
    const step = count < 0 ? -1 : 1;
    let day = date;
    for (let left = Math.abs(count); left > 0;) {
      day = addDays(day, step);
      if (!knows(day)) throw unknownDay(options, day);
      if (trades(day)) left -= 1;
    }
    return day;
  };

  return {
    venue,
    tz,
    from,
    to,
    isSession: (date) => (knows(date) ? trades(date) : undefined),
    sessionOf(date) {
      const phases = phasesOf(date);
      if (phases === undefined || phases.length === 0) return undefined;
      const closeMs = Math.max(...phases.map(({ endMs }) => endMs));
      return { openMs: phases[0]!.startMs, closeMs, ranges: joined(phases) };
    },
    phasesOf,
    phaseAt(timeMs) {
      const today = dateOf(timeMs, { tz, dayStart: '00:00' });
      // An evening belongs to the trading day after it, and a night may to the one before.
      for (const date of [today, addDays(today, 1), addDays(today, -1)]) {
        const phase = phasesOf(date)?.find(({ startMs, endMs }) => startMs <= timeMs && timeMs < endMs);
        if (phase) return { date, phase };
      }
      return undefined;
    },
    tradingDays(first, last) {
      for (const date of [first, last]) if (!knows(date)) throw unknownDay(options, date);
      const days: string[] = [];
      for (let date = first; date <= last; date = addDays(date, 1)) if (trades(date)) days.push(date);
      return days;
    },
    shift,
  };
}

function phaseOf(date: string, { name, from, to, fromDay = 0 }: VenueHours, tz: string): VenuePhase {
  const startMs = instantOf(addDays(date, fromDay), from, tz);
  const endMs = instantOf(date, to, tz);
  return { name, startMs, endMs: endMs > startMs ? endMs : instantOf(addDays(date, 1), to, tz) };
}

/** Phases that touch are one range. */
function joined(phases: readonly VenuePhase[]): TimeRange[] {
  const ranges: TimeRange[] = [];
  for (const { startMs, endMs } of phases) {
    const last = ranges.at(-1);
    if (last && startMs <= last.endMs)
      ranges[ranges.length - 1] = { startMs: last.startMs, endMs: Math.max(last.endMs, endMs) };
    else ranges.push({ startMs, endMs });
  }
  return ranges;
}

function weekdayOf(date: string): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay();
}

function checkTables(
  options: VenueCalendarOptions,
  closed: ReadonlySet<string>,
  special: ReadonlyMap<string, readonly VenueHours[]>,
): void {
  const { venue, tz, from, to, hours } = options;
  const refuse = (what: string, value: string, expected: string): AdaptersError =>
    new AdaptersError('bad-option', `${what} "${value}" of the calendar of ${venue} is not ${expected}.`, { value });
  if (!isCalendarDay(from)) throw refuse('from', from, 'a date as YYYY-MM-DD');
  if (!isCalendarDay(to) || to < from) throw refuse('to', to, `a date from "${from}" on`);
  let before = '';
  for (const { from: start } of hours) {
    if (!isCalendarDay(start) || start <= before) throw refuse('hours.from', start, `a date after "${before}"`);
    before = start;
  }
  for (const date of [...closed, ...special.keys()]) {
    if (!isCalendarDay(date) || date < from || date > to)
      throw refuse('date', date, `a date from "${from}" to "${to}"`);
    if (closed.has(date) && special.has(date))
      throw refuse('special', date, 'a day that is open: it is closed as well');
  }
  // Wrong clocks and zones are found now, not on the day that first needs them.
  for (const part of [...hours.flatMap((dated) => dated.hours), ...[...special.values()].flat()])
    phaseOf(from, part, tz);
}

function unknownDay({ venue, from, to }: VenueCalendarOptions, date: string): AdaptersError {
  return new AdaptersError(
    'bad-option',
    `The calendar of ${venue} knows "${from}" to "${to}" and not "${date}". Make one with the holidays of that year: createVenueCalendar.`,
    { value: date },
  );
}
