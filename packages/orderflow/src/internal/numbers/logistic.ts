/** Logistic regression on one variable. */
import { OrderflowError } from '../../errors.ts';

/** A fit of {@link fitLogistic}. */
export interface LogisticFit {
  readonly intercept: number;
  readonly slope: number;
  readonly interceptError: number;
  readonly slopeError: number;
  /** Mean negative log-likelihood, in nats. */
  readonly logLoss: number;
  readonly iterations: number;
}

/** Newton's method needs some ten steps; steep data at the edge of being separable a few dozen. */
const MAX_ITERATIONS = 200;

/** `1 ÷ (1 + e^−odds)` without overflow. */
export function logistic(odds: number): number {
  if (odds >= 0) return 1 / (1 + Math.exp(-odds));
  const e = Math.exp(odds);
  return e / (1 + e);
}

/**
 * The maximum of the likelihood of `y` (0 or 1) given `x`, for data that no x separates.
 *
 * x is centred and scaled, so that intercept and slope hardly depend on each other. The likelihood is concave, so a
 * step along Newton's direction that is short enough always gains until rounding is all that is left.
 * @throws {@link OrderflowError} `bad-value` when 200 steps are not enough or a result leaves floating point: data next to separable, or values
 *   next to equal.
 */
export function fitLogistic(x: Float64Array, y: Uint8Array): LogisticFit {
  const n = x.length;
  let mean = 0;
  for (let i = 0; i < n; i += 1) mean += (x[i]! - mean) / (i + 1);
  let scale = 0;
  for (let i = 0; i < n; i += 1) scale = Math.max(scale, Math.abs(x[i]! - mean));
  const z = Float64Array.from(x, (value) => (value - mean) / scale);

  const lossOf = (a: number, b: number): number => {
    let loss = 0;
    for (let i = 0; i < n; i += 1) {
      const odds = a + b * z[i]!;
      const wrong = y[i] === 1 ? -odds : odds;
      // ln(1 + e^wrong)
      loss += Math.max(wrong, 0) + Math.log1p(Math.exp(-Math.abs(wrong)));
    }
    return loss / n;
  };

  let a = 0;
  let b = 0;
  let loss = lossOf(a, b);
  for (let iteration = 1; iteration <= MAX_ITERATIONS; iteration += 1) {
    let [ga, gb, haa, hab, hbb] = [0, 0, 0, 0, 0];
    for (let i = 0; i < n; i += 1) {
      const p = logistic(a + b * z[i]!);
      const error = y[i]! - p;
      const weight = p * (1 - p);
      ga += error;
      gb += error * z[i]!;
      haa += weight;
      hab += weight * z[i]!;
      hbb += weight * z[i]! * z[i]!;
    }
    const determinant = haa * hbb - hab * hab;
    const da = (hbb * ga - hab * gb) / determinant;
    const db = (haa * gb - hab * ga) / determinant;
    // Near the maximum a step gains less than rounding shows, and is still right.
    const worst = loss * (1 + 1e-12);
    let step = 1;
    let next = lossOf(a + da, b + db);
    while (!(next <= worst) && step > 1e-9) {
      step /= 2;
      next = lossOf(a + step * da, b + step * db);
    }
    if (!(next <= worst)) break;
    a += step * da;
    b += step * db;
    loss = next;
    if (step === 1 && Math.abs(da) + Math.abs(db) <= 1e-12 * (1 + Math.abs(a) + Math.abs(b))) {
      const slope = b / scale;
      // Covariance of (a, b) is the inverse of the curvature; the intercept of x is a − slope·mean.
      const shift = mean / scale;
      const fit = {
        intercept: a - slope * mean + 0,
        slope: slope + 0,
        interceptError: Math.sqrt((hbb + 2 * shift * hab + shift * shift * haa) / determinant),
        slopeError: Math.sqrt(haa / determinant) / scale,
        logLoss: loss,
        iterations: iteration,
      };
      if (Object.values(fit).every(Number.isFinite)) return fit;
      break;
    }
  }
  throw new OrderflowError(
    'bad-value',
    `logistic regression of ${n} samples has no fit in floating point: they are next to separable, or their values ` +
      `next to equal. Collect more samples.`,
    n,
  );
}
