/** Binance's streams, combined or raw, and the books that the feed fetches beside them. */
import { readBar } from '../../internal/venue/bars.ts';
import { symbolFilter } from '../../internal/venue/feed-options.ts';
import { anId, anObject, aText, RecordError } from '../../internal/venue/fields.ts';
import type { Json } from '../../internal/venue/fields.ts';
import { heartbeat, jsonDecoder } from '../../internal/venue/json-frames.ts';
import { createTradeIds } from '../../internal/venue/trade-ids.ts';
import type { SourceBar } from '../../market-source.ts';
import type { FrameDecoder, FrameSink } from '../../venue-feed.ts';
import { createDepthSync } from './depth-sync.ts';
import type { BinanceMarket } from './markets.ts';
import { recogniseMessage, type TradeStream } from './message.ts';

/** What one feed asked for. */
export interface BinanceTopics {
  readonly market: BinanceMarket;
  readonly symbols: readonly string[];
  readonly tradeStream: TradeStream;
}

/** Id of the request that keeps the connection alive. */
export const pingId = 0;

export function binanceDecoder({ market, symbols, tradeStream }: BinanceTopics): FrameDecoder {
  const isAsked = symbolFilter(symbols);
  const rule = market === 'spot' ? 'binanceSpot' : 'binanceFutures';
  const depth = createDepthSync(rule);
  const tradeIds = createTradeIds();
  // A recorded book of spot names no symbol; where one alone was asked for it is of that.
  const [only, ...others] = symbols;
  const unnamed = others.length === 0 && only !== undefined ? only : '';

  return jsonDecoder((json, receiveMs, sink) => {
    const message = unwrap(anObject(json, 'the message'));
    if (message['result'] !== undefined || message['error'] !== undefined) {
      readAnswer(message, sink);
      return;
    }
    if (message['snapshot'] !== undefined) {
      const symbol = aText(message['snapshot'], 'snapshot');
      readMessage(anObject(message['data'], 'data'), symbol, receiveMs, sink);
      return;
    }
    const kind = kindOf(message);
    if (kind === 'kline') readKline(message, sink);
    else if (kind === 'serverShutdown') {
      sink.control({ kind: 'expires', atMs: undefined, detail: 'Binance shuts this server down' });
    } else readMessage(message, unnamed, receiveMs, sink);
  });

  function readMessage(message: Json, bookOf: string, receiveMs: number, sink: FrameSink): void {
    const recognised = recogniseMessage(message, bookOf, tradeStream);
    if (recognised.symbol !== undefined && !isAsked(recognised.symbol, sink)) return;
    if (recognised.bookRule !== undefined && recognised.kind === 'depthUpdate' && recognised.bookRule !== rule) {
      throw new RecordError('data.pu', undefined, `depth updates of ${market}`);
    }
    const event = recognised.read?.(receiveMs);
    if (!event) {
      sink.unmodelled(recognised.kind);
      return;
    }
    switch (event.type) {
      case 'trade':
        tradeIds.push(event.symbol, event.id as number, event.id as number, sink);
        sink.event(event);
        return;
      case 'book-delta':
        depth.delta(event, sink);
        return;
      case 'book-snapshot':
        // Neither the answer nor the request said whose book this is.
        if (event.symbol === '') throw new RecordError('symbol', undefined, 'the symbol of the book');
        if (isAsked(event.symbol, sink)) depth.snapshot(event, sink);
        return;
      default:
        sink.event(event);
    }
  }

  function readKline(message: Json, sink: FrameSink): void {
    const bar = barOf(anObject(anObject(message['data'], 'data')['k'], 'data.k'));
    if (isAsked(bar.symbol, sink)) sink.event(bar);
  }
}

/** A raw stream (`/ws/…`) sends the payload alone. */
function unwrap(message: Json): Json {
  const { e, s } = message;
  if (message['stream'] !== undefined || typeof e !== 'string') return message;
  return { stream: `${typeof s === 'string' ? s.toLowerCase() : '!'}@${e}`, data: message };
}

function kindOf({ data }: Json): unknown {
  return typeof data === 'object' && data !== null ? (data as Json)['e'] : undefined;
}

function barOf({ s, t, T, o, h, l, c, v, x }: Json): SourceBar {
  if (typeof x !== 'boolean') throw new RecordError('k.x', x, 'true or false');
  const startMs = milliseconds(anId(t, 'k.t'));
  const intervalMs = milliseconds(anId(T, 'k.T')) + 1 - startMs;
  if (startMs <= 0 || intervalMs <= 0) throw new RecordError('k.T', T, `a time after k.t, which is ${startMs}`);
  const head = { symbol: aText(s, 'k.s'), startMs, intervalMs, final: x };
  return readBar(head, { open: o, high: h, low: l, close: c, volume: v });
}

/** Streams opened with `timeUnit=MICROSECOND`, and spot files since 2025, count microseconds. */
export function milliseconds(time: number): number {
  return time > 1e14 ? Math.floor(time / 1000) : time;
}

/** `{"result":null,"id":1}`, `{"error":{"code":2,"msg":"…"},"id":1}` */
function readAnswer({ result, error, id }: Json, sink: FrameSink): void {
  if (error !== undefined) {
    const { code, msg } = anObject(error, 'error');
    const detail = `${String(code)} ${String(msg)}`.slice(0, 200);
    sink.reject('venue-error', detail);
    // 2: invalid request, 3: invalid JSON; a stream that does not exist is accepted and silent.
    sink.control({ kind: 'refused', detail, fatal: code === 2 || code === 3 });
  } else if (id === pingId) sink.control(heartbeat);
  else if (result === null) sink.control({ kind: 'subscribed', channel: `request ${String(id)}`.slice(0, 64) });
  else sink.unmodelled('response');
}
