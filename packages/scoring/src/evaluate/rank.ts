/** Ranks with ties in the middle, and the rank correlation of Spearman (1904) that they make. */

/** Ranks from 1; equal values share the mean of their ranks. Writes to `out` and gives it. */
export function midranks(values: Float64Array, order: Int32Array, out: Float64Array): Float64Array {
  const n = values.length;
  for (let i = 0; i < n; i++) order[i] = i;
  order.subarray(0, n).sort((a, b) => values[a]! - values[b]!);
  for (let from = 0; from < n;) {
    let to = from + 1;
    while (to < n && values[order[to]!] === values[order[from]!]) to++;
    for (let i = from; i < to; i++) out[order[i]!] = (from + 1 + to) / 2;
    from = to;
  }
  return out;
}

/** {@link midranks} in fresh memory. */
export function ranksOf(values: Float64Array): Float64Array {
  return midranks(values, new Int32Array(values.length), new Float64Array(values.length));
}

/** Correlation of two columns of ranks; `undefined` when one of them is all ties. */
export function rankCorrelation(a: Float64Array, b: Float64Array): number | undefined {
  const middle = (a.length + 1) / 2;
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i]! - middle;
    const y = b[i]! - middle;
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : undefined;
}
