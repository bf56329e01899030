/** The states of a micro-price: imbalance bucket and spread of a best quote. */
import type { TickQuote } from '../../market.ts';

/** What the states depend on. */
export interface StateOptions {
  readonly imbalanceBuckets: number;
  readonly maxSpreadTicks: number;
}

/** True for a quote with a state: bid below ask, and size on both sides. */
export function isUsable({ bidTicks, bidLots, askTicks, askLots }: TickQuote): boolean {
  return bidTicks < askTicks && bidLots > 0 && askLots > 0;
}

/** Number of states. Spread s and bucket b are state `(s − 1)·buckets + b`. */
export function stateCount({ imbalanceBuckets, maxSpreadTicks }: StateOptions): number {
  return imbalanceBuckets * maxSpreadTicks;
}

/** The state of the same quote seen from the other side: imbalance I becomes 1 − I. */
export function mirrored(state: number, { imbalanceBuckets }: StateOptions): number {
  const bucket = state % imbalanceBuckets;
  return state - bucket + (imbalanceBuckets - 1 - bucket);
}

/**
 * The state of a usable quote. With equal sizes and an even number of buckets there are two, the middle ones: this is
 * the lower one. Every other edge between two buckets belongs to the outer one, on either side alike.
 */
export function lowerState(quote: TickQuote, options: StateOptions): number {
  const { imbalanceBuckets, maxSpreadTicks } = options;
  const { bidTicks, bidLots, askTicks, askLots } = quote;
  const from = (Math.min(askTicks - bidTicks, maxSpreadTicks) - 1) * imbalanceBuckets;
  if (bidLots === askLots) return from + ((imbalanceBuckets - 1) >> 1);
  if (bidLots < askLots) return from + outerBucket(bidLots, askLots, imbalanceBuckets);
  return from + imbalanceBuckets - 1 - outerBucket(askLots, bidLots, imbalanceBuckets);
}

/** The upper state of a quote that has two, else its one state. */
export function upperState(quote: TickQuote, options: StateOptions): number {
  const lower = lowerState(quote, options);
  return quote.bidLots === quote.askLots ? mirrored(lower, options) : lower;
}

/** ⌈n·small ÷ (small + large)⌉ − 1: an edge belongs to the bucket below, which is the outer one. */
function outerBucket(small: number, large: number, n: number): number {
  if (n * small <= Number.MAX_SAFE_INTEGER && small + large <= Number.MAX_SAFE_INTEGER) {
    // Below 2^53 a quotient that is no integer never rounds to one.
    return Math.ceil((n * small) / (small + large)) - 1;
  }
  const total = BigInt(small) + BigInt(large);
  return Number((BigInt(n) * BigInt(small) + total - 1n) / total) - 1;
}
