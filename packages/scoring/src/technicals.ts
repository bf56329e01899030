/**
 * Components from closing prices. Every rule is symmetric: prices mirrored around any level give 100 − score. Every rule
 * looks back only.
 */
import type { ComponentScore } from './component.ts';
import { missingComponent } from './component.ts';
import { ScoringError } from './errors.ts';
import type { BollingerOptions } from './indicators/bollinger.ts';
import { bollinger, bollingerDefaults } from './indicators/bollinger.ts';
import { lastValue } from './indicators/indicator-series.ts';
import type { MacdOptions } from './indicators/macd.ts';
import { macd, macdDefaults } from './indicators/macd.ts';
import { rsi, rsiDefaults } from './indicators/rsi.ts';
import { checkPeriod, toColumn } from './internal/checks.ts';
import { scoreFromOffset, words } from './internal/micro-points.ts';
import { withDefaults } from './internal/options.ts';
import { wilderMoves } from './internal/wilder.ts';
import { momentumOf, stoodStill, trendOf, volatilityPositionOf } from './technicals/rules.ts';

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
  const { rsiPeriod, ...periods } = withDefaults(momentumDefaults, options);
  const x = toColumn(closes);
  const strength = lastValue(rsi(x, { period: rsiPeriod }));
  const histogram = lastValue(macd(x, periods).histogram);
  const moves = wilderMoves(x, rsiPeriod);
  return momentumOf(
    { closes: x.length, rsi: strength, histogram, moves, stoodStill: stoodStill(x, rsiPeriod) },
    { rsiPeriod, ...periods },
  );
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
  const { period, deviations } = withDefaults(bollingerDefaults, options);
  const x = toColumn(closes);
  const bands = bollinger(x, { period, deviations });
  const middle = lastValue(bands.middle);
  const deviation = lastValue(bands.deviation);
  const last = x[x.length - 1] ?? Number.NaN;
  return volatilityPositionOf({ closes: x.length, last, middle, deviation }, { period, deviations });
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
  const { period } = withDefaults(trendDefaults, options);
  checkPeriod('period', period);
  const x = toColumn(closes);
  return trendOf(x, x.length, period);
}

/** What {@link scoreTechnicalRating} needs of a rating; `technicalRating` of this package gives it. */
export interface RatingInput {
  /** −1 (all votes to sell) to 1 (all to buy). */
  readonly rating: number;
  /** Mean of the moving averages' votes, −1 to 1. */
  readonly movingAverages?: number | undefined;
  /** Mean of the oscillators' votes, −1 to 1. */
  readonly oscillators?: number | undefined;
  /** Part of the votes that are known. */
  readonly coverage?: number;
}

/**
 * The component `technical-rating`: 50 + 50 × rating, covered by the votes that are known. `missing` without one.
 *
 * @example
 * ```ts
 * scoreTechnicalRating({ rating: 0.5 }).score; // => 75
 * ```
 * @throws {@link ScoringError} `bad-value` for a rating outside −1 to 1.
 */
export function scoreTechnicalRating(input: RatingInput | undefined): ComponentScore {
  const name = 'technical-rating';
  if (input === undefined) return missingComponent(name, 'no vote is known yet');
  const { rating, movingAverages, oscillators, coverage = 1 } = input;
  if (!(Math.abs(rating) <= 1)) {
    throw new ScoringError(
      'bad-value',
      `rating "${String(rating)}" is not a number from −1 to 1. Leave it out when it is unknown.`,
      rating,
    );
  }
  const group = (what: string, mean: number | undefined): string =>
    mean === undefined ? `${what} have no vote yet` : `${what} vote ${words(mean)}`;
  return {
    name,
    score: scoreFromOffset(50 * rating),
    quality: 'measured',
    reasons: [group('moving averages', movingAverages), group('oscillators', oscillators)],
    inputs: { rating, movingAverages, oscillators },
    rule: '50 + 50 × rating, the mean of movingAverages and oscillators',
    coverage,
  };
}
