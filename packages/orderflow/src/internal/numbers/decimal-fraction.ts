/** Options such as 0.9 as the decimals that they are written as, so that a limit that is hit exactly is hit. */
import { addExact, multiplyExact } from '../../exact.ts';
import type { ExactInt } from '../../exact.ts';
import { parseDecimal } from './decimal-literal.ts';
import { ratioOf } from './ratio.ts';

/** `top ÷ bottom`, with `bottom` a power of ten. */
export interface DecimalFraction {
  readonly top: ExactInt;
  readonly bottom: ExactInt;
}

/** The fraction that a finite number is written as: 9 ÷ 10 for 0.9, whose double is a little more. */
export function decimalFraction(value: number): DecimalFraction {
  const { mantissa, scale } = parseDecimal(value)!;
  return { top: addExact(mantissa, 0), bottom: addExact(10n ** BigInt(scale), 0) };
}

/** `times × sum ÷ n`, rounded once. */
export function timesMean({ top, bottom }: DecimalFraction, sum: ExactInt, n: number): number {
  return ratioOf(multiplyExact(top, sum), multiplyExact(bottom, n))!;
}

/** The 1-based nearest rank `⌈q·n⌉` of a quantile among `n` values, at least 1. */
export function nearestRank({ top, bottom }: DecimalFraction, n: number): number {
  const [product, divisor] = [BigInt(top) * BigInt(n), BigInt(bottom)];
  return Math.max(Number((product + divisor - 1n) / divisor), 1);
}
