import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { hasRecordedData, workedExamples } from '@tapekit/tooling/recorded-data';
import { addExact } from './exact.ts';
import type { ExactInt } from './exact.ts';
import { createGrid } from './grid.ts';
import type { TickQuote } from './market.ts';
import { createOfi, ofiContribution, ofiOfColumns, ofiTotalOfColumns, restoreOfi } from './ofi.ts';
import { quoteColumns } from './columns.ts';

const quote = (bidTicks: number, bidLots: number, askTicks: number, askLots: number): TickQuote => ({
  bidTicks,
  bidLots,
  askTicks,
  askLots,
});
const before = quote(100, 1000, 101, 1000);

/** The formula as it is printed, indicator by indicator. */
function printed(p: TickQuote, c: TickQuote): bigint {
  const when = (condition: boolean, lots: number): bigint => (condition ? BigInt(lots) : 0n);
  return (
    when(c.bidTicks >= p.bidTicks, c.bidLots) -
    when(c.bidTicks <= p.bidTicks, p.bidLots) -
    when(c.askTicks <= p.askTicks, c.askLots) +
    when(c.askTicks >= p.askTicks, p.askLots)
  );
}

const quotes = fc.record({
  bidTicks: fc.integer({ min: 98, max: 101 }),
  bidLots: fc.oneof(fc.nat({ max: 50 }), fc.maxSafeNat()),
  askTicks: fc.integer({ min: 100, max: 103 }),
  askLots: fc.oneof(fc.nat({ max: 50 }), fc.maxSafeNat()),
});

describe('ofiContribution', () => {
  test.each([
    ['more size at the bid', quote(100, 1200, 101, 1000), 200],
    ['less size at the ask', quote(100, 1000, 101, 700), 300],
    ['both prices up', quote(101, 1500, 102, 800), 2500],
    ['both prices down', quote(99, 500, 100, 1500), -2500],
    ['ask up', quote(100, 1000, 102, 400), 1000],
    ['bid down', quote(99, 300, 101, 1000), -1000],
    ['no change', before, 0],
  ])('%s', (_, current, lots) => {
    expect(ofiContribution(before, current)).toBe(lots);
  });

  test('on half ticks: from 100×5, 101×4 to 8 and 1 is +6, bid 100.5×2 is +2, ask 100.5×3 is −3', () => {
    const grid = createGrid({ tickSize: '0.5', lotSize: '1' });
    const at = (bid: string, bidLots: number, ask: string, askLots: number) =>
      quote(grid.toTicks(bid), bidLots, grid.toTicks(ask), askLots);
    const from = at('100', 5, '101', 4);
    expect(ofiContribution(from, at('100', 8, '101', 1))).toBe(6);
    expect(ofiContribution(from, at('100.5', 2, '101', 4))).toBe(2);
    expect(ofiContribution(from, at('100', 5, '100.5', 3))).toBe(-3);
  });

  test('is the printed formula, exact beyond 2^53', () => {
    fc.assert(
      fc.property(quotes, quotes, (previous, current) => {
        expect(BigInt(ofiContribution(previous, current))).toBe(printed(previous, current));
      }),
      { numRuns: 500 },
    );
  });

  test.skipIf(!hasRecordedData)('gives the worked examples', () => {
    type Row = [number, number, number, number];
    const { cks_ofi } = workedExamples<{ cks_ofi: { prev: Row; curr: Row; e: number }[] }>();
    expect(cks_ofi.length).toBeGreaterThan(0);
    for (const { prev, curr, e } of cks_ofi) expect(ofiContribution(quote(...prev), quote(...curr))).toBe(e);
  });
});

describe('createOfi', () => {
  test('gives nothing for the first quote, then sums contributions', () => {
    const ofi = createOfi();
    expect(ofi.push(before)).toBeUndefined();
    expect(ofi.push(quote(100, 1200, 101, 1000))).toBe(200);
    expect(ofi.push(quote(100, 1200, 101, 700))).toBe(300);
    expect([ofi.sum, ofi.events]).toEqual([500, 2]);
  });

  test('flush ends an interval and keeps the last quote for the next one', () => {
    const ofi = createOfi();
    ofi.push(before);
    ofi.push(quote(100, 1200, 101, 1000));
    expect(ofi.flush()).toEqual({ sumLots: 200, events: 1 });
    expect(ofi.push(quote(100, 1250, 101, 1000))).toBe(50);
    expect(ofi.flush()).toEqual({ sumLots: 50, events: 1 });
  });

  test('does not span a time without a quote', () => {
    const ofi = createOfi();
    ofi.push(before);
    expect(ofi.push(undefined)).toBeUndefined();
    expect(ofi.push(quote(105, 9, 106, 9))).toBeUndefined();
    expect([ofi.sum, ofi.events]).toEqual([0, 0]);
  });

  test('is not misled by a caller that reuses one quote object', () => {
    const ofi = createOfi();
    const reused = { ...before };
    ofi.push(reused);
    reused.bidLots = 1200;
    expect(ofi.push(reused)).toBe(200);
  });

  test.each([
    ['a price between ticks', { ...before, bidTicks: 0.5 }],
    ['no price', { ...before, askTicks: NaN }],
    ['a negative size', { ...before, askLots: -1 }],
    ['a size beyond 2^53', { ...before, bidLots: 2 ** 53 }],
  ])('%s is refused, and the quote before it still counts', (_, bad) => {
    const ofi = createOfi();
    ofi.push(before);
    expect(() => ofi.push(bad)).toThrow(expect.objectContaining({ code: 'bad-quote' }));
    expect(ofi.push({ ...before, bidLots: 1200 })).toBe(200);
  });

  test('columns give what quotes one by one give', () => {
    const tapes = fc.oneof(fc.array(quotes), fc.array(fc.option(quotes, { nil: undefined, freq: 6 })));
    fc.assert(
      fc.property(tapes, (tape) => {
        const ofi = createOfi();
        const contributions = tape.map((next) => ofi.push(next));
        const columns = quoteColumns(tape.map((next, timeMs) => ({ timeMs, quote: next })));
        const interval = ofi.flush();
        expect(ofiOfColumns(columns)).toEqual({ contributions, ...interval });
        expect(ofiTotalOfColumns(columns)).toEqual(interval);
      }),
    );
  });

  test('a column with a quote that no grid gives is refused', () => {
    const column = { bidTicks: [100, 100], bidLots: [1, 2], askTicks: [101, 101], askLots: [1, -1] };
    expect(() => ofiTotalOfColumns(column)).toThrow(expect.objectContaining({ code: 'bad-quote' }));
    expect(() => ofiOfColumns({ ...column, askLots: [1, 0.5] })).toThrow(
      expect.objectContaining({ code: 'bad-quote' }),
    );
  });

  test('refuses the snapshot of another module', () => {
    expect(() => restoreOfi({ v: 1, kind: 'mlofi' } as never)).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: snapshot has kind "mlofi" and version 1, expected "ofi" version 1. Pass what snapshot() of the same module returned.]`,
    );
    expect(() => restoreOfi({ v: 2, kind: 'ofi' } as never)).toThrow(expect.objectContaining({ code: 'bad-snapshot' }));
  });
});

describeReducerContract({
  name: 'createOfi',
  create: createOfi,
  restore: restoreOfi,
  inputs: fc.array(fc.option(quotes, { nil: undefined, freq: 8 }), { maxLength: 20 }),
  push: (ofi, next) => [ofi.push(next), ofi.sum, ofi.events],
  conserve: (tape, _outputs, ofi) => {
    // Flushed by now: feed the tape once more and compare with the sum of all pairs.
    ofi.push(undefined);
    tape.forEach((next) => ofi.push(next));
    let sum: ExactInt = 0;
    tape.forEach((next, i) => {
      const previous = tape[i - 1];
      if (previous && next) sum = addExact(sum, printed(previous, next));
    });
    expect(ofi.sum).toBe(sum);
  },
});
