import type { ExactInt } from '@tapekit/orderflow/exact';
import { hasRecordedData, workedExamples } from '@tapekit/tooling/recorded-data';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unfinishedAuctions, type AuctionOptions } from './auctions.ts';

const row = (priceTicks: number, sellLots: ExactInt, buyLots: ExactInt, unknownLots: ExactInt = 0) => ({
  ...{ priceTicks, buyLots, sellLots, unknownLots },
});

function ends(rows: readonly ReturnType<typeof row>[], options?: AuctionOptions): (boolean | undefined)[] {
  const { high, low } = unfinishedAuctions(rows, options)!;
  return [high.unfinished, low.unfinished];
}

describe('an auction', () => {
  const five = [row(100, 40, 10), row(101, 12, 130), row(102, 30, 35), row(103, 5, 100), row(104, 0, 16)];

  test('is finished at a high of 0/16 and unfinished at a low of 40/10', () => {
    expect(unfinishedAuctions(five)).toEqual({
      high: { priceTicks: 104, buyLots: 16, sellLots: 0, unknownLots: 0, unfinished: false },
      low: { priceTicks: 100, buyLots: 10, sellLots: 40, unknownLots: 0, unfinished: true },
    });
  });

  test.skipIf(!hasRecordedData)('gives the answers that were computed independently', () => {
    const { unfinished_auction } = workedExamples<{
      readonly unfinished_auction: readonly {
        readonly levels_price_sell_buy: readonly (readonly [number, number, number])[];
        readonly high_row_both_sides_traded: boolean;
        readonly low_row_both_sides_traded: boolean;
      }[];
    }>();
    expect(unfinished_auction).toHaveLength(1);
    for (const { levels_price_sell_buy, ...expected } of unfinished_auction) {
      expect(ends(levels_price_sell_buy.map(([price, sell, buy]) => row(price, sell, buy)))).toEqual([
        expected.high_row_both_sides_traded,
        expected.low_row_both_sides_traded,
      ]);
    }
  });

  test('asks for more than the filter of those who pushed the price there, and for some of the others', () => {
    const both = [row(100, 8, 1), row(101, 1, 8)];
    expect(ends(both)).toEqual([true, true]);
    expect(ends(both, { buyFilterLots: 7, sellFilterLots: 8 })).toEqual([true, false]);
    expect(ends(both, { buyFilterLots: 8, sellFilterLots: 7 })).toEqual([false, true]);
    expect(ends([row(100, 8, 8)])).toEqual([true, true]);
    expect(unfinishedAuctions([])).toBeUndefined();
  });

  test('is unknown where it depends on aggressors that are unknown', () => {
    expect(ends([row(100, 0, 16, 1)])).toEqual([undefined, undefined]);
    expect(ends([row(100, 3, 16, 1)])).toEqual([true, true]);
    // 17 buys are more than 16 if the one was a buy, but then no sell is left.
    expect(ends([row(100, 0, 16, 1)], { buyFilterLots: 16 })[0]).toBe(false);
    expect(ends([row(100, 0, 16, 2)], { buyFilterLots: 16 })[0]).toBe(undefined);
    expect(ends([row(100, 1, 2n ** 60n, 0)], { buyFilterLots: 16 })[0]).toBe(true);
  });

  test('is known exactly when every split of the unknown volume agrees', () => {
    const lots = fc.nat({ max: 4 });
    fc.assert(
      fc.property(lots, lots, lots, lots, (sell, buy, unknown, buyFilterLots) => {
        const answers = Array.from({ length: unknown + 1 }, (_, more) => {
          return buy + more > buyFilterLots && sell + (unknown - more) > 0;
        });
        const known = answers.every(Boolean) ? true : answers.some(Boolean) ? undefined : false;
        // What already holds needs no split.
        const expected = buy > buyFilterLots && sell > 0 ? true : known;
        expect(ends([row(1, sell, buy, unknown)], { buyFilterLots })[0]).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  test('refuses a filter that is no whole number of lots', () => {
    expect(() => unfinishedAuctions(five, { buyFilterLots: 0.5 })).toThrowErrorMatchingInlineSnapshot(
      `[FootprintError: buyFilterLots "0.5" is not a whole number of at least 0.]`,
    );
  });
});
