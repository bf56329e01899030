/**
 * Order flow imbalance by bucket of time, beside how far the mid moved over the same quotes: the series that Cont,
 * Kukanov and Stoikov 2014 (doi 10.1093/jjfinec/nbt003) regress on each other. By event, OFI is what `createOfi` gives.
 */
import { rowCount } from './columns.ts';
import type { QuoteColumns } from './columns.ts';
import { addExact, exactFromJson, exactToJson } from './exact.ts';
import type { ExactInt, ExactIntJson } from './exact.ts';
import type { TickQuote } from './market.ts';
import { createOfi, restoreOfi } from './ofi.ts';
import type { OfiSnapshot } from './ofi.ts';
import {
  createBucketFrame,
  flowBucketOptions,
  requireQuoteTime,
  flowBucketShape,
} from './internal/flow/bucket-frame.ts';
import type {
  FlowBucketCounts,
  FlowBucketFrame,
  FlowBucketOptions,
  FlowBucketState,
} from './internal/flow/bucket-frame.ts';
import { requireQuoteTicks } from './internal/shared/checks.ts';
import { createExactSums } from './internal/numbers/exact-sums.ts';
import { ratioOf } from './internal/numbers/ratio.ts';
import { requireSameOptions } from './internal/shared/same-options.ts';
import { exact, exactCount, fields } from './internal/shared/shapes.ts';
import { restored, storedOptions } from './internal/shared/snapshot.ts';

export { flowBucketDefaults } from './internal/flow/bucket-frame.ts';
export type {
  FlowBucketCounts,
  FlowBucketFrame,
  FlowBucketOptions,
  FlowBucketState,
} from './internal/flow/bucket-frame.ts';
export { createMlofiBuckets, mlofiBucketsOfColumns, restoreMlofiBuckets } from './internal/flow/mlofi-buckets.ts';
export type {
  MlofiBucket,
  MlofiBucketOptions,
  MlofiBuckets,
  MlofiBucketsSnapshot,
  TimedDepthColumns,
} from './internal/flow/mlofi-buckets.ts';

/** The OFI of one bucket. All sums are over the same contributions: pairs of consecutive quotes, by the later one. */
export interface OfiBucket extends FlowBucketFrame {
  /** Number of contributions. */
  readonly events: number;
  /** Σ of the contributions, in lots. */
  readonly ofiLots: ExactInt;
  /** Σ of the contributions since the start, this bucket included, in lots. */
  readonly cumulativeOfiLots: ExactInt;
  /** Σ of (bid size + ask size) over the contributing quotes, in lots. */
  readonly depthSumLots: ExactInt;
  /**
   * The average depth of Cont et al.: `depthSumLots ÷ (2 · events)`, in lots; `undefined` without a contribution. For
   * the exact value, `divideExact(depthSumLots, 2 * events)`.
   */
  readonly averageDepthLots: number | undefined;
}

/** Running OFI by bucket. Made by {@link createOfiBuckets}. */
export interface OfiBuckets {
  /**
   * Takes the quote of a time, `undefined` where there is none any more (a side is empty, the book is out of sync), and
   * gives the buckets that this ended, oldest first.
   *
   * A quote with a time before the latest one says what the book was, not what it is: it is counted and left out.
   * @throws {@link OrderflowError} `bad-quote` for a quote off the grid or a time that is none; the state is as before.
   */
  push(timeMs: number, quote: TickQuote | undefined): readonly OfiBucket[];
  /**
   * {@link OfiBuckets.push} of a two-sided quote without an object.
   * @throws {@link OrderflowError} `bad-quote` as `push`.
   */
  pushTicks(timeMs: number, bidTicks: number, bidLots: number, askTicks: number, askLots: number): readonly OfiBucket[];
  /**
   * Gives the buckets that have ended by `timeMs`, so that a live series does not wait for the next quote. Quotes before
   * `timeMs` are late from then on.
   * @throws {@link OrderflowError} `bad-quote` for a time that is none.
   */
  advanceTo(timeMs: number): readonly OfiBucket[];
  /** Gives the open bucket as far as it got, `undefined` where there is nothing to tell. The last quote is kept. */
  flush(): OfiBucket | undefined;
  counts(): FlowBucketCounts;
  /** The state as plain JSON. */
  snapshot(): OfiBucketsSnapshot;
}

/** The state of {@link OfiBuckets}. */
export interface OfiBucketsSnapshot {
  readonly v: 1;
  readonly kind: 'ofi-buckets';
  readonly options: Required<FlowBucketOptions>;
  readonly ofi: OfiSnapshot;
  readonly depthSumLots: ExactIntJson;
  readonly cumulativeOfiLots: ExactIntJson;
  readonly frame: FlowBucketState;
}

type OfiSums = Omit<OfiBucket, keyof FlowBucketFrame>;

/**
 * OFI by buckets `[start, start + everyMs)` aligned to the epoch. The contribution of a quote belongs to the bucket of
 * its time, the change of the mid with it. State: two quotes and the sums of one bucket.
 *
 * @example
 * ```ts
 * const buckets = createOfiBuckets({ everyMs: 1000 });
 * buckets.push(0, { bidTicks: 100, bidLots: 10, askTicks: 101, askLots: 10 }); // => []
 * buckets.push(400, { bidTicks: 100, bidLots: 12, askTicks: 101, askLots: 10 }); // => []
 * buckets.push(800, { bidTicks: 101, bidLots: 5, askTicks: 102, askLots: 9 }); // => []
 * const [bucket] = buckets.push(1000, { bidTicks: 101, bidLots: 5, askTicks: 102, askLots: 8 });
 * bucket?.ofiLots; // => 17
 * bucket?.midChangeHalfTicks; // => 2
 * bucket?.averageDepthLots; // => 9
 * ```
 * @throws {@link OrderflowError} `bad-option` when an option is outside its domain.
 */
export function createOfiBuckets(options: FlowBucketOptions = {}): OfiBuckets {
  return startOfiBuckets(flowBucketOptions(options), undefined);
}

const shape = fields({ depthSumLots: exactCount, cumulativeOfiLots: exact, frame: flowBucketShape });

/**
 * The buckets that a snapshot was taken of; its options are in the snapshot, and those given must be the same.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or options.
 */
export function restoreOfiBuckets(snapshot: OfiBucketsSnapshot, options?: FlowBucketOptions): OfiBuckets {
  return restored(snapshot, 'ofi-buckets', shape, () => {
    if (options) requireSameOptions('ofi-buckets', snapshot.options, flowBucketOptions(options));
    return startOfiBuckets(storedOptions(flowBucketOptions, snapshot.options), snapshot);
  });
}

/**
 * {@link createOfiBuckets} over a column of quotes: every bucket, the one that `flush` gives last. A row with a `NaN` in
 * a price or size is a time without a two-sided quote.
 * @throws {@link OrderflowError} `bad-columns`, or as `push` does.
 */
export function ofiBucketsOfColumns(
  quotes: QuoteColumns,
  options: FlowBucketOptions = {},
): { readonly buckets: readonly OfiBucket[]; readonly counts: FlowBucketCounts } {
  const { timeMs, bidTicks, bidLots, askTicks, askLots } = quotes;
  const rows = rowCount(quotes);
  const running = createOfiBuckets(options);
  const buckets: OfiBucket[] = [];
  for (let i = 0; i < rows; i += 1) {
    const known = !Number.isNaN(bidTicks[i]! + bidLots[i]! + askTicks[i]! + askLots[i]!);
    const closed = known
      ? running.pushTicks(timeMs[i]!, bidTicks[i]!, bidLots[i]!, askTicks[i]!, askLots[i]!)
      : running.push(timeMs[i]!, undefined);
    for (const bucket of closed) buckets.push(bucket);
  }
  const last = running.flush();
  if (last) buckets.push(last);
  return { buckets, counts: running.counts() };
}

function startOfiBuckets(options: Required<FlowBucketOptions>, from: OfiBucketsSnapshot | undefined): OfiBuckets {
  const ofi = from ? restoreOfi(from.ofi) : createOfi();
  const depth = createExactSums(1, from && [from.depthSumLots]);
  let cumulative: ExactInt = from ? exactFromJson(from.cumulativeOfiLots) : 0;
  const sums = {
    get events() {
      return ofi.events;
    },
    take(): OfiSums {
      const { sumLots, events } = ofi.flush();
      const depthSumLots = depth.at(0);
      depth.clear();
      cumulative = addExact(cumulative, sumLots);
      return {
        events,
        ofiLots: sumLots,
        cumulativeOfiLots: cumulative,
        depthSumLots,
        averageDepthLots: events === 0 ? undefined : ratioOf(depthSumLots, 2 * events),
      };
    },
  };
  const frame = createBucketFrame<OfiSums>(options, sums, from?.frame);

  const pushTicks: OfiBuckets['pushTicks'] = (timeMs, bidTicks, bidLots, askTicks, askLots) => {
    requireQuoteTime(timeMs);
    requireQuoteTicks(bidTicks, bidLots, askTicks, askLots);
    if (frame.isLate(timeMs)) return frame.late();
    const closed = frame.enter(timeMs);
    frame.taken();
    if (ofi.pushTicks(bidTicks, bidLots, askTicks, askLots) !== undefined) {
      depth.add(0, bidLots);
      depth.add(0, askLots);
    }
    frame.mark(timeMs, addExact(bidTicks, askTicks));
    return closed;
  };

  return {
    push(timeMs, quote) {
      if (quote) return pushTicks(timeMs, quote.bidTicks, quote.bidLots, quote.askTicks, quote.askLots);
      requireQuoteTime(timeMs);
      if (frame.isLate(timeMs)) return frame.late();
      const closed = frame.enter(timeMs);
      ofi.push(undefined);
      frame.mark(timeMs, undefined);
      return closed;
    },
    pushTicks,
    advanceTo: (timeMs) => frame.advanceTo(timeMs),
    flush: () => frame.flush(),
    counts: () => frame.counts(),
    snapshot: () => ({
      v: 1,
      kind: 'ofi-buckets',
      options: { ...options },
      ofi: ofi.snapshot(),
      depthSumLots: exactToJson(depth.at(0)),
      cumulativeOfiLots: exactToJson(cumulative),
      frame: frame.toJson(),
    }),
  };
}
