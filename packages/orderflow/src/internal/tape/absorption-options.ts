import { requireBetween, requireWhole } from '../shared/checks.ts';

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
   * The price must advance by less than this in the direction of the flow, in ticks.
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
  if ('minDeltaLots' in threshold) {
    requireWhole('threshold.minDeltaLots', threshold.minDeltaLots);
    return { minDeltaLots: threshold.minDeltaLots };
  }
  const { timesMean, baselineWindows = 100 } = threshold;
  const { warmUpWindows = Math.min(20, baselineWindows) } = threshold;
  requireBetween('threshold.timesMean', timesMean, Number.MIN_VALUE, 1e9);
  requireWhole('threshold.baselineWindows', baselineWindows, 2);
  requireWhole('threshold.warmUpWindows', warmUpWindows, 2);
  requireBetween('threshold.warmUpWindows', warmUpWindows, 2, baselineWindows);
  return { timesMean, baselineWindows, warmUpWindows };
}
