import { describeReducerContract } from '@tapekit/tooling/contract';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ShapeMatch, ShapesOptions } from './dtw.ts';
import { createShapes, dtwCost, restoreShapes, scoreShapes, shapes, shapesDefaults, shapeTemplates } from './dtw.ts';
import { sampleTemplate } from './shapes/templates.ts';

const values = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 12 });

/** By definition: the least weighted sum over all paths, without a table. */
function slowCost(a: readonly number[], b: readonly number[], band: number): number {
  const reach = Math.max(band, Math.abs(a.length - b.length));
  const sum = (i: number, j: number): number => {
    if (i < 0 && j < 0) return 0;
    if (i < 0 || j < 0 || Math.abs(i - j) > reach) return Infinity;
    const difference = Math.abs(a[i]! - b[j]!);
    // Before the first pair there is only the corner.
    return Math.min(sum(i - 1, j - 1) + 2 * difference, sum(i - 1, j) + difference, sum(i, j - 1) + difference);
  };
  return sum(a.length - 1, b.length - 1) / (a.length + b.length);
}

describe('dtwCost', () => {
  test.each([
    [[0, 1, 0], [0, 0, 1, 1, 0], 0],
    [[0, 0], [1, 1], 1],
    // The corner counts twice (2), 1 and 1 are alike (0), the end counts once (1): 3 ÷ 4.
    [[0, 1], [1, 0], 0.75],
    // 4 to 2 (2), then 4 to 8 (4): 6 ÷ 6, cheaper than 4 to 8 as a diagonal (8).
    [[0, 2, 4], [0, 2, 8], 1],
    [[5], [3, 3, 3], 2],
  ])('%j and %j cost %s', (a, b, cost) => {
    expect(dtwCost(a, b)).toBeCloseTo(cost, 12);
  });

  test('means the same for short and long series', () => {
    for (const length of [1, 7, 100]) {
      expect(dtwCost(new Float64Array(length).fill(0.4), new Float64Array(length).fill(0.3))).toBeCloseTo(0.1, 12);
    }
  });

  test('equals the definition, with any band', () => {
    const few = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(few, few, fc.nat(5), (a, b, band) => {
        expect(dtwCost(a, b, { band })).toBeCloseTo(slowCost(a, b, band), 9);
      }),
    );
  });

  test('is the same in both directions, and 0 for the same series', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        expect(dtwCost(a, b)).toBeCloseTo(dtwCost(b, a)!, 9);
        expect(dtwCost(a, a)).toBe(0);
      }),
    );
  });

  test('a cost limit only hides what is above it', () => {
    fc.assert(
      fc.property(values, values, fc.double({ min: 0, max: 20, noNaN: true }), (a, b, atMost) => {
        const cost = dtwCost(a, b)!;
        expect(dtwCost(a, b, { atMost })).toBe(cost <= atMost ? cost : undefined);
      }),
    );
  });

  test('refuses what cannot be compared', () => {
    expect(dtwCost([], [1])).toBeUndefined();
    expect(() => dtwCost([1, Number.NaN], [1])).toThrow('value "NaN" at index 1 is not a finite number.');
    expect(() => dtwCost([1], [1], { band: -1 })).toThrow('band "-1" is not a whole number of at least 0.');
  });
});

describe('shapeTemplates', () => {
  test('every bull shape has its mirror as a bear shape', () => {
    const bulls = shapeTemplates.filter(({ side }) => side === 'bull');
    const bears = shapeTemplates.filter(({ side }) => side === 'bear');
    expect(bulls).toHaveLength(6);
    bulls.forEach((bull, i) => {
      const turned = sampleTemplate(bears[i]!, 50).map((value) => 1 - value);
      sampleTemplate(bull, 50).forEach((value, k) => expect(value).toBeCloseTo(turned[k]!, 9));
    });
  });

  test('no two shapes would be taken for each other', () => {
    const { bandShare, maxCost } = shapesDefaults;
    for (const length of shapesDefaults.lengths) {
      for (const a of shapeTemplates) {
        for (const b of shapeTemplates) {
          if (a.name >= b.name) continue;
          const cost = dtwCost(sampleTemplate(a, length), sampleTemplate(b, length), { band: bandShare * length });
          expect(cost, `${a.name} and ${b.name} over ${length} bars`).toBeGreaterThan(maxCost);
        }
      }
    }
  });
});

/** Whole prices that drift, so that windows have shapes. */
function walk(seed: number, count: number): number[] {
  let random = seed;
  let drift = 0;
  let close = 10_000;
  return Array.from({ length: count }, (_, i) => {
    random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
    const draw = random / 2_147_483_648;
    if (i % 6 === 0) drift = Math.round(draw * 40) - 20;
    close += drift + Math.round(draw * 6) - 3;
    return close;
  });
}
const series = fc
  .tuple(fc.integer({ min: 1, max: 2_000_000_000 }), fc.integer({ min: 1, max: 150 }))
  .map(([seed, count]) => walk(seed, count));
const loose: ShapesOptions = { lengths: [12, 18, 30], maxCost: 0.1, leastHeight: 2 };

describe('shapes', () => {
  test.each(shapeTemplates.map((template) => [template.name, template] as const))(
    'finds a %s in its own picture, at any price and size',
    (name, template) => {
      const closes = Array.from(sampleTemplate(template, 40), (value) => 5_000 + 730 * value);
      expect(shapes(closes, { lengths: [40] })).toMatchObject([
        { name, side: template.side, from: 0, confirmedAt: 39 },
      ]);
    },
  );

  test('finds a shape that runs unevenly, which differences point by point would miss', () => {
    const even = sampleTemplate(shapeTemplates[0]!, 401);
    const uneven = Array.from({ length: 40 }, (_, i) => {
      const time = i / 39;
      return even[Math.round(400 * (time + 0.06 * Math.sin(2 * Math.PI * time)))]!;
    });
    const straight = sampleTemplate(shapeTemplates[0]!, 40);
    const apart = uneven.reduce((sum, value, i) => sum + Math.abs(value - straight[i]!), 0) / 40;
    expect(apart).toBeGreaterThan(2 * shapesDefaults.maxCost);
    expect(shapes(uneven, { lengths: [40] })).toMatchObject([{ name: 'double-bottom', from: 0, confirmedAt: 39 }]);
  });

  test('is not told again before half of its window has passed', () => {
    const matches = shapes(walk(3, 4_000), loose);
    const last = new Map<string, ShapeMatch>();
    for (const match of matches) {
      const before = last.get(match.name);
      if (before) {
        const half = Math.floor((before.confirmedAt - before.from + 1) / 2);
        expect(match.confirmedAt - before.confirmedAt).toBeGreaterThan(half);
      }
      last.set(match.name, match);
    }
    expect(matches.length).toBeGreaterThan(100);
  });

  test('bounds and early ends change nothing: every window decided the slow way is the same', () => {
    const closes = walk(11, 400);
    const expected: string[] = [];
    const quiet = new Map<string, number>();
    for (let at = 0; at < closes.length; at++) {
      const best = new Map<string, [cost: number, length: number]>();
      for (const length of loose.lengths!) {
        if (at + 1 < length) continue;
        const window = closes.slice(at + 1 - length, at + 1);
        const low = Math.min(...window);
        const height = Math.max(...window) - low;
        const way = window.reduce((sum, close, i) => sum + (i > 0 ? Math.abs(close - window[i - 1]!) : 0), 0);
        if (!(height * (length - 1) > 2 * way)) continue;
        for (const template of shapeTemplates) {
          const stretched = window.map((close) => (close - low) / height);
          const cost = dtwCost(stretched, sampleTemplate(template, length), { band: Math.floor(0.1 * length) })!;
          if (cost > 0.1 || cost >= (best.get(template.name)?.[0] ?? Infinity)) continue;
          if ((quiet.get(template.name) ?? -1) >= at) continue;
          best.set(template.name, [cost, length]);
        }
      }
      for (const { name } of shapeTemplates) {
        const [cost, length] = best.get(name) ?? [];
        if (cost === undefined || length === undefined) continue;
        expected.push(`${name} ${at} ${length} ${cost}`);
        quiet.set(name, at + Math.floor(length / 2));
      }
    }
    const found = shapes(closes, loose).map(
      (m) => `${m.name} ${m.confirmedAt} ${m.confirmedAt - m.from + 1} ${m.cost}`,
    );
    expect(found).toEqual(expected);
    expect(found.length).toBeGreaterThan(20);
  });

  test('closes that come later never change what was said', () => {
    fc.assert(
      fc.property(series, series, (past, future) => {
        const whole = shapes([...past, ...future], loose);
        expect(whole.filter(({ confirmedAt }) => confirmedAt < past.length)).toEqual(shapes(past, loose));
      }),
      { numRuns: 50 },
    );
  });

  test('mirrored prices give the mirrored shapes', () => {
    const other = new Map(
      shapeTemplates.map(({ name }, i) => [name, shapeTemplates[i % 2 === 0 ? i + 1 : i - 1]!.name]),
    );
    fc.assert(
      fc.property(series, (closes) => {
        const keys = (matches: readonly ShapeMatch[], turn: (name: string) => string): string[] =>
          matches.map((m) => `${turn(m.name)} ${m.from} ${m.confirmedAt} ${m.cost.toFixed(9)}`).sort();
        const turned = shapes(
          closes.map((close) => 20_000 - close),
          loose,
        );
        expect(keys(turned, (name) => other.get(name)!)).toEqual(keys(shapes(closes, loose), (name) => name));
      }),
      { numRuns: 50 },
    );
  });

  test('replacing the last close leaves no trace of the close before', () => {
    fc.assert(
      fc.property(series, (closes) => {
        const stream = createShapes(loose);
        const found = closes.flatMap((close, i) => {
          stream.push(i % 2 === 0 ? 99_999 : 1);
          return stream.replaceLast(close);
        });
        expect(found).toEqual(shapes(closes, loose));
      }),
      { numRuns: 50 },
    );
  });

  test('a market that stands still has no shape', () => {
    expect(shapes(new Float64Array(200).fill(7), { leastHeight: 0, maxCost: 1 })).toEqual([]);
  });

  test('refuses options, closes and snapshots that are none', () => {
    expect(() => shapes([1, Number.NaN])).toThrow('value "NaN" at index 1');
    expect(() => shapes([], { lengths: [] })).toThrow('lengths "none" is not one or more numbers of bars.');
    expect(() => shapes([], { lengths: [20, 20] })).toThrow(
      'lengths[1] "20" is not from 5 to 10,000 and above the length before',
    );
    expect(() => shapes([], { maxCost: 0 })).toThrow('maxCost "0"');
    expect(() => shapes([], { templates: [{ name: 'x', side: 'bull', corners: [[0, 1]] }] })).toThrow('template "x"');
    const twice = [shapeTemplates[0]!, shapeTemplates[0]!];
    expect(() => shapes([], { templates: twice })).toThrow('templates "double-bottom" is not of different names.');
    expect(() => createShapes().replaceLast(1)).toThrow('before the first push');
    const stream = createShapes(loose);
    stream.push(1);
    expect(() => restoreShapes(stream.snapshot(), { lengths: [60] })).toThrow('longest "30", expected "60"');
    expect(() => restoreShapes({ ...stream.snapshot(), closes: [] }, loose)).toThrow('no snapshot of "1" closes has');
    for (const damage of [
      { closes: [1e308] },
      { quietUntil: { 'double-top': 1e12 } },
      { quietUntil: { 'no such template': 5 } },
      { previous: [5] },
      { closes: { length: 1, 0: 1 } },
    ]) {
      expect(() => restoreShapes({ ...stream.snapshot(), ...damage } as never, loose)).toThrow(
        'no snapshot of "1" closes has',
      );
    }
  });
});

describeReducerContract<number, ShapeMatch, ReturnType<typeof createShapes>>({
  name: 'createShapes',
  create: () => createShapes(loose),
  restore: (snapshot) => restoreShapes(snapshot, loose),
  inputs: series,
  batch: (closes) => shapes(closes, loose),
  refused: [Number.NaN],
  runs: 15,
});

describe('scoreShapes', () => {
  const match: ShapeMatch = { name: 'double-bottom', side: 'bull', from: 0, confirmedAt: 16, cost: 0.025 };

  test('half the cost limit is half of 30 points, fading over ten bars', () => {
    expect([15, 16, 21, 25, 26].map((at) => scoreShapes([match], at).score)).toEqual([
      undefined,
      65,
      57.5,
      51.5,
      undefined,
    ]);
  });

  test('a mirrored shape is worth the opposite', () => {
    expect(scoreShapes([{ ...match, name: 'double-top', side: 'bear' }], 16).score).toBe(35);
    expect(scoreShapes([match, { ...match, name: 'double-top', side: 'bear' }], 16).score).toBe(50);
  });

  test('says its rule, which gives the score from the inputs', () => {
    const { rule, inputs, score } = scoreShapes([match], 21);
    expect(rule).toBe('50 + 30 × Σ inputs, within 0 to 100');
    expect(score).toBe(50 + 30 * inputs['double-bottom']!);
  });

  test('is missing without any, not 50', () => {
    expect(scoreShapes([], 5)).toMatchObject({ score: undefined, quality: 'missing' });
  });
});
