/**
 * Stockbit: running trade, broker summary and order book of stocks in Indonesia, over REST and a socket. The API is private and changes
 * without notice, and its terms forbid automated collection: off unless the user passes a token of their own, and nothing
 * here logs in. New keys are told (`unknownKeys`), missing ones are errors.
 *
 * Source: the shapes of public clients; field meanings were checked on a recorded answer.
 */
import { AdaptersError } from '../errors.ts';
import type { HttpClient, HttpRequest } from '../http-client.ts';
import type { DepthProvider, L2Level } from '../order-book-provider.ts';
import { readRedacted } from '../internal/http/redact.ts';
import { type Pace, pacedHttp } from '../internal/paced-http.ts';
import { parseStockbitMarketDetector, type StockbitMarketDetector } from './stockbit/market-detector.ts';
import { parseStockbitOrderBook, stockbitL1, type StockbitOrderBook } from './stockbit/order-book.ts';
import { parseStockbitRunningTrade, type StockbitTradePage } from './stockbit/running-trade.ts';

export {
  parseStockbitMarketDetector,
  type StockbitBroker,
  stockbitBrokerDays,
  type StockbitMarketDetector,
} from './stockbit/market-detector.ts';
export { stockbitFeed, stockbitFeedDefaults, type StockbitFeedOptions } from './stockbit/feed.ts';
export {
  createStockbitDecoder,
  stockbitDecoderDefaults,
  type StockbitDecoderOptions,
} from './stockbit/socket-decoder.ts';
export {
  parseStockbitOrderBook,
  stockbitL1,
  type StockbitLevel,
  type StockbitOrderBook,
} from './stockbit/order-book.ts';
export { parseStockbitRunningTrade, type StockbitTrade, type StockbitTradePage } from './stockbit/running-trade.ts';
export type { BrokerDay } from '../internal/broker-day.ts';
export type { Rejection } from '../internal/rest-records.ts';

/** How {@link createStockbitClient} asks. */
export interface StockbitClientOptions extends Pace {
  readonly http: HttpClient;
  /** The user's own bearer token (without `Bearer`), or what gives it anew for every request. Never logged. */
  readonly token: string | (() => string | Promise<string>);
  /** @defaultValue `https://exodus.stockbit.com` */
  readonly baseUrl?: string;
}

/** What {@link createStockbitClient} uses where an option is absent. */
export const stockbitClientDefaults = {
  baseUrl: 'https://exodus.stockbit.com',
  minIntervalMs: 1000,
} as const satisfies Partial<StockbitClientOptions>;

/** A broker summary to ask for. */
export interface StockbitDetectorRequest {
  readonly symbol: string;
  /** First and last day, `YYYY-MM-DD`; one day for rows that become `BrokerDay`s. */
  readonly from: string;
  readonly to: string;
  /** @defaultValue 'REGULER' */
  readonly board?: 'REGULER' | 'ALL' | 'NEGO' | 'TUNAI';
  /** @defaultValue 'ALL' */
  readonly investor?: 'ALL' | 'FOREIGN' | 'DOMESTIC';
  /** Brokers a side; more than there are, so that none is cut. @defaultValue 150 */
  readonly limit?: number;
}

/** Asks Stockbit, one request at a time. */
export interface StockbitClient {
  /** The tape of a stock and day from the newest trade back, page by page until a page is empty. */
  runningTrades(
    request: { readonly symbol: string; readonly date: string; readonly cursor?: string },
    signal?: AbortSignal,
  ): AsyncGenerator<StockbitTradePage>;
  /** Who bought and sold, net with gross; look at `complete` before adding up. */
  marketDetector(request: StockbitDetectorRequest, signal?: AbortSignal): Promise<StockbitMarketDetector>;
  orderBook(symbol: string, signal?: AbortSignal): Promise<StockbitOrderBook>;
}

/** A client of Stockbit with the user's own token. */
export function createStockbitClient(options: StockbitClientOptions): StockbitClient {
  const { token, baseUrl, minIntervalMs } = { ...stockbitClientDefaults, ...options };
  const http = pacedHttp(options.http, { ...options, minIntervalMs });
  const get = async <T>(
    path: string,
    query: HttpRequest['query'],
    parse: (body: string) => T,
    signal?: AbortSignal,
  ): Promise<T> => {
    const bearer = typeof token === 'string' ? token : await token();
    const secretHeaders = { Authorization: `Bearer ${bearer}` };
    const { body } = await http.send({
      url: baseUrl + path,
      ...(query ? { query } : undefined),
      headers: { Accept: 'application/json', Origin: 'https://stockbit.com', Referer: 'https://stockbit.com/' },
      secretHeaders,
      ...(signal ? { signal } : undefined),
    });
    return readRedacted({ secretHeaders }, () => parse(body));
  };
  return {
    async *runningTrades({ symbol, date, cursor }, signal) {
      for (let from = cursor; ;) {
        const page = await get(
          '/order-trade/running-trade',
          {
            'symbols[]': symbol,
            sort: 'DESC',
            order_by: 'RUNNING_TRADE_ORDER_BY_TIME',
            limit: 100,
            date,
            trade_number: from,
          },
          (body) => parseStockbitRunningTrade(body, { date }),
          signal,
        );
        // A short page is not the end; an empty one is. A cursor that stands still would ask for ever.
        if (page.trades.length + page.rejected.length === 0) return;
        yield page;
        if (page.cursor === undefined || page.cursor === from) return;
        from = page.cursor;
      }
    },
    async marketDetector({ symbol, from, to, board = 'REGULER', investor = 'ALL', limit = 150 }, signal) {
      const query = {
        transaction_type: 'TRANSACTION_TYPE_NET',
        market_board: `MARKET_BOARD_${board}`,
        investor_type: `INVESTOR_TYPE_${investor}`,
        limit,
        from,
        to,
      };
      const path = `/marketdetectors/${encodeURIComponent(symbol)}`;
      return get(path, query, (body) => parseStockbitMarketDetector(body), signal);
    },
    orderBook: (symbol, signal) =>
      get(
        `/company-price-feed/v2/orderbook/companies/${encodeURIComponent(symbol)}`,
        undefined,
        (body) => parseStockbitOrderBook(body),
        signal,
      ),
  };
}

/**
 * An order book provider over {@link StockbitClient.orderBook}: the best bid and offer, in shares, and the levels behind
 * them. The answer has no time of its own: `time` is when it came.
 */
export function stockbitOrderBookProvider(
  client: Pick<StockbitClient, 'orderBook'>,
  options: { readonly now?: () => number } = {},
): DepthProvider {
  const { now = Date.now } = options;
  return {
    async fetchL1(symbol, { signal } = {}) {
      return stockbitL1(await client.orderBook(symbol, signal), { symbol, timeMs: now() });
    },
    async fetchL2(symbol, depth, { signal } = {}) {
      if (!Number.isSafeInteger(depth) || depth < 1) {
        throw new AdaptersError('bad-option', `depth is ${depth}; expected a whole number from 1. Pass one.`, {
          value: depth,
        });
      }
      const book = await client.orderBook(symbol, signal);
      const { time, source } = stockbitL1(book, { symbol, timeMs: now() });
      const levels = (side: StockbitOrderBook['bids']): readonly L2Level[] =>
        side.slice(0, depth).map(({ price, shares }) => [price, String(shares)]);
      return { time, symbol, bids: levels(book.bids), asks: levels(book.asks), source };
    },
  };
}
