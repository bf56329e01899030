/** The running estimates under the contract of reducers, over tapes with bars of every bad kind. */
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import {
  abdiRanaldoOfColumns,
  corwinSchultzOfColumns,
  createAbdiRanaldo,
  createCorwinSchultz,
  createRoll,
  restoreAbdiRanaldo,
  restoreCorwinSchultz,
  restoreRoll,
  rollOfColumns,
} from './spread-estimators.ts';
import type {
  AbdiRanaldo,
  AbdiRanaldoEstimate,
  CorwinSchultz,
  CorwinSchultzEstimate,
  HighLowClose,
  Roll,
  RollEstimate,
} from './spread-estimators.ts';

const prices = fc.constantFrom(-1, -0, 0, 5e-324, 97, 98, 99, 100, 101, 102, 103, 1e308);
const bars = fc.array(
  fc.option(
    fc
      .record({ prices: fc.tuple(prices, prices, prices), volume: fc.constantFrom(-0, 0, 1, 1, 1e308) })
      .map(({ prices: three, volume }) => {
        const [low, close, high] = three.toSorted((a, b) => a - b) as [number, number, number];
        return { high, low, close, volume };
      }),
    { nil: undefined, freq: 8 },
  ),
  { maxLength: 20 },
);
const columnsOf = (tape: readonly (HighLowClose | undefined)[]) => ({
  high: tape.map((bar) => bar?.high ?? NaN),
  low: tape.map((bar) => bar?.low ?? NaN),
  close: tape.map((bar) => bar?.close ?? NaN),
  volume: tape.map((bar) => bar?.volume ?? NaN),
});
const refused = [
  { high: 1, low: 2, close: 1 },
  { high: 3, low: 2, close: 1 },
  { high: NaN, low: 2, close: 2 },
  { high: Infinity, low: 2, close: 2 },
  { high: 3, low: 2, close: 2, volume: -1 },
];
const finite = (...values: readonly (number | undefined)[]): void => {
  for (const value of values) expect(value === undefined || Number.isFinite(value)).toBe(true);
};

for (const options of [{ window: 2, negative: 'keep' }, { window: 'all' }] as const) {
  describeReducerContract<HighLowClose | undefined, CorwinSchultzEstimate, CorwinSchultz>({
    name: `createCorwinSchultz over ${options.window}`,
    create: () => createCorwinSchultz(options),
    restore: (snapshot: never) => restoreCorwinSchultz(snapshot, options),
    inputs: bars,
    refused,
    batch: (tape) => corwinSchultzOfColumns(columnsOf(tape), options).values,
    conserve: (_, outputs) => {
      for (const { spread, pair } of outputs) {
        finite(spread, pair);
        expect(Math.abs(pair ?? 0)).toBeLessThanOrEqual(2);
      }
    },
  });
}

for (const window of [2, 'all'] as const) {
  describeReducerContract<HighLowClose | undefined, AbdiRanaldoEstimate, AbdiRanaldo>({
    name: `createAbdiRanaldo over ${window}`,
    create: () => createAbdiRanaldo({ window }),
    restore: (snapshot: never) => restoreAbdiRanaldo(snapshot, { window }),
    inputs: bars,
    refused,
    batch: (tape) => abdiRanaldoOfColumns(columnsOf(tape), { window }).values,
    conserve: (_, outputs) => {
      for (const { twoDay, monthly, meanSquare, pairSquare } of outputs)
        finite(twoDay, monthly, meanSquare, pairSquare);
    },
  });
}

for (const options of [{ window: 4, centred: true }, { window: 3 }]) {
  describeReducerContract<number | undefined, RollEstimate | 'none', Roll>({
    name: `createRoll over ${options.window}`,
    create: () => createRoll(options),
    restore: (snapshot: never) => restoreRoll(snapshot, options),
    inputs: fc.array(fc.option(prices, { nil: undefined, freq: 8 }), { maxLength: 20 }),
    push: (roll, price) => roll.push(price) ?? 'none',
    refused: [NaN, Infinity],
    batch: (tape) =>
      rollOfColumns({ close: tape.map((price) => price ?? NaN) }, options).map((value) => value ?? 'none'),
    conserve: (_, outputs) => {
      for (const estimate of outputs) {
        if (estimate === 'none') continue;
        finite(estimate.spread, estimate.autocovariance);
        expect(estimate.spread > 0).toBe(estimate.outcome === 'bounce');
      }
    },
  });
}
