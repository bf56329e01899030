/** Multi-level OFI by bucket of time, beside how far the mid moved. */
import type { DepthColumns, NumberColumn } from '../../columns.ts';
import type { BookDepth } from '../../depth.ts';
import { OrderflowError } from '../../errors.ts';
import { addExact } from '../../exact.ts';
import type { ExactInt } from '../../exact.ts';
import { createNormalisedOfi, restoreNormalisedOfi } from '../../normalised-ofi.ts';
import type { NormalisedOfiInterval, NormalisedOfiSnapshot } from '../../normalised-ofi.ts';
import { columnsOf, mapBooks } from '../depth/book-range.ts';
import { createBucketFrame, flowBucketOptions, requireQuoteTime, flowBucketShape } from './bucket-frame.ts';
import type { FlowBucketCounts, FlowBucketFrame, FlowBucketOptions, FlowBucketState } from './bucket-frame.ts';
import { requireLevel, requireLevelCount } from '../shared/checks.ts';
import { mlofiDefaults } from './mlofi.ts';
import type { MlofiLevels } from './mlofi.ts';
import { requireSameOptions } from '../shared/same-options.ts';
import { fields } from '../shared/shapes.ts';
import { restored, storedOptions } from '../shared/snapshot.ts';

/** Options of {@link createMlofiBuckets}. */
export interface MlofiBucketOptions extends FlowBucketOptions {
  /**
   * Number of levels a side, from the best on.
   * @defaultValue 10
   */
  readonly levels?: number;
}

/**
 * The MLOFI of one bucket. Flow and depth are over all pairs of consecutive books, the change of the mid over those with
 * both sides; in a `complete` bucket these are the same.
 */
export interface MlofiBucket extends FlowBucketFrame, NormalisedOfiInterval {}

/** Running MLOFI by bucket. Made by {@link createMlofiBuckets}. */
export interface MlofiBuckets {
  /**
   * Takes the book of a time, `undefined` (or one without any level) where there is none any more, and gives the buckets
   * that this ended, oldest first. A book with a time before the latest one is counted and left out.
   * @throws {@link OrderflowError} `bad-quote` for a level off the grid or a time that is none; the state is as before.
   */
  push(timeMs: number, book: MlofiLevels | undefined): readonly MlofiBucket[];
  /**
   * {@link MlofiBuckets.push} of a buffer that `book.readDepth` filled.
   * @throws {@link OrderflowError} `bad-quote` as `push`.
   */
  pushDepth(timeMs: number, depth: BookDepth): readonly MlofiBucket[];
  /**
   * Gives the buckets that have ended by `timeMs`. Books before `timeMs` are late from then on.
   * @throws {@link OrderflowError} `bad-quote` for a time that is none.
   */
  advanceTo(timeMs: number): readonly MlofiBucket[];
  /** Gives the open bucket as far as it got, `undefined` where there is nothing to tell. The last book is kept. */
  flush(): MlofiBucket | undefined;
  counts(): FlowBucketCounts;
  /** The state as plain JSON. */
  snapshot(): MlofiBucketsSnapshot;
}

/** The state of {@link MlofiBuckets}. */
export interface MlofiBucketsSnapshot {
  readonly v: 1;
  readonly kind: 'mlofi-buckets';
  readonly options: Required<MlofiBucketOptions>;
  readonly flow: NormalisedOfiSnapshot;
  readonly frame: FlowBucketState;
}

/** Books as columns with the time of each row. */
export interface TimedDepthColumns extends DepthColumns {
  /** One entry a row: venue event time, epoch milliseconds UTC. */
  readonly timeMs: NumberColumn;
}

/**
 * MLOFI by buckets `[start, start + everyMs)` aligned to the epoch, each ready for `normalisedOfi`. State: two books
 * and the sums of one bucket.
 *
 * @example
 * ```ts
 * const buckets = createMlofiBuckets({ everyMs: 1000, levels: 1 });
 * const asks = [{ priceTicks: 101, sizeLots: 8 }];
 * buckets.push(0, { bids: [{ priceTicks: 100, sizeLots: 10 }], asks });
 * buckets.push(500, { bids: [{ priceTicks: 100, sizeLots: 12 }], asks });
 * buckets.flush()?.values; // => [0.2]
 * ```
 * @throws {@link OrderflowError} `bad-option` when an option is outside its domain.
 */
export function createMlofiBuckets(options: MlofiBucketOptions = {}): MlofiBuckets {
  return startMlofiBuckets(optionsOf(options), undefined);
}

const shape = fields({ frame: flowBucketShape });

/**
 * The buckets that a snapshot was taken of; its options are in the snapshot, and those given must be the same.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or options.
 */
export function restoreMlofiBuckets(snapshot: MlofiBucketsSnapshot, options?: MlofiBucketOptions): MlofiBuckets {
  return restored(snapshot, 'mlofi-buckets', shape, () => {
    if (options) requireSameOptions('mlofi-buckets', snapshot.options, optionsOf(options));
    return startMlofiBuckets(storedOptions(optionsOf, snapshot.options), snapshot);
  });
}

/**
 * {@link createMlofiBuckets} over books as columns: every bucket, the one that `flush` gives last. A row without any
 * level is a time without a book.
 * @throws {@link OrderflowError} `bad-columns`, or as `push` does.
 */
export function mlofiBucketsOfColumns(
  columns: TimedDepthColumns,
  options: MlofiBucketOptions = {},
): { readonly buckets: readonly MlofiBucket[]; readonly counts: FlowBucketCounts } {
  const { timeMs, ...depths } = columns;
  const rows = depths.bidTicks.length / depths.levels;
  if (timeMs.length !== rows) {
    throw new OrderflowError(
      'bad-columns',
      `column timeMs has ${timeMs.length} rows, the books have ${rows}. Pass one time for every row of ${depths.levels} levels.`,
      timeMs.length,
    );
  }
  const running = createMlofiBuckets(options);
  const buckets: MlofiBucket[] = [];
  let row = 0;
  mapBooks(depths, (depth) => {
    for (const bucket of running.pushDepth(timeMs[row++]!, depth)) buckets.push(bucket);
  });
  const last = running.flush();
  if (last) buckets.push(last);
  return { buckets, counts: running.counts() };
}

function optionsOf(options: MlofiBucketOptions): Required<MlofiBucketOptions> {
  const levels = options.levels ?? mlofiDefaults.levels;
  requireLevelCount('levels', levels);
  return { levels, ...flowBucketOptions(options) };
}

function startMlofiBuckets(
  options: Required<MlofiBucketOptions>,
  from: MlofiBucketsSnapshot | undefined,
): MlofiBuckets {
  const { levels } = options;
  const flow = from ? restoreNormalisedOfi(from.flow, { levels }) : createNormalisedOfi({ levels });
  const sums = {
    get events() {
      return flow.events;
    },
    take: () => flow.flush(),
  };
  const frame = createBucketFrame<NormalisedOfiInterval>(options, sums, from?.frame);

  const pushDepth: MlofiBuckets['pushDepth'] = (timeMs, depth) => {
    requireQuoteTime(timeMs);
    requireLevels(depth, levels);
    if (frame.isLate(timeMs)) return frame.late();
    const closed = frame.enter(timeMs);
    const known = depth.bidLevels > 0 || depth.askLevels > 0;
    if (known) frame.taken();
    flow.pushDepth(depth);
    frame.mark(timeMs, midOf(depth));
    return closed;
  };

  return {
    push: (timeMs, book) => pushDepth(timeMs, columnsOf(book ?? noBook)),
    pushDepth,
    advanceTo: (timeMs) => frame.advanceTo(timeMs),
    flush: () => frame.flush(),
    counts: () => frame.counts(),
    snapshot: () => ({
      v: 1,
      kind: 'mlofi-buckets',
      options: { ...options },
      flow: flow.snapshot(),
      frame: frame.toJson(),
    }),
  };
}

const noBook: MlofiLevels = { bids: [], asks: [] };

/** Refuses what would be refused later, while nothing has changed yet. */
function requireLevels(depth: BookDepth, levels: number): void {
  for (let m = 0; m < Math.min(levels, depth.bidLevels); m += 1) requireLevel(depth.bidTicks[m]!, depth.bidLots[m]!);
  for (let m = 0; m < Math.min(levels, depth.askLevels); m += 1) requireLevel(depth.askTicks[m]!, depth.askLots[m]!);
}

function midOf({ bidLevels, askLevels, bidTicks, askTicks }: BookDepth): ExactInt | undefined {
  return bidLevels > 0 && askLevels > 0 ? addExact(bidTicks[0]!, askTicks[0]!) : undefined;
}
