import type { DepthColumns } from '../../columns.ts';
import type { BookDepth } from '../../depth.ts';
import { OrderflowError } from '../../errors.ts';
import { addExact, multiplyExact } from '../../exact.ts';
import type { ExactInt } from '../../exact.ts';
import { columnsOf, mapBooks, pickLevels } from './book-range.ts';
import type { BookLevels, BookRange } from './book-range.ts';
import { excerpt } from '../shared/excerpt.ts';
import { requireWeights, twiceDistance, weightAt } from './level-weights.ts';
import type { LevelWeights, LinearWeights } from './level-weights.ts';
import { balanceExactOf } from '../numbers/ratio.ts';

/**
 * Distance-weighted imbalance `(Σ w·Qb − Σ w·Qa) ÷ (Σ w·Qb + Σ w·Qa)`, from −1 to 1: levels count less the further away
 * they are. There is no public standard for the weights, so they are an argument. Allocates nothing over a buffer.
 *
 * `undefined` when no weighted size is left, and when the mid is needed and a side of the book is empty.
 *
 * @example
 * ```ts
 * const bids = [{ priceTicks: 100, sizeLots: 4 }, { priceTicks: 99, sizeLots: 8 }];
 * const asks = [{ priceTicks: 101, sizeLots: 2 }, { priceTicks: 104, sizeLots: 8 }];
 * // (4 + 8/2) − (2 + 8/2) over (4 + 8/2) + (2 + 8/2)
 * weightedObiOfDepth({ bids, asks }, { shape: 'exponential', by: 'level', decay: 0.5 }); // => 0.14285714285714285
 * // (4 + 8/2) − (2 + 8/4) over (4 + 8/2) + (2 + 8/4)
 * weightedObiOfDepth({ bids, asks }, { shape: 'inverse', by: 'ticks-from-best' }); // => 0.3333333333333333
 * ```
 * @throws {@link OrderflowError} `bad-quote` for a level that no grid gives, `bad-option` for weights or a range that
 *   are none.
 */
export function weightedObiOfDepth(book: BookLevels, weights: LevelWeights, range?: BookRange): number | undefined {
  requireWeights(weights);
  const depth = columnsOf(book);
  const rows = pickLevels(depth, range);
  const { bidTicks, bidLots, askTicks, askLots } = depth;
  if (!rows || lacksMid(depth, weights)) return undefined;
  let bid = 0;
  let ask = 0;
  for (let i = rows.bidFrom; i < rows.bidTo; i += 1) {
    const twice = twiceDistance(weights.by, i, bidTicks[i]!, bidTicks[0]!, askTicks[0]!);
    bid += weightAt(weights, twice / 2) * bidLots[i]!;
  }
  for (let i = rows.askFrom; i < rows.askTo; i += 1) {
    const twice = twiceDistance(weights.by, i, askTicks[i]!, askTicks[0]!, bidTicks[0]!);
    ask += weightAt(weights, twice / 2) * askLots[i]!;
  }
  return bid + ask > 0 ? (bid - ask) / (bid + ask) : undefined;
}

/**
 * {@link weightedObiOfDepth} with linear weights, as a decimal string of 16 significant digits, rounded half to even.
 * @throws {@link OrderflowError} as `weightedObiOfDepth`, and `bad-option` for weights that are not linear.
 */
export function weightedObiOfDepthExact(
  book: BookLevels,
  weights: LinearWeights,
  range?: BookRange,
): string | undefined {
  requireWeights(weights);
  if ((weights.shape as string) !== 'linear') {
    throw new OrderflowError(
      'bad-option',
      `weights.shape ${excerpt(weights.shape)} is not 'linear', the one shape whose sums are ratios of integers. ` +
        `Use weightedObiOfDepth for the others.`,
      weights.shape,
    );
  }
  const depth = columnsOf(book);
  const rows = pickLevels(depth, range);
  if (!rows || lacksMid(depth, weights)) return undefined;
  const { bidTicks, bidLots, askTicks, askLots } = depth;
  // Twice the reach times the weight: a whole number.
  const weigh = (ticks: Float64Array, lots: Float64Array, other: number, from: number, to: number): ExactInt => {
    let sum: ExactInt = 0;
    for (let i = from; i < to; i += 1) {
      const twice = twiceDistance(weights.by, i, ticks[i]!, ticks[0]!, other);
      sum = addExact(sum, multiplyExact(Math.max(0, 2 * weights.reach - twice), lots[i]!));
    }
    return sum;
  };
  return balanceExactOf(
    weigh(bidTicks, bidLots, askTicks[0]!, rows.bidFrom, rows.bidTo),
    weigh(askTicks, askLots, bidTicks[0]!, rows.askFrom, rows.askTo),
  );
}

/**
 * {@link weightedObiOfDepth} row by row over books in columns.
 * @throws {@link OrderflowError} `bad-columns`, or as `weightedObiOfDepth`.
 */
export function weightedObiOfColumns(
  books: DepthColumns,
  weights: LevelWeights,
  range?: BookRange,
): (number | undefined)[] {
  return mapBooks(books, (depth) => weightedObiOfDepth(depth, weights, range));
}

function lacksMid({ bidLevels, askLevels }: BookDepth, { by }: LevelWeights): boolean {
  return by === 'ticks-from-mid' && (bidLevels === 0 || askLevels === 0);
}
