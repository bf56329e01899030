/** How the price impact of flow falls with depth. */
import { requireFlow } from './flow-line.ts';
import { fitLine } from '../numbers/least-squares.ts';

/** The slope and the average depth of one window. */
export interface DepthPoint {
  /** Ticks per lot. */
  readonly slope: number;
  /** Average depth in lots. */
  readonly averageDepthLots: number;
}

/** `slope = c ÷ depth^λ`; in the model of Cont et al. λ is 1 and c is ½. */
export interface DepthRelation {
  readonly c: number;
  readonly lambda: number;
  /** λ ÷ its standard error; `undefined` when the error is 0 or n is 2. */
  readonly lambdaT: number | undefined;
  /** Share of the variance of log slopes that the depth explains, 0 to 1. */
  readonly r2: number | undefined;
  /** Windows used. */
  readonly n: number;
  /** Windows with a slope or a depth that is not above 0; they have no logarithm and are left out. */
  readonly leftOut: number;
}

/**
 * The relation of slope and depth over windows, from the line of `log slope` on `log depth` (Cont, Kukanov and Stoikov
 * 2014); `undefined` with fewer than two usable windows, or where the depth is always the same.
 *
 * @example
 * ```ts
 * const relation = fitDepthRelation([10, 20, 40, 80].map((depth) => ({ slope: 0.5 / depth, averageDepthLots: depth })));
 * relation?.lambda.toFixed(9); // => '1.000000000'
 * relation?.c.toFixed(9); // => '0.500000000'
 * ```
 * @throws {@link OrderflowError} `bad-value` for a value that is not a number from −1e70 to 1e70.
 */
export function fitDepthRelation(windows: readonly DepthPoint[]): DepthRelation | undefined {
  const x: number[] = [];
  const y: number[] = [];
  for (const { slope, averageDepthLots } of windows) {
    requireFlow('slope', slope);
    requireFlow('averageDepthLots', averageDepthLots);
    if (slope <= 0 || averageDepthLots <= 0) continue;
    x.push(Math.log(averageDepthLots));
    y.push(Math.log(slope));
  }
  const line = fitLine(x, y);
  const c = line && Math.exp(line.intercept);
  if (!line || !Number.isFinite(c)) return undefined;
  return {
    c: c!,
    lambda: 0 - line.slope,
    lambdaT: line.slopeT === undefined ? undefined : 0 - line.slopeT,
    r2: line.r2,
    n: line.n,
    leftOut: windows.length - line.n,
  };
}
