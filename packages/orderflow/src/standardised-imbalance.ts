/**
 * Standardised order book imbalance: how unusual the surplus of bids over asks is against its own recent past. The
 * alpha of hftbacktest's notebook "Market Making with Alpha – Order Book Imbalance".
 */
import type { DepthColumns } from './columns.ts';
import { addExact, subtractExact } from './exact.ts';
import type { ExactInt } from './exact.ts';
import { depthLots } from './imbalance.ts';
import { mapBooks } from './internal/depth/book-range.ts';
import type { BookLevels, BookRange } from './internal/depth/book-range.ts';
import { requireBetween, requireWhole } from './internal/shared/checks.ts';
import { requireLots } from './internal/numbers/lots.ts';
import { createRollingWindow } from './internal/numbers/rolling-window.ts';
import { requireSameOptions } from './internal/shared/same-options.ts';
import { count, fields, finite, listOf, where } from './internal/shared/shapes.ts';
import { restored, storedOptions } from './internal/shared/snapshot.ts';

export { priceBand } from './internal/depth/price-band.ts';
export type { PriceBand } from './internal/depth/price-band.ts';
export type { BookLevels, BookRange, TickLevels } from './internal/depth/book-range.ts';

/** What a standardised imbalance compares. */
export interface StandardisedImbalanceOptions {
  /**
   * Samples that mean and deviation are taken over, the latest one included.
   * @defaultValue 3600, an hour of one sample a second
   */
  readonly windowSamples?: number;
  /**
   * Samples that must be there before a value is given, from 2 to `windowSamples`.
   * @defaultValue 2
   */
  readonly warmUpSamples?: number;
  /**
   * How far a book is looked into: levels a side, or a {@link priceBand} around the mid. `null` for all levels.
   * @defaultValue null
   */
  readonly range?: BookRange | null;
}

/** The options of a standardised imbalance that are used where none are given. */
export const standardisedImbalanceDefaults: Required<StandardisedImbalanceOptions> = {
  windowSamples: 3600,
  warmUpSamples: 2,
  range: null,
};

/** What went into a {@link StandardisedImbalance}. */
export interface StandardisedImbalanceCounts {
  /** Books that gave a sample. */
  readonly samples: number;
  /** Pushes of no book, of an empty one, or of a half-empty one where the range needs a mid; they are left out. */
  readonly unknown: number;
}

/** A running standardised imbalance. Made by {@link createStandardisedImbalance}. */
export interface StandardisedImbalance {
  /**
   * Takes the next book and gives how many standard deviations its `ΣQb − ΣQa` lies above the mean of the window.
   *
   * `undefined` during the warm-up, while all samples of the window are equal, and for a push without a sample:
   * `undefined` (no book now), an empty book, or, with a band, a book with an empty side.
   * @throws {@link OrderflowError} `bad-quote` for a level that no grid gives; the state is as before.
   */
  push(book: BookLevels | undefined): number | undefined;
  /**
   * {@link StandardisedImbalance.push} of two sums of lots that the caller has; `range` does not matter then. Both 0 is
   * an empty book.
   * @throws {@link OrderflowError} `bad-quote` for sums that are no whole, unsigned lots.
   */
  pushLots(bidLots: ExactInt, askLots: ExactInt): number | undefined;
  /** Nothing is held back: always `undefined`. */
  flush(): undefined;
  counts(): StandardisedImbalanceCounts;
  /** The state as plain JSON. */
  snapshot(): StandardisedImbalanceSnapshot;
}

/** The state of a {@link StandardisedImbalance}. */
export interface StandardisedImbalanceSnapshot {
  readonly v: 1;
  readonly kind: 'standardised-imbalance';
  readonly options: Required<StandardisedImbalanceOptions>;
  /** The samples of the window, oldest first, in lots. */
  readonly values: readonly number[];
  readonly samples: number;
  readonly unknown: number;
}

/**
 * A standardised imbalance that has seen nothing: `z = (x − mean) ÷ deviation` of `x = ΣQb − ΣQa` in lots, over the
 * last `windowSamples` samples with the latest one among them and the deviation over n, as in the source. So |z| stays
 * below √(n − 1).
 *
 * A sample is what is pushed: push at a fixed rate for a window in time. The sums are exact, the statistics are in
 * floating point, two passes over the window a push; memory is the window.
 *
 * @example
 * ```ts
 * const standardised = createStandardisedImbalance({ windowSamples: 3 });
 * standardised.pushLots(5, 3); // => undefined
 * standardised.pushLots(9, 3)?.toFixed(9); // => '1.000000000'
 * standardised.pushLots(7, 3); // => 0
 * ```
 * The samples are 2, 6 and 4: mean 4 and deviation 2 at the second, mean 4 again at the third.
 * @throws {@link OrderflowError} `bad-option`.
 */
export function createStandardisedImbalance(options: StandardisedImbalanceOptions = {}): StandardisedImbalance {
  return start(optionsOf(options), undefined);
}

const shape = fields({ values: listOf(where(finite, Number.isInteger)), samples: count, unknown: count });

/**
 * The standardised imbalance that a snapshot was taken of. `options` may be left out: the snapshot holds them.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module or version, or other options.
 */
export function restoreStandardisedImbalance(
  snapshot: StandardisedImbalanceSnapshot,
  options?: StandardisedImbalanceOptions,
): StandardisedImbalance {
  return restored(snapshot, 'standardised-imbalance', shape, () => {
    if (options) requireSameOptions('standardised-imbalance', snapshot.options, optionsOf(options));
    return start(storedOptions(optionsOf, snapshot.options), snapshot);
  });
}

/**
 * What {@link StandardisedImbalance.push} gives row by row over books in columns.
 * @throws {@link OrderflowError} `bad-columns`, or as `push`.
 */
export function standardisedImbalanceOfColumns(
  books: DepthColumns,
  options: StandardisedImbalanceOptions = {},
): (number | undefined)[] {
  const standardised = createStandardisedImbalance(options);
  return mapBooks(books, (depth) => standardised.push(depth));
}

function optionsOf(options: StandardisedImbalanceOptions): Required<StandardisedImbalanceOptions> {
  const { windowSamples, warmUpSamples, range } = { ...standardisedImbalanceDefaults, ...options };
  requireWhole('windowSamples', windowSamples, 2);
  requireBetween('windowSamples', windowSamples, 2, 1e7);
  requireWhole('warmUpSamples', warmUpSamples, 2);
  requireBetween('warmUpSamples', warmUpSamples, 2, windowSamples);
  if (typeof range === 'number') requireWhole('range', range);
  // Fields in one order, so that options compare as JSON.
  const band =
    typeof range === 'object' && range ? { numerator: range.numerator, denominator: range.denominator } : range;
  return { windowSamples, warmUpSamples, range: band };
}

function start(
  options: Required<StandardisedImbalanceOptions>,
  from: StandardisedImbalanceSnapshot | undefined,
): StandardisedImbalance {
  const { windowSamples, warmUpSamples, range } = options;
  const window = createRollingWindow(windowSamples, from?.values);
  let { samples, unknown } = from ?? { samples: 0, unknown: 0 };

  const take = (bidLots: ExactInt, askLots: ExactInt): number | undefined => {
    if (addExact(bidLots, askLots) === 0) {
      unknown += 1;
      return undefined;
    }
    const value = Number(subtractExact(bidLots, askLots));
    window.push(value);
    samples += 1;
    if (window.size < warmUpSamples) return undefined;
    const { mean, deviation } = window.moments()!;
    // The window divides by n − 1.
    const z = (value - mean) / (deviation * Math.sqrt((window.size - 1) / window.size));
    return deviation > 0 ? z + 0 : undefined;
  };

  return {
    push(book) {
      const sums = book && depthLots(book, range ?? undefined);
      return sums ? take(sums.bidLots, sums.askLots) : take(0, 0);
    },
    pushLots(bidLots, askLots) {
      requireLots(bidLots);
      requireLots(askLots);
      return take(bidLots, askLots);
    },
    flush: () => undefined,
    counts: () => ({ samples, unknown }),
    snapshot: () => ({
      v: 1,
      kind: 'standardised-imbalance',
      options: { ...options },
      values: window.values(),
      samples,
      unknown,
    }),
  };
}
