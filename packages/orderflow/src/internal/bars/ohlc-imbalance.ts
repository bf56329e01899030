/** Where bars closed in their range, as a stand-in for who traded. */
import { OrderflowError } from '../../errors.ts';
import { requireFinite } from '../shared/checks.ts';
import { excerpt } from '../shared/excerpt.ts';

/**
 * Where a bar closed in its range, as a stand-in for (buy − sell) ÷ (buy + sell): the money flow multiplier
 * `((C − L) − (H − C)) ÷ (H − L)`, from −1 (at the low) to 1 (at the high). 0 for a bar without range, and for one
 * without volume whatever its prices are: feeds give days without a print as high 0, low 0 and the close of before.
 *
 * @example
 * ```ts
 * calculateOhlcImbalanceProxy(110, 100, 109, 1000); // => 0.8
 * calculateOhlcImbalanceProxy(110, 100, 101, 1000); // => -0.8
 * ```
 * @throws {@link OrderflowError} `bad-bar` when a value is not finite, the volume is negative or, with volume, the high
 *   is below the low or the close outside of the range.
 */
export function calculateOhlcImbalanceProxy(high: number, low: number, close: number, volume: number): number {
  const range = high - low;
  const finite = Number.isFinite(range) && Number.isFinite(close) && volume >= 0 && volume < Infinity;
  if (finite && volume === 0) return 0;
  if (!finite || low > close || close > high) throw badBar(high, low, close, volume);
  return range === 0 ? 0 : clamp((close - low - (high - close)) / range);
}

/**
 * How far a series moved from its first to its last value, cut to −1…1; 0 for fewer than two values.
 *
 * @example
 * ```ts
 * calculateTrendNormalized([0.1, 0.9, 0.4]); // => 0.30000000000000004
 * calculateTrendNormalized([5]); // => 0
 * ```
 * @throws {@link OrderflowError} `bad-value` when the first or the last value is not finite.
 */
export function calculateTrendNormalized(series: ArrayLike<number>): number {
  if (series.length < 2) return 0;
  const first = series[0]!;
  const last = series[series.length - 1]!;
  requireFinite('first value of the series', first);
  requireFinite('last value of the series', last);
  return clamp(last - first);
}

/** Imbalances of bars, each weighted by its volume, over a window of bars. */
export interface WindowImbalance {
  readonly obi: number | undefined;
  /** The same of the older and of the newer half of the window; the newer half has the middle bar. */
  readonly older: number | undefined;
  readonly newer: number | undefined;
}

/** What the signed and the whole volumes of the bars of a window, oldest first, come to. */
export function windowImbalance(flows: readonly number[], volumes: readonly number[]): WindowImbalance {
  const of = (from: number, to: number): number | undefined => {
    let flow = 0;
    let traded = 0;
    for (let i = from; i < to; i += 1) {
      flow += flows[i]!;
      traded += volumes[i]!;
    }
    // Sums outside of these bounds have overflowed, or lost digits to underflow.
    return traded >= 1e-200 && traded < Infinity ? clamp(flow / traded) : undefined;
  };
  const middle = Math.floor(flows.length / 2);
  return { obi: of(0, flows.length), older: of(0, middle), newer: of(middle, flows.length) };
}

/** The error for a bar that cannot be. */
export function badBar(high: unknown, low: unknown, close: unknown, volume: unknown): OrderflowError {
  return new OrderflowError(
    'bad-bar',
    `bar with high ${excerpt(high)}, low ${excerpt(low)}, close ${excerpt(close)} and volume ${excerpt(volume)} is ` +
      `impossible: expected finite numbers with low ≤ close ≤ high and volume ≥ 0. Drop the bar or repair its source.`,
    [high, low, close, volume],
  );
}

/** The value cut to −1…1; never −0, which JSON would lose. */
export function clamp(value: number): number {
  return Math.min(1, Math.max(-1, value)) + 0;
}
