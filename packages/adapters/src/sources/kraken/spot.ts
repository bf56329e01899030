/** Kraken spot, WebSocket v2. Source: Kraken, "Spot WebSockets v2: book, trade, ticker, ohlc". */
import { createBarCloser, readBar } from '../../internal/venue/bars.ts';
import { symbolFilter } from '../../internal/venue/feed-options.ts';
import {
  aChecksum,
  aDecimal,
  aList,
  anId,
  anObject,
  aPositiveDecimal,
  aSide,
  aText,
  isoMs,
  namedLevels,
  RecordError,
  said,
} from '../../internal/venue/fields.ts';
import type { Json } from '../../internal/venue/fields.ts';
import { eachRecord, heartbeat, jsonDecoder } from '../../internal/venue/json-frames.ts';
import { quoteSides } from '../../internal/venue/quotes.ts';
import { createTradeIds } from '../../internal/venue/trade-ids.ts';
import type { FrameDecoder, FrameSink } from '../../venue-feed.ts';
import { createBookDelivery } from './books.ts';

/** Lengths of a bar in minutes. */
export const krakenIntervals: readonly number[] = [1, 5, 15, 30, 60, 240, 1440, 10080, 21600];

interface Frame {
  readonly type: 'snapshot' | 'update';
  readonly receiveMs: number;
  readonly sink: FrameSink;
}
type ReadData = (symbol: string, data: Json, frame: Frame) => void;

export function krakenSpotDecoder(symbols: readonly string[], depth: number): FrameDecoder {
  const isAsked = symbolFilter(symbols);
  const readers = new Map<string, ReadData>([
    ['book', bookReader(depth)],
    ['trade', tradeReader()],
    ['ticker', readQuote],
    ['ohlc', barReader()],
  ]);
  return jsonDecoder((json, receiveMs, sink) => {
    const message = anObject(json, 'the message');
    if (message['method'] !== undefined) {
      readAnswer(message, sink);
      return;
    }
    const channel = aText(message['channel'], 'channel');
    if (channel === 'heartbeat') {
      sink.control(heartbeat);
      return;
    }
    const read = readers.get(channel);
    if (!read) {
      sink.unmodelled(channel);
      return;
    }
    const { type } = message;
    if (type !== 'snapshot' && type !== 'update') throw new RecordError('type', type, '"snapshot" or "update"');
    const frame = { type, receiveMs, sink } as const;
    eachRecord(aList(message['data'], 'data'), sink, (item) => {
      const data = anObject(item, 'data[]');
      const symbol = aText(data['symbol'], 'symbol');
      if (isAsked(symbol, sink)) read(symbol, data, frame);
    });
  });
}

function bookReader(depth: number): ReadData {
  const deliver = createBookDelivery();
  return (symbol, data, { type, receiveMs, sink }) =>
    deliver(symbol, type === 'snapshot', depth, sink, () => ({
      bids: namedLevels(data['bids'], 'bids', 'price', 'qty'),
      asks: namedLevels(data['asks'], 'asks', 'price', 'qty'),
      timeMs: timeOf(data, receiveMs),
      checksum: aChecksum(data['checksum'], 'checksum'),
    }));
}

function tradeReader(): ReadData {
  const ids = createTradeIds();
  return (symbol, data, { type, sink }) => {
    const id = anId(data['trade_id'], 'trade_id');
    const timeMs = isoMs(data['timestamp'], 'timestamp');
    const price = aPositiveDecimal(data['price'], 'price');
    const size = aPositiveDecimal(data['qty'], 'qty');
    const side = aSide(data['side'], 'side', 'buy', 'sell');
    ids.push(symbol, id, id, sink);
    // The last 50 trades before the subscription are no live volume.
    if (type === 'snapshot') sink.unmodelled('trade before subscription');
    else sink.event({ type: 'trade', symbol, timeMs, price, size, side, id });
  };
}

function readQuote(symbol: string, data: Json, { receiveMs, sink }: Frame): void {
  const sides = quoteSides(
    [aDecimal(data['bid'], 'bid'), aDecimal(data['bid_qty'], 'bid_qty')],
    [aDecimal(data['ask'], 'ask'), aDecimal(data['ask_qty'], 'ask_qty')],
  );
  sink.event({ type: 'quote', symbol, timeMs: timeOf(data, receiveMs), ...sides });
}

function barReader(): ReadData {
  const closer = createBarCloser();
  return (symbol, data, { sink }) => {
    const minutes = anId(data['interval'], 'interval');
    if (!krakenIntervals.includes(minutes)) {
      throw new RecordError('interval', minutes, `minutes, one of ${krakenIntervals.join(', ')}`);
    }
    const startMs = isoMs(data['interval_begin'], 'interval_begin');
    const { open, high, low, close, volume } = data;
    const head = { symbol, startMs, intervalMs: minutes * 60_000, final: false };
    closer.push(readBar(head, { open, high, low, close, volume }), sink);
  };
}

/** Records had no time before the venue added it. */
function timeOf(data: Json, receiveMs: number): number {
  return data['timestamp'] === undefined ? receiveMs : isoMs(data['timestamp'], 'timestamp');
}

/** The answer to a subscription: `{"method":"subscribe","success":true,"result":{"channel":"book",…}}`. */
function readAnswer(message: Json, sink: FrameSink): void {
  const { method, success, error } = message;
  if (method === 'pong') {
    sink.control(heartbeat);
  } else if (success === true) {
    const result = anObject(message['result'] ?? {}, 'result');
    const channel = result['channel'] === undefined ? String(method) : aText(result['channel'], 'result.channel');
    sink.control({ kind: 'subscribed', channel: channel.slice(0, 64) });
  } else {
    const detail = said(error);
    sink.reject('venue-error', `${String(method).slice(0, 64)}: ${detail}`);
    sink.control({ kind: 'refused', detail, fatal: isFatal(detail) });
  }
}

/** A pair that does not exist stays missing; a limit or a maintenance passes. */
export function isFatal(detail: string): boolean {
  return /not supported|invalid|unknown|malformed|not found/i.test(detail);
}
