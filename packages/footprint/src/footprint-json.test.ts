import { createGrid } from '@tapekit/orderflow/grid';
import { describe, expect, test } from 'vitest';
import type { FootprintBar } from './footprint-bar.ts';
import { footprintFromJson, footprintToJson, formatFootprintLine, parseFootprintLine } from './footprint-json.ts';
import { createTimeBars } from './time-bars.ts';

const grid = createGrid({ tickSize: '0.5', lotSize: '0.1' });
const context = { symbol: 'X', grid };

function sampleBar(): FootprintBar {
  const bars = createTimeBars({ grid, intervalMs: 60_000, rowTicks: 2 });
  bars.push({ symbol: 'X', timeMs: 1000, price: '10.5', size: '1', side: 'buy' });
  bars.push({ symbol: 'X', timeMs: 2000, price: '10', size: '0.2', side: 'sell' });
  bars.push({ symbol: 'X', timeMs: 3000, price: '12', size: '0.5', side: 'unknown' });
  return bars.flush()[0]!;
}

const line =
  '{"v":1,"symbol":"X","t0":0,"t1":60000,"open":"10.5","high":"12","low":"10","close":"12","volume":"1.7",' +
  '"buy":"1","sell":"0.2","unknown":"0.5","delta":"0.8","minDelta":"0","maxDelta":"1","trades":3,' +
  '"vwap":"10.88235294117647","poc":"10","vah":"10","val":"10","levels":[' +
  '{"price":"10","buy":"1","sell":"0.2","unknown":"0","buyTrades":1,"sellTrades":1},' +
  '{"price":"12","buy":"0","sell":"0","unknown":"0.5","buyTrades":0,"sellTrades":0}]}\n';

test('a line holds decimals as strings, in the order of the format', () => {
  expect(formatFootprintLine(sampleBar(), context)).toBe(line);
});

test('a bar without trades has its close for its VWAP, and comes back', () => {
  const bars = createTimeBars({ grid, intervalMs: 60_000, emptyBars: 'flat' });
  bars.pushTicks({ timeMs: 0, priceTicks: 21, sizeLots: 3, side: 'buy' });
  const [, flat] = bars.advanceTo(120_000);
  const json = footprintToJson(flat!, context);
  expect([json.vwap, json.volume, json.levels]).toEqual(['10.5', '0', []]);
  expect(footprintFromJson(json, grid)).toMatchObject({ startMs: 60_000, closeTicks: 21, volumeLots: 0, rows: [] });
});

test('a bar comes back from its line, without what the format does not keep', () => {
  const bar = sampleBar();
  expect(parseFootprintLine(line, grid)).toEqual({
    ...without(bar, 'valueTickLots', 'revision'),
    symbol: 'X',
    vwap: '10.88235294117647',
    rows: bar.rows.map((row) => without(row, 'unknownTrades')),
  });
});

test('sums beyond safe integers survive the round trip', () => {
  const bars = createTimeBars({ grid, intervalMs: 60_000 });
  for (let i = 0; i < 3; i++)
    bars.pushTicks({ timeMs: 1, priceTicks: 1, sizeLots: Number.MAX_SAFE_INTEGER, side: 'sell' });
  const [bar] = bars.flush();
  const json = footprintToJson(bar!, context);
  expect(json).toMatchObject({ sell: '2702159776422297.3', delta: '-2702159776422297.3', vwap: '0.5' });
  expect(footprintFromJson(json, grid)).toMatchObject({
    sellLots: 27_021_597_764_222_973n,
    deltaLots: -27_021_597_764_222_973n,
  });
});

describe('a record is refused', () => {
  const json = footprintToJson(sampleBar(), context);
  test.each<[string, unknown, string]>([
    ['that is no object', null, 'Field footprint "null" is not an object.'],
    ['of another version', { ...json, v: 2 }, 'Footprint v "2" cannot be read, expected 1.'],
    ['without a field', { ...json, open: undefined }, 'Field footprint.open "undefined" is not a string.'],
    ['with a number for a decimal', { ...json, buy: 1 }, 'Field footprint.buy "1" is not a string.'],
    [
      'with negative trades',
      { ...json, trades: -1 },
      'Field footprint.trades "-1" is not a whole number of at least 0.',
    ],
    [
      'off the grid',
      { ...json, high: '12.3' },
      'Field footprint.high "12.3" is not on the grid: price "12.3" is not a multiple of tickSize 0.5. Check the instrument\'s tickSize.',
    ],
    [
      'with a broken level',
      { ...json, levels: [{ ...json.levels[0], sell: 'x' }] },
      'Field footprint.levels[0].sell "x" is not on the grid',
    ],
    [
      'whose columns do not add up',
      { ...json, unknown: '0.4' },
      'Footprint volume of the bar at t0 "0" is not buy + sell + unknown. The record was changed or cut; take it from its source again.',
    ],
    [
      'whose delta is not buy − sell',
      { ...json, delta: '0.7' },
      'Footprint delta of the bar at t0 "0" is not buy − sell.',
    ],
    [
      'whose lowest delta is above 0',
      { ...json, minDelta: '0.1' },
      'Footprint minDelta of the bar at t0 "0" is not at most 0 and delta.',
    ],
    [
      'whose lowest delta is above its delta',
      {
        ...json,
        buy: '0.2',
        sell: '1',
        delta: '-0.8',
        levels: [{ ...json.levels[0], buy: '0.2', sell: '1' }, json.levels[1]],
      },
      'Footprint minDelta of the bar at t0 "0" is not at most 0 and delta.',
    ],
    [
      'whose highest delta is below its delta',
      { ...json, maxDelta: '0.7' },
      'Footprint maxDelta of the bar at t0 "0" is not at least 0 and delta.',
    ],
    [
      'that closes outside its range',
      { ...json, close: '12.5' },
      'Footprint close of the bar at t0 "0" is not between low and high.',
    ],
    [
      'with the point of control outside the value area',
      { ...json, poc: '12' },
      'Footprint poc of the bar at t0 "0" is not between val and vah.',
    ],
    [
      'that lost a level',
      { ...json, levels: json.levels.slice(1) },
      'Footprint buy of the bar at t0 "0" is not the sum over levels.',
    ],
    [
      'with levels in disorder',
      { ...json, levels: json.levels.toReversed() },
      'Footprint levels of the bar at t0 "0" is not ascending by price.',
    ],
  ])('%s', (_, bad, message) => {
    expect(() => footprintFromJson(bad, grid)).toThrow(message);
  });

  test('that is no JSON', () => {
    expect(() => parseFootprintLine('{"v":1,', grid)).toThrow(
      'Footprint line "{"v":1," is not JSON. Pass one whole line.',
    );
  });
});

function without<T extends object, K extends keyof T & string>(value: T, ...keys: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key as K))) as Omit<T, K>;
}
