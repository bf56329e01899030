import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BarSums } from './bar-sums.ts';
import type { Column } from './ladder.ts';

const most = Number.MAX_SAFE_INTEGER;

test('adds up sides, delta and value', () => {
  const sums = new BarSums();
  sums.add(10, 0, 3);
  sums.add(11, 1, 5);
  sums.add(-2, 2, 1);
  const { buy, sell, unknown, volume, delta, minDelta, maxDelta, value } = sums;
  expect({ buy, sell, unknown, volume, delta, minDelta, maxDelta, value }).toEqual({
    buy: 3,
    sell: 5,
    unknown: 1,
    volume: 9,
    delta: -2,
    minDelta: -2,
    maxDelta: 3,
    value: 83,
  });
});

test('goes on exactly where a sum leaves the safe integers, and is quick again when it is emptied', () => {
  const sums = new BarSums();
  sums.add(2, 0, most);
  sums.add(1, 0, 1);
  expect([sums.buy, sums.maxDelta, sums.value]).toEqual([2n ** 53n, 2n ** 53n, 2n ** 54n - 1n]);
  sums.clear();
  sums.add(2, 1, 4);
  expect([sums.volume, sums.minDelta, sums.maxDelta, sums.value]).toEqual([4, -4, 0, 8]);
});

test('is what bigints give, for any prints, cut and restored anywhere', () => {
  const print = fc.record({
    ticks: fc.oneof(fc.integer({ min: -9, max: 9 }), fc.maxSafeInteger()),
    column: fc.constantFrom<Column[]>(0, 1, 2),
    lots: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(most, most - 1, 2 ** 52)),
  });
  fc.assert(
    fc.property(fc.array(print, { maxLength: 30 }), fc.nat(30), (prints, cut) => {
      let sums = new BarSums();
      const sides: [bigint, bigint, bigint] = [0n, 0n, 0n];
      let [value, least, highest] = [0n, 0n, 0n];
      for (const [i, { ticks, column, lots }] of prints.entries()) {
        if (i === cut) sums = new BarSums(sums.toJson());
        sums.add(ticks, column, lots);
        sides[column] += BigInt(lots);
        value += BigInt(ticks) * BigInt(lots);
        const delta = sides[0] - sides[1];
        if (delta < least) least = delta;
        if (delta > highest) highest = delta;
      }
      const { buy, sell, unknown, volume, delta, minDelta, maxDelta } = sums;
      const found = [buy, sell, unknown, volume, delta, minDelta, maxDelta, sums.value];
      const [b, s, u] = sides;
      expect(found.map(BigInt)).toEqual([b, s, u, b + s + u, b - s, least, highest, value]);
      for (const sum of found) expect(typeof sum === 'number').toBe(Number.isSafeInteger(Number(sum)));
    }),
    { numRuns: 1000 },
  );
});
