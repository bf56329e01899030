/**
 * The first levels of a book in flat columns that are filled again and again: what a metric reads per update without a
 * single allocation.
 */
import { NO_DEFAULT, requireLevelCount } from './internal/shared/checks.ts';

/** A buffer for the first levels of a book. Made by {@link createDepth}, filled by `book.readDepth`. */
export interface BookDepth {
  /** Most levels a side that fit. */
  readonly capacity: number;
  /** Bid levels held now. */
  bidLevels: number;
  /** Ask levels held now. */
  askLevels: number;
  /** Bid prices in ticks, best first; rows from `bidLevels` on are leftovers. */
  readonly bidTicks: Float64Array;
  /** Bid sizes in lots. */
  readonly bidLots: Float64Array;
  /** Ask prices in ticks, best first; rows from `askLevels` on are leftovers. */
  readonly askTicks: Float64Array;
  /** Ask sizes in lots. */
  readonly askLots: Float64Array;
}

/**
 * An empty buffer for `levels` levels a side.
 *
 * @example
 * ```ts
 * const depth = createDepth(10);
 * depth.bidLevels; // => 0
 * ```
 * @throws {@link OrderflowError} `bad-option` when `levels` is not a positive whole number.
 */
export function createDepth(levels: number): BookDepth {
  requireLevelCount('levels', levels, 1_000_000, NO_DEFAULT);
  return {
    capacity: levels,
    bidLevels: 0,
    askLevels: 0,
    bidTicks: new Float64Array(levels),
    bidLots: new Float64Array(levels),
    askTicks: new Float64Array(levels),
    askLots: new Float64Array(levels),
  };
}
