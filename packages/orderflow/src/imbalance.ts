/**
 * Order book imbalance (OBI): which side shows more size.
 *
 * `orderBookImbalance` and `bookPressureRatio` take bare sizes in any unit. The functions `…OfDepth` take a book on the
 * grid, as levels or as the buffer that `book.readDepth` fills (read without an allocation), and a range: so many
 * levels, or a {@link priceBand} around the mid. They see the levels that they are given: a band reaches no further
 * than the buffer.
 */
import type { DepthColumns } from './columns.ts';
import type { BookDepth } from './depth.ts';
import { OrderflowError } from './errors.ts';
import { addExact, compareExact, divideExact } from './exact.ts';
import type { ExactInt } from './exact.ts';
import { columnsOf, mapBooks, pickLevels } from './internal/depth/book-range.ts';
import type { BookLevels, BookRange } from './internal/depth/book-range.ts';
import { requireLots } from './internal/numbers/lots.ts';
import { balanceExactOf } from './internal/numbers/ratio.ts';
import { excerpt } from './internal/shared/excerpt.ts';

export { priceBand } from './internal/depth/price-band.ts';
export type { PriceBand } from './internal/depth/price-band.ts';
export type { BookLevels, BookRange, TickLevels } from './internal/depth/book-range.ts';
export type {
  ExponentialWeights,
  InverseWeights,
  LevelWeights,
  LinearWeights,
  WeightDistance,
} from './internal/depth/level-weights.ts';
export { weightedObiOfColumns, weightedObiOfDepth, weightedObiOfDepthExact } from './internal/depth/weighted-obi.ts';

/**
 * `(Σ bid sizes − Σ ask sizes) ÷ (Σ bid sizes + Σ ask sizes)`, from −1 (asks only) to 1 (bids only), in floating point.
 *
 * Pass as many levels as the imbalance shall see: one a side is the queue imbalance (Gould and Bonart 2016,
 * doi 10.1142/S2382626616500064). `undefined` for an empty book and for sizes that are negative or not finite, or whose
 * sum is beyond floating point: that is unknown, not balanced. What is no number (a string, as venues send them) is refused
 * with `bad-quote`.
 *
 * @example
 * ```ts
 * orderBookImbalance([5, 8], [3, 6]); // => 0.18181818181818182
 * orderBookImbalance([3], [2]); // => 0.2
 * orderBookImbalance([], []); // => undefined
 * ```
 */
export function orderBookImbalance(bidSizes: readonly number[], askSizes: readonly number[]): number | undefined {
  const bid = totalOf(bidSizes);
  const ask = totalOf(askSizes);
  const total = bid + ask;
  return total > 0 && total < Infinity ? (bid - ask) / total : undefined;
}

/**
 * {@link orderBookImbalance} over lots, as a decimal string of 16 significant digits, rounded half to even.
 *
 * @example
 * ```ts
 * const { bids, asks } = { bids: [{ sizeLots: 1000 }, { sizeLots: 500 }], asks: [{ sizeLots: 500 }, { sizeLots: 1500 }] };
 * orderBookImbalanceExact(bids.map((l) => l.sizeLots), asks.map((l) => l.sizeLots)); // => '-0.1428571428571429'
 * ```
 * @throws {@link OrderflowError} `bad-quote` for a size that is no whole, unsigned number of lots.
 */
export function orderBookImbalanceExact(
  bidLots: readonly ExactInt[],
  askLots: readonly ExactInt[],
): string | undefined {
  return balanceExactOf(lotsOf(bidLots), lotsOf(askLots));
}

/**
 * The smaller side ÷ the larger one, from 0 (one side is empty) to 1 (balanced): the unsigned imbalance of some
 * platforms, which does not say which side is larger. `undefined` where {@link orderBookImbalance} is.
 *
 * @example
 * ```ts
 * bookPressureRatio([3], [2]); // => 0.6666666666666666
 * ```
 */
export function bookPressureRatio(bidSizes: readonly number[], askSizes: readonly number[]): number | undefined {
  const bid = totalOf(bidSizes);
  const ask = totalOf(askSizes);
  const total = bid + ask;
  return total > 0 && total < Infinity ? Math.min(bid, ask) / Math.max(bid, ask) : undefined;
}

/**
 * {@link bookPressureRatio} over lots, as a decimal string of 16 significant digits, rounded half to even.
 * @throws {@link OrderflowError} `bad-quote` for a size that is no whole, unsigned number of lots.
 */
export function bookPressureRatioExact(bidLots: readonly ExactInt[], askLots: readonly ExactInt[]): string | undefined {
  const [bid, ask] = [lotsOf(bidLots), lotsOf(askLots)];
  const [small, large] = compareExact(bid, ask) < 0 ? [bid, ask] : [ask, bid];
  return large === 0 ? undefined : divideExact(small, large);
}

/**
 * {@link orderBookImbalance} of a book on the grid; all levels without a `range`. Allocates nothing over a buffer.
 *
 * `undefined` when the range holds no size, and for a band when a side of the book is empty: then there is no mid.
 *
 * @example
 * ```ts
 * const bids = [{ priceTicks: 9999, sizeLots: 5 }, { priceTicks: 9990, sizeLots: 8 }];
 * const asks = [{ priceTicks: 10001, sizeLots: 3 }, { priceTicks: 10011, sizeLots: 6 }];
 * obiOfDepth({ bids, asks }, 1); // => 0.25
 * obiOfDepth({ bids, asks }, priceBand({ bps: 10 })); // => 0.625
 * ```
 * The bid at 9990 is 10 bps from the mid of 10000 and belongs, the ask at 10011 is 11 bps from it and does not.
 * @throws {@link OrderflowError} `bad-quote` for a level that no grid gives, `bad-option` for a range that is none.
 */
export function obiOfDepth(book: BookLevels, range?: BookRange): number | undefined {
  const depth = columnsOf(book);
  const rows = pickLevels(depth, range);
  if (!rows) return undefined;
  let bid = 0;
  let ask = 0;
  for (let i = rows.bidFrom; i < rows.bidTo; i += 1) bid += depth.bidLots[i]!;
  for (let i = rows.askFrom; i < rows.askTo; i += 1) ask += depth.askLots[i]!;
  return bid + ask > 0 ? (bid - ask) / (bid + ask) : undefined;
}

/**
 * {@link obiOfDepth} as a decimal string of 16 significant digits, rounded half to even.
 * @throws {@link OrderflowError} as `obiOfDepth`.
 */
export function obiOfDepthExact(book: BookLevels, range?: BookRange): string | undefined {
  const sums = depthLots(book, range);
  return sums && balanceExactOf(sums.bidLots, sums.askLots);
}

/**
 * The sizes of the two sides in a range, exact; `undefined` for a band around a mid that is not there.
 * @throws {@link OrderflowError} as `obiOfDepth`.
 */
export function depthLots(
  book: BookLevels,
  range?: BookRange,
): { readonly bidLots: ExactInt; readonly askLots: ExactInt } | undefined {
  const depth = columnsOf(book);
  const rows = pickLevels(depth, range);
  if (!rows) return undefined;
  let bidLots: ExactInt = 0;
  let askLots: ExactInt = 0;
  for (let i = rows.bidFrom; i < rows.bidTo; i += 1) bidLots = addExact(bidLots, depth.bidLots[i]!);
  for (let i = rows.askFrom; i < rows.askTo; i += 1) askLots = addExact(askLots, depth.askLots[i]!);
  return { bidLots, askLots };
}

/**
 * {@link obiOfDepth} row by row over books in columns.
 * @throws {@link OrderflowError} `bad-columns`, or as `obiOfDepth`.
 */
export function obiOfColumns(books: DepthColumns, range?: BookRange): (number | undefined)[] {
  return mapBooks(books, (depth: BookDepth) => obiOfDepth(depth, range));
}

/** The sum, or NaN as soon as one size is no size. */
function totalOf(sizes: readonly number[]): number {
  let total = 0;
  for (const size of sizes) {
    // Venues send strings, which would add up to a longer string.
    if (!isNumberOrUnknown(size)) throw notNumber(size);
    total += size >= 0 ? size : NaN;
  }
  return total;
}

function isNumberOrUnknown(size: unknown): boolean {
  return typeof size === 'number' || size === undefined;
}

function notNumber(size: unknown): OrderflowError {
  return new OrderflowError(
    'bad-quote',
    `size ${excerpt(size)} is not a number. Convert what the venue sent with Number, or put it on a grid first.`,
    size,
  );
}

function lotsOf(sizes: readonly ExactInt[]): ExactInt {
  let total: ExactInt = 0;
  for (const size of sizes) {
    requireLots(size);
    total = addExact(total, size);
  }
  return total;
}
