/**
 * Fair prices from the sizes of the book: volume-adjusted mid prices and depth-weighted prices.
 *
 * The number forms take plain `{ price, size }` levels and answer in floating point; the `…Exact` forms take levels in
 * ticks and lots and answer with a decimal string of 16 significant digits, rounded half to even. Every function
 * answers `undefined` when a side has no size: half a book has no fair price.
 *
 * Levels are best first; slice them to the depth that the price shall see.
 */
import { addExact, multiplyExact } from './exact.ts';
import type { ExactInt } from './exact.ts';
import type { Grid } from './grid.ts';

import type { TickLevel, TickQuote } from './market.ts';
import { vwapOf } from './vwap.ts';

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

/** The levels of a book on the grid, best first; what `book.top(n)` gives. */
export interface TickLevels {
  readonly bids: readonly TickLevel[];
  readonly asks: readonly TickLevel[];
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
  return bid.size > 0 && ask.size > 0 ? (bid.value + ask.value) / (bid.size + ask.size) : undefined;
}

/**
 * The effective VAMP `(P̂b·ΣQa + P̂a·ΣQb) ÷ (ΣQa + ΣQb)`, where P̂b and P̂a are the volume-weighted average prices of the
 * two sides: the weighted mid of the prices that the whole depth would trade at.
 */
export function effectiveVamp({ bids, asks }: PriceLevels): number | undefined {
  const bid = sideOf(bids);
  const ask = sideOf(asks);
  if (!(bid.size > 0 && ask.size > 0)) return undefined;
  return ((bid.value / bid.size) * ask.size + (ask.value / ask.size) * bid.size) / (bid.size + ask.size);
}

/** {@link vampBbo}, exact. */
export function vampBboExact(grid: Pick<Grid, 'tickSize'>, quote: TickQuote): string | undefined {
  return vampExact(grid, {
    bids: [{ priceTicks: quote.bidTicks, sizeLots: quote.bidLots }],
    asks: [{ priceTicks: quote.askTicks, sizeLots: quote.askLots }],
  });
}

/**
 * {@link vamp}, exact.
 *
 * @example
 * ```ts
 * const grid = createGrid({ tickSize: '0.5', lotSize: '1' });
 * const bids = [{ priceTicks: 200, sizeLots: 1000 }, { priceTicks: 198, sizeLots: 500 }];
 * const asks = [{ priceTicks: 204, sizeLots: 500 }, { priceTicks: 206, sizeLots: 1500 }];
 * vampExact(grid, { bids, asks }); // => '100.5714285714286'
 * ```
 */
export function vampExact(grid: Pick<Grid, 'tickSize'>, { bids, asks }: TickLevels): string | undefined {
  let value: ExactInt = 0;
  let bidLots: ExactInt = 0;
  let askLots: ExactInt = 0;
  for (let i = 0; i < Math.min(bids.length, asks.length); i += 1) {
    const bid = bids[i]!;
    const ask = asks[i]!;
    value = addExact(value, multiplyExact(bid.priceTicks, ask.sizeLots));
    value = addExact(value, multiplyExact(ask.priceTicks, bid.sizeLots));
    bidLots = addExact(bidLots, bid.sizeLots);
    askLots = addExact(askLots, ask.sizeLots);
  }
  return bidLots > 0 && askLots > 0 ? vwapOf(grid, value, addExact(bidLots, askLots)) : undefined;
}

/** {@link weightedDepthPrice}, exact. */
export function weightedDepthPriceExact(grid: Pick<Grid, 'tickSize'>, levels: TickLevels): string | undefined {
  const bid = sideOfTicks(levels.bids);
  const ask = sideOfTicks(levels.asks);
  if (!(bid.lots > 0 && ask.lots > 0)) return undefined;
  return vwapOf(grid, addExact(bid.value, ask.value), addExact(bid.lots, ask.lots));
}

/** {@link effectiveVamp}, exact. */
export function effectiveVampExact(grid: Pick<Grid, 'tickSize'>, levels: TickLevels): string | undefined {
  const bid = sideOfTicks(levels.bids);
  const ask = sideOfTicks(levels.asks);
  if (!(bid.lots > 0 && ask.lots > 0)) return undefined;
  // (Vb/Qb·Qa + Va/Qa·Qb) ÷ (Qa + Qb), on the common denominator Qa·Qb.
  const value = addExact(
    multiplyExact(bid.value, multiplyExact(ask.lots, ask.lots)),
    multiplyExact(ask.value, multiplyExact(bid.lots, bid.lots)),
  );
  return vwapOf(grid, value, multiplyExact(multiplyExact(ask.lots, bid.lots), addExact(ask.lots, bid.lots)));
}

function sideOf(levels: readonly PriceLevel[]): { value: number; size: number } {
  let value = 0;
  let size = 0;
  for (const level of levels) {
    value += level.price * level.size;
    size += level.size;
  }
  return { value, size };
}

function sideOfTicks(levels: readonly TickLevel[]): { value: ExactInt; lots: ExactInt } {
  let value: ExactInt = 0;
  let lots: ExactInt = 0;
  for (const level of levels) {
    value = addExact(value, multiplyExact(level.priceTicks, level.sizeLots));
    lots = addExact(lots, level.sizeLots);
  }
  return { value, lots };
}
