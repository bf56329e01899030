/** The line of price changes on flow, window by window. */
import { rowCount } from '../../columns.ts';
import type { NumberColumn } from '../../columns.ts';
import type { OfiBucket } from '../../ofi-buckets.ts';
import { bucketStartMs, requireQuoteTime } from './bucket-frame.ts';
import { requireBetween, requireWhole } from '../shared/checks.ts';
import { flowsShape, lineOf, requireFlow } from './flow-line.ts';
import type { FlowRegression } from './flow-line.ts';
import { requireSameOptions } from '../shared/same-options.ts';
import { counts, fields, finite, orNull, where } from '../shared/shapes.ts';
import { restored, storedOptions } from '../shared/snapshot.ts';

/** The flow and the price change of one short interval. */
export interface FlowPoint {
  /** Start of the interval, epoch milliseconds UTC: the window that holds it holds the point. */
  readonly timeMs: number;
  /** Flow, in any unit: OFI in lots, normalised or integrated OFI. */
  readonly flow: number;
  /** Change of the mid, in ticks. */
  readonly changeTicks: number;
  /** Average depth of the interval in lots, where it is known and asked for. */
  readonly depthLots?: number;
}

/** Options of {@link createOfiRegression}. */
export interface OfiRegressionOptions {
  /**
   * Length of a window in milliseconds; windows are aligned to the epoch.
   * @defaultValue 10_000
   */
  readonly windowMs?: number;
  /**
   * Start of the windows after the epoch, in milliseconds.
   * @defaultValue 0
   */
  readonly offsetMs?: number;
  /**
   * Fewest points of a window that a line is drawn through, at least 3.
   * @defaultValue 10
   */
  readonly minPoints?: number;
  /**
   * Most points of a window; more are left out and counted.
   * @defaultValue 100_000
   */
  readonly maxPoints?: number;
}

/** What {@link createOfiRegression} uses where an option is left out. */
export const ofiRegressionDefaults: Required<OfiRegressionOptions> = {
  windowMs: 10_000,
  offsetMs: 0,
  minPoints: 10,
  maxPoints: 100_000,
};

/** The regression of one window. */
export interface OfiRegressionWindow {
  /** Inclusive start, epoch milliseconds UTC. */
  readonly startMs: number;
  /** Exclusive end, epoch milliseconds UTC. */
  readonly endMs: number;
  /** Points that came. */
  readonly points: number;
  /** The line; `undefined` with fewer than `minPoints`, or where the flow never moves. */
  readonly line: FlowRegression | undefined;
  /** Mean of the depths of the points that have one, in lots. */
  readonly averageDepthLots: number | undefined;
}

/** What became of the points, since the start. */
export interface OfiRegressionCounts {
  /** Points taken in. */
  readonly points: number;
  /** Points of a window that had ended; left out. */
  readonly latePoints: number;
  /** Points beyond `maxPoints` of their window; left out. */
  readonly overflowedPoints: number;
}

/** A regression by window. Made by {@link createOfiRegression}. */
export interface WindowedOfiRegression {
  /**
   * Takes a point, `undefined` (unknown) is left out; gives the window that it ended, where it began a new one.
   * @throws {@link OrderflowError} `bad-value` for a flow, change or depth that is not a number from −1e70 to 1e70,
   *   `bad-quote` for a time that is none; the state is as before.
   */
  push(point: FlowPoint | undefined): OfiRegressionWindow | undefined;
  /** Ends the open window and gives it; `undefined` where there is none. */
  flush(): OfiRegressionWindow | undefined;
  counts(): OfiRegressionCounts;
  /** The state as plain JSON. */
  snapshot(): OfiRegressionSnapshot;
}

/** The state of a {@link WindowedOfiRegression}. */
export interface OfiRegressionSnapshot {
  readonly v: 1;
  readonly kind: 'ofi-regression';
  readonly options: Required<OfiRegressionOptions>;
  readonly startMs: number | null;
  readonly flow: readonly number[];
  readonly changes: readonly number[];
  readonly depths: readonly number[];
  readonly counts: OfiRegressionCounts;
}

/** Points as columns; a row with a `NaN` in `flow` or `changeTicks` is unknown. */
export interface FlowPointColumns {
  readonly timeMs: NumberColumn;
  readonly flow: NumberColumn;
  readonly changeTicks: NumberColumn;
  /** `NaN` where it is unknown. */
  readonly depthLots?: NumberColumn;
}

/**
 * A regression for each window of `windowMs`: R² per 10 s from buckets of 100 ms, or per half-hour from buckets of 10 s as
 * Cont et al. have it. Memory: the points of one window, at most `maxPoints`.
 *
 * @example
 * ```ts
 * const regression = createOfiRegression({ windowMs: 1000, minPoints: 3 });
 * regression.push({ timeMs: 0, flow: -10, changeTicks: -1 }); // => undefined
 * regression.push({ timeMs: 300, flow: 10, changeTicks: 1 }); // => undefined
 * regression.push({ timeMs: 600, flow: 30, changeTicks: 3 }); // => undefined
 * const window = regression.push({ timeMs: 1000, flow: 1, changeTicks: 0 });
 * window?.line?.slope; // => 0.1
 * ```
 * @throws {@link OrderflowError} `bad-option` when an option is outside its domain.
 */
export function createOfiRegression(options: OfiRegressionOptions = {}): WindowedOfiRegression {
  return startRegression(optionsOf(options), undefined);
}

const shape = where(
  fields({ startMs: orNull(finite), flow: flowsShape, changes: flowsShape, depths: flowsShape, counts }),
  ({ startMs, flow, changes, depths }: OfiRegressionSnapshot) =>
    flow.length === changes.length && depths.length <= flow.length && (startMs !== null || flow.length === 0),
);

/**
 * The regression that a snapshot was taken of; its options are in the snapshot, and those given must be the same.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or options.
 */
export function restoreOfiRegression(
  snapshot: OfiRegressionSnapshot,
  options?: OfiRegressionOptions,
): WindowedOfiRegression {
  return restored(snapshot, 'ofi-regression', shape, () => {
    if (options) requireSameOptions('ofi-regression', snapshot.options, optionsOf(options));
    return startRegression(storedOptions(optionsOf, snapshot.options), snapshot);
  });
}

/**
 * {@link createOfiRegression} over columns: in `values` row by row what `push` gives, in `last` what `flush` gives.
 * @throws {@link OrderflowError} `bad-columns`, or as `push` does.
 */
export function ofiRegressionOfColumns(
  columns: FlowPointColumns,
  options: OfiRegressionOptions = {},
): {
  readonly values: readonly (OfiRegressionWindow | undefined)[];
  readonly last: OfiRegressionWindow | undefined;
} {
  const { timeMs, flow, changeTicks, depthLots } = columns;
  const rows = rowCount({ timeMs, bidTicks: flow, bidLots: changeTicks, askTicks: depthLots ?? flow, askLots: flow });
  const regression = createOfiRegression(options);
  const values = new Array<OfiRegressionWindow | undefined>(rows);
  for (let i = 0; i < rows; i += 1) {
    if (Number.isNaN(flow[i]! + changeTicks[i]!)) continue;
    const point: FlowPoint = { timeMs: timeMs[i]!, flow: flow[i]!, changeTicks: changeTicks[i]! };
    const depth = depthLots?.[i] ?? NaN;
    values[i] = regression.push(Number.isNaN(depth) ? point : { ...point, depthLots: depth });
  }
  return { values, last: regression.flush() };
}

/** The point of a bucket of `createOfiBuckets`; `undefined` for one that is not complete. */
export function flowPointOf(bucket: OfiBucket): FlowPoint | undefined {
  if (!bucket.complete) return undefined;
  const { startMs, ofiLots, midChangeHalfTicks, averageDepthLots } = bucket;
  return {
    timeMs: startMs,
    flow: Number(ofiLots),
    changeTicks: Number(midChangeHalfTicks) / 2,
    ...(averageDepthLots === undefined ? {} : { depthLots: averageDepthLots }),
  };
}

const LONGEST_MS = 366 * 86_400_000;

function optionsOf(options: OfiRegressionOptions): Required<OfiRegressionOptions> {
  const { windowMs, offsetMs, minPoints, maxPoints } = { ...ofiRegressionDefaults, ...options };
  requireWhole('windowMs', windowMs);
  requireBetween('windowMs', windowMs, 1, LONGEST_MS);
  requireWhole('offsetMs', offsetMs, -LONGEST_MS);
  requireBetween('offsetMs', offsetMs, -LONGEST_MS, LONGEST_MS);
  requireWhole('maxPoints', maxPoints, 3);
  requireWhole('minPoints', minPoints, 3);
  requireBetween('minPoints', minPoints, 3, maxPoints);
  return { windowMs, offsetMs: offsetMs + 0, minPoints, maxPoints };
}

function startRegression(
  options: Required<OfiRegressionOptions>,
  from: OfiRegressionSnapshot | undefined,
): WindowedOfiRegression {
  const { windowMs, offsetMs, minPoints, maxPoints } = options;
  let startMs = from?.startMs ?? undefined;
  let flows = [...(from?.flow ?? [])];
  let changes = [...(from?.changes ?? [])];
  let depths = [...(from?.depths ?? [])];
  let { points, latePoints, overflowedPoints } = from?.counts ?? { points: 0, latePoints: 0, overflowedPoints: 0 };

  const end = (): OfiRegressionWindow | undefined => {
    if (flows.length === 0) return undefined;
    let averageDepthLots: number | undefined;
    depths.forEach(
      (depth, i) => (averageDepthLots = (averageDepthLots ?? 0) + (depth - (averageDepthLots ?? 0)) / (i + 1)),
    );
    const window = {
      startMs: startMs!,
      endMs: startMs! + windowMs,
      points: flows.length,
      line: flows.length < minPoints ? undefined : lineOf(flows, changes),
      averageDepthLots,
    };
    flows = [];
    changes = [];
    depths = [];
    return window;
  };

  return {
    push(point) {
      if (!point) return undefined;
      const { timeMs, flow, changeTicks, depthLots } = point;
      requireQuoteTime(timeMs);
      requireFlow('flow', flow);
      requireFlow('changeTicks', changeTicks);
      if (depthLots !== undefined) requireFlow('depthLots', depthLots);
      const start = bucketStartMs(timeMs, windowMs, offsetMs);
      if (startMs !== undefined && start < startMs) {
        latePoints += 1;
        return undefined;
      }
      const ended = startMs === undefined || start === startMs ? undefined : end();
      startMs = start;
      if (flows.length === maxPoints) {
        overflowedPoints += 1;
        return ended;
      }
      points += 1;
      // + 0: a value of −0 would not survive JSON.
      flows.push(flow + 0);
      changes.push(changeTicks + 0);
      if (depthLots !== undefined) depths.push(depthLots + 0);
      return ended;
    },
    flush: end,
    counts: () => ({ points, latePoints, overflowedPoints }),
    snapshot: () => ({
      v: 1,
      kind: 'ofi-regression',
      options: { ...options },
      startMs: startMs ?? null,
      flow: [...flows],
      changes: [...changes],
      depths: [...depths],
      counts: { points, latePoints, overflowedPoints },
    }),
  };
}
