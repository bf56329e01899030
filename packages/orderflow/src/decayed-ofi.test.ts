import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { quoteColumns } from './columns.ts';
import {
  createDecayedOfi,
  decayedOfiDefaults,
  decayedOfiOfColumns,
  depthDecayedOfi,
  depthDecayedOfiExact,
  restoreDecayedOfi,
} from './decayed-ofi.ts';
import type { DecayedOfi } from './decayed-ofi.ts';
import type { TickQuote } from './market.ts';
import { ofiContribution } from './ofi.ts';

describe('depthDecayedOfi', () => {
  test('of 120, 0, −30 by halves: (120 − 7.5) ÷ 1.75', () => {
    expect(depthDecayedOfi([120, 0, -30], 0.5)).toBeCloseTo(112.5 / 1.75, 13);
    expect(depthDecayedOfiExact([120, 0, -30], '0.5')).toBe('64.28571428571429');
  });

  test('decay 1 is the mean, decay 0 the best level', () => {
    expect([depthDecayedOfi([4, 1, 1], 1), depthDecayedOfi([4, 1, 1], 0)]).toEqual([2, 4]);
    expect([depthDecayedOfiExact([4, 1, 1], 1), depthDecayedOfiExact([4, 1, 1], 0)]).toEqual(['2', '4']);
  });

  test('the exact form takes a decay that has no double: 3 ÷ 1.1', () => {
    expect(depthDecayedOfiExact([3, 0], '0.1')).toBe('2.727272727272727');
    expect(depthDecayedOfiExact([10n ** 40n, 0], '0.25')).toBe(`8${'0'.repeat(39)}`);
  });

  test('the two forms agree', () => {
    fc.assert(
      fc.property(
        fc.array(fc.maxSafeInteger(), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 0, max: 100 }),
        (lots, percent) => {
          const exact = Number(depthDecayedOfiExact(lots, `${percent}e-2`));
          const largest = Math.max(...lots.map(Math.abs), 1);
          expect(Math.abs(depthDecayedOfi(lots, percent / 100) - exact) / largest).toBeLessThan(1e-14);
        },
      ),
    );
  });

  test.each([-0.1, 1.1, NaN, Infinity])('a decay of %d is refused', (decay) => {
    expect(() => depthDecayedOfi([1], decay)).toThrow(expect.objectContaining({ code: 'bad-option' }));
    expect(() => depthDecayedOfiExact([1], decay)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  test('no levels, and levels that are none, are refused', () => {
    for (const values of [[], [NaN], [1, Infinity]]) {
      expect(() => depthDecayedOfi(values, 0.5)).toThrow(expect.objectContaining({ code: 'bad-value' }));
      expect(() => depthDecayedOfiExact(values, 0.5)).toThrow(expect.objectContaining({ code: 'bad-value' }));
    }
    expect(() => depthDecayedOfiExact([0.5], 0.5)).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: level 0 of a vector, 0.5, is not a whole number of lots.]`,
    );
  });
});

const quote = (bidTicks: number, bidLots: number, askTicks: number, askLots: number): TickQuote => ({
  bidTicks,
  bidLots,
  askTicks,
  askLots,
});
type Event = readonly [timeMs: number, quote: TickQuote | undefined];

describe('createDecayedOfi', () => {
  test('halves with every half-life', () => {
    const ofi = createDecayedOfi({ halfLifeMs: 1000 });
    expect(ofi.push(0, quote(100, 10, 101, 10))).toBeUndefined();
    expect(ofi.push(0, quote(100, 18, 101, 10))).toBe(8);
    expect(ofi.push(1000, quote(100, 19, 101, 10))).toBe(4 + 1);
    expect([ofi.at(0), ofi.at(1000), ofi.at(3000)]).toEqual([5, 5, 1.25]);
  });

  test('is the sum of its definition', () => {
    const tape: [number, TickQuote][] = [0, 130, 400, 401, 900, 2500].map((timeMs, i) => [
      timeMs,
      quote(100 + (i % 3), 5 + i, 103 + (i % 2), 9 - i),
    ]);
    const ofi = createDecayedOfi({ halfLifeMs: 700 });
    for (const [timeMs, next] of tape) ofi.push(timeMs, next);
    const terms = tape
      .slice(1)
      .map(([timeMs, next], i) => Number(ofiContribution(tape[i]![1], next)) * 2 ** (-(4000 - timeMs) / 700));
    expect(ofi.at(4000)).toBeCloseTo(
      terms.reduce((sum, term) => sum + term, 0),
      12,
    );
  });

  test('goes on fading over a break, and adds nothing for it', () => {
    const ofi = createDecayedOfi({ halfLifeMs: 1000 });
    ofi.push(0, quote(100, 10, 101, 10));
    ofi.push(0, quote(100, 18, 101, 10));
    expect(ofi.push(1000, undefined)).toBe(4);
    expect(ofi.push(2000, quote(500, 1, 501, 1))).toBe(2);
    expect(ofi.counts()).toEqual({ events: 1, lateQuotes: 0 });
  });

  test('a late quote is left out and counted', () => {
    const ofi = createDecayedOfi();
    ofi.push(10, quote(100, 10, 101, 10));
    ofi.push(10, quote(100, 12, 101, 10));
    expect(ofi.push(9, quote(90, 10, 91, 10))).toBe(2);
    expect(ofi.counts()).toEqual({ events: 1, lateQuotes: 1 });
  });

  test('refuses what is no half-life, and restores under its own alone', () => {
    for (const halfLifeMs of [0, -1, NaN, Infinity]) {
      expect(() => createDecayedOfi({ halfLifeMs })).toThrow(expect.objectContaining({ code: 'bad-option' }));
    }
    const snapshot = createDecayedOfi().snapshot();
    expect(snapshot.options).toEqual(decayedOfiDefaults);
    expect(() => restoreDecayedOfi(snapshot, { halfLifeMs: 1 })).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
  });
});

const lots = fc.oneof(fc.nat({ max: 9 }), fc.maxSafeNat());
const quotes = fc.record({
  bidTicks: fc.integer({ min: 98, max: 103 }),
  bidLots: lots,
  askTicks: fc.maxSafeInteger(),
  askLots: lots,
});
const tapes = fc.array(
  fc.tuple(
    fc.oneof(fc.integer({ min: 0, max: 60 }), fc.constantFrom(-0, 8.64e15, -8.64e15)),
    fc.option(quotes, { nil: undefined, freq: 6 }),
  ),
  { maxLength: 20 },
);

describeReducerContract<Event, number | null, DecayedOfi>({
  name: 'createDecayedOfi',
  create: () => createDecayedOfi({ halfLifeMs: 9.5 }),
  restore: (snapshot) => restoreDecayedOfi(snapshot, { halfLifeMs: 9.5 }),
  inputs: tapes,
  push: (ofi, event) => [ofi.push(...event) ?? null],
  batch: (tape) =>
    decayedOfiOfColumns(quoteColumns(tape.map(([timeMs, next]) => ({ timeMs, quote: next }))), { halfLifeMs: 9.5 }).map(
      (value) => value ?? null,
    ),
  conserve: (_, outputs) => outputs.forEach((value) => expect(value === null || Number.isFinite(value)).toBe(true)),
  refused: [
    [NaN, undefined],
    [0, quote(0.5, 1, 1, 1)],
    [0, quote(1, -1, 1, 1)],
    [-8.64e15, quote(1, NaN, 1, 1)],
  ],
});
