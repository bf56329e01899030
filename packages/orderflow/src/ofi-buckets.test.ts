import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { quoteColumns } from './columns.ts';
import { addExact } from './exact.ts';
import type { ExactInt } from './exact.ts';
import type { TickQuote } from './market.ts';
import { createOfi } from './ofi.ts';
import { createOfiBuckets, flowBucketDefaults, ofiBucketsOfColumns, restoreOfiBuckets } from './ofi-buckets.ts';
import type { FlowBucketOptions, OfiBucket, OfiBuckets } from './ofi-buckets.ts';

const quote = (bidTicks: number, bidLots: number, askTicks: number, askLots: number): TickQuote => ({
  bidTicks,
  bidLots,
  askTicks,
  askLots,
});
type Event = readonly [timeMs: number, quote: TickQuote | undefined];

const feed = (buckets: OfiBuckets, tape: readonly Event[]): OfiBucket[] =>
  tape.flatMap((event) => buckets.push(...event));
const run = (tape: readonly Event[], options: FlowBucketOptions = { everyMs: 1000 }): OfiBucket[] => {
  const buckets = createOfiBuckets(options);
  const closed = feed(buckets, tape);
  const last = buckets.flush();
  return last ? [...closed, last] : closed;
};

describe('createOfiBuckets', () => {
  test('adds +2 at the bid, then 5 + 10 of a rise by a tick, over depths 22 and 14', () => {
    const [bucket, rest] = run([
      [0, quote(100, 10, 101, 10)],
      [400, quote(100, 12, 101, 10)],
      [800, quote(101, 5, 102, 9)],
      [1000, quote(101, 5, 102, 8)],
    ]);
    expect(bucket).toEqual({
      startMs: 0,
      endMs: 1000,
      complete: true,
      events: 2,
      ofiLots: 2 + 5 + 10,
      cumulativeOfiLots: 17,
      depthSumLots: 22 + 14,
      averageDepthLots: 9,
      firstMidHalfTicks: 201,
      lastMidHalfTicks: 203,
      midChangeHalfTicks: 2,
    });
    expect(rest).toMatchObject({ startMs: 1000, complete: false, ofiLots: 1, cumulativeOfiLots: 18, events: 1 });
  });

  test('a quote at the start of a bucket belongs to it, with its move', () => {
    const [, second] = run([
      [0, quote(100, 1, 101, 1)],
      [10, quote(100, 2, 101, 1)],
      [1000, quote(102, 1, 103, 1)],
      [2000, quote(102, 1, 103, 1)],
    ]);
    expect(second).toMatchObject({ startMs: 1000, firstMidHalfTicks: 201, midChangeHalfTicks: 4, ofiLots: 1 + 1 });
  });

  test('the bucket in which the stream begins is not complete, but one that begins with it is', () => {
    const begin = (timeMs: number) =>
      run([
        [timeMs, quote(100, 1, 101, 1)],
        [999, quote(100, 2, 101, 1)],
        [1000, quote(100, 2, 101, 1)],
      ])[0]!.complete;
    expect([begin(0), begin(1)]).toEqual([true, false]);
  });

  const quiet: Event[] = [
    [0, quote(100, 1, 101, 1)],
    [500, quote(100, 2, 101, 1)],
    [3500, quote(100, 3, 101, 1)],
  ];
  test('skip leaves out buckets without a contribution; emit gives them with a flow of 0', () => {
    expect(run(quiet).map(({ startMs }) => startMs)).toEqual([0, 3000]);
    const all = run(quiet, { everyMs: 1000, emptyBuckets: 'emit' });
    expect(all.map(({ startMs, events, ofiLots }) => [startMs, events, ofiLots])).toEqual([
      [0, 1, 1],
      [1000, 0, 0],
      [2000, 0, 0],
      [3000, 1, 1],
    ]);
    expect(all[1]).toMatchObject({ complete: true, averageDepthLots: undefined, lastMidHalfTicks: 201 });
  });

  test('a silence longer than maxEmptyBuckets emits none of them, and counts them', () => {
    const buckets = createOfiBuckets({ everyMs: 1000, emptyBuckets: 'emit', maxEmptyBuckets: 1 });
    expect(feed(buckets, quiet).map(({ startMs }) => startMs)).toEqual([0]);
    expect(buckets.counts()).toEqual({ quotes: 3, lateQuotes: 0, breaks: 0, skippedBuckets: 2 });
    expect(buckets.push(8.64e15, undefined)).toHaveLength(1);
    expect(buckets.counts().skippedBuckets).toBe(2 + (8.64e15 - 4000) / 1000);
  });

  test('neither flow nor move spans a break, and the bucket is not complete', () => {
    const [bucket] = run([
      [0, quote(100, 1, 101, 1)],
      [100, quote(101, 1, 102, 1)],
      [200, undefined],
      [300, quote(150, 7, 151, 7)],
      [400, quote(151, 7, 152, 7)],
      [1000, undefined],
    ]);
    expect(bucket).toMatchObject({
      complete: false,
      events: 2,
      ofiLots: 1 + 1 + 7 + 7,
      firstMidHalfTicks: 201,
      lastMidHalfTicks: 303,
      midChangeHalfTicks: 2 + 2,
    });
  });

  test('a late quote is left out and counted', () => {
    const buckets = createOfiBuckets({ everyMs: 1000 });
    feed(buckets, [
      [500, quote(100, 1, 101, 1)],
      [499, quote(90, 1, 91, 1)],
      [498, undefined],
      [500, quote(100, 4, 101, 1)],
    ]);
    expect(buckets.flush()).toMatchObject({ ofiLots: 3, events: 1 });
    expect(buckets.counts()).toEqual({ quotes: 2, lateQuotes: 2, breaks: 0, skippedBuckets: 0 });
  });

  test('advanceTo closes by the clock, once', () => {
    const buckets = createOfiBuckets({ everyMs: 1000 });
    expect(buckets.advanceTo(5000)).toEqual([]);
    feed(buckets, quiet.slice(0, 2));
    expect(buckets.advanceTo(999)).toEqual([]);
    expect(buckets.advanceTo(1000)).toMatchObject([{ startMs: 0, complete: true, ofiLots: 1 }]);
    expect(buckets.advanceTo(1000)).toEqual([]);
    expect(buckets.push(999, quote(100, 9, 101, 1))).toEqual([]);
    expect(buckets.counts().lateQuotes).toBe(1);
  });

  test('flush gives the open bucket once and keeps the last quote', () => {
    const buckets = createOfiBuckets({ everyMs: 1000 });
    feed(buckets, quiet.slice(0, 2));
    expect(buckets.flush()).toMatchObject({ startMs: 0, complete: false, ofiLots: 1 });
    expect(buckets.flush()).toBeUndefined();
    buckets.push(600, quote(100, 7, 101, 1));
    expect(buckets.push(1000, undefined)).toMatchObject([
      { startMs: 0, complete: false, ofiLots: 5, cumulativeOfiLots: 6 },
    ]);
  });

  test('buckets of −7 h start at midnight of UTC+7, also before the epoch', () => {
    const day = 86_400_000;
    const options = { everyMs: day, offsetMs: -25_200_000 };
    const [first] = run(
      [
        [-1, quote(1, 1, 2, 1)],
        [-1, quote(1, 2, 2, 1)],
      ],
      options,
    );
    expect(first).toMatchObject({ startMs: -25_200_000, endMs: day - 25_200_000 });
  });

  test.each([
    { everyMs: 0 },
    { everyMs: 0.5 },
    { everyMs: 1e12 },
    { offsetMs: NaN },
    { offsetMs: 1e12 },
    { maxEmptyBuckets: -1 },
    { emptyBuckets: 'drop' as 'skip' },
  ])('the options %j are refused', (options) => {
    expect(() => createOfiBuckets(options)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  test('a snapshot goes back to its own options alone', () => {
    const snapshot = createOfiBuckets().snapshot();
    expect(snapshot.options).toEqual(flowBucketDefaults);
    expect(restoreOfiBuckets(snapshot, {}).snapshot()).toEqual(snapshot);
    expect(() => restoreOfiBuckets(snapshot, { everyMs: 5 })).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
    expect(() => restoreOfiBuckets({ ...snapshot, kind: 'ofi' } as never)).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
  });
});

const lots = fc.oneof({ weight: 6, arbitrary: fc.nat({ max: 9 }) }, fc.maxSafeNat());
const ticks = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 98, max: 103 }) }, fc.maxSafeInteger());
const quotes = fc.record({ bidTicks: ticks, bidLots: lots, askTicks: ticks, askLots: lots });
const times = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: -20, max: 60 }) },
  { weight: 2, arbitrary: fc.double({ min: 0, max: 60, noNaN: true }) },
  fc.constantFrom(-0, 8.64e15, -8.64e15, 1e15 + 0.125),
);
const tapes = (sorted: boolean) =>
  fc
    .array(fc.tuple(times, fc.option(quotes, { nil: undefined, freq: 6 })), { maxLength: 25 })
    .map((tape) => (sorted ? tape.sort((a, b) => a[0] - b[0]) : tape));
const optionsOf = fc.record({
  everyMs: fc.integer({ min: 1, max: 30 }),
  offsetMs: fc.integer({ min: -40, max: 40 }),
  emptyBuckets: fc.constantFrom('skip' as const, 'emit' as const),
  maxEmptyBuckets: fc.integer({ min: 0, max: 100 }),
});

describe('any tape in order of time', () => {
  test('has in its buckets the flow, the events and the moves of the whole', () => {
    fc.assert(
      fc.property(tapes(true), optionsOf, (tape, options) => {
        const whole = createOfi();
        let moved: ExactInt = 0;
        tape.forEach(([, next], i) => {
          whole.push(next);
          const before = tape[i - 1]?.[1];
          if (before && next) {
            moved = [next.bidTicks, next.askTicks, -before.bidTicks, -before.askTicks].reduce<ExactInt>(
              addExact,
              moved,
            );
          }
        });
        const buckets = run(tape, options);
        const sum = (read: (bucket: OfiBucket) => ExactInt): ExactInt =>
          buckets.map(read).reduce<ExactInt>(addExact, 0);
        expect(sum((bucket) => bucket.ofiLots)).toBe(whole.sum);
        expect(sum((bucket) => bucket.events)).toBe(whole.events);
        expect(sum((bucket) => bucket.midChangeHalfTicks)).toBe(moved);
        expect(buckets.at(-1)?.cumulativeOfiLots ?? 0).toBe(whole.sum);
      }),
      { numRuns: 300 },
    );
  });

  test('has complete buckets only where last − first is the move, in order and apart', () => {
    fc.assert(
      fc.property(tapes(false), optionsOf, (tape, options) => {
        const buckets = run(tape, options);
        buckets.forEach((bucket, i) => {
          expect(bucket.endMs - bucket.startMs).toBe(options.everyMs);
          if (i > 0) expect(bucket.startMs).toBeGreaterThan(buckets[i - 1]!.startMs);
          if (!bucket.complete) return;
          expect(addExact(bucket.firstMidHalfTicks!, bucket.midChangeHalfTicks)).toBe(bucket.lastMidHalfTicks);
        });
        // No NaN and no infinity in any number.
        expect(
          JSON.stringify(buckets, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)),
        ).not.toMatch(/null/);
      }),
      { numRuns: 300 },
    );
  });

  test('gives over columns what it gives quote by quote', () => {
    fc.assert(
      fc.property(tapes(false), optionsOf, (tape, options) => {
        const columns = quoteColumns(tape.map(([timeMs, next]) => ({ timeMs, quote: next })));
        expect(ofiBucketsOfColumns(columns, options).buckets).toEqual(run(tape, options));
      }),
    );
  });
});

const good = quote(100, 1, 101, 1);
describe.each(['skip', 'emit'] as const)('with emptyBuckets %s', (emptyBuckets) => {
  const options: FlowBucketOptions = { everyMs: 7, offsetMs: 3, emptyBuckets, maxEmptyBuckets: 5 };
  describeReducerContract<Event, OfiBucket, OfiBuckets>({
    name: 'createOfiBuckets',
    create: () => createOfiBuckets(options),
    restore: (snapshot) => restoreOfiBuckets(snapshot, options),
    inputs: tapes(false),
    push: (buckets, event) => buckets.push(...event),
    batch: (tape) =>
      ofiBucketsOfColumns(quoteColumns(tape.map(([timeMs, next]) => ({ timeMs, quote: next }))), options).buckets,
    refused: [
      [NaN, good],
      [Infinity, good],
      [9e15, undefined],
      [1e15, { ...good, bidTicks: 0.5 }],
      [1e15, { ...good, askLots: -1 }],
      [-1e15, { ...good, bidLots: 2 ** 53 }],
    ],
  });
});
