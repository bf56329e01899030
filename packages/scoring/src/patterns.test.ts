import { describeReducerContract } from '@tapekit/tooling/contract';
import { damaged } from '@tapekit/tooling/hostile';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { divergenceLines, divergences } from './divergences.ts';
import { shapes } from './dtw.ts';
import { isScoringError } from './errors.ts';
import type { PatternBar, PatternReading, PatternsOptions } from './patterns.ts';
import { createPatterns, divergenceLineNames, patterns, restorePatterns } from './patterns.ts';
import { wyckoff } from './wyckoff.ts';

const options: PatternsOptions = {
  wyckoff: { lookback: 5, climaxVolume: 1.2, climaxRange: 1, effortVolume: 1, leastCauseBars: 2 },
  shapes: { lengths: [12, 18], maxCost: 0.1, leastHeight: 2 },
  divergences: { leftBars: 1, rightBars: 1 },
};

/** Whole prices that drift; a delta is unknown now and then. */
function series(seed: number, count: number, gaps: boolean): PatternBar[] {
  let random = seed;
  const next = (below: number): number => {
    random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((random / 2_147_483_648) * below);
  };
  let close = 10_000;
  let drift = 0;
  return Array.from({ length: count }, (_, i) => {
    if (i % 6 === 0) drift = next(31) - 15;
    const open = close;
    close += drift + next(9) - 4;
    const volume = 50 + next(200);
    const bar = { high: Math.max(open, close) + next(9), low: Math.min(open, close) - next(9), close, volume };
    return gaps && next(12) === 0 ? bar : { ...bar, delta: next(volume) - Math.floor(volume / 2) };
  });
}
const walk = fc
  .tuple(fc.integer({ min: 1, max: 2_000_000_000 }), fc.integer({ min: 1, max: 90 }))
  .map(([seed, count]) => series(seed, count, true));

describe('patterns', () => {
  test('gives what each module gives on its own', () => {
    const bars = series(5, 600, false);
    const readings = patterns(bars, options);
    expect(readings.flatMap(({ events }) => events)).toEqual(
      wyckoff(bars, options.wyckoff).flatMap(({ events }) => events),
    );
    expect(readings.flatMap((reading) => reading.shapes)).toEqual(
      shapes(
        bars.map(({ close }) => close),
        options.shapes,
      ),
    );
    const column = (key: 'delta' | 'high' | 'low' | 'volume'): number[] => bars.map((bar) => bar[key]!);
    const lines = divergenceLines({
      ...{ highs: column('high'), lows: column('low'), closes: Float64Array.from(bars, ({ close }) => close) },
      ...{ volumes: column('volume'), deltas: column('delta') },
    });
    for (const name of divergenceLineNames) {
      const found = readings.flatMap((reading) => reading.divergences.filter(({ line }) => line === name));
      const alone = divergences(lines[name]!, options.divergences).map((divergence) => ({ ...divergence, line: name }));
      expect(found).toEqual(alone);
      expect(found.length).toBeGreaterThan(10);
    }
  });

  test('the CVD forgets what came before an unknown delta', () => {
    const bars = series(5, 3_000, true);
    const found = patterns(bars, options).flatMap((reading) =>
      reading.divergences.filter(({ line }) => line === 'cvd'),
    );
    expect(found.length).toBeGreaterThan(50);
    for (const { from, at } of found) {
      expect(bars.slice(from, at + 1).every(({ delta }) => delta !== undefined)).toBe(true);
    }
  });

  test('without any delta the CVD is no line of the component', () => {
    const bars = series(5, 40, false).map(({ high, low, close, volume }) => ({ high, low, close, volume }));
    expect(Object.keys(patterns(bars, options).at(-1)!.components[2]!.inputs)).toEqual(['macd', 'obv', 'rsi']);
    expect(Object.keys(patterns(series(5, 40, false), options).at(-1)!.components[2]!.inputs)).toEqual([
      ...divergenceLineNames,
    ]);
  });

  test('components fade and go missing', () => {
    const names = new Map<string, Set<string>>();
    for (const { components } of patterns(series(9, 3_000, true), options)) {
      for (const { name, quality } of components) names.set(name, (names.get(name) ?? new Set()).add(quality));
    }
    expect([...names.keys()]).toEqual(['wyckoff', 'shape', 'divergence']);
    expect([...names.values()].map((seen) => [...seen].sort())).toEqual(
      Array.from({ length: 3 }, () => ['measured', 'missing']),
    );
  });

  test('bars that come later never change what was said', () => {
    fc.assert(
      fc.property(walk, walk, (past, future) => {
        expect(patterns([...past, ...future], options).slice(0, past.length)).toEqual(patterns(past, options));
      }),
      { numRuns: 40 },
    );
  });

  test('replacing the last bar, with or without a delta, leaves no trace of the bar before', () => {
    fc.assert(
      fc.property(walk, fc.array(fc.nat(3), { minLength: 90, maxLength: 90 }), (bars, tries) => {
        const stream = createPatterns(options);
        const readings = bars.map((bar, i) => {
          const other = { high: 99_999, low: 1, close: 500, volume: 1e6 };
          const first = tries[i] === 0 ? bar : tries[i] === 1 ? other : { ...other, delta: 7 };
          stream.push(first);
          if (tries[i] === 3) stream.replaceLast(other);
          return stream.replaceLast(bar);
        });
        expect(readings).toEqual(patterns(bars, options));
      }),
      { numRuns: 60 },
    );
  });

  test('mirrored bars give 100 − the score of every component, also where one bar is both pivots', () => {
    const random = (seed: number): PatternBar[] =>
      series(seed, 400, true).map((bar, i) => (i % 5 === 0 ? { ...bar, high: bar.high + 12, low: bar.low - 12 } : bar));
    let both = 0;
    for (const seed of [3, 4, 5]) {
      const bars = random(seed);
      const mirrored = bars.map(({ high, low, close, delta, ...rest }) => ({
        ...{ ...rest, high: 32_768 - low, low: 32_768 - high, close: 32_768 - close },
        ...(delta === undefined ? {} : { delta: -delta }),
      }));
      const turned = patterns(mirrored, options);
      patterns(bars, options).forEach((reading, i) => {
        const sides = new Set(reading.divergences.map(({ line, at }) => `${line} ${at}`));
        if (sides.size < reading.divergences.length) both += 1;
        const points = (score: number | undefined): number | undefined =>
          score === undefined ? undefined : Math.round(1e6 * score);
        expect(
          turned[i]!.components.map(({ score }) => (score === undefined ? undefined : 100e6 - points(score)!)),
        ).toEqual(reading.components.map(({ score }) => points(score)));
      });
    }
    expect(both).toBeGreaterThan(10);
  });

  test('refuses a hostile snapshot by name instead of carrying on with it', () => {
    const stream = createPatterns(options);
    const bars = series(9, 400, true);
    let snapshot = stream.snapshot();
    for (const bar of bars) {
      stream.push(bar);
      if (stream.snapshot().liveShapes.length > 0) snapshot = stream.snapshot();
    }
    const [shape] = snapshot.liveShapes;
    const [line, found] = Object.entries(snapshot.liveDivergences)[0]!;
    const hostile: readonly object[] = [
      { liveShapes: [null] },
      { liveShapes: [{ ...shape, cost: -1e9 }] },
      { liveShapes: [{ ...shape, confirmedAt: 1e9 }] },
      { liveShapes: [{ ...shape, name: 'no such template' }] },
      { liveShapes: [{ ...shape, side: 'bull', name: 'double-top' }] },
      { liveShapes: new Array(10_000).fill(shape) },
      { liveDivergences: null },
      { liveDivergences: [] },
      { liveDivergences: { ...snapshot.liveDivergences, [line]: null } },
      { liveDivergences: { ...snapshot.liveDivergences, [line]: [{ side: 'up', confirmedAt: 1e9 }] } },
      { liveDivergences: { ...snapshot.liveDivergences, [line]: found.map((one) => ({ ...one, confirmedAt: 1e9 })) } },
      { liveDivergences: { nothing: found } },
      { last: { ...snapshot.last, close: 'x' } },
      { lines: null },
      { wyckoff: { ...snapshot.wyckoff, lookback: 4e9 } },
      { count: snapshot.count + 1 },
    ];
    for (const damage of hostile) {
      let error: unknown;
      try {
        restorePatterns({ ...snapshot, ...damage }, options);
      } catch (thrown) {
        error = thrown;
      }
      expect(isScoringError(error, 'bad-snapshot') || JSON.stringify(damage)).toBe(true);
    }
    expect(restorePatterns(snapshot, options).snapshot()).toEqual(snapshot);
  });

  test('a snapshot that is damaged anywhere is refused as one, or goes on with finite numbers', () => {
    const bars = series(9, 460, true);
    const stream = createPatterns(options);
    for (const bar of bars.slice(0, 400)) stream.push(bar);
    const snapshot = stream.snapshot();
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(undefined, null, -1, 1e308, 0.5, 'x', true, [], {}), (place, put) => {
        let restored: ReturnType<typeof createPatterns>;
        try {
          restored = restorePatterns(damaged(snapshot, place, put) as never, options);
        } catch (error) {
          if (!isScoringError(error, 'bad-snapshot')) throw error;
          return;
        }
        const isFinite = (value: unknown): boolean =>
          typeof value === 'number'
            ? Number.isFinite(value)
            : typeof value !== 'object' || value === null || Object.values(value).every(isFinite);
        for (const bar of bars.slice(400)) expect(isFinite(restored.push(bar))).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  test('refuses what is no bar or no snapshot, and keeps its state', () => {
    const stream = createPatterns(options);
    expect(() => stream.replaceLast(series(1, 1, false)[0]!)).toThrow('before the first push');
    stream.push(series(1, 1, false)[0]!);
    const before = JSON.stringify(stream.snapshot());
    expect(() => stream.push({ high: 1, low: 2, close: 1, volume: 1 })).toThrow('expected low ≤ close ≤ high');
    expect(() => stream.push({ high: 1, low: 1, close: 1, volume: 1, delta: Number.NaN })).toThrow(
      'delta "NaN" of bar 1',
    );
    expect(JSON.stringify(stream.snapshot())).toBe(before);
    expect(() => restorePatterns({ ...stream.snapshot(), v: 2 as 1 }, options)).toThrow('version "2"');
    expect(() => restorePatterns({ ...stream.snapshot(), count: 0 }, options)).toThrow(
      'Pass the snapshot as it was taken.',
    );
    expect(() => restorePatterns(null as never, options)).toThrow('Pass the snapshot as it was taken.');
  });
});

describeReducerContract<PatternBar, PatternReading, ReturnType<typeof createPatterns>>({
  name: 'createPatterns',
  create: () => createPatterns(options),
  restore: (snapshot) => restorePatterns(snapshot, options),
  inputs: walk,
  batch: (bars) => patterns(bars, options),
  refused: [{ high: 1, low: 2, close: 1, volume: 1 }],
  runs: 15,
});
