/** Bybit's public REST endpoints. Source: Bybit v5, "Market: Get Kline, Get Orderbook, Get Recent Public Trades". */
import { readBar } from '../../internal/venue/bars.ts';
import {
  aList,
  anId,
  anObject,
  aText,
  epochMs,
  epochMsText,
  pairLevels,
  RecordError,
  said,
  withSize,
} from '../../internal/venue/fields.ts';
import type { Json } from '../../internal/venue/fields.ts';
import {
  bookAnswer,
  collect,
  createVenueClient,
  intervalName,
  readBody,
  venueError,
} from '../../internal/venue/rest.ts';
import type { BarsAnswer, BookAnswer, TradesAnswer, VenueClient, VenueClientOptions } from '../../venue-client.ts';
import { bybitIntervals, bybitTrade } from './decoder.ts';
import type { BybitMarket } from './markets.ts';

/** How {@link createBybitClient} reaches Bybit. */
export interface BybitClientOptions extends VenueClientOptions {
  /** Which of Bybit's markets the symbols are of. @defaultValue `'linear'` */
  readonly market?: BybitMarket;
}

/** What {@link createBybitClient} uses where an option is absent. */
export const bybitClientDefaults = {
  baseUrl: 'https://api.bybit.com',
  minIntervalMs: 20,
  market: 'linear',
} as const satisfies Partial<BybitClientOptions>;

/**
 * The answer of `/v5/market/recent-trade`, newest first.
 * @throws `AdaptersError` `bad-response`, or `rate-limited` when Bybit says so.
 */
export function parseBybitTrades(body: string): TradesAnswer {
  const { result } = readResult(body);
  const { records, rejected } = collect(aResultList(body, result), (item) => {
    const row = anObject(item, 'list[]');
    const { symbol, price, size, side, execId: id, isBlockTrade: block } = row;
    const time = epochMsText(row['time'], 'time');
    return bybitTrade({ symbol: aText(symbol, 'symbol'), time, side, size, price, id, block });
  });
  return { trades: records, rejected };
}

/** The answer of `/v5/market/kline`, newest first; a bar that ends after the time of the answer is open. @throws as {@link parseBybitTrades} */
export function parseBybitBars(body: string, intervalMs: number): BarsAnswer {
  const { result, timeMs } = readResult(body);
  const symbol = readBody('Bybit', body, () => aText(result['symbol'], 'result.symbol'));
  const { records, rejected } = collect(aResultList(body, result), (item) => {
    const [start, open, high, low, close, volume] = aList(item, 'list[]');
    const startMs = epochMsText(start, 'list[][0]');
    const head = { symbol, startMs, intervalMs, final: startMs + intervalMs <= timeMs };
    return readBar(head, { open, high, low, close, volume });
  });
  return { bars: records.reverse(), rejected };
}

/** The answer of `/v5/market/orderbook`. @throws as {@link parseBybitTrades} */
export function parseBybitBook(body: string): BookAnswer {
  const { result } = readResult(body);
  return bookAnswer(() => ({
    type: 'book-snapshot',
    symbol: aText(result['s'], 'result.s'),
    timeMs: epochMs(result['cts'] ?? result['ts'], 'result.ts'),
    lastUpdateId: anId(result['u'], 'result.u'),
    bids: withSize(pairLevels(result['b'], 'result.b')),
    asks: withSize(pairLevels(result['a'], 'result.a')),
  }));
}

const rateLimitCodes: readonly unknown[] = [10006, 10018];

/** `{"retCode":0,"retMsg":"OK","result":{…},"time":1709891679050}` */
function readResult(body: string): { readonly result: Json; readonly timeMs: number } {
  return readBody('Bybit', body, (json) => {
    const { retCode, retMsg, result, time } = anObject(json, 'the answer');
    if (typeof retCode !== 'number') throw new RecordError('retCode', retCode, 'a number');
    if (retCode !== 0) {
      throw venueError('Bybit', said(retCode, retMsg), rateLimitCodes.includes(retCode));
    }
    return { result: anObject(result, 'result'), timeMs: epochMs(time, 'time') };
  });
}

function aResultList(body: string, result: Json): readonly unknown[] {
  return readBody('Bybit', body, () => aList(result['list'], 'result.list'));
}

const nameOf: ReadonlyMap<number, string> = new Map([...bybitIntervals].map(([name, ms]) => [ms, name]));
const barsPerPage = 1000;
/** The most that each market gives. */
const most = {
  spot: { trades: 60, depth: 200 },
  linear: { trades: 1000, depth: 500 },
  inverse: { trades: 1000, depth: 500 },
} as const satisfies Record<BybitMarket, unknown>;

/** A client of Bybit's public REST endpoints: the latest trades (no history), bars, the book. */
export function createBybitClient(options: BybitClientOptions): VenueClient {
  const { market: category = bybitClientDefaults.market } = options;
  return createVenueClient(
    {
      ...bybitClientDefaults,
      barsPerPage,
      async *trades(symbol, _query, get) {
        const query = { category, symbol, limit: most[category].trades };
        yield parseBybitTrades(await get('/v5/market/recent-trade', query));
      },
      async bars(symbol, { intervalMs, startMs, endMs }, get) {
        const interval = intervalName('Bybit', intervalMs, nameOf);
        const query = { category, symbol, interval, start: startMs, end: endMs - 1, limit: barsPerPage };
        return parseBybitBars(await get('/v5/market/kline', query), intervalMs);
      },
      async book(symbol, { depth = Infinity }, get) {
        const limit = Math.min(depth, most[category].depth);
        return parseBybitBook(await get('/v5/market/orderbook', { category, symbol, limit }));
      },
    },
    options,
  );
}
