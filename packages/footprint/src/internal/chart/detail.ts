/** How much of a footprint fits: figures, coloured cells, a profile, or a candle. */

/** From the most to the least. */
export type FootprintDetail = 'numbers' | 'cells' | 'profile' | 'candle';

const order: readonly FootprintDetail[] = ['numbers', 'cells', 'profile', 'candle'];

/** Least sizes in CSS pixels. */
export const leastPx = {
  numbersRow: 10.5,
  cellsBar: 26,
  cellsRow: 3,
  profileBar: 9,
  profileRow: 2,
} as const;

/** What {@link detailFor} decides by, in CSS pixels. */
export interface Room {
  /** From bar to bar. */
  readonly barPx: number;
  /** Height of a row. */
  readonly rowPx: number;
  /** Width of a bar with the longest figures; only asked for when the rest has room. */
  readonly numbersPx: () => number;
  readonly maxDetail: FootprintDetail;
}

/** The most detail that fits and is allowed. */
export function detailFor({ barPx, rowPx, numbersPx, maxDetail }: Room): FootprintDetail {
  const allows = (detail: FootprintDetail): boolean => order.indexOf(detail) >= order.indexOf(maxDetail);
  if (allows('numbers') && barPx >= leastPx.cellsBar && rowPx >= leastPx.numbersRow && barPx >= numbersPx()) {
    return 'numbers';
  }
  if (allows('cells') && barPx >= leastPx.cellsBar && rowPx >= leastPx.cellsRow) return 'cells';
  return allows('profile') && barPx >= leastPx.profileBar && rowPx > 0 ? 'profile' : 'candle';
}

/** How many rows of `rowPx` make one of at least `wantedPx`: 1, 2, 5, 10, 20, 50, … */
export function mergeFactor(rowPx: number, wantedPx: number): number {
  if (!(rowPx > 0)) return 1;
  for (let decade = 1; decade < 1e12; decade *= 10) {
    for (const step of [1, 2, 5]) if (rowPx * step * decade >= wantedPx) return step * decade;
  }
  return 1;
}

/** How a bar's room is split, in CSS pixels. */
export interface BarSplit {
  /** Between a bar and the next. */
  readonly gapPx: number;
  /** For the candle, at the left of the ladder. */
  readonly candlePx: number;
}

/** The split at a detail; without a candle its room is 0. */
export function splitBar(barPx: number, detail: FootprintDetail, candles: boolean): BarSplit {
  const gapPx = Math.min(10, Math.max(2, barPx * 0.09));
  const candlePx = !candles
    ? 0
    : detail === 'profile'
      ? Math.min(6, barPx * 0.25)
      : Math.min(10, Math.max(6, barPx * 0.1));
  return { gapPx, candlePx };
}

/** Share of a ladder's width for volume of unknown aggressor, in bars that have some. */
export const unknownShare = 0.28;
