import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { divideMicro, weightedMean, weightedMeanOfDecimals } from './shares.ts';

describe('weightedMean', () => {
  const score = fc.integer({ min: 0, max: 100_000_000 }).map((micro) => micro / 1e6);
  const weight = fc.oneof(
    fc.integer({ min: 1, max: 1000 }).map((cents) => cents / 100),
    fc.integer({ min: 1, max: 99_999_999 }).map((micro) => micro / 1e6),
    fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
  );

  test('integers and decimals give the same mean and the same contributions', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ weight, score }), { minLength: 1, maxLength: 8 }), (shares) => {
        expect(weightedMean(shares)).toEqual(weightedMeanOfDecimals(shares));
      }),
      { numRuns: 2000 },
    );
  });

  test('half a millionth rounds away from 50: (50, 50.000001) is 50.000001, (49.999999, 50) is 49.999999', () => {
    const mean = (a: number, b: number): number =>
      weightedMean([
        { weight: 1, score: a },
        { weight: 1, score: b },
      ]).score;
    expect(mean(50, 50.000001)).toBe(50.000001);
    expect(mean(49.999999, 50)).toBe(49.999999);
  });
});

describe('divideMicro', () => {
  test('10 in parts of 1, 1, 1 is 4, 3, 3; nothing divides into nothing', () => {
    expect(divideMicro(10, [1, 1, 1])).toEqual([4, 3, 3]);
    expect(divideMicro(0, [0, 0])).toEqual([0, 0]);
  });

  test('the parts add up to the whole and are within one of their share', () => {
    const micro = fc.integer({ min: 0, max: 100_000_000 });
    fc.assert(
      fc.property(micro, fc.array(micro, { minLength: 1, maxLength: 8 }), (whole, parts) => {
        const total = parts.reduce((sum, part) => sum + part, 0);
        fc.pre(total > 0);
        const divided = divideMicro(whole, parts);
        expect(divided.reduce((sum, part) => sum + part, 0)).toBe(whole);
        divided.forEach((part, i) => expect(Math.abs(part - (whole * parts[i]!) / total)).toBeLessThanOrEqual(1));
      }),
    );
  });
});
