/** Average true range of Wilder (New Concepts in Technical Trading Systems, 1978). */
import { priceInput, readColumns } from '../internal/bar-input.ts';
import { checkPeriod } from '../internal/checks.ts';
import { completeOptions, createStream, known, restoreStream } from '../internal/stream.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { Memory } from '../internal/windows/memory.ts';
import { joinParts } from '../internal/windows/part.ts';
import { WilderAverage } from '../internal/windows/recursive.ts';
import { trueRange } from '../internal/prices.ts';
import { roomFor } from '../internal/room.ts';
import type { PriceBar, PriceColumns } from './bar-columns.ts';
import type { IndicatorSeries } from './indicator-series.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';

/** Options of {@link atr} and {@link createAtr}. */
export interface AtrOptions {
  /**
   * Bars in the average, at least 1.
   * @defaultValue 14
   */
  readonly period?: number;
}

/** The options that apply where none are given. */
export const atrDefaults: Required<AtrOptions> = { period: 14 };

/**
 * The average true range in price units, from index `period − 1` on: the mean of the first `period` true ranges, then
 * 1 ÷ `period` of each next one. The first bar, which has no close before it, counts with its own range.
 *
 * @param reuse - A result that is done with: the new one is written into its memory where that is large enough.
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that cannot be.
 */
export function atr(bars: PriceColumns, options: AtrOptions = {}, reuse?: IndicatorSeries): IndicatorSeries {
  const complete = completeOptions(atrDefaults, options);
  check(complete);
  const { high, low, close } = readColumns(bars, ['high', 'low', 'close']);
  return atrKernel(high, low, close, complete, reuse);
}

/**
 * An average true range as a stream, with the numbers of {@link atr} bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createAtr(options: AtrOptions = {}): IndicatorStream<PriceBar, number> {
  return createStream(definition, options);
}

/**
 * A stream that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreAtr(snapshot: IndicatorSnapshot, options: AtrOptions = {}): IndicatorStream<PriceBar, number> {
  return restoreStream(definition, snapshot, options);
}

const definition: StreamDefinition<PriceBar, number, AtrOptions> = {
  name: 'atr',
  defaults: atrDefaults,
  input: priceInput,
  check,
  machine,
};

/** The batch over columns that were checked. */
export function atrKernel(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  { period }: Required<AtrOptions>,
  reuse?: IndicatorSeries,
): IndicatorSeries {
  const values = roomFor(Math.max(0, close.length - period + 1), reuse?.values, [high, low, close]);
  fillRanges(high, low, close, period, values);
  return { from: period - 1, values };
}

function fillRanges(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  period: number,
  values: Float64Array,
): void {
  if (values.length === 0) return;
  const { length } = close;
  let average = high[0]! - low[0]!;
  for (let i = 1; i < period; i++) average += trueRange(high[i]!, low[i]!, close[i - 1]!);
  average /= period;
  values[0] = average;
  const keep = 1 - 1 / period;
  const share = 1 / period;
  let last = close[period - 1]!;
  for (let i = period, o = 1; i < length; i++, o++) {
    average = average * keep + trueRange(high[i]!, low[i]!, last) * share;
    last = close[i]!;
    values[o] = average;
  }
}

function machine(options: Required<AtrOptions>): Machine<PriceBar, number> {
  const average = new WilderAverage(options.period);
  const past = new Memory(1);
  return {
    ...joinParts([past, average]),
    push({ high, low, close }) {
      past.next();
      const range = past.count === 1 ? high - low : trueRange(high, low, past.now[0]!);
      past.now[0] = close;
      return known(average.push(range));
    },
  };
}

function check(options: Required<AtrOptions>): void {
  checkPeriod('period', options.period);
}
