import { describe, expect, test } from 'vitest';
import { componentOf, composeScore, compositePresets } from './composite.ts';
import type { ComponentScore } from './component.ts';
import type { PointBar, PointTable, ScorePreset } from './presets.ts';
import { pointTables, scorePoints, scorePresets, scoreTapeHybrid } from './presets.ts';

const known = (name: string, score: number): ComponentScore => ({
  name,
  score,
  quality: 'measured',
  reasons: [],
  inputs: {},
});

const bars = (closes: readonly number[], volumes: readonly number[] = []): PointBar[] =>
  closes.map((close, i) => ({ high: close + 1, low: close - 1, close, volume: volumes[i] ?? 100 }));

const pointsOf = (list: readonly PointBar[], table: PointTable): Record<string, number | undefined> =>
  Object.fromEntries(scorePoints(list, table).map(({ name, score }) => [name, score]));

const rising = Array.from({ length: 60 }, (_, i) => 100 + i);
const falling = [...rising].reverse();

describe('the documented examples', () => {
  test('80, 70, 60, 50 at .4, .4, .1, .1 is 71', () => {
    const { weights } = scorePresets['stock-screener'];
    const list = [80, 70, 60, 50].map((score, i) => known(Object.keys(weights)[i]!, score));
    expect(composeScore({ symbol: 'X', components: list, weights }).score).toBe(71);
  });

  test('where sentiment and prediction are not known they are left out, not 50: 80 and 70 are 75, not 72', () => {
    const { weights } = scorePresets['stock-screener'];
    const score = composeScore({
      symbol: 'X',
      components: [known('technical', 80), known('fundamental', 70)],
      weights,
    });
    expect(score).toMatchObject({ score: 75, coverage: 0.8 });
  });

  test('technical parts of .25, .25, .15, .15, .1, .1 at 90, 80, 70, 60, 50, 40 are 71', () => {
    const weights = compositePresets.technical;
    const list = [90, 80, 70, 60, 50, 40].map((score, i) => known(Object.keys(weights)[i]!, score));
    expect(componentOf('technical', composeScore({ symbol: '', components: list, weights })).score).toBe(71);
  });
});

describe('the points of the screener', () => {
  test('a rise: above EMA 20 +15, EMA 20 above 50 +15, five days above five +10 is 90', () => {
    expect(pointsOf(bars(rising), pointTables.screener)['ema']).toBe(90);
  });

  test('a fall gives only 10 for each of the first two, and nothing for the third: 30', () => {
    expect(pointsOf(bars(falling), pointTables.screener)['ema']).toBe(30);
    expect(pointsOf(bars(falling), pointTables.symmetric)['ema']).toBe(10);
  });

  test('RSI of a rise is 100: −15, and a histogram of 0 or less −10', () => {
    const [, , , momentum] = scorePoints(bars(rising), pointTables.screener);
    expect(momentum!.reasons[0]).toBe('RSI 100: -15');
    expect(momentum!.score).toBe(momentum!.inputs['macdHistogram']! > 0 ? 50 : 25);
  });

  test('the last bar at thrice the volume of those before: +20; twice is not above 2 but above 1.5', () => {
    const closes = new Array<number>(30).fill(100);
    const volume = (last: number): number | undefined =>
      pointsOf(bars(closes, [...new Array<number>(29).fill(100), last]), pointTables.screener)['volume'];
    expect([volume(300), volume(200), volume(100), volume(40)]).toEqual([70, 60, 50, 40]);
  });

  test('relative volume compares with the bars before alone: 19 of 100 and one of 220 are 2.2, not 2.08', () => {
    const [, , volume] = scorePoints(bars(new Array<number>(20).fill(5), [...new Array<number>(19).fill(100), 220]));
    expect(volume!.inputs['relativeVolume']).toBe(2.2);
  });

  test('within 2 % of the range of a level +30, above the middle +10', () => {
    const at = (close: number): PointBar[] => [
      { high: 200, low: 100, close: 150, volume: 1 },
      { high: close, low: close, close, volume: 1 },
    ];
    const of = (close: number, table: PointTable): number | undefined => pointsOf(at(close), table)['fibonacci'];
    expect([162, 137, 153, 100, 195].map((close) => of(close, pointTables.screener))).toEqual([90, 80, 80, 50, 60]);
    expect([162, 137].map((close) => of(close, pointTables.symmetric))).toEqual([90, 10]);
  });

  test('rules without enough bars are left out and the rest stands for them: 25 of 40 points known', () => {
    const [ema] = scorePoints(bars(rising.slice(0, 30)), pointTables.symmetric);
    expect(ema).toMatchObject({ score: 90, coverage: 0.625 });
    expect(scorePoints([]).map(({ score }) => score)).toEqual([undefined, undefined, undefined, undefined]);
  });
});

describe('scoreTapeHybrid', () => {
  const of = (deltaPercent?: number, netGrossZ?: number, priceChangePercent?: number): number | undefined =>
    scoreTapeHybrid({ deltaPercent, netGrossZ, priceChangePercent }).score;

  test('.7 × delta + .3 × z: 50 % and 1.5 deviations are 75; −100 % and −3 are 0', () => {
    expect([of(50, 1.5, 3), of(-100, -3, 3), of(100, 9, 3)]).toEqual([75, 0, 100]);
  });

  test('halved below −4 %, 1.1 times from −1 to 2 %, at most 100', () => {
    expect([of(50, 1.5, -4), of(50, 1.5, -4.1), of(50, 1.5, -1), of(50, 1.5, 2), of(100, 3, 0)]).toEqual([
      75, 37.5, 82.5, 82.5, 100,
    ]);
  });

  test('with one unknown the other stands alone, and the coverage says so', () => {
    const price = { priceChangePercent: 3 };
    expect(scoreTapeHybrid({ deltaPercent: 50, ...price })).toMatchObject({ score: 75, coverage: 0.7 });
    expect(scoreTapeHybrid({ netGrossZ: 1.5, ...price })).toMatchObject({ score: 75, coverage: 0.3 });
    expect(scoreTapeHybrid({ priceChangePercent: 1 }).quality).toBe('missing');
  });
});

test('an unknown price change halves the coverage of the hybrid, as it could have halved the level', () => {
  const flow = { deltaPercent: 50, netGrossZ: 1.5 };
  expect(scoreTapeHybrid({ ...flow, priceChangePercent: -5 })).toMatchObject({ score: 37.5, coverage: 1 });
  expect(scoreTapeHybrid(flow)).toMatchObject({ score: 75, coverage: 0.5 });
  expect(scoreTapeHybrid({ deltaPercent: 50 }).coverage).toBeCloseTo(0.35, 12);
});

test('the rule of the hybrid is the arithmetic of what is known', () => {
  expect(scoreTapeHybrid({ deltaPercent: 50, netGrossZ: 1.5, priceChangePercent: 3 }).rule).toBe(
    'min(100, (50 + 50 × (0.7 × deltaPercent ÷ 100 + 0.3 × netGrossZ ÷ 3, each within ±1) ÷ 1) × 1)',
  );
  expect(scoreTapeHybrid({ deltaPercent: 50, priceChangePercent: -5 }).rule).toBe(
    'min(100, (50 + 50 × (0.7 × deltaPercent ÷ 100, each within ±1) ÷ 0.7) × 0.5)',
  );
  expect(scoreTapeHybrid({ netGrossZ: 1.5, priceChangePercent: 0 }).rule).toBe(
    'min(100, (50 + 50 × (0.3 × netGrossZ ÷ 3, each within ±1) ÷ 0.3) × 1.1)',
  );
});

test('every preset has an id with a version, and weights that add up to 1', () => {
  for (const { id, weights, parts } of Object.values<ScorePreset>(scorePresets)) {
    expect(id).toMatch(/^[a-z-]+\/\d+$/);
    for (const list of [weights, ...Object.values(parts)]) {
      expect(Object.values(list).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
    }
  }
});
