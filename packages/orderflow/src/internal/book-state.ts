import { OrderflowError } from '../errors.ts';
import type { Grid } from '../grid.ts';
import type { BookDelta, BookLevel } from '../market.ts';
import type { BookRule } from './book-rules.ts';
import { excerpt } from './excerpt.ts';
import { requireSnapshot } from './snapshot.ts';

/** What a book has counted since it was created; {@link BookStats} says what each one means. */
export interface BookCounts {
  readonly droppedBeforeSnapshot: number;
  readonly firstEventOk: number;
  readonly applied: number;
  readonly ignored: number;
  readonly gaps: number;
  readonly offGridLevels: number;
  readonly snapshots: number;
  readonly staleSnapshots: number;
  readonly deltas: number;
  readonly overflowed: number;
  readonly crossed: number;
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
};

/** A delta that waits for a snapshot, with its decimals as strings. */
export interface StoredBookDelta {
  readonly firstUpdateId: number;
  readonly lastUpdateId: number;
  readonly previousUpdateId?: number;
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
  const { firstUpdateId, lastUpdateId, previousUpdateId } = delta;
  const plain = ([price, size]: BookLevel): [string, string] => [String(price), String(size)];
  return {
    firstUpdateId,
    lastUpdateId,
    ...(previousUpdateId === undefined ? {} : { previousUpdateId }),
    bids: delta.bids.map(plain),
    asks: delta.asks.map(plain),
  };
}

/**
 * Refuses a state that was not made by a book of this grid and rule.
 * @throws {@link OrderflowError} `bad-snapshot`.
 */
export function requireBookState(state: BookState, grid: Grid, rule: BookRule): void {
  requireSnapshot(state, 'book');
  const facts = [
    ['rule', state.rule, rule.name],
    ['tickSize', state.tickSize, grid.tickSize],
    ['lotSize', state.lotSize, grid.lotSize],
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
}
