import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { bulkVolumeDefaults, bulkVolumeOfColumns, createBulkVolume, restoreBulkVolume } from './bulk-volume.ts';
import type { BulkBar, BulkVolumeOptions } from './bulk-volume.ts';

/** Closes whose changes have the sample deviation 1: 0, then +1, −1, +1, −1 … scaled to it. */
const unit = Math.sqrt(3) / 2; // changes ±u, four of them: s² = 4u²/3 = 1

/** The split of a bar that moves by `z` deviations. */
const after = (z: number, volume: number, options: BulkVolumeOptions = { window: 4, minChanges: 4 }) => {
  const bulk = createBulkVolume(options);
  for (const close of [0, unit, 0, unit, 0]) bulk.push({ close, volume: 1 });
  return bulk.push({ close: z, volume })!;
};

describe('createBulkVolume', () => {
  test.each([
    [-3, 0.0013498980316300957],
    [-2, 0.02275013194817922],
    [-1, 0.15865525393145707],
    [-0.5, 0.3085375387259869],
    [0, 0.5],
    [0.5, 0.6914624612740131],
    [1, 0.8413447460685429],
    [2, 0.9772498680518208],
    [3, 0.9986501019683699],
  ])('a move of %d deviations is bought to Φ of it', (z, share) => {
    const split = after(z, 1000);
    expect(Math.abs(split.buyShare - share)).toBeLessThan(1e-15);
    expect(Math.abs(split.buy - 1000 * share)).toBeLessThan(1e-12);
    expect(split).toMatchObject({ method: 'bvc', quality: 'proxy' });
    expect(Math.abs(split.confidence - Math.abs(2 * share - 1))).toBeLessThan(1e-15);
  });

  test('buy and sell are the volume exactly, also where shares have no end', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -40, max: 40, noNaN: true }),
        fc.oneof(fc.maxSafeNat(), fc.double({ min: 0, max: 1e300, noNaN: true })),
        (z, volume) => {
          const { buy, sell } = after(z, volume);
          expect(Math.min(buy, sell)).toBeGreaterThanOrEqual(0);
          expect(buy + sell).toBe(volume);
          // No rounding in the sum either: each is what the other leaves.
          expect([volume - buy, volume - sell]).toEqual([sell, buy]);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('knows nothing before minChanges changes, and takes σ from the past alone', () => {
    const bulk = createBulkVolume({ window: 10, minChanges: 3 });
    const answers = [10, 11, 10, 11, 1000].map((close) => bulk.push({ close, volume: 1 }));
    expect(answers.slice(0, 4)).toEqual([undefined, undefined, undefined, undefined]);
    // Changes 1, −1, 1: σ = √(4/3). A σ that knew the change of 989 would say 0.92.
    expect(answers[4]!.buyShare).toBe(1);
  });

  test('a market that does not move has no scale: its bars stay unknown', () => {
    const bulk = createBulkVolume({ window: 3 });
    const answers = [5, 5, 5, 5, 5, 6].map((close) => bulk.push({ close, volume: 9 }));
    expect(answers).toEqual(Array(6).fill(undefined));
  });

  test('a missing bar leaves out both changes beside it', () => {
    const bulk = createBulkVolume({ window: 2 });
    const answers = [0, 1, 0, undefined, 50, 51].map((close) =>
      bulk.push(close === undefined ? undefined : { close, volume: 4 }),
    );
    expect(answers.slice(0, 5)).toEqual(Array(5).fill(undefined));
    // σ of 1 and −1 is √2: the bar at 51 moved by 1/√2 deviations, Φ(0.7071) = 0.76025.
    expect(answers[5]!.buyShare).toBeCloseTo(0.7602499389065234, 14);
  });

  test('expanding takes all changes since the start', () => {
    const closes = Array.from({ length: 40 }, (_, i) => ((i * 7) % 11) + i / 8);
    const over = (options: BulkVolumeOptions) => {
      const bulk = createBulkVolume(options);
      return closes.map((close) => bulk.push({ close, volume: 8 })?.buyShare);
    };
    const expanding = over({ window: 'expanding', minChanges: 2 });
    over({ window: 100, minChanges: 2 }).forEach((share, i) => {
      if (share === undefined) expect(expanding[i]).toBeUndefined();
      else expect(expanding[i]).toBeCloseTo(share, 12);
    });
  });

  test('a window shorter than the default warm-up shortens it', () => {
    expect(createBulkVolume({ window: 5 }).snapshot().options).toEqual({ window: 5, minChanges: 5 });
    expect(createBulkVolume().snapshot().options).toEqual(bulkVolumeDefaults);
  });

  test.each([{ window: 1 }, { window: NaN }, { minChanges: 1 }, { window: 5, minChanges: 6 }, { minChanges: 2.5 }])(
    'the options %j are refused',
    (options) => {
      expect(() => createBulkVolume(options)).toThrow(expect.objectContaining({ code: 'bad-option' }));
    },
  );

  test('a bar that is none is refused by name', () => {
    expect(() => createBulkVolume().push({ close: NaN, volume: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: close NaN of a bar is not a number from −(2^53 − 1) to 2^53 − 1. Push undefined for a bar that is unknown.]`,
    );
    expect(() => createBulkVolume().push({ close: 1, volume: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: volume -1 of a bar is not a finite number from 0 on. Push undefined for a bar that is unknown.]`,
    );
  });

  test('a snapshot goes back to its own options alone', () => {
    const snapshot = createBulkVolume({ window: 5 }).snapshot();
    for (const restore of [
      () => restoreBulkVolume(snapshot, { window: 6 }),
      () => restoreBulkVolume({ ...snapshot, kind: 'vpin' } as never),
    ]) {
      expect(restore).toThrow(expect.objectContaining({ code: 'bad-snapshot' }));
    }
  });
});

const closes = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom(-1, -0, 0, 1, 2, 0.5) },
  fc.constantFrom(5e-324, 1e-200, -9e15, 9e15),
);
const volumes = fc.constantFrom(-0, 0, 1, 0.1, 7, 2 ** 53, 1e308);
const bars = fc.array(fc.option(fc.record({ close: closes, volume: volumes }), { nil: undefined, freq: 9 }), {
  maxLength: 25,
});

for (const window of [4, 'expanding'] as const) {
  const options = { window, minChanges: 2 };
  describeReducerContract({
    name: `createBulkVolume over ${window}`,
    create: () => createBulkVolume(options),
    restore: (snapshot: never) => restoreBulkVolume(snapshot, options),
    inputs: bars,
    push: (bulk, bar) => [bulk.push(bar) ?? null],
    refused: [
      { close: NaN, volume: 1 },
      { close: Infinity, volume: 1 },
      { close: 1e308, volume: 1 },
      { close: 1, volume: NaN },
      { close: 1, volume: -1 },
      { close: 1, volume: Infinity },
    ],
    batch: (tape) => {
      const column = (of: (bar: BulkBar) => number) => tape.map((bar) => (bar ? of(bar) : NaN));
      const close = column((bar) => bar.close);
      const volume = column((bar) => bar.volume);
      return bulkVolumeOfColumns({ high: close, low: close, close, volume }, options).map((split) => split ?? null);
    },
    conserve: (tape, splits) => {
      splits.forEach((split, i) => {
        if (!split) return;
        expect(split.buy + split.sell).toBe(tape[i]!.volume + 0);
        expect(split.buyShare).toBeGreaterThanOrEqual(0);
        expect(split.buyShare).toBeLessThanOrEqual(1);
      });
    },
  });
}
