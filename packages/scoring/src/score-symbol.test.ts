import { describeReducerContract } from '@tapekit/tooling/contract';
import { checkHostile, damaged, hostileNumbers } from '@tapekit/tooling/hostile';
import { Decimal } from 'decimal.js';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ComponentScore } from './component.ts';
import type { Score } from './composite.ts';
import { isScoringError } from './errors.ts';
import { explain } from './explain.ts';
import { findLookAhead } from './evaluate.ts';
import type { ScorePreset } from './presets.ts';
import { scorePresets } from './presets.ts';
import type { SymbolEvidence, SymbolScorer } from './score-symbol.ts';
import { createSymbolScorer, restoreSymbolScorer, scoreSymbol } from './score-symbol.ts';
import type { NumericBar } from './tape.ts';
import { scoreTape } from './tape.ts';

const minute = 60_000;

/** Bars on a grid of ¼, so that mirrored prices are exact. */
function walk(steps: readonly number[], volumes: readonly number[] = []): NumericBar[] {
  let close = 512;
  return steps.map((step, i) => {
    const open = close;
    close += step / 4;
    const [high, low] = [Math.max(open, close) + 0.25, Math.min(open, close) - 0.25];
    return { startMs: i * minute, endMs: (i + 1) * minute, open, high, low, close, volume: volumes[i] ?? 100 };
  });
}

const mirrored = (bars: readonly NumericBar[]): NumericBar[] =>
  bars.map(({ open, high, low, close, ...rest }) => ({
    ...rest,
    open: 1024 - open,
    high: 1024 - low,
    low: 1024 - high,
    close: 1024 - close,
  }));

const steps = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 1, maxLength: 120 });
const fixed = Array.from({ length: 150 }, (_, i) => ((i * 7) % 11) - 5 + ((i * i) % 3));

const evidence: SymbolEvidence = {
  orderFlow: { obi: 0.5, ofiTrend: 0.2, quality: 'measured' },
  fundamentals: {
    ...{ returnOnEquityPercent: 20, returnOnAssetsPercent: 10, netMarginPercent: 12, debtToEquity: 0.4 },
    publishedMs: -3,
  },
  holdings: [
    { publishedMs: -2, holdings: [{ holder: 'Fund', kind: 'institution', percent: 5 }] },
    { publishedMs: -1, holdings: [{ holder: 'Fund', kind: 'institution', percent: 7 }] },
  ],
  sentiment: [{ id: 'a', timeMs: 0, source: 'news', score: 1, confidence: 1 }],
  predictions: [{ model: 'm/1', asOfMs: 0, horizonDays: 5, up: 0.6, flat: 0.2, down: 0.2 }],
};

const componentsOf = (score: Score): Record<string, number | undefined> =>
  Object.fromEntries(score.components.map(({ name, score: value }) => [name, value]));

describe('scoreSymbol', () => {
  test('one call scores everything that is known, and says what is not', () => {
    const score = scoreSymbol({ symbol: 'BBCA', bars: walk(fixed), ...evidence });
    expect(componentsOf(score)).toMatchObject({
      'order-flow': 72,
      broker: undefined,
      prediction: 70,
      sentiment: 85.75,
    });
    expect(score.rules).toBe('balanced/1');
    expect(score.asOfMs).toBe(150 * minute);
    const sum = explain(score).contributions.reduce((total, one) => total.plus(one.contribution), new Decimal(0));
    expect(sum.toString()).toBe(String(score.score));
  });

  test('every contribution that is present states its rule and inputs', () => {
    const { contributions } = explain(scoreSymbol({ symbol: 'BBCA', bars: walk(fixed), ...evidence }));
    const present = contributions.filter((one) => one.score !== null);
    expect(present.length).toBeGreaterThanOrEqual(9);
    for (const { path, rule, inputs, reasons } of present) {
      if (path.at(-1) === 'wyckoff') continue;
      expect(rule, path.join('/')).toMatch(/\S/);
      expect(Object.keys(inputs).length, path.join('/')).toBeGreaterThan(0);
      expect(reasons.length, path.join('/')).toBeGreaterThan(0);
    }
  });

  test('nothing known is no score', () => {
    expect(scoreSymbol({ symbol: 'X', bars: [] })).toMatchObject({ score: undefined, signal: undefined, coverage: 0 });
  });

  test('dropping any evidence lowers the coverage, and the other components stay as they were', () => {
    const bars = walk(fixed);
    const all = scoreSymbol({ symbol: 'X', bars, ...evidence });
    for (const name of Object.keys(evidence) as (keyof SymbolEvidence)[]) {
      const without = scoreSymbol({ symbol: 'X', bars, ...evidence, [name]: undefined });
      expect(without.coverage, name).toBeLessThan(all.coverage);
      const changed = Object.entries(componentsOf(without)).filter(([key, value]) => componentsOf(all)[key] !== value);
      expect(changed, name).toHaveLength(1);
      // The shape of the bars stands in for order flow, and says so.
      if (name === 'orderFlow') expect(without.components[1]!.quality).toBe('proxy');
      else expect(changed[0]![1], name).toBeUndefined();
    }
  });

  test('half of the order flow covers its share: OBI is worth 40 of 50 points', () => {
    const of = (orderFlow: SymbolEvidence['orderFlow']): number =>
      scoreSymbol({ symbol: 'X', bars: [], orderFlow, preset: scorePresets.tape }).coverage;
    expect(of({ obi: 0.5, ofiTrend: 0, quality: 'measured' })).toBe(0.4);
    expect(of({ obi: 0.5, quality: 'measured' })).toBeCloseTo(0.32, 12);
  });

  test('without order flow the shape of the bars stands in for it, as a proxy that covers half', () => {
    // Closes at 514 of 511.75 to 514.25: m = .8 for 100 of 100 shares; the trend needs another bar.
    const score = scoreSymbol({ symbol: 'X', bars: walk([8]), preset: scorePresets.tape });
    expect(score.components[0]).toMatchObject({ name: 'order-flow', score: 90, quality: 'proxy', coverage: 0.4 });
    expect(score.components[0]!.reasons[0]).toBe('from the shape of the bars, in place of order flow');
    expect(score.coverage).toBeCloseTo(0.16, 12);
  });

  test('order flow is read from quotes where they are given', () => {
    const quote = (bidLots: number) => ({ bidTicks: 100, bidLots, askTicks: 101, askLots: 10 });
    const score = scoreSymbol({
      symbol: 'X',
      bars: [],
      preset: scorePresets.tape,
      flow: { quotes: [quote(10), quote(30)] },
    });
    expect(score.components[0]).toMatchObject({ quality: 'measured', coverage: 1 });
    expect(score.score).toBeGreaterThan(60);
  });

  test('evidence that was published after the moment of the score is not used', () => {
    const later = scoreSymbol({ symbol: 'X', bars: [], ...evidence, asOfMs: -1000 });
    expect(componentsOf(later)).toMatchObject({
      ...{ fundamental: undefined, ownership: undefined, sentiment: undefined, prediction: undefined },
    });
  });

  test('the tape preset is scoreTape', () => {
    const bars = walk(fixed);
    const orderFlow = { obi: 0.25, ofiTrend: -0.5, quality: 'proxy' } as const;
    const [one, other] = [
      scoreSymbol({ symbol: 'X', bars, orderFlow, preset: scorePresets.tape }),
      scoreTape({ symbol: 'X', bars, orderFlow }),
    ];
    expect(one.score).toBe(other.score);
    expect(componentsOf(one)).toEqual(componentsOf(other));
  });

  test('own components replace built-in ones; those that nothing weighs are refused', () => {
    const own = (name: string): ComponentScore => ({ name, score: 90, quality: 'measured', reasons: [], inputs: {} });
    const score = scoreSymbol({ symbol: 'X', bars: walk(fixed), components: [own('technical'), own('broker')] });
    expect(componentsOf(score)).toMatchObject({ technical: 90, broker: 90 });
    expect(() => scoreSymbol({ symbol: 'X', bars: [], components: [own('moon')] })).toThrow(
      'component "moon" has no weight in "balanced/1". Give it one in a preset of your own.',
    );
  });
});

describe('names that a preset weighs', () => {
  const made = (preset: ScorePreset, more: object = {}): readonly unknown[] =>
    scoreSymbol({ symbol: 'X', bars: walk(fixed), preset, ...more }).components.map(({ name, score, reasons }) => [
      name,
      score ?? reasons[0],
    ]);

  test('footprints that are given make the component footprint where it is weighed', () => {
    const preset = { id: 'mine/1', title: '', weights: { footprint: 1 }, parts: {} };
    const footprints = [
      { buyLots: 60, sellLots: 40, unknownLots: 0 },
      { buyLots: 50, sellLots: 50, unknownLots: 3 },
    ];
    expect(made(preset, { flow: { footprints } })).toEqual([['footprint', 84.375]]);
    expect(made(preset)).toEqual([['footprint', 'no footprints were given']]);
  });

  test('one that nothing makes says so, at either level: it may be spelt wrong', () => {
    const reason = 'not supplied: nothing here makes it, it must come under components';
    const preset = {
      ...{ id: 'mine/1', title: '', weights: { momentun: 1, technical: 1, broker: 1, fibonacci: 1 } },
      parts: { technical: { trend: 1, shape: 1 } },
    };
    expect(made(preset)).toMatchObject([
      ['momentun', reason],
      ['technical', expect.any(Number)],
      ['broker', 'no broker summaries were given'],
      ['fibonacci', 'not supplied'],
    ]);
    const [technical] = scoreSymbol({ symbol: 'X', bars: walk(fixed), preset }).components.filter(({ parts }) => parts);
    expect(technical!.parts!.map(({ name, reasons }) => [name, reasons[0]])[1]).toEqual(['shape', reason]);
  });
});

describe('symmetry', () => {
  const symmetric = [scorePresets.balanced, scorePresets.tape, scorePresets['stock-screener-symmetric']];

  test('a mirrored market, with mirrored flow, gives 100 − score in every symmetric preset', () => {
    fc.assert(
      fc.property(
        steps,
        fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 120, maxLength: 120 }),
        (moves, volumes) => {
          const bars = walk(moves, volumes);
          for (const preset of symmetric) {
            const of = (some: readonly NumericBar[], obi: number): Score =>
              scoreSymbol({ symbol: 'X', bars: some, preset, orderFlow: { obi, quality: 'measured' } });
            const [up, down] = [of(bars, 0.25), of(mirrored(bars), -0.25)];
            expect(Math.abs(up.score! + down.score! - 100), preset.id).toBeLessThanOrEqual(1e-5);
            expect(down.coverage).toBe(up.coverage);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('createSymbolScorer', () => {
  test('after every bar the score is that of the batch', () => {
    for (const preset of Object.values(scorePresets)) {
      const bars = walk(fixed.slice(0, 90));
      const scorer = createSymbolScorer({ symbol: 'X', preset, evidence });
      let previousSignal: Score['signal'];
      bars.forEach((bar, i) => {
        const score = scorer.push(bar);
        if (i % 9 === 0) {
          expect(score).toEqual(
            scoreSymbol({ symbol: 'X', preset, bars: bars.slice(0, i + 1), ...evidence, previousSignal }),
          );
        }
        previousSignal = score.signal;
      });
    }
  });

  test('no score changes when later bars are appended', () => {
    fc.assert(
      fc.property(steps, (moves) => {
        const found = findLookAhead(
          walk(moves),
          (bars) => {
            const scorer = createSymbolScorer({ symbol: 'X' });
            return bars.map((bar) => scorer.push(bar).score);
          },
          17,
        );
        expect(found).toBeUndefined();
      }),
      { numRuns: 30 },
    );
  });

  test('an open bar that is replaced leaves no trace', () => {
    for (const preset of Object.values(scorePresets)) {
      const bars = walk(fixed.slice(0, 80));
      const [plain, replaced] = [
        createSymbolScorer({ symbol: 'X', preset }),
        createSymbolScorer({ symbol: 'X', preset }),
      ];
      for (const bar of bars) {
        const score = plain.push(bar);
        replaced.push({ ...bar, high: bar.high + 9, close: bar.high + 9 });
        expect(replaced.replaceLast(bar)).toEqual(score);
      }
      expect(replaced.snapshot()).toEqual(plain.snapshot());
    }
  });

  test('evidence that is set counts from the next score on', () => {
    const scorer = createSymbolScorer({ symbol: 'X', preset: scorePresets.tape });
    const [first, second] = walk([1, 2]);
    expect(scorer.push(first!)).toMatchObject({ score: 66.666667, coverage: 0.16 });
    scorer.setEvidence({ orderFlow: { obi: 0.5, quality: 'measured' } });
    expect(scorer.score().score).toBe(75);
    expect(scorer.push(second!).score).toBe(75);
  });

  test('a signal is kept through the hysteresis of the bar before, and advancing forgets it', () => {
    const scorer = createSymbolScorer({ symbol: 'X', preset: scorePresets.tape });
    const [a, b, c, d] = walk([1, 1, 1, 1]);
    const flow = (obi: number): void => scorer.setEvidence({ orderFlow: { obi, quality: 'measured' } });
    flow(0.2);
    expect(scorer.push(a!)).toMatchObject({ score: 60, signal: 'buy' });
    flow(0.18);
    expect(scorer.push(b!)).toMatchObject({ score: 59, signal: 'buy' });
    scorer.advance(c!);
    expect(scorer.push(d!)).toMatchObject({ score: 59, signal: 'neutral' });
  });

  test('what cannot be is refused, and the state stays', () => {
    const scorer = createSymbolScorer({ symbol: 'X' });
    const [a, b] = walk([1, 2]);
    expect(() => scorer.replaceLast(a!)).toThrow('replaceLast was called before the first push.');
    scorer.push(b!);
    const state = scorer.snapshot();
    expect(() => scorer.push(a!)).toThrow('startMs "0" of bar 1 is not after "60000"');
    expect(() => scorer.replaceLast(a!)).toThrow('startMs "0" of bar 0 is not the "60000" of the open bar.');
    expect(() => scorer.push({ ...b!, startMs: 2 * minute, close: Number.NaN })).toThrow('close "NaN" of bar 1');
    expect(scorer.snapshot()).toEqual(state);
    expect(() => restoreSymbolScorer(state, { symbol: 'Y' })).toThrow('is not one of "Y" by "balanced/1", version 1.');
    expect(() => restoreSymbolScorer({ ...state, feeds: {} }, { symbol: 'X' })).toThrow('snapshot has no "measures"');
  });
});

for (const preset of [scorePresets.balanced, scorePresets['stock-screener']]) {
  describeReducerContract<NumericBar, Score, SymbolScorer>({
    name: `createSymbolScorer with ${preset.id}`,
    create: () => createSymbolScorer({ symbol: 'X', preset, evidence }),
    restore: (snapshot) => restoreSymbolScorer(snapshot, { symbol: 'X', preset, evidence }),
    inputs: steps.map((moves) => walk(moves)),
    flush: () => undefined,
    refused: [{ ...walk([1])[0]!, low: Number.NaN }],
    runs: 12,
  });
}

describe('hostile inputs', () => {
  const rarely = fc.record({
    startMs: hostileNumbers,
    endMs: hostileNumbers,
    open: hostileNumbers,
    high: hostileNumbers,
    low: hostileNumbers,
    close: hostileNumbers,
    volume: hostileNumbers,
  });
  const sound = fc.integer({ min: -8, max: 8 });

  test('bars that cannot be are refused and leave no trace; no output is NaN', () => {
    const bar = fc.oneof({ weight: 1, arbitrary: rarely }, { weight: 3, arbitrary: sound });
    fc.assert(
      fc.property(fc.array(fc.tuple(bar, fc.boolean()), { maxLength: 40 }), (list) => {
        let startMs = 0;
        const steps = list.map(([one, replaces]) => (scorer: SymbolScorer) => {
          const given =
            typeof one === 'number' ? { ...walk([one])[0]!, startMs: (startMs += 1), endMs: startMs + 1 } : one;
          return replaces ? scorer.replaceLast(given) : scorer.push(given);
        });
        checkHostile(createSymbolScorer({ symbol: 'X' }), steps, (error) => isScoringError(error));
      }),
      { numRuns: 200 },
    );
  });

  test('a snapshot without its recent bars is refused: the components would be of other bars', () => {
    const scorer = createSymbolScorer({ symbol: 'X' });
    for (const bar of walk(fixed.slice(0, 80))) scorer.push(bar);
    const good = scorer.snapshot();
    const { measures, flow } = good.feeds as { measures: { recent: number[] }; flow: object[] };
    for (const feeds of [
      { ...good.feeds, measures: { ...measures, recent: [] } },
      { ...good.feeds, measures: { ...measures, recent: measures.recent.slice(1) } },
      { ...good.feeds, flow: [] },
      { ...good.feeds, flow: flow.slice(1) },
    ]) {
      expect(() => restoreSymbolScorer({ ...good, feeds }, { symbol: 'X' })).toThrow('as it was taken.');
    }
    expect(() => restoreSymbolScorer({ ...good, count: 81 }, { symbol: 'X' })).toThrow(
      'snapshot has moves of "80" closes, expected "81". Pass it as it was taken.',
    );
    expect(restoreSymbolScorer(good, { symbol: 'X' }).snapshot()).toEqual(good);
  });

  test('a damaged snapshot is refused, or is one that can go on', () => {
    const scorer = createSymbolScorer({ symbol: 'X', preset: scorePresets['stock-screener'] });
    for (const bar of walk(fixed.slice(0, 40))) scorer.push(bar);
    const good = [createSymbolScorer({ symbol: 'X' }).snapshot(), scorer.snapshot()];
    const [next] = walk([3]).map((bar) => ({ ...bar, startMs: 1e9, endMs: 1e9 + 1 }));
    const value = fc.constantFrom(undefined, null, -1, 0.5, 'x', 1e308, [], {});
    fc.assert(
      fc.property(fc.constantFrom(...good), fc.nat(), value, (snapshot, place, put) => {
        const preset = snapshot.preset === 'balanced/1' ? scorePresets.balanced : scorePresets['stock-screener'];
        try {
          const restored = restoreSymbolScorer(damaged(snapshot, place, put) as never, { symbol: 'X', preset });
          restored.push(next!);
          restored.replaceLast(next!);
        } catch (error) {
          if (!isScoringError(error)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });
});
