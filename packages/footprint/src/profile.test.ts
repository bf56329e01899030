import { hasRecordedData, workedExamples } from '@tapekit/tooling/recorded-data';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createProfile,
  pointOfControl,
  profileDefaults,
  restoreProfile,
  valueArea,
  valueAreaDefaults,
  type ValueAreaMethod,
  type VolumeRow,
} from './profile.ts';

function rowsOf(profile: Readonly<Record<string, number>>): VolumeRow[] {
  return Object.entries(profile)
    .map(([price, buyLots]) => ({ priceTicks: Number(price), buyLots, sellLots: 0, unknownLots: 0 }))
    .sort((a, b) => a.priceTicks - b.priceTicks);
}

const eight = { 100: 5, 101: 30, 102: 12, 103: 60, 104: 28, 105: 3, 106: 40, 107: 2 };

describe('point of control', () => {
  test('is the row with the most volume of all three columns', () => {
    const rows: VolumeRow[] = [
      { priceTicks: 1, buyLots: 5, sellLots: 0, unknownLots: 0 },
      { priceTicks: 2, buyLots: 2, sellLots: 2, unknownLots: 2 },
    ];
    expect(pointOfControl(rows)?.priceTicks).toBe(2);
  });

  test.each([
    ['nearest to the middle of 100–110', { 100: 7, 104: 7, 107: 7, 110: 1 }, 104],
    ['the lower of two that are equally near', { 100: 1, 103: 9, 107: 9, 110: 1 }, 103],
    ['the lower of two rows', { 100: 3, 101: 3 }, 100],
    ['beside a negative middle', { '-10': 4, '-6': 4, 0: 1 }, -6],
  ])('is, among equals, %s', (_, profile, poc) => {
    expect(pointOfControl(rowsOf(profile))?.priceTicks).toBe(poc);
  });

  test('is unknown without rows', () => {
    expect(pointOfControl(rowsOf({}))).toBeUndefined();
    expect(valueArea([])).toBeUndefined();
  });
});

describe('value area', () => {
  test.each<[ValueAreaMethod, number, number, number]>([
    ['one-row', 101, 104, 130],
    ['two-row', 101, 105, 133],
    ['sorted', 101, 106, 130],
  ])('by %s of 180 lots is %d–%d with %d lots', (method, valTicks, vahTicks, volumeLots) => {
    expect(valueArea(rowsOf(eight), { method })).toEqual({ pocTicks: 103, valTicks, vahTicks, volumeLots });
  });

  test('steps over the price grid and stops at the target before a gap', () => {
    const rows = rowsOf({ 100: 4, 101: 10, 102: 1, 500: 6 });
    for (const method of ['one-row', 'two-row'] as const) {
      expect(valueArea(rows, { method })).toMatchObject({ valTicks: 100, vahTicks: 102, volumeLots: 15 });
    }
  });

  test('crosses a gap of any width at once when it needs the volume behind it', () => {
    const rows = rowsOf({ 0: 10, 9_000_000_000_000: 10 });
    expect(valueArea(rows)).toMatchObject({ pocTicks: 0, valTicks: 0, vahTicks: 9_000_000_000_000, volumeLots: 20 });
  });

  test('grows up when both sides offer the same', () => {
    const rows = rowsOf({ 9: 2, 10: 10, 11: 2 });
    expect(valueArea(rows, { method: 'one-row', percent: 80 })).toMatchObject({ valTicks: 10, vahTicks: 11 });
  });

  test('counts rows of several ticks as one step each', () => {
    const rows = rowsOf({ 100: 4, 110: 10, 120: 1, 500: 6 });
    expect(valueArea(rows, { rowTicks: 10 })).toMatchObject({ valTicks: 100, vahTicks: 120 });
  });

  test('meets its target exactly: 70 of 100 is enough, 70 of 101 is not', () => {
    expect(valueArea(rowsOf({ 1: 70, 2: 30 }))).toMatchObject({ vahTicks: 1, volumeLots: 70 });
    expect(valueArea(rowsOf({ 1: 70, 2: 31 }))).toMatchObject({ vahTicks: 2, volumeLots: 101 });
    expect(valueArea(rowsOf({ 1: 682_689, 2: 317_311 }), { percent: 68.2689 })).toMatchObject({ vahTicks: 1 });
    expect(valueArea(rowsOf({ 1: 682_688, 2: 317_312 }), { percent: 68.2689 })).toMatchObject({ vahTicks: 2 });
  });

  test('is everything at 100 %', () => {
    expect(valueArea(rowsOf(eight), { percent: 100 })).toMatchObject({ valTicks: 100, vahTicks: 107, volumeLots: 180 });
  });

  test('is what walking the grid row by row finds', () => {
    const profiles = fc.dictionary(fc.integer({ min: -40, max: 40 }).map(String), fc.integer({ min: 1, max: 50 }), {
      minKeys: 1,
    });
    fc.assert(
      fc.property(profiles, fc.integer({ min: 1, max: 100 }), fc.constantFrom(1, 2), (profile, percent, step) => {
        const rows = rowsOf(profile);
        const area = valueArea(rows, { percent, method: step === 1 ? 'one-row' : 'two-row' })!;
        const [min, max] = [rows[0]!.priceTicks, rows[rows.length - 1]!.priceTicks];
        const volume = (from: number, to: number): number => {
          let total = 0;
          for (let price = from; price <= to; price++) total += profile[price] ?? 0;
          return total;
        };
        let [low, high] = [area.pocTicks, area.pocTicks];
        while (volume(low, high) * 100 < volume(min, max) * percent) {
          const up = high >= max ? -1 : volume(high + 1, high + step);
          const down = low <= min ? -1 : volume(low - step, low - 1);
          if (up >= down) high += step;
          else low -= step;
        }
        const traded = rows.map((row) => row.priceTicks).filter((price) => price >= low && price <= high);
        expect(area).toMatchObject({
          valTicks: traded[0],
          vahTicks: traded[traded.length - 1],
          volumeLots: volume(low, high),
        });
      }),
      { numRuns: 500 },
    );
  });

  test.each([0, -1, 100.1, NaN, 0.000_000_1])('refuses %d percent', (percent) => {
    expect(() => valueArea(rowsOf(eight), { percent })).toThrow(
      `Value area percent "${percent}" is not a number above 0`,
    );
  });

  test('takes of equal rows the nearest in price, then the upper, when it goes by volume', () => {
    const row = (priceTicks: number, buyLots: number) => ({ priceTicks, buyLots, sellLots: 0, unknownLots: 0 });
    const ends = (rows: readonly (readonly [number, number])[], percent: number) => {
      const { valTicks, vahTicks } = valueArea(
        rows.map(([price, lots]) => row(price, lots)),
        { method: 'sorted', percent },
      )!;
      return [valTicks, vahTicks];
    };
    expect(
      ends(
        [
          [9, 5],
          [10, 9],
          [11, 5],
        ],
        70,
      ),
    ).toEqual([10, 11]);
    expect(
      ends(
        [
          [0, 5],
          [8, 1],
          [9, 1],
          [10, 9],
          [20, 5],
        ],
        60,
      ),
    ).toEqual([10, 20]);
    expect(
      ends(
        [
          [2, 5],
          [8, 1],
          [9, 1],
          [10, 9],
          [20, 5],
        ],
        60,
      ),
    ).toEqual([2, 10]);
  });

  test('refuses a method that it does not know', () => {
    expect(() => valueArea(rowsOf(eight), { method: 'tpo' as 'sorted' })).toThrow(
      `Value area method "tpo" is unknown. Pass 'two-row', 'one-row' or 'sorted'.`,
    );
  });

  test.skipIf(!hasRecordedData)('agrees with the worked examples', () => {
    interface Example {
      readonly profile: Record<string, number>;
      readonly single?: number[];
      readonly pair?: number[];
      readonly sorted?: number[];
      readonly must_be?: number[];
    }
    const examples = workedExamples<{ value_area: Example[] }>().value_area;
    let checked = 0;
    for (const { profile, single, pair, sorted, must_be } of examples) {
      for (const [method, answer] of [
        ['one-row', single ?? must_be],
        ['two-row', pair ?? must_be],
        ['sorted', sorted],
      ] as const) {
        if (!answer) continue;
        const area = valueArea(rowsOf(profile), { method })!;
        expect([area.valTicks, area.vahTicks, area.volumeLots].slice(0, answer.length)).toEqual(answer);
        checked += 1;
      }
    }
    expect(checked).toBe(5);
  });
});

describe('a profile', () => {
  test('collects trades into rows with totals, point of control and value area', () => {
    const profile = createProfile({ rowTicks: 10 });
    expect(profile.flush()).toBeUndefined();
    profile.pushTicks({ priceTicks: 105, sizeLots: 4, side: 'buy' });
    profile.pushTicks({ priceTicks: 109, sizeLots: 3, side: 'sell' });
    profile.pushTicks({ priceTicks: 110, sizeLots: 1, side: 'unknown' });
    profile.pushTicks({ priceTicks: 110, sizeLots: 0, side: 'buy' });
    expect(profile.flush()).toEqual({
      pocTicks: 100,
      vahTicks: 100,
      valTicks: 100,
      volumeLots: 7,
      totalLots: 8,
      trades: 3,
      valueTickLots: 420 + 327 + 110,
      rows: [
        { priceTicks: 100, buyLots: 4, sellLots: 3, unknownLots: 0, buyTrades: 1, sellTrades: 1, unknownTrades: 0 },
        { priceTicks: 110, buyLots: 0, sellLots: 0, unknownLots: 1, buyTrades: 0, sellTrades: 0, unknownTrades: 1 },
      ],
    });
  });

  test('does not pretend to know the value of merged rows', () => {
    const profile = createProfile();
    profile.pushRows([
      { priceTicks: 1, buyLots: 1, sellLots: 0, unknownLots: 0, buyTrades: 1, sellTrades: 0, unknownTrades: 0 },
    ]);
    expect(profile.flush()).not.toHaveProperty('valueTickLots');
    expect(restoreProfile(profile.snapshot()).flush()).toEqual(profile.flush());
  });

  test('knows the value of whole bars', () => {
    const profile = createProfile({ rowTicks: 10 });
    profile.pushTicks({ priceTicks: 7, sizeLots: 2, side: 'sell' });
    const row = {
      priceTicks: 10,
      buyLots: 4,
      sellLots: 0,
      unknownLots: 0,
      buyTrades: 2,
      sellTrades: 0,
      unknownTrades: 0,
    };
    profile.pushBar({ rows: [row], valueTickLots: 46 });
    expect(profile.flush()).toMatchObject({ valueTickLots: 60, totalLots: 6, trades: 3 });
  });

  test.each([
    ['floor', [-10, 10, 20]],
    ['half-even', [0, 20, 30]],
    ['ceil', [0, 20, 30]],
  ] as const)('names rows by the %s of the price', (rowRule, names) => {
    const profile = createProfile({ rowTicks: 10, rowRule });
    for (const priceTicks of [15, 25, 26, -5]) profile.pushTicks({ priceTicks, sizeLots: 1, side: 'buy' });
    expect(profile.flush()?.rows.map((row) => row.priceTicks)).toEqual(names);
    expect(restoreProfile(profile.snapshot(), { rowTicks: 10, rowRule }).flush()).toEqual(profile.flush());
  });

  test('refuses what is no trade and a snapshot of another row size', () => {
    expect(() => createProfile().pushTicks({ priceTicks: 1.5, sizeLots: 1, side: 'buy' })).toThrow(
      'Trade "buy 1 at 1.5" is not a side, whole lots and whole ticks.',
    );
    expect(() => restoreProfile(createProfile().snapshot(), { rowTicks: 2 })).toThrow(
      'Snapshot has rowTicks "1", the options have "2". Restore with the options it was made with.',
    );
    expect(() => restoreProfile(createProfile({ rowRule: 'ceil' }).snapshot())).toThrow(
      'Snapshot has rowRule "ceil", the options have "floor". Restore with the options it was made with.',
    );
    expect(() => createProfile({ rowTicks: 0 })).toThrow('rowTicks "0" is not a whole number of at least 1.');
  });

  test('has the documented defaults', () => {
    expect(profileDefaults).toEqual({
      rowTicks: 1,
      rowRule: 'floor',
      valueAreaPercent: 70,
      valueAreaMethod: 'two-row',
    });
    expect(valueAreaDefaults).toEqual({ percent: 70, method: 'two-row', rowTicks: 1 });
  });
});
