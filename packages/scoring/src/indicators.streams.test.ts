/** Every indicator over bars: stream and batch agree bit for bit, cuts are invisible, nothing looks ahead. */
import { describeReducerContract } from '@tapekit/tooling/contract';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as indicators from './indicators.ts';
import type { IndicatorBar, IndicatorSeries, IndicatorSnapshot, IndicatorStream } from './indicators.ts';
import { toBarColumns, valueAt } from './indicators.ts';

/** Bars of a price path with gaps, standstills, bars without range and bars without volume; shorter than any warm-up too. */
const bar = (unit: number) =>
  fc.record({
    gap: fc.constantFrom(0, 0, 0, 1, -1, 7, -9),
    up: fc.nat(5),
    down: fc.nat(5),
    at: fc.nat(10),
    volume: fc.oneof(fc.constant(0), fc.nat(1_000), fc.double({ min: 0, max: 1e6, noNaN: true })),
    hours: fc.nat(9),
    still: fc.boolean(),
    unit: fc.constant(unit),
  });
const tapes: fc.Arbitrary<readonly IndicatorBar[]> = fc
  .oneof(
    ...[1, 0.01, 0.1, 1e-9, 1e9].map((unit) => fc.array(bar(unit), { maxLength: 45 })),
    fc.array(bar(0.05), { minLength: 30, maxLength: 90 }),
  )
  .map((steps) => {
    let price = 500;
    let startMs = 1_700_000_000_000;
    return steps.map(({ gap, up, down, at, volume, hours, still, unit }) => {
      price += still ? 0 : gap;
      const high = price + (still ? 0 : up);
      const low = price - (still ? 0 : down);
      const close = still ? price : Math.round(low + ((high - low) * at) / 10);
      price = close;
      startMs += hours * 3_600_000;
      return { startMs, high: high * unit, low: low * unit, close: close * unit, volume };
    });
  });

type Lines = Readonly<Record<string, IndicatorSeries>>;

interface Shape {
  readonly name: string;
  readonly options: Readonly<Record<string, number>>;
  /** What it reads of a bar; the close alone where it is a number. */
  readonly fields?: readonly (keyof IndicatorBar)[];
  /** Names of what a point has and a batch does not. */
  readonly view?: (point: never) => unknown;
}

const price = ['high', 'low', 'close'] as const;
const range = ['high', 'low'] as const;
const full = ['high', 'low', 'close', 'volume'] as const;
const shapes: readonly Shape[] = [
  { name: 'sma', options: { period: 5 } },
  { name: 'sma', options: { period: 1 } },
  { name: 'ema', options: { period: 5 } },
  { name: 'ema', options: { period: 1 } },
  { name: 'wma', options: { period: 4 } },
  { name: 'wma', options: { period: 1 } },
  { name: 'hma', options: { period: 9 } },
  { name: 'hma', options: { period: 2 } },
  { name: 'vwma', options: { period: 4 }, fields: ['close', 'volume'] },
  { name: 'vwma', options: { period: 1 }, fields: ['close', 'volume'] },
  { name: 'priceMomentum', options: { period: 3 } },
  { name: 'atr', options: { period: 4 }, fields: price },
  { name: 'atr', options: { period: 1 }, fields: price },
  { name: 'adx', options: { period: 4 }, fields: price },
  { name: 'adx', options: { period: 1 }, fields: price },
  { name: 'stochastic', options: { period: 5, kSmoothing: 3, dPeriod: 2 }, fields: price },
  { name: 'stochastic', options: { period: 1, kSmoothing: 1, dPeriod: 1 }, fields: price },
  { name: 'stochRsi', options: { rsiPeriod: 4, stochPeriod: 5, kSmoothing: 2, dPeriod: 3 } },
  { name: 'cci', options: { period: 5 }, fields: price },
  { name: 'cci', options: { period: 6 }, fields: price },
  { name: 'williamsR', options: { period: 5 }, fields: price },
  { name: 'mfi', options: { period: 4 }, fields: full },
  { name: 'ultimate', options: { shortPeriod: 2, middlePeriod: 4, longPeriod: 7 }, fields: price },
  { name: 'awesome', options: { fastPeriod: 3, slowPeriod: 8 }, fields: range },
  { name: 'elderRay', options: { period: 5 }, fields: price },
  { name: 'donchian', options: { period: 5 }, fields: range },
  {
    name: 'ichimoku',
    options: { conversionPeriod: 3, basePeriod: 7, spanPeriod: 11, displacement: 4 },
    fields: range,
  },
  {
    name: 'ichimoku',
    options: { conversionPeriod: 1, basePeriod: 9, spanPeriod: 9, displacement: 0 },
    fields: range,
  },
  { name: 'cmf', options: { period: 4 }, fields: full },
  { name: 'rvol', options: { period: 4 }, fields: ['volume'] },
  { name: 'obv', options: {}, fields: ['close', 'volume'] },
  { name: 'adl', options: {}, fields: full },
  { name: 'vwap', options: { sessionMs: 86_400_000, utcOffsetMs: 25_200_000 }, fields: ['startMs', ...full] },
  { name: 'vwap', options: { sessionMs: 0, utcOffsetMs: 0 }, fields: ['startMs', ...full] },
  { name: 'supertrend', options: { period: 4, multiplier: 1.5 }, fields: price },
  {
    name: 'fibonacci',
    options: { pivotBars: 2 },
    fields: range,
    view: ({ start, end }: indicators.FibonacciPoint) => ({ start, end }),
  },
  {
    name: 'supportResistance',
    options: { pivotBars: 1, lookback: 12, levels: 2, apart: 0.01 },
    fields: price,
    view: ({ supports, resistances }: indicators.SupportResistancePoint) => ({
      support: supports[0],
      resistance: resistances[0],
    }),
  },
];

type Call = (...inputs: readonly unknown[]) => never;
const call = (name: string): Call => (indicators as unknown as Record<string, Call>)[name]!;
const capital = (name: string): string => name[0]!.toUpperCase() + name.slice(1);

for (const { name, options, fields, view } of shapes) {
  const title = `${name} ${JSON.stringify(options)}`;
  const input = (of: IndicatorBar): unknown => (fields ? of : of.close);
  const create = (): IndicatorStream<unknown, unknown> => call(`create${capital(name)}`)(options);
  const restore = (snapshot: IndicatorSnapshot): IndicatorStream<unknown, unknown> =>
    call(`restore${capital(name)}`)(snapshot, options);
  const seen = (point: unknown): unknown => (point === undefined || view === undefined ? point : view(point as never));
  const batch = (tape: readonly IndicatorBar[]): unknown[] => {
    const columns = toBarColumns(tape);
    const result: Readonly<Record<string, unknown>> = call(name)(fields ? columns : columns.close, options);
    const single = result['values'] instanceof Float64Array;
    const lines = (single ? { value: result } : result) as Lines;
    const from = Math.min(...Object.values(lines).map((line) => line.from));
    const points = Array.from({ length: Math.max(0, tape.length - from) }, (_, i) => {
      const point = Object.fromEntries(Object.entries(lines).map(([key, line]) => [key, valueAt(line, from + i)]));
      return single ? point['value'] : point;
    });
    // A swing is not known before the first; a stream says so as it does for every warm-up.
    return points.filter((point) => point !== undefined && !(name === 'fibonacci' && isEmpty(point)));
  };

  describeReducerContract<IndicatorBar, unknown, IndicatorStream<unknown, unknown>>({
    name: title,
    create,
    restore: (snapshot) => restore(snapshot),
    push: (stream, of) => seen(stream.push(input(of))),
    batch,
    inputs: tapes,
    refused: [{ startMs: Number.NaN, high: Number.NaN, low: -1e200, close: Number.POSITIVE_INFINITY, volume: -1 }],
    runs: 60,
  });

  describe(title, () => {
    test('never changes an earlier value when bars are appended', () => {
      fc.assert(
        fc.property(tapes, fc.nat(100), (tape, cut) => {
          const known = batch(tape.slice(0, cut));
          expect(batch(tape).slice(0, known.length)).toEqual(known);
        }),
        { numRuns: 60 },
      );
    });

    test('gives the same whether the open bar was replaced on the way or not', () => {
      fc.assert(
        fc.property(tapes, tapes, (tape, drafts) => {
          const [direct, revised] = [create(), create()];
          let restored = create();
          tape.forEach((of, i) => {
            const expected = direct.push(input(of));
            const draft = { ...(drafts[i] ?? of), startMs: of.startMs };
            revised.push(input(draft));
            restored.push(input(draft));
            restored = restore(JSON.parse(JSON.stringify(restored.snapshot())) as IndicatorSnapshot);
            revised.replaceLast(input({ ...draft, high: draft.high * 3, close: draft.low, volume: 7 }));
            expect(revised.replaceLast(input(of))).toEqual(expected);
            expect(restored.replaceLast(input(of))).toEqual(expected);
            expect(JSON.stringify(restored.snapshot())).toBe(JSON.stringify(direct.snapshot()));
          });
        }),
        { numRuns: 25 },
      );
    });

    test('takes plain arrays for the same numbers and leaves columns as they were', () => {
      const columns = toBarColumns(fc.sample(tapes, { numRuns: 20, seed: 5 }).sort((a, b) => b.length - a.length)[0]!);
      const plain = Object.fromEntries(Object.entries(columns).map(([key, values]) => [key, [...values]]));
      const before = JSON.stringify(plain);
      expect(call(name)(fields ? columns : columns.close, options)).toEqual(
        call(name)(fields ? plain : plain['close'], options),
      );
      expect(JSON.stringify(Object.fromEntries(Object.entries(columns).map(([k, v]) => [k, [...v]])))).toBe(before);
    });

    test('is empty, not wrong, for no bars', () => {
      expect(batch([])).toEqual([]);
    });

    test('has nothing to replace before the first push', () => {
      const of = { startMs: 0, high: 2, low: 1, close: 1, volume: 1 };
      expect(() => create().replaceLast(input(of))).toThrow('replaceLast was called before the first push.');
    });

    test('refuses a snapshot of another indicator, version or shape', () => {
      const stream = create();
      for (let i = 0; i < 30; i++) {
        stream.push(input({ startMs: i, high: 4 + (i % 3), low: 2, close: 3 + (i % 2), volume: i }));
      }
      const snapshot = stream.snapshot();
      expect(() => restore({ ...snapshot, v: 2 as 1 })).toThrow(/version "2"/);
      expect(() => restore({ ...snapshot, indicator: 'psar' })).toThrow(/snapshot of "psar"/);
      expect(() => restore(undefined as never)).toThrow(/version "undefined"/);
      expect(() => restore({ ...snapshot, state: [...snapshot.state, 1] })).toThrow(/Pass the snapshot as it was/);
      expect(() => restore({ ...snapshot, state: snapshot.state.slice(1) })).toThrow(/Pass the snapshot as it was/);
      expect(() => restore({ ...snapshot, state: snapshot.state.map(() => Number.NaN) })).toThrow(/Pass the snapshot/);
      expect(() => restore({ ...snapshot, last: [] })).toThrow(/Pass the snapshot as it was/);
      expect(() => restore({ ...snapshot, count: -1 })).toThrow(/Pass the snapshot as it was/);
    });
  });
}

function isEmpty(point: unknown): boolean {
  return Object.values(point as object).every((value) => value === undefined);
}
