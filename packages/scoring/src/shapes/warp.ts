/** Working memory of {@link warp} for a second series of that length. */
export interface WarpRows {
  before: Float64Array;
  row: Float64Array;
}

/** Fresh working memory; it may be used again and again. */
export function warpRows(length: number): WarpRows {
  return { before: new Float64Array(length + 1), row: new Float64Array(length + 1) };
}

/**
 * The path-normalised cost of two finite series; `undefined` above `atMost`.
 *
 * @param reach - How many places the series may be apart; may be infinite.
 * @param still - What the rows after each row will cost at least (by row, one more than `a` has); ends a search early.
 */
export function warp(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  reach: number,
  atMost: number,
  rows: WarpRows,
  still?: Float64Array,
): number | undefined {
  const [n, m] = [a.length, b.length];
  // Rounding of the bound must never refuse what the full sum would take.
  const limit = atMost * (n + m);
  const early = limit * (1 + 1e-12);
  let { before, row } = rows;
  before.fill(Infinity);
  row.fill(Infinity);
  before[0] = 0;
  for (let i = 1; i <= n; i++) {
    const first = Math.max(1, i - reach);
    const last = Math.min(m, i + reach);
    const x = a[i - 1]!;
    let least = Infinity;
    let left = Infinity;
    let corner = before[first - 1]!;
    row[first - 1] = Infinity;
    for (let j = first; j <= last; j++) {
      const difference = Math.abs(x - b[j - 1]!);
      const above = before[j]!;
      const straight = (above < left ? above : left) + difference;
      const diagonal = corner + 2 * difference;
      left = diagonal < straight ? diagonal : straight;
      corner = above;
      row[j] = left;
      if (left < least) least = left;
    }
    if (last < m) row[last + 1] = Infinity;
    if (least + (still ? still[i]! : 0) > early) return undefined;
    const swap = before;
    before = row;
    row = swap;
  }
  const sum = before[m]!;
  return sum > limit ? undefined : sum / (n + m);
}
