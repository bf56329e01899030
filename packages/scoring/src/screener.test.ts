import { describe, expect, test } from 'vitest';
import * as indicators from './indicators.ts';
import { lastValue, toBarColumns } from './indicators.ts';
import { allIndicators, latestValues } from './screener.ts';

/** A seeded walk in whole ticks, hourly. */
const bars = Array.from({ length: 300 }, (_, i) => {
  const close = 1_000 + Math.round(50 * Math.sin(i / 7)) + ((i * 37) % 11);
  return { startMs: i * 3_600_000, high: close + (i % 5), low: close - (i % 3), close, volume: (i * 13) % 101 };
});
const columns = toBarColumns(bars);

describe('allIndicators', () => {
  test('has every indicator of bars, each as its own function gives it', () => {
    const all = allIndicators(columns) as unknown as Readonly<Record<string, unknown>>;
    const made = Object.keys(indicators).filter(
      (name) => `create${name[0]!.toUpperCase()}${name.slice(1)}` in indicators,
    );
    expect(Object.keys(all).sort()).toEqual(made.sort());
    const ofCloses = ['rsi', 'macd', 'bollinger', 'sma', 'ema', 'wma', 'hma', 'priceMomentum', 'stochRsi'];
    for (const name of made) {
      const one = (indicators as unknown as Record<string, (input: unknown) => unknown>)[name]!;
      expect(all[name], name).toEqual(one(ofCloses.includes(name) ? columns.close : columns));
    }
  });

  test('lets the sessions of the VWAP begin where the exchange is', () => {
    const jakarta = { utcOffsetMs: 25_200_000 };
    expect(allIndicators(columns, jakarta).vwap).toEqual(indicators.vwap(columns, jakarta));
  });

  test('refuses bars that cannot be', () => {
    expect(() => allIndicators({ ...columns, low: columns.high.map((high) => high + 1) })).toThrow(
      'high "1000" at index 0 is below the low "1001" of the same bar.',
    );
  });
});

describe('latestValues', () => {
  test('names lines by indicator and line', () => {
    const latest = latestValues(allIndicators(columns));
    expect(latest['rsi']).toBe(lastValue(indicators.rsi(columns.close)));
    expect(latest['ichimoku.spanB']).toBe(lastValue(indicators.ichimoku(columns).spanB));
    expect(latest['macd.histogram']).toBe(lastValue(indicators.macd(columns.close).histogram));
  });

  test('leaves unknown what is not known', () => {
    const latest = latestValues(allIndicators(toBarColumns(bars.slice(0, 12))));
    expect(latest['sma']).toBeUndefined();
    expect(latest['priceMomentum']).toBeDefined();
  });
});
