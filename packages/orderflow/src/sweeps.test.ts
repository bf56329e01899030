import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { tradeColumns } from './columns.ts';
import type { Aggressor, TickTrade } from './market.ts';
import { createSweepDetector, restoreSweepDetector, sweepDefaults, sweepsOfColumns } from './sweeps.ts';

const print = (priceTicks: number, sizeLots: number, side: Aggressor, timeMs: number): TickTrade => ({
  priceTicks,
  sizeLots,
  side,
  timeMs,
});
const buys = (...rows: readonly [timeMs: number, ticks: number][]) =>
  rows.map(([timeMs, ticks]) => print(ticks, 1, 'buy', timeMs));
const found = (tape: readonly TickTrade[], options = {}) =>
  sweepsOfColumns(tradeColumns(tape), options).map(({ startMs, endMs, fromTicks, toTicks, levels }) => [
    [startMs, endMs],
    [fromTicks, toTicks],
    levels,
  ]);

describe('createSweepDetector', () => {
  test('gives a sweep when a print of the other side ends it', () => {
    const sweeps = createSweepDetector({ minLevels: 3, withinMs: 50 });
    const tape = [print(100, 5, 'buy', 0), print(100, 1, 'buy', 0), print(101, 2, 'buy', 10), print(103, 2, 'buy', 20)];
    for (const trade of tape) expect(sweeps.push(trade)).toBeUndefined();
    // 100×6 + 101×2 + 103×2 = 1008 over 10 lots.
    expect(sweeps.push(print(102, 1, 'sell', 30))).toEqual({
      side: 'buy',
      startMs: 0,
      endMs: 20,
      fromTicks: 100,
      toTicks: 103,
      levels: 3,
      lots: 10,
      tickLots: 1008,
      averagePriceTicks: 100.8,
      trades: 4,
    });
    expect(sweeps.flush()).toBeUndefined();
  });

  test('a sell sweep falls', () => {
    const tape = [print(100, 1, 'sell', 0), print(99, 1, 'sell', 0), print(97, 1, 'sell', 1)];
    expect(found(tape)).toEqual([[[0, 1], [100, 97], 3]]);
  });

  test('two levels are not enough, and a level taken twice is one', () => {
    expect(found(buys([0, 100], [0, 101], [0, 101]))).toEqual([]);
  });

  test('a better price for the aggressor ends the run and begins the next one', () => {
    expect(found(buys([0, 100], [0, 101], [0, 100], [0, 101], [0, 102]))).toEqual([[[0, 0], [100, 102], 3]]);
  });

  test('a run that is too slow loses its first prints, not its last: 101, 102, 103 within 20 ms is a sweep', () => {
    expect(found(buys([0, 100], [90, 101], [105, 102], [110, 103]), { withinMs: 20 })).toEqual([
      [[90, 110], [101, 103], 3],
    ]);
  });

  test('a sweep that goes on beyond the time is cut, and the next prints start anew', () => {
    const rows = buys([0, 100], [10, 101], [20, 102], [101, 103], [102, 104], [103, 105]);
    expect(found(rows, { withinMs: 100 })).toEqual([
      [[0, 20], [100, 102], 3],
      [[101, 103], [103, 105], 3],
    ]);
  });

  test('prints without a known side or a size are passed over and counted', () => {
    const sweeps = createSweepDetector();
    for (const trade of [
      print(100, 1, 'buy', 0),
      print(90, 7, 'unknown', 0),
      print(101, 1, 'buy', 0),
      print(50, 0, 'sell', 0),
      print(102, 1, 'buy', 0),
    ]) {
      sweeps.push(trade);
    }
    // Its time is up, as an unknown print says, too.
    expect(sweeps.push(print(90, 7, 'unknown', 101))?.trades).toBe(3);
    expect(sweeps.counts()).toEqual({
      trades: 3,
      unknownTrades: 2,
      zeroTrades: 1,
      outOfOrderTrades: 0,
      forgottenTrades: 0,
    });
  });

  test('a time that goes back ends the run and is counted', () => {
    const sweeps = createSweepDetector();
    for (const trade of buys([5, 100], [5, 101], [4, 102], [4, 103], [4, 104])) sweeps.push(trade);
    expect(sweeps.counts().outOfOrderTrades).toBe(1);
    expect(sweeps.flush()?.fromTicks).toBe(102);
  });

  test('bounds a run that is no sweep, and stays exact beyond 2^53', () => {
    const sweeps = createSweepDetector();
    for (let i = 0; i < 5000; i += 1) sweeps.push(print(100, Number.MAX_SAFE_INTEGER, 'buy', 0));
    expect(sweeps.counts().forgottenTrades).toBe(5000 - 4096);
    sweeps.push(print(101, 1, 'buy', 0));
    sweeps.push(print(102, 1, 'buy', 0));
    const sweep = sweeps.flush();
    expect(sweep?.lots).toBe(4095n * BigInt(Number.MAX_SAFE_INTEGER) + 2n);
    expect(sweep?.averagePriceTicks).toBe(100);
  });

  test.each([{ minLevels: 1 }, { minLevels: 2.5 }, { withinMs: -1 }, { withinMs: NaN }])('refuses %j', (options) => {
    expect(() => createSweepDetector(options)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  test('is restored with the options of the snapshot, and refuses others', () => {
    const snapshot = createSweepDetector({ minLevels: 4 }).snapshot();
    expect(restoreSweepDetector(snapshot).snapshot()).toEqual(snapshot);
    expect(() => restoreSweepDetector(snapshot, sweepDefaults)).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
  });
});

const hostile = fc.array(
  fc.record({
    priceTicks: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 98, max: 104 }) }, fc.maxSafeInteger()),
    sizeLots: fc.oneof({ weight: 8, arbitrary: fc.nat({ max: 3 }) }, fc.maxSafeNat(), fc.constant(-0)),
    side: fc.constantFrom<Aggressor>('buy', 'buy', 'buy', 'sell', 'unknown'),
    timeMs: fc.oneof({ weight: 8, arbitrary: fc.nat({ max: 60 }) }, fc.constantFrom(1e308, -1e308, -0, 2 ** 53)),
  }),
  { maxLength: 40 },
);

describeReducerContract({
  name: 'createSweepDetector',
  create: () => createSweepDetector({ minLevels: 2, withinMs: 20 }),
  restore: (snapshot) => restoreSweepDetector(snapshot, { minLevels: 2, withinMs: 20 }),
  inputs: hostile,
  batch: (tape) => sweepsOfColumns(tradeColumns(tape), { minLevels: 2, withinMs: 20 }),
  refused: [print(1, -1, 'buy', 0), print(0.5, 1, 'buy', 0), print(1, NaN, 'buy', 0), print(1, 1, 'buy', Infinity)],
  conserve: (tape, sweeps, detector) => {
    const { trades, unknownTrades, zeroTrades } = detector.counts();
    expect(trades + unknownTrades + zeroTrades).toBe(tape.length);
    expect(sweeps.reduce((sum, sweep) => sum + sweep.trades, 0)).toBeLessThanOrEqual(trades);
    for (const sweep of sweeps) expect(Number.isFinite(sweep.averagePriceTicks)).toBe(true);
  },
});

test('every sweep is one by its definition, and where prints are one, one is found', () => {
  const options = { minLevels: 3, withinMs: 6 };
  // Times are unique, so that a sweep names its prints.
  const tapes = fc
    .array(
      fc.record({ up: fc.integer({ min: -1, max: 2 }), wait: fc.integer({ min: 1, max: 4 }), buy: fc.nat({ max: 4 }) }),
      { maxLength: 40 },
    )
    .map((steps) => {
      let [timeMs, ticks] = [0, 100];
      return steps.map(({ up, wait, buy }) => print((ticks += up), 1, buy === 0 ? 'sell' : 'buy', (timeMs += wait)));
    });
  const isSweep = (run: readonly TickTrade[]): boolean => {
    const better = run[0]!.side === 'buy' ? -1 : 1;
    return (
      run.every(({ side }) => side === run[0]!.side) &&
      run.every(({ priceTicks }, i) => i === 0 || (priceTicks - run[i - 1]!.priceTicks) * better <= 0) &&
      new Set(run.map(({ priceTicks }) => priceTicks)).size >= options.minLevels &&
      run[run.length - 1]!.timeMs - run[0]!.timeMs <= options.withinMs
    );
  };
  fc.assert(
    fc.property(tapes, (tape) => {
      const sweeps = sweepsOfColumns(tradeColumns(tape), options);
      for (const { startMs, endMs, trades } of sweeps) {
        const run = tape.filter(({ timeMs }) => timeMs >= startMs && timeMs <= endMs);
        expect([run.length, isSweep(run)]).toEqual([trades, true]);
      }
      sweeps.forEach((sweep, i) => expect(sweep.startMs).toBeGreaterThan(sweeps[i - 1]?.endMs ?? -1));
      for (let from = 0; from < tape.length; from += 1) {
        for (let to = from + 1; to <= tape.length; to += 1) {
          const run = tape.slice(from, to);
          if (!isSweep(run)) continue;
          const [startMs, endMs] = [run[0]!.timeMs, run[run.length - 1]!.timeMs];
          expect(sweeps.some((sweep) => sweep.startMs <= endMs && sweep.endMs >= startMs)).toBe(true);
        }
      }
    }),
    { numRuns: 300 },
  );
});
