/** dxFeed over dxLink: prints and best bids and offers of every market that dxFeed carries. A token where yours wants one. */
import { AdaptersError } from '../errors.ts';
import { createCurrentToken } from '../internal/feed-token.ts';
import type { FeedToken } from '../internal/feed-token.ts';
import { requireFeedOptions, requireOneOf } from '../internal/venue/feed-options.ts';
import type { VenueFeed } from '../venue-feed.ts';
import { createDxlinkDecoder, feedChannel } from './dxlink/decoder.ts';
import type { TradeAmendment } from './dxlink/map.ts';

export type { FeedToken } from '../internal/feed-token.ts';
export { amendTrades } from './dxlink/amend.ts';
export type { AmendedTrades } from './dxlink/amend.ts';
export type { TradeAmendment } from './dxlink/map.ts';

/** What a feed gives: prints (TimeAndSale), and the best bid and offer (Quote). */
export type DxlinkChannel = 'trades' | 'quotes';

/** What {@link dxlinkFeed} subscribes to. */
export interface DxlinkFeedOptions {
  /** Instruments as dxFeed spells them: `/ESH26:XCME`, `AAPL`. */
  readonly symbols: readonly string[];
  /** At least one. */
  readonly channels: readonly DxlinkChannel[];
  /** Token of your account, or a function that gets one; asked before every connection. Absent: the server wants none. */
  readonly token?: FeedToken;
  /** Address of the server. @defaultValue dxFeed's public demo, which is delayed and holds few symbols */
  readonly url?: string;
  /**
   * How events are delivered: `STREAM` all of them, `TICKER` the last ones, `AUTO` as suits each type: prints all,
   * quotes the last ones. History is not asked for: it would count as live volume. @defaultValue `'AUTO'`
   */
  readonly contract?: 'AUTO' | 'STREAM' | 'TICKER';
  /** How long the server may gather events, seconds; 0: not at all. @defaultValue 0 */
  readonly aggregationSeconds?: number;
  /** Called for each correction and cancel of a print; {@link amendTrades} applies them. */
  readonly onAmendment?: (amendment: TradeAmendment) => void;
}

/** What {@link dxlinkFeed} uses where an option is absent. */
export const dxlinkFeedDefaults = {
  url: 'wss://demo.dxfeed.com/dxlink-ws',
  contract: 'AUTO',
  aggregationSeconds: 0,
} as const satisfies Partial<DxlinkFeedOptions>;

/** After this long without a word from us the server closes; we say one twice as often. */
const keepaliveSeconds = 60;
const pingMs = (keepaliveSeconds / 2) * 1_000;
/** The server keeps to the same rule; a late word is no end. */
const silenceMs = (keepaliveSeconds + 15) * 1_000;

const eventTypes = { trades: 'TimeAndSale', quotes: 'Quote' } as const satisfies Record<DxlinkChannel, string>;
const eventFields = {
  trades: [
    'eventSymbol',
    'eventFlags',
    'index',
    'time',
    'price',
    'size',
    'aggressorSide',
    'spreadLeg',
    'validTick',
    'type',
  ],
  quotes: ['eventSymbol', 'bidTime', 'bidPrice', 'bidSize', 'askTime', 'askPrice', 'askSize'],
} as const satisfies Record<DxlinkChannel, readonly string[]>;

/**
 * Prints and quotes over dxLink: set-up, login where the server asks for one, one channel, and its configuration, each
 * when the server has answered the step before. The fields come in the order that the server says; both of its data
 * formats are read.
 *
 * Prints have the index as their id. Legs of spreads and prints that are no valid ticks are marked `nonMarket`. A
 * correction or cancel goes to `onAmendment` and is counted as unmodelled: the print went out before. `NaN` is unknown.
 * When the token (a JWT) says when it ends, that comes as `expires`.
 *
 * @example
 * ```ts
 * const feed = dxlinkFeed({ symbols: ['/ESH26:XCME'], channels: ['trades', 'quotes'] });
 * feed.name; // => 'dxlink'
 * ```
 * @throws {@link AdaptersError} `bad-option`; `url` rejects with it when a function gives no token.
 */
export function dxlinkFeed(options: DxlinkFeedOptions): VenueFeed {
  requireFeedOptions('dxlinkFeed', options);
  const { symbols, channels, url, contract, aggregationSeconds, onAmendment } = { ...dxlinkFeedDefaults, ...options };
  for (const channel of channels) requireOneOf('dxlinkFeed', 'channels', channel, ['trades', 'quotes']);
  requireOneOf('dxlinkFeed', 'contract', contract, ['AUTO', 'STREAM', 'TICKER']);
  if (!(aggregationSeconds >= 0 && aggregationSeconds < Infinity)) {
    throw new AdaptersError(
      'bad-option',
      `aggregationSeconds ${aggregationSeconds} of dxlinkFeed is no number of seconds from 0 on.`,
      {
        value: aggregationSeconds,
      },
    );
  }
  const token = options.token === undefined ? undefined : createCurrentToken('dxlinkFeed', options.token);
  const frame = (message: object): string => JSON.stringify(message);
  const channel = feedChannel;
  const fields = Object.fromEntries(channels.map((name) => [eventTypes[name], eventFields[name]]));
  const add = channels.flatMap((name) => symbols.map((symbol) => ({ type: eventTypes[name], symbol })));
  return {
    name: 'dxlink',
    symbols,
    secrets: () => token?.secrets() ?? [],
    async url(signal) {
      await token?.renew(signal);
      return url;
    },
    opening: () => [
      frame({
        type: 'SETUP',
        channel: 0,
        version: '0.1-tapekit',
        keepaliveTimeout: keepaliveSeconds,
        acceptKeepaliveTimeout: keepaliveSeconds,
      }),
    ],
    ping: { everyMs: pingMs, frame: () => frame({ type: 'KEEPALIVE', channel: 0 }) },
    silenceMs,
    decoder: () =>
      createDxlinkDecoder({
        symbols,
        fields: new Map(Object.entries(fields)),
        channelRequest: frame({ type: 'CHANNEL_REQUEST', channel, service: 'FEED', parameters: { contract } }),
        subscribe: [
          frame({
            type: 'FEED_SETUP',
            channel,
            acceptAggregationPeriod: aggregationSeconds,
            acceptDataFormat: 'COMPACT',
            acceptEventFields: fields,
          }),
          frame({ type: 'FEED_SUBSCRIPTION', channel, reset: true, add }),
        ],
        login: () => {
          const value = token?.value();
          return value === undefined ? undefined : frame({ type: 'AUTH', channel: 0, token: value });
        },
        onAuthorized: (receiveMs, sink) => token?.announceEnd(receiveMs, sink) ?? true,
        onAmendment,
      }),
  };
}
