/** Momentum: the way of the price over a number of bars. */
import { numberInput } from '../internal/bar-input.ts';
import { checkPeriod, toColumn } from '../internal/checks.ts';
import { completeOptions, createStream, known, restoreStream } from '../internal/stream.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { joinParts } from '../internal/windows/part.ts';
import { Delay } from '../internal/windows/recursive.ts';
import type { Column } from './bar-columns.ts';
import type { IndicatorSeries } from './indicator-series.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';

/** Options of {@link priceMomentum} and {@link createPriceMomentum}. */
export interface PriceMomentumOptions {
  /**
   * Bars between the two closes, at least 1.
   * @defaultValue 10
   */
  readonly period?: number;
}

/** The options that apply where none are given. */
export const priceMomentumDefaults: Required<PriceMomentumOptions> = { period: 10 };

/**
 * Close − close `period` bars ago, in price units, from index `period` on.
 *
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that cannot be.
 */
export function priceMomentum(closes: Column, options: PriceMomentumOptions = {}): IndicatorSeries {
  const complete = completeOptions(priceMomentumDefaults, options);
  check(complete);
  const x = toColumn(closes);
  return priceMomentumKernel(x, complete);
}

/**
 * Momentum as a stream, with the numbers of {@link priceMomentum} bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createPriceMomentum(options: PriceMomentumOptions = {}): IndicatorStream<number, number> {
  return createStream(definition, options);
}

/**
 * A stream that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restorePriceMomentum(
  snapshot: IndicatorSnapshot,
  options: PriceMomentumOptions = {},
): IndicatorStream<number, number> {
  return restoreStream(definition, snapshot, options);
}

const definition: StreamDefinition<number, number, PriceMomentumOptions> = {
  name: 'priceMomentum',
  defaults: priceMomentumDefaults,
  input: numberInput,
  check,
  machine,
};

/** The batch over columns that were checked. */
export function priceMomentumKernel(x: Float64Array, options: Required<PriceMomentumOptions>): IndicatorSeries {
  const { period } = options;
  const values = new Float64Array(Math.max(0, x.length - period));
  for (let o = 0; o < values.length; o++) values[o] = x[o + period]! - x[o]!;
  return { from: period, values };
}

function machine(options: Required<PriceMomentumOptions>): Machine<number, number> {
  const past = new Delay(options.period);
  return { ...joinParts([past]), push: (close) => known(close - past.push(close)) };
}

function check(options: Required<PriceMomentumOptions>): void {
  checkPeriod('period', options.period);
}
