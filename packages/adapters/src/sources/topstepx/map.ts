/** The hub's trades and quotes, in either spelling of their keys, to neutral events. */
import type { SourceEvent } from '../../market-source.ts';
import { aDecimal, anObject, aSignedDecimal, isoMs, isZero, RecordError } from '../../internal/venue/fields.ts';
import type { Json } from '../../internal/venue/fields.ts';

/** A field by its camelCase name; the hubs also send PascalCase. `null` is absent. */
export function field(record: Json, name: string): unknown {
  const value = record[name] ?? record[name[0]!.toUpperCase() + name.slice(1)];
  return value ?? undefined;
}

/** The symbol that a message names, in its first argument or in the record. */
export function symbolOf(argument: unknown, record: Json): string | undefined {
  for (const name of [argument, field(record, 'symbol'), field(record, 'symbolId'), field(record, 'symbolName')]) {
    if (typeof name === 'string' && name !== '') return name.slice(0, 100);
  }
  return undefined;
}

/** The last prices of both sides; the hub sends what changed only. */
export interface HubQuote {
  readonly bid: string | undefined;
  readonly ask: string | undefined;
  /** When the last change came, epoch milliseconds by the local clock. */
  readonly receiveMs: number;
}

/** @throws `RecordError` for prices that are none; `undefined` when the record has no price of a side. */
export function readQuote(raw: unknown, last: HubQuote | undefined, receiveMs: number): HubQuote | undefined {
  const record = anObject(raw, 'quote');
  const [bid, ask] = [price(record, 'bestBid'), price(record, 'bestAsk')];
  if (bid === undefined && ask === undefined) return undefined;
  return { bid: bid ?? last?.bid, ask: ask ?? last?.ask, receiveMs };
}

export function mapQuote(raw: Json, symbol: string, { bid, ask, receiveMs }: HubQuote): SourceEvent {
  const sizes = { bid: size(raw, 'bestBidSize'), ask: size(raw, 'bestAskSize') };
  return {
    type: 'quote',
    symbol,
    timeMs: venueMs(raw, ['timestamp', 'lastUpdated']) ?? receiveMs,
    ...(bid === undefined || isZero(bid) ? undefined : { bidPrice: bid }),
    ...(bid === undefined || isZero(bid) || sizes.bid === undefined ? undefined : { bidSize: sizes.bid }),
    ...(ask === undefined || isZero(ask) ? undefined : { askPrice: ask }),
    ...(ask === undefined || isZero(ask) || sizes.ask === undefined ? undefined : { askSize: sizes.ask }),
  };
}

/**
 * A print with the side that the venue gives: `type` 0 bought, 1 sold.
 * @throws `RecordError`
 */
export function mapTrade(raw: Json, symbol: string): SourceEvent & { type: 'trade' } {
  const type = field(raw, 'type');
  if (type !== 0 && type !== 1 && type !== undefined) throw new RecordError('type', type, '0 (buy) or 1 (sell)');
  const timeMs = venueMs(raw, ['timestamp']);
  if (timeMs === undefined) throw new RecordError('timestamp', undefined, 'the time of the trade');
  const volume = aDecimal(field(raw, 'volume'), 'volume');
  return {
    type: 'trade',
    symbol,
    timeMs,
    price: aSignedDecimal(field(raw, 'price'), 'price'),
    size: volume,
    side: type === 0 ? 'buy' : type === 1 ? 'sell' : 'unknown',
    ...(isZero(volume) ? { nonMarket: true as const } : undefined),
  };
}

function price(record: Json, name: string): string | undefined {
  const value = field(record, name);
  return value === undefined ? undefined : aSignedDecimal(value, name);
}

function size(record: Json, name: string): string | undefined {
  const value = field(record, name);
  return value === undefined ? undefined : aDecimal(value, name);
}

function venueMs(record: Json, names: readonly string[]): number | undefined {
  for (const name of names) {
    const value = field(record, name);
    if (value !== undefined) return isoMs(value, name);
  }
  return undefined;
}
