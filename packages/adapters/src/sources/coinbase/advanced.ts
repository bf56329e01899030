/** Coinbase Advanced Trade. Source: Coinbase, "Advanced Trade WebSocket: level2, market_trades, ticker, candles". */
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
  aText,
  isObject,
  isoMs,
  RecordError,
  secondsMs,
  withSize,
} from '../../internal/venue/fields.ts';
import type { Json } from '../../internal/venue/fields.ts';
import { eachRecord, heartbeat, jsonDecoder } from '../../internal/venue/json-frames.ts';
import { quoteSides } from '../../internal/venue/quotes.ts';
import { minuteMs } from '../../internal/venue/rest.ts';
import type { SourceTrade } from '../../venue-client.ts';
import type { FrameDecoder, FrameSink } from '../../venue-feed.ts';
import { readError, takerOf } from './exchange.ts';

/** Whose side `side` of a trade names. */
export type CoinbaseTradeSide = 'maker' | 'taker';

/** The only length that the channel of bars has. */
const barMs = 5 * minuteMs;

interface Frame {
  readonly timeMs: number;
  readonly sink: FrameSink;
}
type ReadEvent = (event: Json, frame: Frame) => void;

export function coinbaseAdvancedDecoder(symbols: readonly string[], tradeSide: CoinbaseTradeSide): FrameDecoder {
  const isAsked = symbolFilter(symbols);
  const gate = createBookGate('none');
  const closer = createBarCloser();
  let last: number | undefined;

  const readers = new Map<string, ReadEvent>([
    ['l2_data', readBook],
    ['market_trades', readTrades],
    ['ticker', readTickers],
    ['candles', readCandles],
    ['heartbeats', (_event, { sink }) => sink.control(heartbeat)],
    ['subscriptions', readSubscriptions],
  ]);

  /** One number per message of the connection: after a hole nobody knows what was in it. */
  function isNew(sequence: number, sink: FrameSink): boolean {
    const before = last;
    last = sequence;
    if (before === undefined || sequence === before + 1) return true;
    if (sequence === before) {
      sink.unmodelled('repeated message');
      return false;
    }
    const detail = `sequence_num ${sequence} after ${before}`;
    const [afterId, beforeId] = [String(before), String(sequence)];
    for (const symbol of symbols) {
      for (const channel of ['trades', 'book', 'quotes', 'bars']) {
        sink.control({ kind: 'gap', symbol, channel, afterId, beforeId, detail });
      }
    }
    for (const symbol of symbols) gate.lose(symbol, detail, sink);
    return true;
  }

  function readBook(event: Json, { timeMs, sink }: Frame): void {
    const symbol = aText(event['product_id'], 'product_id');
    if (!isAsked(symbol, sink)) return;
    const kind = event['type'] === 'snapshot' ? 'snapshot' : 'delta';
    gate.guard(symbol, kind, sink, () => {
      if (kind === 'delta' && event['type'] !== 'update') {
        throw new RecordError('type', event['type'], '"snapshot" or "update"');
      }
      const { bids, asks } = sidesOf(event['updates']);
      if (kind === 'snapshot') {
        gate.snapshot(symbol, 0);
        const levels = { bids: withSize(bids), asks: withSize(asks) };
        sink.event({ type: 'book-snapshot', symbol, timeMs, lastUpdateId: last!, ...levels });
      } else if (gate.delta(symbol, { first: 0, last: 0 }, sink)) {
        sink.event({ type: 'book-delta', symbol, timeMs, firstUpdateId: last!, lastUpdateId: last!, bids, asks });
      }
    });
  }

  function readTrades(event: Json, { sink }: Frame): void {
    eachRecord(aList(event['trades'], 'trades'), sink, (item) => {
      const trade = coinbaseAdvancedTrade(anObject(item, 'trades[]'), tradeSide);
      if (!isAsked(trade.symbol, sink)) return;
      // The first event is history: no live volume.
      if (event['type'] === 'snapshot') sink.unmodelled('trade before subscription');
      else sink.event(trade);
    });
  }

  function readTickers(event: Json, { timeMs, sink }: Frame): void {
    eachRecord(aList(event['tickers'], 'tickers'), sink, (item) => {
      const row = anObject(item, 'tickers[]');
      const symbol = aText(row['product_id'], 'product_id');
      if (!isAsked(symbol, sink)) return;
      const side = (name: string) => [aDecimal(row[name], name), aDecimal(row[`${name}_quantity`], name)] as const;
      sink.event({ type: 'quote', symbol, timeMs, ...quoteSides(side('best_bid'), side('best_ask')) });
    });
  }

  function readCandles(event: Json, { sink }: Frame): void {
    eachRecord(aList(event['candles'], 'candles'), sink, (item) => {
      const row = anObject(item, 'candles[]');
      const symbol = aText(row['product_id'], 'product_id');
      if (!isAsked(symbol, sink)) return;
      const { open, high, low, close, volume } = row;
      const head = { symbol, startMs: secondsMs(row['start'], 'start'), intervalMs: barMs, final: false };
      closer.push(readBar(head, { open, high, low, close, volume }), sink);
    });
  }

  return jsonDecoder(
    (json, _receiveMs, sink) => {
      const message = anObject(json, 'the message');
      if (message['type'] === 'error') {
        readError(message, sink);
        return;
      }
      const channel = aText(message['channel'], 'channel');
      if (!isNew(anId(message['sequence_num'], 'sequence_num'), sink)) return;
      const read = readers.get(channel);
      if (!read) {
        sink.unmodelled(channel);
        return;
      }
      const frame = { timeMs: isoMs(message['timestamp'], 'timestamp'), sink };
      eachRecord(aList(message['events'], 'events'), sink, (event) => read(anObject(event, 'events[]'), frame));
    },
    { onLoss: gate.loseAll },
  );
}

/** `{"side":"bid"|"offer","price_level":"68900.00","new_quantity":"2.0"}` */
function sidesOf(updates: unknown): { readonly bids: BookLevel[]; readonly asks: BookLevel[] } {
  const [bids, asks]: [BookLevel[], BookLevel[]] = [[], []];
  for (const item of aList(updates, 'updates')) {
    const { side, price_level: price, new_quantity: size } = anObject(item, 'updates[]');
    if (side !== 'bid' && side !== 'offer') throw new RecordError('side', side, '"bid" or "offer"');
    (side === 'bid' ? bids : asks).push([aDecimal(price, 'price_level'), aDecimal(size, 'new_quantity')]);
  }
  return { bids, asks };
}

/** A print of the stream or of an answer. */
export function coinbaseAdvancedTrade(row: Json, tradeSide: CoinbaseTradeSide): SourceTrade {
  const { side } = row;
  return {
    type: 'trade',
    symbol: aText(row['product_id'], 'product_id'),
    timeMs: isoMs(row['time'], 'time'),
    price: aPositiveDecimal(row['price'], 'price'),
    size: aPositiveDecimal(row['size'], 'size'),
    side: tradeSide === 'maker' ? takerOf(side, 'BUY', 'SELL') : aSide(side, 'side', 'BUY', 'SELL'),
    id: aText(row['trade_id'], 'trade_id'),
  };
}

function readSubscriptions(event: Json, { sink }: Frame): void {
  const { subscriptions } = event;
  if (!isObject(subscriptions)) throw new RecordError('subscriptions', subscriptions, 'an object');
  for (const channel of Object.keys(subscriptions)) sink.control({ kind: 'subscribed', channel: channel.slice(0, 64) });
}
