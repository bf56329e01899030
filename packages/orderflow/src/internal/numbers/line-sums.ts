/** The line through points of integers, from exact sums: points leave as cleanly as they came, so nothing drifts. */
import { addExact, exactFromJson, exactToJson, multiplyExact, subtractExact } from '../../exact.ts';
import type { ExactInt, ExactIntJson } from '../../exact.ts';
import type { LineFit } from './least-squares.ts';
import { ratioOf } from './ratio.ts';
import { count, exact, tupleOf, where } from '../shared/shapes.ts';
import type { Shape } from '../shared/shapes.ts';

/** n, Σx, Σy, Σxx, Σxy and Σyy as plain JSON. */
export type LineSumsJson = readonly ExactIntJson[];

/** Sums of points. Made by {@link createLineSums}. */
export interface LineSums {
  readonly points: number;
  /** Adds a point. */
  add(x: ExactInt, y: ExactInt): void;
  /** Takes a point out again that was added before. */
  remove(x: ExactInt, y: ExactInt): void;
  /** The line; `undefined` with fewer than two points or an x that never moves. */
  fit(): LineFit | undefined;
  toJson(): LineSumsJson;
}

/** Sums that start at zero, or where {@link LineSums.toJson} left off. */
export function createLineSums(from?: LineSumsJson): LineSums {
  const [points = 0, ...sums] = from ? from.map(exactFromJson) : [];
  let n = Number(points);
  let [x = 0, y = 0, xx = 0, xy = 0, yy = 0] = sums;
  return {
    get points() {
      return n;
    },
    add(px, py) {
      n += 1;
      x = addExact(x, px);
      y = addExact(y, py);
      xx = addExact(xx, multiplyExact(px, px));
      xy = addExact(xy, multiplyExact(px, py));
      yy = addExact(yy, multiplyExact(py, py));
    },
    remove(px, py) {
      n -= 1;
      x = subtractExact(x, px);
      y = subtractExact(y, py);
      xx = subtractExact(xx, multiplyExact(px, px));
      xy = subtractExact(xy, multiplyExact(px, py));
      yy = subtractExact(yy, multiplyExact(py, py));
    },
    fit: () => fitOfSums(n, x, y, xx, xy, yy),
    toJson: () => [n, ...[x, y, xx, xy, yy].map(exactToJson)],
  };
}

/** The line of n, Σx, Σy, Σxx, Σxy and Σyy; `undefined` with fewer than two points or an x that never moves. */
export function fitOfSums(
  n: number,
  x: ExactInt,
  y: ExactInt,
  xx: ExactInt,
  xy: ExactInt,
  yy: ExactInt,
): LineFit | undefined {
  if (n < 2) return undefined;
  // n times the centred sums, exact.
  const centred = (ab: ExactInt, a: ExactInt, b: ExactInt): ExactInt =>
    subtractExact(multiplyExact(n, ab), multiplyExact(a, b));
  const sxx = centred(xx, x, x);
  const sxy = centred(xy, x, y);
  const syy = centred(yy, y, y);
  const slope = ratioOf(sxy, sxx);
  if (slope === undefined) return undefined;
  // slope·x̄ taken from ȳ on a common denominator: Σy·sxx − Σx·sxy over n·sxx.
  const interceptTop = subtractExact(multiplyExact(y, sxx), multiplyExact(x, sxy));
  const intercept = ratioOf(interceptTop, multiplyExact(n, sxx))!;
  const product = multiplyExact(sxx, syy);
  const explained = multiplyExact(sxy, sxy);
  const unexplained = subtractExact(product, explained);
  // t² = (n − 2)·r² ÷ (1 − r²) for the slope; for the intercept the same error times Σxx ÷ n.
  const slopeT2 = ratioOf(multiplyExact(n - 2, explained), unexplained);
  const interceptT2 = ratioOf(
    multiplyExact(n - 2, multiplyExact(interceptTop, interceptTop)),
    multiplyExact(unexplained, multiplyExact(xx, n)),
  );
  const hasError = n > 2 && unexplained > 0;
  return {
    n,
    slope,
    intercept,
    r2: ratioOf(explained, product),
    slopeT: hasError ? Math.sqrt(slopeT2!) * (slope < 0 ? -1 : 1) + 0 : undefined,
    interceptT: hasError ? Math.sqrt(interceptT2!) * (intercept < 0 ? -1 : 1) + 0 : undefined,
  };
}

/** Sums as they are stored: such as points can have (the squares are Cauchy and Schwarz's to judge). */
export const lineSumsShape: Shape = where(tupleOf(count, exact, exact, exact, exact, exact), (json: LineSumsJson) => {
  const [n, x, y, xx, xy, yy] = json.map((sum) => BigInt(sum)) as [bigint, bigint, bigint, bigint, bigint, bigint];
  if (n === 0n) return [x, y, xx, xy, yy].every((sum) => sum === 0n);
  const [sxx, sxy, syy] = [n * xx - x * x, n * xy - x * y, n * yy - y * y];
  return sxx >= 0n && syy >= 0n && sxy * sxy <= sxx * syy;
});
