/** Chaikin money flow (Marc Chaikin). */
import { readColumns, volumeInput } from '../internal/bar-input.ts';
import { checkPeriod } from '../internal/checks.ts';
import { completeOptions, createStream, known, restoreStream } from '../internal/stream.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { joinParts } from '../internal/windows/part.ts';
import { WeightedWindow, weightedMeans } from '../internal/windows/weighted-window.ts';
import { moneyFlowMultiplier, moneyFlowMultipliers } from '../internal/prices.ts';
import type { VolumeBar, VolumeColumns } from './bar-columns.ts';
import type { IndicatorSeries } from './indicator-series.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';

/** Options of {@link cmf} and {@link createCmf}. */
export interface CmfOptions {
  /**
   * Bars in the window, at least 1.
   * @defaultValue 20
   */
  readonly period?: number;
}

/** The options that apply where none are given. */
export const cmfDefaults: Required<CmfOptions> = { period: 20 };

/**
 * Σ money flow multiplier × volume ÷ Σ volume over the last `period` bars, −1 to 1, from index `period − 1` on. A window
 * that traded nothing has none: NaN (`undefined` from a stream). The multiplier is 1 for a close at the high, −1 at the low,
 * 0 for a bar without range.
 *
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that cannot be.
 */
export function cmf(bars: VolumeColumns, options: CmfOptions = {}): IndicatorSeries {
  const complete = completeOptions(cmfDefaults, options);
  check(complete);
  const { high, low, close, volume } = readColumns(bars, ['high', 'low', 'close', 'volume']);
  return cmfKernel(high, low, close, volume, complete);
}

/**
 * Chaikin money flow as a stream, with the numbers of {@link cmf} bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createCmf(options: CmfOptions = {}): IndicatorStream<VolumeBar, number> {
  return createStream(definition, options);
}

/**
 * A stream that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreCmf(snapshot: IndicatorSnapshot, options: CmfOptions = {}): IndicatorStream<VolumeBar, number> {
  return restoreStream(definition, snapshot, options);
}

const definition: StreamDefinition<VolumeBar, number, CmfOptions> = {
  name: 'cmf',
  defaults: cmfDefaults,
  input: volumeInput,
  check,
  machine,
};

/** The batch over columns that were checked. */
export function cmfKernel(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  volume: Float64Array,
  options: Required<CmfOptions>,
): IndicatorSeries {
  const { period } = options;
  const flow = moneyFlowMultipliers(high, low, close);
  return { from: period - 1, values: weightedMeans(flow, volume, period) };
}

function machine(options: Required<CmfOptions>): Machine<VolumeBar, number> {
  const window = new WeightedWindow(options.period);
  return {
    ...joinParts([window]),
    push: ({ high, low, close, volume }) => known(window.push(moneyFlowMultiplier(high, low, close), volume)),
  };
}

function check(options: Required<CmfOptions>): void {
  checkPeriod('period', options.period);
}
