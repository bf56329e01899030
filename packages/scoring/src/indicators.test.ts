import { describeReducerContract } from '@tapekit/tooling/contract';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isScoringError } from './errors.ts';
import type { Bollinger, IndicatorSeries, Macd, Rsi } from './indicators.ts';
import {
  bollinger,
  bollingerDefaults,
  createBollinger,
  createMacd,
  createRsi,
  lastValue,
  macd,
  macdDefaults,
  restoreBollinger,
  restoreMacd,
  restoreRsi,
  rsi,
  rsiDefaults,
  valueAt,
} from './indicators.ts';

/** Walks with runs, jumps and sizes that JSON and rounding have to survive; also shorter than any warm-up. */
const tapes = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 60 }),
  fc.array(
    fc.integer({ min: 1, max: 1_000_000 }).map((cents) => cents / 100),
    { maxLength: 60 },
  ),
  fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 60 }),
  fc.array(fc.constantFrom(100, 100, 100, 100.1), { maxLength: 60 }),
  fc.array(fc.double({ min: 1e-12, max: 1e15, noNaN: true }), { maxLength: 40 }),
);

const smallMacd = { fastPeriod: 3, slowPeriod: 8, signalPeriod: 4 };
const shapes = [
  {
    name: 'rsi',
    create: () => createRsi({ period: 5 }),
    restore: (snapshot: never) => restoreRsi(snapshot, { period: 5 }),
    batch: (closes: readonly number[]) => points(closes, { value: rsi(closes, { period: 5 }) }, (p) => p['value']),
  },
  {
    name: 'macd',
    create: () => createMacd(smallMacd),
    restore: (snapshot: never) => restoreMacd(snapshot, smallMacd),
    batch: (closes: readonly number[]) => points(closes, { ...macd(closes, smallMacd) }, (p) => p),
  },
  {
    name: 'macd with periods of 1',
    create: () => createMacd({ fastPeriod: 1, slowPeriod: 2, signalPeriod: 1 }),
    restore: (snapshot: never) => restoreMacd(snapshot),
    batch: (closes: readonly number[]) =>
      points(closes, { ...macd(closes, { fastPeriod: 1, slowPeriod: 2, signalPeriod: 1 }) }, (p) => p),
  },
  {
    name: 'bollinger',
    create: () => createBollinger({ period: 7, deviations: 1.5 }),
    restore: (snapshot: never) => restoreBollinger(snapshot, { period: 7, deviations: 1.5 }),
    batch: (closes: readonly number[]) =>
      points(closes, { ...bollinger(closes, { period: 7, deviations: 1.5 }) }, (p) => p),
  },
] as const;

for (const { name, create, restore, batch } of shapes) {
  describeReducerContract<number, unknown, Rsi | Macd | Bollinger>({
    name,
    create,
    restore,
    batch,
    inputs: tapes,
    refused: [Number.NaN, Number.POSITIVE_INFINITY, -1e200],
  });

  describe(name, () => {
    test('never changes an earlier value when bars are appended', () => {
      fc.assert(
        fc.property(tapes, tapes, (past, future) => {
          const all = batch([...past, ...future]);
          const known = batch(past);
          expect(all.slice(0, known.length)).toEqual(known);
        }),
      );
    });

    test('gives the same whether the open bar was replaced on the way or not', () => {
      fc.assert(
        fc.property(tapes, fc.double({ min: -1e9, max: 1e9, noNaN: true }), (tape, draft) => {
          const [direct, revised] = [create(), create()];
          for (const close of tape) {
            const expected = direct.push(close);
            revised.push(draft);
            revised.replaceLast(draft / 3);
            const restored = restore(JSON.parse(JSON.stringify(revised.snapshot())) as never);
            expect(revised.replaceLast(close)).toEqual(expected);
            expect(restored.replaceLast(close)).toEqual(expected);
          }
        }),
        { numRuns: 40 },
      );
    });

    test('takes a typed array for the same numbers and leaves it as it was', () => {
      const closes = Float64Array.from({ length: 40 }, (_, i) => 100 + ((i * 7) % 11));
      const before = [...closes];
      expect(batch(closes as unknown as readonly number[])).toEqual(batch(before));
      expect([...closes]).toEqual(before);
    });

    test('has nothing to replace before the first push', () => {
      expect(() => create().replaceLast(1)).toThrow(
        'replaceLast was called before the first push. Push the open bar first.',
      );
    });

    test('refuses a snapshot of another indicator, version or shape', () => {
      const snapshot = { ...create().snapshot() };
      expect(() => restore({ ...snapshot, v: 2 } as never)).toThrow(/version "2"/);
      expect(() => restore({ ...snapshot, indicator: 'sma' } as never)).toThrow(/snapshot of "sma"/);
      expect(() => restore(undefined as never)).toThrow(/version "undefined"/);
      for (const part of ['state', 'window', 'previous'].filter((key) => key in snapshot)) {
        expect(() => restore({ ...snapshot, [part]: { count: 1.5 } } as never)).toThrow(/Pass the snapshot as it was/);
      }
    });
  });
}

describe('rsi', () => {
  test('is the share of the average gain: 2 up and 1 down is 66.67, then Wilder smooths', () => {
    // Gains 1, 0, 1 and losses 0, 1, 0 → averages 2/3 and 1/3; then a loss of 2 → (4/3)/3 and (2/3 + 2)/3.
    const { from, values } = rsi([10, 11, 10, 11, 9], { period: 3 });
    expect(from).toBe(3);
    expect(values[0]).toBeCloseTo(66.666_666_666_666_67, 12);
    expect(values[1]).toBeCloseTo(33.333_333_333_333_33, 12);
  });

  test('is 100 for gains alone, 0 for losses alone, 50 for a series that never moved', () => {
    const up = Array.from({ length: 30 }, (_, i) => 0.1 * i);
    expect(new Set(rsi(up).values)).toEqual(new Set([100]));
    expect(new Set(rsi(up.map((x) => -x)).values)).toEqual(new Set([0]));
    expect(new Set(rsi(new Array<number>(30).fill(0.1)).values)).toEqual(new Set([50]));
  });

  test('keeps its last value through 20 000 closes that stand still', () => {
    const { values } = rsi([10, 12, 11, ...new Array<number>(20_000).fill(11)], { period: 2 });
    expect(values[0]).toBeCloseTo(66.67, 2);
    expect(values.at(-1)).toBeCloseTo(values[0]!, 10);
  });

  test('stays within 0 to 100', () => {
    fc.assert(
      fc.property(tapes, (tape) => {
        for (const value of rsi(tape, { period: 3 }).values) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(100);
        }
      }),
    );
  });
});

describe('macd', () => {
  test('starts each line where it is known, without padding', () => {
    const closes = Array.from({ length: 34 }, (_, i) => 100 + (i % 5));
    const lines = macd(closes);
    expect(lines.macd).toMatchObject({ from: 25 });
    expect(lines.macd.values).toHaveLength(9);
    expect(lines.signal).toMatchObject({ from: 33 });
    expect(lines.signal.values).toHaveLength(1);
    // The first signal is the mean of the first nine MACD values.
    expect(lines.signal.values[0]).toBeCloseTo(lines.macd.values.reduce((a, b) => a + b) / 9, 12);
  });

  test('is the lag difference of a steady trend: step × (26 − 12) / 2, histogram 0', () => {
    const lines = macd(Array.from({ length: 60 }, (_, i) => 0.1 * i));
    expect(lastValue(lines.macd)).toBeCloseTo(0.7, 12);
    expect(lastValue(lines.histogram)).toBeCloseTo(0, 12);
  });

  test('is exactly 0 in a market that never moved, at any price', () => {
    for (const price of [0.1, 101.1, 1e12 + 0.3]) {
      const lines = macd(new Array<number>(50).fill(price));
      for (const line of Object.values(lines) as IndicatorSeries[]) expect(new Set(line.values)).toEqual(new Set([0]));
    }
  });

  test('fades to nothing when the market stops, leaving no rounding noise', () => {
    const lines = macd([1, 2, 1e6 + 0.1, ...new Array<number>(2_000).fill(1e6 + 0.1)]);
    expect(Math.abs(lastValue(lines.macd)!)).toBeLessThan(1e-60);
    expect(Math.abs(lastValue(lines.histogram)!)).toBeLessThan(1e-60);
  });
});

describe('bollinger', () => {
  test('uses the population deviation: 1, 2, 3, 4 has mean 2.5 and deviation √1.25', () => {
    const lines = bollinger([1, 2, 3, 4], { period: 4 });
    expect(lines.middle).toEqual({ from: 3, values: Float64Array.of(2.5) });
    expect(lastValue(lines.deviation)).toBe(Math.sqrt(1.25));
    expect(lastValue(lines.upper)).toBe(2.5 + 2 * Math.sqrt(1.25));
    expect(lastValue(lines.lower)).toBe(2.5 - 2 * Math.sqrt(1.25));
  });

  test('has exactly no width over equal closes, also after a wild bar', () => {
    const lines = bollinger([1e9, ...new Array<number>(20).fill(0.1)]);
    expect(valueAt(lines.deviation, 19)).toBeGreaterThan(1e8);
    expect(valueAt(lines.deviation, 20)).toBe(0);
    expect(valueAt(lines.middle, 20)).toBe(0.1);
  });
});

describe('options and values', () => {
  test('defaults are 14, 12/26/9 and 20/2', () => {
    expect(rsiDefaults).toEqual({ period: 14 });
    expect(macdDefaults).toEqual({ fastPeriod: 12, slowPeriod: 26, signalPeriod: 9 });
    expect(bollingerDefaults).toEqual({ period: 20, deviations: 2 });
  });

  test.each([0, -1, 2.5, Number.NaN, Number.POSITIVE_INFINITY])('a period of %s is refused', (period) => {
    for (const call of [() => rsi([], { period }), () => createRsi({ period }), () => bollinger([], { period })]) {
      expect(call).toThrow(
        `period "${period}" is not a whole number of at least 1. Pass a number of bars, for example 14.`,
      );
    }
  });

  test('a fast period that is not shorter than the slow one is refused', () => {
    expect(() => createMacd({ fastPeriod: 26 })).toThrow(
      'fastPeriod "26" is not less than slowPeriod "26". Swap them, or pass for example 12 and 26.',
    );
  });

  test.each([0, -2, Number.NaN, 1e7])('a band width of %s deviations is refused', (deviations) => {
    expect(() => bollinger([], { deviations })).toThrow(
      `deviations "${deviations}" is not a number above 0 and up to 1e6. Pass for example 2.`,
    );
  });

  test('a value that is no number is named with its index', () => {
    const closes = [1, 2, 3, Number.NaN, 5];
    for (const call of [() => rsi(closes), () => macd(closes), () => bollinger(Float64Array.from(closes))]) {
      expect(call).toThrow(
        'value "NaN" at index 3 is not a finite number within ±1e150. Leave the bar out, or mend it where it comes from.',
      );
    }
    const stream = createRsi();
    stream.push(1);
    try {
      stream.push(Number.NEGATIVE_INFINITY);
      expect.unreachable();
    } catch (error) {
      expect(isScoringError(error, 'bad-value')).toBe(true);
      expect((error as Error).message).toContain('"-Infinity" at index 1');
    }
  });

  test('restoring with other options than the snapshot was made with is refused', () => {
    const snapshot = createRsi({ period: 5 }).snapshot();
    expect(() => restoreRsi(snapshot, { period: 14 })).toThrow(
      'snapshot of "rsi" was made with period "5", expected "14". ' +
        'Restore with the options of the snapshot, or start afresh and push the bars again.',
    );
    expect(restoreRsi(snapshot).snapshot()).toEqual(snapshot);
  });

  test('values outside a series are unknown', () => {
    const series = { from: 2, values: Float64Array.of(50, 60) };
    expect([1, 2, 3, 4].map((index) => valueAt(series, index))).toEqual([undefined, 50, 60, undefined]);
    expect(lastValue({ from: 2, values: new Float64Array(0) })).toBeUndefined();
  });
});

/** The batch lines as the stream would have given them: one entry for each bar where the first line is known. */
function points(
  closes: readonly number[],
  lines: Readonly<Record<string, IndicatorSeries>>,
  pick: (point: Readonly<Record<string, number | undefined>>) => unknown,
): unknown[] {
  const from = Math.min(...Object.values(lines).map((line) => line.from));
  return Array.from({ length: Math.max(0, closes.length - from) }, (_, i) =>
    pick(Object.fromEntries(Object.entries(lines).map(([name, line]) => [name, valueAt(line, from + i)]))),
  );
}
