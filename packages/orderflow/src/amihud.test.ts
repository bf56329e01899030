import { Decimal } from 'decimal.js';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { hasRecordedData, workedExamples } from '@tapekit/tooling/recorded-data';
import { amihud, amihudDefaults, amihudOfColumns, createAmihud, restoreAmihud } from './amihud.ts';
import type { Amihud, AmihudBar, AmihudOptions } from './amihud.ts';

const feed = (bars: readonly (AmihudBar | undefined)[], options?: AmihudOptions) => {
  const reducer = createAmihud(options);
  return { values: bars.map((bar) => reducer.push(bar)), counts: reducer.counts };
};

describe('amihud', () => {
  test('a return of 1 % on a million is 1e-8, and 0.01 a million', () => {
    expect(amihud([0.01], [1_000_000]).illiquidity).toBe(1e-8);
    expect(amihud([-0.01], [1_000_000]).illiquidity).toBe(1e-8);
    expect(amihud([0.01], [1_000_000], { perMillion: true }).illiquidity).toBe(0.01);
  });

  test.skipIf(!hasRecordedData)('gives the worked examples', () => {
    type Row = Record<'ret' | 'quote_volume' | 'v' | 'x1e6', number>;
    const rows = workedExamples<{ amihud: Row[] }>().amihud;
    expect(rows.length).toBeGreaterThan(0);
    for (const { ret, quote_volume, v, x1e6 } of rows) {
      expect(amihud([ret], [quote_volume]).illiquidity).toBe(v);
      expect(amihud([ret], [quote_volume], { perMillion: true }).illiquidity).toBe(x1e6);
    }
  });

  test('leaves out what did not trade, and counts it', () => {
    expect(amihud([0.25, 0.5, 0.75], [4, 0, 4])).toEqual({ illiquidity: 0.125, bars: 2, zeroVolumeBars: 1 });
    expect(amihud([0.5], [0])).toEqual({ illiquidity: undefined, bars: 0, zeroVolumeBars: 1 });
  });

  test('refuses what is no series', () => {
    expect(() => amihud([1], [])).toThrow(expect.objectContaining({ code: 'bad-columns' }));
    expect(() => amihud([NaN], [1])).toThrow(expect.objectContaining({ code: 'bad-value' }));
    expect(() => amihud([1], [-1])).toThrow(expect.objectContaining({ code: 'bad-value' }));
  });
});

describe('createAmihud', () => {
  test('takes the return from the close before and the value that traded, as numbers, strings or decimals', () => {
    const bars = [
      { close: '100', volume: 1 },
      { close: new Decimal('101'), volume: '7', quoteVolume: '1000000' },
      { close: 101, volume: 10 }, // no move
    ];
    expect(feed(bars).values).toEqual([undefined, 1e-8, 0.5e-8]);
    expect(feed(bars, { window: 1 }).values).toEqual([undefined, 1e-8, 0]);
    expect(feed(bars, { returns: 'log' }).values[1]).toBeCloseTo(Math.log(1.01) / 1e6, 20);
  });

  test('without a quote volume the value is close × volume', () => {
    expect(
      feed([
        { close: 100, volume: 5 },
        { close: 125, volume: 4 },
      ]).values[1],
    ).toBe(0.25 / 500);
  });

  test('a bar without volume keeps the close, one that is not known breaks the chain', () => {
    const { values, counts } = feed([
      { close: 100, volume: 5 },
      { close: 110, volume: 0 },
      { close: 121, volume: 1, quoteVolume: 10 },
      undefined,
      { close: 50, volume: 1 },
      { close: 0, volume: 1 },
      { close: 60, volume: 1 },
    ]);
    const one = (121 - 110) / 110 / 10;
    expect(values).toEqual([undefined, undefined, one, one, one, one, one]);
    expect(counts).toEqual({ bars: 1, zeroVolumeBars: 1, unusableBars: 1, unknownBars: 1 });
  });

  test('a ratio beyond all doubles is no ratio', () => {
    const tiny = { close: 1e300, volume: 1, quoteVolume: 5e-324 };
    const huge = { close: 1e300, volume: 1e300 };
    const { values, counts } = feed([{ close: 1, volume: 1 }, tiny, huge]);
    expect(values).toEqual([undefined, undefined, undefined]);
    expect(counts).toMatchObject({ bars: 0, unusableBars: 2 });
  });

  test('columns give what bars one by one give; a NaN is a bar that is not known', () => {
    const close = [100, 101, NaN, 102, 104];
    const volume = [1, 2, 3, 4, 5];
    const { values, counts } = amihudOfColumns(
      { close, volume, quoteVolume: [9, 100, 9, 9, 100] },
      { perMillion: true },
    );
    expect(values).toEqual([undefined, 100, 100, 100, (100 + (2 / 102) * 1e4) / 2]);
    expect(counts).toEqual({ bars: 2, zeroVolumeBars: 0, unusableBars: 0, unknownBars: 1 });
    expect(() => amihudOfColumns({ close, volume: [1] })).toThrow(expect.objectContaining({ code: 'bad-columns' }));
  });

  test('says which field of a bar is none', () => {
    expect(() => createAmihud().push({ close: 'ten', volume: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: close "ten" of a bar is not a finite number. Push undefined for a bar that is not known.]`,
    );
    expect(() => createAmihud().push({ close: 1, volume: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: volume -1 of a bar is not a finite number from 0 on. Push undefined for a bar that is not known.]`,
    );
  });

  test('refuses other options than it has, and the snapshot of others', () => {
    for (const options of [{ window: 0 }, { returns: 'square' as never }]) {
      expect(() => createAmihud(options)).toThrow(expect.objectContaining({ code: 'bad-option' }));
    }
    const snapshot = createAmihud().snapshot();
    expect(snapshot.options).toEqual(amihudDefaults);
    expect(() => restoreAmihud(snapshot, { window: 3 })).toThrow(expect.objectContaining({ code: 'bad-snapshot' }));
  });
});

const prices = fc.constantFrom(-1, -0, 0, 5e-324, 1, 99, 100, 101, 1e308);
const volumes = fc.constantFrom(-0, 0, 1, 1000, 1e308);
const bars: fc.Arbitrary<(AmihudBar | undefined)[]> = fc.array(
  fc.option(fc.record({ close: prices, volume: volumes }), { nil: undefined, freq: 8 }),
  { maxLength: 20 },
);
for (const window of [2, 'all'] as const) {
  describeReducerContract<AmihudBar | undefined, number | string, Amihud>({
    name: `createAmihud over ${window}`,
    create: () => createAmihud({ window }),
    restore: (snapshot: never) => restoreAmihud(snapshot, { window }),
    inputs: bars,
    push: (reducer, bar) => reducer.push(bar) ?? 'none',
    refused: [
      { close: NaN, volume: 1 },
      { close: 1, volume: Infinity },
      { close: 1, volume: 1, quoteVolume: -1 },
    ],
    batch: (tape) => {
      const close = tape.map((bar) => (bar ? Number(bar.close) : NaN));
      const volume = tape.map((bar) => (bar ? Number(bar.volume) : NaN));
      return amihudOfColumns({ close, volume }, { window }).values.map((value) => value ?? 'none');
    },
    conserve: (tape, outputs, reducer) => {
      for (const value of outputs)
        expect(value === 'none' || (Number.isFinite(value) && Number(value) >= 0)).toBe(true);
      const { zeroVolumeBars, unusableBars, unknownBars, bars: used } = reducer.counts;
      expect(zeroVolumeBars + unusableBars + unknownBars + used).toBeLessThanOrEqual(tape.length);
    },
  });
}
