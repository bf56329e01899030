import { describe, expect, test } from 'vitest';
import type { Prediction } from './predictions.ts';
import { scorePredictions } from './predictions.ts';

const hour = 3_600_000;
const answer = (more: Partial<Prediction> = {}): Prediction => ({
  model: 'm/1',
  asOfMs: 0,
  horizonDays: 5,
  up: 0.5,
  flat: 0.3,
  down: 0.2,
  ...more,
});

describe('scorePredictions', () => {
  test('is 50 + 50 × (up − down): .5 against .2 is 65, and mirrored 35', () => {
    expect(scorePredictions([answer()], { asOfMs: 0 }).score).toBe(65);
    expect(scorePredictions([answer({ up: 0.2, down: 0.5 })], { asOfMs: 0 }).score).toBe(35);
  });

  test('takes the newest answer of each model, and their mean', () => {
    const list = [
      answer({ up: 1, flat: 0, down: 0 }),
      answer({ asOfMs: 1 }),
      answer({ model: 'n/1', up: 0, flat: 1, down: 0 }),
    ];
    expect(scorePredictions(list, { asOfMs: 1 })).toMatchObject({ score: 57.5, inputs: { models: 2 } });
  });

  test('answers from later, too long ago, or of a model that has seen them are not used', () => {
    const of = (more: Partial<Prediction>, asOfMs: number): number | undefined =>
      scorePredictions([answer(more)], { asOfMs }).score;
    expect(of({ asOfMs: 2 }, 1)).toBeUndefined();
    expect([of({}, 72 * hour), of({}, 72 * hour + 1)]).toEqual([65, undefined]);
    expect([of({ trainedUntilMs: 0 }, 0), of({ trainedUntilMs: 1 }, 0)]).toEqual([65, undefined]);
  });

  test('no answer is missing, not 50; one that is sure of nothing is 50', () => {
    expect(scorePredictions([], { asOfMs: 0 })).toMatchObject({ score: undefined, reasons: ['no model answered'] });
    expect(scorePredictions([answer({ up: 0.1, flat: 0.8, down: 0.1 })], { asOfMs: 0 }).score).toBe(50);
  });

  test('probabilities that do not add up are refused', () => {
    expect(() => scorePredictions([answer({ up: 0.9 })], { asOfMs: 0 })).toThrow('is not three probabilities');
  });

  test('a training end that is no moment does not pass for one that is long ago', () => {
    const answer = { model: 'm/1', asOfMs: 0, horizonDays: 5, up: 1, flat: 0, down: 0 };
    for (const trainedUntilMs of [Number.NaN, '2099-01-01']) {
      expect(() => scorePredictions([{ ...answer, trainedUntilMs: trainedUntilMs as number }], { asOfMs: 0 })).toThrow(
        `trainedUntilMs "${trainedUntilMs}" of "m/1" is not a finite number. Leave it out when it is unknown.`,
      );
    }
    expect(() => scorePredictions([answer], { asOfMs: Number.NaN })).toThrow('asOfMs "NaN"');
  });

  test('of two answers of a model for one moment the order of arrival does not choose', () => {
    const of = (up: number): Prediction => ({ model: 'm/1', asOfMs: 0, horizonDays: 5, up, flat: 1 - up, down: 0 });
    const [one, two] = [
      scorePredictions([of(0.2), of(0.6)], { asOfMs: 0 }),
      scorePredictions([of(0.6), of(0.2)], { asOfMs: 0 }),
    ];
    expect(one.score).toBe(70);
    expect(two).toEqual(one);
  });
});

describe('models that were asked', () => {
  test('those that did not answer lower the coverage, and answers of others are left out', () => {
    const list = [answer(), answer({ model: 'n/1' }), answer({ model: 'stranger/1', up: 1, flat: 0, down: 0 })];
    const of = (models: readonly string[]): unknown => {
      const { score, coverage, reasons } = scorePredictions(list, { asOfMs: 0, models });
      return [score, coverage, reasons.slice(2)];
    };
    expect(of(['m/1', 'n/1'])).toEqual([65, 1, ['1 answers left out']]);
    expect(of(['m/1', 'n/1', 'o/1', 'p/1'])).toEqual([65, 0.5, ['1 answers left out', 'no answer from o/1, p/1']]);
    expect(scorePredictions(list, { asOfMs: 0, models: ['o/1'] })).toMatchObject({
      score: undefined,
      reasons: ['none of 3 answers can be used'],
    });
    expect(scorePredictions([answer()], { asOfMs: 0 }).coverage).toBe(1);
  });

  test.each([[[]], ['m/1'], [[5]]])('a list of %j is refused', (models) => {
    expect(() => scorePredictions([answer()], { asOfMs: 0, models: models as unknown as string[] })).toThrow(
      `models "${String(models)}" is not a list of names. Pass those that were asked, or leave it out.`,
    );
  });
});
