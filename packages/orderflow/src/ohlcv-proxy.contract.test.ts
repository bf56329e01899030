import { readFileSync, readdirSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { isOrderflowError } from './errors.ts';
import { createOhlcvProxy, ohlcvProxyOfColumns, orderflowInputsFromOhlcv, restoreOhlcvProxy } from './ohlcv-proxy.ts';
import type { OhlcvProxy, OhlcvProxyBar, OrderflowProxyInputs } from './ohlcv-proxy.ts';

type NumberBar = Record<keyof OhlcvProxyBar, number>;

const column = (bars: readonly (NumberBar | undefined)[], name: keyof NumberBar): Float64Array =>
  Float64Array.from(bars, (bar) => bar?.[name] ?? NaN);
const columnsOf = (bars: readonly (NumberBar | undefined)[]) => ({
  high: column(bars, 'high'),
  low: column(bars, 'low'),
  close: column(bars, 'close'),
  volume: column(bars, 'volume'),
});
const batchOf = (bars: readonly NumberBar[], window: number): OrderflowProxyInputs => {
  const { high, low, close, volume } = columnsOf(bars);
  return orderflowInputsFromOhlcv(high, low, close, volume, { window });
};

const volumes = fc.oneof(fc.nat({ max: 1000 }), fc.constantFrom(0, -0, 2 ** 53, 1e308, 1e-320, 1e200));
const price = fc.oneof(fc.double({ min: -1e4, max: 1e4, noNaN: true }), fc.integer({ min: 0, max: 20 }));
const tradedBars: fc.Arbitrary<NumberBar> = fc.tuple(price, price, price, volumes).map(([a, b, c, volume]) => {
  const [low, close, high] = [a, b, c].sort((x, y) => x - y) as [number, number, number];
  return { high, low, close, volume };
});
const idleBars = fc.nat({ max: 9999 }).map((close): NumberBar => ({ high: 0, low: 0, close, volume: 0 }));
const tapes = fc.array(
  fc.oneof({ weight: 6, arbitrary: tradedBars }, { weight: 1, arbitrary: idleBars }, fc.constant(undefined)),
  { maxLength: 40 },
);
const bar = (over: Partial<NumberBar>): NumberBar => ({ high: 110, low: 100, close: 105, volume: 1, ...over });

describe.each([1, 2, 7, 60])('with a window of %d', (window) => {
  describeReducerContract<NumberBar | undefined, OrderflowProxyInputs, OhlcvProxy>({
    name: 'createOhlcvProxy',
    create: () => createOhlcvProxy({ window }),
    restore: (snapshot) => restoreOhlcvProxy(snapshot, { window }),
    inputs: tapes,
    batch: (bars) => ohlcvProxyOfColumns(columnsOf(bars), { window }),
    refused: [
      bar({ high: NaN }),
      bar({ low: -Infinity }),
      bar({ close: 111 }),
      bar({ close: 99 }),
      bar({ high: 99 }),
      bar({ volume: -1 }),
      bar({ volume: NaN }),
      bar({ volume: Infinity }),
    ],
    conserve: (bars, outputs, proxy) => {
      const known = bars.filter((entry) => entry !== undefined);
      expect(proxy.counts).toEqual({
        bars: known.length,
        zeroVolumeBars: known.filter(({ volume }) => volume === 0).length,
        unknownBars: bars.length - known.length,
      });
      // As of the last bar, a stream says what the arrays of its known bars say.
      expect(proxy.value).toEqual(batchOf(known, window));
      for (const { obi, ofiTrend, quality } of outputs) {
        expect(obi === undefined || Math.abs(obi) <= 1).toBe(true);
        expect(ofiTrend === undefined || Math.abs(ofiTrend) <= 1).toBe(true);
        expect(quality).toBe('proxy');
      }
    },
  });
});

test('bars may be decimal strings, and a bar that is not known changes nothing', () => {
  const proxy = createOhlcvProxy();
  expect(proxy.value).toEqual({ obi: undefined, ofiTrend: undefined, quality: 'proxy' });
  proxy.push({ high: '110', low: '100', close: '104', volume: '500.0' });
  const after = { obi: 0, ofiTrend: 0.4, quality: 'proxy' };
  expect(proxy.push({ high: 110, low: '1e2', close: '106', volume: 500 })).toEqual(after);
  expect(proxy.push(undefined)).toEqual(after);
  expect(proxy.counts).toEqual({ bars: 2, zeroVolumeBars: 0, unknownBars: 1 });
  for (const close of ['abc', '', '1e400', null]) {
    expect(() => proxy.push({ high: 110, low: 100, close: close as string, volume: 1 })).toThrow(
      expect.objectContaining({ code: 'bad-bar' }),
    );
  }
});

test('refuses a window that is no count, and the snapshots of others', () => {
  for (const window of [0, -1, 1.5, NaN, Infinity]) {
    expect(() => createOhlcvProxy({ window })).toThrow(expect.objectContaining({ code: 'bad-option' }));
  }
  const snapshot = createOhlcvProxy({ window: 5 }).snapshot();
  expect(restoreOhlcvProxy(snapshot).snapshot()).toEqual(snapshot);
  for (const run of [
    () => restoreOhlcvProxy(snapshot, {}),
    () => restoreOhlcvProxy(snapshot, { window: 6 }),
    () => restoreOhlcvProxy({ v: 1, kind: 'amihud' } as never),
  ]) {
    expect(run).toThrow(expect.objectContaining({ code: 'bad-snapshot' }));
  }
});

test('whatever numbers come in, no NaN and no infinity comes out', () => {
  const hostile = fc.oneof(
    fc.double(),
    fc.constantFrom(0, -0, 2 ** 53, 1e308, -1e308, 5e-324, NaN, Infinity, -Infinity),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(hostile, hostile, hostile, hostile), { maxLength: 6 }), (rows) => {
      const columns = [0, 1, 2, 3].map((i) => rows.map((row) => row[i]!)) as [number[], number[], number[], number[]];
      try {
        const { obi, ofiTrend } = orderflowInputsFromOhlcv(...columns);
        for (const value of [obi, ofiTrend]) expect(value === undefined || Math.abs(value) <= 1).toBe(true);
      } catch (error) {
        if (!isOrderflowError(error, 'bad-bar')) throw error;
      }
    }),
    { numRuns: 1000 },
  );
});

test.skipIf(!hasRecordedData)('every day of 30 recorded stocks has its inputs, days without a print too', () => {
  const folder = recordedPath('ohlcv/idx_daily');
  const seen = { days: 0, idle: 0, known: 0, unlike: 0 };
  for (const file of readdirSync(folder)) {
    const [header = '', ...lines] = gunzipSync(readFileSync(`${folder}/${file}`))
      .toString()
      .trim()
      .split('\n');
    const names = header.split(',');
    const bars = lines.map((line): NumberBar => {
      const cell = (name: string) => Number(line.split(',')[names.indexOf(name)]);
      return { high: cell('high'), low: cell('low'), close: cell('close'), volume: cell('volume') };
    });
    const outputs = ohlcvProxyOfColumns(columnsOf(bars));
    expect(outputs.at(-1)).toEqual(batchOf(bars, 60));
    seen.days += bars.length;
    seen.idle += bars.filter(({ volume }) => volume === 0).length;
    seen.known += outputs.filter(({ obi }) => obi !== undefined).length;
    // The one thing that leaves the imbalance unknown is a window of nothing but idle days.
    seen.unlike += outputs.filter(
      ({ obi }, i) =>
        (obi === undefined) !== bars.slice(Math.max(0, i - 59), i + 1).every(({ volume }) => volume === 0),
    ).length;
  }
  expect(seen).toEqual({ days: 39_980, idle: 450, known: 39_609, unlike: 0 });
});
