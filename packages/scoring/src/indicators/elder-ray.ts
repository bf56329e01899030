/** Bull and bear power (Alexander Elder, Trading for a Living, 1993). */
import { priceInput, readColumns } from '../internal/bar-input.ts';
import { checkPeriod } from '../internal/checks.ts';
import { completeOptions, createStream, restoreStream } from '../internal/stream.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { joinParts } from '../internal/windows/part.ts';
import { EmaAverage, emaDistances } from '../internal/windows/recursive.ts';
import type { PriceBar, PriceColumns } from './bar-columns.ts';
import type { IndicatorSeries } from './indicator-series.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';

/** Options of {@link elderRay} and {@link createElderRay}. */
export interface ElderRayOptions {
  /**
   * Closes that the EMA stands for, at least 1.
   * @defaultValue 13
   */
  readonly period?: number;
}

/** The options that apply where none are given. */
export const elderRayDefaults: Required<ElderRayOptions> = { period: 13 };

/** Batch bull and bear power in price units, from index `period − 1` on. */
export interface ElderRaySeries {
  /** High − EMA. */
  readonly bull: IndicatorSeries;
  /** Low − EMA. */
  readonly bear: IndicatorSeries;
}

/** Bull and bear power of one bar, in price units. */
export interface ElderRayPoint {
  /** High − EMA. */
  readonly bull: number;
  /** Low − EMA. */
  readonly bear: number;
}

/**
 * How far the high and the low reach from the EMA of the closes, from index `period − 1` on.
 *
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that cannot be.
 */
export function elderRay(bars: PriceColumns, options: ElderRayOptions = {}): ElderRaySeries {
  const complete = completeOptions(elderRayDefaults, options);
  check(complete);
  const { high, low, close } = readColumns(bars, ['high', 'low', 'close']);
  return elderRayKernel(high, low, close, complete);
}

/**
 * Bull and bear power as a stream, with the numbers of {@link elderRay} bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createElderRay(options: ElderRayOptions = {}): IndicatorStream<PriceBar, ElderRayPoint> {
  return createStream(definition, options);
}

/**
 * A stream that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreElderRay(
  snapshot: IndicatorSnapshot,
  options: ElderRayOptions = {},
): IndicatorStream<PriceBar, ElderRayPoint> {
  return restoreStream(definition, snapshot, options);
}

const definition: StreamDefinition<PriceBar, ElderRayPoint, ElderRayOptions> = {
  name: 'elderRay',
  defaults: elderRayDefaults,
  input: priceInput,
  check,
  machine,
};

/** The batch over columns that were checked. */
export function elderRayKernel(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  options: Required<ElderRayOptions>,
): ElderRaySeries {
  const { period } = options;
  const from = period - 1;
  const bull = emaDistances(close, period);
  const bear = new Float64Array(bull.length);
  for (let o = 0, i = from; o < bull.length; o++, i++) {
    const above = bull[o]!;
    bull[o] = high[i]! - close[i]! + above;
    bear[o] = low[i]! - close[i]! + above;
  }
  return { bull: { from, values: bull }, bear: { from, values: bear } };
}

function machine(options: Required<ElderRayOptions>): Machine<PriceBar, ElderRayPoint> {
  const average = new EmaAverage(options.period);
  return {
    ...joinParts([average]),
    push({ high, low, close }) {
      const above = average.pushDistance(close);
      return Number.isNaN(above) ? undefined : { bull: high - close + above, bear: low - close + above };
    },
  };
}

function check(options: Required<ElderRayOptions>): void {
  checkPeriod('period', options.period);
}
