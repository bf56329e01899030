import { rowCount } from '../../columns.ts';
import type { BarColumns } from '../../columns.ts';
import { isUsableBar } from './bar-checks.ts';
import type { HighLowClose } from './bar-checks.ts';
import { createBarPairs, barPairsShape } from './bar-pairs.ts';
import type { BarPairCounts, BarPairsJson } from './bar-pairs.ts';
import { barAt } from '../shared/column-rows.ts';
import { requireSameOptions } from '../shared/same-options.ts';
import { fields } from '../shared/shapes.ts';
import { restored, storedOptions } from '../shared/snapshot.ts';
import { createWindowMean, requireLength, windowMeanShape } from '../numbers/window-mean.ts';
import type { WindowLength, WindowMeanJson } from '../numbers/window-mean.ts';

/** Options of {@link createAbdiRanaldo}. */
export interface AbdiRanaldoOptions {
  /**
   * Number of pairs of bars that an estimate is over; `'all'` for all of them since the start.
   * @defaultValue 20 (a month of days)
   */
  readonly window?: WindowLength;
}

/** What {@link createAbdiRanaldo} uses where an option is left out. */
export const abdiRanaldoDefaults: Required<AbdiRanaldoOptions> = { window: 20 };

/** Abdi-Ranaldo estimates, relative to the price: 0.01 is 1 %. All are `undefined` before the first pair. */
export interface AbdiRanaldoEstimate {
  /** `mean √max(s², 0)`: the two-day corrected estimate, each pair cut at 0 by itself. */
  readonly twoDay: number | undefined;
  /** `√max(mean s², 0)`: the monthly corrected estimate, cut at 0 once. */
  readonly monthly: number | undefined;
  /** Mean of s² as it is; below 0 says that `monthly` is cut. */
  readonly meanSquare: number | undefined;
  /** s² of the pair that this bar made; `undefined` when it made none. */
  readonly pairSquare: number | undefined;
  /** Pairs in the means. */
  readonly pairs: number;
}

/** A running estimate. Made by {@link createAbdiRanaldo}. */
export interface AbdiRanaldo {
  /**
   * Adds a bar, `undefined` for one that is not known, and gives the estimates with it.
   * @throws {@link OrderflowError} `bad-bar` for what no bar can be; the state is as before.
   */
  push(bar: HighLowClose | undefined): AbdiRanaldoEstimate;
  /** Holds nothing back. */
  flush(): undefined;
  /** What became of the bars. */
  readonly counts: BarPairCounts;
  /** The state as plain JSON: two numbers a pair of the window, or two means. */
  snapshot(): AbdiRanaldoSnapshot;
}

/** The state of an {@link AbdiRanaldo}. */
export interface AbdiRanaldoSnapshot {
  readonly v: 1;
  readonly kind: 'abdi-ranaldo';
  readonly options: Required<AbdiRanaldoOptions>;
  readonly bars: BarPairsJson;
  readonly squares: WindowMeanJson;
  readonly roots: WindowMeanJson;
}

/**
 * The squared relative spread from the closes, highs and lows of two neighbouring bars, after Abdi and Ranaldo 2017
 * (doi 10.1093/rfs/hhx084): `s² = 4(c − η)(c − η′)`, c the log close of the first bar, η and η′ the means of log high and
 * log low of the first and the second. It may be negative; `undefined` when a bar did not trade at prices above 0.
 *
 * @example
 * ```ts
 * // Both days trade between 100 and 102 around their middle; the first closes at the ask.
 * const s2 = abdiRanaldoSquare({ high: 102, low: 100, close: 102 }, { high: 102, low: 100, close: 101 })!;
 * Math.sqrt(s2).toFixed(6); // => '0.019803'
 * ```
 * @throws {@link OrderflowError} `bad-bar` for what no bar can be.
 */
export function abdiRanaldoSquare(first: HighLowClose, second: HighLowClose): number | undefined {
  const usable = [first, second].map(isUsableBar);
  return usable.every(Boolean) ? squareOf(first, second) : undefined;
}

function squareOf(first: HighLowClose, second: HighLowClose): number {
  const close = Math.log(first.close);
  const middle = ({ high, low }: HighLowClose): number => (Math.log(high) + Math.log(low)) / 2;
  return 4 * (close - middle(first)) * (close - middle(second)) + 0;
}

/**
 * Running estimates over the last pairs of bars. A bar that did not trade is left out, and its neighbours make the pair;
 * a bar that is not known parts its neighbours. Memory is bounded by `window`.
 * @throws {@link OrderflowError} `bad-option`.
 */
export function createAbdiRanaldo(options: AbdiRanaldoOptions = {}): AbdiRanaldo {
  return startAbdiRanaldo(arOptions(options), undefined);
}

const shape = fields({ bars: barPairsShape, squares: windowMeanShape, roots: windowMeanShape });

/**
 * The estimates that a snapshot was taken of; its options are in the snapshot, and those given must be the same.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or options.
 */
export function restoreAbdiRanaldo(snapshot: AbdiRanaldoSnapshot, options?: AbdiRanaldoOptions): AbdiRanaldo {
  return restored(snapshot, 'abdi-ranaldo', shape, () => {
    if (options) requireSameOptions('abdi-ranaldo', snapshot.options, arOptions(options));
    return startAbdiRanaldo(storedOptions(arOptions, snapshot.options), snapshot);
  });
}

/** {@link createAbdiRanaldo} over columns: row by row what `push` gives, and what became of the bars. */
export function abdiRanaldoOfColumns(
  bars: BarColumns,
  options: AbdiRanaldoOptions = {},
): { readonly values: AbdiRanaldoEstimate[]; readonly counts: BarPairCounts } {
  const rows = rowCount(bars);
  const estimate = createAbdiRanaldo(options);
  const values = new Array<AbdiRanaldoEstimate>(rows);
  for (let i = 0; i < rows; i += 1) values[i] = estimate.push(barAt(bars, i));
  return { values, counts: estimate.counts };
}

function arOptions(options: AbdiRanaldoOptions): Required<AbdiRanaldoOptions> {
  const { window } = { ...abdiRanaldoDefaults, ...options };
  requireLength('window', window);
  return { window };
}

function startAbdiRanaldo(options: Required<AbdiRanaldoOptions>, from: AbdiRanaldoSnapshot | undefined): AbdiRanaldo {
  const bars = createBarPairs(() => true, from?.bars);
  const squares = createWindowMean(options.window, from?.squares);
  const roots = createWindowMean(options.window, from?.roots);
  return {
    push(bar) {
      const two = bars.push(bar);
      const pairSquare = two && squareOf(...two);
      if (pairSquare !== undefined) {
        squares.push(pairSquare);
        roots.push(Math.sqrt(Math.max(0, pairSquare)));
      }
      const meanSquare = squares.mean();
      return {
        twoDay: roots.mean(),
        monthly: meanSquare === undefined ? undefined : Math.sqrt(Math.max(0, meanSquare)),
        meanSquare,
        pairSquare,
        pairs: squares.n,
      };
    },
    flush: () => undefined,
    get counts() {
      return bars.counts;
    },
    snapshot: () => ({
      v: 1,
      kind: 'abdi-ranaldo',
      options: { ...options },
      bars: bars.toJson(),
      squares: squares.toJson(),
      roots: roots.toJson(),
    }),
  };
}
