/** Rows of `incremental_book_L2`, one level each, to the messages that they came in. */
import type { BookLevel } from '@tapekit/orderflow/market';
import type { FrameSink } from '../../venue-feed.ts';

/** One row, checked. */
export interface TardisLevelRow {
  readonly symbol: string;
  /** Venue time, epoch milliseconds UTC. */
  readonly timeMs: number;
  /** What tells messages apart: the two times and the snapshot mark, as they stand in the row. */
  readonly message: string;
  readonly isSnapshot: boolean;
  readonly side: 'bid' | 'ask';
  readonly price: string;
  readonly amount: string;
}

export interface TardisBooks {
  push(row: TardisLevelRow, sink: FrameSink): void;
  /** Gives the message that is still open. */
  flush(sink: FrameSink): void;
}

/** Symbols of one file; a damaged one names more. */
const maxSymbols = 100_000;

/** @param maxRows - a message with more rows is given in parts: its levels are absolute, so nothing is lost by it */
export function createTardisBooks(maxRows: number): TardisBooks {
  /** Messages so far, and whether the last one was part of a snapshot, by symbol. */
  const books = new Map<string, { messages: number; inSnapshot: boolean }>();
  let open: { row: TardisLevelRow; bids: BookLevel[]; asks: BookLevel[] } | undefined;

  const flush = (sink: FrameSink): void => {
    if (!open) return;
    const { row, bids, asks } = open;
    open = undefined;
    const { symbol, timeMs, isSnapshot } = row;
    let book = books.get(symbol);
    if (!book) {
      if (books.size >= maxSymbols) books.clear();
      books.set(symbol, (book = { messages: 0, inSnapshot: false }));
    }
    book.messages += 1;
    const lastUpdateId = book.messages;
    // A run of snapshot rows is one book, however many messages it came in: only its beginning replaces what was there.
    if (isSnapshot && !book.inSnapshot) {
      sink.event({ type: 'book-snapshot', symbol, timeMs, lastUpdateId, ...bestFirst(bids, asks) });
    } else {
      sink.event({ type: 'book-delta', symbol, timeMs, firstUpdateId: lastUpdateId, lastUpdateId, bids, asks });
    }
    book.inSnapshot = isSnapshot;
  };

  return {
    push(row, sink) {
      const isFull = open !== undefined && open.bids.length + open.asks.length >= maxRows;
      if (open && (isFull || open.row.symbol !== row.symbol || open.row.message !== row.message)) flush(sink);
      open ??= { row, bids: [], asks: [] };
      (row.side === 'bid' ? open.bids : open.asks).push([row.price, row.amount]);
    },
    flush,
  };
}

function bestFirst(bids: readonly BookLevel[], asks: readonly BookLevel[]): { bids: BookLevel[]; asks: BookLevel[] } {
  const present = ([, amount]: BookLevel): boolean => Number(amount) > 0;
  return {
    bids: bids.filter(present).sort(([a], [b]) => Number(b) - Number(a)),
    asks: asks.filter(present).sort(([a], [b]) => Number(a) - Number(b)),
  };
}
