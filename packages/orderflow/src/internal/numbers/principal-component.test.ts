import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCovariance, principalComponent } from './principal-component.ts';

const matrix = (...rows: number[][]): Float64Array[] => rows.map((row) => Float64Array.from(row));
const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);

describe('principalComponent', () => {
  test('of the second-difference matrix: eigenvalue 2 + √2 of 6, direction (1, √2, 1) ÷ 2 with signs', () => {
    const { weights, explained, tied } = principalComponent(matrix([2, 1, 0], [1, 2, 1], [0, 1, 2]))!;
    [0.5, Math.SQRT1_2, 0.5].forEach((weight, i) => expect(weights[i]).toBeCloseTo(weight, 14));
    expect(explained).toBeCloseTo((2 + Math.SQRT2) / 6, 14);
    expect(tied).toBe(1);
  });

  test('where nothing varies there is no direction', () => {
    expect(principalComponent(matrix([0, 0], [0, 0]))).toBeUndefined();
  });

  test('with one level the direction is that level, and explains everything', () => {
    expect(principalComponent(matrix([7]))).toEqual({ weights: [1], explained: 1, tied: 1 });
  });

  test('levels that vary alike and apart tie: they weigh the same', () => {
    const { weights, explained, tied } = principalComponent(matrix([4, 0, 0], [0, 4, 0], [0, 0, 1]))!;
    expect(tied).toBe(2);
    expect(explained).toBeCloseTo(8 / 18, 14);
    [Math.SQRT1_2, Math.SQRT1_2, 0].forEach((weight, i) => expect(weights[i]).toBeCloseTo(weight, 14));
  });

  test('two levels that move against each other sum to 0: the best level is the positive one', () => {
    const { weights } = principalComponent(matrix([1, -1], [-1, 1]))!;
    expect(weights[0]).toBeCloseTo(Math.SQRT1_2, 14);
    expect(weights[1]).toBeCloseTo(-Math.SQRT1_2, 14);
  });

  test('a level that never moves weighs nothing', () => {
    expect(principalComponent(matrix([0, 0], [0, 3]))!.weights).toEqual([0, 1]);
  });

  const vectors = fc.integer({ min: 1, max: 6 }).chain((size) =>
    fc.array(fc.array(fc.integer({ min: -20, max: 20 }), { minLength: size, maxLength: size }), {
      minLength: 2,
      maxLength: 12,
    }),
  );
  test('is an eigenvector of length 1 with the largest variance of all directions', () => {
    fc.assert(
      fc.property(
        vectors,
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 }),
        (rows, other) => {
          const covariance = createCovariance(rows[0]!.length);
          rows.forEach((row) => covariance.push(row));
          const a = covariance.matrix();
          const component = principalComponent(a);
          const trace = a.reduce((sum, row, i) => sum + row[i]!, 0);
          if (!component) {
            expect(trace).toBe(0);
            return;
          }
          const { weights, explained } = component;
          expect(dot(weights, weights)).toBeCloseTo(1, 12);
          expect(
            dot(
              weights,
              weights.map(() => 1),
            ),
          ).toBeGreaterThan(-1e-6);
          const image = a.map((row) => dot(row, weights));
          image.forEach((value, i) => expect(value / trace).toBeCloseTo(explained * weights[i]!, 9));
          const direction = other.slice(0, weights.length);
          const length = dot(direction, direction);
          if (length < 1e-6) return;
          const variance =
            dot(
              direction,
              a.map((row) => dot(row, direction)),
            ) / length;
          expect(variance / trace).toBeLessThanOrEqual(explained + 1e-12);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('does not depend on the scale of the matrix', () => {
    const rows = [
      [5, 2, 1],
      [2, 4, -1],
      [1, -1, 3],
    ];
    const plain = principalComponent(matrix(...rows))!;
    for (const scale of [2 ** -1000, 2 ** 900]) {
      expect(principalComponent(matrix(...rows.map((row) => row.map((v) => v * scale))))).toEqual(plain);
    }
  });
});

describe('createCovariance', () => {
  test('far from zero it keeps what a sum of squares would lose', () => {
    const covariance = createCovariance(2);
    for (const [x, y] of [
      [1, 2],
      [2, 4],
      [3, 6],
    ] as const)
      covariance.push([1e9 + x, 1e9 - y]);
    expect(covariance.matrix().map((row) => [...row])).toEqual([
      [2, -4],
      [-4, 8],
    ]);
  });
});
