/** Tapes for tests of the kernel, and results compared to the bit. */
import type { TradeColumns } from '@tapekit/orderflow/columns';

/** The name of the first thing that differs in a bit. */
export function difference(a: object, b: object): string | undefined {
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  if (Object.keys(left).sort().join() !== Object.keys(right).sort().join()) return 'names';
  return Object.keys(left).find((name) => {
    const [x, y] = [left[name], right[name]];
    if (!ArrayBuffer.isView(x)) return !Object.is(x, y);
    const [xs, ys] = [x as Float64Array, y as Float64Array];
    return (
      xs.constructor !== ys.constructor || xs.length !== ys.length || xs.some((value, i) => !Object.is(value, ys[i]))
    );
  });
}

/** A walk of one tick at most, sizes with a long tail; the same for the same seed. */
export function seededTape(
  count: number,
  seed: number,
  unknowns = 0,
): TradeColumns & { readonly timeMs: Float64Array } {
  let state = seed;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const timeMs = new Float64Array(count);
  const priceTicks = new Int32Array(count);
  const sizeLots = new Int32Array(count);
  const side = new Int8Array(count);
  let [time, price] = [1_700_000_000_000, 650_000];
  for (let i = 0; i < count; i += 1) {
    time += Math.floor(-43 * Math.log(1 - random()));
    price += Math.floor(random() * 5) - 2;
    timeMs[i] = time;
    priceTicks[i] = price;
    sizeLots[i] = 1 + Math.floor(Math.exp(random() * 8));
    side[i] = random() < unknowns ? 0 : random() < 0.5 ? 1 : -1;
  }
  return { timeMs, priceTicks, sizeLots, side };
}
