/**
 * How a venue numbers its book events, as data: what makes a delta stale, which one may follow a snapshot, and how
 * deltas chain. {@link bookRules} has the venues; a rule of your own is a plain object.
 */
export interface BookRule {
  /** Name of the rule; a stored book is restored under the rule of the same name only. */
  readonly name: string;
  /**
   * Where snapshots come from. `fetched`: from a request beside the stream, so one may be no newer than the deltas
   * that were already applied, and is then ignored. `in-stream`: the venue sends it in order, and it always replaces the
   * book and all that came before.
   */
  readonly snapshots: 'fetched' | 'in-stream';
  /** A delta is stale when its last id is below the id of the book plus this. */
  readonly staleBelow: 0 | 1;
  /**
   * The first delta after a snapshot must span the id of the snapshot plus this number, or chain like every other;
   * with `chain` it must chain.
   */
  readonly first: 0 | 1 | 'chain';
  /**
   * Every further delta. `next-id`: its first id is the last id of the book plus 1. `previous-id`: the previous id that
   * it names is the last id of the book. `none`: the venue numbers nothing, every delta is taken.
   */
  readonly chain: 'next-id' | 'previous-id' | 'none';
}

/** The sequence rules of the venues. */
export const bookRules = {
  /**
   * Binance spot diff depth: drop `u ≤ L`; the first event has `U ≤ L + 1 ≤ u`; then `U` is the last `u` plus 1
   * (Binance Spot API, "How to manage a local order book correctly").
   */
  binanceSpot: { name: 'binance-spot', snapshots: 'fetched', staleBelow: 1, first: 1, chain: 'next-id' },
  /**
   * Binance USD-M and COIN-M diff depth: drop `u < L`; the first event has `U ≤ L ≤ u`; then `pu` is the last `u`
   * (Binance Futures API, "How to manage a local order book correctly").
   */
  binanceFutures: { name: 'binance-futures', snapshots: 'fetched', staleBelow: 0, first: 0, chain: 'previous-id' },
} as const satisfies Record<string, BookRule>;

/** What a rule says of a delta. A broken chain names the id that was due and the one that came. */
export type BookVerdict = 'apply' | 'stale' | { readonly expected: number; readonly received: number };

/** The ids of a delta that rules look at. */
export interface DeltaIds {
  readonly firstUpdateId: number;
  readonly lastUpdateId: number;
  readonly previousUpdateId?: number;
}

/** Judges a delta against a book that includes `lastUpdateId`; `isFirst` when no delta followed the snapshot yet. */
export function judgeDelta(rule: BookRule, lastUpdateId: number, isFirst: boolean, delta: DeltaIds): BookVerdict {
  if (rule.chain === 'none') return 'apply';
  const [expected, received] =
    rule.chain === 'next-id'
      ? [lastUpdateId + 1, delta.firstUpdateId]
      : [lastUpdateId, delta.previousUpdateId ?? delta.firstUpdateId];
  // Before the test for staleness: on OKX ids may fall after a maintenance while the chain holds.
  if (received === expected) return 'apply';
  // After the first delta the last id is known to be included, so a repeat is stale under every rule.
  if (delta.lastUpdateId < lastUpdateId + (isFirst ? rule.staleBelow : 1)) return 'stale';
  if (!isFirst || rule.first === 'chain') return { expected, received };
  const due = lastUpdateId + rule.first;
  const spans = delta.firstUpdateId <= due && due <= delta.lastUpdateId;
  return spans ? 'apply' : { expected: due, received: delta.firstUpdateId };
}
