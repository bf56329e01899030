/** Deribit's public REST endpoints. Source: Deribit API v2, "Market data". */
import { readBar } from '../../internal/venue/bars.ts';
import {
  aList,
  anId,
  anObject,
  aText,
  epochMs,
  isObject,
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
import { deribitIntervals, deribitTrade } from './decoder.ts';

/** What {@link createDeribitClient} uses where an option is absent. */
export const deribitClientDefaults = {
  baseUrl: 'https://www.deribit.com',
  minIntervalMs: 200,
} as const satisfies Partial<VenueClientOptions>;

/** Trades of one answer, and whether there are more of them. */
export interface DeribitTradesPage extends TradesAnswer {
  readonly hasMore: boolean;
  /** `trade_seq` of the last row, by which the next page is asked for; absent when there is none. */
  readonly lastSequence?: number;
}

/**
 * The answer of `get_last_trades_by_instrument` (and `_and_time`).
 * @throws `AdaptersError` `bad-response`, or `rate-limited` when Deribit says so.
 */
export function parseDeribitTrades(body: string): DeribitTradesPage {
  return readResult(body, (result) => {
    const list = aList(result['trades'], 'result.trades');
    const { records, rejected } = collect(list, (row) => deribitTrade(anObject(row, 'trades[]')));
    const last = list.at(-1);
    const sequence = isObject(last) ? last['trade_seq'] : undefined;
    const lastSequence = Number.isSafeInteger(sequence) ? { lastSequence: sequence as number } : undefined;
    return { trades: records, rejected, hasMore: result['has_more'] === true, ...lastSequence };
  });
}

/**
 * The answer of `get_tradingview_chart_data`: columns, oldest first. A bar that ends after `nowMs` is open.
 * @throws as {@link parseDeribitTrades}
 */
export function parseDeribitBars(
  body: string,
  { symbol, intervalMs, nowMs }: { readonly symbol: string; readonly intervalMs: number; readonly nowMs: number },
): BarsAnswer {
  return readResult(body, (result) => {
    const columns = ['open', 'high', 'low', 'close', 'volume'].map((name) => aList(result[name], `result.${name}`));
    const { records, rejected } = collect([...aList(result['ticks'], 'result.ticks').entries()], (entry) => {
      const [i, tick] = entry as readonly [number, unknown];
      const startMs = epochMs(tick, `ticks[${i}]`);
      const [open, high, low, close, volume] = columns.map((column) => column[i]);
      const head = { symbol, startMs, intervalMs, final: startMs + intervalMs <= nowMs };
      return readBar(head, { open, high, low, close, volume });
    });
    return { bars: records, rejected };
  });
}

/** The answer of `get_order_book`. @throws as {@link parseDeribitTrades} */
export function parseDeribitBook(body: string): BookAnswer {
  return readResult(body, (result) =>
    bookAnswer(() => ({
      type: 'book-snapshot',
      symbol: aText(result['instrument_name'], 'result.instrument_name'),
      timeMs: epochMs(result['timestamp'], 'result.timestamp'),
      lastUpdateId: anId(result['change_id'], 'result.change_id'),
      bids: withSize(pairLevels(result['bids'], 'result.bids')),
      asks: withSize(pairLevels(result['asks'], 'result.asks')),
    })),
  );
}

const tooManyRequests = 10028;

/** `{"jsonrpc":"2.0","result":{…}}`, `{"jsonrpc":"2.0","error":{"code","message"}}` */
function readResult<T>(body: string, read: (result: Json) => T): T {
  return readBody('Deribit', body, (json) => {
    const { error, result } = anObject(json, 'the answer');
    if (isObject(error)) {
      const words = said(error['code'], error['message']);
      throw venueError('Deribit', words, error['code'] === tooManyRequests);
    }
    if (!isObject(result)) throw new RecordError('result', result, 'an object');
    return read(result);
  });
}

const nameOf: ReadonlyMap<number, string> = new Map([...deribitIntervals].map(([name, ms]) => [ms, name]));
const tradesPerPage = 1000;
const barsPerPage = 5000;
const api = '/api/v2/public';

/** A client of Deribit's public REST endpoints: all trades by `trade_seq`, bars, the book. */
export function createDeribitClient(options: VenueClientOptions): VenueClient {
  const { now = Date.now } = options;
  return createVenueClient(
    {
      ...deribitClientDefaults,
      barsPerPage,
      // A gap of the feed is told by `trade_seq`, and so are the pages.
      async *trades(symbol, { startMs, endMs, afterId, beforeId }, get) {
        const common = { instrument_name: symbol, count: tradesPerPage };
        if (startMs === undefined && afterId === undefined) {
          yield parseDeribitTrades(await get(`${api}/get_last_trades_by_instrument`, common));
          return;
        }
        let start = afterId === undefined ? undefined : Number(afterId) + 1;
        const end = beforeId === undefined ? undefined : Number(beforeId) - 1;
        for (;;) {
          const byTime = start === undefined;
          const range = byTime
            ? { start_timestamp: startMs, end_timestamp: endMs === undefined ? now() : endMs - 1 }
            : { start_seq: start, end_seq: end };
          const method = byTime ? 'get_last_trades_by_instrument_and_time' : 'get_last_trades_by_instrument';
          const page = parseDeribitTrades(await get(`${api}/${method}`, { ...common, ...range, sorting: 'asc' }));
          yield page;
          const newest = page.trades.at(-1);
          const isPast = endMs !== undefined && newest !== undefined && newest.timeMs >= endMs;
          if (!page.hasMore || page.lastSequence === undefined || isPast) return;
          start = page.lastSequence + 1;
        }
      },
      async bars(symbol, { intervalMs, startMs, endMs }, get) {
        const resolution = intervalName('Deribit', intervalMs, nameOf);
        const range = { start_timestamp: startMs, end_timestamp: endMs - 1 };
        const body = await get(`${api}/get_tradingview_chart_data`, { instrument_name: symbol, ...range, resolution });
        return parseDeribitBars(body, { symbol, intervalMs, nowMs: now() });
      },
      async book(symbol, { depth = 10_000 }, get) {
        return parseDeribitBook(await get(`${api}/get_order_book`, { instrument_name: symbol, depth }));
      },
    },
    options,
  );
}
