import { tradeColumns } from '@tapekit/orderflow/columns';
import { createGrid } from '@tapekit/orderflow/grid';
import type { TickTrade } from '@tapekit/orderflow/market';
import { describeReducerContract } from '@tapekit/tooling/contract';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FootprintBar } from './footprint-bar.ts';
import { createTimeBars } from './time-bars.ts';
import {
  createTpoProfile,
  restoreTpoProfile,
  tpoLetter,
  tpoProfileDefaults,
  tpoProfileOfColumns,
  type TpoProfile,
  type TpoProfileOptions,
} from './tpo-profile.ts';

const halfHour = 1_800_000;
const open = Date.parse('2026-02-19T02:00:00Z');

/** A session as a chart of letters: rows from the highest price, `100 AB` for the row at 100 touched in A and B. */
function profileOf(chart: string, options: Partial<TpoProfileOptions> = {}): TpoProfile {
  const tpo = createTpoProfile({ startMs: open, ...options });
  const rows = chart
    .trim()
    .split('\n')
    .map((line) => line.trim().split(' '));
  for (const [price, letters = ''] of rows) {
    for (const letter of letters) {
      const timeMs = open + (letter.charCodeAt(0) - 65) * halfHour;
      tpo.pushTicks({ timeMs, priceTicks: Number(price), sizeLots: 1, side: 'unknown' });
    }
  }
  return tpo.flush()!;
}

const session = `
  109 E
  108 E
  107 DE
  106 CDE
  105 BCDEF
  104 ABCDF
  103 ABCF
  102 ABC
  101 AB
  100 A`;

describe('the profile of a session', () => {
  test('counts one letter per period and row', () => {
    const profile = profileOf(session);
    expect(profile.rows.map((row) => `${row.priceTicks} ${row.letters} ${row.tpos}`)).toEqual([
      ...['100 A 1', '101 AB 2', '102 ABC 3', '103 ABCF 4', '104 ABCDF 5'],
      ...['105 BCDEF 5', '106 CDE 3', '107 DE 2', '108 E 1', '109 E 1'],
    ]);
    expect(profile.tpos).toBe(27);
    expect(profile).toMatchObject({ lowTicks: 100, highTicks: 109, rangeTicks: 9 });
    expect(profile.periods.map(({ letter, lowTicks, highTicks }) => [letter, lowTicks, highTicks])).toEqual([
      ['A', 100, 104],
      ['B', 101, 105],
      ['C', 102, 106],
      ['D', 104, 107],
      ['E', 105, 109],
      ['F', 103, 105],
    ]);
  });

  test('has its initial balance in the first hour, its open range in the first half', () => {
    expect(profileOf(session)).toMatchObject({
      openRange: { lowTicks: 100, highTicks: 104 },
      initialBalance: { lowTicks: 100, highTicks: 105 },
    });
    expect(profileOf(session, { initialBalancePeriods: 4 }).initialBalance).toEqual({ lowTicks: 100, highTicks: 107 });
    const lateStart = profileOf('101 D\n100 C');
    expect([lateStart.openRange, lateStart.initialBalance]).toEqual([undefined, undefined]);
  });

  test('has the point of control nearest to the middle, then the lower or the one on the busier side', () => {
    // Middle 104.5: 104 and 105 have five letters and are equally near; 15 letters are below it, 12 above.
    expect(profileOf(session).pocTicks).toBe(104);
    expect(profileOf(session, { pocTie: 'busier-side' }).pocTicks).toBe(104);
    const top = '103 AB\n102 ABC\n101 ABC\n100 A';
    expect(profileOf(top).pocTicks).toBe(101);
    expect(profileOf(top, { pocTie: 'busier-side' }).pocTicks).toBe(102);
    expect(profileOf('104 A\n103 AB\n102 A\n101 A\n100 AB').pocTicks).toBe(103);
  });

  test('has a value area of 70 % of the letters', () => {
    // 27 letters, target 18.9. Two rows: 104 (5) + 105, 106 (8) = 13; then 102, 103 (7) against 107, 108 (3) = 20.
    expect(profileOf(session)).toMatchObject({ valTicks: 102, vahTicks: 106, valueAreaTpos: 20 });
    // One row: 5, 105 → 10, 103 → 14, then 106 and 102 have 3 each: up → 17, 102 → 20.
    expect(profileOf(session, { valueAreaMethod: 'one-row' })).toMatchObject({ valTicks: 102, vahTicks: 106 });
    // One row at 60 % (16.2): 104, 105, 103 and 106 have 17.
    expect(profileOf(session, { valueAreaMethod: 'one-row', valueAreaPercent: 60 })).toMatchObject({
      ...{ valTicks: 103, vahTicks: 106, valueAreaTpos: 17 },
    });
  });

  test('has single prints at its ends and inside', () => {
    expect(profileOf(session).singlePrints).toEqual([
      { lowTicks: 100, highTicks: 100, rows: 1, at: 'low' },
      { lowTicks: 108, highTicks: 109, rows: 2, at: 'high' },
    ]);
    expect(profileOf('105 AB\n104 B\n103 C\n101 A\n100 AB').singlePrints).toEqual([
      { lowTicks: 101, highTicks: 101, rows: 1, at: 'inside' },
      { lowTicks: 103, highTicks: 104, rows: 2, at: 'inside' },
    ]);
    expect(profileOf('101 A\n100 A').singlePrints).toMatchObject([{ at: 'all', rows: 2 }]);
  });

  test('opens and closes by time', () => {
    const tpo = createTpoProfile({ startMs: open });
    for (const [minute, priceTicks] of [
      [10, 5],
      [3, 7],
      [50, 9],
      [20, 6],
    ] as const) {
      tpo.pushTicks({ timeMs: open + minute * 60_000, priceTicks, sizeLots: 1, side: 'buy' });
    }
    expect(tpo.flush()).toMatchObject({ openTicks: 7, closeTicks: 9 });
  });

  test('names rows by their rule', () => {
    const rows = (rowRule: 'floor' | 'half-even' | 'ceil'): unknown =>
      profileOf('116 A\n114 A\n100 A', { rowTicks: 10, rowRule }).rows.map((row) => row.priceTicks);
    expect(['floor', 'half-even', 'ceil'].map((rule) => rows(rule as 'floor'))).toEqual([
      [100, 110],
      [100, 110, 120],
      [100, 120],
    ]);
  });
});

test('letters go on after z', () => {
  expect([0, 25, 26, 51, 52, 103, 104].map(tpoLetter)).toEqual(['A', 'Z', 'a', 'z', 'A1', 'z1', 'A2']);
});

test('trades outside of the session and without volume are counted', () => {
  const tpo = createTpoProfile({ startMs: open, endMs: open + halfHour });
  expect(tpo.flush()).toBeUndefined();
  for (const [timeMs, sizeLots] of [
    [-1, 1],
    [0, 1],
    [5, 0],
    [6, NaN],
    [halfHour - 1, 1],
    [halfHour, 1],
  ] as const) {
    tpo.pushTicks({ timeMs: open + timeMs, priceTicks: 1, sizeLots, side: 'buy' });
  }
  expect(tpo.stats()).toEqual({ taken: 2, outside: 2, ignored: 2 });
  expect(tpo.flush()?.tpos).toBe(1);
});

describe('bars', () => {
  const grid = createGrid({ tickSize: '1', lotSize: '1' });
  const minutesOf = (trades: readonly TickTrade[]): FootprintBar[] => {
    const bars = createTimeBars({ grid, intervalMs: 60_000 });
    return [...trades.flatMap((trade) => [...bars.pushTicks(trade)]), ...bars.flush()];
  };

  test('touch every row between their low and their high', () => {
    const print = (priceTicks: number): TickTrade => ({ timeMs: open, priceTicks, sizeLots: 1, side: 'buy' });
    const tpo = createTpoProfile({ startMs: open });
    for (const bar of minutesOf([print(10), print(13)])) tpo.pushBar(bar);
    expect(tpo.flush()?.rows.map((row) => row.priceTicks)).toEqual([10, 11, 12, 13]);
    expect(tpo.flush()).toMatchObject({ openTicks: 10, closeTicks: 13, singlePrints: [{ at: 'all', rows: 4 }] });
  });

  test('give the letters of their trades and the rows between them', () => {
    fc.assert(
      fc.property(tape, (trades) => {
        const [fromTrades, fromBars] = [createTpoProfile({ startMs: open }), createTpoProfile({ startMs: open })];
        for (const trade of trades) fromTrades.pushTicks(trade);
        for (const bar of minutesOf(trades)) fromBars.pushBar(bar);
        const [one, two] = [fromTrades.flush(), fromBars.flush()];
        expect(two?.periods).toEqual(one?.periods);
        expect([two?.openTicks, two?.closeTicks]).toEqual([one?.openTicks, one?.closeTicks]);
        for (const row of one?.rows ?? []) {
          const wider = two!.rows.find(({ priceTicks }) => priceTicks === row.priceTicks)!;
          expect(wider.periods).toEqual(expect.arrayContaining([...row.periods]));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('are refused over the end of a period, ignored without trades or with a broken price', () => {
    const tpo = createTpoProfile({ startMs: open, endMs: open + 10 * halfHour });
    const bar = {
      startMs: open,
      endMs: open + 60_000,
      openTicks: 1,
      highTicks: 2,
      lowTicks: 1,
      closeTicks: 2,
      trades: 1,
    };
    expect(() => tpo.pushBar({ ...bar, endMs: open + halfHour + 1 })).toThrow(
      'reaches over the end of its period of 1800000 ms',
    );
    tpo.pushBar({ ...bar, trades: 0 });
    tpo.pushBar({ ...bar, highTicks: 65_537 });
    tpo.pushBar({ ...bar, highTicks: 65_536 });
    tpo.pushBar({ ...bar, startMs: open - 60_000, endMs: open });
    expect(tpo.stats()).toEqual({ taken: 1, ignored: 2, outside: 1 });
  });
});

test.each([
  [{ startMs: 0.5 }, 'startMs "0.5" is not a whole number of epoch milliseconds.'],
  [{ endMs: open }, `endMs "${open}" is not after startMs "${open}".`],
  [{ periodMs: 0 }, 'periodMs "0" is not a whole number of at least 1.'],
  [{ initialBalancePeriods: 0 }, 'initialBalancePeriods "0" is not a whole number of at least 1.'],
  [{ pocTie: 'higher' as 'lower' }, `pocTie "higher" is not 'lower' or 'busier-side'.`],
  [{ rowTicks: 0 }, 'rowTicks "0" is not a whole number of at least 1.'],
])('%o is refused', (options, message) => {
  expect(() => createTpoProfile({ startMs: open, ...options })).toThrow(message);
});

test('a snapshot is read only with its options', () => {
  const snapshot = createTpoProfile({ startMs: open }).snapshot();
  expect(() => restoreTpoProfile(snapshot, { startMs: 0 })).toThrow(
    `Snapshot has startMs "${open}", the options have "0".`,
  );
  expect(() => restoreTpoProfile({ ...snapshot, kind: 'profile' as 'tpo-profile' }, { startMs: open })).toThrow(
    'Snapshot of kind "profile" and version "1" cannot be read, expected "tpo-profile" version 1.',
  );
});

test('the defaults are the documented ones', () => {
  expect(tpoProfileDefaults).toEqual({
    endMs: Infinity,
    periodMs: 1_800_000,
    rowTicks: 1,
    rowRule: 'floor',
    initialBalancePeriods: 2,
    valueAreaPercent: 70,
    valueAreaMethod: 'two-row',
    pocTie: 'lower',
  });
});

const print: fc.Arbitrary<TickTrade> = fc.record({
  timeMs: fc.integer({ min: open - 5_000_000, max: open + 40_000_000 }),
  priceTicks: fc.oneof({ weight: 20, arbitrary: fc.integer({ min: -20, max: 40 }) }, fc.integer()),
  sizeLots: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 50 }) }, fc.constant(0)),
  side: fc.constantFrom('buy' as const, 'sell' as const, 'unknown' as const),
});
const tape = fc
  .array(
    fc.record({
      ...{ step: fc.constantFrom(0, 7000, 400_000, 4_000_000) },
      priceTicks: fc.integer({ min: -20, max: 40 }),
    }),
    { maxLength: 50 },
  )
  .map((steps) => {
    let timeMs = open;
    return steps.map(({ step, priceTicks }): TickTrade => {
      timeMs += step;
      return { timeMs, priceTicks, sizeLots: 1, side: 'buy' };
    });
  });

const options: TpoProfileOptions = { startMs: open, endMs: open + 20 * halfHour, rowTicks: 3, pocTie: 'busier-side' };
describeReducerContract({
  name: 'createTpoProfile',
  create: () => createTpoProfile(options),
  restore: (snapshot) => restoreTpoProfile(snapshot, options),
  push: (tpo, trade) => tpo.pushTicks(trade),
  flush: (tpo) => tpo.flush(),
  inputs: fc.array(print, { maxLength: 60 }),
  batch: (trades) => [tpoProfileOfColumns(tradeColumns(trades), options)].filter((profile) => profile !== undefined),
  refused: [{ timeMs: open, priceTicks: 0.5, sizeLots: 1, side: 'buy' }],
  conserve(inputs, outputs, tpo) {
    const { taken, outside, ignored } = tpo.stats();
    expect(taken + outside + ignored).toBe(inputs.length);
    const inside = inputs.filter(
      (trade) => trade.sizeLots > 0 && trade.timeMs >= open && trade.timeMs < options.endMs!,
    );
    const letters = new Set(
      inside.map((trade) => `${Math.floor((trade.timeMs - open) / halfHour)} ${Math.floor(trade.priceTicks / 3)}`),
    );
    expect(outputs.reduce((sum, profile) => sum + profile.tpos, 0)).toBe(letters.size);
  },
  runs: 100,
});
