import { Decimal } from 'decimal.js';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasRecordedData, workedExamples } from '@tapekit/tooling/recorded-data';
import { isOrderflowError } from '../../errors.ts';
import { calculateOhlcImbalanceProxyExact, splitBarLots, splitBarVolume } from './bar-split.ts';
import { calculateOhlcImbalanceProxy } from './ohlc-imbalance.ts';

type Example = Record<'h' | 'l' | 'c' | 'v' | 'buy' | 'sell' | 'delta', number>;
const proxy = { quality: 'proxy' } as const;
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

describe('splitBarVolume', () => {
  test('splits by where the bar closed', () => {
    expect(splitBarVolume(110, 100, 109, 1001)).toEqual({ buy: '900.9', sell: '100.1', delta: '800.8', ...proxy });
    expect(splitBarVolume(100, 100, 100, 7)).toEqual({ buy: '3.5', sell: '3.5', delta: '0', ...proxy });
    expect(splitBarVolume('110', '100', '110', '10')).toEqual({ buy: '10', sell: '0', delta: '10', ...proxy });
    expect(splitBarVolume(new Decimal(3), 0, 1, 1)).toEqual({
      buy: '0.3333333333333333',
      sell: '0.6666666666666667',
      delta: '-0.3333333333333334',
      ...proxy,
    });
  });

  test('never rounds the buy volume above the volume', () => {
    const volume = '0.99999999999999999999';
    expect(splitBarVolume(110, 100, 110, volume)).toEqual({ buy: volume, sell: '0', delta: volume, ...proxy });
  });

  test('keeps every digit of volumes of any size, and of ranges of any fineness', () => {
    // 9/10 of 10^500, and of 10^-450.
    const { buy, sell } = splitBarVolume(110, 100, 109, '1e500');
    expect([buy, sell]).toEqual([`9${'0'.repeat(499)}`, `1${'0'.repeat(499)}`]);
    expect(splitBarVolume(110, 100, 109, '1e-450').buy).toBe(`0.${'0'.repeat(450)}9`);
    expect(splitBarVolume('1e-9999', 0, '1e-9999', 3)).toEqual({ buy: '3', sell: '0', delta: '3', ...proxy });
  });

  test('is empty for a bar without volume, whatever its prices', () => {
    expect(splitBarVolume(0, 0, 4150, 0)).toEqual({ buy: '0', sell: '0', delta: '0', ...proxy });
  });

  test('loses nothing: buy + sell = volume, both from 0 on', () => {
    const Exact = Decimal.clone({ precision: 400, toExpNeg: -1000, toExpPos: 1000 });
    const decimal = fc
      .tuple(fc.bigInt({ min: 0n, max: 10n ** 25n }), fc.nat({ max: 12 }))
      .map(([mantissa, scale]) => new Exact(mantissa.toString()).div(new Exact(10).pow(scale)).toFixed());
    fc.assert(
      fc.property(decimal, decimal, decimal, decimal, (a, b, c, volume) => {
        const [low, close, high] = [a, b, c].sort((x, y) => new Exact(x).cmp(y)) as [string, string, string];
        const { buy, sell, delta } = splitBarVolume(high, low, close, volume);
        expect(new Exact(buy).plus(sell).toFixed()).toBe(volume);
        expect(new Exact(buy).minus(sell).toFixed()).toBe(delta);
        expect([buy, sell].some((part) => part.startsWith('-'))).toBe(false);
      }),
    );
  });

  test.each(badBars)('refuses high %d, low %d, close %d, volume %d', (...bar) => {
    expect(() => splitBarVolume(...bar)).toThrow(expect.objectContaining({ code: 'bad-bar' }));
  });

  test.skipIf(!hasRecordedData)('gives the worked examples', () => {
    const { clv_split } = workedExamples<{ readonly clv_split: readonly Example[] }>();
    expect(clv_split.length).toBeGreaterThan(0);
    for (const { h, l, c, v, buy, sell, delta } of clv_split) {
      expect(splitBarVolume(h, l, c, v)).toEqual({
        buy: String(buy),
        sell: String(sell),
        delta: String(delta),
        ...proxy,
      });
    }
  });
});

describe('splitBarLots', () => {
  test.each([
    // 1001 × 9 ÷ 10 = 900.9, to the nearest lot.
    [110, 100, 109, 1001, 901, 100],
    // Halves go to the even lot: 3.5 to 4, 2.5 to 2.
    [100, 100, 100, 7, 4, 3],
    [100, 100, 100, 5, 2, 3],
    [110, 100, 110, 10, 10, 0],
    [110, 100, 100, 10, 0, 10],
    [3, 0, 1, 1, 0, 1],
    [0, 0, 4150, 0, 0, 0],
  ])('high %d, low %d, close %d and %d lots: %d bought, %d sold', (high, low, close, volume, buyLots, sellLots) => {
    expect(splitBarLots(high, low, close, volume)).toEqual({
      buyLots,
      sellLots,
      deltaLots: buyLots - sellLots,
      ...proxy,
    });
  });

  test('carries volumes beyond 2^53 on exactly', () => {
    expect(splitBarLots(2, 0, 1, 2n ** 60n + 1n)).toEqual({
      buyLots: 2n ** 59n,
      sellLots: 2n ** 59n + 1n,
      deltaLots: -1,
      ...proxy,
    });
  });

  test('loses no lot and lies within half a lot of the exact split', () => {
    const ticks = fc.maxSafeInteger();
    const lots = fc.oneof(fc.maxSafeNat(), fc.bigInt({ min: 0n, max: 2n ** 80n }));
    fc.assert(
      fc.property(ticks, ticks, ticks, lots, (a, b, c, volume) => {
        const [low, close, high] = [a, b, c].sort((x, y) => x - y) as [number, number, number];
        const { buyLots, sellLots, deltaLots } = splitBarLots(high, low, close, volume);
        expect(BigInt(buyLots) + BigInt(sellLots)).toBe(BigInt(volume));
        expect(BigInt(buyLots) - BigInt(sellLots)).toBe(BigInt(deltaLots));
        expect(buyLots >= 0 && sellLots >= 0).toBe(true);
        const [part, whole] = high === low ? [1n, 2n] : [BigInt(close) - BigInt(low), BigInt(high) - BigInt(low)];
        const twice = 2n * (BigInt(buyLots) * whole - BigInt(volume) * part);
        expect(twice <= whole && -twice <= whole).toBe(true);
      }),
    );
  });

  test.each(badBars)('refuses high %d, low %d, close %d, volume %d', (...bar) => {
    expect(() => splitBarLots(...bar)).toThrow(expect.objectContaining({ code: 'bad-bar' }));
  });

  test('refuses what is no whole number', () => {
    for (const bar of [
      [1.5, 0, 1, 1],
      [2, 0.5, 1, 1],
      [2, 0, 1.5, 1],
      [2, 0, 1, 0.5],
      [2, 0, 1, 2 ** 53],
      [2, 0, 1, '5'],
      ['2', 0, 1, 5],
    ] as unknown as readonly (readonly [number, number, number, number])[]) {
      expect(() => splitBarLots(...bar)).toThrow(expect.objectContaining({ code: 'bad-bar' }));
    }
  });
});

describe('calculateOhlcImbalanceProxyExact', () => {
  test('is what decimals give where doubles are off', () => {
    expect(calculateOhlcImbalanceProxyExact('0.3', '0.1', '0.2', '5')).toBe('0');
    expect(calculateOhlcImbalanceProxy(0.3, 0.1, 0.2, 5)).not.toBe(0);
    expect(calculateOhlcImbalanceProxyExact(0.3, 0, '0.1', new Decimal(5))).toBe('-0.3333333333333333');
    expect(calculateOhlcImbalanceProxyExact(100, 100, 100, 5)).toBe('0');
    expect(calculateOhlcImbalanceProxyExact(0, 0, 4150, 0)).toBe('0');
  });

  test('agrees with the fast form, and both refuse the same bars', () => {
    const number = fc.oneof(fc.double({ min: -1e6, max: 1e6 }), fc.constantFrom(0, -0, NaN, Infinity, 2 ** 53, -5));
    const outcome = (run: () => number): number | string => {
      try {
        return run();
      } catch (error) {
        if (isOrderflowError(error)) return error.code;
        throw error;
      }
    };
    fc.assert(
      fc.property(number, number, number, number, fc.boolean(), (a, b, c, volume, sorted) => {
        const prices = sorted ? [a, b, c].sort((x, y) => x - y) : [a, b, c];
        const [low, close, high] = prices as [number, number, number];
        const fast = outcome(() => calculateOhlcImbalanceProxy(high, low, close, volume));
        const exact = outcome(() => Number(calculateOhlcImbalanceProxyExact(high, low, close, volume)));
        if (typeof fast === 'string') expect(exact).toBe(fast);
        else expect(Math.abs(fast - Number(exact)) <= 1e-9 || high - low < 1e-3).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
