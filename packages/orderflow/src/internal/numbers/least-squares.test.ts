import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kyleLambda } from '../../kyle.ts';
import { regressPriceOnFlow } from '../../ofi-regression.ts';
import { fitLine } from './least-squares.ts';

/** Slope, r² and t² of the slope from sums of BigInt, by the formulas of a textbook. */
function reference(x: readonly number[], y: readonly number[]): readonly number[] | undefined {
  const n = BigInt(x.length);
  const big = (values: readonly number[]) => values.map(BigInt);
  const sum = (values: readonly bigint[]) => values.reduce((a, b) => a + b, 0n);
  const [bx, by] = [big(x), big(y)];
  const centred = (a: readonly bigint[], b: readonly bigint[]) =>
    n * sum(a.map((value, i) => value * b[i]!)) - sum(a) * sum(b);
  const [sxx, sxy, syy] = [centred(bx, bx), centred(bx, by), centred(by, by)];
  if (sxx === 0n) return undefined;
  const ratio = (a: bigint, b: bigint) => Number((a * 10n ** 40n) / b) / 1e40;
  const rest = sxx * syy - sxy * sxy;
  return [
    ratio(sxy, sxx),
    syy === 0n ? NaN : ratio(sxy * sxy, sxx * syy),
    n === 2n || rest === 0n ? NaN : ratio((n - 2n) * sxy * sxy, rest),
  ];
}

const offsets = fc.constantFrom(0, 1e6, 1e9, 1e12, -1e12);
const points = fc.array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: -9, max: 9 })), {
  minLength: 3,
  maxLength: 60,
});

describe('a line', () => {
  test('keeps nine digits of slope, r² and t with offsets of 1e12 under moves of 5', () => {
    fc.assert(
      fc.property(points, offsets, offsets, (moves, offX, offY) => {
        const [x, y] = [moves.map(([dx]) => offX + dx), moves.map(([, dy]) => offY + dy)];
        const fit = fitLine(x, y);
        const expected = reference(x, y);
        expect(fit === undefined).toBe(expected === undefined);
        if (!fit || !expected) return;
        const near = (a: number | undefined, b: number) =>
          expect(Math.abs((a ?? NaN) - b) <= 1e-9 * Math.abs(b) || (a === undefined && Number.isNaN(b))).toBe(true);
        near(fit.slope, expected[0]!);
        near(fit.r2, expected[1]!);
        near(fit.slopeT === undefined ? undefined : fit.slopeT ** 2, expected[2]!);
      }),
    );
  });

  test('keeps nine digits with offsets under fractions too', () => {
    // Tenths have no exact double, so the reference is the same points without offset, rounded to what is left of them.
    const x = Array.from({ length: 40 }, (_, i) => 1e6 + ((i * 7) % 11) / 10);
    const y = x.map((value, i) => 2 * (value - 1e6) + ((i * 5) % 7) / 10);
    const moved = fitLine(x, y)!;
    const still = fitLine(
      x.map((value) => value - 1e6),
      y,
    )!;
    expect(moved.slope).toBeCloseTo(still.slope, 9);
    expect(moved.slopeT).toBeCloseTo(still.slopeT!, 8);
    expect(moved.r2).toBeCloseTo(still.r2!, 10);
  });

  test('of halves is exact', () => {
    expect(kyleLambda([1, 2, -1, 0], [0.5, 1, -0.5, 0])).toEqual({
      lambda: 0.5,
      intercept: 0,
      n: 4,
      r2: 1,
      t: undefined,
    });
  });

  test('that fits perfectly has no t, whole or decimal', () => {
    const perfect = { slopeT: undefined, interceptT: undefined };
    expect(kyleLambda([-17, -18, -8], [-123, -130, -60])).toEqual({
      lambda: 7,
      intercept: -4,
      n: 3,
      r2: 1,
      t: undefined,
    });
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -200, max: 200 }), { minLength: 3, maxLength: 40 }),
        fc.integer({ min: -50, max: 50 }),
        fc.integer({ min: -50, max: 50 }),
        fc.constantFrom(1, 10),
        (x, slope, intercept, parts) => {
          const flow = x.map((value) => value / parts);
          const line = regressPriceOnFlow(
            flow,
            flow.map((value) => slope * value + intercept),
          );
          if (line && slope !== 0) {
            expect(line).toMatchObject({ ...perfect, white: perfect, neweyWest: perfect });
            expect(line.r2).toBeCloseTo(1, 12);
          }
        },
      ),
    );
  });
});
