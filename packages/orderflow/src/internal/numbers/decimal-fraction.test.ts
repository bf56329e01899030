import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimalFraction, nearestRank, timesMean } from './decimal-fraction.ts';

test('an option is the decimal that it is written as', () => {
  expect(decimalFraction(0.9)).toEqual({ top: 9, bottom: 10 });
  expect(decimalFraction(3)).toEqual({ top: 3, bottom: 1 });
  expect(decimalFraction(5e-324)).toEqual({ top: 5, bottom: 10n ** 324n });
});

describe('nearest rank', () => {
  test('of 0.28 of 25 is 7, where 0.28 × 25 in floating point is 7.000000000000001', () => {
    expect(0.28 * 25).toBe(7.000000000000001);
    expect(nearestRank(decimalFraction(0.28), 25)).toBe(7);
  });

  test('is ⌈k·n ÷ 1000⌉ for every k thousandths', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1, max: 1e6 }), (k, n) => {
        expect(nearestRank(decimalFraction(k / 1000), n)).toBe(Math.max(1, Math.ceil((k * n) / 1000)));
      }),
    );
  });
});

test('so many times a mean is rounded once', () => {
  expect(0.1 * (9 / 3)).toBe(0.30000000000000004);
  expect(timesMean(decimalFraction(0.1), 9, 3)).toBe(0.3);
  expect(timesMean(decimalFraction(10), 110, 100)).toBe(11);
  expect(timesMean(decimalFraction(1.1), 10, 1)).toBe(11);
});
