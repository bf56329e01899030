/** Answers of `scripts/make_bar_goldens.py`: exact fractions from the definitions, nothing shared with this code. */
import { describe, expect, test } from 'vitest';
import computed from './indicators.bars.golden.json' with { type: 'json' };
import * as indicators from './indicators.ts';
import type { IndicatorSeries } from './indicators.ts';
import { valueAt } from './indicators.ts';

interface Line {
  readonly count: number;
  readonly at: readonly (readonly [index: number, value: number | null])[];
}

interface Golden {
  readonly parameters: readonly Readonly<Record<string, readonly number[]>>[];
  readonly cases: readonly {
    readonly name: string;
    readonly unit: number;
    readonly bars: readonly (readonly [high: number, low: number, close: number, volume: number])[];
    readonly answers: readonly Readonly<Record<string, Readonly<Record<string, Line>>>>[];
  }[];
}

const golden = computed as unknown as Golden;

type Call = (bars: unknown, options?: unknown) => Readonly<Record<string, IndicatorSeries>> | IndicatorSeries;
const all = indicators as unknown as Readonly<Record<string, Call & Readonly<Record<string, number>>>>;
const ofCloses = new Set(['sma', 'ema', 'wma', 'hma', 'priceMomentum', 'stochRsi']);

/** Relative. The kernels promise 1e-9 after the warm-up and do better. */
const tolerance = 1e-11;

describe.each(golden.cases)('$name', ({ unit, bars, answers }) => {
  const columns = {
    startMs: bars.map((_, i) => i * 3 * 3_600_000),
    high: bars.map(([high]) => high / unit),
    low: bars.map(([, low]) => low / unit),
    close: bars.map(([, , close]) => close / unit),
    volume: bars.map(([, , , volume]) => volume),
  };

  golden.parameters.forEach((parameters, p) => {
    test.each(Object.keys(parameters))(`%s agrees with exact fractions, parameters ${p + 1}`, (name) => {
      const names = Object.keys(all[`${name}Defaults`] ?? {});
      const options = Object.fromEntries(names.map((key, i) => [key, parameters[name]![i]]));
      const result = all[name]!(ofCloses.has(name) ? columns.close : columns, options);
      const lines = (result.values instanceof Float64Array ? { value: result } : result) as Record<
        string,
        IndicatorSeries
      >;
      expect(Object.keys(lines).sort()).toEqual(Object.keys(answers[p]![name]!).sort());
      for (const [key, { count, at }] of Object.entries(answers[p]![name]!)) {
        const line = lines[key]!;
        expect(
          line.values.filter((value) => !Number.isNaN(value)),
          `values of ${key}`,
        ).toHaveLength(count);
        for (const [index, expected] of at) {
          const value = valueAt(line, index);
          if (expected === null) expect(value, `${key}[${index}]`).toBeUndefined();
          else {
            const allowed = tolerance * Math.abs(expected);
            expect(value, `${key}[${index}]`).toBeDefined();
            const error = Math.abs(value! - expected);
            expect(error, `${key}[${index}] is ${value}, exactly ${expected}`).toBeLessThanOrEqual(allowed);
          }
        }
      }
    });
  });
});

test('the goldens cover every indicator of bars, and flat, short, jumping, huge, tiny and untraded series', () => {
  expect(golden.cases.map(({ name }) => name)).toEqual([
    'walk',
    'decimal-ticks',
    'flat',
    'flat-without-volume',
    'gaps-and-standstills',
    'thin',
    'rising',
    'falling',
    'large-prices',
    'tiny-prices',
    'short-27',
    'short-14',
    'short-2',
    'one',
    'none',
  ]);
  const made = Object.keys(all).filter((name) => `create${name[0]!.toUpperCase()}${name.slice(1)}` in all);
  expect(made.sort()).toEqual([...Object.keys(golden.parameters[0]!), 'bollinger', 'macd', 'rsi'].sort());
});
