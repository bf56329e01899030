/** The edge between records and columns: decimals stay text, times are whole milliseconds, symbols are not empty. */
import { AdaptersError } from '../../errors.ts';

const literal = /^(-?)0*(\d+)(?:\.(\d*?)0*)?$/;

/**
 * The canonical literal of a decimal: no leading or trailing zeros, no exponent, no minus zero.
 * @throws {@link AdaptersError} `bad-record` naming the field.
 */
export function canonicalDecimal(value: unknown, field: string): string {
  const match = typeof value === 'string' ? literal.exec(value) : null;
  if (!match) throw badRecord(field, value, `a decimal string such as '2680.77'`);
  const [, sign = '', whole = '', fraction = ''] = match;
  const digits = fraction === '' ? whole : `${whole}.${fraction}`;
  return digits === '0' ? '0' : sign + digits;
}

/** Latest time that a JavaScript date can say. */
const maxTimeMs = 8_640_000_000_000_000;

/** @throws {@link AdaptersError} `bad-record` naming the field. */
export function wholeMs(value: unknown, field: string): number {
  if (Number.isInteger(value) && Math.abs(value as number) <= maxTimeMs) return value as number;
  throw badRecord(field, value, 'whole epoch milliseconds');
}

/** @throws {@link AdaptersError} `bad-record` naming the field. */
export function wholeNumber(value: unknown, field: string, least = 0, most = 2_147_483_647): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
  throw badRecord(field, value, `a whole number from ${least} to ${most}`);
}

/** The database has no NUL, and half of a surrogate pair would be stored as another character. */
const unstorable = /[\0\p{Cs}]/u;

/** @throws {@link AdaptersError} `bad-record` naming the field. */
export function nonEmpty(value: unknown, field: string): string {
  if (typeof value === 'string' && value !== '' && !unstorable.test(value)) return value;
  throw badRecord(field, value, 'a text of at least one character, without NUL and half characters');
}

/** Documents nest a few levels; the parser of the server ends at some thousands, a cycle never. */
const deepest = 200;

/**
 * JSON text of a document. Properties that are `undefined` are left out, as JSON does; what JSON would change silently
 * (`NaN`, a date, a `Map`) or cannot say is refused.
 * @throws {@link AdaptersError} `bad-record` naming the place, when it is no plain object of JSON values.
 */
export function jsonObject(value: unknown, field: string): string {
  if (!isPlainObject(value)) throw badRecord(field, value, 'a JSON object');
  requireJson(value, field, 0);
  return JSON.stringify(value);
}

function requireJson(value: unknown, place: string, depth: number): void {
  if (value === null || typeof value === 'boolean' || Number.isFinite(value)) return;
  if (typeof value === 'string') {
    if (unstorable.test(value)) throw badRecord(place, value, 'a text without NUL and half characters');
    return;
  }
  if (depth > deepest) {
    throw new AdaptersError(
      'bad-record',
      `${place.slice(0, 200)}… nests deeper than ${deepest} levels, or refers to itself. Nothing was written.`,
      { value },
    );
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) requireJson(item, `${place}[${index}]`, depth + 1);
  } else if (isPlainObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      if (unstorable.test(key)) throw badRecord(`a key of ${place}`, key, 'a text without NUL and half characters');
      if (item !== undefined) requireJson(item, `${place}.${key}`, depth + 1);
    }
  } else throw badRecord(place, value, 'a JSON value: text, finite number, true, false, null, list or plain object');
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // The second case is an object of another realm.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** @throws {@link AdaptersError} `bad-record` when it is no object at all. */
export function requireObject(value: unknown, what: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badRecord(what, value, 'an object');
}

/** @throws {@link AdaptersError} `bad-record` when it is no list. */
export function requireList(value: unknown, what: string): void {
  if (!Array.isArray(value)) throw badRecord(what, value, 'a list');
}

/** @throws {@link AdaptersError} `bad-record` naming the field; any number that is one is left to the database. */
export function someMs(value: unknown, field: string): number {
  if (typeof value === 'number' && !Number.isNaN(value)) return value;
  throw badRecord(field, value, 'epoch milliseconds');
}

/** An error that names the field, the value and what was expected. */
export function badRecord(field: string, value: unknown, expected: string): AdaptersError {
  const shown = shownValue(value);
  const short = shown.length > 80 ? `${shown.slice(0, 80)}…` : shown;
  return new AdaptersError('bad-record', `${field} "${short}" is not ${expected}. Nothing was written.`, { value });
}

/** Any value as text: JSON where there is any, else as JavaScript writes it. Never throws. */
export function shownValue(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    return JSON.stringify(value);
  } catch {
    // A cycle, a BigInt, or nesting without end.
    return Object.prototype.toString.call(value);
  }
}
