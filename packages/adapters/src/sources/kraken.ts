/** Kraken spot: live feeds (WebSocket v2 and v1) and the public REST endpoints. No key needed. */
import { isChannel, requireFeedOptions, requireOneOf } from '../internal/venue/feed-options.ts';
import type { VenueChannel, VenueFeedOptions } from '../internal/venue/feed-options.ts';
import type { VenueFeed } from '../venue-feed.ts';
import { krakenIntervals, krakenSpotDecoder } from './kraken/spot.ts';
import { krakenSpotV1Decoder } from './kraken/spot-v1.ts';

export type { VenueChannel, VenueFeedOptions } from '../internal/venue/feed-options.ts';
export {
  createKrakenClient,
  krakenClientDefaults,
  parseKrakenBars,
  parseKrakenBook,
  parseKrakenTrades,
} from './kraken/rest.ts';
export type { KrakenTradesPage } from './kraken/rest.ts';

/** What {@link krakenFeed} and {@link krakenV1Feed} subscribe to. Symbols are spelled `BTC/USD` (v1: `XBT/USD`). */
export interface KrakenFeedOptions extends VenueFeedOptions {
  /**
   * Levels a side of the book: 10, 25, 100, 500 or 1000. Kraken says nothing of a level that leaves this depth: pass the
   * same number as `maxLevels` to `createBook`, with `bookRules.kraken` and `krakenBookChecksum`.
   * @defaultValue 10
   */
  readonly depth?: number;
  /** Length of a bar: 1, 5, 15, 30, 60, 240, 1440, 10080 or 21600. @defaultValue 1 */
  readonly barMinutes?: number;
}

/** What {@link krakenFeed} uses where an option is absent. */
export const krakenFeedDefaults = {
  depth: 10,
  barMinutes: 1,
  url: 'wss://ws.kraken.com/v2',
} as const satisfies Partial<KrakenFeedOptions>;

/** What {@link krakenV1Feed} uses where an option is absent. */
export const krakenV1FeedDefaults = {
  ...krakenFeedDefaults,
  url: 'wss://ws.kraken.com',
} as const satisfies Partial<KrakenFeedOptions>;

/** Kraken sends a heartbeat every second on a connection that is idle. */
const silenceMs = 15_000;
const pingMs = 30_000;
const depths: readonly number[] = [10, 25, 100, 500, 1000];

/**
 * Kraken spot over WebSocket v2. Each book is held against the venue's CRC32, which goes along as `checksum`: an update
 * that was lost is reported as a gap, and the book is asked for anew. A hole in the ids of trades is a gap, too. The 50 trades from before the subscription are counted, not delivered.
 *
 * @example
 * ```ts
 * const feed = krakenFeed({ symbols: ['BTC/USD'], channels: ['trades', 'book'], depth: 25 });
 * feed.opening().length; // => 2
 * ```
 * @throws `AdaptersError` `bad-option`.
 */
export function krakenFeed(options: KrakenFeedOptions): VenueFeed {
  const { symbols, channels, depth, barMinutes, url } = checked('krakenFeed', { ...krakenFeedDefaults, ...options });
  const params = (channel: VenueChannel, symbol: readonly string[]): Record<string, unknown> =>
    ({
      trades: { channel: 'trade', symbol, snapshot: false },
      book: { channel: 'book', symbol, depth },
      quotes: { channel: 'ticker', symbol, event_trigger: 'bbo' },
      bars: { channel: 'ohlc', symbol, interval: barMinutes },
    })[channel];
  const say = (method: string, channel: VenueChannel, symbol: readonly string[]): string =>
    JSON.stringify({ method, params: params(channel, symbol) });
  return {
    name: 'kraken:spot',
    symbols,
    tradeIdsRiseByOne: true,
    url: () => url,
    opening: () => channels.map((channel) => say('subscribe', channel, symbols)),
    ping: { everyMs: pingMs, frame: () => '{"method":"ping"}' },
    silenceMs,
    resubscribe: (symbol, channel) =>
      isChannel(channel) ? [say('unsubscribe', channel, [symbol]), say('subscribe', channel, [symbol])] : [],
    decoder: () => krakenSpotDecoder(symbols, depth),
  };
}

/**
 * Kraken spot over WebSocket v1, with prices and sizes in quotes and without trade ids; for recordings of it and for
 * pairs in Kraken's old spelling.
 * @throws `AdaptersError` `bad-option`.
 */
export function krakenV1Feed(options: KrakenFeedOptions): VenueFeed {
  const { symbols, channels, depth, barMinutes, url } = checked('krakenV1Feed', {
    ...krakenV1FeedDefaults,
    ...options,
  });
  const subscription = (channel: VenueChannel): Record<string, unknown> =>
    ({
      trades: { name: 'trade' },
      book: { name: 'book', depth },
      quotes: { name: 'spread' },
      bars: { name: 'ohlc', interval: barMinutes },
    })[channel];
  const say = (event: string, channel: VenueChannel, pair: readonly string[]): string =>
    JSON.stringify({ event, pair, subscription: subscription(channel) });
  return {
    name: 'kraken:spot-v1',
    symbols,
    url: () => url,
    opening: () => channels.map((channel) => say('subscribe', channel, symbols)),
    ping: { everyMs: pingMs, frame: () => '{"event":"ping"}' },
    silenceMs,
    resubscribe: (symbol, channel) =>
      isChannel(channel) ? [say('unsubscribe', channel, [symbol]), say('subscribe', channel, [symbol])] : [],
    decoder: () => krakenSpotV1Decoder(symbols),
  };
}

function checked<T extends KrakenFeedOptions & { readonly depth: number; readonly barMinutes: number }>(
  feed: string,
  options: T,
): T {
  requireFeedOptions(feed, options);
  requireOneOf(feed, 'depth', options.depth, depths);
  requireOneOf(feed, 'barMinutes', options.barMinutes, krakenIntervals);
  return options;
}
