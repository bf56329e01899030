/**
 * dxFeed's TimeAndSale and Quote events to neutral ones. Doubles may come as the texts "NaN" and "Infinity": unknown.
 *
 * Source: dxFeed, "Event fields" (TimeAndSale, Quote), "Indexed events" (event flags).
 */
import type { Trade } from '@tapekit/orderflow/market';
import { aDecimal, aSignedDecimal, aText, epochMs, isZero, RecordError } from '../../internal/venue/fields.ts';
import type { Json } from '../../internal/venue/fields.ts';
import { quoteSides } from '../../internal/venue/quotes.ts';
import type { SourceEvent } from '../../market-source.ts';

/** A print that the venue changed or took back after it had been sent. */
export interface TradeAmendment {
  /** `correction`: the print is now `trade`; `cancel`: it never was. */
  readonly kind: 'correction' | 'cancel';
  readonly symbol: string;
  /** Id of the print. */
  readonly id: string;
  /** The print as it is now; absent for a cancel. */
  readonly trade?: Trade;
}

/** A TimeAndSale: a print, or a word about an earlier one. */
export type TimeAndSale = { readonly event: SourceEvent & { type: 'trade' } } | { readonly amendment: TradeAmendment };

/** Bit of `eventFlags`: the event with this index is no more. */
const removeEvent = 2;

const unknownNumbers: readonly unknown[] = ['NaN', 'Infinity', '-Infinity', null, undefined];
const sides: Readonly<Record<string, 'buy' | 'sell' | 'unknown'>> = { BUY: 'buy', SELL: 'sell', UNDEFINED: 'unknown' };
const types: readonly unknown[] = ['NEW', 'CORRECTION', 'CANCEL', undefined, null];

/** @throws `RecordError` naming the first field that is not as documented. */
export function readTimeAndSale(row: Json): TimeAndSale {
  const symbol = aText(row['eventSymbol'], 'eventSymbol');
  const id = anIndex(row['index']);
  const flags = row['eventFlags'] ?? 0;
  if (!Number.isSafeInteger(flags)) throw new RecordError('eventFlags', flags, 'a whole number');
  const type = row['type'];
  if (!types.includes(type)) throw new RecordError('type', type, 'NEW, CORRECTION or CANCEL');
  if (type === 'CANCEL' || ((flags as number) & removeEvent) !== 0) {
    if (id === undefined) throw new RecordError('index', row['index'], 'the number of the print that is cancelled');
    return { amendment: { kind: 'cancel', symbol, id } };
  }
  const side = row['aggressorSide'] ?? 'UNDEFINED';
  if (typeof side !== 'string' || !Object.hasOwn(sides, side))
    throw new RecordError('aggressorSide', side, 'BUY, SELL or UNDEFINED');
  const size = aDecimal(row['size'], 'size');
  const trade: Trade & { price: string; size: string } = {
    symbol,
    timeMs: epochMs(row['time'], 'time'),
    price: aSignedDecimal(row['price'], 'price'),
    size,
    side: sides[side]!,
    ...(id === undefined ? undefined : { id }),
  };
  if (type === 'CORRECTION') {
    if (id === undefined) throw new RecordError('index', row['index'], 'the number of the print that is corrected');
    return { amendment: { kind: 'correction', symbol, id, trade } };
  }
  // Legs of spreads and prints that the venue calls invalid are on the tape, and no part of the market's flow.
  const nonMarket =
    isTrue(row['spreadLeg'], 'spreadLeg') || !isTrue(row['validTick'] ?? true, 'validTick') || isZero(size);
  return { event: { type: 'trade', ...trade, ...(nonMarket ? { nonMarket } : undefined) } };
}

/** @throws `RecordError` naming the first field that is not as documented. */
export function mapQuote(row: Json, receiveMs: number): SourceEvent {
  const side = (name: 'bid' | 'ask'): readonly [string, string | undefined] | undefined => {
    const [price, size] = [row[`${name}Price`], row[`${name}Size`]];
    if (unknownNumbers.includes(price)) return undefined;
    const known = unknownNumbers.includes(size) ? undefined : aDecimal(size, `${name}Size`);
    return [aSignedDecimal(price, `${name}Price`), known];
  };
  // The times of the sides are those of their last change; where neither is known they are 0.
  const times = (['bidTime', 'askTime', 'eventTime'] as const).flatMap((name) => {
    const time = row[name] ?? 0;
    return time === 0 || unknownNumbers.includes(time) ? [] : [epochMs(time, name)];
  });
  const timeMs = times.length > 0 ? Math.max(...times) : receiveMs;
  const symbol = aText(row['eventSymbol'], 'eventSymbol');
  return { type: 'quote', symbol, timeMs, ...quoteSides(side('bid'), side('ask')) };
}

/** Indices hold the time in their upper bits: most leave 2^53, and come as the text of their digits. */
function anIndex(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text === 'string' && /^\d{1,20}$/.test(text)) return text;
  throw new RecordError('index', value, 'a whole number of 64 bits');
}

function isTrue(value: unknown, name: string): boolean {
  if (value === undefined || value === null || value === false) return false;
  if (value === true) return true;
  throw new RecordError(name, value, 'true or false');
}
