/** Bars that end after a fixed number of prints, lots, or units of value, or at a fixed delta. */
import {
  addExact,
  compareExact,
  exactFromJson,
  exactToJson,
  subtractExact,
  type ExactInt,
  type ExactIntJson,
} from '@tapekit/orderflow/exact';
import { createGrid, type Grid } from '@tapekit/orderflow/grid';
import type { DecimalInput } from '@tapekit/orderflow/market';
import { FootprintError } from '../../errors.ts';
import { checkWhole } from '../option-checks.ts';
import type { BarClock } from './clock.ts';
import { fill, magnitude } from './fill.ts';

/**
 * Bars of `trades` prints each.
 * @throws FootprintError `bad-option` when that is no whole number above 0.
 */
export function tickClock(trades: number): BarClock<null> {
  checkWhole('trades', trades);
  return {
    kind: 'tick',
    options: { trades },
    start: null,
    step: (state, _print, { open }) => ({ state, plan: (open?.trades ?? 0) + 1 >= trades ? 'close' : 'keep' }),
  };
}

/**
 * Bars of `lots` lots each, exactly: the print that fills a bar is split, and one that fills several gives several. Its parts
 * keep price, side and time.
 * @throws FootprintError `bad-option` when that is no whole number above 0.
 */
export function volumeClock(lots: number): BarClock<null> {
  checkWhole('lots', lots);
  return {
    kind: 'volume',
    options: { lots },
    start: null,
    step: (state, { sizeLots }, { open }) => ({
      state,
      plan: fill(sizeLots, 1, subtractExact(lots, open?.volumeLots ?? 0), lots).plan,
    }),
  };
}

/**
 * Bars of a traded value of `valueTickLots`, in ticks × lots ({@link tickLotsOf} makes it of a decimal). The print that fills
 * a bar is split at the lot that reaches the value; so a bar has at least this value, and less than one lot's value more,
 * which the next bar does not get. Value is |price| × size: prints at 0 fill no bar, prints below 0 do.
 * @throws FootprintError `bad-option` when that is no whole number above 0.
 */
export function valueClock(valueTickLots: ExactInt): BarClock<ExactIntJson> {
  checkAmount('valueTickLots', valueTickLots);
  const each = addExact(valueTickLots, 0);
  return {
    kind: 'value',
    options: { valueTickLots: exactToJson(each) },
    start: 0,
    isState: (state) => compareExact(exactFromJson(state as ExactIntJson), 0) >= 0,
    step(state, { priceTicks, sizeLots }, { open }) {
      // A flush leaves no bar to go on with.
      const held = open === undefined ? 0 : exactFromJson(state);
      const { plan, leftLots, closed } = fill(sizeLots, Math.abs(priceTicks), subtractExact(each, held), each);
      return { state: exactToJson(addExact(closed ? 0 : held, magnitude(priceTicks, leftLots))), plan };
    },
  };
}

/**
 * Bars that end with the print that takes |buy − sell| to `lots` or beyond. Prints stay whole; `fixedImbalanceClock` splits
 * them.
 * @throws FootprintError `bad-option` when that is no whole number above 0.
 */
export function deltaClock(lots: number): BarClock<null> {
  checkWhole('lots', lots);
  return {
    kind: 'delta',
    options: { lots },
    start: null,
    step(state, { side, sizeLots }, { open }) {
      const signed = side === 'buy' ? sizeLots : side === 'sell' ? -sizeLots : 0;
      const delta = addExact(open?.deltaLots ?? 0, signed);
      return { state, plan: delta >= lots || delta <= -lots ? 'close' : 'keep' };
    },
  };
}

/**
 * A decimal value in the quote currency as ticks × lots of a grid, for {@link valueClock}.
 *
 * @example
 * ```ts
 * tickLotsOf('1000', createGrid({ tickSize: '0.5', lotSize: '0.1' })); // => 20000
 * ```
 * @throws OrderflowError `bad-decimal`, `off-grid` or `out-of-range`.
 */
export function tickLotsOf(value: DecimalInput, grid: Grid): number {
  return createGrid({ tickSize: grid.formatValue(1), lotSize: 1 }).toTicks(value);
}

/** @throws FootprintError `bad-option`. */
export function checkAmount(name: string, amount: ExactInt): void {
  const isWhole = typeof amount === 'bigint' || Number.isSafeInteger(amount);
  if (isWhole && compareExact(amount, 0) > 0) return;
  throw new FootprintError('bad-option', `${name} "${amount}" is not a whole number of at least 1.`, amount);
}
