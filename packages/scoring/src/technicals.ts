/**
 * Components from closing prices. Every rule is symmetric: prices mirrored around any level give 100 − score. Every rule
 * looks back only.
 */
import type { ComponentScore } from './component.ts';
import { missingComponent } from './component.ts';
import type { BollingerOptions } from './indicators/bollinger.ts';
import { bollinger, bollingerDefaults } from './indicators/bollinger.ts';
import { lastValue } from './indicators/indicator-series.ts';
import type { MacdOptions } from './indicators/macd.ts';
import { macd, macdDefaults } from './indicators/macd.ts';
import { rsi, rsiDefaults } from './indicators/rsi.ts';
import { checkPeriod, toColumn } from './internal/checks.ts';
import { clampUnit, scoreFromOffset, words } from './internal/micro-points.ts';
import { vanished, wilderMoves } from './internal/wilder.ts';

/** Options of {@link scoreMomentum}. */
export interface MomentumOptions extends MacdOptions {
  /**
   * Moves in the RSI and in the average move that the MACD histogram is measured in.
   * @defaultValue 14
   */
  readonly rsiPeriod?: number;
}

/** The options that apply where none are given. */
export const momentumDefaults: Required<MomentumOptions> = { rsiPeriod: rsiDefaults.period, ...macdDefaults };

/** Options of {@link scoreTrend}. */
export interface TrendOptions {
  /**
   * Moves that the trend is measured over.
   * @defaultValue 10
   */
  readonly period?: number;
}

/** The options that apply where none are given. */
export const trendDefaults: Required<TrendOptions> = { period: 10 };

/**
 * Momentum: half from the RSI, half from the MACD histogram in units of the average move (one average move or more is
 * the full half). Above 50 is upward.
 *
 * While there are too few closes for the histogram the RSI counts alone; with too few for the RSI the component is
 * `missing`. A market that stood still for `rsiPeriod` moves has no momentum: exactly 50.
 *
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a close that is not finite.
 */
export function scoreMomentum(closes: readonly number[] | Float64Array, options: MomentumOptions = {}): ComponentScore {
  const { rsiPeriod, ...periods } = { ...momentumDefaults, ...options };
  const x = toColumn(closes);
  const strength = lastValue(rsi(x, { period: rsiPeriod }));
  const histogram = lastValue(macd(x, periods).histogram);
  const moves = wilderMoves(x, rsiPeriod);
  if (strength === undefined || moves === undefined) {
    return missingComponent('momentum', tooFew('RSI', rsiPeriod + 1, x.length), { rsi: strength });
  }

  const averageMove = moves.up + moves.down;
  const inputs = { rsi: strength, macdHistogram: histogram, averageMove };
  if (stoodStill(x, rsiPeriod) || averageMove <= vanished) {
    return measured('momentum', 0, [`no move in the last ${rsiPeriod} bars`], inputs);
  }
  const fromRsi = (moves.up - moves.down) / averageMove;
  const reasons = [`RSI ${words(strength)}: ${rsiWords(strength)}`];
  if (histogram === undefined) {
    reasons.push(tooFew('MACD histogram', periods.slowPeriod + periods.signalPeriod - 1, x.length));
    return measured('momentum', 50 * fromRsi, reasons, inputs);
  }
  const inMoves = histogram / averageMove;
  reasons.push(`MACD histogram ${words(inMoves)} average moves: ${directionWords(inMoves)}`);
  return measured('momentum', 25 * fromRsi + 25 * clampUnit(inMoves), reasons, inputs);
}

/**
 * Where the last close lies in its Bollinger bands: 100 at the lower band or below, 50 in the middle, 0 at the upper band
 * or above. It weighs against the crowd on purpose: a stretched price scores low.
 *
 * `missing` with fewer closes than `period`, and when all of them are equal: a band without width has no inside.
 *
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a close that is not finite.
 */
export function scoreVolatilityPosition(
  closes: readonly number[] | Float64Array,
  options: BollingerOptions = {},
): ComponentScore {
  const { period, deviations } = { ...bollingerDefaults, ...options };
  const x = toColumn(closes);
  const bands = bollinger(x, { period, deviations });
  const middle = lastValue(bands.middle);
  const deviation = lastValue(bands.deviation);
  if (middle === undefined || deviation === undefined) {
    return missingComponent('volatility-position', tooFew('Bollinger bands', period, x.length));
  }
  if (deviation === 0) {
    return missingComponent('volatility-position', `the last ${period} closes are equal: the bands have no width`, {
      percentB: undefined,
      deviation,
    });
  }
  const position = (x[x.length - 1]! - middle) / (deviations * deviation);
  const percentB = (1 + position) / 2;
  return measured(
    'volatility-position',
    -50 * clampUnit(position),
    [`close at ${words(100 * percentB)} % of its Bollinger bands: ${positionWords(position)}`],
    { percentB, deviation },
  );
}

/**
 * Trend: Kaufman's efficiency ratio with its sign. The net move over the last `period` moves divided by the way that the
 * price went: 100 when every move was up, 0 when every move was down, 50 when the price is back where it was or never
 * moved. `missing` with fewer than `period + 1` closes.
 *
 * @example
 * ```ts
 * scoreTrend([10, 12, 11, 13], { period: 3 }).score; // => 80
 * ```
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a close that is not finite.
 */
export function scoreTrend(closes: readonly number[] | Float64Array, options: TrendOptions = {}): ComponentScore {
  const { period } = { ...trendDefaults, ...options };
  checkPeriod('period', period);
  const x = toColumn(closes);
  if (x.length <= period) return missingComponent('trend', tooFew('trend', period + 1, x.length));
  let way = 0;
  for (let i = x.length - period; i < x.length; i++) way += Math.abs(x[i]! - x[i - 1]!);
  const net = x[x.length - 1]! - x[x.length - 1 - period]!;
  const inputs = { netMove: net, way };
  if (way === 0) return measured('trend', 0, [`no move in the last ${period} bars`], inputs);
  const efficiency = clampUnit(net / way);
  return measured(
    'trend',
    50 * efficiency,
    [`net move ${words(net)} over a way of ${words(way)} in ${period} bars: ${directionWords(efficiency)}`],
    inputs,
  );
}

function measured(
  name: string,
  offset: number,
  reasons: readonly string[],
  inputs: ComponentScore['inputs'],
): ComponentScore {
  return { name, score: scoreFromOffset(offset), quality: 'measured', reasons, inputs };
}

function stoodStill(x: Float64Array, moves: number): boolean {
  for (let i = x.length - moves; i < x.length; i++) if (x[i] !== x[i - 1]) return false;
  return true;
}

function tooFew(what: string, needed: number, given: number): string {
  return `${what} needs ${needed} closes, ${given} given`;
}

function rsiWords(value: number): string {
  if (value >= 70) return 'gains dominate, overbought';
  if (value <= 30) return 'losses dominate, oversold';
  return value > 50 ? 'gains outweigh losses' : value < 50 ? 'losses outweigh gains' : 'balanced';
}

function directionWords(value: number): string {
  return value > 0 ? 'upward' : value < 0 ? 'downward' : 'level';
}

function positionWords(position: number): string {
  if (position >= 1) return 'stretched upward';
  if (position <= -1) return 'stretched downward';
  return position > 0 ? 'above the middle' : position < 0 ? 'below the middle' : 'in the middle';
}
