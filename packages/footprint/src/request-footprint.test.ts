import { createGrid } from '@tapekit/orderflow/grid';
import { expect, test } from 'vitest';
import { imbalancePresets } from './imbalances.ts';
import { requestFootprint } from './request-footprint.ts';
import { createTimeBars } from './time-bars.ts';

const grid = createGrid({ tickSize: '0.25', lotSize: '0.1' });
const builder = createTimeBars({ grid, intervalMs: 60_000, rowTicks: 2, emptyBars: 'flat' });
const print = (timeMs: number, priceTicks: number, sizeLots: number, side: 'buy' | 'sell' | 'unknown') =>
  builder.pushTicks({ timeMs, priceTicks, sizeLots, side });
// Rows of half a point: 100 (ticks 400, 401), 100.5, 101.
print(0, 400, 10, 'sell');
print(1, 402, 31, 'buy');
print(2, 403, 5, 'sell');
print(3, 404, 2, 'unknown');
const [bar] = builder.flush();

test('gives a bar and its rows under the names of Pine, in prices and sizes', () => {
  const footprint = requestFootprint(bar!, { grid, rowTicks: 2 });
  expect(footprint).toMatchObject({
    buyVolume: 3.1,
    sellVolume: 1.5,
    unknownVolume: 0.2,
    delta: 1.6,
    totalVolume: 4.8,
  });
  expect(footprint.rows).toEqual([
    {
      ...{ upPrice: 100.5, downPrice: 100, buyVolume: 0, sellVolume: 1, unknownVolume: 0, delta: -1, totalVolume: 1 },
      ...{ hasBuyImbalance: false, hasSellImbalance: false },
    },
    {
      ...{
        upPrice: 101,
        downPrice: 100.5,
        buyVolume: 3.1,
        sellVolume: 0.5,
        unknownVolume: 0,
        delta: 2.6,
        totalVolume: 3.6,
      },
      // 31 against 10 sold in the row below is more than three times; nothing was bought in the row above 5 sold.
      ...{ hasBuyImbalance: true, hasSellImbalance: true },
    },
    {
      ...{
        upPrice: 101.5,
        downPrice: 101,
        buyVolume: 0,
        sellVolume: 0,
        unknownVolume: 0.2,
        delta: 0,
        totalVolume: 0.2,
      },
      ...{ hasBuyImbalance: false, hasSellImbalance: false },
    },
  ]);
  expect([footprint.poc, footprint.vah, footprint.val]).toEqual([
    footprint.rows[1],
    footprint.rows[1],
    footprint.rows[1],
  ]);
  expect([100.49, 100.5, 101.5, 99].map((price) => footprint.rowByPrice(price)?.downPrice)).toEqual([
    100,
    100.5,
    undefined,
    undefined,
  ]);
});

test('marks imbalances by the rule that is asked for', () => {
  const { rows } = requestFootprint(bar!, { grid, rowTicks: 2, imbalance: imbalancePresets.atas });
  expect(rows.map((row) => [row.hasBuyImbalance, row.hasSellImbalance])).toEqual([
    [false, false],
    [false, false],
    [false, false],
  ]);
});

test('has no rows in a bar without trades', () => {
  builder.advanceTo(60_000);
  const [flat] = builder.advanceTo(120_000);
  const { poc, vah, val, rows, totalVolume } = requestFootprint(flat!, { grid, rowTicks: 2 });
  expect([poc, vah, val, rows, totalVolume]).toEqual([undefined, undefined, undefined, [], 0]);
});

test.each([
  // Rows of a point are four ticks: 100 is tick 400, 100.25 is 401, 100.5 is 402, 101 is 404.
  [
    'floor',
    [
      [100, 101, [400, 401, 402]],
      [101, 102, [404]],
    ],
  ],
  [
    'ceil',
    [
      [99, 100, [400]],
      [100, 101, [401, 402, 404]],
    ],
  ],
  [
    'half-even',
    [
      [99.5, 100.5, [400, 401, 402]],
      [100.5, 101.5, [404]],
    ],
  ],
] as const)('has the edges of rows by %s, and each price in one of them', (rowRule, expected) => {
  const builder = createTimeBars({ grid, intervalMs: 60_000, rowTicks: 4, rowRule });
  const ticks = [400, 401, 402, 404];
  for (const [i, priceTicks] of ticks.entries())
    builder.pushTicks({ timeMs: i, priceTicks, sizeLots: 10, side: 'buy' });
  const { rows, rowByPrice } = requestFootprint(builder.flush()[0]!, { grid, rowTicks: 4, rowRule });
  expect(rows.map(({ downPrice, upPrice, totalVolume }) => [downPrice, upPrice, totalVolume])).toEqual(
    expected.map(([down, up, prints]) => [down, up, prints.length]),
  );
  expect(ticks.map((tick) => rowByPrice(tick / 4))).toEqual(
    ticks.map((tick) => rows[expected.findIndex(([, , prints]) => (prints as readonly number[]).includes(tick))]),
  );
});

test('has rows of an odd height around their middle', () => {
  const builder = createTimeBars({ grid, intervalMs: 60_000, rowTicks: 3, rowRule: 'half-even' });
  builder.pushTicks({ timeMs: 0, priceTicks: 403, sizeLots: 10, side: 'buy' });
  const { rows } = requestFootprint(builder.flush()[0]!, { grid, rowTicks: 3, rowRule: 'half-even' });
  expect([rows[0]!.downPrice, rows[0]!.upPrice]).toEqual([400.5 / 4, 403.5 / 4]);
});

test('refuses options that are none', () => {
  expect(() => requestFootprint(bar!, undefined as never)).toThrow('options "undefined" are none');
  expect(() => requestFootprint(bar!, { grid, rowRule: 'up' as never })).toThrow('rowRule "up" is unknown');
  expect(() => requestFootprint(bar!, { grid, rowTicks: 0 })).toThrow('rowTicks "0"');
});
