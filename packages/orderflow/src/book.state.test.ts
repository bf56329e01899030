/** What a book holds back, forgets, refuses and restores. */
import { describe, expect, test } from 'vitest';
import { bookDefaults, bookRules, createBook, restoreBook } from './book.ts';
import type { BookEvent } from './book.ts';
import { createGrid } from './grid.ts';
import type { BookLevel } from './market.ts';

const grid = createGrid({ tickSize: '0.01', lotSize: '0.001' });
const at = { symbol: 'ETHUSDT', timeMs: 0 };
type Sides = { readonly bids?: readonly BookLevel[]; readonly asks?: readonly BookLevel[] };

const snapshot = (lastUpdateId: number, { bids = [], asks = [] }: Sides = {}): BookEvent => ({
  type: 'book-snapshot',
  ...at,
  lastUpdateId,
  bids,
  asks,
});
const delta = (first: number, last: number, { bids = [], asks = [] }: Sides = {}, previous?: number): BookEvent => ({
  type: 'book-delta',
  ...at,
  firstUpdateId: first,
  lastUpdateId: last,
  ...(previous === undefined ? {} : { previousUpdateId: previous }),
  bids,
  asks,
});
const sides: Sides = {
  bids: [
    ['99.99', '2'],
    ['99.98', '1'],
  ],
  asks: [
    ['100.01', '1.5'],
    ['100.02', '4'],
  ],
};
const spot = (options: { maxBufferedDeltas?: number } = {}) =>
  createBook({ grid, rule: bookRules.binanceSpot, ...options });
const futures = () => createBook({ grid, rule: bookRules.binanceFutures });
const outcomes = (book: { push(event: BookEvent): { outcome: string } }, events: readonly BookEvent[]) =>
  events.map((event) => book.push(event).outcome);

describe('the buffer', () => {
  test('lets the oldest delta go beyond its bound and counts it', () => {
    const book = spot({ maxBufferedDeltas: 2 });
    outcomes(book, [delta(1, 1), delta(2, 2), delta(3, 3)]);
    expect(book.stats()).toMatchObject({ buffered: 2, overflowed: 1, deltas: 3 });
    expect(book.push(snapshot(0))).toMatchObject({ outcome: 'gap', gap: { expected: 1, received: 2 } });
    expect(book.push(snapshot(1)).outcome).toBe('snapshot');
  });

  test('keeps deltas by value: a caller may reuse its event', () => {
    const book = spot();
    const bids: [string, string][] = [['99.97', '1']];
    book.push(delta(8, 8, { bids }));
    bids[0]![1] = '5';
    book.push(snapshot(7, sides));
    expect(book.top(3).bids.at(-1)).toEqual({ priceTicks: 9997, sizeLots: 1000 });
  });

  test.each([0, -1, 1.5, NaN])('refuses a bound of %s', (maxBufferedDeltas) => {
    expect(() => spot({ maxBufferedDeltas })).toThrow(expect.objectContaining({ code: 'bad-option' }));
    expect(bookDefaults.maxBufferedDeltas).toBe(4096);
  });
});

describe('update ids', () => {
  test.each([NaN, 1.5, Infinity, 2 ** 53])('that are %s are refused, and the book stays as it was', (id) => {
    const book = futures();
    book.push(snapshot(7, sides));
    const before = book.snapshot();
    for (const event of [snapshot(id, sides), delta(id, 8), delta(8, id), delta(8, 8, {}, id)]) {
      expect(() => book.push(event)).toThrow(expect.objectContaining({ code: 'bad-value' }));
    }
    expect(book.snapshot()).toEqual(before);
  });

  test('are shown by the message', () => {
    expect(() => futures().push(delta(8, NaN, {}, 7))).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: lastUpdateId NaN of a book event is not a whole number. Map the number of the venue; where it has none, leave it out, or pass 0 as the update id.]`,
    );
  });
});

describe('invalidate', () => {
  test('takes the book out of sync until the next snapshot', () => {
    const book = spot();
    outcomes(book, [snapshot(7, sides), delta(8, 8)]);
    book.invalidate();
    expect([book.best(), book.top(5), book.stats().synced]).toEqual([undefined, { bids: [], asks: [] }, false]);
    expect(outcomes(book, [delta(9, 9), snapshot(8, sides), delta(10, 10)])).toEqual([
      'buffered',
      'snapshot',
      'applied',
    ]);
    expect(book.stats()).toMatchObject({ invalidations: 1, gaps: 0, synced: true, lastUpdateId: 10 });
  });

  test('says nothing new of a book that is out of sync', () => {
    const book = spot();
    book.push(delta(8, 8));
    book.invalidate();
    expect(book.stats()).toMatchObject({ invalidations: 0, buffered: 1 });
  });
});

describe('results', () => {
  test('are shared and frozen where nothing varies', () => {
    const book = spot();
    book.push(snapshot(7, sides));
    const [one, two] = [book.push(delta(8, 8)), book.push(delta(9, 9))];
    expect(one).toBe(two);
    expect(Object.isFrozen(one) && Object.isFrozen(one.offGrid)).toBe(true);
  });
});

describe('restoreBook', () => {
  test.each([
    ['a size below 0', { bids: [[9900, -1]] }],
    ['a price between ticks', { bids: [[9900.5, 1]] }],
    ['no price', { bids: [[null, 1]] }],
    ['a size that no number holds', { bids: [[9900, 2 ** 53 + 2]] }],
    [
      'a level twice',
      {
        bids: [
          [9900, 1000],
          [9900, 2000],
        ],
      },
    ],
    [
      'bids from the lowest on',
      {
        bids: [
          [9900, 1],
          [9901, 1],
        ],
      },
    ],
    ['no bids', { bids: undefined }],
    ['an update id that is text', { lastUpdateId: '7' }],
    ['no counts', { counts: {} }],
    ['a count that is none', { counts: { ...spot().snapshot().counts, applied: null } }],
    ['a delta that is none', { buffered: [{}] }],
  ])('refuses a damaged snapshot: %s', (_, damage) => {
    const book = spot();
    book.push(snapshot(7, sides));
    const damaged = { ...book.snapshot(), ...damage } as never;
    const restore = () => restoreBook(damaged, { grid, rule: bookRules.binanceSpot });
    expect(restore).toThrow(expect.objectContaining({ code: 'bad-snapshot' }));
  });

  test('refuses the snapshot of another module, grid or rule', () => {
    const state = spot().snapshot();
    const other = createGrid({ tickSize: '0.1', lotSize: '0.001' });
    expect(() => restoreBook({ ...state, kind: 'ofi' } as never, { grid, rule: bookRules.binanceSpot })).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
    expect(() => restoreBook(state, { grid: other, rule: bookRules.binanceSpot })).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: snapshot of a book has tickSize "0.01", the options say "0.1". Restore with the options that the snapshot was made with.]`,
    );
    expect(() => restoreBook(state, { grid, rule: bookRules.binanceFutures })).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: snapshot of a book has rule "binance-spot", the options say "binance-futures". Restore with the options that the snapshot was made with.]`,
    );
  });
});
