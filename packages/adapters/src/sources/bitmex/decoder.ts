/** BitMEX tables. Source: BitMEX, "WebSocket API: Response Format; Subscriptions". */
import { readBar } from '../../internal/venue/bars.ts';
import { symbolFilter } from '../../internal/venue/feed-options.ts';
import {
  aDecimal,
  aList,
  anObject,
  aPositiveDecimal,
  aSide,
  aText,
  isoMs,
  RecordError,
  said,
} from '../../internal/venue/fields.ts';
import type { Json } from '../../internal/venue/fields.ts';
import { eachRecord, jsonDecoder } from '../../internal/venue/json-frames.ts';
import { quoteSides } from '../../internal/venue/quotes.ts';
import type { QuoteSide } from '../../internal/venue/quotes.ts';
import { dayMs, hourMs, minuteMs } from '../../internal/venue/rest.ts';
import type { SourceTrade } from '../../venue-client.ts';
import type { FrameDecoder, FrameSink } from '../../venue-feed.ts';
import { createBookTable } from './book-table.ts';

/** Lengths of a bar by the venue's name. */
export const bitmexIntervals: ReadonlyMap<string, number> = new Map([
  ['1m', minuteMs],
  ['5m', 5 * minuteMs],
  ['1h', hourMs],
  ['1d', dayMs],
]);

export function bitmexDecoder(symbols: readonly string[]): FrameDecoder {
  const isAsked = symbolFilter(symbols);
  const book = createBookTable(isAsked);

  /** Gives each row of a table to `read` with its symbol. */
  const eachRow = (message: Json, sink: FrameSink, read: (row: Json, symbol: string) => void): void =>
    eachRecord(aList(message['data'], 'data'), sink, (item) => {
      const row = anObject(item, 'data[]');
      const symbol = aText(row['symbol'], 'symbol');
      if (isAsked(symbol, sink)) read(row, symbol);
    });

  return jsonDecoder(
    (json, receiveMs, sink) => {
      const message = anObject(json, 'the message');
      if (message['table'] === undefined) {
        readAnswer(message, sink);
        return;
      }
      const table = aText(message['table'], 'table');
      if (table === 'orderBookL2' || table === 'orderBookL2_25') book.read(message, receiveMs, sink);
      else if (table === 'trade') {
        eachRow(message, sink, (row) => {
          const trade = bitmexTrade(row);
          // The last trade before the subscription is no live volume.
          if (message['action'] === 'partial') sink.unmodelled('trade before subscription');
          else sink.event(trade);
        });
      } else if (table === 'quote') {
        eachRow(message, sink, (row, symbol) =>
          sink.event({ type: 'quote', symbol, timeMs: isoMs(row['timestamp'], 'timestamp'), ...sidesOf(row) }),
        );
      } else if (table.startsWith('tradeBin')) {
        const intervalMs = bitmexIntervals.get(table.slice('tradeBin'.length));
        if (intervalMs === undefined) sink.unmodelled(table);
        else eachRow(message, sink, (row) => sink.event(bitmexBar(row, intervalMs)));
      } else {
        sink.unmodelled(table);
      }
    },
    // Rows have no numbers: what cannot be read may have been a change of the book.
    { words: ['pong'], onLoss: book.loseAll },
  );
}

/** Settlements and references to other markets are in the same table; they are no trades of the market. */
export function bitmexTrade(row: Json): SourceTrade {
  const kind = row['trdType'];
  return {
    type: 'trade',
    symbol: aText(row['symbol'], 'symbol'),
    timeMs: isoMs(row['timestamp'], 'timestamp'),
    price: aPositiveDecimal(row['price'], 'price'),
    size: aPositiveDecimal(row['size'], 'size'),
    side: aSide(row['side'], 'side', 'Buy', 'Sell'),
    id: aText(row['trdMatchID'], 'trdMatchID'),
    ...(kind === undefined || kind === 'Regular' ? undefined : { nonMarket: true }),
  };
}

/** The timestamp of a bin is its end. */
export function bitmexBar(row: Json, intervalMs: number): ReturnType<typeof readBar> {
  const { open, high, low, close, volume } = row;
  const symbol = aText(row['symbol'], 'symbol');
  const startMs = isoMs(row['timestamp'], 'timestamp') - intervalMs;
  return readBar({ symbol, startMs, intervalMs, final: true }, { open, high, low, close, volume });
}

/** Sides that are empty are `null` or missing. */
function sidesOf(row: Json) {
  const side = (price: string, size: string): QuoteSide =>
    row[price] == null || row[size] == null ? undefined : [aDecimal(row[price], price), aDecimal(row[size], size)];
  return quoteSides(side('bidPrice', 'bidSize'), side('askPrice', 'askSize'));
}

/** `{"success":true,"subscribe":"trade:XBTUSD"}`, `{"error":"…","status":400}`, `{"info":"Welcome …"}` */
function readAnswer(message: Json, sink: FrameSink): void {
  if (message['success'] === true) {
    sink.control({ kind: 'subscribed', channel: said(message['subscribe']).slice(0, 64) });
  } else if (message['error'] !== undefined) {
    const detail = said(message['error']);
    const status = Number(message['status']);
    sink.reject('venue-error', detail);
    sink.control({ kind: 'refused', detail, fatal: status >= 400 && status < 500 && status !== 429 });
  } else if (message['info'] !== undefined) {
    sink.unmodelled('info');
  } else {
    throw new RecordError('table', undefined, 'a table, or the answer to a request');
  }
}
