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

/** {@link canonicalDecimal}, or null where the value is unknown. */
export function optionalDecimal(value: unknown, field: string): string | null {
  return value === undefined || value === null ? null : canonicalDecimal(value, field);
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

/** @throws {@link AdaptersError} `bad-record` naming the field. */
export function nonEmpty(value: unknown, field: string): string {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value;
  throw badRecord(field, value, 'a text of at least one character, without NUL');
}

/**
 * JSON text of a document.
 * @throws {@link AdaptersError} `bad-record` when it is no plain object.
 */
export function jsonObject(value: unknown, field: string): string {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return JSON.stringify(value);
  throw badRecord(field, value, 'a JSON object');
}

/** An error that names the field, the value and what was expected. */
export function badRecord(field: string, value: unknown, expected: string): AdaptersError {
  const shown = typeof value === 'string' ? value : jsonText(value);
  const short = shown.length > 80 ? `${shown.slice(0, 80)}…` : shown;
  return new AdaptersError('bad-record', `${field} "${short}" is not ${expected}. Nothing was written.`, { value });
}

/** JSON where there is any; `NaN`, `undefined` and large integers as JavaScript writes them. */
function jsonText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : `${value as number}`;
}
