/** A venue's order book, kept in step with its deltas by the venue's own sequence rule. */
import { isOrderflowError, OrderflowError } from './errors.ts';
import type { OrderflowErrorCode } from './errors.ts';
import type { Grid } from './grid.ts';
import type { BookDelta, BookLevel, BookSnapshot, DecimalInput, TickLevel, TickQuote } from './market.ts';
import { judgeDelta } from './internal/book-rules.ts';
import type { BookRule, BookVerdict } from './internal/book-rules.ts';
import { createBookSide } from './internal/book-side.ts';
import type { BookSide } from './internal/book-side.ts';
import { emptyCounts, plainDelta, requireBookState } from './internal/book-state.ts';
import type { BookState, StoredBookDelta } from './internal/book-state.ts';
import { excerpt } from './internal/excerpt.ts';

export { bookRules } from './internal/book-rules.ts';
export type { BookRule } from './internal/book-rules.ts';
export type { BookCounts, BookState, StoredBookDelta } from './internal/book-state.ts';
export type { TickLevel } from './market.ts';

/** Options of {@link createBook}. */
export interface BookOptions {
  /** The grid of the instrument. */
  readonly grid: Grid;
  /** The venue's sequence rule: one of {@link bookRules}, or your own. */
  readonly rule: BookRule;
  /**
   * Most deltas that are held while the book waits for a snapshot; beyond it the oldest is let go (and counted).
   * @defaultValue 4096
   */
  readonly maxBufferedDeltas?: number;
}

/** What {@link createBook} uses where an option is left out. */
export const bookDefaults: Required<Pick<BookOptions, 'maxBufferedDeltas'>> = { maxBufferedDeltas: 4096 };

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

/** What became of an event. */
export interface BookPushResult {
  /**
   * - `applied`: the delta followed on the book and changed it.
   * - `buffered`: the book waits for a snapshot; the delta is kept for it.
   * - `dropped`: the book already includes the event.
   * - `gap`: an event is missing before this one (see `gap`); the book is out of sync until the next snapshot.
   * - `snapshot`: the snapshot is loaded, and the buffered deltas that follow on it are applied.
   */
  readonly outcome: 'applied' | 'buffered' | 'dropped' | 'gap' | 'snapshot';
  /** With `gap`: the update id that was due and the one that came. */
  readonly gap?: { readonly expected: number; readonly received: number };
  /** Levels of the applied events that were left out; the rest of the event was applied. */
  readonly offGrid: readonly OffGridLevel[];
}

/** The state of a book in numbers. `deltas = applied + droppedBeforeSnapshot + ignored + buffered + overflowed`. */
export interface BookStats {
  /** True while the book is complete: a snapshot is loaded and no delta is missing since. */
  readonly synced: boolean;
  /** Last update id that the book includes; absent while out of sync. */
  readonly lastUpdateId?: number;
  readonly bidLevels: number;
  readonly askLevels: number;
  /** Deltas that were older than the snapshot they waited for. */
  readonly droppedBeforeSnapshot: number;
  /** Snapshots whose first delta met the venue's rule. */
  readonly firstEventOk: number;
  /** Deltas that changed the book. */
  readonly applied: number;
  /** Deltas that repeated what the book already included. */
  readonly ignored: number;
  /** Broken sequences; each one took the book out of sync. */
  readonly gaps: number;
  /** Levels left out because they are not on the grid. */
  readonly offGridLevels: number;
  /** Snapshots loaded. */
  readonly snapshots: number;
  /** Snapshots that the synced book already included, ignored. */
  readonly staleSnapshots: number;
  /** Deltas received. */
  readonly deltas: number;
  /** Deltas held for the next snapshot now. */
  readonly buffered: number;
  /** Deltas let go because more than `maxBufferedDeltas` waited. */
  readonly overflowed: number;
  /** Loaded snapshots and applied deltas that left the best bid at or above the best ask. */
  readonly crossed: number;
}

/** A running book. Made by {@link createBook}. */
export interface Book {
  /** Takes the next event of the venue, in order of arrival. */
  push(event: BookEvent): BookPushResult;
  /** The best bid and offer; `undefined` while out of sync and while a side is empty. */
  best(): TickQuote | undefined;
  /**
   * At most `n` levels a side, best first; empty while out of sync.
   * @throws {@link OrderflowError} `bad-option` when `n` is neither a whole number from 0 on nor `Infinity`.
   */
  top(n: number): { readonly bids: readonly TickLevel[]; readonly asks: readonly TickLevel[] };
  stats(): BookStats;
  /** The state as plain JSON. */
  snapshot(): BookState;
}

/**
 * An empty book that waits for its snapshot.
 *
 * @example
 * ```ts
 * const grid = createGrid({ tickSize: '0.01', lotSize: '0.001' });
 * const book = createBook({ grid, rule: bookRules.binanceSpot });
 * const at = { symbol: 'ETHUSDT', timeMs: 0 };
 * book.push({ type: 'book-snapshot', ...at, lastUpdateId: 7, bids: [['99.99', '2']], asks: [['100.01', '1.5']] });
 * book.push({ type: 'book-delta', ...at, firstUpdateId: 6, lastUpdateId: 9, bids: [['100', '3']], asks: [] });
 * book.best(); // => { bidTicks: 10000, bidLots: 3000, askTicks: 10001, askLots: 1500 }
 * ```
 * @throws {@link OrderflowError} `bad-option` when `maxBufferedDeltas` is not a positive integer.
 */
export function createBook(options: BookOptions): Book {
  return startBook(options, undefined);
}

/**
 * The book that a snapshot was taken of; pass the options that it was created with.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module or version, of another grid or of
 *   another rule; `bad-option` as in {@link createBook}.
 */
export function restoreBook(snapshot: BookState, options: BookOptions): Book {
  requireBookState(snapshot, options.grid, options.rule);
  return startBook(options, snapshot);
}

function startBook(options: BookOptions, from: BookState | undefined): Book {
  const { grid, rule, maxBufferedDeltas = bookDefaults.maxBufferedDeltas } = options;
  if (!Number.isInteger(maxBufferedDeltas) || maxBufferedDeltas < 1) {
    throw new OrderflowError(
      'bad-option',
      `maxBufferedDeltas ${excerpt(maxBufferedDeltas)} is not a positive whole number. ` +
        `Leave it out for ${bookDefaults.maxBufferedDeltas}.`,
      maxBufferedDeltas,
    );
  }
  const bids = createBookSide('bid');
  const asks = createBookSide('ask');
  const counts = { ...emptyCounts, ...from?.counts };
  let buffer: StoredBookDelta[] = [...(from?.buffered ?? [])];
  /** Set exactly while the book is in sync. */
  let lastUpdateId = from?.lastUpdateId ?? undefined;
  let awaitsFirst = from?.awaitsFirst ?? false;
  for (const [ticks, lots] of from?.bids.toReversed() ?? []) bids.set(ticks, lots);
  for (const [ticks, lots] of from?.asks.toReversed() ?? []) asks.set(ticks, lots);

  const setLevel = (side: BookSide, name: 'bid' | 'ask', [price, size]: BookLevel, offGrid: OffGridLevel[]): void => {
    let ticks: number | undefined;
    let reason: OrderflowErrorCode = 'out-of-range';
    try {
      ticks = grid.toTicks(price);
      const lots = grid.toLots(size);
      if (lots >= 0) {
        side.set(ticks, lots);
        return;
      }
    } catch (error) {
      // A grid may come from another copy of the package; its refusal counts all the same.
      if (!isOrderflowError(error)) throw error;
      reason = error.code;
    }
    // The size that the level had is not true any more, and the new one cannot be held: no size is better than a wrong one.
    if (ticks !== undefined) side.set(ticks, 0);
    offGrid.push({ side: name, price, size, reason });
    counts.offGridLevels += 1;
  };

  const countCrossed = (): void => {
    const [bid, ask] = [bids.best(), asks.best()];
    if (bid && ask && bid.priceTicks >= ask.priceTicks) counts.crossed += 1;
  };

  const apply = (delta: StoredBookDelta | BookDelta, offGrid: OffGridLevel[]): void => {
    for (const level of delta.bids) setLevel(bids, 'bid', level, offGrid);
    for (const level of delta.asks) setLevel(asks, 'ask', level, offGrid);
    if (awaitsFirst) counts.firstEventOk += 1;
    awaitsFirst = false;
    lastUpdateId = delta.lastUpdateId;
    counts.applied += 1;
    countCrossed();
  };

  const hold = (delta: BookDelta): void => {
    buffer.push(plainDelta(delta));
    if (buffer.length <= maxBufferedDeltas) return;
    buffer.shift();
    counts.overflowed += 1;
  };

  const loseSync = (): void => {
    counts.gaps += 1;
    lastUpdateId = undefined;
    awaitsFirst = false;
    bids.clear();
    asks.clear();
  };

  /** Applies, drops or refuses a delta by the rule of the venue; a refusal takes the book out of sync. */
  const take = (delta: StoredBookDelta | BookDelta, offGrid: OffGridLevel[]): BookVerdict => {
    const verdict = judgeDelta(rule, lastUpdateId!, awaitsFirst, delta);
    if (verdict === 'apply') apply(delta, offGrid);
    else if (verdict !== 'stale') loseSync();
    else if (awaitsFirst) counts.droppedBeforeSnapshot += 1;
    else counts.ignored += 1;
    return verdict;
  };

  const pushDelta = (delta: BookDelta): BookPushResult => {
    counts.deltas += 1;
    const offGrid: OffGridLevel[] = [];
    const verdict = lastUpdateId === undefined ? 'wait' : take(delta, offGrid);
    if (verdict === 'apply') return { outcome: 'applied', offGrid };
    if (verdict === 'stale') return { outcome: 'dropped', offGrid };
    hold(delta);
    return verdict === 'wait' ? { outcome: 'buffered', offGrid } : { outcome: 'gap', gap: verdict, offGrid };
  };

  const pushSnapshot = (snapshot: BookSnapshot): BookPushResult => {
    if (rule.snapshots === 'fetched' && lastUpdateId !== undefined && snapshot.lastUpdateId <= lastUpdateId) {
      counts.staleSnapshots += 1;
      return { outcome: 'dropped', offGrid: [] };
    }
    const offGrid: OffGridLevel[] = [];
    counts.snapshots += 1;
    bids.clear();
    asks.clear();
    // Worst first: every level is appended behind the ones before it.
    for (let i = snapshot.bids.length - 1; i >= 0; i -= 1) setLevel(bids, 'bid', snapshot.bids[i]!, offGrid);
    for (let i = snapshot.asks.length - 1; i >= 0; i -= 1) setLevel(asks, 'ask', snapshot.asks[i]!, offGrid);
    lastUpdateId = snapshot.lastUpdateId;
    awaitsFirst = true;
    countCrossed();

    const waiting = buffer;
    buffer = [];
    if (rule.snapshots === 'in-stream') {
      counts.droppedBeforeSnapshot += waiting.length;
      return { outcome: 'snapshot', offGrid };
    }
    for (const [i, delta] of waiting.entries()) {
      const verdict = take(delta, offGrid);
      if (typeof verdict === 'string') continue;
      buffer = waiting.slice(i);
      return { outcome: 'gap', gap: verdict, offGrid };
    }
    return { outcome: 'snapshot', offGrid };
  };

  return {
    push: (event) => (event.type === 'book-delta' ? pushDelta(event) : pushSnapshot(event)),
    best() {
      const bid = bids.best();
      const ask = asks.best();
      if (!bid || !ask) return undefined;
      return { bidTicks: bid.priceTicks, bidLots: bid.sizeLots, askTicks: ask.priceTicks, askLots: ask.sizeLots };
    },
    top(n) {
      if (!(Number.isInteger(n) || n === Infinity) || n < 0) {
        throw new OrderflowError(
          'bad-option',
          `top(${String(n)}): the number of levels is neither a whole number from 0 on nor Infinity. Pass 10, say.`,
          n,
        );
      }
      return { bids: bids.top(n), asks: asks.top(n) };
    },
    stats: () => ({
      synced: lastUpdateId !== undefined,
      ...(lastUpdateId === undefined ? {} : { lastUpdateId }),
      bidLevels: bids.size,
      askLevels: asks.size,
      ...counts,
      buffered: buffer.length,
    }),
    snapshot: () => ({
      v: 1,
      kind: 'book',
      rule: rule.name,
      tickSize: grid.tickSize,
      lotSize: grid.lotSize,
      lastUpdateId: lastUpdateId ?? null,
      awaitsFirst,
      bids: bids.top(Infinity).map(({ priceTicks, sizeLots }) => [priceTicks, sizeLots]),
      asks: asks.top(Infinity).map(({ priceTicks, sizeLots }) => [priceTicks, sizeLots]),
      buffered: [...buffer],
      counts: { ...counts },
    }),
  };
}
