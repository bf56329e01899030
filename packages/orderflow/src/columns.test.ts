import { describe, expect, test } from 'vitest';
import { quoteColumns, rowCount, sideCode, sideOfCode, tradeColumns } from './columns.ts';

describe('columns', () => {
  test('hold one print a row', () => {
    const columns = tradeColumns([
      { timeMs: 5, priceTicks: 100, sizeLots: 3, side: 'buy' },
      { timeMs: 6, priceTicks: 99, sizeLots: 4, side: 'unknown' },
    ]);
    expect(columns).toEqual({
      timeMs: Float64Array.of(5, 6),
      priceTicks: Float64Array.of(100, 99),
      sizeLots: Float64Array.of(3, 4),
      side: Int8Array.of(1, 0),
    });
  });

  test('say with NaN that there is no quote', () => {
    const quote = { bidTicks: 1, bidLots: 2, askTicks: 3, askLots: 4 };
    const { timeMs, bidLots } = quoteColumns([
      { timeMs: 1, quote },
      { timeMs: 2, quote: undefined },
    ]);
    expect([...timeMs, ...bidLots]).toEqual([1, 2, 2, NaN]);
  });

  test('code sides both ways', () => {
    for (const side of ['buy', 'sell', 'unknown'] as const) expect(sideOfCode(sideCode(side))).toBe(side);
    expect([2, NaN, -7].map(sideOfCode)).toEqual(['unknown', 'unknown', 'unknown']);
  });

  test('of different length are refused by name', () => {
    const columns = { high: [1], low: [1], close: [1, 2], volume: [1] };
    expect(() => rowCount(columns)).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: column close has 2 rows, column high has 1. Pass columns of equal length.]`,
    );
  });
});
