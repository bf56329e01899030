/**
 * IPOT (Indo Premier): the running trade of the Indonesia Stock Exchange over a SocketCluster WebSocket, archives of it,
 * and its broker summary. Nothing here logs in: the `appsession` token is the user's own.
 *
 * Source: the shapes that the web client exchanges; undocumented and free to change. Aggressor, sequence and the derived
 * fields were checked against recorded trades.
 */
import type { FeedFrames, VenueFeed } from '../venue-feed.ts';
import { AdaptersError } from '../errors.ts';
import { createIpotDecoder, type IpotDecoderOptions } from './ipot/decoder.ts';

export {
  createIpotDecoder,
  type IpotDecoder,
  type IpotDecoderOptions,
  ipotDecoderDefaults,
  type IpotStats,
  type IpotTrade,
} from './ipot/decoder.ts';
export type { IdxMarket, IpotFlag } from './ipot/running-trade.ts';
export { type IpotBrokerSummary, ipotBrokerSummaryRequest, parseIpotBrokerSummary } from './ipot/broker-summary.ts';

/** What {@link ipotFeed} connects to. */
export interface IpotFeedOptions extends Omit<IpotDecoderOptions, 'input'> {
  /** The user's own session token, or what fetches it anew before every connection. Never logged. */
  readonly appsession: string | ((signal?: AbortSignal) => string | Promise<string>);
  /**
   * Codes whose order book (`OB2`) is subscribed as well. Its layout is not known, so it is counted as unmodelled; a
   * recorder keeps the frames.
   * @defaultValue none
   */
  readonly rawOrderBooks?: readonly string[];
  /** @defaultValue `wss://ipotapp.ipot.id/socketcluster/` */
  readonly baseUrl?: string;
  /** @defaultValue `https://indopremier.com` */
  readonly origin?: string;
  /** @defaultValue 45,000: the venue sends a heartbeat within 20 s */
  readonly silenceMs?: number;
}

/** What {@link ipotFeed} uses where an option is absent. */
export const ipotFeedDefaults = {
  baseUrl: 'wss://ipotapp.ipot.id/socketcluster/',
  origin: 'https://indopremier.com',
  silenceMs: 45_000,
} as const satisfies Partial<IpotFeedOptions>;

/** All running trades of the exchange. The subscription is for every code, because only then can gaps be seen. */
export function ipotFeed(options: IpotFeedOptions): VenueFeed {
  const { appsession, rawOrderBooks = [] } = options;
  const { baseUrl, origin, silenceMs } = { ...ipotFeedDefaults, ...options };
  const subscribe = (rtype: string, code: string, cid: number): string =>
    JSON.stringify({
      event: 'cmd',
      data: { cmdid: 998 + cid, param: { cmd: 'subscribe', service: 'mi', rtype, code, subsid: `tapekit_${cid}` } },
      cid,
    });
  const subscriptions: FeedFrames = [
    subscribe('LT', '*', 2),
    ...rawOrderBooks.map((code, i) => subscribe('OB2', code, 3 + i)),
  ];
  let token: string | undefined;
  return {
    name: 'ipot',
    secrets: () => (token === undefined ? [] : [token]),
    async url(signal) {
      token = typeof appsession === 'string' ? appsession : await appsession(signal);
      return `${baseUrl}?appsession=${encodeURIComponent(token)}`;
    },
    headers: { Origin: origin },
    opening: () => [JSON.stringify({ event: '#handshake', data: { authToken: null }, cid: 1 })],
    silenceMs,
    decoder: () => createIpotDecoder(options, () => subscriptions),
  };
}

/**
 * The token in the text of `https://indopremier.com/ipc/appsession.js`, for callers who fetch it themselves.
 * @throws {@link AdaptersError} `bad-response` when the text holds none; the text is not part of the message.
 */
export function parseAppsession(script: string): string {
  const token = /appsession\s{0,9}[:=]\s{0,9}["']([^"']{1,500})["']/.exec(script)?.[1];
  if (token === undefined) {
    throw new AdaptersError(
      'bad-response',
      `no appsession in a text of ${script.length} characters; expected appsession = "TOKEN". Check that the page is the script.`,
    );
  }
  return token;
}
