import { Decimal } from 'decimal.js';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ComponentScore } from './component.ts';
import { missingComponent } from './component.ts';
import type { Score, ScoreJson } from './composite.ts';
import { composeDefaults, composeScore, compositePresets, scoreToJson } from './composite.ts';
import { isScoringError } from './errors.ts';

const known = (name: string, score: number): ComponentScore => ({
  name,
  score,
  quality: 'measured',
  reasons: [],
  inputs: {},
});

const blend = (scores: Readonly<Record<string, number>>): Score =>
  composeScore({
    symbol: 'BBCA',
    components: Object.entries(scores).map(([name, score]) => known(name, score)),
    weights: compositePresets.blend,
  });

const contributionsOf = (score: Score): number[] => score.components.map(({ contribution }) => contribution);
const addedUp = (score: Score): string =>
  contributionsOf(score)
    .reduce((sum, part) => sum.plus(part), new Decimal(0))
    .toString();

describe('composeScore', () => {
  test('(80, 70, 60, 50) at .4, .4, .1, .1 is 32 + 28 + 6 + 5 = 71', () => {
    const score = blend({ technical: 80, fundamental: 70, sentiment: 60, prediction: 50 });
    expect(score).toMatchObject({ score: 71, signal: 'buy', coverage: 1 });
    expect(contributionsOf(score)).toEqual([32, 28, 6, 5]);
  });

  test('without fundamentals the rest is renormalised: (32 + 6 + 5) ÷ .6 = 71.666667', () => {
    const score = blend({ technical: 80, sentiment: 60, prediction: 50 });
    expect(score).toMatchObject({ score: 71.666667, coverage: 0.6 });
    expect(contributionsOf(score)).toEqual([53.333334, 0, 10, 8.333333]);
    expect(score.components[1]).toEqual({
      name: 'fundamental',
      score: undefined,
      quality: 'missing',
      reasons: ['not supplied'],
      inputs: {},
      weight: 0.4,
      effectiveWeight: 0,
      contribution: 0,
    });
    expect(score.components.map(({ effectiveWeight }) => effectiveWeight)).toEqual([2 / 3, 0, 1 / 6, 1 / 6]);
  });

  test('when nothing is known there is no score and no signal, not 50', () => {
    const score = composeScore({
      symbol: 'BBCA',
      components: [missingComponent('technical', 'no bars')],
      weights: compositePresets.blend,
    });
    expect(score).toMatchObject({ score: undefined, signal: undefined, coverage: 0, asOfMs: undefined });
    expect(contributionsOf(score)).toEqual([0, 0, 0, 0]);
  });

  test('components that all say the same make that the score, whatever the weights', () => {
    const weights = { a: 1, b: 1, c: 1 };
    const all = (s: number): Score =>
      composeScore({ symbol: 'X', components: [known('a', s), known('b', s), known('c', s)], weights });
    expect(all(100).score).toBe(100);
    expect(contributionsOf(all(100))).toEqual([33.333334, 33.333333, 33.333333]);
    expect(all(0.1).score).toBe(0.1);
  });

  const part = fc.record({
    weight: fc.oneof(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 0, max: 20 }),
      fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
    ),
    score: fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: undefined }),
  });
  const parts = fc.array(part, { minLength: 1, maxLength: 12 }).filter((list) => list.some(({ weight }) => weight > 0));
  type Parts = readonly { readonly weight: number; readonly score: number | undefined }[];
  const compose = (list: Parts): Score =>
    composeScore({
      symbol: 'X',
      components: list.flatMap(({ score }, i) => (score === undefined ? [] : [known(`c${i}`, score)])),
      weights: Object.fromEntries(list.map(({ weight }, i) => [`c${i}`, weight])),
    });

  test('contributions add up to the score exactly, in decimals of six places', () => {
    fc.assert(
      fc.property(parts, (list) => {
        const score = compose(list);
        expect(addedUp(score)).toBe(new Decimal(score.score ?? 0).toString());
        for (const value of [score.score ?? 0, ...contributionsOf(score)]) {
          expect(new Decimal(value).decimalPlaces()).toBeLessThanOrEqual(6);
          expect(value).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('the score lies between the lowest and the highest component, and mirrors exactly', () => {
    fc.assert(
      fc.property(parts, (list) => {
        const { score, components } = compose(list);
        if (score === undefined) return;
        const scores = components.flatMap((c) => (c.score === undefined || c.weight === 0 ? [] : [c.score]));
        expect(score).toBeGreaterThanOrEqual(Math.min(...scores));
        expect(score).toBeLessThanOrEqual(Math.max(...scores));
        const mirrored = compose(
          list.map(({ weight }, i) => {
            const one = components[i]!.score;
            return { weight, score: one === undefined ? undefined : Math.round(100e6 - one * 1e6) / 1e6 };
          }),
        );
        expect(new Decimal(score).plus(mirrored.score!).toString()).toBe('100');
      }),
      { numRuns: 500 },
    );
  });

  test('each contribution is its share of the weight times its score, to a millionth', () => {
    fc.assert(
      fc.property(parts, (list) => {
        for (const { score, effectiveWeight, contribution } of compose(list).components) {
          expect(Math.abs((score ?? 0) * effectiveWeight - contribution)).toBeLessThanOrEqual(1.001e-6);
        }
      }),
    );
  });

  test('scaling all weights changes nothing', () => {
    const scores = { technical: 81.5, fundamental: 12.25, sentiment: 99, prediction: 3 };
    const components = Object.entries(scores).map(([name, score]) => known(name, score));
    const at = (factor: number): Score =>
      composeScore({
        symbol: 'X',
        components,
        weights: Object.fromEntries(Object.entries(compositePresets.blend).map(([name, w]) => [name, w * factor])),
      });
    expect(contributionsOf(at(10))).toEqual(contributionsOf(at(1)));
    expect(at(10).score).toBe(at(1).score);
  });

  test('a weight of 0 leaves a component out of the score and of the coverage', () => {
    const score = composeScore({ symbol: 'X', components: [known('a', 90), known('b', 10)], weights: { a: 0, b: 2 } });
    expect(score).toMatchObject({ score: 10, coverage: 1 });
    expect(contributionsOf(score)).toEqual([0, 10]);
  });

  test('the previous signal holds through a small step back', () => {
    const input = { symbol: 'X', components: [known('a', 59)], weights: { a: 1 } };
    expect(composeScore(input).signal).toBe('neutral');
    expect(composeScore({ ...input, previousSignal: 'buy' }).signal).toBe('buy');
    expect(composeScore({ ...input, signalScale: { buy: 55, strongBuy: 58, hysteresis: 1 } }).signal).toBe(
      'strong-buy',
    );
  });

  test('below the least coverage there is a score and no signal', () => {
    const of = (leastCoverage?: number): Score =>
      composeScore({
        ...{ symbol: 'X', components: [known('a', 90)], weights: { a: 19, b: 81 } },
        ...(leastCoverage === undefined ? {} : { leastCoverage }),
      });
    expect(composeDefaults.leastCoverage).toBe(0.2);
    expect(of()).toMatchObject({ score: 90, coverage: 0.19, signal: undefined });
    expect(of(0.19).signal).toBe('strong-buy');
    expect(of(0).signal).toBe('strong-buy');
    expect(scoreToJson(of())).toMatchObject({ score: 90, signal: null });
    for (const bad of [-0.1, 1.1, Number.NaN, '0']) {
      expect(() => of(bad as number)).toThrow(
        `leastCoverage "${bad}" is not a share from 0 to 1. Pass for example 0.2.`,
      );
    }
  });

  test('stored components compose to the same score again', () => {
    const components = [
      { ...known('technical', 80), inputs: { rsi: undefined, close: 5 } },
      missingComponent('fundamental', 'no report', { roe: undefined }),
      known('sentiment', 60),
    ];
    const score = composeScore({ symbol: 'X', components, weights: compositePresets.blend });
    const stored = scoreToJson(score);
    const again = composeScore({ symbol: 'X', components: stored.components, weights: compositePresets.blend });
    expect(again).toEqual(score);
    expect(scoreToJson(again)).toEqual(stored);
  });

  test('what was too little for a signal is too little again once it was stored', () => {
    // One component of five knows two fifths of what it asks for: .08 of the weight.
    const components = [{ ...known('technical', 100), coverage: 0.4 }];
    const weights = { technical: 1, fundamental: 4 };
    const score = composeScore({ symbol: 'NEW', components, weights, rules: 'mine/2' });
    expect(score).toMatchObject({ score: 100, signal: undefined, coverage: 0.08 });
    const stored = JSON.parse(JSON.stringify(scoreToJson(score))) as ScoreJson;
    expect(stored).toMatchObject({
      signal: null,
      rules: 'mine/2',
      components: [{ coverage: 0.4 }, { coverage: null }],
    });
    const again = composeScore({ ...stored, weights });
    expect(again).toEqual(score);
    expect(scoreToJson(again)).toEqual(stored);
  });

  test('a moment that is none, rules without a version, a symbol that is no text: refused', () => {
    const of = (more: object): Score => composeScore({ symbol: 'X', components: [], weights: { a: 1 }, ...more });
    expect(() => of({ asOfMs: 1.5 })).toThrow('asOfMs "1.5" is not a whole number of milliseconds.');
    expect(() => of({ asOfMs: Number.NaN })).toThrow('asOfMs "NaN" is not a whole number of milliseconds.');
    expect(() => of({ rules: 'mine' })).toThrow('rules "mine" is not a name and a whole version.');
    expect(() => of({ symbol: 5 })).toThrow('symbol "5" is not a text. Pass the name that the venue gives it.');
    expect(of({ asOfMs: null }).asOfMs).toBeUndefined();
  });

  test('every preset has weights that add up to 1', () => {
    for (const weights of Object.values(compositePresets)) {
      const sum = Object.values(weights).reduce((total, weight) => total.plus(weight), new Decimal(0));
      expect(sum.toString()).toBe('1');
    }
  });
});

describe('what composeScore refuses', () => {
  const refusal = (components: readonly ComponentScore[], weights: Readonly<Record<string, number>>): unknown => {
    try {
      return composeScore({ symbol: 'X', components, weights });
    } catch (error) {
      return error;
    }
  };

  test.each([-0.1, Number.NaN, Number.POSITIVE_INFINITY])('a weight of %s', (weight) => {
    const error = refusal([], { a: 1, b: weight });
    expect(isScoringError(error, 'bad-weights')).toBe(true);
    expect((error as Error).message).toBe(
      `weight "${weight}" of "b" is not a finite number of at least 0. Pass 0 to leave a component out.`,
    );
  });

  test('weights that are all 0, or none', () => {
    for (const weights of [{ a: 0, b: 0 }, {}]) {
      expect((refusal([], weights) as Error).message).toBe(
        `weights "${JSON.stringify(weights)}" have none above 0, expected at least one. Pass for example a preset.`,
      );
    }
  });

  test('a component twice, without a weight, or at odds with itself', () => {
    const messages = [
      [known('a', 1), known('a', 2)],
      [known('z', 1)],
      [{ ...known('a', 1), quality: 'missing' as const }],
      [{ ...known('a', 1), score: undefined }],
    ].map((components) => {
      const error = refusal(components, { a: 1, b: 1 });
      expect(isScoringError(error, 'bad-component')).toBe(true);
      return (error as Error).message;
    });
    expect(messages).toEqual([
      'component "a" is there twice, expected once. Merge them.',
      'component "z" has no weight among "a, b". Give it one, 0 to leave it out.',
      'component "a" has score "1" and quality "missing", expected a score exactly when something is known. ' +
        'Use missingComponent for one that is not.',
      'component "a" has score "undefined" and quality "measured", expected a score exactly when something is known. ' +
        'Use missingComponent for one that is not.',
    ]);
  });

  test('a score of null with a quality is a contradiction, not a 0', () => {
    const unknown = { ...known('a', 1), score: null };
    expect((refusal([unknown as never], { a: 1 }) as Error).message).toBe(
      'component "a" has score "null" and quality "measured", expected a score exactly when something is known. ' +
        'Use missingComponent for one that is not.',
    );
  });

  test('a coverage of text, and a quality that is none', () => {
    expect((refusal([{ ...known('a', 1), coverage: '0.5' as never }], { a: 1 }) as Error).message).toBe(
      'coverage "0.5" of component "a" is not a number from 0 to 1. Leave it out for all.',
    );
    expect((refusal([{ ...known('a', 1), quality: 'great' as never }], { a: 1 }) as Error).message).toBe(
      'quality "great" of component "a" is not one of measured, proxy, missing. Say how its inputs are known.',
    );
  });

  test.each([-1, 100.1, Number.NaN, '80' as unknown as number, true as unknown as number])(
    'a component score of %s',
    (score) => {
      expect((refusal([known('a', score)], { a: 1 }) as Error).message).toBe(
        `score "${score}" of component "a" is not a number from 0 to 100. Leave it undefined if unknown.`,
      );
    },
  );
});

describe('scoreToJson', () => {
  test('writes unknown as null and survives JSON', () => {
    const score = composeScore({
      symbol: 'ETHUSDT',
      asOfMs: 1_700_000_060_000,
      components: [{ ...known('a', 60), inputs: { obi: 0.2, ofiTrend: undefined }, reasons: ['because'] }],
      weights: { a: 1, b: 3 },
    });
    const json = scoreToJson(score);
    expect(json).toStrictEqual({
      v: 1,
      symbol: 'ETHUSDT',
      asOfMs: 1_700_000_060_000,
      score: 60,
      signal: 'buy',
      coverage: 0.25,
      components: [
        {
          name: 'a',
          score: 60,
          weight: 1,
          effectiveWeight: 1,
          contribution: 60,
          coverage: null,
          quality: 'measured',
          reasons: ['because'],
          inputs: { obi: 0.2, ofiTrend: null },
        },
        {
          name: 'b',
          score: null,
          weight: 3,
          effectiveWeight: 0,
          contribution: 0,
          coverage: null,
          quality: 'missing',
          reasons: ['not supplied'],
          inputs: {},
        },
      ],
      rules: 'tapekit-scoring/1',
    });
    expect(JSON.parse(JSON.stringify(json))).toStrictEqual(json);
  });

  test('has null for everything that is unknown', () => {
    const json = scoreToJson(composeScore({ symbol: 'X', components: [], weights: { a: 1 } }));
    expect(json).toMatchObject({ asOfMs: null, score: null, signal: null, coverage: 0 });
  });
});
