import { addExact, subtractExact } from '../../exact.ts';
import type { ExactInt } from '../../exact.ts';
import { ratioOf } from './ratio.ts';

/** The last values of a series with their mean and deviation. The state is the values, so a restore is exact. */
export interface RollingWindow {
  /** Values held now. */
  readonly size: number;
  /** Takes the next value; the oldest one leaves when the window is full. */
  push(value: number): void;
  /** The sum of the values, exact; `undefined` while one of them is no integer. */
  sum(): ExactInt | undefined;
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
  /** Of the integers among the values. What is added leaves as it came, so nothing drifts. */
  let sum: ExactInt = 0;
  let others = 0;
  const push = (value: number): void => {
    if (size === length) {
      const oldest = ring[next]!;
      if (Number.isInteger(oldest)) sum = subtractExact(sum, oldest);
      else others -= 1;
    } else size += 1;
    ring[next] = value;
    next = (next + 1) % length;
    if (Number.isInteger(value)) sum = addExact(sum, value);
    else others += 1;
  };
  const at = (i: number): number => ring[(next - size + i + length) % length]!;
  for (const value of from) push(value);
  /** In order of arrival where it is not exact: the same after a restore to the last bit, and without overflow. */
  const mean = (): number => {
    if (others === 0) return ratioOf(sum, size)!;
    let running = 0;
    for (let i = 0; i < size; i += 1) running += (at(i) - running) / (i + 1);
    return running;
  };
  return {
    get size() {
      return size;
    },
    push,
    sum: () => (others === 0 ? sum : undefined),
    moments() {
      if (size < 2) return undefined;
      const centre = mean();
      let squares = 0;
      for (let i = 0; i < size; i += 1) squares += (at(i) - centre) ** 2;
      return { mean: centre, deviation: Math.sqrt(squares / (size - 1)) };
    },
    values: () => Array.from({ length: size }, (_, i) => at(i)),
  };
}
