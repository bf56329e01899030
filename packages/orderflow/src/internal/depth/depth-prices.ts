/** Fair prices of a book on the grid, in ticks; read from a buffer without an allocation. */
import type { DepthColumns } from '../../columns.ts';
import type { BookDepth } from '../../depth.ts';
import { columnsOf, mapBooks, pickLevels } from './book-range.ts';
import type { BookLevels, BookRange } from './book-range.ts';
import { NO_DEFAULT, requireLevel, requireWhole } from '../shared/checks.ts';

/**
 * The volume-adjusted mid price of {@link vamp} in ticks, over the levels of `range` (all without one): so many a side,
 * or a {@link priceBand}. Level i of one side is weighted with the size of level i of the other, counted within the
 * range, and levels without a partner are left out. Allocates nothing over a buffer.
 *
 * `undefined` when a side holds no size in the range.
 *
 * @example
 * ```ts
 * const bids = [{ priceTicks: 100, sizeLots: 1000 }, { priceTicks: 99, sizeLots: 500 }];
 * const asks = [{ priceTicks: 102, sizeLots: 500 }, { priceTicks: 103, sizeLots: 1500 }];
 * vampOfDepth({ bids, asks }); // => 100.57142857142857
 * vampOfDepth({ bids, asks }, priceBand({ percent: 1 })); // => 101.33333333333333
 * ```
 * One percent of the mid of 101 is 1.01: 100 and 102 belong, 99 and 103 do not.
 * @throws {@link OrderflowError} `bad-quote` for a level that no grid gives, `bad-option` for a range that is none.
 */
export function vampOfDepth(book: BookLevels, range?: BookRange): number | undefined {
  const depth = columnsOf(book);
  const rows = pickLevels(depth, range);
  if (!rows) return undefined;
  const { bidTicks, bidLots, askTicks, askLots } = depth;
  const { bidFrom, askFrom } = rows;
  const pairs = Math.min(rows.bidTo - bidFrom, rows.askTo - askFrom);
  let value = 0;
  let bid = 0;
  let ask = 0;
  for (let i = 0; i < pairs; i += 1) {
    const b = bidFrom + i;
    const a = askFrom + i;
    value += bidTicks[b]! * askLots[a]! + askTicks[a]! * bidLots[b]!;
    bid += bidLots[b]!;
    ask += askLots[a]!;
  }
  return bid > 0 && ask > 0 ? value / (bid + ask) + 0 : undefined;
}

/**
 * {@link weightedDepthPrice} in ticks, over the levels of `range`. Allocates nothing over a buffer.
 * @throws {@link OrderflowError} as {@link vampOfDepth}.
 */
export function weightedDepthPriceOfDepth(book: BookLevels, range?: BookRange): number | undefined {
  const sums = sidesOf(columnsOf(book), range);
  return sums && (sums.bidValue + sums.askValue) / (sums.bid + sums.ask) + 0;
}

/**
 * {@link effectiveVamp} in ticks, over the levels of `range`. Allocates nothing over a buffer.
 * @throws {@link OrderflowError} as {@link vampOfDepth}.
 */
export function effectiveVampOfDepth(book: BookLevels, range?: BookRange): number | undefined {
  const sums = sidesOf(columnsOf(book), range);
  if (!sums) return undefined;
  const { bid, ask, bidValue, askValue } = sums;
  return ((bidValue / bid) * ask + (askValue / ask) * bid) / (bid + ask) + 0;
}

/**
 * The depth-weighted price of a fixed quantity, in ticks: the average price of the best `quantityLots` of the bids and
 * the best `quantityLots` of the asks, the last level of each taken in part. It is half-way between what selling and
 * what buying that quantity would pay on average, and so the effective VAMP of that quantity too.
 *
 * `undefined` when a side holds less than the quantity. Allocates nothing over a buffer.
 *
 * @example
 * ```ts
 * const bids = [{ priceTicks: 100, sizeLots: 1000 }, { priceTicks: 99, sizeLots: 500 }];
 * const asks = [{ priceTicks: 102, sizeLots: 500 }, { priceTicks: 103, sizeLots: 1500 }];
 * // (1000·100 + 200·99 + 500·102 + 700·103) ÷ 2400
 * fixedQuantityPriceOfDepth({ bids, asks }, 1200); // => 101.20833333333333
 * ```
 * @throws {@link OrderflowError} `bad-quote` for a level that no grid gives, `bad-option` for a quantity that is none.
 */
export function fixedQuantityPriceOfDepth(book: BookLevels, quantityLots: number): number | undefined {
  requireWhole('quantityLots', quantityLots, 1, NO_DEFAULT);
  const { bidLevels, bidTicks, bidLots, askLevels, askTicks, askLots } = columnsOf(book);
  const bid = valueOf(bidTicks, bidLots, bidLevels, quantityLots);
  const ask = valueOf(askTicks, askLots, askLevels, quantityLots);
  return bid === undefined || ask === undefined ? undefined : (bid + ask) / (2 * quantityLots) + 0;
}

/**
 * {@link vampOfDepth} row by row over books in columns.
 * @throws {@link OrderflowError} `bad-columns`, or as `vampOfDepth`.
 */
export function vampOfColumns(books: DepthColumns, range?: BookRange): (number | undefined)[] {
  return mapBooks(books, (depth) => vampOfDepth(depth, range));
}

/**
 * {@link weightedDepthPriceOfDepth} row by row over books in columns.
 * @throws {@link OrderflowError} `bad-columns`, or as `vampOfDepth`.
 */
export function weightedDepthPriceOfColumns(books: DepthColumns, range?: BookRange): (number | undefined)[] {
  return mapBooks(books, (depth) => weightedDepthPriceOfDepth(depth, range));
}

/**
 * {@link effectiveVampOfDepth} row by row over books in columns.
 * @throws {@link OrderflowError} `bad-columns`, or as `vampOfDepth`.
 */
export function effectiveVampOfColumns(books: DepthColumns, range?: BookRange): (number | undefined)[] {
  return mapBooks(books, (depth) => effectiveVampOfDepth(depth, range));
}

/**
 * {@link fixedQuantityPriceOfDepth} row by row over books in columns.
 * @throws {@link OrderflowError} `bad-columns`, or as `fixedQuantityPriceOfDepth`.
 */
export function fixedQuantityPriceOfColumns(books: DepthColumns, quantityLots: number): (number | undefined)[] {
  return mapBooks(books, (depth) => fixedQuantityPriceOfDepth(depth, quantityLots));
}

/** One for all calls, as with the rows of a range. */
const sides = { bid: 0, ask: 0, bidValue: 0, askValue: 0 };

function sidesOf(depth: BookDepth, range: BookRange | undefined): Readonly<typeof sides> | undefined {
  const rows = pickLevels(depth, range);
  if (!rows) return undefined;
  sides.bid = sides.ask = sides.bidValue = sides.askValue = 0;
  for (let i = rows.bidFrom; i < rows.bidTo; i += 1) {
    sides.bid += depth.bidLots[i]!;
    sides.bidValue += depth.bidTicks[i]! * depth.bidLots[i]!;
  }
  for (let i = rows.askFrom; i < rows.askTo; i += 1) {
    sides.ask += depth.askLots[i]!;
    sides.askValue += depth.askTicks[i]! * depth.askLots[i]!;
  }
  return sides.bid > 0 && sides.ask > 0 ? sides : undefined;
}

function valueOf(ticks: Float64Array, lots: Float64Array, levels: number, quantity: number): number | undefined {
  let value = 0;
  let left = quantity;
  for (let i = 0; i < levels && left > 0; i += 1) {
    requireLevel(ticks[i]!, lots[i]!);
    const taken = Math.min(left, lots[i]!);
    value += ticks[i]! * taken;
    left -= taken;
  }
  return left === 0 ? value : undefined;
}
