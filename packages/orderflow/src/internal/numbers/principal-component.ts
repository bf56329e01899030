/** The first principal component of vectors: streaming covariance, and Jacobi's method for its eigenvectors. */
import { OrderflowError } from '../../errors.ts';
import { excerpt } from '../shared/excerpt.ts';
import { count, fields, finite, listOf, where } from '../shared/shapes.ts';
import type { Shape } from '../shared/shapes.ts';

/** Largest magnitude of a value in a statistic: its products still add up within floating point. */
const LARGEST = 1e140;
/** Largest sum of their products that a snapshot may hold. */
const LARGEST_SUM = 1e300;

/**
 * Refuses a value that no flow has: not a number, or so large that its square would leave floating point.
 * @throws {@link OrderflowError} `bad-value`.
 */
export function requireModerate(what: string, value: number, largest: number = LARGEST): void {
  if (typeof value === 'number' && Math.abs(value) <= largest) return;
  throw new OrderflowError(
    'bad-value',
    `${what} ${excerpt(value)} is not a number from ${-largest} to ${largest}. Leave unknown values out of the series.`,
    value,
  );
}

/** The state of a {@link Covariance}. */
export interface CovarianceState {
  readonly n: number;
  readonly means: readonly number[];
  /** Σ of products of deviations from the means: the lower triangle, row by row. */
  readonly products: readonly number[];
}

/** Running means and sums of products of vectors, after Welford: stable, and the state is a few doubles. */
export interface Covariance {
  readonly n: number;
  /** Takes a vector that was checked. */
  push(vector: ArrayLike<number>): void;
  /** The matrix of Σ products, by row. */
  matrix(): Float64Array[];
  clear(): void;
  state(): CovarianceState;
}

export function createCovariance(size: number, from?: CovarianceState): Covariance {
  let n = from?.n ?? 0;
  const means = Float64Array.from(from?.means ?? new Float64Array(size));
  const products = Float64Array.from(from?.products ?? new Float64Array((size * (size + 1)) / 2));
  const before = new Float64Array(size);
  return {
    get n() {
      return n;
    },
    push(vector) {
      n += 1;
      for (let i = 0; i < size; i += 1) {
        before[i] = vector[i]! - means[i]!;
        // + 0: a mean of −0 would not survive JSON.
        means[i] = means[i]! + before[i]! / n + 0;
      }
      let k = 0;
      for (let i = 0; i < size; i += 1) {
        const after = vector[i]! - means[i]!;
        for (let j = 0; j <= i; j += 1) {
          products[k] = products[k]! + after * before[j]! + 0;
          k += 1;
        }
      }
    },
    matrix() {
      const rows = Array.from({ length: size }, () => new Float64Array(size));
      let k = 0;
      for (let i = 0; i < size; i += 1) {
        for (let j = 0; j <= i; j += 1) {
          rows[i]![j] = rows[j]![i] = products[k]!;
          k += 1;
        }
      }
      return rows;
    },
    clear() {
      n = 0;
      means.fill(0);
      products.fill(0);
    },
    state: () => ({ n, means: [...means], products: [...products] }),
  };
}

/** The first principal component of a covariance matrix. */
export interface PrincipalComponent {
  /** Of length 1, with Σ > 0 where the direction allows it. */
  readonly weights: readonly number[];
  /** Share of the total variance along the weights, 0 to 1. */
  readonly explained: number;
  /** Dimensions of the space of largest variance: 1, or more where directions tie. */
  readonly tied: number;
}

/** Eigenvalues nearer to the largest than this share of it are ties: they differ by rounding alone. */
const TIE = 1e-10;
/** What is left of a projection below this is rounding. */
const NOTHING = 1e-7;

/**
 * The direction of largest variance; `undefined` where nothing varies.
 *
 * Where directions tie, and for the sign, one rule: the projection of (1, 1, …) onto the space of largest variance, so
 * Σ of the weights is as large as it can be; where that is nothing, of (1, 0, …), then (0, 1, …) and so on. The answer
 * depends on the space alone, not on how it was found.
 */
export function principalComponent(matrix: readonly Float64Array[]): PrincipalComponent | undefined {
  const size = matrix.length;
  const scale = Math.max(...matrix.map((row, i) => row[i]!));
  if (!(scale > 0)) return undefined;
  const { values, vectors } = jacobi(matrix.map((row) => row.map((value) => value / scale)));
  const largest = Math.max(...values);
  const space = vectors.filter((_, i) => values[i]! >= largest * (1 - TIE));
  const units = Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => (i === j ? 1 : 0)));
  for (const target of [new Array<number>(size).fill(1), ...units]) {
    const projection = new Array<number>(size).fill(0);
    for (const vector of space) {
      const along = dot(vector, target);
      vector.forEach((value, i) => (projection[i]! += along * value));
    }
    const length = Math.sqrt(dot(projection, projection));
    if (length <= NOTHING) continue;
    const total = values.reduce((sum, value) => sum + value, 0);
    return {
      weights: projection.map((value) => value / length + 0),
      explained: Math.min(1, largest / total),
      tied: space.length,
    };
  }
  return undefined;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

/** Off the diagonal of a matrix whose largest diagonal value is 1, this is far below rounding. */
const NEGLIGIBLE = 1e-20;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix by cyclic rotations (Golub and Van Loan, Matrix Computations, §8.5).
 * Every rotation takes weight off the diagonal away, so it converges for every matrix, at the end quadratically.
 */
function jacobi(a: Float64Array[]): { readonly values: number[]; readonly vectors: number[][] } {
  const size = a.length;
  const v = a.map((_, i) => Float64Array.from(a, (_, j) => (i === j ? 1 : 0)));
  // A handful of sweeps is enough for hundreds of levels; the bound is for the reader.
  for (let sweep = 0; sweep < 60; sweep += 1) {
    let rotated = false;
    for (let p = 0; p < size - 1; p += 1) {
      for (let q = p + 1; q < size; q += 1) {
        const apq = a[p]![q]!;
        if (Math.abs(apq) < NEGLIGIBLE) continue;
        rotated = true;
        const theta = (a[q]![q]! - a[p]![p]!) / (2 * apq);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.hypot(t, 1);
        const s = t * c;
        for (let k = 0; k < size; k += 1) rotate(a[k]!, p, q, c, s);
        rotateRows(a[p]!, a[q]!, c, s);
        a[p]![q] = a[q]![p] = 0;
        for (let k = 0; k < size; k += 1) rotate(v[k]!, p, q, c, s);
      }
    }
    if (!rotated) break;
  }
  return {
    values: a.map((row, i) => Math.max(0, row[i]!)),
    vectors: a.map((_, i) => v.map((row) => row[i]!)),
  };
}

/** Columns p and q of one row. */
function rotate(row: Float64Array, p: number, q: number, c: number, s: number): void {
  const [x, y] = [row[p]!, row[q]!];
  row[p] = c * x - s * y;
  row[q] = s * x + c * y;
}

function rotateRows(p: Float64Array, q: Float64Array, c: number, s: number): void {
  for (let k = 0; k < p.length; k += 1) {
    const [x, y] = [p[k]!, q[k]!];
    p[k] = c * x - s * y;
    q[k] = s * x + c * y;
  }
}

/** A covariance as it is stored: of numbers that products can be made of, a lower triangle, squares on the diagonal. */
export const covarianceShape: Shape = where(
  fields({
    n: count,
    means: listOf(where(finite, (mean: number) => Math.abs(mean) <= LARGEST)),
    products: listOf(where(finite, (sum: number) => Math.abs(sum) <= LARGEST_SUM)),
  }),
  ({ n, means, products }: CovarianceState) =>
    products.length === (means.length * (means.length + 1)) / 2 &&
    (n > 0 || products.every((sum) => sum === 0)) &&
    means.every((_, i) => products[((i + 1) * (i + 2)) / 2 - 1]! >= 0),
);
