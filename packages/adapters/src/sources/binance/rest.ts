/** Binance's public REST endpoints. Source: Binance API documentation, "Kline data", "Compressed trades", "Order book". */
import { readBar } from '../../internal/venue/bars.ts';
import { aList, anId, anObject } from '../../internal/venue/fields.ts';
import {
  bookAnswer,
  collect,
  createVenueClient,
  type Get,
  hourMs,
  intervalName,
  readBody,
  venueError,
} from '../../internal/venue/rest.ts';
import type {
  BarsAnswer,
  BookAnswer,
  SourceBook,
  SourceTrade,
  TradesAnswer,
  TradesQuery,
  VenueClient,
  VenueClientOptions,
} from '../../venue-client.ts';
import { milliseconds } from './decoder.ts';
import { mapAggTrade, mapDepthSnapshot } from './map.ts';
import { binanceIntervals, type BinanceMarket, binanceMarkets } from './markets.ts';
import { parseAggTrade, parseDepthSnapshot } from './schema.ts';

/** How {@link createBinanceClient} reaches Binance. */
export interface BinanceClientOptions extends VenueClientOptions {
  /** Which of Binance's markets the symbols are of. @defaultValue `'spot'` */
  readonly market?: BinanceMarket;
  /** Clock that tells an open bar from a final one, epoch milliseconds. @defaultValue `Date.now` */
  readonly now?: () => number;
}

/** What {@link createBinanceClient} uses where an option is absent. */
export const binanceClientDefaults = { market: 'spot' } as const satisfies Partial<BinanceClientOptions>;

/**
 * The answer of `aggTrades`, oldest first: fills of one taker order at one price, the ids of the stream `aggTrade`.
 * @throws `AdaptersError` `bad-response`, or `rate-limited` when Binance says so.
 */
export function parseBinanceTrades(body: string, symbol: string): TradesAnswer {
  const { records, rejected } = collect(readList(body), (item) => {
    const row = anObject(item, 'trade');
    return mapAggTrade(parseAggTrade({ ...row, s: symbol })) as SourceTrade;
  });
  return { trades: records, rejected };
}

/** The answer of `klines`, oldest first; a bar that ends after `nowMs` is open. @throws as {@link parseBinanceTrades} */
export function parseBinanceBars(body: string, symbol: string, nowMs: number): BarsAnswer {
  const { records, rejected } = collect(readList(body), (item) => {
    const [start, open, high, low, close, volume, end] = aList(item, 'bar');
    const startMs = milliseconds(anId(start, 'bar[0]'));
    const endMs = milliseconds(anId(end, 'bar[6]')) + 1;
    const head = { symbol, startMs, intervalMs: endMs - startMs, final: endMs <= nowMs };
    return readBar(head, { open, high, low, close, volume });
  });
  return { bars: records, rejected };
}

/** The answer of `depth`. Spot names no time: it is the receive time. @throws as {@link parseBinanceTrades} */
export function parseBinanceBook(body: string, symbol: string, receiveMs: number): BookAnswer {
  const json = readBody('Binance', body, refuseError);
  return bookAnswer(() => mapDepthSnapshot(parseDepthSnapshot(json), symbol, receiveMs) as SourceBook);
}

function readList(body: string): readonly unknown[] {
  return readBody('Binance', body, (json) => aList(refuseError(json), 'the answer'));
}

/** -1003: too many requests; -1015: too many orders, but the same limit. */
const rateLimitCodes: readonly unknown[] = [-1003, -1015];

/** `{"code":-1121,"msg":"Invalid symbol."}` */
function refuseError(json: unknown): unknown {
  const { code, msg } = typeof json === 'object' && json !== null ? (json as { code?: unknown; msg?: unknown }) : {};
  if (typeof code !== 'number' || code === 0) return json;
  throw venueError('Binance', `${code} ${String(msg)}`.slice(0, 200), rateLimitCodes.includes(code));
}

const nameOf: ReadonlyMap<number, string> = new Map([...binanceIntervals].map(([name, ms]) => [ms, name]));
const tradesPerPage = 1000;

/** A client of Binance's public REST endpoints: aggregated trades by id or by time, bars, the book. */
export function createBinanceClient(options: BinanceClientOptions): VenueClient {
  const { market = binanceClientDefaults.market, now = Date.now } = options;
  const { restUrl, root, depths, barsPerPage } = binanceMarkets[market];
  return createVenueClient(
    {
      baseUrl: restUrl,
      minIntervalMs: 100,
      barsPerPage,
      trades: (symbol, query, get) => tradePages(`${root}/aggTrades`, symbol, query, get),
      async bars(symbol, { intervalMs, startMs, endMs }, get) {
        const interval = intervalName('Binance', intervalMs, nameOf);
        const query = { symbol, interval, startTime: startMs, endTime: endMs - 1, limit: barsPerPage };
        return parseBinanceBars(await get(`${root}/klines`, query), symbol, now());
      },
      async book(symbol, { depth = Infinity }, get) {
        const limit = depths.find((offered) => offered >= depth) ?? depths.at(-1)!;
        return parseBinanceBook(await get(`${root}/depth`, { symbol, limit }), symbol, now());
      },
    },
    options,
  );
}

/** By id from a known trade on (a gap), else by time, an hour at once as the venue allows; else the latest. */
async function* tradePages(
  path: string,
  symbol: string,
  { startMs, endMs = Infinity, afterId, beforeId = 'Infinity' }: TradesQuery,
  get: Get,
): AsyncGenerator<TradesAnswer, void> {
  const untilId = Number(beforeId);
  let fromId = afterId === undefined ? undefined : Number(afterId) + 1;
  let fromMs = startMs;
  while (fromId === undefined || fromId < untilId) {
    const toMs = fromMs === undefined ? undefined : Math.min(fromMs + hourMs, endMs);
    const where = fromId === undefined ? { startTime: fromMs, endTime: toMs && toMs - 1 } : { fromId };
    const { trades, rejected } = parseBinanceTrades(
      await get(path, { symbol, ...where, limit: tradesPerPage }),
      symbol,
    );
    const inside = trades.filter(({ id, timeMs }) => Number(id) < untilId && timeMs < endMs);
    yield { trades: inside, rejected };
    const last = trades.at(-1);
    const isFull = trades.length + rejected.length >= tradesPerPage;
    // Many trades share a millisecond: behind a full page ids are safer than times.
    if (last && isFull && inside.length === trades.length && (fromId !== undefined || fromMs !== undefined)) {
      fromId = Number(last.id) + 1;
    } else if (fromId === undefined && toMs !== undefined && toMs < endMs && endMs !== Infinity) {
      fromMs = toMs;
    } else return;
  }
}
