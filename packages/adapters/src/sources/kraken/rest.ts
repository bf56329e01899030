/** Kraken's public REST endpoints. Source: Kraken, "Spot REST API: Get Recent Trades, Get OHLC Data, Get Order Book". */
import { readBar } from '../../internal/venue/bars.ts';
import {
  aList,
  anId,
  anObject,
  aPositiveDecimal,
  aSide,
  isObject,
  pairLevels,
  RecordError,
  said,
  secondsMs,
  withSize,
} from '../../internal/venue/fields.ts';
import { bookAnswer, collect, createVenueClient, minuteMs, readBody, venueError } from '../../internal/venue/rest.ts';
import { requireOneOf } from '../../internal/venue/feed-options.ts';
import type {
  BarsAnswer,
  BookAnswer,
  SourceTrade,
  TradesAnswer,
  VenueClient,
  VenueClientOptions,
} from '../../venue-client.ts';
import { krakenIntervals } from './spot.ts';

/** What {@link createKrakenClient} uses where an option is absent. */
export const krakenClientDefaults = { baseUrl: 'https://api.kraken.com', minIntervalMs: 1000 } as const;

/** A page of trades and where the next one starts. */
export interface KrakenTradesPage extends TradesAnswer {
  /** Pass as `since` for the next page: nanoseconds since 1970 as digits. */
  readonly last: string;
}

/**
 * The answer of `/0/public/Trades`, oldest first.
 * @throws `AdaptersError` `bad-response`, or `rate-limited` when Kraken says so.
 */
export function parseKrakenTrades(body: string, symbol: string): KrakenTradesPage {
  return readResult(body, (data, last) => {
    if (typeof last !== 'string' || !/^\d{1,20}$/.test(last)) throw new RecordError('last', last, 'digits in quotes');
    const { records, rejected } = collect(aList(data, 'result'), (item): SourceTrade => {
      const [price, size, time, side, , , id] = aList(item, 'trade');
      return {
        type: 'trade',
        symbol,
        timeMs: secondsMs(time, 'trade[2]'),
        price: aPositiveDecimal(price, 'trade[0]'),
        size: aPositiveDecimal(size, 'trade[1]'),
        side: aSide(side, 'trade[3]', 'b', 's'),
        id: anId(id, 'trade[6]'),
      };
    });
    return { trades: records, rejected, last };
  });
}

/**
 * The answer of `/0/public/OHLC`, oldest first: at most 720 bars, of which the last one is not final.
 * @throws as {@link parseKrakenTrades}
 */
export function parseKrakenBars(body: string, symbol: string, minutes: number): BarsAnswer {
  return readResult(body, (data, last) => {
    const lastFinalMs = secondsMs(last, 'last');
    const { records, rejected } = collect(aList(data, 'result'), (item) => {
      const [time, open, high, low, close, , volume] = aList(item, 'bar');
      const startMs = secondsMs(time, 'bar[0]');
      const head = { symbol, startMs, intervalMs: minutes * minuteMs, final: startMs <= lastFinalMs };
      return readBar(head, { open, high, low, close, volume });
    });
    return { bars: records, rejected };
  });
}

/**
 * The answer of `/0/public/Depth`. It has neither id nor time; the time is that of its youngest level.
 * @throws as {@link parseKrakenTrades}
 */
export function parseKrakenBook(body: string, symbol: string): BookAnswer {
  return readResult(body, (data) =>
    bookAnswer(() => {
      const { bids, asks } = anObject(data, 'result');
      const rows = [...aList(bids, 'bids'), ...aList(asks, 'asks')];
      const times = rows.map((row) => secondsMs(aList(row, 'level')[2], 'level[2]'));
      if (times.length === 0) throw new RecordError('result', data, 'a book with at least one level');
      return {
        type: 'book-snapshot',
        symbol,
        timeMs: times.reduce((a, b) => Math.max(a, b)),
        lastUpdateId: 0,
        bids: withSize(pairLevels(bids, 'bids')),
        asks: withSize(pairLevels(asks, 'asks')),
      };
    }),
  );
}

/** `{"error":[],"result":{"XBTUSDT":…,"last":…}}`; the key is the pair in a spelling of Kraken's choice. */
function readResult<T>(body: string, read: (data: unknown, last: unknown) => T): T {
  return readBody('Kraken', body, (json) => {
    const { error, result } = anObject(json, 'the answer');
    const [problem] = aList(error, 'error');
    if (problem !== undefined) {
      const words = said(problem);
      throw venueError('Kraken', words, /Rate limit|Too many/i.test(words));
    }
    if (!isObject(result)) throw new RecordError('result', result, 'an object');
    const pair = Object.keys(result).find((key) => key !== 'last');
    if (pair === undefined) throw new RecordError('result', result, 'the pair that was asked for');
    return read(result[pair], result['last']);
  });
}

const depthLimit = 500;

/** A client of Kraken's public REST endpoints: all trades, the latest 720 bars, the book. */
export function createKrakenClient(options: VenueClientOptions): VenueClient {
  return createVenueClient(
    {
      ...krakenClientDefaults,
      barsPerPage: Number.MAX_SAFE_INTEGER,
      async *trades(pair, { startMs, endMs = Infinity, beforeId }, get) {
        let since = startMs === undefined ? undefined : `${startMs}000000`;
        for (;;) {
          const page = parseKrakenTrades(await get('/0/public/Trades', { pair, since, count: 1000 }), pair);
          const { trades, rejected, last } = page;
          yield { trades, rejected };
          const newest = trades.at(-1);
          const done =
            !newest || newest.timeMs >= endMs || (beforeId !== undefined && Number(newest.id) >= Number(beforeId));
          // Without a start there is one page: the latest trades.
          if (done || startMs === undefined || last === since) return;
          since = last;
        }
      },
      async bars(pair, { intervalMs, startMs }, get) {
        const interval = intervalMs / minuteMs;
        requireOneOf('Kraken', 'intervalMs', interval, krakenIntervals);
        // `since` is exclusive.
        const query = { pair, interval, since: Math.floor(startMs / 1000) - 1 };
        return parseKrakenBars(await get('/0/public/OHLC', query), pair, interval);
      },
      async book(pair, { depth = depthLimit }, get) {
        const count = Math.min(depth, depthLimit);
        return parseKrakenBook(await get('/0/public/Depth', { pair, count }), pair);
      },
    },
    options,
  );
}
