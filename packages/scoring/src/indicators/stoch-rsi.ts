/** Stochastic RSI (Chande and Kroll, The New Technical Trader, 1994). */
import { numberInput } from '../internal/bar-input.ts';
import { checkPeriod, toColumn } from '../internal/checks.ts';
import { completeOptions, createStream, known, restoreStream } from '../internal/stream.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { MeanWindow, windowMeans } from '../internal/windows/block-window.ts';
import { ExtremeWindow, visitExtremes } from '../internal/windows/extremes.ts';
import { joinParts } from '../internal/windows/part.ts';
import type { Column } from './bar-columns.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';
import { RsiAverage } from '../internal/windows/rsi-average.ts';
import { rsi } from './rsi.ts';
import type { StochasticPoint, StochasticSeries } from './stochastic.ts';
import { place } from './stochastic.ts';

/** Options of {@link stochRsi} and {@link createStochRsi}. */
export interface StochRsiOptions {
  /**
   * Moves in the RSI, at least 1.
   * @defaultValue 14
   */
  readonly rsiPeriod?: number;
  /**
   * RSI values in the window, at least 1.
   * @defaultValue 14
   */
  readonly stochPeriod?: number;
  /**
   * Values in the mean that %K is; 1 for none.
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
export const stochRsiDefaults: Required<StochRsiOptions> = {
  rsiPeriod: 14,
  stochPeriod: 14,
  kSmoothing: 3,
  dPeriod: 3,
};

/**
 * Where the RSI lies between its lowest (0) and highest (100) of the last `stochPeriod` values, smoothed. %K starts at index
 * `rsiPeriod + stochPeriod + kSmoothing − 2`, %D `dPeriod − 1` bars later. A window in which the RSI stood still counts as
 * its middle, 50.
 *
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that cannot be.
 */
export function stochRsi(closes: Column, options: StochRsiOptions = {}): StochasticSeries {
  const complete = completeOptions(stochRsiDefaults, options);
  check(complete);
  const x = toColumn(closes);
  return stochRsiKernel(x, complete);
}

/**
 * A stochastic RSI as a stream, with the numbers of {@link stochRsi} bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createStochRsi(options: StochRsiOptions = {}): IndicatorStream<number, StochasticPoint> {
  return createStream(definition, options);
}

/**
 * A stream that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreStochRsi(
  snapshot: IndicatorSnapshot,
  options: StochRsiOptions = {},
): IndicatorStream<number, StochasticPoint> {
  return restoreStream(definition, snapshot, options);
}

const definition: StreamDefinition<number, StochasticPoint, StochRsiOptions> = {
  name: 'stochRsi',
  defaults: stochRsiDefaults,
  input: numberInput,
  check,
  machine,
};

/** The batch over columns that were checked. */
export function stochRsiKernel(x: Float64Array, options: Required<StochRsiOptions>): StochasticSeries {
  const { rsiPeriod, stochPeriod, kSmoothing, dPeriod } = options;
  const { values } = rsi(x, { period: rsiPeriod });
  const raw = new Float64Array(Math.max(0, values.length - stochPeriod + 1));
  visitExtremes(values, values, stochPeriod, (highs, lows, first, count) => {
    for (let k = 0, i = first, o = first - stochPeriod + 1; k < count; k++, i++, o++) {
      raw[o] = place(values[i]!, lows[k]!, highs[k]!);
    }
  });
  const k = windowMeans(raw, kSmoothing);
  const from = rsiPeriod + stochPeriod + kSmoothing - 2;
  return { k: { from, values: k }, d: { from: from + dPeriod - 1, values: windowMeans(k, dPeriod) } };
}

function machine(options: Required<StochRsiOptions>): Machine<number, StochasticPoint> {
  const { rsiPeriod, stochPeriod, kSmoothing, dPeriod } = options;
  const strength = new RsiAverage(rsiPeriod);
  const highs = new ExtremeWindow(stochPeriod, 1);
  const lows = new ExtremeWindow(stochPeriod, -1);
  const fast = new MeanWindow(kSmoothing);
  const slow = new MeanWindow(dPeriod);
  return {
    ...joinParts([strength, highs, lows, fast, slow]),
    push(close) {
      const value = strength.push(close);
      const k = fast.push(place(value, lows.push(value), highs.push(value)));
      const d = slow.push(k);
      return Number.isNaN(k) ? undefined : { k, d: known(d) };
    },
  };
}

function check(options: Required<StochRsiOptions>): void {
  checkPeriod('rsiPeriod', options.rsiPeriod);
  checkPeriod('stochPeriod', options.stochPeriod);
  checkPeriod('kSmoothing', options.kSmoothing);
  checkPeriod('dPeriod', options.dPeriod);
}
