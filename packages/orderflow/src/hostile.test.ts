/**
 * Numbers that no market sends, through every reducer: each is either refused with an error of the package, and then the
 * state is as it was, or taken, and then nothing that comes out holds a NaN or an infinity.
 */
import {
  checkHostile,
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
const cases: readonly (readonly [name: string, create: () => Reducer, steps: fc.Arbitrary<Step>])[] = [
  ['createAbsorption', () => orderflow.createAbsorption(), push(trades)],
  ['createAmihud', () => orderflow.createAmihud(), push(bars)],
  ['createBulkVolume', () => orderflow.createBulkVolume({ window: 3, minChanges: 2 }), push(bars)],
  ['createBvcVpin', () => orderflow.createBvcVpin({ bucketLots: 5 }), push(bars)],
  ['createClnv', () => orderflow.createClnv(), tape],
  ['createCvd', () => orderflow.createCvd({ reset: { everyMs: 5 } }), push(trades)],
  ['createCvdBySize', () => orderflow.createCvdBySize({ edgesLots: [3, 8] }), push(trades)],
  ['createDecayedOfi', () => orderflow.createDecayedOfi(), timedPush],
  ['createEmo', () => orderflow.createEmo(), tape],
  ['createExhaustion', () => orderflow.createExhaustion(), push(trades)],
  ['createImpactNormalisedFlow', () => orderflow.createImpactNormalisedFlow({ everyMs: 3, warmUp: 3 }), push(trades)],
  [
    'createIntegratedOfiFit',
    () => orderflow.createIntegratedOfiFit({ levels: 3 }),
    push(fc.array(hostileNumbers, { minLength: 3, maxLength: 3 })),
  ],
  ['createKyle', () => orderflow.createKyle({ everyMs: 3, window: 4 }), push(trades)],
  [
    'createLargeTradeDetector',
    () => orderflow.createLargeTradeDetector(orderflow.largeTradePresets.whale(grid)),
    push(trades),
  ],
  ['createLeeReady', () => orderflow.createLeeReady({ quoteLagMs: 1 }), tape],
  ['createMarkouts', () => orderflow.createMarkouts({ horizonsMs: [2, 5] }), tape],
  ['createMboBook', () => orderflow.createMboBook(), push(mboEvents)],
  ['createMboIcebergDetector', () => orderflow.createMboIcebergDetector(), push(mboEvents)],
  ['createMboLiquidityOutcome', () => orderflow.createMboLiquidityOutcome(), push(mboEvents)],
  ['createMicroPriceFit', () => orderflow.createMicroPriceFit(), push(quotes)],
  ['createMlofi', () => orderflow.createMlofi({ levels: 2 }), push(books)],
  [
    'createMlofiBuckets',
    () => orderflow.createMlofiBuckets({ everyMs: 5 }),
    fc.tuple(hostileNumbers, books).map(
      ([timeMs, book]) =>
        (reducer: { push(t: number, b: unknown): unknown }) =>
          reducer.push(timeMs, book),
    ),
  ],
  ['createNormalisedOfi', () => orderflow.createNormalisedOfi({ levels: 2 }), push(books)],
  ['createOfi', () => orderflow.createOfi(), push(quotes)],
  ['createOfiBuckets', () => orderflow.createOfiBuckets({ everyMs: 5 }), timedPush],
  ['createOrderToTrade', () => orderflow.createOrderToTrade(), push(mboEvents)],
  ['createQueueImbalanceSamples', () => orderflow.createQueueImbalanceSamples(), push(quotes)],
  ['createQuoteRule', () => orderflow.createQuoteRule(), tape],
  ['createResilience', () => orderflow.createResilience(), tape],
  ['createRoll', () => orderflow.createRoll(), push(hostileNumbers)],
  ['createSequenceGuard', () => orderflow.createSequenceGuard(), push(hostileNumbers)],
  ['createSpreads', () => orderflow.createSpreads({ horizonMs: 3 }), tape],
  ['createStandardisedImbalance', () => orderflow.createStandardisedImbalance({ windowSamples: 4 }), push(books)],
  ['createSweepDetector', () => orderflow.createSweepDetector(), push(trades)],
  ['createTickRule', () => orderflow.createTickRule(), push(trades)],
  ['createTradeImbalance', () => orderflow.createTradeImbalance(), push(trades)],
  ['createVelocity', () => orderflow.createVelocity(), push(trades)],
  ['createVpin', () => orderflow.createVpin({ bucketLots: 5, buckets: 3 }), push(trades)],
];

/** Fed decimals and events rather than bare hostileNumbers: their own suites have what is hostile there. */
const elsewhere = [
  'createAbdiRanaldo',
  'createBook',
  'createCorwinSchultz',
  'createDepth',
  'createGrid',
  'createIcebergDetector',
  'createLevelToTrade',
  'createLiquidityOutcome',
  'createOffGridPolicy',
  'createOhlcvProxy',
  'createOfiRegression',
  'createPriceBands',
];

describe('every reducer', () => {
  test('is on the list', () => {
    const made = Object.keys(orderflow).filter((name) => name.startsWith('create'));
    expect([...cases.map(([name]) => name), ...elsewhere].toSorted()).toEqual(made.toSorted());
  });

  test.each(cases)(
    '%s refuses what is no number of a market, or counts it, and never answers NaN',
    (_, create, steps) => {
      fc.assert(
        fc.property(fc.array(steps, { maxLength: 25 }), (tapeOfSteps) => {
          checkHostile(create(), tapeOfSteps, isOrderflowError);
        }),
        { numRuns: 150 },
      );
    },
  );
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
      `[OrderflowError: snapshot of "velocity" is damaged: it is not what snapshot() of this module gives. Pass it unchanged, as it was stored.]`,
    );
  });

  test('may come back with its keys in another order', () => {
    const snapshot = Object.fromEntries(Object.entries(taken()).toReversed());
    expect(orderflow.restoreVelocity(snapshot as never).snapshot()).toEqual(taken());
  });
});
