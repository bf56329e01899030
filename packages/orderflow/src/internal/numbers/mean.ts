/** The mean in one pass that does not overflow; `undefined` of nothing. */
export function meanOf(values: ArrayLike<number>): number | undefined {
  if (values.length === 0) return undefined;
  let mean = 0;
  for (let i = 0; i < values.length; i += 1) mean += (values[i]! - mean) / (i + 1);
  return mean + 0;
}
