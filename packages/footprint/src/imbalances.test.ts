import type { ExactInt } from '@tapekit/orderflow/exact';
import { hasRecordedData, workedExamples } from '@tapekit/tooling/recorded-data';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FootprintRow } from './footprint-bar.ts';
import {
  imbalanceDefaults,
  imbalanceFlags,
  imbalancePresets,
  imbalances,
  stackedImbalances,
  type ImbalanceOptions,
  type ImbalanceRow,
} from './imbalances.ts';

/** `[price, sell, buy]`, as a footprint is read from left to right. */
type Level = readonly [priceTicks: number, sellLots: ExactInt, buyLots: ExactInt];

function ladder(...levels: readonly Level[]): ImbalanceRow[] {
  return levels.map(([priceTicks, sellLots, buyLots]) => ({ priceTicks, buyLots, sellLots, unknownLots: 0 }));
}

function marked(rows: readonly ImbalanceRow[], options?: ImbalanceOptions): [number, string][] {
  return imbalances(rows, options).map(({ priceTicks, side }) => [priceTicks, side]);
}

const five = ladder([100, 40, 10], [101, 12, 130], [102, 30, 35], [103, 5, 100], [104, 0, 16]);

describe('the ladder of the worked example', () => {
  test('has diagonal buys at 101, 103 and 104: 130 > 3·40, 100 > 3·30, 16 > 3·5', () => {
    expect(imbalances(five, imbalancePresets.tradingView)).toEqual([
      { priceTicks: 101, side: 'buy', dominant: 130, opposite: 40, dominantTicks: 101, oppositeTicks: 100 },
      { priceTicks: 103, side: 'buy', dominant: 100, opposite: 30, dominantTicks: 103, oppositeTicks: 102 },
      { priceTicks: 104, side: 'buy', dominant: 16, opposite: 5, dominantTicks: 104, oppositeTicks: 103 },
    ]);
  });

  test('has same-row imbalances 40:10, 12:130, 5:100 and 0:16', () => {
    expect(marked(five, { mode: 'same-row' })).toEqual([
      [100, 'sell'],
      [101, 'buy'],
      [103, 'buy'],
      [104, 'buy'],
    ]);
  });

  test('has none where 300 % means four times', () => {
    expect(marked(five, { ratio: 300, ratioMeaning: 'excess-percent' })).toEqual([]);
  });

  test.skipIf(!hasRecordedData)('gives the answers that were computed independently', () => {
    interface Family {
      readonly levels_price_sell_buy: readonly Level[];
      readonly ratio: number;
      readonly diagonal_multiple_gt: unknown;
      readonly same_row_multiple_gt: unknown;
      readonly 'diagonal_excess_300pct(=x4)': unknown;
    }
    const { imbalance } = workedExamples<{ readonly imbalance: readonly Family[] }>();
    expect(imbalance).toHaveLength(1);
    for (const family of imbalance) {
      const rows = ladder(...family.levels_price_sell_buy);
      const { ratio } = family;
      expect(marked(rows, { ratio })).toEqual(family.diagonal_multiple_gt);
      expect(marked(rows, { ratio, mode: 'same-row' })).toEqual(family.same_row_multiple_gt);
      expect(marked(rows, { ratio: 300, ratioMeaning: 'excess-percent' })).toEqual(
        family['diagonal_excess_300pct(=x4)'],
      );
    }
  });
});

describe('the rule', () => {
  const pair = (sell: ExactInt, buy: ExactInt): ImbalanceRow[] => ladder([100, sell, 0], [101, 0, buy]);
  const isBuy = (sell: ExactInt, buy: ExactInt, options?: ImbalanceOptions): boolean =>
    marked(pair(sell, buy), options).some(([price, side]) => price === 101 && side === 'buy');

  test('reads 350 % of 30 as 105 or as 105 + 30 = 135, as ATAS documents it both ways', () => {
    const { atas, atasClusters } = imbalancePresets;
    expect([isBuy(30, 105, atas), isBuy(30, 106, atas)]).toEqual([false, true]);
    const clusters = { ...atasClusters, ratio: 350 };
    expect([isBuy(30, 135, clusters), isBuy(30, 136, clusters)]).toEqual([false, true]);
  });

  test('takes exactly the ratio with gte only', () => {
    expect([isBuy(10, 30), isBuy(10, 30, { compare: 'gte' }), isBuy(10, 29, { compare: 'gte' })]).toEqual([
      false,
      true,
      false,
    ]);
  });

  test('compares decimals as they are written', () => {
    // In binary fractions 4.35 × 100 is 434.99999999999994, and 435 is above it.
    expect([435, 436].map((buy) => isBuy(100, buy, { ratio: 4.35 }))).toEqual([false, true]);
    expect(
      [1332, 1333].map((buy) => isBuy(1000, buy, { ratio: '33.3', ratioMeaning: 'excess-percent', compare: 'gte' })),
    ).toEqual([false, true]);
  });

  test('compares beyond safe integers', () => {
    const sell = 2n ** 60n;
    expect([isBuy(sell, 3n * sell), isBuy(sell, 3n * sell + 1n)]).toEqual([false, true]);
    expect(isBuy(Number.MAX_SAFE_INTEGER, 3n * BigInt(Number.MAX_SAFE_INTEGER) + 1n)).toBe(true);
  });

  test('skips a side that did not trade, takes it as 1, or lets anything outweigh it', () => {
    expect([3, 4].map((buy) => isBuy(0, buy, { zero: 'skip' }))).toEqual([false, false]);
    expect([3, 4].map((buy) => isBuy(0, buy, { zero: 'as-one' }))).toEqual([false, true]);
    expect([0, 1].map((buy) => isBuy(0, buy, { zero: 'infinite' }))).toEqual([false, true]);
    expect(isBuy(0, 0, { zero: 'infinite', compare: 'gte' })).toBe(false);
  });

  test('asks for a least volume of the side or of the row, a least difference, a least opposite', () => {
    expect([7, 8].map((minVolume) => isBuy(2, 7, { minVolume }))).toEqual([true, false]);
    const rows = [
      { priceTicks: 100, buyLots: 0, sellLots: 2, unknownLots: 0 },
      { priceTicks: 101, buyLots: 7, sellLots: 1, unknownLots: 4 },
    ];
    expect([12, 13].map((minVolume) => marked(rows, { minVolume, minVolumeOf: 'row' }).length)).toEqual([1, 0]);
    expect([5, 6].map((minDifference) => isBuy(2, 7, { minDifference }))).toEqual([true, false]);
    expect([2, 3].map((minOpposite) => isBuy(2, 7, { minOpposite }))).toEqual([true, false]);
    expect(isBuy(0, 7, { minOpposite: 1 })).toBe(false);
  });

  test('compares numbers of prints with basis count, while the least volume stays in lots', () => {
    const rows = [
      { ...ladder([100, 900, 0])[0]!, buyTrades: 0, sellTrades: 2 },
      { ...ladder([101, 0, 7])[0]!, buyTrades: 7, sellTrades: 0 },
    ];
    expect(imbalances(rows, { basis: 'count', minVolume: 7 })).toMatchObject([
      { priceTicks: 101, side: 'buy', dominant: 7, opposite: 2 },
    ]);
    expect(imbalances(rows, { basis: 'count', minVolume: 8 })).toEqual([]);
    expect(imbalances(rows)).toMatchObject([{ priceTicks: 100, side: 'sell', dominant: 900, opposite: 7 }]);
  });

  test('keeps both marks of a row, or the buy', () => {
    // 50 > 3·4 below and 50 > 3·4 above.
    const rows = ladder([100, 4, 0], [101, 50, 50], [102, 0, 4]);
    expect(marked(rows)).toEqual([
      [101, 'buy'],
      [101, 'sell'],
    ]);
    expect(marked(rows, { whenBoth: 'buy' })).toEqual([[101, 'buy']]);
  });

  test('does not look at unknown volume', () => {
    const rows = pair(10, 31).map((row) => ({ ...row, unknownLots: 1000 }));
    expect(marked(rows)).toEqual([[101, 'buy']]);
  });
});

describe('the price grid', () => {
  test('compares with the next row, also where it did not trade', () => {
    const gap = ladder([100, 10, 0], [102, 0, 31]);
    expect(marked(gap, { zero: 'skip' })).toEqual([]);
    expect(imbalances(gap, { zero: 'infinite' })).toEqual([
      { priceTicks: 100, side: 'sell', dominant: 10, opposite: 0, dominantTicks: 100, oppositeTicks: 101 },
      { priceTicks: 102, side: 'buy', dominant: 31, opposite: 0, dominantTicks: 102, oppositeTicks: 101 },
    ]);
    expect(imbalances(gap, { rowTicks: 2 })).toEqual([
      { priceTicks: 102, side: 'buy', dominant: 31, opposite: 10, dominantTicks: 102, oppositeTicks: 100 },
    ]);
  });

  test('has nothing below the lowest and above the highest row, or rows without volume', () => {
    const row = ladder([100, 9, 9]);
    expect(marked(row)).toEqual([]);
    expect(marked(row, { outside: 'zero' })).toEqual([
      [100, 'buy'],
      [100, 'sell'],
    ]);
    expect(marked([])).toEqual([]);
  });
});

describe('the presets', () => {
  const small = fc.nat({ max: 12 });
  const gapless = fc
    .array(fc.record({ buyTrades: small, sellTrades: small, buyLots: small, sellLots: small }), { maxLength: 8 })
    .map((rows): FootprintRow[] =>
      rows.map((row, i) => ({ ...row, priceTicks: 100 + i, unknownLots: 0, unknownTrades: 0 })),
    );

  test('freqtrade divides counts of the row by those of the next one and marks both at the lower', () => {
    fc.assert(
      fc.property(gapless, small, (rows, minVolume) => {
        const expected = rows.flatMap(({ priceTicks, sellTrades, buyLots, sellLots }, i): [number, string][] => {
          const ask = rows[i + 1]?.buyTrades ?? NaN;
          if (Number(buyLots) + Number(sellLots) < minVolume) return [];
          return [
            ...(ask / sellTrades > 3 ? [[priceTicks, 'buy'] as [number, string]] : []),
            ...(sellTrades / ask > 3 ? [[priceTicks, 'sell'] as [number, string]] : []),
          ];
        });
        expect(marked(rows, { ...imbalancePresets.freqtrade, minVolume })).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });

  test('flowsurface marks one end of each diagonal pair of which both sides traded', () => {
    fc.assert(
      fc.property(gapless, (rows) => {
        const expected: [number, string][] = [];
        rows.slice(1).forEach(({ buyLots, priceTicks }, i) => {
          const { sellLots } = rows[i]!;
          if (buyLots <= 0 || sellLots <= 0) return;
          if (buyLots >= sellLots) {
            if (buyLots > (Number(sellLots) * (100 + 200)) / 100) expected.push([priceTicks, 'buy']);
          } else if (sellLots > (Number(buyLots) * (100 + 200)) / 100) expected.push([priceTicks - 1, 'sell']);
        });
        expect(marked(rows, imbalancePresets.flowsurface).sort(order)).toEqual(expected.sort(order));
      }),
      { numRuns: 1000 },
    );
  });

  test('chartPatterns asks a row for more than four times its other side, or for nothing there', () => {
    expect(
      marked(ladder([1, 30, 120], [2, 30, 121], [3, 0, 1], [4, 9, 0], [5, 9, 3]), imbalancePresets.chartPatterns),
    ).toEqual([
      [2, 'buy'],
      [3, 'buy'],
      [4, 'sell'],
    ]);
  });

  test('reference is 3.0 / 6 / 3 on a continuous ladder, a buy before a sell', () => {
    fc.assert(
      fc.property(gapless, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), (all, isThere) => {
        const rows = all.filter((_, i) => isThere[i]);
        const at = (priceTicks: number): Pick<FootprintRow, 'buyLots' | 'sellLots'> =>
          rows.find((row) => row.priceTicks === priceTicks) ?? { buyLots: 0, sellLots: 0 };
        const expected: [number, string][] = [];
        for (let price = 100; price < 108; price += 1) {
          const [ask, bid] = [Number(at(price).buyLots), Number(at(price).sellLots)];
          const [below, above] = [Number(at(price - 1).sellLots), Number(at(price + 1).buyLots)];
          if (ask / Math.max(1, below) >= 3 && ask >= 6 && below >= 3) expected.push([price, 'buy']);
          else if (bid / Math.max(1, above) >= 3 && bid >= 6 && above >= 3) expected.push([price, 'sell']);
        }
        expect(marked(rows, imbalancePresets.reference)).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });

  test('are plain data', () => {
    expect(JSON.parse(JSON.stringify(imbalancePresets))).toEqual(imbalancePresets);
    expect(imbalanceDefaults).toEqual({ ...imbalancePresets.tradingView, rowTicks: 1 });
  });
});

describe('any ladder', () => {
  const lots = fc.oneof(fc.nat({ max: 9 }), fc.nat({ max: 1000 }));
  const sparse = fc
    .uniqueArray(
      fc.record({ row: fc.integer({ min: -6, max: 6 }), buyLots: lots, sellLots: lots, unknownLots: lots }),
      {
        selector: ({ row }) => row,
        maxLength: 9,
      },
    )
    .chain((rows) =>
      fc.constantFrom(1, 5).map((rowTicks) => ({
        rowTicks,
        rows: rows
          .map(({ row, ...volume }): ImbalanceRow => ({ priceTicks: row * rowTicks + 0, ...volume }))
          .sort((a, b) => a.priceTicks - b.priceTicks),
      })),
    );
  const rule = fc.record({
    mode: fc.constantFrom('diagonal', 'same-row'),
    ratio: fc.constantFrom(1, 1.5, '3', 4),
    ratioMeaning: fc.constantFrom('multiple', 'excess-percent'),
    compare: fc.constantFrom('gt', 'gte'),
    zero: fc.constantFrom('skip', 'infinite'),
    outside: fc.constantFrom('skip', 'zero'),
  });
  const check = (property: (rows: ImbalanceRow[], options: ImbalanceOptions) => void): void =>
    fc.assert(
      fc.property(sparse, rule, ({ rows, rowTicks }, options) => property(rows, { ...options, rowTicks })),
      { numRuns: 1000 },
    );

  test('seen in a mirror (sides swapped, prices negative) has the marks in the mirror', () => {
    check((rows, options) => {
      const mirrored = rows.map(({ priceTicks, buyLots, sellLots, unknownLots }) => ({
        ...{ priceTicks: 0 - priceTicks, unknownLots },
        ...{ buyLots: sellLots, sellLots: buyLots },
      }));
      const expected = imbalances(rows, options).map((mark) => ({
        ...mark,
        priceTicks: 0 - mark.priceTicks,
        dominantTicks: 0 - mark.dominantTicks,
        oppositeTicks: 0 - mark.oppositeTicks,
        side: mark.side === 'buy' ? 'sell' : 'buy',
      }));
      const got = imbalances(mirrored.reverse(), options);
      const byRow = <Mark extends { priceTicks: number; side: string }>(a: Mark, b: Mark): number =>
        order([a.priceTicks, a.side], [b.priceTicks, b.side]);
      expect(got).toEqual(expected.sort(byRow));
    });
  });

  test('at shifted prices has shifted marks', () => {
    check((rows, options) => {
      const by = 7 * options.rowTicks!;
      const shifted = rows.map((row) => ({ ...row, priceTicks: row.priceTicks + by }));
      expect(marked(shifted, options)).toEqual(marked(rows, options).map(([price, side]) => [price + by, side]));
    });
  });

  test('of a multiple of the volume has the same marks', () => {
    check((rows, options) => {
      const times = (lots: ExactInt): ExactInt => BigInt(lots) * 10n ** 15n;
      const scaled = rows.map((row) => ({ ...row, buyLots: times(row.buyLots), sellLots: times(row.sellLots) }));
      expect(marked(scaled, options)).toEqual(marked(rows, options));
    });
  });

  test('with rows without volume filled in has the same marks', () => {
    check((rows, options) => {
      if (rows.length === 0) return;
      const filled: ImbalanceRow[] = [];
      for (let price = rows[0]!.priceTicks; price <= rows.at(-1)!.priceTicks; price += options.rowTicks!) {
        const row = rows.find(({ priceTicks }) => priceTicks === price);
        filled.push(row ?? { priceTicks: price, buyLots: 0, sellLots: 0, unknownLots: 0 });
      }
      expect(marked(filled, options)).toEqual(marked(rows, options));
    });
  });
});

describe('flags', () => {
  test('are one entry a row', () => {
    expect(imbalanceFlags(five.slice(0, 3), imbalances(five, { mode: 'same-row' }))).toEqual([
      { priceTicks: 100, buy: false, sell: true },
      { priceTicks: 101, buy: true, sell: false },
      { priceTicks: 102, buy: false, sell: false },
    ]);
  });

  test('of higher rows are those of all that they cover', () => {
    const rows = [96, 100, 104].map((priceTicks) => ({ priceTicks }));
    expect(imbalanceFlags(rows, imbalances(five, { mode: 'same-row' }), { rowTicks: 4 })).toEqual([
      { priceTicks: 96, buy: false, sell: false },
      { priceTicks: 100, buy: true, sell: true },
      { priceTicks: 104, buy: true, sell: false },
    ]);
  });
});

describe('stacked imbalances', () => {
  const marks = (side: 'buy' | 'sell', ...prices: number[]): { priceTicks: number; side: 'buy' | 'sell' }[] =>
    prices.map((priceTicks) => ({ priceTicks, side }));

  test('are three rows or more of one side that stand on each other', () => {
    const all = [...marks('sell', 95, 96, 97, 98), ...marks('buy', 98, 99, 100, 102, 103)];
    expect(stackedImbalances(all)).toEqual([
      { lowTicks: 95, highTicks: 98, side: 'sell', count: 4 },
      { lowTicks: 98, highTicks: 100, side: 'buy', count: 3 },
    ]);
    expect(stackedImbalances(all, { minRows: 2 }).at(-1)).toEqual({
      ...{ lowTicks: 102, highTicks: 103, side: 'buy', count: 2 },
    });
    expect(stackedImbalances(all, { minRows: 5 })).toEqual([]);
    expect(stackedImbalances([])).toEqual([]);
  });

  test('stand on the grid of their rows: a gap parts them', () => {
    expect(stackedImbalances(marks('buy', 100, 105, 110), { rowTicks: 5 })).toHaveLength(1);
    expect(stackedImbalances(marks('buy', 100, 105, 110))).toEqual([]);
  });
});

describe('wrong options', () => {
  test('are named with their value and what to pass', () => {
    const messageOf = (rows: readonly ImbalanceRow[], options: object): string => {
      try {
        imbalances(rows, options);
      } catch (error) {
        return (error as Error).message;
      }
      return 'no error';
    };
    expect([
      messageOf(five, { ratio: 0 }),
      messageOf(five, { ratio: '3e2' }),
      messageOf(five, { ratio: -3 }),
      messageOf(five, { zero: 'one' }),
      messageOf(five, { minVolume: 0.5 }),
      messageOf(five, { rowTicks: 0 }),
      messageOf(five, { rowTicks: 2 }),
      messageOf([...five].reverse(), {}),
      messageOf(five, { basis: 'count' }),
      messageOf(five, { rato: 4 }),
      messageOf(five, { rato: undefined }),
    ]).toMatchInlineSnapshot(`
      [
        "ratio "0" is not above 0.",
        "ratio "3e2" is not a plain decimal below 1e9 with at most 6 decimals. Pass 3 or '3.5', for example.",
        "ratio "-3" is not a plain decimal below 1e9 with at most 6 decimals. Pass 3 or '3.5', for example.",
        "zero "one" is unknown. Pass 'skip', 'as-one' or 'infinite'.",
        "minVolume "0.5" is not a whole number of at least 0.",
        "rowTicks "0" is not a whole number of at least 1.",
        "Row at "101" after the one at "100" is not a multiple of rowTicks "2" above it. Pass ascending rows, and the rowTicks of their bar.",
        "Row at "103" after the one at "104" is not a multiple of rowTicks "1" above it. Pass ascending rows, and the rowTicks of their bar.",
        "basis "count" needs buyTrades and sellTrades, the row at "100" has none. Use basis 'volume'.",
        "An imbalance rule has no "rato". Pass mode, ratio, ratioMeaning, compare, zero, outside, minVolume, minVolumeOf, minDifference, minOpposite, basis, attribution, whenBoth.",
        "no error",
      ]
    `);
  });
});

function order(a: readonly [number, string], b: readonly [number, string]): number {
  return a[0] - b[0] || (a[1] < b[1] ? -1 : 1);
}
