/** A venue's order book, kept in step with its deltas by the venue's own sequence rule. */
import { isOrderflowError, OrderflowError } from './errors.ts';
import type { OrderflowErrorCode } from './errors.ts';
import type { BookDelta, BookLevel, BookSnapshot } from './market.ts';
import { judgeDelta, requireEvent } from './internal/book/book-rules.ts';
import type { BookVerdict } from './internal/book/book-rules.ts';
import { createBookSide } from './internal/book/book-side.ts';
import type { BookSide } from './internal/book/book-side.ts';
import { emptyCounts, plainDelta, requireBookState } from './internal/book/book-state.ts';
import type { BookState, StoredBookDelta } from './internal/book/book-state.ts';
import type { Book, BookOptions, BookPushResult, ChecksumMismatch, OffGridLevel } from './internal/book/book-types.ts';
import { requireWhole } from './internal/shared/checks.ts';
import { excerpt } from './internal/shared/excerpt.ts';
import { anything } from './internal/shared/shapes.ts';
import { restored } from './internal/shared/snapshot.ts';

export { bookRules } from './internal/book/book-rules.ts';
export type { BookRule, SequenceGap } from './internal/book/book-rules.ts';
export type { BookCounts, BookState, StoredBookDelta } from './internal/book/book-state.ts';
export type {
  Book,
  BookChecksum,
  BookEvent,
  BookOptions,
  BookPushResult,
  BookStats,
  ChecksumMismatch,
  OffGridLevel,
} from './internal/book/book-types.ts';
export type { TickLevel } from './market.ts';

/** What {@link createBook} uses where an option is left out. */
export const bookDefaults: Required<Pick<BookOptions, 'maxBufferedDeltas' | 'maxLevels'>> = {
  maxBufferedDeltas: 4096,
  maxLevels: 100_000,
};

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
 * @throws {@link OrderflowError} `bad-option` when `maxBufferedDeltas` or `maxLevels` is not a positive whole number, or
 *   the checksum is not one of books of this grid.
 */
export function createBook(options: BookOptions): Book {
  return startBook(options, undefined);
}

const shape = anything;

/**
 * The book that a snapshot was taken of; pass the options that it was created with.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module or version, of another grid, rule,
 *   `maxLevels` or checksum; `bad-option` as in {@link createBook}.
 */
export function restoreBook(snapshot: BookState, options: BookOptions): Book {
  return restored(snapshot, 'book', shape, () => {
    requireBookState(snapshot, { ...options, maxLevels: options.maxLevels ?? bookDefaults.maxLevels });
    return startBook(options, snapshot);
  });
}

/** What varies from event to event is rare; what does not is one object for all. */
const noLevels: readonly OffGridLevel[] = Object.freeze([]);
const always = (outcome: BookPushResult['outcome']): BookPushResult => Object.freeze({ outcome, offGrid: noLevels });
const results = {
  applied: always('applied'),
  buffered: always('buffered'),
  dropped: always('dropped'),
  snapshot: always('snapshot'),
} as const;

function startBook(options: BookOptions, from: BookState | undefined): Book {
  const { grid, rule, checksum } = options;
  const { maxBufferedDeltas = bookDefaults.maxBufferedDeltas, maxLevels = bookDefaults.maxLevels } = options;
  requireRule(rule);
  requireWhole('maxBufferedDeltas', maxBufferedDeltas);
  requireWhole('maxLevels', maxLevels);
  const bids = createBookSide('bid');
  const asks = createBookSide('ask');
  const checksumOf = checksum?.over(grid);
  const counts = { ...emptyCounts, ...from?.counts };
  let buffer: StoredBookDelta[] = [...(from?.buffered ?? [])];
  /** Set exactly while the book is in sync. */
  let lastUpdateId = from?.lastUpdateId ?? undefined;
  let awaitsFirst = from?.awaitsFirst ?? false;
  /** Levels that the event being pushed leaves out. */
  let leftOut: OffGridLevel[] | undefined;
  for (const [ticks, lots] of from?.bids.toReversed() ?? []) bids.set(ticks, lots);
  for (const [ticks, lots] of from?.asks.toReversed() ?? []) asks.set(ticks, lots);

  const setLevel = (side: BookSide, level: BookLevel): void => {
    // A flat list of strings has levels, too: '99' would be 9 @ 9.
    const [price, size] = isPair(level) ? level : noPair;
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
    (leftOut ??= []).push({ side: side === bids ? 'bid' : 'ask', price, size, reason });
    counts.offGridLevels += 1;
  };

  // Best prices are read into these at every delta, without an allocation.
  const [bidTicks, askTicks, lots] = [new Float64Array(1), new Float64Array(1), new Float64Array(1)];
  const limitAndCount = (): void => {
    bids.keep(maxLevels);
    asks.keep(maxLevels);
    const bothSides = bids.readTop(bidTicks, lots) > 0 && asks.readTop(askTicks, lots) > 0;
    if (bothSides && bidTicks[0]! >= askTicks[0]!) counts.crossed += 1;
  };

  const loseSync = (): void => {
    lastUpdateId = undefined;
    awaitsFirst = false;
    bids.clear();
    asks.clear();
  };

  /** A book that has not the checksum that came with the event is out of sync; gives the two numbers. */
  const mismatchOf = (expected: number | undefined): ChecksumMismatch | undefined => {
    if (!checksumOf || expected === undefined || expected === checksum?.absent) return undefined;
    const computed = checksumOf(book);
    // 32 bits that a venue may print signed or unsigned.
    if (expected === computed >>> 0 || expected === (computed | 0)) {
      counts.checksumMatches += 1;
      return undefined;
    }
    counts.checksumMismatches += 1;
    loseSync();
    return { expected, computed };
  };

  const hold = (delta: BookDelta): void => {
    buffer.push(plainDelta(delta));
    if (buffer.length <= maxBufferedDeltas) return;
    buffer.shift();
    counts.overflowed += 1;
  };

  /** Applies, drops or refuses a delta; a gap and a wrong checksum take the book out of sync. */
  const take = (delta: StoredBookDelta | BookDelta): BookVerdict | ChecksumMismatch => {
    const verdict = judgeDelta(rule, lastUpdateId!, awaitsFirst, delta);
    if (verdict === 'stale') {
      if (awaitsFirst) counts.droppedBeforeSnapshot += 1;
      else counts.ignored += 1;
    } else if (verdict !== 'apply') {
      counts.gaps += 1;
      loseSync();
    } else {
      for (const level of delta.bids) setLevel(bids, level);
      for (const level of delta.asks) setLevel(asks, level);
      if (awaitsFirst) counts.firstEventOk += 1;
      awaitsFirst = false;
      lastUpdateId = delta.lastUpdateId;
      counts.applied += 1;
      limitAndCount();
      return mismatchOf(delta.checksum) ?? verdict;
    }
    return verdict;
  };

  const trouble = (what: Exclude<BookVerdict, string> | ChecksumMismatch): BookPushResult =>
    'computed' in what
      ? { outcome: 'checksum-mismatch', checksum: what, offGrid: leftOut ?? noLevels }
      : { outcome: 'gap', gap: what, offGrid: leftOut ?? noLevels };

  const pushDelta = (delta: BookDelta): BookPushResult => {
    requireEvent(delta);
    if (rule.chain === 'next-id' && delta.lastUpdateId < delta.firstUpdateId) throw endsBeforeItBegins(delta);
    if (delta.firstUpdateId === rule.resetId) return load(delta);
    counts.deltas += 1;
    const verdict = lastUpdateId === undefined ? undefined : take(delta);
    if (verdict === 'apply') return leftOut ? { outcome: 'applied', offGrid: leftOut } : results.applied;
    if (verdict === 'stale') return results.dropped;
    // An applied delta of a wrong checksum is history; one that waits, or came too early, may follow on a snapshot.
    if (verdict === undefined || 'received' in verdict) {
      if (rule.snapshots === 'fetched') hold(delta);
      else counts.droppedBeforeSnapshot += 1;
    }
    if (verdict !== undefined) return trouble(verdict);
    return rule.snapshots === 'fetched' ? results.buffered : results.dropped;
  };

  const pushSnapshot = (snapshot: BookSnapshot): BookPushResult => {
    requireEvent(snapshot);
    if (rule.snapshots === 'fetched' && lastUpdateId !== undefined && snapshot.lastUpdateId <= lastUpdateId) {
      counts.staleSnapshots += 1;
      return results.dropped;
    }
    return load(snapshot);
  };

  /** Replaces the book, and applies what was held for this. */
  const load = (snapshot: Pick<BookSnapshot, 'lastUpdateId' | 'bids' | 'asks' | 'checksum'>): BookPushResult => {
    counts.snapshots += 1;
    bids.clear();
    asks.clear();
    // Worst first: every level is appended behind the ones before it.
    for (let i = snapshot.bids.length - 1; i >= 0; i -= 1) setLevel(bids, snapshot.bids[i]!);
    for (let i = snapshot.asks.length - 1; i >= 0; i -= 1) setLevel(asks, snapshot.asks[i]!);
    lastUpdateId = snapshot.lastUpdateId;
    awaitsFirst = true;
    limitAndCount();
    const mismatch = mismatchOf(snapshot.checksum);
    if (mismatch) return trouble(mismatch);

    const waiting = buffer;
    buffer = [];
    for (const [i, delta] of waiting.entries()) {
      const verdict = take(delta);
      if (typeof verdict === 'string') continue;
      buffer = waiting.slice('received' in verdict ? i : i + 1);
      return trouble(verdict);
    }
    return leftOut ? { outcome: 'snapshot', offGrid: leftOut } : results.snapshot;
  };

  const book: Book = {
    push(event) {
      leftOut = undefined;
      // Feeds are untyped at their edge, so the static type is a claim, not a fact.
      const { type } = (event as { type?: unknown } | undefined) ?? {};
      if (type === 'book-delta') return pushDelta(event as BookDelta);
      if (type === 'book-snapshot') return pushSnapshot(event);
      throw notOfABook(event);
    },
    invalidate() {
      if (lastUpdateId === undefined) return;
      counts.invalidations += 1;
      loseSync();
    },
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
    readDepth(depth) {
      depth.bidLevels = bids.readTop(depth.bidTicks, depth.bidLots);
      depth.askLevels = asks.readTop(depth.askTicks, depth.askLots);
      return depth;
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
      maxLevels,
      ...(checksum === undefined ? {} : { checksum: checksum.name }),
      lastUpdateId: lastUpdateId ?? null,
      awaitsFirst,
      bids: bids.top(Infinity).map(({ priceTicks, sizeLots }) => [priceTicks, sizeLots]),
      asks: asks.top(Infinity).map(({ priceTicks, sizeLots }) => [priceTicks, sizeLots]),
      buffered: [...buffer],
      counts: { ...counts },
    }),
  };
  return book;
}

function requireRule(rule: unknown): void {
  if (typeof (rule as { chain?: unknown } | null | undefined)?.chain === 'string') return;
  throw new OrderflowError(
    'bad-option',
    `rule ${excerpt(rule)} is not a sequence rule. Pass one of bookRules, for example bookRules.binanceSpot, or your own.`,
    rule,
  );
}

const noPair: BookLevel = ['', ''];

function isPair(level: unknown): boolean {
  return Array.isArray(level) && level.length >= 2;
}

function endsBeforeItBegins({ firstUpdateId, lastUpdateId }: BookDelta): OrderflowError {
  return new OrderflowError(
    'bad-value',
    `lastUpdateId ${excerpt(lastUpdateId)} of a book event is before its firstUpdateId ${excerpt(firstUpdateId)}. ` +
      `Map the first and the last number of the event.`,
    lastUpdateId,
  );
}

function notOfABook(event: unknown): OrderflowError {
  const type = (event as { type?: unknown } | null | undefined)?.type;
  return new OrderflowError(
    'bad-value',
    `type ${excerpt(type)} of an event is neither "book-delta" nor "book-snapshot". Push the events of a book only.`,
    event,
  );
}
