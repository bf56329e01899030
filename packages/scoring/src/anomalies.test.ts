import { describeReducerContract } from '@tapekit/tooling/contract';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Anomaly, AnomalyBar, PumpEvidence } from './anomalies.ts';
import { anomalies, createAnomalies, pumpDefaults, pumpRisk, restoreAnomalies, scorePumpRisk } from './anomalies.ts';

/** Closes 100 and 101, volumes 90 and 110 in turn. */
const calm: readonly AnomalyBar[] = Array.from({ length: 21 }, (_, i) => ({
  ...{
    startMs: i * 60_000,
    open: 100 + ((i + 1) % 2),
    high: 101,
    low: 100,
    close: 100 + (i % 2),
    volume: 90 + 20 * (i % 2),
  },
}));
const next = (more: Partial<AnomalyBar>): AnomalyBar => ({
  ...{ startMs: 21 * 60_000, open: 100, high: 101, low: 100, close: 101, volume: 100, ...more },
});
const after = (bar: AnomalyBar): readonly Anomaly[] => anomalies([...calm, bar], { lookback: 20 });

describe('anomalies', () => {
  test('a volume is measured against the bars before it', () => {
    // 20 bars before: mean 100, deviation 10
    expect(after(next({ volume: 140 }))).toEqual([
      {
        ...{ kind: 'volume', at: 21, startMs: 1_260_000, value: 140, mean: 100, deviation: 10, zScore: 4 },
        ...{ severity: 0.6, expected: [80, 120] },
      },
    ]);
    expect(after(next({ volume: 139 }))).toEqual([]);
    // A dry bar is no burst.
    expect(after(next({ volume: 0 }))).toEqual([]);
  });

  test('a return is divided by the close before it, and counts on both sides', () => {
    const [up] = after(next({ high: 105, close: 105 })).filter(({ kind }) => kind === 'return');
    expect(up!.value).toBe(0.05);
    const [down] = after(next({ low: 95, close: 95 })).filter(({ kind }) => kind === 'return');
    expect(down!.value).toBe(-0.05);
    expect(down!.zScore).toBeLessThan(-3);
  });

  test('a gap is the open against the close before it', () => {
    const opensOff = calm.map((bar, i) => (i % 4 === 0 ? { ...bar, open: 100.5 } : bar));
    const bars = [...opensOff, next({ open: 110, high: 110, close: 110 })];
    const found = anomalies(bars, { lookback: 20 });
    expect(found.map(({ kind }) => kind)).toEqual(['return', 'range', 'gap']);
    expect(found[2]!.value).toBe(0.1);
  });

  test('severity grows with the distance and ends at 1', () => {
    const severityOf = (volume: number): number => after(next({ volume }))[0]!.severity;
    expect([severityOf(140), severityOf(150), severityOf(10_000)]).toEqual([0.6, 0.75, 1]);
  });

  test('bars that are all alike say nothing about the next', () => {
    const flat = Array.from({ length: 30 }, (_, i) => ({
      ...next({ startMs: i }),
      open: 7,
      high: 7,
      low: 7,
      close: 7,
    }));
    expect(anomalies([...flat, { ...flat[0]!, startMs: 99, high: 9, close: 9 }], { lookback: 20 })).toEqual([]);
  });

  test('needs its lookback, and refuses what is no bar', () => {
    expect(anomalies([...calm.slice(1), next({ volume: 1e6 })], { lookback: 20 })).toEqual([]);
    expect(() => anomalies([next({ low: 102 })])).toThrow('bar 0 opens at "100" and closes at "101"');
    expect(() => anomalies([next({ volume: Number.NaN })])).toThrow('volume "NaN" of bar 0');
    expect(() => anomalies([], { lookback: 1 })).toThrow('lookback "1" is not at least 2');
    expect(() => anomalies([], { gapZ: 0 })).toThrow('gapZ "0" is not a number above 0.');
    expect(() => createAnomalies().replaceLast(next({}))).toThrow('before the first push');
    const snapshot = createAnomalies().snapshot();
    expect(() => restoreAnomalies({ ...snapshot, count: 3 })).toThrow('no snapshot of "3" bars has');
  });
});

const walk: fc.Arbitrary<readonly AnomalyBar[]> = fc
  .array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.nat(4), fc.oneof(fc.nat(50), fc.nat(2_000))), { maxLength: 60 })
  .map((steps) => {
    let close = 1_000;
    return steps.map(([move, wick, volume], i) => {
      const open = close;
      close += move;
      return { startMs: i, open, high: Math.max(open, close) + wick, low: Math.min(open, close) - wick, close, volume };
    });
  });
const loose = { lookback: 6, returnZ: 1.5, volumeZ: 1.5, rangeZ: 1.5, gapZ: 1.5 };

describe('anomalies over random series', () => {
  test('bars that come later never change what was said', () => {
    fc.assert(
      fc.property(walk, walk, (past, bars) => {
        const future = bars.map((bar) => ({ ...bar, startMs: 1e9 + bar.startMs }));
        const whole = anomalies([...past, ...future], loose);
        expect(whole.filter(({ at }) => at < past.length)).toEqual(anomalies(past, loose));
      }),
    );
  });

  test('replacing the last bar leaves no trace of the bar before', () => {
    fc.assert(
      fc.property(walk, (bars) => {
        const stream = createAnomalies(loose);
        const found = bars.flatMap((bar) => {
          stream.push({ ...bar, volume: 1e9 });
          return stream.replaceLast(bar);
        });
        expect(found).toEqual(anomalies(bars, loose));
      }),
    );
  });
});

describe('the order of bars', () => {
  test('bars out of order, or twice, are refused, and the state stays', () => {
    const stream = createAnomalies({ lookback: 20 });
    for (const bar of calm) stream.push(bar);
    const state = stream.snapshot();
    for (const startMs of [0, 20 * 60_000]) {
      expect(() => stream.push(next({ startMs }))).toThrow(
        `startMs "${startMs}" of bar 21 is not after "1200000" of the bar before it. Sort the bars by startMs, oldest first.`,
      );
    }
    expect(() => stream.replaceLast(next({}))).toThrow(
      'startMs "1260000" of bar 20 is not the "1200000" of the open bar. Push a bar that starts later instead of replacing one.',
    );
    expect(stream.snapshot()).toEqual(state);
    const turned = { ...state, bars: [...state.bars].reverse() };
    expect(() => restoreAnomalies(turned)).toThrow('snapshot of "anomalies" has bars that no snapshot');
    expect(() => anomalies([...calm].reverse())).toThrow('startMs "1140000" of bar 1');
  });
});

describeReducerContract<AnomalyBar, Anomaly, ReturnType<typeof createAnomalies>>({
  name: 'createAnomalies',
  create: () => createAnomalies(loose),
  restore: (snapshot) => restoreAnomalies(snapshot, loose),
  inputs: walk,
  batch: (bars) => anomalies(bars, loose),
  refused: [next({ low: 102 })],
});

describe('pumpRisk', () => {
  const ordinary: PumpEvidence = {
    postRatio: 1,
    volumeRatio: 1,
    priceChange: 0,
    authorAgeDays: 400,
    wordHits: 0,
    postsPerAuthor: 1,
  };

  test('weights sum to 1', () => {
    expect(Object.values(pumpDefaults.weights).reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  });

  test('one sign alone is no pump, however strong', () => {
    for (const alone of [
      { postRatio: 1e6 },
      { volumeRatio: 1e6 },
      { priceChange: 9 },
      { authorAgeDays: 0 },
      { wordHits: 99 },
    ]) {
      const { risk, severity } = pumpRisk({ ...ordinary, ...alone });
      expect(risk).toBeLessThanOrEqual(0.25);
      expect(severity).toBe('none');
    }
  });

  test('a sign that was not looked at lowers the coverage and is not taken for ordinary', () => {
    const evidence = { volumeRatio: 11, priceChange: 0.15 };
    // (0.25 · 1 + 0.20 · 0.5) ÷ 0.45
    expect(pumpRisk(evidence)).toMatchObject({ risk: 0.777778, coverage: 0.45, severity: 'high' });
    expect(pumpRisk({ ...ordinary, ...evidence })).toMatchObject({ risk: 0.35, coverage: 1, severity: 'none' });
    expect(pumpRisk({ volumeRatio: 11 })).toMatchObject({ risk: undefined, coverage: 0.25, severity: undefined });
  });

  test.each([
    ['postRatio', [3, 3.5, 6], [0, 0.5, 1]],
    ['volumeRatio', [4.9, 5, 11], [0, 0.4, 1]],
    ['priceChange', [0.14, 0.15, 0.3], [0, 0.5, 1]],
    ['authorAgeDays', [30, 15, 0], [0, 0.5, 1]],
    ['wordHits', [0, 1, 5], [0, 0.2, 1]],
    ['postsPerAuthor', [3, 6.5, 10], [0, 0.5, 1]],
  ] as const)('%s of %j is as strong as %j', (key, values, strengths) => {
    const strengthOf = (value: number): number | undefined =>
      pumpRisk({ ...ordinary, [key]: value }).parts.reduce((sum, part) => sum + (part.strength ?? 0), 0);
    expect(values.map(strengthOf)).toEqual([...strengths]);
  });

  test('a move that is explained is less of a risk', () => {
    const all = { postRatio: 6, volumeRatio: 11, priceChange: 0.3, authorAgeDays: 0, wordHits: 5, postsPerAuthor: 10 };
    expect(pumpRisk(all)).toMatchObject({ risk: 1, severity: 'critical' });
    expect(pumpRisk({ ...all, isExplained: true })).toMatchObject({ risk: 0.7, severity: 'medium' });
  });

  test('refuses evidence and weights that cannot be', () => {
    expect(() => pumpRisk({ volumeRatio: -1 })).toThrow(
      'evidence "-1" of "volume" is not a finite number of at least 0.',
    );
    expect(() => pumpRisk({ priceChange: Number.NaN })).toThrow(
      'evidence "NaN" of "price" is not a finite number. Leave',
    );
    const weights = { ...pumpDefaults.weights, price: -1 };
    expect(() => pumpRisk({}, { weights })).toThrow('are not numbers of at least 0 with one above it.');
    expect(() => pumpRisk({}, { warnAt: 2 })).toThrow('warnAt "2" is not from 0 to 1.');
  });
});

describe('scorePumpRisk', () => {
  test('counts against from a warning on, and says why', () => {
    expect(scorePumpRisk({ volumeRatio: 11, priceChange: 0.15 })).toMatchObject({
      ...{ name: 'pump-risk', score: 11.1111, quality: 'measured' },
      reasons: ['risk of a pump 0.777778: high', '11 times the ordinary volume', 'price 15 % up'],
    });
  });

  test('covers what was looked at, and states its rule', () => {
    const evidence = { volumeRatio: 20, priceChange: 0.4 };
    expect(scorePumpRisk(evidence)).toMatchObject({ coverage: 0.45, rule: '50 − 50 × risk' });
    const more = scorePumpRisk({ ...evidence, postRatio: 6 });
    expect(more.coverage).toBe(0.65);
  });

  test('the absence of a pump is no reason to buy', () => {
    const calmEvidence = { volumeRatio: 1, priceChange: 0 };
    expect(scorePumpRisk(calmEvidence)).toMatchObject({ score: undefined, reasons: ['risk 0: no warning'] });
    expect(scorePumpRisk({})).toMatchObject({
      score: undefined,
      reasons: ['0 % of the evidence was looked at: too little'],
    });
  });
});
