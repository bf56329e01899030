import { isIsoDate } from '../broker-classes.ts';
import { ScoringError } from '../errors.ts';
import type { BrokerDay } from './broker-day.ts';
import type { BrokerFlowOptions } from './options.ts';

/** The rows that count, by date. */
export interface DayBook {
  readonly asOf: string | undefined;
  /** Trading days up to `asOf`, ascending: the calendar's, or the dates of the rows. */
  readonly tradingDays: readonly string[];
  readonly byDate: ReadonlyMap<string, readonly BrokerDay[]>;
  readonly counts: {
    readonly rows: number;
    readonly duplicates: number;
    readonly refused: number;
    readonly leftOut: number;
  };
}

const msPerDay = 86_400_000;

/** Days of the calendar between two dates as `YYYY-MM-DD`. */
export function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / msPerDay;
}

/** Sorts rows into days; the last row of a date, broker and board wins. */
export function bookOf(days: readonly BrokerDay[], { asOf, board, tradingDays }: BrokerFlowOptions): DayBook {
  if (asOf !== undefined && !isIsoDate(asOf)) throw badDate('asOf', asOf);
  if (tradingDays) checkCalendar(tradingDays, asOf);
  const trading = tradingDays && new Set(tradingDays);
  const latest = new Map<string, Map<string, BrokerDay>>();
  let [rows, duplicates, refused, leftOut] = [0, 0, 0, 0];
  let first: BrokerDay | undefined;
  for (const row of days) {
    if (!isPossible(row)) {
      refused += 1;
      continue;
    }
    const isLater = asOf !== undefined && row.date > asOf;
    if (isLater || (board !== undefined && row.board !== board) || trading?.has(row.date) === false) {
      leftOut += 1;
      continue;
    }
    first ??= row;
    checkSame(first, row);
    const day = latest.get(row.date) ?? new Map<string, BrokerDay>();
    if (day.has(row.broker)) duplicates += 1;
    else rows += 1;
    day.set(row.broker, row);
    latest.set(row.date, day);
  }
  const dates = [...latest.keys()].sort();
  const last = asOf ?? dates.at(-1);
  const calendar = trading ? [...trading].filter((date) => last !== undefined && date <= last) : dates;
  const byDate = new Map(dates.map((date) => [date, inOrderOfCodes(latest.get(date)!)]));
  return { asOf: last, tradingDays: calendar, byDate, counts: { rows, duplicates, refused, leftOut } };
}

/** In the order of their codes: the same rows give the same sums, in whatever order they came. */
export function inOrderOfCodes(day: ReadonlyMap<string, BrokerDay>): readonly BrokerDay[] {
  return [...day.values()].sort((a, b) => (a.broker < b.broker ? -1 : 1));
}

/** False for a row that cannot be: negative or fractional shares, no date, values without shares, unsafe numbers. */
export function isPossible(row: BrokerDay): boolean {
  if (typeof row !== 'object' || (row as unknown) === null) return false;
  const { buyShares, sellShares, buyValue, sellValue } = row;
  return (
    typeof row.symbol === 'string' &&
    (row.board === undefined || typeof row.board === 'string') &&
    isIsoDate(row.date) &&
    typeof row.broker === 'string' &&
    row.broker !== '' &&
    [buyShares, sellShares].every((shares) => Number.isSafeInteger(shares) && shares >= 0) &&
    [buyValue, sellValue].every(
      (value) => typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER,
    ) &&
    (buyValue === 0 || buyShares > 0) &&
    (sellValue === 0 || sellShares > 0)
  );
}

/** Throws `bad-value` for a row of another symbol or board than the first. */
export function checkSame(first: BrokerDay, row: BrokerDay): void {
  if (row.symbol !== first.symbol) {
    throw new ScoringError(
      'bad-value',
      `symbol "${row.symbol}" of broker "${row.broker}" is not "${first.symbol}" as in the rows before it. ` +
        'Pass the rows of one symbol.',
      row.symbol,
    );
  }
  if (row.board !== first.board) {
    throw new ScoringError(
      'bad-value',
      `board "${String(row.board)}" of broker "${row.broker}" is not "${String(first.board)}" as in the rows before it. ` +
        'Choose one with the option "board".',
      row.board,
    );
  }
}

/** Throws `bad-option` for trading days, looked at from one on, that are out of order or end before `asOf`. */
export function checkCalendar(dates: readonly string[], asOf: string | undefined, from = 0): void {
  for (let i = from; i < dates.length; i++) {
    const date = dates[i]!;
    if (!isIsoDate(date)) throw badDate(`tradingDays[${i}]`, date);
    if (i > 0 && dates[i - 1]! >= date) {
      throw new ScoringError(
        'bad-option',
        `tradingDays[${i}] "${date}" is not after "${dates[i - 1]!}". Sort the days, oldest first, without duplicates.`,
        date,
      );
    }
  }
  if (asOf === undefined || asOf <= (dates.at(-1) ?? '')) return;
  throw new ScoringError(
    'bad-option',
    `tradingDays end with "${String(dates.at(-1))}", before asOf "${asOf}". Pass a calendar that goes on to that date.`,
    asOf,
  );
}

function badDate(name: string, value: unknown): ScoringError {
  const message = `${name} "${String(value)}" is not a date as YYYY-MM-DD. Write it as in "2024-06-30".`;
  return new ScoringError('bad-option', message, value);
}
