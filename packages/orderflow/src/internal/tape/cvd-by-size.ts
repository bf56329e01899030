import { rowCount, sideOfCode } from '../../columns.ts';
import type { TradeColumns } from '../../columns.ts';
import { OrderflowError } from '../../errors.ts';
import { addExact, exactFromJson, exactToJson } from '../../exact.ts';
import type { ExactInt, ExactIntJson } from '../../exact.ts';
import type { TickTrade } from '../../market.ts';
import { requireSide, requireTrade, printOf } from '../shared/checks.ts';
import { createCvdSums, cvdSumsFields } from './cvd-sums.ts';
import type { CvdSumsJson, CvdTotals } from './cvd-sums.ts';
import { createCvdClock, cvdOptionsJson } from './cvd-window.ts';
import type { CvdOptions } from './cvd-window.ts';
import { excerpt } from '../shared/excerpt.ts';
import { requireSameOptions } from '../shared/same-options.ts';
import { count, exactCount, fields, finite, listOf, orNull } from '../shared/shapes.ts';
import { restored } from '../shared/snapshot.ts';

/** Options of {@link createCvdBySize}. */
export interface CvdBySizeOptions extends CvdOptions {
  /** Edges between the buckets, in lots, strictly ascending; an edge belongs to the bucket above it. */
  readonly edgesLots: readonly number[];
}

/** What a print did to the deltas. */
export interface CvdBySizeStep {
  /** The bucket of the print's size, 0 for the smallest; `undefined` for a late or an outside print. */
  readonly bucket: number | undefined;
  /** Delta of that bucket so far, in lots; `undefined` for a late or an outside print. */
  readonly bucketLots: ExactInt | undefined;
  /** Delta over all buckets so far, in lots: what `createCvd` gives. */
  readonly totalLots: ExactInt;
}

/** {@link CvdTotals} of one bucket of sizes. */
export interface CvdBucketTotals extends CvdTotals {
  /** Smallest size of the bucket, in lots. */
  readonly fromLots: number;
  /** First size above the bucket, in lots; absent for the last one. */
  readonly toLots?: number;
}

/** A running volume delta by trade size. Made by {@link createCvdBySize}. */
export interface CvdBySize {
  /**
   * Adds a print to the bucket of its size. Windows, late and outside prints are as in `createCvd`.
   * @throws {@link OrderflowError} `bad-trade` as `createCvd` does; the state is as before.
   */
  push(trade: Pick<TickTrade, 'sizeLots' | 'side' | 'timeMs'>): CvdBySizeStep;
  /** Ends the current window: gives the totals by bucket and starts again from zero. */
  flush(): CvdBucketTotals[];
  /** The totals of the current window by bucket so far, smallest sizes first. */
  totals(): CvdBucketTotals[];
  /** The delta over all buckets, in lots. */
  readonly value: ExactInt;
  /** Number and volume of the prints that were late, since the start. */
  readonly lateTrades: number;
  readonly lateLots: ExactInt;
  /** Number and volume of the prints before the anchor or outside every session, since the start. */
  readonly outsideTrades: number;
  readonly outsideLots: ExactInt;
  /** The state as plain JSON. */
  snapshot(): CvdBySizeSnapshot;
}

/** The state of a {@link CvdBySize}. */
export interface CvdBySizeSnapshot {
  readonly v: 1;
  readonly kind: 'cvd-by-size';
  readonly options: { readonly edgesLots: readonly number[] };
  readonly windowStartMs: number | null;
  readonly buckets: readonly CvdSumsJson[];
  readonly lateTrades: number;
  readonly lateLots: ExactIntJson;
  readonly outsideTrades: number;
  readonly outsideLots: ExactIntJson;
}

/**
 * One exact volume delta a bucket of trade sizes; over the buckets they add up to `createCvd`'s.
 *
 * @example
 * ```ts
 * const cvd = createCvdBySize({ edgesLots: [10, 100] });
 * cvd.push({ sizeLots: 9, side: 'buy', timeMs: 0 }); // => { bucket: 0, bucketLots: 9, totalLots: 9 }
 * cvd.push({ sizeLots: 10, side: 'sell', timeMs: 1 }); // => { bucket: 1, bucketLots: -10, totalLots: -1 }
 * cvd.push({ sizeLots: 250, side: 'sell', timeMs: 2 }); // => { bucket: 2, bucketLots: -250, totalLots: -251 }
 * ```
 * @throws {@link OrderflowError} `bad-option` when the edges are not positive, strictly ascending whole numbers, and as
 *   `createCvd` does.
 */
export function createCvdBySize(options: CvdBySizeOptions): CvdBySize {
  return startCvdBySize(options, undefined);
}

const shape = fields({
  windowStartMs: orNull(finite),
  buckets: listOf(fields(cvdSumsFields)),
  lateTrades: count,
  lateLots: exactCount,
  outsideTrades: count,
  outsideLots: exactCount,
});

/**
 * The deltas that a snapshot was taken of; pass the options that they were created with.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or options.
 */
export function restoreCvdBySize(snapshot: CvdBySizeSnapshot, options: CvdBySizeOptions): CvdBySize {
  return restored(snapshot, 'cvd-by-size', shape, () => {
    requireSameOptions('cvd-by-size', snapshot.options, optionsJson(options));
    return startCvdBySize(options, snapshot);
  });
}

/**
 * {@link createCvdBySize} over columns: in `values` row by row what `push` gives, in `totals` what `flush` gives.
 * `priceTicks` is not read.
 * @throws {@link OrderflowError} as `push` does, and `bad-columns` when the columns differ in length.
 */
export function cvdBySizeOfColumns(
  columns: TradeColumns,
  options: CvdBySizeOptions,
): { readonly values: CvdBySizeStep[]; readonly totals: CvdBucketTotals[] } {
  const rows = rowCount(columns);
  const { timeMs, sizeLots, side } = columns;
  const cvd = createCvdBySize(options);
  const values = new Array<CvdBySizeStep>(rows);
  for (let i = 0; i < rows; i += 1) {
    values[i] = cvd.push({ timeMs: timeMs[i]!, sizeLots: sizeLots[i]!, side: sideOfCode(side[i]!) });
  }
  return { values, totals: cvd.flush() };
}

function optionsJson(options: CvdBySizeOptions): { readonly edgesLots: readonly number[] } {
  return { edgesLots: [...options.edgesLots], ...cvdOptionsJson(options) };
}

function startCvdBySize(options: CvdBySizeOptions, from: CvdBySizeSnapshot | undefined): CvdBySize {
  const edges = [...options.edgesLots];
  edges.forEach((edge, i) => {
    if (Number.isSafeInteger(edge) && edge > (edges[i - 1] ?? 0)) return;
    throw new OrderflowError(
      'bad-option',
      `edgesLots ${excerpt(edges.join(', '))} are not positive whole numbers of lots in strictly ascending order. ` +
        `Pass [10, 100] for the buckets below 10, from 10 to 99 and from 100 on.`,
      options.edgesLots,
    );
  });
  const stored = optionsJson(options);
  const clock = createCvdClock(options, from?.windowStartMs ?? undefined);
  const buckets = Array.from({ length: edges.length + 1 }, (_, i) => createCvdSums(from?.buckets[i]));
  let totalLots: ExactInt = buckets.reduce<ExactInt>((sum, bucket) => addExact(sum, bucket.cvdLots), 0);
  let lateTrades = from?.lateTrades ?? 0;
  let lateLots = exactFromJson(from?.lateLots ?? 0);
  let outsideTrades = from?.outsideTrades ?? 0;
  let outsideLots = exactFromJson(from?.outsideLots ?? 0);
  const clear = (): void => {
    for (const bucket of buckets) bucket.clear();
    totalLots = 0;
  };
  const totals = (): CvdBucketTotals[] =>
    buckets.map((bucket, i) => ({
      fromLots: i === 0 ? 0 : edges[i - 1]!,
      ...(i < edges.length ? { toLots: edges[i]! } : {}),
      ...bucket.totals(clock.startMs),
    }));

  return {
    push(trade) {
      const { sizeLots, side, timeMs } = printOf(trade);
      requireTrade({ priceTicks: 0, sizeLots, timeMs });
      requireSide(side);
      const place = clock.place(timeMs);
      if (place === 'late' || place === 'outside') {
        if (place === 'late') {
          lateTrades += 1;
          lateLots = addExact(lateLots, sizeLots);
        } else {
          outsideTrades += 1;
          outsideLots = addExact(outsideLots, sizeLots);
        }
        return { bucket: undefined, bucketLots: undefined, totalLots };
      }
      if (place === 'new') clear();
      let bucket = 0;
      while (bucket < edges.length && sizeLots >= edges[bucket]!) bucket += 1;
      buckets[bucket]!.add(side, sizeLots);
      if (side === 'buy') totalLots = addExact(totalLots, sizeLots);
      else if (side === 'sell') totalLots = addExact(totalLots, -sizeLots);
      return { bucket, bucketLots: buckets[bucket]!.cvdLots, totalLots };
    },
    flush() {
      const ended = totals();
      clear();
      return ended;
    },
    totals,
    get value() {
      return totalLots;
    },
    get lateTrades() {
      return lateTrades;
    },
    get lateLots() {
      return lateLots;
    },
    get outsideTrades() {
      return outsideTrades;
    },
    get outsideLots() {
      return outsideLots;
    },
    snapshot: () => ({
      v: 1,
      kind: 'cvd-by-size',
      options: { ...stored, edgesLots: [...stored.edgesLots] },
      windowStartMs: clock.startMs ?? null,
      buckets: buckets.map((bucket) => bucket.toJson()),
      lateTrades,
      lateLots: exactToJson(lateLots),
      outsideTrades,
      outsideLots: exactToJson(outsideLots),
    }),
  };
}
