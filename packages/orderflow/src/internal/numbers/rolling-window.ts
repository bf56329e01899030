/** The last values of a series with their mean and deviation. The state is the values, so a restore is exact. */
export interface RollingWindow {
  /** Values held now. */
  readonly size: number;
  /** Takes the next value; the oldest one leaves when the window is full. */
  push(value: number): void;
  /** Mean and sample standard deviation (n − 1) of the values; `undefined` with fewer than two. */
  moments(): { readonly mean: number; readonly deviation: number } | undefined;
  /** The values, oldest first. */
  values(): number[];
}

/** A window over the last `length` values; `from` is what {@link RollingWindow.values} gave. */
export function createRollingWindow(length: number, from: readonly number[] = []): RollingWindow {
  const ring = new Float64Array(length);
  let size = 0;
  let next = 0;
  const push = (value: number): void => {
    ring[next] = value;
    next = (next + 1) % length;
    if (size < length) size += 1;
  };
  const at = (i: number): number => ring[(next - size + i + length) % length]!;
  for (const value of from) push(value);
  return {
    get size() {
      return size;
    },
    push,
    moments() {
      if (size < 2) return undefined;
      // Two passes in order of arrival: stable, and the same after a restore to the last bit.
      let mean = 0;
      for (let i = 0; i < size; i += 1) mean += (at(i) - mean) / (i + 1);
      let squares = 0;
      for (let i = 0; i < size; i += 1) squares += (at(i) - mean) ** 2;
      return { mean, deviation: Math.sqrt(squares / (size - 1)) };
    },
    values: () => Array.from({ length: size }, (_, i) => at(i)),
  };
}
