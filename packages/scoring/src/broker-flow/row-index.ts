/** Rows of broker summaries by day, each checked once: what a score reads are the days of its window alone. */
import { ScoringError } from '../errors.ts';
import type { BrokerDay } from './broker-day.ts';
import type { DayBook } from './day-book.ts';
import { checkCalendar, checkSame, inOrderOfCodes, isPossible } from './day-book.ts';

/** What the index reads of the options of `brokerFlow`. */
export interface RowIndexInput {
  readonly days: readonly BrokerDay[];
  readonly board?: string | undefined;
  readonly tradingDays?: readonly string[] | undefined;
}

/** The days of a window, and the last trading day up to it that has rows. */
export interface IndexedBook extends Pick<DayBook, 'byDate' | 'tradingDays'> {
  readonly lastDate: string | undefined;
}

/** Made by {@link createRowIndex}. */
export interface RowIndex {
  /**
   * Reads what was not read before: of a list that has grown its new rows, of any other list all.
   * @throws {@link ScoringError} `bad-value` for a row of another symbol or board, `bad-option` for the trading days.
   */
  take(input: RowIndexInput): void;
  /** Changes with everything that is taken. */
  readonly version: number;
  /** The last `length` trading days up to `asOf` of what was taken. */
  bookOf(asOf: string, length: number): IndexedBook;
}

/** How far a list was read. */
interface Read<T> {
  readonly list: readonly T[] | undefined;
  readonly length: number;
  readonly last: T | undefined;
}

const unread = { list: undefined, length: 0, last: undefined };

/** An index of the rows of `symbol`. */
export function createRowIndex(symbol: string): RowIndex {
  let rows: Read<BrokerDay> = unread;
  let calendar: Read<string> = unread;
  let board: string | undefined;
  let first: BrokerDay | undefined;
  let dates: string[] = [];
  let byDate = new Map<string, Map<string, BrokerDay>>();
  let sorted = new Map<string, readonly BrokerDay[]>();
  let version = 0;

  const takeRow = (row: BrokerDay): void => {
    checkSymbol(row, symbol);
    if (!isPossible(row) || (board !== undefined && row.board !== board)) return;
    first ??= row;
    checkSame(first, row);
    let day = byDate.get(row.date);
    if (!day) {
      byDate.set(row.date, (day = new Map<string, BrokerDay>()));
      dates.splice(countUpTo(dates, row.date), 0, row.date);
    }
    day.set(row.broker, row);
    sorted.delete(row.date);
  };
  const rowsOf = (date: string): readonly BrokerDay[] | undefined => {
    const day = byDate.get(date);
    const ready = sorted.get(date) ?? (day && inOrderOfCodes(day));
    if (ready) sorted.set(date, ready);
    return ready;
  };

  return {
    take(input) {
      if (!isSameOrGrown(rows, input.days) || input.board !== board) {
        rows = { ...unread, list: input.days };
        ({ board } = input);
        first = undefined;
        dates = [];
        byDate = new Map();
        sorted = new Map();
        version++;
      }
      for (let i = rows.length; i < input.days.length; i++) {
        takeRow(input.days[i]!);
        rows = { list: input.days, length: i + 1, last: input.days[i] };
        version++;
      }
      const { tradingDays } = input;
      const from = tradingDays && isSameOrGrown(calendar, tradingDays) ? calendar.length : 0;
      if (calendar.list !== tradingDays || from < (tradingDays?.length ?? 0)) version++;
      if (!tradingDays) calendar = unread;
      else {
        checkCalendar(tradingDays, undefined, from);
        calendar = { list: tradingDays, length: tradingDays.length, last: tradingDays.at(-1) };
      }
    },
    get version() {
      return version;
    },
    bookOf(asOf, length) {
      const trading = calendar.list ?? dates;
      const end = countUpTo(trading, asOf);
      const tradingDays = trading.slice(Math.max(0, end - length), end);
      let known = countUpTo(dates, asOf);
      // Rows of days that are no trading days do not count.
      while (known > 0 && trading[countUpTo(trading, dates[known - 1]!) - 1] !== dates[known - 1]) known--;
      const days = tradingDays.flatMap((date) => {
        const ofDay = rowsOf(date);
        return ofDay ? [[date, ofDay] as const] : [];
      });
      return { tradingDays, byDate: new Map(days), lastDate: dates[known - 1] };
    },
  };
}

function isSameOrGrown<T>({ list, length, last }: Read<T>, now: readonly T[]): boolean {
  return list === now && now.length >= length && now[length - 1] === last;
}

/** How many of the sorted dates are not after `date`. */
function countUpTo(dates: readonly string[], date: string): number {
  if (dates.length === 0 || dates.at(-1)! <= date) return dates.length;
  let [low, high] = [0, dates.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (dates[middle]! <= date) low = middle + 1;
    else high = middle;
  }
  return low;
}

function checkSymbol(row: Partial<BrokerDay> | null, symbol: string): void {
  if (typeof row?.symbol !== 'string' || row.symbol === symbol) return;
  throw new ScoringError(
    'bad-value',
    `symbol "${row.symbol}" of the broker summaries is not "${symbol}", which is scored. Pass its own rows.`,
    row.symbol,
  );
}
