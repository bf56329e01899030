/**
 * Numbers that no market sends, through every reducer: each is either refused with an error of the package, and then the
 * state is as it was, or taken, and then nothing that comes out holds a NaN or an infinity.
 */
import {
  checkHostile,
  damaged,
  hostileNumbers,
  type HostileReducer as Reducer,
  type HostileStep as Step,
} from '@tapekit/tooling/hostile';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as orderflow from './index.ts';
import { isOrderflowError } from './index.ts';

const sides = fc.constantFrom<'buy' | 'sell' | 'unknown'>('buy', 'sell', 'unknown');
const trades = fc.record({ timeMs: hostileNumbers, priceTicks: hostileNumbers, sizeLots: hostileNumbers, side: sides });
const quotes = fc.option(
  fc.record({ bidTicks: hostileNumbers, bidLots: hostileNumbers, askTicks: hostileNumbers, askLots: hostileNumbers }),
  {
    nil: undefined,
    freq: 8,
  },
);
const levels = fc.array(fc.record({ priceTicks: hostileNumbers, sizeLots: hostileNumbers }), { maxLength: 3 });
const books = fc.option(fc.record({ bids: levels, asks: levels }), { nil: undefined, freq: 8 });
const bars = fc.record({
  open: hostileNumbers,
  high: hostileNumbers,
  low: hostileNumbers,
  close: hostileNumbers,
  volume: hostileNumbers,
});
const mboEvents = fc.record({
  timeMs: hostileNumbers,
  action: fc.constantFrom('A', 'C', 'M', 'R', 'T', 'F', 'N'),
  side: fc.constantFrom('A', 'B', 'N'),
  orderId: fc.nat({ max: 5 }),
  priceTicks: hostileNumbers,
  sizeLots: hostileNumbers,
});

const activity = fc.oneof(
  fc.record({
    type: fc.constant('levels'),
    timeMs: hostileNumbers,
    updates: hostileNumbers,
    changedLots: hostileNumbers,
  }),
  fc.record({ type: fc.constant('trade'), timeMs: hostileNumbers, sizeLots: hostileNumbers }),
);
const ladder = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat({ max: 9 })), { maxLength: 4 });
const liquidityEvents = fc.oneof(
  fc.tuple(hostileNumbers, ladder, ladder).map(([timeMs, below, above]) => ({
    type: 'depth',
    timeMs,
    bids: below.map(([ticks, sizeLots]) => ({ priceTicks: 10 - ticks, sizeLots })),
    asks: above.map(([ticks, sizeLots]) => ({ priceTicks: 10 + ticks, sizeLots })),
  })),
  trades.map((trade) => ({ ...trade, type: 'trade' })),
  fc.record({ type: fc.constant('gap'), timeMs: hostileNumbers }),
);
const flowPoints = fc.record({ timeMs: hostileNumbers, flow: hostileNumbers, changeTicks: hostileNumbers });
const decimals = fc.array(
  fc.tuple(fc.constantFrom('1', '1.01', '1.02', '0.5', '1.005', 'x'), fc.constantFrom('0', '2', '5.5')),
);
const bookEvents = fc.tuple(fc.boolean(), fc.nat({ max: 9 }), decimals, decimals).map(([isDelta, id, bids, asks]) => ({
  type: isDelta ? 'book-delta' : 'book-snapshot',
  symbol: 'X',
  timeMs: 0,
  ...(isDelta ? { firstUpdateId: id } : {}),
  lastUpdateId: id + 2,
  bids,
  asks,
}));

const push = <Input>(inputs: fc.Arbitrary<Input>): fc.Arbitrary<Step> =>
  inputs.map((input) => (reducer: { push(input: Input): unknown }) => reducer.push(input));
const timedQuotes = fc.tuple(hostileNumbers, quotes).map(
  ([timeMs, quote]) =>
    (reducer: { pushQuote(t: number, q: unknown): unknown }) =>
      reducer.pushQuote(timeMs, quote),
) as fc.Arbitrary<Step>;
const timedPush = fc.tuple(hostileNumbers, quotes).map(
  ([timeMs, quote]) =>
    (reducer: { push(t: number, q: unknown): unknown }) =>
      reducer.push(timeMs, quote),
) as fc.Arbitrary<Step>;
const tape = fc.oneof(push(trades), timedQuotes);

const grid = orderflow.createGrid({ tickSize: '0.01', lotSize: '1' });
/** Name, options and what is done to it. */
const cases: readonly (readonly [name: string, options: unknown, steps: fc.Arbitrary<Step>])[] = [
  ['Absorption', undefined, push(trades)],
  ['Amihud', undefined, push(bars)],
  ['BulkVolume', { window: 3, minChanges: 2 }, push(bars)],
  ['BvcVpin', { bucketLots: 5 }, push(bars)],
  ['Clnv', undefined, tape],
  ['Cvd', { reset: { everyMs: 5 } }, push(trades)],
  ['CvdBySize', { edgesLots: [3, 8] }, push(trades)],
  ['DecayedOfi', undefined, timedPush],
  ['Emo', undefined, tape],
  ['Exhaustion', undefined, push(trades)],
  ['ImpactNormalisedFlow', { everyMs: 3, warmUp: 3 }, push(trades)],
  ['IntegratedOfiFit', { levels: 3 }, push(fc.array(hostileNumbers, { minLength: 3, maxLength: 3 }))],
  ['Kyle', { everyMs: 3, window: 4 }, push(trades)],
  ['LargeTradeDetector', orderflow.largeTradePresets.whale(grid), push(trades)],
  ['LeeReady', { quoteLagMs: 1 }, tape],
  ['Markouts', { horizonsMs: [2, 5] }, tape],
  ['MboBook', undefined, push(mboEvents)],
  ['MboIcebergDetector', undefined, push(mboEvents)],
  ['MboLiquidityOutcome', undefined, push(mboEvents)],
  ['MicroPriceFit', undefined, push(quotes)],
  ['Mlofi', { levels: 2 }, push(books)],
  [
    'MlofiBuckets',
    { everyMs: 5 },
    fc.tuple(hostileNumbers, books).map(
      ([timeMs, book]) =>
        (reducer: { push(t: number, b: unknown): unknown }) =>
          reducer.push(timeMs, book),
    ),
  ],
  ['NormalisedOfi', { levels: 2 }, push(books)],
  ['Ofi', undefined, push(quotes)],
  ['OfiBuckets', { everyMs: 5 }, timedPush],
  ['OrderToTrade', undefined, push(mboEvents)],
  ['QueueImbalanceSamples', undefined, push(quotes)],
  ['QuoteRule', undefined, tape],
  ['Resilience', undefined, tape],
  ['Roll', undefined, push(hostileNumbers)],
  ['SequenceGuard', undefined, push(hostileNumbers)],
  ['Spreads', { horizonMs: 3 }, tape],
  ['StandardisedImbalance', { windowSamples: 4 }, push(books)],
  ['SweepDetector', undefined, push(trades)],
  ['TickRule', undefined, push(trades)],
  ['TradeImbalance', undefined, push(trades)],
  ['Velocity', undefined, push(trades)],
  ['Vpin', { bucketLots: 5, buckets: 3 }, push(trades)],
  ['AbdiRanaldo', undefined, push(bars)],
  ['CorwinSchultz', undefined, push(bars)],
  ['IcebergDetector', undefined, push(liquidityEvents)],
  ['LevelToTrade', { intervalMs: 5 }, push(activity)],
  ['LiquidityOutcome', undefined, push(liquidityEvents)],
  ['OfiRegression', { windowMs: 50 }, push(flowPoints)],
  ['OhlcvProxy', { window: 4 }, push(bars)],
  ['Book', { grid, rule: orderflow.bookRules.binanceSpot, maxLevels: 3 }, push(bookEvents)],
];

/** More of what some of them can be asked to do, so that more of what they store is in use. */
const variants: typeof cases = [
  ['Absorption', { windowMs: 5, threshold: { minDeltaLots: 3 }, maxTicks: 50 }, push(trades)],
  [
    'Absorption',
    { windowMs: 3, threshold: { timesMean: 1, baselineWindows: 3, warmUpWindows: 2 }, maxTicks: 50 },
    push(trades),
  ],
  ['AbdiRanaldo', { window: 'all' }, push(bars)],
  ['Amihud', { window: 'all' }, push(bars)],
  ['BulkVolume', { window: 'expanding', minChanges: 2 }, push(bars)],
  ['BvcVpin', { bucketLots: 5, buckets: 2, window: 3, minChanges: 2 }, push(bars)],
  ['CorwinSchultz', { window: 'all' }, push(bars)],
  [
    'Cvd',
    {
      reset: {
        sessions: [
          [0, 5],
          [8, 20],
        ],
      },
    },
    push(trades),
  ],
  ['Kyle', { everyMs: 2, window: 'all' }, push(trades)],
  ['LargeTradeDetector', { rule: { quantile: 0.5, lastTrades: 5, warmUp: 2 }, mergeSameTime: true }, push(trades)],
  ['LargeTradeDetector', { rule: { zScore: 1, lastTrades: 5, warmUp: 2 } }, push(trades)],
  ['OfiBuckets', { everyMs: 5, emptyBuckets: 'emit', maxEmptyBuckets: 50 }, timedPush],
  ['OrderToTrade', { intervalMs: 5 }, push(mboEvents)],
  ['Resilience', { baselineQuotes: 2, baselineOrders: 2, spreadTimes: 1.5, tradeTimes: 1.5, timeoutMs: 5 }, tape],
  ['Roll', { window: 4 }, push(hostileNumbers)],
  ['SweepDetector', { withinMs: 10 }, push(trades)],
  ['TradeImbalance', { window: { lastTrades: 3 } }, push(trades)],
  ['TradeImbalance', { window: { lastMs: 5 } }, push(trades)],
  ['TradeImbalance', { window: { everyMs: 5 } }, push(trades)],
  ['Velocity', { windowMs: 3, baselineWindows: 3, warmUpWindows: 2, minTrades: 2, zMin: 0 }, push(trades)],
];

type Factory = (options?: unknown) => Reducer;
type Restore = (snapshot: unknown, options?: unknown) => Reducer;
const functions = orderflow as unknown as Readonly<Record<string, Factory & Restore>>;
const create = (name: string, options: unknown): Reducer => functions[`create${name}`]!(options);
const restore = (name: string, snapshot: unknown, options: unknown): Reducer =>
  functions[`restore${name}`]!(snapshot, options);

/** No reducers: they hold a grid or a buffer, and their own suites have what is hostile there. */
const elsewhere = ['Depth', 'Grid', 'OffGridPolicy', 'PriceBands'];

describe('every reducer', () => {
  test('is on the list', () => {
    const made = Object.keys(orderflow).filter((name) => name.startsWith('create'));
    const listed = [...cases.map(([name]) => name), ...elsewhere].map((name) => `create${name}`);
    expect(listed.toSorted()).toEqual(made.toSorted());
  });

  test.each([...cases, ...variants])(
    '%s of %j refuses what is no number of a market, or counts it, and never answers NaN',
    (name, options, steps) => {
      fc.assert(
        fc.property(fc.array(steps, { maxLength: 25 }), (tapeOfSteps) => {
          checkHostile(create(name, options), tapeOfSteps, isOrderflowError);
        }),
        { numRuns: 100 },
      );
    },
  );
});

/** What storage and hands make of a value. */
const damages = [undefined, null, 'x', '5', [], {}, -1.5, 0.5, 2 ** 53 + 2, 1e308, -1];

describe('a snapshot of which one value was changed', () => {
  test.each([...cases, ...variants])(
    'of %s with %j is refused, or goes on as any other does',
    (name, options, steps) => {
      const tapes = fc.array(steps, { maxLength: 20 });
      fc.assert(
        fc.property(tapes, tapes, fc.nat(), fc.constantFrom(...damages), (before, after, place, value) => {
          const reducer = create(name, options);
          for (const step of before) attempt(() => step(reducer as never), isOrderflowError);
          const snapshot = damaged(reducer.snapshot() as object, place, value);
          // With what it was created with, and on the word of the snapshot alone where that is enough.
          for (const given of [options, undefined]) {
            const again = attempt(
              () => restore(name, snapshot, given),
              (error) => isOrderflowError(error, 'bad-snapshot'),
            );
            if (again) checkHostile(again, after, isOrderflowError);
          }
        }),
        { numRuns: 200 },
      );
    },
  );

  /** What a call gives; `undefined` where it refuses as expected. */
  function attempt<T>(call: () => T, isRefusal: (error: unknown) => boolean): T | undefined {
    try {
      return call();
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return undefined;
    }
  }
});

describe('a damaged snapshot', () => {
  const taken = () => {
    const velocity = orderflow.createVelocity();
    for (let i = 0; i < 5; i += 1) velocity.push({ timeMs: i * 10, sizeLots: 2, side: 'buy' });
    return JSON.parse(JSON.stringify(velocity.snapshot())) as Record<string, unknown>;
  };

  test.each(Object.keys(taken()).filter((key) => key !== 'v' && key !== 'kind'))('without %s is refused', (key) => {
    const rest = Object.fromEntries(Object.entries(taken()).filter(([name]) => name !== key));
    expect(() => orderflow.restoreVelocity(rest as never)).toThrow(expect.objectContaining({ code: 'bad-snapshot' }));
  });

  test('is refused with the place that is wrong', () => {
    const snapshot = { ...taken(), prints: 'x' };
    expect(() => orderflow.restoreVelocity(snapshot as never)).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: snapshot of "velocity" is damaged: prints is not what snapshot() of this module gives. Pass it unchanged, as it was stored.]`,
    );
  });

  test('of VPIN with a bucket that holds more than a bucket is refused, where it once took all memory', () => {
    const vpin = orderflow.createVpin({ bucketLots: 5 });
    vpin.push({ sizeLots: 3, side: 'buy', timeMs: 0 });
    const snapshot = vpin.snapshot();
    for (const volumeLots of [5, 2 ** 53 + 2]) {
      const open = { ...snapshot.open!, volumeLots, buyLots: volumeLots };
      expect(() => orderflow.restoreVpin({ ...snapshot, open })).toThrow(
        expect.objectContaining({ code: 'bad-snapshot' }),
      );
    }
    const bulk = orderflow.createBvcVpin({ bucketLots: 5 });
    bulk.push({ close: 1, volumeLots: 3 });
    const stored = bulk.snapshot();
    const open = { ...stored.open!, volumeLots: 7, unknownLots: 7 };
    expect(() => orderflow.restoreBvcVpin({ ...stored, open })).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
  });

  test('may come back with its keys in another order', () => {
    const snapshot = Object.fromEntries(Object.entries(taken()).toReversed());
    expect(orderflow.restoreVelocity(snapshot as never).snapshot()).toEqual(taken());
  });
});
