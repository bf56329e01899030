import { OrderflowError } from '../../errors.ts';
import type { BookDelta, BookLevel } from '../../market.ts';
import { requireEvent } from './book-rules.ts';
import type { BookOptions } from './book-types.ts';
import { excerpt } from '../shared/excerpt.ts';
import { listOf, text, tupleOf } from '../shared/shapes.ts';

/** What a book has counted since it was created. */
export interface BookCounts {
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
  /** Deltas received, but for those that a rule's `resetId` makes snapshots. */
  readonly deltas: number;
  /** Deltas let go because more than `maxBufferedDeltas` waited. */
  readonly overflowed: number;
  /** Loaded snapshots and applied deltas that left the best bid at or above the best ask. */
  readonly crossed: number;
  /** Snapshots and deltas after which the book had the venue's checksum. */
  readonly checksumMatches: number;
  /** Snapshots and deltas after which it had not; each one took the book out of sync. */
  readonly checksumMismatches: number;
  /** Calls of `invalidate` that took a synced book out of sync. */
  readonly invalidations: number;
}

/** The counts of a new book. */
export const emptyCounts: BookCounts = {
  droppedBeforeSnapshot: 0,
  firstEventOk: 0,
  applied: 0,
  ignored: 0,
  gaps: 0,
  offGridLevels: 0,
  snapshots: 0,
  staleSnapshots: 0,
  deltas: 0,
  overflowed: 0,
  crossed: 0,
  checksumMatches: 0,
  checksumMismatches: 0,
  invalidations: 0,
};

/** A delta that waits for a snapshot, with its decimals as strings. */
export interface StoredBookDelta {
  readonly firstUpdateId: number;
  readonly lastUpdateId: number;
  readonly previousUpdateId?: number;
  readonly checksum?: number;
  readonly bids: readonly (readonly [price: string, size: string])[];
  readonly asks: readonly (readonly [price: string, size: string])[];
}

/** The state of a book. Levels as `[priceTicks, sizeLots]`, best first. */
export interface BookState {
  readonly v: 1;
  readonly kind: 'book';
  /** Name of the sequence rule. */
  readonly rule: string;
  readonly tickSize: string;
  readonly lotSize: string;
  /** Most levels a side. */
  readonly maxLevels: number;
  /** Name of the checksum; absent where none is verified. */
  readonly checksum?: string;
  /** `null` while out of sync. */
  readonly lastUpdateId: number | null;
  /** True from a snapshot to the first delta after it. */
  readonly awaitsFirst: boolean;
  readonly bids: readonly (readonly [priceTicks: number, sizeLots: number])[];
  readonly asks: readonly (readonly [priceTicks: number, sizeLots: number])[];
  readonly buffered: readonly StoredBookDelta[];
  readonly counts: BookCounts;
}

/** The delta by value and as plain JSON: callers may reuse their event, and `Decimal` does not survive JSON. */
export function plainDelta(delta: BookDelta): StoredBookDelta {
  const { firstUpdateId, lastUpdateId, previousUpdateId, checksum } = delta;
  const plain = ([price, size]: BookLevel): [string, string] => [String(price), String(size)];
  return {
    firstUpdateId,
    lastUpdateId,
    ...(previousUpdateId === undefined ? {} : { previousUpdateId }),
    ...(checksum === undefined ? {} : { checksum }),
    bids: delta.bids.map(plain),
    asks: delta.asks.map(plain),
  };
}

/**
 * Refuses a state that was not made by a book of these options, or that no book can have.
 * @throws {@link OrderflowError} `bad-snapshot`, or TypeError for what is no state at all.
 */
export function requireBookState(state: BookState, { grid, rule, maxLevels, checksum }: BookOptions): void {
  const facts = [
    ['rule', state.rule, rule.name],
    ['tickSize', state.tickSize, grid.tickSize],
    ['lotSize', state.lotSize, grid.lotSize],
    ['maxLevels', state.maxLevels, maxLevels],
    ['checksum', state.checksum, checksum?.name],
  ] as const;
  for (const [what, found, expected] of facts) {
    if (found === expected) continue;
    throw new OrderflowError(
      'bad-snapshot',
      `snapshot of a book has ${what} ${excerpt(found)}, the options say ${excerpt(expected)}. ` +
        `Restore with the options that the snapshot was made with.`,
      state,
    );
  }
  const isWhole = (value: unknown): boolean => Number.isSafeInteger(value);
  const { bids, asks, lastUpdateId, awaitsFirst, buffered, counts } = state;
  const isSound =
    isLadder(bids, 1) &&
    isLadder(asks, -1) &&
    (lastUpdateId === null || isWhole(lastUpdateId)) &&
    typeof awaitsFirst === 'boolean' &&
    buffered.every(
      ({ bids: below, asks: above }) => heldLevels(below) === undefined && heldLevels(above) === undefined,
    ) &&
    Object.keys(emptyCounts).every(
      (name) => isWhole(counts[name as keyof BookCounts]) && counts[name as keyof BookCounts] >= 0,
    );
  if (!isSound) throw new TypeError('not the state of a book');
  for (const delta of buffered) requireEvent(delta);
}

/** The levels of a delta that waits: decimals as text. */
const heldLevels = listOf(tupleOf(text, text));

/** Whole ticks and lots above 0, from the best price on, each once. */
function isLadder(levels: BookState['bids'], sign: 1 | -1): boolean {
  return levels.every(
    ([ticks, lots], i) =>
      Number.isSafeInteger(ticks) &&
      Number.isSafeInteger(lots) &&
      lots > 0 &&
      (i === 0 || sign * ticks < sign * levels[i - 1]![0]),
  );
}
