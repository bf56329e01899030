/** Answers of REST endpoints to rows: the envelope must be what is documented, a bad row is refused alone. */
import { AdaptersError } from '../errors.ts';
import { isObject } from '../sources/binance/schema.ts';
import { RecordError, shown } from './record-error.ts';
import type { RejectReason } from '../venue-feed.ts';
import { decimalText } from './decimal-text.ts';

/** One record of an answer or a file that was refused. */
export interface Rejection {
  readonly reason: RejectReason;
  /** Where it stands: position in its list, or line of its file, from 1. */
  readonly at: number;
  /** Names the field, the value and what was expected. */
  readonly detail: string;
}

/** What a server says of itself, cut to a length that a message takes: text as it is, anything else as JSON. */
export function excerpt(value: unknown, most = 200): string {
  return (typeof value === 'string' ? value : shown(value)).slice(0, most);
}

/** A JSON object whose fields are not checked yet. */
export type Json = Readonly<Record<string, unknown>>;

/** Rows that were kept, and those that were not. */
export interface Rows<T> {
  readonly rows: readonly T[];
  readonly rejected: readonly Rejection[];
}

/**
 * The JSON of a body.
 * @param what - how messages call it, for example `IDX stock summary`
 * @throws {@link AdaptersError} `bad-response` for HTML (a bot check answers 200), an empty body or broken JSON
 */
export function parseJson(body: string, what: string): unknown {
  const start = body.trimStart().slice(0, 200);
  if (start.startsWith('<')) {
    throw badResponse(what, 'an HTML page', 'JSON. A bot check or a maintenance page may be in the way');
  }
  try {
    return JSON.parse(body) as unknown;
  } catch (cause) {
    throw badResponse(what, start === '' ? 'an empty body' : shown(start), 'JSON', cause);
  }
}

/** @throws {@link AdaptersError} `bad-response` when the body is no JSON object. */
export function parseJsonObject(body: string, what: string): Json {
  const json = parseJson(body, what);
  if (!isObject(json)) throw badResponse(what, shown(json), 'a JSON object');
  return json;
}

/** The list under a key, without which the answer is not what is documented: no rows is not the same as no list. */
export function requireList(holder: unknown, key: string, what: string): readonly unknown[] {
  const list = isObject(holder) ? holder[key] : undefined;
  if (!Array.isArray(list)) throw badResponse(what, `${key} ${shown(list)}`, 'a list');
  return list;
}

/** An answer that is not what the documentation says; never taken for one without data. */
export function badResponse(what: string, got: string, expected: string, cause?: unknown): AdaptersError {
  return new AdaptersError(
    'bad-response',
    `${what}: the answer has ${got}; expected ${expected}. Nothing of it was used; try again or look at the answer.`,
    cause === undefined ? {} : { cause },
  );
}

/** Reads every item; one that throws a `RecordError` is refused, the others are kept. `undefined` rows are left out. */
export function readRows<T>(items: readonly unknown[], read: (row: Json, at: number) => T | undefined): Rows<T> {
  const rows: T[] = [];
  const rejected: Rejection[] = [];
  for (const [i, item] of items.entries()) {
    try {
      if (!isObject(item)) throw new RecordError('the row', item, 'an object');
      const row = read(item, i + 1);
      if (row !== undefined) rows.push(row);
    } catch (error) {
      rejected.push(rejection(error, i + 1));
    }
  }
  return { rows, rejected };
}

/** A refused record from what its reader threw; anything but a `RecordError` is a fault of ours and thrown on. */
export function rejection(error: unknown, at: number): Rejection {
  if (!(error instanceof RecordError)) throw error;
  return { reason: 'bad-record', at, detail: error.message };
}

/** @throws `RecordError` for what is no text, an empty one, or one longer than any name. */
export function text(row: Json, key: string): string {
  const value = row[key];
  if (typeof value !== 'string' || value.trim() === '' || value.length > 2000) {
    throw new RecordError(key, value, 'a text that is not empty');
  }
  return value.trim();
}

/** A text, or `undefined` where it is missing, null or blank. */
export function optionalText(row: Json, key: string): string | undefined {
  const value = row[key];
  if (value == null || (typeof value === 'string' && value.trim() === '')) return undefined;
  return text(row, key);
}

/** The canonical text of a decimal that may be negative, from a JSON number or a text with or without exponent and commas. */
export function decimal(row: Json, key: string): string {
  const value = decimalOf(row[key]);
  if (value === undefined) throw new RecordError(key, row[key], 'a decimal');
  return value;
}

/** A decimal, or `undefined` where it is missing, null or blank. */
export function optionalDecimal(row: Json, key: string): string | undefined {
  const value = row[key];
  return value == null || value === '' ? undefined : decimal(row, key);
}

/** A decimal that is not negative. */
export function unsigned(row: Json, key: string): string {
  const value = decimal(row, key);
  if (value.startsWith('-')) throw new RecordError(key, row[key], 'a decimal that is not negative');
  return value;
}

/** A whole number within ±2^53, from a JSON number or a text (`"1,103,221"`, `"3.79869e+07"`, `"100.0"`). */
export function whole(row: Json, key: string): number {
  const value = decimalOf(row[key]);
  const number = value === undefined || value.includes('.') ? NaN : Number(value);
  if (!Number.isSafeInteger(number)) throw new RecordError(key, row[key], 'a whole number within 2^53');
  return number;
}

/** A whole number that is not negative. */
export function count(row: Json, key: string): number {
  const value = whole(row, key);
  if (value < 0) throw new RecordError(key, row[key], 'a whole number from 0');
  return value;
}

/** A count, or `undefined` where it is missing, null or blank. */
export function optionalCount(row: Json, key: string): number | undefined {
  const value = row[key];
  return value == null || value === '' ? undefined : count(row, key);
}

const plain = /^[+-]?(?:\d{1,40}(?:\.\d{0,30})?|\.\d{1,30})(?:e[+-]?\d{1,2})?$/i;
const grouped = /^-?\d{1,3}(?:,\d{3}){1,12}(?:\.\d{1,30})?$/;

/** The canonical text of a JSON number or of a text as servers write decimals; `undefined` for anything else. */
export function decimalOf(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? decimalText(value) : undefined;
  if (typeof value !== 'string' || value.length > 80) return undefined;
  const trimmed = value.trim();
  if (grouped.test(trimmed)) return decimalText(trimmed.replaceAll(',', ''));
  return plain.test(trimmed) ? decimalText(trimmed.replace(/^\+/, '')) : undefined;
}

/** The rows of an object without keys whose value is `undefined`. */
export function compact<T extends object>(row: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(row)) if (value !== undefined) kept[key] = value;
  return kept as { [K in keyof T]: Exclude<T[K], undefined> };
}
