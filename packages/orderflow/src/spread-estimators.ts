/**
 * Spreads from prices alone, for when there are no quotes: Roll 1984 from consecutive prices, Corwin and Schultz 2012
 * from highs and lows, Abdi and Ranaldo 2017 from closes, highs and lows. All are estimates with a large error: on a
 * market whose spread is far below its volatility they say little.
 */
export {
  abdiRanaldoDefaults,
  abdiRanaldoOfColumns,
  abdiRanaldoSquare,
  createAbdiRanaldo,
  restoreAbdiRanaldo,
} from './internal/bars/abdi-ranaldo.ts';
export type {
  AbdiRanaldo,
  AbdiRanaldoEstimate,
  AbdiRanaldoOptions,
  AbdiRanaldoSnapshot,
} from './internal/bars/abdi-ranaldo.ts';
export type { HighLowClose } from './internal/bars/bar-checks.ts';
export type { BarPairCounts, BarPairsJson } from './internal/bars/bar-pairs.ts';
export {
  corwinSchultzDefaults,
  corwinSchultzOfColumns,
  corwinSchultzSpread,
  createCorwinSchultz,
  restoreCorwinSchultz,
} from './internal/bars/corwin-schultz.ts';
export type {
  CorwinSchultz,
  CorwinSchultzCounts,
  CorwinSchultzEstimate,
  CorwinSchultzOptions,
  CorwinSchultzPairOptions,
  CorwinSchultzSnapshot,
} from './internal/bars/corwin-schultz.ts';
export { createRoll, restoreRoll, rollDefaults, rollOfColumns, rollSpread } from './internal/bars/roll.ts';
export type { Roll, RollEstimate, RollOptions, RollSnapshot, RollWindowOptions } from './internal/bars/roll.ts';
export type { WindowLength, WindowMeanJson } from './internal/numbers/window-mean.ts';
