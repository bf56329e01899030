/**
 * Fair prices from the sizes of the book: volume-adjusted mid prices and depth-weighted prices.
 *
 * - The plain forms take `{ price, size }` levels and answer in floating point. Outside of sizes from 1e-200 to 1e200
 *   (or 0) and prices of a magnitude from 1e-100 to 1e100 (or 0) a product could leave floating point unseen, so there
 *   the answer is `undefined`.
 * - The forms `…OfDepth` take a book on the grid, as levels or as the buffer that `book.readDepth` fills, and answer in
 *   ticks, in floating point; no book on a grid can overflow them.
 * - The forms `…Exact` take a book on the grid and answer with a decimal string of 16 significant digits, rounded half
 *   to even, however large the sums grow.
 *
 * A price or size that is no number (a string, as venues send them) is refused with `bad-quote`.
 *
 * Every function answers `undefined` when a side has no size: half a book has no fair price. Levels are best first. The
 * forms over a book take a range, so many levels a side or a {@link priceBand} around the mid; slice plain levels to
 * the depth that the price shall see.
 */
import { OrderflowError } from './errors.ts';
import type { Grid } from './grid.ts';
import type { TickQuote } from './market.ts';
import { requireQuote } from './internal/shared/checks.ts';
import { excerpt } from './internal/shared/excerpt.ts';
import { vampExact } from './internal/numbers/exact-prices.ts';

export {
  effectiveVampOfColumns,
  effectiveVampOfDepth,
  fixedQuantityPriceOfColumns,
  fixedQuantityPriceOfDepth,
  vampOfColumns,
  vampOfDepth,
  weightedDepthPriceOfColumns,
  weightedDepthPriceOfDepth,
} from './internal/depth/depth-prices.ts';
export {
  effectiveVampExact,
  fixedQuantityPriceExact,
  vampExact,
  weightedDepthPriceExact,
} from './internal/numbers/exact-prices.ts';
export { priceBand } from './internal/depth/price-band.ts';
export type { PriceBand } from './internal/depth/price-band.ts';
export type { BookLevels, BookRange, TickLevels } from './internal/depth/book-range.ts';

/** A price level in floating point. */
export interface PriceLevel {
  /** Price per unit in the quote currency. */
  readonly price: number;
  /** Unsigned size in the venue's unit. */
  readonly size: number;
}

/** The levels of a book in floating point, best first. */
export interface PriceLevels {
  readonly bids: readonly PriceLevel[];
  readonly asks: readonly PriceLevel[];
}

/** Best bid and offer in floating point. */
export interface NumberQuote {
  readonly bidPrice: number;
  readonly bidSize: number;
  readonly askPrice: number;
  readonly askSize: number;
}

/**
 * The weighted mid `(Pb·Qa + Pa·Qb) ÷ (Qa + Qb)`: the mid, pulled towards the thinner side.
 *
 * @example
 * ```ts
 * vampBbo({ bidPrice: 100, bidSize: 1000, askPrice: 102, askSize: 500 }); // => 101.33333333333333
 * ```
 */
export function vampBbo(quote: NumberQuote): number | undefined {
  return vamp({
    bids: [{ price: quote.bidPrice, size: quote.bidSize }],
    asks: [{ price: quote.askPrice, size: quote.askSize }],
  });
}

/**
 * VAMP over N levels: `(Σ Pb·Qa + Σ Pa·Qb) ÷ (Σ Qa + Σ Qb)`, where level i of one side is weighted with the size of
 * level i of the other. Levels without a partner on the other side are left out.
 */
export function vamp({ bids, asks }: PriceLevels): number | undefined {
  let value = 0;
  let bidSize = 0;
  let askSize = 0;
  for (let i = 0; i < Math.min(bids.length, asks.length); i += 1) {
    const bid = bids[i]!;
    const ask = asks[i]!;
    if (!isSound(bid) || !isSound(ask)) return undefined;
    value += bid.price * ask.size + ask.price * bid.size;
    bidSize += bid.size;
    askSize += ask.size;
  }
  return bidSize > 0 && askSize > 0 ? value / (bidSize + askSize) : undefined;
}

/** The depth-weighted price `(Σ Pb·Qb + Σ Pa·Qa) ÷ (Σ Qb + Σ Qa)`: the mid, pulled towards the thicker side. */
export function weightedDepthPrice({ bids, asks }: PriceLevels): number | undefined {
  const bid = sideOf(bids);
  const ask = sideOf(asks);
  return bid && ask && (bid.value + ask.value) / (bid.size + ask.size);
}

/**
 * The effective VAMP `(P̂b·ΣQa + P̂a·ΣQb) ÷ (ΣQa + ΣQb)`, where P̂b and P̂a are the volume-weighted average prices of the
 * two sides: the weighted mid of the prices that the whole depth would trade at.
 */
export function effectiveVamp({ bids, asks }: PriceLevels): number | undefined {
  const bid = sideOf(bids);
  const ask = sideOf(asks);
  if (!bid || !ask) return undefined;
  return ((bid.value / bid.size) * ask.size + (ask.value / ask.size) * bid.size) / (bid.size + ask.size);
}

/**
 * {@link vampBbo}, exact.
 * @throws {@link OrderflowError} `bad-quote` for a quote that no grid gives.
 */
export function vampBboExact(grid: Pick<Grid, 'tickSize'>, quote: TickQuote): string | undefined {
  requireQuote(quote);
  return vampExact(grid, {
    bids: [{ priceTicks: quote.bidTicks, sizeLots: quote.bidLots }],
    asks: [{ priceTicks: quote.askTicks, sizeLots: quote.askLots }],
  });
}

function sideOf(levels: readonly PriceLevel[]): { readonly value: number; readonly size: number } | undefined {
  let value = 0;
  let size = 0;
  for (const level of levels) {
    if (!isSound(level)) return undefined;
    value += level.price * level.size;
    size += level.size;
  }
  return size > 0 ? { value, size } : undefined;
}

/** No product, sum or quotient of sound levels overflows, or loses digits to underflow. */
function isSound({ price, size }: PriceLevel): boolean {
  // Venues send strings, which would add up to longer strings.
  if (isOther(price) || isOther(size)) throw notNumbers(price, size);
  const magnitude = Math.abs(price);
  return (
    (size === 0 || (size >= 1e-200 && size <= 1e200)) &&
    (magnitude === 0 || (magnitude >= 1e-100 && magnitude <= 1e100))
  );
}

/** Neither a number nor unknown. */
function isOther(value: unknown): boolean {
  return typeof value !== 'number' && value !== undefined;
}

function notNumbers(price: unknown, size: unknown): OrderflowError {
  return new OrderflowError(
    'bad-quote',
    `level ${excerpt(size)} @ ${excerpt(price)} is not two numbers. ` +
      `Convert what the venue sent with Number, or put it on a grid and use the forms …OfDepth.`,
    { price, size },
  );
}
