/** Books that must be asked for anew: by a fetched snapshot, by a new subscription, or by a new connection. */
import type { SourceEvent, SourceStatus } from '../../market-source.ts';
import type { VenueFeed } from '../../venue-feed.ts';
import { fullJitter } from '../http/waiting.ts';
import type { Elapsed } from '../steady-clock.ts';
import type { Connection } from './connection.ts';
import { unlessAborted } from './unless-aborted.ts';

export interface ResyncOptions {
  readonly feed: Pick<VenueFeed, 'snapshot' | 'resubscribe'>;
  readonly connection: Connection;
  readonly signal: AbortSignal;
  readonly elapsed: Elapsed;
  readonly random: () => number;
  /** Longest wait for a book that was asked for. */
  readonly timeoutMs: number;
  readonly status: (status: SourceStatus) => void;
  /** A snapshot that was fetched, to be read like a frame. */
  readonly frame: (frame: string | Uint8Array) => void;
}

/** Requests of one connection. */
export interface Resync {
  request(symbol: string, channel: string, detail: string): void;
  /** What came: a book that was asked for is answered by its snapshot. */
  saw(events: readonly SourceEvent[]): void;
}

const baseMs = 1_000;
const mostMs = 60_000;
/** A book that held for so long starts from the shortest wait again. */
const calmMs = 120_000;

interface Pending {
  readonly symbol: string;
  readonly channel: string;
  attempts: number;
  lastMs: number;
  /** It is being fetched, or will be asked for again after a wait. */
  busy: boolean;
  /** Number of the request that has no answer yet. */
  open: number | undefined;
}

export function createResync(options: ResyncOptions): Resync {
  const { feed, connection, signal, elapsed, random, timeoutMs, status, frame } = options;
  const books = new Map<string, Pending>();
  let requests = 0;

  const failed = (book: Pending, detail: string): void => {
    const { symbol, channel } = book;
    status({ state: 'resync-failed', symbol, channel, detail });
    again(book);
  };

  const fetchBook = async (book: Pending, snapshot: NonNullable<VenueFeed['snapshot']>): Promise<void> => {
    const limit = new AbortController();
    const both = AbortSignal.any([signal, limit.signal]);
    connection.after(timeoutMs, () => limit.abort(new Error(`no snapshot within ${timeoutMs} ms`)));
    try {
      const text = await unlessAborted(snapshot(book.symbol, book.channel, both), both);
      if (signal.aborted) return;
      book.busy = false;
      // The decoder may find it too old and ask once more.
      frame(text);
    } catch (error) {
      if (!signal.aborted) failed(book, (error as Error).message);
    }
  };

  const ask = (book: Pending): void => {
    book.lastMs = elapsed();
    if (feed.snapshot) {
      void fetchBook(book, (...asked) => feed.snapshot!(...asked));
      return;
    }
    book.busy = false;
    const request = (requests += 1);
    book.open = request;
    for (const one of feed.resubscribe?.(book.symbol, book.channel) ?? []) connection.send(one);
    // A subscription, or its answer, can be lost like every other frame.
    connection.after(timeoutMs, () => {
      if (book.open === request && !book.busy) failed(book, `no snapshot within ${timeoutMs} ms`);
    });
  };

  const again = (book: Pending): void => {
    book.busy = true;
    book.attempts += 1;
    const wait = book.attempts === 1 ? 0 : fullJitter(book.attempts - 1, baseMs, mostMs, random);
    if (wait === 0) ask(book);
    else connection.after(wait, () => ask(book));
  };

  return {
    request(symbol, channel, detail) {
      status({ state: 'resync', symbol, channel, detail });
      if (!feed.snapshot && !feed.resubscribe) {
        connection.end(
          'closed',
          `the book of ${symbol} is out of step, and this venue gives it anew only to a new connection`,
        );
        return;
      }
      const key = `${symbol}\n${channel}`;
      let book = books.get(key);
      if (!book) {
        book = { symbol, channel, attempts: 0, lastMs: -Infinity, busy: false, open: undefined };
        books.set(key, book);
      }
      if (book.busy) return;
      if (elapsed() - book.lastMs > calmMs) book.attempts = 0;
      again(book);
    },
    saw(events) {
      if (books.size === 0) return;
      for (const { type, symbol } of events) {
        // Of a top of book that is kept like a book only the quote goes out.
        if (type !== 'book-snapshot' && type !== 'quote') continue;
        for (const book of books.values()) {
          if (book.symbol === symbol && (type === 'book-snapshot' || book.channel !== 'book')) book.open = undefined;
        }
      }
    },
  };
}
