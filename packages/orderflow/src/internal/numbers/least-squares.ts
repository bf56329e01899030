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

/**
 * The line through points, in two passes over centred values; `undefined` with fewer than two points or an x that
 * never moves.
 */
export function fitLine(x: ArrayLike<number>, y: ArrayLike<number>): LineFit | undefined {
  const n = Math.min(x.length, y.length);
  if (n < 2) return undefined;
  let meanX = 0;
  let meanY = 0;
  for (let i = 0; i < n; i += 1) {
    meanX += (x[i]! - meanX) / (i + 1);
    meanY += (y[i]! - meanY) / (i + 1);
  }
  let sxx = 0;
  let sxy = 0;
  let syy = 0;
  for (let i = 0; i < n; i += 1) {
    const dx = x[i]! - meanX;
    const dy = y[i]! - meanY;
    sxx += dx * dx;
    sxy += dx * dy;
    syy += dy * dy;
  }
  if (!(sxx > 0)) return undefined;
  const slope = sxy / sxx;
  const intercept = meanY - slope * meanX;
  let residual = 0;
  for (let i = 0; i < n; i += 1) residual += (y[i]! - intercept - slope * x[i]!) ** 2;
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
