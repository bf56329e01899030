/** Hull moving average (Alan Hull, 2005). */
import { ScoringError } from '../errors.ts';
import { numberInput } from '../internal/bar-input.ts';
import { checkPeriod, toColumn } from '../internal/checks.ts';
import { completeOptions, createStream, known, restoreStream } from '../internal/stream.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { joinParts } from '../internal/windows/part.ts';
import { LinearWindow, linearMeans } from '../internal/windows/weighted-window.ts';
import type { Column } from './bar-columns.ts';
import type { IndicatorSeries } from './indicator-series.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';

/** Options of {@link hma} and {@link createHma}. */
export interface HmaOptions {
  /**
   * Closes in the longest window, at least 2.
   * @defaultValue 9
   */
  readonly period?: number;
}

/** The options that apply where none are given. */
export const hmaDefaults: Required<HmaOptions> = { period: 9 };

/**
 * WMA over ⌊√period⌋ values of 2 × WMA(⌊period ÷ 2⌋) − WMA(period), from index `period + ⌊√period⌋ − 2` on.
 *
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that cannot be.
 */
export function hma(closes: Column, options: HmaOptions = {}): IndicatorSeries {
  const complete = completeOptions(hmaDefaults, options);
  check(complete);
  const x = toColumn(closes);
  return hmaKernel(x, complete);
}

/**
 * A Hull moving average as a stream, with the numbers of {@link hma} bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createHma(options: HmaOptions = {}): IndicatorStream<number, number> {
  return createStream(definition, options);
}

/**
 * A stream that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreHma(snapshot: IndicatorSnapshot, options: HmaOptions = {}): IndicatorStream<number, number> {
  return restoreStream(definition, snapshot, options);
}

const definition: StreamDefinition<number, number, HmaOptions> = {
  name: 'hma',
  defaults: hmaDefaults,
  input: numberInput,
  check,
  machine,
};

/** The batch over columns that were checked. */
export function hmaKernel(x: Float64Array, options: Required<HmaOptions>): IndicatorSeries {
  const { period } = options;
  const half = Math.floor(period / 2);
  const smooth = Math.floor(Math.sqrt(period));
  const slow = linearMeans(x, period);
  const fast = linearMeans(x, half);
  const raw = new Float64Array(slow.length);
  for (let o = 0; o < raw.length; o++) raw[o] = 2 * fast[o + period - half]! - slow[o]!;
  return { from: period + smooth - 2, values: linearMeans(raw, smooth) };
}

function machine(options: Required<HmaOptions>): Machine<number, number> {
  const { period } = options;
  const slow = new LinearWindow(period);
  const fast = new LinearWindow(Math.floor(period / 2));
  const smooth = new LinearWindow(Math.floor(Math.sqrt(period)));
  return {
    ...joinParts([slow, fast, smooth]),
    push(close) {
      const quick = fast.push(close);
      return known(smooth.push(2 * quick - slow.push(close)));
    },
  };
}

function check(options: Required<HmaOptions>): void {
  checkPeriod('period', options.period);
  if (options.period >= 2) return;
  throw new ScoringError(
    'bad-option',
    `period "${options.period}" is not at least 2. Pass for example 9.`,
    options.period,
  );
}
