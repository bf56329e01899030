import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDepth } from './depth.ts';
import type { BookDepth } from './depth.ts';
import {
  bookPressureRatio,
  bookPressureRatioExact,
  obiOfColumns,
  obiOfDepth,
  obiOfDepthExact,
  orderBookImbalanceExact,
  priceBand,
} from './imbalance.ts';
import { columnsOf } from './internal/depth/book-range.ts';
import type { TickLevels } from './internal/depth/book-range.ts';

const side = (...levels: [priceTicks: number, sizeLots: number][]) =>
  levels.map(([priceTicks, sizeLots]) => ({ priceTicks, sizeLots }));
const book: TickLevels = { bids: side([9999, 5], [9990, 8]), asks: side([10001, 3], [10011, 6]) };
const empty: TickLevels = { bids: [], asks: [] };

/** Books with whole prices around 0, crossed ones among them, and sizes up to 2^53. */
const books = fc
  .record({
    best: fc.integer({ min: -30, max: 30 }),
    spread: fc.integer({ min: -3, max: 5 }),
    factor: fc.constantFrom(1, 1000, 2 ** 40),
    bids: fc.array(fc.record({ gap: fc.integer({ min: 1, max: 9 }), lots: fc.oneof(fc.nat(9), fc.maxSafeNat()) })),
    asks: fc.array(fc.record({ gap: fc.integer({ min: 1, max: 9 }), lots: fc.oneof(fc.nat(9), fc.maxSafeNat()) })),
  })
  .map(({ best, spread, factor, bids, asks }): TickLevels => {
    const walk = (levels: typeof bids, from: number, step: number) => {
      let at = from;
      return levels.map(({ gap, lots }, i) => ({
        priceTicks: (at += i === 0 ? 0 : step * gap) * factor + 0,
        sizeLots: lots,
      }));
    };
    return { bids: walk(bids, best, -1), asks: walk(asks, best + spread, 1) };
  });

describe('priceBand', () => {
  test('keeps the width as the fraction that its literal is', () => {
    expect(priceBand({ bps: '2.5' })).toEqual({ numerator: 1, denominator: 4000 });
    expect(priceBand({ bps: 0.1 })).toEqual({ numerator: 1, denominator: 100_000 });
    expect(priceBand({ percent: '1' })).toEqual(priceBand({ bps: '100' }));
    expect(priceBand({ percent: 0 })).toEqual({ numerator: 0, denominator: 1 });
  });

  test.each([-1, NaN, Infinity, '1e10', '0.0000000001', 'x'])('refuses a width of %s', (bps) => {
    expect(() => priceBand({ bps })).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  test('says what it expects', () => {
    expect(() => priceBand({ percent: '-2' })).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: percent "-2" is not a decimal from 0 to 1000000000 with at most 9 decimals. Pass the distance from the mid, for example { bps: '2.5' } or { percent: 1 }.]`,
    );
  });
});

describe('obiOfDepth', () => {
  test('looks at so many levels: (5 − 3) ÷ 8, then (13 − 9) ÷ 22', () => {
    expect(obiOfDepth(book, 1)).toBe(0.25);
    expect(obiOfDepth(book, 2)).toBe(4 / 22);
    expect(obiOfDepth(book)).toBe(4 / 22);
    expect(obiOfDepth(book, 99)).toBe(4 / 22);
    expect(obiOfDepthExact(book, 2)).toBe('0.1818181818181818');
  });

  test('looks at the levels within 10 bps of the mid of 10000, 9990 on the edge among them', () => {
    expect(obiOfDepth(book, priceBand({ bps: 10 }))).toBe(10 / 16);
    expect(obiOfDepth(book, priceBand({ bps: '9.999999999' }))).toBe(0.25);
    expect(obiOfDepth(book, priceBand({ bps: 11 }))).toBe(4 / 22);
    expect(obiOfDepthExact(book, priceBand({ percent: '0.1' }))).toBe('0.625');
  });

  test('no binary fraction decides the edge: 0.7 bps of the mid of 10000000 is 700 ticks', () => {
    // 10000000 × (1 + 0.7/10000) in floating point is 10000699.999999998.
    const at = { bids: side([9_999_300, 1]), asks: side([10_000_700, 1]) };
    const deep = { bids: [...side([9_999_999, 1]), ...at.bids], asks: [...side([10_000_001, 3]), ...at.asks] };
    expect(obiOfDepth(deep, priceBand({ bps: 0.7 }))).toBe(-2 / 6);
    expect(obiOfDepth(deep, priceBand({ bps: '0.699999999' }))).toBe(-2 / 4);
  });

  test('nor does rounding at the largest prices: 1 bp of the mid of 8999999999999995 is 899999999999.9995 ticks', () => {
    const bids = side([8_999_999_999_999_994, 1]);
    const inside = { bids, asks: side([8_999_999_999_999_996, 1], [9_000_899_999_999_994, 4]) };
    const outside = { bids, asks: side([8_999_999_999_999_996, 1], [9_000_899_999_999_995, 4]) };
    expect(obiOfDepthExact(inside, priceBand({ bps: 1 }))).toBe('-0.6666666666666667');
    expect(obiOfDepthExact(outside, priceBand({ bps: 1 }))).toBe('0');
  });

  test('is unknown for a range without size, and for a band without a mid', () => {
    expect(obiOfDepth(empty)).toBeUndefined();
    expect(obiOfDepthExact(empty)).toBeUndefined();
    expect(obiOfDepth({ bids: side([5, 0]), asks: side([6, 0]) })).toBeUndefined();
    expect(obiOfDepth({ bids: book.bids, asks: [] })).toBe(1);
    expect(obiOfDepth({ bids: book.bids, asks: [] }, priceBand({ bps: 10 }))).toBeUndefined();
    // The best quote is 1 bp from the mid, further than half a basis point.
    expect(obiOfDepth(book, priceBand({ bps: 0.5 }))).toBeUndefined();
  });

  test.each([0, -1, 1.5, NaN])('refuses %s levels', (levels) => {
    expect(() => obiOfDepth(book, levels)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  test.each([
    [100, -1],
    [100, 0.5],
    [NaN, 1],
    [2 ** 53, 1],
    [1e308, 1],
    [100, Infinity],
  ])('refuses a level at %s with size %s', (priceTicks, sizeLots) => {
    const bad = { bids: [{ priceTicks, sizeLots }], asks: book.asks };
    expect(() => obiOfDepth(bad)).toThrow(expect.objectContaining({ code: 'bad-quote' }));
    expect(() => obiOfDepthExact(bad, priceBand({ bps: 1 }))).toThrow(expect.objectContaining({ code: 'bad-quote' }));
  });

  test('belongs is |2p − (b + a)|·10000 ≤ bps·|b + a|, for every price and width', () => {
    const widths = fc.tuple(fc.nat(60_000), fc.integer({ min: 0, max: 4 }));
    fc.assert(
      fc.property(books, widths, (levels, [digits, decimals]) => {
        const band = priceBand({ bps: `${digits}e-${decimals}` });
        const { bids, asks } = levels;
        if (bids.length === 0 || asks.length === 0) {
          expect(obiOfDepth(levels, band)).toBeUndefined();
          return;
        }
        const sum = BigInt(bids[0]!.priceTicks) + BigInt(asks[0]!.priceTicks);
        const abs = (value: bigint): bigint => (value < 0n ? -value : value);
        const belongs = ({ priceTicks }: { readonly priceTicks: number }): boolean =>
          abs(2n * BigInt(priceTicks) - sum) * 10_000n * 10n ** BigInt(decimals) <= BigInt(digits) * abs(sum);
        const lots = (of: TickLevels['bids']): number[] => of.filter(belongs).map(({ sizeLots }) => sizeLots);
        expect(obiOfDepthExact(levels, band)).toBe(orderBookImbalanceExact(lots(bids), lots(asks)));
      }),
      { numRuns: 500 },
    );
  });

  test('gives the same from levels and from a buffer, within −1…1, near the exact value, and its negative mirrored', () => {
    fc.assert(
      fc.property(books, fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }), (levels, range) => {
        const obi = obiOfDepth(levels, range);
        expect(obiOfDepth(columnsOf(levels), range)).toBe(obi);
        if (obi === undefined) {
          expect(obiOfDepthExact(levels, range)).toBeUndefined();
          return;
        }
        expect(Math.abs(obi)).toBeLessThanOrEqual(1);
        expect(Number(obiOfDepthExact(levels, range))).toBeCloseTo(obi, 14);
        expect(obiOfDepth({ bids: levels.asks, asks: levels.bids }, range)).toBe(0 - obi);
      }),
    );
  });

  test('reads only the levels that a reused buffer holds now', () => {
    const depth: BookDepth = createDepth(2);
    depth.bidLots.set([4, 99]);
    depth.askLots.set([1, 99]);
    depth.bidLevels = depth.askLevels = 1;
    expect(obiOfDepth(depth)).toBe(0.6);
  });

  test('columns give what books one by one give', () => {
    const nan = NaN;
    const columns = {
      levels: 2,
      bidTicks: [9999, 9990, nan, nan, 9999, nan],
      bidLots: [5, 8, nan, nan, 7, nan],
      askTicks: [10001, 10011, nan, nan, nan, nan],
      askLots: [3, 6, nan, nan, nan, nan],
    };
    expect(obiOfColumns(columns)).toEqual([4 / 22, undefined, 1]);
    expect(obiOfColumns(columns, 1)).toEqual([0.25, undefined, 1]);
    expect(obiOfColumns(columns, priceBand({ bps: 10 }))).toEqual([0.625, undefined, undefined]);
    expect(() => obiOfColumns({ ...columns, levels: 4 })).toThrow(expect.objectContaining({ code: 'bad-columns' }));
    expect(() => obiOfColumns({ ...columns, bidLots: [1] })).toThrow(expect.objectContaining({ code: 'bad-columns' }));
  });
});

describe('bookPressureRatio', () => {
  test('is the smaller side over the larger: 2 ÷ 3 either way', () => {
    expect([bookPressureRatio([3], [2]), bookPressureRatio([2], [1, 2])]).toEqual([2 / 3, 2 / 3]);
    expect(bookPressureRatioExact([2], [1, 2n])).toBe('0.6666666666666667');
    expect([bookPressureRatio([4], [4]), bookPressureRatio([4], []), bookPressureRatioExact([4], [])]).toEqual([
      1,
      0,
      '0',
    ]);
  });

  test('is unknown for an empty book and for sizes that are none', () => {
    expect([bookPressureRatio([], []), bookPressureRatioExact([], [0])]).toEqual([undefined, undefined]);
    for (const size of [NaN, -1, Infinity]) expect(bookPressureRatio([5, size], [3])).toBeUndefined();
    expect(bookPressureRatio([1e308, 1e308], [1])).toBeUndefined();
  });
});

test.each([-1, 0.5, NaN, Infinity, -1n, 2 ** 53])('exact forms refuse the size %s', (size) => {
  expect(() => orderBookImbalanceExact([5, size], [3])).toThrow(expect.objectContaining({ code: 'bad-quote' }));
  expect(() => bookPressureRatioExact([5], [size])).toThrow(expect.objectContaining({ code: 'bad-quote' }));
});
