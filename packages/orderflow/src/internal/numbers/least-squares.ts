/** The line through points by least squares. */
import { addExact, multiplyExact } from '../../exact.ts';
import type { ExactInt } from '../../exact.ts';
import { fitOfSums } from './line-sums.ts';

/** Ordinary least squares of y on x with an intercept. */
export interface LineFit {
  /** Number of points. */
  readonly n: number;
  readonly slope: number;
  readonly intercept: number;
  /** Share of the variance of y that the line explains, 0 to 1; `undefined` when y never moves. */
  readonly r2: number | undefined;
  /** Slope ÷ its standard error; `undefined` when the error is 0 (a perfect fit) or n is 2. */
  readonly slopeT: number | undefined;
  /** Intercept ÷ its standard error; `undefined` as with the slope. */
  readonly interceptT: number | undefined;
}

/** Most that the points are multiplied by to be whole: halves and quarters of a tick are, decimals are not. */
const MOST_PARTS = 1024;

/**
 * The line through points; `undefined` with fewer than two points or an x that never moves. From exact sums where the
 * points are whole, or whole multiples of a half, a quarter, … down to 1/1024; otherwise in two passes over centred values.
 */
export function fitLine(x: ArrayLike<number>, y: ArrayLike<number>): LineFit | undefined {
  const n = Math.min(x.length, y.length);
  if (n < 2) return undefined;
  const partsX = partsOf(x, n);
  const partsY = partsX === undefined ? undefined : partsOf(y, n);
  if (partsX === undefined || partsY === undefined) return fitFractions(x, y, n);
  const fit = fitWhole(x, y, n, partsX, partsY);
  return fit && { ...fit, slope: (fit.slope * partsX) / partsY, intercept: fit.intercept / partsY };
}

/** The power of two that makes all values safe integers; `undefined` where none up to {@link MOST_PARTS} does. */
function partsOf(values: ArrayLike<number>, n: number): number | undefined {
  let parts = 1;
  let largest = 0;
  for (let i = 0; i < n; i += 1) {
    const value = values[i]!;
    while (!Number.isInteger(value * parts)) {
      parts *= 2;
      if (!(parts <= MOST_PARTS)) return undefined;
    }
    largest = Math.max(largest, Math.abs(value));
  }
  return largest * parts <= Number.MAX_SAFE_INTEGER ? parts : undefined;
}

/** The line through `partsX·x` and `partsY·y`, summed from the first point on: offsets common to all cost no digits. */
function fitWhole(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  n: number,
  partsX: number,
  partsY: number,
): LineFit | undefined {
  const [firstX, firstY] = [x[0]! * partsX, y[0]! * partsY];
  let [sumX, sumY, sumXX, sumXY, sumYY]: ExactInt[] = [0, 0, 0, 0, 0];
  for (let i = 1; i < n; i += 1) {
    const dx = addExact(x[i]! * partsX, -firstX);
    const dy = addExact(y[i]! * partsY, -firstY);
    sumX = addExact(sumX!, dx);
    sumY = addExact(sumY!, dy);
    sumXX = addExact(sumXX!, multiplyExact(dx, dx));
    sumXY = addExact(sumXY!, multiplyExact(dx, dy));
    sumYY = addExact(sumYY!, multiplyExact(dy, dy));
  }
  // Σ(a + da)(b + db) = nab + aΣdb + bΣda + Σda·db.
  const moved = (a: number, b: number, da: ExactInt, db: ExactInt, product: ExactInt): ExactInt =>
    [multiplyExact(n, multiplyExact(a, b)), multiplyExact(a, db), multiplyExact(b, da)].reduce(addExact, product);
  return fitOfSums(
    n,
    addExact(sumX!, multiplyExact(n, firstX)),
    addExact(sumY!, multiplyExact(n, firstY)),
    moved(firstX, firstX, sumX!, sumX!, sumXX!),
    moved(firstX, firstY, sumX!, sumY!, sumXY!),
    moved(firstY, firstY, sumY!, sumY!, sumYY!),
  );
}

function fitFractions(x: ArrayLike<number>, y: ArrayLike<number>, n: number): LineFit | undefined {
  let meanX = 0;
  let meanY = 0;
  for (let i = 0; i < n; i += 1) {
    meanX += (x[i]! - meanX) / (i + 1);
    meanY += (y[i]! - meanY) / (i + 1);
  }
  let leftX = 0;
  let leftY = 0;
  for (let i = 0; i < n; i += 1) {
    leftX += x[i]! - meanX;
    leftY += y[i]! - meanY;
  }
  // What rounding left of the means, so that an offset common to all values costs no digits of the slope.
  leftX /= n;
  leftY /= n;
  let sxx = 0;
  let sxy = 0;
  let syy = 0;
  for (let i = 0; i < n; i += 1) {
    const dx = x[i]! - meanX - leftX;
    const dy = y[i]! - meanY - leftY;
    sxx += dx * dx;
    sxy += dx * dy;
    syy += dy * dy;
  }
  if (!(sxx > 0)) return undefined;
  const slope = sxy / sxx;
  const intercept = meanY + leftY - slope * (meanX + leftX);
  let residual = 0;
  let [farthestX, farthestY] = [0, 0];
  for (let i = 0; i < n; i += 1) {
    residual += (y[i]! - meanY - leftY - slope * (x[i]! - meanX - leftX)) ** 2;
    farthestX = Math.max(farthestX, Math.abs(x[i]!));
    farthestY = Math.max(farthestY, Math.abs(y[i]!));
  }
  // Residuals no larger than the rounding of the points themselves are none: decimals on a line are not on it as doubles.
  if (residual <= n * (Number.EPSILON * (farthestY + Math.abs(slope) * farthestX)) ** 2) residual = 0;
  const variance = n > 2 ? residual / (n - 2) : 0;
  const slopeError = Math.sqrt(variance / sxx);
  const interceptError = Math.sqrt(variance * (1 / n + (meanX * meanX) / sxx));
  return {
    n,
    slope: slope + 0,
    intercept: intercept + 0,
    r2: syy > 0 ? Math.min(1, Math.max(0, 1 - residual / syy)) : undefined,
    slopeT: slopeError > 0 ? slope / slopeError : undefined,
    interceptT: interceptError > 0 ? intercept / interceptError : undefined,
  };
}
