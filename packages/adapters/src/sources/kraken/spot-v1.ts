/** Kraken spot, WebSocket v1: lists instead of objects. Source: Kraken, "WebSockets API v1". */
import { createBarCloser, readBar } from '../../internal/venue/bars.ts';
import { symbolFilter } from '../../internal/venue/feed-options.ts';
import {
  aChecksum,
  aDecimal,
  aList,
  anIdText,
  anObject,
  aPositiveDecimal,
  aSide,
  aText,
  pairLevels,
  RecordError,
  said,
  secondsMs,
} from '../../internal/venue/fields.ts';
import type { Json } from '../../internal/venue/fields.ts';
import { eachRecord, heartbeat, jsonDecoder } from '../../internal/venue/json-frames.ts';
import { quoteSides } from '../../internal/venue/quotes.ts';
import type { FrameDecoder, FrameSink } from '../../venue-feed.ts';
import { createBookDelivery } from './books.ts';
import { isFatal, krakenIntervals } from './spot.ts';

interface Frame {
  /** `1000` of `book-1000`, `5` of `ohlc-5`. */
  readonly argument: string;
  readonly receiveMs: number;
  readonly sink: FrameSink;
}
type ReadParts = (symbol: string, parts: readonly unknown[], frame: Frame) => void;

export function krakenSpotV1Decoder(pairs: readonly string[]): FrameDecoder {
  const isAsked = symbolFilter(pairs);
  const readers = new Map<string, ReadParts>([
    ['book', bookReader()],
    ['trade', readTrades],
    ['ticker', readTicker],
    ['spread', readSpread],
    ['ohlc', barReader()],
  ]);
  return jsonDecoder((json, receiveMs, sink) => {
    if (!Array.isArray(json)) {
      readEvent(anObject(json, 'the message'), sink);
      return;
    }
    // [channel id, part, part?, "book-1000", "XBT/USD"]
    if (json.length < 4) throw new RecordError('the message', json, '[id, data, channel, pair]');
    const channel = aText(json.at(-2), 'channel');
    const [name, argument = ''] = channel.split('-') as [string, string?];
    const symbol = aText(json.at(-1), 'pair');
    const read = readers.get(name);
    if (!read) sink.unmodelled(channel);
    else if (isAsked(symbol, sink)) read(symbol, json.slice(1, -2), { argument, receiveMs, sink });
  });
}

function bookReader(): ReadParts {
  const deliver = createBookDelivery();
  return (symbol, parts, { argument, receiveMs, sink }) => {
    const whole = parts.some((part) => (part as Json | null)?.['as'] !== undefined);
    const depth = /^\d{1,4}$/.test(argument) ? Number(argument) : 10;
    deliver(symbol, whole, Math.max(depth, 10), sink, () => {
      const both = parts.reduce<Json>((all, part, i) => ({ ...all, ...anObject(part, `part ${i}`) }), {});
      const [bidsKey, asksKey] = whole ? ['bs', 'as'] : ['b', 'a'];
      const [bids, asks] = [both[bidsKey] ?? [], both[asksKey] ?? []];
      const levels = { bids: pairLevels(bids, bidsKey), asks: pairLevels(asks, asksKey) };
      const timeMs = latest([...(bids as unknown[][]), ...(asks as unknown[][])]) ?? receiveMs;
      const checksum = both['c'] === undefined ? undefined : { checksum: aChecksum(anIdText(both['c'], 'c'), 'c') };
      return { ...levels, timeMs, ...checksum };
    });
  };
}

/** Each level carries the time of its last change; the event is as young as the youngest. */
function latest(levels: readonly (readonly unknown[])[]): number | undefined {
  let newest: number | undefined;
  for (const [, , time] of levels) {
    const timeMs = secondsMs(time, 'level[2]');
    if (newest === undefined || timeMs > newest) newest = timeMs;
  }
  return newest;
}

/** `[["price","volume","time","b"|"s","l"|"m","misc"]]`; v1 has no trade id. */
function readTrades(symbol: string, parts: readonly unknown[], { sink }: Frame): void {
  eachRecord(aList(parts[0], 'trades'), sink, (item) => {
    const [price, size, time, side] = aList(item, 'trade');
    sink.event({
      type: 'trade',
      symbol,
      timeMs: secondsMs(time, 'trade[2]'),
      price: aPositiveDecimal(price, 'trade[0]'),
      size: aPositiveDecimal(size, 'trade[1]'),
      side: aSide(side, 'trade[3]', 'b', 's'),
    });
  });
}

/** `{"a":["price",wholeLots,"lots"],"b":[…]}` */
function readTicker(symbol: string, parts: readonly unknown[], { receiveMs, sink }: Frame): void {
  const { a, b } = anObject(parts[0], 'ticker');
  const [askPrice, , askSize] = aList(a, 'a');
  const [bidPrice, , bidSize] = aList(b, 'b');
  const sides = quoteSides(
    [aDecimal(bidPrice, 'b[0]'), aDecimal(bidSize, 'b[2]')],
    [aDecimal(askPrice, 'a[0]'), aDecimal(askSize, 'a[2]')],
  );
  sink.event({ type: 'quote', symbol, timeMs: receiveMs, ...sides });
}

/** `["bid","ask","time","bid volume","ask volume"]` */
function readSpread(symbol: string, parts: readonly unknown[], { sink }: Frame): void {
  const [bid, ask, time, bidSize, askSize] = aList(parts[0], 'spread');
  const sides = quoteSides(
    [aDecimal(bid, 'spread[0]'), aDecimal(bidSize, 'spread[3]')],
    [aDecimal(ask, 'spread[1]'), aDecimal(askSize, 'spread[4]')],
  );
  sink.event({ type: 'quote', symbol, timeMs: secondsMs(time, 'spread[2]'), ...sides });
}

/** `["time","end","open","high","low","close","vwap","volume",count]`; the end is that of the interval. */
function barReader(): ReadParts {
  const closer = createBarCloser();
  return (symbol, parts, { argument, sink }) => {
    const minutes = Number(argument);
    if (!krakenIntervals.includes(minutes))
      throw new RecordError('channel', `ohlc-${argument}`, 'an interval of Kraken');
    const [, end, open, high, low, close, , volume] = aList(parts[0], 'ohlc');
    const intervalMs = minutes * 60_000;
    const head = { symbol, startMs: secondsMs(end, 'ohlc[1]') - intervalMs, intervalMs, final: false };
    closer.push(readBar(head, { open, high, low, close, volume }), sink);
  };
}

function readEvent(message: Json, sink: FrameSink): void {
  const event = aText(message['event'], 'event');
  if (event === 'heartbeat' || event === 'pong') {
    sink.control(heartbeat);
  } else if (event === 'subscriptionStatus' && message['status'] === 'subscribed') {
    sink.control({ kind: 'subscribed', channel: String(message['channelName']).slice(0, 64) });
  } else if (event === 'error' || message['status'] === 'error') {
    const detail = said(message['errorMessage']);
    sink.reject('venue-error', `${event}: ${detail}`);
    sink.control({ kind: 'refused', detail, fatal: isFatal(detail) });
  } else {
    sink.unmodelled(event);
  }
}
