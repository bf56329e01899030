import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { columnsOf } from './internal/depth/book-range.ts';
import type { BookLevels, TickLevels } from './internal/depth/book-range.ts';
import { priceBand } from './imbalance.ts';
import {
  createStandardisedImbalance,
  restoreStandardisedImbalance,
  standardisedImbalanceDefaults,
  standardisedImbalanceOfColumns,
} from './standardised-imbalance.ts';
import type { StandardisedImbalanceOptions } from './standardised-imbalance.ts';

const book = (bidLots: number, askLots: number): TickLevels => ({
  bids: [
    { priceTicks: 9999, sizeLots: bidLots },
    { priceTicks: 9000, sizeLots: 50 },
  ],
  asks: [{ priceTicks: 10001, sizeLots: askLots }],
});

describe('createStandardisedImbalance', () => {
  test('gives deviations from the mean of the window: of 2, 6 and 4 lots they are 1 at the second and 0 at the third', () => {
    const standardised = createStandardisedImbalance({ range: 1 });
    expect(standardised.push(book(5, 3))).toBeUndefined();
    expect(standardised.push(book(9, 3))).toBeCloseTo(1, 14);
    expect(standardised.push(book(7, 3))).toBe(0);
    // 2, 6, 4, 0: mean 3, deviation √5.
    expect(standardised.push(columnsOf(book(3, 3)))).toBeCloseTo(-3 / Math.sqrt(5), 14);
    expect(standardised.counts()).toEqual({ samples: 4, unknown: 0 });
  });

  test('a sample that is the mean of the window is exactly 0, in whatever order the others came', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 20 }), (halves) => {
        // Each with its opposite about 50, and 50 itself at last.
        const standardised = createStandardisedImbalance();
        for (const lots of halves.flatMap((half) => [50 - half, 50 + half])) standardised.pushLots(lots, 0);
        expect(standardised.pushLots(50, 0)).toBe(0);
      }),
    );
  });

  test('forgets what leaves the window: of 6 and 4, the mean is 5 and the deviation 1', () => {
    const standardised = createStandardisedImbalance({ windowSamples: 2 });
    for (const lots of [2, 6]) standardised.pushLots(lots, 0);
    expect(standardised.pushLots(4, 0)).toBeCloseTo(-1, 14);
  });

  test('looks at the range only: 10 bps leave the bid at 9000 out', () => {
    const far = createStandardisedImbalance({ range: priceBand({ bps: 10 }) });
    const all = createStandardisedImbalance();
    for (const standardised of [far, all]) standardised.push(book(5, 3));
    far.push(book(9, 3));
    expect(far.snapshot().values).toEqual([2, 6]);
    expect(all.snapshot().values).toEqual([52]);
  });

  test('leaves out and counts what is no book, and keeps the window', () => {
    const standardised = createStandardisedImbalance({ range: priceBand({ bps: 10 }) });
    standardised.push(book(5, 3));
    expect(standardised.push(undefined)).toBeUndefined();
    expect(standardised.push({ bids: [], asks: [] })).toBeUndefined();
    expect(standardised.push({ bids: book(5, 3).bids, asks: [] })).toBeUndefined();
    expect(standardised.pushLots(0n, 0)).toBeUndefined();
    expect(standardised.counts()).toEqual({ samples: 1, unknown: 4 });
    expect(standardised.push(book(9, 3))).toBeCloseTo(1, 14);
  });

  test('has no value while nothing varies, and before the warm-up is over', () => {
    const standardised = createStandardisedImbalance({ warmUpSamples: 4 });
    for (let i = 0; i < 3; i += 1) expect(standardised.pushLots(2, i)).toBeUndefined();
    expect(standardised.pushLots(2, 3)).toBeCloseTo(-1.5 / Math.sqrt(1.25), 14);
    const flat = createStandardisedImbalance();
    for (let i = 0; i < 9; i += 1) expect(flat.pushLots(7, 4)).toBeUndefined();
  });

  test.each<StandardisedImbalanceOptions>([
    { windowSamples: 1 },
    { windowSamples: 1e8 },
    { warmUpSamples: 1 },
    { windowSamples: 5, warmUpSamples: 6 },
    { range: 0 },
    { range: 1.5 },
  ])('refuses %j', (options) => {
    expect(() => createStandardisedImbalance(options)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  test('restores with the options of the snapshot, and refuses others', () => {
    const options = { windowSamples: 5, range: priceBand({ bps: 3 }) };
    const snapshot = createStandardisedImbalance(options).snapshot();
    expect(restoreStandardisedImbalance(snapshot).snapshot()).toEqual(snapshot);
    expect(restoreStandardisedImbalance(snapshot, options).snapshot()).toEqual(snapshot);
    for (const other of [{}, { ...options, range: 3 }, { ...options, windowSamples: 6 }]) {
      expect(() => restoreStandardisedImbalance(snapshot, other)).toThrow(
        expect.objectContaining({ code: 'bad-snapshot' }),
      );
    }
    expect(() => restoreStandardisedImbalance({ ...snapshot, kind: 'ofi' } as never)).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
  });

  test('the defaults are an hour of seconds', () => {
    expect(standardisedImbalanceDefaults).toEqual({ windowSamples: 3600, warmUpSamples: 2, range: null });
  });
});

const lots = fc.oneof({ weight: 5, arbitrary: fc.nat(20) }, fc.constant(-0), fc.maxSafeNat());
const books = fc.option(
  fc.record({
    bids: fc.array(fc.record({ priceTicks: fc.constant(99), sizeLots: lots }), { maxLength: 1 }),
    asks: fc.array(fc.record({ priceTicks: fc.constant(101), sizeLots: lots }), { maxLength: 1 }),
  }),
  { nil: undefined, freq: 9 },
);
const small = { windowSamples: 4, warmUpSamples: 3 };

describeReducerContract({
  name: 'createStandardisedImbalance',
  create: () => createStandardisedImbalance(small),
  restore: (snapshot) => restoreStandardisedImbalance(snapshot, small),
  inputs: fc.array<BookLevels | undefined>(books, { maxLength: 20 }),
  push: (standardised, next) => [standardised.push(next)],
  refused: [
    { bids: [{ priceTicks: 1, sizeLots: -1 }], asks: [] },
    { bids: [{ priceTicks: NaN, sizeLots: 1 }], asks: [] },
  ],
  batch: (tape) => {
    const at = (i: number, part: 'bids' | 'asks', field: 'priceTicks' | 'sizeLots'): number =>
      (tape[i] as TickLevels | undefined)?.[part][0]?.[field] ?? NaN;
    const column = (part: 'bids' | 'asks', field: 'priceTicks' | 'sizeLots') => tape.map((_, i) => at(i, part, field));
    const columns = {
      levels: 1,
      bidTicks: column('bids', 'priceTicks'),
      bidLots: column('bids', 'sizeLots'),
      askTicks: column('asks', 'priceTicks'),
      askLots: column('asks', 'sizeLots'),
    };
    return standardisedImbalanceOfColumns(columns, small);
  },
  conserve: (tape, outputs, standardised) => {
    const { samples, unknown } = standardised.counts();
    expect(samples + unknown).toBe(tape.length);
    // With the deviation over n, no value of n is further than √(n − 1) from the mean.
    for (const z of outputs) if (z !== undefined) expect(Math.abs(z)).toBeLessThanOrEqual(Math.sqrt(3) * (1 + 1e-12));
  },
});

test('agrees with the definition computed afresh at every sample', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(1e6), fc.nat(1e6)), { minLength: 3 }), (pairs) => {
      const standardised = createStandardisedImbalance({ windowSamples: 5 });
      const values: number[] = [];
      for (const [bid, ask] of pairs) {
        if (bid + ask === 0) continue;
        values.push(bid - ask);
        const held = values.slice(-5);
        const mean = held.reduce((a, b) => a + b, 0) / held.length;
        const variance = held.reduce((sum, x) => sum + (x - mean) ** 2, 0) / held.length;
        const z = standardised.pushLots(bid, ask);
        if (variance === 0) expect(z).toBeUndefined();
        else expect(z).toBeCloseTo((bid - ask - mean) / Math.sqrt(variance), 9);
      }
    }),
  );
});
