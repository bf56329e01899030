/** Answers of `scripts/make_goldens.py`: exact fractions from the definitions, nothing shared with this code. */
import { describe, expect, test } from 'vitest';
import computed from './indicators.golden.json' with { type: 'json' };
import type { IndicatorSeries } from './indicators.ts';
import { bollinger, macd, rsi, valueAt } from './indicators.ts';

interface Line {
  readonly count: number;
  readonly at: readonly (readonly [index: number, value: number])[];
}

interface Golden {
  readonly parameters: readonly {
    readonly rsi: number;
    readonly macd: readonly [number, number, number];
    readonly bollinger: readonly [number, number];
  }[];
  readonly cases: readonly {
    readonly name: string;
    readonly closes: readonly number[];
    readonly answers: readonly Readonly<Record<string, Line>>[];
  }[];
}

const golden = computed as unknown as Golden;

/** Relative. The kernels promise 1e-9 after the warm-up and do better. */
const tolerance = 1e-11;

describe.each(golden.cases)('$name', ({ closes, answers }) => {
  golden.parameters.forEach((parameters, p) => {
    const [fastPeriod, slowPeriod, signalPeriod] = parameters.macd;
    const [period, deviations] = parameters.bollinger;
    const lines: Readonly<Record<string, IndicatorSeries>> = {
      rsi: rsi(closes, { period: parameters.rsi }),
      ...macd(closes, { fastPeriod, slowPeriod, signalPeriod }),
      ...bollinger(closes, { period, deviations }),
    };

    test.each(Object.keys(answers[p]!))(`%s agrees with exact fractions, parameters ${p + 1}`, (name) => {
      const { count, at } = answers[p]![name]!;
      const line = lines[name]!;
      expect(line.values).toHaveLength(count);
      if (count > 0) expect(line.from).toBe(at[0]![0]);
      for (const [index, expected] of at) {
        const value = valueAt(line, index)!;
        const error = value === expected ? 0 : Math.abs(value - expected) / Math.abs(expected);
        expect(error, `${name}[${index}] is ${value}, exactly ${expected}`).toBeLessThanOrEqual(tolerance);
      }
    });
  });
});

test('the goldens cover flat, short, jumping, huge and tiny series', () => {
  expect(golden.cases.map(({ name }) => name)).toEqual([
    'walk',
    'decimal-ticks',
    'flat',
    'flat-then-move',
    'rising',
    'falling',
    'gaps-and-runs',
    'large-prices',
    'tiny-prices',
    'negative-prices',
    'short-26',
    'short-15',
    'short-14',
    'one',
    'none',
  ]);
});
