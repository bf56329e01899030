/** Awesome oscillator (Bill Williams). */
import { ScoringError } from '../errors.ts';
import { rangeInput, readColumns } from '../internal/bar-input.ts';
import { checkPeriod } from '../internal/checks.ts';
import { completeOptions, createStream, known, restoreStream } from '../internal/stream.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { MeanWindow, windowDistances } from '../internal/windows/block-window.ts';
import { joinParts } from '../internal/windows/part.ts';
import type { BarColumns, IndicatorBar } from './bar-columns.ts';
import type { IndicatorSeries } from './indicator-series.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';

/** Options of {@link awesome} and {@link createAwesome}. */
export interface AwesomeOptions {
  /**
   * Bars in the fast mean, at least 1.
   * @defaultValue 5
   */
  readonly fastPeriod?: number;
  /**
   * Bars in the slow mean, more than in the fast one.
   * @defaultValue 34
   */
  readonly slowPeriod?: number;
}

/** The options that apply where none are given. */
export const awesomeDefaults: Required<AwesomeOptions> = { fastPeriod: 5, slowPeriod: 34 };

/**
 * Mean of the bars' middles over `fastPeriod` − that over `slowPeriod`, in price units, from index `slowPeriod − 1` on.
 *
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that cannot be.
 */
export function awesome(bars: Pick<BarColumns, 'high' | 'low'>, options: AwesomeOptions = {}): IndicatorSeries {
  const complete = completeOptions(awesomeDefaults, options);
  check(complete);
  const { high, low } = readColumns(bars, ['high', 'low']);
  return awesomeKernel(high, low, complete);
}

/**
 * An awesome oscillator as a stream, with the numbers of {@link awesome} bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createAwesome(
  options: AwesomeOptions = {},
): IndicatorStream<Pick<IndicatorBar, 'high' | 'low'>, number> {
  return createStream(definition, options);
}

/**
 * A stream that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreAwesome(
  snapshot: IndicatorSnapshot,
  options: AwesomeOptions = {},
): IndicatorStream<Pick<IndicatorBar, 'high' | 'low'>, number> {
  return restoreStream(definition, snapshot, options);
}

const definition: StreamDefinition<Pick<IndicatorBar, 'high' | 'low'>, number, AwesomeOptions> = {
  name: 'awesome',
  defaults: awesomeDefaults,
  input: rangeInput,
  check,
  machine,
};

/** The batch over columns that were checked. */
export function awesomeKernel(
  high: Float64Array,
  low: Float64Array,
  options: Required<AwesomeOptions>,
): IndicatorSeries {
  const { fastPeriod, slowPeriod } = options;
  const middles = new Float64Array(high.length);
  for (let i = 0; i < middles.length; i++) middles[i] = middle(high[i]!, low[i]!);
  // Distances from the newest value: a difference of two means would lose digits to the price level.
  const fast = windowDistances(middles, fastPeriod);
  const values = windowDistances(middles, slowPeriod);
  const ahead = slowPeriod - fastPeriod;
  for (let o = 0; o < values.length; o++) values[o] = values[o]! - fast[o + ahead]!;
  return { from: slowPeriod - 1, values };
}

function machine(options: Required<AwesomeOptions>): Machine<Pick<IndicatorBar, 'high' | 'low'>, number> {
  const fast = new MeanWindow(options.fastPeriod);
  const slow = new MeanWindow(options.slowPeriod);
  return {
    ...joinParts([fast, slow]),
    push({ high, low }) {
      const value = middle(high, low);
      return known(slow.pushDistance(value) - fast.pushDistance(value));
    },
  };
}

function check(options: Required<AwesomeOptions>): void {
  checkPeriod('fastPeriod', options.fastPeriod);
  checkPeriod('slowPeriod', options.slowPeriod);
  if (options.fastPeriod < options.slowPeriod) return;
  throw new ScoringError(
    'bad-option',
    `fastPeriod "${options.fastPeriod}" is not less than slowPeriod "${options.slowPeriod}". Pass for example 5 and 34.`,
    options.fastPeriod,
  );
}

function middle(high: number, low: number): number {
  return low + (high - low) / 2;
}
