/** Bybit v5 public streams. Source: Bybit v5, "Websocket Stream: Orderbook, Trade, Kline". */
import type { SourceBar } from '../../market-source.ts';
import { readBar } from '../../internal/venue/bars.ts';
import { createBookGate } from '../../internal/venue/book-gate.ts';
import type { BookGate } from '../../internal/venue/book-gate.ts';
import { symbolFilter } from '../../internal/venue/feed-options.ts';
import {
  aList,
  anObject,
  aPositiveDecimal,
  aSide,
  aText,
  epochMs,
  pairLevels,
  RecordError,
  said,
  withSize,
} from '../../internal/venue/fields.ts';
import type { Json } from '../../internal/venue/fields.ts';
import { eachRecord, heartbeat, jsonDecoder } from '../../internal/venue/json-frames.ts';
import { dayMs, minuteMs } from '../../internal/venue/rest.ts';
import type { SourceTrade } from '../../venue-client.ts';
import type { FrameDecoder, FrameSink } from '../../venue-feed.ts';
import { bookMessage } from './book-message.ts';
import { createTopOfBook } from './top-of-book.ts';

/** Lengths of a bar by the venue's name. */
export const bybitIntervals: ReadonlyMap<string, number> = new Map([
  ...[1, 3, 5, 15, 30, 60, 120, 240, 360, 720].map((minutes) => [String(minutes), minutes * minuteMs] as const),
  ['D', dayMs],
  ['W', 7 * dayMs],
]);

/** What the topics of one feed mean. */
export interface BybitTopics {
  readonly symbols: readonly string[];
  /** Depth of the topic that is the book. */
  readonly depth: number;
  /** True when `orderbook.1` is wanted as quotes. */
  readonly quotes: boolean;
}

export function bybitDecoder({ symbols, depth, quotes }: BybitTopics): FrameDecoder {
  const isAsked = symbolFilter(symbols);
  // The best level alone comes with ids that jump.
  const gate = createBookGate(depth === 1 ? 'none' : 'next-id');
  const top = createTopOfBook();
  return jsonDecoder((json, _receiveMs, sink) => {
    const message = anObject(json, 'the message');
    if (message['topic'] === undefined) {
      readAnswer(message, sink);
      return;
    }
    const topic = aText(message['topic'], 'topic');
    const [name, ...rest] = topic.split('.');
    if (name !== 'orderbook' && name !== 'publicTrade' && name !== 'kline') {
      sink.unmodelled(String(name));
      return;
    }
    const symbol = rest.at(-1) ?? '';
    if (!isAsked(symbol, sink)) return;
    if (name === 'publicTrade') {
      eachRecord(aList(message['data'], 'data'), sink, (row) => readTrade(anObject(row, 'data[]'), symbol, sink));
    } else if (name === 'kline') {
      eachRecord(aList(message['data'], 'data'), sink, (row) => sink.event(readKline(anObject(row, 'data[]'), symbol)));
    } else {
      const levels = Number(rest[0]);
      if (levels === 1 && quotes) top.read(symbol, message, sink);
      if (levels === depth) readBook(gate, symbol, message, sink);
      else if (levels !== 1 || !quotes) sink.unmodelled('orderbook of another depth');
    }
  });
}

function readBook(gate: BookGate, symbol: string, message: Json, sink: FrameSink): void {
  gate.guard(symbol, message['type'] === 'snapshot' ? 'snapshot' : 'delta', sink, () => {
    const { whole, timeMs, id, data } = bookMessage(message);
    if (data['s'] !== symbol) throw new RecordError('data.s', data['s'], `"${symbol}", as in the topic`);
    const bids = pairLevels(data['b'], 'data.b');
    const asks = pairLevels(data['a'], 'data.a');
    if (whole) {
      gate.snapshot(symbol, id);
      const levels = { bids: withSize(bids), asks: withSize(asks) };
      sink.event({ type: 'book-snapshot', symbol, timeMs, lastUpdateId: id, ...levels });
    } else if (gate.delta(symbol, { first: id, last: id }, sink)) {
      sink.event({ type: 'book-delta', symbol, timeMs, firstUpdateId: id, lastUpdateId: id, bids, asks });
    }
  });
}

function readTrade(row: Json, symbol: string, sink: FrameSink): void {
  const { T, s, S, v, p, i, BT } = row;
  if (s !== symbol) throw new RecordError('s', s, `"${symbol}", as in the topic`);
  sink.event(bybitTrade({ symbol, time: epochMs(T, 'T'), side: S, size: v, price: p, id: i, block: BT }));
}

interface TradeFields {
  readonly symbol: string;
  readonly time: number;
  readonly side: unknown;
  readonly size: unknown;
  readonly price: unknown;
  readonly id: unknown;
  readonly block: unknown;
}

/** Block trades were agreed on elsewhere: they belong to the tape, but took nothing from the book. */
export function bybitTrade({ symbol, time, side, size, price, id, block }: TradeFields): SourceTrade {
  return {
    type: 'trade',
    symbol,
    timeMs: time,
    price: aPositiveDecimal(price, 'price'),
    size: aPositiveDecimal(size, 'size'),
    side: aSide(side, 'side', 'Buy', 'Sell'),
    id: aText(id, 'id'),
    ...(block === true ? { nonMarket: true } : undefined),
  };
}

function readKline(row: Json, symbol: string): SourceBar {
  const intervalMs = bybitIntervals.get(String(row['interval']));
  if (intervalMs === undefined) {
    throw new RecordError('interval', row['interval'], `one of ${[...bybitIntervals.keys()].join(', ')}`);
  }
  const { start, confirm, open, high, low, close, volume } = row;
  if (typeof confirm !== 'boolean') throw new RecordError('confirm', confirm, 'true or false');
  const head = { symbol, startMs: epochMs(start, 'start'), intervalMs, final: confirm };
  return readBar(head, { open, high, low, close, volume });
}

/** `{"success":true,"ret_msg":"","op":"subscribe"}`, `{"success":true,"ret_msg":"pong","op":"ping"}`, `{"op":"pong"}` */
export function readAnswer(message: Json, sink: FrameSink): void {
  const { op, success, ret_msg: words, req_id: id } = message;
  if (op === 'pong' || words === 'pong') {
    sink.control(heartbeat);
  } else if (success === true) {
    sink.control({
      kind: 'subscribed',
      channel: (typeof id === 'string' && id !== '' ? id : 'subscribe').slice(0, 64),
    });
  } else if (success === false) {
    const detail = said(words);
    sink.reject('venue-error', detail);
    sink.control({ kind: 'refused', detail, fatal: /invalid|not exist|handler not found/i.test(detail) });
  } else {
    throw new RecordError('topic', undefined, 'a topic, or the answer to a request');
  }
}
