/** The public REST endpoints of the venues behind one contract: trades, bars and the book, with what was refused. */
import type { HttpClient } from './http-client.ts';
import type { Rejection } from './internal/rest-records.ts';
import type { SourceBar, SourceEvent } from './market-source.ts';

export type { Rejection } from './internal/rest-records.ts';

/** A print as a venue sent it. */
export type SourceTrade = Extract<SourceEvent, { readonly type: 'trade' }>;

/** A whole book as a venue sent it. */
export type SourceBook = Extract<SourceEvent, { readonly type: 'book-snapshot' }>;

/** Trades of one answer, in the order of the venue. */
export interface TradesAnswer {
  readonly trades: readonly SourceTrade[];
  readonly rejected: readonly Rejection[];
}

/** Bars of one answer, oldest first. */
export interface BarsAnswer {
  readonly bars: readonly SourceBar[];
  readonly rejected: readonly Rejection[];
}

/** The book of one answer; absent when one of its levels cannot be read, because the rest would not be the book. */
export interface BookAnswer {
  readonly book?: SourceBook;
  readonly rejected: readonly Rejection[];
}

/** Which trades. A venue uses what it can; the answers may hold more than was asked for. */
export interface TradesQuery {
  /** Inclusive, epoch milliseconds UTC. */
  readonly startMs?: number;
  /** Exclusive, epoch milliseconds UTC. */
  readonly endMs?: number;
  /** The id of the last trade that is known, as a gap report names it. */
  readonly afterId?: string;
  /** The id of the first trade that is known again. */
  readonly beforeId?: string;
  readonly signal?: AbortSignal;
}

/** Which bars. */
export interface BarsQuery {
  /** Length of a bar, one of those that the venue offers. */
  readonly intervalMs: number;
  /** Inclusive start of the first bar, epoch milliseconds UTC. */
  readonly startMs: number;
  /** Exclusive, epoch milliseconds UTC. */
  readonly endMs: number;
  readonly signal?: AbortSignal;
}

/** How deep a book. */
export interface BookQuery {
  /** Levels a side; the venue may have fewer. @defaultValue as many as the venue gives without a key */
  readonly depth?: number;
  readonly signal?: AbortSignal;
}

/** The public REST endpoints of a venue. */
export interface VenueClient {
  /**
   * Pages of trades. Where a venue keeps no history for everybody, one page of its latest.
   * @throws `AdaptersError` as the HTTP client, and `bad-response` or `rate-limited` for what the answer says.
   */
  trades(symbol: string, query?: TradesQuery): AsyncGenerator<TradesAnswer, void>;
  /** Pages of bars, oldest first; bars outside of the query are left out. @throws as {@link VenueClient.trades} */
  bars(symbol: string, query: BarsQuery): AsyncGenerator<BarsAnswer, void>;
  /** The book now. @throws as {@link VenueClient.trades} */
  book(symbol: string, query?: BookQuery): Promise<BookAnswer>;
}

/** How a client reaches its venue. */
export interface VenueClientOptions {
  /** Sends the requests, with its retries. */
  readonly http: HttpClient;
  /** @defaultValue the venue's public address */
  readonly baseUrl?: string;
  /** Least time between the starts of two requests, milliseconds. @defaultValue what the venue allows without a key */
  readonly minIntervalMs?: number;
  /** Clock that tells bars which are open where the venue does not, epoch milliseconds. @defaultValue `Date.now` */
  readonly now?: () => number;
}
