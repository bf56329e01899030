import { addExact, divideExact, exactFromJson, exactToJson, multiplyExact } from '../../exact.ts';
import type { ExactInt, ExactIntJson } from '../../exact.ts';
import { ratioOf } from '../numbers/ratio.ts';
import { count, exact, exactCount, fields } from '../shared/shapes.ts';
import type { Shape } from '../shared/shapes.ts';

/** What averages of markouts are made of. */
export interface MarkoutSums {
  /** Number of prints with a markout. */
  readonly trades: number;
  /** Σ sizes in lots. */
  readonly lots: ExactInt;
  /** Σ markouts in half ticks. */
  readonly halfTicks: ExactInt;
  /** Σ markout × size, in half ticks × lots. */
  readonly halfTickLots: ExactInt;
}

/** Averages of markouts in ticks, above 0 when the price went the taker's way; `undefined` without a print. */
export interface MarkoutAverages<T = number> {
  /** Every print alike. */
  readonly meanTicks: T | undefined;
  /** Weighted by size. */
  readonly volumeWeightedTicks: T | undefined;
}

/** Averages with the sums that they are made of. */
export interface MarkoutMeasure extends MarkoutAverages {
  readonly sums: MarkoutSums;
}

/** {@link MarkoutSums} as plain JSON. */
export type MarkoutSumsJson = { readonly [K in keyof MarkoutSums]: ExactIntJson };

/** Averages of sums as decimal strings of 16 significant digits, rounded half to even. */
export function exactMarkouts(sums: MarkoutSums): MarkoutAverages<string> {
  return averages(sums, (top, bottom) => (bottom > 0 ? divideExact(top, bottom) : undefined));
}

export function markoutMeasureOf(sums: MarkoutSums): MarkoutMeasure {
  return { ...averages(sums, ratioOf), sums };
}

function averages<T>(
  { trades, lots, halfTicks, halfTickLots }: MarkoutSums,
  divide: (top: ExactInt, bottom: ExactInt) => T | undefined,
): MarkoutAverages<T> {
  return {
    meanTicks: divide(halfTicks, 2 * trades),
    volumeWeightedTicks: divide(halfTickLots, multiplyExact(lots, 2)),
  };
}

export const noMarkouts: MarkoutSums = { trades: 0, lots: 0, halfTicks: 0, halfTickLots: 0 };

export function addMarkout(sums: MarkoutSums, halfTicks: ExactInt, sizeLots: number): MarkoutSums {
  return {
    trades: sums.trades + 1,
    lots: addExact(sums.lots, sizeLots),
    halfTicks: addExact(sums.halfTicks, halfTicks),
    halfTickLots: addExact(sums.halfTickLots, multiplyExact(halfTicks, sizeLots)),
  };
}

/** The sums of two sides together. */
export function joinMarkouts(a: MarkoutSums, b: MarkoutSums): MarkoutSums {
  return {
    trades: a.trades + b.trades,
    lots: addExact(a.lots, b.lots),
    halfTicks: addExact(a.halfTicks, b.halfTicks),
    halfTickLots: addExact(a.halfTickLots, b.halfTickLots),
  };
}

export function markoutSumsToJson({ trades, lots, halfTicks, halfTickLots }: MarkoutSums): MarkoutSumsJson {
  return {
    trades,
    lots: exactToJson(lots),
    halfTicks: exactToJson(halfTicks),
    halfTickLots: exactToJson(halfTickLots),
  };
}

export function markoutSumsFromJson(json: MarkoutSumsJson): MarkoutSums {
  return {
    trades: Number(json.trades),
    lots: exactFromJson(json.lots),
    halfTicks: exactFromJson(json.halfTicks),
    halfTickLots: exactFromJson(json.halfTickLots),
  };
}

/** Sums as they are stored. */
export const markoutSumsShape: Shape = fields({
  trades: count,
  lots: exactCount,
  halfTicks: exact,
  halfTickLots: exact,
});
