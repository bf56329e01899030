/** What goes into a book and what comes out of it. */
import type { BookDepth } from '../../depth.ts';
import type { OrderflowErrorCode } from '../../errors.ts';
import type { Grid } from '../../grid.ts';
import type { BookDelta, BookSnapshot, DecimalInput, TickLevel, TickQuote } from '../../market.ts';
import type { BookRule, SequenceGap } from './book-rules.ts';
import type { BookCounts, BookState } from './book-state.ts';
/** Options of `createBook`. */
export interface BookOptions {
  /** The grid of the instrument. */
  readonly grid: Grid;
  /** The venue's sequence rule: one of `bookRules`, or your own. */
  readonly rule: BookRule;
  /**
   * Most deltas that are held while the book waits for a fetched snapshot; beyond it the oldest is let go (and counted).
   * @defaultValue 4096
   */
  readonly maxBufferedDeltas?: number;
  /**
   * Most levels a side: after each event, the levels behind the best `maxLevels` are forgotten. For venues that say
   * nothing of a level that leaves the subscribed depth (Kraken), pass that depth. The default is a bound on memory, far
   * beyond what venues send: 3.2 MB a book.
   * @defaultValue 100000
   */
  readonly maxLevels?: number;
  /**
   * How the venue's checksum is computed: `krakenBookChecksum(…)`, `okxBookChecksum()` or your own. Every event that
   * brings a `checksum` is then verified; a mismatch takes the book out of sync until the next snapshot.
   * @defaultValue nothing is verified
   */
  readonly checksum?: BookChecksum;
}

/** A venue's checksum of its book. */
export interface BookChecksum {
  /** Name with all that changes the outcome; a stored book is restored under the checksum of the same name only. */
  readonly name: string;
  /** The number that a venue sends for "none", where it does (OKX: 0). */
  readonly absent?: number;
  /**
   * The checksum over books of this grid; 32 bits, signed or not.
   * @throws `OrderflowError` `bad-option` when books of this grid cannot have the checksum.
   */
  over(grid: Grid): (book: Pick<Book, 'readDepth'>) => number;
}

/** An event that a book takes. */
export type BookEvent =
  ({ readonly type: 'book-snapshot' } & BookSnapshot) | ({ readonly type: 'book-delta' } & BookDelta);

/**
 * A level that was left out because its price or size is not on the grid. Where only the size is off the grid, the book
 * has no level at that price until the venue sends one that is on it.
 */
export interface OffGridLevel {
  readonly side: 'bid' | 'ask';
  /** As it was received. */
  readonly price: DecimalInput;
  /** As it was received. */
  readonly size: DecimalInput;
  /** `bad-decimal`, `off-grid` or `out-of-range` (also for a negative size). */
  readonly reason: OrderflowErrorCode;
}

/** A checksum that does not agree. */
export interface ChecksumMismatch {
  /** What the venue sent. */
  readonly expected: number;
  /** What the book has. */
  readonly computed: number;
}

/** What became of an event. Frozen where nothing varies: results may be shared between events. */
export interface BookPushResult {
  /**
   * - `applied`: the delta followed on the book and changed it.
   * - `buffered`: the book waits for a fetched snapshot; the delta is kept for it.
   * - `dropped`: the book already includes the event, or it came before the in-stream snapshot that the book waits for.
   * - `gap`: an event is missing before this one (see `gap`); the book is out of sync until the next snapshot.
   * - `checksum-mismatch`: with the event, the book is not the venue's (see `checksum`); it is out of sync until the next
   *   snapshot.
   * - `snapshot`: the snapshot is loaded, and the buffered deltas that follow on it are applied.
   */
  readonly outcome: 'applied' | 'buffered' | 'dropped' | 'gap' | 'checksum-mismatch' | 'snapshot';
  /** With `gap`: the update id that was due and the one that came. */
  readonly gap?: SequenceGap;
  /** With `checksum-mismatch`: the venue's checksum and the one of the book. */
  readonly checksum?: ChecksumMismatch;
  /** Levels of the applied events that were left out; the rest of the event was applied. */
  readonly offGrid: readonly OffGridLevel[];
}

/** The state of a book in numbers. `deltas = applied + droppedBeforeSnapshot + ignored + buffered + overflowed`. */
export interface BookStats extends BookCounts {
  /** True while the book is complete: a snapshot is loaded and no delta is missing since. */
  readonly synced: boolean;
  /** Last update id that the book includes; absent while out of sync. */
  readonly lastUpdateId?: number;
  readonly bidLevels: number;
  readonly askLevels: number;
  /** Deltas held for the next snapshot now. */
  readonly buffered: number;
}

/** A running book. Made by `createBook`. */
export interface Book {
  /**
   * Takes the next event of the venue, in order of arrival.
   * @throws `OrderflowError` `bad-value` for an update id or a checksum that is not a whole number; the book stays as it
   *   was.
   */
  push(event: BookEvent): BookPushResult;
  /**
   * Takes the book out of sync until the next snapshot, for a loss that only the caller sees: a reconnect, or a gap in
   * numbers that belong to the connection. Deltas that are held stay held.
   */
  invalidate(): void;
  /** The best bid and offer; `undefined` while out of sync and while a side is empty. */
  best(): TickQuote | undefined;
  /**
   * At most `n` levels a side, best first; empty while out of sync.
   * @throws `OrderflowError` `bad-option` when `n` is neither a whole number from 0 on nor `Infinity`.
   */
  top(n: number): { readonly bids: readonly TickLevel[]; readonly asks: readonly TickLevel[] };
  /** Fills `depth` with the first levels, best first, and gives it back; empty while out of sync. Allocates nothing. */
  readDepth(depth: BookDepth): BookDepth;
  stats(): BookStats;
  /** The state as plain JSON. */
  snapshot(): BookState;
}
