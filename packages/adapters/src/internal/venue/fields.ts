/**
 * Field checks of the venues' JSON: each gives the value in the neutral form, or throws the `RecordError` that names
 * field, value and expectation. Keys that we do not know are ignored, because venues add some without notice.
 */
import type { BookLevel } from '@tapekit/orderflow/market';
import { RecordError, shown } from '../record-error.ts';
import { decimalText } from '../decimal-text.ts';

export { RecordError } from '../record-error.ts';

/** A JSON object whose fields are not checked yet. */
export type Json = Readonly<Record<string, unknown>>;

/** True for a JSON object, false for lists and everything else. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function anObject(value: unknown, field: string): Json {
  if (!isObject(value)) throw new RecordError(field, value, 'an object');
  return value;
}

export function aList(value: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new RecordError(field, value, 'a list');
  return value as readonly unknown[];
}

/** Names, kinds and ids: longer ones than this are damage, and would end up in maps and logs. */
const longestText = 100;

export function aText(value: unknown, field: string): string {
  if (typeof value !== 'string' || value === '' || value.length > longestText) {
    throw new RecordError(field, value, `a text of 1 to ${longestText} characters`);
  }
  return value;
}

/** A number that counts something: trades, updates, messages. */
export function anId(value: unknown, field: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw new RecordError(field, value, 'an integer from 0 to 2^53 - 1');
  }
  return value as number;
}

const digits = /^\d{1,16}$/;

/** Like {@link anId}, of digits in quotes. */
export function anIdText(value: unknown, field: string): number {
  if (typeof value !== 'string' || !digits.test(value)) throw new RecordError(field, value, 'an integer in quotes');
  return anId(Number(value), field);
}

const decimal = /^\d{1,30}(?:\.\d{1,30})?$/;
const signed = /^-?\d{1,30}(?:\.\d{1,30})?$/;

/** A decimal that is not negative, in quotes as the venue spells it, or a JSON number in its shortest form. */
export function aDecimal(value: unknown, field: string): string {
  if (typeof value === 'string' && decimal.test(value)) return value;
  return readDecimal(value, field, decimal, 'a decimal that is not negative, such as 2683.80');
}

/** A decimal of either sign: spreads and combinations trade below zero. */
export function aSignedDecimal(value: unknown, field: string): string {
  return readDecimal(value, field, signed, 'a decimal, such as 2683.80');
}

function readDecimal(value: unknown, field: string, form: RegExp, expected: string): string {
  const plain = typeof value === 'number' ? String(value) : value;
  if (typeof plain === 'string') {
    if (form.test(plain)) return plain;
    // Small numbers are spelled with an exponent: 1e-7.
    const text = plain.length <= 40 && /\de/i.test(plain) ? decimalText(plain) : undefined;
    if (text !== undefined && form.test(text)) return text;
  }
  throw new RecordError(field, value, expected);
}

export function isZero(text: string): boolean {
  return Number(text) === 0;
}

/** 2000-01-01 and 2100-01-01: outside of them a time is damaged, or in another unit. */
const [earliestMs, latestMs] = [946_684_800_000, 4_102_444_800_000];

export function epochMs(value: unknown, field: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < earliestMs || (value as number) > latestMs) {
    throw new RecordError(field, value, 'a time in whole milliseconds since 1970, between 2000 and 2100');
  }
  return value as number;
}

/** Milliseconds in quotes. */
export function epochMsText(value: unknown, field: string): number {
  if (typeof value !== 'string' || !digits.test(value)) throw new RecordError(field, value, 'milliseconds in quotes');
  return epochMs(Number(value), field);
}

const seconds = /^(\d{9,10})(?:\.(\d{1,9}))?$/;

/** Seconds with decimals, in quotes or as a number: `"1618678134.356187"`; the rest of a millisecond is cut off. */
export function secondsMs(value: unknown, field: string): number {
  const match = seconds.exec(typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '');
  if (!match) throw new RecordError(field, value, 'seconds since 1970');
  return epochMs(Number(match[1]) * 1000 + Number((match[2] ?? '').padEnd(3, '0').slice(0, 3)), field);
}

const instant = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|\+00:?00)$/;

/** `2023-10-06T17:35:55.440295Z`; the rest of a millisecond is cut off. */
export function isoMs(value: unknown, field: string): number {
  const match = typeof value === 'string' && value.length <= 40 ? instant.exec(value) : undefined;
  const time = match ? Date.parse(`${match[1]}T${match[2]}.${(match[3] ?? '').padEnd(3, '0').slice(0, 3)}Z`) : NaN;
  if (Number.isNaN(time)) throw new RecordError(field, value, 'a time such as 2023-10-06T17:35:55.440295Z');
  return epochMs(time, field);
}

/** `[[price, size, …], …]` */
export function pairLevels(value: unknown, field: string): readonly BookLevel[] {
  return aList(value, field).map((level, i) => {
    if (!Array.isArray(level) || level.length < 2) throw new RecordError(`${field}[${i}]`, level, '[price, size]');
    const [price, size] = level as readonly unknown[];
    return plainLevel(price, size) ?? [aDecimal(price, `${field}[${i}][0]`), aDecimal(size, `${field}[${i}][1]`)];
  });
}

/** `[{price, qty}, …]` with the venue's names of both. */
export function namedLevels(value: unknown, field: string, price: string, size: string): readonly BookLevel[] {
  return aList(value, field).map((item, i) => {
    const level = isObject(item) ? item : anObject(item, `${field}[${i}]`);
    return (
      plainLevel(level[price], level[size]) ?? [
        aDecimal(level[price], `${field}[${i}].${price}`),
        aDecimal(level[size], `${field}[${i}].${size}`),
      ]
    );
  });
}

/** The level when both are decimals in quotes; books have thousands of levels, and names of fields cost time. */
function plainLevel(price: unknown, size: unknown): BookLevel | undefined {
  return typeof price === 'string' && typeof size === 'string' && decimal.test(price) && decimal.test(size)
    ? [price, size]
    : undefined;
}

/** Levels of a whole book: a level without size is none. */
export function withSize(levels: readonly BookLevel[]): readonly BookLevel[] {
  return levels.some(([, size]) => isZero(size as string))
    ? levels.filter(([, size]) => !isZero(size as string))
    : levels;
}

/** Nothing trades for nothing on these venues: such a print would drag lows and averages down. */
export function aPositiveDecimal(value: unknown, field: string): string {
  const text = aDecimal(value, field);
  if (isZero(text)) throw new RecordError(field, value, 'a decimal above 0');
  return text;
}

/** What a venue says in words, cut to a length that a person reads. */
export function said(...values: readonly unknown[]): string {
  const words = values.filter((value) => value !== undefined && value !== '');
  const text = words.map((value) => (typeof value === 'string' ? value : shown(value))).join(': ');
  return text === '' ? 'the venue gave no reason' : text.slice(0, 200);
}

/** A 32-bit checksum as a number, signed or not. */
export function aChecksum(value: unknown, field: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < -(2 ** 31) || (value as number) >= 2 ** 32) {
    throw new RecordError(field, value, 'a checksum of 32 bits');
  }
  return value as number;
}

/** The taker's side from the venue's two words for it. */
export function aSide(value: unknown, field: string, buy: string, sell: string): 'buy' | 'sell' {
  if (value === buy) return 'buy';
  if (value === sell) return 'sell';
  throw new RecordError(field, value, `"${buy}" or "${sell}"`);
}
