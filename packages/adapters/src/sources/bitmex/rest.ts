/** BitMEX's public REST endpoints. Source: BitMEX, "API Explorer: Trade, OrderBook". */
import { aDecimal, anId, anObject, aSide, aText, isoMs, said, withSize } from '../../internal/venue/fields.ts';
import {
  bookAnswer,
  collect,
  createVenueClient,
  intervalName,
  readBody,
  venueError,
} from '../../internal/venue/rest.ts';
import type { BarsAnswer, BookAnswer, TradesAnswer, VenueClient, VenueClientOptions } from '../../venue-client.ts';
import { bitmexBar, bitmexIntervals, bitmexTrade } from './decoder.ts';

/** What {@link createBitmexClient} uses where an option is absent: 30 requests a minute without a key. */
export const bitmexClientDefaults = {
  baseUrl: 'https://www.bitmex.com',
  minIntervalMs: 2000,
} as const satisfies Partial<VenueClientOptions>;

/** The answer of `/api/v1/trade`. @throws `AdaptersError` `bad-response` */
export function parseBitmexTrades(body: string): TradesAnswer {
  const { records, rejected } = collect(readList(body), (row) => bitmexTrade(anObject(row, 'trade')));
  return { trades: records, rejected };
}

/** The answer of `/api/v1/trade/bucketed`; bars without a trade have a size of 0. @throws `AdaptersError` `bad-response` */
export function parseBitmexBars(body: string, intervalMs: number): BarsAnswer {
  const { records, rejected } = collect(readList(body), (row) => bitmexBar(anObject(row, 'bar'), intervalMs));
  return { bars: records, rejected };
}

/** The answer of `/api/v1/orderBook/L2`: rows, best ask last and best bid first. @throws `AdaptersError` `bad-response` */
export function parseBitmexBook(body: string, symbol: string): BookAnswer {
  const list = readList(body);
  return bookAnswer(() => {
    const rows = list.map((item) => {
      const row = anObject(item, 'row');
      anId(row['id'], 'id');
      const [price, size] = [aDecimal(row['price'], 'price'), aDecimal(row['size'], 'size')];
      const side = aSide(row['side'], 'side', 'Buy', 'Sell');
      return { side, level: [price, size] as const, timeMs: isoMs(row['timestamp'], 'timestamp') };
    });
    const levels = (side: 'buy' | 'sell') =>
      withSize(rows.filter((row) => row.side === side).map(({ level }) => level));
    return {
      type: 'book-snapshot',
      symbol: aText(symbol, 'symbol'),
      timeMs: rows.reduce((latest, { timeMs }) => Math.max(latest, timeMs), 0),
      lastUpdateId: 0,
      bids: levels('buy').toSorted(([a], [b]) => Number(b) - Number(a)),
      asks: levels('sell').toSorted(([a], [b]) => Number(a) - Number(b)),
    };
  });
}

/** A list, or `{"error":{"message","name"}}`. */
function readList(body: string): readonly unknown[] {
  return readBody('BitMEX', body, (json) => {
    if (Array.isArray(json)) return json as readonly unknown[];
    const { error } = anObject(json, 'the answer');
    const { message, name } = anObject(error, 'error');
    const words = said(name, message);
    throw venueError('BitMEX', words, /rate ?limit/i.test(words));
  });
}

const nameOf: ReadonlyMap<number, string> = new Map([...bitmexIntervals].map(([name, ms]) => [ms, name]));
const pageSize = 1000;
/** The venue pages by offset and goes no further than this. */
const mostOffset = 500_000;

/** A client of BitMEX's public REST endpoints: all trades by time, bars, the book. */
export function createBitmexClient(options: VenueClientOptions): VenueClient {
  return createVenueClient(
    {
      ...bitmexClientDefaults,
      barsPerPage: pageSize,
      async *trades(symbol, { startMs, endMs }, get) {
        const [startTime, endTime] = [startMs, endMs === undefined ? undefined : endMs - 1].map((ms) =>
          ms === undefined ? undefined : new Date(ms).toISOString(),
        );
        // Without a start there is one page: the latest trades.
        const reverse = startMs === undefined ? 'true' : 'false';
        for (let start = 0; start <= mostOffset; start += pageSize) {
          const query = { symbol, count: pageSize, reverse, startTime, endTime, start };
          const page = parseBitmexTrades(await get('/api/v1/trade', query));
          yield page;
          if (startMs === undefined || page.trades.length + page.rejected.length < pageSize) return;
        }
      },
      async bars(symbol, { intervalMs, startMs, endMs }, get) {
        const binSize = intervalName('BitMEX', intervalMs, nameOf);
        // Bars are asked for by their ends, as they are stamped.
        const [startTime, endTime] = [startMs + intervalMs, endMs + intervalMs - 1].map((ms) =>
          new Date(ms).toISOString(),
        );
        const query = { binSize, partial: 'false', symbol, count: pageSize, reverse: 'false', startTime, endTime };
        return parseBitmexBars(await get('/api/v1/trade/bucketed', query), intervalMs);
      },
      async book(symbol, { depth = 0 }, get) {
        return parseBitmexBook(await get('/api/v1/orderBook/L2', { symbol, depth }), symbol);
      },
    },
    options,
  );
}
