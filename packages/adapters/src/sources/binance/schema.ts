/**
 * What Binance sends on its public streams, checked field by field. A capture has millions of records, so the checks are
 * written out; keys that we do not know are ignored, because Binance adds some without notice.
 *
 * Source: Binance WebSocket streams documentation, spot, USD-M and COIN-M.
 */
import { RecordError } from '../../internal/record-error.ts';

type Json = Readonly<Record<string, unknown>>;

/** `[price, quantity]`, as the venue spells the decimals. */
export type BinanceLevel = readonly [price: string, quantity: string];

/** `trade`: one fill. Futures add `X`. */
export interface BinanceTrade {
  readonly s: string;
  readonly t: number;
  readonly p: string;
  readonly q: string;
  readonly T: number;
  readonly m: boolean;
  readonly X?: string;
}

/** `aggTrade`: the fills of one taker order at one price. */
export interface BinanceAggTrade {
  readonly s: string;
  readonly a: number;
  readonly p: string;
  readonly q: string;
  readonly T: number;
  readonly m: boolean;
}

/** `bookTicker`: best bid and offer. Spot has neither `e` nor times. */
export interface BinanceBookTicker {
  readonly s: string;
  readonly u: number;
  readonly b: string;
  readonly B: string;
  readonly a: string;
  readonly A: string;
  readonly T?: number;
  readonly E?: number;
}

/** `depthUpdate`: levels that changed. Futures add `T` and `pu`. */
export interface BinanceDepthUpdate {
  readonly s: string;
  readonly E: number;
  readonly T?: number;
  readonly U: number;
  readonly u: number;
  readonly pu?: number;
  readonly b: readonly BinanceLevel[];
  readonly a: readonly BinanceLevel[];
}

/** The answer of the REST depth endpoint, recorded as a line of its own. Spot has neither symbol nor times. */
export interface BinanceDepthSnapshot {
  readonly lastUpdateId: number;
  readonly symbol?: string;
  readonly E?: number;
  readonly T?: number;
  readonly bids: readonly BinanceLevel[];
  readonly asks: readonly BinanceLevel[];
}

/** @throws `RecordError` naming the first field that is not as documented. */
export function parseTrade(raw: unknown): BinanceTrade {
  const data = anObject(raw, 'data');
  aText(data['s'], 'data.s');
  anId(data['t'], 'data.t');
  aFill(data);
  if (data['X'] !== undefined) aText(data['X'], 'data.X');
  return data as unknown as BinanceTrade;
}

/** @throws `RecordError` naming the first field that is not as documented. */
export function parseAggTrade(raw: unknown): BinanceAggTrade {
  const data = anObject(raw, 'data');
  aText(data['s'], 'data.s');
  anId(data['a'], 'data.a');
  aFill(data);
  return data as unknown as BinanceAggTrade;
}

/** @throws `RecordError` naming the first field that is not as documented. */
export function parseBookTicker(raw: unknown): BinanceBookTicker {
  const data = anObject(raw, 'data');
  aText(data['s'], 'data.s');
  anId(data['u'], 'data.u');
  aDecimal(data['b'], 'data.b');
  aDecimal(data['B'], 'data.B');
  aDecimal(data['a'], 'data.a');
  aDecimal(data['A'], 'data.A');
  if (data['T'] !== undefined) aTime(data['T'], 'data.T');
  if (data['E'] !== undefined) aTime(data['E'], 'data.E');
  return data as unknown as BinanceBookTicker;
}

/** @throws `RecordError` naming the first field that is not as documented. */
export function parseDepthUpdate(raw: unknown): BinanceDepthUpdate {
  const data = anObject(raw, 'data');
  aText(data['s'], 'data.s');
  aTime(data['E'], 'data.E');
  if (data['T'] !== undefined) aTime(data['T'], 'data.T');
  const first = anId(data['U'], 'data.U');
  const last = anId(data['u'], 'data.u');
  if (first > last) throw new RecordError('data.U', first, `at most data.u, which is ${last}`);
  if (data['pu'] !== undefined) anId(data['pu'], 'data.pu');
  levels(data['b'], 'data.b');
  levels(data['a'], 'data.a');
  return data as unknown as BinanceDepthUpdate;
}

/** @throws `RecordError` naming the first field that is not as documented. */
export function parseDepthSnapshot(raw: unknown): BinanceDepthSnapshot {
  const snapshot = anObject(raw, 'the record');
  anId(snapshot['lastUpdateId'], 'lastUpdateId');
  if (snapshot['symbol'] !== undefined) aText(snapshot['symbol'], 'symbol');
  if (snapshot['E'] !== undefined) aTime(snapshot['E'], 'E');
  if (snapshot['T'] !== undefined) aTime(snapshot['T'], 'T');
  levels(snapshot['bids'], 'bids');
  levels(snapshot['asks'], 'asks');
  return snapshot as unknown as BinanceDepthSnapshot;
}

/** True for a plain JSON object. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws `RecordError` when the value is no JSON object. */
export function anObject(value: unknown, field: string): Json {
  if (!isObject(value)) throw new RecordError(field, value, 'an object');
  return value;
}

/** @throws `RecordError` when the value is no text or an empty one. */
export function aText(value: unknown, field: string): string {
  if (typeof value !== 'string' || value === '') throw new RecordError(field, value, 'a text that is not empty');
  return value;
}

function aFill(data: Json): void {
  aDecimal(data['p'], 'data.p');
  aDecimal(data['q'], 'data.q');
  aTime(data['T'], 'data.T');
  if (typeof data['m'] !== 'boolean') throw new RecordError('data.m', data['m'], 'true or false');
}

function anId(value: unknown, field: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw new RecordError(field, value, 'an integer from 0 to 2^53 - 1');
  }
  return value as number;
}

function aTime(value: unknown, field: string): void {
  if (!Number.isSafeInteger(value) || (value as number) <= 0) {
    throw new RecordError(field, value, 'a time in whole milliseconds or microseconds since 1970');
  }
}

const decimal = /^\d{1,30}(?:\.\d{1,30})?$/;

function aDecimal(value: unknown, field: string): void {
  if (typeof value !== 'string' || !decimal.test(value)) {
    throw new RecordError(field, value, 'a decimal in quotes that is not negative, such as "2683.80"');
  }
}

function levels(value: unknown, field: string): void {
  if (!Array.isArray(value)) throw new RecordError(field, value, 'a list of [price, quantity]');
  for (let i = 0; i < value.length; i++) {
    const level: unknown = value[i];
    if (!Array.isArray(level) || level.length < 2) throw new RecordError(`${field}[${i}]`, level, '[price, quantity]');
    if (typeof level[0] !== 'string' || !decimal.test(level[0])) aDecimal(level[0], `${field}[${i}][0]`);
    if (typeof level[1] !== 'string' || !decimal.test(level[1])) aDecimal(level[1], `${field}[${i}][1]`);
  }
}
