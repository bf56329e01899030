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
