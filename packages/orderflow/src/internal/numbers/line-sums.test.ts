import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitLine } from './least-squares.ts';
import { createLineSums } from './line-sums.ts';

const points = fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -20, max: 20 })), {
  minLength: 3,
  maxLength: 40,
});
const close = (a: number | undefined, b: number | undefined): void => {
  if (a === undefined || b === undefined) expect([a, b].map(Number)).toEqual([NaN, NaN]);
  else expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(a)));
};

test('fits what the two passes over the points fit, also after other points came and left', () => {
  fc.assert(
    fc.property(points, points, (kept, gone) => {
      const sums = createLineSums();
      for (const [x, y] of gone) sums.add(x, y);
      for (const [x, y] of kept) sums.add(x, y);
      for (const [x, y] of gone) sums.remove(x, y);
      const exact = sums.fit();
      const inPasses = fitLine(
        kept.map(([x]) => x),
        kept.map(([, y]) => y),
      );
      expect(exact === undefined).toBe(inPasses === undefined);
      if (!exact || !inPasses) return;
      expect(exact.n).toBe(inPasses.n);
      close(exact.slope, inPasses.slope);
      close(exact.intercept, inPasses.intercept);
      close(exact.r2, inPasses.r2);
      // Near a perfect fit the passes leave a rest of rounding where the sums leave none, and t is their quotient.
      if ((exact.r2 ?? 1) > 0.999999) return;
      close(exact.slopeT, inPasses.slopeT);
      close(exact.interceptT, inPasses.interceptT);
    }),
  );
});

test('a perfect line has r² 1 and no t, at any size of its numbers', () => {
  const sums = createLineSums();
  for (const x of [1, 2, 5, 2 ** 52]) sums.add(BigInt(x) * 2n ** 40n, BigInt(x) * 2n ** 41n + 7n);
  expect(sums.fit()).toEqual({ n: 4, slope: 2, intercept: 7, r2: 1, slopeT: undefined, interceptT: undefined });
});

test('has no line without two points, or over an x that never moves', () => {
  const sums = createLineSums();
  expect(sums.fit()).toBeUndefined();
  sums.add(3, 1);
  expect(sums.fit()).toBeUndefined();
  sums.add(3, 2);
  expect(sums.fit()).toBeUndefined();
  sums.add(4, 1);
  expect(sums.fit()?.slope).toBe(-0.5);
});
