/**
 * Integer sums that never round: a `number` while it is a safe integer, a `bigint` from the first step beyond.
 *
 * The fast path costs one comparison; the slow path is taken by sums beyond 2^53 − 1 only.
 *
 * Operands are integers. These are the innermost functions of every sum, so they do not check: where the result is no
 * integer (a fraction, NaN, ±Infinity) the language's own `RangeError` is thrown, and fractions whose result is whole
 * pass (0.5 + 0.5 is 1). Check sizes where they come in, as `grid.toLots` and `createCvd` do.
 */
import { OrderflowError } from './errors.ts';
import { excerpt } from './internal/shared/excerpt.ts';
import { formatScaled } from './internal/numbers/decimal-literal.ts';

export type ExactInt = number | bigint;

/** The JSON form of an {@link ExactInt}: a number while safe, else its decimal digits. */
export type ExactIntJson = number | string;

const MIN_SAFE = BigInt(Number.MIN_SAFE_INTEGER);
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const DIGITS = /^-?\d{1,1000}$/;

/**
 * `a + b`, exact. Zero is always +0, so that a sum survives JSON.
 * @throws RangeError when the sum is no integer.
 */
export function addExact(a: ExactInt, b: ExactInt): ExactInt {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum + 0;
  }
  return narrow(BigInt(a) + BigInt(b));
}

/**
 * `a − b`, exact.
 * @throws RangeError when the difference is no integer.
 */
export function subtractExact(a: ExactInt, b: ExactInt): ExactInt {
  return addExact(a, -b);
}

/**
 * `a × b`, exact.
 * @throws RangeError when the product is no integer.
 */
export function multiplyExact(a: ExactInt, b: ExactInt): ExactInt {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return narrow(BigInt(a) * BigInt(b));
}

/** Below 0 when `a < b`, 0 when equal, above 0 when `a > b`; for sorting and for maxima. */
export function compareExact(a: ExactInt, b: ExactInt): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Plain JSON of an exact integer; read back by {@link exactFromJson}. */
export function exactToJson(value: ExactInt): ExactIntJson {
  return typeof value === 'number' ? value : value.toString();
}

/**
 * The exact integer of {@link exactToJson}'s output.
 * @throws {@link OrderflowError} `bad-snapshot` when the value is neither a safe integer nor decimal digits.
 */
export function exactFromJson(value: ExactIntJson): ExactInt {
  if (typeof value === 'number' ? Number.isSafeInteger(value) : typeof value === 'string' && DIGITS.test(value)) {
    return typeof value === 'number' ? value + 0 : narrow(BigInt(value));
  }
  throw new OrderflowError(
    'bad-snapshot',
    `exact integer ${excerpt(value)} is neither a safe integer nor decimal digits. Pass what exactToJson returned.`,
    value,
  );
}

/**
 * `numerator ÷ denominator` as a decimal string of at most `significantDigits` digits, rounded half to even; no
 * exponent, no trailing zeros.
 *
 * @example
 * ```ts
 * divideExact(2, 3, 4); // => '0.6667'
 * divideExact(5, 2, 1); // => '2'
 * divideExact(-1, 8); // => '-0.125'
 * ```
 * @throws {@link OrderflowError} `zero-denominator`, or `bad-option` when `significantDigits` is not 1 to 1000.
 */
export function divideExact(numerator: ExactInt, denominator: ExactInt, significantDigits = 16): string {
  if (!Number.isInteger(significantDigits) || significantDigits < 1 || significantDigits > 1000) {
    throw new OrderflowError(
      'bad-option',
      `significantDigits ${excerpt(significantDigits)} is not a whole number from 1 to 1000. Leave it out for 16.`,
      significantDigits,
    );
  }
  const top = magnitude(numerator);
  const bottom = magnitude(denominator);
  if (bottom === 0n) {
    throw new OrderflowError(
      'zero-denominator',
      `${excerpt(numerator)} ÷ 0 has no value. Test for an empty total before dividing by it.`,
      numerator,
    );
  }
  if (top === 0n) return '0';

  // d digits less in the denominator: the quotient lies in (10^(d−1), 10^(d+1)), one digit of doubt.
  let scale = significantDigits - (top.toString().length - bottom.toString().length);
  let [quotient, remainder, divisor] = divideScaled(top, bottom, scale);
  if (quotient >= 10n ** BigInt(significantDigits)) {
    scale -= 1;
    [quotient, remainder, divisor] = divideScaled(top, bottom, scale);
  }
  const twice = remainder * 2n;
  if (twice > divisor || (twice === divisor && quotient % 2n === 1n)) quotient += 1n;

  const signed = numerator < 0 === denominator < 0 ? quotient : -quotient;
  return scale >= 0 ? formatScaled(signed, scale) : formatScaled(signed * 10n ** BigInt(-scale), 0);
}

/** Quotient, remainder and divisor of `top × 10^scale ÷ bottom`, for any sign of `scale`. */
function divideScaled(
  top: bigint,
  bottom: bigint,
  scale: number,
): [quotient: bigint, remainder: bigint, divisor: bigint] {
  const dividend = scale > 0 ? top * 10n ** BigInt(scale) : top;
  const divisor = scale < 0 ? bottom * 10n ** BigInt(-scale) : bottom;
  return [dividend / divisor, dividend % divisor, divisor];
}

function magnitude(value: ExactInt): bigint {
  const big = BigInt(value);
  return big < 0n ? -big : big;
}

function narrow(value: bigint): ExactInt {
  return value >= MIN_SAFE && value <= MAX_SAFE ? Number(value) : value;
}
