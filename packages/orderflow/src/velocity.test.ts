import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { tradeColumns } from './columns.ts';
import { addExact } from './exact.ts';
import type { Aggressor, TickTrade } from './market.ts';
import { createVelocity, restoreVelocity, velocityDefaults, velocityOfColumns } from './velocity.ts';
import type { Burst } from './velocity.ts';

const print = (timeMs: number, sizeLots = 1, side: Aggressor = 'buy'): TickTrade => ({
  priceTicks: 1,
  sizeLots,
  side,
  timeMs,
});
const small = { windowMs: 1000, baselineWindows: 10, warmUpWindows: 2, minTrades: 3, zMin: 2 } as const;

/** Prints per second from second 0 on: 9 (left out, as not seen whole), then 1, 3, 1, 3 with mean 2 and deviation 2/√3. */
const quiet = [9, 1, 3, 1, 3].flatMap((prints, second) =>
  Array.from({ length: prints }, (_, i) => print(second * 1000 + i)),
);

describe('createVelocity', () => {
  test('gives prints and lots per second of the last three seconds', () => {
    const velocity = createVelocity();
    velocity.push(print(0, 5));
    velocity.push(print(1000, 3, 'unknown'));
    expect(velocity.push(print(2999, 1))).toEqual({
      trades: 3,
      lots: 9,
      tradesPerSecond: 1,
      lotsPerSecond: 3,
      tradesZ: undefined,
      lotsZ: undefined,
      bursting: false,
    });
    // The print at 0 is three seconds old, so it is out.
    expect(velocity.push(print(3000, 2)).lotsPerSecond).toBe(2);
  });

  test('judges the window by past windows that it does not reach into', () => {
    const velocity = createVelocity(small);
    for (const trade of quiet) velocity.push(trade);
    // Second 6: windows 1 to 4 are past. One print: (1 − 2) ÷ √(4/3).
    expect(velocity.push(print(6500, 4)).tradesZ).toBeCloseTo(-1 / Math.sqrt(4 / 3), 12);
    // Second 7: window 5 without a print counts, so 1, 3, 1, 3, 0 with mean 1.6 and deviation √1.8; two lots of 4 and 1.
    const { tradesZ, lotsZ } = velocity.push(print(7400, 1));
    expect(tradesZ).toBeCloseTo((2 - 1.6) / Math.sqrt(1.8), 12);
    expect(lotsZ).toBeCloseTo((5 - 1.6) / Math.sqrt(1.8), 12);
  });

  test('gives a burst when it is over: six prints at 6.0 s, found with the fifth', () => {
    const velocity = createVelocity(small);
    for (const trade of quiet) velocity.push(trade);
    // z = (n − 2) ÷ 1.1547 is above 2 from n = 5 on.
    const steps = [6000, 6010, 6020, 6030, 6040, 6050].map((timeMs) => velocity.push(print(timeMs, 2)));
    expect(steps.map(({ bursting }) => bursting)).toEqual([false, false, false, false, true, true]);
    const { burst, bursting } = velocity.push(print(7900));
    expect(bursting).toBe(false);
    expect(burst).toEqual({
      startMs: 6000,
      detectedMs: 6040,
      endMs: 6050,
      peakMs: 6050,
      peakTrades: 6,
      peakTradesPerSecond: 6,
      peakZ: 4 / Math.sqrt(4 / 3),
      trades: 6,
      lots: 12,
    });
    expect(velocity.flush()).toBeUndefined();
  });

  test('flush gives the open burst and keeps the window', () => {
    const velocity = createVelocity(small);
    for (const trade of [...quiet, ...[1, 2, 3, 4, 5].map((ms) => print(6000 + ms))]) velocity.push(trade);
    expect(velocity.flush()?.trades).toBe(5);
    expect(velocity.flush()).toBeUndefined();
    expect(velocity.push(print(6006)).trades).toBe(6);
  });

  test('a tape as even as a clock has no deviation, so nothing bursts', () => {
    const velocity = createVelocity(small);
    for (let second = 0; second < 10; second += 1) velocity.push(print(second * 1000));
    const steps = Array.from({ length: 50 }, (_, i) => velocity.push(print(10_000 + i)));
    expect(steps.every(({ bursting, tradesZ }) => !bursting && tradesZ === undefined)).toBe(true);
  });

  test('a silence longer than the baseline starts it anew', () => {
    const velocity = createVelocity(small);
    for (const trade of quiet) velocity.push(trade);
    expect(velocity.push(print(14_000)).tradesZ).toBeDefined();
    expect(velocity.push(print(25_000)).tradesZ).toBeUndefined();
  });

  test('takes a print that is earlier but inside the window, and counts one that is late', () => {
    const velocity = createVelocity(small);
    velocity.push(print(5000));
    expect(velocity.push(print(4500, 3)).lots).toBe(4);
    expect(velocity.push(print(4000, 7)).lots).toBe(4);
    expect(velocity.push(print(5500, 1)).lots).toBe(2);
    velocity.push(print(5500, 0));
    expect(velocity.counts()).toEqual({
      trades: 3,
      lateTrades: 1,
      reorderedTrades: 1,
      overflowedTrades: 0,
      zeroTrades: 1,
    });
  });

  test('bounds the window', () => {
    const velocity = createVelocity({ maxTrades: 2 });
    const lots = [5, 4, 3].map((size, i) => velocity.push(print(i, size)).lots);
    expect([lots, velocity.counts().overflowedTrades]).toEqual([[5, 9, 7], 1]);
  });

  test.each([
    { windowMs: 0 },
    { baselineWindows: 1 },
    { warmUpWindows: 101 },
    { minTrades: 0 },
    { zMin: NaN },
    { maxTrades: 1.5 },
  ])('refuses %j', (options) => {
    expect(() => createVelocity(options)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  test('the defaults are a burst of 15 prints in 3 s with z above 2.5', () => {
    expect(velocityDefaults).toMatchObject({ windowMs: 3000, minTrades: 15, zMin: 2.5 });
  });
});

const tapes = fc.array(
  fc.record({
    priceTicks: fc.constant<number>(1),
    sizeLots: fc.oneof({ weight: 8, arbitrary: fc.nat({ max: 9 }) }, fc.maxSafeNat(), fc.constant(-0)),
    side: fc.constantFrom<Aggressor>('buy', 'sell', 'unknown'),
    timeMs: fc.oneof(
      { weight: 40, arbitrary: fc.nat({ max: 6000 }) },
      fc.constantFrom(-0, 1e308, -1e308, 2 ** 53, Number.MAX_VALUE, -Number.MAX_VALUE),
    ),
  }),
  { maxLength: 60 },
);
const hot = { windowMs: 300, baselineWindows: 5, warmUpWindows: 2, minTrades: 2, zMin: 0.5, maxTrades: 6 };
const sorted = tapes.map((tape) => [...tape].sort((a, b) => a.timeMs - b.timeMs));

describe.each([
  ['in order', sorted],
  ['in any order', tapes],
])('prints %s', (_, inputs) => {
  describeReducerContract({
    name: 'createVelocity',
    create: () => createVelocity(hot),
    restore: (snapshot) => restoreVelocity(snapshot, hot),
    inputs,
    refused: [print(0, -1), print(0, 0.5), print(NaN)],
    batch: (tape) => {
      const { values, last } = velocityOfColumns(tradeColumns(tape), hot);
      return [...values, ...(last ? [last as never] : [])];
    },
    conserve: (tape, outputs, velocity) => {
      const { trades, lateTrades, zeroTrades } = velocity.counts();
      expect(trades + lateTrades + zeroTrades).toBe(tape.length);
      for (const output of outputs) {
        for (const value of Object.values(output as object)) {
          if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
        }
      }
    },
  });
});

test('window, z-score and bursts agree with the definitions computed afresh at every print', () => {
  const options = { ...hot, maxTrades: 1000 };
  let bursts = 0;
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 400 }), { minLength: 20, maxLength: 60 }), (gaps) => {
      let timeMs = 0;
      const tape = gaps.map((gap, i) => print((timeMs += gap > 300 ? gap : gap % 40), 1 + (i % 3)));
      const { values, last } = velocityOfColumns(tradeColumns(tape), options);
      const first = Math.floor(tape[0]!.timeMs / 300);
      const hotRows: boolean[] = [];
      tape.forEach((now, row) => {
        const past = tape.slice(0, row + 1);
        const held = past.filter((trade) => now.timeMs - trade.timeMs < 300);
        expect([values[row]!.trades, values[row]!.lots]).toEqual([
          held.length,
          held.reduce((sum, { sizeLots }) => sum + sizeLots, 0),
        ]);
        const index = Math.floor(now.timeMs / 300);
        const counts: number[] = [];
        for (let window = Math.max(first + 1, index - 6); window <= index - 2; window += 1) {
          counts.push(past.filter((trade) => Math.floor(trade.timeMs / 300) === window).length);
        }
        const past5 = counts.slice(-5);
        const mean = past5.reduce((a, b) => a + b, 0) / past5.length;
        const deviation = Math.sqrt(past5.reduce((sum, n) => sum + (n - mean) ** 2, 0) / (past5.length - 1));
        const z = past5.length < 2 || deviation === 0 ? undefined : (held.length - mean) / deviation;
        if (z === undefined) expect(values[row]!.tradesZ).toBeUndefined();
        else expect(values[row]!.tradesZ).toBeCloseTo(z, 9);
        hotRows.push(held.length >= 2 && z !== undefined && z > 0.5);
      });
      expect(values.map(({ bursting }) => bursting)).toEqual(hotRows);
      const found = [...values.map(({ burst }) => burst), last].filter((burst): burst is Burst => burst !== undefined);
      expect(found).toHaveLength(hotRows.filter((isHot, i) => isHot && !hotRows[i - 1]).length);
      for (const { startMs, detectedMs, endMs, trades, lots } of found) {
        const inside = tape.filter((trade) => trade.timeMs >= startMs && trade.timeMs <= endMs);
        // Prints of the same millisecond may lie on either side of an edge.
        expect(trades).toBeLessThanOrEqual(inside.length);
        expect(inside.map(({ sizeLots }) => sizeLots).reduce(addExact, 0)).toBeGreaterThanOrEqual(Number(lots));
        expect(startMs <= detectedMs && detectedMs <= endMs).toBe(true);
      }
      bursts += found.length;
    }),
    { numRuns: 200, seed: 7 },
  );
  expect(bursts).toBeGreaterThan(50);
});
