/** Bollinger bands: the simple mean of a window, and lines a number of population standard deviations away from it. */
import { ScoringError } from '../errors.ts';
import { checkPeriod, checkValue, isUsable, toColumn } from '../internal/checks.ts';
import { checkReplaceable } from '../internal/open-bar.ts';
import { withDefaults } from '../internal/options.ts';
import { checkSnapshot, fromSnapshot } from '../internal/snapshots.ts';
import { roomFor } from '../internal/room.ts';
import type { IndicatorSeries } from './indicator-series.ts';

/** Options of {@link bollinger} and {@link createBollinger}. */
export interface BollingerOptions {
  /**
   * Closes in the window, at least 1.
   * @defaultValue 20
   */
  readonly period?: number;
  /**
   * Standard deviations from the middle to either band, above 0.
   * @defaultValue 2
   */
  readonly deviations?: number;
}

/** The options that apply where none are given. */
export const bollingerDefaults: Required<BollingerOptions> = { period: 20, deviations: 2 };

/** The lines of batch Bollinger bands in price units, all from index `period − 1` on. */
export interface BollingerSeries {
  /** Mean of the window. */
  readonly middle: IndicatorSeries;
  /** Middle + deviations × deviation. */
  readonly upper: IndicatorSeries;
  /** Middle − deviations × deviation. */
  readonly lower: IndicatorSeries;
  /** Population standard deviation of the window (divided by `period`); exactly 0 when all closes are equal. */
  readonly deviation: IndicatorSeries;
}

/** The bands of one bar, in price units. */
export interface BollingerPoint {
  readonly middle: number;
  readonly upper: number;
  readonly lower: number;
  /** Population standard deviation of the window. */
  readonly deviation: number;
}

/** Streaming Bollinger bands. Made by {@link createBollinger}. */
export interface Bollinger {
  /**
   * Takes the next close and gives the bands; `undefined` for the first `period − 1` closes.
   * @throws {@link ScoringError} `bad-value`; the state stays as it was.
   */
  push(close: number): BollingerPoint | undefined;
  /**
   * Puts another close in the place of the last one, for a bar that is still open.
   * @throws {@link ScoringError} `bad-value`, or `no-open-bar` before the first push.
   */
  replaceLast(close: number): BollingerPoint | undefined;
  /** The state as plain JSON; {@link restoreBollinger} carries on from it. */
  snapshot(): BollingerSnapshot;
}

/** State of streaming Bollinger bands, version 1. */
export interface BollingerSnapshot extends Required<BollingerOptions> {
  readonly v: 1;
  readonly indicator: 'bollinger';
  /** Closes taken so far. */
  readonly count: number;
  /** The last `period` closes or fewer, oldest first. */
  readonly window: readonly number[];
}

/**
 * The bands of every close from index `period − 1` on.
 *
 * Sums are taken around a close of the window itself and never subtracted from, so that neither the price level nor
 * earlier, wilder bars leave rounding noise in the deviation.
 *
 * @param reuse - A result that is done with: the new one is written into its memory where that is large enough.
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that is not finite.
 */
export function bollinger(
  closes: readonly number[] | Float64Array,
  options: BollingerOptions = {},
  reuse?: BollingerSeries,
): BollingerSeries {
  const { period, deviations } = checkOptions(withDefaults(bollingerDefaults, options));
  const x = toColumn(closes);
  const bands = columns(Math.max(0, x.length - period + 1), x, reuse);
  fillBlocks(x, period, deviations, bands);
  const from = period - 1;
  return {
    middle: { from, values: bands.middle },
    upper: { from, values: bands.upper },
    lower: { from, values: bands.lower },
    deviation: { from, values: bands.deviation },
  };
}

/**
 * Streaming Bollinger bands; the same numbers as {@link bollinger}, bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createBollinger(options: BollingerOptions = {}): Bollinger {
  return create(withDefaults(bollingerDefaults, options), 0, []);
}

/**
 * Streaming Bollinger bands that carry on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreBollinger(snapshot: BollingerSnapshot, options: BollingerOptions = {}): Bollinger {
  checkSnapshot(snapshot, 'bollinger', ['period', 'deviations'], options);
  const { count, window, period } = snapshot;
  const size = Array.isArray(window) ? window.length : -1;
  if (
    !Number.isSafeInteger(count) ||
    size !== Math.min(count, period) ||
    !window.every((close) => typeof close === 'number' && isUsable(close))
  ) {
    throw new ScoringError(
      'bad-snapshot',
      `snapshot of "bollinger" has ${size} closes after ${String(count)} pushes, expected the last ${period} or fewer. ` +
        'Pass the snapshot as it was taken.',
      snapshot,
    );
  }
  return fromSnapshot('bollinger', () => create(snapshot, count, window));
}

function create(options: Required<BollingerOptions>, initialCount: number, window: readonly number[]): Bollinger {
  const { period, deviations } = checkOptions(options);
  const ring = new Float64Array(period);
  let count = initialCount;
  window.forEach((close, i) => (ring[(count - window.length + i) % period] = close));

  const read = (): BollingerPoint | undefined => {
    if (count < period) return undefined;
    // The slot of a close is its place in its block: up to the newest one lies this block, behind it the one before.
    const newest = (count - 1) % period;
    const origin = ring[0]!;
    let tail = 0;
    let tailSquares = 0;
    for (let k = period - 1; k > newest; k--) {
      const d = ring[k]! - origin;
      tail += d;
      tailSquares += d * d;
    }
    let head = 0;
    let headSquares = 0;
    for (let k = 0; k <= newest; k++) {
      const d = ring[k]! - origin;
      head += d;
      headSquares += d * d;
    }
    const mean = (tail + head) / period;
    const deviation = Math.sqrt(Math.max((tailSquares + headSquares) / period - mean * mean, 0));
    const middle = origin + mean;
    const reach = deviations * deviation;
    return { middle, upper: middle + reach, lower: middle - reach, deviation };
  };
  return {
    push(close) {
      checkValue(close, count);
      ring[count % period] = close + 0;
      count++;
      return read();
    },
    replaceLast(close) {
      checkReplaceable(count);
      checkValue(close, count - 1);
      ring[(count - 1) % period] = close + 0;
      return read();
    },
    snapshot() {
      const size = Math.min(count, period);
      const kept = Array.from({ length: size }, (_, i) => ring[(count - size + i) % period]!);
      return { v: 1, indicator: 'bollinger', period, deviations, count, window: kept };
    },
  };
}

interface Columns {
  readonly middle: Float64Array;
  readonly upper: Float64Array;
  readonly lower: Float64Array;
  readonly deviation: Float64Array;
}

function columns(length: number, x: Float64Array, reuse: BollingerSeries | undefined): Columns {
  return {
    middle: roomFor(length, reuse?.middle.values, [x]),
    upper: roomFor(length, reuse?.upper.values, [x]),
    lower: roomFor(length, reuse?.lower.values, [x]),
    deviation: roomFor(length, reuse?.deviation.values, [x]),
  };
}

/**
 * All windows in constant time each, without a subtraction: closes are cut into blocks of `period`, so that every window
 * is the tail of one block and the head of the next. Tails are summed once per block, from its end; heads grow with the
 * bars. The distances are taken from the first close of the head's block, which lies in all of its windows.
 */
function fillBlocks(x: Float64Array, period: number, deviations: number, out: Columns): void {
  const { middle, upper, lower, deviation } = out;
  const tails = new Float64Array(period);
  const tailsOfSquares = new Float64Array(period);
  for (let block = 0; block < x.length; block += period) {
    const origin = x[block]!;
    if (block > 0) sumTails(x, block, origin, tails, tailsOfSquares);
    const end = Math.min(x.length, block + period);
    let head = 0;
    let headSquares = 0;
    for (let i = block, k = 0, o = block - period + 1; i < end; i++, k++, o++) {
      const d = x[i]! - origin;
      head += d;
      headSquares += d * d;
      if (o < 0) continue;
      const mean = (tails[k]! + head) / period;
      const sd = Math.sqrt(Math.max((tailsOfSquares[k]! + headSquares) / period - mean * mean, 0));
      const centre = origin + mean;
      const reach = deviations * sd;
      middle[o] = centre;
      upper[o] = centre + reach;
      lower[o] = centre - reach;
      deviation[o] = sd;
    }
  }
}

/** For each place `k` in a block: the sums over the places behind `k` of the block that ends at `block`. */
function sumTails(x: Float64Array, block: number, origin: number, sums: Float64Array, squares: Float64Array): void {
  let sum = 0;
  let square = 0;
  for (let k = sums.length - 1, i = block - 1; k >= 0; k--, i--) {
    sums[k] = sum;
    squares[k] = square;
    const d = x[i]! - origin;
    sum += d;
    square += d * d;
  }
}

function checkOptions({ period, deviations }: Required<BollingerOptions>): Required<BollingerOptions> {
  checkPeriod('period', period);
  if (typeof deviations === 'number' && deviations > 0 && deviations <= 1e6) return { period, deviations };
  throw new ScoringError(
    'bad-option',
    `deviations "${String(deviations)}" is not a number above 0 and up to 1e6. Pass for example 2.`,
    deviations,
  );
}
