import { addExact, divideExact, exactFromJson, exactToJson, subtractExact } from '../../exact.ts';
import type { ExactInt, ExactIntJson } from '../../exact.ts';
import { createExactSums } from '../numbers/exact-sums.ts';
import type { SideIndex } from '../mbo/mbo-queues.ts';
import { ratioOf } from '../numbers/ratio.ts';
import { exactCount, listOf, where } from '../shared/shapes.ts';
import type { Shape } from '../shared/shapes.ts';

/**
 * What became of the resting lots of one side over an interval. Two sums hold to the lot:
 * `openingLots + enteredLots + addedLots − leftLots − consumedLots − pulledLots − undecidedLots = closingLots`, and
 * `tradedLots = consumedLots + unmatchedLots + waitingLots`, each less what was undecided or waiting when the interval
 * began (nothing, after a `flush`).
 */
export interface LiquiditySide {
  /** Lots in view when the interval began. */
  readonly openingLots: ExactInt;
  /** Lots added at prices in view. */
  readonly addedLots: ExactInt;
  /** Lots that came into view without being added: the first book, one after a gap, levels beyond the edge of the view. */
  readonly enteredLots: ExactInt;
  /** Lots that went out of view: beyond its edge, or with a gap. */
  readonly leftLots: ExactInt;
  /** Lots that traded. */
  readonly consumedLots: ExactInt;
  /** Lots that were taken away or moved to another price. */
  readonly pulledLots: ExactInt;
  /** Lots that left the book and still wait for a trade to explain them. */
  readonly undecidedLots: ExactInt;
  /** Lots in view now. */
  readonly closingLots: ExactInt;
  /** Lots traded against this side. */
  readonly tradedLots: ExactInt;
  /** Traded lots that no displayed size paid for: hidden, iceberg, or refilled between two books. */
  readonly unmatchedLots: ExactInt;
  /** Traded lots that still wait for the book to show them. */
  readonly waitingLots: ExactInt;
  /** `consumedLots ÷ (consumedLots + pulledLots)`; absent when nothing was removed. */
  readonly consumedShare?: number;
}

/** What became of resting liquidity over an interval. */
export interface LiquidityOutcome {
  /** `exact`: fills and cancels of single orders. `proxy`: trades paired with the lots that left a book. */
  readonly quality: 'exact' | 'proxy';
  readonly bid: LiquiditySide;
  readonly ask: LiquiditySide;
  /** Traded lots without an aggressor: of no side. */
  readonly unknownLots: ExactInt;
}

/** The sums as plain JSON: opening and running ones of the bids, of the asks, and the lots of no side. */
export type LiquiditySumsJson = readonly ExactIntJson[];

const FIELDS = ['added', 'entered', 'left', 'consumed', 'pulled', 'removed', 'traded', 'unmatched'] as const;
type Field = (typeof FIELDS)[number];
const indexOf = Object.fromEntries(FIELDS.map((field, i) => [field, i])) as Readonly<Record<Field, number>>;

/** Running sums of both sides. */
export interface LiquiditySums {
  add(field: Field, side: SideIndex, lots: number): void;
  addUnknown(lots: number): void;
  /** All lots of a side go out of view. */
  leaveAll(side: SideIndex): void;
  outcome(): LiquidityOutcome;
  /** Starts the next interval: what is open now becomes the opening. */
  turn(): void;
  toJson(): LiquiditySumsJson;
}

/** Sums that start at zero or where {@link LiquiditySums.toJson} left off. */
export function createLiquiditySums(quality: LiquidityOutcome['quality'], from: LiquiditySumsJson = []): LiquiditySums {
  const size = FIELDS.length;
  const sums = createExactSums(2 * size, from.slice(0, 2 * size));
  let [openingBid, openingAsk, unknown] = [0, 1, 2].map((i) => exactFromJson(from[2 * size + i] ?? 0)) as [
    ExactInt,
    ExactInt,
    ExactInt,
  ];

  const at = (field: Field, side: SideIndex): ExactInt => sums.at(side * size + indexOf[field]);
  const closingOf = (side: SideIndex): ExactInt => {
    const gained = addExact(addExact(side === 0 ? openingBid : openingAsk, at('added', side)), at('entered', side));
    return subtractExact(subtractExact(gained, at('left', side)), at('removed', side));
  };
  /** What is open beyond the exact integers goes in safe steps. */
  const addAny = (i: number, lots: ExactInt): void => {
    let rest = BigInt(lots);
    for (; rest > MAX_SAFE; rest -= MAX_SAFE) sums.add(i, Number.MAX_SAFE_INTEGER);
    sums.add(i, Number(rest));
  };

  const sideOf = (side: SideIndex): LiquiditySide => {
    const [consumedLots, pulledLots] = [at('consumed', side), at('pulled', side)];
    const [tradedLots, unmatchedLots] = [at('traded', side), at('unmatched', side)];
    const share = ratioOf(consumedLots, addExact(consumedLots, pulledLots));
    return {
      openingLots: side === 0 ? openingBid : openingAsk,
      addedLots: at('added', side),
      enteredLots: at('entered', side),
      leftLots: at('left', side),
      consumedLots,
      pulledLots,
      undecidedLots: subtractExact(subtractExact(at('removed', side), consumedLots), pulledLots),
      closingLots: closingOf(side),
      tradedLots,
      unmatchedLots,
      waitingLots: subtractExact(subtractExact(tradedLots, consumedLots), unmatchedLots),
      ...(share === undefined ? {} : { consumedShare: share }),
    };
  };

  return {
    add: (field, side, lots) => sums.add(side * size + indexOf[field], lots),
    addUnknown(lots) {
      unknown = addExact(unknown, lots);
    },
    leaveAll: (side) => addAny(side * size + indexOf.left, closingOf(side)),
    outcome: () => ({ quality, bid: sideOf(0), ask: sideOf(1), unknownLots: unknown }),
    turn() {
      [openingBid, openingAsk, unknown] = [closingOf(0), closingOf(1), 0];
      sums.clear();
    },
    toJson: () => [...sums.toJson(), ...[openingBid, openingAsk, unknown].map(exactToJson)],
  };
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * The share of removed lots that traded, `consumed ÷ (consumed + pulled)`, as a decimal string rounded half to even;
 * `undefined` when nothing was removed.
 *
 * @example
 * ```ts
 * consumedShareExact({ consumedLots: 1, pulledLots: 2 }, 4); // => '0.3333'
 * ```
 */
export function consumedShareExact(
  { consumedLots, pulledLots }: Pick<LiquiditySide, 'consumedLots' | 'pulledLots'>,
  significantDigits?: number,
): string | undefined {
  const removed = addExact(consumedLots, pulledLots);
  return removed === 0 ? undefined : divideExact(consumedLots, removed, significantDigits);
}

/** Sums as they are stored. */
export const liquiditySumsShape: Shape = where(
  listOf(exactCount),
  ({ length }: LiquiditySumsJson) => length === 2 * FIELDS.length + 3,
);
