/** Auto rejection of the Indonesia Stock Exchange: how far a price may go from the previous close, exact and by date. */
import { idxPriceBands } from '@tapekit/orderflow/price-bands';
import { AdaptersError } from '../../errors.ts';
import { isCalendarDay } from '../../internal/calendar-day.ts';

/** The board that a share is listed on, as far as it decides the limits. */
export type IdxBoard = 'regular' | 'acceleration' | 'special-monitoring';

/** The limits of a share on one day, rupiah. */
export interface IdxLimits {
  /** Auto rejection above: the highest price (ARA). */
  readonly upper: number;
  /** Auto rejection below: the lowest price (ARB). */
  readonly lower: number;
}

/** Percentages that hold from a date on, for the main, development and new-economy boards. */
export interface IdxLimitRegime {
  /** First day. */
  readonly from: string;
  /** Lower limit in percent; `bands` for the percentage of the upper one. */
  readonly lowerPercent: number | 'bands';
  /** The first day after a listing has twice the percentage. */
  readonly doublesFirstDay: boolean;
  /** Where the rule is published. */
  readonly source: string;
}

/** Regimes, oldest first; the upper limit is the same in all: 35 % to 200, 25 % to 5,000, 20 % above. */
export const idxLimitRegimes: readonly IdxLimitRegime[] = [
  { from: '1900-01-01', lowerPercent: 'bands', doublesFirstDay: true, source: 'before 2020-03-10' },
  { from: '2020-03-10', lowerPercent: 10, doublesFirstDay: true, source: 'in force 2020-03-10 to 2020-03-12' },
  { from: '2020-03-13', lowerPercent: 7, doublesFirstDay: false, source: 'in force 2020-03-13 to 2023-06-04' },
  { from: '2023-06-05', lowerPercent: 15, doublesFirstDay: false, source: 'in force 2023-06-05 to 2023-09-03' },
  { from: '2023-09-04', lowerPercent: 'bands', doublesFirstDay: false, source: 'in force 2023-09-04 to 2025-04-07' },
  { from: '2025-04-08', lowerPercent: 15, doublesFirstDay: false, source: 'Kep-00003/BEI/04-2025' },
];

/** The upper percentage by the previous close: up to and including `to`. */
const upperPercents: readonly (readonly [to: number, percent: number])[] = [
  [200, 35],
  [5_000, 25],
  [Infinity, 20],
];

/** Floor of the boards on which prices do not fall below it. */
const floorPrice = 50;
/** Prices up to here move by one rupiah, where they move in percent at all. */
const oneRupiahTo = 10;

const ticks = idxPriceBands.bands.map(({ from, tickSize }) => [Number(from), Number(tickSize)] as const).reverse();

/** What else decides the limits. */
export interface IdxLimitsOptions {
  /** @defaultValue `'regular'` */
  readonly board?: IdxBoard;
  /** True on the first trading day of a share. */
  readonly isFirstDay?: boolean;
}

/**
 * The highest and the lowest price of a day. Prices below 50 follow the rule of the special monitoring board.
 *
 * @param previous - the previous close in rupiah, adjusted for corporate actions
 * @param date - trading day as YYYY-MM-DD
 * @example
 * ```ts
 * idxPriceLimits(3_130, '2026-02-19'); // => { upper: 3910, lower: 2670 }
 * idxPriceLimits(885, '2026-02-19'); // => { upper: 1105, lower: 755 }
 * ```
 * @throws AdaptersError `bad-option` for a price that is no whole number above 0, and for what is no day of the calendar from 1900 on.
 */
export function idxPriceLimits(previous: number, date: string, options: IdxLimitsOptions = {}): IdxLimits {
  const { board = 'regular', isFirstDay = false } = options;
  if (!Number.isSafeInteger(previous) || previous < 1 || previous > 1e12) {
    throw refuse('previous', previous, 'a whole number of rupiah from 1 on');
  }
  const regime = isCalendarDay(date) ? idxLimitRegimes.findLast(({ from }) => from <= date) : undefined;
  if (!regime) throw refuse('date', date, `a date as YYYY-MM-DD from ${idxLimitRegimes[0]!.from} on`);
  if (board === 'special-monitoring' || (board === 'regular' && previous < floorPrice)) {
    const step = previous <= oneRupiahTo ? 1 : Math.floor(previous / 10);
    return { upper: previous + step, lower: Math.max(1, previous - step) };
  }
  if (board === 'acceleration') {
    if (previous <= oneRupiahTo) return { upper: previous + 1, lower: Math.max(1, previous - 1) };
    return { upper: onTickBelow(previous, 110), lower: Math.max(1, onTickAbove(previous, 90)) };
  }
  const band = upperPercents.find(([to]) => previous <= to)![1];
  const times = isFirstDay && regime.doublesFirstDay ? 2 : 1;
  const down = regime.lowerPercent === 'bands' ? band : regime.lowerPercent;
  return {
    upper: onTickBelow(previous, 100 + band * times),
    lower: Math.max(floorPrice, onTickAbove(previous, Math.max(0, 100 - down * times))),
  };
}

/** `previous × percent / 100`, down to the tick of its own band; whole numbers until the last division. */
function onTickBelow(previous: number, percent: number): number {
  const hundredths = previous * percent;
  const tick = tickOf(hundredths);
  return Math.floor(hundredths / (100 * tick)) * tick;
}

/** The same, up to the tick. */
function onTickAbove(previous: number, percent: number): number {
  const hundredths = previous * percent;
  const tick = tickOf(hundredths);
  return Math.ceil(hundredths / (100 * tick)) * tick;
}

function tickOf(hundredths: number): number {
  return ticks.find(([from]) => hundredths >= from * 100)![1];
}

function refuse(name: string, value: unknown, expected: string): AdaptersError {
  return new AdaptersError('bad-option', `${name} "${String(value)}" is not ${expected}.`, { value });
}
