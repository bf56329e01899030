import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isScoringError } from './errors.ts';
import { bootstrapRatio, quantile } from './evaluate/bootstrap.ts';
import { permutation, seededRandom } from './evaluate/random.ts';
import { rankCorrelation, ranksOf } from './evaluate/rank.ts';
import type { BarSeries, EvaluationOptions, ScoredSeries } from './evaluate.ts';
import { evaluateScores, evaluationDefaults, findLookAhead, walkForward } from './evaluate.ts';

const day = 86_400_000;

/** Closes on consecutive days, with the scores known at each. */
const series = (symbol: string, closes: readonly number[], scores: readonly (number | undefined)[]): ScoredSeries => ({
  symbol,
  timesMs: closes.map((_, i) => i * day),
  closes,
  scores,
});

const small: EvaluationOptions = {
  horizons: [1],
  quantiles: 2,
  minSymbols: 2,
  folds: 1,
  resamples: 0,
  shuffles: 0,
  buyCostPercent: 0,
  sellCostPercent: 0,
};

/** Random walks and what a score made of noise, or of the next return, says about them. */
function market(symbols: number, days: number, seed: number, peek: number): ScoredSeries[] {
  const random = seededRandom(seed);
  return Array.from({ length: symbols }, (_, k) => {
    const closes: number[] = [100];
    for (let i = 1; i < days; i++) closes.push(closes[i - 1]! * (1 + (random() - 0.5) / 20));
    const scores = closes.map((_, i) => {
      const next = (closes[i + 2] ?? Number.NaN) / (closes[i + 1] ?? Number.NaN) - 1;
      const noise = random() * 100;
      return Number.isNaN(next) ? noise : (1 - peek) * noise + peek * (50 + 1000 * next);
    });
    return series(`S${k}`, closes, scores);
  });
}

describe('ranks', () => {
  test('equal values share the mean of their ranks: 5, 1, 5, 9 are 2.5, 1, 2.5, 4', () => {
    expect([...ranksOf(Float64Array.of(5, 1, 5, 9))]).toEqual([2.5, 1, 2.5, 4]);
  });

  test('Spearman of 1, 2, 3, 4 with 2, 1, 4, 3 is 1 − 6·4 ÷ (4·15) = .6; all ties have none', () => {
    expect(rankCorrelation(Float64Array.of(1, 2, 3, 4), Float64Array.of(2, 1, 4, 3))).toBeCloseTo(0.6, 12);
    expect(rankCorrelation(Float64Array.of(1, 2), Float64Array.of(1.5, 1.5))).toBeUndefined();
  });

  test('a permutation has every index once', () => {
    const order = permutation(50, seededRandom(3));
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(order).not.toEqual([...order].sort((a, b) => a - b));
  });
});

describe('bootstrapRatio', () => {
  const options = { blockLength: 2, resamples: 500, confidence: 0.9 };

  test('the value is the ratio of the sums; equal parts have an interval of no width', () => {
    const one = bootstrapRatio([3, 3, 3, 3], [1, 1, 1, 1], options, seededRandom(1));
    expect(one).toEqual({ value: 3, low: 3, high: 3 });
    expect(bootstrapRatio([1, 3], [4, 4], options, seededRandom(1))).toEqual({
      value: 0.5,
      low: undefined,
      high: undefined,
    });
  });

  test('the interval of a mean of independent draws is close to ± 1.645 standard errors', () => {
    const random = seededRandom(7);
    const values = Array.from({ length: 4000 }, () => random());
    const one = bootstrapRatio(
      values,
      values.map(() => 1),
      { ...options, resamples: 4000 },
      seededRandom(2),
    );
    const error = 1.645 * Math.sqrt(1 / 12 / 4000);
    expect(one.high! - one.value!).toBeGreaterThan(0.85 * error);
    expect(one.high! - one.value!).toBeLessThan(1.15 * error);
    expect(one.value! - one.low!).toBeGreaterThan(0.85 * error);
  });

  test('a quantile lies between its neighbours', () => {
    expect(quantile([1, 2, 4], 0.75)).toBe(3);
    expect(quantile([], 0.5)).toBeUndefined();
  });
});

describe('evaluateScores', () => {
  test('two symbols, one date: bought at 110 and sold at 121 is +10 %, 100 to 95 is −5 %, the spread 15 %', () => {
    const report = evaluateScores(
      [series('A', [100, 110, 121], [90, 90, 90]), series('B', [100, 100, 95], [10, 10, 10])],
      small,
    );
    const [one] = report.horizons;
    expect(one).toMatchObject({ dates: 1, observations: 2, signals: 2, staleExits: 0, turnover: 1 });
    expect(one!.rankIc.value).toBe(1);
    expect(one!.hitRate.value).toBe(1);
    expect(one!.spreadPercent.value).toBeCloseTo(15, 10);
    expect(one!.excessAfterCostsPercent.value).toBeCloseTo(7.5, 10);
  });

  test('costs are paid on what is replaced: .15 + .25 on both sides of a new spread of 15 % leave 14.2 %', () => {
    const [one] = evaluateScores(
      [series('A', [100, 110, 121], [90, 90, 90]), series('B', [100, 100, 95], [10, 10, 10])],
      { ...small, buyCostPercent: 0.15, sellCostPercent: 0.25 },
    ).horizons;
    expect(one!.spreadAfterCostsPercent.value).toBeCloseTo(14.2, 10);
    expect(one!.excessAfterCostsPercent.value).toBeCloseTo(7.1, 10);
  });

  test('positions that are kept are not paid for again: one replacement of two dates is a turnover of ½', () => {
    const [one] = evaluateScores(
      [series('A', [100, 101, 102, 103], [90, 90, 90, 90]), series('B', [100, 99, 98, 97], [10, 10, 10, 10])],
      small,
    ).horizons;
    expect(one).toMatchObject({ dates: 2, turnover: 0.5 });
  });

  test('the close that made the score is not the close that it trades at', () => {
    const scores = [90, 50, 50, 50];
    const jump = [series('A', [100, 150, 150, 150], scores), series('B', [100, 100, 101, 102], [10, 50, 50, 50])];
    expect(evaluateScores(jump, small).horizons[0]!.spreadPercent.value).toBeCloseTo(-1, 10);
    expect(evaluateScores(jump, { ...small, entryDelayBars: 0 }).horizons[0]!.spreadPercent.value).toBeCloseTo(50, 10);
  });

  test('a symbol that does not trade at the exit counts at its last price, and is counted', () => {
    const a = { symbol: 'A', timesMs: [0, day], closes: [100, 110], scores: [90, 90] };
    const report = evaluateScores([a, series('B', [100, 100, 90], [10, 10, 10])], small);
    expect(report.horizons[0]).toMatchObject({ dates: 1, staleExits: 1 });
    expect(report.horizons[0]!.spreadPercent.value).toBeCloseTo(10, 10);
  });

  test('to sell everything is no skill: of +30, −1 and −2 % one is above and one below the median', () => {
    const sells = [10, 20, 30];
    const all = [130, 99, 98].map((last, i) => series(`S${i}`, [100, 100, last], [sells[i], sells[i], sells[i]]));
    const [one] = evaluateScores(all, small).horizons;
    expect(one).toMatchObject({ signals: 2, hitRate: { value: 0.5 } });
  });

  test('equal scores stay in one quantile, and a date without a top or a bottom has no spread', () => {
    const flat = [series('A', [1, 2, 3], [50, 50, 50]), series('B', [3, 2, 1], [50, 50, 50])];
    const [one] = evaluateScores(flat, { ...small, quantiles: 2 }).horizons;
    expect(one!.rankIc.value).toBeUndefined();
    expect(one!.spreadPercent.value).toBeUndefined();
    expect(one!.turnover).toBeUndefined();
  });

  test('a score that is the next return has a rank IC of 1, far outside its control', () => {
    const report = evaluateScores(market(12, 120, 5, 1), { horizons: [1], shuffles: 99, resamples: 300 });
    const [one] = report.horizons;
    expect(one!.rankIc).toEqual({ value: 1, low: 1, high: 1 });
    expect(one!.foldRankIcs).toEqual([1, 1, 1, 1, 1]);
    expect(one!.control!.pValue).toBe(0.01);
    expect(Math.abs(one!.control!.mean)).toBeLessThan(0.05);
    expect(one!.spreadAfterCostsPercent.low!).toBeGreaterThan(0);
  });

  test('a score of noise has an interval that holds 0 in about 95 of 100 markets, and p-values all over', () => {
    let inside = 0;
    let small = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const [one] = evaluateScores(market(10, 80, seed, 0), { horizons: [1], shuffles: 19, resamples: 200 }).horizons;
      if (one!.rankIc.low! <= 0 && one!.rankIc.high! >= 0) inside++;
      if (one!.control!.pValue! <= 0.1) small++;
    }
    expect(inside).toBeGreaterThanOrEqual(50);
    expect(small).toBeLessThanOrEqual(14);
  });

  test('the same input and seed give the same report; the order of the series does not matter', () => {
    const scored = market(10, 60, 9, 0.2);
    const options = { horizons: [1, 5], shuffles: 5, resamples: 50 };
    expect(evaluateScores([...scored].reverse(), options)).toEqual(evaluateScores(scored, options));
    expect(JSON.parse(JSON.stringify(evaluateScores(scored, options)))).toEqual(evaluateScores(scored, options));
  });

  test('dates with too few symbols are left out', () => {
    expect(evaluateScores(market(9, 30, 1, 0), { horizons: [1] }).horizons[0]).toMatchObject({
      dates: 0,
      turnover: undefined,
      control: undefined,
    });
  });

  test('what cannot be is refused by name', () => {
    const refused = (run: () => unknown): string => {
      try {
        run();
      } catch (error) {
        if (isScoringError(error)) return error.message;
        throw error;
      }
      return 'nothing was refused';
    };
    expect(refused(() => evaluateScores([series('A', [1, 0], [5, 5])]))).toBe(
      'series "A": "0" is close 1, expected a price above 0. Mend the series or leave it out.',
    );
    expect(refused(() => evaluateScores([series('A', [1], [5]), series('A', [1], [5])]))).toContain('is there twice');
    expect(refused(() => evaluateScores([series('A', [1], [101])]))).toContain('expected 0 to 100');
    expect(refused(() => evaluateScores([], { quantiles: 1 }))).toBe(
      'quantiles "1" is not a whole number of at least 2. Leave it out for 5.',
    );
    expect(refused(() => evaluateScores([], { confidence: 1 }))).toContain('confidence "1"');
    expect(evaluationDefaults.entryDelayBars).toBe(1);
  });
});

describe('walkForward and findLookAhead', () => {
  const bars = (closes: readonly number[]): BarSeries['bars'] =>
    closes.map((close, i) => ({
      startMs: i * day,
      endMs: (i + 1) * day,
      open: close,
      high: close,
      low: close,
      close,
      volume: 1,
    }));

  test.each([0, -1, 0.5, Number.NaN, Infinity])('a step of %s is refused', (step) => {
    expect(() => findLookAhead(bars([1, 2, 3]), (some) => some.map(() => some.length), step)).toThrow(
      `step "${step}" is not a whole number`,
    );
  });

  test('scores that are too few or too many for the bars are refused', () => {
    expect(() => findLookAhead(bars([1, 2, 3]), () => [])).toThrow(
      '"0" scores were made of 3 bars, expected one for each bar. Give undefined where there is none.',
    );
  });

  test('every symbol has a scorer of its own, which is asked before it is given the next bar', () => {
    const seen: string[] = [];
    const scored = walkForward(
      [
        { symbol: 'A', bars: bars([1, 2]) },
        { symbol: 'B', bars: bars([3]) },
      ],
      (symbol) => {
        let count = 0;
        return {
          push: ({ close }) => {
            seen.push(`${symbol}${close}`);
            return count++ === 0 ? undefined : close;
          },
        };
      },
    );
    expect(seen).toEqual(['A1', 'A2', 'B3']);
    expect(scored.map(({ scores }) => scores)).toEqual([[undefined, 2], [undefined]]);
    expect(scored[0]!.timesMs).toEqual([day, 2 * day]);
  });

  test('a score against the mean of all bars, later ones too, is caught; against the mean so far it is not', () => {
    const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
    const walk = bars([4, 6, 5, 9]);
    expect(
      findLookAhead(walk, (some) => some.map(({ close }) => (close > mean(some.map((b) => b.close)) ? 100 : 0))),
    ).toEqual({ index: 1, knownBars: 2, before: 100, after: 0 });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 99 }), { maxLength: 20 }), (closes) => {
        const found = findLookAhead(bars(closes), (some) =>
          some.map(({ close }, i) => (close > mean(some.slice(0, i + 1).map((b) => b.close)) ? 100 : 0)),
        );
        expect(found).toBeUndefined();
      }),
    );
  });
});
