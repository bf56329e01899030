import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import {
  absorptionLotsPerTick,
  absorptionLotsPerTickExact,
  absorptionMaxTicks,
  absorptionSeed,
  absorptionSeedExact,
  absorptionsOfColumns,
  createAbsorption,
  restoreAbsorption,
} from './absorption.ts';
import type { AbsorptionOptions } from './absorption.ts';
import { tradeColumns } from './columns.ts';
import { createGrid } from './grid.ts';
import type { Aggressor, TickTrade } from './market.ts';

const print = (timeMs: number, priceTicks: number, sizeLots: number, side: Aggressor = 'buy'): TickTrade => ({
  priceTicks,
  sizeLots,
  side,
  timeMs,
});
const enough = { windowMs: 1000, threshold: { minDeltaLots: 100 } } as const;

describe('absorptionSeed', () => {
  test('90 bought and 10 sold at +1 % is 80 ÷ 2; a price that stayed is 80 ÷ 1', () => {
    const flow = { buyLots: 90, sellLots: 10 };
    expect(absorptionSeed({ ...flow, openTicks: 1000, closeTicks: 1010 })).toBe(40);
    expect(absorptionSeed({ ...flow, openTicks: 1000, closeTicks: 990 })).toBe(40);
    expect(absorptionSeed({ ...flow, openTicks: 1000, closeTicks: 1000 })).toBe(80);
  });

  test('unknown volume is volume without a delta: 90 − 10 of 160 is 50 %', () => {
    const window = { openTicks: 300, closeTicks: 301, buyLots: 90, sellLots: 10, unknownLots: 60 };
    // 50 ÷ (1 + 1/3) = 37.5
    expect([absorptionSeed(window), absorptionSeedExact(window)]).toEqual([37.5, '37.5']);
    expect(absorptionSeedExact({ ...window, closeTicks: 307 })).toBe('15');
  });

  test('is unknown without volume or without a price above zero', () => {
    expect(absorptionSeed({ openTicks: 1, closeTicks: 1, buyLots: 0, sellLots: 0 })).toBeUndefined();
    expect(absorptionSeed({ openTicks: 0, closeTicks: 1, buyLots: 1, sellLots: 0 })).toBeUndefined();
    expect(absorptionSeedExact({ openTicks: -5, closeTicks: 1, buyLots: 1, sellLots: 0 })).toBeUndefined();
  });

  test('is exact and finite for the largest windows', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const window = { openTicks: 1, closeTicks: most, buyLots: 10n ** 30n, sellLots: 0 };
    // 100 ÷ (1 + 100 · (most − 1))
    expect(absorptionSeed(window)).toBeCloseTo(1 / most, 25);
    expect(absorptionSeed({ ...window, closeTicks: 1 })).toBe(100);
  });

  test.each([
    { openTicks: 0.5, closeTicks: 1, buyLots: 1, sellLots: 0 },
    { openTicks: 1, closeTicks: NaN, buyLots: 1, sellLots: 0 },
    { openTicks: 1, closeTicks: 1, buyLots: -1, sellLots: 0 },
    { openTicks: 1, closeTicks: 1, buyLots: 1, sellLots: -1n },
    { openTicks: 1, closeTicks: 1, buyLots: 1, sellLots: 1, unknownLots: Infinity },
  ])('refuses a window with a value that is none (%#)', (window) => {
    expect(() => absorptionSeed(window)).toThrow(expect.objectContaining({ code: 'bad-value' }));
  });
});

describe('absorptionLotsPerTick', () => {
  test('1,200 lots over 4 ticks are 300 a tick; without a range they are all there is', () => {
    expect(absorptionLotsPerTick({ lots: 1200, highTicks: 105, lowTicks: 101 })).toBe(300);
    expect(absorptionLotsPerTick({ lots: 1200, highTicks: 101, lowTicks: 101 })).toBe(1200);
    expect(absorptionLotsPerTickExact({ lots: 10n ** 20n, highTicks: 3, lowTicks: 0 })).toBe('33333333333333330000');
    expect(absorptionLotsPerTick({ lots: 0, highTicks: 3, lowTicks: 0 })).toBe(0);
  });

  test('refuses a low above the high', () => {
    expect(() => absorptionLotsPerTick({ lots: 1, highTicks: 1, lowTicks: 2 })).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: lowTicks 2 of a window is not at most highTicks 1. Put decimals on a grid first, with createGrid.]`,
    );
  });
});

describe('createAbsorption', () => {
  test('130 lots bought at an ask that holds, then a seller: the ask absorbed them', () => {
    const absorption = createAbsorption(enough);
    expect(absorption.push(print(0, 50, 60))).toBeUndefined();
    expect(absorption.push(print(10, 50, 70))).toBeUndefined();
    expect(absorption.push(print(20, 49, 80, 'sell'))).toEqual({
      absorbedSide: 'buy',
      byRestingSide: 'ask',
      startMs: 0,
      detectedMs: 10,
      endMs: 10,
      lots: 130,
      deltaLots: 130,
      unknownLots: 0,
      trades: 2,
      fromTicks: 50,
      toTicks: 50,
      priceMoveTicks: 0,
      thresholdLots: 100,
      score: 1.3,
      ended: 'opposed',
    });
  });

  test('a price that goes through breaks it: no absorption', () => {
    const absorption = createAbsorption(enough);
    for (const trade of [print(0, 50, 60), print(10, 50, 70), print(20, 51, 1)]) absorption.push(trade);
    expect(absorption.flush()).toBeUndefined();
    expect(absorption.counts().broken).toBe(1);
  });

  test('sells into a bid that gives way by 2 of 3 ticks: 150 ÷ 100 ÷ (1 + 2)', () => {
    const absorption = createAbsorption({ ...enough, maxTicks: 3 });
    for (const trade of [print(0, 50, 60, 'sell'), print(10, 49, 60, 'sell'), print(20, 48, 30, 'sell')]) {
      expect(absorption.push(trade)).toBeUndefined();
    }
    // The last of them leaves the window at 1020 ms: at 1015 ms 30 lots are left of 150.
    const event = absorption.push(print(1015, 48, 1, 'sell'));
    expect(event).toMatchObject({ absorbedSide: 'sell', byRestingSide: 'bid', deltaLots: -150, priceMoveTicks: -2 });
    expect([event?.score, event?.ended]).toEqual([0.5, 'dried']);
  });

  test('flow that is large but not one-sided is none: 280 against 180 is a share of 0.22', () => {
    const tape = [-90, 90, -90, 90, 50, 50].map((lots, ms) => print(ms, 50, Math.abs(lots), lots < 0 ? 'sell' : 'buy'));
    expect(absorptionsOfColumns(tradeColumns(tape), enough)).toEqual([]);
    expect(absorptionsOfColumns(tradeColumns(tape), { ...enough, minShare: 0.2 })).toMatchObject([{ deltaLots: 100 }]);
  });

  test('unknown volume is told apart, and a print of it may break the price', () => {
    const absorption = createAbsorption(enough);
    absorption.push(print(0, 50, 100));
    absorption.push(print(1, 50, 9, 'unknown'));
    expect(absorption.flush()).toMatchObject({ lots: 100, unknownLots: 9, trades: 2, ended: 'flush' });
    absorption.push(print(2, 50, 100));
    absorption.push(print(3, 51, 9, 'unknown'));
    expect([absorption.flush(), absorption.counts().broken]).toEqual([undefined, 1]);
  });

  test('three times the mean: windows of 9 (first, left out), then |delta| 10, 20, 30 ask for 60', () => {
    const absorption = createAbsorption({
      windowMs: 1000,
      threshold: { timesMean: 3, baselineWindows: 3, warmUpWindows: 3 },
    });
    const quiet = [print(0, 50, 9), print(1000, 50, 10), print(2000, 50, 20, 'sell'), print(3000, 50, 30)];
    for (const trade of [...quiet, print(4000, 50, 1)]) expect(absorption.push(trade)).toBeUndefined();
    expect(absorption.push(print(5500, 50, 59))).toBeUndefined();
    absorption.push(print(5600, 50, 2));
    expect(absorption.flush()).toMatchObject({ thresholdLots: 60, deltaLots: 61, detectedMs: 5600 });
  });

  test('leaves out and counts late prints and prints of no size, and bounds its window', () => {
    const absorption = createAbsorption({ ...enough, maxTrades: 2 });
    for (const trade of [print(5, 50, 1), print(4, 90, 500), print(5, 90, 0), print(5, 50, 1), print(5, 50, 1)]) {
      absorption.push(trade);
    }
    expect(absorption.counts()).toEqual({
      trades: 3,
      lateTrades: 1,
      overflowedTrades: 1,
      zeroTrades: 1,
      broken: 0,
    });
  });

  test.each([
    { windowMs: 0 },
    { minShare: 1.1 },
    { maxTicks: 0 },
    { maxTrades: 0 },
    { threshold: { minDeltaLots: 0 } },
    { threshold: { timesMean: 0 } },
    { threshold: { timesMean: 1, baselineWindows: 5, warmUpWindows: 6 } },
  ])('refuses %j', (options) => {
    expect(() => createAbsorption(options)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  test('refuses to go on with other options', () => {
    expect(() => restoreAbsorption(createAbsorption().snapshot(), { maxTicks: 2 })).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
  });
});

const tapes = fc.array(
  fc.record({
    priceTicks: fc.oneof({ weight: 20, arbitrary: fc.integer({ min: 49, max: 51 }) }, fc.maxSafeInteger()),
    sizeLots: fc.oneof({ weight: 20, arbitrary: fc.nat({ max: 9 }) }, fc.maxSafeNat(), fc.constant(-0)),
    side: fc.constantFrom<Aggressor>('buy', 'buy', 'sell', 'unknown'),
    timeMs: fc.oneof({ weight: 40, arbitrary: fc.nat({ max: 3000 }) }, fc.constantFrom(-0, 1e308, -1e308, 2 ** 53)),
  }),
  { maxLength: 50 },
);
const inOrder = tapes.map((tape) => [...tape].sort((a, b) => a.timeMs - b.timeMs));
const optionSets: readonly AbsorptionOptions[] = [
  { windowMs: 300, threshold: { minDeltaLots: 12 }, minShare: 0.3, maxTicks: 2, maxTrades: 8 },
  { windowMs: 200, threshold: { timesMean: 0.7, baselineWindows: 4, warmUpWindows: 2 }, minShare: 0.2 },
];

describe.each(optionSets)('with %j', (options) => {
  for (const inputs of [inOrder, tapes]) {
    describeReducerContract({
      name: 'createAbsorption',
      create: () => createAbsorption(options),
      restore: (snapshot) => restoreAbsorption(snapshot, options),
      inputs,
      batch: (tape) => absorptionsOfColumns(tradeColumns(tape), options),
      refused: [print(0, 1, -1), print(0, 0.5, 1), print(NaN, 1, 1), print(0, 1, 2 ** 53)],
      conserve: (tape, events, absorption) => {
        const { trades, lateTrades, zeroTrades } = absorption.counts();
        expect(trades + lateTrades + zeroTrades).toBe(tape.length);
        expect(events.reduce((sum, event) => sum + event.trades, 0)).toBeLessThanOrEqual(trades);
        for (const { score, thresholdLots } of events) {
          expect(Number.isFinite(score) && Number.isFinite(thresholdLots)).toBe(true);
        }
      },
    });
  }
});

test('every absorption is one by its definition, told by prints of its own', () => {
  const options = { windowMs: 30, threshold: { minDeltaLots: 12 }, minShare: 0.5, maxTicks: 2 } as const;
  let found = 0;
  const steps = fc.record({
    wait: fc.integer({ min: 1, max: 9 }),
    move: fc.constantFrom(-1, 0, 0, 0, 0, 1),
    lots: fc.integer({ min: 1, max: 9 }),
    side: fc.constantFrom<Aggressor>('buy', 'buy', 'buy', 'sell', 'unknown'),
  });
  fc.assert(
    fc.property(fc.array(steps, { minLength: 20, maxLength: 60 }), (moves) => {
      let [timeMs, ticks] = [0, 100];
      // Times are unique, so that an absorption names its prints.
      const tape = moves.map(({ wait, move, lots, side }) => print((timeMs += wait), (ticks += move), lots, side));
      const events = absorptionsOfColumns(tradeColumns(tape), options);
      let before = -1;
      for (const event of events) {
        const inside = tape.filter((trade) => trade.timeMs >= event.startMs && trade.timeMs <= event.endMs);
        const lotsOf = (side: Aggressor) =>
          inside.filter((trade) => trade.side === side).reduce((sum, trade) => sum + trade.sizeLots, 0);
        const [buys, sells] = [lotsOf('buy'), lotsOf('sell')];
        expect([event.trades, event.lots, event.deltaLots, event.unknownLots]).toEqual([
          inside.length,
          buys + sells,
          buys - sells,
          lotsOf('unknown'),
        ]);
        const sign = event.absorbedSide === 'buy' ? 1 : -1;
        expect((buys - sells) * sign).toBeGreaterThanOrEqual(12);
        expect([event.fromTicks, event.toTicks]).toEqual([
          inside[0]!.priceTicks,
          inside[inside.length - 1]!.priceTicks,
        ]);
        for (const trade of inside.filter((each) => each.timeMs >= event.detectedMs)) {
          expect((trade.priceTicks - event.fromTicks) * sign).toBeLessThan(2);
        }
        expect(event.startMs).toBeGreaterThan(before);
        before = event.endMs;
      }
      found += events.length;
    }),
    { numRuns: 300, seed: 11 },
  );
  expect(found).toBeGreaterThan(100);
});

describe('absorptionMaxTicks', () => {
  const grid = createGrid({ tickSize: '0.01', lotSize: '0.001' });

  test('2 bps of 2,680.00 are 0.536: 53 ticks', () => {
    expect(absorptionMaxTicks(grid, '2680', 2)).toBe(53);
    // 0.7 % of 3 ticks is less than one.
    expect(absorptionMaxTicks(grid, '0.03', 70)).toBe(1);
    expect(() => absorptionMaxTicks(grid, '2680', 0)).toThrow('bps 0 is not a number from');
  });

  test('finds on a fine grid what one tick does not', () => {
    const prints = tradeColumns([print(0, 268_000, 60), print(1, 268_005, 60), print(2, 268_002, 90, 'sell')]);
    expect(absorptionsOfColumns(prints, enough)).toEqual([]);
    const wide = { ...enough, maxTicks: absorptionMaxTicks(grid, '2680', 2) };
    expect(absorptionsOfColumns(prints, wide)).toMatchObject([
      { absorbedSide: 'buy', deltaLots: 120, ended: 'opposed' },
    ]);
  });
});
