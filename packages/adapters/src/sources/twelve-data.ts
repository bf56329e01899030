/**
 * Twelve Data: bars over REST and price ticks over a WebSocket, with the user's own API key.
 *
 * Source: Twelve Data API documentation, `time_series` and WebSocket.
 */
import type { HttpClient } from '../http-client.ts';
import { readRedacted } from '../internal/http/redact.ts';
import { type Pace, pacedHttp } from '../internal/paced-http.ts';
import type { VenueFeed } from '../venue-feed.ts';
import { createTwelveDataDecoder, type TwelveDataDecoderOptions } from './twelve-data/decoder.ts';
import { parseTwelveDataSeries, type TwelveDataInterval, type TwelveDataSeries } from './twelve-data/time-series.ts';

export {
  createTwelveDataDecoder,
  twelveDataDecoderDefaults,
  type TwelveDataDecoderOptions,
} from './twelve-data/decoder.ts';
export {
  parseTwelveDataBatch,
  parseTwelveDataSeries,
  type TwelveDataInterval,
  type TwelveDataSeries,
  twelveDataSeriesDefaults,
  type TwelveDataSeriesOptions,
} from './twelve-data/time-series.ts';
export type { Rejection } from '../internal/rest-records.ts';

/** A symbol, with the exchange where the name alone is not enough. */
export type TwelveDataSymbol = string | { readonly symbol: string; readonly exchange: string };

/** What {@link twelveDataFeed} connects to. */
export interface TwelveDataFeedOptions extends TwelveDataDecoderOptions {
  /** The user's own key. Never logged. */
  readonly apiKey: string;
  readonly symbols: readonly TwelveDataSymbol[];
  /** @defaultValue `wss://ws.twelvedata.com/v1/quotes/price` */
  readonly baseUrl?: string;
  /** @defaultValue 30,000: three heartbeats */
  readonly silenceMs?: number;
}

/** What {@link twelveDataFeed} uses where an option is absent. */
export const twelveDataFeedDefaults = {
  baseUrl: 'wss://ws.twelvedata.com/v1/quotes/price',
  silenceMs: 30_000,
} as const satisfies Partial<TwelveDataFeedOptions>;

/** Price ticks of some symbols. Twelve Data allows three connections a key. */
export function twelveDataFeed(options: TwelveDataFeedOptions): VenueFeed {
  const { baseUrl, silenceMs, apiKey, symbols } = { ...twelveDataFeedDefaults, ...options };
  // Plain names go as one text; the form with exchanges takes objects only.
  const plain = symbols.every((symbol) => typeof symbol === 'string');
  const wanted = plain ? symbols.join(',') : symbols.map((one) => (typeof one === 'string' ? { symbol: one } : one));
  return {
    name: 'twelve-data',
    secrets: () => [apiKey],
    url: () => `${baseUrl}?apikey=${encodeURIComponent(apiKey)}`,
    opening: () => [JSON.stringify({ action: 'subscribe', params: { symbols: wanted } })],
    ping: { everyMs: 10_000, frame: () => '{"action":"heartbeat"}' },
    silenceMs,
    decoder: () => createTwelveDataDecoder(options),
  };
}

/** How {@link createTwelveDataClient} asks. */
export interface TwelveDataClientOptions extends Pace {
  readonly http: HttpClient;
  /** The user's own key. Never logged. */
  readonly apiKey: string;
  /** @defaultValue `https://api.twelvedata.com` */
  readonly baseUrl?: string;
}

/** What {@link createTwelveDataClient} uses where an option is absent. The free plan has 8 credits a minute. */
export const twelveDataClientDefaults = {
  baseUrl: 'https://api.twelvedata.com',
  minIntervalMs: 7500,
} as const satisfies Partial<TwelveDataClientOptions>;

/** Bars to ask for. */
export interface TwelveDataSeriesRequest {
  readonly symbol: string;
  /** For example `IDX`. */
  readonly exchange?: string;
  readonly interval: TwelveDataInterval;
  /** First and last day, `YYYY-MM-DD`, by UTC. */
  readonly from?: string;
  readonly to?: string;
  /** At most 5,000. @defaultValue 5,000 */
  readonly limit?: number;
}

/** Asks Twelve Data, one request at a time; each costs a credit. */
export interface TwelveDataClient {
  /** Bars, oldest first. Daily bars are dated by the exchange, shorter ones are asked for in UTC. */
  series(request: TwelveDataSeriesRequest, signal?: AbortSignal): Promise<TwelveDataSeries>;
}

/** A client of the REST API. */
export function createTwelveDataClient(options: TwelveDataClientOptions): TwelveDataClient {
  const { baseUrl, minIntervalMs, apiKey } = { ...twelveDataClientDefaults, ...options };
  const http = pacedHttp(options.http, { ...options, minIntervalMs });
  return {
    async series({ symbol, exchange, interval, from, to, limit = 5000 }, signal) {
      const timeZone = /^1(?:day|week|month)$/.test(interval) ? 'Exchange' : 'UTC';
      const secretHeaders = { Authorization: `apikey ${apiKey}` };
      const { body } = await http.send({
        url: `${baseUrl}/time_series`,
        query: {
          symbol,
          exchange,
          interval,
          start_date: from,
          end_date: to,
          outputsize: limit,
          order: 'ASC',
          timezone: timeZone,
        },
        secretHeaders,
        ...(signal ? { signal } : undefined),
      });
      return readRedacted({ secretHeaders }, () => parseTwelveDataSeries(body, { timeZone }));
    },
  };
}
