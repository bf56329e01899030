/** OKX's public REST endpoints. Source: OKX, "API v5: REST: market data". */
import { intervalName } from '../../internal/venue/rest.ts';
import { bookAnswer, collect, createVenueClient, readBody, venueError } from '../../internal/venue/rest.ts';
import { aList, anObject, RecordError, said, withSize } from '../../internal/venue/fields.ts';
import type { BarsAnswer, BookAnswer, TradesAnswer, VenueClient, VenueClientOptions } from '../../venue-client.ts';
import { okxIntervals, readOkxBar, readOkxLevels, readOkxTrade } from './decoder.ts';

/** What {@link createOkxClient} uses where an option is absent. */
export const okxClientDefaults = { baseUrl: 'https://www.okx.com', minIntervalMs: 110 } as const;

/**
 * The answer of `/api/v5/market/trades` and `/history-trades`, newest first.
 * @throws `AdaptersError` `bad-response`, or `rate-limited` when OKX says so.
 */
export function parseOkxTrades(body: string): TradesAnswer {
  const { records, rejected } = collect(readData(body), (row) => readOkxTrade(anObject(row, 'data[]')));
  return { trades: records, rejected };
}

/** The answer of `/api/v5/market/candles` and `/history-candles`, newest first. @throws as {@link parseOkxTrades} */
export function parseOkxBars(body: string, symbol: string, intervalMs: number): BarsAnswer {
  const { records, rejected } = collect(readData(body), (row) => readOkxBar(aList(row, 'data[]'), symbol, intervalMs));
  return { bars: records.reverse(), rejected };
}

/** The answer of `/api/v5/market/books`. @throws as {@link parseOkxTrades} */
export function parseOkxBook(body: string, symbol: string): BookAnswer {
  const [row] = readData(body);
  return bookAnswer(() => {
    const { timeMs, bids, asks, last } = readOkxLevels(anObject(row, 'data[0]'));
    return { type: 'book-snapshot', symbol, timeMs, lastUpdateId: last, bids: withSize(bids), asks: withSize(asks) };
  });
}

const rateLimitCodes: readonly unknown[] = ['50011', '50013', '50026', '50061'];

/** `{"code":"0","msg":"","data":[…]}` */
function readData(body: string): readonly unknown[] {
  return readBody('OKX', body, (json) => {
    const { code, msg, data } = anObject(json, 'the answer');
    if (typeof code !== 'string') throw new RecordError('code', code, 'digits in quotes');
    if (code !== '0') throw venueError('OKX', said(code, msg), rateLimitCodes.includes(code));
    return aList(data, 'data');
  });
}

/** Bars start at UTC times, so days are those with `utc`; the first name of a length is taken. */
const nameOf: ReadonlyMap<number, string> = new Map([...okxIntervals].reverse().map(([name, ms]) => [ms, name]));
const tradesPerPage = 100;
const barsPerPage = 100;
const depthLimit = 400;

/** A client of OKX's public REST endpoints: trades of the last three months by id, bars, the book. */
export function createOkxClient(options: VenueClientOptions): VenueClient {
  return createVenueClient(
    {
      ...okxClientDefaults,
      barsPerPage,
      // Newest first: `after` asks for what is older than an id (type 1) or a time (type 2).
      async *trades(instId, { startMs, endMs, afterId, beforeId }, get) {
        const byTime = beforeId === undefined && endMs !== undefined;
        let after: string | undefined = beforeId ?? (byTime ? String(endMs) : undefined);
        let type = byTime ? 2 : 1;
        for (;;) {
          const query = { instId, type, after, limit: tradesPerPage };
          const page = parseOkxTrades(await get('/api/v5/market/history-trades', query));
          yield page;
          const oldest = page.trades.at(-1);
          if (!oldest || (startMs === undefined && afterId === undefined)) return;
          if (startMs !== undefined && oldest.timeMs < startMs) return;
          if (afterId !== undefined && Number(oldest.id) <= Number(afterId) + 1) return;
          // Several trades have the same time: from here on by id.
          [type, after] = [1, String(oldest.id)];
        }
      },
      async bars(instId, { intervalMs, startMs, endMs }, get) {
        const bar = intervalName('OKX', intervalMs, nameOf);
        // Both ends are exclusive.
        const query = { instId, bar, before: startMs - 1, after: endMs, limit: barsPerPage };
        return parseOkxBars(await get('/api/v5/market/history-candles', query), instId, intervalMs);
      },
      async book(instId, { depth = depthLimit }, get) {
        const sz = Math.min(depth, depthLimit);
        return parseOkxBook(await get('/api/v5/market/books', { instId, sz }), instId);
      },
    },
    options,
  );
}
