import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowOf, type RowRule } from './rows.ts';

const labels = (rule: RowRule, rowTicks: number, prices: readonly number[]): number[] =>
  prices.map((price) => rowOf(price, rowTicks, rule) * rowTicks);

test('rounds down, to the nearest (halves to the even row) or up', () => {
  const prices = [-15, -11, -10, -5, -1, 0, 5, 9, 10, 15, 25, 26];
  expect(labels('floor', 10, prices)).toEqual([-20, -20, -10, -10, -10, 0, 0, 0, 10, 10, 20, 20]);
  expect(labels('half-even', 10, prices)).toEqual([-20, -10, -10, 0, 0, 0, 0, 10, 10, 20, 20, 30]);
  expect(labels('ceil', 10, prices)).toEqual([-10, -10, -10, 0, 0, 0, 10, 10, 10, 20, 30, 30]);
});

test('is what exact integers give, up to the last safe integer', () => {
  const price = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -100, max: 100 }));
  const rowTicks = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 2 ** 40 }));
  fc.assert(
    fc.property(price, rowTicks, (ticks, height) => {
      const [p, h] = [BigInt(ticks), BigInt(height)];
      const below = p / h - (p % h < 0n ? 1n : 0n);
      const over = p - below * h;
      const nearest = 2n * over > h || (2n * over === h && below % 2n !== 0n) ? below + 1n : below;
      expect(BigInt(rowOf(ticks, height, 'floor'))).toBe(below);
      expect(BigInt(rowOf(ticks, height, 'half-even'))).toBe(nearest);
      expect(BigInt(rowOf(ticks, height, 'ceil'))).toBe(over === 0n ? below : below + 1n);
    }),
    { numRuns: 2000, examples: [[-9007199254740990, 11]] },
  );
});
