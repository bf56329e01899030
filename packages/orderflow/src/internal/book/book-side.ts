import type { TickLevel } from '../../market.ts';
import { createPriceLadder, ladderWidth } from './price-ladder.ts';
import { createSortedLevels } from './sorted-levels.ts';

/** One side of a book. */
export interface BookSide {
  /** Number of levels. */
  readonly size: number;
  /** Sets the absolute size of a level; 0 removes it, also where there is none. */
  set(priceTicks: number, sizeLots: number): void;
  /** Forgets the levels behind the best `most`. */
  keep(most: number): void;
  /** Forgets every level. */
  clear(): void;
  /** The best level, or `undefined` for an empty side. */
  best(): TickLevel | undefined;
  /** At most `n` levels, best first. */
  top(n: number): TickLevel[];
  /** Writes as many levels as fit, best first, and gives their number. */
  readTop(ticks: Float64Array, lots: Float64Array): number;
}

/**
 * A side whose best price is its highest (`bid`) or lowest (`ask`).
 *
 * Nine changes in ten are within a few thousand ticks of the best price. Those live on a dense ladder, where a change is
 * one store; the others in a sorted list. When many changes miss the ladder, it moves to where the best price is now.
 */
export function createBookSide(side: 'bid' | 'ask'): BookSide {
  // Keys ascend towards the best price: ticks for bids, their negation for asks.
  const sign = side === 'bid' ? 1 : -1;
  const ladder = createPriceLadder();
  const others = createSortedLevels();
  /** Key of the lowest rung; NaN until the first level. */
  let base = NaN;
  let misses = 0;

  const bestKey = (): number => {
    const last = others.size > 0 ? others.keyAt(others.size - 1) : -Infinity;
    return ladder.size === 0 || last > base ? last : base + ladder.highest();
  };

  const moveLadder = (best: number): void => {
    for (let rung = ladder.highest(); rung >= 0; rung = ladder.below(rung)) {
      others.set(base + rung, ladder.lotsAt(rung));
    }
    ladder.clear();
    // Levels come behind the best price; a quarter of the ladder is for the price to improve. Every key stays safe.
    const lowest = best - ladderWidth * 0.75;
    base = Math.min(Math.max(lowest, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER - ladderWidth);
    const [from, to] = [others.find(base), others.find(base + ladderWidth)];
    for (let i = from; i < to; i += 1) ladder.set(others.keyAt(i) - base, others.lotsAt(i));
    others.remove(from, to);
  };

  const countMiss = (): void => {
    misses += 1;
    if (misses < ladderWidth / 4 && !Number.isNaN(base)) return;
    misses = 0;
    const best = bestKey();
    const rung = best - base;
    const wellPlaced = rung >= ladderWidth / 2 && rung < ladderWidth;
    if (best !== -Infinity && !wellPlaced) moveLadder(best);
  };

  const priceOf = (key: number): number => 0 + sign * key;

  const readTop = (ticks: Float64Array, lots: Float64Array): number => {
    const n = Math.min(ticks.length, others.size + ladder.size);
    let count = 0;
    let i = others.size - 1;
    // Others above the ladder, the ladder, others below it. A NaN base puts all others above an empty ladder.
    for (; count < n && i >= 0 && !(others.keyAt(i) < base); i -= 1, count += 1) {
      ticks[count] = priceOf(others.keyAt(i));
      lots[count] = others.lotsAt(i);
    }
    count = ladder.readDown(ticks, lots, count, n, base, sign);
    for (; count < n; i -= 1, count += 1) {
      ticks[count] = priceOf(others.keyAt(i));
      lots[count] = others.lotsAt(i);
    }
    return n;
  };

  const drop = (key: number): void => {
    const rung = key - base;
    if (rung >= 0 && rung < ladderWidth) ladder.set(rung, 0);
    else others.set(key, 0);
  };

  return {
    get size() {
      return ladder.size + others.size;
    },
    set(priceTicks, sizeLots) {
      const key = sign * priceTicks;
      const rung = key - base;
      if (rung >= 0 && rung < ladderWidth) {
        ladder.set(rung, sizeLots);
        return;
      }
      others.set(key, sizeLots);
      countMiss();
    },
    keep(most) {
      let excess = ladder.size + others.size - most;
      if (excess <= 0) return;
      // The worst levels are the first of the others, unless the ladder has come to lie behind them all.
      const below = Number.isNaN(base) ? others.size : others.find(base);
      others.remove(0, Math.min(excess, below));
      excess -= below;
      if (excess <= 0) return;
      const size = ladder.size + others.size;
      const [ticks, lots] = [new Float64Array(size), new Float64Array(size)];
      readTop(ticks, lots);
      for (let i = most; i < size; i += 1) drop(sign * ticks[i]!);
    },
    clear() {
      ladder.clear();
      others.clear();
      base = NaN;
      misses = 0;
    },
    best() {
      const key = bestKey();
      if (key === -Infinity) return undefined;
      const rung = key - base;
      const sizeLots = rung >= 0 && rung < ladderWidth ? ladder.lotsAt(rung) : others.lotsAt(others.size - 1);
      return { priceTicks: priceOf(key), sizeLots };
    },
    top(n) {
      const size = Math.min(n, ladder.size + others.size);
      const [ticks, lots] = [new Float64Array(size), new Float64Array(size)];
      readTop(ticks, lots);
      return Array.from(ticks, (priceTicks, i) => ({ priceTicks, sizeLots: lots[i]! }));
    },
    readTop,
  };
}
