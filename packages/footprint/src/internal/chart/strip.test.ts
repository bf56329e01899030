import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { footprintItem } from './footprint-item.ts';
import { buildStrip, flag } from './strip.ts';
import { barsOf, testGrid as grid } from './test-bars.ts';

describe('strips', () => {
  test('hold the columns and the marks of a ladder', () => {
    const [bar] = barsOf([
      [100, 40, 10],
      [101, 12, 130],
      [103, 30, 35, 7],
    ]);
    const strip = buildStrip(footprintItem(bar!, { grid, imbalance: { zero: 'skip' } }).ladder, 1);
    expect([...strip.ticks]).toEqual([100, 101, 103]);
    expect([...strip.sell]).toEqual([40, 12, 30]);
    expect([...strip.buy]).toEqual([10, 130, 35]);
    expect([...strip.unknown]).toEqual([0, 0, 7]);
    // 142 lots of 264 and the two rows above with 72 are 81 %.
    expect([...strip.flags]).toEqual([0, flag.inArea | flag.poc | flag.buy, flag.inArea]);
    expect([strip.mostSide, strip.mostRow, strip.mostDelta, strip.hasUnknown]).toEqual([130, 142, 118, true]);
  });

  test('merge rows at multiples of their height, below zero too', () => {
    const [bar] = barsOf([
      [-3, 1, 2],
      [-2, 4, 8],
      [-1, 16, 32],
      [0, 64, 128],
    ]);
    const strip = buildStrip(footprintItem(bar!, { grid }).ladder, 2);
    expect([...strip.ticks.subarray(0, strip.count)]).toEqual([-4, -2, 0]);
    expect([...strip.sell.subarray(0, strip.count)]).toEqual([1, 20, 64]);
    expect([...strip.buy.subarray(0, strip.count)]).toEqual([2, 40, 128]);
  });

  test('conserve volume and the point of control, however many rows are merged', () => {
    const row = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.nat(9), fc.nat(9), fc.integer({ min: 1, max: 9 }));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), fc.constantFrom(1, 2, 5, 10, 20), (rows, merge) => {
        const [bar] = barsOf(rows);
        const { count, ticks, sell, buy, unknown, flags } = buildStrip(footprintItem(bar!, { grid }).ladder, merge);
        const sum = (values: Float64Array): number => values.subarray(0, count).reduce((a, b) => a + b, 0);
        expect(sum(sell) + sum(buy) + sum(unknown)).toBe(bar!.volumeLots);
        expect(sum(buy) - sum(sell)).toBe(bar!.deltaLots);
        const pocs = [...ticks.subarray(0, count)].filter((_, i) => (flags[i]! & flag.poc) !== 0);
        expect(pocs).toEqual([Math.floor(bar!.pocTicks / merge) * merge]);
      }),
    );
  });
});
