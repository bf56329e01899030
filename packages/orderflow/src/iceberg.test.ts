import { describe, expect, test } from 'vitest';
import {
  createIcebergDetector,
  createMboIcebergDetector,
  icebergProbability,
  icebergsOf,
  mboIcebergsOf,
  restoreIcebergDetector,
  restoreMboIcebergDetector,
} from './iceberg.ts';
import type { LiquidityEvent } from './liquidity-outcome.ts';
import type { MboEvent } from './mbo-book.ts';

const asks = [{ priceTicks: 101, sizeLots: 9 }];
const depth = (timeMs: number, sizeLots: number): LiquidityEvent => ({
  type: 'depth',
  timeMs,
  bids: sizeLots === 0 ? [] : [{ priceTicks: 100, sizeLots }],
  asks,
  complete: true,
});
const sell = (timeMs: number, sizeLots: number): LiquidityEvent => ({
  type: 'trade',
  timeMs,
  priceTicks: 100,
  sizeLots,
  side: 'sell',
});

describe('icebergProbability', () => {
  test('is excess × repetition × speed: ¾ × ⅞ × 0.9', () => {
    const evidence = { tradedLots: 40, displayedLots: 10, refills: 3, refillMs: 300 };
    expect(icebergProbability(evidence, { refillWithinMs: 500 })).toBe(0.75 * 0.875 * 0.9);
  });

  test('is 0 without a refill, and while no more traded than was shown', () => {
    const evidence = { tradedLots: 40, displayedLots: 10, refills: 0, refillMs: 0 };
    expect(icebergProbability(evidence, { refillWithinMs: 500 })).toBe(0);
    expect(icebergProbability({ ...evidence, refills: 9, displayedLots: 40 }, { refillWithinMs: 500 })).toBe(0);
    expect(icebergProbability({ ...evidence, refills: 1 }, { refillWithinMs: 0 })).toBe(0.75 * 0.5);
  });
});

describe('createIcebergDetector', () => {
  const twice = [depth(0, 10), sell(10, 8), depth(11, 2), depth(12, 10), sell(20, 8), depth(21, 2), depth(22, 10)];

  test('a level of 10 that trades 8 + 8 + 8 with two refills after 1 ms is told at the third trade', () => {
    const detector = createIcebergDetector({ minProbability: 0.4 });
    const told = [...twice, sell(30, 8)].map((event) => detector.push(event));
    expect(told.slice(0, -1)).toEqual(twice.map(() => undefined));
    expect(told.at(-1)).toEqual({
      quality: 'proxy',
      priceTicks: 100,
      side: 'bid',
      probability: (14 / 24) * 0.75 * (1 - 1 / 1000),
      tradedLots: 24,
      displayedLots: 10,
      refills: 2,
      firstMs: 10,
      lastMs: 30,
    });
    expect(detector.flush()).toEqual([told.at(-1)]);
    expect(detector.flush()).toEqual([]);
  });

  test('a refill counts when trading goes on after it', () => {
    const detector = createIcebergDetector({ minProbability: 0 });
    for (const event of twice) detector.push(event);
    expect(detector.candidates()).toMatchObject([{ refills: 1, tradedLots: 16 }]);
  });

  test('a refill that is faster than the feed shows as volume that never left the book', () => {
    const found = icebergsOf([depth(0, 10), sell(1, 30), depth(2, 10), depth(300, 10), sell(301, 30), depth(302, 10)], {
      minProbability: 0,
    });
    expect(found[0]).toMatchObject({ refills: 1, tradedLots: 60, displayedLots: 10, probability: (50 / 60) * 0.5 });
  });

  test('a trade that the book shows later, and a book that comes before its trade, are no refills', () => {
    for (const tape of [
      [depth(0, 10), sell(1, 4), depth(50, 10), depth(100, 6), sell(120, 1)],
      [depth(0, 10), depth(1, 6), sell(50, 4), depth(60, 6), sell(120, 1)],
    ]) {
      const found = icebergsOf(tape, { minProbability: 0 });
      expect(found).toMatchObject([{ refills: 0, probability: 0, displayedLots: 10, tradedLots: 5 }]);
    }
  });

  test('growth that comes too late is someone else’s, and a level that was empty for long starts anew', () => {
    const late = icebergsOf([depth(0, 10), sell(1, 8), depth(2, 2), depth(503, 10), sell(510, 1)], {
      minProbability: 0,
    });
    expect(late).toMatchObject([{ refills: 0, firstMs: 1 }]);
    const anew = icebergsOf([depth(0, 10), sell(1, 10), depth(2, 0), depth(503, 10), sell(510, 1)], {
      minProbability: 0,
    });
    expect(anew).toMatchObject([{ tradedLots: 1, firstMs: 510 }]);
  });

  test('a price without trades for long is forgotten', () => {
    const detector = createIcebergDetector({ minProbability: 0, idleMs: 1000 });
    for (const event of [...twice, depth(1021, 10)]) detector.push(event);
    expect(detector.candidates()).toEqual([]);
  });

  test('refuses options and snapshots that do not fit', () => {
    for (const options of [{ minProbability: 1.1 }, { idleMs: NaN }, { refillWithinMs: -1 }, { maxWaiting: 0 }]) {
      expect(() => createIcebergDetector(options)).toThrow(expect.objectContaining({ code: 'bad-option' }));
    }
    const snapshot = createIcebergDetector({ idleMs: 5 }).snapshot();
    expect(() => restoreIcebergDetector(snapshot)).toThrow(expect.objectContaining({ code: 'bad-snapshot' }));
  });
});

describe('createMboIcebergDetector', () => {
  const at = { timeMs: 0, side: 'B', orderId: 1, priceTicks: 100, flags: 128 } as const;
  const row = (timeMs: number, action: MboEvent['action'], sizeLots: number): MboEvent => ({
    ...at,
    timeMs,
    action,
    sizeLots,
  });

  test('an order that shows more after a fill than the fill left is an iceberg', () => {
    const tape = [
      row(0, 'A', 4),
      row(5, 'F', 4),
      row(5, 'M', 4),
      row(9, 'F', 3),
      row(9, 'M', 1),
      row(12, 'F', 1),
      row(12, 'M', 3),
    ];
    const found = mboIcebergsOf(tape);
    expect(found).toEqual([
      {
        quality: 'native',
        probability: 1,
        side: 'bid',
        priceTicks: 100,
        orderId: 1,
        tradedLots: 4,
        displayedLots: 4,
        refills: 1,
        firstMs: 5,
        lastMs: 5,
      },
      expect.objectContaining({ tradedLots: 8, displayedLots: 4, refills: 2, lastMs: 12 }),
    ]);
  });

  test('an order that is filled for more than it shows is an iceberg, also when it is gone then', () => {
    const detector = createMboIcebergDetector();
    for (const event of [row(0, 'A', 1), row(5, 'F', 25)]) expect(detector.push(event)).toBeUndefined();
    expect(detector.push(row(5, 'C', 1))).toMatchObject({ tradedLots: 25, displayedLots: 1, refills: 1 });
    expect(detector.resting()).toEqual([]);
  });

  test('a trader who enlarges an order after its fill was shown is not taken for one', () => {
    expect(mboIcebergsOf([row(0, 'A', 4), row(5, 'F', 3), row(5, 'M', 1), row(6, 'M', 9)])).toEqual([]);
  });

  test('refuses the snapshot of another module', () => {
    expect(() => restoreMboIcebergDetector({ v: 1, kind: 'iceberg' } as never)).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
  });
});
