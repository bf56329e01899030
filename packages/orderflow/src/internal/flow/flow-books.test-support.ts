/** Books for the tests of flow over levels. */
import * as fc from 'fast-check';
import type { DepthColumns } from '../../columns.ts';
import type { TickLevel } from '../../market.ts';
import type { MlofiLevels } from './mlofi.ts';

type Pairs = readonly (readonly [priceTicks: number, sizeLots: number])[];

const levelsOf = (pairs: Pairs): TickLevel[] => pairs.map(([priceTicks, sizeLots]) => ({ priceTicks, sizeLots }));

/** A book of `[priceTicks, sizeLots]`, best first. */
export function book(bids: Pairs, asks: Pairs): MlofiLevels {
  return { bids: levelsOf(bids), asks: levelsOf(asks) };
}

const lots = fc.oneof({ weight: 8, arbitrary: fc.nat({ max: 9 }) }, fc.maxSafeNat());
const side = (best: number, step: number): fc.Arbitrary<Pairs> =>
  fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), lots), { maxLength: 4 }).map((levels) => {
    let priceTicks = best;
    return levels.map(([gap, sizeLots]) => [(priceTicks += step * (1 + gap)), sizeLots] as const);
  });

/** Any book of up to four levels a side, empty sides and none at all among them. */
export const books: fc.Arbitrary<MlofiLevels | undefined> = fc.option(
  fc.record({ bids: side(104, -1).map(levelsOf), asks: side(98, 1).map(levelsOf) }),
  { nil: undefined, freq: 8 },
);

/** Books as columns of `levels` entries a row. */
export function depthColumns(tape: readonly (MlofiLevels | undefined)[], levels: number): DepthColumns {
  const column = (read: (row: MlofiLevels | undefined, m: number) => number | undefined): Float64Array =>
    Float64Array.from(
      { length: tape.length * levels },
      (_, i) => read(tape[Math.floor(i / levels)], i % levels) ?? NaN,
    );
  return {
    levels,
    bidTicks: column((row, m) => row?.bids[m]?.priceTicks),
    bidLots: column((row, m) => row?.bids[m]?.sizeLots),
    askTicks: column((row, m) => row?.asks[m]?.priceTicks),
    askLots: column((row, m) => row?.asks[m]?.sizeLots),
  };
}
