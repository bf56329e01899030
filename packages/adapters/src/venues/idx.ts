/**
 * The Indonesia Stock Exchange as data: hours with the lunch break, holidays, lots and price limits. Tick bands are
 * `idxPriceBands` of `@tapekit/orderflow/price-bands`, broker classes `idxBrokerClasses` of `@tapekit/scoring/broker-classes`.
 */
import { createVenueCalendar, type DatedHours, type VenueCalendar } from './calendar.ts';
import { idxClosures, idxClosuresFrom } from './idx/closures.ts';

export {
  idxLimitRegimes,
  idxPriceLimits,
  type IdxBoard,
  type IdxLimitRegime,
  type IdxLimits,
  type IdxLimitsOptions,
} from './idx/price-limits.ts';

/** Shares of a lot. Odd lots trade on the negotiated market only. */
export const idxLotShares = 100;

/** The markets on which a share trades, by the code that feeds carry. */
export const idxMarkets = {
  RG: 'regular',
  TN: 'cash (tunai): session 1 only, settled the same day',
  NG: 'negotiated: also odd lots, to 16:30',
} as const;

/** A market of the exchange. */
export type IdxMarket = keyof typeof idxMarkets;

const mondayToThursday = [1, 2, 3, 4] as const;
const friday = [5] as const;
/** The venue gives its hours with their last second; here the end is the second after it. */
const session1 = [
  { name: 'session-1', from: '09:00', to: '12:00:01', weekdays: mondayToThursday },
  { name: 'session-1', from: '09:00', to: '11:30:01', weekdays: friday },
] as const;

/**
 * Hours by market and the date from which they hold, Jakarta time. What held before 2023-04-03 is not here: a calendar
 * then knows trading days, and not their hours.
 */
export const idxHours: Readonly<Record<IdxMarket, readonly DatedHours[]>> = {
  RG: [
    {
      from: '2023-04-03',
      hours: [
        { name: 'pre-opening', from: '08:45', to: '09:00' },
        ...session1,
        { name: 'session-2', from: '13:30', to: '15:50', weekdays: mondayToThursday },
        { name: 'session-2', from: '14:00', to: '15:50', weekdays: friday },
        { name: 'pre-closing', from: '15:50', to: '16:01' },
        { name: 'post-trading', from: '16:01', to: '16:15:01' },
      ],
    },
  ],
  TN: [{ from: '2023-04-03', hours: session1 }],
  NG: [
    {
      from: '2023-04-03',
      hours: [
        ...session1,
        { name: 'session-2', from: '13:30', to: '16:30:01', weekdays: mondayToThursday },
        { name: 'session-2', from: '14:00', to: '16:30:01', weekdays: friday },
      ],
    },
  ],
};

/** How {@link createIdxCalendar} goes beyond its tables. */
export interface IdxCalendarOptions {
  /** @defaultValue `'RG'` */
  readonly market?: IdxMarket;
  /** Weekdays without trading beside those of the table, for example closures that were announced during the year. */
  readonly closed?: readonly string[];
  /**
   * Last day that the calendar knows; with `closed`, for years whose holidays the table does not have yet.
   * @defaultValue the end of the last year of the table
   */
  readonly to?: string;
}

/**
 * The trading days of the exchange since 2019-07-29, with their hours since 2023-04-03.
 *
 * @example
 * ```ts
 * const calendar = createIdxCalendar();
 * calendar.isSession('2026-02-17'); // => false
 * calendar.phasesOf('2026-02-20')?.[1]; // => { name: 'session-1', startMs: 1771552800000, endMs: 1771561801000 }
 * calendar.shift('2026-02-13', 1); // => '2026-02-18'
 * ```
 * @throws AdaptersError `bad-option`
 */
export function createIdxCalendar(options: IdxCalendarOptions = {}): VenueCalendar {
  const { market = 'RG', closed = [] } = options;
  const lastYear = Object.keys(idxClosures).sort().at(-1)!;
  const table = Object.entries(idxClosures).flatMap(([year, days]) => days.split(' ').map((day) => `${year}-${day}`));
  return createVenueCalendar({
    venue: `IDX ${market}`,
    tz: 'Asia/Jakarta',
    from: idxClosuresFrom,
    to: options.to ?? `${lastYear}-12-31`,
    hours: idxHours[market],
    closed: [...table, ...closed],
  });
}
