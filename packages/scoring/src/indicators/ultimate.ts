/** Ultimate oscillator (Larry Williams, Stocks & Commodities, April 1985). */
import { ScoringError } from '../errors.ts';
import { priceInput, readColumns } from '../internal/bar-input.ts';
import { checkPeriod } from '../internal/checks.ts';
import { completeOptions, createStream, known, restoreStream } from '../internal/stream.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { SumWindow, windowSums } from '../internal/windows/block-window.ts';
import { Memory } from '../internal/windows/memory.ts';
import { joinParts } from '../internal/windows/part.ts';
import { trueRange } from '../internal/prices.ts';
import type { PriceBar, PriceColumns } from './bar-columns.ts';
import type { IndicatorSeries } from './indicator-series.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';

/** Options of {@link ultimate} and {@link createUltimate}. */
export interface UltimateOptions {
  /**
   * Moves in the first window, at least 1.
   * @defaultValue 7
   */
  readonly shortPeriod?: number;
  /**
   * Moves in the second window.
   * @defaultValue 14
   */
  readonly middlePeriod?: number;
  /**
   * Moves in the third window, not less than the other two.
   * @defaultValue 28
   */
  readonly longPeriod?: number;
}

/** The options that apply where none are given. */
export const ultimateDefaults: Required<UltimateOptions> = { shortPeriod: 7, middlePeriod: 14, longPeriod: 28 };

/**
 * Buying pressure ÷ true range over three windows with weights 4, 2 and 1, 0 to 100, from index `longPeriod` on. A window
 * without range counts as its middle, 50.
 *
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that cannot be.
 */
export function ultimate(bars: PriceColumns, options: UltimateOptions = {}): IndicatorSeries {
  const complete = completeOptions(ultimateDefaults, options);
  check(complete);
  const { high, low, close } = readColumns(bars, ['high', 'low', 'close']);
  return ultimateKernel(high, low, close, complete);
}

/**
 * An ultimate oscillator as a stream, with the numbers of {@link ultimate} bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createUltimate(options: UltimateOptions = {}): IndicatorStream<PriceBar, number> {
  return createStream(definition, options);
}

/**
 * A stream that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreUltimate(
  snapshot: IndicatorSnapshot,
  options: UltimateOptions = {},
): IndicatorStream<PriceBar, number> {
  return restoreStream(definition, snapshot, options);
}

const definition: StreamDefinition<PriceBar, number, UltimateOptions> = {
  name: 'ultimate',
  defaults: ultimateDefaults,
  input: priceInput,
  check,
  machine,
};

/** The batch over columns that were checked. */
export function ultimateKernel(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  options: Required<UltimateOptions>,
): IndicatorSeries {
  const { shortPeriod, middlePeriod, longPeriod } = options;
  const pressure = new Float64Array(Math.max(0, close.length - 1));
  const range = new Float64Array(pressure.length);
  for (let o = 0; o < range.length; o++) {
    const before = close[o]!;
    pressure[o] = close[o + 1]! - Math.min(low[o + 1]!, before);
    range[o] = trueRange(high[o + 1]!, low[o + 1]!, before);
  }
  const [a, b, c] = [shortPeriod, middlePeriod, longPeriod].map((n) => [windowSums(pressure, n), windowSums(range, n)]);
  const values = new Float64Array(Math.max(0, close.length - longPeriod));
  const [x, y] = [longPeriod - shortPeriod, longPeriod - middlePeriod];
  for (let o = 0; o < values.length; o++) {
    values[o] = blend(
      share(a![0]![o + x]!, a![1]![o + x]!),
      share(b![0]![o + y]!, b![1]![o + y]!),
      share(c![0]![o]!, c![1]![o]!),
    );
  }
  return { from: longPeriod, values };
}

function machine(options: Required<UltimateOptions>): Machine<PriceBar, number> {
  const periods = [options.shortPeriod, options.middlePeriod, options.longPeriod];
  const windows = periods.map((period) => ({ pressure: new SumWindow(period), range: new SumWindow(period) }));
  const past = new Memory(1);
  return {
    ...joinParts([past, ...windows.flatMap(({ pressure, range }) => [pressure, range])]),
    push({ high, low, close }) {
      past.next();
      const before = past.count === 1 ? Number.NaN : past.now[0]!;
      past.now[0] = close;
      const pressureNow = close - Math.min(low, before);
      const rangeNow = Number.isNaN(before) ? before : trueRange(high, low, before);
      const [a, b, c] = windows.map(({ pressure, range }) => share(pressure.push(pressureNow), range.push(rangeNow)));
      return known(blend(a!, b!, c!));
    },
  };
}

function check(options: Required<UltimateOptions>): void {
  checkPeriod('shortPeriod', options.shortPeriod);
  checkPeriod('middlePeriod', options.middlePeriod);
  checkPeriod('longPeriod', options.longPeriod);
  if (options.longPeriod >= options.shortPeriod && options.longPeriod >= options.middlePeriod) return;
  throw new ScoringError(
    'bad-option',
    `longPeriod "${options.longPeriod}" is less than one of the other two. Pass for example 7, 14 and 28.`,
    options.longPeriod,
  );
}

function share(pressure: number, range: number): number {
  return range > 0 ? pressure / range : range === 0 ? 0.5 : Number.NaN;
}

function blend(short: number, middle: number, long: number): number {
  return 100 * ((4 * short + 2 * middle + long) / 7);
}
