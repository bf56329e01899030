/** Coinbase Exchange. Source: Coinbase Exchange, "WebSocket Channels: level2_batch, matches, ticker, heartbeat". */
import type { BookLevel } from '@tapekit/orderflow/market';
import { createBookGate } from '../../internal/venue/book-gate.ts';
import type { BookGate } from '../../internal/venue/book-gate.ts';
import { symbolFilter } from '../../internal/venue/feed-options.ts';
import {
  aDecimal,
  aList,
  anId,
  anObject,
  aPositiveDecimal,
  aText,
  isObject,
  isoMs,
  pairLevels,
  RecordError,
  said,
  withSize,
} from '../../internal/venue/fields.ts';
import type { Json } from '../../internal/venue/fields.ts';
import { heartbeat, jsonDecoder } from '../../internal/venue/json-frames.ts';
import { quoteSides } from '../../internal/venue/quotes.ts';
import type { QuoteSide } from '../../internal/venue/quotes.ts';
import { createTradeIds } from '../../internal/venue/trade-ids.ts';
import type { SourceTrade } from '../../venue-client.ts';
import type { FrameDecoder, FrameSink } from '../../venue-feed.ts';

type ReadMessage = (symbol: string, message: Json, receiveMs: number, sink: FrameSink) => void;

export function coinbaseExchangeDecoder(symbols: readonly string[]): FrameDecoder {
  const isAsked = symbolFilter(symbols);
  const gate = createBookGate('none');
  const ids = createTradeIds();
  const readers = new Map<string, ReadMessage>([
    ['snapshot', (symbol, message, receiveMs, sink) => readSnapshot(gate, symbol, message, receiveMs, sink)],
    ['l2update', (symbol, message, _receiveMs, sink) => readUpdate(gate, symbol, message, sink)],
    ['match', readMatch],
    ['last_match', readMatch],
    ['ticker', readTicker],
    ['heartbeat', readHeartbeat],
  ]);

  function readMatch(symbol: string, message: Json, _receiveMs: number, sink: FrameSink): void {
    const trade = coinbaseExchangeTrade(message, symbol);
    ids.push(symbol, trade.id as number, trade.id as number, sink);
    // It happened before the subscription, and is no live volume.
    if (message['type'] === 'last_match') sink.unmodelled('trade before subscription');
    else sink.event(trade);
  }

  /** Every second; its id of the last trade shows what the channel of trades lost. */
  function readHeartbeat(symbol: string, message: Json, _receiveMs: number, sink: FrameSink): void {
    ids.upTo(symbol, anId(message['last_trade_id'], 'last_trade_id'), sink);
    sink.control(heartbeat);
  }

  return jsonDecoder(
    (json, receiveMs, sink) => {
      const message = anObject(json, 'the message');
      const type = aText(message['type'], 'type');
      if (type === 'subscriptions') readSubscriptions(message, sink);
      else if (type === 'error') readError(message, sink);
      else {
        const read = readers.get(type);
        if (!read) {
          sink.unmodelled(type);
          return;
        }
        const symbol = aText(message['product_id'], 'product_id');
        if (isAsked(symbol, sink)) read(symbol, message, receiveMs, sink);
      }
    },
    // Updates have no numbers: what cannot be read may have been one.
    { onLoss: gate.loseAll },
  );
}

/** `side` is that of the resting order, so the other one is the taker's. */
export function coinbaseExchangeTrade(row: Json, symbol: string): SourceTrade {
  return {
    type: 'trade',
    symbol,
    timeMs: isoMs(row['time'], 'time'),
    price: aPositiveDecimal(row['price'], 'price'),
    size: aPositiveDecimal(row['size'], 'size'),
    side: takerOf(row['side'], 'buy', 'sell'),
    id: anId(row['trade_id'], 'trade_id'),
  };
}

/** The taker's side where the venue names the maker's. */
export function takerOf(maker: unknown, buy: string, sell: string): 'buy' | 'sell' {
  if (maker === buy) return 'sell';
  if (maker === sell) return 'buy';
  throw new RecordError('side', maker, `"${buy}" or "${sell}"`);
}

function readSnapshot(gate: BookGate, symbol: string, message: Json, receiveMs: number, sink: FrameSink): void {
  gate.guard(symbol, 'snapshot', sink, () => {
    const bids = withSize(pairLevels(message['bids'], 'bids'));
    const asks = withSize(pairLevels(message['asks'], 'asks'));
    const timeMs = message['time'] === undefined ? receiveMs : isoMs(message['time'], 'time');
    gate.snapshot(symbol, 0);
    sink.event({ type: 'book-snapshot', symbol, timeMs, lastUpdateId: 0, bids, asks });
  });
}

/** `"changes":[["buy","price","size"]]` */
function readUpdate(gate: BookGate, symbol: string, message: Json, sink: FrameSink): void {
  gate.guard(symbol, 'delta', sink, () => {
    const bids: BookLevel[] = [];
    const asks: BookLevel[] = [];
    for (const change of aList(message['changes'], 'changes')) {
      const [side, price, size] = aList(change, 'changes[]');
      if (side !== 'buy' && side !== 'sell') throw new RecordError('changes[][0]', side, '"buy" or "sell"');
      (side === 'buy' ? bids : asks).push([aDecimal(price, 'changes[][1]'), aDecimal(size, 'changes[][2]')]);
    }
    const timeMs = isoMs(message['time'], 'time');
    if (!gate.delta(symbol, { first: 0, last: 0 }, sink)) return;
    sink.event({ type: 'book-delta', symbol, timeMs, firstUpdateId: 0, lastUpdateId: 0, bids, asks });
  });
}

/** The best prices right after a trade; sizes came later to the channel. */
function readTicker(symbol: string, message: Json, _receiveMs: number, sink: FrameSink): void {
  const side = (name: string): QuoteSide => {
    const [price, size] = [message[name], message[`${name}_size`]];
    return [aDecimal(price, name), size === undefined ? undefined : aDecimal(size, `${name}_size`)];
  };
  const sides = quoteSides(side('best_bid'), side('best_ask'));
  sink.event({ type: 'quote', symbol, timeMs: isoMs(message['time'], 'time'), ...sides });
}

function readSubscriptions(message: Json, sink: FrameSink): void {
  for (const item of aList(message['channels'], 'channels')) {
    const channel = isObject(item) ? item['name'] : item;
    sink.control({ kind: 'subscribed', channel: aText(channel, 'channels[].name') });
  }
}

export function readError(message: Json, sink: FrameSink): void {
  const detail = said(message['message'], message['reason']);
  sink.reject('venue-error', detail);
  sink.control({ kind: 'refused', detail, fatal: /not a valid|malformed|invalid|failed to subscribe/i.test(detail) });
}
