import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { tradeColumns } from './columns.ts';
import {
  createImpactNormalisedFlow,
  impactNormalisedFlowDefaults,
  impactNormalisedFlowOfColumns,
  restoreImpactNormalisedFlow,
} from './impact-normalised-flow.ts';
import type { ImpactNormalisedInterval } from './impact-normalised-flow.ts';
import type { Aggressor, TickTrade } from './market.ts';

const print = (timeMs: number, priceTicks: number, sizeLots: number, side: Aggressor): TickTrade => ({
  timeMs,
  priceTicks,
  sizeLots,
  side,
});
/** Three intervals with a λ of 2 ticks a lot: 1, 2 and −1 lots move the price by 2, 4 and −2 ticks. */
const twoTicksALot: readonly TickTrade[] = [
  print(0, 100, 1, 'buy'),
  print(1000, 102, 1, 'buy'),
  print(2000, 106, 2, 'buy'),
  print(3000, 104, 1, 'sell'),
];
const after = (last: readonly TickTrade[], options = {}): ImpactNormalisedInterval => {
  const flow = createImpactNormalisedFlow({ everyMs: 1000, warmUp: 3, ...options });
  for (const trade of [...twoTicksALot, ...last]) flow.push(trade);
  return flow.flush()!;
};

describe('createImpactNormalisedFlow', () => {
  test('3 lots bought that move the price by 1 tick where 6 were expected are absorbed', () => {
    expect(after([print(4000, 105, 3, 'buy')])).toMatchObject({
      signedLots: 3,
      priceChangeTicks: 1,
      lotsPerTick: 3,
      fit: { lambda: 2, n: 3 },
      expectedTicks: 6,
      impactRatio: 1 / 6,
      normalisedFlow: 6,
      absorbedLots: 2.5,
    });
  });

  test('1 lot sold that moves the price by 8 ticks where 2 were expected meets a thin market', () => {
    expect(after([print(4000, 96, 1, 'sell')])).toMatchObject({
      expectedTicks: -2,
      impactRatio: 4,
      normalisedFlow: -0.25,
      absorbedLots: 3,
    });
  });

  test('a price that goes against the flow has a ratio below 0, and more than all of the flow is absorbed', () => {
    expect(after([print(4000, 102, 1, 'buy')])).toMatchObject({ impactRatio: -1, normalisedFlow: 1, absorbedLots: 2 });
  });

  test('a price that stands still counts as a move of one tick at most, and has no lots per tick', () => {
    const still = [print(4000, 104, 3, 'buy')];
    expect(after(still)).toMatchObject({ lotsPerTick: undefined, impactRatio: 0, normalisedFlow: 6, absorbedLots: 3 });
    expect(after(still, { minMoveTicks: 0.5 }).normalisedFlow).toBe(12);
  });

  test('an interval without flow has no ratio, but a price that moved by itself', () => {
    expect(after([print(4000, 108, 5, 'unknown')])).toMatchObject({
      unknownLots: 5,
      expectedTicks: 0,
      impactRatio: undefined,
      normalisedFlow: 0,
      absorbedLots: -2,
    });
  });

  test('the interval that is judged is no part of its own yardstick', () => {
    const one = after([print(4000, 105, 3, 'buy')]);
    const other = after([print(4000, 500, 3, 'buy')]);
    expect(other.fit).toEqual(one.fit);
  });

  test('without a λ above 0 that is believed nothing is expected', () => {
    const last = [print(4000, 105, 3, 'buy')];
    const none = { fit: undefined, expectedTicks: undefined, impactRatio: undefined, normalisedFlow: undefined };
    expect(after(last, { warmUp: 4 })).toMatchObject({ ...none, lotsPerTick: 3 });
    const against = createImpactNormalisedFlow({ everyMs: 1000, warmUp: 3, minT: 0 });
    for (const trade of twoTicksALot) against.push({ ...trade, side: trade.side === 'buy' ? 'sell' : 'buy' });
    against.push(print(4000, 105, 3, 'buy'));
    expect(against.flush()).toMatchObject(none);
    // λ 1 of (1, 0), (2, 3), (3, 2) has a t of 1 ÷ √3.
    const noisy = createImpactNormalisedFlow({ everyMs: 1000, warmUp: 3 });
    [0, 0, 3, 5].forEach((ticks, i) => noisy.push(print(i * 1000, ticks, i, 'buy')));
    noisy.push(print(4000, 9, 3, 'buy'));
    expect(noisy.flush()).toMatchObject(none);
  });

  test.each([{ everyMs: 0 }, { window: 1 }, { warmUp: 2 }, { minT: -1 }, { minT: NaN }, { minMoveTicks: 0 }])(
    'the options %j are refused',
    (options) => {
      expect(() => createImpactNormalisedFlow(options)).toThrow(expect.objectContaining({ code: 'bad-option' }));
    },
  );

  test('a snapshot goes back to its own options alone', () => {
    const snapshot = createImpactNormalisedFlow().snapshot();
    expect(snapshot.options).toEqual(impactNormalisedFlowDefaults);
    expect(() => restoreImpactNormalisedFlow(snapshot, { minT: 1 })).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
  });
});

const most = Number.MAX_SAFE_INTEGER;
const tapes = fc.array(
  fc.record({
    timeMs: fc.oneof({ weight: 20, arbitrary: fc.nat({ max: 120 }) }, fc.constantFrom(-0, 1e15)),
    priceTicks: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -3, max: 9 }) }, fc.constantFrom(most, -most)),
    sizeLots: fc.oneof({ weight: 9, arbitrary: fc.nat({ max: 9 }) }, fc.constantFrom(0, most)),
    side: fc.constantFrom<Aggressor>('buy', 'sell', 'unknown'),
  }),
  { maxLength: 30 },
);
const options = { everyMs: 10, window: 5, warmUp: 3, minT: 0 };

describeReducerContract({
  name: 'createImpactNormalisedFlow',
  create: () => createImpactNormalisedFlow(options),
  restore: (snapshot: never) => restoreImpactNormalisedFlow(snapshot, options),
  inputs: tapes.map((tape) => tape.toSorted((a, b) => a.timeMs - b.timeMs)),
  refused: [print(Infinity, 1, 1, 'buy'), print(0, NaN, 1, 'buy'), print(0, 1, 0.1, 'buy')],
  batch: (tape) => {
    const { values, last } = impactNormalisedFlowOfColumns(tradeColumns(tape), options);
    return [...values, last].filter((value) => value !== undefined);
  },
  conserve: (tape, outputs) => {
    expect(outputs.reduce((count, { trades }) => count + trades, 0)).toBe(tape.length);
    for (const { fit, lotsPerTick, expectedTicks, impactRatio, normalisedFlow, absorbedLots } of outputs) {
      const numbers = [lotsPerTick, expectedTicks, impactRatio, normalisedFlow, absorbedLots, fit?.lambda, fit?.t];
      for (const value of numbers) expect(value === undefined || Number.isFinite(value)).toBe(true);
      expect(fit === undefined || fit.lambda > 0).toBe(true);
      expect(expectedTicks === undefined).toBe(fit === undefined);
    }
  },
});
