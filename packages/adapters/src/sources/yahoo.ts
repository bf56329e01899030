/**
 * Yahoo Finance: bars, dividends and splits (`BBCA.JK`, `^JKSE`, `IDR=X`), and quotes. The API is unofficial and for
 * personal use.
 *
 * Source: the v8 chart and v7 quote endpoints as public clients use them; shapes were checked on recorded answers.
 */
import { AdaptersError } from '../errors.ts';
import type { HttpClient } from '../http-client.ts';
import { type Pace, pacedHttp } from '../internal/paced-http.ts';
import { parseYahooChart, type YahooChart, type YahooChartOptions, type YahooInterval } from './yahoo/chart.ts';

export {
  parseYahooChart,
  type YahooBar,
  type YahooChart,
  yahooChartDefaults,
  type YahooChartOptions,
  type YahooInterval,
} from './yahoo/chart.ts';
export { parseYahooCrumb, parseYahooQuotes, type YahooQuote } from './yahoo/quote.ts';
export type { Rejection } from '../internal/rest-records.ts';

/** How {@link createYahooClient} asks. */
export interface YahooClientOptions extends Pace, YahooChartOptions {
  readonly http: HttpClient;
  /** Yahoo refuses requests without one, and those of libraries. */
  readonly userAgent: string;
  /** @defaultValue `https://query2.finance.yahoo.com` */
  readonly baseUrl?: string;
}

/** What {@link createYahooClient} uses where an option is absent. */
export const yahooClientDefaults = {
  baseUrl: 'https://query2.finance.yahoo.com',
  minIntervalMs: 500,
} as const satisfies Partial<YahooClientOptions>;

/** Bars to ask for. */
export interface YahooChartRequest {
  readonly symbol: string;
  /** @defaultValue '1d' */
  readonly interval?: YahooInterval;
  /** Inclusive, epoch milliseconds UTC. */
  readonly fromMs: number;
  /** Exclusive, epoch milliseconds UTC. */
  readonly toMs: number;
}

/** Asks Yahoo, one request at a time. */
export interface YahooClient {
  /**
   * Bars of a symbol, in one request or, where Yahoo limits the days of one, in several that follow each other.
   * @throws `AdaptersError` `bad-option` when `fromMs` is not before `toMs`.
   */
  chart(request: YahooChartRequest, signal?: AbortSignal): AsyncGenerator<YahooChart>;
}

const DAY = 86_400_000;
/** One call gives at most a week of minutes, and two months of other short bars. */
const daysPerCall: Partial<Record<YahooInterval, number>> = {
  '1m': 7,
  '2m': 59,
  '5m': 59,
  '15m': 59,
  '30m': 59,
  '60m': 59,
  '90m': 59,
  '1h': 729,
};

/** A client of the chart endpoint, which needs neither cookie nor crumb. */
export function createYahooClient(options: YahooClientOptions): YahooClient {
  const { baseUrl, minIntervalMs, userAgent, ...more } = { ...yahooClientDefaults, ...options };
  const http = pacedHttp(options.http, { ...options, minIntervalMs });
  return {
    async *chart({ symbol, interval = '1d', fromMs, toMs }, signal) {
      if (!(fromMs < toMs) || !Number.isFinite(toMs - fromMs)) {
        throw new AdaptersError('bad-option', `fromMs is ${fromMs} and toMs ${toMs}; expected a start before the end.`);
      }
      const step = (daysPerCall[interval] ?? Infinity) * DAY;
      for (let from = fromMs; from < toMs; from += step) {
        const { body } = await http.send({
          url: `${baseUrl}/v8/finance/chart/${encodeURIComponent(symbol)}`,
          query: {
            period1: Math.ceil(from / 1000),
            period2: Math.ceil(Math.min(from + step, toMs) / 1000),
            interval,
            includePrePost: 'false',
            events: 'div|split',
            lang: 'en-US',
          },
          headers: { 'User-Agent': userAgent },
          ...(signal ? { signal } : undefined),
        });
        yield parseYahooChart(body, more);
      }
    },
  };
}
