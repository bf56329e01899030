import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { priceBand, weightedObiOfColumns, weightedObiOfDepth, weightedObiOfDepthExact } from './imbalance.ts';
import type { LevelWeights, TickLevels } from './imbalance.ts';
import { columnsOf } from './internal/depth/book-range.ts';

const side = (...levels: [priceTicks: number, sizeLots: number][]) =>
  levels.map(([priceTicks, sizeLots]) => ({ priceTicks, sizeLots }));
const book: TickLevels = { bids: side([100, 4], [99, 8]), asks: side([101, 2], [104, 8]) };

describe('weightedObiOfDepth', () => {
  const cases: [LevelWeights, bid: number, ask: number][] = [
    [{ shape: 'linear', by: 'level', reach: 2 }, 4 + 8 / 2, 2 + 8 / 2],
    [{ shape: 'linear', by: 'ticks-from-best', reach: 2 }, 4 + 8 / 2, 2],
    [{ shape: 'linear', by: 'ticks-from-mid', reach: 4 }, (4 * 7 + 8 * 5) / 8, (2 * 7 + 8 * 1) / 8],
    [{ shape: 'exponential', by: 'level', decay: 0.5 }, 4 + 8 / 2, 2 + 8 / 2],
    [{ shape: 'exponential', by: 'ticks-from-best', decay: 0.5 }, 4 + 8 / 2, 2 + 8 / 8],
    [{ shape: 'exponential', by: 'ticks-from-mid', decay: 0.25 }, 4 / 2 + 8 / 8, 2 / 2 + 8 / 128],
    [{ shape: 'inverse', by: 'level' }, 4 + 8 / 2, 2 + 8 / 2],
    [{ shape: 'inverse', by: 'ticks-from-best' }, 4 + 8 / 2, 2 + 8 / 4],
    [{ shape: 'inverse', by: 'ticks-from-mid' }, 4 / 1.5 + 8 / 2.5, 2 / 1.5 + 8 / 4.5],
  ];
  test.each(cases)('%j weighs the bids %d and the asks %d', (weights, bid, ask) => {
    expect(weightedObiOfDepth(book, weights)).toBeCloseTo((bid - ask) / (bid + ask), 15);
  });

  test('linear weights have an exact form: (8 − 2) ÷ (8 + 2) and (68 − 22) ÷ (68 + 22)', () => {
    expect(weightedObiOfDepthExact(book, { shape: 'linear', by: 'ticks-from-best', reach: 2 })).toBe('0.6');
    expect(weightedObiOfDepthExact(book, { shape: 'linear', by: 'ticks-from-mid', reach: 4 })).toBe(
      '0.5111111111111111',
    );
  });

  test('a range cuts the book first', () => {
    const weights: LevelWeights = { shape: 'inverse', by: 'level' };
    expect(weightedObiOfDepth(book, weights, 1)).toBe(2 / 6);
    // 1.5 % of the mid of 100.5 is 1.5075: the ask at 104 is out.
    expect(weightedObiOfDepth(book, weights, priceBand({ percent: 1.5 }))).toBe((8 - 2) / (8 + 2));
  });

  test('is unknown without weighted size, and without the mid that it needs', () => {
    const half = { bids: book.bids, asks: [] };
    expect(weightedObiOfDepth({ bids: [], asks: [] }, { shape: 'inverse', by: 'level' })).toBeUndefined();
    expect(weightedObiOfDepth(half, { shape: 'inverse', by: 'level' })).toBe(1);
    expect(weightedObiOfDepth(half, { shape: 'inverse', by: 'ticks-from-mid' })).toBeUndefined();
    // The best quote is 50 ticks from the mid, out of reach, and so far that its weight is 0.
    const wide = { bids: side([0, 1]), asks: side([4000, 9]) };
    expect(weightedObiOfDepthExact(wide, { shape: 'linear', by: 'ticks-from-mid', reach: 3 })).toBeUndefined();
    expect(weightedObiOfDepth(wide, { shape: 'exponential', by: 'ticks-from-mid', decay: 0.5 })).toBeUndefined();
  });

  test.each([
    { shape: 'linear', by: 'level', reach: 0 },
    { shape: 'linear', by: 'level', reach: 1.5 },
    { shape: 'linear', by: 'level', reach: 1e10 },
    { shape: 'exponential', by: 'level', decay: 0 },
    { shape: 'exponential', by: 'level', decay: 1.1 },
    { shape: 'exponential', by: 'level', decay: NaN },
    { shape: 'square', by: 'level' },
    { shape: 'inverse', by: 'price' },
  ])('refuses %j', (weights) => {
    expect(() => weightedObiOfDepth(book, weights as never)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  test('refuses an exact form of what is no ratio of integers', () => {
    expect(() => weightedObiOfDepthExact(book, { shape: 'inverse', by: 'level' } as never)).toThrow(
      expect.objectContaining({ code: 'bad-option' }),
    );
  });

  test('the exact form agrees with the numbers, in −1…1, from a buffer too', () => {
    const lots = fc.oneof(fc.nat(9), fc.maxSafeNat());
    const levels = (step: number) =>
      fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), lots)).map((rows) => {
        let at = step;
        return rows.map(([gap, sizeLots]) => ({ priceTicks: (at += step * gap), sizeLots }));
      });
    const by = fc.constantFrom('level' as const, 'ticks-from-best' as const, 'ticks-from-mid' as const);
    fc.assert(
      fc.property(levels(-1), levels(1), by, fc.integer({ min: 1, max: 40 }), (bids, asks, from, reach) => {
        const weights = { shape: 'linear', by: from, reach } as const;
        const exact = weightedObiOfDepthExact({ bids, asks }, weights);
        const number = weightedObiOfDepth(columnsOf({ bids, asks }), weights);
        if (exact === undefined) {
          expect(number).toBeUndefined();
          return;
        }
        expect(Math.abs(number!)).toBeLessThanOrEqual(1);
        expect(Number(exact)).toBeCloseTo(number!, 13);
      }),
    );
  });

  test('columns give what books one by one give', () => {
    const weights: LevelWeights = { shape: 'inverse', by: 'level' };
    const columns = {
      levels: 2,
      bidTicks: [100, 99, NaN, NaN],
      bidLots: [4, 8, NaN, NaN],
      askTicks: [101, 104, 101, NaN],
      askLots: [2, 8, 2, NaN],
    };
    expect(weightedObiOfColumns(columns, weights)).toEqual([weightedObiOfDepth(book, weights), -1]);
    expect(weightedObiOfColumns(columns, weights, 1)).toEqual([2 / 6, -1]);
  });
});
