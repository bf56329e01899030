/** Donchian channel: the extremes of the last bars. */
import { rangeInput, readColumns } from '../internal/bar-input.ts';
import { checkPeriod } from '../internal/checks.ts';
import { completeOptions, createStream, restoreStream } from '../internal/stream.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { ExtremeWindow, middleOf, windowHighs, windowLows } from '../internal/windows/extremes.ts';
import { joinParts } from '../internal/windows/part.ts';
import type { BarColumns, IndicatorBar } from './bar-columns.ts';
import type { IndicatorSeries } from './indicator-series.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';

/** Options of {@link donchian} and {@link createDonchian}. */
export interface DonchianOptions {
  /**
   * Bars in the window, at least 1.
   * @defaultValue 20
   */
  readonly period?: number;
}

/** The options that apply where none are given. */
export const donchianDefaults: Required<DonchianOptions> = { period: 20 };

/** The lines of a batch Donchian channel in price units, from index `period − 1` on. */
export interface DonchianSeries {
  readonly upper: IndicatorSeries;
  readonly lower: IndicatorSeries;
  /** Halfway between the two. */
  readonly middle: IndicatorSeries;
}

/** The Donchian channel of one bar, in price units. */
export interface DonchianPoint {
  readonly upper: number;
  readonly lower: number;
  /** Halfway between the two. */
  readonly middle: number;
}

/**
 * The highest high, the lowest low and their middle over the last `period` bars, from index `period − 1` on.
 *
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that cannot be.
 */
export function donchian(bars: Pick<BarColumns, 'high' | 'low'>, options: DonchianOptions = {}): DonchianSeries {
  const complete = completeOptions(donchianDefaults, options);
  check(complete);
  const { high, low } = readColumns(bars, ['high', 'low']);
  return donchianKernel(high, low, complete);
}

/**
 * A Donchian channel as a stream, with the numbers of {@link donchian} bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createDonchian(
  options: DonchianOptions = {},
): IndicatorStream<Pick<IndicatorBar, 'high' | 'low'>, DonchianPoint> {
  return createStream(definition, options);
}

/**
 * A stream that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreDonchian(
  snapshot: IndicatorSnapshot,
  options: DonchianOptions = {},
): IndicatorStream<Pick<IndicatorBar, 'high' | 'low'>, DonchianPoint> {
  return restoreStream(definition, snapshot, options);
}

const definition: StreamDefinition<Pick<IndicatorBar, 'high' | 'low'>, DonchianPoint, DonchianOptions> = {
  name: 'donchian',
  defaults: donchianDefaults,
  input: rangeInput,
  check,
  machine,
};

/** The batch over columns that were checked. */
export function donchianKernel(
  high: Float64Array,
  low: Float64Array,
  options: Required<DonchianOptions>,
): DonchianSeries {
  const from = options.period - 1;
  const upper = windowHighs(high, options.period);
  const lower = windowLows(low, options.period);
  const middle = new Float64Array(upper.length);
  for (let o = 0; o < middle.length; o++) {
    // Negative zeros would not survive a snapshot.
    upper[o] = upper[o]! + 0;
    lower[o] = lower[o]! + 0;
    middle[o] = middleOf(upper[o]!, lower[o]!);
  }
  return { upper: { from, values: upper }, lower: { from, values: lower }, middle: { from, values: middle } };
}

function machine(options: Required<DonchianOptions>): Machine<Pick<IndicatorBar, 'high' | 'low'>, DonchianPoint> {
  const highs = new ExtremeWindow(options.period, 1);
  const lows = new ExtremeWindow(options.period, -1);
  return {
    ...joinParts([highs, lows]),
    push({ high, low }) {
      const upper = highs.push(high);
      const lower = lows.push(low);
      return Number.isNaN(upper) ? undefined : { upper, lower, middle: middleOf(upper, lower) };
    },
  };
}

function check(options: Required<DonchianOptions>): void {
  checkPeriod('period', options.period);
}
