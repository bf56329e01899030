/**
 * VPIN, the volume-synchronised probability of informed trading, after Easley, López de Prado and O'Hara 2012
 * (doi 10.1093/rfs/hhs053): how one-sided the last buckets of equal volume were, `Σ|sell − buy| ÷ (n·V)`, 0 to 1.
 *
 * With the side of every print ({@link createVpin}) it is a measurement. With bulk volume classification
 * ({@link createBvcVpin}) it is a proxy that follows volatility (Andersen and Bondarenko,
 * doi 10.1016/j.finmar.2013.05.005).
 */
import { rowCount, sideOfCode } from './columns.ts';
import type { TradeColumns } from './columns.ts';
import { OrderflowError } from './errors.ts';
import { addExact, divideExact, multiplyExact } from './exact.ts';
import type { ExactInt } from './exact.ts';
import type { TickTrade } from './market.ts';
import { requireSide, requireTrade, printOf } from './internal/shared/checks.ts';
import { excerpt } from './internal/shared/excerpt.ts';
import { requireSameOptions } from './internal/shared/same-options.ts';
import { count, fields, finite, listOf, orNull, tupleOf, where } from './internal/shared/shapes.ts';
import { restored, storedOptions } from './internal/shared/snapshot.ts';
import { MAX_BUCKETS_AT_ONCE, createVolumeBuckets, fitsBuckets } from './internal/vpin/volume-buckets.ts';
import type { BucketParts } from './internal/vpin/volume-buckets.ts';
import { vpinOptions } from './internal/vpin/vpin-options.ts';
import type { VpinOptions } from './internal/vpin/vpin-options.ts';

export { bvcVpinOfColumns, createBvcVpin, restoreBvcVpin } from './internal/vpin/bvc-vpin.ts';
export type {
  BvcVpin,
  BvcVpinBar,
  BvcVpinBatch,
  BvcVpinBucket,
  BvcVpinOptions,
  BvcVpinSnapshot,
} from './internal/vpin/bvc-vpin.ts';
export type { BucketParts } from './internal/vpin/volume-buckets.ts';
export { vpinDefaults } from './internal/vpin/vpin-options.ts';
export type { VpinOptions } from './internal/vpin/vpin-options.ts';

/** One bucket with the VPIN at its end. `buyLots + sellLots + unknownLots` is `volumeLots`. */
export interface VpinBucket {
  /** Number of buckets given before this one. */
  readonly index: number;
  /** Time of the first print in it, epoch milliseconds UTC. */
  readonly startMs: number;
  /** Time of the last print in it, in order of arrival. */
  readonly endMs: number;
  /** `bucketLots`; less for the open bucket that `flush` gives. */
  readonly volumeLots: number;
  readonly buyLots: number;
  readonly sellLots: number;
  /** Volume whose aggressor is unknown: part of the bucket, no part of its imbalance. */
  readonly unknownLots: number;
  /** VPIN over this bucket and those before it; `undefined` before there are `buckets` of them, and for the open one. */
  readonly vpin: number | undefined;
  /** Σ|sell − buy| that `vpin` stands on, in lots; `undefined` where it is. */
  readonly windowImbalanceLots: ExactInt | undefined;
  /** Volume of that window: `buckets × bucketLots`; `undefined` where `vpin` is. */
  readonly windowLots: ExactInt | undefined;
  /** Volume without a side in that window, in lots: its imbalance may be higher by as much. `undefined` where `vpin` is. */
  readonly windowUnknownLots: ExactInt | undefined;
}

/** A running VPIN. Made by {@link createVpin}. */
export interface Vpin {
  /**
   * Adds a print and gives the buckets that it filled: none, one, or as many as it is large. The print that ends a
   * bucket is split, its rest opens the next one with the same side. Prints count in order of arrival.
   * @throws {@link OrderflowError} `bad-trade` for a size that is no whole, unsigned number of lots or that fills more
   *   than 100,000 buckets, or a time that is not finite; the state is as before.
   */
  push(trade: Pick<TickTrade, 'sizeLots' | 'side' | 'timeMs'>): readonly VpinBucket[];
  /** Gives the bucket that is not full, `undefined` when it is empty, and starts an empty one. The window stays. */
  flush(): VpinBucket | undefined;
  /** VPIN at the end of the last full bucket. */
  readonly value: number | undefined;
  /** Number of prints with a time before an earlier print's; they count like any other. */
  readonly lateTrades: number;
  /** The state as plain JSON; as many numbers as `buckets` asks for. */
  snapshot(): VpinSnapshot;
}

/** The state of a {@link Vpin}. */
export interface VpinSnapshot {
  readonly v: 1;
  readonly kind: 'vpin';
  readonly options: Required<VpinOptions>;
  readonly index: number;
  readonly open: BucketParts | null;
  /** `[imbalance, unknown]` in lots of the last full buckets, oldest first. */
  readonly window: readonly (readonly [number, number])[];
  readonly latestMs: number | null;
  readonly lateTrades: number;
}

/** What {@link vpinOfColumns} gives. */
export interface VpinBatch {
  /** All full buckets. */
  readonly values: readonly VpinBucket[];
  /** What the last one, which is not full, holds. */
  readonly open: VpinBucket | undefined;
}

/**
 * A running VPIN from the side of every print.
 *
 * @example
 * ```ts
 * const vpin = createVpin({ bucketLots: 100, buckets: 3 });
 * vpin.push({ sizeLots: 60, side: 'buy', timeMs: 0 });
 * vpin.push({ sizeLots: 40, side: 'sell', timeMs: 1 }); // 60 and 40
 * vpin.push({ sizeLots: 80, side: 'buy', timeMs: 2 });
 * vpin.push({ sizeLots: 90, side: 'sell', timeMs: 3 }); // 80 and 20; 70 go on
 * vpin.push({ sizeLots: 30, side: 'buy', timeMs: 4 }); // 30 and 70
 * vpin.value; // (20 + 60 + 40) ÷ 300 => 0.4
 * ```
 * @throws {@link OrderflowError} `bad-option`.
 */
export function createVpin(options: VpinOptions): Vpin {
  return startVpin(vpinOptions(options), undefined);
}

const shape = where(
  fields({
    index: count,
    open: orNull(
      fields({ first: finite, last: finite, volumeLots: count, buyLots: count, sellLots: count, unknownLots: count }),
    ),
    window: listOf(tupleOf(count, count)),
    latestMs: orNull(finite),
    lateTrades: count,
  }),
  ({ options, open, window }: VpinSnapshot) =>
    fitsBuckets(
      options,
      open,
      window.map(([imbalance, unknown]) => imbalance + unknown),
    ),
);

/**
 * The VPIN that a snapshot was taken of.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module or version, or of other options than
 *   those passed; left out, they are those of the snapshot.
 */
export function restoreVpin(snapshot: VpinSnapshot, options?: VpinOptions): Vpin {
  return restored(snapshot, 'vpin', shape, () => {
    if (options) requireSameOptions('vpin', snapshot.options, vpinOptions(options));
    return startVpin(storedOptions(vpinOptions, snapshot.options), snapshot);
  });
}

/**
 * The VPIN of a bucket as a decimal string of 16 significant digits, rounded half to even.
 *
 * @example
 * ```ts
 * const vpin = createVpin({ bucketLots: 1, buckets: 3 });
 * const last = vpin.push({ sizeLots: 3, side: 'buy', timeMs: 0 })[2]!;
 * vpinExact(last); // => '1'
 * ```
 */
export function vpinExact({
  windowImbalanceLots,
  windowLots,
}: Pick<VpinBucket, 'windowImbalanceLots' | 'windowLots'>): string | undefined {
  return windowImbalanceLots === undefined || windowLots === undefined
    ? undefined
    : divideExact(windowImbalanceLots, windowLots);
}

/** {@link createVpin} over columns. */
export function vpinOfColumns(trades: TradeColumns, options: VpinOptions): VpinBatch {
  const rows = rowCount(trades);
  const vpin = createVpin(options);
  const values: VpinBucket[] = [];
  for (let i = 0; i < rows; i += 1) {
    const side = sideOfCode(trades.side[i]!);
    for (const bucket of vpin.push({ timeMs: trades.timeMs[i]!, sizeLots: trades.sizeLots[i]!, side })) {
      values.push(bucket);
    }
  }
  return { values, open: vpin.flush() };
}

function startVpin(options: Required<VpinOptions>, from: VpinSnapshot | undefined): Vpin {
  const { bucketLots, buckets } = options;
  const total = multiplyExact(bucketLots, buckets);
  const volume = createVolumeBuckets(bucketLots, from?.open);
  const window = (from?.window ?? []).map(([imbalance, unknown]) => [imbalance, unknown] as const);
  let index = from?.index ?? 0;
  let latest = from?.latestMs ?? -Infinity;
  let lateTrades = from?.lateTrades ?? 0;

  const sum = (column: 0 | 1): ExactInt | undefined =>
    window.length < buckets ? undefined : window.reduce<ExactInt>((lots, row) => addExact(lots, row[column]), 0);
  const value = (): number | undefined => {
    const imbalance = sum(0);
    return imbalance === undefined ? undefined : Number(imbalance) / Number(total);
  };
  const bucketOf = (parts: BucketParts, full: boolean): VpinBucket => ({
    index: index++,
    startMs: parts.first,
    endMs: parts.last,
    volumeLots: parts.volumeLots,
    buyLots: parts.buyLots,
    sellLots: parts.sellLots,
    unknownLots: parts.unknownLots,
    vpin: full ? value() : undefined,
    windowImbalanceLots: full ? sum(0) : undefined,
    windowLots: full && window.length === buckets ? total : undefined,
    windowUnknownLots: full ? sum(1) : undefined,
  });

  return {
    push(trade) {
      const { sizeLots, side, timeMs } = printOf(trade);
      requireTrade({ sizeLots, timeMs, priceTicks: 0 });
      requireSide(side);
      if (sizeLots / bucketLots > MAX_BUCKETS_AT_ONCE) throw tooLarge(sizeLots, bucketLots);
      if (timeMs < latest) lateTrades += 1;
      else latest = timeMs + 0;
      const full = volume.pour(sizeLots, side === 'buy' ? 1 : 0, side === 'sell' ? 1 : 0, timeMs + 0);
      return full.map((parts) => {
        window.push([Math.abs(parts.buyLots - parts.sellLots), parts.unknownLots]);
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
    get lateTrades() {
      return lateTrades;
    },
    snapshot: () => ({
      v: 1,
      kind: 'vpin',
      options: { ...options },
      index,
      open: volume.state(),
      window: window.map(([imbalance, unknown]) => [imbalance, unknown]),
      latestMs: latest === -Infinity ? null : latest,
      lateTrades,
    }),
  };
}

function tooLarge(sizeLots: number, bucketLots: number): OrderflowError {
  return new OrderflowError(
    'bad-trade',
    `sizeLots ${excerpt(sizeLots)} of a trade fills more than ${MAX_BUCKETS_AT_ONCE} buckets of ${bucketLots} lots. ` +
      `Pass a larger bucketLots: a bucket is usually 1/50 of a day's volume.`,
    sizeLots,
  );
}
