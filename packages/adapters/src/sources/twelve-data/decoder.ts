/** Twelve Data's WebSocket frames to price ticks and quotes. */
import type { SourceEvent } from '../../market-source.ts';
import type { FrameDecoder, FrameSink } from '../../venue-feed.ts';
import { decimalOf, excerpt, type Json } from '../../internal/rest-records.ts';
import { isObject } from '../binance/schema.ts';
import { shown } from '../../internal/record-error.ts';

/** How price ticks become events. */
export interface TwelveDataDecoderOptions {
  /**
   * A tick is the last price without a size. `none`: a print of size 0, marked `nonMarket`. `day-volume`: the growth of the
   * day's volume since the tick before it; without growth still size 0 and `nonMarket`.
   * @defaultValue 'none'
   */
  readonly sizes?: 'none' | 'day-volume';
}

/** What {@link createTwelveDataDecoder} uses where an option is absent. */
export const twelveDataDecoderDefaults = { sizes: 'none' } as const satisfies TwelveDataDecoderOptions;

const maxFrame = 1 << 20;
const maxSymbols = 10_000;

/**
 * A decoder of `wss://ws.twelvedata.com/v1/quotes/price`. Of FX and crypto ticks, bid and ask come out as a quote as well.
 * Ticks have no id and no taker.
 */
export function createTwelveDataDecoder(options: TwelveDataDecoderOptions = {}): FrameDecoder {
  const { sizes } = { ...twelveDataDecoderDefaults, ...options };
  const dayVolumes = new Map<string, number>();

  const sizeOf = (symbol: string, dayVolume: unknown): number => {
    if (sizes === 'none' || !Number.isSafeInteger(dayVolume) || (dayVolume as number) < 0) return 0;
    const before = dayVolumes.get(symbol);
    if (before !== undefined || dayVolumes.size < maxSymbols) dayVolumes.set(symbol, dayVolume as number);
    // The volume starts anew every day, and is corrected downwards at times.
    return before === undefined ? 0 : Math.max(0, (dayVolume as number) - before);
  };

  const tick = (message: Json, sink: FrameSink): void => {
    const { symbol, timestamp, exchange } = message;
    const price = decimalOf(message['price']);
    if (typeof symbol !== 'string' || symbol === '' || symbol.length > 60) {
      sink.reject('bad-record', `symbol is ${shown(symbol)}; expected a text that is not empty`);
    } else if (!Number.isSafeInteger(timestamp) || (timestamp as number) <= 0 || (timestamp as number) > 4e9) {
      sink.reject('bad-record', `timestamp is ${shown(timestamp)}; expected seconds since 1970`);
    } else if (price === undefined || price.startsWith('-')) {
      sink.reject('bad-record', `price is ${shown(message['price'])}; expected a decimal from 0`);
    } else {
      const timeMs = (timestamp as number) * 1000;
      const size = sizeOf(`${symbol}\n${typeof exchange === 'string' ? exchange : ''}`, message['day_volume']);
      const trade = { type: 'trade', symbol, timeMs, price, size: String(size), side: 'unknown' } as const;
      sink.event(size > 0 ? trade : { ...trade, nonMarket: true });
      const quote = quoteOf(message, symbol, timeMs);
      if (quote) sink.event(quote);
    }
  };

  const status = (message: Json, sink: FrameSink): void => {
    const [accepted, failed] = [namesIn(message['success']), namesIn(message['fails'])];
    for (const channel of accepted) sink.control({ kind: 'subscribed', channel });
    for (const name of failed) {
      sink.control({ kind: 'refused', detail: `symbol ${name} was not subscribed`, fatal: accepted.length === 0 });
    }
    if (accepted.length + failed.length === 0) {
      if (message['status'] === 'error') {
        sink.control({ kind: 'refused', detail: `subscription: ${shown(message['message'])}`, fatal: true });
      } else sink.control({ kind: 'heartbeat' });
    }
  };

  return {
    decode(frame, _receiveMs, sink) {
      if (frame.length > maxFrame) {
        sink.reject('too-long', `${frame.length} characters; expected at most ${maxFrame}`);
        return;
      }
      let message: unknown;
      try {
        message = JSON.parse(typeof frame === 'string' ? frame : new TextDecoder().decode(frame));
      } catch (error) {
        sink.reject('bad-frame', `no JSON: ${(error as Error).message.slice(0, 200)}`);
        return;
      }
      if (!isObject(message)) {
        sink.reject('bad-frame', `the frame is ${shown(message)}; expected an object`);
        return;
      }
      const { event } = message;
      if (event === 'price') tick(message, sink);
      else if (event === 'heartbeat') sink.control({ kind: 'heartbeat' });
      else if (event === 'subscribe-status') status(message, sink);
      else if (message['status'] === 'error') {
        // A wrong key does not become right by trying again; a full minute does.
        const { code } = message;
        const detail = `${excerpt(code, 20)}: ${excerpt(message['message'])}`;
        sink.control({ kind: 'refused', detail, fatal: code === 400 || code === 401 || code === 403 });
      } else if (typeof event === 'string') sink.unmodelled(event.slice(0, 40));
      else sink.reject('bad-frame', `event is ${shown(event)}; expected a text`);
    },
  };
}

function quoteOf(message: Json, symbol: string, timeMs: number): SourceEvent | undefined {
  const of = (key: string): string | undefined => {
    const value = decimalOf(message[key]);
    return value === undefined || value === '0' || value.startsWith('-') ? undefined : value;
  };
  const [bidPrice, askPrice] = [of('bid'), of('ask')];
  if (bidPrice === undefined && askPrice === undefined) return undefined;
  return {
    type: 'quote',
    symbol,
    timeMs,
    ...(bidPrice === undefined ? undefined : { bidPrice }),
    ...(askPrice === undefined ? undefined : { askPrice }),
  };
}

function namesIn(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown) =>
    isObject(item) && typeof item['symbol'] === 'string' ? [item['symbol'].slice(0, 60)] : [],
  );
}
