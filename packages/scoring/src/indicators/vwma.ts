/** Volume-weighted moving average. */
import { closeVolumeInput, readColumns } from '../internal/bar-input.ts';
import { checkPeriod } from '../internal/checks.ts';
import { completeOptions, createStream, known, restoreStream } from '../internal/stream.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { joinParts } from '../internal/windows/part.ts';
import { WeightedWindow, weightedMeans } from '../internal/windows/weighted-window.ts';
import type { BarColumns, IndicatorBar } from './bar-columns.ts';
import type { IndicatorSeries } from './indicator-series.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';

/** Options of {@link vwma} and {@link createVwma}. */
export interface VwmaOptions {
  /**
   * Bars in the window, at least 1.
   * @defaultValue 20
   */
  readonly period?: number;
}

/** The options that apply where none are given. */
export const vwmaDefaults: Required<VwmaOptions> = { period: 20 };

/**
 * The mean of the last `period` closes, each weighted by its volume, from index `period − 1` on. A window that traded
 * nothing has no such mean: NaN (`undefined` from a stream).
 *
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that cannot be.
 */
export function vwma(bars: Pick<BarColumns, 'close' | 'volume'>, options: VwmaOptions = {}): IndicatorSeries {
  const complete = completeOptions(vwmaDefaults, options);
  check(complete);
  const { close, volume } = readColumns(bars, ['close', 'volume']);
  return vwmaKernel(close, volume, complete);
}

/**
 * A volume-weighted moving average as a stream, with the numbers of {@link vwma} bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createVwma(options: VwmaOptions = {}): IndicatorStream<Pick<IndicatorBar, 'close' | 'volume'>, number> {
  return createStream(definition, options);
}

/**
 * A stream that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreVwma(
  snapshot: IndicatorSnapshot,
  options: VwmaOptions = {},
): IndicatorStream<Pick<IndicatorBar, 'close' | 'volume'>, number> {
  return restoreStream(definition, snapshot, options);
}

const definition: StreamDefinition<Pick<IndicatorBar, 'close' | 'volume'>, number, VwmaOptions> = {
  name: 'vwma',
  defaults: vwmaDefaults,
  input: closeVolumeInput,
  check,
  machine,
};

/** The batch over columns that were checked. */
export function vwmaKernel(close: Float64Array, volume: Float64Array, options: Required<VwmaOptions>): IndicatorSeries {
  return { from: options.period - 1, values: weightedMeans(close, volume, options.period) };
}

function machine(options: Required<VwmaOptions>): Machine<Pick<IndicatorBar, 'close' | 'volume'>, number> {
  const window = new WeightedWindow(options.period);
  return { ...joinParts([window]), push: ({ close, volume }) => known(window.push(close, volume)) };
}

function check(options: Required<VwmaOptions>): void {
  checkPeriod('period', options.period);
}
