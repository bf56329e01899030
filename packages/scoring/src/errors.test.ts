import { describe, expect, test } from 'vitest';
import type { AlertObservation, AlertRule } from './alerts.ts';
import { createAlerts, restoreAlerts } from './alerts.ts';
import { createAnomalies, restoreAnomalies } from './anomalies.ts';
import { idxBrokerClasses } from './broker-classes.ts';
import { brokerFlow } from './broker-flow.ts';
import { scoreDivergences } from './divergences.ts';
import { scoreShapes } from './dtw.ts';
import { isScoringError, ScoringError } from './errors.ts';
import { evaluateScores } from './evaluate.ts';
import * as indicators from './indicators.ts';
import { holdingChanges, scoreOwnership } from './ownership.ts';
import { createPatterns } from './patterns.ts';
import type { Prediction } from './predictions.ts';
import { scorePredictions } from './predictions.ts';
import { scorePresets } from './presets.ts';
import { scoreSentiment } from './sentiment.ts';
import type { ScoreSymbolInput } from './score-symbol.ts';
import { createSymbolScorer, scoreSymbol } from './score-symbol.ts';
import { ratingSignal } from './technical-rating.ts';

const bar = { startMs: 0, endMs: 1, open: 2, high: 3, low: 1, close: 2, volume: 5 };
const columns = indicators.toBarColumns([bar, bar]);
const text = { id: 'a', timeMs: 0, source: 'news', score: 1, confidence: 1 };
const answer = { model: 'm/1', asOfMs: 0, horizonDays: 5, up: 0.5, flat: 0.3, down: 0.2 };
const match = { name: 'flag', side: 'bull', from: 0, confirmedAt: 5, cost: 0.01 } as const;
const rule: AlertRule = {
  ...{ id: 'r', title: '', priority: 'low' },
  all: [{ field: 'x', comparison: 'at-least', value: 1 }],
};
const seen = { symbol: 'X', timeMs: 0, values: { x: 1 } };
const balanced = scorePresets.balanced;

const sentimentOf = (more: object, options: object = {}): unknown =>
  scoreSentiment([{ ...text, ...more }], { asOfMs: 0, ...options });
const ownershipOf = (holding: object, options: object = {}): unknown =>
  scoreOwnership([{ publishedMs: 0, holdings: [holding as never] }], options);
const scorerOf = (options: object): unknown => createSymbolScorer({ symbol: 'X', ...options });

/** What the types forbid and JSON, forms and mistakes bring all the same. */
const refused: readonly (readonly [code: string, message: string, act: () => unknown])[] = [
  ['bad-value', 'input "null" is not an object.', () => scoreSymbol(null as unknown as ScoreSymbolInput)],
  ['bad-value', 'bars "undefined" is not a list.', () => scoreSymbol({ symbol: 'X' } as ScoreSymbolInput)],
  ['bad-value', 'bar 0 "null" is not an object.', () => scoreSymbol({ symbol: 'X', bars: [null as never], asOfMs: 5 })],
  [
    'bad-value',
    'endMs "1" of bar 0 is not a finite number',
    () => scoreSymbol({ symbol: 'X', bars: [{ ...bar, endMs: '1' as unknown as number }], asOfMs: 5 }),
  ],
  ['bad-value', 'options "undefined" is not an object.', () => createSymbolScorer(undefined as never)],
  ['bad-value', 'symbol "5" is not a text.', () => scorerOf({ symbol: 5 })],
  ['bad-option', 'leastCoverage "2" is not a share', () => scorerOf({ leastCoverage: 2 })],
  ['bad-option', 'is out of order', () => scorerOf({ signalScale: { buy: 40, strongBuy: 75, hysteresis: 2 } })],
  ['bad-weights', 'weight "-1" of "trend"', () => scorerOf({ preset: { ...balanced, weights: { trend: -1 } } })],
  [
    'bad-weights',
    'weight "NaN" of "trend"',
    () => scorerOf({ preset: { ...balanced, parts: { technical: { trend: Number.NaN } } } }),
  ],
  [
    'bad-weights',
    'weight of "momentum" is twice in "balanced/1", expected once on either level. Leave one out.',
    () => scorerOf({ preset: { ...balanced, weights: { ...balanced.weights, momentum: 0.1 } } }),
  ],
  ['bad-value', 'text 0 "null" is not an object.', () => scoreSentiment([null as never], { asOfMs: 0 })],
  ['bad-value', 'id "undefined" of text 0 is not a name.', () => sentimentOf({ id: undefined })],
  ['bad-value', 'weight "1e+308" of text "a" is not a number from 0 to 1e9.', () => sentimentOf({ weight: 1e308 })],
  ['bad-option', 'weight "1e+308" of source "news"', () => sentimentOf({}, { sourceWeights: { news: 1e308 } })],
  ['bad-option', 'sourceWeights "null" is not an object.', () => sentimentOf({}, { sourceWeights: null })],
  ['bad-option', 'are out of range', () => sentimentOf({}, { leastReliability: '0.5' })],
  ['bad-value', 'prediction 0 "null" is not an object.', () => scorePredictions([null as never], { asOfMs: 0 })],
  [
    'bad-value',
    'model "undefined" of prediction 0 is not a name.',
    () => scorePredictions([{ ...answer, model: undefined } as unknown as Prediction], { asOfMs: 0 }),
  ],
  [
    'bad-value',
    'horizonDays "NaN" of "m/1" is not a number above 0.',
    () => scorePredictions([{ ...answer, horizonDays: Number.NaN }], { asOfMs: 0 }),
  ],
  [
    'bad-value',
    'kind "king" of holder "A" is not one of',
    () => ownershipOf({ holder: 'A', kind: 'king', percent: 5 }),
  ],
  ['bad-value', 'holding "null" is not an object.', () => ownershipOf(null as never)],
  ['bad-value', 'report 0 "null" is not an object.', () => scoreOwnership([null as never])],
  [
    'bad-option',
    'significantPercent "NaN" is not a number of at least 0.',
    () => scoreOwnership([], { significantPercent: Number.NaN }),
  ],
  ['bad-option', 'significantPercent "-1"', () => holdingChanges([], [], ['insider'], -1)],
  ['bad-option', 'maxCost "NaN" is not a number above 0.', () => scoreShapes([match], 5, { maxCost: Number.NaN })],
  ['bad-option', 'fadeBars "-5" is not a number of bars above 0.', () => scoreShapes([match], 5, { fadeBars: -5 })],
  ['bad-value', 'cost "NaN" of "flag"', () => scoreShapes([{ ...match, cost: Number.NaN }], 5)],
  ['bad-option', 'fadeBars "NaN"', () => scoreDivergences({ rsi: [] }, 5, { fadeBars: Number.NaN })],
  ['bad-option', 'shapeFadeBars "-5"', () => createPatterns({ shapeFadeBars: -5 })],
  ['bad-option', 'divergenceFadeBars "0"', () => createPatterns({ divergenceFadeBars: 0 })],
  ['bad-option', 'confidence "0.95" is not between', () => evaluateScores([], { confidence: '0.95' as never })],
  ['bad-value', 'rating "NaN" is not a number from −1 to 1.', () => ratingSignal(Number.NaN)],
  ['bad-option', 'deviations "14"', () => indicators.bollinger([1, 2], { deviations: '14' as never })],
  ['bad-option', 'multiplier "true"', () => indicators.supertrend(columns, { multiplier: true as never })],
  ['bad-option', 'apart "null"', () => indicators.supportResistance(columns, { apart: null as never })],
  ['bad-option', 'displacement "4000000000"', () => indicators.createIchimoku({ displacement: 4e9 })],
  [
    'bad-value',
    'close "9" of bar 0 is not a number.',
    () => indicators.toBarColumns([{ ...bar, close: '9' as never }]),
  ],
  ['bad-value', 'startMs "undefined" of bar 0', () => indicators.toBarColumns([null as never])],
  ['bad-value', 'column low "undefined" is not a list', () => indicators.atr({ high: [1], close: [1] } as never)],
  ['bad-option', 'options "null" are not an object.', () => indicators.rsi([1, 2], null as never)],
  [
    'bad-option',
    'institutions "alien" is not a list of foreign, local-institution, state, retail, unknown.',
    () => brokerFlow([], { classes: idxBrokerClasses, institutions: ['alien' as never] }),
  ],
  [
    'bad-option',
    'institutions "null" is not a list of foreign',
    () => brokerFlow([], { classes: idxBrokerClasses, institutions: null as never }),
  ],
  ['bad-value', 'observation "null" is not an object.', () => createAlerts().push(null as unknown as AlertObservation)],
  ['bad-value', 'values of an observation of "X"', () => createAlerts().push({ ...seen, values: null as never })],
  ['bad-option', 'alert rule 1 "null" has no list of', () => createAlerts({ rules: [rule, null as never] })],
  ['bad-option', 'alert rule 0 "undefined" has no list of', () => createAlerts({ rules: null as never })],
  ['bad-value', 'bar 0 "null" is not an object.', () => createAnomalies().push(null as never)],
];

describe('what cannot be is a ScoringError that says so', () => {
  test.each(refused)('%s: %s', (code, message, act) => {
    let error: unknown;
    try {
      act();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ScoringError);
    expect((error as ScoringError).message).toContain(message);
    expect(isScoringError(error, code as ScoringError['code'])).toBe(true);
  });

  test('an option that is undefined is one that was left out', () => {
    const closes = Array.from({ length: 40 }, (_, i) => 10 + (i % 7));
    const unset = { period: undefined } as unknown as { period: number };
    expect(indicators.rsi(closes, unset)).toEqual(indicators.rsi(closes));
    expect(indicators.bollinger(closes, unset)).toEqual(indicators.bollinger(closes));
    expect(indicators.createRsi(unset).snapshot()).toEqual(indicators.createRsi().snapshot());
    expect(indicators.macd(closes, { fastPeriod: undefined as never })).toEqual(indicators.macd(closes));
    expect(createAnomalies({ lookback: undefined as never }).snapshot()).toEqual(createAnomalies().snapshot());
  });

  test('a snapshot of anomalies with an option or a hole that no snapshot has is refused as a snapshot', () => {
    const stream = createAnomalies({ lookback: 5 });
    for (let i = 0; i < 9; i++) stream.push({ ...bar, startMs: i });
    const good = stream.snapshot();
    const sparse = [...good.bars];
    // eslint-disable-next-line @typescript-eslint/no-array-delete -- a hole, as a list from elsewhere can have one
    delete sparse[2];
    for (const damage of [{ lookback: 0 }, { returnZ: -1 }, { volumeZ: Infinity }, { bars: sparse }]) {
      expect(() => restoreAnomalies({ ...good, ...damage })).toThrow(ScoringError);
      try {
        restoreAnomalies({ ...good, ...damage });
      } catch (error) {
        expect(isScoringError(error, 'bad-snapshot')).toBe(true);
      }
    }
    expect(restoreAnomalies(good).snapshot()).toEqual(good);
  });
});

describe('names of Object itself', () => {
  test('are ids of alert rules like any other: they cool down', () => {
    for (const id of ['__proto__', 'constructor', 'own']) {
      const rules = [{ ...rule, id, cooldownMs: 100 }];
      let alerts = createAlerts({ rules });
      const raised = [1, 0, 1, 0, 1].map((x, timeMs) => {
        const { length } = alerts.push({ ...seen, timeMs, values: { x } });
        alerts = restoreAlerts(structuredClone(alerts.snapshot()), { rules });
        return length;
      });
      expect(raised).toEqual([1, 0, 0, 0, 0]);
    }
  });

  test('are fields of alerts like any other: their first value is no change', () => {
    for (const field of ['constructor', '__proto__', 'own']) {
      const alerts = createAlerts({ rules: [{ ...rule, all: [{ field, comparison: 'changes' }] }] });
      const raised = [5, 5, 6].map((x, timeMs) => {
        const values = JSON.parse(`{"${field}":${x}}`) as Record<string, number>;
        return alerts.push({ symbol: 'X', timeMs, values }).map((alert) => Object.entries(alert.values));
      });
      expect(raised).toEqual([[], [], [[[field, 6]]]]);
    }
  });

  test('are names of shapes like any other', () => {
    const of = (name: string): unknown => scoreShapes([{ ...match, name }], 5);
    expect(of('own')).toMatchObject({ score: 74, inputs: { own: 0.8 } });
    expect(of('__proto__')).toMatchObject({ score: 74 });
    expect(Object.entries((of('__proto__') as { inputs: object }).inputs)).toEqual([['__proto__', 0.8]]);
  });
});
