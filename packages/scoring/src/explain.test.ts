import { Ajv2020 } from 'ajv/dist/2020.js';
import { Decimal } from 'decimal.js';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ComponentScore } from './component.ts';
import { missingComponent } from './component.ts';
import type { Score } from './composite.ts';
import { componentOf, composeScore, scoreToJson, scoringRules } from './composite.ts';
import { explain, explainScore } from './explain.ts';
import { scoreBreakdownSchema, scoreJsonSchema } from './score-schema.ts';

const known = (name: string, score: number, coverage?: number): ComponentScore => ({
  name,
  score,
  quality: 'measured',
  reasons: [],
  inputs: { x: 1 / 3 },
  ...(coverage === undefined ? {} : { coverage }),
});

const nested = (): Score => {
  const technical = composeScore({
    symbol: '',
    components: [known('ema', 80), known('volume', 20)],
    weights: { ema: 1, volume: 2, wyckoff: 1 },
  });
  return composeScore({
    symbol: 'BBCA',
    asOfMs: 1,
    components: [componentOf('technical', technical), known('sentiment', 60), missingComponent('broker', 'no feed')],
    weights: { technical: 2, sentiment: 1, broker: 1 },
  });
};

const addedUp = (score: Score): string =>
  explain(score)
    .contributions.reduce((sum, { contribution }) => sum.plus(contribution), new Decimal(0))
    .toString();

describe('componentOf', () => {
  test('(80 + 2·20) ÷ 3 = 40 of 3 in 4 parts: twice 40 and once 60 is 46.666667, covered 2·¾ + 1 of 4', () => {
    const score = nested();
    expect(score).toMatchObject({ score: 46.666667, coverage: 0.625, rules: scoringRules });
    expect(score.components[0]).toMatchObject({
      score: 40,
      coverage: 0.75,
      reasons: ['ema 80', 'volume 20', 'without wyckoff'],
    });
  });

  test('is missing when all of its parts are, and estimated when one of them is', () => {
    const none = composeScore({ symbol: '', components: [], weights: { a: 1 } });
    expect(componentOf('x', none)).toMatchObject({ score: undefined, quality: 'missing' });
    const proxy = composeScore({
      symbol: '',
      components: [{ ...known('a', 10), quality: 'proxy' }],
      weights: { a: 1 },
    });
    expect(componentOf('x', proxy).quality).toBe('proxy');
  });
});

describe('explain', () => {
  test('goes down to the parts: 2 ⁄ 3 of 40 is 17.777778 from 80 × 1 ⁄ 3 and 8.888889 from 20 × 2 ⁄ 3, with 20 from 60', () => {
    const { contributions, score, coverage } = explain(nested());
    expect([score, coverage]).toEqual([46.666667, 0.625]);
    expect(contributions.map(({ path, contribution, weight }) => [path.join('/'), contribution, weight])).toEqual([
      ['technical/ema', 17.777778, 0.125],
      ['technical/volume', 8.888889, 0.25],
      ['technical/wyckoff', 0, 0.125],
      ['sentiment', 20, 0.25],
      ['broker', 0, 0.25],
    ]);
    expect(contributions[0]!.effectiveWeight).toBeCloseTo(2 / 9, 12);
    expect(contributions[0]!.inputs).toEqual({ x: 0.333333333333 });
    expect(contributions[4]).toMatchObject({ score: null, quality: 'missing', coverage: 0, reasons: ['no feed'] });
  });

  test('adds up to the score to the last digit, however deep and however the weights are', () => {
    const weight = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.double({ min: 1e-6, max: 1e6, noNaN: true }));
    const leaf = fc.record({ weight, score: fc.option(fc.double({ min: 0, max: 100, noNaN: true })) });
    const group = fc.record({ weight, leaves: fc.array(leaf, { minLength: 1, maxLength: 5 }) });
    const compose = (name: string, list: readonly { weight: number; component: ComponentScore }[]): Score =>
      composeScore({
        symbol: name,
        components: list.map(({ component }) => component),
        weights: Object.fromEntries(list.map(({ component, weight: w }) => [component.name, w])),
      });
    fc.assert(
      fc.property(fc.array(group, { minLength: 1, maxLength: 5 }), (groups) => {
        const score = compose(
          'X',
          groups.map(({ weight: above, leaves }, i) => {
            const parts = leaves.map(({ weight: w, score: s }, j) => ({
              weight: w,
              component: s === null ? missingComponent(`p${j}`, 'none') : known(`p${j}`, s),
            }));
            return { weight: above, component: componentOf(`g${i}`, compose('', parts)) };
          }),
        );
        expect(addedUp(score)).toBe(new Decimal(score.score ?? 0).toString());
        const shares = explain(score).contributions.reduce((sum, one) => sum + one.effectiveWeight, 0);
        expect(shares).toBeCloseTo(score.score === undefined ? 0 : 1, 9);
      }),
      { numRuns: 300 },
    );
  });

  test('dropping an input lowers the coverage; the score is that of the rest, not one nearer 50', () => {
    const of = (...components: ComponentScore[]): Score =>
      composeScore({ symbol: 'X', components, weights: { a: 1, b: 1, c: 2 } });
    const all = of(known('a', 90), known('b', 90), known('c', 90));
    const less = of(known('a', 90), known('b', 90));
    const part = of(known('a', 90, 0.5), known('b', 90));
    expect([all.score, less.score, part.score]).toEqual([90, 90, 90]);
    expect([all.coverage, less.coverage, part.coverage]).toEqual([1, 0.5, 0.375]);
  });

  test('shares of weights that only together are infinite', () => {
    const weights = { a: 1e308, b: 1e308 };
    const score = composeScore({ symbol: 'X', components: [known('a', 80), known('b', 20)], weights });
    expect(explain(score).contributions.map(({ weight }) => weight)).toEqual([0.5, 0.5]);
    const part = composeScore({ symbol: 'X', components: [componentOf('p', score)], weights: { p: 3 } });
    expect(explain(part).contributions.map(({ weight }) => weight)).toEqual([0.5, 0.5]);
  });

  test('a score without a signal says that too little is known for one', () => {
    const score = composeScore({ symbol: 'X', components: [known('a', 90)], weights: { a: 1, b: 9 } });
    expect(explainScore(score)[0]).toBe('X: 90 of 100, too little for a signal, from 10 % of the weight');
  });

  test('in words, parts stand under what they are part of', () => {
    expect(explainScore(nested())).toEqual([
      'BBCA: 46.6667 of 100, neutral, from 62.5 % of the weight',
      'technical: 40 × 66.7 % = 26.6667 points: ema 80; volume 20; without wyckoff',
      '  ema: 80 × 33.3 % = 26.6667 points',
      '  volume: 20 × 66.7 % = 13.3333 points',
      '  wyckoff: missing, its weight of 1 goes to the others: not supplied',
      'sentiment: 60 × 33.3 % = 20 points',
      'broker: missing, its weight of 1 goes to the others: no feed',
    ]);
  });
});

describe('the schemas', () => {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  const empty = composeScore({ symbol: 'X', components: [], weights: { a: 1 } });

  test('hold for breakdowns and scores, empty ones too', () => {
    const breakdown = ajv.compile(scoreBreakdownSchema);
    const json = ajv.compile(scoreJsonSchema);
    for (const score of [nested(), empty]) {
      expect(breakdown(JSON.parse(JSON.stringify(explain(score)))), ajv.errorsText(breakdown.errors)).toBe(true);
      expect(json(JSON.parse(JSON.stringify(scoreToJson(score)))), ajv.errorsText(json.errors)).toBe(true);
    }
  });

  test('refuse what is not one: another version, a score of 101, a field too many, one too few', () => {
    const breakdown = ajv.compile(scoreBreakdownSchema);
    const good = explain(nested());
    const less = Object.fromEntries(Object.entries(good).filter(([name]) => name !== 'rules'));
    for (const bad of [{ ...good, v: 2 }, { ...good, score: 101 }, { ...good, more: 1 }, less]) {
      expect(breakdown(bad)).toBe(false);
    }
  });
});
