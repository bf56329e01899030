import type { Grid } from '../../grid.ts';
import type { DecimalInput } from '../../market.ts';
import { decimalFraction } from '../numbers/decimal-fraction.ts';
import { NO_DEFAULT, requireBetween, requireWhole, requireObject } from '../shared/checks.ts';

/** How much one-sided flow it takes. */
export type AbsorptionThreshold =
  | {
      /** At least this net aggressive volume in the window, in lots. */
      readonly minDeltaLots: number;
    }
  | {
      /** At least this many times the mean |delta| of the past windows. */
      readonly timesMean: number;
      /** Number of past windows. Default 100. */
      readonly baselineWindows?: number;
      /** Fewest past windows before there is a threshold. Default 20. */
      readonly warmUpWindows?: number;
    };

/** Options of `createAbsorption`. */
export interface AbsorptionOptions {
  /**
   * Length of the sliding window that the flow is summed over, in milliseconds.
   * @defaultValue 10000
   */
  readonly windowMs?: number;
  /**
   * How much net aggressive volume the window must hold.
   * @defaultValue \{ timesMean: 3 \}
   */
  readonly threshold?: AbsorptionThreshold;
  /**
   * How one-sided the flow must be: `|buy − sell| ÷ (buy + sell)` of the window, 0 to 1.
   * @defaultValue 0.6 (80 : 20)
   */
  readonly minShare?: number;
  /**
   * The price must advance by less than this in the direction of the flow, in ticks. One tick is a move on a coarse
   * grid and noise on a fine one: with prices of 200,000 ticks and more (coins on `0.01`) nothing is ever absorbed within
   * one. Take a distance in basis points there, with `absorptionMaxTicks`.
   * @defaultValue 1
   */
  readonly maxTicks?: number;
  /**
   * Most prints that the window holds; beyond, the oldest leaves early and is counted.
   * @defaultValue 100000
   */
  readonly maxTrades?: number;
}

/** What `createAbsorption` uses where an option is left out. */
export const absorptionDefaults: Required<AbsorptionOptions> = {
  windowMs: 10_000,
  threshold: { timesMean: 3, baselineWindows: 100, warmUpWindows: 20 },
  minShare: 0.6,
  maxTicks: 1,
  maxTrades: 100_000,
};

/**
 * `maxTicks` for a distance in basis points of a price: as many whole ticks as fit in, at least one.
 *
 * @example
 * ```ts
 * const grid = createGrid({ tickSize: '0.01', lotSize: '0.001' });
 * absorptionMaxTicks(grid, '2680', 2); // => 53
 * ```
 * @throws {@link OrderflowError} `bad-option` for a distance that is no number above 0; as `toTicks` for the price.
 */
export function absorptionMaxTicks(grid: Pick<Grid, 'toTicks'>, price: DecimalInput, bps: number): number {
  requireBetween('bps', bps, Number.MIN_VALUE, 10_000, NO_DEFAULT);
  const { top, bottom } = decimalFraction(bps);
  const ticks = BigInt(Math.abs(grid.toTicks(price)));
  return Math.max(1, Number((ticks * BigInt(top)) / (BigInt(bottom) * 10_000n)));
}

/** The options with their defaults filled in and their fields in one order. */
export function absorptionOptions(options: AbsorptionOptions): Required<AbsorptionOptions> {
  const { windowMs, threshold, minShare, maxTicks, maxTrades } = { ...absorptionDefaults, ...options };
  requireWhole('windowMs', windowMs);
  requireBetween('minShare', minShare, 0, 1);
  requireWhole('maxTicks', maxTicks);
  requireWhole('maxTrades', maxTrades);
  return { windowMs, threshold: thresholdOf(threshold), minShare: minShare + 0, maxTicks, maxTrades };
}

function thresholdOf(threshold: AbsorptionThreshold): AbsorptionThreshold {
  requireObject('threshold', threshold, '{ minDeltaLots } or { timesMean }');
  if ('minDeltaLots' in threshold) {
    requireWhole('threshold.minDeltaLots', threshold.minDeltaLots, 1, NO_DEFAULT);
    return { minDeltaLots: threshold.minDeltaLots };
  }
  const { timesMean, baselineWindows = 100 } = threshold;
  const { warmUpWindows = Math.min(20, baselineWindows) } = threshold;
  requireBetween('threshold.timesMean', timesMean, Number.MIN_VALUE, 1e9, NO_DEFAULT);
  requireWhole('threshold.baselineWindows', baselineWindows, 2);
  requireWhole('threshold.warmUpWindows', warmUpWindows, 2);
  requireBetween('threshold.warmUpWindows', warmUpWindows, 2, baselineWindows);
  return { timesMean, baselineWindows, warmUpWindows };
}
