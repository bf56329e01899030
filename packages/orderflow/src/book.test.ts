import { Decimal } from 'decimal.js';
import { describe, expect, test } from 'vitest';
import { bookRules, createBook } from './book.ts';
import type { BookEvent, BookRule } from './book.ts';
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
const spot = () => createBook({ grid, rule: bookRules.binanceSpot });
const futures = () => createBook({ grid, rule: bookRules.binanceFutures });
const outcomes = (book: { push(event: BookEvent): { outcome: string } }, events: readonly BookEvent[]) =>
  events.map((event) => book.push(event).outcome);

describe('levels', () => {
  test('off the grid of another copy of this package are left out as well', () => {
    class OrderflowError extends Error {
      override readonly name = 'OrderflowError';
      readonly code = 'off-grid';
    }
    const toTicks: typeof grid.toTicks = (price) => {
      if (price === '99.995') throw new OrderflowError('another copy');
      return grid.toTicks(price);
    };
    const book = createBook({ grid: { ...grid, toTicks }, rule: bookRules.binanceSpot });
    const bids = [...sides.bids!, ['99.995', '1'] as const];
    expect(book.push(snapshot(7, { ...sides, bids })).offGrid).toEqual([
      { side: 'bid', price: '99.995', size: '1', reason: 'off-grid' },
    ]);
    expect(book.stats()).toMatchObject({ synced: true, bidLevels: 2, askLevels: 2, offGridLevels: 1 });
  });

  test('counts a snapshot that is crossed or locked', () => {
    const book = spot();
    book.push(snapshot(7, { bids: [['100', '1']], asks: [['100', '1']] }));
    expect(book.stats().crossed).toBe(1);
    book.push(snapshot(8, { bids: [['100', '1']], asks: [['99', '1']] }));
    book.push(snapshot(9, sides));
    book.push(snapshot(10, { bids: [['100', '1']] }));
    expect(book.stats()).toMatchObject({ crossed: 2, snapshots: 4 });
  });

  test('reads the snapshot best first and gives the best quote on the grid', () => {
    const book = spot();
    expect(book.push(snapshot(7, sides))).toEqual({ outcome: 'snapshot', offGrid: [] });
    expect(book.best()).toEqual({ bidTicks: 9999, bidLots: 2000, askTicks: 10001, askLots: 1500 });
    expect(book.top(1)).toEqual({
      bids: [{ priceTicks: 9999, sizeLots: 2000 }],
      asks: [{ priceTicks: 10001, sizeLots: 1500 }],
    });
    expect(book.top(9).bids.map((level) => level.priceTicks)).toEqual([9999, 9998]);
    expect(book.top(9).asks.map((level) => level.priceTicks)).toEqual([10001, 10002]);
    expect(book.top(0)).toEqual({ bids: [], asks: [] });
  });

  test('sets absolute sizes, adds levels and removes them at size 0, known or not', () => {
    const book = spot();
    book.push(snapshot(7, sides));
    book.push(
      delta(8, 8, {
        bids: [
          ['99.99', '3'],
          ['100', '0.5'],
          ['98', '0'],
        ],
        asks: [
          ['100.01', '0'],
          ['100.015e0', '1'],
        ],
      }),
    );
    expect(book.best()).toEqual({ bidTicks: 10000, bidLots: 500, askTicks: 10002, askLots: 4000 });
    expect(book.top(9).bids).toEqual([
      { priceTicks: 10000, sizeLots: 500 },
      { priceTicks: 9999, sizeLots: 3000 },
      { priceTicks: 9998, sizeLots: 1000 },
    ]);
  });

  test('takes numbers, strings and Decimals, and a snapshot in any order', () => {
    const book = spot();
    book.push(
      snapshot(7, {
        bids: [
          [99.98, 1],
          [new Decimal('99.99'), '2'],
        ],
        asks: [
          ['100.02', 4],
          [100.01, 1.5],
        ],
      }),
    );
    expect(book.best()).toEqual({ bidTicks: 9999, bidLots: 2000, askTicks: 10001, askLots: 1500 });
  });

  test('has no best quote while a side is empty', () => {
    const book = spot();
    book.push(snapshot(7, { bids: [['99.99', '2']] }));
    expect(book.best()).toBeUndefined();
    expect(book.top(5).bids).toHaveLength(1);
  });

  test('a new snapshot replaces every level', () => {
    const book = spot();
    outcomes(book, [snapshot(7, sides), snapshot(9, { bids: [['50', '1']], asks: [['51', '1']] })]);
    expect(book.best()).toEqual({ bidTicks: 5000, bidLots: 1000, askTicks: 5100, askLots: 1000 });
    expect(book.stats()).toMatchObject({ bidLevels: 1, askLevels: 1, snapshots: 2 });
  });

  test('counts deltas that leave the book crossed or locked, and shows it as the venue sent it', () => {
    const book = spot();
    book.push(snapshot(7, sides));
    book.push(delta(8, 8, { bids: [['100.01', '1']] }));
    expect(book.best()).toMatchObject({ bidTicks: 10001, askTicks: 10001 });
    book.push(delta(9, 9, { asks: [['100.01', '0']] }));
    expect(book.stats().crossed).toBe(1);
  });

  test.each([-1, 1.5, NaN, -Infinity])('refuses top(%s)', (n) => {
    expect(() => spot().top(n)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });
});

describe('what is no event of a book', () => {
  const sound = {
    type: 'book-delta',
    ...at,
    firstUpdateId: 8,
    lastUpdateId: 9,
    bids: [['99', '9']],
    asks: [],
  } as const;

  test.each([
    ['no list of asks', { ...sound, asks: undefined }, 'asks undefined of a book event is not a list of levels'],
    ['no list of bids', { ...sound, bids: { 99: 9 } }, 'bids {"99":9} of a book event is not a list'],
    ['another type', { ...sound, type: 'delta' }, 'type "delta" of an event is neither'],
    ['a trade', { type: 'trade', ...at, price: '1', size: '1', side: 'buy' }, 'type "trade" of an event is neither'],
    ['nothing', undefined, 'type undefined of an event is neither'],
    [
      'an end before its begin',
      { ...sound, lastUpdateId: 5 },
      'lastUpdateId 5 of a book event is before its firstUpdateId',
    ],
  ])('is refused, and the book is as it was: %s', (_, event, message) => {
    const book = spot();
    book.push(snapshot(7, sides));
    const before = book.snapshot();
    expect(() => book.push(event as never)).toThrow(message);
    expect(book.snapshot()).toEqual(before);
  });

  test.each([
    ['a flat list', '99'],
    ['null', null],
    ['a hole', undefined],
  ])('has levels that are none left out: %s', (_, level) => {
    const book = spot();
    book.push(snapshot(7, sides));
    const { outcome, offGrid } = book.push({ ...sound, bids: [level as never, ['98', '1']] });
    expect([outcome, offGrid.length, book.stats().offGridLevels]).toEqual(['applied', 1, 1]);
    expect(book.top(9).bids.at(-1)).toEqual({ priceTicks: 9800, sizeLots: 1000 });
  });

  test.each([[undefined], ['binanceSpot'], [{}]])('needs a rule that is one: %s', (rule) => {
    expect(() => createBook({ grid, rule: rule as never })).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });
});

describe('levels off the grid', () => {
  test('are left out, reported and counted while the rest of the event applies', () => {
    const book = spot();
    const { outcome, offGrid } = book.push(
      snapshot(7, {
        bids: [
          ['99.995', '2'],
          ['99.99', '0.0005'],
          ['99.98', '1'],
          ['99.97', '-1'],
        ],
        asks: [
          ['1e99', '1'],
          ['abc', '1'],
          ['100.01', '1'],
        ],
      }),
    );
    expect(outcome).toBe('snapshot');
    expect(offGrid).toHaveLength(5);
    expect(offGrid).toEqual(
      expect.arrayContaining([
        { side: 'bid', price: '99.995', size: '2', reason: 'off-grid' },
        { side: 'bid', price: '99.99', size: '0.0005', reason: 'off-grid' },
        { side: 'bid', price: '99.97', size: '-1', reason: 'out-of-range' },
        { side: 'ask', price: '1e99', size: '1', reason: 'out-of-range' },
        { side: 'ask', price: 'abc', size: '1', reason: 'bad-decimal' },
      ]),
    );
    expect(book.best()).toEqual({ bidTicks: 9998, bidLots: 1000, askTicks: 10001, askLots: 1000 });
    expect(book.stats()).toMatchObject({ offGridLevels: 5, synced: true });
  });

  test('a size that is off the grid removes the level, whose old size is not true any more', () => {
    const book = spot();
    book.push(snapshot(7, sides));
    const { outcome, offGrid } = book.push(
      delta(8, 8, {
        bids: [
          ['99.99', '2.0005'],
          ['99.97', '1'],
        ],
      }),
    );
    expect(outcome).toBe('applied');
    expect(offGrid).toEqual([{ side: 'bid', price: '99.99', size: '2.0005', reason: 'off-grid' }]);
    expect(book.top(9).bids.map((level) => level.priceTicks)).toEqual([9998, 9997]);
  });

  test('of buffered deltas are reported by the snapshot that applies them', () => {
    const book = spot();
    expect(book.push(delta(8, 8, { bids: [['1.001', '1']] })).offGrid).toEqual([]);
    expect(book.push(snapshot(7, sides)).offGrid).toEqual([
      { side: 'bid', price: '1.001', size: '1', reason: 'off-grid' },
    ]);
  });
});

describe('Binance spot', () => {
  test('drops u ≤ L, wants U ≤ L + 1 ≤ u first, then U = u + 1', () => {
    const book = spot();
    const events = [delta(1, 3), delta(4, 5), delta(6, 9), snapshot(7, sides), delta(10, 10), delta(11, 15)];
    expect(outcomes(book, events)).toEqual(['buffered', 'buffered', 'buffered', 'snapshot', 'applied', 'applied']);
    expect(book.stats()).toEqual({
      synced: true,
      lastUpdateId: 15,
      bidLevels: 2,
      askLevels: 2,
      droppedBeforeSnapshot: 2,
      firstEventOk: 1,
      applied: 3,
      ignored: 0,
      gaps: 0,
      offGridLevels: 0,
      snapshots: 1,
      staleSnapshots: 0,
      deltas: 5,
      buffered: 0,
      overflowed: 0,
      crossed: 0,
      checksumMatches: 0,
      checksumMismatches: 0,
      invalidations: 0,
    });
  });

  test('a delta that ends at L is dropped, one that starts at L + 1 follows', () => {
    expect(outcomes(spot(), [snapshot(7), delta(5, 7), delta(8, 8)])).toEqual(['snapshot', 'dropped', 'applied']);
  });

  test('a first delta beyond L + 1 is a gap', () => {
    const book = spot();
    expect([snapshot(7, sides), delta(9, 10)].map((event) => book.push(event))).toEqual([
      { outcome: 'snapshot', offGrid: [] },
      { outcome: 'gap', gap: { expected: 8, received: 9 }, offGrid: [] },
    ]);
    expect(book.stats()).toMatchObject({ synced: false, gaps: 1, firstEventOk: 0, buffered: 1 });
  });

  test('a missing delta takes the book out of sync until a snapshot, and what came since is applied to it', () => {
    const book = spot();
    outcomes(book, [snapshot(7, sides), delta(8, 8)]);
    expect(book.push(delta(10, 11, { bids: [['99.5', '1']] }))).toEqual({
      outcome: 'gap',
      gap: { expected: 9, received: 10 },
      offGrid: [],
    });
    expect([book.best(), book.top(5), book.stats().lastUpdateId]).toEqual([
      undefined,
      { bids: [], asks: [] },
      undefined,
    ]);
    expect(outcomes(book, [delta(12, 12, { bids: [['99.6', '1']] }), snapshot(10, sides), delta(13, 13)])).toEqual([
      'buffered',
      'snapshot',
      'applied',
    ]);
    expect(book.stats()).toMatchObject({
      synced: true,
      lastUpdateId: 13,
      gaps: 1,
      firstEventOk: 2,
      applied: 4,
      bidLevels: 4,
    });
  });

  test('a snapshot that is older than all buffered deltas is a gap; a newer one still gets them', () => {
    const book = spot();
    outcomes(book, [delta(10, 11), delta(12, 13, { bids: [['99.97', '1']] })]);
    expect(book.push(snapshot(7, sides))).toEqual({ outcome: 'gap', gap: { expected: 8, received: 10 }, offGrid: [] });
    expect(book.best()).toBeUndefined();
    expect(outcomes(book, [snapshot(11, sides), delta(14, 14)])).toEqual(['snapshot', 'applied']);
    expect(book.stats()).toMatchObject({
      synced: true,
      gaps: 1,
      snapshots: 2,
      droppedBeforeSnapshot: 1,
      applied: 2,
      bidLevels: 3,
    });
  });

  test('a gap between buffered deltas keeps the ones from the gap on', () => {
    const book = spot();
    outcomes(book, [delta(8, 9), delta(12, 13)]);
    expect(book.push(snapshot(7, sides))).toMatchObject({ outcome: 'gap', gap: { expected: 10, received: 12 } });
    expect(book.push(snapshot(12, sides)).outcome).toBe('snapshot');
    expect(book.stats()).toMatchObject({ synced: true, lastUpdateId: 13, applied: 2, firstEventOk: 2 });
  });

  test('repeated deltas are dropped and counted; overlapping ones are a gap', () => {
    const book = spot();
    expect(outcomes(book, [snapshot(7, sides), delta(8, 9), delta(8, 9), delta(7, 8)])).toEqual([
      'snapshot',
      'applied',
      'dropped',
      'dropped',
    ]);
    expect(book.stats()).toMatchObject({ ignored: 2, applied: 1, droppedBeforeSnapshot: 0 });
    expect(book.push(delta(9, 12))).toMatchObject({ outcome: 'gap', gap: { expected: 10, received: 9 } });
  });

  test('a snapshot that the synced book already includes is ignored', () => {
    const book = spot();
    outcomes(book, [snapshot(7, sides), delta(8, 9, { bids: [['99.99', '0']] })]);
    expect(outcomes(book, [snapshot(8, sides), snapshot(9, sides), delta(10, 10)])).toEqual([
      'dropped',
      'dropped',
      'applied',
    ]);
    expect(book.stats()).toMatchObject({ staleSnapshots: 2, snapshots: 1, bidLevels: 1 });
  });
});

describe('Binance futures', () => {
  test('drops u < L, wants U ≤ L ≤ u first, then pu = u', () => {
    const book = futures();
    const events = [
      delta(1, 6, {}, 0),
      delta(6, 9, {}, 6),
      snapshot(7, sides),
      delta(12, 15, {}, 9),
      delta(20, 21, {}, 15),
    ];
    expect(outcomes(book, events)).toEqual(['buffered', 'buffered', 'snapshot', 'applied', 'applied']);
    expect(book.stats()).toMatchObject({ droppedBeforeSnapshot: 1, firstEventOk: 1, applied: 3, lastUpdateId: 21 });
  });

  test('keeps a first delta that ends at L, which spot would drop', () => {
    expect(outcomes(futures(), [snapshot(7), delta(5, 7, {}, 4), delta(9, 12, {}, 7)])).toEqual([
      'snapshot',
      'applied',
      'applied',
    ]);
  });

  test('takes a first delta that names L as its predecessor', () => {
    expect(outcomes(futures(), [snapshot(7), delta(9, 12, {}, 7)])).toEqual(['snapshot', 'applied']);
  });

  test('tells a gap by pu', () => {
    const book = futures();
    outcomes(book, [snapshot(7, sides), delta(5, 8, {}, 4)]);
    expect(book.push(delta(12, 14, {}, 11))).toEqual({
      outcome: 'gap',
      gap: { expected: 8, received: 11 },
      offGrid: [],
    });
  });

  test('a delta without pu cannot chain', () => {
    const book = futures();
    outcomes(book, [snapshot(7, sides), delta(5, 8)]);
    expect(book.push(delta(9, 14))).toMatchObject({ outcome: 'gap', gap: { expected: 8, received: 9 } });
  });
});

describe('rules of your own', () => {
  test('in-stream snapshots replace the book, also with a lower id; nothing is held for them', () => {
    const rule: BookRule = { name: 'bybit', snapshots: 'in-stream', staleBelow: 1, first: 'chain', chain: 'next-id' };
    const book = createBook({ grid, rule });
    expect(outcomes(book, [delta(3, 3), snapshot(7, sides), delta(8, 8), snapshot(1, sides), delta(2, 2)])).toEqual([
      'dropped',
      'snapshot',
      'applied',
      'snapshot',
      'applied',
    ]);
    expect(book.stats()).toMatchObject({ droppedBeforeSnapshot: 1, lastUpdateId: 2, firstEventOk: 2, buffered: 0 });
    expect(book.push(delta(4, 4))).toMatchObject({ outcome: 'gap', gap: { expected: 3, received: 4 } });
    expect(book.stats()).toMatchObject({ droppedBeforeSnapshot: 2, deltas: 4, applied: 2 });
  });

  test('a venue that numbers nothing is taken at its word', () => {
    const rule: BookRule = { name: 'mine', snapshots: 'in-stream', staleBelow: 0, first: 'chain', chain: 'none' };
    const book = createBook({ grid, rule });
    expect(outcomes(book, [snapshot(0, sides), delta(0, 0), delta(0, 0)])).toEqual(['snapshot', 'applied', 'applied']);
  });
});
