/**
 * Kraken's books have no numbers: only the checksum that comes with each update shows that one was lost. So the decoder
 * keeps the ten levels that it is over.
 */
import { bookRules, createBook } from '@tapekit/orderflow/book';
import type { Book, BookEvent } from '@tapekit/orderflow/book';
import { krakenBookChecksum, krakenChecksum } from '@tapekit/orderflow/book-checksum';
import type { KrakenDecimals } from '@tapekit/orderflow/book-checksum';
import { createGrid } from '@tapekit/orderflow/grid';
import type { BookLevel } from '@tapekit/orderflow/market';

type Event = BookEvent & { readonly symbol: string };

export interface BookChecksums {
  /**
   * What is wrong with the book after this event; `undefined` when it agrees with the venue's checksum, and where nothing
   * can be said: the pair's decimals are not known, or its sizes are beyond exact integers.
   */
  mismatch(event: Event, depth: number): string | undefined;
  /** True while the book of the pair is held against its checksums. */
  isChecked(symbol: string): boolean;
}

export function createBookChecksums(): BookChecksums {
  const books = new Map<string, Book>();
  return {
    isChecked: (symbol) => books.has(symbol),
    mismatch(event, depth) {
      const { symbol } = event;
      if (event.type === 'book-snapshot') {
        books.delete(symbol);
        const decimals = event.checksum === undefined ? printedDecimals(event) : solvedDecimals(event, event.checksum);
        if (decimals) books.set(symbol, bookOf(decimals, depth));
      }
      const book = books.get(symbol);
      if (!book) return undefined;
      const { outcome, offGrid, checksum } = book.push(event);
      if (outcome !== 'checksum-mismatch' && offGrid.length === 0) return undefined;
      books.delete(symbol);
      return offGrid.length > 0 ? undefined : `checksum ${checksum!.expected}; the book has ${checksum!.computed}`;
    },
  };
}

function bookOf(decimals: KrakenDecimals, depth: number): Book {
  const { priceDecimals, sizeDecimals } = decimals;
  const grid = createGrid({ tickSize: `1e-${priceDecimals}`, lotSize: `1e-${sizeDecimals}` });
  return createBook({ grid, rule: bookRules.kraken, maxLevels: depth, checksum: krakenBookChecksum(decimals) });
}

/** v1 prints every decimal of a pair. */
function printedDecimals({ bids, asks }: Event): KrakenDecimals | undefined {
  const level = bids[0] ?? asks[0];
  return level && { priceDecimals: decimalsOf(level[0]), sizeDecimals: decimalsOf(level[1]) };
}

/** No pair of Kraken has more. */
const mostDecimals = 12;

/** v2 sends numbers, without the zeros at their end: the snapshot's own checksum tells how many there are. */
function solvedDecimals({ bids, asks }: Event, checksum: number): KrakenDecimals | undefined {
  const levels = [...bids.slice(0, 10), ...asks.slice(0, 10)];
  if (levels.length === 0) return undefined;
  const least = (of: (level: BookLevel) => BookLevel[0]): number =>
    levels.reduce((most, level) => Math.max(most, decimalsOf(of(level))), 0);
  const [leastPrice, leastSize] = [least(([price]) => price), least(([, size]) => size)];
  for (let priceDecimals = leastPrice; priceDecimals <= mostDecimals; priceDecimals += 1) {
    for (let sizeDecimals = leastSize; sizeDecimals <= mostDecimals; sizeDecimals += 1) {
      const decimals = { priceDecimals, sizeDecimals };
      if (krakenChecksum({ bids, asks }, decimals) === checksum >>> 0) return decimals;
    }
  }
  return undefined;
}

function decimalsOf(text: BookLevel[0]): number {
  return (String(text).split('.')[1] ?? '').length;
}
