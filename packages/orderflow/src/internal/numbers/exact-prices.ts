/** Fair prices of a book on the grid as exact decimal strings. */
import { addExact, multiplyExact } from '../../exact.ts';
import type { ExactInt } from '../../exact.ts';
import type { Grid } from '../../grid.ts';
import { vwapOf } from '../../vwap.ts';
import { columnsOf, pickLevels } from '../depth/book-range.ts';
import type { BookLevels, BookRange } from '../depth/book-range.ts';
import { NO_DEFAULT, requireLevel, requireWhole } from '../shared/checks.ts';

/**
 * {@link vamp}, exact: of a book on the grid, over the levels of `range` (all without one).
 *
 * @example
 * ```ts
 * const grid = createGrid({ tickSize: '0.5', lotSize: '1' });
 * const bids = [{ priceTicks: 200, sizeLots: 1000 }, { priceTicks: 198, sizeLots: 500 }];
 * const asks = [{ priceTicks: 204, sizeLots: 500 }, { priceTicks: 206, sizeLots: 1500 }];
 * vampExact(grid, { bids, asks }); // => '100.5714285714286'
 * vampExact(grid, { bids, asks }, 1); // => '101.3333333333333'
 * ```
 * @throws {@link OrderflowError} `bad-quote` for a level that no grid gives, `bad-option` for a range that is none.
 */
export function vampExact(grid: Pick<Grid, 'tickSize'>, book: BookLevels, range?: BookRange): string | undefined {
  const depth = columnsOf(book);
  const rows = pickLevels(depth, range);
  if (!rows) return undefined;
  const { bidTicks, bidLots, askTicks, askLots } = depth;
  let value: ExactInt = 0;
  let bid: ExactInt = 0;
  let ask: ExactInt = 0;
  for (let b = rows.bidFrom, a = rows.askFrom; b < rows.bidTo && a < rows.askTo; b += 1, a += 1) {
    value = addExact(value, multiplyExact(bidTicks[b]!, askLots[a]!));
    value = addExact(value, multiplyExact(askTicks[a]!, bidLots[b]!));
    bid = addExact(bid, bidLots[b]!);
    ask = addExact(ask, askLots[a]!);
  }
  return bid > 0 && ask > 0 ? vwapOf(grid, value, addExact(bid, ask)) : undefined;
}

/**
 * {@link weightedDepthPrice}, exact: of a book on the grid, over the levels of `range` (all without one).
 * @throws {@link OrderflowError} as `vampExact`.
 */
export function weightedDepthPriceExact(
  grid: Pick<Grid, 'tickSize'>,
  book: BookLevels,
  range?: BookRange,
): string | undefined {
  const sides = sidesOf(book, range);
  return sides && vwapOf(grid, addExact(sides.bidValue, sides.askValue), addExact(sides.bid, sides.ask));
}

/**
 * {@link effectiveVamp}, exact: of a book on the grid, over the levels of `range` (all without one).
 * @throws {@link OrderflowError} as `vampExact`.
 */
export function effectiveVampExact(
  grid: Pick<Grid, 'tickSize'>,
  book: BookLevels,
  range?: BookRange,
): string | undefined {
  const sides = sidesOf(book, range);
  if (!sides) return undefined;
  const { bid, ask, bidValue, askValue } = sides;
  // (Vb/Qb·Qa + Va/Qa·Qb) ÷ (Qa + Qb), on the common denominator Qa·Qb.
  const value = addExact(
    multiplyExact(bidValue, multiplyExact(ask, ask)),
    multiplyExact(askValue, multiplyExact(bid, bid)),
  );
  return vwapOf(grid, value, multiplyExact(multiplyExact(ask, bid), addExact(ask, bid)));
}

/**
 * {@link fixedQuantityPriceOfDepth} as a decimal string.
 *
 * @example
 * ```ts
 * const grid = createGrid({ tickSize: '1', lotSize: '1' });
 * const bids = [{ priceTicks: 100, sizeLots: 1000 }, { priceTicks: 99, sizeLots: 500 }];
 * const asks = [{ priceTicks: 102, sizeLots: 500 }, { priceTicks: 103, sizeLots: 1500 }];
 * fixedQuantityPriceExact(grid, { bids, asks }, 1200); // => '101.2083333333333'
 * ```
 * @throws {@link OrderflowError} `bad-quote` for a level that no grid gives, `bad-option` for a quantity that is none.
 */
export function fixedQuantityPriceExact(
  grid: Pick<Grid, 'tickSize'>,
  book: BookLevels,
  quantityLots: number,
): string | undefined {
  requireWhole('quantityLots', quantityLots, 1, NO_DEFAULT);
  const { bidLevels, bidTicks, bidLots, askLevels, askTicks, askLots } = columnsOf(book);
  const bid = valueOf(bidTicks, bidLots, bidLevels, quantityLots);
  const ask = valueOf(askTicks, askLots, askLevels, quantityLots);
  if (bid === undefined || ask === undefined) return undefined;
  return vwapOf(grid, addExact(bid, ask), multiplyExact(2, quantityLots));
}

interface Sides {
  readonly bid: ExactInt;
  readonly ask: ExactInt;
  readonly bidValue: ExactInt;
  readonly askValue: ExactInt;
}

function sidesOf(book: BookLevels, range: BookRange | undefined): Sides | undefined {
  const depth = columnsOf(book);
  const rows = pickLevels(depth, range);
  if (!rows) return undefined;
  const sum = (
    ticks: Float64Array,
    lots: Float64Array,
    from: number,
    to: number,
  ): [lots: ExactInt, value: ExactInt] => {
    let total: ExactInt = 0;
    let value: ExactInt = 0;
    for (let i = from; i < to; i += 1) {
      total = addExact(total, lots[i]!);
      value = addExact(value, multiplyExact(ticks[i]!, lots[i]!));
    }
    return [total, value];
  };
  const [bid, bidValue] = sum(depth.bidTicks, depth.bidLots, rows.bidFrom, rows.bidTo);
  const [ask, askValue] = sum(depth.askTicks, depth.askLots, rows.askFrom, rows.askTo);
  return bid > 0 && ask > 0 ? { bid, ask, bidValue, askValue } : undefined;
}

function valueOf(ticks: Float64Array, lots: Float64Array, levels: number, quantity: number): ExactInt | undefined {
  let value: ExactInt = 0;
  let left = quantity;
  for (let i = 0; i < levels && left > 0; i += 1) {
    requireLevel(ticks[i]!, lots[i]!);
    const taken = Math.min(left, lots[i]!);
    value = addExact(value, multiplyExact(ticks[i]!, taken));
    left -= taken;
  }
  return left === 0 ? value : undefined;
}
