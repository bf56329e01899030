/**
 * Bulk volume classification (BVC): the volume of a whole bar split by how far its price moved, after Easley, López de
 * Prado and O'Hara 2012 (doi 10.1093/rfs/hhs053).
 *
 * A guess from bars, for tapes without sides. Andersen and Bondarenko (doi 10.1016/j.finmar.2013.05.005) and others find
 * it less accurate than the tick rule where there are prints; the guide `trade-classification` measures both.
 */
import { rowCount } from './columns.ts';
import type { BarColumns } from './columns.ts';
import {
  badBar,
  bulkVolumeOptions,
  createBulkShares,
  requireClose,
  bulkSharesShape,
  fitsWindow,
} from './internal/vpin/bulk-share.ts';
import type { BulkSharesState, BulkVolumeOptions } from './internal/vpin/bulk-share.ts';
import { requireSameOptions } from './internal/shared/same-options.ts';
import { fields, where } from './internal/shared/shapes.ts';
import { restored, storedOptions } from './internal/shared/snapshot.ts';

export { bulkVolumeDefaults } from './internal/vpin/bulk-share.ts';
export type { BulkSharesState, BulkVolumeOptions } from './internal/vpin/bulk-share.ts';

/** What BVC sees of a bar; of time, of volume or of anything else. */
export interface BulkBar {
  /** Last price, in ticks or in the quote currency: the same for all bars. */
  readonly close: number;
  /** Traded size, in lots or in the venue's unit. */
  readonly volume: number;
}

/** The volume of a bar, split. */
export interface BulkSplit {
  /** Bought share of the volume, Φ(ΔP ÷ σ). */
  readonly buyShare: number;
  /** Bought volume, in the unit of the bar; a fraction also where volumes are whole lots. */
  readonly buy: number;
  /** Sold volume. `buy + sell` is the volume, exactly: the smaller one is what the larger one leaves. */
  readonly sell: number;
  /** How it was told: bulk volume classification. */
  readonly method: 'bvc';
  /** How far from a coin toss: `|2·buyShare − 1|`, 0 for half and half, 1 for all on one side. */
  readonly confidence: number;
  /** Always `proxy`: no side of any print was seen. */
  readonly quality: 'proxy';
}

/** A running bulk volume classification. Made by {@link createBulkVolume}. */
export interface BulkVolume {
  /**
   * Splits the next bar. `undefined` while the change of price or its deviation is unknown: for the first bar, before
   * `minChanges` changes, and after bars that did not move at all (without a scale, no change is large or small).
   *
   * Push `undefined` for a bar that is missing: its change and the one after it stay out.
   * @throws {@link OrderflowError} `bad-bar` for a close beyond ±(2^53 − 1) or none, a volume that is negative or not
   *   finite; the state is as before.
   */
  push(bar: BulkBar | undefined): BulkSplit | undefined;
  /** Nothing is held back: every bar is answered at once. */
  flush(): undefined;
  /** The state as plain JSON. */
  snapshot(): BulkVolumeSnapshot;
}

/** The state of a {@link BulkVolume}. */
export interface BulkVolumeSnapshot {
  readonly v: 1;
  readonly kind: 'bulk-volume';
  readonly options: Required<BulkVolumeOptions>;
  readonly shares: BulkSharesState;
}

/**
 * A running bulk volume classification: `buy = V·Φ(ΔP ÷ σ)`, with ΔP the change of the close from bar to bar and σ the
 * sample standard deviation of the changes before it (never of its own, so that an answer does not know its future).
 *
 * @example
 * ```ts
 * const bulk = createBulkVolume({ window: 3, minChanges: 3 });
 * for (const close of [100, 101, 100, 101]) bulk.push({ close, volume: 10 }); // changes 1, −1, 1
 * const split = bulk.push({ close: 101, volume: 10 })!; // no change: half and half
 * [split.buy, split.sell]; // => [5, 5]
 * ```
 * @throws {@link OrderflowError} `bad-option`.
 */
export function createBulkVolume(options: BulkVolumeOptions = {}): BulkVolume {
  return startBulkVolume(bulkVolumeOptions(options), undefined);
}

const shape = where(fields({ shares: bulkSharesShape }), ({ options, shares }: BulkVolumeSnapshot) =>
  fitsWindow(options, shares),
);

/**
 * The classification that a snapshot was taken of.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module or version, or of other options than
 *   those passed; left out, they are those of the snapshot.
 */
export function restoreBulkVolume(snapshot: BulkVolumeSnapshot, options?: BulkVolumeOptions): BulkVolume {
  return restored(snapshot, 'bulk-volume', shape, () => {
    if (options) requireSameOptions('bulk-volume', snapshot.options, bulkVolumeOptions(options));
    return startBulkVolume(storedOptions(bulkVolumeOptions, snapshot.options), snapshot);
  });
}

/** {@link createBulkVolume} over columns: one answer a bar. A bar with a `NaN` close or volume is unknown. */
export function bulkVolumeOfColumns(bars: BarColumns, options: BulkVolumeOptions = {}): (BulkSplit | undefined)[] {
  const rows = rowCount(bars);
  const bulk = createBulkVolume(options);
  const values: (BulkSplit | undefined)[] = [];
  for (let i = 0; i < rows; i += 1) {
    const close = bars.close[i]!;
    const volume = bars.volume[i]!;
    values.push(bulk.push(Number.isNaN(close) || Number.isNaN(volume) ? undefined : { close, volume }));
  }
  return values;
}

function startBulkVolume(options: Required<BulkVolumeOptions>, from: BulkVolumeSnapshot | undefined): BulkVolume {
  const shares = createBulkShares(options, from?.shares);
  return {
    push(bar) {
      if (!bar) {
        shares.gap();
        return undefined;
      }
      const { close } = bar;
      requireClose(close);
      if (!(Number.isFinite(bar.volume) && bar.volume >= 0))
        throw badBar('volume', bar.volume, 'a finite number from 0 on');
      const volume = bar.volume + 0;
      const share = shares.next(close);
      if (!share) return undefined;
      const bought = share.buy >= share.sell;
      // The larger part lies between half of the volume and all of it, where the difference of two doubles is exact.
      const larger = volume * Math.max(share.buy, share.sell);
      const smaller = volume - larger;
      return {
        buyShare: share.buy,
        buy: bought ? larger : smaller,
        sell: bought ? smaller : larger,
        method: 'bvc',
        // The shares are each other's rest, but the smaller one has its own precision.
        confidence: Math.abs(share.buy - share.sell),
        quality: 'proxy',
      };
    },
    flush: () => undefined,
    snapshot: () => ({ v: 1, kind: 'bulk-volume', options: { ...options }, shares: shares.state() }),
  };
}
