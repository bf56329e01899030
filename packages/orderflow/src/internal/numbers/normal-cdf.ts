/**
 * The standard normal distribution function Φ, by the rational Chebyshev approximations of W. J. Cody, "Rational
 * Chebyshev Approximations for the Error Function", Math. Comp. 23 (1969), doi 10.1090/S0025-5718-1969-0247736-4, in the
 * form of his ANORM (SPECFUN, "Algorithm 715", ACM TOMS 19 (1993), doi 10.1145/151271.151273).
 */

/**
 * Φ(z), the share of a standard normal variable below `z`, to a relative 10^−15 down to z = −37.5 (where Φ leaves the
 * range of normal doubles) and 0 from z = −38.6 down. `NaN` for `NaN`.
 */
export function normalCdf(z: number): number {
  const y = Math.abs(z);
  if (y <= CENTRE) {
    const square = z * z;
    return 0.5 + z * ratio(square, CENTRE_TOP, CENTRE_BOTTOM);
  }
  const tail = y >= GONE ? 0 : upperTail(y);
  return z > 0 ? 1 - tail : tail;
}

/** Where Φ(z) is 3/4, the end of the first approximation. */
const CENTRE = 0.66291;
/** √32, from where on the third one takes over. */
const FAR = Math.SQRT2 * 4;
/** From here on 1 − Φ is below the smallest double. */
const GONE = 38.6;
const INVERSE_SQRT_2PI = 0.3989422804014327;

/** 1 − Φ(y) for y above {@link CENTRE}. */
function upperTail(y: number): number {
  if (y <= FAR) return gauss(y) * ratio(y, MIDDLE_TOP, MIDDLE_BOTTOM);
  const inverse = 1 / (y * y);
  return (gauss(y) * (INVERSE_SQRT_2PI - inverse * ratio(inverse, FAR_TOP, FAR_BOTTOM))) / y;
}

/** exp(−y²/2), with y cut to sixteenths first: the square of the rounded part is exact, so no digit is lost in it. */
function gauss(y: number): number {
  const cut = Math.trunc(y * 16) / 16;
  return Math.exp(-cut * cut * 0.5) * Math.exp(-(y - cut) * (y + cut) * 0.5);
}

/** The quotient of two polynomials, coefficients from the highest power down. */
function ratio(x: number, top: readonly number[], bottom: readonly number[]): number {
  return polynomial(x, top) / polynomial(x, bottom);
}

function polynomial(x: number, coefficients: readonly number[]): number {
  let value = 0;
  for (const coefficient of coefficients) value = value * x + coefficient;
  return value;
}

// Cody's coefficients as the nearest doubles, highest power first.
const CENTRE_TOP = [0.06568233791820745, 2.2352520354606837, 161.02823106855587, 1067.6894854603709, 18154.98125334356];
const CENTRE_BOTTOM = [1, 47.202581904688245, 976.0985517377767, 10260.932208618979, 45507.78933502673];
const MIDDLE_TOP = [
  1.0765576773720192e-8, 0.39894151208813466, 8.883149794388377, 93.50665613217785, 597.2702763948002,
  2494.5375852903726, 6848.190450536283, 11602.65143764735, 9842.714838383978,
];
const MIDDLE_BOTTOM = [
  1, 22.266688044328117, 235.387901782625, 1519.3775994075547, 6485.558298266761, 18615.571640885097, 34900.95272114598,
  38912.00328609327, 19685.429676859992,
];
const FAR_TOP = [
  0.023073441764940174, 0.215898534057957, 0.12740116116024736, 0.022235277870649807, 0.0014216191932278934,
  2.9112874951168793e-5,
];
const FAR_BOTTOM = [
  1, 1.284260096144911, 0.4682382124808651, 0.06598813786892856, 0.0037823963320275824, 7.297515550839662e-5,
];
