import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasRecordedData, workedExamples } from '@tapekit/tooling/recorded-data';
import {
  calculateOhlcImbalanceProxy,
  calculateOhlcImbalanceProxyExact,
  calculateTrendNormalized,
  ohlcvProxyDefaults,
  orderflowInputsFromOhlcv,
} from './ohlcv-proxy.ts';

interface Examples {
  readonly clv: readonly { h: number; l: number; c: number; v: number }[];
}
const badBars: readonly (readonly [number, number, number, number])[] = [
  [100, 110, 105, 1],
  [110, 100, 111, 1],
  [110, 100, 99, 1],
  [110, 100, 105, -1],
  [NaN, 100, 105, 1],
  [110, NaN, 105, 1],
  [110, 100, NaN, 1],
  [110, 100, 105, NaN],
  [Infinity, 100, 105, 1],
  [110, 100, 105, Infinity],
];

describe('calculateOhlcImbalanceProxy', () => {
  test.each([
    [109, 0.8],
    [101, -0.8],
    [105, 0],
    [110, 1],
    [100, -1],
  ])('a close at %d in the range 100 to 110 gives %d', (close, proxy) => {
    expect(calculateOhlcImbalanceProxy(110, 100, close, 1000)).toBe(proxy);
  });

  test('is 0 for a bar without range or volume', () => {
    expect(calculateOhlcImbalanceProxy(100, 100, 100, 1000)).toBe(0);
    expect(calculateOhlcImbalanceProxy(110, 100, 109, 0)).toBe(0);
    // A day without a print, as IDX summaries write it: no high, no low, the close of the day before.
    expect(calculateOhlcImbalanceProxy(0, 0, 4150, 0)).toBe(0);
  });

  test.each(badBars)('refuses high %d, low %d, close %d, volume %d', (...bar) => {
    expect(() => calculateOhlcImbalanceProxy(...bar)).toThrow(expect.objectContaining({ code: 'bad-bar' }));
  });

  test('says what is wrong with the bar', () => {
    expect(() => calculateOhlcImbalanceProxy(100, 110, 105, 1)).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: bar with high 100, low 110, close 105 and volume 1 is impossible: expected finite numbers with low ≤ close ≤ high and volume ≥ 0. Drop the bar or repair its source.]`,
    );
  });

  test('lies in −1…1 and grows with the close', () => {
    const price = fc.double({ min: 0.01, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(price, price, price, price, (...prices) => {
        const [low, first, second, high] = prices.toSorted((a, b) => a - b) as [number, number, number, number];
        const [one, two] = [first, second].map((close) => calculateOhlcImbalanceProxy(high, low, close, 1)) as [
          number,
          number,
        ];
        expect(Math.abs(one)).toBeLessThanOrEqual(1);
        expect(one).toBeLessThanOrEqual(two);
      }),
    );
  });

  test.skipIf(!hasRecordedData)('gives the worked examples', () => {
    const { clv } = workedExamples<Examples>();
    expect(clv.length).toBeGreaterThan(0);
    for (const { h, l, c, v } of clv) {
      expect(calculateOhlcImbalanceProxy(h, l, c, 1)).toBe(v);
      expect(calculateOhlcImbalanceProxyExact(h, l, c, 1)).toBe(String(v));
    }
  });
});

describe('calculateTrendNormalized', () => {
  test.each([
    [[], 0],
    [[5], 0],
    [[0.25, 0.9, 0.75], 0.5],
    [[0.75, 0.25], -0.5],
    [[-3, 4], 1],
    [[4, -3], -1],
  ])('%j gives %d', (series, trend) => {
    expect(calculateTrendNormalized(series)).toBe(trend);
    expect(calculateTrendNormalized(Float64Array.from(series))).toBe(trend);
  });

  test.each([[[NaN, 1]], [[1, Infinity]]])('refuses %j', (series) => {
    expect(() => calculateTrendNormalized(series)).toThrow(expect.objectContaining({ code: 'bad-value' }));
  });
});

describe('orderflowInputsFromOhlcv', () => {
  const inputs = (bars: readonly (readonly [number, number, number, number])[], window?: number) => {
    const column = (i: number) => bars.map((bar) => bar[i]!);
    return orderflowInputsFromOhlcv(column(0), column(1), column(2), column(3), window === undefined ? {} : { window });
  };

  test('weights the proxies by volume; the trend is newer half minus older half', () => {
    // m = −0.8 on 100, 0 on 300 | 0.8 on 100, 1 on 100.
    const bars = [
      [110, 100, 101, 100],
      [110, 100, 105, 300],
      [110, 100, 109, 100],
      [110, 100, 110, 100],
    ] as const;
    // obi = (−80 + 0 + 80 + 100) ÷ 600; halves: −80 ÷ 400 = −0.2 and 180 ÷ 200 = 0.9, the move of 1.1 is cut to 1.
    expect(inputs(bars)).toEqual({ obi: 100 / 600, ofiTrend: 1, quality: 'proxy' });
    expect(inputs(bars.slice(0, 3))).toEqual({ obi: 0, ofiTrend: 1, quality: 'proxy' });
    expect(inputs(bars, 2)).toEqual({ obi: 0.9, ofiTrend: expect.closeTo(0.2, 12), quality: 'proxy' });
    expect(inputs(bars, 1)).toEqual({ obi: 1, ofiTrend: undefined, quality: 'proxy' });
  });

  test('looks at the last 60 bars', () => {
    const old = Array.from({ length: 40 }, () => [110, 100, 100, 1000] as const);
    const recent = Array.from({ length: 60 }, () => [110, 100, 109, 1000] as const);
    expect(ohlcvProxyDefaults).toEqual({ window: 60 });
    expect(inputs([...old, ...recent])).toEqual({
      obi: expect.closeTo(0.8, 12),
      ofiTrend: expect.closeTo(0, 12),
      quality: 'proxy',
    });
    expect(inputs([...old, ...recent]).obi).toBe(inputs(recent).obi);
    expect(inputs([...old, ...recent], 100).obi).toBeLessThan(0.1);
  });

  test('a bad bar before the window does no harm, one in it is refused', () => {
    const bars = [[100, 110, 105, 1] as const, [110, 100, 109, 10] as const];
    expect(inputs(bars, 1).obi).toBe(0.8);
    expect(() => inputs(bars, 2)).toThrow(expect.objectContaining({ code: 'bad-bar' }));
  });

  test('knows nothing without bars or volume', () => {
    expect(inputs([])).toEqual({ obi: undefined, ofiTrend: undefined, quality: 'proxy' });
    expect(inputs([[110, 100, 109, 0]])).toEqual({ obi: undefined, ofiTrend: undefined, quality: 'proxy' });
    expect(
      inputs([
        [110, 100, 109, 0],
        [110, 100, 109, 5],
      ]),
    ).toEqual({ obi: 0.8, ofiTrend: undefined, quality: 'proxy' });
  });

  test('knows nothing of volumes whose sum no double holds, or that underflow', () => {
    const unknown = { obi: undefined, ofiTrend: undefined, quality: 'proxy' };
    const bar = (volume: number) => [110, 100, 109, volume] as const;
    expect(inputs([bar(1e308), bar(1e308)])).toEqual({ ...unknown, ofiTrend: 0 });
    expect(inputs([bar(5e-324), bar(5e-324)])).toEqual(unknown);
  });

  test('a day without a print is neutral, and fills its place in the window', () => {
    const bars = [[110, 100, 110, 7] as const, [0, 0, 110, 0] as const, [110, 100, 109, 10] as const];
    expect(inputs(bars)).toEqual({ obi: (7 + 8) / 17, ofiTrend: expect.closeTo(-0.2, 12), quality: 'proxy' });
    expect(inputs(bars, 2)).toEqual({ obi: 0.8, ofiTrend: undefined, quality: 'proxy' });
  });

  test('refuses columns of different length and windows that are no count', () => {
    expect(() => orderflowInputsFromOhlcv([1], [1], [1, 2], [1])).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: highs, lows, closes and volumes have 1, 1, 2 and 1 values. Pass one of each for every bar.]`,
    );
    expect(() => orderflowInputsFromOhlcv([1], [1], [1, 2], [1])).toThrow(
      expect.objectContaining({ code: 'bad-columns' }),
    );
    for (const window of [0, -1, 1.5, NaN]) {
      expect(() => inputs([], window)).toThrow(expect.objectContaining({ code: 'bad-option' }));
    }
  });

  test('leaves its inputs untouched and takes typed arrays', () => {
    const frozen = (...values: number[]) => Object.freeze(values);
    const fromArrays = orderflowInputsFromOhlcv(frozen(110, 110), frozen(100, 100), frozen(101, 109), frozen(5, 5));
    const typed = (...values: number[]) => Float64Array.from(values);
    expect(orderflowInputsFromOhlcv(typed(110, 110), typed(100, 100), typed(101, 109), typed(5, 5))).toEqual(
      fromArrays,
    );
    expect(fromArrays).toEqual({ obi: 0, ofiTrend: 1, quality: 'proxy' });
  });
});
