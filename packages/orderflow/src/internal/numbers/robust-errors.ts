/** Standard errors of a line that do not assume residuals of one size, or independent ones. */

/** Slope and intercept over their standard errors; `undefined` where the error is 0. */
export interface LineT {
  readonly slopeT: number | undefined;
  readonly interceptT: number | undefined;
}

/**
 * t-statistics with White's errors (HC0: heteroskedasticity-consistent, no small-sample factor) for `lags` 0, and with
 * those of Newey and West 1987 (Bartlett weights `1 − l ÷ (lags + 1)`) beyond. Both pass through the influence of each
 * point on the coefficient, `(x − x̄)·u ÷ Σ(x − x̄)²` for the slope.
 */
export function robustT(x: ArrayLike<number>, y: ArrayLike<number>, slope: number, lags: number): LineT {
  const n = x.length;
  let mean = 0;
  let meanY = 0;
  for (let i = 0; i < n; i += 1) {
    mean += (x[i]! - mean) / (i + 1);
    meanY += (y[i]! - meanY) / (i + 1);
  }
  let sxx = 0;
  for (let i = 0; i < n; i += 1) sxx += (x[i]! - mean) ** 2;
  const onSlope = new Float64Array(n);
  const onIntercept = new Float64Array(n);
  for (let i = 0; i < n; i += 1) {
    const residual = y[i]! - meanY - slope * (x[i]! - mean);
    onSlope[i] = (residual * (x[i]! - mean)) / sxx;
    onIntercept[i] = residual / n - mean * onSlope[i]!;
  }
  const t = (coefficient: number, influence: Float64Array): number | undefined => {
    const error = Math.sqrt(longRunVariance(influence, lags));
    return error > 0 ? coefficient / error + 0 : undefined;
  };
  return { slopeT: t(slope, onSlope), interceptT: t(meanY - slope * mean, onIntercept) };
}

/** Σ ψ² + 2 Σ_l (1 − l ÷ (lags + 1)) Σ ψ_i ψ_(i−l); never below 0 but for rounding. */
function longRunVariance(influence: Float64Array, lags: number): number {
  let variance = 0;
  for (let lag = 0; lag <= Math.min(lags, influence.length - 1); lag += 1) {
    let sum = 0;
    for (let i = lag; i < influence.length; i += 1) sum += influence[i]! * influence[i - lag]!;
    variance += lag === 0 ? sum : 2 * (1 - lag / (lags + 1)) * sum;
  }
  return Math.max(0, variance);
}
