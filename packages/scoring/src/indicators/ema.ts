/** Exponential moving average. */
import { numberInput } from '../internal/bar-input.ts';
import { checkPeriod, toColumn } from '../internal/checks.ts';
import { completeOptions, createStream, known, restoreStream } from '../internal/stream.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { joinParts } from '../internal/windows/part.ts';
import { EmaAverage, emaColumn } from '../internal/windows/recursive.ts';
import type { Column } from './bar-columns.ts';
import type { IndicatorSeries } from './indicator-series.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';

/** Options of {@link ema} and {@link createEma}. */
export interface EmaOptions {
  /**
   * Closes that the average stands for, at least 1.
   * @defaultValue 20
   */
  readonly period?: number;
}

/** The options that apply where none are given. */
export const emaDefaults: Required<EmaOptions> = { period: 20 };

/**
 * The exponential average (k = 2 ÷ (period + 1)) from index `period − 1` on, where it starts with the simple mean.
 *
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that cannot be.
 */
export function ema(closes: Column, options: EmaOptions = {}): IndicatorSeries {
  const complete = completeOptions(emaDefaults, options);
  check(complete);
  const x = toColumn(closes);
  return emaKernel(x, complete);
}

/**
 * An exponential moving average as a stream, with the numbers of {@link ema} bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createEma(options: EmaOptions = {}): IndicatorStream<number, number> {
  return createStream(definition, options);
}

/**
 * A stream that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreEma(snapshot: IndicatorSnapshot, options: EmaOptions = {}): IndicatorStream<number, number> {
  return restoreStream(definition, snapshot, options);
}

const definition: StreamDefinition<number, number, EmaOptions> = {
  name: 'ema',
  defaults: emaDefaults,
  input: numberInput,
  check,
  machine,
};

/** The batch over columns that were checked. */
export function emaKernel(x: Float64Array, options: Required<EmaOptions>): IndicatorSeries {
  return { from: options.period - 1, values: emaColumn(x, options.period) };
}

function machine(options: Required<EmaOptions>): Machine<number, number> {
  const average = new EmaAverage(options.period);
  return { ...joinParts([average]), push: (close) => known(average.push(close)) };
}

function check(options: Required<EmaOptions>): void {
  checkPeriod('period', options.period);
}
