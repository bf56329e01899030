import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { hasRecordedData, workedExamples } from '@tapekit/tooling/recorded-data';
import {
  createIntegratedOfiFit,
  fitIntegratedOfi,
  fitIntegratedOfiOfColumns,
  integratedOfi,
  integratedOfiOfColumns,
  restoreIntegratedOfiFit,
} from './integrated-ofi.ts';
import type { IntegratedOfiModel } from './integrated-ofi.ts';

const modelOf = (...weights: number[]): IntegratedOfiModel => ({
  v: 1,
  kind: 'integrated-ofi',
  weights,
  explained: 1,
  tied: 1,
  n: 9,
});
/** Seven vectors with the direction that 5,000 steps of power iteration in 50 digits give (python3, decimal). */
const vectors = [
  [2, 1, -1],
  [-3, -1, 2],
  [5, 2, 1],
  [-1, 0, 0],
  [0, 4, 3],
  [-4, -5, -2],
  [1, -2, 6],
];
const direction = [0.699956671027121, 0.6479999123740227, 0.3002611733939134];

describe('integratedOfi', () => {
  test('of (3, −1) with weights (0.8, 0.6) is (2.4 − 0.6) ÷ 1.4', () => {
    expect(integratedOfi(modelOf(0.8, 0.6), [3, -1])).toBeCloseTo(1.8 / 1.4, 15);
  });

  test.skipIf(!hasRecordedData)('gives the worked examples', () => {
    const { integrated_ofi } = workedExamples<{ integrated_ofi: { ofi: number[]; w1: number[]; v: number }[] }>();
    expect(integrated_ofi.length).toBeGreaterThan(0);
    for (const { ofi, w1, v } of integrated_ofi) expect(integratedOfi(modelOf(...w1), ofi)).toBeCloseTo(v, 15);
  });

  test('weighs by magnitude where weights have both signs: (0.6·2 − 0.8·1) ÷ 1.4', () => {
    expect(integratedOfi(modelOf(0.6, -0.8), [2, 1])).toBeCloseTo(0.4 / 1.4, 15);
  });

  test('an unknown vector has no value', () => {
    expect(integratedOfi(modelOf(1), undefined)).toBeUndefined();
    expect(integratedOfiOfColumns(modelOf(0.6, 0.8), { levels: 2, values: [1, 1, NaN, 3, 7, 0] })).toEqual([
      1,
      undefined,
      (7 * 0.6) / 1.4,
    ]);
  });

  test('says what is wrong with a vector or a model', () => {
    expect(() => integratedOfi(modelOf(1, 1), [1])).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: vector has 1 levels, expected 2. Pass normalised OFI of the same number of levels.]`,
    );
    expect(() => integratedOfi(modelOf(1), [NaN])).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: level 0 of a vector, NaN is not a number from -1e+140 to 1e+140. Leave unknown values out of the series.]`,
    );
    for (const model of [
      modelOf(),
      modelOf(0, 0),
      modelOf(NaN),
      { ...modelOf(1), v: 2 },
      { ...modelOf(1), kind: 'x' },
    ]) {
      expect(() => integratedOfi(model as IntegratedOfiModel, [1])).toThrow(
        expect.objectContaining({ code: 'bad-snapshot' }),
      );
    }
    expect(() => integratedOfiOfColumns(modelOf(1, 1), { levels: 2, values: [1, 2, 3] })).toThrow(
      expect.objectContaining({ code: 'bad-columns' }),
    );
  });
});

describe('fitIntegratedOfi', () => {
  test('finds the direction of largest variance', () => {
    const model = fitIntegratedOfi(vectors)!;
    direction.forEach((weight, i) => expect(model.weights[i]).toBeCloseTo(weight, 13));
    expect(model.explained).toBeCloseTo(0.6073041653165224, 13);
    expect(integratedOfi(model, [3, -1, 2])).toBeCloseTo(1.2452192309140169, 13);
    expect(model).toMatchObject({ v: 1, kind: 'integrated-ofi', tied: 1, n: 7 });
    expect(JSON.parse(JSON.stringify(model))).toEqual(model);
  });

  test('has no direction with fewer than two vectors, or vectors that are all the same', () => {
    expect(fitIntegratedOfi([])).toBeUndefined();
    expect(fitIntegratedOfi([undefined])).toBeUndefined();
    expect(fitIntegratedOfi([[1, 2]])).toBeUndefined();
    expect(
      fitIntegratedOfi([
        [0.1, 2],
        [0.1, 2],
        [0.1, 2],
      ]),
    ).toBeUndefined();
    expect(
      fitIntegratedOfi([
        [0, 0],
        [0, 0],
      ]),
    ).toBeUndefined();
  });

  test('leaves out unknown vectors, in lists and in columns', () => {
    const model = fitIntegratedOfi(vectors);
    expect(fitIntegratedOfi([undefined, ...vectors, undefined])).toEqual(model);
    expect(fitIntegratedOfiOfColumns({ levels: 3, values: [NaN, 1, 1, ...vectors.flat()] })).toEqual(model);
  });

  test('gives no NaN for any vectors that it takes', () => {
    const value = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0, -0, 5e-324, 1e140, -1e140, 1e-200));
    fc.assert(
      fc.property(fc.array(fc.array(value, { minLength: 3, maxLength: 3 }), { maxLength: 6 }), (rows) => {
        const taken = rows.filter((row) => row.every((v) => Math.abs(v) <= 1e140));
        const model = fitIntegratedOfi(taken);
        if (model) {
          expect([...model.weights, model.explained].every(Number.isFinite)).toBe(true);
          for (const row of taken) expect(Number.isFinite(integratedOfi(model, row))).toBe(true);
        }
        if (taken.length < rows.length) {
          expect(() => fitIntegratedOfi(rows)).toThrow(expect.objectContaining({ code: 'bad-value' }));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('createIntegratedOfiFit', () => {
  test('flush gives the model and starts anew', () => {
    const fit = createIntegratedOfiFit({ levels: 3 });
    for (const vector of vectors) fit.push(vector);
    expect(fit.model()).toEqual(fitIntegratedOfi(vectors));
    expect(fit.flush()).toEqual(fitIntegratedOfi(vectors));
    expect([fit.push(undefined), fit.model()]).toEqual([0, undefined]);
  });

  test('refuses other levels and other snapshots', () => {
    expect(() => createIntegratedOfiFit({ levels: 0 })).toThrow(expect.objectContaining({ code: 'bad-option' }));
    const snapshot = createIntegratedOfiFit({ levels: 2 }).snapshot();
    for (const restore of [
      () => restoreIntegratedOfiFit(snapshot, { levels: 3 }),
      () => restoreIntegratedOfiFit({ ...snapshot, kind: 'mlofi' } as never),
    ]) {
      expect(restore).toThrow(expect.objectContaining({ code: 'bad-snapshot' }));
    }
  });
});

const values = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.constant(-0),
);
describeReducerContract({
  name: 'createIntegratedOfiFit',
  create: () => createIntegratedOfiFit({ levels: 3 }),
  restore: (snapshot) => restoreIntegratedOfiFit(snapshot, { levels: 3 }),
  inputs: fc.array(fc.option(fc.array(values, { minLength: 3, maxLength: 3 }), { nil: undefined, freq: 8 }), {
    maxLength: 12,
  }),
  push: (fit, vector) => {
    fit.push(vector);
  },
  batch: (tape) => {
    const model = fitIntegratedOfi(tape);
    return model ? [model] : [];
  },
  refused: [
    [1, 2],
    [1, 2, NaN],
    [1, Infinity, 2],
    [1e200, 0, 0],
  ],
});
