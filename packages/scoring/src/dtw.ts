/**
 * Dynamic time warping: how alike two series are when one may run faster than the other.
 *
 * The cost of a path is the mean difference along it (symmetric step pattern of Sakoe and Chiba 1978,
 * doi 10.1109/TASSP.1978.1163055: a diagonal step counts twice, so that all paths weigh the sum of both lengths). Unlike
 * a raw sum it means the same for short and for long series: 0.1 is a tenth of the unit apart, on average.
 */
import { ScoringError } from './errors.ts';
import { warp, warpRows } from './shapes/warp.ts';

export { shapeTemplates } from './shapes/templates.ts';
export type { ShapeTemplate } from './shapes/templates.ts';
export { shapesDefaults } from './shapes/options.ts';
export type { ShapesOptions } from './shapes/options.ts';
export { scoreShapes } from './shapes/score.ts';
export type { ScoreShapesOptions } from './shapes/score.ts';
export { createShapes, restoreShapes, shapes } from './shapes/shapes.ts';
export type { ShapeMatch, Shapes, ShapesSnapshot } from './shapes/shapes.ts';

/** Options of {@link dtwCost}. */
export interface DtwOptions {
  /**
   * Sakoe-Chiba band: how many places the two series may be apart; at least the difference of their lengths is allowed.
   * @defaultValue no band
   */
  readonly band?: number;
  /**
   * Costs above this are of no interest: the search stops as soon as it must end above it.
   * @defaultValue none
   */
  readonly atMost?: number;
}

/**
 * The path-normalised cost of the best alignment: 0 for series that are alike, at most the largest difference of two
 * values. `undefined` when it is above `atMost`, and for an empty series.
 *
 * @example
 * ```ts
 * dtwCost([0, 1, 0], [0, 0, 1, 1, 0]); // => 0
 * dtwCost([0, 0], [1, 1]); // => 1
 * dtwCost([0, 1], [1, 0]); // => 0.75
 * ```
 * @throws {@link ScoringError} `bad-option`; `bad-value` for a value that is not finite.
 */
export function dtwCost(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  { band, atMost = Infinity }: DtwOptions = {},
): number | undefined {
  if (band !== undefined && !(Number.isSafeInteger(band) && band >= 0)) {
    throw new ScoringError(
      'bad-option',
      `band "${String(band)}" is not a whole number of at least 0. Pass a number of places, for example 4.`,
      band,
    );
  }
  for (const series of [a, b]) checkFinite(series);
  if (a.length === 0 || b.length === 0) return undefined;
  const reach = Math.max(band ?? Infinity, Math.abs(a.length - b.length));
  return warp(a, b, reach, atMost, warpRows(b.length));
}

function checkFinite(series: ArrayLike<number>): void {
  for (let i = 0; i < series.length; i++) {
    if (Number.isFinite(series[i])) continue;
    throw new ScoringError(
      'bad-value',
      `value "${String(series[i])}" at index ${i} is not a finite number. Leave it out, or mend it where it comes from.`,
      series[i],
    );
  }
}
