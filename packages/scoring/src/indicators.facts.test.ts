/** Small numbers that a reader can check by hand, the edges of every rule, and what the errors say. */
import { describe, expect, test } from 'vitest';
import * as indicators from './indicators.ts';
import type { IndicatorBar } from './indicators.ts';
import {
  adl,
  adx,
  atr,
  awesome,
  cci,
  cmf,
  createAdx,
  createAtr,
  createIchimoku,
  createRvol,
  createStochastic,
  createSupportResistance,
  createVwap,
  createVwma,
  createWilliamsR,
  donchian,
  elderRay,
  ema,
  fibonacci,
  fibonacciLevels,
  hma,
  ichimoku,
  mfi,
  obv,
  priceMomentum,
  restoreAtr,
  rsi,
  rvol,
  sma,
  stochRsi,
  stochastic,
  supertrend,
  supportResistance,
  toBarColumns,
  ultimate,
  valueAt,
  vwap,
  vwma,
  williamsR,
  wma,
} from './indicators.ts';

/** Bars from [high, low, close, volume], an hour each. */
const bars = (...rows: readonly (readonly [number, number, number, number?])[]): IndicatorBar[] =>
  rows.map(([high, low, close, volume = 1], i) => ({ startMs: i * 3_600_000, high, low, close, volume }));
const columns = (...rows: readonly (readonly [number, number, number, number?])[]) => toBarColumns(bars(...rows));
const flat = columns(...new Array<[number, number, number, number]>(120).fill([101.1, 101.1, 101.1, 7]));

describe('averages', () => {
  test('weigh 1, 2, 6 in threes as 3 (simple) and (1 + 4 + 18) / 6 (linear)', () => {
    expect([...sma([1, 2, 6], { period: 3 }).values]).toEqual([3]);
    expect(wma([1, 2, 6], { period: 3 }).values[0]).toBeCloseTo(23 / 6, 14);
  });

  test('the exponential one starts with the simple mean and takes half of the next distance for a period of 3', () => {
    // (1 + 2 + 6) / 3 = 3; k = 2 / 4, so 3 + (7 − 3) / 2 = 5.
    expect([...ema([1, 2, 6, 7], { period: 3 }).values]).toEqual([3, 5]);
  });

  test('the Hull one lies on a straight line', () => {
    const line = Array.from({ length: 20 }, (_, i) => 3 * i);
    const { from, values } = hma(line);
    expect(from).toBe(10);
    values.forEach((value, o) => expect(value).toBeCloseTo(line[from + o]!, 12));
  });

  test('the volume-weighted one leaves out what did not trade, and has no mean of nothing', () => {
    const { values } = vwma({ close: [10, 20, 30, 40, 50], volume: [1, 3, 0, 0, 2] }, { period: 2 });
    expect([...values]).toEqual([17.5, 20, Number.NaN, 50]);
    const stream = createVwma({ period: 1 });
    expect(stream.push({ close: 10, volume: 0 })).toBeUndefined();
  });

  test('equal closes have exactly their value, whatever came before', () => {
    const closes = [1e12, 3, ...new Array<number>(60).fill(0.1)];
    for (const series of [sma(closes), wma(closes)]) expect(valueAt(series, 61)).toBe(0.1);
    expect(new Set(ema(new Array<number>(60).fill(0.1)).values)).toEqual(new Set([0.1]));
  });
});

describe('ranges', () => {
  test('ATR: the first bar counts with its own range, a gap with the whole way: 2, 5, then (3.5 + 1) / 2', () => {
    // Bars 10–12; 14–15 after a close of 10: 15 − 10 = 5; 14–15 after 14: 1. Period 2: mean 3.5, then 2.25.
    expect([...atr(columns([12, 10, 10], [15, 14, 14], [15, 14, 14]), { period: 2 }).values]).toEqual([3.5, 2.25]);
  });

  test('ADX: rises alone are +DI alone, and an index of 100', () => {
    const rows = Array.from({ length: 12 }, (_, i): [number, number, number] => [i + 2, i, i + 1]);
    const lines = adx(columns(...rows), { period: 3 });
    expect(lines.plusDi.from).toBe(3);
    expect(lines.adx.from).toBe(5);
    expect(lines.plusDi.values[0]).toBeCloseTo(50, 12);
    expect(new Set(lines.minusDi.values)).toEqual(new Set([0]));
    expect(lines.adx.values.at(-1)).toBeCloseTo(100, 12);
  });

  test('supertrend: turns when the close leaves the band in force', () => {
    // Ranges of 2 around 10, 10, 4: bands 10 ± 2 and 8 … 12; a close of 4 is below 8.
    const { line, direction } = supertrend(columns([11, 9, 10], [11, 9, 10], [5, 3, 4]), { period: 1, multiplier: 1 });
    expect([...direction.values]).toEqual([1, 1, -1]);
    expect([...line.values]).toEqual([8, 8, 11]);
  });

  test('Donchian and Williams: extremes of the window, and the close between them', () => {
    const rows = columns([5, 1, 3], [9, 4, 6], [7, 2, 3]);
    expect(donchian(rows, { period: 2 })).toEqual({
      upper: { from: 1, values: Float64Array.of(9, 9) },
      lower: { from: 1, values: Float64Array.of(1, 2) },
      middle: { from: 1, values: Float64Array.of(5, 5.5) },
    });
    // (6 − 9) / 8 and (3 − 9) / 7.
    expect([...williamsR(rows, { period: 2 }).values]).toEqual([-37.5, 100 * (-6 / 7)]);
  });

  test('stochastic: 62.5 and 100 / 7 in the same window, and their mean', () => {
    const { k, d } = stochastic(columns([5, 1, 3], [9, 4, 6], [7, 2, 3]), { period: 2, kSmoothing: 1, dPeriod: 2 });
    expect(k.values[0]).toBe(62.5);
    expect(k.values[1]).toBeCloseTo(100 / 7, 12);
    expect(d.from).toBe(2);
    expect(d.values[0]).toBeCloseTo((62.5 + 100 / 7) / 2, 12);
  });

  test('Ichimoku: the cloud of a bar was drawn displacement bars before it', () => {
    const rows = columns(...Array.from({ length: 90 }, (_, i): [number, number, number] => [i + 1, i - 1, i]));
    const lines = ichimoku(rows);
    expect(Object.fromEntries(Object.entries(lines).map(([name, { from }]) => [name, from]))).toEqual({
      conversion: 8,
      base: 25,
      spanA: 51,
      spanB: 77,
      leadingA: 25,
      leadingB: 51,
    });
    // Middles of i − 8 … i, i − 25 … i and i − 51 … i on a line: i − 4, i − 12.5, i − 25.5.
    expect(valueAt(lines.conversion, 80)).toBe(76);
    expect(valueAt(lines.base, 80)).toBe(67.5);
    expect(valueAt(lines.leadingA, 80)).toBe(71.75);
    expect(valueAt(lines.spanA, 80)).toBe(71.75 - 26);
    expect(valueAt(lines.spanB, 80)).toBe(80 - 25.5 - 26);
  });
});

describe('oscillators', () => {
  test('CCI: three typical prices 1, 2, 6 lie 3 above their mean of 3, with a mean deviation of 2', () => {
    expect(cci(columns([1, 1, 1], [2, 2, 2], [6, 6, 6]), { period: 3 }).values[0]).toBeCloseTo(3 / (0.015 * 2), 12);
  });

  test('MFI: 40 of money up and 30 down is 57.14', () => {
    const rows = columns([10, 10, 10, 5], [20, 20, 20, 2], [15, 15, 15, 2]);
    expect(mfi(rows, { period: 2 }).values[0]).toBeCloseTo(400 / 7, 12);
  });

  test('MFI: decimals that add up to the same price are the same price', () => {
    // 0.3 + 0.1 + 0.2 and 0.4 + 0 + 0.2 differ in the last bit as doubles.
    expect([...mfi(columns([0.3, 0.1, 0.2, 9], [0.4, 0, 0.2, 9]), { period: 1 }).values]).toEqual([50]);
  });

  test('ultimate: closes at the high are 100, at the low 0', () => {
    const at = (close: number) => columns(...new Array<[number, number, number]>(30).fill([5, 1, close]));
    expect(new Set(ultimate(at(5)).values)).toEqual(new Set([100]));
    expect(new Set(ultimate(at(1)).values)).toEqual(new Set([0]));
  });

  test('awesome, momentum and Elder-ray measure distances in prices', () => {
    const rows = columns([2, 0, 1], [4, 2, 3], [9, 5, 8]);
    // Middles 1, 3, 7: the mean of one is 7, that of three 11 / 3.
    expect(awesome(rows, { fastPeriod: 1, slowPeriod: 3 }).values[0]).toBeCloseTo(7 - 11 / 3, 14);
    expect([...priceMomentum([1, 3, 8], { period: 2 }).values]).toEqual([7]);
    // The EMA of 1, 3, 8 starts with their mean 4.
    expect(elderRay(rows, { period: 3 }).bull.values[0]).toBe(5);
    expect(elderRay(rows, { period: 3 }).bear.values[0]).toBe(1);
  });

  test('StochRSI stays in its middle while the RSI stands still after a move', () => {
    const closes = [10, 12, 11, 13, 12, 14, ...new Array<number>(40).fill(14)];
    expect(valueAt(stochRsi(closes, { rsiPeriod: 4, stochPeriod: 5 }).k, 45)).toBe(50);
    const strengths = rsi(closes, { period: 4 }).values.slice(1);
    expect(new Set(strengths)).toHaveProperty('size', 1);
  });

  test('a market that never moved has every oscillator in its middle and no direction', () => {
    const only = (values: Float64Array): number[] => [...new Set(values)];
    expect(only(stochastic(flat).d.values)).toEqual([50]);
    expect(only(stochRsi(flat.close).d.values)).toEqual([50]);
    expect(only(williamsR(flat).values)).toEqual([-50]);
    expect(only(mfi(flat).values)).toEqual([50]);
    expect(only(ultimate(flat).values)).toEqual([50]);
    for (const { values } of [cci(flat), awesome(flat), priceMomentum(flat.close), elderRay(flat).bull, cmf(flat)]) {
      expect(only(values)).toEqual([0]);
    }
    const lines = adx(flat);
    for (const { values } of [lines.plusDi, lines.minusDi, lines.adx, atr(flat), adl(flat), obv(flat)]) {
      expect(only(values)).toEqual([0]);
    }
    expect(only(fibonacci(flat).end.values)).toEqual([Number.NaN]);
    expect(only(supportResistance(flat).support.values)).toEqual([Number.NaN]);
  });
});

describe('volume', () => {
  test('OBV and ADL add up: the multiplier of a close at 109 in 100–110 is 0.8', () => {
    expect([...obv({ close: [1, 2, 2, 1], volume: [5, 3, 4, 1] }).values]).toEqual([0, 3, 3, 2]);
    expect(adl(columns([110, 100, 109, 1001])).values[0]).toBeCloseTo(800.8, 10);
    expect(cmf(columns([110, 100, 109, 30], [110, 100, 100, 10]), { period: 2 }).values[0]).toBeCloseTo(0.35, 14);
  });

  test('OBV does not drift: a million tenths are a hundred thousand', () => {
    const close = Float64Array.from({ length: 1_000_001 }, (_, i) => i);
    expect(obv({ close, volume: new Float64Array(close.length).fill(0.1) }).values.at(-1)).toBeCloseTo(100_000, 9);
  });

  test('RVOL compares with the bars before, not with itself, and with nothing where they traded nothing', () => {
    expect([...rvol({ volume: [2, 4, 9, 0, 0, 5] }, { period: 2 }).values]).toEqual([3, 0, 0, Number.NaN]);
    expect(createRvol({ period: 1 }).push({ volume: 3 })).toBeUndefined();
  });

  test('VWAP begins again with every session, and waits for the first trade of it', () => {
    const day = 86_400_000;
    const rows = bars([10, 10, 10, 1], [20, 20, 20, 3], [30, 30, 30, 0], [40, 40, 40, 2]);
    const at = [0, day - 1, day, day + 1];
    const stamped = rows.map((bar, i) => ({ ...bar, startMs: at[i]! }));
    expect([...vwap(toBarColumns(stamped)).values]).toEqual([10, 17.5, Number.NaN, 40]);
    // Midnight in Jakarta is 17:00 UTC the day before.
    const jakarta = { utcOffsetMs: 25_200_000 };
    expect([...vwap(toBarColumns(stamped), jakarta).values]).toEqual([10, 20, 20, 28]);
  });

  test('VWAP refuses to go back in time, also when the open bar is replaced', () => {
    const [first, second] = bars([2, 1, 1], [3, 1, 2]);
    const stream = createVwap();
    stream.push(second!);
    expect(() => stream.push(first!)).toThrow(
      'startMs "0" at index 1 is before that of the bar before it. Pass the bars oldest first.',
    );
    expect(() => stream.replaceLast(first!)).toThrow(
      'startMs "0" at index 0 is not the "3600000" of the open bar. Push a bar that starts later instead of replacing one.',
    );
    expect(() => vwap(toBarColumns([second!, first!]))).toThrow('startMs "0" at index 1 is before');
  });
});

describe('levels', () => {
  /** Highs and lows around a path with a low of 10 at index 2, a high of 20 at 5, a low of 14 at 7. */
  const path = columns(...[13, 11, 10, 14, 17, 20, 16, 14, 15, 16].map((x): [number, number, number] => [x, x, x]));

  test('a swing is known only when its end is confirmed', () => {
    // pivotBars 1: the low at 2 is told at 3, the high at 5 at 6, the low at 7 at 8.
    const { start, end } = fibonacci(path, { pivotBars: 1 });
    expect([5, 6, 7, 8].map((i) => [valueAt(start, i), valueAt(end, i)])).toEqual([
      [undefined, undefined],
      [10, 20],
      [10, 20],
      [20, 14],
    ]);
  });

  test('retracements divide the swing: 50 % of 10 to 20 is 15', () => {
    expect(fibonacciLevels({ start: 10, end: 20 }, [0, 0.5, 1])).toEqual([
      { ratio: 0, price: 20 },
      { ratio: 0.5, price: 15 },
      { ratio: 1, price: 10 },
    ]);
    expect(fibonacciLevels({ start: 1, end: 0 }).map(({ price }) => price)).toEqual([0.236, 0.382, 0.5, 0.618, 0.786]);
  });

  test('support is the nearest pivot below, not the farthest, and resistance the nearest above', () => {
    const { support, resistance } = supportResistance(path, { pivotBars: 1 });
    expect([3, 6, 8, 9].map((i) => [valueAt(support, i), valueAt(resistance, i)])).toEqual([
      [10, undefined],
      [10, 20],
      [14, 20],
      [14, 20],
    ]);
    const stream = createSupportResistance({ pivotBars: 1, apart: 0 });
    let last;
    for (let i = 0; i < 10; i++) last = stream.push({ high: path.high[i]!, low: path.low[i]!, close: path.close[i]! });
    expect(last).toEqual({ supports: [14, 10], resistances: [20] });
  });
});

describe('long tapes', () => {
  test('agree bit for bit across the chunks that a batch is worked on in', () => {
    let state = 7;
    let close = 50_000;
    const rows = Array.from({ length: 6_500 }, (_, i): IndicatorBar => {
      const draw = (n: number): number => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 1;
        return (state >>> 8) % n;
      };
      const open = close;
      close += draw(41) - 20;
      const [high, low] = [Math.max(open, close) + draw(9), Math.min(open, close) - draw(9)];
      return { startMs: i, high: high / 100, low: low / 100, close: close / 100, volume: draw(50) };
    });
    const all = toBarColumns(rows);
    const cloud = ichimoku(all);
    const direction = adx(all);
    const place = stochastic(all);
    const below = williamsR(all, { period: 3_000 });
    const streams = [createIchimoku(), createStochastic(), createWilliamsR({ period: 3_000 }), createAdx()] as const;
    rows.forEach((bar, i) => {
      const moves = streams[3].push(bar);
      for (const [name, line] of Object.entries(direction)) {
        expect(moves?.[name as keyof typeof moves], `${name} ${i}`).toBe(valueAt(line, i));
      }
      const point = streams[0].push(bar);
      for (const [name, line] of Object.entries(cloud)) {
        expect(point?.[name as keyof typeof point], `${name} ${i}`).toBe(valueAt(line, i));
      }
      expect(streams[1].push(bar)?.k, `k ${i}`).toBe(valueAt(place.k, i));
      expect(streams[2].push(bar), `below ${i}`).toBe(valueAt(below, i));
    });
  });
});

describe('errors', () => {
  test.each([
    [
      () => sma([1], { period: 0 }),
      'period "0" is not a whole number of at least 1. Pass a number of bars, for example 14.',
    ],
    [() => hma([1], { period: 1 }), 'period "1" is not at least 2. Pass for example 9.'],
    [
      () => supertrend(flat, { multiplier: 0 }),
      'multiplier "0" is not a number above 0 and up to 1e6. Pass for example 2.',
    ],
    [() => ichimoku(flat, { basePeriod: 60 }), 'periods "9, 60, 52" fall somewhere. Pass for example 9, 26 and 52.'],
    [() => ichimoku(flat, { displacement: -1 }), 'displacement "-1" is not a whole number of at least 0.'],
    [
      () => awesome(flat, { fastPeriod: 34 }),
      'fastPeriod "34" is not less than slowPeriod "34". Pass for example 5 and 34.',
    ],
    [
      () => ultimate(flat, { longPeriod: 3 }),
      'longPeriod "3" is less than one of the other two. Pass for example 7, 14 and 28.',
    ],
    [() => vwap(flat, { utcOffsetMs: 0.5 }), 'utcOffsetMs "0.5" is not a whole number of milliseconds.'],
    [
      () => fibonacci(flat, { pivotBars: 0 }),
      'pivotBars "0" is not a whole number from 1 to 1000. Pass for example 5.',
    ],
    [
      () => supportResistance(flat, { apart: 1 }),
      'apart "1" is not a part of 1, from 0 on. Pass for example 0.02 for 2 %.',
    ],
    [
      () => atr({ ...flat, close: [1, 2] }),
      'column close has "2" values, expected the 120 of high. Pass one value per bar in every column.',
    ],
    [
      () => atr(columns([1, 2, 1])),
      'high "1" at index 0 is below the low "2" of the same bar. Leave the bar out, or mend it where it comes from.',
    ],
    [
      () => obv({ close: [1, 2], volume: [1, -2] }),
      'volume "-2" at index 1 is below 0. Leave the bar out, or mend it where it comes from.',
    ],
  ])('%#: %s', (act, message) => {
    expect(act).toThrow(message);
  });

  test('options that are undefined are the defaults, and a snapshot is restored with its own options', () => {
    expect(atr(flat, { period: undefined } as never)).toEqual(atr(flat));
    const snapshot = createAtr({ period: 3 }).snapshot();
    expect(restoreAtr(snapshot).snapshot()).toEqual(snapshot);
    expect(() => restoreAtr(snapshot, { period: 14 })).toThrow(
      'snapshot of "atr" was made with period "3", expected "14". ' +
        'Restore with the options of the snapshot, or start afresh and push the bars again.',
    );
    expect(() => restoreAtr({ ...snapshot, options: {} })).toThrow(/made with period "undefined"/);
  });

  test('every default is what the functions use', () => {
    const named = indicators as unknown as Readonly<Record<string, unknown>>;
    const defaults = Object.keys(named).filter((name) => name.endsWith('Defaults'));
    expect(defaults).toHaveLength(27);
    for (const name of defaults) {
      const create = named[`create${name[0]!.toUpperCase()}${name.slice(1, -8)}`] as () => { snapshot(): object };
      const snapshot = create().snapshot() as { readonly options?: object };
      expect(snapshot.options ?? snapshot, name).toMatchObject(named[name] as object);
    }
  });
});
