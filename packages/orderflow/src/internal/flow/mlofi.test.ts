import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { hasRecordedData, workedExamples } from '@tapekit/tooling/recorded-data';
import { addExact } from '../../exact.ts';
import { createDepth } from '../../depth.ts';
import type { TickLevel } from '../../market.ts';
import { ofiContribution } from '../../ofi.ts';
import { createMlofi, mlofiContributions, mlofiOfColumns, restoreMlofi } from './mlofi.ts';
import type { MlofiLevels } from './mlofi.ts';

type Pairs = readonly (readonly [number, number])[];
const levelsOf = (pairs: Pairs): TickLevel[] => pairs.map(([priceTicks, sizeLots]) => ({ priceTicks, sizeLots }));
const book = (bids: Pairs, asks: Pairs): MlofiLevels => ({ bids: levelsOf(bids), asks: levelsOf(asks) });

const from = book(
  [
    [100, 10],
    [99, 5],
  ],
  [
    [101, 8],
    [102, 7],
  ],
);

describe('mlofiContributions', () => {
  test('bid +2 at the best; second bid down −5 and second ask up +7', () => {
    expect(
      mlofiContributions(
        from,
        book(
          [
            [100, 12],
            [98, 6],
          ],
          [
            [101, 8],
            [103, 9],
          ],
        ),
        2,
      ),
    ).toEqual([2, 2]);
  });

  test('level 0 is OFI of the best quote', () => {
    const current = book(
      [
        [101, 3],
        [100, 4],
      ],
      [
        [102, 2],
        [103, 1],
      ],
    );
    const quoteOf = ({ bids, asks }: MlofiLevels) => ({
      bidTicks: bids[0]!.priceTicks,
      bidLots: bids[0]!.sizeLots,
      askTicks: asks[0]!.priceTicks,
      askLots: asks[0]!.sizeLots,
    });
    expect(mlofiContributions(from, current, 2)[0]).toBe(ofiContribution(quoteOf(from), quoteOf(current)));
  });

  test('a level that appears adds its size, one that vanishes takes it away', () => {
    const shallow = book([[100, 10]], [[101, 8]]);
    expect(mlofiContributions(shallow, from, 2)).toEqual([0, 5 - 7]);
    expect(mlofiContributions(from, shallow, 2)).toEqual([0, -5 + 7]);
    expect(mlofiContributions(shallow, shallow, 3)).toEqual([0, 0, 0]);
  });

  test('levels beyond the ones asked for count nothing', () => {
    expect(
      mlofiContributions(
        from,
        book(
          [
            [100, 12],
            [98, 6],
          ],
          [
            [101, 8],
            [103, 9],
          ],
        ),
        1,
      ),
    ).toEqual([2]);
  });

  test.skipIf(!hasRecordedData)('gives the worked examples', () => {
    const { mlofi } = workedExamples<{ mlofi: { prev: [Pairs, Pairs]; curr: [Pairs, Pairs]; e: number[] }[] }>();
    expect(mlofi.length).toBeGreaterThan(0);
    for (const { prev, curr, e } of mlofi) {
      expect(mlofiContributions(book(...prev), book(...curr), e.length)).toEqual(e);
    }
  });
});

describe('createMlofi', () => {
  test('gives nothing for the first book, then sums by level', () => {
    const mlofi = createMlofi({ levels: 2 });
    expect(mlofi.push(from)).toBeUndefined();
    expect(
      mlofi.push(
        book(
          [
            [100, 12],
            [98, 6],
          ],
          [
            [101, 8],
            [103, 9],
          ],
        ),
      ),
    ).toEqual([2, 2]);
    expect(
      mlofi.push(
        book(
          [
            [100, 11],
            [98, 7],
          ],
          [
            [101, 8],
            [103, 9],
          ],
        ),
      ),
    ).toEqual([-1, 1]);
    expect([mlofi.sums, mlofi.events]).toEqual([[1, 3], 2]);
    expect(mlofi.flush()).toEqual({ sumsLots: [1, 3], events: 2 });
    expect([mlofi.sums, mlofi.events]).toEqual([[0, 0], 0]);
  });

  test('does not span a time without a book', () => {
    for (const nothing of [undefined, book([], [])]) {
      const mlofi = createMlofi({ levels: 2 });
      mlofi.push(from);
      expect(mlofi.push(nothing)).toBeUndefined();
      expect(mlofi.push(from)).toBeUndefined();
      expect(mlofi.events).toBe(0);
    }
  });

  test.each([0, -1, 1.5, NaN, Infinity])('refuses %s levels', (levels) => {
    expect(() => createMlofi({ levels })).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  test('refuses the snapshot of another number of levels', () => {
    expect(() => restoreMlofi(createMlofi({ levels: 2 }).snapshot(), { levels: 3 })).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: snapshot has 2 levels, the options say 3. Restore with the options that the snapshot was made with.]`,
    );
  });
});

const side = fc.array(
  fc.record({ priceTicks: fc.integer({ min: 95, max: 105 }), sizeLots: fc.oneof(fc.nat({ max: 9 }), fc.maxSafeNat()) }),
  { maxLength: 4 },
);
describeReducerContract({
  name: 'createMlofi',
  create: () => createMlofi({ levels: 3 }),
  restore: (snapshot) => restoreMlofi(snapshot, { levels: 3 }),
  inputs: fc.array(fc.record({ bids: side, asks: side }), { maxLength: 12 }),
  push: (mlofi, next) => [mlofi.push(next), mlofi.sums, mlofi.events],
  conserve: (tape, _outputs, mlofi) => {
    mlofi.push(undefined);
    const total = tape
      .map((next) => mlofi.push(next))
      .reduce<readonly (number | bigint)[]>(
        (sums, contributions) => (contributions ? sums.map((sum, m) => addExact(sum, contributions[m]!)) : sums),
        [0, 0, 0],
      );
    expect(mlofi.sums).toEqual(total);
  },
});

describe('the doors of MLOFI', () => {
  const level = fc.tuple(fc.integer({ min: 95, max: 105 }), fc.oneof(fc.nat({ max: 9 }), fc.maxSafeNat()));
  const side = fc.array(level, { maxLength: 4 });
  const books = fc.array(fc.tuple(side, side), { maxLength: 12 });
  const width = 3;
  const column = (tape: readonly (readonly [Pairs, Pairs])[], sideOf: 0 | 1, field: 0 | 1) =>
    tape.flatMap((sides) => Array.from({ length: width }, (_, m) => sides[sideOf][m]?.[field] ?? NaN));
  const columnsOf = (tape: readonly (readonly [Pairs, Pairs])[]) => ({
    levels: width,
    bidTicks: column(tape, 0, 0),
    bidLots: column(tape, 0, 1),
    askTicks: column(tape, 1, 0),
    askLots: column(tape, 1, 1),
  });

  test('columns and buffers give what books one by one give', () => {
    fc.assert(
      fc.property(books, (tape) => {
        const [one, two] = [createMlofi({ levels: width }), createMlofi({ levels: width })];
        const depth = createDepth(width);
        const into = new Float64Array(width);
        const expected = tape.map(([bids, asks]) => {
          const contributions = one.push(book(bids, asks));
          for (const [name, pairs] of [
            ['bid', bids],
            ['ask', asks],
          ] as const) {
            depth[`${name}Levels`] = Math.min(pairs.length, width);
            for (const [m, [ticks, lots]] of pairs.slice(0, width).entries()) {
              depth[`${name}Ticks`][m] = ticks;
              depth[`${name}Lots`][m] = lots;
            }
          }
          expect(two.pushDepth(depth, into) ? [...into] : undefined).toEqual(contributions?.map(Number));
          return contributions;
        });
        expect(two.snapshot()).toEqual(one.snapshot());
        expect(mlofiOfColumns(columnsOf(tape), { levels: width })).toEqual({ contributions: expected, ...one.flush() });
      }),
    );
  });

  test.each([NaN, 0.5, Infinity])('a price or size of %d is refused, and the books before it still follow', (value) => {
    const mlofi = createMlofi({ levels: 1 });
    mlofi.push(book([[100, 10]], [[101, 8]]));
    for (const bids of [[[value, 1]], [[100, value]]] as Pairs[]) {
      expect(() => mlofi.push(book(bids, [[101, 8]]))).toThrow(expect.objectContaining({ code: 'bad-quote' }));
    }
    expect(mlofi.push(book([[100, 12]], [[101, 8]]))).toEqual([2]);
  });

  test('refuses columns that hold no whole number of rows', () => {
    const column = [1, 2, 3, 4];
    const columns = { levels: 3, bidTicks: column, bidLots: column, askTicks: column, askLots: column };
    expect(() => mlofiOfColumns(columns)).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: columns hold 4 entries, no multiple of 3 levels. Pass 3 entries a row.]`,
    );
  });
});
