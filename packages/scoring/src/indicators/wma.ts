/** Linearly weighted moving average. */
import { numberInput } from '../internal/bar-input.ts';
import { checkPeriod, toColumn } from '../internal/checks.ts';
import { completeOptions, createStream, known, restoreStream } from '../internal/stream.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { joinParts } from '../internal/windows/part.ts';
import { LinearWindow, linearMeans } from '../internal/windows/weighted-window.ts';
import type { Column } from './bar-columns.ts';
import type { IndicatorSeries } from './indicator-series.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';

/** Options of {@link wma} and {@link createWma}. */
export interface WmaOptions {
  /**
   * Closes in the window, at least 1.
   * @defaultValue 20
   */
  readonly period?: number;
}

/** The options that apply where none are given. */
export const wmaDefaults: Required<WmaOptions> = { period: 20 };

/**
 * The mean of the last `period` closes with weights 1 for the oldest to `period` for the newest, from index `period − 1` on.
 *
 * @example
 * ```ts
 * wma([3, 6, 9], { period: 2 }); // => { from: 1, values: Float64Array.of(5, 8) }
 * ```
 *
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that cannot be.
 */
export function wma(closes: Column, options: WmaOptions = {}): IndicatorSeries {
  const complete = completeOptions(wmaDefaults, options);
  check(complete);
  const x = toColumn(closes);
  return wmaKernel(x, complete);
}

/**
 * A weighted moving average as a stream, with the numbers of {@link wma} bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createWma(options: WmaOptions = {}): IndicatorStream<number, number> {
  return createStream(definition, options);
}

/**
 * A stream that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreWma(snapshot: IndicatorSnapshot, options: WmaOptions = {}): IndicatorStream<number, number> {
  return restoreStream(definition, snapshot, options);
}

const definition: StreamDefinition<number, number, WmaOptions> = {
  name: 'wma',
  defaults: wmaDefaults,
  input: numberInput,
  check,
  machine,
};

/** The batch over columns that were checked. */
export function wmaKernel(x: Float64Array, options: Required<WmaOptions>): IndicatorSeries {
  return { from: options.period - 1, values: linearMeans(x, options.period) };
}

function machine(options: Required<WmaOptions>): Machine<number, number> {
  const window = new LinearWindow(options.period);
  return { ...joinParts([window]), push: (close) => known(window.push(close)) };
}

function check(options: Required<WmaOptions>): void {
  checkPeriod('period', options.period);
}
