/** The components of closing prices from the values of their indicators: one rule for batch and stream. */
import type { ComponentScore } from '../component.ts';
import { missingComponent } from '../component.ts';
import { clampUnit, scoreFromOffset, words } from '../internal/micro-points.ts';
import { vanished } from '../internal/wilder.ts';

/** What momentum is made of; `undefined` during the warm-up. */
export interface MomentumValues {
  readonly closes: number;
  readonly rsi: number | undefined;
  readonly histogram: number | undefined;
  /** Average gain and loss. */
  readonly moves: { readonly up: number; readonly down: number } | undefined;
  /** True when the last `rsiPeriod` moves were none. */
  readonly stoodStill: boolean;
}

const momentumRule =
  '50 + 25 × (2 × rsi ÷ 100 − 1) + 25 × clamp(macdHistogram ÷ averageMove); 50 + 50 × (2 × rsi ÷ 100 − 1) without the histogram';

export function momentumOf(
  { closes, rsi, histogram, moves, stoodStill }: MomentumValues,
  periods: { readonly rsiPeriod: number; readonly slowPeriod: number; readonly signalPeriod: number },
): ComponentScore {
  const { rsiPeriod, slowPeriod, signalPeriod } = periods;
  if (rsi === undefined || moves === undefined) {
    return missingComponent('momentum', tooFew('RSI', rsiPeriod + 1, closes), { rsi });
  }
  const averageMove = moves.up + moves.down;
  const inputs = { rsi, macdHistogram: histogram, averageMove };
  // The RSI and the histogram are half of it each.
  const coverage = histogram === undefined ? 0.5 : 1;
  const score = (offset: number, reasons: readonly string[]): ComponentScore => ({
    ...measured('momentum', offset, reasons, inputs, momentumRule),
    coverage,
  });
  if (stoodStill || averageMove <= vanished) {
    return {
      ...score(0, [`no move in the last ${rsiPeriod} bars`]),
      rule: `50 after ${rsiPeriod} bars without a move`,
    };
  }
  const fromRsi = (moves.up - moves.down) / averageMove;
  const reasons = [`RSI ${words(rsi)}: ${rsiWords(rsi)}`];
  if (histogram === undefined) {
    return score(50 * fromRsi, [...reasons, tooFew('MACD histogram', slowPeriod + signalPeriod - 1, closes)]);
  }
  const inMoves = histogram / averageMove;
  return score(25 * fromRsi + 25 * clampUnit(inMoves), [
    ...reasons,
    `MACD histogram ${words(inMoves)} average moves: ${directionWords(inMoves)}`,
  ]);
}

/** `recent` holds the last closes, at least `period + 1` of them when `closes` were as many. */
export function trendOf(recent: Float64Array | readonly number[], closes: number, period: number): ComponentScore {
  if (closes <= period) return missingComponent('trend', tooFew('trend', period + 1, closes));
  let way = 0;
  for (let i = recent.length - period; i < recent.length; i++) way += Math.abs(recent[i]! - recent[i - 1]!);
  const net = recent[recent.length - 1]! - recent[recent.length - 1 - period]!;
  const inputs = { netMove: net, way };
  const rule = '50 + 50 × netMove ÷ way';
  if (way === 0) return measured('trend', 0, [`no move in the last ${period} bars`], inputs, rule);
  const efficiency = clampUnit(net / way);
  const reason = `net move ${words(net)} over a way of ${words(way)} in ${period} bars: ${directionWords(efficiency)}`;
  return measured('trend', 50 * efficiency, [reason], inputs, rule);
}

export function volatilityPositionOf(
  values: {
    readonly closes: number;
    readonly last: number;
    readonly middle: number | undefined;
    readonly deviation: number | undefined;
  },
  { period, deviations }: { readonly period: number; readonly deviations: number },
): ComponentScore {
  const { closes, last, middle, deviation } = values;
  const name = 'volatility-position';
  if (middle === undefined || deviation === undefined) {
    return missingComponent(name, tooFew('Bollinger bands', period, closes));
  }
  if (deviation === 0) {
    const reason = `the last ${period} closes are equal: the bands have no width`;
    return missingComponent(name, reason, { percentB: undefined, deviation });
  }
  const position = (last - middle) / (deviations * deviation);
  const percentB = (1 + position) / 2;
  const reason = `close at ${words(100 * percentB)} % of its Bollinger bands: ${positionWords(position)}`;
  return measured(name, -50 * clampUnit(position), [reason], { percentB, deviation }, '100 × (1 − clamp(percentB))');
}

/** True when the last `moves` moves were none. */
export function stoodStill(recent: Float64Array | readonly number[], moves: number): boolean {
  for (let i = recent.length - moves; i < recent.length; i++) if (recent[i] !== recent[i - 1]) return false;
  return true;
}

function measured(
  name: string,
  offset: number,
  reasons: readonly string[],
  inputs: ComponentScore['inputs'],
  rule: string,
): ComponentScore {
  return { name, score: scoreFromOffset(offset), quality: 'measured', reasons, inputs, rule };
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
