import { isOrderflowError, OrderflowError } from '../../errors.ts';
import { addExact, compareExact, exactFromJson, exactToJson, type ExactIntJson } from '../../exact.ts';
import type { Grid } from '../../grid.ts';
import type { DecimalInput, Side } from '../../market.ts';
import { NO_DEFAULT, requireBetween, requireFlag, requireWhole } from '../shared/checks.ts';
import { parseDecimal } from '../numbers/decimal-literal.ts';
import { excerpt } from '../shared/excerpt.ts';

/** What makes a trade a large one. */
export type LargeTradeRule =
  | {
      /** At least this size, in lots. */
      readonly minLots: number;
    }
  | {
      /** At least this value, in ticks × lots, as `exactToJson` gives it; `largeTradePresets.whale` makes it of money. */
      readonly minTickLots: ExactIntJson;
    }
  | {
      /** Larger than this quantile (0 to 1, nearest rank) of the last sizes. */
      readonly quantile: number;
      /** Number of past sizes. Default 1,000. */
      readonly lastTrades?: number;
      /** Fewest past sizes before anything is large. Default 100. */
      readonly warmUp?: number;
    }
  | {
      /** More than this many standard deviations above the mean of the last sizes. */
      readonly zScore: number;
      /** Number of past sizes. Default 1,000. */
      readonly lastTrades?: number;
      /** Fewest past sizes before anything is large. Default 100. */
      readonly warmUp?: number;
    };

/** Options of `createLargeTradeDetector`. */
export interface LargeTradeOptions {
  /** What makes a trade a large one. */
  readonly rule: LargeTradeRule;
  /**
   * The aggressor that is looked for.
   * @defaultValue 'any' (unknown ones too)
   */
  readonly side?: Side | 'any';
  /**
   * Whether consecutive prints of one known side and one time are put together before the test: venues print one order
   * once for every resting order that it takes.
   * @defaultValue false
   */
  readonly mergeSameTime?: boolean;
}

/** What `createLargeTradeDetector` uses where an option is left out. */
export const largeTradeDefaults: {
  readonly side: 'any';
  readonly mergeSameTime: boolean;
  readonly lastTrades: number;
  readonly warmUp: number;
} = { side: 'any', mergeSameTime: false, lastTrades: 1000, warmUp: 100 };

/** Named options of `createLargeTradeDetector`. */
export const largeTradePresets: {
  /**
   * A whale: one buyer takes the offer for at least `minValue` in the quote currency, by default 500 million (rupiah),
   * the threshold in use on the IDX.
   * @throws {@link OrderflowError} `bad-decimal` when `minValue` is no decimal above 0.
   */
  readonly whale: (grid: Pick<Grid, 'tickSize' | 'lotSize'>, minValue?: DecimalInput) => LargeTradeOptions;
} = {
  whale: (grid, minValue = 500_000_000) => ({ rule: { minTickLots: tickLotsOf(grid, minValue) }, side: 'buy' }),
};

/** The smallest number of ticks × lots that is worth at least `value`. */
function tickLotsOf(grid: Pick<Grid, 'tickSize' | 'lotSize'>, value: DecimalInput): ExactIntJson {
  const amount = parseDecimal(value);
  if (!amount || amount.mantissa <= 0n) {
    throw new OrderflowError(
      'bad-decimal',
      `minValue ${excerpt(value)} is not a decimal above 0. Pass an amount in the quote currency, such as '500000000'.`,
      value,
    );
  }
  const [tick, lot] = [parseDecimal(grid.tickSize)!, parseDecimal(grid.lotSize)!];
  const top = amount.mantissa * 10n ** BigInt(tick.scale + lot.scale);
  const bottom = tick.mantissa * lot.mantissa * 10n ** BigInt(amount.scale);
  return exactToJson(addExact((top + bottom - 1n) / bottom, 0));
}

function requireTickLots(value: ExactIntJson): ExactIntJson {
  try {
    const exact = exactFromJson(value);
    if (compareExact(exact, 0) > 0) return exactToJson(exact);
  } catch (error) {
    if (!isOrderflowError(error)) throw error;
  }
  throw new OrderflowError(
    'bad-option',
    `rule.minTickLots ${excerpt(value)} is not a whole number from 1 on, or its digits.`,
    value,
  );
}

const SIDES: ReadonlySet<string> = new Set(['any', 'buy', 'sell']);

/** The options with their defaults filled in and their fields in one order. */
export function largeTradeOptions({
  rule,
  side = largeTradeDefaults.side,
  mergeSameTime = largeTradeDefaults.mergeSameTime,
}: LargeTradeOptions): Required<LargeTradeOptions> {
  if (!SIDES.has(side)) {
    throw new OrderflowError('bad-option', `side ${excerpt(side)} is not "buy", "sell" or "any".`, side);
  }
  requireFlag('mergeSameTime', mergeSameTime);
  return { rule: ruleOf(rule), side, mergeSameTime };
}

function ruleOf(rule: LargeTradeRule): LargeTradeRule {
  // Options may come from JSON, so the static type is a claim.
  const given: unknown = rule;
  const kinds = ['minLots', 'minTickLots', 'quantile', 'zScore'];
  if (typeof given !== 'object' || given === null || !kinds.some((kind) => kind in given)) {
    throw new OrderflowError(
      'bad-option',
      `rule ${excerpt(rule)} is none. Pass { minLots }, { minTickLots }, { quantile } or { zScore }.`,
      rule,
    );
  }
  if ('minLots' in rule) {
    requireWhole('rule.minLots', rule.minLots, 1, NO_DEFAULT);
    return { minLots: rule.minLots };
  }
  if ('minTickLots' in rule) {
    return { minTickLots: requireTickLots(rule.minTickLots) };
  }
  const { lastTrades = largeTradeDefaults.lastTrades } = rule;
  const { warmUp = Math.min(largeTradeDefaults.warmUp, lastTrades) } = rule;
  requireWhole('rule.lastTrades', lastTrades, 2);
  requireWhole('rule.warmUp', warmUp, 2);
  requireBetween('rule.warmUp', warmUp, 2, lastTrades);
  if ('quantile' in rule) {
    requireBetween('rule.quantile', rule.quantile, 0, 1, NO_DEFAULT);
    return { quantile: rule.quantile + 0, lastTrades, warmUp };
  }
  requireBetween('rule.zScore', rule.zScore, 0, Infinity, NO_DEFAULT);
  return { zScore: rule.zScore + 0, lastTrades, warmUp };
}
