import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasRecordedData, workedExamples } from '@tapekit/tooling/recorded-data';
import { createGrid } from './grid.ts';
import {
  effectiveVamp,
  effectiveVampExact,
  vamp,
  vampBbo,
  vampBboExact,
  vampExact,
  weightedDepthPrice,
  weightedDepthPriceExact,
} from './vamp.ts';
import type { PriceLevels, TickLevels } from './vamp.ts';

const grid = createGrid({ tickSize: '0.5', lotSize: '1' });
const levels: PriceLevels = {
  bids: [
    { price: 100, size: 1000 },
    { price: 99, size: 500 },
  ],
  asks: [
    { price: 102, size: 500 },
    { price: 103, size: 1500 },
  ],
};
const ticks: TickLevels = {
  bids: levels.bids.map(({ price, size }) => ({ priceTicks: price * 2, sizeLots: size })),
  asks: levels.asks.map(({ price, size }) => ({ priceTicks: price * 2, sizeLots: size })),
};

describe('on the book 100×1000, 99×500 against 102×500, 103×1500', () => {
  test('VAMP of the best quote is (100·500 + 102·1000) ÷ 1500 = 101.333…', () => {
    expect(vampBbo({ bidPrice: 100, bidSize: 1000, askPrice: 102, askSize: 500 })).toBeCloseTo(152000 / 1500, 12);
    expect(vampBboExact(grid, { bidTicks: 200, bidLots: 1000, askTicks: 204, askLots: 500 })).toBe('101.3333333333333');
  });

  test('VAMP of two levels is 352000 ÷ 3500 = 100.571428…', () => {
    expect(vamp(levels)).toBeCloseTo(352000 / 3500, 12);
    expect(vampExact(grid, ticks)).toBe('100.5714285714286');
  });

  test('the depth-weighted price is 355000 ÷ 3500 = 101.428571…', () => {
    expect(weightedDepthPrice(levels)).toBeCloseTo(355000 / 3500, 12);
    expect(weightedDepthPriceExact(grid, ticks)).toBe('101.4285714285714');
  });

  test('effective VAMP takes the side averages 99.666… and 102.75: 100.988095…', () => {
    expect(effectiveVamp(levels)).toBeCloseTo((99.66666666666667 * 2000 + 102.75 * 1500) / 3500, 12);
    expect(effectiveVampExact(grid, ticks)).toBe('100.9880952380952');
  });
});

test('VAMP leaves out levels without a partner on the other side', () => {
  const uneven = { bids: levels.bids, asks: levels.asks.slice(0, 1) };
  expect(vamp(uneven)).toBe(vampBbo({ bidPrice: 100, bidSize: 1000, askPrice: 102, askSize: 500 }));
  expect(vampExact(grid, { bids: ticks.bids, asks: ticks.asks.slice(0, 1) })).toBe('101.3333333333333');
});

test('half a book has no fair price', () => {
  const empty = { price: 100, size: 0 };
  for (const half of [
    { bids: [], asks: [] },
    { bids: levels.bids, asks: [] },
    { bids: [], asks: levels.asks },
    { bids: [empty], asks: levels.asks },
    { bids: levels.bids, asks: [empty] },
    { bids: [{ price: 100, size: NaN }], asks: levels.asks },
  ]) {
    expect([vamp(half), weightedDepthPrice(half), effectiveVamp(half)]).toEqual([undefined, undefined, undefined]);
  }
  for (const half of [
    { bids: [], asks: [] },
    { bids: ticks.bids, asks: [] },
    { bids: [{ priceTicks: 200, sizeLots: 0 }], asks: ticks.asks },
  ]) {
    expect([vampExact(grid, half), weightedDepthPriceExact(grid, half), effectiveVampExact(grid, half)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  }
});

test('exact forms agree with the numbers, and VAMP of a side lies within its prices', () => {
  const side = (from: number, to: number) =>
    fc.array(
      fc.record({ priceTicks: fc.integer({ min: from, max: to }), sizeLots: fc.integer({ min: 1, max: 1e9 }) }),
      {
        minLength: 1,
        maxLength: 5,
      },
    );
  fc.assert(
    fc.property(side(1000, 2000), side(2001, 3000), (bids, asks) => {
      const plain = (list: typeof bids) => list.map((l) => ({ price: l.priceTicks / 2, size: l.sizeLots }));
      const numbers = { bids: plain(bids), asks: plain(asks) };
      expect(Number(vampExact(grid, { bids, asks }))).toBeCloseTo(vamp(numbers)!, 9);
      expect(Number(weightedDepthPriceExact(grid, { bids, asks }))).toBeCloseTo(weightedDepthPrice(numbers)!, 9);
      expect(Number(effectiveVampExact(grid, { bids, asks }))).toBeCloseTo(effectiveVamp(numbers)!, 9);
      const prices = [...numbers.bids, ...numbers.asks].map((l) => l.price);
      expect(vamp(numbers)).toBeGreaterThanOrEqual(Math.min(...prices));
      expect(vamp(numbers)).toBeLessThanOrEqual(Math.max(...prices));
    }),
  );
});

test.skipIf(!hasRecordedData)('every form gives the worked examples', () => {
  interface Examples {
    readonly vamp: {
      readonly bids: [number, number][];
      readonly asks: [number, number][];
      readonly vamp_bbo: number;
      readonly vamp_2: number;
      readonly weighted_depth_2: number;
      readonly vamp_effective_2: number;
    };
    readonly weighted_mid: readonly { bid: number; ask: number; qb: number; qa: number; wmid: number }[];
  }
  const { vamp: book, weighted_mid } = workedExamples<Examples>();
  const plain = (side: [number, number][]) => side.map(([price, size]) => ({ price, size }));
  const onGrid = (side: [number, number][]) =>
    side.map(([price, size]) => ({ priceTicks: grid.toTicks(price), sizeLots: grid.toLots(size) }));
  const numbers = { bids: plain(book.bids), asks: plain(book.asks) };
  const exact = { bids: onGrid(book.bids), asks: onGrid(book.asks) };
  const first = { bids: exact.bids.slice(0, 1), asks: exact.asks.slice(0, 1) };
  const cases: [number | undefined, string | undefined, number][] = [
    [vamp({ bids: numbers.bids.slice(0, 1), asks: numbers.asks.slice(0, 1) }), vampExact(grid, first), book.vamp_bbo],
    [vamp(numbers), vampExact(grid, exact), book.vamp_2],
    [weightedDepthPrice(numbers), weightedDepthPriceExact(grid, exact), book.weighted_depth_2],
    [effectiveVamp(numbers), effectiveVampExact(grid, exact), book.vamp_effective_2],
  ];
  const cents = createGrid({ tickSize: '0.01', lotSize: '1' });
  for (const { bid, ask, qb, qa, wmid } of weighted_mid) {
    const quote = { bidTicks: cents.toTicks(bid), bidLots: qb, askTicks: cents.toTicks(ask), askLots: qa };
    cases.push([vampBbo({ bidPrice: bid, bidSize: qb, askPrice: ask, askSize: qa }), vampBboExact(cents, quote), wmid]);
  }
  expect(cases.length).toBeGreaterThan(4);
  for (const [number, decimal, expected] of cases) {
    expect(number).toBeCloseTo(expected, 12);
    expect(Number(decimal)).toBeCloseTo(expected, 12);
  }
});
