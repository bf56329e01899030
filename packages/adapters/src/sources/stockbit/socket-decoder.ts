/** Frames of Stockbit's socket to trades and books. */
import type { FrameDecoder, FrameSink } from '../../venue-feed.ts';
import { decimalOf } from '../../internal/rest-records.ts';
import { clockMs, wibDate, wibDayStart } from '../../internal/wib-time.ts';
import { RecordError } from '../../internal/record-error.ts';
import { createSequenceWatch, type SequenceWatch } from '../ipot/sequence-watch.ts';
import { type ProtoField, readProto } from './protobuf.ts';

/** How {@link createStockbitDecoder} reads. */
export interface StockbitDecoderOptions {
  /**
   * A trade number of a stock that is missing is waited for until so many later trades of it came.
   * @defaultValue 16
   */
  readonly reorderWindow?: number;
  /** … or until so many milliseconds of receive time went by. @defaultValue 2,000 */
  readonly reorderMs?: number;
}

/** What {@link createStockbitDecoder} uses where an option is absent. */
export const stockbitDecoderDefaults = {
  reorderWindow: 16,
  reorderMs: 2000,
} as const satisfies StockbitDecoderOptions;

const maxFrame = 1 << 20;
/** Stocks whose numbers and books are remembered; the exchange lists about a thousand. */
const maxStocks = 4096;
const codePattern = /^[A-Z0-9-]{4,12}$/;
const markets = ['', 'RG', 'TN', 'NG'];

type Level = readonly [price: string, size: string];

/**
 * A decoder of `wss://wss-trading.stockbit.com/ws`. The taker is Stockbit's `action`; sizes are shares. Numbers of trades
 * ascend by one in a stock and day: one that came before is dropped (`running-trade:duplicate`), ones that never come are a
 * gap. Books come a side at a time; a snapshot goes out when both are known, with a count of ours as update id.
 */
export function createStockbitDecoder(options: StockbitDecoderOptions = {}): FrameDecoder {
  const settings = { ...stockbitDecoderDefaults, ...options };
  const watches = new Map<string, SequenceWatch>();
  const books = new Map<string, { bids?: readonly Level[]; asks?: readonly Level[] }>();
  let updates = 0;
  let day = NaN;

  const watchOf = (code: string, timeMs: number): SequenceWatch => {
    // Numbers start anew every day.
    if (wibDayStart(timeMs) > day || Number.isNaN(day)) {
      day = wibDayStart(timeMs);
      watches.clear();
    }
    const watch = watches.get(code) ?? createSequenceWatch(settings);
    if (watches.size >= maxStocks) watches.clear();
    watches.set(code, watch);
    return watch;
  };

  const settle = (code: string, watch: SequenceWatch, receiveMs: number, sink: FrameSink): void => {
    for (const { from, to } of watch.settle(receiveMs)) {
      const detail = `${to - from + 1} trades of ${code} never came: number ${from} to ${to}`;
      const ids = { afterId: String(from - 1), beforeId: String(to + 1) };
      sink.control({ kind: 'gap', symbol: code, channel: 'running_trade', ...ids, detail });
    }
  };

  const trade = (bytes: Uint8Array, receiveMs: number, sink: FrameSink): void => {
    const fields = readProto(bytes);
    if (!fields) throw new RecordError('running_trade', `${bytes.length} bytes`, 'a message');
    const code = aCode(textOf(last(fields, 2)), 'stock');
    const price = whole(last(fields, 3), 'price', 1e9);
    const shares = whole(last(fields, 4), 'volume', 1e13);
    const action = numberOf(last(fields, 5));
    const board = last(fields, 10);
    const market = board === undefined ? 'RG' : (markets[numberOf(board) ?? 0] ?? '');
    if (market === '') throw new RecordError('market_board', numberOf(board), '1 RG, 2 TN or 3 NG');
    const timeMs = timeOf(last(fields, 7), receiveMs) ?? timeOf(last(fields, 1), receiveMs) ?? receiveMs;
    const numbered = last(fields, 9);
    const number = numbered === undefined ? undefined : whole(numbered, 'trade_number', 1e8 - 1);
    if (number !== undefined) {
      const watch = watchOf(code, timeMs);
      if (watch.push(number, receiveMs) === 'duplicate') {
        sink.unmodelled('running-trade:duplicate');
        return;
      }
      settle(code, watch, receiveMs, sink);
    }
    sink.event({
      type: 'trade',
      symbol: market === 'RG' ? code : `${code}.${market}`,
      timeMs,
      price: String(price),
      size: String(shares),
      side: action === 1 ? 'buy' : action === 2 ? 'sell' : 'unknown',
      ...(number === undefined ? undefined : { id: Number(wibDate(timeMs).replaceAll('-', '')) * 1e8 + number }),
    });
  };

  const book = (bytes: Uint8Array, receiveMs: number, sink: FrameSink): void => {
    const body = textOf(last(readProto(bytes) ?? [], 2)) ?? '';
    const [mark, stock, side, ...parts] = body.split('|');
    if (mark !== '#O') throw new RecordError('orderbook.body', body.slice(0, 40), '"#O|CODE|BID|…"');
    const code = aCode(stock, 'orderbook.body code');
    if (side !== 'BID' && side !== 'OFFER') throw new RecordError('orderbook.body side', side, '"BID" or "OFFER"');
    const levels = parts.filter((part) => part !== '').flatMap(readLevel);
    const known = books.get(code) ?? {};
    if (side === 'BID') known.bids = levels.sort((a, b) => Number(b[0]) - Number(a[0]));
    else known.asks = levels.sort((a, b) => Number(a[0]) - Number(b[0]));
    if (books.size >= maxStocks) books.clear();
    books.set(code, known);
    const { bids, asks } = known;
    if (!bids || !asks) {
      sink.unmodelled('orderbook:one-side');
      return;
    }
    updates += 1;
    sink.event({ type: 'book-snapshot', symbol: code, timeMs: receiveMs, lastUpdateId: updates, bids, asks });
  };

  /** Reads one part of a frame; a bad one is refused without its neighbours. */
  const part = (read: typeof trade, value: Uint8Array, receiveMs: number, sink: FrameSink): void => {
    try {
      read(value, receiveMs, sink);
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      sink.reject('bad-record', error.message);
    }
  };

  const batch = (value: Uint8Array, receiveMs: number, sink: FrameSink): void => {
    const trades = (readProto(value) ?? []).flatMap((field) =>
      field.tag === 1 && field.wire === 'bytes' ? [field.value] : [],
    );
    if (trades.length === 0) sink.reject('bad-record', 'the batch holds no running_trade');
    for (const one of trades) part(trade, one, receiveMs, sink);
  };

  return {
    decode(frame, receiveMs, sink) {
      const fields = typeof frame === 'string' || frame.length > maxFrame ? undefined : readProto(frame);
      if (frame.length > maxFrame) sink.reject('too-long', `${frame.length} bytes; expected at most ${maxFrame}`);
      else if (!fields || fields.length === 0) sink.reject('bad-frame', 'the frame is no binary message');
      for (const { tag, wire, value } of fields ?? []) {
        if (wire !== 'bytes') sink.unmodelled(`field ${tag}`);
        else if (tag === 1) part(trade, value, receiveMs, sink);
        else if (tag === 2) sink.control({ kind: 'heartbeat' });
        else if (tag === 8) batch(value, receiveMs, sink);
        else if (tag === 10) part(book, value, receiveMs, sink);
        else sink.unmodelled(tag === 9 ? 'live-price' : `field ${tag}`);
      }
    },
  };
}

/** `price;lots;value`; a level without lots is empty. */
function readLevel(part: string): readonly Level[] {
  const [price, lots] = part.split(';').map((text) => Number(decimalOf(text) ?? NaN));
  if (!isWhole(price, 1e9)) throw new RecordError('level', part, 'price;lots;value');
  if (lots === 0) return [];
  if (!isWhole(lots, 1e12)) throw new RecordError('level', part, 'price;lots;value');
  return [[String(price), String(lots * 100)]];
}

function aCode(text: string | undefined, field: string): string {
  if (text === undefined || !codePattern.test(text)) throw new RecordError(field, text, '4 to 12 of A-Z, 0-9 and "-"');
  return text;
}

function whole(field: ProtoField | undefined, name: string, most: number): number {
  const value = numberOf(field);
  if (!isWhole(value, most)) throw new RecordError(name, value, `a whole number from 1 to ${most}`);
  return value;
}

/** Of a field that is there twice, the last counts. */
function last(fields: readonly ProtoField[], tag: number): ProtoField | undefined {
  return fields.findLast((field) => field.tag === tag);
}

function textOf(field: ProtoField | undefined): string | undefined {
  return field?.wire === 'bytes' ? new TextDecoder().decode(field.value) : undefined;
}

function numberOf(field: ProtoField | undefined): number | undefined {
  if (field === undefined) return undefined;
  return field.wire === 'bytes' ? Number(decimalOf(textOf(field)) ?? NaN) : field.value;
}

function isWhole(value: number | undefined, most: number): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value > 0 && value <= most;
}

/** A timestamp message, epoch seconds or milliseconds, or a Jakarta clock; whatever is further away than a day is none. */
function timeOf(field: ProtoField | undefined, receiveMs: number): number | undefined {
  let timeMs: number | undefined;
  if (field?.wire === 'bytes') {
    const clock = field.value.length <= 8 ? clockMs(new TextDecoder().decode(field.value)) : undefined;
    const parts = clock === undefined ? (readProto(field.value) ?? []) : [];
    const seconds = numberOf(last(parts, 1));
    if (clock !== undefined) timeMs = wibDayStart(receiveMs) + clock;
    else if (seconds !== undefined) timeMs = seconds * 1000 + Math.floor((numberOf(last(parts, 2)) ?? 0) / 1e6);
  } else if (field) timeMs = field.value < 1e11 ? field.value * 1000 : field.value;
  return timeMs !== undefined && Number.isSafeInteger(timeMs) && Math.abs(timeMs - receiveMs) <= 86_400_000
    ? timeMs
    : undefined;
}
