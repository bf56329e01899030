/**
 * Pairs trades with the lots that leave a book at their price, in either order of arrival: books and trades are two
 * feeds, and neither waits for the other.
 */
import type { SideIndex } from '../mbo/mbo-queues.ts';
import { count, finite, listOf, oneOf, tupleOf, where, whole } from '../shared/shapes.ts';
import type { Shape } from '../shared/shapes.ts';

/** What the matcher finds out. `side` is the side that rested. */
export interface MatchEvents {
  /** Lots that left the book and that a trade explains. */
  consumed(side: SideIndex, priceTicks: number, lots: number, timeMs: number): void;
  /** Lots that left the book and that no trade explained in time. */
  pulled(side: SideIndex, priceTicks: number, lots: number): void;
  /** Traded lots that no change of the book showed in time. */
  unmatched(side: SideIndex, priceTicks: number, lots: number): void;
}

/** A trade (`1`) or a removal (`-1`) that waits for its counterpart. */
type Waiting = [kind: 1 | -1, side: SideIndex, priceTicks: number, lots: number, timeMs: number];

/** Everything that waits, oldest first, as plain JSON. */
export type TradeMatcherJson = readonly Readonly<Waiting>[];

/** A running matcher. Times never go back: pass the latest one seen. */
export interface TradeMatcher {
  /** Takes lots that traded against a resting side. */
  trade(side: SideIndex, priceTicks: number, lots: number, nowMs: number): void;
  /** Takes lots that left the book. */
  removal(side: SideIndex, priceTicks: number, lots: number, nowMs: number): void;
  /** Gives up on what waits for longer than the window. */
  advance(nowMs: number): void;
  /** Gives up on all that waits. */
  settle(): void;
  /** Lots that left the book at a price and wait for a trade. */
  waitingRemovals(side: SideIndex, priceTicks: number): number;
  /** Entries given up on early, because more than `maxWaiting` waited. */
  readonly overflowed: number;
  toJson(): TradeMatcherJson;
}

/** Options of {@link createTradeMatcher}. */
export interface TradeMatcherOptions {
  /** How long a trade and its removal may be apart, in milliseconds. */
  readonly withinMs: number;
  /** Most entries that wait. */
  readonly maxWaiting: number;
  readonly from?: TradeMatcherJson;
  readonly overflowed?: number;
}

/** A matcher with nothing waiting, or with what {@link TradeMatcher.toJson} gave. */
export function createTradeMatcher(options: TradeMatcherOptions, on: MatchEvents): TradeMatcher {
  const { withinMs, maxWaiting } = options;
  let overflowed = options.overflowed ?? 0;
  /** In order of arrival; entries before `head` and those without lots are done with. */
  let queue: Waiting[] = [];
  let head = 0;
  let live = 0;
  // At one price and side only one kind waits: the other kind would have met it.
  const byPrice = [new Map<number, Waiting[]>(), new Map<number, Waiting[]>()] as const;

  const enqueue = (entry: Waiting): void => {
    const [, side, ticks] = entry;
    const list = byPrice[side].get(ticks);
    if (list) list.push(entry);
    else byPrice[side].set(ticks, [entry]);
    queue.push(entry);
    live += 1;
  };

  const leave = (entry: Waiting): void => {
    const [, side, ticks] = entry;
    const list = byPrice[side].get(ticks)!;
    // An entry leaves as the oldest of its price, always.
    list.shift();
    if (list.length === 0) byPrice[side].delete(ticks);
    entry[3] = 0;
    live -= 1;
  };

  const giveUp = (entry: Waiting): void => {
    const [kind, side, ticks, lots] = entry;
    if (lots === 0) return;
    leave(entry);
    if (kind === 1) on.unmatched(side, ticks, lots);
    else on.pulled(side, ticks, lots);
  };

  const giveUpWhile = (isDone: (entry: Waiting) => boolean): void => {
    while (head < queue.length && isDone(queue[head]!)) {
      giveUp(queue[head]!);
      head += 1;
    }
    if (head > 64 && head * 2 > queue.length) {
      queue = queue.slice(head);
      head = 0;
    }
  };

  const take = (kind: 1 | -1, side: SideIndex, ticks: number, lots: number, nowMs: number): void => {
    let rest = lots;
    for (let list = byPrice[side].get(ticks); rest > 0 && list?.[0] && list[0][0] !== kind;) {
      const other = list[0];
      const matched = Math.min(rest, other[3]);
      rest -= matched;
      if (matched === other[3]) leave(other);
      else other[3] -= matched;
      on.consumed(side, ticks, matched, nowMs);
    }
    if (rest === 0) return;
    enqueue([kind, side, ticks, rest, nowMs]);
    if (live <= maxWaiting) return;
    overflowed += 1;
    const before = live;
    giveUpWhile(() => live === before);
  };

  for (const entry of options.from ?? []) enqueue([...entry] as Waiting);

  return {
    trade: (side, ticks, lots, nowMs) => take(1, side, ticks, lots, nowMs),
    removal: (side, ticks, lots, nowMs) => take(-1, side, ticks, lots, nowMs),
    advance: (nowMs) => giveUpWhile((entry) => entry[3] === 0 || nowMs - entry[4] > withinMs),
    settle: () => giveUpWhile(() => true),
    waitingRemovals(side, ticks) {
      let lots = 0;
      for (const entry of byPrice[side].get(ticks) ?? []) if (entry[0] === -1) lots += entry[3];
      return lots;
    },
    get overflowed() {
      return overflowed;
    },
    toJson: () =>
      queue
        .slice(head)
        .filter((entry) => entry[3] > 0)
        .map((entry): Waiting => [...entry]),
  };
}

/** What waits, as it is stored: oldest first, nothing of no size. */
export const tradeMatcherShape: Shape = listOf(
  tupleOf(
    oneOf(1, -1),
    oneOf(0, 1),
    whole,
    where(count, (lots: number) => lots > 0),
    finite,
  ),
);
