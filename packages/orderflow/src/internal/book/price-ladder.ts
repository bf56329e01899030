/** Number of rungs; with eight bytes each, 32 KiB a side of a book. */
export const ladderWidth = 1 << 12;

/** A dense window of sizes: one rung a tick, a bit a rung that says whether it is used. */
export interface PriceLadder {
  /** Number of used rungs. */
  readonly size: number;
  /** Sets the size on a rung, 0 to `ladderWidth − 1`; 0 clears it. */
  set(rung: number, lots: number): void;
  lotsAt(rung: number): number;
  /** The highest used rung, or −1. */
  highest(): number;
  /** The highest used rung below `rung`, or −1. */
  below(rung: number): number;
  /**
   * Writes used rungs, the highest first, as `sign × (base + rung)` and their sizes, into rows from `at` up to, not
   * including, `end`; gives the row after the last one written.
   */
  readDown(keys: Float64Array, sizes: Float64Array, at: number, end: number, base: number, sign: number): number;
  clear(): void;
}

/** A ladder without a used rung. */
export function createPriceLadder(): PriceLadder {
  const lots = new Float64Array(ladderWidth);
  const used = new Int32Array(ladderWidth >>> 5);
  let size = 0;
  /** No rung above it is used. */
  let ceiling = -1;

  const atOrBelow = (rung: number): number => {
    if (rung < 0) return -1;
    let i = rung >>> 5;
    let word = used[i]! & (-1 >>> (31 - (rung & 31)));
    while (word === 0) {
      if (i === 0) return -1;
      i -= 1;
      word = used[i]!;
    }
    return (i << 5) + 31 - Math.clz32(word);
  };

  return {
    get size() {
      return size;
    },
    set(rung, sizeLots) {
      const had = lots[rung] !== 0;
      lots[rung] = sizeLots;
      if (sizeLots !== 0) {
        if (had) return;
        size += 1;
        used[rung >>> 5]! |= 1 << (rung & 31);
        if (rung > ceiling) ceiling = rung;
      } else if (had) {
        size -= 1;
        used[rung >>> 5]! &= ~(1 << (rung & 31));
      }
    },
    lotsAt: (rung) => lots[rung]!,
    highest: () => (ceiling = atOrBelow(ceiling)),
    below: (rung) => atOrBelow(rung - 1),
    readDown(keys, sizes, at, end, base, sign) {
      if (size === 0) return at;
      let i = ceiling >>> 5;
      let word = used[i]! & (-1 >>> (31 - (ceiling & 31)));
      let row = at;
      while (row < end) {
        while (word === 0) {
          if (i === 0) return row;
          i -= 1;
          word = used[i]!;
        }
        const bit = 31 - Math.clz32(word);
        word ^= 1 << bit;
        const rung = (i << 5) + bit;
        keys[row] = 0 + sign * (base + rung);
        sizes[row] = lots[rung]!;
        row += 1;
      }
      return row;
    },
    clear() {
      lots.fill(0);
      used.fill(0);
      size = 0;
      ceiling = -1;
    },
  };
}
