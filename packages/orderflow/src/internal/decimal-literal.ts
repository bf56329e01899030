/** Reading and writing decimal literals as integers over a power of ten. */
import type { DecimalInput } from '../market.ts';

/** `mantissa × 10^−scale`, with `scale ≥ 0` and no trailing zero digits in the mantissa's fraction. */
export interface DecimalLiteral {
  readonly mantissa: bigint;
  readonly scale: number;
}

const LITERAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;
/** A literal longer than this is hostile, not a price. */
const MAX_LENGTH = 400;

/** The literal as an integer over a power of ten, or `undefined` when it is not a finite decimal. */
export function parseDecimal(value: DecimalInput): DecimalLiteral | undefined {
  const text = String(value);
  if (text.length > MAX_LENGTH) return undefined;
  const match = LITERAL.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  let digits = whole + fraction;
  let scale = fraction.length - Number(exponent);
  while (scale > 0 && digits.endsWith('0')) {
    digits = digits.slice(0, -1);
    scale -= 1;
  }
  if (digits === '') return { mantissa: 0n, scale: 0 };
  if (scale < 0) {
    digits += '0'.repeat(-scale);
    scale = 0;
  }
  const magnitude = BigInt(digits);
  return { mantissa: sign === '-' ? -magnitude : magnitude, scale: magnitude === 0n ? 0 : scale };
}

/**
 * Fast path for plain literals (`digits[.digits]`): the value times `10^scale` as a safe integer, or `undefined` when
 * the literal has another shape, more decimals than `scale` (other than zeros), or too many digits.
 */
export function scaleTo(text: string, scale: number): number | undefined {
  // Once past 2^53 the sum is rounded but never falls back below it (adding a digit and multiplying by ten are
  // monotonic under rounding), so the one check at the end refuses every value that was rounded on the way.
  let result = 0;
  let decimals = -1;
  const { length } = text;
  if (length === 0 || length > 32) return undefined;
  for (let i = 0; i < length; i += 1) {
    const digit = text.charCodeAt(i) - 48;
    if (digit >= 0 && digit <= 9) {
      if (decimals >= scale) {
        if (digit !== 0) return undefined;
        continue;
      }
      result = result * 10 + digit;
      if (decimals >= 0) decimals += 1;
    } else if (digit === -2 && decimals < 0 && length > 1) {
      decimals = 0;
    } else {
      return undefined;
    }
  }
  for (let i = Math.max(decimals, 0); i < scale; i += 1) result *= 10;
  return result <= Number.MAX_SAFE_INTEGER ? result : undefined;
}

/** `mantissa × 10^−scale` without exponent and without trailing zeros. */
export function formatScaled(mantissa: bigint, scale: number): string {
  if (mantissa === 0n) return '0';
  const negative = mantissa < 0n;
  let digits = (negative ? -mantissa : mantissa).toString().padStart(scale + 1, '0');
  if (scale > 0) {
    const fraction = digits.slice(-scale).replace(/0+$/, '');
    digits = digits.slice(0, -scale) + (fraction === '' ? '' : `.${fraction}`);
  }
  return negative ? `-${digits}` : digits;
}
