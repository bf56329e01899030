/** `maxLevels` and `checksum`. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { krakenBookChecksum, krakenChecksum, okxBookChecksum, okxChecksum } from './book-checksum.ts';
import { bookDefaults, bookRules, createBook, restoreBook } from './book.ts';
import type { BookChecksum, BookEvent, BookOptions } from './book.ts';
import { createGrid } from './grid.ts';
import type { BookLevel } from './market.ts';

const grid = createGrid({ tickSize: '0.1', lotSize: '0.001' });
const at = { symbol: 'XBT/USD', timeMs: 0 };
type Levels = readonly BookLevel[];
const snapshot = (bids: Levels, asks: Levels, checksum?: number, id = 0): BookEvent => ({
  type: 'book-snapshot',
  ...at,
  lastUpdateId: id,
  bids,
  asks,
  ...(checksum === undefined ? {} : { checksum }),
});
const delta = (bids: Levels, asks: Levels, checksum?: number, id = 0): BookEvent => ({
  type: 'book-delta',
  ...at,
  firstUpdateId: id,
  lastUpdateId: id,
  bids,
  asks,
  ...(checksum === undefined ? {} : { checksum }),
});

describe('maxLevels', () => {
  test('is 100,000 where it is left out: a feed of ever new prices takes no more', () => {
    const book = createBook({ grid, rule: bookRules.generic });
    const levels = (from: number): Levels => Array.from({ length: 60_000 }, (_, i) => [(1e6 - (from + i)) / 10, 1]);
    book.push(snapshot(levels(0), []));
    book.push(delta(levels(60_000), []));
    expect(book.stats().bidLevels).toBe(bookDefaults.maxLevels);
    expect(book.top(Infinity).bids.at(-1)).toEqual({ priceTicks: 900_001, sizeLots: 1000 });
    // A better price pushes the worst one out; a worse one is gone at once.
    book.push(
      delta(
        [
          ['200000', 1],
          ['1', 1],
        ],
        [],
      ),
    );
    expect(book.stats().bidLevels).toBe(bookDefaults.maxLevels);
    expect(book.top(Infinity).bids.at(-1)).toEqual({ priceTicks: 900_002, sizeLots: 1000 });
    expect(restoreBook(book.snapshot(), { grid, rule: bookRules.generic }).snapshot()).toEqual(book.snapshot());
  });

  test('keeps what a sorted list would keep', () => {
    const step = fc.tuple(fc.integer({ min: 1, max: 60_000 }), fc.nat({ max: 2 }));
    fc.assert(
      fc.property(
        fc.array(fc.array(step, { maxLength: 6 }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 8 }),
        (events, maxLevels) => {
          const book = createBook({ grid, rule: bookRules.generic, maxLevels });
          book.push(snapshot([], []));
          let model = new Map<number, number>();
          for (const event of events) {
            book.push(
              delta(
                event.map(([ticks, lots]) => [ticks / 10, lots]),
                [],
              ),
            );
            for (const [ticks, lots] of event) {
              if (lots === 0) model.delete(ticks);
              else model.set(ticks, lots * 1000);
            }
            model = new Map([...model].sort(([a], [b]) => b - a).slice(0, maxLevels));
            expect(book.top(99).bids.map(({ priceTicks, sizeLots }) => [priceTicks, sizeLots])).toEqual([...model]);
          }
        },
      ),
    );
  });

  const kraken = { grid, rule: bookRules.kraken, maxLevels: 2 };

  test('forgets what a better level pushes out, so that it does not come back when that one goes', () => {
    const book = createBook(kraken);
    book.push(snapshot([['99.9', 1]], [['100.1', 1]]));
    book.push(delta([['99.8', 1]], [['100.3', 1]]));
    book.push(delta([['100', 1]], [['100', 1]]));
    expect(book.top(9)).toEqual({
      bids: [
        { priceTicks: 1000, sizeLots: 1000 },
        { priceTicks: 999, sizeLots: 1000 },
      ],
      asks: [
        { priceTicks: 1000, sizeLots: 1000 },
        { priceTicks: 1001, sizeLots: 1000 },
      ],
    });
    book.push(delta([['100', 0]], [['100', 0]]));
    expect(book.top(9)).toEqual({
      bids: [{ priceTicks: 999, sizeLots: 1000 }],
      asks: [{ priceTicks: 1001, sizeLots: 1000 }],
    });
  });

  test('holds for a snapshot, and only at the end of an event', () => {
    const book = createBook(kraken);
    const bids: Levels = [
      ['99.9', 1],
      ['99.8', 1],
      ['99.7', 1],
    ];
    book.push(snapshot(bids, []));
    expect(book.stats().bidLevels).toBe(2);
    // 99.6 is third while 99.9 is there, and second at the end.
    book.push(
      delta(
        [
          ['99.6', 1],
          ['99.9', 0],
        ],
        [],
      ),
    );
    expect(book.top(9).bids.map(({ priceTicks }) => priceTicks)).toEqual([998, 996]);
  });

  test.each([0, -1, 1.5, NaN, Infinity])('of %s is refused', (maxLevels) => {
    expect(() => createBook({ ...kraken, maxLevels })).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  test('is part of the snapshot', () => {
    const state = createBook(kraken).snapshot();
    expect(state.maxLevels).toBe(2);
    expect(restoreBook(state, kraken).snapshot()).toEqual(state);
    expect(() => restoreBook(state, { grid, rule: bookRules.kraken })).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: snapshot of a book has maxLevels 2, the options say 100000. Restore with the options that the snapshot was made with.]`,
    );
  });
});

describe('checksum', () => {
  const decimals = { priceDecimals: 1, sizeDecimals: 3 };
  const kraken: BookOptions = { grid, rule: bookRules.kraken, checksum: krakenBookChecksum(decimals) };
  const bids: Levels = [['99.9', '1.000']];
  const asks: Levels = [['100.1', '2.500']];
  const good = krakenChecksum({ bids, asks }, decimals);

  test('that agrees is counted, and an event without one passes', () => {
    const book = createBook(kraken);
    expect(book.push(snapshot(bids, asks, good)).outcome).toBe('snapshot');
    expect(book.push(delta([], [], good)).outcome).toBe('applied');
    expect(book.push(delta([], [])).outcome).toBe('applied');
    expect(book.stats()).toMatchObject({ synced: true, checksumMatches: 2, checksumMismatches: 0 });
  });

  test('that does not takes the book out of sync until the next snapshot', () => {
    const book = createBook(kraken);
    book.push(snapshot(bids, asks));
    expect(book.push(delta([['99.8', '1']], [], good))).toEqual({
      outcome: 'checksum-mismatch',
      checksum: {
        expected: good,
        computed: krakenChecksum({ bids: [...bids, ['99.8', '1']], asks }, decimals),
      },
      offGrid: [],
    });
    expect([book.best(), book.stats().synced, book.stats().bidLevels]).toEqual([undefined, false, 0]);
    expect(book.push(delta([], [], good)).outcome).toBe('dropped');
    expect(book.push(snapshot(bids, asks, good)).outcome).toBe('snapshot');
    expect(book.stats()).toMatchObject({
      synced: true,
      deltas: 2,
      applied: 1,
      droppedBeforeSnapshot: 1,
      gaps: 0,
      checksumMatches: 1,
      checksumMismatches: 1,
    });
  });

  test('of a snapshot is verified as well', () => {
    const book = createBook(kraken);
    expect(book.push(snapshot(bids, asks, good ^ 1)).outcome).toBe('checksum-mismatch');
    expect(book.stats()).toMatchObject({ synced: false, snapshots: 1, checksumMismatches: 1 });
  });

  test('may be signed or unsigned, but nothing else', () => {
    for (const checksum of [good | 0, good >>> 0]) {
      expect(createBook(kraken).push(snapshot(bids, asks, checksum)).outcome).toBe('snapshot');
    }
    for (const checksum of [good + 2 ** 32, good - 2 ** 33, good ^ 1, 0]) {
      expect(createBook(kraken).push(snapshot(bids, asks, checksum)).outcome).toBe('checksum-mismatch');
    }
    for (const checksum of [NaN, Infinity, good + 0.5, null as unknown as number]) {
      expect(() => createBook(kraken).push(snapshot(bids, asks, checksum))).toThrow(
        expect.objectContaining({ code: 'bad-value' }),
      );
    }
  });

  test('fails where a level is off the grid: the book is not the one of the venue', () => {
    const book = createBook(kraken);
    const { outcome, offGrid } = book.push(snapshot([...bids, ['99.8', '1.0005']], asks, good - 1));
    expect([outcome, offGrid.length]).toEqual(['checksum-mismatch', 1]);
  });

  test('of 0 says none on OKX', () => {
    const book = createBook({ grid, rule: bookRules.okx, checksum: okxBookChecksum() });
    expect(book.push(snapshot(bids, asks, 0)).outcome).toBe('snapshot');
    const levels = { bids: [['99.9', '1']], asks: [['100.1', '2.5']] } as const;
    expect(book.push(snapshot(bids, asks, okxChecksum(levels))).outcome).toBe('snapshot');
    expect(book.stats()).toMatchObject({ checksumMatches: 1, checksumMismatches: 0 });
  });

  test('of your own is an object; of held deltas it is verified when the snapshot comes', () => {
    const levels: BookChecksum = { name: 'levels', over: () => (book) => bidLevelsOf(book) };
    const bidLevelsOf = (book: Parameters<ReturnType<BookChecksum['over']>>[0]): number =>
      book.readDepth({
        capacity: 5,
        bidLevels: 0,
        askLevels: 0,
        bidTicks: new Float64Array(5),
        bidLots: new Float64Array(5),
        askTicks: new Float64Array(5),
        askLots: new Float64Array(5),
      }).bidLevels;
    const options = { grid, rule: bookRules.binanceSpot, checksum: levels };
    let book = createBook(options);
    book.push(delta([['99.8', 1]], [], 2, 8));
    book.push(delta([['99.7', 1]], [], 9, 9));
    book.push(delta([['99.6', 1]], [], 4, 10));
    book = restoreBook(book.snapshot(), options);
    expect(book.push(snapshot(bids, asks, 1, 7))).toEqual({
      outcome: 'checksum-mismatch',
      checksum: { expected: 9, computed: 3 },
      offGrid: [],
    });
    // The delta after the wrong one waits for the next snapshot.
    expect(book.stats()).toMatchObject({ synced: false, applied: 2, buffered: 1, deltas: 3 });
    expect(book.push(snapshot([...bids, ['99.5', 1], ['99.4', 1]], asks, 3, 9)).outcome).toBe('snapshot');
    expect(book.stats()).toMatchObject({ synced: true, applied: 3, buffered: 0, lastUpdateId: 10 });
  });

  test('is part of the snapshot, by name', () => {
    const state = createBook(kraken).snapshot();
    expect(state.checksum).toBe('kraken 1/3');
    expect(() => restoreBook(state, { grid, rule: bookRules.kraken })).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
    expect(restoreBook(state, kraken).snapshot()).toEqual(state);
  });

  test('that cannot be over books of this grid is refused', () => {
    const checksum = krakenBookChecksum({ priceDecimals: 1, sizeDecimals: 2 });
    expect(() => createBook({ ...kraken, checksum })).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: sizeDecimals 2 cannot print a book with the lotSize 0.001. Pass the decimals of the pair, or its grid.]`,
    );
  });
});
