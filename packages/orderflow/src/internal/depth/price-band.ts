import { OrderflowError } from '../../errors.ts';
import type { DecimalInput } from '../../market.ts';
import { parseDecimal } from '../numbers/decimal-literal.ts';
import { excerpt } from '../shared/excerpt.ts';

/** How far around the mid: made by {@link priceBand}. Plain data, `numerator ÷ denominator` of the mid. */
export interface PriceBand {
  readonly numerator: number;
  readonly denominator: number;
}

/**
 * The prices within some basis points or some percent of the mid, for the functions that take a range of levels. The
 * width is read as a decimal literal, so `'2.5'` is 5/2 and no binary fraction decides whether a level belongs.
 *
 * A price `p` belongs when `|2p − (bid + ask)| · 10000 ≤ bps · |bid + ask|`: on the edge is inside.
 *
 * @example
 * ```ts
 * priceBand({ bps: '2.5' }); // => { numerator: 1, denominator: 4000 }
 * priceBand({ percent: 1 }); // => { numerator: 1, denominator: 100 }
 * ```
 * @throws {@link OrderflowError} `bad-option` when the width is no decimal from 0 to 10^9 with at most 9 decimals.
 */
export function priceBand(width: { readonly bps: DecimalInput } | { readonly percent: DecimalInput }): PriceBand {
  const [unit, value, parts] =
    'bps' in width ? (['bps', width.bps, 10_000n] as const) : (['percent', width.percent, 100n] as const);
  const literal = parseDecimal(value);
  const whole = literal && 10n ** BigInt(literal.scale);
  if (!literal || literal.scale > 9 || literal.mantissa < 0n || literal.mantissa > 10n ** 9n * whole!) {
    throw new OrderflowError(
      'bad-option',
      `${unit} ${excerpt(value)} is not a decimal from 0 to 1000000000 with at most 9 decimals. ` +
        `Pass the distance from the mid, for example { bps: '2.5' } or { percent: 1 }.`,
      value,
    );
  }
  const denominator = whole! * parts;
  const divisor = greatestCommonDivisor(literal.mantissa, denominator);
  return { numerator: Number(literal.mantissa / divisor), denominator: Number(denominator / divisor) };
}

/** The highest whole price, in ticks, of a band around half of `bidTicks + askTicks`. */
export function highestTicks({ numerator, denominator }: PriceBand, bidTicks: number, askTicks: number): number {
  const sum = bidTicks + askTicks;
  // ⌊(sum·denominator + |sum|·numerator) ÷ 2·denominator⌋. Below 2^53 a quotient that is no integer lies further from
  // one than division rounds, so the floor of the rounded quotient is the floor.
  const reach = sum * denominator + Math.abs(sum) * numerator;
  if (Math.abs(sum) * (denominator + numerator) <= Number.MAX_SAFE_INTEGER)
    return Math.floor(reach / (2 * denominator));
  const exact = BigInt(bidTicks) + BigInt(askTicks);
  const top = exact * BigInt(denominator) + (exact < 0n ? -exact : exact) * BigInt(numerator);
  const bottom = 2n * BigInt(denominator);
  return Number(top / bottom - (top % bottom < 0n ? 1n : 0n));
}

/** The lowest whole price, in ticks, of a band: the highest one, seen in the mirror. */
export function lowestTicks(band: PriceBand, bidTicks: number, askTicks: number): number {
  return 0 - highestTicks(band, 0 - bidTicks, 0 - askTicks);
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b);
}
