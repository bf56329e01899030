/** Williams %R (Larry Williams, 1973). */
import { priceInput, readColumns } from '../internal/bar-input.ts';
import { checkPeriod } from '../internal/checks.ts';
import { completeOptions, createStream, known, restoreStream } from '../internal/stream.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { ExtremeWindow, visitExtremes } from '../internal/windows/extremes.ts';
import { joinParts } from '../internal/windows/part.ts';
import type { PriceBar, PriceColumns } from './bar-columns.ts';
import type { IndicatorSeries } from './indicator-series.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';

/** Options of {@link williamsR} and {@link createWilliamsR}. */
export interface WilliamsROptions {
  /**
   * Bars in the window, at least 1.
   * @defaultValue 14
   */
  readonly period?: number;
}

/** The options that apply where none are given. */
export const williamsRDefaults: Required<WilliamsROptions> = { period: 14 };

/**
 * Where the close lies between the lowest low (−100) and the highest high (0) of the last `period` bars, from index
 * `period − 1` on. A window without range counts as its middle, −50.
 *
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that cannot be.
 */
export function williamsR(bars: PriceColumns, options: WilliamsROptions = {}): IndicatorSeries {
  const complete = completeOptions(williamsRDefaults, options);
  check(complete);
  const { high, low, close } = readColumns(bars, ['high', 'low', 'close']);
  return williamsRKernel(high, low, close, complete);
}

/**
 * Williams %R as a stream, with the numbers of {@link williamsR} bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createWilliamsR(options: WilliamsROptions = {}): IndicatorStream<PriceBar, number> {
  return createStream(definition, options);
}

/**
 * A stream that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreWilliamsR(
  snapshot: IndicatorSnapshot,
  options: WilliamsROptions = {},
): IndicatorStream<PriceBar, number> {
  return restoreStream(definition, snapshot, options);
}

const definition: StreamDefinition<PriceBar, number, WilliamsROptions> = {
  name: 'williamsR',
  defaults: williamsRDefaults,
  input: priceInput,
  check,
  machine,
};

/** The batch over columns that were checked. */
export function williamsRKernel(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  options: Required<WilliamsROptions>,
): IndicatorSeries {
  const { period } = options;
  const values = new Float64Array(Math.max(0, close.length - period + 1));
  visitExtremes(high, low, period, (highs, lows, first, count) => {
    for (let k = 0, i = first, o = first - period + 1; k < count; k++, i++, o++) {
      values[o] = below(close[i]!, lows[k]!, highs[k]!);
    }
  });
  return { from: period - 1, values };
}

function machine(options: Required<WilliamsROptions>): Machine<PriceBar, number> {
  const highs = new ExtremeWindow(options.period, 1);
  const lows = new ExtremeWindow(options.period, -1);
  return {
    ...joinParts([highs, lows]),
    push: ({ high, low, close }) => known(below(close, lows.push(low), highs.push(high))),
  };
}

function check(options: Required<WilliamsROptions>): void {
  checkPeriod('period', options.period);
}

/** How far a value lies below the upper of two others, −100 to 0. */
function below(value: number, low: number, high: number): number {
  return high > low ? 100 * ((value - high) / (high - low)) : high === low ? -50 : Number.NaN;
}
