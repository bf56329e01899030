/** Coinbase Exchange and Coinbase Advanced Trade: live feeds and the public REST endpoints. No key needed. */
import { AdaptersError } from '../errors.ts';
import { isChannel, requireFeedOptions, requireOneOf } from '../internal/venue/feed-options.ts';
import type { VenueChannel, VenueFeedOptions } from '../internal/venue/feed-options.ts';
import type { VenueFeed } from '../venue-feed.ts';
import { coinbaseAdvancedDecoder } from './coinbase/advanced.ts';
import type { CoinbaseTradeSide } from './coinbase/advanced.ts';
import { coinbaseExchangeDecoder } from './coinbase/exchange.ts';

export type { VenueChannel, VenueFeedOptions } from '../internal/venue/feed-options.ts';
export type { CoinbaseTradeSide } from './coinbase/advanced.ts';
export {
  coinbaseAdvancedClientDefaults,
  coinbaseExchangeClientDefaults,
  createCoinbaseAdvancedClient,
  createCoinbaseExchangeClient,
  parseCoinbaseAdvancedBars,
  parseCoinbaseAdvancedBook,
  parseCoinbaseAdvancedTrades,
  parseCoinbaseExchangeBars,
  parseCoinbaseExchangeBook,
  parseCoinbaseExchangeTrades,
} from './coinbase/rest.ts';
export type { CoinbaseAdvancedClientOptions } from './coinbase/rest.ts';

/** What {@link coinbaseExchangeFeed} uses where an option is absent. */
export const coinbaseExchangeFeedDefaults = {
  url: 'wss://ws-feed.exchange.coinbase.com',
} as const satisfies Partial<VenueFeedOptions>;

/** Heartbeats come every second. */
const silenceMs = 15_000;

/**
 * Coinbase Exchange: `matches`, `level2_batch` (`bookRules.coinbaseExchange`) and quotes from `ticker`, which the venue
 * sends after a trade only. Trades have the taker's side, which is not the one that the venue names; a hole in their ids is
 * reported, also the one that only a heartbeat shows. Updates of the book have no numbers: nothing tells a lost one.
 *
 * @example
 * ```ts
 * const feed = coinbaseExchangeFeed({ symbols: ['BTC-USD'], channels: ['trades', 'book'] });
 * feed.name; // => 'coinbase:exchange'
 * ```
 * @throws `AdaptersError` `bad-option`, also for bars, which the venue does not stream.
 */
export function coinbaseExchangeFeed(options: VenueFeedOptions): VenueFeed {
  requireFeedOptions('coinbaseExchangeFeed', options);
  const { symbols, channels, url } = { ...coinbaseExchangeFeedDefaults, ...options };
  if (channels.includes('bars')) {
    throw new AdaptersError(
      'bad-option',
      'channels of coinbaseExchangeFeed has bars, and the venue streams none. Make them of trades, or ask the REST client.',
      { value: channels },
    );
  }
  const nameOf = (channel: VenueChannel): string =>
    ({ trades: 'matches', book: 'level2_batch', quotes: 'ticker', bars: '' })[channel];
  const say = (type: string, ids: readonly string[], names: readonly string[]): string =>
    JSON.stringify({ type, product_ids: ids, channels: names });
  return {
    name: 'coinbase:exchange',
    symbols,
    tradeIdsRiseByOne: true,
    url: () => url,
    opening: () => [say('subscribe', symbols, [...channels.map(nameOf), 'heartbeat'])],
    silenceMs,
    resubscribe: (symbol, channel) =>
      isChannel(channel) ? ['unsubscribe', 'subscribe'].map((type) => say(type, [symbol], [nameOf(channel)])) : [],
    decoder: () => coinbaseExchangeDecoder(symbols),
  };
}

/** What {@link coinbaseAdvancedFeed} subscribes to. */
export interface CoinbaseAdvancedFeedOptions extends VenueFeedOptions {
  /**
   * Whose side the venue's `side` of a trade names. Clients of it disagree: compare with the quote rule at the start, and
   * pass `taker` where that says so.
   * @defaultValue `'maker'`
   */
  readonly tradeSide?: CoinbaseTradeSide;
}

/** What {@link coinbaseAdvancedFeed} uses where an option is absent. */
export const coinbaseAdvancedFeedDefaults = {
  tradeSide: 'maker',
  url: 'wss://advanced-trade-ws.coinbase.com',
} as const satisfies Partial<CoinbaseAdvancedFeedOptions>;

/**
 * Coinbase Advanced Trade: `market_trades`, `level2` (`bookRules.coinbaseAdvanced`), `ticker` and `candles` (5 minutes).
 * Messages are numbered over the whole connection: after a hole every channel has a gap and every book is asked for anew.
 *
 * @example
 * ```ts
 * const feed = coinbaseAdvancedFeed({ symbols: ['BTC-USD'], channels: ['trades', 'book'], tradeSide: 'maker' });
 * feed.opening().length; // => 3
 * ```
 * @throws `AdaptersError` `bad-option`.
 */
export function coinbaseAdvancedFeed(options: CoinbaseAdvancedFeedOptions): VenueFeed {
  requireFeedOptions('coinbaseAdvancedFeed', options);
  const { symbols, channels, tradeSide, url } = { ...coinbaseAdvancedFeedDefaults, ...options };
  requireOneOf('coinbaseAdvancedFeed', 'tradeSide', tradeSide, ['maker', 'taker']);
  const nameOf = (channel: VenueChannel): string =>
    ({ trades: 'market_trades', book: 'level2', quotes: 'ticker', bars: 'candles' })[channel];
  const say = (type: string, ids: readonly string[], channel: string): string =>
    JSON.stringify({ type, product_ids: ids, channel });
  return {
    name: 'coinbase:advanced',
    symbols,
    url: () => url,
    // One channel per message; without heartbeats the venue closes channels that are idle for a minute.
    opening: () => [...channels.map(nameOf), 'heartbeats'].map((channel) => say('subscribe', symbols, channel)),
    silenceMs,
    resubscribe: (symbol, channel) =>
      isChannel(channel) ? ['unsubscribe', 'subscribe'].map((type) => say(type, [symbol], nameOf(channel))) : [],
    decoder: () => coinbaseAdvancedDecoder(symbols, tradeSide),
  };
}
