/** Decodes one connection to a hub: handshake, keep-alive, answers, trades and quotes. */
import type { Aggressor } from '@tapekit/orderflow/market';
import { eachRecord, heartbeat, parseExact } from '../../internal/venue/json-frames.ts';
import { symbolFilter } from '../../internal/venue/feed-options.ts';
import { anObject, aList, isObject, RecordError } from '../../internal/venue/fields.ts';
import type { Json } from '../../internal/venue/fields.ts';
import type { SourceEvent } from '../../market-source.ts';
import type { FrameDecoder, FrameSink } from '../../venue-feed.ts';
import { field, mapQuote, mapTrade, readQuote, symbolOf } from './map.ts';
import type { HubQuote } from './map.ts';
import { shown } from '../../internal/record-error.ts';
import { createSignalrRecords, signalrPing, signalrType } from './signalr.ts';

/** What the decoder needs of the feed. */
export interface TopstepxDecoderOptions {
  readonly symbols: readonly string[];
  /** Sent when the hub has accepted the handshake. */
  readonly subscriptions: readonly string[];
  /** Names of the subscriptions by their invocation id. */
  readonly names: ReadonlyMap<string, string>;
  /** Tick size by symbol: where given, best bid and ask decide the side before the venue's flag. */
  readonly tickSizes: Readonly<Record<string, number>>;
  readonly maxQuoteAgeMs: number;
  readonly maxRecordLength: number;
  /** Called at the handshake; false when the token is of no use. */
  readonly onOpen: (receiveMs: number, sink: FrameSink) => boolean;
}

const tradeTargets: readonly string[] = ['RealTimeTradeLogWithSpeed', 'GatewayTrade'];
const quoteTargets: readonly string[] = ['RealTimeSymbolQuote', 'GatewayQuote'];

export function createTopstepxDecoder(options: TopstepxDecoderOptions): FrameDecoder {
  const records = createSignalrRecords(options.maxRecordLength);
  const asked = symbolFilter(options.symbols);
  const onlySymbol = options.symbols.length === 1 ? options.symbols[0] : undefined;
  const quotes = new Map<string, HubQuote>();
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  let awaitsHandshake = true;

  const symbolFor = (argument: unknown, record: Json, sink: FrameSink): string | undefined => {
    const symbol = symbolOf(argument, record) ?? onlySymbol;
    if (symbol === undefined)
      throw new RecordError('symbol', undefined, 'a symbol in the first argument or in the record');
    return asked(symbol, sink) ? symbol : undefined;
  };

  /** The best prices decide where they are fresh and the trade is at one of them; in between, the venue's flag. */
  const sideOf = ({ symbol, price, side }: SourceEvent & { type: 'trade' }, receiveMs: number): Aggressor => {
    const tick = Object.hasOwn(options.tickSizes, symbol) ? options.tickSizes[symbol] : undefined;
    const quote = quotes.get(symbol);
    if (tick === undefined || !quote || Math.abs(receiveMs - quote.receiveMs) > options.maxQuoteAgeMs) return side;
    const [bid, ask, at] = [Number(quote.bid ?? NaN), Number(quote.ask ?? NaN), Number(price)];
    if (!(bid < ask)) return side;
    if (at >= ask - tick / 2) return 'buy';
    return at <= bid + tick / 2 ? 'sell' : side;
  };

  const readTrades = (args: readonly unknown[], receiveMs: number, sink: FrameSink): void => {
    // One hub sends lists, the other one record or a list.
    const list = Array.isArray(args[1]) ? (args[1] as readonly unknown[]) : [args[1]];
    eachRecord(list, sink, (item) => {
      const raw = anObject(item, 'trade');
      const symbol = symbolFor(args[0], raw, sink);
      if (symbol === undefined) return;
      const trade = mapTrade(raw, symbol);
      sink.event({ ...trade, side: sideOf(trade, receiveMs) });
    });
  };

  const readQuotes = (args: readonly unknown[], receiveMs: number, sink: FrameSink): void => {
    const named = args.length > 1 ? args[0] : undefined;
    const body = args.length > 1 ? args[1] : args[0];
    eachRecord(Array.isArray(body) ? (body as readonly unknown[]) : [body], sink, (item) => {
      const raw = anObject(item, 'quote');
      const symbol = symbolFor(named, raw, sink);
      if (symbol === undefined) return;
      const quote = readQuote(raw, quotes.get(symbol), receiveMs);
      if (!quote) {
        sink.unmodelled('quote without best prices');
        return;
      }
      const event = mapQuote(raw, symbol, quote);
      quotes.set(symbol, quote);
      sink.event(event);
    });
  };

  const openHub = (answer: Json, receiveMs: number, sink: FrameSink): void => {
    awaitsHandshake = false;
    const error = field(answer, 'error');
    if (error !== undefined) {
      sink.control({ kind: 'refused', detail: `handshake: ${shorten(error)}`, fatal: true });
      return;
    }
    sink.control({ kind: 'subscribed', channel: 'handshake' });
    if (!options.onOpen(receiveMs, sink)) return;
    for (const frame of options.subscriptions) sink.control({ kind: 'reply', frame });
  };

  const readMessage = (message: Json, receiveMs: number, sink: FrameSink): void => {
    const { type } = message;
    if (type === undefined) {
      // Only the answer to the handshake has no type; `{}` later on is a sign of life.
      if (awaitsHandshake) openHub(message, receiveMs, sink);
      else sink.control(heartbeat);
      return;
    }
    switch (type) {
      case signalrType.invocation: {
        const [target, args] = [message['target'], aList(message['arguments'], 'arguments')];
        if (tradeTargets.includes(target as string)) readTrades(args, receiveMs, sink);
        else if (quoteTargets.includes(target as string)) readQuotes(args, receiveMs, sink);
        else sink.unmodelled(`target ${shorten(target)}`);
        return;
      }
      case signalrType.completion: {
        const id = String(message['invocationId']);
        const name = options.names.get(id) ?? `invocation ${id.slice(0, 20)}`;
        const error = message['error'] ?? undefined;
        if (error === undefined) sink.control({ kind: 'subscribed', channel: name });
        else sink.control({ kind: 'refused', detail: `${name}: ${shorten(error)}`, fatal: false });
        return;
      }
      case signalrType.ping:
        sink.control(heartbeat);
        sink.control({ kind: 'reply', frame: signalrPing });
        return;
      case signalrType.close: {
        const error = message['error'] ?? undefined;
        const detail = error === undefined ? 'the hub closes the connection' : `the hub closes: ${shorten(error)}`;
        if (error === undefined || message['allowReconnect'] === true) {
          sink.control({ kind: 'expires', atMs: receiveMs, detail });
        } else sink.control({ kind: 'refused', detail, fatal: false });
        return;
      }
      default:
        sink.unmodelled(`signalr type ${shorten(type)}`);
    }
  };

  const readRecord = (text: string, receiveMs: number, sink: FrameSink): void => {
    let message: unknown;
    try {
      message = parseExact(text);
    } catch (error) {
      sink.reject('bad-frame', `a record is no JSON: ${(error as Error).message.slice(0, 200)}`);
      return;
    }
    if (!isObject(message)) {
      sink.reject('bad-frame', `a record is ${shorten(message)}; expected an object`);
      return;
    }
    try {
      readMessage(message, receiveMs, sink);
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      sink.reject('bad-record', error.message);
    }
  };

  return {
    decode(frame, receiveMs, sink) {
      let text: string;
      try {
        text = typeof frame === 'string' ? frame : utf8.decode(frame);
      } catch {
        sink.reject('bad-frame', `the frame of ${frame.length} bytes is not UTF-8`);
        return;
      }
      const complete = records.push(text);
      let traces = 0;
      for (const record of complete) {
        if (typeof record !== 'string') {
          const detail = `a record has ${record.tooLong} characters; expected at most ${options.maxRecordLength} (maxRecordLength)`;
          sink.reject('too-long', detail);
        } else if (record !== '') {
          const before = traces;
          readRecord(
            record,
            receiveMs,
            counting(sink, () => (traces += 1)),
          );
          if (traces === before) sink.control(heartbeat);
        } else continue;
        traces += 1;
      }
      // A part of a record, or nothing at all, is a sign of life.
      if (traces === 0) sink.control(heartbeat);
    },
  };
}

function counting(sink: FrameSink, onTrace: () => void): FrameSink {
  return {
    event(event) {
      onTrace();
      sink.event(event);
    },
    reject(reason, detail) {
      onTrace();
      sink.reject(reason, detail);
    },
    unmodelled(kind) {
      onTrace();
      sink.unmodelled(kind);
    },
    control(control) {
      onTrace();
      sink.control(control);
    },
  };
}

function shorten(value: unknown): string {
  const text = typeof value === 'string' ? value : shown(value);
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
}
