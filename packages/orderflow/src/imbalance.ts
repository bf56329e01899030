/** Order book imbalance (OBI): which side shows more size. */
import { addExact, divideExact, subtractExact } from './exact.ts';
import type { ExactInt } from './exact.ts';

/**
 * `(Σ bid sizes − Σ ask sizes) ÷ (Σ bid sizes + Σ ask sizes)`, from −1 (asks only) to 1 (bids only), in floating point.
 *
 * Pass as many levels as the imbalance shall see: one a side is the queue imbalance (Gould and Bonart 2016,
 * doi 10.1142/S2382626616500064). `undefined` for an empty book and for sizes that are negative or not finite: that is
 * unknown, not balanced.
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
 */
export function orderBookImbalanceExact(
  bidLots: readonly ExactInt[],
  askLots: readonly ExactInt[],
): string | undefined {
  const bid = bidLots.reduce(addExact, 0);
  const ask = askLots.reduce(addExact, 0);
  const total = addExact(bid, ask);
  return total === 0 ? undefined : divideExact(subtractExact(bid, ask), total);
}

/** The sum, or NaN as soon as one size is no size. */
function totalOf(sizes: readonly number[]): number {
  let total = 0;
  for (const size of sizes) total += size >= 0 ? size : NaN;
  return total;
}
