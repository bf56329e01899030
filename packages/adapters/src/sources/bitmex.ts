/** BitMEX: live feed and the public REST endpoints. No key needed. */
import { isChannel, requireFeedOptions, requireOneOf } from '../internal/venue/feed-options.ts';
import type { VenueChannel, VenueFeedOptions } from '../internal/venue/feed-options.ts';
import type { VenueFeed } from '../venue-feed.ts';
import { bitmexDecoder, bitmexIntervals } from './bitmex/decoder.ts';

export type { VenueChannel, VenueFeedOptions } from '../internal/venue/feed-options.ts';
export {
  bitmexClientDefaults,
  createBitmexClient,
  parseBitmexBars,
  parseBitmexBook,
  parseBitmexTrades,
} from './bitmex/rest.ts';

/** What {@link bitmexFeed} subscribes to. Symbols are spelled `XBTUSD`. */
export interface BitmexFeedOptions extends VenueFeedOptions {
  /** Length of a bar: `1m`, `5m`, `1h` or `1d`. @defaultValue `'1m'` */
  readonly bar?: string;
}

/** What {@link bitmexFeed} uses where an option is absent. */
export const bitmexFeedDefaults = {
  bar: '1m',
  url: 'wss://ws.bitmex.com/realtime',
} as const satisfies Partial<BitmexFeedOptions>;

const pingMs = 5_000;
const silenceMs = 20_000;

/**
 * BitMEX: `trade`, `orderBookL2` (the whole book, `bookRules.bitmex`), `quote` and `tradeBin`. Sizes are contracts. Rows of
 * the book are resolved to prices; a change of a row that nobody knows asks for the book anew. Nothing on the wire tells a
 * lost message.
 *
 * @example
 * ```ts
 * const feed = bitmexFeed({ symbols: ['XBTUSD'], channels: ['trades', 'book'] });
 * feed.opening(); // => ['{"op":"subscribe","args":["trade:XBTUSD","orderBookL2:XBTUSD"]}']
 * ```
 * @throws `AdaptersError` `bad-option`.
 */
export function bitmexFeed(options: BitmexFeedOptions): VenueFeed {
  requireFeedOptions('bitmexFeed', options);
  const { symbols, channels, bar, url } = { ...bitmexFeedDefaults, ...options };
  requireOneOf('bitmexFeed', 'bar', bar, [...bitmexIntervals.keys()]);
  const nameOf = (channel: VenueChannel): string =>
    ({ trades: 'trade', book: 'orderBookL2', quotes: 'quote', bars: `tradeBin${bar}` })[channel];
  const say = (op: string, args: readonly string[]): string => JSON.stringify({ op, args });
  return {
    name: 'bitmex',
    symbols,
    url: () => url,
    opening: () => [
      say(
        'subscribe',
        channels.flatMap((channel) => symbols.map((symbol) => `${nameOf(channel)}:${symbol}`)),
      ),
    ],
    ping: { everyMs: pingMs, frame: () => 'ping' },
    silenceMs,
    resubscribe: (symbol, channel) =>
      isChannel(channel) ? ['unsubscribe', 'subscribe'].map((op) => say(op, [`${nameOf(channel)}:${symbol}`])) : [],
    decoder: () => bitmexDecoder(symbols),
  };
}
