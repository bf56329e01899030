import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sideCode } from '@tapekit/orderflow/columns';
import type { TradeColumns } from '@tapekit/orderflow/columns';
import { createGrid } from '@tapekit/orderflow/grid';
import type { TickTrade } from '@tapekit/orderflow/market';
import type { FootprintBar } from './footprint-bar.ts';
import { footprintBarsOf, footprintsOfColumns } from './footprint-columns.ts';
import type { FootprintColumnsOptions } from './footprint-columns.ts';
import { createTimeBars } from './time-bars.ts';

const columnsOf = (trades: readonly TickTrade[]): TradeColumns => ({
  timeMs: trades.map(({ timeMs }) => timeMs),
  priceTicks: trades.map(({ priceTicks }) => priceTicks),
  sizeLots: trades.map(({ sizeLots }) => sizeLots),
  side: trades.map(({ side }) => sideCode(side)),
});

/** The latest revision of every bar that the stream gives. */
function streamed(trades: readonly TickTrade[], options: FootprintColumnsOptions): FootprintBar[] {
  const grid = createGrid({ tickSize: '1', lotSize: '1' });
  const bars = createTimeBars({ grid, dedupe: false, ...options });
  const latest = new Map<number, FootprintBar>();
  for (const trade of trades) for (const bar of bars.pushTicks(trade)) latest.set(bar.startMs, bar);
  for (const bar of bars.flush()) latest.set(bar.startMs, bar);
  return [...latest.values()].sort((a, b) => a.startMs - b.startMs);
}

const sides = fc.constantFrom('buy' as const, 'sell' as const, 'unknown' as const);
const tape = (pause: fc.Arbitrary<number>, price: fc.Arbitrary<number>, size: fc.Arbitrary<number>) =>
  fc.array(fc.tuple(pause, price, size, sides), { maxLength: 80 }).map((steps) => {
    let timeMs = 1_700_000_000_000;
    return steps.map(([step, priceTicks, sizeLots, side]): TickTrade => {
      timeMs += step;
      return { timeMs, priceTicks, sizeLots, side };
    });
  });
const options = fc.record({
  intervalMs: fc.constantFrom(1000, 60_000),
  rowTicks: fc.constantFrom(1, 3, 10),
  valueAreaPercent: fc.constantFrom(70, 68, 99.5, 0.000001, 100),
});

describe('footprintsOfColumns', () => {
  test('gives one bar, with its rows behind each other', () => {
    const columns = { timeMs: [0, 1000, 2000], priceTicks: [21, 20, 20], sizeLots: [3, 1, 4], side: [1, -1, 0] };
    const result = footprintsOfColumns(columns, { intervalMs: 60_000 });
    expect(footprintBarsOf(result)).toEqual([
      {
        startMs: 0,
        endMs: 60_000,
        openTicks: 21,
        highTicks: 21,
        lowTicks: 20,
        closeTicks: 20,
        volumeLots: 8,
        buyLots: 3,
        sellLots: 1,
        unknownLots: 4,
        deltaLots: 2,
        minDeltaLots: 0,
        maxDeltaLots: 3,
        trades: 3,
        valueTickLots: 21 * 3 + 20 * 5,
        pocTicks: 20,
        vahTicks: 21,
        valTicks: 20,
        revision: 0,
        rows: [
          { priceTicks: 20, buyLots: 0, sellLots: 1, unknownLots: 4, buyTrades: 0, sellTrades: 1, unknownTrades: 1 },
          { priceTicks: 21, buyLots: 3, sellLots: 0, unknownLots: 0, buyTrades: 1, sellTrades: 0, unknownTrades: 0 },
        ],
      },
    ]);
    expect([...result.firstRow]).toEqual([0, 2]);
  });

  test.each([
    ['in order', tape(fc.nat({ max: 40_000 }), fc.integer({ min: -30, max: 30 }), fc.integer({ min: 1, max: 99 }))],
    ['far apart in price', tape(fc.nat({ max: 9_000 }), fc.integer({ min: -9999, max: 9999 }), fc.nat({ max: 3 }))],
    ['late', tape(fc.integer({ min: -90_000, max: 90_000 }), fc.nat({ max: 9 }), fc.nat({ max: 9 }))],
    ['of huge prices', tape(fc.nat({ max: 900 }), fc.maxSafeInteger(), fc.integer({ min: 1, max: 9 }))],
    ['of huge sizes', tape(fc.nat({ max: 900 }), fc.nat({ max: 3 }), fc.integer({ min: 1, max: 2 ** 47 }))],
  ])('gives the bars of the stream for prints %s', (_, tapes) => {
    fc.assert(
      fc.property(tapes, options, (trades, asked) => {
        let result;
        try {
          result = footprintsOfColumns(columnsOf(trades), asked);
        } catch (error) {
          // Only a sum that a column cannot hold may be refused.
          expect(error).toMatchObject({ code: 'out-of-range' });
          return;
        }
        expect(footprintBarsOf(result)).toEqual(streamed(trades, asked));
      }),
      { numRuns: 300 },
    );
  });

  test('takes typed arrays as it takes lists', () => {
    const trades = columnsOf([
      { timeMs: 5, priceTicks: 7, sizeLots: 2, side: 'buy' },
      { timeMs: 61_000, priceTicks: 9, sizeLots: 3, side: 'sell' },
    ]);
    const typed = {
      timeMs: Float64Array.from(trades.timeMs),
      priceTicks: Int32Array.from(trades.priceTicks),
      sizeLots: Int32Array.from(trades.sizeLots),
      side: Int8Array.from(trades.side),
    };
    const asked = { intervalMs: 60_000 };
    expect(footprintsOfColumns(typed, asked)).toEqual(footprintsOfColumns(trades, asked));
  });

  test.each([
    ['a fraction of a tick', { priceTicks: [0.5] }],
    ['a fraction of a lot', { sizeLots: [0.5] }],
    ['no time', { timeMs: [NaN] }],
  ])('refuses %s', (_, bad) => {
    const columns = { timeMs: [0], priceTicks: [1], sizeLots: [1], side: [1], ...bad };
    expect(() => footprintsOfColumns(columns, { intervalMs: 1000 })).toThrow(
      expect.objectContaining({ code: 'bad-trade' }),
    );
  });

  test('of nothing is nothing', () => {
    const none = footprintsOfColumns({ timeMs: [], priceTicks: [], sizeLots: [], side: [] }, { intervalMs: 1000 });
    expect([none.bars, [...none.firstRow], footprintBarsOf(none)]).toEqual([0, [0], []]);
  });
});
