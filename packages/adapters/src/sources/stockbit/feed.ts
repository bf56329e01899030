/** The connection to Stockbit's socket. */
import { createCurrentToken, type FeedToken } from '../../internal/feed-token.ts';
import type { VenueFeed } from '../../venue-feed.ts';
import { writeProto } from './protobuf.ts';
import { createStockbitDecoder, type StockbitDecoderOptions } from './socket-decoder.ts';

/** What {@link stockbitFeed} connects to. */
export interface StockbitFeedOptions extends StockbitDecoderOptions {
  /** The user's own access token, or what fetches it anew before every connection. Never logged. */
  readonly token: FeedToken;
  /** The user's own socket key (`wskey`), or what fetches it. Never logged. */
  readonly key: FeedToken;
  readonly userId: string;
  readonly symbols: readonly string[];
  /** @defaultValue `['trades', 'book']` */
  readonly channels?: readonly ('trades' | 'book')[];
  /** @defaultValue `wss://wss-trading.stockbit.com/ws` */
  readonly url?: string;
  /** @defaultValue 90,000: three pings */
  readonly silenceMs?: number;
}

/** What {@link stockbitFeed} uses where an option is absent. */
export const stockbitFeedDefaults = {
  channels: ['trades', 'book'],
  url: 'wss://wss-trading.stockbit.com/ws',
  silenceMs: 90_000,
} as const satisfies Partial<StockbitFeedOptions>;

/** Live trades and books of some stocks, with the user's own credentials. */
export function stockbitFeed(options: StockbitFeedOptions): VenueFeed {
  const { channels, url, silenceMs, symbols, userId } = { ...stockbitFeedDefaults, ...options };
  const token = createCurrentToken('stockbit', options.token);
  const key = createCurrentToken('stockbit', options.key);
  const channel = writeProto([
    ...(channels.includes('book') ? symbols.map((symbol) => [2, symbol] as const) : []),
    ...(channels.includes('trades') ? symbols.map((symbol) => [3, symbol] as const) : []),
  ]);
  return {
    name: 'stockbit',
    secrets: () => [...token.secrets(), ...key.secrets()],
    async url(signal) {
      await token.renew(signal);
      await key.renew(signal);
      return url;
    },
    headers: { Origin: 'https://stockbit.com' },
    opening: () => [
      writeProto([
        [1, userId],
        [2, channel],
        [3, key.value() ?? ''],
        [5, token.value() ?? ''],
      ]),
    ],
    ping: { everyMs: 30_000, frame: () => writeProto([[4, new Uint8Array(0)]]) },
    silenceMs,
    decoder() {
      const decoder = createStockbitDecoder(options);
      let announced = false;
      return {
        decode(frame, receiveMs, sink) {
          if (!announced) token.announceEnd(receiveMs, sink);
          announced = true;
          decoder.decode(frame, receiveMs, sink);
        },
      };
    },
  };
}
