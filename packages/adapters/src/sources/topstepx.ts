/** TopstepX and other ProjectX platforms: trades and best prices of futures over SignalR. Your own token is needed. */
import { AdaptersError } from '../errors.ts';
import { createCurrentToken } from '../internal/feed-token.ts';
import type { FeedToken } from '../internal/feed-token.ts';
import { requireFeedOptions, requireOneOf } from '../internal/venue/feed-options.ts';
import type { VenueFeed } from '../venue-feed.ts';
import { createTopstepxDecoder } from './topstepx/decoder.ts';
import { signalrFrame, signalrHandshake, signalrPing } from './topstepx/signalr.ts';

export type { FeedToken } from '../internal/feed-token.ts';

/** What a hub gives: prints, and the best bid and ask. */
export type TopstepxChannel = 'trades' | 'quotes';

/** What {@link topstepxFeed} subscribes to. */
export interface TopstepxFeedOptions {
  /** Instruments as the hub spells them: `F.US.ENQ` (chart), `CON.F.US.ENQ.H26` (market). */
  readonly symbols: readonly string[];
  /** At least one. */
  readonly channels: readonly TopstepxChannel[];
  /** Access token (JWT) of your account, or a function that gets one; asked before every connection. */
  readonly token: FeedToken;
  /** `chart`: the hub of the platform's charts; `market`: the one of the documented API. @defaultValue `'chart'` */
  readonly hub?: 'chart' | 'market';
  /** Address of the hub, for other platforms than TopstepX. @defaultValue the hub's public one */
  readonly url?: string;
  /**
   * Tick size by symbol. Where given, the best prices decide who was the aggressor: at the ask or above it is a buy, at
   * the bid or below a sell, each with half a tick of tolerance; in between the venue's flag counts.
   * @defaultValue `{}`: the venue's flag always counts
   */
  readonly tickSizes?: Readonly<Record<string, number>>;
  /** Best prices older than this decide nothing, milliseconds between the two receipts. @defaultValue 5,000 */
  readonly maxQuoteAgeMs?: number;
  /** Longest record in characters. @defaultValue 4,194,304 */
  readonly maxRecordLength?: number;
}

/** What {@link topstepxFeed} uses where an option is absent. */
export const topstepxFeedDefaults = {
  hub: 'chart',
  maxQuoteAgeMs: 5_000,
  maxRecordLength: 4 * 1024 * 1024,
} as const satisfies Partial<TopstepxFeedOptions>;

const hubs = {
  chart: {
    url: 'wss://chartapi.topstepx.com/hubs/chart',
    targets: { trades: 'SubscribeTradeLogWithSpeed', quotes: 'SubscribeQuotesForSymbolWithSpeed' },
    /** Speed 0 is every update. */
    argumentsOf: (symbol: string): readonly unknown[] => [symbol, 0],
  },
  market: {
    url: 'wss://rtc.topstepx.com/hubs/market',
    targets: { trades: 'SubscribeContractTrades', quotes: 'SubscribeContractQuotes' },
    argumentsOf: (symbol: string): readonly unknown[] => [symbol],
  },
} as const;

/** The hub pings every 15 seconds and expects the same. */
const pingMs = 15_000;
/** What SignalR's own clients wait. */
const silenceMs = 30_000;

/**
 * Trades and best prices of a ProjectX hub. Subscriptions follow when the hub has accepted the handshake; its pings are
 * answered. Records over several frames, several in one frame, and both spellings of keys are read.
 *
 * Prints have no ids, and identical ones are all real: nothing is dropped by its value, and no loss can be told. Quotes
 * carry what is known of both sides, since the hub sends what changed. When the token (a JWT) says when it ends, that
 * comes as `expires`. Depth is counted as unmodelled.
 *
 * @example
 * ```ts
 * const feed = topstepxFeed({ symbols: ['F.US.ENQ'], channels: ['trades'], token: 'eyJ…' });
 * feed.name; // => 'topstepx:chart'
 * ```
 * @throws {@link AdaptersError} `bad-option`; `url` rejects with it when a function gives no token.
 */
export function topstepxFeed(options: TopstepxFeedOptions): VenueFeed {
  requireFeedOptions('topstepxFeed', options);
  const {
    symbols,
    channels,
    hub,
    tickSizes = {},
    maxQuoteAgeMs,
    maxRecordLength,
  } = { ...topstepxFeedDefaults, ...options };
  requireOneOf('topstepxFeed', 'hub', hub, ['chart', 'market']);
  for (const channel of channels) requireOneOf('topstepxFeed', 'channels', channel, ['trades', 'quotes']);
  for (const [symbol, tick] of Object.entries(tickSizes)) {
    if (tick > 0 && tick < Infinity) continue;
    throw new AdaptersError(
      'bad-option',
      `tickSizes "${symbol}" of topstepxFeed is ${tick}. Pass a number above 0, as 0.25.`,
      { value: tick },
    );
  }
  const token = createCurrentToken('topstepxFeed', options.token);
  const { targets, argumentsOf } = hubs[hub];
  const { url = hubs[hub].url } = options;
  const names = new Map<string, string>();
  const subscriptions = channels.flatMap((channel) =>
    symbols.map((symbol) => {
      const invocationId = String(names.size + 1);
      names.set(invocationId, `${channel} ${symbol}`);
      return signalrFrame({ type: 1, target: targets[channel], arguments: argumentsOf(symbol), invocationId });
    }),
  );
  return {
    name: `topstepx:${hub}`,
    symbols,
    secrets: () => token.secrets(),
    async url(signal) {
      return `${url}?access_token=${encodeURIComponent(await token.renew(signal))}`;
    },
    opening: () => [signalrHandshake],
    ping: { everyMs: pingMs, frame: () => signalrPing },
    silenceMs,
    decoder: () =>
      createTopstepxDecoder({
        symbols,
        subscriptions,
        names,
        tickSizes,
        maxQuoteAgeMs,
        maxRecordLength,
        onOpen: (receiveMs, sink) => token.announceEnd(receiveMs, sink),
      }),
  };
}
