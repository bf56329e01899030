/** Deribit notifications. Source: Deribit API v2, "Subscriptions: book, trades, quote, chart.trades". */
import type { BookLevel } from '@tapekit/orderflow/market';
import { createBarCloser, readBar } from '../../internal/venue/bars.ts';
import { createBookGate } from '../../internal/venue/book-gate.ts';
import { symbolFilter } from '../../internal/venue/feed-options.ts';
import {
  aDecimal,
  aList,
  anId,
  anObject,
  aPositiveDecimal,
  aSide,
  aSignedDecimal,
  aText,
  epochMs,
  RecordError,
  said,
} from '../../internal/venue/fields.ts';
import type { Json } from '../../internal/venue/fields.ts';
import { eachRecord, heartbeat, jsonDecoder } from '../../internal/venue/json-frames.ts';
import { quoteSides } from '../../internal/venue/quotes.ts';
import type { QuoteSide } from '../../internal/venue/quotes.ts';
import { dayMs, minuteMs } from '../../internal/venue/rest.ts';
import { createTradeIds } from '../../internal/venue/trade-ids.ts';
import type { SourceTrade } from '../../venue-client.ts';
import type { FrameDecoder, FrameSink } from '../../venue-feed.ts';

/** Lengths of a bar by the venue's name. */
export const deribitIntervals: ReadonlyMap<string, number> = new Map([
  ...[1, 3, 5, 10, 15, 30, 60, 120, 180, 360, 720].map((minutes) => [String(minutes), minutes * minuteMs] as const),
  ['1D', dayMs],
]);

type ReadData = (symbol: string, data: unknown, channel: readonly string[], sink: FrameSink) => void;

/** What keeps the connection: the venue asks, and closes when nobody answers. */
const testAnswer = '{"jsonrpc":"2.0","id":0,"method":"public/test","params":{}}';

export function deribitDecoder(symbols: readonly string[]): FrameDecoder {
  const isAsked = symbolFilter(symbols);
  const readers = new Map<string, ReadData>([
    ['book', bookReader()],
    ['trades', tradeReader()],
    ['quote', readQuote],
    ['chart', barReader()],
  ]);
  return jsonDecoder((json, _receiveMs, sink) => {
    const message = anObject(json, 'the message');
    const { method } = message;
    if (method === 'heartbeat') {
      const { type } = anObject(message['params'], 'params');
      sink.control(type === 'test_request' ? { kind: 'reply', frame: testAnswer } : heartbeat);
    } else if (method === 'subscription') {
      const params = anObject(message['params'], 'params');
      const channel = aText(params['channel'], 'params.channel');
      const parts = channel.split('.');
      const read = readers.get(parts[0]!);
      if (!read) {
        sink.unmodelled(parts[0]!);
        return;
      }
      const symbol = parts[0] === 'chart' ? parts[2] : parts[1];
      if (isAsked(symbol ?? '', sink)) read(symbol!, params['data'], parts, sink);
    } else {
      readAnswer(message, sink);
    }
  });
}

/** `book.{instrument}.{interval}` chains by id; `book.{instrument}.{group}.{depth}.{interval}` is whole every time. */
function bookReader(): ReadData {
  const gate = createBookGate('previous-id');
  return (symbol, json, channel, sink) => {
    const whole = channel.length > 3 || (json as Json | null)?.['type'] === 'snapshot';
    gate.guard(symbol, whole ? 'snapshot' : 'delta', sink, () => {
      const data = namedAs(symbol, json);
      const timeMs = epochMs(data['timestamp'], 'timestamp');
      const id = anId(data['change_id'], 'change_id');
      const bids = levelsOf(data['bids'], 'bids');
      const asks = levelsOf(data['asks'], 'asks');
      const event = { symbol, timeMs, lastUpdateId: id, bids, asks };
      if (whole) {
        gate.snapshot(symbol, id);
        sink.event({ ...event, type: 'book-snapshot' });
        return;
      }
      if (data['type'] !== 'change') throw new RecordError('type', data['type'], '"snapshot" or "change"');
      const previous = anId(data['prev_change_id'], 'prev_change_id');
      if (!gate.delta(symbol, { first: id, last: id, previous }, sink)) return;
      sink.event({ ...event, type: 'book-delta', firstUpdateId: id, previousUpdateId: previous });
    });
  };
}

/** `["new"|"change"|"delete", price, amount]`, and `[price, amount]` of grouped books. */
function levelsOf(value: unknown, field: string): readonly BookLevel[] {
  return aList(value, field).map((item, i): BookLevel => {
    if (!Array.isArray(item)) throw new RecordError(`${field}[${i}]`, item, '[action, price, amount]');
    const level = item as readonly unknown[];
    const [action, price, amount] = level.length === 2 ? (['new', ...level] as const) : level;
    if (action !== 'new' && action !== 'change' && action !== 'delete') {
      throw new RecordError(`${field}[${i}][0]`, action, '"new", "change" or "delete"');
    }
    const size = aDecimal(amount, field);
    return [aSignedDecimal(price, field), action === 'delete' ? '0' : size];
  });
}

function tradeReader(): ReadData {
  const ids = createTradeIds();
  return (symbol, data, _channel, sink) => {
    eachRecord(aList(data, 'data'), sink, (item) => {
      const row = anObject(item, 'data[]');
      const trade = deribitTrade(row);
      // `trades.{kind}.{currency}` names no instrument; here every row is of the one that was asked for.
      if (trade.symbol !== symbol) throw new RecordError('instrument_name', trade.symbol, `"${symbol}"`);
      const sequence = anId(row['trade_seq'], 'trade_seq');
      ids.push(symbol, sequence, sequence, sink);
      sink.event(trade);
    });
  };
}

/**
 * A print of the stream or of an answer. Amounts of inverse contracts are US dollars. Combinations trade below zero, too.
 * Block trades were agreed on elsewhere and took nothing from the book.
 */
export function deribitTrade(row: Json): SourceTrade {
  const isBlock = typeof row['block_trade_id'] === 'string';
  return {
    type: 'trade',
    symbol: aText(row['instrument_name'], 'instrument_name'),
    timeMs: epochMs(row['timestamp'], 'timestamp'),
    price: aSignedDecimal(row['price'], 'price'),
    size: aPositiveDecimal(row['amount'], 'amount'),
    side: aSide(row['direction'], 'direction', 'buy', 'sell'),
    id: aText(row['trade_id'], 'trade_id'),
    ...(isBlock ? { nonMarket: true } : undefined),
  };
}

function readQuote(symbol: string, json: unknown, _channel: readonly string[], sink: FrameSink): void {
  const data = namedAs(symbol, json);
  const side = (price: string, amount: string): QuoteSide =>
    data[price] == null ? undefined : [aSignedDecimal(data[price], price), aDecimal(data[amount], amount)];
  const sides = quoteSides(side('best_bid_price', 'best_bid_amount'), side('best_ask_price', 'best_ask_amount'));
  sink.event({ type: 'quote', symbol, timeMs: epochMs(data['timestamp'], 'timestamp'), ...sides });
}

/** `chart.trades.{instrument}.{resolution}` */
function barReader(): ReadData {
  const closer = createBarCloser();
  return (symbol, json, channel, sink) => {
    const intervalMs = deribitIntervals.get(channel[3] ?? '');
    if (intervalMs === undefined) throw new RecordError('channel', channel[3], [...deribitIntervals.keys()].join(', '));
    const { tick, open, high, low, close, volume } = anObject(json, 'data');
    const head = { symbol, startMs: epochMs(tick, 'tick'), intervalMs, final: false };
    closer.push(readBar(head, { open, high, low, close, volume }), sink);
  };
}

function namedAs(symbol: string, json: unknown): Json {
  const data = anObject(json, 'data');
  const name = data['instrument_name'];
  if (name !== symbol) throw new RecordError('instrument_name', name, `"${symbol}", as in the channel`);
  return data;
}

/** Codes of requests that may work later: too many of them, or a venue that restarts. */
const passing: readonly unknown[] = [10028, 10040, 10041, 10047, 13028];

/** `{"id":1,"result":["trades.BTC-PERPETUAL.100ms"]}`, `{"id":1,"error":{"code","message"}}` */
function readAnswer(message: Json, sink: FrameSink): void {
  const { error, result } = message;
  if (error !== undefined) {
    const { code, message: words } = anObject(error, 'error');
    const detail = said(code, words);
    sink.reject('venue-error', detail);
    sink.control({ kind: 'refused', detail, fatal: !passing.includes(code) });
  } else if (Array.isArray(result)) {
    for (const channel of result) sink.control({ kind: 'subscribed', channel: String(channel).slice(0, 64) });
  } else if (result !== undefined) {
    sink.control(heartbeat);
  } else {
    throw new RecordError('method', message['method'], '"subscription", "heartbeat", or the answer to a request');
  }
}
