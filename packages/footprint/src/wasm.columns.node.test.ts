/** Bars by the kernel against bars by TypeScript. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TradeColumns } from '@tapekit/orderflow/columns';
import { kernelBytes, kernelModule, language } from '../scripts/kernel/compiled.ts';
import { difference, seededTape } from '../scripts/kernel/sameness.ts';
import { footprintsOfColumns } from './footprint-columns.ts';
import type { FootprintColumns, FootprintColumnsOptions } from './footprint-columns.ts';
import { ColumnOutputs } from './internal/columns-builder.ts';
import { kernelColumns } from './internal/wasm/kernel-columns.ts';
import { kernelOf } from './internal/wasm/kernel-exports.ts';
import { createFootprintKernel, loadKernel } from './wasm.ts';

const kernel = await loadKernel(kernelBytes);

/** What a call gives, or the error that it throws. */
function outcome(run: () => FootprintColumns): object {
  try {
    return run();
  } catch (error) {
    const { name, code, message } = error as Error & { code: unknown };
    return { name, code, message };
  }
}

/** Gives what TypeScript makes of the prints, which is asked for it unless it is known. */
function expectSame(
  trades: TradeColumns,
  options: FootprintColumnsOptions,
  expected = outcome(() => footprintsOfColumns(trades, options)),
): object {
  expect(
    difference(
      outcome(() => kernel.footprintsOfColumns(trades, options)),
      expected,
    ),
  ).toBeUndefined();
  return expected;
}

const asDoubles = ({ timeMs, priceTicks, sizeLots, side }: TradeColumns): TradeColumns => ({
  timeMs: Float64Array.from(timeMs),
  priceTicks: Float64Array.from(priceTicks),
  sizeLots: Float64Array.from(sizeLots),
  side: Int8Array.from(side),
});
const asLists = ({ timeMs, priceTicks, sizeLots, side }: TradeColumns): TradeColumns => ({
  timeMs: [...timeMs],
  priceTicks: [...priceTicks],
  sizeLots: [...sizeLots],
  side: [...side],
});

const minute = { intervalMs: 60_000 };

describe('footprintsOfColumns of the kernel', () => {
  const options = fc.record({
    intervalMs: fc.constantFrom(1000, 60_000),
    rowTicks: fc.constantFrom(1, 3, 10, 2 ** 31 + 1),
    valueAreaPercent: fc.constantFrom(70, 68, 99.5, 68.268949, 0.000001, 100),
    maxJumpMs: fc.constantFrom(86_400_000, 30_000),
  });
  const tape = (pause: fc.Arbitrary<number>, price: fc.Arbitrary<number>, size: fc.Arbitrary<number>) =>
    fc.array(fc.tuple(pause, price, size, fc.integer({ min: -1, max: 1 })), { maxLength: 90 }).map((steps) => {
      let time = 1_700_000_000_000;
      const timeMs = steps.map(([step]) => (time += step));
      const [priceTicks, sizeLots, side] = ([1, 2, 3] as const).map((at) => steps.map((step) => step[at]));
      return { timeMs, priceTicks: priceTicks!, sizeLots: sizeLots!, side: side! };
    });
  const small = fc.integer({ min: 1, max: 99 });
  // A ladder of 200,000 rows costs as much as 100 short ones; every size that the kernel grows to is among these.
  const spans = fc.constantFrom(400, 3000, 12_000, 40_000, 99_999);
  const extremes = fc.constantFrom(-(2 ** 31), -(2 ** 31) + 5, 2 ** 31 - 1, 2 ** 31 - 4, 2 ** 31, 0, -0);

  test.each([
    ['in order', tape(fc.nat({ max: 40_000 }), fc.integer({ min: -30, max: 30 }), small)],
    [
      'far apart in price',
      spans.chain((far) => tape(fc.nat({ max: 9000 }), fc.integer({ min: -far, max: far }), small)),
    ],
    ['at the ends of 32 bits', tape(fc.nat({ max: 40_000 }), extremes, small)],
    ['of any price', tape(fc.nat({ max: 40_000 }), fc.maxSafeInteger(), small)],
    ['late', tape(fc.integer({ min: -90_000, max: 90_000 }), fc.nat({ max: 9 }), fc.nat({ max: 9 }))],
    ['around 2^31 lots', tape(fc.nat({ max: 9000 }), fc.nat({ max: 9 }), fc.integer({ min: 1, max: 2 ** 31 - 1 }))],
    ['around 2^40 lots', tape(fc.nat({ max: 9000 }), fc.nat({ max: 9 }), fc.integer({ min: 1, max: 2 ** 40 + 9 }))],
    ['of huge sizes', tape(fc.nat({ max: 900 }), fc.nat({ max: 3 }), fc.integer({ min: 1, max: 2 ** 52 }))],
    ['between milliseconds', tape(fc.double({ min: 0, max: 9000, noNaN: true }), fc.nat({ max: 9 }), small)],
    ['that are none', tape(fc.constantFrom(1, NaN, Infinity), fc.constantFrom(1, 0.5), fc.constantFrom(1, 0, -1, 0.5))],
  ])('is that of TypeScript to the bit for prints %s', (_, tapes) => {
    fc.assert(
      fc.property(tapes, options, (trades, asked) => {
        const expected = expectSame(trades, asked);
        if (trades.sizeLots.every((lots) => lots === (lots | 0))) {
          expectSame({ ...trades, sizeLots: Int32Array.from(trades.sizeLots) }, asked, expected);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('is that of TypeScript over two million prints, in 32 bits, doubles and with unknown aggressors', () => {
    const trades = seededTape(2_000_000, 20_261_120);
    expectSame(trades, minute);
    expectSame(asDoubles(trades), { ...minute, rowTicks: 10 });
    expectSame(seededTape(300_000, 7, 0.2), { intervalMs: 3_600_000, valueAreaPercent: 68 });
  });

  test.each([8191, 8192, 8193, 16_384, 24_577])('carries the open bar over the ends of chunks: %i prints', (count) => {
    const trades = seededTape(count, count, 0.1);
    for (const intervalMs of [1000, 300_000, 86_400_000]) {
      expectSame(trades, { intervalMs });
      expectSame(asLists(trades), { intervalMs });
      const sizeLots = Float64Array.from(trades.sizeLots, (lots) => lots * 999_983);
      expectSame({ ...trades, sizeLots }, { intervalMs });
    }
  });

  test('a fault in the last of many chunks sends the whole tape to TypeScript', () => {
    const trades = seededTape(20_000, 3);
    const last = <Column extends Float64Array | Int32Array | Int8Array>(column: Column, value: number): Column => {
      const changed = column.slice() as Column;
      changed[19_999] = value;
      return changed;
    };
    expectSame({ ...trades, timeMs: last(trades.timeMs, trades.timeMs[19_999]! - 60_000) }, minute);
    expectSame({ ...trades, sizeLots: last(trades.sizeLots as Int32Array, 0) }, minute);
    expectSame({ ...trades, side: last(trades.side as Int8Array, 2) }, minute);
    expectSame({ ...trades, timeMs: last(trades.timeMs, trades.timeMs[19_999]! + 1e9) }, minute);
  });

  test('a fault between two chunks is seen', () => {
    const trades = seededTape(20_000, 3);
    const later = (from: number, by: number) => trades.timeMs.map((time, i) => (i < from ? time : time + by));
    for (const by of [-60_000, -1e7, 1e9]) expectSame({ ...trades, timeMs: later(8192, by) }, minute);
    const leap = seededTape(8193, 3);
    leap.timeMs[8192]! += 1e6;
    expectSame(leap, { ...minute, maxJumpMs: 4000 });
  });

  test('lots of one bar in several chunks add up: 2^31 are too many for 32 bits, 2^40 for the kernel', () => {
    const trades = seededTape(40_000, 3);
    const side = trades.timeMs.map((_, i) => (i < 4000 ? -1 : 1));
    for (const lots of [100_000, 200_000, 1_000_000, 40_000_000]) {
      const sizeLots = new Int32Array(40_000).fill(lots);
      // A bar ends in the first chunk, the next one goes on to the end.
      const timeMs = trades.timeMs.map((time, i) => time + (i < 4000 ? 0 : 7_200_000));
      expectSame({ ...trades, timeMs, sizeLots, side: Int8Array.from(side) }, { intervalMs: 7_200_000 });
    }
  });

  test.each([
    ['32 bits', (trades: TradeColumns) => trades],
    ['doubles', asDoubles],
    ['lists', asLists],
  ])('is made by the kernel, not by TypeScript, for %s in order', (_, form) => {
    const fast = kernelColumns(kernelOf(kernelModule()));
    const rule = { numerator: 7, denominator: 10, method: 'two-row' } as const;
    const outputs = new ColumnOutputs();
    const asked = { intervalMs: 60_000, rowTicks: 1, rule };
    expect(fast(form(seededTape(9000, 3, 0.1)), 9000, asked, 86_400_000, outputs)).toBe(true);
    expect(outputs.finish().trades.reduce((sum, prints) => sum + prints, 0)).toBe(9000);
  });

  test('grows for wide bars, leaves the widest to TypeScript, and keeps nothing between calls', () => {
    const instance = new language.Instance(kernelModule());
    const { memory } = instance.exports;
    const own = createFootprintKernel(instance);
    const walk = seededTape(40_000, 5);
    const wide = (factor: number): TradeColumns => ({
      ...walk,
      priceTicks: Int32Array.from(walk.priceTicks, (ticks, i) => 650_000 + (ticks - 650_000) * factor + (i % 3)),
    });
    const before = memory.buffer.byteLength;
    for (let round = 0; round < 3; round += 1) {
      for (const factor of [1, 100, 500, 2000]) {
        const asked = { intervalMs: 86_400_000 };
        expect(difference(own.footprintsOfColumns(wide(factor), asked), footprintsOfColumns(wide(factor), asked))).toBe(
          undefined,
        );
      }
    }
    const after = memory.buffer.byteLength;
    expect(after).toBeGreaterThan(before);
    expect(after).toBeLessThanOrEqual(640 * 65_536);
    for (let round = 0; round < 50; round += 1) own.footprintsOfColumns(wide(100), minute);
    expect(memory.buffer.byteLength).toBe(after);
  });

  test('leaves no bar behind that it wrote before it came to one that it refuses', () => {
    // More bars than wait for the host, then one of 2^41 lots.
    const bars = 30_000;
    const timeMs = Float64Array.from({ length: bars + 1 }, (_, i) => i * 60_000);
    const sizeLots = new Float64Array(bars + 1).fill(1);
    sizeLots[bars] = 2 ** 41;
    const trades = { timeMs, sizeLots, priceTicks: new Int32Array(bars + 1), side: new Int8Array(bars + 1).fill(1) };
    expect(kernel.footprintsOfColumns(trades, minute).bars).toBe(bars + 1);
    expectSame(trades, minute);
  });

  test('takes the memory of earlier bars, its own and those of TypeScript', () => {
    let last = footprintsOfColumns(seededTape(30_000, 1), minute);
    for (const count of [40_000, 9000, 0, 40_000, 100_000]) {
      const trades = seededTape(count, count, 0.1);
      last = kernel.footprintsOfColumns(trades, { ...minute, reuse: last });
      expect(difference(last, footprintsOfColumns(trades, minute))).toBeUndefined();
    }
    const again = kernel.footprintsOfColumns(seededTape(90_000, 2), { ...minute, reuse: last });
    expect(again.rowBuyLots.buffer).toBe(last.rowBuyLots.buffer);
  });

  test('refuses what TypeScript refuses, with the same words', () => {
    const trades = { timeMs: [0], priceTicks: [1], sizeLots: [1], side: [1] };
    expectSame(trades, { intervalMs: 0 });
    expectSame({ ...trades, side: [] }, minute);
    expectSame({} as never, minute);
    expectSame({ ...trades, priceTicks: [0.5] }, minute);
    expectSame({ timeMs: [], priceTicks: [], sizeLots: [], side: [] }, minute);
  });
});
