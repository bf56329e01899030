/** Binance spot, USD-M and COIN-M: live feeds with books that are kept in step, and the public REST endpoints. No key needed. */
import { AdaptersError } from '../errors.ts';
import { createHttpClient, type HttpClient } from '../http-client.ts';
import { requireFeedOptions, requireOneOf } from '../internal/venue/feed-options.ts';
import type { VenueChannel, VenueFeedOptions } from '../internal/venue/feed-options.ts';
import { dayMs } from '../internal/venue/rest.ts';
import type { VenueFeed } from '../venue-feed.ts';
import { binanceDecoder, pingId } from './binance/decoder.ts';
import { binanceIntervals, type BinanceMarket, binanceMarkets } from './binance/markets.ts';
import type { TradeStream } from './binance/message.ts';

export type { VenueChannel, VenueFeedOptions } from '../internal/venue/feed-options.ts';
export type { BinanceMarket } from './binance/markets.ts';
export type { TradeStream } from './binance/message.ts';
export {
  binanceClientDefaults,
  createBinanceClient,
  parseBinanceBars,
  parseBinanceBook,
  parseBinanceTrades,
} from './binance/rest.ts';
export type { BinanceClientOptions } from './binance/rest.ts';

/** What {@link binanceFeed} subscribes to. Symbols are spelled `BTCUSDT`, of COIN-M `BTCUSD_PERP`. */
export interface BinanceFeedOptions extends VenueFeedOptions {
  /** Which of Binance's markets. @defaultValue `'spot'` */
  readonly market?: BinanceMarket;
  /**
   * Which stream is the tape: every fill (`trade`), or the fills of one taker order at one price (`aggTrade`), whose gaps
   * the REST endpoint can fill. @defaultValue `'aggTrade'`
   */
  readonly tradeStream?: TradeStream;
  /** Length of a bar as Binance names it. @defaultValue `'1m'` */
  readonly bar?: string;
  /** Levels a side of a fetched book. @defaultValue 1000 */
  readonly depth?: number;
  /** Fetches the books. @defaultValue a client with two requests a second */
  readonly http?: HttpClient;
  /** Where the books are fetched. @defaultValue the venue's public address */
  readonly restUrl?: string;
}

/** What {@link binanceFeed} uses where an option is absent. */
export const binanceFeedDefaults = {
  market: 'spot',
  tradeStream: 'aggTrade',
  bar: '1m',
  depth: 1000,
} as const satisfies Partial<BinanceFeedOptions>;

const pingMs = 20_000;
const silenceMs = 60_000;
/** 5 messages a second are allowed, and 1,024 streams. */
const streamsPerRequest = 200;

/**
 * Binance: `aggTrade` or `trade`, `depth@100ms` with books fetched over REST (`bookRules.binanceSpot`, of futures
 * `binanceFutures`), `bookTicker` and `kline`. Holes in the ids of trades and of books are gaps; a book that lost its step is
 * fetched anew. A connection lives 24 hours.
 *
 * @example
 * ```ts
 * const feed = binanceFeed({ market: 'spot', symbols: ['BTCUSDT'], channels: ['trades', 'book'] });
 * feed.name; // => 'binance:spot'
 * ```
 * @throws `AdaptersError` `bad-option`, also for channels of USD-M that Binance serves on two addresses.
 */
export function binanceFeed(options: BinanceFeedOptions): VenueFeed {
  requireFeedOptions('binanceFeed', options);
  const { market, tradeStream, bar, depth } = { ...binanceFeedDefaults, ...options };
  const { symbols, channels } = options;
  requireOneOf('binanceFeed', 'market', market, Object.keys(binanceMarkets) as BinanceMarket[]);
  requireOneOf('binanceFeed', 'tradeStream', tradeStream, ['trade', 'aggTrade']);
  requireOneOf('binanceFeed', 'bar', bar, [...binanceIntervals.keys()]);
  const { wsUrl, restUrl: publicRest, root, depths, pathOf } = binanceMarkets[market];
  requireOneOf('binanceFeed', 'depth', depth, depths);
  const paths = [...new Set(channels.map(pathOf))];
  const url = options.url ?? (paths.length === 1 ? `${wsUrl}${paths[0]}` : undefined);
  if (url === undefined) throw twoAddresses(market, channels);

  const streamOf = (channel: VenueChannel, symbol: string): string =>
    `${symbol.toLowerCase()}@${{ trades: tradeStream, book: 'depth@100ms', quotes: 'bookTicker', bars: `kline_${bar}` }[channel]}`;
  const http = options.http ?? createHttpClient({ requestsPerSecond: 2, burst: 2 });
  return {
    name: `binance:${market}`,
    symbols,
    url: () => url,
    opening() {
      const streams = [...new Set(channels.flatMap((channel) => symbols.map((symbol) => streamOf(channel, symbol))))];
      const requests: string[] = [];
      for (let i = 0; i < streams.length; i += streamsPerRequest) {
        const params = streams.slice(i, i + streamsPerRequest);
        requests.push(JSON.stringify({ method: 'SUBSCRIBE', params, id: 1 + i / streamsPerRequest }));
      }
      return requests;
    },
    // Binance pings by itself, but not every platform shows that.
    ping: { everyMs: pingMs, frame: () => JSON.stringify({ method: 'LIST_SUBSCRIPTIONS', id: pingId }) },
    silenceMs,
    lifetimeMs: dayMs,
    tradeIdsRiseByOne: true,
    async snapshot(symbol, _channel, signal) {
      const address = `${options.restUrl ?? publicRest}${root}/depth`;
      const { body } = await http.send({ url: address, query: { symbol, limit: depth }, signal });
      requireJson(address, body);
      // The answer of spot names no symbol.
      return `{"snapshot":${JSON.stringify(symbol)},"data":${body}}`;
    },
    decoder: () => binanceDecoder({ market, symbols, tradeStream }),
  };
}

function twoAddresses(market: BinanceMarket, channels: readonly VenueChannel[]): AdaptersError {
  return new AdaptersError(
    'bad-option',
    `channels ${channels.join(', ')} of ${market} are served on two addresses. Make one feed of 'book' and 'quotes' and one of ` +
      `'trades' and 'bars', or pass the url of an address that has all.`,
    { value: channels },
  );
}

function requireJson(address: string, body: string): void {
  try {
    JSON.parse(body);
  } catch (cause) {
    const said = JSON.stringify(body.slice(0, 100));
    throw new AdaptersError('bad-response', `${address} answered ${said}; expected a book as JSON.`, { cause });
  }
}
