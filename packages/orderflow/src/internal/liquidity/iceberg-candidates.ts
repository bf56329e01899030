import type { SideIndex } from '../mbo/mbo-queues.ts';
import { amount, count, fields, finite, oneOf, orNull, whole } from '../shared/shapes.ts';
import type { Shape } from '../shared/shapes.ts';

/** What speaks for an iceberg at a price. */
export interface IcebergEvidence {
  /** Lots traded against the price. */
  readonly tradedLots: number;
  /** Most lots shown there at once. */
  readonly displayedLots: number;
  /** Refills after which trading went on. */
  readonly refills: number;
  /** Σ of the times from a consumption to its refill, in milliseconds. */
  readonly refillMs: number;
}

/**
 * The probability that an iceberg rests at a price: `excess × repetition × speed`, from 0 to 1.
 *
 * - `excess = max(0, traded − displayed) ÷ traded`: the share of the volume that was never shown at once.
 * - `repetition = 1 − 2^−refills`: each refill halves the doubt.
 * - `speed = 1 − (mean refill time) ÷ (2 × refillWithinMs)`: 1 for refills at once, ½ for the slowest that count.
 *
 * It is our own measure, since no public one exists: it orders candidates, and is no frequency of anything.
 *
 * @example
 * ```ts
 * const evidence = { tradedLots: 40, displayedLots: 10, refills: 3, refillMs: 750 };
 * icebergProbability(evidence, { refillWithinMs: 500 }); // => 0.4921875
 * ```
 */
export function icebergProbability(
  { tradedLots, displayedLots, refills, refillMs }: IcebergEvidence,
  { refillWithinMs }: { readonly refillWithinMs: number },
): number {
  if (refills === 0 || tradedLots <= displayedLots) return 0;
  const excess = (tradedLots - displayedLots) / tradedLots;
  const slowness = refillWithinMs === 0 ? 0 : refillMs / refills / (2 * refillWithinMs);
  return excess * (1 - 2 ** -refills) * (1 - slowness);
}

/** A price that is followed. */
export interface IcebergCandidate extends IcebergEvidence {
  readonly side: SideIndex;
  readonly priceTicks: number;
  readonly firstMs: number;
  /** Last trade. */
  readonly lastMs: number;
}

/** A {@link IcebergCandidate} as plain JSON, with what is not decided yet. */
export type IcebergCandidateJson = IcebergCandidate & {
  /** Time of the last consumption that no refill has followed yet. */
  readonly consumedMs: number | null;
  /** Refills that wait for the next trade, and Σ of their times. */
  readonly unconfirmed: number;
  readonly unconfirmedMs: number;
};

type Mutable = { -readonly [K in keyof IcebergCandidateJson]: IcebergCandidateJson[K] };

/** Prices that are followed, least recently traded first. */
export interface IcebergCandidates {
  /** A trade against a price that shows `shown` lots; `confirmed` when it is the first one after a refill. */
  traded(
    side: SideIndex,
    ticks: number,
    lots: number,
    shown: number,
    nowMs: number,
  ): { readonly candidate: IcebergCandidate; readonly confirmed: boolean };
  /** Shown lots of a price are gone, and a trade explains it. */
  consumed(side: SideIndex, ticks: number, nowMs: number): void;
  /** A price shows more than before. */
  grown(side: SideIndex, ticks: number, before: number, after: number, nowMs: number): void;
  /** Lots traded that the book never showed going. */
  refilledUnseen(side: SideIndex, ticks: number): void;
  /** Forgets prices without a trade for too long. */
  advance(nowMs: number): void;
  all(): readonly IcebergCandidate[];
  clear(): void;
  toJson(): IcebergCandidateJson[];
}

/** No prices, or those of {@link IcebergCandidates.toJson}. */
export function createIcebergCandidates(
  { refillWithinMs, idleMs, most }: { readonly refillWithinMs: number; readonly idleMs: number; readonly most: number },
  from: readonly IcebergCandidateJson[] = [],
): IcebergCandidates {
  // A Map keeps the order of insertion; a trade puts its price last. One key for both sides: the side is in front.
  const byPrice = new Map<string, Mutable>();
  const keyOf = (side: SideIndex, ticks: number): string => `${side}${ticks}`;
  for (const candidate of from) byPrice.set(keyOf(candidate.side, candidate.priceTicks), { ...candidate });

  const fresh = (side: SideIndex, priceTicks: number, nowMs: number): Mutable => ({
    side,
    priceTicks,
    tradedLots: 0,
    displayedLots: 0,
    refills: 0,
    refillMs: 0,
    firstMs: nowMs,
    lastMs: nowMs,
    consumedMs: null,
    unconfirmed: 0,
    unconfirmedMs: 0,
  });

  return {
    traded(side, ticks, lots, shown, nowMs) {
      const key = keyOf(side, ticks);
      const candidate = byPrice.get(key) ?? fresh(side, ticks, nowMs);
      byPrice.delete(key);
      byPrice.set(key, candidate);
      if (byPrice.size > most) byPrice.delete(byPrice.keys().next().value!);
      const confirmed = candidate.unconfirmed > 0;
      candidate.refills += candidate.unconfirmed;
      candidate.refillMs += candidate.unconfirmedMs;
      candidate.unconfirmed = candidate.unconfirmedMs = 0;
      // Beyond the exact integers the share of what was shown is 0 to every digit that a probability has.
      candidate.tradedLots = Math.min(candidate.tradedLots + lots, Number.MAX_SAFE_INTEGER);
      candidate.displayedLots = Math.max(candidate.displayedLots, shown);
      candidate.lastMs = nowMs;
      return { candidate, confirmed };
    },
    consumed(side, ticks, nowMs) {
      const candidate = byPrice.get(keyOf(side, ticks));
      if (candidate) candidate.consumedMs = nowMs;
    },
    grown(side, ticks, before, after, nowMs) {
      const key = keyOf(side, ticks);
      const candidate = byPrice.get(key);
      if (!candidate) return;
      const inTime = candidate.consumedMs !== null && nowMs - candidate.consumedMs <= refillWithinMs;
      if (!inTime && before === 0) {
        // The level was empty for too long: what shows now is another one.
        byPrice.delete(key);
        return;
      }
      candidate.displayedLots = Math.max(candidate.displayedLots, after);
      if (!inTime) return;
      candidate.unconfirmed += 1;
      candidate.unconfirmedMs += nowMs - candidate.consumedMs!;
      candidate.consumedMs = null;
    },
    refilledUnseen(side, ticks) {
      const candidate = byPrice.get(keyOf(side, ticks));
      if (candidate) candidate.unconfirmed += 1;
    },
    advance(nowMs) {
      for (const [key, candidate] of byPrice) {
        if (nowMs - candidate.lastMs <= idleMs) return;
        byPrice.delete(key);
      }
    },
    all: () => [...byPrice.values()],
    clear: () => byPrice.clear(),
    toJson: () => [...byPrice.values()].map((candidate) => ({ ...candidate })),
  };
}

/** A candidate as it is stored. */
export const icebergCandidateShape: Shape = fields({
  side: oneOf(0, 1),
  priceTicks: whole,
  tradedLots: count,
  displayedLots: count,
  refills: count,
  refillMs: amount,
  firstMs: finite,
  lastMs: finite,
  consumedMs: orNull(finite),
  unconfirmed: count,
  unconfirmedMs: amount,
});
