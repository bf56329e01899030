/** The imbalance rules of known platforms, as data. */
import type { ImbalanceRule } from './imbalance-rule.ts';

const tradingView = {
  mode: 'diagonal',
  ratio: 3,
  ratioMeaning: 'multiple',
  compare: 'gt',
  zero: 'infinite',
  outside: 'skip',
  minVolume: 0,
  minVolumeOf: 'side',
  minDifference: 0,
  minOpposite: 0,
  basis: 'volume',
  attribution: 'aggressor',
  whenBoth: 'both',
} as const satisfies ImbalanceRule;

/**
 * The rules of known platforms. A minimum that a platform gives in its own unit (contracts, coins) is in lots here: set
 * `minVolume` from your grid.
 *
 * - `tradingView`: volume footprint and `request.footprint`, default 300 %, as three times (help 43000726164). The Pine
 *   reference says "exceeds by the percentage"; for that reading take `{ ratio: 300, ratioMeaning: 'excess-percent' }`.
 * - `atas`: indicator Stacked Imbalances (article 17947), its own example: 350 % of 30 is 105, marked above 105. Its
 *   "ignore zero values" is on. Its Imbalance Volume is `minVolume`, its Imbalance Range `minRows` of `stackedImbalances`;
 *   where a template asks for a least difference, that is `minDifference`.
 * - `atasClusters`: cluster type Bid/Ask Imbalance (article 400), which reads the same words the other way: 350 % of 30
 *   is marked above 105 + 30 = 135. Default 150 %.
 * - `flowsurface`: `(100 + threshold) / 100`, default 200 %, zeros ignored.
 * - `chartPatterns`: same row, `(100 + threshold) / 100`, default 300 %; a one-sided row is an imbalance. Some versions
 *   take 300 % as three times: `{ ratio: 3, ratioMeaning: 'multiple' }`.
 * - `freqtrade`: ratio of *counts* of prints above 3; both marks at the lower of the two rows, whose whole volume
 *   `minVolume` (its `imbalance_volume`, in coins) is about. It compares with the next row that traded, we with the next
 *   row of the price grid: equal on ladders without gaps. Its rows round half to even: `rowRule: 'half-even'`.
 * - `reference`: 3.0 / 6 / 3: at least three times, at least 6 against at least 3 contracts; a buy hides a sell.
 */
export const imbalancePresets = {
  tradingView,
  atas: { ...tradingView, ratio: '3.5', zero: 'skip' },
  atasClusters: { ...tradingView, ratio: 150, ratioMeaning: 'excess-percent', zero: 'skip' },
  flowsurface: { ...tradingView, ratio: 200, ratioMeaning: 'excess-percent', zero: 'skip' },
  chartPatterns: { ...tradingView, mode: 'same-row', ratio: 300, ratioMeaning: 'excess-percent' },
  freqtrade: { ...tradingView, basis: 'count', attribution: 'lower', minVolumeOf: 'row' },
  reference: {
    ...tradingView,
    compare: 'gte',
    zero: 'as-one',
    outside: 'zero',
    minVolume: 6,
    minOpposite: 3,
    whenBoth: 'buy',
  },
} as const satisfies Record<string, ImbalanceRule>;
