import { describe, expect, test } from 'vitest';
import { createDepth } from './depth.ts';
import { createGrid } from './grid.ts';
import { createMboBook, mboEventOf, mboFlags, restoreMboBook } from './mbo-book.ts';
import type { MboAction, MboBook, MboBookEvent, MboOrderId, MboSide } from './mbo-book.ts';

const row = (
  action: MboAction,
  side: MboSide,
  orderId: MboOrderId,
  priceTicks: number,
  sizeLots: number,
  flags?: number,
): MboBookEvent => ({ action, side, orderId, priceTicks, sizeLots, ...(flags === undefined ? {} : { flags }) });
const feed = (book: MboBook, ...rows: readonly MboBookEvent[]) => rows.map((event) => book.push(event));

describe('createMboBook', () => {
  test('adds, shrinks and removes orders, and tells the levels that changed', () => {
    const book = createMboBook();
    expect(
      feed(
        book,
        row('A', 'B', 1, 100, 5),
        row('A', 'B', 2, 100, 3),
        row('C', 'B', 1, 100, 4),
        row('M', 'B', 2, 99, 7),
        row('C', 'B', 1, 100, 1),
        row('N', 'N', 0, NaN, 0),
      ),
    ).toEqual([
      [{ side: 'bid', priceTicks: 100, sizeLots: 5, orders: 1 }],
      [{ side: 'bid', priceTicks: 100, sizeLots: 8, orders: 2 }],
      [{ side: 'bid', priceTicks: 100, sizeLots: 4, orders: 2 }],
      [
        { side: 'bid', priceTicks: 100, sizeLots: 1, orders: 1 },
        { side: 'bid', priceTicks: 99, sizeLots: 7, orders: 1 },
      ],
      [{ side: 'bid', priceTicks: 100, sizeLots: 0, orders: 0 }],
      undefined,
    ]);
    expect(book.top(5)).toEqual({ bids: [{ priceTicks: 99, sizeLots: 7, orders: 1 }], asks: [] });
  });

  test('shows the last consistent book while an event is under way', () => {
    const book = createMboBook();
    feed(book, row('A', 'B', 1, 100, 5, mboFlags.last), row('A', 'A', 2, 101, 4, mboFlags.last));
    feed(book, row('T', 'B', 9, 101, 3, 0), row('F', 'A', 2, 101, 3, 0), row('C', 'A', 2, 101, 3, 0));
    expect(book.isConsistent).toBe(false);
    expect(book.best()).toEqual({ bidTicks: 100, bidLots: 5, askTicks: 101, askLots: 4 });
    expect(book.top(1).asks).toEqual([{ priceTicks: 101, sizeLots: 4, orders: 1 }]);
    expect(book.order(2)?.sizeLots).toBe(1);
    expect(book.push(row('A', 'B', 3, 101, 2, mboFlags.last))).toEqual([
      { side: 'bid', priceTicks: 101, sizeLots: 2, orders: 1 },
      { side: 'ask', priceTicks: 101, sizeLots: 1, orders: 1 },
    ]);
    expect(book.isConsistent).toBe(true);
    expect(book.stats()).toMatchObject({ crossedAtLast: 1, events: 3, buyLots: 3, sellLots: 0, tradedTickLots: 303 });
  });

  test('a level that is as it was at the end of the event did not change', () => {
    const book = createMboBook();
    feed(book, row('A', 'B', 1, 100, 5));
    expect(feed(book, row('C', 'B', 1, 100, 5, 0), row('A', 'B', 2, 100, 5))).toEqual([undefined, undefined]);
  });

  test('an order keeps its place when it shrinks, and goes to the end when it grows or moves', () => {
    const book = createMboBook();
    feed(book, ...[1, 2, 3].map((id) => row('A', 'B', id, 100, 10)));
    book.push(row('M', 'B', 1, 100, 4));
    expect(book.queuePosition(3)).toEqual({ lotsAhead: 14, ordersAhead: 2 });
    book.push(row('M', 'B', 1, 100, 5));
    expect([book.queuePosition(1), book.queuePosition(3)]).toEqual([
      { lotsAhead: 20, ordersAhead: 2 },
      { lotsAhead: 10, ordersAhead: 1 },
    ]);
    feed(book, row('M', 'B', 2, 101, 10), row('M', 'B', 2, 100, 10));
    expect(book.queuePosition(2)).toEqual({ lotsAhead: 15, ordersAhead: 2 });
    expect(book.queuePosition(4)).toBeUndefined();
  });

  test('an iceberg that shows its next slice goes to the end of the queue, at the same size too', () => {
    const book = createMboBook();
    feed(book, row('A', 'A', 1, 100, 5), row('A', 'A', 2, 100, 3));
    feed(book, row('F', 'A', 1, 100, 5, 0));
    expect(book.queuePosition(2)).toEqual({ lotsAhead: 0, ordersAhead: 1 });
    feed(book, row('M', 'A', 1, 100, 5));
    expect(book.queuePosition(1)).toEqual({ lotsAhead: 3, ordersAhead: 1 });
  });

  test('a partial fill keeps its place', () => {
    const book = createMboBook();
    feed(book, row('A', 'A', 1, 100, 5), row('A', 'A', 2, 100, 3), row('F', 'A', 1, 100, 2), row('M', 'A', 1, 100, 3));
    expect(book.queuePosition(1)).toEqual({ lotsAhead: 0, ordersAhead: 0 });
  });

  test('ids of 64 bits are told apart, and one id is one order in every form', () => {
    const book = createMboBook();
    feed(book, row('A', 'B', '9007199254740993', 100, 1), row('A', 'B', 9007199254740992n, 100, 2));
    feed(book, row('A', 'B', '12', 100, 4), row('C', 'B', 12n, 100, 1), row('C', 'B', 12, 100, 1));
    expect(book.order('9007199254740993')).toEqual({
      orderId: '9007199254740993',
      side: 'bid',
      priceTicks: 100,
      sizeLots: 1,
    });
    expect([book.order('9007199254740992')?.sizeLots, book.order('12')]).toEqual([
      2,
      { orderId: 12, side: 'bid', priceTicks: 100, sizeLots: 2 },
    ]);
    expect(book.order('012')).toBeUndefined();
    expect(() => book.push(row('A', 'B', 2 ** 53, 100, 1))).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: orderId 9007199254740992 is no whole number up to 2^53 − 1. Pass ids of 64 bits as text or as a bigint.]`,
    );
  });

  test('counts what does not fit, and does as documented', () => {
    const book = createMboBook({ maxOrders: 3 });
    feed(
      book,
      row('C', 'B', 7, 100, 1),
      row('M', 'B', 8, 100, 2),
      row('F', 'B', 9, 100, 1),
      row('A', 'B', 8, 99, 3),
      row('C', 'B', 8, 99, 4),
      row('A', 'N', 1, 99, 4),
      row('A', 'B', 1, 99, 0),
      row('A', 'B', 1, 99, 4),
      row('M', 'A', 1, 105, 4),
      row('A', 'A', 2, 105, Number.MAX_SAFE_INTEGER),
      row('A', 'A', 3, 106, 1),
      row('A', 'A', 4, 106, 1),
      row('A', 'A', 5, 106, 1),
      row('X' as MboAction, 'A', 5, 106, 1),
      row('constructor' as MboAction, 'A', 5, 106, 1),
    );
    expect(book.stats().anomalies).toEqual({
      unknownCancels: 1,
      unknownModifies: 1,
      unknownFills: 1,
      duplicateAdds: 1,
      overCancels: 1,
      emptyOrders: 2,
      sideChanges: 1,
      overflowed: 2,
      unknownActions: 2,
      unknownSides: 0,
    });
    expect(book.top(9)).toEqual({
      bids: [],
      asks: [
        { priceTicks: 105, sizeLots: 4, orders: 1 },
        { priceTicks: 106, sizeLots: 2, orders: 2 },
      ],
    });
    expect(book.stats()).toMatchObject({ records: 15, actions: { A: 8, C: 2, M: 2, F: 1, T: 0, R: 0, N: 0 } });
  });

  test('R clears the book and the doubt about it', () => {
    const book = createMboBook();
    feed(book, row('A', 'B', 1, 100, 5), row('A', 'A', 2, 101, 5, mboFlags.last | mboFlags.maybeBadBook));
    expect([book.maybeBad, book.stats().maybeBadRecords]).toEqual([true, 1]);
    expect(book.push(row('R', 'N', 0, NaN, 0))).toEqual([
      { side: 'bid', priceTicks: 100, sizeLots: 0, orders: 0 },
      { side: 'ask', priceTicks: 101, sizeLots: 0, orders: 0 },
    ]);
    expect([book.maybeBad, book.best(), book.stats().orders]).toEqual([false, undefined, 0]);
  });

  test('a feed of best prices replaces a whole side, or empties it', () => {
    const book = createMboBook();
    const flags = mboFlags.last | mboFlags.topOfBook;
    feed(book, row('A', 'B', 0, 100, 5, flags), row('A', 'B', 0, 101, 7, flags));
    expect(book.top(2).bids).toEqual([{ priceTicks: 101, sizeLots: 7, orders: 1 }]);
    feed(book, row('A', 'B', 0, NaN, 0, flags));
    expect(book.top(2).bids).toEqual([]);
    expect(book.stats().anomalies.duplicateAdds).toBe(0);
  });

  test('fills a depth buffer', () => {
    const book = createMboBook();
    feed(book, row('A', 'B', 1, 100, 5), row('A', 'B', 2, 98, 6), row('A', 'B', 3, 99, 7), row('A', 'A', 4, 103, 8));
    const depth = book.readDepth(createDepth(2));
    expect([depth.bidLevels, [...depth.bidTicks], [...depth.bidLots]]).toEqual([2, [100, 99], [5, 7]]);
    expect([depth.askLevels, depth.askTicks[0], depth.askLots[0]]).toEqual([1, 103, 8]);
  });

  test('flush ends an event that was cut', () => {
    const book = createMboBook();
    expect(book.push(row('A', 'B', 1, 100, 5, 0))).toBeUndefined();
    expect(book.top(1).bids).toEqual([]);
    expect(book.flush()).toEqual([{ side: 'bid', priceTicks: 100, sizeLots: 5, orders: 1 }]);
    expect(book.isConsistent).toBe(true);
  });

  test('records with decimals go on the grid; ids and flags stay', () => {
    const grid = createGrid({ tickSize: '0.25', lotSize: '1' });
    const record = {
      timeMs: 1,
      action: 'A',
      side: 'B',
      orderId: '7',
      price: '4799.25',
      size: '2',
      flags: 130,
    } as const;
    expect(mboEventOf(record, grid)).toEqual({
      timeMs: 1,
      action: 'A',
      side: 'B',
      orderId: '7',
      priceTicks: 19197,
      sizeLots: 2,
      flags: 130,
    });
    expect(mboEventOf({ ...record, action: 'R', price: '', size: 0 }, grid).priceTicks).toBeNaN();
    expect(() => mboEventOf({ ...record, price: '4799.3' }, grid)).toThrow(
      expect.objectContaining({ code: 'off-grid' }),
    );
  });

  test('refuses options and snapshots that are none', () => {
    expect(() => createMboBook({ maxOrders: 0 })).toThrow(expect.objectContaining({ code: 'bad-option' }));
    expect(() => createMboBook().top(-1)).toThrow(expect.objectContaining({ code: 'bad-option' }));
    expect(() => restoreMboBook({ v: 1, kind: 'book' } as never)).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
    expect(() => restoreMboBook(createMboBook({ maxOrders: 5 }).snapshot())).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
  });
});

test('a side in small letters is counted as none of the feed, and the order is not in the book', () => {
  const book = createMboBook();
  const order = { timeMs: 0, orderId: 1, priceTicks: 100, sizeLots: 5 } as const;
  book.push({ ...order, action: 'A', side: 'b' as never });
  expect(book.stats().anomalies).toMatchObject({ unknownSides: 1, emptyOrders: 1 });
  expect(book.top(1).bids).toEqual([]);
});
