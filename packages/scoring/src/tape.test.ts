import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { missingComponent } from './component.ts';
import { scoreToJson } from './composite.ts';
import { explainScore } from './explain.ts';
import type { NumericBar } from './tape.ts';
import { scoreTape } from './tape.ts';

const barsOf = (closes: readonly number[]): NumericBar[] =>
  closes.map((close, i) => ({
    startMs: i * 60_000,
    endMs: (i + 1) * 60_000,
    open: close,
    high: close + 1,
    low: close - 1,
    close,
    volume: 5,
  }));

const eleven = barsOf([10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
const orderFlow = { obi: 0.25, ofiTrend: 0, quality: 'measured' } as const;

describe('scoreTape', () => {
  test('11 rising bars and an OBI of .25: (.4 × 60 + .2 × 100) ÷ .6 = 73.333333', () => {
    const score = scoreTape({ symbol: 'ETHUSDT', bars: eleven, orderFlow });
    expect(score).toMatchObject({ score: 73.333333, signal: 'buy', coverage: 0.6, asOfMs: 660_000 });
    expect(score.components.map(({ name, score: s }) => [name, s])).toEqual([
      ['order-flow', 60],
      ['momentum', undefined],
      ['trend', 100],
      ['volatility-position', undefined],
    ]);
  });

  test.each([
    [{ high: 11, low: 12 }, 'high "11" of bar 2 is not at or above its low "12"'],
    [{ open: 10.9 }, 'open "10.9" of bar 2 is not from its low "11" to its high "13"'],
    [{ open: 13.1 }, 'open "13.1" of bar 2 is not from its low "11" to its high "13"'],
    [{ close: 10.9 }, 'close "10.9" of bar 2 is not from its low "11" to its high "13"'],
    [{ close: 13.1 }, 'close "13.1" of bar 2 is not from its low "11" to its high "13"'],
    [{ volume: -1 }, 'volume "-1" of bar 2 is not at or above 0'],
  ])('refuses a bar that no market makes: %o', (fields, message) => {
    const bars = eleven.map((bar, i) => (i === 2 ? { ...bar, ...fields } : bar));
    expect(() => scoreTape({ symbol: 'X', bars })).toThrow(
      `${message}. Leave the bar out, or mend it where it comes from.`,
    );
    const still = { open: 12, high: 12, low: 12, close: 12, volume: 0 };
    const quiet = eleven.map((bar, i) => (i === 2 ? { ...bar, ...still } : bar));
    expect(scoreTape({ symbol: 'X', bars: quiet }).coverage).toBeGreaterThan(0);
  });

  test('without bars and order flow nothing is known', () => {
    expect(scoreToJson(scoreTape({ symbol: 'X', bars: [] }))).toMatchObject({
      asOfMs: null,
      score: null,
      signal: null,
      coverage: 0,
    });
  });

  test('counts further components, and only those that have a weight', () => {
    const score = scoreTape({
      symbol: 'X',
      bars: eleven,
      orderFlow,
      components: [{ name: 'sentiment', score: 80, quality: 'proxy', reasons: [], inputs: {} }],
      weights: { trend: 1, sentiment: 3 },
    });
    expect(score.score).toBe(85);
    expect(score.components.map(({ name }) => name)).toEqual(['trend', 'sentiment']);
    const stray = [missingComponent('broker', 'no data')];
    expect(() => scoreTape({ symbol: 'X', bars: eleven, components: stray })).toThrow(
      /component "broker" has no weight/,
    );
  });

  test('keeps the previous signal through a small step back', () => {
    const weak = { symbol: 'X', bars: [], orderFlow: { obi: 0.18, quality: 'measured' } } as const;
    expect(scoreTape(weak)).toMatchObject({ score: 59, signal: 'neutral' });
    expect(scoreTape({ ...weak, previousSignal: 'buy' }).signal).toBe('buy');
  });

  test('falling prices score as rising ones do, mirrored', () => {
    const closes = fc.array(fc.integer({ min: 1, max: 4_000 }), { maxLength: 50 });
    fc.assert(
      fc.property(closes, fc.integer({ min: -20, max: 20 }), (list, twentieths) => {
        const obi = twentieths / 20;
        const up = scoreTape({ symbol: 'X', bars: barsOf(list), orderFlow: { obi, quality: 'measured' } });
        const mirrored = barsOf(list.map((close) => 5_000 - close));
        const down = scoreTape({ symbol: 'X', bars: mirrored, orderFlow: { obi: -obi, quality: 'measured' } });
        expect(Math.abs(up.score! + down.score! - 100)).toBeLessThan(2e-6);
      }),
    );
  });

  test('leaves its bars untouched and gives the same bytes again', () => {
    const bars = Object.freeze(eleven.map((bar) => Object.freeze(bar)));
    const once = (): string => JSON.stringify(scoreToJson(scoreTape({ symbol: 'X', bars, orderFlow })));
    expect(once()).toBe(once());
  });

  test('a bar that is no bar is named with its index, field and value', () => {
    const broken = eleven.map((bar, i) => (i === 4 ? { ...bar, close: Number.NaN } : bar));
    expect(() => scoreTape({ symbol: 'X', bars: broken })).toThrow(
      'close "NaN" of bar 4 is not a finite number within ±1e150. Leave the bar out, or mend it where it comes from.',
    );
    const text = [{ ...eleven[0]!, volume: '5' as unknown as number }];
    expect(() => scoreTape({ symbol: 'X', bars: text })).toThrow(/^volume "5" of bar 0/);
  });

  test('bars out of order are refused', () => {
    expect(() => scoreTape({ symbol: 'X', bars: [eleven[1]!, eleven[0]!] })).toThrow(
      'startMs "0" of bar 1 is not after "60000" of the bar before it. ' +
        'Sort the bars by startMs, oldest first, without duplicates.',
    );
  });
});

describe('explainScore', () => {
  test('reads as the arithmetic of the score', () => {
    expect(explainScore(scoreTape({ symbol: 'ETHUSDT', bars: eleven, orderFlow }))).toEqual([
      'ETHUSDT: 73.3333 of 100, buy, from 60 % of the weight',
      'order-flow: 60 × 66.7 % = 40 points: book imbalance 0.25: strong buying pressure; order flow trend 0: no clear trend',
      'momentum: missing, its weight of 0.25 goes to the others: RSI needs 15 closes, 11 given',
      'trend: 100 × 33.3 % = 33.3333 points: net move 10 over a way of 10 in 10 bars: upward',
      'volatility-position: missing, its weight of 0.15 goes to the others: Bollinger bands needs 20 closes, 11 given',
    ]);
  });

  test('marks estimates and says when nothing is known', () => {
    const proxy = scoreTape({ symbol: 'X', bars: [], orderFlow: { obi: 0, quality: 'proxy' } });
    expect(explainScore(proxy)[1]).toMatch(
      /^order-flow: 50 × 100 % = 50 points, estimated: book imbalance 0: balanced/,
    );
    expect(explainScore(scoreTape({ symbol: 'X', bars: [] }))[0]).toBe('X: no score, nothing is known');
  });
});
