import { rowCount } from '../../columns.ts';
import type { BarColumns } from '../../columns.ts';
import { barAt } from '../shared/column-rows.ts';
import { isUsableBar } from './bar-checks.ts';
import type { HighLowClose } from './bar-checks.ts';
import { createBarPairs, barPairsShape } from './bar-pairs.ts';
import type { BarPairCounts, BarPairsJson } from './bar-pairs.ts';
import { OrderflowError } from '../../errors.ts';
import { requireFlag } from '../shared/checks.ts';
import { excerpt } from '../shared/excerpt.ts';
import { requireSameOptions } from '../shared/same-options.ts';
import { count, fields } from '../shared/shapes.ts';
import { restored, storedOptions } from '../shared/snapshot.ts';
import { createWindowMean, requireLength, windowMeanShape } from '../numbers/window-mean.ts';
import type { WindowLength, WindowMeanJson } from '../numbers/window-mean.ts';

/** Options of {@link corwinSchultzSpread}. */
export interface CorwinSchultzPairOptions {
  /**
   * Moves the second bar to the close of the first when the whole of it lies above or below: the jump between two
   * sessions is no spread.
   * @defaultValue true
   */
  readonly overnight?: boolean;
}

/** Options of {@link createCorwinSchultz}. */
export interface CorwinSchultzOptions extends CorwinSchultzPairOptions {
  /**
   * What becomes of the negative estimate of a pair: `zero` counts as 0, the authors' choice; `keep` counts as it is;
   * `drop` leaves it out of the mean.
   * @defaultValue 'zero'
   */
  readonly negative?: 'zero' | 'keep' | 'drop';
  /**
   * Number of pairs that the mean is over; `'all'` for all of them since the start.
   * @defaultValue 20 (a month of days)
   */
  readonly window?: WindowLength;
}

/** What {@link createCorwinSchultz} uses where an option is left out. */
export const corwinSchultzDefaults: Required<CorwinSchultzOptions> = { overnight: true, negative: 'zero', window: 20 };

/** A Corwin-Schultz estimate. */
export interface CorwinSchultzEstimate {
  /** Mean over the window, relative to the price: 0.01 is 1 %. `undefined` before the first pair that counts. */
  readonly spread: number | undefined;
  /** The estimate of the pair that this bar made, before `negative`; `undefined` when it made none. */
  readonly pair: number | undefined;
  /** Pairs in the mean. */
  readonly pairs: number;
}

/** A running estimate. Made by {@link createCorwinSchultz}. */
export interface CorwinSchultz {
  /**
   * Adds a bar, `undefined` for one that is not known, and gives the estimate with it.
   * @throws {@link OrderflowError} `bad-bar` for what no bar can be; the state is as before.
   */
  push(bar: HighLowClose | undefined): CorwinSchultzEstimate;
  /** Holds nothing back. */
  flush(): undefined;
  /** What became of the bars, and how many pairs gave a negative estimate. */
  readonly counts: CorwinSchultzCounts;
  /** The state as plain JSON: the estimates of the window, or their mean. */
  snapshot(): CorwinSchultzSnapshot;
}

/** What became of the bars. */
export interface CorwinSchultzCounts extends BarPairCounts {
  /** Pairs with a negative estimate: much of them says that the spread is too small for the method. */
  readonly negativePairs: number;
}

/** The state of a {@link CorwinSchultz}. */
export interface CorwinSchultzSnapshot {
  readonly v: 1;
  readonly kind: 'corwin-schultz';
  readonly options: Required<CorwinSchultzOptions>;
  readonly bars: BarPairsJson;
  readonly window: WindowMeanJson;
  readonly negativePairs: number;
}

/** 3 − 2√2. */
const K = 3 - 2 * Math.SQRT2;

/**
 * The relative spread (0.01 is 1 %) from the highs and lows of two neighbouring bars, after Corwin and Schultz 2012
 * (doi 10.1111/j.1540-6261.2012.01729.x): `S = 2(e^α − 1) ÷ (1 + e^α)`, `α = (√(2β) − √β) ÷ (3 − 2√2) − √(γ ÷ (3 − 2√2))`,
 * β the sum of the squared `ln(H ÷ L)` of both bars, γ the squared `ln(H ÷ L)` of the two together. It may be negative.
 *
 * `undefined` when a bar did not trade at more than one price above 0: then its range says nothing.
 *
 * @example
 * ```ts
 * const bars = [{ high: 102, low: 100, close: 101 }, { high: 102, low: 100, close: 101 }] as const;
 * corwinSchultzSpread(...bars)?.toFixed(6); // => '0.019802'
 * ```
 * @throws {@link OrderflowError} `bad-bar` for what no bar can be.
 */
export function corwinSchultzSpread(
  first: HighLowClose,
  second: HighLowClose,
  options: CorwinSchultzPairOptions = {},
): number | undefined {
  const usable = [first, second].map((bar) => isUsableBar(bar) && hasRange(bar));
  return usable.every(Boolean) ? pairSpread(first, second, options.overnight ?? true) : undefined;
}

function pairSpread(first: HighLowClose, second: HighLowClose, overnight: boolean): number | undefined {
  // By how much the second bar is moved, in price: down to the close below it, or up to the close above it.
  const gap = overnight ? Math.max(0, first.close - second.high) + Math.min(0, first.close - second.low) : 0;
  const high = gap > 0 ? first.close : second.high + gap;
  const low = gap < 0 ? first.close : second.low + gap;
  const beta = Math.log(first.high / first.low) ** 2 + Math.log(high / low) ** 2;
  const range = Math.log(Math.max(first.high, high) / Math.min(first.low, low));
  const alpha = (Math.sqrt(2 * beta) - Math.sqrt(beta)) / K - range / Math.sqrt(K);
  // 2(e^α − 1) ÷ (1 + e^α), which does not overflow.
  const spread = 2 * Math.tanh(alpha / 2) + 0;
  return Number.isFinite(spread) ? spread : undefined;
}

/**
 * A running estimate: the mean of {@link corwinSchultzSpread} over the last pairs of bars. A bar that did not trade at
 * more than one price is left out, and its neighbours make the pair, as with the range that the authors carry over; a
 * bar that is not known parts its neighbours. Memory is bounded by `window`.
 * @throws {@link OrderflowError} `bad-option`.
 */
export function createCorwinSchultz(options: CorwinSchultzOptions = {}): CorwinSchultz {
  return startCorwinSchultz(csOptions(options), undefined);
}

const shape = fields({ bars: barPairsShape, window: windowMeanShape, negativePairs: count });

/**
 * The estimate that a snapshot was taken of; its options are in the snapshot, and those given must be the same.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or options.
 */
export function restoreCorwinSchultz(snapshot: CorwinSchultzSnapshot, options?: CorwinSchultzOptions): CorwinSchultz {
  return restored(snapshot, 'corwin-schultz', shape, () => {
    if (options) requireSameOptions('corwin-schultz', snapshot.options, csOptions(options));
    return startCorwinSchultz(storedOptions(csOptions, snapshot.options), snapshot);
  });
}

/** {@link createCorwinSchultz} over columns: row by row what `push` gives, and what became of the bars. */
export function corwinSchultzOfColumns(
  bars: BarColumns,
  options: CorwinSchultzOptions = {},
): { readonly values: CorwinSchultzEstimate[]; readonly counts: CorwinSchultzCounts } {
  const rows = rowCount(bars);
  const estimate = createCorwinSchultz(options);
  const values = new Array<CorwinSchultzEstimate>(rows);
  for (let i = 0; i < rows; i += 1) values[i] = estimate.push(barAt(bars, i));
  return { values, counts: estimate.counts };
}

const hasRange = ({ high, low }: HighLowClose): boolean => high > low;

function csOptions(options: CorwinSchultzOptions): Required<CorwinSchultzOptions> {
  const { overnight, negative, window } = { ...corwinSchultzDefaults, ...options };
  requireFlag('overnight', overnight);
  requireLength('window', window);
  if (!['zero', 'keep', 'drop'].includes(negative)) {
    throw new OrderflowError(
      'bad-option',
      `negative ${excerpt(negative)} is not "zero", "keep" or "drop". Leave it out for "zero".`,
      negative,
    );
  }
  return { overnight, negative, window };
}

function startCorwinSchultz(
  options: Required<CorwinSchultzOptions>,
  from: CorwinSchultzSnapshot | undefined,
): CorwinSchultz {
  const { overnight, negative } = options;
  const bars = createBarPairs(hasRange, from?.bars);
  const window = createWindowMean(options.window, from?.window);
  let negativePairs = from?.negativePairs ?? 0;
  return {
    push(bar) {
      const two = bars.push(bar);
      const pair = two && pairSpread(...two, overnight);
      if (pair !== undefined) {
        if (pair < 0) negativePairs += 1;
        if (pair >= 0 || negative === 'keep') window.push(pair);
        else if (negative === 'zero') window.push(0);
      }
      return { spread: window.mean(), pair, pairs: window.n };
    },
    flush: () => undefined,
    get counts() {
      return { ...bars.counts, negativePairs };
    },
    snapshot: () => ({
      v: 1,
      kind: 'corwin-schultz',
      options: { ...options },
      bars: bars.toJson(),
      window: window.toJson(),
      negativePairs,
    }),
  };
}
