/**
 * A book that learns from the first delta how the venue numbers its events: Binance futures name the event before
 * (`pu`), spot does not. A snapshot that comes before any delta waits for it.
 */
import { bookRules, createBook } from '@tapekit/orderflow/book';
import type { Book, BookEvent, BookPushResult } from '@tapekit/orderflow/book';
import type { Grid } from '@tapekit/orderflow/grid';

export interface SelfRulingBook {
  /** The book; empty and out of sync while nothing but snapshots came. */
  readonly book: Book;
  push(event: BookEvent): BookPushResult;
}

/** An empty book without a rule yet. */
export function createSelfRulingBook(grid: Grid): SelfRulingBook {
  let book = createBook({ grid, rule: bookRules.binanceSpot });
  let ruled = false;
  let early: BookEvent | undefined;
  return {
    get book() {
      return book;
    },
    push(event) {
      if (event.type === 'book-snapshot') {
        if (ruled) return book.push(event);
        early = event;
        return { outcome: 'buffered', offGrid: [] };
      }
      if (!ruled) {
        ruled = true;
        const rule = event.previousUpdateId === undefined ? bookRules.binanceSpot : bookRules.binanceFutures;
        book = createBook({ grid, rule });
        if (early) book.push(early);
        early = undefined;
      }
      return book.push(event);
    },
  };
}
