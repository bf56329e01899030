import type { TickLevel } from '../market.ts';

/** One side of a book: levels sorted by price in flat arrays, the best one last. */
export interface BookSide {
  /** Number of levels. */
  readonly size: number;
  /** Sets the absolute size of a level; 0 removes it, also where there is none. */
  set(priceTicks: number, sizeLots: number): void;
  /** Forgets every level. */
  clear(): void;
  /** The best level, or `undefined` for an empty side. */
  best(): TickLevel | undefined;
  /** At most `n` levels, best first. */
  top(n: number): TickLevel[];
}

/**
 * A side whose best price is its highest (`bid`) or lowest (`ask`).
 *
 * Most changes of a book touch its first levels. With the best level at the end, an insertion or removal there moves
 * the few levels in front of it and none of the depth behind.
 */
export function createBookSide(side: 'bid' | 'ask'): BookSide {
  // Keys ascend towards the best price: ticks for bids, their negation for asks.
  const sign = side === 'bid' ? 1 : -1;
  let keys = new Float64Array(256);
  let lots = new Float64Array(256);
  let size = 0;

  /** Index of the first key that is not below `key`; the search starts at the best end. */
  const find = (key: number): number => {
    let low = size - 1;
    let step = 1;
    while (low >= 0 && keys[low]! >= key) {
      low -= step;
      step *= 2;
    }
    let high = Math.min(size, low + step);
    low = Math.max(0, low + 1);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  const grow = (): void => {
    const [oldKeys, oldLots] = [keys, lots];
    keys = new Float64Array(size * 2);
    lots = new Float64Array(size * 2);
    keys.set(oldKeys);
    lots.set(oldLots);
  };

  const levelAt = (i: number): TickLevel => ({ priceTicks: 0 + sign * keys[i]!, sizeLots: lots[i]! });

  return {
    get size() {
      return size;
    },
    set(priceTicks, sizeLots) {
      const key = sign * priceTicks;
      const i = find(key);
      if (i < size && keys[i] === key) {
        if (sizeLots !== 0) {
          lots[i] = sizeLots;
          return;
        }
        keys.copyWithin(i, i + 1, size);
        lots.copyWithin(i, i + 1, size);
        size -= 1;
        return;
      }
      if (sizeLots === 0) return;
      if (size === keys.length) grow();
      keys.copyWithin(i + 1, i, size);
      lots.copyWithin(i + 1, i, size);
      keys[i] = key;
      lots[i] = sizeLots;
      size += 1;
    },
    clear() {
      size = 0;
    },
    best: () => (size === 0 ? undefined : levelAt(size - 1)),
    top(n) {
      const levels: TickLevel[] = [];
      for (let i = size - 1; i >= 0 && levels.length < n; i -= 1) levels.push(levelAt(i));
      return levels;
    },
  };
}
