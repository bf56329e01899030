import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BUY, Ladder, MAX_DENSE_ROWS, SELL, type Column } from './ladder.ts';

test('grows by doubling around the prices that trade', () => {
  const ladder = new Ladder();
  ladder.add(1000, BUY, 1);
  const first = ladder.bytes;
  for (let row = 900; row < 1100; row++) ladder.add(row, SELL, 2);
  expect(ladder.bytes).toBe(first * 8);
  expect(ladder.toRows(1)).toHaveLength(200);
  expect(ladder.toRows(1)[100]).toMatchObject({ priceTicks: 1000, buyLots: 1, sellLots: 2 });
});

test('never takes more than 3 MiB of window, wherever prices are', () => {
  const ladder = new Ladder();
  for (const row of [0, 4e15, -4e15, 60_000, 120_000, 1e9]) ladder.add(row, BUY, 1);
  expect(ladder.bytes).toBeLessThanOrEqual(MAX_DENSE_ROWS * 6 * 8);
  expect(ladder.toRows(1).map((row) => row.priceTicks)).toEqual([-4e15, 0, 60_000, 120_000, 1e9, 4e15]);
});

test('keeps its window when it is emptied, and nothing else', () => {
  const ladder = new Ladder();
  for (const row of [5, 300, 1e9]) ladder.add(row, BUY, Number.MAX_SAFE_INTEGER);
  ladder.add(5, BUY, 1);
  const { bytes } = ladder;
  ladder.clear();
  expect(ladder.toRows(1)).toEqual([]);
  ladder.add(5, SELL, 3);
  expect(ladder.bytes).toBe(bytes);
  expect(ladder.toRows(1)).toEqual([
    { priceTicks: 5, buyLots: 0, sellLots: 3, unknownLots: 0, buyTrades: 0, sellTrades: 1, unknownTrades: 0 },
  ]);
});

test('holds what a plain map of bigints holds, near and far, used once or again', () => {
  const print = fc.record({
    row: fc.oneof(
      fc.integer({ min: -100, max: 100 }),
      fc.integer({ min: -2 * MAX_DENSE_ROWS, max: 2 * MAX_DENSE_ROWS }),
      fc.maxSafeInteger(),
    ),
    column: fc.constantFrom<Column[]>(0, 1, 2),
    lots: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant(Number.MAX_SAFE_INTEGER)),
  });
  fc.assert(
    fc.property(fc.array(print), fc.array(print), (before, prints) => {
      const ladder = new Ladder(true);
      const largest = new Map<number, number>();
      for (const { row, column, lots } of before) ladder.add(row, column, lots);
      ladder.clear();
      const map = new Map<number, [bigint, bigint, bigint]>();
      for (const { row, column, lots } of prints) {
        ladder.add(row, column, lots);
        const cells = map.get(row) ?? [0n, 0n, 0n];
        cells[column] += BigInt(lots);
        map.set(row, cells);
        largest.set(row, Math.max(largest.get(row) ?? 0, lots));
      }
      const expected = [...map].sort(([a], [b]) => a - b).map(([row, lots]) => [row, ...lots]);
      const got = (from: Ladder): unknown =>
        from
          .toRows(1)
          .map((row) => [row.priceTicks, BigInt(row.buyLots), BigInt(row.sellLots), BigInt(row.unknownLots)]);
      expect(got(ladder)).toEqual(expected);
      const again = Ladder.fromJson(JSON.parse(JSON.stringify(ladder.toJson())), true);
      expect(got(again)).toEqual(expected);
      for (const row of [...ladder.toRows(1), ...again.toRows(1)]) {
        expect(row.maxTradeLots).toBe(largest.get(row.priceTicks));
      }
    }),
    { numRuns: 300 },
  );
});

test('forgets the largest prints when it is emptied, near and far', () => {
  const ladder = new Ladder(true);
  for (const row of [5, 1e9]) ladder.add(row, BUY, 90);
  ladder.clear();
  for (const row of [5, 1e9]) ladder.add(row, SELL, 3);
  expect(ladder.toRows(1).map((row) => row.maxTradeLots)).toEqual([3, 3]);
});
