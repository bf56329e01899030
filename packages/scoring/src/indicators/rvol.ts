/** Relative volume. */
import { readColumns, tradedInput } from '../internal/bar-input.ts';
import { checkPeriod } from '../internal/checks.ts';
import { completeOptions, createStream, known, restoreStream } from '../internal/stream.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { SumWindow, windowSums } from '../internal/windows/block-window.ts';
import { joinParts } from '../internal/windows/part.ts';
import { Delay } from '../internal/windows/recursive.ts';
import type { BarColumns, IndicatorBar } from './bar-columns.ts';
import type { IndicatorSeries } from './indicator-series.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';

/** Options of {@link rvol} and {@link createRvol}. */
export interface RvolOptions {
  /**
   * Bars before the current one that it is compared with, at least 1.
   * @defaultValue 20
   */
  readonly period?: number;
}

/** The options that apply where none are given. */
export const rvolDefaults: Required<RvolOptions> = { period: 20 };

/**
 * Volume ÷ mean volume of the `period` bars before it, from index `period` on; the bar itself is not in the mean. Where
 * those bars traded nothing there is none: NaN (`undefined` from a stream).
 *
 * @example
 * ```ts
 * rvol({ volume: [2, 4, 9] }, { period: 2 }); // => { from: 2, values: Float64Array.of(3) }
 * ```
 *
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that cannot be.
 */
export function rvol(bars: Pick<BarColumns, 'volume'>, options: RvolOptions = {}): IndicatorSeries {
  const complete = completeOptions(rvolDefaults, options);
  check(complete);
  const { volume } = readColumns(bars, ['volume']);
  return rvolKernel(volume, complete);
}

/**
 * Relative volume as a stream, with the numbers of {@link rvol} bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createRvol(options: RvolOptions = {}): IndicatorStream<Pick<IndicatorBar, 'volume'>, number> {
  return createStream(definition, options);
}

/**
 * A stream that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreRvol(
  snapshot: IndicatorSnapshot,
  options: RvolOptions = {},
): IndicatorStream<Pick<IndicatorBar, 'volume'>, number> {
  return restoreStream(definition, snapshot, options);
}

const definition: StreamDefinition<Pick<IndicatorBar, 'volume'>, number, RvolOptions> = {
  name: 'rvol',
  defaults: rvolDefaults,
  input: tradedInput,
  check,
  machine,
};

/** The batch over columns that were checked. */
export function rvolKernel(volume: Float64Array, options: Required<RvolOptions>): IndicatorSeries {
  const { period } = options;
  const sums = windowSums(volume, period);
  const values = new Float64Array(Math.max(0, volume.length - period));
  for (let o = 0; o < values.length; o++) values[o] = times(volume[o + period]!, sums[o]!, period);
  return { from: period, values };
}

function machine(options: Required<RvolOptions>): Machine<Pick<IndicatorBar, 'volume'>, number> {
  const window = new SumWindow(options.period);
  const past = new Delay(1);
  return {
    ...joinParts([past, window]),
    push: ({ volume }) => known(times(volume, window.push(past.push(volume)), options.period)),
  };
}

function check(options: Required<RvolOptions>): void {
  checkPeriod('period', options.period);
}

/** Equal volumes are exactly once the mean: the product is rounded as the sum is. */
function times(volume: number, sum: number, period: number): number {
  return sum > 0 ? (volume * period) / sum : Number.NaN;
}
