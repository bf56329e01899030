import { Decimal as SharedDecimal } from 'decimal.js';
import { microPerPoint } from './micro-points.ts';

/** Enough digits for every product and sum of weights that are doubles of a similar size; half rounds away from 0. */
const Decimal = SharedDecimal.clone({ precision: 60, rounding: SharedDecimal.ROUND_HALF_UP, defaults: true });

/** One present component: a weight above 0, and a score of at most six decimals. */
export interface Share {
  readonly weight: number;
  readonly score: number;
}

/** The weighted mean and what each share contributed, as decimals of at most six places. */
export interface WeightedMean {
  readonly score: number;
  /** In the order of the shares; they add up to `score` exactly when added as decimals. */
  readonly contributions: readonly number[];
}

/**
 * The weighted mean, rounded once (half away from 50), and its exact division into contributions: each is rounded down to
 * a millionth, and the millionths that are left go one each to the largest remainders, the earlier share first.
 */
export function weightedMean(shares: readonly Share[]): WeightedMean {
  const total = sumExact(shares.map(({ weight }) => weight));
  const weighted = shares.map(({ weight, score }) => new Decimal(score).times(microPerPoint).times(weight));
  const middle = new Decimal(50 * microPerPoint);
  const offset = sumExact(weighted).minus(middle.times(total)).div(total);
  const mean = offset.toDecimalPlaces(0).plus(middle);

  const parts = weighted.map((part) => part.divToInt(total));
  const remainders = weighted.map((part) => part.mod(total));
  const left = mean.minus(sumExact(parts)).toNumber();
  const largestFirst = shares.map((_, i) => i).sort((i, j) => remainders[j]!.comparedTo(remainders[i]!));
  for (const i of largestFirst.slice(0, left)) parts[i] = parts[i]!.plus(1);
  return { score: toPoints(mean), contributions: parts.map(toPoints) };
}

/** `part ÷ whole` of two sums of numbers, each read as its shortest decimal literal. */
export function ratioOfSums(part: readonly number[], whole: readonly number[]): number {
  return sumExact(part).div(sumExact(whole)).toNumber();
}

function sumExact(values: readonly (number | SharedDecimal)[]): SharedDecimal {
  return values.reduce((sum: SharedDecimal, value) => sum.plus(value), new Decimal(0));
}

function toPoints(micro: SharedDecimal): number {
  return micro.div(microPerPoint).toNumber();
}
