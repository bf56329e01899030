import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createOfiBuckets } from './ofi-buckets.ts';
import type { OfiBucket } from './ofi-buckets.ts';
import { fitDepthRelation, midChangeTicks, r2OfLine, regressOfi, regressPriceOnFlow } from './ofi-regression.ts';

/** Ten buckets; what follows is from exact fractions (python3), White's errors also from the matrix form. */
const flow = [-120, 40, 0, 75, -30, 15, 220, -90, 5, 60];
const changes = [-3, 1.5, 0.5, 1, -1, 0, 4.5, -1.5, -0.5, 2];

describe('regressPriceOnFlow', () => {
  test('has slope, R² and all three t-statistics to the ninth digit and beyond', () => {
    const line = regressPriceOnFlow(flow, changes, { neweyWestLags: 2 })!;
    const close = (value: number | undefined, expected: number) => expect(value! / expected).toBeCloseTo(1, 12);
    expect(line.n).toBe(10);
    close(line.slope, 0.021378230227094754);
    close(line.intercept, -0.024119028974158182);
    close(line.r2, 0.9346984067900173);
    close(line.slopeT, 10.700864285227135);
    close(line.interceptT, -0.1326157649950033);
    close(line.white.slopeT, 17.467978232311864);
    close(line.white.interceptT, -0.14972885768346708);
    expect(line.neweyWest.lags).toBe(2);
    close(line.neweyWest.slopeT, 17.10540845680417);
    close(line.neweyWest.interceptT, -0.20532356085870587);
    close(regressPriceOnFlow(flow, changes, { neweyWestLags: 3 })!.neweyWest.slopeT, 19.155910531838945);
  });

  test('looks back 4·(n ÷ 100)^(2/9) lags unless told, 2 for ten points; 0 lags are White', () => {
    expect(regressPriceOnFlow(flow, changes)!.neweyWest.lags).toBe(2);
    const { white, neweyWest } = regressPriceOnFlow(flow, changes, { neweyWestLags: 0 })!;
    expect(neweyWest).toEqual({ lags: 0, ...white });
  });

  test('by hand: (−2 −1 0 1 2) to (−3 −3 0 3 3) has slope 18 ÷ 10 and R² 0.9', () => {
    const line = regressPriceOnFlow([-2, -1, 0, 1, 2], [-3, -3, 0, 3, 3])!;
    expect(line).toMatchObject({ slope: 1.8, intercept: 0 });
    expect(line.r2).toBeCloseTo(0.9, 15);
    // s² = 3.6 ÷ 3, error √(1.2 ÷ 10).
    expect(line.slopeT).toBeCloseTo(1.8 / Math.sqrt(0.12), 14);
  });

  test('a perfect fit has no error to divide by', () => {
    const line = regressPriceOnFlow([0, 1, 2, 3], [1, 3, 5, 7])!;
    expect(line).toMatchObject({ slope: 2, intercept: 1, r2: 1, slopeT: undefined, white: { slopeT: undefined } });
  });

  test('knows nothing of two points, or of a flow that never moves', () => {
    expect(regressPriceOnFlow([1, 2], [1, 2])).toBeUndefined();
    expect(regressPriceOnFlow([3, 3, 3, 3], [1, 2, 3, 4])).toBeUndefined();
    expect(regressPriceOnFlow([1e-200, 0, 2e-200], [1e60, 0, 0])).toBeUndefined();
    expect(regressPriceOnFlow([1, 2, 3], [5, 5, 5])).toMatchObject({ slope: 0, r2: undefined });
  });

  test('leaves out a point that is unknown on either side', () => {
    const whole = regressPriceOnFlow(flow, changes);
    expect(regressPriceOnFlow([NaN, ...flow, 5], [1, ...changes, NaN])).toEqual(whole);
  });

  test('refuses what is no flow', () => {
    expect(() => regressPriceOnFlow([1], [1, 2])).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: flow has 1 rows, changes has 2. Pass columns of equal length.]`,
    );
    expect(() => regressPriceOnFlow([1, 2, Infinity], [1, 2, 3])).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: flow Infinity is not a number from -1e+70 to 1e+70. Leave unknown values out of the series.]`,
    );
    expect(() => regressPriceOnFlow(flow, changes, { neweyWestLags: -1 })).toThrow(
      expect.objectContaining({ code: 'bad-option' }),
    );
  });

  test('gives no NaN and no infinity for any points that it takes', () => {
    const value = fc.oneof(
      fc.double({ min: -1e70, max: 1e70 }),
      fc.constantFrom(0, -0, 5e-324, 1e-160, 1, 1e70, -1e70),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { maxLength: 8 }), (points) => {
        const line = regressPriceOnFlow(
          points.map(([x]) => x),
          points.map(([, y]) => y),
        );
        if (!line) return;
        const { white, neweyWest, ...rest } = line;
        for (const number of [...Object.values(rest), ...Object.values(white), ...Object.values(neweyWest)]) {
          if (number !== undefined) expect(number).toSatisfy(Number.isFinite);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('regressOfi', () => {
  test('reads complete buckets alone, moves in ticks', () => {
    const bucket = (ofiLots: number | bigint, midChangeHalfTicks: number, complete = true) => ({
      complete,
      ofiLots,
      midChangeHalfTicks,
    });
    const line = regressOfi([bucket(99, 0, false), bucket(-20, -4), bucket(0, 0), bucket(10n, 2), bucket(30, 6)])!;
    expect(line.n).toBe(4);
    expect(line.slope).toBeCloseTo(0.1, 15);
    expect(midChangeTicks({ midChangeHalfTicks: -3 })).toBe(-1.5);
  });

  test('where every queue holds 5 lots, a tick takes 2 · 5 of them: the slope is 1 ÷ 10', () => {
    const buckets = createOfiBuckets({ everyMs: 1000 });
    const closed: OfiBucket[] = [];
    [100, 101, 102, 101, 101, 100, 100].forEach((bidTicks, i) => {
      const quote = { bidTicks, bidLots: 5, askTicks: bidTicks + 1, askLots: 5 };
      for (const bucket of buckets.push(i * 1000, quote)) closed.push(bucket);
    });
    expect(closed.map(({ ofiLots }) => ofiLots)).toEqual([10, 10, -10, 0, -10]);
    expect(regressOfi(closed)).toMatchObject({ n: 5, slope: 0.1, intercept: 0, r2: 1 });
  });
});

describe('r2OfLine', () => {
  test('is R² on the points of the line, and falls below 0 for a line of elsewhere', () => {
    const line = regressPriceOnFlow(flow, changes)!;
    expect(r2OfLine(line, flow, changes)).toBeCloseTo(line.r2!, 14);
    expect(r2OfLine({ slope: -2, intercept: 8 }, [1, 2, 3], [2, 4, 6])).toBe(-3);
    expect(r2OfLine(line, [1, 2], [3, 3])).toBeUndefined();
    expect(r2OfLine(line, [], [])).toBeUndefined();
  });
});

describe('fitDepthRelation', () => {
  test('finds c = ½ and λ = 1 where slopes are ½ ÷ depth, and leaves out slopes below 0', () => {
    const windows = [10, 20, 45, 80].map((depth) => ({ slope: 0.5 / depth, averageDepthLots: depth }));
    const relation = fitDepthRelation([
      ...windows,
      { slope: -1, averageDepthLots: 5 },
      { slope: 1, averageDepthLots: 0 },
    ])!;
    expect(relation.c).toBeCloseTo(0.5, 12);
    expect(relation.lambda).toBeCloseTo(1, 12);
    expect(relation).toMatchObject({ n: 4, leftOut: 2 });
  });

  test('knows nothing of one window, or of one depth', () => {
    expect(fitDepthRelation([{ slope: 1, averageDepthLots: 1 }])).toBeUndefined();
    expect(fitDepthRelation([1, 2].map((slope) => ({ slope, averageDepthLots: 3 })))).toBeUndefined();
    expect(() => fitDepthRelation([{ slope: NaN, averageDepthLots: 3 }])).toThrow(
      expect.objectContaining({ code: 'bad-value' }),
    );
  });
});
