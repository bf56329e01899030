/** Kyle's regression over the last intervals, or over all of them. */
import { exactFromJson, exactToJson } from '../../exact.ts';
import type { ExactInt, ExactIntJson } from '../../exact.ts';
import { requireWhole } from '../shared/checks.ts';
import { createLineSums, lineSumsShape } from '../numbers/line-sums.ts';
import type { LineSumsJson } from '../numbers/line-sums.ts';
import type { LineFit } from '../numbers/least-squares.ts';
import { exact, fields, listOf, tupleOf, where } from '../shared/shapes.ts';
import type { Shape } from '../shared/shapes.ts';

/** Kyle's λ with how well the line fits. */
export interface KyleFit {
  /** λ: price change per unit of signed volume; in ticks per lot when fed with ticks and lots. */
  readonly lambda: number;
  /** Price change at no signed volume. */
  readonly intercept: number;
  /** Number of intervals. */
  readonly n: number;
  /** Share of the variance of the price changes that flow explains, 0 to 1; `undefined` when the price never moved. */
  readonly r2: number | undefined;
  /** λ ÷ its standard error; `undefined` for a perfect fit or two intervals. */
  readonly t: number | undefined;
}

/** A λ from a line; `undefined` where numbers too large left no finite one. */
export function kyleFitOf(fit: LineFit | undefined): KyleFit | undefined {
  if (!fit) return undefined;
  const { slope, intercept, n, r2, slopeT } = fit;
  const isFinite = [slope, intercept, r2 ?? 0, slopeT ?? 0].every(Number.isFinite);
  return isFinite ? { lambda: slope, intercept, n, r2, t: slopeT } : undefined;
}

/** The state of a {@link KyleWindow}. */
export interface KyleWindowJson {
  readonly sums: LineSumsJson;
  /** The points of a window, oldest first; empty over all intervals. */
  readonly points: readonly (readonly [ExactIntJson, ExactIntJson])[];
}

/** A running regression. Made by {@link createKyleWindow}. */
export interface KyleWindow {
  push(signedLots: ExactInt, priceChangeTicks: ExactInt): void;
  fit(): KyleFit | undefined;
  toJson(): KyleWindowJson;
}

/** How many intervals a regression is over. */
export type KyleLength = number | 'all';

/** Refuses a length that is neither `'all'` nor a whole number from 3 on: two points always lie on a line. */
export function requireKyleLength(option: string, length: KyleLength): void {
  if (length !== 'all') requireWhole(option, length, 3);
}

/** A regression over the last `length` points; sums alone are held for `'all'`. */
export function createKyleWindow(length: KyleLength, from?: KyleWindowJson): KyleWindow {
  const sums = createLineSums(from?.sums);
  const points: (readonly [ExactInt, ExactInt])[] = (from?.points ?? []).map(([x, y]) => [
    exactFromJson(x),
    exactFromJson(y),
  ]);
  return {
    push(signedLots, priceChangeTicks) {
      sums.add(signedLots, priceChangeTicks);
      if (length === 'all') return;
      points.push([signedLots, priceChangeTicks]);
      if (points.length > length) sums.remove(...points.shift()!);
    },
    fit: () => kyleFitOf(sums.fit()),
    toJson: () => ({ sums: sums.toJson(), points: points.map(([x, y]) => [exactToJson(x), exactToJson(y)]) }),
  };
}

/** A regression as it is stored: the sums are those of the points, where there are points. */
export const kyleWindowShape: Shape = where(
  fields({ sums: lineSumsShape, points: listOf(tupleOf(exact, exact)) }),
  ({ sums, points }: KyleWindowJson) => {
    if (points.length === 0) return true;
    const again = createLineSums();
    for (const [x, y] of points) again.add(exactFromJson(x), exactFromJson(y));
    return again.toJson().every((sum, i) => sum === sums[i]);
  },
);
