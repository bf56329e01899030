/** The line of price changes on flow, with its three kinds of t-statistics. */
import { finite, listOf, where } from '../shared/shapes.ts';
import type { Shape } from '../shared/shapes.ts';
import { fitLine } from '../numbers/least-squares.ts';
import { requireModerate } from '../numbers/principal-component.ts';
import { robustT } from '../numbers/robust-errors.ts';
import type { LineT } from '../numbers/robust-errors.ts';

/** The line of price changes on flow. */
export interface FlowRegression extends LineT {
  /** Number of points. */
  readonly n: number;
  /** Change of the price per unit of flow: ticks per lot for OFI in lots. */
  readonly slope: number;
  readonly intercept: number;
  /** Share of the variance of the changes that the line explains, 0 to 1; `undefined` when the price never moves. */
  readonly r2: number | undefined;
  /** Slope ÷ its ordinary standard error, n − 2 degrees; `undefined` when the error is 0 (a perfect fit) or n is 2. */
  readonly slopeT: number | undefined;
  readonly interceptT: number | undefined;
  /** With White's errors (HC0): right also where large flows scatter more. */
  readonly white: LineT;
  /** With the errors of Newey and West: right also where residuals follow on one another. */
  readonly neweyWest: LineT & {
    /** Lags that it looks back. */
    readonly lags: number;
  };
}

/** Largest magnitude whose fourth powers still add up within floating point. */
const LARGEST = 1e70;

/** Flows as they are stored. */
export const flowsShape: Shape = listOf(where(finite, (value: number) => Math.abs(value) <= LARGEST));

/**
 * Refuses a value that no flow and no price change has.
 * @throws {@link OrderflowError} `bad-value`.
 */
export function requireFlow(what: string, value: number): void {
  requireModerate(what, value, LARGEST);
}

/** The line through points that were checked. */
export function lineOf(x: readonly number[], y: readonly number[], lags?: number): FlowRegression | undefined {
  const n = x.length;
  const fit = n < 3 ? undefined : fitLine(x, y);
  // A slope beyond that comes from a flow whose variance is nothing but rounding.
  if (!fit || Math.abs(fit.slope) > LARGEST) return undefined;
  const neweyWestLags = Math.min(lags ?? Math.floor(4 * (n / 100) ** (2 / 9)), n - 1);
  // From three points on only a perfect fit has no error: then there is none of any kind.
  const robust = (lag: number): LineT =>
    fit.slopeT === undefined ? { slopeT: undefined, interceptT: undefined } : robustT(x, y, fit.slope, lag);
  return { ...fit, white: robust(0), neweyWest: { lags: neweyWestLags, ...robust(neweyWestLags) } };
}
