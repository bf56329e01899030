import { createGrid } from '@tapekit/orderflow/grid';
import { describe, expect, test } from 'vitest';
import { formatOhlcvCsv, formatOhlcvLines, ohlcvNumbers, ohlcvRows, type OhlcvColumn } from './footprint-ohlcv.ts';
import { createTimeBars } from './time-bars.ts';

const grid = createGrid({ tickSize: '0.5', lotSize: '0.1' });
const builder = createTimeBars({ grid, intervalMs: 1000, emptyBars: 'flat' });
const bars = [
  { timeMs: 0, priceTicks: 21, sizeLots: 30, side: 'buy' as const },
  { timeMs: 10, priceTicks: 20, sizeLots: 5, side: 'sell' as const },
  { timeMs: 2500, priceTicks: 24, sizeLots: 2 ** 53 - 1, side: 'unknown' as const },
  { timeMs: 2600, priceTicks: 24, sizeLots: 3, side: 'unknown' as const },
].flatMap((trade) => [...builder.pushTicks(trade)]);
bars.push(...builder.flush());

describe('ohlcvRows', () => {
  test('gives decimals, beyond safe integers too, and no VWAP where nothing traded', () => {
    expect(ohlcvRows(bars, { grid })).toEqual([
      {
        ...{ timeMs: 0, open: '10.5', high: '10.5', low: '10', close: '10', volume: '3.5', buy: '3', sell: '0.5' },
        ...{ unknown: '0', delta: '2.5', vwap: '10.42857142857143', trades: 2 },
      },
      {
        ...{ timeMs: 1000, open: '10', high: '10', low: '10', close: '10', volume: '0', buy: '0', sell: '0' },
        ...{ unknown: '0', delta: '0', vwap: null, trades: 0 },
      },
      {
        ...{ timeMs: 2000, open: '12', high: '12', low: '12', close: '12', volume: '900719925474099.4', buy: '0' },
        ...{ sell: '0', unknown: '900719925474099.4', delta: '0', vwap: '12', trades: 2 },
      },
    ]);
  });
});

describe('formatOhlcvCsv', () => {
  test('has a header and a line a bar, unknown as an empty field', () => {
    expect(formatOhlcvCsv(bars.slice(0, 2), { grid, columns: ['timeMs', 'close', 'vwap', 'trades'] })).toBe(
      'timeMs,close,vwap,trades\r\n0,10,10.42857142857143,2\r\n1000,10,,0\r\n',
    );
    expect(formatOhlcvCsv([], { grid })).toBe(
      'timeMs,open,high,low,close,volume,buy,sell,unknown,delta,vwap,trades\r\n',
    );
  });

  test('refuses a column that there is not', () => {
    expect(() => formatOhlcvCsv(bars, { grid, columns: ['time' as OhlcvColumn] })).toThrow('columns has "time"');
  });
});

test('formatOhlcvLines gives an object a line', () => {
  expect(formatOhlcvLines(bars.slice(1, 2), { grid, columns: ['timeMs', 'close', 'vwap'] })).toBe(
    '{"timeMs":1000,"close":"10","vwap":null}\n',
  );
});

test('ohlcvNumbers gives columns of floating point', () => {
  const { timeMs, open, close, volume } = ohlcvNumbers(bars, { grid });
  expect([[...timeMs], [...open], [...close], [...volume]]).toEqual([
    [0, 1000, 2000],
    [10.5, 10, 12],
    [10, 10, 12],
    [3.5, 0, 900_719_925_474_099.4],
  ]);
});

test('ohlcvNumbers gives the columns that are asked for besides, NaN where nothing traded', () => {
  const { delta, vwap, trades, ...base } = ohlcvNumbers(bars, { grid, columns: ['delta', 'vwap', 'trades', 'close'] });
  expect([[...delta], [...vwap], [...trades]]).toEqual([
    [2.5, 0, 0],
    [10.42857142857143, NaN, 12],
    [2, 0, 2],
  ]);
  expect(Object.keys(base)).toEqual(['timeMs', 'open', 'high', 'low', 'close', 'volume']);
  expect(() => ohlcvNumbers(bars, { grid, columns: ['time' as OhlcvColumn] })).toThrow('columns has "time"');
});
