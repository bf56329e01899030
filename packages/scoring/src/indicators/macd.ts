/** Moving average convergence divergence (Appel): fast EMA − slow EMA, its own EMA as signal, and their difference. */
import { ScoringError } from '../errors.ts';
import { checkPeriod, toColumn } from '../internal/checks.ts';
import type { TwoStates } from '../internal/open-bar.ts';
import { createOpenBar } from '../internal/open-bar.ts';
import { withDefaults } from '../internal/options.ts';
import { checkSnapshot, fromSnapshot, readStates } from '../internal/snapshots.ts';
import { roomFor } from '../internal/room.ts';
import type { IndicatorSeries } from './indicator-series.ts';

/** Options of {@link macd} and {@link createMacd}. */
export interface MacdOptions {
  /**
   * Bars of the fast EMA, at least 1 and less than `slowPeriod`.
   * @defaultValue 12
   */
  readonly fastPeriod?: number;
  /**
   * Bars of the slow EMA.
   * @defaultValue 26
   */
  readonly slowPeriod?: number;
  /**
   * MACD values in the signal's EMA, at least 1.
   * @defaultValue 9
   */
  readonly signalPeriod?: number;
}

/** The options that apply where none are given. */
export const macdDefaults: Required<MacdOptions> = { fastPeriod: 12, slowPeriod: 26, signalPeriod: 9 };

/** The three lines of a batch MACD, in price units. */
export interface MacdSeries {
  /** Fast EMA − slow EMA, from index `slowPeriod − 1` on. */
  readonly macd: IndicatorSeries;
  /** EMA of the MACD, from index `slowPeriod + signalPeriod − 2` on. */
  readonly signal: IndicatorSeries;
  /** MACD − signal, from the same index as the signal. */
  readonly histogram: IndicatorSeries;
}

/** The three numbers of one bar; the signal starts `signalPeriod − 1` bars after the MACD. */
export interface MacdPoint {
  readonly macd: number;
  readonly signal: number | undefined;
  readonly histogram: number | undefined;
}

/** A streaming MACD. Made by {@link createMacd}. */
export interface Macd {
  /**
   * Takes the next close and gives the MACD; `undefined` for the first `slowPeriod − 1` closes.
   * @throws {@link ScoringError} `bad-value`; the state stays as it was.
   */
  push(close: number): MacdPoint | undefined;
  /**
   * Puts another close in the place of the last one, for a bar that is still open.
   * @throws {@link ScoringError} `bad-value`, or `no-open-bar` before the first push.
   */
  replaceLast(close: number): MacdPoint | undefined;
  /** The state as plain JSON; {@link restoreMacd} carries on from it. */
  snapshot(): MacdSnapshot;
}

/**
 * Each average is kept as the distance of the newest value from it (`aboveFast` = close − fast EMA). That distance
 * follows `(distance + change) × (1 − k)`, which stays exact to the last digits at any price level and fades to 0 in a
 * dead market, where a difference of two averages would leave rounding noise.
 */
type MacdState = {
  count: number;
  last: number;
  aboveFast: number;
  aboveSlow: number;
  macd: number;
  /** MACD − signal. */
  aboveSignal: number;
};

/** State of a streaming MACD, version 1. */
export interface MacdSnapshot extends Required<MacdOptions> {
  readonly v: 1;
  readonly indicator: 'macd';
  /** Averages after the last close. */
  readonly state: Readonly<Record<string, number>>;
  /** Averages before the last close, for `replaceLast`. */
  readonly previous: Readonly<Record<string, number>>;
}

const empty: MacdState = { count: 0, last: 0, aboveFast: 0, aboveSlow: 0, macd: 0, aboveSignal: 0 };

/**
 * The MACD, its signal and its histogram. Every EMA (k = 2 ÷ (period + 1)) starts with the simple mean of its first
 * `period` values; the signal's are the first defined MACD values, never padding.
 *
 * @param reuse - A result that is done with: the new one is written into its memory where that is large enough.
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that is not finite.
 */
export function macd(
  closes: readonly number[] | Float64Array,
  options: MacdOptions = {},
  reuse?: MacdSeries,
): MacdSeries {
  const periods = checkOptions(withDefaults(macdDefaults, options));
  const { slowPeriod, signalPeriod } = periods;
  const x = toColumn(closes);
  const from = slowPeriod - 1;
  const signalFrom = from + signalPeriod - 1;
  const line = roomFor(Math.max(0, x.length - from), reuse?.macd.values, [x]);
  const signal = roomFor(Math.max(0, x.length - signalFrom), reuse?.signal.values, [x]);
  const histogram = roomFor(signal.length, reuse?.histogram.values, [x]);

  const state = { ...empty };
  const warm = Math.min(x.length, signalFrom + 1);
  for (let i = 0; i < warm; i++) {
    step(state, state, x[i]!, periods);
    if (i >= from) line[i - from] = state.macd;
  }
  if (signal.length > 0) {
    histogram[0] = state.aboveSignal + 0;
    signal[0] = state.macd - state.aboveSignal + 0;
    run(x, state, periods, line, signal, histogram);
  }
  return {
    macd: { from, values: line },
    signal: { from: signalFrom, values: signal },
    histogram: { from: signalFrom, values: histogram },
  };
}

/**
 * A streaming MACD; the same numbers as {@link macd}, bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createMacd(options: MacdOptions = {}): Macd {
  return create(withDefaults(macdDefaults, options), { state: empty, previous: empty });
}

/**
 * A streaming MACD that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreMacd(snapshot: MacdSnapshot, options: MacdOptions = {}): Macd {
  checkSnapshot(snapshot, 'macd', ['fastPeriod', 'slowPeriod', 'signalPeriod'], options);
  return fromSnapshot('macd', () => create(snapshot, readStates(snapshot, empty)));
}

function create(options: Required<MacdOptions>, initial: TwoStates<MacdState>): Macd {
  const periods = checkOptions(options);
  const bar = createOpenBar(initial, (from, to, close) => step(from, to, close, periods));
  const read = (state: MacdState): MacdPoint | undefined => {
    if (state.count < periods.slowPeriod) return undefined;
    const known = state.count >= periods.slowPeriod + periods.signalPeriod - 1;
    return {
      macd: state.macd,
      signal: known ? state.macd - state.aboveSignal + 0 : undefined,
      histogram: known ? state.aboveSignal + 0 : undefined,
    };
  };
  return {
    push: (close) => read(bar.push(close)),
    replaceLast: (close) => read(bar.replaceLast(close)),
    snapshot: () => ({ v: 1, indicator: 'macd', ...periods, ...bar.states() }),
  };
}

/** One bar, warm-up included. `from` and `to` may be the same object. */
function step(from: MacdState, to: MacdState, close: number, periods: Required<MacdOptions>): void {
  const { fastPeriod, slowPeriod, signalPeriod } = periods;
  const i = from.count;
  const change = i === 0 ? 0 : close - from.last;
  const before = from.macd;
  to.aboveFast = distance(from.aboveFast, change, i, fastPeriod);
  to.aboveSlow = distance(from.aboveSlow, change, i, slowPeriod);
  const first = slowPeriod - 1;
  if (i >= first) {
    to.macd = to.aboveSlow - to.aboveFast + 0;
    to.aboveSignal = distance(from.aboveSignal, i === first ? 0 : to.macd - before, i - first, signalPeriod);
  }
  to.last = close;
  to.count = i + 1;
}

/**
 * Distance of value `i` from its average, given the one before and the change between the two. During the warm-up it is
 * the sum of the distances to all earlier values, which gains `i × change` with each; divided by the period it is the
 * distance from their mean.
 */
function distance(before: number, change: number, i: number, period: number): number {
  if (i >= period) return (before + change) * ((period - 1) / (period + 1));
  const sum = before + i * change;
  return i === period - 1 ? sum / period : sum;
}

/** The steady state: no warm-up left to ask about. */
function run(
  x: Float64Array,
  state: Readonly<MacdState>,
  periods: Required<MacdOptions>,
  line: Float64Array,
  signal: Float64Array,
  histogram: Float64Array,
): void {
  const keepFast = (periods.fastPeriod - 1) / (periods.fastPeriod + 1);
  const keepSlow = (periods.slowPeriod - 1) / (periods.slowPeriod + 1);
  const keepSignal = (periods.signalPeriod - 1) / (periods.signalPeriod + 1);
  let { last, aboveFast, aboveSlow, macd: value, aboveSignal } = state;
  const lineOffset = line.length - x.length;
  const signalOffset = signal.length - x.length;
  for (let i = state.count; i < x.length; i++) {
    const close = x[i]!;
    const change = close - last;
    aboveFast = (aboveFast + change) * keepFast;
    aboveSlow = (aboveSlow + change) * keepSlow;
    const next = aboveSlow - aboveFast + 0;
    aboveSignal = (aboveSignal + (next - value)) * keepSignal;
    value = next;
    line[i + lineOffset] = value;
    signal[i + signalOffset] = value - aboveSignal + 0;
    histogram[i + signalOffset] = aboveSignal + 0;
    last = close;
  }
}

function checkOptions({ fastPeriod, slowPeriod, signalPeriod }: Required<MacdOptions>): Required<MacdOptions> {
  checkPeriod('fastPeriod', fastPeriod);
  checkPeriod('slowPeriod', slowPeriod);
  checkPeriod('signalPeriod', signalPeriod);
  if (fastPeriod < slowPeriod) return { fastPeriod, slowPeriod, signalPeriod };
  throw new ScoringError(
    'bad-option',
    `fastPeriod "${fastPeriod}" is not less than slowPeriod "${slowPeriod}". Swap them, or pass for example 12 and 26.`,
    fastPeriod,
  );
}
