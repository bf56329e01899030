/** Stochastic oscillator (George Lane). */
import { priceInput, readColumns } from '../internal/bar-input.ts';
import { checkPeriod } from '../internal/checks.ts';
import { completeOptions, createStream, known, restoreStream } from '../internal/stream.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { MeanWindow, windowMeans } from '../internal/windows/block-window.ts';
import { ExtremeWindow, visitExtremes } from '../internal/windows/extremes.ts';
import { joinParts } from '../internal/windows/part.ts';
import type { PriceBar, PriceColumns } from './bar-columns.ts';
import type { IndicatorSeries } from './indicator-series.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';

/** Options of {@link stochastic} and {@link createStochastic}. */
export interface StochasticOptions {
  /**
   * Bars in the window, at least 1.
   * @defaultValue 14
   */
  readonly period?: number;
  /**
   * Values in the mean that %K is; 1 for the fast stochastic.
   * @defaultValue 3
   */
  readonly kSmoothing?: number;
  /**
   * Values of %K in the mean that %D is.
   * @defaultValue 3
   */
  readonly dPeriod?: number;
}

/** The options that apply where none are given. */
export const stochasticDefaults: Required<StochasticOptions> = { period: 14, kSmoothing: 3, dPeriod: 3 };

/** The two lines of a batch stochastic oscillator, each 0 to 100. */
export interface StochasticSeries {
  /** %K, from index `period + kSmoothing − 2` on. */
  readonly k: IndicatorSeries;
  /** %D, the mean of `dPeriod` values of %K, from index `period + kSmoothing + dPeriod − 3` on. */
  readonly d: IndicatorSeries;
}

/** The stochastic oscillator of one bar; %D starts `dPeriod − 1` bars after %K. */
export interface StochasticPoint {
  readonly k: number;
  readonly d: number | undefined;
}

/**
 * Where the close lies between the lowest low (0) and the highest high (100) of the last `period` bars, smoothed. A window
 * without range counts as its middle, 50.
 *
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that cannot be.
 */
export function stochastic(bars: PriceColumns, options: StochasticOptions = {}): StochasticSeries {
  const complete = completeOptions(stochasticDefaults, options);
  check(complete);
  const { high, low, close } = readColumns(bars, ['high', 'low', 'close']);
  return stochasticKernel(high, low, close, complete);
}

/**
 * A stochastic oscillator as a stream, with the numbers of {@link stochastic} bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createStochastic(options: StochasticOptions = {}): IndicatorStream<PriceBar, StochasticPoint> {
  return createStream(definition, options);
}

/**
 * A stream that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreStochastic(
  snapshot: IndicatorSnapshot,
  options: StochasticOptions = {},
): IndicatorStream<PriceBar, StochasticPoint> {
  return restoreStream(definition, snapshot, options);
}

const definition: StreamDefinition<PriceBar, StochasticPoint, StochasticOptions> = {
  name: 'stochastic',
  defaults: stochasticDefaults,
  input: priceInput,
  check,
  machine,
};

/** The batch over columns that were checked. */
export function stochasticKernel(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  options: Required<StochasticOptions>,
): StochasticSeries {
  const { period, kSmoothing, dPeriod } = options;
  const raw = new Float64Array(Math.max(0, close.length - period + 1));
  visitExtremes(high, low, period, (highs, lows, first, count) => {
    for (let k = 0, i = first, o = first - period + 1; k < count; k++, i++, o++) {
      raw[o] = place(close[i]!, lows[k]!, highs[k]!);
    }
  });
  const k = windowMeans(raw, kSmoothing);
  const from = period + kSmoothing - 2;
  return { k: { from, values: k }, d: { from: from + dPeriod - 1, values: windowMeans(k, dPeriod) } };
}

function machine(options: Required<StochasticOptions>): Machine<PriceBar, StochasticPoint> {
  const { period, kSmoothing, dPeriod } = options;
  const highs = new ExtremeWindow(period, 1);
  const lows = new ExtremeWindow(period, -1);
  const fast = new MeanWindow(kSmoothing);
  const slow = new MeanWindow(dPeriod);
  return {
    ...joinParts([highs, lows, fast, slow]),
    push({ high, low, close }) {
      const k = fast.push(place(close, lows.push(low), highs.push(high)));
      const d = slow.push(k);
      return Number.isNaN(k) ? undefined : { k, d: known(d) };
    },
  };
}

function check(options: Required<StochasticOptions>): void {
  checkPeriod('period', options.period);
  checkPeriod('kSmoothing', options.kSmoothing);
  checkPeriod('dPeriod', options.dPeriod);
}

/** Where a value lies between two others, 0 to 100. */
export function place(value: number, low: number, high: number): number {
  return high > low ? 100 * ((value - low) / (high - low)) : high === low ? 50 : Number.NaN;
}
