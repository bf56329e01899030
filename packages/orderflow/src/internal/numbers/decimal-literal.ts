/** Reading and writing decimal literals as integers over a power of ten. */
import type { DecimalInput } from '../../market.ts';

/** `mantissa × 10^−scale`, with `scale ≥ 0` and no trailing zero digits in the mantissa's fraction. */
export interface DecimalLiteral {
  readonly mantissa: bigint;
  readonly scale: number;
}

const LITERAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;
/** A literal longer than this is hostile, not a price. */
const MAX_LENGTH = 400;

/**
 * The literal as an integer over a power of ten, or `undefined` when it is not a finite decimal: text, a number or a
 * `Decimal`. Anything else that venues or JSON may hold (arrays, objects, booleans) is none, whatever it prints as.
 */
export function parseDecimal(value: DecimalInput): DecimalLiteral | undefined {
  const text = textOf(value);
  if (text === undefined || text.length > MAX_LENGTH) return undefined;
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

function textOf(value: DecimalInput): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  // The static type is a claim about what came over the wire; `toFixed` is what a Decimal of any copy has.
  const method = (value as { readonly toFixed?: unknown } | null | undefined)?.toFixed;
  return typeof value === 'object' && typeof method === 'function' ? String(value) : undefined;
}

/** Longest literal that is worth the fast path. */
const MAX_FAST_LENGTH = 32;
const DOT = 46 - 48;
/** As many decimal digits fit a 32-bit integer whatever they are. */
const INT_DIGITS = 9;
/** 10^0 to 10^100; those up to 10^22 are exact. */
export const powersOfTen: readonly number[] = /* @__PURE__ */ Array.from({ length: 101 }, (_, i) => Number(`1e${i}`));

/**
 * Fast path for plain literals (`digits[.digits]`, read from character `start` on): the value times `10^scale` as a
 * safe integer, or −1 when the literal has another shape, more decimals than `scale` (other than zeros) or too many
 * digits. `scale` is at most 100.
 *
 * Nearly all the time of a book goes by here, so all digits are summed in one 32-bit integer.
 */
export function scaleTo(text: string, scale: number, start = 0): number {
  const { length } = text;
  let i = start;
  let digit = 0;
  let units = 0;
  // Of a character before '0' the difference is below 0: no digit, as unsigned.
  while (i < length && (digit = (text.charCodeAt(i) - 48) | 0) >>> 0 <= 9) {
    units = (Math.imul(units, 10) + digit) | 0;
    i += 1;
  }
  if (i === start || length > MAX_FAST_LENGTH) return -1;
  let digits = i - start;
  let decimals = 0;
  if (i < length) {
    if (digit !== DOT) return -1;
    i += 1;
    const end = length - i > scale ? i + scale : length;
    decimals = end - i;
    digits += decimals;
    while (i < end) {
      digit = (text.charCodeAt(i) - 48) | 0;
      if (digit >>> 0 > 9) return -1;
      units = (Math.imul(units, 10) + digit) | 0;
      i += 1;
    }
    if (i < length && !areZeros(text, i)) return -1;
  }
  if (digits > INT_DIGITS) return scaleLong(text, scale, start);
  return decimals === scale ? units : safeOr(units * powersOfTen[scale - decimals]!);
}

function areZeros(text: string, from: number): boolean {
  for (let i = from; i < text.length; i += 1) if (text.charCodeAt(i) !== 48) return false;
  return true;
}

/** {@link scaleTo} for more than nine digits, summed in floating point. */
function scaleLong(text: string, scale: number, start: number): number {
  let result = 0;
  let decimals = -1;
  for (let i = start; i < text.length; i += 1) {
    const digit = text.charCodeAt(i) - 48;
    if (digit >= 0 && digit <= 9) {
      if (decimals >= scale) {
        if (digit !== 0) return -1;
        continue;
      }
      result = result * 10 + digit;
      if (decimals >= 0) decimals += 1;
    } else if (digit === DOT && decimals < 0) {
      decimals = 0;
    } else {
      return -1;
    }
  }
  return safeOr(result * powersOfTen[scale - Math.max(decimals, 0)]!);
}

/**
 * A sum of products of non-negative integers in floating point, when it is exact. Below 2^53 every step of it was; a
 * step beyond is rounded, but never to below 2^53 (rounding keeps the order), and nothing later makes it smaller.
 */
function safeOr(value: number): number {
  return value <= Number.MAX_SAFE_INTEGER ? value : -1;
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

const CANONICAL = /^(-?\d+)(?:\.(\d+))?$/;

/** Reads back what {@link formatScaled} wrote, of any length; `undefined` for another text. */
export function parseScaled(text: string): DecimalLiteral | undefined {
  const match = CANONICAL.exec(text);
  if (!match) return undefined;
  const [, whole = '', fraction = ''] = match;
  return { mantissa: BigInt(whole + fraction), scale: fraction.length };
}
