/** OKX v5: live feed and the public REST endpoints. No key needed. */
import { AdaptersError } from '../errors.ts';
import { isChannel, requireFeedOptions, requireOneOf } from '../internal/venue/feed-options.ts';
import type { VenueChannel, VenueFeedOptions } from '../internal/venue/feed-options.ts';
import type { VenueFeed } from '../venue-feed.ts';
import { okxDecoder, okxIntervals } from './okx/decoder.ts';

export type { VenueChannel, VenueFeedOptions } from '../internal/venue/feed-options.ts';
export { createOkxClient, okxClientDefaults, parseOkxBars, parseOkxBook, parseOkxTrades } from './okx/rest.ts';

/** What {@link okxFeed} subscribes to. Symbols are spelled `BTC-USDT`, `BTC-USDT-SWAP`. */
export interface OkxFeedOptions extends VenueFeedOptions {
  /** Length of a bar as OKX names it, for example `1m`, `1H`, `1Dutc`. @defaultValue `'1m'` */
  readonly bar?: string;
}

/** What {@link okxFeed} uses where an option is absent. */
export const okxFeedDefaults = {
  bar: '1m',
  url: 'wss://ws.okx.com:8443/ws/v5/public',
} as const satisfies Partial<OkxFeedOptions>;

/** Where OKX serves bars. */
const businessUrl = 'wss://ws.okx.com:8443/ws/v5/business';
/** Less than the 30 seconds after which OKX closes a silent connection. */
const pingMs = 20_000;
const silenceMs = 45_000;
/** Keeps a request far below the 64 KiB that OKX takes. */
const argsPerRequest = 100;

/**
 * OKX v5: `trades`, `books` (400 levels, `bookRules.okx`, and `okxBookChecksum` while OKX sends one), `bbo-tbt`, and bars
 * on a connection of their own. Holes in the ids of trades and books are reported as gaps; sizes of swaps and futures are
 * contracts.
 *
 * @example
 * ```ts
 * const feed = okxFeed({ symbols: ['BTC-USDT'], channels: ['trades', 'book', 'quotes'] });
 * feed.name; // => 'okx'
 * ```
 * @throws `AdaptersError` `bad-option`, also for bars together with another channel.
 */
export function okxFeed(options: OkxFeedOptions): VenueFeed {
  requireFeedOptions('okxFeed', options);
  const { symbols, channels, bar } = { ...okxFeedDefaults, ...options };
  requireOneOf('okxFeed', 'bar', bar, [...okxIntervals.keys()]);
  const bars = channels.includes('bars');
  if (bars && channels.some((channel) => channel !== 'bars')) {
    throw new AdaptersError(
      'bad-option',
      "channels of okxFeed mixes bars with others, and OKX serves bars at another address. Make a feed of ['bars'] alone.",
      { value: channels },
    );
  }
  const url = options.url ?? (bars ? businessUrl : okxFeedDefaults.url);
  const nameOf = (channel: VenueChannel): string =>
    ({ trades: 'trades', book: 'books', quotes: 'bbo-tbt', bars: `candle${bar}` })[channel];
  const argsOf = (channel: VenueChannel, of: readonly string[]) =>
    of.map((instId) => ({ channel: nameOf(channel), instId }));
  return {
    name: bars ? 'okx:bars' : 'okx',
    symbols,
    url: () => url,
    opening() {
      const args = channels.flatMap((channel) => argsOf(channel, symbols));
      const requests: string[] = [];
      for (let i = 0; i < args.length; i += argsPerRequest) {
        requests.push(JSON.stringify({ op: 'subscribe', args: args.slice(i, i + argsPerRequest) }));
      }
      return requests;
    },
    ping: { everyMs: pingMs, frame: () => 'ping' },
    silenceMs,
    resubscribe: (symbol, channel) =>
      isChannel(channel)
        ? ['unsubscribe', 'subscribe'].map((op) => JSON.stringify({ op, args: argsOf(channel, [symbol]) }))
        : [],
    decoder: () => okxDecoder(symbols),
  };
}
