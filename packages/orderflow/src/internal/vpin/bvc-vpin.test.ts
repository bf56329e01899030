import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { bvcVpinOfColumns, createBvcVpin, restoreBvcVpin } from './bvc-vpin.ts';

const unit = Math.sqrt(3) / 2; // four changes of ±u have the sample deviation 1

describe('createBvcVpin', () => {
  test('a pair of bars that move by one deviation up and down gives 2·Φ(1) − 1 = 0.682689', () => {
    const vpin = createBvcVpin({ bucketLots: 100, buckets: 2, window: 'expanding', minChanges: 4 });
    for (const close of [0, unit, 0, unit, 0]) vpin.push({ close, volumeLots: 100 });
    const [up] = vpin.push({ close: 1, volumeLots: 100 });
    expect(up!.buyLots).toBeCloseTo(84.1344746068543, 12);
    // The second bar against the deviation of the five changes before it: the ±u, and 1.
    const mean = 1 / 5;
    const deviation = Math.sqrt((2 * (unit - mean) ** 2 + 2 * (unit + mean) ** 2 + (1 - mean) ** 2) / 4);
    const [down] = vpin.push({ close: 1 - deviation, volumeLots: 100 });
    expect(down!.sellLots).toBeCloseTo(84.1344746068543, 12);
    expect(down!.vpin).toBeCloseTo(0.6826894921370859, 14);
    expect(down!.quality).toBe('proxy');
  });

  test('bars of the warm-up fill buckets as unknown volume', () => {
    const vpin = createBvcVpin({ bucketLots: 10, buckets: 1, window: 2 });
    const filled = [0, 1, 0, 1].flatMap((close) => vpin.push({ close, volumeLots: 6 }));
    expect(filled).toMatchObject([
      { index: 0, firstBar: 0, lastBar: 1, unknownLots: 10, vpin: 0 },
      { index: 1, firstBar: 1, lastBar: 3, unknownLots: 8 },
    ]);
    expect(filled[1]!.buyLots + filled[1]!.sellLots).toBe(2);
  });

  test('refuses volumes that are no whole lots, and snapshots of other options', () => {
    const vpin = createBvcVpin({ bucketLots: 10 });
    expect(() => vpin.push({ close: 1, volumeLots: 0.5 })).toThrow(expect.objectContaining({ code: 'bad-bar' }));
    expect(() => vpin.push({ close: 1, volumeLots: 1_000_001 })).toThrow(expect.objectContaining({ code: 'bad-bar' }));
    expect(() => restoreBvcVpin(vpin.snapshot(), { bucketLots: 10, window: 9 })).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
    expect(() => createBvcVpin({ bucketLots: 10, window: 1 })).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });
});

const bars = fc.array(
  fc.option(
    fc.record({
      close: fc.constantFrom(-1, -0, 0, 1, 3, 9e15, 5e-324),
      volumeLots: fc.constantFrom(0, -0, 1, 3, 6, 25),
    }),
    { nil: undefined, freq: 9 },
  ),
  { maxLength: 25 },
);
const options = { bucketLots: 7, buckets: 3, window: 4, minChanges: 2 };

describeReducerContract({
  name: 'createBvcVpin',
  create: () => createBvcVpin(options),
  restore: (snapshot: never) => restoreBvcVpin(snapshot, options),
  inputs: bars,
  refused: [
    { close: NaN, volumeLots: 1 },
    { close: 1e308, volumeLots: 1 },
    { close: 1, volumeLots: -1 },
    { close: 1, volumeLots: 0.5 },
  ],
  batch: (tape) => {
    const close = tape.map((bar) => bar?.close ?? NaN);
    const volume = tape.map((bar) => bar?.volumeLots ?? NaN);
    const { values, open } = bvcVpinOfColumns({ high: close, low: close, close, volume }, options);
    return open ? [...values, open] : values;
  },
  conserve: (tape, buckets) => {
    const traded = tape.reduce((lots, bar) => lots + (bar?.volumeLots ?? 0), 0);
    expect(buckets.reduce((lots, bucket) => lots + bucket.volumeLots, 0)).toBe(traded);
    for (const { volumeLots, buyLots, sellLots, unknownLots, vpin } of buckets) {
      expect(buyLots + sellLots + unknownLots).toBe(volumeLots);
      expect(Math.min(buyLots, sellLots, unknownLots, vpin ?? 0)).toBeGreaterThanOrEqual(0);
      expect(vpin ?? 0).toBeLessThanOrEqual(1);
    }
  },
});
