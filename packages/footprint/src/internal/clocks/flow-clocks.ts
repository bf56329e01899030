/** Bars that end when one side of the flow is further ahead, or has done more, than a fixed amount. */
import {
  addExact,
  exactFromJson,
  exactToJson,
  multiplyExact,
  subtractExact,
  type ExactInt,
  type ExactIntJson,
} from '@tapekit/orderflow/exact';
import type { Aggressor } from '@tapekit/orderflow/market';
import { checkWord } from '../option-checks.ts';
import type { BarClock, ClockPrint } from './clock.ts';
import { checkAmount } from './count-clocks.ts';
import { fill, magnitude } from './fill.ts';

/** What a print weighs: 1, its lots, or |price| × size in ticks × lots. */
export type FlowMeasure = 'trades' | 'volume' | 'value';

/** How {@link fixedImbalanceClock} and {@link fixedRunsClock} count. */
export interface FixedFlowOptions {
  /** What a print weighs. */
  readonly of: FlowMeasure;
  /** Where a bar ends: in prints, lots, or ticks × lots (`tickLotsOf` makes those of a decimal). */
  readonly threshold: ExactInt;
}

/**
 * Bars that end when |buy − sell| reaches the threshold. With `volume` and `value` the print that reaches it is split there,
 * so an imbalance of lots is exact; one of value is beyond by less than a lot's value, which the next bar does not get.
 * Prints of unknown side are in the bar and move nothing. The fixed thresholds of NautilusTrader's imbalance bars.
 * @throws FootprintError `bad-option`.
 */
export function fixedImbalanceClock({ of, threshold }: FixedFlowOptions): BarClock<ExactIntJson> {
  checkFlow(of, threshold);
  const each = addExact(threshold, 0);
  return {
    kind: 'fixed-imbalance',
    options: { of, threshold: exactToJson(each) },
    start: 0,
    isState: (state) => ['number', 'bigint'].includes(typeof exactFromJson(state as ExactIntJson)),
    step(state, print, { open }) {
      const held = open === undefined ? 0 : exactFromJson(state);
      const sign = signOf(print.side);
      if (sign === 0) return { state: exactToJson(held), plan: 'keep' };
      const ahead = multiplyExact(held, sign);
      const { plan, left } = take(print, of, subtractExact(each, ahead), each);
      const kept = left.closed ? left.weight : addExact(ahead, left.weight);
      return { state: exactToJson(multiplyExact(kept, sign)), plan };
    },
  };
}

/** Side and weight of the run that is going on in the bar. */
export interface RunState {
  readonly side: 'buy' | 'sell' | null;
  readonly weight: ExactIntJson;
}

/**
 * Bars that end when an unbroken run of one side reaches the threshold: a print of the other side starts a new run, one of
 * unknown side is in the bar and breaks nothing. A bar's end ends the run. Split as by {@link fixedImbalanceClock}. The
 * fixed thresholds of NautilusTrader's runs bars.
 * @throws FootprintError `bad-option`.
 */
export function fixedRunsClock({ of, threshold }: FixedFlowOptions): BarClock<RunState> {
  checkFlow(of, threshold);
  const each = addExact(threshold, 0);
  const start: RunState = { side: null, weight: 0 };
  return {
    kind: 'fixed-runs',
    options: { of, threshold: exactToJson(each) },
    start,
    isState: (state) => {
      const { side, weight } = state as RunState;
      return [null, 'buy', 'sell'].includes(side) && exactFromJson(weight) >= 0;
    },
    step(state, print, { open }) {
      const { side } = print;
      const run = open === undefined ? start : state;
      if (side === 'unknown') return { state: run, plan: 'keep' };
      const held = run.side === side ? exactFromJson(run.weight) : 0;
      const { plan, left } = take(print, of, subtractExact(each, held), each);
      if (left.closed && left.weight === 0) return { state: start, plan };
      return { state: { side, weight: exactToJson(left.closed ? left.weight : addExact(held, left.weight)) }, plan };
    },
  };
}

/** +1 for a buy, −1 for a sell, 0 for unknown. */
export function signOf(side: Aggressor): -1 | 0 | 1 {
  return side === 'buy' ? 1 : side === 'sell' ? -1 : 0;
}

export function weightOf({ priceTicks, sizeLots }: ClockPrint, of: FlowMeasure): ExactInt {
  return of === 'trades' ? 1 : of === 'volume' ? sizeLots : magnitude(priceTicks, sizeLots);
}

/** @throws FootprintError `bad-option`. */
export function checkMeasure(of: FlowMeasure): void {
  checkWord('of', of, ['trades', 'volume', 'value']);
}

function checkFlow(of: FlowMeasure, threshold: ExactInt): void {
  checkMeasure(of);
  checkAmount('threshold', threshold);
}

/** The print in the bar that lacks `need`, and what of its weight is in the bar that stays open. */
function take(
  print: ClockPrint,
  of: FlowMeasure,
  need: ExactInt,
  each: ExactInt,
): {
  readonly plan: ReturnType<typeof fill>['plan'];
  readonly left: { readonly weight: ExactInt; readonly closed: boolean };
} {
  const { priceTicks, sizeLots } = print;
  if (of === 'trades') {
    return need <= 1
      ? { plan: 'close', left: { weight: 0, closed: true } }
      : { plan: 'keep', left: { weight: 1, closed: false } };
  }
  const perLot = of === 'volume' ? 1 : Math.abs(priceTicks);
  const { plan, leftLots, closed } = fill(sizeLots, perLot, need, each);
  return { plan, left: { weight: multiplyExact(leftLots, perLot), closed } };
}
