/** Databento's records to neutral market events; the same for the binary form and for CSV. */
import { mboFlags } from '@tapekit/orderflow/mbo-book';
import type { BookLevel } from '@tapekit/orderflow/market';
import type { SourceEvent } from '../../market-source.ts';
import type { FrameSink } from '../../venue-feed.ts';
import { RecordError } from '../../internal/record-error.ts';
import { barMs } from './record.ts';
import type {
  DatabentoBar,
  DatabentoByPrice,
  DatabentoLevel,
  DatabentoNotice,
  DatabentoOrder,
  DatabentoRecord,
} from './record.ts';
import type { DatabentoSymbols } from './symbols.ts';

/** What a stream is read with. */
export interface DatabentoMapOptions {
  readonly symbols: DatabentoSymbols;
  /** Records of other symbols are counted as `other-symbol`; absent: all are read. */
  readonly wanted: ReadonlySet<string> | undefined;
}

/** Takes the records of one stream, in order. */
export type DatabentoMapper = (record: DatabentoRecord, receiveMs: number, sink: FrameSink) => void;

/** The last time that a calendar has, milliseconds. */
const lastMs = 8.64e15;
/** Instruments whose sequence is watched; a damaged stream names more. */
const maxWatched = 100_000;

/** @throws the mapper throws `RecordError` for a record that is whole and makes no sense. */
export function createDatabentoMapper({ symbols, wanted }: DatabentoMapOptions): DatabentoMapper {
  /** Last sequence and whether the book may be bad, by instrument. */
  const watched = new Map<number, { sequence: number; maybeBad: boolean }>();

  /** The feed itself says when it lost something: by a flag, and by numbers that go back. */
  const watch = (record: DatabentoOrder | DatabentoByPrice, symbol: string, sink: FrameSink): void => {
    const { flags, sequence, instrumentId, action } = record;
    const maybeBad = (flags & mboFlags.maybeBadBook) !== 0;
    const channel = record.kind === 'mbo' ? 'orders' : 'book';
    let state = watched.get(instrumentId);
    if (!state) {
      if (watched.size >= maxWatched) watched.clear();
      watched.set(instrumentId, (state = { sequence: 0, maybeBad: false }));
    }
    if (action === 'R') state.maybeBad = false;
    if (maybeBad && !state.maybeBad) {
      const detail = `the record of sequence ${sequence} has the flag MAYBE_BAD_BOOK: records were lost before it`;
      sink.control({ kind: 'resync', symbol, channel, detail });
      state.maybeBad = true;
    }
    // Orders of a snapshot keep the sequence of the message that made them.
    if ((flags & mboFlags.snapshot) !== 0 || sequence === 0) return;
    if (sequence < state.sequence) {
      const detail = `the sequence fell from ${state.sequence} to ${sequence}: the venue began anew, or records are out of order`;
      sink.control({
        kind: 'gap',
        symbol,
        channel,
        afterId: String(state.sequence),
        beforeId: String(sequence),
        detail,
      });
    }
    state.sequence = sequence;
  };

  return (record, receiveMs, sink) => {
    switch (record.kind) {
      case 'other':
        sink.unmodelled(record.name);
        return;
      case 'symbol-mapping':
        symbols.learn(record);
        sink.control({ kind: 'subscribed', channel: `${record.inSymbol} ${record.outSymbol}`.trim() });
        return;
      case 'system':
      case 'error':
        mapNotice(record, sink);
        return;
      default:
    }
    const venueMs =
      wholeMs(record.eventNs) ?? wholeMs('receiveNs' in record ? record.receiveNs : undefined) ?? receiveMs;
    const indexMs = ('receiveNs' in record ? wholeMs(record.receiveNs) : undefined) ?? venueMs;
    const symbol = record.symbol ?? symbols.of(record.instrumentId, indexMs);
    if (wanted && !wanted.has(symbol)) {
      sink.reject('other-symbol', `the record is of "${symbol.slice(0, 80)}"; expected one of the symbols asked for`);
      return;
    }
    switch (record.kind) {
      case 'mbo':
        mapOrder(record, symbol, venueMs, sink);
        watch(record, symbol, sink);
        return;
      case 'mbp':
        mapByPrice(record, symbol, venueMs, sink);
        if (record.rtype !== 0) watch(record, symbol, sink);
        return;
      case 'bbo':
        sink.event(quoteOf(symbol, indexMs, record.levels[0]));
        return;
      case 'ohlcv':
        sink.event(barOf(record, symbol));
    }
  };
}

function mapOrder(record: DatabentoOrder, symbol: string, venueMs: number, sink: FrameSink): void {
  const { action, side, orderId, price, size, flags } = record;
  // Only a clear, a fill, an amount taken away and nothing at all need no price; a feed of best prices empties a side so.
  const needsPrice = action === 'T' || action === 'M' || (action === 'A' && (flags & mboFlags.topOfBook) === 0);
  if (price === undefined && needsPrice) throw new RecordError('price', undefined, `a price for action ${action}`);
  if ((action === 'A' || action === 'M') && side === 'N')
    throw new RecordError('side', side, `A or B for action ${action}`);
  sink.event({
    type: 'order',
    symbol,
    // Orders of one millisecond are told apart by its fraction; 256 ns is what a double keeps.
    timeMs: record.eventNs === undefined ? venueMs : Number(record.eventNs) / 1e6,
    action,
    side,
    orderId: orderId <= maxSafe ? Number(orderId) : String(orderId),
    ...(price === undefined ? undefined : { price }),
    size: String(size),
    flags,
  });
  if (action === 'T') sink.event(tradeOf(record, symbol, venueMs, price!));
}

function mapByPrice(record: DatabentoByPrice, symbol: string, venueMs: number, sink: FrameSink): void {
  const { action, price, levels, flags } = record;
  if (action === 'T') {
    if (price === undefined) throw new RecordError('price', undefined, 'a price for a trade');
    // A trade comes with the best prices before it: the quote to classify it with.
    if (levels.length === 1) sink.event(quoteOf(symbol, venueMs, levels[0]!));
    sink.event(tradeOf(record, symbol, venueMs, price));
    return;
  }
  // Inside an event the book is half changed: it may be crossed, and no one could trade on it.
  const name = levels.length === 0 ? 'trades' : `mbp-${levels.length}`;
  if (levels.length === 0 || (flags & mboFlags.last) === 0) sink.unmodelled(`${name} inside an event`);
  else if (levels.length === 1) sink.event(quoteOf(symbol, venueMs, levels[0]!));
  else sink.event(bookOf(record, symbol, venueMs));
}

function tradeOf(
  record: DatabentoOrder | DatabentoByPrice,
  symbol: string,
  timeMs: number,
  price: string,
): SourceEvent {
  const { side, size } = record;
  // No id: one message, with one sequence, may hold several trades.
  return {
    type: 'trade',
    symbol,
    timeMs,
    price,
    size: String(size),
    side: side === 'B' ? 'buy' : side === 'A' ? 'sell' : 'unknown',
    ...(size === 0 ? { nonMarket: true as const } : undefined),
  };
}

function quoteOf(symbol: string, timeMs: number, level: DatabentoLevel): SourceEvent {
  const { bidPrice, askPrice, bidSize, askSize } = level;
  return {
    type: 'quote',
    symbol,
    timeMs,
    ...(bidPrice !== undefined && bidSize > 0 ? { bidPrice, bidSize: String(bidSize) } : undefined),
    ...(askPrice !== undefined && askSize > 0 ? { askPrice, askSize: String(askSize) } : undefined),
  };
}

function bookOf({ levels, sequence }: DatabentoByPrice, symbol: string, timeMs: number): SourceEvent {
  const bids: BookLevel[] = [];
  const asks: BookLevel[] = [];
  for (const { bidPrice, bidSize, askPrice, askSize } of levels) {
    if (bidPrice !== undefined && bidSize > 0) bids.push([bidPrice, String(bidSize)]);
    if (askPrice !== undefined && askSize > 0) asks.push([askPrice, String(askSize)]);
  }
  return { type: 'book-snapshot', symbol, timeMs, lastUpdateId: sequence, bids, asks };
}

function barOf({ rtype, eventNs, open, high, low, close, volume }: DatabentoBar, symbol: string): SourceEvent {
  const startMs = wholeMs(eventNs);
  if (startMs === undefined) throw new RecordError('ts_event', undefined, 'the start of the bar');
  if (open === undefined || high === undefined || low === undefined || close === undefined) {
    throw new RecordError('price', undefined, 'open, high, low and close of the bar');
  }
  return {
    type: 'bar',
    symbol,
    startMs,
    endMs: startMs + barMs[rtype]!,
    open,
    high,
    low,
    close,
    volume: String(volume),
    final: true,
  };
}

/** Codes of `SystemMsg`; version 1 has the text alone. */
const [heartbeatCode, subscribedCode] = [0, 1];
/** Code of `ErrorMsg` for records that were left out because the client read too slowly. */
const skippedCode = 7;

function mapNotice({ kind, code, text }: DatabentoNotice, sink: FrameSink): void {
  const said = text.slice(0, 300);
  if (kind === 'error') {
    sink.reject('venue-error', `the gateway says: ${said === '' ? `error ${code}` : said}`);
    if (code === skippedCode) {
      sink.control({ kind: 'gap', symbol: '', channel: '', afterId: undefined, beforeId: undefined, detail: said });
    }
  } else if (code === heartbeatCode || /^heartbeat$/i.test(text)) sink.control({ kind: 'heartbeat' });
  else if (code === subscribedCode) sink.control({ kind: 'subscribed', channel: said });
  else sink.unmodelled(`system-${code}`);
}

const maxSafe = BigInt(Number.MAX_SAFE_INTEGER);

/** Whole milliseconds of a time; `undefined` for none, and for what no calendar has. */
function wholeMs(ns: bigint | undefined): number | undefined {
  if (ns === undefined) return undefined;
  const ms = Number(ns / 1_000_000n);
  return ms <= lastMs ? ms : undefined;
}
