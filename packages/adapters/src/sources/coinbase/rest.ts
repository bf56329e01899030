/**
 * Coinbase's public REST endpoints. Sources: Coinbase Exchange, "Get product trades, candles, book"; Coinbase Advanced
 * Trade, "Get Public Market Trades, Product Candles, Product Book".
 */
import { readBar } from '../../internal/venue/bars.ts';
import { requireOneOf } from '../../internal/venue/feed-options.ts';
import {
  aList,
  anId,
  anObject,
  aText,
  isoMs,
  namedLevels,
  pairLevels,
  secondsMs,
  withSize,
} from '../../internal/venue/fields.ts';
import {
  bookAnswer,
  collect,
  createVenueClient,
  dayMs,
  hourMs,
  intervalName,
  minuteMs,
  readBody,
} from '../../internal/venue/rest.ts';
import type { BarsAnswer, BookAnswer, TradesAnswer, VenueClient, VenueClientOptions } from '../../venue-client.ts';
import { coinbaseAdvancedTrade } from './advanced.ts';
import type { CoinbaseTradeSide } from './advanced.ts';
import { coinbaseExchangeTrade } from './exchange.ts';

/** What {@link createCoinbaseExchangeClient} uses where an option is absent. */
export const coinbaseExchangeClientDefaults = {
  baseUrl: 'https://api.exchange.coinbase.com',
  minIntervalMs: 110,
} as const satisfies Partial<VenueClientOptions>;

/** How {@link createCoinbaseAdvancedClient} reaches Coinbase. */
export interface CoinbaseAdvancedClientOptions extends VenueClientOptions {
  /** Whose side trades name; see `coinbaseAdvancedFeed`. @defaultValue `'maker'` */
  readonly tradeSide?: CoinbaseTradeSide;
}

/** What {@link createCoinbaseAdvancedClient} uses where an option is absent. */
export const coinbaseAdvancedClientDefaults = {
  baseUrl: 'https://api.coinbase.com/api/v3/brokerage/market',
  minIntervalMs: 110,
  tradeSide: 'maker',
} as const satisfies Partial<CoinbaseAdvancedClientOptions>;

/** The answer of `/products/{id}/trades`, newest first. @throws `AdaptersError` `bad-response` */
export function parseCoinbaseExchangeTrades(body: string, symbol: string): TradesAnswer {
  const rows = readBody('Coinbase Exchange', body, (json) => aList(json, 'the answer'));
  const { records, rejected } = collect(rows, (row) => coinbaseExchangeTrade(anObject(row, 'trade'), symbol));
  return { trades: records, rejected };
}

/**
 * The answer of `/products/{id}/candles`, newest first; the venue does not say which is final, and a bar without a trade
 * is missing. `nowMs` tells the open one.
 * @throws `AdaptersError` `bad-response`
 */
export function parseCoinbaseExchangeBars(
  body: string,
  { symbol, intervalMs, nowMs }: { readonly symbol: string; readonly intervalMs: number; readonly nowMs: number },
): BarsAnswer {
  const rows = readBody('Coinbase Exchange', body, (json) => aList(json, 'the answer'));
  const { records, rejected } = collect(rows, (row) => {
    const [time, low, high, open, close, volume] = aList(row, 'candle');
    const startMs = secondsMs(time, 'candle[0]');
    const head = { symbol, startMs, intervalMs, final: startMs + intervalMs <= nowMs };
    return readBar(head, { open, high, low, close, volume });
  });
  return { bars: records.reverse(), rejected };
}

/** The answer of `/products/{id}/book?level=2`. @throws `AdaptersError` `bad-response` */
export function parseCoinbaseExchangeBook(body: string, symbol: string): BookAnswer {
  const book = readBody('Coinbase Exchange', body, (json) => anObject(json, 'the answer'));
  return bookAnswer(() => ({
    type: 'book-snapshot',
    symbol,
    timeMs: isoMs(book['time'], 'time'),
    lastUpdateId: anId(book['sequence'], 'sequence'),
    bids: withSize(pairLevels(book['bids'], 'bids')),
    asks: withSize(pairLevels(book['asks'], 'asks')),
  }));
}

/** The answer of `/products/{id}/ticker`, newest first. @throws `AdaptersError` `bad-response` */
export function parseCoinbaseAdvancedTrades(body: string, tradeSide: CoinbaseTradeSide): TradesAnswer {
  const rows = readBody('Coinbase', body, (json) => aList(anObject(json, 'the answer')['trades'], 'trades'));
  const { records, rejected } = collect(rows, (row) => coinbaseAdvancedTrade(anObject(row, 'trades[]'), tradeSide));
  return { trades: records, rejected };
}

/** The answer of `/products/{id}/candles`; as {@link parseCoinbaseExchangeBars}. @throws `AdaptersError` `bad-response` */
export function parseCoinbaseAdvancedBars(
  body: string,
  { symbol, intervalMs, nowMs }: { readonly symbol: string; readonly intervalMs: number; readonly nowMs: number },
): BarsAnswer {
  const rows = readBody('Coinbase', body, (json) => aList(anObject(json, 'the answer')['candles'], 'candles'));
  const { records, rejected } = collect(rows, (row) => {
    const { start, open, high, low, close, volume } = anObject(row, 'candles[]');
    const startMs = secondsMs(start, 'start');
    const head = { symbol, startMs, intervalMs, final: startMs + intervalMs <= nowMs };
    return readBar(head, { open, high, low, close, volume });
  });
  return { bars: records.reverse(), rejected };
}

/** The answer of `/product_book`. @throws `AdaptersError` `bad-response` */
export function parseCoinbaseAdvancedBook(body: string): BookAnswer {
  const book = readBody('Coinbase', body, (json) => anObject(anObject(json, 'the answer')['pricebook'], 'pricebook'));
  return bookAnswer(() => ({
    type: 'book-snapshot',
    symbol: aText(book['product_id'], 'product_id'),
    timeMs: isoMs(book['time'], 'time'),
    lastUpdateId: 0,
    bids: withSize(namedLevels(book['bids'], 'bids', 'price', 'size')),
    asks: withSize(namedLevels(book['asks'], 'asks', 'price', 'size')),
  }));
}

const granularitySeconds: ReadonlyMap<number, number> = new Map(
  [60, 300, 900, 3600, 21_600, 86_400].map((seconds) => [seconds * 1000, seconds]),
);
const exchangePage = { trades: 1000, bars: 300 } as const;

/** A client of Coinbase Exchange: all trades by id, bars, the book. */
export function createCoinbaseExchangeClient(options: VenueClientOptions): VenueClient {
  const { now = Date.now } = options;
  return createVenueClient(
    {
      ...coinbaseExchangeClientDefaults,
      barsPerPage: exchangePage.bars,
      // Newest first; `after` asks for what is older than an id.
      async *trades(symbol, { startMs, afterId, beforeId }, get) {
        let after = beforeId;
        for (;;) {
          const query = { limit: exchangePage.trades, after };
          const page = parseCoinbaseExchangeTrades(
            await get(`/products/${encodeURIComponent(symbol)}/trades`, query),
            symbol,
          );
          yield page;
          const oldest = page.trades.at(-1);
          if (!oldest || (startMs === undefined && afterId === undefined)) return;
          if (startMs !== undefined && oldest.timeMs < startMs) return;
          if (afterId !== undefined && Number(oldest.id) <= Number(afterId) + 1) return;
          after = String(oldest.id);
        }
      },
      async bars(symbol, { intervalMs, startMs, endMs }, get) {
        const granularity = intervalName('Coinbase Exchange', intervalMs, granularitySeconds);
        // Both ends are inclusive.
        const [start, end] = [startMs, endMs - 1].map((ms) => new Date(ms).toISOString());
        const body = await get(`/products/${encodeURIComponent(symbol)}/candles`, { granularity, start, end });
        return parseCoinbaseExchangeBars(body, { symbol, intervalMs, nowMs: now() });
      },
      async book(symbol, _query, get) {
        return parseCoinbaseExchangeBook(
          await get(`/products/${encodeURIComponent(symbol)}/book`, { level: 2 }),
          symbol,
        );
      },
    },
    options,
  );
}

const granularityNames: ReadonlyMap<number, string> = new Map([
  [minuteMs, 'ONE_MINUTE'],
  [5 * minuteMs, 'FIVE_MINUTE'],
  [15 * minuteMs, 'FIFTEEN_MINUTE'],
  [30 * minuteMs, 'THIRTY_MINUTE'],
  [hourMs, 'ONE_HOUR'],
  [2 * hourMs, 'TWO_HOUR'],
  [6 * hourMs, 'SIX_HOUR'],
  [dayMs, 'ONE_DAY'],
]);
const advancedPage = { trades: 1000, bars: 350 } as const;

/** A client of Coinbase Advanced Trade: trades of a time range as far as one page goes, bars, the book. */
export function createCoinbaseAdvancedClient(options: CoinbaseAdvancedClientOptions): VenueClient {
  const { tradeSide = coinbaseAdvancedClientDefaults.tradeSide, now = Date.now } = options;
  requireOneOf('createCoinbaseAdvancedClient', 'tradeSide', tradeSide, ['maker', 'taker']);
  return createVenueClient(
    {
      ...coinbaseAdvancedClientDefaults,
      barsPerPage: advancedPage.bars,
      async *trades(symbol, { startMs, endMs }, get) {
        const [start, end] = [startMs, endMs].map((ms) => (ms === undefined ? undefined : Math.floor(ms / 1000)));
        const query = { limit: advancedPage.trades, start, end };
        yield parseCoinbaseAdvancedTrades(
          await get(`/products/${encodeURIComponent(symbol)}/ticker`, query),
          tradeSide,
        );
      },
      async bars(symbol, { intervalMs, startMs, endMs }, get) {
        const granularity = intervalName('Coinbase', intervalMs, granularityNames);
        const query = { start: Math.floor(startMs / 1000), end: Math.ceil(endMs / 1000) - 1, granularity };
        const body = await get(`/products/${encodeURIComponent(symbol)}/candles`, query);
        return parseCoinbaseAdvancedBars(body, { symbol, intervalMs, nowMs: now() });
      },
      async book(symbol, { depth }, get) {
        return parseCoinbaseAdvancedBook(await get('/product_book', { product_id: symbol, limit: depth }));
      },
    },
    options,
  );
}
