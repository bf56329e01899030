import { rowCount } from '../../columns.ts';
import type { BarColumns } from '../../columns.ts';
import {
  badBar,
  bulkVolumeOptions,
  createBulkShares,
  requireClose,
  bulkSharesShape,
  fitsWindow,
} from './bulk-share.ts';
import type { BulkSharesState, BulkVolumeOptions } from './bulk-share.ts';
import { requireSameOptions } from '../shared/same-options.ts';
import { amount, count, fields, listOf, orNull, where } from '../shared/shapes.ts';
import { restored, storedOptions } from '../shared/snapshot.ts';
import { createVolumeBuckets, fitsBuckets, MAX_BUCKETS_AT_ONCE } from './volume-buckets.ts';
import type { BucketParts } from './volume-buckets.ts';
import { vpinOptions } from './vpin-options.ts';
import type { VpinOptions } from './vpin-options.ts';

/** Options of {@link createBvcVpin}. */
export interface BvcVpinOptions extends VpinOptions, BulkVolumeOptions {}

/** What a {@link BvcVpin} sees of a bar. */
export interface BvcVpinBar {
  /** Last price, in ticks or in the quote currency: the same for all bars. */
  readonly close: number;
  /** Traded size, in whole lots. */
  readonly volumeLots: number;
}

/** One bucket with the VPIN at its end. `buyLots + sellLots + unknownLots` is `volumeLots`, exactly. */
export interface BvcVpinBucket {
  /** Number of buckets given before this one. */
  readonly index: number;
  /** Number of the bar with the first lot in it, from 0; missing bars count. */
  readonly firstBar: number;
  /** Number of the bar with the last lot. */
  readonly lastBar: number;
  /** `bucketLots`; less for the open bucket that `flush` gives. */
  readonly volumeLots: number;
  /** Bought share of the bars' lots, in lots; a fraction. */
  readonly buyLots: number;
  readonly sellLots: number;
  /** Volume of bars whose share is unknown (warm-up): part of the bucket, no part of its imbalance. */
  readonly unknownLots: number;
  /** VPIN over this bucket and those before it; `undefined` before there are `buckets` of them, and for the open one. */
  readonly vpin: number | undefined;
  /** Always `proxy`: no side of any print was seen. */
  readonly quality: 'proxy';
}

/** A running VPIN from bars. Made by {@link createBvcVpin}. */
export interface BvcVpin {
  /**
   * Adds a bar and gives the buckets that it filled; a bar that ends a bucket is split with its share. `undefined` is a
   * bar that is missing: its volume is not known, and the change of price over it stays out.
   * @throws {@link OrderflowError} `bad-bar` for a close beyond ±(2^53 − 1) or none, a volume that is no whole, unsigned
   *   number of lots or that fills more than 100,000 buckets; the state is as before.
   */
  push(bar: BvcVpinBar | undefined): readonly BvcVpinBucket[];
  /** Gives the bucket that is not full, `undefined` when it is empty, and starts an empty one. The window stays. */
  flush(): BvcVpinBucket | undefined;
  /** VPIN at the end of the last full bucket. */
  readonly value: number | undefined;
  /** The state as plain JSON. */
  snapshot(): BvcVpinSnapshot;
}

/** The state of a {@link BvcVpin}. */
export interface BvcVpinSnapshot {
  readonly v: 1;
  readonly kind: 'bvc-vpin';
  readonly options: Required<BvcVpinOptions>;
  readonly index: number;
  /** Number of bars pushed. */
  readonly bars: number;
  readonly shares: BulkSharesState;
  readonly open: BucketParts | null;
  /** Imbalances in lots of the last full buckets, oldest first. */
  readonly window: readonly number[];
}

/** What {@link bvcVpinOfColumns} gives. */
export interface BvcVpinBatch {
  /** All full buckets. */
  readonly values: readonly BvcVpinBucket[];
  /** What the last one, which is not full, holds. */
  readonly open: BvcVpinBucket | undefined;
}

/**
 * A running VPIN from bars, each split by {@link createBulkVolume}: for tapes without sides. A proxy that follows
 * volatility; see the module.
 *
 * @example
 * ```ts
 * const vpin = createBvcVpin({ bucketLots: 10, buckets: 1, window: 2 });
 * vpin.push({ close: 100, volumeLots: 10 })[0]!.unknownLots; // => 10
 * ```
 * @throws {@link OrderflowError} `bad-option`.
 */
export function createBvcVpin(options: BvcVpinOptions): BvcVpin {
  return startBvcVpin(bvcVpinOptions(options), undefined);
}

const shape = where(
  fields({
    index: count,
    bars: count,
    shares: bulkSharesShape,
    open: orNull(
      fields({ first: count, last: count, volumeLots: count, buyLots: amount, sellLots: amount, unknownLots: count }),
    ),
    window: listOf(amount),
  }),
  ({ options, open, window, shares }: BvcVpinSnapshot) =>
    fitsBuckets(options, open, window) && fitsWindow(options, shares),
);

/**
 * The VPIN that a snapshot was taken of.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module or version, or of other options than
 *   those passed; left out, they are those of the snapshot.
 */
export function restoreBvcVpin(snapshot: BvcVpinSnapshot, options?: BvcVpinOptions): BvcVpin {
  return restored(snapshot, 'bvc-vpin', shape, () => {
    if (options) requireSameOptions('bvc-vpin', snapshot.options, bvcVpinOptions(options));
    return startBvcVpin(storedOptions(bvcVpinOptions, snapshot.options), snapshot);
  });
}

/** {@link createBvcVpin} over columns, with volumes in whole lots. A bar with a `NaN` close or volume is missing. */
export function bvcVpinOfColumns(bars: BarColumns, options: BvcVpinOptions): BvcVpinBatch {
  const rows = rowCount(bars);
  const vpin = createBvcVpin(options);
  const values: BvcVpinBucket[] = [];
  for (let i = 0; i < rows; i += 1) {
    const close = bars.close[i]!;
    const volumeLots = bars.volume[i]!;
    const known = !Number.isNaN(close) && !Number.isNaN(volumeLots);
    for (const bucket of vpin.push(known ? { close, volumeLots } : undefined)) values.push(bucket);
  }
  return { values, open: vpin.flush() };
}

function bvcVpinOptions(options: BvcVpinOptions): Required<BvcVpinOptions> {
  return { ...vpinOptions(options), ...bulkVolumeOptions(options) };
}

function startBvcVpin(options: Required<BvcVpinOptions>, from: BvcVpinSnapshot | undefined): BvcVpin {
  const { bucketLots, buckets } = options;
  const shares = createBulkShares(options, from?.shares);
  const volume = createVolumeBuckets(bucketLots, from?.open);
  const window = [...(from?.window ?? [])];
  let index = from?.index ?? 0;
  let bars = from?.bars ?? 0;

  const value = (): number | undefined => {
    if (window.length < buckets) return undefined;
    // Each term is at most one bucket; the clamp is for the rounding of the quotient.
    return Math.min(1, window.reduce((lots, imbalance) => lots + imbalance, 0) / (bucketLots * buckets));
  };
  const bucketOf = (parts: BucketParts, full: boolean): BvcVpinBucket => ({
    index: index++,
    firstBar: parts.first,
    lastBar: parts.last,
    volumeLots: parts.volumeLots,
    buyLots: parts.buyLots,
    sellLots: parts.sellLots,
    unknownLots: parts.unknownLots,
    vpin: full ? value() : undefined,
    quality: 'proxy',
  });

  return {
    push(bar) {
      if (bar) requireBar(bar, bucketLots);
      const number = bars;
      bars += 1;
      if (!bar) {
        shares.gap();
        return [];
      }
      const share = shares.next(bar.close);
      return volume.pour(bar.volumeLots, share?.buy ?? 0, share?.sell ?? 0, number).map((parts) => {
        window.push(Math.abs(parts.buyLots - parts.sellLots));
        if (window.length > buckets) window.shift();
        return bucketOf(parts, true);
      });
    },
    flush() {
      const parts = volume.take();
      return parts && bucketOf(parts, false);
    },
    get value() {
      return value();
    },
    snapshot: () => ({
      v: 1,
      kind: 'bvc-vpin',
      options: { ...options },
      index,
      bars,
      shares: shares.state(),
      open: volume.state(),
      window: [...window],
    }),
  };
}

function requireBar({ close, volumeLots }: BvcVpinBar, bucketLots: number): void {
  requireClose(close);
  if (!Number.isSafeInteger(volumeLots) || volumeLots < 0) {
    throw badBar('volumeLots', volumeLots, 'a whole number of lots');
  }
  if (volumeLots / bucketLots > MAX_BUCKETS_AT_ONCE) {
    throw badBar('volumeLots', volumeLots, `at most ${MAX_BUCKETS_AT_ONCE} buckets of ${bucketLots} lots`);
  }
}
