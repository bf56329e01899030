import { describe, expect, test } from 'vitest';
import { footprintsOfColumns } from '../../footprint-columns.ts';
import type { FootprintColumns } from '../../footprint-columns.ts';
import { concatFootprintColumns } from './concat.ts';

const minute = { intervalMs: 60_000 };

describe('concatFootprintColumns', () => {
  const at = (...times: number[]): FootprintColumns =>
    footprintsOfColumns(
      { timeMs: times, priceTicks: times.map((_, i) => i), sizeLots: times.map(() => 1), side: times.map(() => 1) },
      minute,
    );

  test('puts bars and their rows behind each other', () => {
    const all = concatFootprintColumns([at(), at(0, 1, 60_000), at(), at(120_000, 120_001), at()]);
    expect(all).toEqual({ ...at(0, 1, 60_000, 120_000, 120_001), ...pick(all) });
    expect([...all.firstRow]).toEqual([0, 2, 3, 5]);
    expect([...all.rowPriceTicks]).toEqual([0, 1, 2, 0, 1]);
  });

  test('refuses nothing, parts of other options, and parts that overlap', () => {
    expect(() => concatFootprintColumns([])).toThrow('Pass one or more.');
    expect(() => concatFootprintColumns(undefined as never)).toThrow(
      'parts "undefined" is no array. Pass the columns of every part, in order of time.',
    );
    expect(() => concatFootprintColumns([at(0), undefined as never])).toThrow(
      'Part 1 "undefined" is no FootprintColumns. Pass what footprintsOfColumns gives.',
    );
    expect(() => concatFootprintColumns([at(0), { ...at(), intervalMs: 1 }])).toThrow(
      'Part 1 has intervalMs "1", the first one has "60000". Pass parts made with the same options.',
    );
    expect(() => concatFootprintColumns([at(0), { ...at(), rowTicks: 2 }])).toThrow('Part 1 has rowTicks "2"');
    expect(() => concatFootprintColumns([at(0), at(1)])).toThrow(
      'Part 1 begins with the bar at "0", the parts before it end with the one at "0". ' +
        'Pass parts of one tape in order of time, cut between bars.',
    );
  });

  /** The prices of this tape count from 0 in every part. */
  function pick(all: FootprintColumns): Partial<FootprintColumns> {
    const { openTicks, highTicks, lowTicks, closeTicks, pocTicks, vahTicks, valTicks, rowPriceTicks } = all;
    return { openTicks, highTicks, lowTicks, closeTicks, pocTicks, vahTicks, valTicks, rowPriceTicks };
  }
});
