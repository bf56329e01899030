/** Bybit v5: live feed and the public REST endpoints, and the protocol before v5 for recordings. No key needed. */
import { isChannel, requireFeedOptions, requireOneOf } from '../internal/venue/feed-options.ts';
import type { VenueChannel, VenueFeedOptions } from '../internal/venue/feed-options.ts';
import type { VenueFeed } from '../venue-feed.ts';
import { bybitDecoder, bybitIntervals } from './bybit/decoder.ts';
import { bybitDepths } from './bybit/markets.ts';
import type { BybitMarket } from './bybit/markets.ts';

export type { VenueChannel, VenueFeedOptions } from '../internal/venue/feed-options.ts';
export { bybitLegacyDecoder } from './bybit/legacy.ts';
export type { BybitMarket } from './bybit/markets.ts';
export {
  bybitClientDefaults,
  createBybitClient,
  parseBybitBars,
  parseBybitBook,
  parseBybitTrades,
} from './bybit/rest.ts';
export type { BybitClientOptions } from './bybit/rest.ts';

/** What {@link bybitFeed} subscribes to. Symbols are spelled `BTCUSDT`. */
export interface BybitFeedOptions extends VenueFeedOptions {
  /** Which of Bybit's markets. @defaultValue `'linear'` */
  readonly market?: BybitMarket;
  /** Levels a side of the book: 1, 50, 200 or 1000. @defaultValue 50 */
  readonly depth?: number;
  /** Length of a bar as Bybit names it: minutes, `D` or `W`. @defaultValue `'1'` */
  readonly bar?: string;
}

/** What {@link bybitFeed} uses where an option is absent. */
export const bybitFeedDefaults = {
  market: 'linear',
  depth: 50,
  bar: '1',
  url: 'wss://stream.bybit.com/v5/public',
} as const satisfies Partial<BybitFeedOptions>;

const pingMs = 20_000;
const silenceMs = 45_000;
/** Of spot; the other markets take more, none needs it. */
const topicsPerRequest = 10;

/**
 * Bybit v5: `publicTrade`, `orderbook.{depth}` with `bookRules.bybit` (`bybitTop` for depth 1), quotes from `orderbook.1`
 * and `kline`. A hole in the ids of a book is reported as a gap; block trades are marked `nonMarket`. Trades have no ids
 * that could tell a loss.
 *
 * @example
 * ```ts
 * const feed = bybitFeed({ market: 'linear', symbols: ['BTCUSDT'], channels: ['trades', 'book'] });
 * feed.name; // => 'bybit:linear'
 * ```
 * @throws `AdaptersError` `bad-option`.
 */
export function bybitFeed(options: BybitFeedOptions): VenueFeed {
  requireFeedOptions('bybitFeed', options);
  const { market = bybitFeedDefaults.market, symbols, channels, bar = bybitFeedDefaults.bar } = options;
  requireOneOf('bybitFeed', 'market', market, Object.keys(bybitDepths) as BybitMarket[]);
  const { depth = bybitFeedDefaults.depth } = options;
  requireOneOf('bybitFeed', 'depth', depth, bybitDepths[market]);
  requireOneOf('bybitFeed', 'bar', bar, [...bybitIntervals.keys()]);
  const { url = `${bybitFeedDefaults.url}/${market}` } = options;
  const topicOf = (channel: VenueChannel, symbol: string): string =>
    ({
      trades: `publicTrade.${symbol}`,
      book: `orderbook.${depth}.${symbol}`,
      quotes: `orderbook.1.${symbol}`,
      bars: `kline.${bar}.${symbol}`,
    })[channel];
  return {
    name: `bybit:${market}`,
    symbols,
    url: () => url,
    opening() {
      const topics = [...new Set(channels.flatMap((channel) => symbols.map((symbol) => topicOf(channel, symbol))))];
      const requests: string[] = [];
      for (let i = 0; i < topics.length; i += topicsPerRequest) {
        const args = topics.slice(i, i + topicsPerRequest);
        requests.push(JSON.stringify({ req_id: args[0], op: 'subscribe', args }));
      }
      return requests;
    },
    ping: { everyMs: pingMs, frame: () => '{"op":"ping"}' },
    silenceMs,
    resubscribe: (symbol, channel) =>
      isChannel(channel)
        ? ['unsubscribe', 'subscribe'].map((op) => JSON.stringify({ op, args: [topicOf(channel, symbol)] }))
        : [],
    decoder: () =>
      bybitDecoder({ symbols, depth: channels.includes('book') ? depth : 0, quotes: channels.includes('quotes') }),
  };
}
