import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { tradeColumns } from './columns.ts';
import { addExact } from './exact.ts';
import type { Aggressor, TickTrade } from './market.ts';
import { createTradeImbalance, restoreTradeImbalance, tradeImbalanceOfColumns } from './trade-imbalance.ts';
import type { TradeImbalanceInterval, TradeImbalanceOptions } from './trade-imbalance.ts';

const print = (priceTicks: number, sizeLots: number, side: Aggressor, timeMs = 0): TickTrade => ({
  priceTicks,
  sizeLots,
  side,
  timeMs,
});

describe('createTradeImbalance', () => {
  test('counts volume, prints and value: 6@100 bought, 2@90 and 1@90 sold, 9@95 unknown', () => {
    const imbalance = createTradeImbalance();
    expect(imbalance.push(print(100, 6, 'buy'))).toEqual({ byVolume: 1, byTrades: 1, byValue: 1 });
    imbalance.push(print(90, 2, 'sell'));
    imbalance.push(print(90, 1, 'sell'));
    // Volume (6−3)/(6+3), prints (1−2)/3, value (600−270)/(600+270).
    expect(imbalance.push(print(95, 9, 'unknown'))).toEqual({ byVolume: 3 / 9, byTrades: -1 / 3, byValue: 330 / 870 });
    expect(imbalance.exact()).toEqual({
      byVolume: '0.3333333333333333',
      byTrades: '-0.3333333333333333',
      byValue: '0.3793103448275862',
    });
    expect(imbalance.totals()).toEqual({
      buyLots: 6,
      sellLots: 3,
      unknownLots: 9,
      buyTrades: 1,
      sellTrades: 2,
      unknownTrades: 1,
      buyTickLots: 600,
      sellTickLots: 270,
      unknownTickLots: 855,
    });
  });

  test('is unknown where nobody is known to have traded', () => {
    const imbalance = createTradeImbalance();
    expect(imbalance.exact()).toEqual({ byVolume: undefined, byTrades: undefined, byValue: undefined });
    expect(imbalance.push(print(95, 9, 'unknown'))).toEqual({
      byVolume: undefined,
      byTrades: undefined,
      byValue: undefined,
    });
    // Bought for nothing: there is volume, but no value.
    expect(imbalance.push(print(0, 1, 'buy'))).toEqual({ byVolume: 1, byTrades: 1, byValue: undefined });
  });

  test('prices below zero count by their magnitude', () => {
    const imbalance = createTradeImbalance();
    imbalance.push(print(-3, 10, 'buy'));
    expect(imbalance.push(print(1, 10, 'sell')).byValue).toBe(0.5);
  });

  test('the last n prints are those that arrived last, whatever their times', () => {
    const imbalance = createTradeImbalance({ window: { lastTrades: 2 } });
    imbalance.push(print(1, 5, 'buy', 100));
    imbalance.push(print(1, 3, 'buy', 5));
    expect(imbalance.push(print(1, 1, 'sell', 50)).byVolume).toBe(0.5);
    expect(imbalance.counts()).toEqual({
      trades: 3,
      lateTrades: 0,
      reorderedTrades: 2,
      overflowedTrades: 0,
      zeroTrades: 0,
    });
  });

  test('the last t milliseconds end with the latest print: the one t ago is out', () => {
    const imbalance = createTradeImbalance({ window: { lastMs: 1000 } });
    imbalance.push(print(1, 5, 'buy', 0));
    expect(imbalance.push(print(1, 5, 'sell', 999)).byVolume).toBe(0);
    expect(imbalance.push(print(1, 3, 'buy', 1000)).byVolume).toBe(-0.25);
    // Earlier than the latest, but inside (0, 1000]: taken in.
    expect(imbalance.push(print(1, 2, 'buy', 500)).byVolume).toBe(0);
    expect(imbalance.push(print(1, 100, 'buy', 0)).byVolume).toBe(0);
    expect(imbalance.push(print(1, 1, 'sell', 1500)).byVolume).toBe(-3 / 9);
    expect(imbalance.counts()).toMatchObject({ trades: 5, lateTrades: 1, reorderedTrades: 1 });
  });

  test('a full window of time lets its oldest print go and counts it', () => {
    const imbalance = createTradeImbalance({ window: { lastMs: 1000, maxTrades: 2 } });
    [5, 4, 3].forEach((lots, i) => imbalance.push(print(1, lots, 'buy', i)));
    expect([imbalance.totals().buyLots, imbalance.counts().overflowedTrades]).toEqual([7, 1]);
  });

  test('an interval is given by the print that ends it, and late prints are left out', () => {
    const imbalance = createTradeImbalance({ window: { everyMs: 1000, offsetMs: 500 } });
    imbalance.push(print(10, 3, 'buy', 600));
    imbalance.push(print(10, 1, 'sell', 1499));
    const { ended, byVolume } = imbalance.push(print(10, 1, 'sell', 1500));
    expect([ended?.startMs, ended?.byVolume, ended?.totals.buyTickLots, byVolume]).toEqual([500, 0.5, 30, -1]);
    expect(imbalance.push(print(10, 9, 'buy', 1400))).toEqual({ byVolume: -1, byTrades: -1, byValue: -1 });
    expect(imbalance.counts().lateTrades).toBe(1);
    expect(imbalance.flush()?.startMs).toBe(1500);
    expect(imbalance.flush()).toBeUndefined();
  });

  test('a window that rolled for long holds exactly what a fresh one would, beyond 2^53 too', () => {
    const imbalance = createTradeImbalance({ window: { lastTrades: 2 } });
    for (let i = 0; i < 100; i += 1) imbalance.push(print(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 'buy'));
    imbalance.push(print(3, 1, 'sell'));
    imbalance.push(print(5, 1, 'buy'));
    expect(imbalance.totals()).toMatchObject({ buyLots: 1, sellLots: 1, buyTickLots: 5, sellTickLots: 3 });
  });

  test.each([
    { lastTrades: 0 },
    { lastTrades: 1.5 },
    { lastMs: 0 },
    { lastMs: 1, maxTrades: 0 },
    { everyMs: -1 },
    { everyMs: 1, offsetMs: 0.5 },
  ])('refuses the window %j', (window) => {
    expect(() => createTradeImbalance({ window })).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });
});

const tapes = fc.array(
  fc.record({
    priceTicks: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: -3, max: 9 }) }, fc.maxSafeInteger()),
    sizeLots: fc.oneof({ weight: 8, arbitrary: fc.nat({ max: 5 }) }, fc.maxSafeNat(), fc.constant(-0)),
    side: fc.constantFrom<Aggressor>('buy', 'sell', 'unknown'),
    timeMs: fc.oneof({ weight: 20, arbitrary: fc.nat({ max: 3000 }) }, fc.constantFrom(-0, 1e15, -1e15)),
  }),
  { maxLength: 30 },
);
const optionSets: readonly TradeImbalanceOptions[] = [
  { window: { lastTrades: 3 } },
  { window: { lastMs: 700 } },
  { window: { lastMs: 700, maxTrades: 2 } },
  { window: { everyMs: 1000, offsetMs: 100 } },
];

describe.each(optionSets)('with %j', (options) => {
  describeReducerContract({
    name: 'createTradeImbalance',
    create: () => createTradeImbalance(options),
    restore: (snapshot) => restoreTradeImbalance(snapshot, options),
    inputs: tapes,
    push: (imbalance, trade) => [imbalance.push(trade), imbalance.totals(), imbalance.exact(), imbalance.counts()],
    refused: [print(0.5, 1, 'buy'), print(1, -1, 'buy'), print(1, NaN, 'sell'), print(1, 1, 'buy', NaN)],
    conserve: (tape, _outputs, flushed) => {
      const { trades, lateTrades, zeroTrades } = flushed.counts();
      expect(trades + lateTrades + zeroTrades).toBe(tape.length);
    },
  });

  test('over columns is row by row what push gives', () => {
    fc.assert(
      fc.property(tapes, (tape) => {
        const imbalance = createTradeImbalance(options);
        const values = tape.map((trade) => imbalance.push(trade));
        expect(tradeImbalanceOfColumns(tradeColumns(tape), options)).toEqual({ values, last: imbalance.flush() });
      }),
    );
  });
});

test('a rolling window is at every print the sum over the prints that it says it holds', () => {
  fc.assert(
    fc.property(tapes, (tape) => {
      const byCount = createTradeImbalance({ window: { lastTrades: 3 } });
      const byTime = createTradeImbalance({ window: { lastMs: 700 } });
      let latest = -Infinity;
      const taken: TickTrade[] = [];
      for (const trade of tape.filter(({ sizeLots }) => sizeLots !== 0)) {
        byCount.push(trade);
        byTime.push(trade);
        latest = Math.max(latest, trade.timeMs);
        taken.push(trade);
        const buys = (prints: readonly TickTrade[]) =>
          prints
            .filter(({ side }) => side === 'buy')
            .map(({ sizeLots }) => sizeLots)
            .reduce(addExact, 0);
        expect(byCount.totals().buyLots).toEqual(buys(taken.slice(-3)));
        expect(byTime.totals().buyLots).toEqual(buys(taken.filter(({ timeMs }) => latest - timeMs < 700)));
      }
    }),
  );
});

test('intervals and late prints together are all the volume there was', () => {
  fc.assert(
    fc.property(tapes, (tape) => {
      const { values, last } = tradeImbalanceOfColumns(tradeColumns(tape), { window: { everyMs: 1000 } });
      const intervals = [...values.map(({ ended }) => ended), last].filter(
        (interval): interval is TradeImbalanceInterval => interval !== undefined,
      );
      const held = intervals.reduce(
        (sum, { totals }) => sum + totals.buyTrades + totals.sellTrades + totals.unknownTrades,
        0,
      );
      let open = -Infinity;
      const onTime = tape.filter(({ timeMs, sizeLots }) => {
        if (sizeLots === 0 || Math.floor(timeMs / 1000) < open) return false;
        open = Math.floor(timeMs / 1000);
        return true;
      });
      expect(held).toBe(onTime.length);
    }),
  );
});
