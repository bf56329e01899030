/** OKX v5 public channels. Source: OKX, "API v5: WebSocket: order book, trades, tickers, candlesticks channel". */
import type { BookLevel } from '@tapekit/orderflow/market';
import { readBar } from '../../internal/venue/bars.ts';
import { createBookGate } from '../../internal/venue/book-gate.ts';
import { symbolFilter } from '../../internal/venue/feed-options.ts';
import {
  aChecksum,
  aDecimal,
  aList,
  anId,
  anIdText,
  anObject,
  aPositiveDecimal,
  aSide,
  aText,
  epochMsText,
  isObject,
  pairLevels,
  RecordError,
  said,
  withSize,
} from '../../internal/venue/fields.ts';
import type { Json } from '../../internal/venue/fields.ts';
import { eachRecord, jsonDecoder } from '../../internal/venue/json-frames.ts';
import { quoteSides } from '../../internal/venue/quotes.ts';
import type { QuoteSide } from '../../internal/venue/quotes.ts';
import { dayMs, hourMs, minuteMs } from '../../internal/venue/rest.ts';
import { createTradeIds } from '../../internal/venue/trade-ids.ts';
import type { SourceTrade } from '../../venue-client.ts';
import type { FrameDecoder, FrameSink } from '../../venue-feed.ts';

/** Lengths of a bar by the venue's name; days start at midnight UTC with `utc`, and at 16:00 UTC without. */
export const okxIntervals: ReadonlyMap<string, number> = new Map([
  ['1m', minuteMs],
  ['3m', 3 * minuteMs],
  ['5m', 5 * minuteMs],
  ['15m', 15 * minuteMs],
  ['30m', 30 * minuteMs],
  ['1H', hourMs],
  ['2H', 2 * hourMs],
  ['4H', 4 * hourMs],
  ['6Hutc', 6 * hourMs],
  ['12Hutc', 12 * hourMs],
  ['1Dutc', dayMs],
  ['6H', 6 * hourMs],
  ['12H', 12 * hourMs],
  ['1D', dayMs],
]);

interface Frame {
  readonly channel: string;
  readonly action: unknown;
  readonly sink: FrameSink;
}
type ReadRows = (symbol: string, rows: readonly unknown[], frame: Frame) => void;

export function okxDecoder(symbols: readonly string[]): FrameDecoder {
  const isAsked = symbolFilter(symbols);
  const [book, trades] = [bookReader(), tradeReader()];
  const readers = new Map<string, ReadRows>([
    ['books', book],
    ['books-l2-tbt', book],
    ['books50-l2-tbt', book],
    ['bbo-tbt', eachRow(readTop)],
    ['tickers', eachRow(readTicker)],
    ['trades', trades],
    ['trades-all', trades],
  ]);
  return jsonDecoder(
    (json, _receiveMs, sink) => {
      const message = anObject(json, 'the message');
      if (message['event'] !== undefined) {
        readEvent(message, sink);
        return;
      }
      const arg = anObject(message['arg'], 'arg');
      const channel = aText(arg['channel'], 'arg.channel');
      const read = channel.startsWith('candle') ? readBars : readers.get(channel);
      if (!read) {
        sink.unmodelled(channel);
        return;
      }
      const symbol = aText(arg['instId'], 'arg.instId');
      if (!isAsked(symbol, sink)) return;
      read(symbol, aList(message['data'], 'data'), { channel, action: message['action'], sink });
    },
    { words: ['pong'] },
  );
}

function eachRow(read: (symbol: string, row: Json, frame: Frame) => void): ReadRows {
  return (symbol, rows, frame) => eachRecord(rows, frame.sink, (row) => read(symbol, anObject(row, 'data[]'), frame));
}

/** Deltas name the id before them; sessions from before OKX had ids are told by their checksum alone. */
function bookReader(): ReadRows {
  const gate = createBookGate('previous-id');
  return (symbol, rows, { action, sink }) => {
    if (action !== 'snapshot' && action !== 'update') {
      throw new RecordError('action', action, '"snapshot" or "update"');
    }
    for (const row of rows) {
      gate.guard(symbol, action === 'snapshot' ? 'snapshot' : 'delta', sink, () => {
        const { last, previous, ...levels } = readOkxLevels(anObject(row, 'data[]'));
        const event = { symbol, ...levels, lastUpdateId: last };
        if (action === 'snapshot') {
          gate.snapshot(symbol, last);
          sink.event({ ...event, type: 'book-snapshot', bids: withSize(levels.bids), asks: withSize(levels.asks) });
          return;
        }
        if (!gate.delta(symbol, { first: last, last, previous }, sink)) return;
        // After a maintenance ids may fall, and a keep-alive repeats its id: a delta has one id, not a range.
        const before = previous === undefined ? undefined : { previousUpdateId: previous };
        sink.event({ ...event, type: 'book-delta', firstUpdateId: last, ...before });
      });
    }
  };
}

/** Levels, time, ids and checksum of a book record, of the stream or of an answer. */
export function readOkxLevels(row: Json): {
  readonly timeMs: number;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
  readonly last: number;
  readonly previous: number | undefined;
  readonly checksum?: number;
} {
  const { ts, seqId, prevSeqId, checksum } = row;
  return {
    timeMs: epochMsText(ts, 'ts'),
    bids: pairLevels(row['bids'], 'bids'),
    asks: pairLevels(row['asks'], 'asks'),
    last: seqId === undefined ? 0 : anId(seqId, 'seqId'),
    // A snapshot follows on nothing, and says -1.
    previous: prevSeqId === undefined || prevSeqId === -1 ? undefined : anId(prevSeqId, 'prevSeqId'),
    ...(checksum === undefined ? undefined : { checksum: aChecksum(checksum, 'checksum') }),
  };
}

/** `bbo-tbt`: `{"asks":[["8476.98","415","0","13"]],"bids":[…],"ts","seqId"}` */
function readTop(symbol: string, row: Json, { sink }: Frame): void {
  const { timeMs, bids, asks, last } = readOkxLevels(row);
  const sides = quoteSides(bids[0] as QuoteSide, asks[0] as QuoteSide);
  sink.event({ type: 'quote', symbol, timeMs, ...(last > 0 ? { updateId: last } : undefined), ...sides });
}

function readTicker(symbol: string, row: Json, { sink }: Frame): void {
  const side = (price: string, size: string): QuoteSide =>
    row[price] === '' ? undefined : [aDecimal(row[price], price), aDecimal(row[size], size)];
  const sides = quoteSides(side('bidPx', 'bidSz'), side('askPx', 'askSz'));
  sink.event({ type: 'quote', symbol, timeMs: epochMsText(row['ts'], 'ts'), ...sides });
}

/** Rows of `trades` hold several fills of one taker, `count` of them; their id is that of the last. */
function tradeReader(): ReadRows {
  const ids = createTradeIds();
  return eachRow((symbol, row, { sink }) => {
    const event = readOkxTrade(row);
    if (event.symbol !== symbol) throw new RecordError('instId', event.symbol, `"${symbol}", as in arg`);
    const count = row['count'] === undefined ? 1 : anIdText(row['count'], 'count');
    const last = anIdText(row['tradeId'], 'tradeId');
    ids.push(symbol, last - Math.max(count, 1) + 1, last, sink);
    sink.event(event);
  });
}

export function readOkxTrade(row: Json): SourceTrade {
  anIdText(row['tradeId'], 'tradeId');
  return {
    type: 'trade',
    symbol: aText(row['instId'], 'instId'),
    timeMs: epochMsText(row['ts'], 'ts'),
    price: aPositiveDecimal(row['px'], 'px'),
    size: aPositiveDecimal(row['sz'], 'sz'),
    side: aSide(row['side'], 'side', 'buy', 'sell'),
    id: row['tradeId'] as string,
  };
}

function readBars(symbol: string, rows: readonly unknown[], { channel, sink }: Frame): void {
  const intervalMs = okxIntervals.get(channel.slice('candle'.length));
  if (intervalMs === undefined) sink.unmodelled(channel);
  else eachRecord(rows, sink, (row) => sink.event(readOkxBar(aList(row, 'data[]'), symbol, intervalMs)));
}

/** `["1597026383085","open","high","low","close","vol","volCcy","volCcyQuote","confirm"]` */
export function readOkxBar(row: readonly unknown[], symbol: string, intervalMs: number): ReturnType<typeof readBar> {
  const [ts, open, high, low, close, volume, , , confirm] = row;
  if (confirm !== '0' && confirm !== '1') throw new RecordError('candle[8]', confirm, '"0" or "1"');
  const head = { symbol, startMs: epochMsText(ts, 'candle[0]'), intervalMs, final: confirm === '1' };
  return readBar(head, { open, high, low, close, volume });
}

/** Codes of requests that will never work: malformed, or of what does not exist. */
const fatalCodes: readonly unknown[] = ['60012', '60018', '60019', '51001'];
/** "The connection will soon be closed for a service upgrade. Please reconnect." */
const upgradeCode = '64008';

function readEvent(message: Json, sink: FrameSink): void {
  const { event, arg, code, msg } = message;
  const detail = said(code, msg);
  if (event === 'subscribe' || event === 'unsubscribe') {
    const channel = isObject(arg) ? String(arg['channel']) : '';
    if (event === 'subscribe') sink.control({ kind: 'subscribed', channel: channel.slice(0, 64) });
    else sink.unmodelled('unsubscribe');
  } else if (event === 'error') {
    sink.reject('venue-error', detail);
    sink.control({ kind: 'refused', detail, fatal: fatalCodes.includes(code) });
  } else if (event === 'notice' && code === upgradeCode) {
    sink.control({ kind: 'expires', atMs: undefined, detail });
  } else {
    sink.unmodelled(aText(event, 'event'));
  }
}
