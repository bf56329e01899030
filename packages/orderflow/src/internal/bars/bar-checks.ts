/** Which bars an estimate can use. What no bar can be is refused, what a market does is left out and counted. */
import { OrderflowError } from '../../errors.ts';
import { excerpt } from '../shared/excerpt.ts';

/** The part of a bar that estimates from high, low and close read; prices in any unit. */
export interface HighLowClose {
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Traded size; left out where it is not known. A bar without volume has no high and low of its own. */
  readonly volume?: number;
}

/**
 * True for a bar that traded at prices above 0.
 * @throws {@link OrderflowError} `bad-bar` for values that are not finite, a negative volume, a high below the low or,
 *   where prices are above 0, a close outside of them.
 */
export function isUsableBar({ high, low, close, volume = 1 }: HighLowClose): boolean {
  const isBar =
    Number.isFinite(high - low) && Number.isFinite(close) && volume >= 0 && volume < Infinity && low <= high;
  const isPositive = low > 0 && close > 0;
  // Feeds give days without a print as high 0 and low 0 with the close of the day before.
  if (isBar && (!isPositive || volume === 0)) return false;
  if (isBar && low <= close && close <= high) return true;
  throw new OrderflowError(
    'bad-bar',
    `bar with high ${excerpt(high)}, low ${excerpt(low)}, close ${excerpt(close)} and volume ${excerpt(volume)} is ` +
      `impossible: expected finite numbers with low ≤ close ≤ high and volume ≥ 0. Drop the bar or push undefined for it.`,
    [high, low, close, volume],
  );
}
