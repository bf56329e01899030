import type { Footprint } from '@tapekit/sdk/schemas';
import { describe, expect, test } from 'vitest';
import { cumulativeDeltas, indexOfBar, ladderRows, priceSteps, upsertBars } from './bars.ts';

const level = (price: string, sell: string, buy: string, unknown = '0') => ({
  price,
  sell,
  buy,
  unknown,
  sellTrades: 1,
  buyTrades: 2,
});

const bar = (t0: number, delta: string): Footprint => ({
  v: 1,
  symbol: 'BBCA',
  t0,
  t1: t0 + 60_000,
  open: '100',
  high: '102',
  low: '100',
  close: '102',
  volume: '16.5',
  buy: '9.5',
  sell: '6',
  unknown: '1',
  delta,
  minDelta: '-2',
  maxDelta: '4',
  trades: 9,
  vwap: '101',
  poc: '101',
  vah: '102',
  val: '101',
  levels: [level('100', '1', '0.5'), level('101', '4', '8', '1'), level('102', '1', '1')],
});

describe('upsertBars', () => {
  test('replaces the older revision and sorts new bars in', () => {
    const bars = [bar(0, '1'), bar(120_000, '3')];
    const revised = bar(120_000, '-3');
    const after = upsertBars(bars, [revised, bar(60_000, '2')]);
    expect(after.map(({ t0, delta }) => [t0, delta])).toEqual([
      [0, '1'],
      [60_000, '2'],
      [120_000, '-3'],
    ]);
    expect(bars).toHaveLength(2);
  });
});

test('a bar is found by its start, and only by it', () => {
  const bars = [bar(0, '1'), bar(60_000, '1'), bar(120_000, '1')];
  expect([0, 60_000, 120_000, 90_000, undefined].map((t0) => indexOfBar(bars, t0))).toEqual([0, 1, 2, -1, -1]);
});

test('cumulative delta is exact', () => {
  expect(cumulativeDeltas([bar(0, '0.1'), bar(1, '0.2'), bar(2, '-0.4')])).toEqual(['0.1', '0.3', '-0.1']);
});

describe('ladderRows', () => {
  test('runs from the highest price down, with the exact delta and the marks', () => {
    expect(
      ladderRows(bar(0, '3.5')).map(({ price, delta, mark, inValueArea }) => [price, delta, mark, inValueArea]),
    ).toEqual([
      ['102', '0', 'vah', true],
      ['101', '4', 'poc', true],
      ['100', '-0.5', undefined, false],
    ]);
  });

  test('shares are of the largest one-sided volume', () => {
    const rows = ladderRows(bar(0, '3.5'));
    expect(rows.map(({ sellShare, buyShare }) => [sellShare, buyShare])).toEqual([
      [0.125, 0.125],
      [0.5, 1],
      [0.125, 0.0625],
    ]);
  });

  test('a bar without rows has an empty ladder', () => {
    expect(ladderRows({ ...bar(0, '0'), levels: [] })).toEqual([]);
  });
});

test('price steps follow from the grid', () => {
  expect(priceSteps({ tickSize: '0.01', rowTicks: 10 })).toEqual({ tick: 0.01, row: 0.1, digits: 2 });
  expect(priceSteps({ tickSize: '25', rowTicks: 1 })).toEqual({ tick: 25, row: 25, digits: 0 });
});
