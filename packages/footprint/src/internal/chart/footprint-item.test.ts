import { describe, expect, test } from 'vitest';
import { isFootprintError } from '../../errors.ts';
import { imbalancePresets } from '../../imbalances.ts';
import { footprintCellAt } from './cell-at.ts';
import { footprintItem, footprintSeriesData } from './footprint-item.ts';
import { cvdSeriesData, deltaSeriesData } from './panes-data.ts';
import { barsOf, testGrid as grid } from './test-bars.ts';
import { darkTheme } from './theme.ts';

const ladder = [
  [100, 40, 10],
  [101, 12, 130],
  [102, 30, 35, 7],
] as const;

describe('series data', () => {
  test('has prices of the grid and times in seconds', () => {
    const [first, second] = footprintSeriesData(barsOf(ladder, [[103, 1, 0]]), { grid });
    expect(first).toMatchObject({ time: 0, open: 25, high: 25.5, low: 25, close: 25.5 });
    expect(second).toMatchObject({ time: 60, open: 25.75, close: 25.75 });
  });

  test('takes the last of bars with one time, in order of time', () => {
    const [early, late] = barsOf(ladder, [[103, 1, 0]]);
    const revised = { ...early!, revision: 1 };
    const items = footprintSeriesData([late!, early!, revised], { grid });
    expect(items.map((item) => [item.time, item.ladder.bar.revision])).toEqual([
      [0, 1],
      [60, 0],
    ]);
    expect(items[0]!.ladder.bar).toBe(revised);
  });

  test('marks the imbalances of the rule: 130 bought against 40 sold a row below', () => {
    const [bar] = barsOf(ladder);
    const marks = footprintItem(bar!, { grid }).ladder.imbalances;
    expect(marks.map(({ priceTicks, side }) => [priceTicks, side])).toEqual([[101, 'buy']]);
    expect(footprintItem(bar!, { grid, imbalance: imbalancePresets.atas }).ladder.imbalances).toEqual([]);
  });

  test('has the area of the bar, or counts it anew', () => {
    const [bar] = barsOf(ladder);
    expect(footprintItem(bar!, { grid }).ladder.area).toEqual({ pocTicks: 101, vahTicks: 102, valTicks: 101 });
    // 142 of 264 lots are 53 %.
    expect(footprintItem(bar!, { grid, valueAreaPercent: 50 }).ladder.area).toEqual({
      pocTicks: 101,
      vahTicks: 101,
      valTicks: 101,
    });
  });

  test('draws rows around the prices in them, by the rule of the bars', () => {
    const [bar] = barsOf([[120, 1, 1]]);
    const offset = (rowRule: 'floor' | 'half-even' | 'ceil'): number =>
      footprintItem(bar!, { grid, rowTicks: 10, rowRule }).ladder.offsetTicks;
    expect([offset('floor'), offset('half-even'), offset('ceil')]).toEqual([-0.5, -5, -9.5]);
  });

  test('refuses rows that are no multiples of rowTicks apart', () => {
    const [bar] = barsOf(ladder);
    let thrown: unknown;
    try {
      footprintItem(bar!, { grid, rowTicks: 10 });
    } catch (error) {
      thrown = error;
    }
    expect(isFootprintError(thrown, 'bad-option')).toBe(true);
  });

  test('leaves bars alone', () => {
    const bars = barsOf(ladder, [[103, 1, 0]]);
    const before = JSON.stringify(bars);
    for (const bar of bars) Object.freeze(bar);
    footprintSeriesData(Object.freeze(bars), { grid, valueAreaPercent: 80 });
    expect(JSON.stringify(bars)).toBe(before);
  });
});

describe('panes data', () => {
  const bars = barsOf(ladder, [[103, 100, 1]], [[103, 4, 4]]);

  test('delta is buy − sell in the colour of the side', () => {
    expect(deltaSeriesData(bars, { grid, theme: darkTheme })).toEqual([
      { time: 0, value: 93, color: darkTheme.buy },
      { time: 60, value: -99, color: darkTheme.sell },
      { time: 120, value: 0, color: darkTheme.buy },
    ]);
  });

  test('CVD is the running sum, from where it is told to', () => {
    expect(cvdSeriesData(bars, { grid }).map(({ value }) => value)).toEqual([93, -6, -6]);
    expect(cvdSeriesData(bars, { grid, startLots: 10 }).map(({ value }) => value)).toEqual([103, 4, 4]);
  });

  test('CVD does not round beyond 2^53 lots', () => {
    const huge = { ...bars[0]!, deltaLots: 2n ** 60n + 1n };
    const [, last] = cvdSeriesData([huge, { ...bars[1]!, deltaLots: -(2n ** 60n) }], { grid });
    expect(last!.value).toBe(1);
  });
});

describe('the cell at a price', () => {
  const [item] = footprintSeriesData(barsOf(ladder), { grid });

  test('has exact sizes, marks and the place in the value area', () => {
    expect(footprintCellAt(item!, 25.25)).toEqual({
      priceTicks: 101,
      price: '25.25',
      buyLots: 130,
      sellLots: 12,
      unknownLots: 0,
      buy: '130',
      sell: '12',
      unknown: '0',
      delta: '118',
      trades: 2,
      isPoc: true,
      isInValueArea: true,
      imbalance: { buy: true, sell: false },
    });
  });

  test('reaches half a tick around its price, and there is none beyond the ladder', () => {
    const ticksAt = [24.87, 24.88, 25.12, 25.13, 25.62, 25.63].map(
      (price) => footprintCellAt(item!, price)?.priceTicks,
    );
    expect(ticksAt).toEqual([undefined, 100, 100, 101, 102, undefined]);
  });
});
