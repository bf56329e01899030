import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { createMlofiBuckets, mlofiBucketsOfColumns, restoreMlofiBuckets } from './mlofi-buckets.ts';
import type { MlofiBucket, MlofiBucketOptions, MlofiBuckets } from './mlofi-buckets.ts';
import type { MlofiLevels } from './mlofi.ts';
import { createOfiBuckets } from '../../ofi-buckets.ts';
import type { OfiBucket } from '../../ofi-buckets.ts';
import { book, books, depthColumns } from './flow-books.test-support.ts';

type Event = readonly [timeMs: number, book: MlofiLevels | undefined];
const before = book(
  [
    [100, 10],
    [99, 5],
  ],
  [
    [101, 8],
    [102, 7],
  ],
);
const after = book(
  [
    [100, 12],
    [98, 6],
  ],
  [
    [101, 8],
    [103, 9],
  ],
);
const options: MlofiBucketOptions = { everyMs: 10, levels: 2, emptyBuckets: 'emit', maxEmptyBuckets: 9 };

const run = (tape: readonly Event[], given: MlofiBucketOptions = options): MlofiBucket[] => {
  const buckets = createMlofiBuckets(given);
  const closed = tape.flatMap((event) => buckets.push(...event));
  const last = buckets.flush();
  return last ? [...closed, last] : closed;
};

/** What buckets of OFI and of MLOFI both have. */
const common = (bucket: MlofiBucket | OfiBucket) => [
  [bucket.startMs, bucket.endMs, bucket.complete],
  [bucket.events, bucket.depthSumLots, bucket.averageDepthLots],
  [bucket.firstMidHalfTicks, bucket.lastMidHalfTicks, bucket.midChangeHalfTicks],
];

describe('createMlofiBuckets', () => {
  test('has the flow by level, the depth and the move of each bucket', () => {
    const [first, second] = run([
      [0, before],
      [5, after],
      [10, after],
      [20, before],
    ]);
    expect(first).toEqual({
      startMs: 0,
      endMs: 10,
      complete: true,
      sumsLots: [2, 2],
      events: 1,
      depthSumLots: 35,
      averageDepthLots: 8.75,
      values: [2 / 8.75, 2 / 8.75],
      firstMidHalfTicks: 201,
      lastMidHalfTicks: 201,
      midChangeHalfTicks: 0,
    });
    expect(second).toMatchObject({ startMs: 10, events: 1, sumsLots: [0, 0], values: [0, 0] });
  });

  test('a book with one side has flow but no mid: the bucket is not complete', () => {
    const [first] = run([
      [0, before],
      [4, book([[100, 10]], [])],
      [6, before],
      [10, undefined],
    ]);
    expect(first).toMatchObject({
      complete: false,
      events: 2,
      sumsLots: [8 - 8, -5 + 7 + 5 - 7],
      midChangeHalfTicks: 0,
    });
  });

  test('a book without any level is a break', () => {
    const buckets = createMlofiBuckets(options);
    for (const [timeMs, next] of [
      [0, before],
      [1, book([], [])],
      [2, after],
    ] as const)
      buckets.push(timeMs, next);
    expect(buckets.flush()).toMatchObject({ events: 0, complete: false, values: undefined });
    expect(buckets.counts()).toEqual({ quotes: 2, lateQuotes: 0, breaks: 1, skippedBuckets: 0 });
  });

  test('of one level are the buckets of OFI', () => {
    const both = books.filter((next) => next === undefined || (next.bids.length > 0 && next.asks.length > 0));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), both), { maxLength: 20 }), (tape) => {
        const ofi = createOfiBuckets({ everyMs: 10 });
        const quotes = tape.flatMap(([timeMs, next]) =>
          ofi.push(
            timeMs,
            next && {
              bidTicks: next.bids[0]!.priceTicks,
              bidLots: next.bids[0]!.sizeLots,
              askTicks: next.asks[0]!.priceTicks,
              askLots: next.asks[0]!.sizeLots,
            },
          ),
        );
        const last = ofi.flush();
        expect(run(tape, { everyMs: 10, levels: 1 }).map((bucket) => [bucket.sumsLots[0], common(bucket)])).toEqual(
          (last ? [...quotes, last] : quotes).map((bucket) => [bucket.ofiLots, common(bucket)]),
        );
      }),
    );
  });

  test('columns need one time for every row', () => {
    expect(() =>
      mlofiBucketsOfColumns({ ...depthColumns([before, after], 2), timeMs: [0] }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: column timeMs has 1 rows, the books have 2. Pass one time for every row of 2 levels.]`,
    );
    expect(() => createMlofiBuckets({ levels: 0 })).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  test('a snapshot goes back to its own options alone', () => {
    const snapshot = createMlofiBuckets(options).snapshot();
    expect(() => restoreMlofiBuckets(snapshot, { ...options, levels: 3 })).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
  });
});

describeReducerContract<Event, MlofiBucket, MlofiBuckets>({
  name: 'createMlofiBuckets',
  create: () => createMlofiBuckets(options),
  restore: (snapshot) => restoreMlofiBuckets(snapshot, options),
  inputs: fc.array(fc.tuple(fc.integer({ min: -30, max: 90 }), books), { maxLength: 20 }),
  push: (buckets, event) => buckets.push(...event),
  batch: (tape) => {
    const columns = depthColumns(
      tape.map(([, next]) => next),
      4,
    );
    return mlofiBucketsOfColumns({ ...columns, timeMs: tape.map(([timeMs]) => timeMs) }, options).buckets;
  },
  refused: [
    [NaN, before],
    [1e6, book([[0.5, 1]], [])],
    [1e6, book([], [[1, -1]])],
  ],
});
