import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sideCode } from '@tapekit/orderflow/columns';
import type { TradeColumns } from '@tapekit/orderflow/columns';
import { createGrid } from '@tapekit/orderflow/grid';
import type { TickTrade } from '@tapekit/orderflow/market';
import type { FootprintBar } from './footprint-bar.ts';
import { footprintBarsOf, footprintsOfColumns } from './footprint-columns.ts';
import type { FootprintColumns, FootprintColumnsOptions } from './footprint-columns.ts';
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

const anySide = fc.constantFrom('buy' as const, 'sell' as const, 'unknown' as const);
const knownSide = fc.constantFrom('buy' as const, 'sell' as const);
const tape = (
  pause: fc.Arbitrary<number>,
  price: fc.Arbitrary<number>,
  size: fc.Arbitrary<number>,
  sides: fc.Arbitrary<TickTrade['side']> = anySide,
) =>
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

/** The columns in the types that are read in place; `undefined` where these do not hold the values. */
function typedOf({ timeMs, priceTicks, sizeLots, side }: TradeColumns): TradeColumns | undefined {
  if ([...priceTicks, ...sizeLots].some((value) => value !== (value | 0))) return undefined;
  // Sides that begin at an odd byte.
  const sides = new Int8Array(side.length + 3).subarray(3);
  sides.set(side);
  return {
    timeMs: Float64Array.from(timeMs),
    priceTicks: Int32Array.from(priceTicks),
    sizeLots: Int32Array.from(sizeLots),
    side: sides,
  };
}

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
    ['on few prices', tape(fc.nat({ max: 300 }), fc.nat({ max: 4 }), fc.integer({ min: 1, max: 99 }), knownSide)],
    [
      'around 2^31 lots',
      tape(fc.nat({ max: 200 }), fc.nat({ max: 3 }), fc.integer({ min: 1, max: 2 ** 28 }), knownSide),
    ],
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
        const typed = typedOf(columnsOf(trades));
        if (typed) expect(footprintsOfColumns(typed, asked)).toEqual(result);
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

  test('refuses trades without one of the columns, and bars that are none', () => {
    const asked = { intervalMs: 1000 };
    const noSide = { timeMs: [0], priceTicks: [1], sizeLots: [1] };
    for (const trades of [{}, undefined, noSide]) {
      expect(() => footprintsOfColumns(trades as never, asked)).toThrow(
        expect.objectContaining({ code: 'bad-option' }),
      );
    }
    expect(() => footprintsOfColumns(noSide as never, asked)).toThrowErrorMatchingInlineSnapshot(
      `[FootprintError: trades have no column side. Pass columns timeMs, priceTicks, sizeLots and side, as tradeColumns gives them.]`,
    );
    expect(() => footprintBarsOf({ bars: 1 } as never)).toThrowErrorMatchingInlineSnapshot(
      `[FootprintError: Argument columns has intervalMs "undefined". Pass what footprintsOfColumns gives.]`,
    );
  });
});

describe('reuse', () => {
  const asked = { intervalMs: 1000 };
  const walk = (count: number, seed: number): TradeColumns => ({
    timeMs: Array.from({ length: count }, (_, i) => i * 70),
    priceTicks: Array.from({ length: count }, (_, i) => (i * seed) % 37),
    sizeLots: Array.from({ length: count }, (_, i) => 1 + ((i * seed) % 11)),
    side: Array.from({ length: count }, (_, i) => (i % 3) - 1),
  });

  test('gives the same bars in the memory of the earlier ones, larger and smaller tapes in turns', () => {
    let last: FootprintColumns | undefined;
    for (const count of [500, 90, 500, 0, 2000, 1, 700]) {
      const trades = walk(count, count + 5);
      const fresh = footprintsOfColumns(trades, asked);
      last = footprintsOfColumns(trades, last ? { ...asked, reuse: last } : asked);
      expect(last).toEqual(fresh);
    }
  });

  test('takes the memory', () => {
    const first = footprintsOfColumns(walk(500, 3), asked);
    const second = footprintsOfColumns(walk(480, 4), { ...asked, reuse: first });
    expect(second.rowBuyLots.buffer).toBe(first.rowBuyLots.buffer);
    expect(second.startMs.buffer).toBe(first.startMs.buffer);
  });

  test('leaves alone what it did not make, what was given before, and what went to another thread', () => {
    const first = footprintsOfColumns(walk(500, 3), asked);
    const copy = { ...first };
    expect(footprintsOfColumns(walk(500, 4), { ...asked, reuse: copy }).rowBuyLots.buffer).not.toBe(
      first.rowBuyLots.buffer,
    );
    const second = footprintsOfColumns(walk(500, 4), { ...asked, reuse: first });
    const third = footprintsOfColumns(walk(500, 5), { ...asked, reuse: first });
    expect(second).toEqual(footprintsOfColumns(walk(500, 4), asked));
    structuredClone(third, { transfer: [third.rowSellLots.buffer as ArrayBuffer] });
    expect(footprintsOfColumns(walk(500, 6), { ...asked, reuse: third })).toEqual(
      footprintsOfColumns(walk(500, 6), asked),
    );
  });
});
