/** What the REST endpoints of the venues have in common: answers to records, pages, and errors with a reason. */
import { AdaptersError } from '../../errors.ts';
import type { HttpRequest } from '../../http-client.ts';
import type {
  BarsAnswer,
  BarsQuery,
  BookAnswer,
  BookQuery,
  SourceBook,
  TradesAnswer,
  TradesQuery,
  VenueClient,
  VenueClientOptions,
} from '../../venue-client.ts';
import { pacedHttp } from '../paced-http.ts';
import { rejection, type Rejection } from '../rest-records.ts';
import { RecordError } from './fields.ts';
import { parseExact } from './json-frames.ts';

/** Gets the body of an address of the venue. */
export type Get = (path: string, query: HttpRequest['query']) => Promise<string>;

/** What one venue adds to {@link createVenueClient}. */
export interface VenueEndpoints {
  readonly baseUrl: string;
  /** Least time between two requests that the venue is happy with. */
  readonly minIntervalMs: number;
  trades(symbol: string, query: TradesQuery, get: Get): AsyncGenerator<TradesAnswer, void>;
  /** One page of bars that start in `[startMs, endMs)`. */
  bars(symbol: string, query: BarsQuery, get: Get): Promise<BarsAnswer>;
  readonly barsPerPage: number;
  book(symbol: string, query: BookQuery, get: Get): Promise<BookAnswer>;
}

export function createVenueClient(venue: VenueEndpoints, options: VenueClientOptions): VenueClient {
  const { baseUrl, minIntervalMs } = { ...venue, ...options };
  const http = pacedHttp(options.http, { minIntervalMs });
  const getWith =
    (signal: AbortSignal | undefined): Get =>
    async (path, query = {}) => {
      const answer = await http.send({ url: `${baseUrl}${path}`, query, ...(signal ? { signal } : undefined) });
      return answer.body;
    };
  return {
    trades: (symbol, query = {}) => venue.trades(symbol, query, getWith(query.signal)),
    async *bars(symbol, query) {
      const stepMs = query.intervalMs * venue.barsPerPage;
      for (let startMs = query.startMs; startMs < query.endMs; startMs += stepMs) {
        const endMs = Math.min(startMs + stepMs, query.endMs);
        const { bars, rejected } = await venue.bars(symbol, { ...query, startMs, endMs }, getWith(query.signal));
        const inside = bars.filter((bar) => bar.startMs >= startMs && bar.startMs < endMs);
        yield { bars: inside.sort((a, b) => a.startMs - b.startMs), rejected };
      }
    },
    book: (symbol, query = {}) => venue.book(symbol, query, getWith(query.signal)),
  };
}

/** Reads each item; bad ones are refused, and their neighbours stay. */
export function collect<T>(list: readonly unknown[], read: (item: unknown) => T): Collected<T> {
  const records: T[] = [];
  const rejected: Rejection[] = [];
  for (const [i, item] of list.entries()) {
    try {
      records.push(read(item));
    } catch (error) {
      rejected.push(rejection(error, i + 1));
    }
  }
  return { records, rejected };
}

/** Records that were kept, in order, and those that were not. */
export interface Collected<T> {
  readonly records: T[];
  readonly rejected: readonly Rejection[];
}

/** The book, or why there is none. */
export function bookAnswer(read: () => SourceBook): BookAnswer {
  try {
    return { book: read(), rejected: [] };
  } catch (error) {
    return { rejected: [rejection(error, 1)] };
  }
}

/**
 * Runs `read` over the parsed body; what it throws as `RecordError` is an answer that is not as documented.
 * @throws {@link AdaptersError} `bad-response`.
 */
export function readBody<T>(venue: string, body: string, read: (json: unknown) => T): T {
  let json: unknown;
  try {
    json = parseExact(body);
  } catch (cause) {
    throw new AdaptersError('bad-response', `${venue} answered ${excerpt(body)}; expected JSON.`, { cause });
  }
  try {
    return read(json);
  } catch (cause) {
    if (!(cause instanceof RecordError)) throw cause;
    throw new AdaptersError('bad-response', `${venue} answered ${excerpt(body)}: ${cause.message}.`, { cause });
  }
}

/** What the venue itself says in an answer that HTTP calls a success. */
export function venueError(venue: string, said: string, isRateLimit: boolean): AdaptersError {
  return isRateLimit
    ? new AdaptersError('rate-limited', `${venue} answered "${said}". Ask less often.`, { value: said })
    : new AdaptersError('bad-response', `${venue} answered "${said}". Check the symbol and the query.`, {
        value: said,
      });
}

function excerpt(body: string): string {
  return JSON.stringify(body.length > 120 ? `${body.slice(0, 117)}...` : body);
}

/** The name that a venue has for an interval. @throws {@link AdaptersError} `bad-option` */
export function intervalName<T>(venue: string, intervalMs: number, names: ReadonlyMap<number, T>): T {
  const name = names.get(intervalMs);
  if (name !== undefined) return name;
  throw new AdaptersError(
    'bad-option',
    `intervalMs ${intervalMs} is not offered by ${venue}. Pass one of ${[...names.keys()].join(', ')}.`,
    { value: intervalMs },
  );
}

/** Milliseconds of the usual intervals. */
export const minuteMs = 60_000;
export const hourMs: number = 60 * minuteMs;
export const dayMs: number = 24 * hourMs;
