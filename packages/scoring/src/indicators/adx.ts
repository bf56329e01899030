/** Directional movement and its average index, of Wilder (New Concepts in Technical Trading Systems, 1978). */
import { priceInput, readColumns } from '../internal/bar-input.ts';
import { checkPeriod } from '../internal/checks.ts';
import { completeOptions, createStream, restoreStream } from '../internal/stream.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { Memory } from '../internal/windows/memory.ts';
import { joinParts } from '../internal/windows/part.ts';
import { trueRange } from '../internal/prices.ts';
import { gainOf, vanished } from '../internal/wilder.ts';
import { roomFor } from '../internal/room.ts';
import type { PriceBar, PriceColumns } from './bar-columns.ts';
import type { IndicatorSeries } from './indicator-series.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';
import type { Part, SavedNumbers } from '../internal/windows/part.ts';

/** Options of {@link adx} and {@link createAdx}. */
export interface AdxOptions {
  /**
   * Moves in every average, at least 1.
   * @defaultValue 14
   */
  readonly period?: number;
}

/** The options that apply where none are given. */
export const adxDefaults: Required<AdxOptions> = { period: 14 };

/** The three lines of a batch ADX, each 0 to 100. */
export interface AdxSeries {
  /** +DI: upward share of the true range, from index `period` on. */
  readonly plusDi: IndicatorSeries;
  /** −DI: downward share of the true range, from index `period` on. */
  readonly minusDi: IndicatorSeries;
  /** Strength of the direction, whichever it is, from index `2 × period − 1` on. */
  readonly adx: IndicatorSeries;
}

/** The directional numbers of one bar; the ADX starts `period − 1` bars after the other two. */
export interface AdxPoint {
  readonly plusDi: number;
  readonly minusDi: number;
  readonly adx: number | undefined;
}

/**
 * The directional indicators and the ADX, 0 to 100.
 *
 * All averages are Wilder's and start with the mean of their first `period` moves; the first bar has no move. Where nothing
 * moved in either direction the index keeps its value, and is 0 before any move.
 *
 * @param reuse - A result that is done with: the new one is written into its memory where that is large enough.
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that cannot be.
 */
export function adx(bars: PriceColumns, options: AdxOptions = {}, reuse?: AdxSeries): AdxSeries {
  const complete = completeOptions(adxDefaults, options);
  check(complete);
  const { high, low, close } = readColumns(bars, ['high', 'low', 'close']);
  return adxKernel(high, low, close, complete, reuse);
}

/**
 * An ADX as a stream, with the numbers of {@link adx} bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createAdx(options: AdxOptions = {}): IndicatorStream<PriceBar, AdxPoint> {
  return createStream(definition, options);
}

/**
 * A stream that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreAdx(snapshot: IndicatorSnapshot, options: AdxOptions = {}): IndicatorStream<PriceBar, AdxPoint> {
  return restoreStream(definition, snapshot, options);
}

const definition: StreamDefinition<PriceBar, AdxPoint, AdxOptions> = {
  name: 'adx',
  defaults: adxDefaults,
  input: priceInput,
  check,
  machine,
};

/** The batch over columns that were checked. */
export function adxKernel(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  { period }: Required<AdxOptions>,
  reuse?: AdxSeries,
): AdxSeries {
  const length = close.length;
  const inputs = [high, low, close];
  const plus = roomFor(Math.max(0, length - period), reuse?.plusDi.values, inputs);
  const minus = roomFor(plus.length, reuse?.minusDi.values, inputs);
  const values = roomFor(Math.max(0, length - 2 * period + 1), reuse?.adx.values, inputs);
  const averages = new Moves();
  let index = 0;
  let plusDi = 0;
  let minusDi = 0;
  let average = 0;
  const warm = Math.min(length, 2 * period);
  for (let i = 1; i < warm; i++) {
    averages.step(
      i,
      period,
      high[i]! - high[i - 1]!,
      low[i - 1]! - low[i]!,
      trueRange(high[i]!, low[i]!, close[i - 1]!),
    );
    if (i < period) continue;
    const { range, up, down } = averages;
    const both = up + down;
    if (both > vanished) {
      index = 100 * (Math.abs(up - down) / both);
      plusDi = 100 * (up / range);
      minusDi = 100 * (down / range);
    } else if (range > vanished) plusDi = minusDi = 0;
    plus[i - period] = plusDi;
    minus[i - period] = minusDi;
    average += index;
  }
  if (values.length > 0) {
    values[0] = average / period;
    const state = { range: averages.range, up: averages.up, down: averages.down, index };
    const out = { plus, minus, values };
    for (let i = warm; i < length; i += piece) {
      fillSteady(high, low, close, period, i, Math.min(length, i + piece), state, out);
    }
  }
  return {
    plusDi: { from: period, values: plus },
    minusDi: { from: period, values: minus },
    adx: { from: 2 * period - 1, values },
  };
}

interface Lines {
  readonly plus: Float64Array;
  readonly minus: Float64Array;
  readonly values: Float64Array;
}

/** What the last bar leaves to the next one, beside the columns. */
interface SteadyState {
  range: number;
  up: number;
  down: number;
  index: number;
}

/**
 * Bars at a time behind the warm-up. The engine compiles by calls: one call for a column of any length would keep the code
 * that it has on entering.
 */
const piece = 4_096;

/** The bars from `start` on and before `stop`, all of them behind the warm-up. */
function fillSteady(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  period: number,
  start: number,
  stop: number,
  state: SteadyState,
  out: Lines,
): void {
  const { plus, minus, values } = out;
  const keep = 1 - 1 / period;
  const share = 1 / period;
  let { range, up, down, index } = state;
  let o = start - period;
  let q = o - period + 1;
  let plusDi = plus[o - 1]!;
  let minusDi = minus[o - 1]!;
  let average = values[q - 1]!;
  let lastHigh = high[start - 1]!;
  let lastLow = low[start - 1]!;
  let lastClose = close[start - 1]!;
  for (let i = start; i < stop; i++, o++, q++) {
    const highNow = high[i]!;
    const lowNow = low[i]!;
    const rise = highNow - lastHigh;
    const fall = lastLow - lowNow;
    range = range * keep + trueRange(highNow, lowNow, lastClose) * share;
    up = up * keep + Number(rise > fall) * gainOf(rise) * share;
    down = down * keep + Number(fall > rise) * gainOf(fall) * share;
    lastHigh = highNow;
    lastLow = lowNow;
    lastClose = close[i]!;
    const both = up + down;
    if (both > vanished) {
      index = 100 * (Math.abs(up - down) / both);
      plusDi = 100 * (up / range);
      minusDi = 100 * (down / range);
    } else if (range > vanished) plusDi = minusDi = 0;
    average = average * keep + index * share;
    plus[o] = plusDi;
    minus[o] = minusDi;
    values[q] = average;
  }
  state.range = range;
  state.up = up;
  state.down = down;
  state.index = index;
}

function machine(options: Required<AdxOptions>): Machine<PriceBar, AdxPoint> {
  const { period } = options;
  const past = new Memory(3);
  const averages = new Moves();
  // Index, +DI, −DI and the ADX.
  const values = new Memory(4);
  return {
    ...joinParts([past, averages, values]),
    push({ high, low, close }) {
      const i = past.count;
      const before = past.now;
      const rise = high - before[0]!;
      const fall = before[1]! - low;
      const range = trueRange(high, low, before[2]!);
      past.next();
      past.now[0] = high;
      past.now[1] = low;
      past.now[2] = close;
      averages.next();
      values.next();
      if (i === 0) return undefined;
      averages.step(i, period, rise, fall, range);
      if (i < period) return undefined;
      const { now } = values;
      const both = averages.up + averages.down;
      if (both > vanished) {
        now[0] = 100 * (Math.abs(averages.up - averages.down) / both);
        now[1] = 100 * (averages.up / averages.range);
        now[2] = 100 * (averages.down / averages.range);
      } else if (averages.range > vanished) now[1] = now[2] = 0;
      const age = i - period + 1;
      if (age > period) now[3] = now[3]! * (1 - 1 / period) + now[0]! * (1 / period);
      else now[3] = age === period ? (now[3]! + now[0]!) / period : now[3]! + now[0]!;
      return { plusDi: now[1]!, minusDi: now[2]!, adx: age >= period ? now[3] : undefined };
    },
  };
}

function check(options: Required<AdxOptions>): void {
  checkPeriod('period', options.period);
}

/** Wilder's averages of the true range and of the moves in either direction; sums until `period` moves are known. */
class Moves implements Part {
  range = 0;
  up = 0;
  down = 0;
  private readonly before = new Float64Array(3);

  next(): void {
    this.before[0] = this.range;
    this.before[1] = this.up;
    this.before[2] = this.down;
  }

  /** Takes move `i`, the first of which is 1: only the larger one of the two directions counts. */
  step(i: number, period: number, higher: number, lower: number, range: number): void {
    const rise = gainOf(higher);
    const fall = gainOf(lower);
    const up = Number(rise > fall) * rise;
    const down = Number(fall > rise) * fall;
    if (i > period) {
      const keep = 1 - 1 / period;
      const share = 1 / period;
      this.range = this.range * keep + range * share;
      this.up = this.up * keep + up * share;
      this.down = this.down * keep + down * share;
      return;
    }
    const divisor = i === period ? period : 1;
    this.range = (this.range + range) / divisor;
    this.up = (this.up + up) / divisor;
    this.down = (this.down + down) / divisor;
  }

  undo(): void {
    [this.range, this.up, this.down] = this.before as unknown as [number, number, number];
  }

  save(out: number[]): void {
    out.push(this.range, this.up, this.down);
  }

  load(from: SavedNumbers): void {
    this.range = from.number();
    this.up = from.number();
    this.down = from.number();
  }
}
