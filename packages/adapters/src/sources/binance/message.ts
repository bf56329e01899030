/** Which kind of record a line of a capture is, and whose. */
import type { SourceEvent } from '../../market-source.ts';
import { mapAggTrade, mapBookTicker, mapDepthSnapshot, mapDepthUpdate, mapTrade } from './map.ts';
import { RecordError } from '../../internal/record-error.ts';
import {
  anObject,
  aText,
  isObject,
  parseAggTrade,
  parseBookTicker,
  parseDepthSnapshot,
  parseDepthUpdate,
  parseTrade,
} from './schema.ts';

/** By which rule depth updates follow each other; the names are those of the book of `@tapekit/orderflow`. */
export type BinanceBookRule = 'binanceSpot' | 'binanceFutures';

/** A record by kind. */
export interface BinanceMessage {
  /** The venue's name of the kind, for example `trade`, `kline`; `depthSnapshot` for the REST answer. */
  readonly kind: string;
  /** The symbol that the record names, where it names one. */
  readonly symbol?: string | undefined;
  /** Reads and maps the record. Absent for kinds that are not modelled. @throws `RecordError` */
  readonly read?: (receiveMs: number) => SourceEvent;
  /** The book rule that the record's shape speaks for. */
  readonly bookRule?: BinanceBookRule | undefined;
}

/** Which of the two trade streams is the tape; the other one would count every trade twice. */
export type TradeStream = 'trade' | 'aggTrade';

/**
 * Tells kind and symbol without reading the rest.
 * @throws `RecordError` when the record has no shape that Binance documents.
 */
export function recogniseMessage(json: unknown, requested: string, tradeStream: TradeStream): BinanceMessage {
  const record = anObject(json, 'the record');
  if (record['stream'] !== undefined) {
    const stream = aText(record['stream'], 'stream');
    const { data } = record;
    if (Array.isArray(data)) return { kind: channelOf(stream) };
    return streamMessage(stream, anObject(data, 'data'), tradeStream);
  }
  if (record['lastUpdateId'] !== undefined) return snapshotMessage(record, requested);
  if (record['result'] !== undefined || record['error'] !== undefined) return { kind: 'response' };
  throw new RecordError('stream', undefined, 'a combined-stream envelope {"stream","data"} or a REST depth snapshot');
}

type Json = Readonly<Record<string, unknown>>;

function streamMessage(stream: string, data: Json, tradeStream: TradeStream): BinanceMessage {
  const channel = channelOf(stream);
  const kind = data['e'] === undefined ? channel : aText(data['e'], 'data.e');
  const symbol = symbolOf(stream, data);
  switch (kind) {
    case 'trade':
      if (tradeStream !== 'trade') break;
      return { kind, symbol, read: () => mapTrade(parseTrade(data)) };
    case 'aggTrade':
      if (tradeStream !== 'aggTrade') break;
      return { kind, symbol, read: () => mapAggTrade(parseAggTrade(data)) };
    case 'bookTicker':
      return { kind, symbol, read: (receiveMs) => mapBookTicker(parseBookTicker(data), receiveMs) };
    case 'depthUpdate':
      // `@depth5`, `@depth10` and `@depth20` repeat the top of the book; on futures they call it an update, too.
      if (/^depth\d/.test(channel)) return { kind: 'partialDepth', symbol };
      return { kind, symbol, bookRule: bookRuleOf(data, 'pu'), read: () => mapDepthUpdate(parseDepthUpdate(data)) };
  }
  if (data['e'] === undefined && data['lastUpdateId'] !== undefined) return { kind: 'partialDepth', symbol };
  return { kind: kind.slice(0, 64), symbol };
}

function snapshotMessage(record: Json, requested: string): BinanceMessage {
  const { symbol } = record;
  return {
    kind: 'depthSnapshot',
    symbol: symbol === undefined ? undefined : aText(symbol, 'symbol'),
    bookRule: bookRuleOf(record, 'E'),
    read: (receiveMs) => mapDepthSnapshot(parseDepthSnapshot(record), requested, receiveMs),
  };
}

/** `ethusdt@depth@100ms` → `depth`. */
function channelOf(stream: string): string {
  const at = stream.indexOf('@');
  if (at < 0) return stream.slice(0, 64);
  const next = stream.indexOf('@', at + 1);
  return stream.slice(at + 1, next < 0 ? undefined : next).slice(0, 64);
}

/** Where the payload names no symbol, its stream does: `ethusdt@depth20`. Streams of all symbols start with `!`. */
function symbolOf(stream: string, data: Json): string | undefined {
  if (data['s'] !== undefined) return aText(data['s'], 'data.s');
  const order = data['o'];
  if (isObject(order) && typeof order['s'] === 'string') return order['s'];
  const at = stream.indexOf('@');
  return at > 0 && !stream.startsWith('!') ? stream.slice(0, at).toUpperCase() : undefined;
}

/** Depth updates of futures have `pu`, their snapshots have `E`; those of spot have neither. */
function bookRuleOf(record: Json, mark: 'pu' | 'E'): BinanceBookRule {
  return record[mark] === undefined ? 'binanceSpot' : 'binanceFutures';
}
