import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { tradeColumns } from './columns.ts';
import { createExhaustion, exhaustionsOfColumns, restoreExhaustion } from './exhaustion.ts';
import type { ExhaustionOptions } from './exhaustion.ts';
import type { Aggressor, TickTrade } from './market.ts';

const print = (priceTicks: number, sizeLots: number, side: Aggressor = 'buy', timeMs = 0): TickTrade => ({
  priceTicks,
  sizeLots,
  side,
  timeMs,
});
const exhaustions = (tape: readonly TickTrade[], options: ExhaustionOptions = {}) =>
  exhaustionsOfColumns(tradeColumns(tape), options);
const rise = [print(100, 90, 'buy', 1), print(101, 50, 'buy', 2), print(102, 7, 'buy', 3)];

describe('createExhaustion', () => {
  test('90, 50 and 7 lots bought at new highs, then two ticks down: buyers ran out at 102', () => {
    const exhaustion = createExhaustion();
    for (const trade of [...rise, print(101, 500, 'buy', 4)]) expect(exhaustion.push(trade)).toBeUndefined();
    expect(exhaustion.push(print(100, 20, 'sell', 5))).toEqual({
      side: 'buy',
      extremeTicks: 102,
      confirmedTicks: 100,
      startMs: 1,
      extremeMs: 3,
      confirmedMs: 5,
      volumesLots: [90, 50, 7],
      unknownLots: 0,
      // 7 ÷ ((90 + 50) ÷ 2)
      share: 0.1,
      extremes: 3,
    });
  });

  test('a low mirrors it with sellers', () => {
    const fall = [print(50, 8, 'sell'), print(49, 4, 'sell'), print(48, 1, 'sell'), print(50, 1, 'buy')];
    expect(exhaustions(fall)).toMatchObject([{ side: 'sell', extremeTicks: 48, volumesLots: [8, 4, 1], share: 1 / 6 }]);
  });

  test('volume counts at the highest row alone: sells and buys below it do not', () => {
    const tape = [
      ...rise,
      print(102, 3, 'sell', 4),
      print(101, 80, 'buy', 5),
      print(102, 5, 'buy', 6),
      print(100, 1, 'sell', 7),
    ];
    expect(exhaustions(tape)[0]?.volumesLots).toEqual([90, 50, 12]);
  });

  test('volumes that do not fall, or a last one that is not small, are no exhaustion of both', () => {
    const at = (...volumes: readonly number[]) => [
      ...volumes.map((lots, i) => print(100 + i, lots)),
      print(90, 1, 'sell'),
    ];
    expect(exhaustions(at(50, 90, 7))).toEqual([]);
    expect(exhaustions(at(50, 90, 7), { test: 'share' })).toHaveLength(1);
    expect(exhaustions(at(90, 50, 49))).toEqual([]);
    expect(exhaustions(at(90, 50, 49), { test: 'declining' })).toHaveLength(1);
    expect(exhaustions(at(90, 50, 50), { test: 'declining' })).toEqual([]);
  });

  test('a push with fewer extremes says nothing, and one with more looks at the last', () => {
    const tape = [print(100, 90), print(101, 7), print(99, 1, 'sell')];
    expect(exhaustions(tape)).toEqual([]);
    expect(exhaustions([print(99, 1), ...rise, print(100, 1, 'sell', 4)])).toMatchObject([
      { volumesLots: [90, 50, 7], extremes: 4 },
    ]);
  });

  test('rows of ten ticks: 1,009 and 1,001 are one extreme', () => {
    const tape = [print(1001, 40), print(1009, 50), print(1010, 30), print(1029, 2), print(1018, 1, 'sell')];
    const [event] = exhaustions(tape, { rowTicks: 10, reverseTicks: 11 });
    expect([event?.volumesLots, event?.extremeTicks]).toEqual([[90, 30, 2], 1029]);
  });

  test('says how much volume at the extremes has no known aggressor', () => {
    const tape = [...rise, print(102, 40, 'unknown', 4), print(100, 1, 'sell', 5)];
    expect(exhaustions(tape)[0]?.unknownLots).toBe(40);
  });

  test('extremes that nobody is known to have bought have no share, but may decline', () => {
    const tape = [print(100, 1, 'unknown'), print(101, 1, 'unknown'), print(102, 1, 'unknown'), print(99, 1, 'sell')];
    expect(exhaustions(tape, { test: 'share' })).toEqual([]);
    expect(exhaustions(tape, { test: 'both' })).toEqual([]);
  });

  test('leaves out and counts late prints and prints of no size', () => {
    const exhaustion = createExhaustion();
    for (const trade of [print(1, 1, 'buy', 5), print(900, 1, 'buy', 4), print(900, 0, 'buy', 5)])
      exhaustion.push(trade);
    expect(exhaustion.counts()).toEqual({ trades: 1, lateTrades: 1, zeroTrades: 1 });
    expect(exhaustion.snapshot().up?.extremeTicks).toBe(1);
  });

  test.each([{ extremes: 1 }, { maxShare: -1 }, { reverseTicks: 0 }, { rowTicks: 1.5 }, { test: 'none' as never }])(
    'refuses %j',
    (options) => {
      expect(() => createExhaustion(options)).toThrow(expect.objectContaining({ code: 'bad-option' }));
    },
  );
});

const tapes = fc.array(
  fc.record({
    priceTicks: fc.oneof({ weight: 20, arbitrary: fc.integer({ min: 96, max: 104 }) }, fc.maxSafeInteger()),
    sizeLots: fc.oneof({ weight: 20, arbitrary: fc.nat({ max: 9 }) }, fc.maxSafeNat(), fc.constant(-0)),
    side: fc.constantFrom<Aggressor>('buy', 'sell', 'unknown'),
    timeMs: fc.oneof({ weight: 40, arbitrary: fc.nat({ max: 3000 }) }, fc.constantFrom(-0, 1e308, -1e308)),
  }),
  { maxLength: 40 },
);
const inOrder = tapes.map((tape) => [...tape].sort((a, b) => a.timeMs - b.timeMs));
const optionSets: readonly ExhaustionOptions[] = [
  { extremes: 2, test: 'share', maxShare: 2, reverseTicks: 1 },
  { extremes: 2, test: 'declining', reverseTicks: 3, rowTicks: 2 },
];

describe.each(optionSets)('with %j', (options) => {
  for (const inputs of [inOrder, tapes]) {
    describeReducerContract({
      name: 'createExhaustion',
      create: () => createExhaustion(options),
      restore: (snapshot) => restoreExhaustion(snapshot, options),
      inputs,
      batch: (tape) => exhaustions(tape, options),
      refused: [print(1, -1), print(0.5, 1), print(1, 1, 'buy', NaN), print(2 ** 53, 1)],
      conserve: (tape, events, exhaustion) => {
        const { trades, lateTrades, zeroTrades } = exhaustion.counts();
        expect(trades + lateTrades + zeroTrades).toBe(tape.length);
        for (const { share = 0, volumesLots } of events) {
          expect(Number.isFinite(share)).toBe(true);
          expect(volumesLots).toHaveLength(2);
        }
      },
    });
  }
});

test('agrees with the definition computed afresh from the whole push', () => {
  let found = 0;
  const steps = fc.record({
    move: fc.constantFrom(-4, -1, 0, 1, 1, 1),
    lots: fc.constantFrom(1, 2, 5, 9, 30),
    side: fc.constantFrom<Aggressor>('buy', 'buy', 'buy', 'sell'),
  });
  fc.assert(
    fc.property(
      fc.array(steps, { minLength: 30, maxLength: 80 }),
      fc.constantFrom<1 | -1>(1, -1),
      (moves, direction) => {
        let ticks = 100;
        const tape = moves.map(({ move, lots, side }, i) => {
          const taker = direction === 1 || side === 'unknown' ? side : side === 'buy' ? 'sell' : 'buy';
          return print((ticks += move * direction), lots, taker, i);
        });
        const taker = direction === 1 ? 'buy' : 'sell';
        const expected: [confirmedMs: number, volumes: number[]][] = [];
        let start = 0;
        tape.forEach((trade, i) => {
          const push = tape.slice(start, i);
          const best = Math.max(...push.map(({ priceTicks }) => priceTicks * direction));
          if (i === start || best - trade.priceTicks * direction < 3) return;
          // Volume by extreme: what the takers traded at a price while it was the best of the push so far.
          const volumes = new Map<number, number>();
          push.forEach(({ priceTicks, sizeLots, side }, j) => {
            const soFar = Math.max(...push.slice(0, j + 1).map((each) => each.priceTicks * direction));
            if (priceTicks * direction !== soFar) return;
            volumes.set(soFar, (volumes.get(soFar) ?? 0) + (side === taker ? sizeLots : 0));
          });
          const last = [...volumes.values()].slice(-3);
          const [a = 0, b = 0, c = 0] = last;
          if (last.length === 3 && a > b && b > c && c / ((a + b) / 2) <= 0.5) expected.push([i, last]);
          start = i;
        });
        const events = exhaustions(tape, { reverseTicks: 3 }).filter(({ side }) => side === taker);
        expect(events.map(({ confirmedMs, volumesLots }) => [confirmedMs, volumesLots])).toEqual(expected);
        found += events.length;
      },
    ),
    { numRuns: 400, seed: 3 },
  );
  expect(found).toBeGreaterThan(100);
});
