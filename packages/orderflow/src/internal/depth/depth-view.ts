/**
 * The visible part of a book from one update to the next: what changed at which price, and what came into view or left
 * it because a book cut to its first levels moved.
 */
import type { BookDepth } from '../../depth.ts';
import { OrderflowError } from '../../errors.ts';
import type { TickLevel } from '../../market.ts';
import { requireLevel } from '../shared/checks.ts';
import { excerpt } from '../shared/excerpt.ts';
import type { SideIndex } from '../mbo/mbo-queues.ts';
import { count, fields, flag, listOf, orNull, tupleOf, whole } from '../shared/shapes.ts';
import type { Shape } from '../shared/shapes.ts';

/** What {@link DepthView.update} tells about a side. */
export interface DepthChanges {
  /** A level in view before and after, one of them possibly 0. */
  changed(side: SideIndex, priceTicks: number, before: number, after: number): void;
  /** Lots that were below the first levels and are seen now, or are seen for the first time. */
  entered(side: SideIndex, lots: number): void;
  /** Lots that are below the first levels now. */
  left(side: SideIndex, lots: number): void;
}

/** One side as it was seen last. */
export interface DepthSideJson {
  /** True when there is nothing beyond the levels. */
  readonly complete: boolean;
  /** `[priceTicks, sizeLots]`, best first. */
  readonly levels: readonly (readonly [priceTicks: number, sizeLots: number])[];
}

/** Both sides, or `null` while no book was seen. */
export type DepthViewJson = readonly [bids: DepthSideJson, asks: DepthSideJson] | null;

/** A running view. */
export interface DepthView {
  /**
   * Takes the next book; `accepted` is called when it is found to be one, before the first change is told.
   * @throws {@link OrderflowError} `bad-quote` for levels that no grid gives or that are not best first; the view is as
   *   before.
   */
  update(bids: readonly TickLevel[], asks: readonly TickLevel[], complete: boolean, accepted: () => void): void;
  /** {@link update} from a buffer; a side with room left is complete. */
  updateDepth(depth: BookDepth, accepted: () => void): void;
  /** Forgets the book: all lots leave the view. */
  forget(): void;
  /** Lots seen at a price, 0 where none are. */
  lotsAt(side: SideIndex, priceTicks: number): number;
  toJson(): DepthViewJson;
}

interface Side {
  complete: boolean;
  count: number;
  /** Prices by rank, as keys that descend from the best on: ticks of bids, negated ticks of asks. */
  keys: Float64Array;
  lots: Float64Array;
}

const emptySide = (): Side => ({ complete: true, count: 0, keys: new Float64Array(32), lots: new Float64Array(32) });
const ticksOf = (side: SideIndex, key: number): number => (side === 0 ? key : 0 - key);

/** A view that has seen nothing, or what {@link DepthView.toJson} gave. */
export function createDepthView(on: DepthChanges, from: DepthViewJson = null): DepthView {
  let seen = from !== null;
  const now: [Side, Side] = [emptySide(), emptySide()];
  const next: [Side, Side] = [emptySide(), emptySide()];

  const read = (
    side: SideIndex,
    count: number,
    complete: boolean,
    ticksAt: (i: number) => number,
    lotsAt: (i: number) => number,
  ): void => {
    const into = next[side];
    if (into.keys.length < count) [into.keys, into.lots] = [new Float64Array(count * 2), new Float64Array(count * 2)];
    into.complete = complete || count === 0;
    into.count = count;
    for (let i = 0; i < count; i += 1) {
      const [ticks, lots] = [ticksAt(i), lotsAt(i)];
      requireLevel(ticks, lots);
      const key = ticksOf(side, ticks) + 0;
      if (i > 0 && key >= into.keys[i - 1]!) throw notBestFirst(side, ticks);
      into.keys[i] = key;
      into.lots[i] = lots + 0;
    }
  };

  const compare = (side: SideIndex, before: Side, after: Side): void => {
    // What both books would show if it were there: nothing is known below the worse of two cut ends.
    const floorOf = ({ complete, keys, count }: Side): number => (complete ? -Infinity : keys[count - 1]!);
    const floor = Math.max(floorOf(before), floorOf(after));
    let [i, j] = [0, 0];
    while (i < before.count || j < after.count) {
      const was = i < before.count ? before.keys[i]! : -Infinity;
      const is = j < after.count ? after.keys[j]! : -Infinity;
      const key = Math.max(was, is);
      const lotsBefore = was === key ? before.lots[i++]! : 0;
      const lotsAfter = is === key ? after.lots[j++]! : 0;
      if (key < floor) {
        if (lotsBefore > 0) on.left(side, lotsBefore);
        if (lotsAfter > 0) on.entered(side, lotsAfter);
      } else if (lotsBefore !== lotsAfter) on.changed(side, ticksOf(side, key), lotsBefore, lotsAfter);
    }
  };

  /** All lots of a side come into view, or leave it. */
  const whole = (side: SideIndex, what: 'entered' | 'left'): void => {
    for (let i = 0; i < now[side].count; i += 1) if (now[side].lots[i]! > 0) on[what](side, now[side].lots[i]!);
  };

  const turn = (): void => {
    for (const side of [0, 1] as const) {
      const before = now[side];
      now[side] = next[side];
      next[side] = before;
    }
    // Both sides are in place before the first change is told, so that listeners see the new book.
    for (const side of [0, 1] as const) {
      if (seen) compare(side, next[side], now[side]);
      else whole(side, 'entered');
    }
    seen = true;
  };

  if (from) {
    for (const side of [0, 1] as const) {
      const { levels, complete } = from[side];
      const [ticksAt, lotsAt] = [(i: number) => levels[i]![0], (i: number) => levels[i]![1]];
      read(side, levels.length, complete, ticksAt, lotsAt);
    }
    [now[0], now[1], next[0], next[1]] = [next[0], next[1], now[0], now[1]];
  }

  return {
    update(bids, asks, complete, accepted) {
      const readLevels = (side: SideIndex, levels: readonly TickLevel[]): void => {
        const [ticksAt, lotsAt] = [(i: number) => levels[i]!.priceTicks, (i: number) => levels[i]!.sizeLots];
        read(side, levels.length, complete, ticksAt, lotsAt);
      };
      readLevels(0, bids);
      readLevels(1, asks);
      accepted();
      turn();
    },
    updateDepth({ capacity, bidLevels, askLevels, bidTicks, bidLots, askTicks, askLots }, accepted) {
      const at = (column: Float64Array) => (i: number) => column[i]!;
      read(0, bidLevels, bidLevels < capacity, at(bidTicks), at(bidLots));
      read(1, askLevels, askLevels < capacity, at(askTicks), at(askLots));
      accepted();
      turn();
    },
    forget() {
      whole(0, 'left');
      whole(1, 'left');
      now[0].count = now[1].count = 0;
      seen = false;
    },
    lotsAt(side, priceTicks) {
      const { keys, lots, count } = now[side];
      const key = ticksOf(side, priceTicks) + 0;
      let [low, high] = [0, count];
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (keys[middle]! > key) low = middle + 1;
        else high = middle;
      }
      return low < count && keys[low] === key ? lots[low]! : 0;
    },
    toJson() {
      if (!seen) return null;
      const json = (side: SideIndex): DepthSideJson => ({
        complete: now[side].complete,
        levels: Array.from({ length: now[side].count }, (_, i) => [
          ticksOf(side, now[side].keys[i]!),
          now[side].lots[i]!,
        ]),
      });
      return [json(0), json(1)];
    },
  };
}

function notBestFirst(side: SideIndex, ticks: number): OrderflowError {
  return new OrderflowError(
    'bad-quote',
    `${side === 0 ? 'bid' : 'ask'} ${excerpt(ticks)} does not come after a better price. Pass levels best first, each price once.`,
    ticks,
  );
}

const sideShape = fields({ complete: flag, levels: listOf(tupleOf(whole, count)) });

/** What was seen of a book, as it is stored. */
export const depthViewShape: Shape = orNull(tupleOf(sideShape, sideShape));
