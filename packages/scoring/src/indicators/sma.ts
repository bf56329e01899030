/** Simple moving average. */
import { numberInput } from '../internal/bar-input.ts';
import { checkPeriod, toColumn } from '../internal/checks.ts';
import { completeOptions, createStream, known, restoreStream } from '../internal/stream.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { MeanWindow, windowMeans } from '../internal/windows/block-window.ts';
import { joinParts } from '../internal/windows/part.ts';
import type { Column } from './bar-columns.ts';
import type { IndicatorSeries } from './indicator-series.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';

/** Options of {@link sma} and {@link createSma}. */
export interface SmaOptions {
  /**
   * Closes in the window, at least 1.
   * @defaultValue 20
   */
  readonly period?: number;
}

/** The options that apply where none are given. */
export const smaDefaults: Required<SmaOptions> = { period: 20 };

/**
 * The mean of the last `period` closes, from index `period − 1` on.
 *
 * Equal closes have exactly their value as mean, at any price level and after any move before them.
 *
 * @example
 * ```ts
 * sma([1, 2, 6], { period: 2 }); // => { from: 1, values: Float64Array.of(1.5, 4) }
 * ```
 *
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that cannot be.
 */
export function sma(closes: Column, options: SmaOptions = {}): IndicatorSeries {
  const complete = completeOptions(smaDefaults, options);
  check(complete);
  const x = toColumn(closes);
  return smaKernel(x, complete);
}

/**
 * A simple moving average as a stream, with the numbers of {@link sma} bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createSma(options: SmaOptions = {}): IndicatorStream<number, number> {
  return createStream(definition, options);
}

/**
 * A stream that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreSma(snapshot: IndicatorSnapshot, options: SmaOptions = {}): IndicatorStream<number, number> {
  return restoreStream(definition, snapshot, options);
}

const definition: StreamDefinition<number, number, SmaOptions> = {
  name: 'sma',
  defaults: smaDefaults,
  input: numberInput,
  check,
  machine,
};

/** The batch over columns that were checked. */
export function smaKernel(x: Float64Array, options: Required<SmaOptions>): IndicatorSeries {
  return { from: options.period - 1, values: windowMeans(x, options.period) };
}

function machine(options: Required<SmaOptions>): Machine<number, number> {
  const window = new MeanWindow(options.period);
  return { ...joinParts([window]), push: (close) => known(window.push(close)) };
}

function check(options: Required<SmaOptions>): void {
  checkPeriod('period', options.period);
}
