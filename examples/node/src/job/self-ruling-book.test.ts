import { describe, expect, test } from 'vitest';
import type { BookEvent } from '@tapekit/orderflow/book';
import { createGrid } from '@tapekit/orderflow/grid';
import { createSelfRulingBook } from './self-ruling-book.ts';

const grid = createGrid({ tickSize: '1', lotSize: '1' });
const at = { symbol: 'X', timeMs: 0 };
const snapshot = { type: 'book-snapshot', ...at, lastUpdateId: 10, bids: [['99', '1']], asks: [['101', '1']] } as const;
const delta = (firstUpdateId: number, lastUpdateId: number, previousUpdateId?: number): BookEvent => ({
  type: 'book-delta',
  ...at,
  firstUpdateId,
  lastUpdateId,
  bids: [['100', '2']],
  asks: [],
  ...(previousUpdateId === undefined ? {} : { previousUpdateId }),
});

describe('createSelfRulingBook', () => {
  test('follows the spot rule when deltas do not name the one before', () => {
    const books = createSelfRulingBook(grid);
    books.push(snapshot);
    expect(books.push(delta(11, 12)).outcome).toBe('applied');
    expect(books.push(delta(14, 15))).toMatchObject({ outcome: 'gap', gap: { expected: 13, received: 14 } });
  });

  test('follows the futures rule when they do: ids may jump, the chain may not', () => {
    const books = createSelfRulingBook(grid);
    books.push(snapshot);
    expect(books.push(delta(9, 12, 8)).outcome).toBe('applied');
    expect(books.push(delta(50, 60, 12)).outcome).toBe('applied');
    expect(books.push(delta(70, 80, 61)).outcome).toBe('gap');
  });

  test('keeps a snapshot that comes before any delta', () => {
    const books = createSelfRulingBook(grid);
    expect(books.push(snapshot).outcome).toBe('buffered');
    books.push(delta(11, 12));
    expect(books.book.best()).toEqual({ bidTicks: 100, bidLots: 2, askTicks: 101, askLots: 1 });
  });

  test('takes deltas that come before the snapshot', () => {
    const books = createSelfRulingBook(grid);
    expect(books.push(delta(9, 10)).outcome).toBe('buffered');
    expect(books.push(delta(11, 11)).outcome).toBe('buffered');
    expect(books.push(snapshot).outcome).toBe('snapshot');
    expect(books.book.best()).toEqual({ bidTicks: 100, bidLots: 2, askTicks: 101, askLots: 1 });
  });
});
