import { OrderflowError } from '../../errors.ts';
import { addExact, divideExact, multiplyExact, subtractExact } from '../../exact.ts';
import type { ExactInt } from '../../exact.ts';
import { excerpt } from '../shared/excerpt.ts';
import { absExact, ratioOf } from '../numbers/ratio.ts';

/** Flow and prices of one window (a bar, a day), for {@link absorptionSeed}. */
export interface AbsorptionWindow {
  /** First and last price, in ticks. */
  readonly openTicks: number;
  readonly closeTicks: number;
  readonly buyLots: ExactInt;
  readonly sellLots: ExactInt;
  /** Volume whose aggressor is unknown; part of the volume, no part of the delta. Default 0. */
  readonly unknownLots?: ExactInt;
}

/** Volume and range of one window, for {@link absorptionLotsPerTick}. */
export interface AbsorptionRange {
  /** All volume, in lots. */
  readonly lots: ExactInt;
  readonly highTicks: number;
  readonly lowTicks: number;
}

/**
 * Absorption of a window as `|delta %| ÷ (1 + |price %|)`, 0 to 100: high when the flow was one-sided and the price
 * stayed. `delta % = 100 × (buy − sell) ÷ volume`, `price % = 100 × (close − open) ÷ open`.
 *
 * `undefined` without volume and for an opening price that is not above zero: there is no percentage of it.
 *
 * @example
 * ```ts
 * // 90 bought, 10 sold, price up 1 %: 80 ÷ (1 + 1)
 * absorptionSeed({ openTicks: 1000, closeTicks: 1010, buyLots: 90, sellLots: 10 }); // => 40
 * absorptionSeed({ openTicks: 1000, closeTicks: 1000, buyLots: 90, sellLots: 10 }); // => 80
 * ```
 * @throws {@link OrderflowError} `bad-value` when a price is no whole number of ticks or a volume is negative.
 */
export function absorptionSeed(window: AbsorptionWindow): number | undefined {
  const fraction = seedFraction(window);
  return fraction && ratioOf(...fraction);
}

/** {@link absorptionSeed} as a decimal string of 16 significant digits, rounded half to even. */
export function absorptionSeedExact(window: AbsorptionWindow): string | undefined {
  const fraction = seedFraction(window);
  return fraction && divideExact(...fraction);
}

/**
 * Absorption of a window as volume by range, `lots ÷ (high − low)` in lots per tick: how much it took to move the price
 * by one tick. A window without a range gives all its volume, as if the range were one tick.
 *
 * @example
 * ```ts
 * absorptionLotsPerTick({ lots: 1200, highTicks: 105, lowTicks: 101 }); // => 300
 * absorptionLotsPerTick({ lots: 1200, highTicks: 101, lowTicks: 101 }); // => 1200
 * ```
 * @throws {@link OrderflowError} `bad-value` when a price is no whole number of ticks, the low is above the high, or the
 *   volume is negative.
 */
export function absorptionLotsPerTick(range: AbsorptionRange): number {
  return ratioOf(...rangeFraction(range))!;
}

/** {@link absorptionLotsPerTick} as a decimal string of 16 significant digits, rounded half to even. */
export function absorptionLotsPerTickExact(range: AbsorptionRange): string {
  return divideExact(...rangeFraction(range));
}

/** 100·|Δ|·open over volume·(open + 100·|close − open|), which is the seed with its fractions cleared. */
function seedFraction(window: AbsorptionWindow): [ExactInt, ExactInt] | undefined {
  const { openTicks, closeTicks, buyLots, sellLots, unknownLots = 0 } = window;
  requireTicks('openTicks', openTicks);
  requireTicks('closeTicks', closeTicks);
  requireLots('buyLots', buyLots);
  requireLots('sellLots', sellLots);
  requireLots('unknownLots', unknownLots);
  const volume = addExact(addExact(buyLots, sellLots), unknownLots);
  if (volume === 0 || openTicks <= 0) return undefined;
  const delta = absExact(subtractExact(buyLots, sellLots));
  const move = absExact(subtractExact(closeTicks, openTicks));
  return [
    multiplyExact(multiplyExact(100, delta), openTicks),
    multiplyExact(volume, addExact(openTicks, multiplyExact(100, move))),
  ];
}

function rangeFraction({ lots, highTicks, lowTicks }: AbsorptionRange): [ExactInt, ExactInt] {
  requireLots('lots', lots);
  requireTicks('highTicks', highTicks);
  requireTicks('lowTicks', lowTicks);
  const range = subtractExact(highTicks, lowTicks);
  if (range < 0) throw badValue('lowTicks', lowTicks, `at most highTicks ${highTicks}`);
  return [lots, range === 0 ? 1 : range];
}

function requireTicks(name: string, value: number): void {
  if (!Number.isSafeInteger(value)) throw badValue(name, value, 'a whole number of ticks');
}

function requireLots(name: string, value: ExactInt): void {
  if (typeof value === 'number' ? Number.isSafeInteger(value) && value >= 0 : value >= 0n) return;
  throw badValue(name, value, 'a whole, unsigned number of lots');
}

function badValue(name: string, value: unknown, expected: string): OrderflowError {
  return new OrderflowError(
    'bad-value',
    `${name} ${excerpt(value)} of a window is not ${expected}. Put decimals on a grid first, with createGrid.`,
    value,
  );
}
