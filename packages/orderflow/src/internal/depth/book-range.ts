/** The part of a book that a metric looks at, as columns: one kernel for levels, buffers and batch columns. */
import { rowCount } from '../../columns.ts';
import type { DepthColumns } from '../../columns.ts';
import { createDepth } from '../../depth.ts';
import type { BookDepth } from '../../depth.ts';
import { OrderflowError } from '../../errors.ts';
import type { TickLevel } from '../../market.ts';
import { NO_DEFAULT, requireLevel, requireLevels, requireWhole } from '../shared/checks.ts';
import { excerpt } from '../shared/excerpt.ts';
import { highestTicks, lowestTicks } from './price-band.ts';
import type { PriceBand } from './price-band.ts';

/** The levels of a book on the grid, best first; what `book.top(n)` gives. */
export interface TickLevels {
  readonly bids: readonly TickLevel[];
  readonly asks: readonly TickLevel[];
}

/** A book on the grid: levels, or the buffer that `book.readDepth` fills, which is read without an allocation. */
export type BookLevels = TickLevels | BookDepth;

/** How far a metric looks: so many levels a side, or a band around the mid. */
export type BookRange = number | PriceBand;

/** Rows of the two sides, from the first to the one before the last. */
export interface PickedLevels {
  bidFrom: number;
  bidTo: number;
  askFrom: number;
  askTo: number;
}

/** One for all calls, as none of them hands it on: what is read per update allocates nothing. */
const picked: PickedLevels = { bidFrom: 0, bidTo: 0, askFrom: 0, askTo: 0 };

/**
 * Refuses a book that is none: books come from callers' own code, so the static type is a claim.
 * @throws {@link OrderflowError} `bad-quote`.
 */
export function requireBook(book: unknown): void {
  const isBook =
    typeof book === 'object' && book !== null && ('capacity' in book || ('bids' in book && 'asks' in book));
  if (isBook) return;
  throw new OrderflowError(
    'bad-quote',
    `book ${excerpt(book)} is none. Pass { bids, asks }, what book.top(n) gives, or the buffer of book.readDepth.`,
    book,
  );
}

/**
 * The book as columns: a buffer as it is, levels copied.
 * @throws {@link OrderflowError} `bad-quote` for a level that no grid gives.
 */
export function columnsOf(book: BookLevels): BookDepth {
  requireBook(book);
  if ('capacity' in book) return book;
  const { bids, asks } = book;
  const depth = createDepth(Math.max(bids.length, asks.length, 1));
  depth.bidLevels = bids.length;
  depth.askLevels = asks.length;
  for (const [i, { priceTicks, sizeLots }] of bids.entries()) {
    requireNumbers(priceTicks, sizeLots);
    depth.bidTicks[i] = priceTicks;
    depth.bidLots[i] = sizeLots;
  }
  for (const [i, { priceTicks, sizeLots }] of asks.entries()) {
    requireNumbers(priceTicks, sizeLots);
    depth.askTicks[i] = priceTicks;
    depth.askLots[i] = sizeLots;
  }
  return depth;
}

/** A typed array would make a number of what is none: 0 of null, 7 of "7". What the numbers are is asked in range only. */
function requireNumbers(priceTicks: number, sizeLots: number): void {
  if (typeof priceTicks !== 'number' || typeof sizeLots !== 'number') requireLevel(priceTicks, sizeLots);
}

/**
 * The rows of a range, valid until the next call; `undefined` for a band around a mid that is not there because a side
 * is empty.
 * @throws {@link OrderflowError} `bad-option` for a number of levels that is not one, `bad-quote` for a level in range
 *   that no grid gives.
 */
export function pickLevels(depth: BookDepth, range: BookRange | undefined): Readonly<PickedLevels> | undefined {
  const { bidLevels, askLevels, bidTicks, bidLots, askTicks, askLots } = depth;
  picked.bidFrom = picked.askFrom = 0;
  picked.bidTo = bidLevels;
  picked.askTo = askLevels;
  if (typeof range === 'number') {
    requireWhole('levels', range, 1, NO_DEFAULT);
    if (range < bidLevels) picked.bidTo = range;
    if (range < askLevels) picked.askTo = range;
  } else if (range !== undefined) {
    if (!Number.isSafeInteger(range.numerator) || !Number.isSafeInteger(range.denominator)) throw noBand(range);
    if (bidLevels === 0 || askLevels === 0) return undefined;
    requireLevel(bidTicks[0]!, bidLots[0]!);
    requireLevel(askTicks[0]!, askLots[0]!);
    const low = lowestTicks(range, bidTicks[0]!, askTicks[0]!);
    const high = highestTicks(range, bidTicks[0]!, askTicks[0]!);
    // In a crossed book the best levels lie beyond the mid, and possibly beyond the band.
    while (picked.bidFrom < bidLevels && bidTicks[picked.bidFrom]! > high) picked.bidFrom += 1;
    while (picked.askFrom < askLevels && askTicks[picked.askFrom]! < low) picked.askFrom += 1;
    picked.bidTo = picked.bidFrom;
    picked.askTo = picked.askFrom;
    while (picked.bidTo < bidLevels && bidTicks[picked.bidTo]! >= low) picked.bidTo += 1;
    while (picked.askTo < askLevels && askTicks[picked.askTo]! <= high) picked.askTo += 1;
  }
  requireLevels(bidTicks, bidLots, picked.bidFrom, picked.bidTo);
  requireLevels(askTicks, askLots, picked.askFrom, picked.askTo);
  return picked;
}

function noBand(range: unknown): OrderflowError {
  return new OrderflowError(
    'bad-option',
    `range ${excerpt(JSON.stringify(range))} is neither a number of levels nor a band. Pass 10, or priceBand({ bps: 50 }).`,
    range,
  );
}

/**
 * What `read` gives for every row of books in columns, through one buffer.
 * @throws {@link OrderflowError} `bad-columns`, or what `read` throws.
 */
export function mapBooks<T>(columns: DepthColumns, read: (depth: BookDepth) => T): T[] {
  const { levels, bidTicks, bidLots, askTicks, askLots } = columns;
  requireWhole('levels', levels, 1, NO_DEFAULT);
  const entries = rowCount(columns);
  if (entries % levels !== 0) {
    throw new OrderflowError(
      'bad-columns',
      `columns of ${entries} entries are no whole rows of ${levels} levels. Pass levels entries a row, NaN where there is none.`,
      entries,
    );
  }
  const depth = createDepth(levels);
  const values = new Array<T>(entries / levels);
  const fill = (
    ticks: DepthColumns['bidTicks'],
    lots: DepthColumns['bidLots'],
    intoTicks: Float64Array,
    intoLots: Float64Array,
    start: number,
  ): number => {
    let count = 0;
    while (count < levels && !Number.isNaN(ticks[start + count]! + lots[start + count]!)) {
      intoTicks[count] = ticks[start + count]!;
      intoLots[count] = lots[start + count]!;
      count += 1;
    }
    return count;
  };
  for (let row = 0; row < values.length; row += 1) {
    depth.bidLevels = fill(bidTicks, bidLots, depth.bidTicks, depth.bidLots, row * levels);
    depth.askLevels = fill(askTicks, askLots, depth.askTicks, depth.askLots, row * levels);
    values[row] = read(depth);
  }
  return values;
}
