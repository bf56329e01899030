import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { hasRecordedData, workedExamples } from '@tapekit/tooling/recorded-data';
import { tradeColumns } from './columns.ts';
import { addExact } from './exact.ts';
import type { ExactInt } from './exact.ts';
import type { Aggressor, TickTrade } from './market.ts';
import { createVpin, restoreVpin, vpinDefaults, vpinExact, vpinOfColumns } from './vpin.ts';
import type { VpinBucket } from './vpin.ts';

const print = (sizeLots: number, side: Aggressor, timeMs = 0) => ({ sizeLots, side, timeMs });
const parts = ({ buyLots, sellLots, unknownLots }: VpinBucket) => [buyLots, sellLots, unknownLots];

describe('createVpin', () => {
  test('buckets of 100 with 60, 80 and 30 bought give (20 + 60 + 40) ÷ 300 = 0.4', () => {
    const vpin = createVpin({ bucketLots: 100, buckets: 3 });
    const values = [60, 80, 30].map((buy) => {
      vpin.push(print(buy, 'buy'));
      return vpin.push(print(100 - buy, 'sell'))[0]!;
    });
    expect(values.map((bucket) => bucket.vpin)).toEqual([undefined, undefined, 0.4]);
    expect(values.map(vpinExact)).toEqual([undefined, undefined, '0.4']);
    expect(vpin.value).toBe(0.4);
  });

  test.skipIf(!hasRecordedData)('gives the worked examples', () => {
    const { vpin: examples } = workedExamples<{ vpin: { V: number; buy: number[]; n: number; v: number }[] }>();
    expect(examples.length).toBeGreaterThan(0);
    for (const { V, buy, n, v } of examples) {
      const vpin = createVpin({ bucketLots: V, buckets: n });
      for (const lots of buy)
        for (const [part, side] of [
          [lots, 'buy'],
          [V - lots, 'sell'],
        ] as const)
          vpin.push(print(part, side));
      expect(vpin.value).toBe(v);
    }
  });

  test('splits the print that ends a bucket; its rest keeps its side', () => {
    const vpin = createVpin({ bucketLots: 10, buckets: 1 });
    expect(vpin.push(print(7, 'buy', 1))).toEqual([]);
    const [bucket] = vpin.push(print(8, 'sell', 2));
    expect(bucket).toMatchObject({
      index: 0,
      startMs: 1,
      endMs: 2,
      volumeLots: 10,
      buyLots: 7,
      sellLots: 3,
      vpin: 0.4,
    });
    expect(vpin.flush()).toMatchObject({ index: 1, startMs: 2, endMs: 2, volumeLots: 5, buyLots: 0, sellLots: 5 });
    expect(vpin.flush()).toBeUndefined();
  });

  test('a print that fills three buckets gives three values', () => {
    const vpin = createVpin({ bucketLots: 10, buckets: 2 });
    vpin.push(print(5, 'sell'));
    const filled = vpin.push(print(26, 'buy'));
    expect(filled.map(parts)).toEqual([
      [5, 5, 0],
      [10, 0, 0],
      [10, 0, 0],
    ]);
    // Imbalances 0, 10, 10 over two buckets of 10.
    expect(filled.map((bucket) => bucket.vpin)).toEqual([undefined, 0.5, 1]);
  });

  test('volume without a side fills buckets and is no imbalance; how much it was is told', () => {
    const vpin = createVpin({ bucketLots: 10, buckets: 2 });
    vpin.push(print(4, 'unknown'));
    vpin.push(print(6, 'buy'));
    const [second] = vpin.push(print(10, 'sell'));
    expect(second).toMatchObject({ vpin: 0.8, windowImbalanceLots: 16, windowLots: 20, windowUnknownLots: 4 });
  });

  test('is exact where the sum leaves the safe integers', () => {
    const bucketLots = Number.MAX_SAFE_INTEGER;
    const vpin = createVpin({ bucketLots, buckets: 3 });
    vpin.push(print(bucketLots, 'buy'));
    vpin.push(print(1, 'buy'));
    vpin.push(print(bucketLots - 1, 'sell'));
    const [third] = vpin.push(print(bucketLots, 'sell'));
    expect(third!.windowImbalanceLots).toBe(3n * BigInt(bucketLots) - 2n);
    expect(vpinExact(third!)).toBe('0.9999999999999999');
    expect(third!.vpin).toBeLessThanOrEqual(1);
  });

  test('the open bucket of a flush is no part of the window', () => {
    const vpin = createVpin({ bucketLots: 10, buckets: 1 });
    vpin.push(print(10, 'buy'));
    vpin.push(print(9, 'sell'));
    expect(vpin.flush()).toMatchObject({ volumeLots: 9, vpin: undefined, windowLots: undefined });
    expect(vpin.value).toBe(1);
  });

  test('counts prints that are older than one before, and takes them as they come', () => {
    const vpin = createVpin({ bucketLots: 10 });
    for (const timeMs of [5, 4, 5, 3]) vpin.push(print(1, 'buy', timeMs));
    expect(vpin.lateTrades).toBe(2);
    expect(vpin.flush()).toMatchObject({ startMs: 5, endMs: 3, buyLots: 4 });
  });

  test.each([{ bucketLots: 0 }, { bucketLots: 1.5 }, { bucketLots: NaN }, { bucketLots: 1, buckets: 0 }])(
    'the options %j are refused',
    (options) => {
      expect(() => createVpin(options)).toThrow(expect.objectContaining({ code: 'bad-option' }));
    },
  );

  test('a print of more than 100,000 buckets is refused by name', () => {
    expect(createVpin({ bucketLots: 1, buckets: 1 }).push(print(100_000, 'buy')).length).toBe(100_000);
    expect(() => createVpin({ bucketLots: 1 }).push(print(100_001, 'buy'))).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: sizeLots 100001 of a trade fills more than 100000 buckets of 1 lots. Pass a larger bucketLots: a bucket is usually 1/50 of a day's volume.]`,
    );
  });

  test('a snapshot goes back to its own options alone', () => {
    const snapshot = createVpin({ bucketLots: 5 }).snapshot();
    expect(snapshot.options).toEqual({ bucketLots: 5, ...vpinDefaults });
    for (const restore of [
      () => restoreVpin(snapshot, { bucketLots: 6 }),
      () => restoreVpin({ ...snapshot, kind: 'bvc-vpin' } as never),
    ]) {
      expect(restore).toThrow(expect.objectContaining({ code: 'bad-snapshot' }));
    }
  });
});

const sides = fc.constantFrom<Aggressor>('buy', 'sell', 'unknown');
const sizes = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(-0, 0, 1, 2, 3, 5, 8, 13, 40) }, fc.constant(701));
const times = fc.constantFrom(-0, 0, 1, 2, 1e308);
const tapes = fc.array(fc.record({ sizeLots: sizes, side: sides, timeMs: times }), { maxLength: 20 });
const options = { bucketLots: 7, buckets: 3 };

describeReducerContract({
  name: 'createVpin',
  create: () => createVpin(options),
  restore: (snapshot: never) => restoreVpin(snapshot, options),
  inputs: tapes,
  refused: [print(NaN, 'buy'), print(0.5, 'buy'), print(-1, 'sell'), print(2 ** 53, 'buy'), print(1, 'buy', NaN)],
  batch: (tape) => {
    const trades: TickTrade[] = tape.map((trade) => ({ ...trade, priceTicks: 0 }));
    const { values, open } = vpinOfColumns(tradeColumns(trades), options);
    return open ? [...values, open] : values;
  },
  conserve: (tape, buckets) => {
    const total = (lots: readonly number[]): ExactInt => lots.reduce<ExactInt>(addExact, 0);
    const traded = (side: Aggressor) => total(tape.map((trade) => (trade.side === side ? trade.sizeLots : 0)));
    expect(total(buckets.map((bucket) => bucket.buyLots))).toBe(traded('buy'));
    expect(total(buckets.map((bucket) => bucket.sellLots))).toBe(traded('sell'));
    expect(total(buckets.map((bucket) => bucket.unknownLots))).toBe(traded('unknown'));
    buckets.forEach((bucket, i) => {
      expect(bucket.index).toBe(i);
      expect(bucket.buyLots + bucket.sellLots + bucket.unknownLots).toBe(bucket.volumeLots);
      if (i < buckets.length - 1) expect(bucket.volumeLots).toBe(7);
      if (bucket.vpin === undefined) return;
      expect(bucket.vpin).toBeGreaterThanOrEqual(0);
      expect(bucket.vpin).toBeLessThanOrEqual(1);
    });
  },
});
