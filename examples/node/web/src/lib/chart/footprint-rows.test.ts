import type { Footprint } from '@tapekit/sdk/schemas';
import { describe, expect, test } from 'vitest';
import { createRowCache, drawnRows } from './footprint-rows.ts';

const level = (price: string, sell: string, buy: string, unknown = '0') => ({
  price,
  sell,
  buy,
  unknown,
  sellTrades: 1,
  buyTrades: 1,
});
const bar = {
  poc: '2683.6',
  vah: '2683.7',
  val: '2683.5',
  levels: [
    level('2683.4', '0.1', '0'),
    level('2683.5', '0.2', '1'),
    level('2683.6', '4', '5', '0.5'),
    level('2683.7', '0.3', '0.6'),
  ],
} as unknown as Footprint;
const steps = { tick: 0.01, row: 0.1, digits: 2 };

describe('drawnRows', () => {
  test('keeps the figures of single rows verbatim', () => {
    const rows = drawnRows(bar, steps, 1);
    expect(rows.map(({ sellText, buyText, poc, inValueArea }) => [sellText, buyText, poc, inValueArea])).toEqual([
      ['0.1', '0', false, false],
      ['0.2', '1', false, true],
      ['4', '5', true, true],
      ['0.3', '0.6', false, true],
    ]);
  });

  test('a row reaches half a tick around its ticks', () => {
    const [row] = drawnRows(bar, steps, 1);
    expect(row?.bottom).toBeCloseTo(2683.395, 9);
    expect(row?.top).toBeCloseTo(2683.495, 9);
  });

  test('merged rows line up on multiples and add up exactly', () => {
    const rows = drawnRows(bar, steps, 2);
    expect(rows.map(({ sellText, buyText, unknown, poc }) => [sellText, buyText, unknown, poc])).toEqual([
      ['0.3', '1', 0, false],
      ['4.3', '5.6', 0.5, true],
    ]);
    expect(rows[0]?.bottom).toBeCloseTo(2683.395, 9);
  });
});

test('the cache forgets when the merge factor changes', () => {
  const rowsOf = createRowCache();
  const single = rowsOf(bar, steps, 1);
  expect(rowsOf(bar, steps, 1)).toBe(single);
  expect(rowsOf(bar, steps, 2)).toHaveLength(2);
  expect(rowsOf(bar, steps, 1)).toHaveLength(4);
});
