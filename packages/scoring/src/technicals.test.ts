import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ComponentScore } from './component.ts';
import { macdDefaults, rsiDefaults } from './indicators.ts';
import {
  momentumDefaults,
  scoreMomentum,
  scoreTrend,
  scoreVolatilityPosition,
  trendDefaults,
  scoreTechnicalRating,
} from './technicals.ts';

const rising = Array.from({ length: 60 }, (_, i) => 100 + 0.01 * i * i);
const flat = new Array<number>(60).fill(101.1);

describe.each([
  ['momentum', (closes: readonly number[]) => scoreMomentum(closes)],
  ['momentum without MACD', (closes: readonly number[]) => scoreMomentum(closes.slice(-30), { rsiPeriod: 7 })],
  ['volatility position', (closes: readonly number[]) => scoreVolatilityPosition(closes)],
  ['trend', (closes: readonly number[]) => scoreTrend(closes)],
] as const)('%s', (_, score) => {
  test('mirrored prices give 100 − score, to a millionth', () => {
    const walk = fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 12, maxLength: 60 });
    fc.assert(
      fc.property(walk, fc.integer({ min: 1, max: 1_000 }), (closes, level) => {
        const one = score(closes).score;
        const two = score(closes.map((close) => 2 * level - close)).score;
        if (one === undefined || two === undefined) expect(one).toBe(two);
        else expect(Math.abs(one + two - 100)).toBeLessThan(1.000_001e-6);
      }),
    );
  });

  test('price level and unit do not matter, to a millionth', () => {
    const walk = fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 12, maxLength: 60 });
    fc.assert(
      fc.property(walk, (closes) => {
        const one = score(closes).score;
        const two = score(closes.map((close) => 1_000_000 + close / 8)).score;
        if (one === undefined || two === undefined) expect(one).toBe(two);
        else expect(Math.abs(one - two)).toBeLessThan(1.000_001e-6);
      }),
    );
  });

  test('stays within 0 to 100, is missing exactly when it has no score, and says why', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 60 }), (closes) => {
        const component: ComponentScore = score(closes);
        expect(component.reasons.length).toBeGreaterThan(0);
        expect(component.score === undefined).toBe(component.quality === 'missing');
        if (component.score === undefined) return;
        expect(component.score).toBeGreaterThanOrEqual(0);
        expect(component.score).toBeLessThanOrEqual(100);
      }),
    );
  });

  test.each([null, '12', true, undefined, [12]])('refuses %o among the closes: it is no number', (value) => {
    const closes = rising.slice(0, 30).map((close, i) => (i === 3 ? (value as unknown as number) : close));
    const message = `value "${String(value)}" at index 3 is not a finite number within ±1e150.`;
    expect(() => score(closes)).toThrow(message);
  });

  test('never turns a market that stopped into a signal', () => {
    for (const stop of [rising, rising.map((x) => -x)]) {
      const component = score([...stop, ...new Array<number>(60).fill(stop.at(-1)!)]);
      expect([50, undefined]).toContain(component.score);
    }
  });
});

describe('scoreMomentum', () => {
  test('is half RSI, half MACD histogram in average moves', () => {
    const component = scoreMomentum(rising);
    const { rsi, macdHistogram, averageMove } = component.inputs;
    expect(rsi).toBe(100);
    expect(component.score).toBeCloseTo(50 + 25 + (25 * macdHistogram!) / averageMove!, 6);
    expect(component.reasons[0]).toBe('RSI 100: gains dominate, overbought');
    expect(component.reasons[1]).toMatch(/^MACD histogram 0\.\d+ average moves: upward$/);
  });

  test('counts the RSI alone while the histogram needs more closes', () => {
    // Gains 2 × 7, losses 1 × 7: RSI 66.67 of the 14 moves.
    const closes = Array.from({ length: 15 }, (_, i) => 10 + Math.ceil(i / 2) * 2 - Math.floor(i / 2));
    expect(scoreMomentum(closes)).toEqual({
      name: 'momentum',
      score: 66.666667,
      quality: 'measured',
      reasons: ['RSI 66.6667: gains outweigh losses', 'MACD histogram needs 34 closes, 15 given'],
      inputs: { rsi: 100 * (1 / (1 + 0.5)), macdHistogram: undefined, averageMove: 1.5 },
      rule:
        '50 + 25 × (2 × rsi ÷ 100 − 1) + 25 × clamp(macdHistogram ÷ averageMove); ' +
        '50 + 50 × (2 × rsi ÷ 100 − 1) without the histogram',
      coverage: 0.5,
    });
  });

  test('has none after 14 bars without a move, though the RSI keeps its last value', () => {
    const stopped = [...rising.slice(0, 16), ...new Array<number>(14).fill(rising[15]!)];
    expect(scoreMomentum(stopped)).toMatchObject({
      score: 50,
      reasons: ['no move in the last 14 bars'],
      inputs: { rsi: 100 },
    });
    expect(scoreMomentum(stopped.slice(0, -1)).score).toBe(100);
  });

  test('is missing with 14 closes, and 50 in a market that never moved', () => {
    expect(scoreMomentum(rising.slice(0, 14))).toMatchObject({
      score: undefined,
      quality: 'missing',
      reasons: ['RSI needs 15 closes, 14 given'],
    });
    expect(scoreMomentum(flat)).toMatchObject({ score: 50, reasons: ['no move in the last 14 bars'] });
  });
});

describe('scoreVolatilityPosition', () => {
  test('weighs against a stretched price: 1, 2, 3, 4 is 1.5 ÷ √1.25 ÷ 2 of the way up', () => {
    const component = scoreVolatilityPosition([1, 2, 3, 4], { period: 4 });
    expect(component.score).toBeCloseTo(50 - 50 * (1.5 / Math.sqrt(1.25) / 2), 5);
    expect(component.inputs['percentB']).toBeCloseTo(0.835_41, 5);
    expect(component.reasons).toEqual(['close at 83.541 % of its Bollinger bands: above the middle']);
  });

  test('is 0 at or beyond the upper band and 100 at or beyond the lower', () => {
    const quiet = new Array<number>(19).fill(10);
    expect(scoreVolatilityPosition([...quiet, 11])).toMatchObject({ score: 0 });
    expect(scoreVolatilityPosition([...quiet, 9])).toMatchObject({ score: 100 });
    expect(scoreVolatilityPosition([...quiet, 9]).reasons[0]).toMatch(/stretched downward$/);
  });

  test('is missing without width and without enough closes', () => {
    expect(scoreVolatilityPosition(flat).reasons).toEqual(['the last 20 closes are equal: the bands have no width']);
    expect(scoreVolatilityPosition(flat.slice(0, 19)).reasons).toEqual(['Bollinger bands needs 20 closes, 19 given']);
  });
});

describe('scoreTrend', () => {
  test('is the net move over the way gone: up 2, down 1, up 2 is 3 ÷ 5', () => {
    expect(scoreTrend([10, 12, 11, 13], { period: 3 })).toEqual({
      name: 'trend',
      score: 80,
      quality: 'measured',
      reasons: ['net move 3 over a way of 5 in 3 bars: upward'],
      inputs: { netMove: 3, way: 5 },
      rule: '50 + 50 × netMove ÷ way',
    });
  });

  test('is 100 when every move was up, 0 when every move was down, 50 when nothing moved', () => {
    expect(scoreTrend(rising).score).toBe(100);
    expect(scoreTrend([...rising].reverse()).score).toBe(0);
    expect(scoreTrend(flat)).toMatchObject({ score: 50, reasons: ['no move in the last 10 bars'] });
  });

  test('needs one close more than moves', () => {
    expect(scoreTrend(rising.slice(0, 10)).reasons).toEqual(['trend needs 11 closes, 10 given']);
    expect(scoreTrend(rising.slice(0, 11)).score).toBe(100);
    expect(() => scoreTrend([], { period: 0 })).toThrow(/period "0" is not a whole number/);
  });

  test('defaults are those of the indicators, and ten moves for the trend', () => {
    expect(momentumDefaults).toEqual({ rsiPeriod: rsiDefaults.period, ...macdDefaults });
    expect(trendDefaults).toEqual({ period: 10 });
  });
});

describe('scoreTechnicalRating', () => {
  test('is 50 + 50 × rating, covered by the votes that are known', () => {
    expect(scoreTechnicalRating({ rating: -0.5, movingAverages: -1, oscillators: 0, coverage: 0.75 })).toMatchObject({
      score: 25,
      coverage: 0.75,
      reasons: ['moving averages vote -1', 'oscillators vote 0'],
    });
  });

  test('is missing without a vote, and refuses what is no rating', () => {
    expect(scoreTechnicalRating(undefined)).toMatchObject({ score: undefined, quality: 'missing' });
    expect(() => scoreTechnicalRating({ rating: 1.1 })).toThrow('rating "1.1" is not a number from −1 to 1.');
  });
});

test('the rule of momentum is its arithmetic, also after 14 bars without a move', () => {
  const closes = [...rising, ...new Array<number>(14).fill(rising.at(-1)!)];
  expect(scoreMomentum(closes)).toMatchObject({
    score: 50,
    rule: '50 after 14 bars without a move',
    reasons: ['no move in the last 14 bars'],
  });
  const { score, rule, inputs } = scoreMomentum(rising);
  expect(rule).toMatch(/^50 \+ 25 × \(2 × rsi ÷ 100 − 1\)/);
  const { rsi, macdHistogram, averageMove } = inputs as Record<string, number>;
  expect(score).toBeCloseTo(50 + 25 * ((2 * rsi!) / 100 - 1) + 25 * Math.min(1, macdHistogram! / averageMove!), 6);
});
