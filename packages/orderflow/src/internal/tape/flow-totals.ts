import { absExact } from '../numbers/ratio.ts';
import { addExact, exactFromJson, exactToJson, multiplyExact } from '../../exact.ts';
import type { ExactInt, ExactIntJson } from '../../exact.ts';
import { count, exactCount, fields } from '../shared/shapes.ts';
import type { Shape } from '../shared/shapes.ts';

/** Volume, number and value of prints by aggressor. */
export interface FlowTotals {
  readonly buyLots: ExactInt;
  readonly sellLots: ExactInt;
  /** Volume whose aggressor is unknown; no part of an imbalance. */
  readonly unknownLots: ExactInt;
  readonly buyTrades: number;
  readonly sellTrades: number;
  readonly unknownTrades: number;
  /** Σ |ticks| × lots: prices below zero count by their magnitude. */
  readonly buyTickLots: ExactInt;
  readonly sellTickLots: ExactInt;
  readonly unknownTickLots: ExactInt;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
/** {@link FlowTotals} as plain JSON. */
export type FlowTotalsJson = { readonly [K in keyof FlowTotals]: ExactIntJson };

export function emptyFlow(): Mutable<FlowTotals> {
  return {
    buyLots: 0,
    sellLots: 0,
    unknownLots: 0,
    buyTrades: 0,
    sellTrades: 0,
    unknownTrades: 0,
    buyTickLots: 0,
    sellTickLots: 0,
    unknownTickLots: 0,
  };
}

/** Adds a print (`sign` 1) or takes it out again (`sign` −1); `side` is 1, −1 or 0. */
export function addToFlow(flow: Mutable<FlowTotals>, sign: 1 | -1, row: readonly number[]): void {
  const [, priceTicks, sizeLots, side] = row as [number, number, number, number];
  const lots = sizeLots * sign;
  const value = multiplyExact(absExact(priceTicks), lots);
  if (side === 1) {
    flow.buyLots = addExact(flow.buyLots, lots);
    flow.buyTrades += sign;
    flow.buyTickLots = addExact(flow.buyTickLots, value);
  } else if (side === -1) {
    flow.sellLots = addExact(flow.sellLots, lots);
    flow.sellTrades += sign;
    flow.sellTickLots = addExact(flow.sellTickLots, value);
  } else {
    flow.unknownLots = addExact(flow.unknownLots, lots);
    flow.unknownTrades += sign;
    flow.unknownTickLots = addExact(flow.unknownTickLots, value);
  }
}

export function flowToJson(flow: FlowTotals): FlowTotalsJson {
  const json = {} as Mutable<FlowTotalsJson>;
  for (const name of Object.keys(flow) as (keyof FlowTotals)[]) json[name] = exactToJson(flow[name]);
  return json;
}

export function flowFromJson(json: FlowTotalsJson): Mutable<FlowTotals> {
  const flow = emptyFlow();
  for (const name of Object.keys(flow) as (keyof FlowTotals)[]) flow[name] = exactFromJson(json[name]) as never;
  return flow;
}

/** Totals as they are stored. */
export const flowTotalsShape: Shape = fields({
  buyLots: exactCount,
  sellLots: exactCount,
  unknownLots: exactCount,
  buyTrades: count,
  sellTrades: count,
  unknownTrades: count,
  buyTickLots: exactCount,
  sellTickLots: exactCount,
  unknownTickLots: exactCount,
});

/** Whether totals are those of the prints. */
export function isSumOf(json: FlowTotalsJson, rows: readonly (readonly number[])[]): boolean {
  const flow = emptyFlow();
  for (const row of rows) addToFlow(flow, 1, row);
  const sums = flowToJson(flow);
  return Object.entries(json).every(([name, value]) => sums[name as keyof FlowTotals] === value);
}
