import type { Aggressor } from '../../market.ts';
import { decimalFraction, timesMean } from '../numbers/decimal-fraction.ts';
import { createRollingWindow } from '../numbers/rolling-window.ts';
import { amount, fields, finite, flag, listOf, oneOf, orNull, tupleOf } from '../shared/shapes.ts';
import type { Shape } from '../shared/shapes.ts';

/** The state of {@link OrderSizes}. */
export interface OrderSizesJson {
  readonly open: readonly [timeMs: number, side: Aggressor, lots: number, isLarge: boolean] | null;
  readonly sizes: readonly number[];
}

/** Sizes of the orders that took, as far as prints tell: prints of one time and side in a row are one order. */
export interface OrderSizes {
  /** Adds a print; the lots of its order so far when that just became large. */
  push(timeMs: number, side: Aggressor, lots: number): number | undefined;
  toJson(): OrderSizesJson;
}

/** Large is at least `times` the mean size of the last `orders` orders, all of which must have been seen. */
export function createOrderSizes(orders: number, times: number, from?: OrderSizesJson): OrderSizes {
  const window = createRollingWindow(orders, from?.sizes);
  let open = from?.open ?? undefined;
  const factor = decimalFraction(times);
  const enoughLots = (): number | undefined => {
    const sum = window.sum();
    if (window.size < orders) return undefined;
    return sum === undefined ? times * window.moments()!.mean : timesMean(factor, sum, orders);
  };
  let enough = enoughLots();
  return {
    push(timeMs, side, lots) {
      if (open && (open[0] !== timeMs || open[1] !== side)) {
        window.push(open[2]);
        enough = enoughLots();
        open = undefined;
      }
      const total = (open?.[2] ?? 0) + lots;
      const wasLarge = open?.[3] ?? false;
      const isLarge = wasLarge || (enough !== undefined && total > 0 && total >= enough);
      open = [timeMs + 0, side, total + 0, isLarge];
      return isLarge && !wasLarge ? total : undefined;
    },
    toJson: () => ({ open: open ? [...open] : null, sizes: window.values() }),
  };
}

/** Sizes as they are stored. */
export const orderSizesShape: Shape = fields({
  open: orNull(tupleOf(finite, oneOf('buy', 'sell', 'unknown'), amount, flag)),
  sizes: listOf(amount),
});
