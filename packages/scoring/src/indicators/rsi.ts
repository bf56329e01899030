/** Relative strength index of Wilder (New Concepts in Technical Trading Systems, 1978). */
import { checkPeriod, toColumn } from '../internal/checks.ts';
import type { TwoStates } from '../internal/open-bar.ts';
import { createOpenBar } from '../internal/open-bar.ts';
import { withDefaults } from '../internal/options.ts';
import { checkSnapshot, fromSnapshot, readStates } from '../internal/snapshots.ts';
import type { WilderState } from '../internal/wilder.ts';
import { gainOf, noMoves, stepWilder, vanished } from '../internal/wilder.ts';
import { roomFor } from '../internal/room.ts';
import type { IndicatorSeries } from './indicator-series.ts';

/** Options of {@link rsi} and {@link createRsi}. */
export interface RsiOptions {
  /**
   * Number of moves in the average, at least 1.
   * @defaultValue 14
   */
  readonly period?: number;
}

/** The options that apply where none are given. */
export const rsiDefaults: Required<RsiOptions> = { period: 14 };

/** A streaming RSI. Made by {@link createRsi}. */
export interface Rsi {
  /**
   * Takes the next close and gives the RSI, 0 to 100; `undefined` for the first `period` closes.
   * @throws {@link ScoringError} `bad-value`; the state stays as it was.
   */
  push(close: number): number | undefined;
  /**
   * Puts another close in the place of the last one, for a bar that is still open.
   * @throws {@link ScoringError} `bad-value`, or `no-open-bar` before the first push.
   */
  replaceLast(close: number): number | undefined;
  /** The state as plain JSON; {@link restoreRsi} carries on from it. */
  snapshot(): RsiSnapshot;
}

type RsiState = WilderState & { value: number };

/** State of a streaming RSI, version 1. */
export interface RsiSnapshot {
  readonly v: 1;
  readonly indicator: 'rsi';
  readonly period: number;
  /** Averages after the last close. */
  readonly state: Readonly<Record<string, number>>;
  /** Averages before the last close, for `replaceLast`. */
  readonly previous: Readonly<Record<string, number>>;
}

const empty: RsiState = { ...noMoves, value: 50 };

/**
 * The RSI of every close from index `period` on: 100 × average gain ÷ (average gain + average loss), 0 to 100.
 *
 * Gains alone give 100, losses alone 0. A series that never moved is 50; after a move, closes that stand still keep the
 * last value, because both averages fade at the same rate.
 *
 * @example
 * ```ts
 * rsi([1, 2, 3, 2], { period: 2 }); // => { from: 2, values: Float64Array.of(100, 50) }
 * ```
 * @param reuse - A result that is done with: the new one is written into its memory where that is large enough.
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that is not finite.
 */
export function rsi(
  closes: readonly number[] | Float64Array,
  options: RsiOptions = {},
  reuse?: IndicatorSeries,
): IndicatorSeries {
  const { period } = withDefaults(rsiDefaults, options);
  checkPeriod('period', period);
  const x = toColumn(closes);
  const values = roomFor(Math.max(0, x.length - period), reuse?.values, [x]);
  fillStrengths(x, period, values);
  return { from: period, values };
}

/**
 * A streaming RSI; the same numbers as {@link rsi}, bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createRsi(options: RsiOptions = {}): Rsi {
  const { period } = withDefaults(rsiDefaults, options);
  return create(period, { state: empty, previous: empty });
}

/**
 * A streaming RSI that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreRsi(snapshot: RsiSnapshot, options: RsiOptions = {}): Rsi {
  checkSnapshot(snapshot, 'rsi', ['period'], options);
  return fromSnapshot('rsi', () => create(snapshot.period, readStates(snapshot, empty)));
}

function create(period: number, initial: TwoStates<RsiState>): Rsi {
  checkPeriod('period', period);
  const bar = createOpenBar(initial, (from, to, close) => {
    const moved = close !== from.last || from.count === period;
    stepWilder(from, to, close, period);
    to.value = moved && to.count > period && to.up + to.down > vanished ? strength(to.up, to.down) : from.value;
  });
  const read = (state: RsiState): number | undefined => (state.count > period ? state.value : undefined);
  return {
    push: (close) => read(bar.push(close)),
    replaceLast: (close) => read(bar.replaceLast(close)),
    snapshot: () => ({ v: 1, indicator: 'rsi', period, ...bar.states() }),
  };
}

function fillStrengths(x: Float64Array, period: number, values: Float64Array): void {
  if (values.length === 0) return;

  let up = 0;
  let down = 0;
  let last = x[0]!;
  for (let i = 1; i <= period; i++) {
    const change = x[i]! - last;
    const gain = gainOf(change);
    up += gain;
    down += gain - change;
    last = x[i]!;
  }
  up /= period;
  down /= period;
  let value = up + down > vanished ? strength(up, down) : 50;
  values[0] = value;

  const keep = 1 - 1 / period;
  const share = 1 / period;
  for (let i = period + 1, k = 1; i < x.length; i++, k++) {
    const close = x[i]!;
    const change = close - last;
    const gain = gainOf(change);
    up = up * keep + gain * share;
    down = down * keep + (gain - change) * share;
    // Both averages fade at the same rate: rounding must not move a strength that stands still.
    if (change !== 0 && up + down > vanished) value = strength(up, down);
    values[k] = value;
    last = close;
  }
}

/** The quotient comes first: gains alone are exactly 1, so exactly 100. */
function strength(up: number, down: number): number {
  return 100 * (up / (up + down));
}
