/** Deribit: live feed and the public REST endpoints. No key needed. */
import { isChannel, requireFeedOptions, requireOneOf } from '../internal/venue/feed-options.ts';
import type { VenueChannel, VenueFeedOptions } from '../internal/venue/feed-options.ts';
import type { VenueFeed } from '../venue-feed.ts';
import { deribitDecoder, deribitIntervals } from './deribit/decoder.ts';

export type { VenueChannel, VenueFeedOptions } from '../internal/venue/feed-options.ts';
export {
  createDeribitClient,
  deribitClientDefaults,
  parseDeribitBars,
  parseDeribitBook,
  parseDeribitTrades,
} from './deribit/rest.ts';
export type { DeribitTradesPage } from './deribit/rest.ts';

/** What {@link deribitFeed} subscribes to. Symbols are spelled `BTC-PERPETUAL`. */
export interface DeribitFeedOptions extends VenueFeedOptions {
  /** Length of a bar as Deribit names it: minutes or `1D`. @defaultValue `'1'` */
  readonly bar?: string;
}

/** What {@link deribitFeed} uses where an option is absent. */
export const deribitFeedDefaults = {
  bar: '1',
  url: 'wss://www.deribit.com/ws/api/v2',
} as const satisfies Partial<DeribitFeedOptions>;

/** Deribit sends a heartbeat at this distance, and closes when its test requests are not answered. */
const heartbeatSeconds = 15;
const silenceMs = 45_000;

/**
 * Deribit: `trades`, `book` (`bookRules.deribit`), `quote` and `chart.trades`. Holes in `trade_seq` and in the ids of a book
 * are reported as gaps; block trades are marked `nonMarket`; amounts of inverse contracts are US dollars.
 *
 * @example
 * ```ts
 * const feed = deribitFeed({ symbols: ['BTC-PERPETUAL'], channels: ['trades', 'book'] });
 * feed.opening().length; // => 2
 * ```
 * @throws `AdaptersError` `bad-option`.
 */
export function deribitFeed(options: DeribitFeedOptions): VenueFeed {
  requireFeedOptions('deribitFeed', options);
  const { symbols, channels, bar, url } = { ...deribitFeedDefaults, ...options };
  requireOneOf('deribitFeed', 'bar', bar, [...deribitIntervals.keys()]);
  const nameOf = (channel: VenueChannel, symbol: string): string =>
    ({
      trades: `trades.${symbol}.100ms`,
      book: `book.${symbol}.100ms`,
      quotes: `quote.${symbol}`,
      bars: `chart.trades.${symbol}.${bar}`,
    })[channel];
  const say = (id: number, method: string, params: Readonly<Record<string, unknown>>): string =>
    JSON.stringify({ jsonrpc: '2.0', id, method: `public/${method}`, params });
  return {
    name: 'deribit',
    symbols,
    url: () => url,
    opening: () => [
      say(1, 'set_heartbeat', { interval: heartbeatSeconds }),
      say(2, 'subscribe', {
        channels: channels.flatMap((channel) => symbols.map((symbol) => nameOf(channel, symbol))),
      }),
    ],
    silenceMs,
    resubscribe: (symbol, channel) =>
      isChannel(channel)
        ? ['unsubscribe', 'subscribe'].map((method, i) => say(3 + i, method, { channels: [nameOf(channel, symbol)] }))
        : [],
    decoder: () => deribitDecoder(symbols),
  };
}
