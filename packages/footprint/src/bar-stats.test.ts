import { createGrid } from '@tapekit/orderflow/grid';
import { expect, test } from 'vitest';
import { averageTradeLots, barStats, deltaLots, deltaPercent, maxTradeLots, volumeLots } from './bar-stats.ts';
import type { FootprintBar } from './footprint-bar.ts';
import { createTimeBars } from './time-bars.ts';

const grid = createGrid({ tickSize: '1', lotSize: '1' });

function barOf(
  ...prints: readonly (readonly [priceTicks: number, sizeLots: number, side: 'buy' | 'sell' | 'unknown'])[]
): FootprintBar {
  const bars = createTimeBars({ grid, intervalMs: 60_000 });
  for (const [i, [priceTicks, sizeLots, side]] of prints.entries()) {
    bars.pushTicks({ timeMs: i, priceTicks, sizeLots, side });
  }
  return bars.flush()[0]!;
}

test('derives the numbers of a bar', () => {
  // Volume 12: buy 7, sell 3, unknown 2. Delta 4 of 12 is a third; 100 × 6 + 101 × 3 + 102 × 3 = 1209 ÷ 12.
  const bar = barOf([100, 6, 'buy'], [101, 3, 'sell'], [102, 1, 'buy'], [102, 2, 'unknown']);
  expect(barStats(bar)).toEqual({
    deltaPercent: '33.33333333333333',
    finishLots: 4,
    averageLots: '3',
    maxTradeLots: undefined,
    vwapTicks: '100.75',
    buyTrades: 2,
    sellTrades: 1,
    unknownTrades: 1,
  });
  expect(bar.rows.map(deltaPercent)).toEqual(['100', '-100', '33.33333333333333']);
  expect(bar.rows.map(averageTradeLots)).toEqual(['6', '3', '1.5']);
  expect(bar.rows.map(volumeLots)).toEqual([6, 3, 3]);
  expect(bar.rows.map(deltaLots)).toEqual([6, -3, 1]);
});

test('is exact beyond safe integers', () => {
  const huge = Number.MAX_SAFE_INTEGER;
  const bar = barOf([1, huge, 'buy'], [1, huge, 'buy'], [1, huge, 'sell']);
  expect(barStats(bar)).toMatchObject({ deltaPercent: '33.33333333333333', averageLots: '9007199254740991' });
});

test('does not know what nothing gives', () => {
  const nothing = { buyLots: 0, sellLots: 0, unknownLots: 0, trades: 0 };
  expect([deltaPercent(nothing), averageTradeLots(nothing), maxTradeLots([])]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('knows the largest print when every row does', () => {
  expect(maxTradeLots([{ maxTradeLots: 3 }, { maxTradeLots: 7 }, { maxTradeLots: 5 }])).toBe(7);
  expect(maxTradeLots([{ maxTradeLots: 3 }, {}])).toBeUndefined();
});
