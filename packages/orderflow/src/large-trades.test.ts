import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { tradeColumns } from './columns.ts';
import { createGrid } from './grid.ts';
import {
  createLargeTradeDetector,
  largeTradePresets,
  largeTradesOfColumns,
  restoreLargeTradeDetector,
} from './large-trades.ts';
import type { LargeTradeOptions } from './large-trades.ts';
import type { Aggressor, TickTrade } from './market.ts';

const print = (sizeLots: number, side: Aggressor = 'buy', timeMs = 0, priceTicks = 50): TickTrade => ({
  priceTicks,
  sizeLots,
  side,
  timeMs,
});
const lotsOf = (sizes: readonly number[], options: LargeTradeOptions) =>
  largeTradesOfColumns(tradeColumns(sizes.map((lots) => print(lots))), options).map(({ lots }) => lots);

describe('createLargeTradeDetector', () => {
  test('by size: the threshold itself is large', () => {
    const large = createLargeTradeDetector({ rule: { minLots: 100 } });
    expect(large.push(print(99))).toBeUndefined();
    expect(large.push(print(100, 'sell', 7))).toEqual({
      side: 'sell',
      timeMs: 7,
      fromTicks: 50,
      toTicks: 50,
      lots: 100,
      tickLots: 5000,
      trades: 1,
      thresholdLots: 100,
    });
  });

  test('by quantile: the rank is that of the decimal, not of its double', () => {
    // The 7th smallest of 1 to 25 is 7; 0.28 × 25 in floating point is a little more than 7.
    const sizes = [...Array.from({ length: 25 }, (_, i) => i + 1), 8];
    const large = largeTradesOfColumns(tradeColumns(sizes.map((lots) => print(lots))), {
      rule: { quantile: 0.28, lastTrades: 25, warmUp: 25 },
    });
    expect(large.map(({ lots, thresholdLots }) => [lots, thresholdLots])).toEqual([[8, 7]]);
  });

  test('by value: 10 lots at 50 ticks are worth 500 ticks × lots', () => {
    expect(lotsOf([9, 10], { rule: { minTickLots: 500 } })).toEqual([10]);
  });

  test('a whale on the IDX takes the offer for 500 million: 50,000 shares at 10,000, not 49,900', () => {
    const grid = createGrid({ tickSize: '25', lotSize: '100' });
    const options = largeTradePresets.whale(grid);
    // One tick × one lot is 25 × 100 = 2,500 rupiah.
    expect(options).toEqual({ rule: { minTickLots: 200_000 }, side: 'buy' });
    const large = createLargeTradeDetector(options);
    const ticks = grid.toTicks('10000');
    expect(large.push(print(grid.toLots('49900'), 'buy', 0, ticks))).toBeUndefined();
    expect(large.push(print(grid.toLots('50000'), 'sell', 0, ticks))).toBeUndefined();
    const whale = large.push(print(grid.toLots('50000'), 'buy', 0, ticks));
    expect(grid.formatValue(whale!.tickLots)).toBe('500000000');
  });

  test('a whale threshold between two steps is the step above; nonsense is refused', () => {
    const grid = createGrid({ tickSize: '0.01', lotSize: '0.001' });
    expect(largeTradePresets.whale(grid, '0.000011').rule).toEqual({ minTickLots: 2 });
    expect(() => largeTradePresets.whale(grid, '0')).toThrow(expect.objectContaining({ code: 'bad-decimal' }));
    // 500 million on a grid of 10^-10 is 5 × 10^18 steps, beyond 2^53.
    const fine = createGrid({ tickSize: '0.01', lotSize: '0.00000001' });
    expect(largeTradePresets.whale(fine).rule).toEqual({ minTickLots: '5000000000000000000' });
    const large = createLargeTradeDetector(largeTradePresets.whale(fine, '1000000'));
    const push = (sizeLots: number) => large.push({ priceTicks: 10_000_000, sizeLots, side: 'buy', timeMs: 0 });
    expect([push(999_999_999), push(1_000_000_000)?.lots]).toEqual([undefined, 1_000_000_000]);
  });

  test('by quantile: larger than the second largest of the last four', () => {
    // ⌈0.75 · 4⌉ = 3: the third smallest of the four before. 5 is not above itself; 6 is above 5 of [1, 2, 5, 5].
    const rule = { quantile: 0.75, lastTrades: 4, warmUp: 4 };
    expect(lotsOf([9, 1, 2, 5, 5, 6, 5], { rule })).toEqual([6]);
  });

  test('by z-score: sizes 2, 4, 4, 4, 5, 5, 7, 9 have mean 5 and deviation √(32/7); 12 is 3.27 above', () => {
    const large = createLargeTradeDetector({ rule: { zScore: 3, lastTrades: 8, warmUp: 8 } });
    for (const lots of [2, 4, 4, 4, 5, 5, 7, 9])
      expect([large.ready, large.push(print(lots))]).toEqual([false, undefined]);
    expect(large.ready).toBe(true);
    expect(large.push(print(12))?.z).toBeCloseTo(7 / Math.sqrt(32 / 7), 12);
    // The first 2 left, the 12 came: nothing looks ahead, and the 12 is history now.
    expect(large.push(print(12))).toBeUndefined();
  });

  test('sizes without any spread have no z-score, so nothing is large', () => {
    expect(lotsOf([5, 5, 5, 5, 5_000_000], { rule: { zScore: 1, lastTrades: 4, warmUp: 2 } })).toEqual([]);
  });

  test('puts the prints of one order together: same side, same time, in a row', () => {
    const large = createLargeTradeDetector({ rule: { minLots: 100 }, mergeSameTime: true });
    expect(large.push(print(60, 'buy', 5, 50))).toBeUndefined();
    expect(large.push(print(60, 'buy', 5, 51))).toBeUndefined();
    expect(large.push(print(60, 'buy', 6, 51))).toEqual({
      side: 'buy',
      timeMs: 5,
      fromTicks: 50,
      toTicks: 51,
      lots: 120,
      tickLots: 60 * 50 + 60 * 51,
      trades: 2,
      thresholdLots: 100,
    });
    // Nobody says that two prints without a side are one order.
    large.push(print(60, 'unknown', 6));
    expect(large.push(print(60, 'unknown', 6))).toBeUndefined();
    expect(large.flush()).toBeUndefined();
  });

  test('passes over prints of no size, and counts times that go back', () => {
    const large = createLargeTradeDetector({ rule: { minLots: 1 } });
    expect(large.push(print(0))).toBeUndefined();
    large.push(print(1, 'buy', 9));
    large.push(print(1, 'buy', 8));
    expect(large.counts()).toEqual({ trades: 2, zeroTrades: 1, outOfOrderTrades: 1 });
  });

  test.each([
    { minLots: 0 },
    { minTickLots: 1.5 },
    { quantile: 1.1 },
    { quantile: NaN },
    { zScore: -1 },
    { zScore: 2, lastTrades: 1 },
    { zScore: 2, lastTrades: 10, warmUp: 11 },
  ])('refuses the rule %j', (rule) => {
    expect(() => createLargeTradeDetector({ rule })).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });
});

const tapes = fc.array(
  fc.record({
    priceTicks: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: -3, max: 9 }) }, fc.maxSafeInteger()),
    sizeLots: fc.oneof({ weight: 8, arbitrary: fc.nat({ max: 9 }) }, fc.maxSafeNat(), fc.constant(-0)),
    side: fc.constantFrom<Aggressor>('buy', 'sell', 'unknown'),
    timeMs: fc.oneof({ weight: 8, arbitrary: fc.nat({ max: 3 }) }, fc.constantFrom(1e308, -1e308, -0)),
  }),
  { maxLength: 30 },
);
const optionSets: readonly LargeTradeOptions[] = [
  { rule: { minLots: 5 }, mergeSameTime: true },
  { rule: { minTickLots: 20 }, side: 'sell' },
  { rule: { quantile: 0.8, lastTrades: 6, warmUp: 3 } },
  { rule: { zScore: 1, lastTrades: 6, warmUp: 3 }, mergeSameTime: true },
];

describe.each(optionSets)('with %j', (options) => {
  describeReducerContract({
    name: 'createLargeTradeDetector',
    create: () => createLargeTradeDetector(options),
    restore: (snapshot) => restoreLargeTradeDetector(snapshot, options),
    inputs: tapes,
    batch: (tape) => largeTradesOfColumns(tradeColumns(tape), options),
    refused: [print(-1), print(0.5), print(NaN), print(1, 'buy', NaN), print(1, 'buy', 0, 0.5)],
    conserve: (tape, _found, detector) => {
      const { trades, zeroTrades } = detector.counts();
      expect(trades + zeroTrades).toBe(tape.length);
    },
  });
});

test('a rule that looks back agrees with the definition computed afresh at every print', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1e9 }), { maxLength: 40 }), (sizes) => {
      const rule = { lastTrades: 7, warmUp: 3 };
      const byQuantile: number[] = [];
      const byZ: number[] = [];
      sizes.forEach((lots, i) => {
        const past = sizes.slice(Math.max(i - 7, 0), i);
        if (past.length < 3) return;
        const sorted = [...past].sort((a, b) => a - b);
        if (lots > sorted[Math.ceil(0.6 * past.length) - 1]!) byQuantile.push(lots);
        const mean = past.reduce((a, b) => a + b) / past.length;
        const deviation = Math.sqrt(past.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (past.length - 1));
        if (deviation > 0 && (lots - mean) / deviation > 1) byZ.push(lots);
      });
      expect(lotsOf(sizes, { rule: { quantile: 0.6, ...rule } })).toEqual(byQuantile);
      expect(lotsOf(sizes, { rule: { zScore: 1, ...rule } })).toEqual(byZ);
    }),
    { numRuns: 300 },
  );
});
