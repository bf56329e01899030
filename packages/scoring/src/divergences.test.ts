import { describeReducerContract } from '@tapekit/tooling/contract';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Divergence, DivergencePoint } from './divergences.ts';
import {
  createDivergences,
  divergenceLines,
  divergences,
  restoreDivergences,
  scoreDivergences,
} from './divergences.ts';

const codeOf = (call: () => unknown): unknown => {
  try {
    return call() && 'nothing';
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};
const short = { leftBars: 1, rightBars: 2 };

/** Bars one unit high around the given tops. */
const tops = (highs: readonly number[], line: readonly (number | undefined)[]): DivergencePoint[] =>
  highs.map((high, i) => ({ high, low: high - 1, line: line[i] }));
const mirrored = (points: readonly DivergencePoint[]): DivergencePoint[] =>
  points.map(({ high, low, line }) => ({ high: -low, low: -high, line: line === undefined ? undefined : -line }));

describe('divergences', () => {
  const highs = [10, 12, 11, 11, 13, 11, 10];

  test('a higher high with a lower line is bear, known when the bars after it have closed', () => {
    expect(divergences(tops(highs, [50, 70, 60, 60, 65, 55, 50]), short)).toEqual([
      {
        ...{ side: 'bear', kind: 'regular', from: 1, at: 4, confirmedAt: 6 },
        ...{ prices: [12, 13], lines: [70, 65] },
      },
    ]);
    expect(divergences(tops(highs.slice(0, 6), [50, 70, 60, 60, 65, 55]), short)).toEqual([]);
  });

  test('a lower high with a higher line is a hidden bear divergence', () => {
    const points = tops([10, 13, 11, 11, 12, 11, 10], [50, 65, 60, 60, 70, 55, 50]);
    expect(divergences(points, short)).toMatchObject([{ side: 'bear', kind: 'hidden', from: 1, at: 4 }]);
  });

  test('upside down it is bull', () => {
    const found = divergences(mirrored(tops(highs, [50, 70, 60, 60, 65, 55, 50])), short);
    expect(found).toMatchObject([
      { side: 'bull', kind: 'regular', from: 1, at: 4, prices: [-12, -13], lines: [-70, -65] },
    ]);
  });

  test('a line that goes along, or is equal, is no divergence', () => {
    expect(divergences(tops(highs, [50, 70, 60, 60, 75, 55, 50]), short)).toEqual([]);
    expect(divergences(tops(highs, [50, 70, 60, 60, 70, 55, 50]), short)).toEqual([]);
  });

  test('an unknown line is no pivot, and pivots too far apart are not compared', () => {
    expect(divergences(tops(highs, [50, undefined, 60, 60, 65, 55, 50]), short)).toEqual([]);
    expect(divergences(tops(highs, [50, 70, 60, 60, 65, 55, 50]), { ...short, maxBars: 2 })).toEqual([]);
    expect(divergences(tops(highs, [50, 70, 60, 60, 65, 55, 50]), { ...short, maxBars: 3 })).toHaveLength(1);
  });

  test('of two equal highs the first is the pivot', () => {
    const points = tops([10, 12, 12, 11, 11, 13, 13, 11, 10], [50, 70, 75, 60, 60, 65, 60, 55, 50]);
    expect(divergences(points, short)).toMatchObject([{ from: 1, at: 5, lines: [70, 65] }]);
  });

  test('refuses what is no bar', () => {
    expect(() => divergences([{ high: 1, low: 2 }])).toThrow('high "1" of bar 0 is not at or above its low "2".');
    expect(() => divergences([{ high: 1, low: 0, line: Number.NaN }])).toThrow('line "NaN" of bar 0');
    expect(() => divergences([], { maxBars: 3 })).toThrow('maxBars "3" is not above leftBars "3"');
    expect(() => createDivergences().replaceLast({ high: 1, low: 0 })).toThrow('before the first push');
  });

  test('refuses snapshots that are none', () => {
    const stream = createDivergences(short);
    for (const point of tops(highs, highs)) stream.push(point);
    const snapshot = stream.snapshot();
    expect(() => restoreDivergences({ ...snapshot, points: [] })).toThrow('"0 of 7" for points');
    expect(() => restoreDivergences(snapshot, { leftBars: 9 })).toThrow('leftBars');
    const state = { ...snapshot.state, high: {} as never };
    expect(() => restoreDivergences({ ...snapshot, state })).toThrow('for state.high');
    for (const damage of [
      { leftBars: -1 },
      { leftBars: 4e9, maxBars: 5e9 },
      { points: snapshot.points.map((point) => ({ ...point, high: 1e308 })) },
      { points: snapshot.points.map((point) => ({ ...point, high: point.low - 1 })) },
      { state: { ...snapshot.state, high: { at: 1e9, price: 1, line: 1 } } },
      { state: { ...snapshot.state, high: { at: 0, price: 1e308, line: 1 } } },
    ]) {
      expect(codeOf(() => restoreDivergences({ ...snapshot, ...damage }))).toBe('bad-snapshot');
    }
    expect(codeOf(() => createDivergences({ leftBars: 1e9, maxBars: 2e9 }))).toBe('bad-option');
  });
});

const walk: fc.Arbitrary<readonly DivergencePoint[]> = fc.array(
  fc
    .tuple(
      fc.integer({ min: -20, max: 20 }),
      fc.integer({ min: 0, max: 4 }),
      fc.option(fc.integer({ min: -9, max: 9 }), { nil: undefined, freq: 9 }),
    )
    .map(([low, height, line]) => ({ low, high: low + height, line })),
  { maxLength: 60 },
);

describe('divergences over random series', () => {
  test('bars that come later never change what was said', () => {
    fc.assert(
      fc.property(walk, walk, (past, future) => {
        const whole = divergences([...past, ...future], short);
        expect(whole.filter(({ confirmedAt }) => confirmedAt < past.length)).toEqual(divergences(past, short));
      }),
    );
  });

  test('mirrored prices and lines give the mirrored divergences', () => {
    const key = (d: Divergence): string =>
      [d.side, d.kind, d.from, d.at, d.confirmedAt, ...d.prices, ...d.lines].join();
    fc.assert(
      fc.property(walk, (points) => {
        const turned = divergences(mirrored(points), short).map((d) => ({
          ...d,
          side: d.side === 'bull' ? ('bear' as const) : ('bull' as const),
          prices: [-d.prices[0] + 0, -d.prices[1] + 0] as const,
          lines: [-d.lines[0] + 0, -d.lines[1] + 0] as const,
        }));
        expect(turned.map(key).sort()).toEqual(divergences(points, short).map(key).sort());
      }),
    );
  });

  test('replacing the last bar leaves no trace of the bar before', () => {
    fc.assert(
      fc.property(walk, (points) => {
        const stream = createDivergences(short);
        const found = points.flatMap((point) => {
          stream.push({ high: 1e6, low: -1e6, line: 1e6 });
          return stream.replaceLast(point);
        });
        expect(found).toEqual(divergences(points, short));
      }),
    );
  });
});

describeReducerContract<DivergencePoint, Divergence, ReturnType<typeof createDivergences>>({
  name: 'createDivergences',
  create: () => createDivergences(short),
  restore: (snapshot) => restoreDivergences(snapshot, short),
  inputs: walk,
  batch: (points) => divergences(points, short),
  refused: [{ high: 0, low: 1 }],
});

describe('divergenceLines', () => {
  const closes = Float64Array.from([10, 12, 12, 11]);
  const input = { highs: [11, 13, 13, 12], lows: [9, 11, 11, 10], closes };

  test('sums volume by the direction of the close, and delta as it is', () => {
    const { obv, cvd } = divergenceLines({ ...input, volumes: [5, 6, 7, 8], deltas: [1, -2, 3, 4] });
    expect(obv!.map(({ line }) => line)).toEqual([0, 6, 6, -2]);
    expect(cvd!.map(({ line }) => line)).toEqual([1, -1, 2, 6]);
  });

  test('leaves out what is unknown', () => {
    expect(Object.keys(divergenceLines(input))).toEqual(['rsi', 'macd']);
    expect(divergenceLines(input).rsi!.every(({ line }) => line === undefined)).toBe(true);
  });
});

describe('scoreDivergences', () => {
  const bull: Divergence = {
    side: 'bull',
    kind: 'regular',
    from: 3,
    at: 9,
    confirmedAt: 12,
    prices: [10, 9],
    lines: [20, 30],
  };
  const bear: Divergence = { ...bull, side: 'bear', kind: 'hidden' };

  test('a fresh regular divergence of the only line is worth 50 points, and fades', () => {
    const scoreAt = (at: number): number | undefined => scoreDivergences({ rsi: [bull] }, at, { fadeBars: 10 }).score;
    expect([11, 12, 17, 21, 22].map(scoreAt)).toEqual([undefined, 100, 75, 55, undefined]);
  });

  test('lines are averaged, hidden ones count half', () => {
    // (1 − 0.5) ÷ 2 lines
    expect(scoreDivergences({ rsi: [bull], obv: [bear] }, 12)).toMatchObject({
      score: 62.5,
      inputs: { rsi: 1, obv: -0.5 },
    });
  });

  test('of a bar that is both pivots both count: for and against cancel, in either order', () => {
    const fresh: Divergence = { ...bear, kind: 'regular' };
    expect(scoreDivergences({ rsi: [bull, fresh] }, 12)).toMatchObject({ score: 50, inputs: { rsi: 0 } });
    expect(scoreDivergences({ rsi: [fresh, bull] }, 12).score).toBe(50);
    // 1 − 0.5
    expect(scoreDivergences({ rsi: [bull, bear] }, 12)).toMatchObject({ score: 75, inputs: { rsi: 0.5 } });
  });

  test('the latest is the one that was known last, wherever it stands in the list', () => {
    const later: Divergence = { ...bear, kind: 'regular', at: 10, confirmedAt: 13 };
    expect(scoreDivergences({ rsi: [later, bull] }, 13).score).toBe(0);
  });

  test('says its rule, which gives the score from the inputs', () => {
    const { rule, score, inputs } = scoreDivergences({ rsi: [bull], obv: [bear], macd: [] }, 12);
    expect(rule).toBe('50 + 50 × Σ inputs ÷ 3 lines, a line without one counts 0');
    expect(score).toBeCloseTo(50 + (50 * (inputs['rsi']! + inputs['obv']!)) / 3, 5);
  });

  test('is missing without any, not 50', () => {
    expect(scoreDivergences({ rsi: [] }, 5)).toEqual({
      ...{ name: 'divergence', score: undefined, quality: 'missing' },
      ...{ reasons: ['no divergence that has not faded'], inputs: { rsi: undefined } },
    });
  });
});
