/** Averages of spreads from exact sums. */
import { addExact, divideExact, exactFromJson, exactToJson, multiplyExact } from '../../exact.ts';
import type { ExactInt, ExactIntJson } from '../../exact.ts';
import { ratioOf } from '../numbers/ratio.ts';
import { count, exact, exactCount, fields } from '../shared/shapes.ts';
import type { Shape } from '../shared/shapes.ts';

/** What averages of spreads are made of. */
export interface SpreadSums {
  /** Number of prints. */
  readonly trades: number;
  /** Σ sizes in lots. */
  readonly lots: ExactInt;
  /** Σ spreads in ticks. */
  readonly ticks: ExactInt;
  /** Σ spread × size, in ticks × lots. */
  readonly tickLots: ExactInt;
  /** Σ mids at the prints, in half ticks. */
  readonly midHalfTicks: ExactInt;
  /** Σ mid × size, in half ticks × lots. */
  readonly midHalfTickLots: ExactInt;
}

/** Averages of a spread; each is `undefined` while there is nothing to average. */
export interface SpreadAverages<T = number> {
  /** Every print alike, in ticks. */
  readonly meanTicks: T | undefined;
  /** Weighted by size, in ticks. */
  readonly volumeWeightedTicks: T | undefined;
  /** Mean spread ÷ mean mid, in basis points; `undefined` when mids are not above 0. */
  readonly meanBps: T | undefined;
  /** `Σ spread·q ÷ Σ mid·q` in basis points: the mean of the relative spreads weighted by value at the mid. */
  readonly valueWeightedBps: T | undefined;
}

/** A measure with its averages and the sums that they are made of. */
export interface SpreadMeasure extends SpreadAverages {
  readonly sums: SpreadSums;
}

/** A spread over a mid in half ticks, as parts of ten thousand: `2·10⁴·spread ÷ mid`. */
const BPS_OF_HALF = 20_000;

/** Averages of sums as decimal strings of 16 significant digits, rounded half to even. */
export function exactAverages(sums: SpreadSums): SpreadAverages<string> {
  return averages(sums, (top, bottom) => (bottom > 0 ? divideExact(top, bottom) : undefined));
}

export function measureOf(sums: SpreadSums): SpreadMeasure {
  return { ...averages(sums, (top, bottom) => (bottom > 0 ? ratioOf(top, bottom) : undefined)), sums };
}

function averages<T>(
  { trades, lots, ticks, tickLots, midHalfTicks, midHalfTickLots }: SpreadSums,
  divide: (top: ExactInt, bottom: ExactInt) => T | undefined,
): SpreadAverages<T> {
  return {
    meanTicks: divide(ticks, trades),
    volumeWeightedTicks: divide(tickLots, lots),
    meanBps: divide(multiplyExact(ticks, BPS_OF_HALF), midHalfTicks),
    valueWeightedBps: divide(multiplyExact(tickLots, BPS_OF_HALF), midHalfTickLots),
  };
}

/** A relative spread in basis points of a mid in half ticks; `undefined` for a mid that is not above 0. */
export function bpsOf(spreadTicks: ExactInt, midHalfTicks: ExactInt): number | undefined {
  return midHalfTicks > 0 ? ratioOf(multiplyExact(spreadTicks, BPS_OF_HALF), midHalfTicks) : undefined;
}

/** {@link bpsOf} as a decimal string of 16 significant digits. */
export function bpsExactOf(spreadTicks: ExactInt, midHalfTicks: ExactInt): string | undefined {
  return midHalfTicks > 0 ? divideExact(multiplyExact(spreadTicks, BPS_OF_HALF), midHalfTicks) : undefined;
}

export function emptySpreadSums(): SpreadSums {
  return { trades: 0, lots: 0, ticks: 0, tickLots: 0, midHalfTicks: 0, midHalfTickLots: 0 };
}

export function addSpread(
  sums: SpreadSums,
  spreadTicks: ExactInt,
  sizeLots: number,
  midHalfTicks: ExactInt,
): SpreadSums {
  return {
    trades: sums.trades + 1,
    lots: addExact(sums.lots, sizeLots),
    ticks: addExact(sums.ticks, spreadTicks),
    tickLots: addExact(sums.tickLots, multiplyExact(spreadTicks, sizeLots)),
    midHalfTicks: addExact(sums.midHalfTicks, midHalfTicks),
    midHalfTickLots: addExact(sums.midHalfTickLots, multiplyExact(midHalfTicks, sizeLots)),
  };
}

/** {@link SpreadSums} as plain JSON. */
export type SpreadSumsJson = { readonly [K in keyof SpreadSums]: ExactIntJson };

export function spreadSumsToJson({ trades, ...sums }: SpreadSums): SpreadSumsJson {
  const { lots, ticks, tickLots, midHalfTicks, midHalfTickLots } = sums;
  return {
    trades,
    lots: exactToJson(lots),
    ticks: exactToJson(ticks),
    tickLots: exactToJson(tickLots),
    midHalfTicks: exactToJson(midHalfTicks),
    midHalfTickLots: exactToJson(midHalfTickLots),
  };
}

export function spreadSumsFromJson(json: SpreadSumsJson): SpreadSums {
  return {
    trades: Number(json.trades),
    lots: exactFromJson(json.lots),
    ticks: exactFromJson(json.ticks),
    tickLots: exactFromJson(json.tickLots),
    midHalfTicks: exactFromJson(json.midHalfTicks),
    midHalfTickLots: exactFromJson(json.midHalfTickLots),
  };
}

/** Sums as they are stored. */
export const spreadSumsShape: Shape = fields({
  trades: count,
  lots: exactCount,
  ticks: exact,
  tickLots: exact,
  midHalfTicks: exact,
  midHalfTickLots: exact,
});
