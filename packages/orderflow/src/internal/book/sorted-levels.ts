/** Levels in flat arrays, sorted by ascending key. */
export interface SortedLevels {
  /** Number of levels. */
  readonly size: number;
  /** Sets the size of a level; 0 removes it, also where there is none. */
  set(key: number, lots: number): void;
  keyAt(i: number): number;
  lotsAt(i: number): number;
  /** Index of the first key that is not below `key`. */
  find(key: number): number;
  /** Removes the levels from index `from` up to, not including, `to`. */
  remove(from: number, to: number): void;
  clear(): void;
}

/** No levels. */
export function createSortedLevels(): SortedLevels {
  let keys = new Float64Array(64);
  let lots = new Float64Array(64);
  let size = 0;

  const find = (key: number): number => {
    let low = 0;
    let high = size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const remove = (from: number, to: number): void => {
    keys.copyWithin(from, to, size);
    lots.copyWithin(from, to, size);
    size -= to - from;
  };
  const insert = (i: number, key: number, sizeLots: number): void => {
    if (size === keys.length) {
      const [oldKeys, oldLots] = [keys, lots];
      keys = new Float64Array(size * 2);
      lots = new Float64Array(size * 2);
      keys.set(oldKeys);
      lots.set(oldLots);
    }
    keys.copyWithin(i + 1, i, size);
    lots.copyWithin(i + 1, i, size);
    keys[i] = key;
    lots[i] = sizeLots;
    size += 1;
  };

  return {
    get size() {
      return size;
    },
    set(key, sizeLots) {
      const i = find(key);
      const found = i < size && keys[i] === key;
      if (sizeLots === 0) {
        if (found) remove(i, i + 1);
      } else if (found) lots[i] = sizeLots;
      else insert(i, key, sizeLots);
    },
    keyAt: (i) => keys[i]!,
    lotsAt: (i) => lots[i]!,
    find,
    remove,
    clear() {
      size = 0;
    },
  };
}
