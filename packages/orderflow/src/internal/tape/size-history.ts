import { addExact, compareExact, exactFromJson, exactToJson, multiplyExact, subtractExact } from '../../exact.ts';
import type { ExactInt, ExactIntJson } from '../../exact.ts';
import { decimalFraction, nearestRank } from '../numbers/decimal-fraction.ts';
import { ratioOf } from '../numbers/ratio.ts';

/** The last sizes, to judge the next one by. All of it is exact, so a restore and a long run change nothing. */
export interface SizeHistory {
  /** Sizes held. */
  readonly size: number;
  push(lots: ExactInt): void;
  /** Mean and sample standard deviation (n − 1); `undefined` with fewer than two sizes. */
  moments(): { readonly mean: number; readonly deviation: number } | undefined;
  /** The nearest-rank quantile: the ⌈q·n⌉-th smallest size; `undefined` without a quantile, or of no sizes. */
  quantile(): ExactInt | undefined;
  toJson(): ExactIntJson[];
}

/** A history of the last `length` sizes; sorted as well where a `quantile` (0 to 1) is asked for. */
export function createSizeHistory(
  length: number,
  quantile: number | undefined,
  from: readonly ExactIntJson[] = [],
): SizeHistory {
  const share = quantile === undefined ? undefined : decimalFraction(quantile);
  /** The nearest rank, and of how many sizes. */
  let ranked = { of: 0, rank: 0 };
  const ring: ExactInt[] = [];
  let next = 0;
  const order: ExactInt[] = [];
  let sum: ExactInt = 0;
  let squares: ExactInt = 0;
  /** Index of the first ordered size that is not below `lots`. */
  const rank = (lots: ExactInt): number => {
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareExact(order[middle]!, lots) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const history: SizeHistory = {
    get size() {
      return ring.length;
    },
    push(lots) {
      const oldest = ring.length === length ? ring[next]! : undefined;
      ring[next] = lots;
      next = (next + 1) % length;
      if (share) {
        if (oldest !== undefined) order.splice(rank(oldest), 1);
        order.splice(rank(lots), 0, lots);
        return;
      }
      sum = addExact(sum, lots);
      squares = addExact(squares, multiplyExact(lots, lots));
      if (oldest === undefined) return;
      sum = subtractExact(sum, oldest);
      squares = subtractExact(squares, multiplyExact(oldest, oldest));
    },
    moments() {
      const n = ring.length;
      if (n < 2) return undefined;
      // n·Σx² − (Σx)² is exact and never negative, so nothing cancels.
      const scatter = subtractExact(multiplyExact(n, squares), multiplyExact(sum, sum));
      return { mean: ratioOf(sum, n)!, deviation: Math.sqrt(ratioOf(scatter, n * (n - 1))!) };
    },
    quantile() {
      if (!share || order.length === 0) return undefined;
      if (ranked.of !== order.length) ranked = { of: order.length, rank: nearestRank(share, order.length) };
      return order[ranked.rank - 1];
    },
    toJson: () => (ring.length < length ? ring : [...ring.slice(next), ...ring.slice(0, next)]).map(exactToJson),
  };
  for (const lots of from) history.push(exactFromJson(lots));
  return history;
}
