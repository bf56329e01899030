import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createGrid } from './grid.ts';
import { columnsOf } from './internal/depth/book-range.ts';
import {
  effectiveVamp,
  effectiveVampExact,
  effectiveVampOfColumns,
  effectiveVampOfDepth,
  fixedQuantityPriceExact,
  fixedQuantityPriceOfColumns,
  fixedQuantityPriceOfDepth,
  priceBand,
  vamp,
  vampBbo,
  vampBboExact,
  vampExact,
  vampOfColumns,
  vampOfDepth,
  weightedDepthPrice,
  weightedDepthPriceExact,
  weightedDepthPriceOfColumns,
  weightedDepthPriceOfDepth,
} from './vamp.ts';
import type { TickLevels } from './vamp.ts';

const side = (...levels: [priceTicks: number, sizeLots: number][]) =>
  levels.map(([priceTicks, sizeLots]) => ({ priceTicks, sizeLots }));
const book: TickLevels = { bids: side([100, 1000], [99, 500]), asks: side([102, 500], [103, 1500]) };
const one = createGrid({ tickSize: '1', lotSize: '1' });
const onePercent = priceBand({ percent: 1 });

describe('on the book 100×1000, 99×500 against 102×500, 103×1500', () => {
  test('prices are in ticks, over all levels or the first ones', () => {
    expect(vampOfDepth(book)).toBeCloseTo(352000 / 3500, 12);
    expect(vampOfDepth(book, 1)).toBeCloseTo(152000 / 1500, 12);
    expect(weightedDepthPriceOfDepth(book)).toBeCloseTo(355000 / 3500, 12);
    expect(weightedDepthPriceOfDepth(book, 1)).toBeCloseTo(151000 / 1500, 12);
    expect(effectiveVampOfDepth(book)).toBeCloseTo((99.66666666666667 * 2000 + 102.75 * 1500) / 3500, 12);
    expect(effectiveVampOfDepth(book, 1)).toBeCloseTo(152000 / 1500, 12);
  });

  test('within 1 % of the mid of 101 are 100 and 102', () => {
    expect(vampOfDepth(book, onePercent)).toBeCloseTo(152000 / 1500, 12);
    expect(weightedDepthPriceOfDepth(book, onePercent)).toBeCloseTo(151000 / 1500, 12);
    expect(vampExact(one, book, onePercent)).toBe('101.3333333333333');
    expect(weightedDepthPriceExact(one, book, onePercent)).toBe('100.6666666666667');
    expect(effectiveVampExact(one, book, onePercent)).toBe('101.3333333333333');
    expect(vampExact(one, book, priceBand({ percent: 2 }))).toBe('100.5714285714286');
    expect(vampOfDepth(book, priceBand({ percent: '0.5' }))).toBeUndefined();
  });

  test('1200 a side are 1000·100 + 200·99 against 500·102 + 700·103: 242900 ÷ 2400', () => {
    expect(fixedQuantityPriceOfDepth(book, 1200)).toBeCloseTo(242900 / 2400, 12);
    expect(fixedQuantityPriceExact(one, book, 1200)).toBe('101.2083333333333');
    expect(fixedQuantityPriceOfDepth(book, 500)).toBe(101);
    expect(fixedQuantityPriceOfDepth(book, 1500)).toBeCloseTo((149500 + 51000 + 103000) / 3000, 12);
    // The bids hold 1500.
    expect(fixedQuantityPriceOfDepth(book, 1501)).toBeUndefined();
    expect(fixedQuantityPriceExact(one, book, 1501)).toBeUndefined();
    expect(() => fixedQuantityPriceOfDepth(book, 0)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  test('columns give what books one by one give, and nothing for half a book', () => {
    const columns = {
      levels: 2,
      bidTicks: [100, 99, 100, 99],
      bidLots: [1000, 500, 1000, 500],
      askTicks: [102, 103, NaN, NaN],
      askLots: [500, 1500, NaN, NaN],
    };
    expect(vampOfColumns(columns)).toEqual([vampOfDepth(book), undefined]);
    expect(vampOfColumns(columns, onePercent)).toEqual([vampOfDepth(book, 1), undefined]);
    expect(weightedDepthPriceOfColumns(columns, 1)).toEqual([weightedDepthPriceOfDepth(book, 1), undefined]);
    expect(effectiveVampOfColumns(columns)).toEqual([effectiveVampOfDepth(book), undefined]);
    expect(fixedQuantityPriceOfColumns(columns, 1200)).toEqual([fixedQuantityPriceOfDepth(book, 1200), undefined]);
  });
});

test('the weighted mid of a real stock, 14.33 / 14.34', () => {
  const cents = createGrid({ tickSize: '0.01', lotSize: '1' });
  const priceOf = (bidSize: number, askSize: number) => [
    vampBbo({ bidPrice: 14.33, bidSize, askPrice: 14.34, askSize })?.toFixed(6),
    vampBboExact(cents, { bidTicks: 1433, bidLots: bidSize, askTicks: 1434, askLots: askSize }),
  ];
  expect(priceOf(20, 471)).toEqual(['14.330407', '14.33040733197556']);
  expect(priceOf(25, 148)).toEqual(['14.331445', '14.3314450867052']);
  expect(priceOf(31, 95)).toEqual(['14.332460', '14.33246031746032']);
});

test('a crossed book has prices like any other', () => {
  const crossed = { bids: side([103, 1], [99, 2]), asks: side([101, 3], [104, 1]) };
  expect(vampOfDepth(crossed, 1)).toBe((103 * 3 + 101) / 4);
  // Within half a percent of the mid of 102 there is nothing, within one the best quote.
  expect(vampOfDepth(crossed, priceBand({ percent: 0.5 }))).toBeUndefined();
  expect(vampOfDepth(crossed, onePercent)).toBe((103 * 3 + 101) / 4);
});

describe('hostile input', () => {
  const sizes = fc.oneof(
    fc.constantFrom(0, -0, NaN, Infinity, -1, 2 ** 53, 1e308, 5e-324),
    fc.double({ min: 0 }),
    fc.nat(9),
  );
  const prices = fc.oneof(fc.constantFrom(0, -0, NaN, Infinity, -5, 1e308, 5e-324), fc.double(), fc.nat(9));
  const plain = fc.array(fc.record({ price: prices, size: sizes }), { maxLength: 3 });

  test('plain forms give a price within those of the book, or nothing', () => {
    let found = 0;
    fc.assert(
      fc.property(plain, plain, (bids, asks) => {
        const all = [...bids, ...asks].map(({ price }) => price).filter(Number.isFinite);
        const [low, high] = [Math.min(...all), Math.max(...all)];
        const slack = 1e-12 * Math.max(Math.abs(low), Math.abs(high));
        for (const price of [vamp({ bids, asks }), weightedDepthPrice({ bids, asks }), effectiveVamp({ bids, asks })]) {
          if (price === undefined) continue;
          found += 1;
          expect(price).toBeGreaterThanOrEqual(low - slack);
          expect(price).toBeLessThanOrEqual(high + slack);
        }
      }),
      { numRuns: 3000, seed: 1 },
    );
    expect(found).toBeGreaterThan(100);
  });

  test('sizes whose products leave floating point have no plain price', () => {
    const quote = { bidPrice: 1e10, askPrice: 3e10, bidSize: 1e300, askSize: 1e300 };
    expect(vampBbo(quote)).toBeUndefined();
    expect(vampBbo({ ...quote, bidSize: 5e-324, askSize: 5e-324 })).toBeUndefined();
    expect(vampBbo({ ...quote, bidSize: 1e200, askSize: 1e200 })).toBe(2e10);
    expect(vampBbo({ ...quote, bidSize: -1, askSize: 4 })).toBeUndefined();
  });

  test('a level that no grid gives is refused', () => {
    for (const bad of [side([100, -1]), side([0.5, 1]), side([NaN, 1]), side([2 ** 53, 1]), side([1, Infinity])]) {
      const broken = { bids: bad, asks: book.asks };
      const forms = [
        () => vampOfDepth(broken),
        () => weightedDepthPriceOfDepth(broken),
        () => effectiveVampOfDepth(broken),
        () => fixedQuantityPriceOfDepth(broken, 1),
        () => vampExact(one, broken),
        () => fixedQuantityPriceExact(one, broken, 1),
      ];
      for (const form of forms) expect(form).toThrow(expect.objectContaining({ code: 'bad-quote' }));
    }
    const negative = { bidTicks: 1, bidLots: -5, askTicks: 2, askLots: 9 };
    expect(() => vampBboExact(one, negative)).toThrow(expect.objectContaining({ code: 'bad-quote' }));
  });
});

test('in ticks, numbers agree with the exact forms up to the largest prices and sizes, from levels and buffers', () => {
  const whole = fc.oneof(fc.nat(9), fc.maxSafeNat());
  const levels = fc.array(fc.record({ priceTicks: fc.maxSafeInteger(), sizeLots: whole }), { maxLength: 6 });
  fc.assert(
    fc.property(levels, levels, fc.maxSafeNat(), (bids, asks, quantity) => {
      const levelsOf = { bids, asks };
      const depth = columnsOf(levelsOf);
      const pairs: [number | undefined, string | undefined][] = [
        [vampOfDepth(depth), vampExact(one, levelsOf)],
        [weightedDepthPriceOfDepth(depth), weightedDepthPriceExact(one, depth)],
        [effectiveVampOfDepth(depth), effectiveVampExact(one, levelsOf)],
        [fixedQuantityPriceOfDepth(depth, quantity || 1), fixedQuantityPriceExact(one, depth, quantity || 1)],
      ];
      for (const [number, exact] of pairs) {
        if (exact === undefined) expect(number).toBeUndefined();
        // Rounding is relative to the prices, which may cancel.
        else expect(Math.abs(number! - Number(exact))).toBeLessThanOrEqual(2 ** 53 * 1e-14);
      }
    }),
    { numRuns: 300 },
  );
});
