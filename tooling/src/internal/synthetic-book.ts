/** A limit order book in ticks and lots, as an exchange keeps it: the truth behind the synthetic tape. */

/** Which side of the book. */
export type BookSide = 'bids' | 'asks';

/** `[ticks, lots]` */
export type Level = readonly [ticks: number, lots: number];

export interface SyntheticBook {
  /** Id of the last change; rises by one with every level that changes. */
  readonly updateId: number;
  /** Best price of a side, in ticks. */
  best(side: BookSide): number;
  /** Resting lots; 0 where nothing rests. */
  lotsAt(side: BookSide, ticks: number): number;
  /** Sets the lots that rest at a price; 0 removes the level. The last level of a side stays. */
  set(side: BookSide, ticks: number, lots: number): void;
  /** All levels, best first, at most `limit`. */
  levels(side: BookSide, limit?: number): readonly Level[];
  /** Every level that changed since the last call, with its lots now, in order of price; empties the list. */
  takeChanges(side: BookSide): readonly Level[];
}

export function createSyntheticBook(firstUpdateId: number): SyntheticBook {
  const sides = {
    bids: { lots: new Map<number, number>(), changed: new Set<number>(), best: 0, away: -1 },
    asks: { lots: new Map<number, number>(), changed: new Set<number>(), best: 0, away: 1 },
  };
  let updateId = firstUpdateId;

  const sorted = (side: BookSide, ticks: Iterable<number>): number[] =>
    [...ticks].sort((a, b) => (a - b) * sides[side].away);

  return {
    get updateId() {
      return updateId;
    },
    best: (side) => sides[side].best,
    lotsAt: (side, ticks) => sides[side].lots.get(ticks) ?? 0,
    set(side, ticks, lots) {
      const state = sides[side];
      const before = state.lots.get(ticks) ?? 0;
      if (lots === before || (lots === 0 && state.lots.size === 1)) return;
      if (lots > 0) state.lots.set(ticks, lots);
      else state.lots.delete(ticks);
      if (before === 0 && (state.lots.size === 1 || (ticks - state.best) * state.away < 0)) state.best = ticks;
      while (!state.lots.has(state.best)) state.best += state.away;
      state.changed.add(ticks);
      updateId++;
    },
    levels(side, limit = Infinity) {
      const { lots } = sides[side];
      return sorted(side, lots.keys())
        .slice(0, limit)
        .map((ticks) => [ticks, lots.get(ticks)!]);
    },
    takeChanges(side) {
      const { lots, changed } = sides[side];
      const levels = sorted(side, changed).map((ticks): Level => [ticks, lots.get(ticks) ?? 0]);
      changed.clear();
      return levels;
    },
  };
}
