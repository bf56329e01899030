import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasRecordedData, workedExamples } from '@tapekit/tooling/recorded-data';
import { normalCdf } from './normal-cdf.ts';

/** By the Taylor series of Φ in 720 decimal digits: `goldens/make_normal_cdf.py`. */
const goldens: readonly (readonly [z: number, share: number])[] = [
  [-37, 5.725571222524577e-300],
  [-20, 2.7536241186062337e-89],
  [-10, 7.619853024160525e-24],
  [-6, 9.86587645037698e-10],
  [-5.657, 7.702088172177601e-9],
  [-5.656, 7.747073323749068e-9],
  [-4, 3.1671241833119924e-5],
  [-3, 0.0013498980316300946],
  [-2, 0.02275013194817921],
  [-1.5, 0.06680720126885807],
  [-1, 0.15865525393145705],
  [-0.75, 0.2266273523768682],
  [-0.663, 0.2536652770386165],
  [-0.6629, 0.2536973008682368],
  [-0.5, 0.3085375387259869],
  [-0.1, 0.460172162722971],
  [-1e-9, 0.49999999960105773],
  [0, 0.5],
  [0.1, 0.539827837277029],
  [0.5, 0.6914624612740131],
  [0.6629, 0.7463026991317633],
  [0.663, 0.7463347229613835],
  [1, 0.8413447460685429],
  [1.5, 0.9331927987311419],
  [2, 0.9772498680518208],
  [3, 0.9986501019683699],
  [6, 0.9999999990134123],
  [8, 0.9999999999999993],
];

/** How far a value is off, as a share of what it should be. */
const relative = (actual: number, expected: number): number => Math.abs(actual - expected) / expected;

describe('normalCdf', () => {
  test.each(goldens)('Φ(%d) is right to 1e-15 of itself', (z, share) => {
    expect(relative(normalCdf(z), share)).toBeLessThanOrEqual(1e-15);
  });

  test.skipIf(!hasRecordedData)('gives the worked examples to 1e-15', () => {
    const { bvc } = workedExamples<{ bvc: { z: number; buy_fraction: number }[] }>();
    expect(bvc.length).toBeGreaterThan(0);
    for (const { z, buy_fraction } of bvc) expect(Math.abs(normalCdf(z) - buy_fraction)).toBeLessThanOrEqual(1e-15);
  });

  test('ends at 0 and 1, and knows no number for NaN', () => {
    expect([-Infinity, -1e308, -39, 39, 1e308, Infinity].map(normalCdf)).toEqual([0, 0, 0, 1, 1, 1]);
    expect(normalCdf(NaN)).toBeNaN();
  });

  test('is a share, and what it leaves is the share of −z', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -60, max: 60 }), (z) => {
        expect(normalCdf(z)).toBeGreaterThanOrEqual(0);
        expect(normalCdf(z)).toBeLessThanOrEqual(1);
        expect(Math.abs(normalCdf(z) + normalCdf(-z) - 1)).toBeLessThanOrEqual(2 ** -52);
      }),
      { numRuns: 1000 },
    );
  });
});
