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
  return weightedMeanOfIntegers(shares) ?? weightedMeanOfDecimals(shares);
}

/** The same in integers, for weights of at most six decimals; `undefined` where a sum could leave the safe integers. */
function weightedMeanOfIntegers(shares: readonly Share[]): WeightedMean | undefined {
  const weights = wholeMillionths(shares.map(({ weight }) => weight));
  const total = weights?.reduce((sum, weight) => sum + weight, 0);
  if (!weights || !(total! * 100 * microPerPoint < Number.MAX_SAFE_INTEGER)) return undefined;
  const products = shares.map(({ score }, i) => Math.round(score * microPerPoint) * weights[i]!);
  const offset = products.reduce((sum, product) => sum + product, 0) - 50 * microPerPoint * total!;
  const rest = Math.abs(offset) % total!;
  const size = (Math.abs(offset) - rest) / total! + (2 * rest >= total! ? 1 : 0);
  const mean = 50 * microPerPoint + Math.sign(offset) * size;
  const remainders = products.map((product) => product % total!);
  const parts = products.map((product, i) => (product - remainders[i]!) / total!);
  const left = mean - parts.reduce((sum, part) => sum + part, 0);
  const largestFirst = shares.map((_, i) => i).sort((i, j) => remainders[j]! - remainders[i]!);
  for (const i of largestFirst.slice(0, left)) parts[i]! += 1;
  return { score: mean / microPerPoint, contributions: parts.map((part) => part / microPerPoint) };
}

/** The weights × 10⁶ divided by their greatest common divisor, when each is a whole number of millionths. */
function wholeMillionths(weights: readonly number[]): number[] | undefined {
  const whole = weights.map((weight) => Math.round(weight * microPerPoint));
  if (!whole.every((millionths, i) => millionths <= 1e12 && millionths / microPerPoint === weights[i]!))
    return undefined;
  const divisor = whole.reduce(greatestCommonDivisor, 0);
  return divisor > 1 ? whole.map((millionths) => millionths / divisor) : whole;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** The same for any weights. Exported for the test that holds the two together. */
export function weightedMeanOfDecimals(shares: readonly Share[]): WeightedMean {
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
  const both = wholeMillionths([...part, ...whole]);
  if (both) {
    const top = both.slice(0, part.length).reduce((sum, value) => sum + value, 0);
    const bottom = both.slice(part.length).reduce((sum, value) => sum + value, 0);
    if (bottom > 0 && bottom < Number.MAX_SAFE_INTEGER && top < Number.MAX_SAFE_INTEGER) return top / bottom;
  }
  return sumExact(part).div(sumExact(whole)).toNumber();
}

/** Σ weight × coverage ÷ Σ `whole`, each number read as its shortest decimal literal. */
export function coverageOf(
  present: readonly { readonly weight: number; readonly coverage: number }[],
  whole: readonly number[],
): number {
  if (present.every(({ coverage }) => coverage === 1)) {
    return ratioOfSums(
      present.map(({ weight }) => weight),
      whole,
    );
  }
  return sumExact(present.map(({ weight, coverage }) => new Decimal(weight).times(coverage)))
    .div(sumExact(whole))
    .toNumber();
}

/**
 * Divides `whole` millionths of a point in proportion to `parts`, whole millionths each: rounded down, and the rest one
 * each to the largest remainders, the earlier first. The result adds up to `whole`; all 0 when the parts are.
 */
export function divideMicro(whole: number, parts: readonly number[]): number[] {
  const total = parts.reduce((sum, part) => sum + BigInt(part), 0n);
  if (total === 0n) return parts.map(() => 0);
  const products = parts.map((part) => BigInt(whole) * BigInt(part));
  const shares = products.map((product) => Number(product / total));
  const left = whole - shares.reduce((sum, share) => sum + share, 0);
  const remainders = products.map((product) => product % total);
  const largestFirst = parts.map((_, i) => i).sort((i, j) => Number(remainders[j]! - remainders[i]!) || i - j);
  for (const i of largestFirst.slice(0, left)) shares[i]! += 1;
  return shares;
}

function sumExact(values: readonly (number | SharedDecimal)[]): SharedDecimal {
  return values.reduce((sum: SharedDecimal, value) => sum.plus(value), new Decimal(0));
}

function toPoints(micro: SharedDecimal): number {
  return micro.div(microPerPoint).toNumber();
}
