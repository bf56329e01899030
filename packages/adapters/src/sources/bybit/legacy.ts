/** Bybit's streams before v5, for recordings of them. Source: Bybit, "Inverse and linear perpetual WebSocket (v2)". */
import type { BookLevel } from '@tapekit/orderflow/market';
import { createBookGate } from '../../internal/venue/book-gate.ts';
import { symbolFilter } from '../../internal/venue/feed-options.ts';
import {
  aDecimal,
  aList,
  anIdText,
  anObject,
  aPositiveDecimal,
  aText,
  epochMs,
  epochMsText,
  RecordError,
  withSize,
} from '../../internal/venue/fields.ts';
import type { Json } from '../../internal/venue/fields.ts';
import { eachRecord, jsonDecoder } from '../../internal/venue/json-frames.ts';
import type { FrameDecoder, FrameSink } from '../../venue-feed.ts';
import { bybitTrade, readAnswer } from './decoder.ts';

/**
 * A decoder of Bybit's retired protocol: `trade.{symbol}` and `orderBookL2_25.{symbol}`. Ids of books are the venue's
 * `cross_seq`, which rises over all symbols and so tells no loss.
 */
export function bybitLegacyDecoder(symbols: readonly string[]): FrameDecoder {
  const isAsked = symbolFilter(symbols);
  const gate = createBookGate('none');
  return jsonDecoder(
    (json, _receiveMs, sink) => {
      const message = anObject(json, 'the message');
      if (message['topic'] === undefined) {
        readAnswer(message, sink);
        return;
      }
      const topic = aText(message['topic'], 'topic');
      const [name, symbol = ''] = topic.split('.');
      if (name !== 'trade' && name !== 'orderBookL2_25') sink.unmodelled(String(name));
      else if (!isAsked(symbol, sink)) return;
      else if (name === 'trade') readTrades(message, symbol, sink);
      else
        gate.guard(symbol, message['type'] === 'snapshot' ? 'snapshot' : 'delta', sink, () =>
          readBook(message, symbol, sink),
        );
    },
    { onLoss: gate.loseAll },
  );

  function readBook(message: Json, symbol: string, sink: FrameSink): void {
    const { type, cross_seq: sequence, timestamp_e6: micros } = message;
    if (type !== 'snapshot' && type !== 'delta') throw new RecordError('type', type, '"snapshot" or "delta"');
    const id = anIdText(sequence, 'cross_seq');
    const timeMs = epochMs(Math.floor(anIdText(micros, 'timestamp_e6') / 1000), 'timestamp_e6 / 1000');
    const data = anObject(message['data'], 'data');
    if (type === 'snapshot') {
      const { bids, asks } = sidesOf([data['order_book']], symbol, 'size');
      gate.snapshot(symbol, id);
      sink.event({
        type: 'book-snapshot',
        symbol,
        timeMs,
        lastUpdateId: id,
        bids: withSize(bids),
        asks: withSize(asks),
      });
      return;
    }
    const gone = sidesOf([data['delete']], symbol, 'none');
    const changed = sidesOf([data['update'], data['insert']], symbol, 'size');
    const levels = { bids: [...gone.bids, ...changed.bids], asks: [...gone.asks, ...changed.asks] };
    if (!gate.delta(symbol, { first: id, last: id }, sink)) return;
    sink.event({ type: 'book-delta', symbol, timeMs, firstUpdateId: id, lastUpdateId: id, ...levels });
  }
}

/** Rows `{"price","symbol","id","side","size"}`; those of `delete` have no size. */
function sidesOf(lists: readonly unknown[], symbol: string, size: 'size' | 'none') {
  const sides: { bids: BookLevel[]; asks: BookLevel[] } = { bids: [], asks: [] };
  for (const list of lists) {
    for (const item of aList(list, 'data')) {
      const row = anObject(item, 'row');
      if (row['symbol'] !== symbol) throw new RecordError('symbol', row['symbol'], `"${symbol}", as in the topic`);
      if (row['side'] !== 'Buy' && row['side'] !== 'Sell')
        throw new RecordError('side', row['side'], '"Buy" or "Sell"');
      const level = [
        aPositiveDecimal(row['price'], 'price'),
        size === 'size' ? aDecimal(row['size'], 'size') : '0',
      ] as const;
      (row['side'] === 'Buy' ? sides.bids : sides.asks).push(level);
    }
  }
  return sides;
}

function readTrades(message: Json, symbol: string, sink: FrameSink): void {
  eachRecord(aList(message['data'], 'data'), sink, (item) => {
    const row = anObject(item, 'data[]');
    if (row['symbol'] !== symbol) throw new RecordError('symbol', row['symbol'], `"${symbol}", as in the topic`);
    const { side, size, price, trade_id: id } = row;
    const time = epochMsText(row['trade_time_ms'], 'trade_time_ms');
    sink.event(bybitTrade({ symbol, time, side, size, price, id, block: false }));
  });
}
