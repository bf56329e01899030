import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { imbalanceColumnsDefaults, imbalanceFlag, imbalancesOfColumns } from './columns-imbalances.ts';
import { footprintBarsOf, footprintsOfColumns } from './footprint-columns.ts';
import type { FootprintColumns } from './footprint-columns.ts';
import { imbalanceDefaults, imbalanceFlags, imbalancePresets, imbalances } from './imbalances.ts';
import type { ImbalanceRule } from './imbalances.ts';

/** Columns of bars of a second whose prints are `[bar, price, size, side]`. */
function columnsOf(prints: readonly (readonly [number, number, number, number])[], rowTicks = 1): FootprintColumns {
  const sorted = [...prints].sort((a, b) => a[0] - b[0]);
  const trades = {
    timeMs: sorted.map(([bar]) => bar * 1000),
    priceTicks: sorted.map(([, price]) => price),
    sizeLots: sorted.map(([, , size]) => size),
    side: sorted.map(([, , , side]) => side),
  };
  return footprintsOfColumns(trades, { intervalMs: 1000, rowTicks });
}

/** The flags of `imbalances`, bar by bar. */
function flagsByBar(columns: FootprintColumns, rule: Partial<ImbalanceRule>): number[] {
  const { rowTicks } = columns;
  return footprintBarsOf(columns).flatMap(({ rows }) =>
    imbalanceFlags(rows, imbalances(rows, { ...rule, rowTicks }), { rowTicks }).map(
      ({ buy, sell }) => (buy ? imbalanceFlag.buy : 0) + (sell ? imbalanceFlag.sell : 0),
    ),
  );
}

describe('imbalancesOfColumns', () => {
  const two = columnsOf([
    [0, 100, 40, -1],
    [0, 101, 121, 1],
    [0, 101, 10, -1],
    [0, 102, 3, 1],
    [1, 100, 9, 1],
    [1, 103, 9, -1],
  ]);

  test('compares buys with the sells one row below, sells with the buys one row above, and nothing across bars', () => {
    // 121 buys against 40 sells below; 10 sells against 3 buys above. In the second bar no row has a neighbour that traded:
    // 9 sells at 103 are against nothing, but 103 is its highest row.
    expect([...imbalancesOfColumns(two)]).toEqual([0, 3, 0, 0, 0]);
    expect([...imbalancesOfColumns(two, { ratio: '3.025' })]).toEqual([0, 2, 0, 0, 0]);
    expect([...imbalancesOfColumns(two, { ratio: '3.025', compare: 'gte' })]).toEqual([0, 3, 0, 0, 0]);
  });

  test('takes a row that did not trade for one without volume', () => {
    const gap = columnsOf([
      [0, 100, 9, -1],
      [0, 103, 9, 1],
    ]);
    expect([...imbalancesOfColumns(gap)]).toEqual([2, 1]);
    expect([...imbalancesOfColumns(gap, { zero: 'skip' })]).toEqual([0, 0]);
  });

  test('has the defaults of imbalances', () => {
    expect({ ...imbalanceColumnsDefaults, rowTicks: 1 }).toEqual(imbalanceDefaults);
  });

  const print = (most: number) =>
    fc.tuple(
      fc.nat({ max: 3 }),
      fc.integer({ min: -6, max: 9 }),
      fc.integer({ min: 1, max: most }),
      fc.integer({ min: -1, max: 1 }),
    );
  const rule: fc.Arbitrary<Partial<ImbalanceRule>> = fc.oneof(
    fc.constantFrom<Partial<ImbalanceRule>[]>({}, ...Object.values(imbalancePresets)),
    fc.record({ ratio: fc.constantFrom(1, 3, '2.5', '0.000001', 999_999), compare: fc.constantFrom('gt', 'gte') }),
    fc.record({
      mode: fc.constantFrom('diagonal', 'same-row'),
      ratio: fc.constantFrom(1, 2, '1.5'),
      ratioMeaning: fc.constantFrom('multiple', 'excess-percent'),
      compare: fc.constantFrom('gt', 'gte'),
      zero: fc.constantFrom('skip', 'as-one', 'infinite'),
      outside: fc.constantFrom('skip', 'zero'),
      minVolume: fc.nat({ max: 6 }),
      minVolumeOf: fc.constantFrom('side', 'row'),
      minDifference: fc.nat({ max: 3 }),
      minOpposite: fc.nat({ max: 2 }),
      basis: fc.constantFrom('volume', 'count'),
      attribution: fc.constantFrom('aggressor', 'lower'),
      whenBoth: fc.constantFrom('both', 'buy'),
    }),
  );

  test.each([
    ['small', 12],
    ['huge', 2 ** 46],
  ])('gives the flags of imbalances, whatever the rule, for %s sizes', (_, most) => {
    fc.assert(
      fc.property(fc.array(print(most), { maxLength: 40 }), fc.constantFrom(1, 3), rule, (prints, rowTicks, asked) => {
        const columns = columnsOf(prints, rowTicks);
        expect([...imbalancesOfColumns(columns, asked)]).toEqual(flagsByBar(columns, asked));
      }),
      { numRuns: 1000 },
    );
  });

  test('compares exactly where a product is no safe integer', () => {
    const most = 2 ** 52;
    const columns = columnsOf([
      [0, 0, most / 2, -1],
      [0, 1, most - 1, 1],
    ]);
    // 4503599627370495 against 2251799813685248: 1.9999999999999996 times.
    expect([...imbalancesOfColumns(columns, { ratio: '2.000000', compare: 'gte' })]).toEqual([0, 0]);
    expect([...imbalancesOfColumns(columns, { ratio: '1.999999', compare: 'gte' })]).toEqual([0, 1]);
  });

  test('writes into the flags of an earlier call where they are long enough', () => {
    const used = new Uint8Array(9).fill(7);
    const flags = imbalancesOfColumns(two, { reuse: used });
    expect([...flags]).toEqual([0, 3, 0, 0, 0]);
    expect(flags.buffer).toBe(used.buffer);
    expect([...imbalancesOfColumns(two, { reuse: used, zero: 'as-one' })]).toEqual(flagsByBar(two, { zero: 'as-one' }));
    const short = new Uint8Array(2);
    expect(imbalancesOfColumns(two, { reuse: short }).buffer).not.toBe(short.buffer);
  });

  test('leaves the columns as they are', () => {
    const before = JSON.stringify(two);
    imbalancesOfColumns(two, { whenBoth: 'buy' });
    expect(JSON.stringify(two)).toBe(before);
  });

  test('refuses what are no columns, no rule and no flags', () => {
    expect(() => imbalancesOfColumns(undefined as never)).toThrowErrorMatchingInlineSnapshot(
      `[FootprintError: Argument columns "undefined" is no FootprintColumns. Pass what footprintsOfColumns gives.]`,
    );
    expect(() => imbalancesOfColumns({} as never)).toThrowErrorMatchingInlineSnapshot(
      `[FootprintError: Argument columns has bars "undefined". Pass what footprintsOfColumns gives.]`,
    );
    expect(() => imbalancesOfColumns({ ...two, rowSellLots: [] } as never)).toThrowErrorMatchingInlineSnapshot(
      `[FootprintError: Argument columns has no Float64Array rowSellLots of 5 entries. Pass what footprintsOfColumns gives.]`,
    );
    expect(() => imbalancesOfColumns(two, { ratio: 0 })).toThrow(expect.objectContaining({ code: 'bad-option' }));
    expect(() => imbalancesOfColumns(two, { reuse: [] as never })).toThrowErrorMatchingInlineSnapshot(
      `[FootprintError: reuse "object" is no Uint8Array. Pass the flags of an earlier call, or none.]`,
    );
  });
});
