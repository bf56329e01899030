/** Supertrend (Olivier Seban): a stop that follows the price at a number of average true ranges. */
import { priceInput, readColumns } from '../internal/bar-input.ts';
import { checkPeriod, checkPositive } from '../internal/checks.ts';
import { completeOptions, createStream, restoreStream } from '../internal/stream.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { Memory } from '../internal/windows/memory.ts';
import { joinParts } from '../internal/windows/part.ts';
import { WilderAverage } from '../internal/windows/recursive.ts';
import { trueRange } from '../internal/prices.ts';
import type { PriceBar, PriceColumns } from './bar-columns.ts';
import type { IndicatorSeries } from './indicator-series.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';
import { atrKernel } from './atr.ts';

/** Options of {@link supertrend} and {@link createSupertrend}. */
export interface SupertrendOptions {
  /**
   * Bars in the average true range, at least 1.
   * @defaultValue 10
   */
  readonly period?: number;
  /**
   * Average true ranges between the middle of a bar and its bands, above 0.
   * @defaultValue 3
   */
  readonly multiplier?: number;
}

/** The options that apply where none are given. */
export const supertrendDefaults: Required<SupertrendOptions> = { period: 10, multiplier: 3 };

/** A batch supertrend, from index `period − 1` on. */
export interface SupertrendSeries {
  /** The band in force, in price units. */
  readonly line: IndicatorSeries;
  /** 1 while the line lies below the price, −1 while it lies above. */
  readonly direction: IndicatorSeries;
}

/** The supertrend of one bar. */
export interface SupertrendPoint {
  /** The band in force, in price units. */
  readonly line: number;
  /** 1 while the line lies below the price, −1 while it lies above. */
  readonly direction: 1 | -1;
}

/**
 * The line and its direction, from index `period − 1` on. The lower band only rises while the close stays above it, the
 * upper one only falls while the close stays below it; a close beyond the band in force turns the direction.
 *
 * The first direction is that of the close in its bar, upward where it lies in the middle.
 *
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that cannot be.
 */
export function supertrend(bars: PriceColumns, options: SupertrendOptions = {}): SupertrendSeries {
  const complete = completeOptions(supertrendDefaults, options);
  check(complete);
  const { high, low, close } = readColumns(bars, ['high', 'low', 'close']);
  return supertrendKernel(high, low, close, complete);
}

/**
 * A supertrend as a stream, with the numbers of {@link supertrend} bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createSupertrend(options: SupertrendOptions = {}): IndicatorStream<PriceBar, SupertrendPoint> {
  return createStream(definition, options);
}

/**
 * A stream that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreSupertrend(
  snapshot: IndicatorSnapshot,
  options: SupertrendOptions = {},
): IndicatorStream<PriceBar, SupertrendPoint> {
  return restoreStream(definition, snapshot, options);
}

const definition: StreamDefinition<PriceBar, SupertrendPoint, SupertrendOptions> = {
  name: 'supertrend',
  defaults: supertrendDefaults,
  input: priceInput,
  check,
  machine,
};

/** The batch over columns that were checked. */
export function supertrendKernel(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  options: Required<SupertrendOptions>,
): SupertrendSeries {
  const { period, multiplier } = options;
  const from = period - 1;
  const { values: line } = atrKernel(high, low, close, { period });
  const direction = new Float64Array(line.length);
  let lower = 0;
  let upper = 0;
  let side = 0;
  for (let o = 0, i = from; o < line.length; o++, i++) {
    const middle = low[i]! + (high[i]! - low[i]!) / 2;
    const reach = multiplier * line[o]!;
    const newLower = middle - reach;
    const newUpper = middle + reach;
    const now = close[i]!;
    if (o === 0) {
      lower = newLower;
      upper = newUpper;
      side = now < middle ? -1 : 1;
    } else {
      const before = close[i - 1]!;
      if (newLower > lower || before < lower) lower = newLower;
      if (newUpper < upper || before > upper) upper = newUpper;
      if (side > 0 ? now < lower : now > upper) side = -side;
    }
    line[o] = side > 0 ? lower : upper;
    direction[o] = side;
  }
  return { line: { from, values: line }, direction: { from, values: direction } };
}

function machine(options: Required<SupertrendOptions>): Machine<PriceBar, SupertrendPoint> {
  const { period, multiplier } = options;
  const average = new WilderAverage(period);
  // Last close, lower band, upper band, direction.
  const past = new Memory(4);
  return {
    ...joinParts([past, average]),
    push({ high, low, close }) {
      past.next();
      const { now } = past;
      const before = now[0]!;
      const range = average.push(past.count === 1 ? high - low : trueRange(high, low, before));
      now[0] = close;
      if (Number.isNaN(range)) return undefined;
      const middle = low + (high - low) / 2;
      const lower = middle - multiplier * range;
      const upper = middle + multiplier * range;
      if (past.count === period) {
        now[1] = lower;
        now[2] = upper;
        now[3] = close < middle ? -1 : 1;
      } else {
        if (lower > now[1]! || before < now[1]!) now[1] = lower;
        if (upper < now[2]! || before > now[2]!) now[2] = upper;
        if (now[3]! > 0 ? close < now[1]! : close > now[2]!) now[3] = -now[3]!;
      }
      return now[3]! > 0 ? { line: now[1]!, direction: 1 } : { line: now[2]!, direction: -1 };
    },
  };
}

function check(options: Required<SupertrendOptions>): void {
  checkPeriod('period', options.period);
  checkPositive('multiplier', options.multiplier);
}
