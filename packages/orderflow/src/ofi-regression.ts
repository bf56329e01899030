/**
 * How much of the moves of the price order flow explains: `ΔP = α + β·OFI + ε` after Cont, Kukanov and Stoikov 2014
 * (doi 10.1093/jjfinec/nbt003), over one stretch or window by window, and how β falls with depth.
 *
 * The change and the flow are of the same interval: the line describes, it does not forecast. All of it is floating
 * point, in two passes over centred values.
 */
import { OrderflowError } from './errors.ts';
import type { OfiBucket } from './ofi-buckets.ts';
import { requireWhole } from './internal/shared/checks.ts';
import { lineOf, requireFlow } from './internal/flow/flow-line.ts';
import type { FlowRegression } from './internal/flow/flow-line.ts';

export {
  createOfiRegression,
  flowPointOf,
  ofiRegressionDefaults,
  ofiRegressionOfColumns,
  restoreOfiRegression,
} from './internal/flow/windowed-regression.ts';
export type {
  FlowPoint,
  FlowPointColumns,
  OfiRegressionCounts,
  OfiRegressionOptions,
  OfiRegressionSnapshot,
  OfiRegressionWindow,
  WindowedOfiRegression,
} from './internal/flow/windowed-regression.ts';
export { fitDepthRelation } from './internal/flow/depth-relation.ts';
export type { DepthPoint, DepthRelation } from './internal/flow/depth-relation.ts';
export type { FlowRegression } from './internal/flow/flow-line.ts';
export type { LineT } from './internal/numbers/robust-errors.ts';

/** Options of {@link regressPriceOnFlow}. */
export interface FlowRegressionOptions {
  /**
   * Lags of the Newey-West errors.
   * @defaultValue the whole part of `4·(n ÷ 100)^(2/9)`
   */
  readonly neweyWestLags?: number;
}

/** What {@link regressOfi} reads of a bucket. */
export type RegressionBucket = Pick<OfiBucket, 'complete' | 'ofiLots' | 'midChangeHalfTicks'>;

/**
 * The line of `changes` on `flow`, two columns of equal length; `undefined` with fewer than three known points, or where
 * the flow never moves (or by so little that its variance is below floating point). A point with a `NaN` is unknown and
 * left out.
 *
 * @example
 * ```ts
 * const line = regressPriceOnFlow([-2, -1, 0, 1, 2], [-3, -3, 0, 3, 3]);
 * line?.slope; // => 1.8
 * line?.r2; // => 0.9
 * line?.slopeT?.toFixed(6); // => '5.196152'
 * ```
 * @throws {@link OrderflowError} `bad-columns` when the columns differ in length, `bad-value` for a value beyond ±1e70,
 *   `bad-option` for lags that are no whole number.
 */
export function regressPriceOnFlow(
  flow: ArrayLike<number>,
  changes: ArrayLike<number>,
  options: FlowRegressionOptions = {},
): FlowRegression | undefined {
  if (options.neweyWestLags !== undefined) requireWhole('neweyWestLags', options.neweyWestLags, 0);
  const [x, y] = knownPairs(flow, changes);
  return lineOf(x, y, options.neweyWestLags);
}

/**
 * The line of mid changes in ticks on OFI in lots, over buckets as `createOfiBuckets` gives them. Buckets that are not
 * `complete` are left out; empty ones count, as nothing came and nothing moved (emit them).
 *
 * @example
 * ```ts
 * const bucket = (ofiLots: number, midChangeHalfTicks: number) => ({ complete: true, ofiLots, midChangeHalfTicks });
 * const line = regressOfi([bucket(-20, -4), bucket(0, 0), bucket(10, 2), bucket(30, 6)]);
 * line?.slope; // => 0.1
 * line?.r2; // => 1
 * ```
 * @throws {@link OrderflowError} as {@link regressPriceOnFlow}.
 */
export function regressOfi(
  buckets: readonly RegressionBucket[],
  options: FlowRegressionOptions = {},
): FlowRegression | undefined {
  const complete = buckets.filter((bucket) => bucket.complete);
  return regressPriceOnFlow(
    complete.map(({ ofiLots }) => Number(ofiLots)),
    complete.map(midChangeTicks),
    options,
  );
}

/** The change of the mid over a bucket, in ticks. */
export function midChangeTicks({ midChangeHalfTicks }: Pick<OfiBucket, 'midChangeHalfTicks'>): number {
  return Number(midChangeHalfTicks) / 2;
}

/**
 * The share of the variance of `changes` that a line fitted elsewhere explains, `1 − Σ(y − ŷ)² ÷ Σ(y − ȳ)²`: at most 1,
 * below 0 where the mean of these changes would have done better. `undefined` where they do not vary.
 *
 * @example
 * ```ts
 * r2OfLine({ slope: 2, intercept: 0 }, [1, 2, 3], [2, 4, 6]); // => 1
 * r2OfLine({ slope: -2, intercept: 8 }, [1, 2, 3], [2, 4, 6]); // => -3
 * ```
 * @throws {@link OrderflowError} as {@link regressPriceOnFlow}.
 */
export function r2OfLine(
  { slope, intercept }: Pick<FlowRegression, 'slope' | 'intercept'>,
  flow: ArrayLike<number>,
  changes: ArrayLike<number>,
): number | undefined {
  requireFlow('slope', slope);
  requireFlow('intercept', intercept);
  const [x, y] = knownPairs(flow, changes);
  let mean = 0;
  y.forEach((value, i) => (mean += (value - mean) / (i + 1)));
  let residual = 0;
  let total = 0;
  for (let i = 0; i < y.length; i += 1) {
    residual += (y[i]! - intercept - slope * x[i]!) ** 2;
    total += (y[i]! - mean) ** 2;
  }
  return total > 0 && Number.isFinite(residual / total) ? 1 - residual / total : undefined;
}

/** The rows in which both are known. */
function knownPairs(flow: ArrayLike<number>, changes: ArrayLike<number>): [x: number[], y: number[]] {
  if (flow.length !== changes.length) {
    throw new OrderflowError(
      'bad-columns',
      `flow has ${flow.length} rows, changes has ${changes.length}. Pass columns of equal length.`,
      changes.length,
    );
  }
  const x: number[] = [];
  const y: number[] = [];
  for (let i = 0; i < flow.length; i += 1) {
    if (Number.isNaN(flow[i]!) || Number.isNaN(changes[i]!)) continue;
    requireFlow('flow', flow[i]!);
    requireFlow('change', changes[i]!);
    x.push(flow[i]!);
    y.push(changes[i]!);
  }
  return [x, y];
}
