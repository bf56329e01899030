import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { quoteColumns, tradeColumns } from './columns.ts';
import type { Aggressor, TickQuote, TickTrade } from './market.ts';
import { createResilience, resilienceDefaults, resilienceOfColumns, restoreResilience } from './resilience.ts';
import type { Resilience, ResilienceEvent, ResilienceOptions } from './resilience.ts';

const quote = (bidTicks: number, askTicks: number, bidLots = 5, askLots = 5): TickQuote => ({
  bidTicks,
  askTicks,
  bidLots,
  askLots,
});
const usual = quote(100, 101);

/** A market whose usual spread is 1 tick, whose usual depth is 10 lots and whose usual order is 2 lots. */
function calm(options: ResilienceOptions = {}): Resilience {
  const market = createResilience({
    baselineQuotes: 4,
    baselineOrders: 3,
    spreadTimes: 3,
    tradeTimes: 5,
    timeoutMs: 1000,
    ...options,
  });
  for (let ms = 0; ms < 4; ms += 1) market.pushQuote(ms, usual);
  for (let ms = 4; ms < 8; ms += 1) market.push({ timeMs: ms, sizeLots: 2, side: 'buy' });
  return market;
}

describe('limits that are hit exactly', () => {
  test('nine tenths of the way back has recovered', () => {
    const market = createResilience();
    for (let ms = 0; ms < 100; ms += 1) market.pushQuote(ms, usual);
    market.pushQuote(100, quote(90, 101)); // 11 ticks, 10 more than usual
    const [event] = market.pushQuote(200, quote(99, 101)); // 2 ticks: 9 of the 10 are undone
    expect(event).toMatchObject({ outcome: 'recovered', recoveredMs: 200, score: 0.98 });
  });

  test.each([
    ['the large ones first', [2, 1]],
    ['the small ones first', [1, 2]],
  ])('ten times the mean order of 1.1 lots is a shock, %s', (_, [first]) => {
    const market = createResilience({ baselineQuotes: 2 });
    for (let ms = 0; ms < 2; ms += 1) market.pushQuote(ms, usual);
    const tens = first === 2 ? 10 : 90;
    for (let i = 0; i < 100; i += 1) {
      market.push({ timeMs: 10 + i, sizeLots: i < tens === (first === 2) ? 2 : 1, side: 'buy' });
    }
    market.push({ timeMs: 200, sizeLots: 11, side: 'buy' });
    market.push({ timeMs: 201, sizeLots: 1, side: 'buy' });
    expect(market.snapshot().open).toMatchObject({ trigger: 'trade', tradeLots: 11 });
  });

  test('three times the mean spread is a shock in whatever order the spreads came', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 50, maxLength: 50 }), (halves) => {
        // 100 spreads of mean 2: each with its opposite.
        const spreads = halves.flatMap((spread) => [spread, 4 - spread]);
        const market = createResilience();
        spreads.forEach((spread, ms) => market.pushQuote(ms, quote(100, 100 + spread)));
        market.pushQuote(100, quote(100, 106));
        expect(market.snapshot().open).toMatchObject({ trigger: 'spread', spreadBeforeTicks: 2 });
      }),
    );
  });
});

describe('createResilience', () => {
  test('a spread that is four times as wide, and back after 250 of 1000 ms, scores 0.75', () => {
    const market = calm();
    expect(market.pushQuote(10, quote(97, 101))).toEqual([]);
    expect(market.pushQuote(100, quote(95, 101, 1, 1))).toEqual([]);
    expect(market.pushQuote(260, usual)).toEqual([
      {
        trigger: 'spread',
        side: undefined,
        tradeLots: undefined,
        shockMs: 10,
        outcome: 'recovered',
        recoveredMs: 260,
        quotes: 2,
        spreadBeforeTicks: 1,
        spreadAtTicks: 6,
        spreadAfterTicks: 1,
        depthBeforeLots: 10,
        depthAtLots: 2,
        depthAfterLots: 10,
        score: 0.75,
      },
    ]);
  });

  test('an order five times the usual one is a shock, its prints of one time and side together', () => {
    const market = calm();
    market.push({ timeMs: 20, sizeLots: 4, side: 'sell' });
    market.push({ timeMs: 20, sizeLots: 5, side: 'sell' });
    expect(market.snapshot().open).toBeNull();
    market.push({ timeMs: 20, sizeLots: 3, side: 'sell' });
    expect(market.snapshot().open).toMatchObject({ trigger: 'trade', shockMs: 20 });
    market.pushQuote(21, quote(99, 101, 2, 5));
    const [event] = market.pushQuote(520, usual);
    expect(event).toMatchObject({ trigger: 'trade', side: 'sell', tradeLots: 12, recoveredMs: 520, score: 0.5 });
  });

  test('the spread is not enough: nine tenths of the lost depth must be back too', () => {
    const market = calm();
    market.push({ timeMs: 20, sizeLots: 10, side: 'buy' });
    market.pushQuote(21, quote(100, 101, 0.5 * 10, 1)); // 6 of 10 lots
    expect(market.pushQuote(30, quote(100, 101, 5, 4))).toEqual([]); // 9 of 10: three quarters of the way
    expect(market.pushQuote(40, usual)).toMatchObject([{ recoveredMs: 40, depthAtLots: 6 }]);
    const lenient = calm({ recovery: 0.75 });
    lenient.push({ timeMs: 20, sizeLots: 10, side: 'buy' });
    lenient.pushQuote(21, quote(100, 101, 5, 1));
    expect(lenient.pushQuote(30, quote(100, 101, 5, 4))).toMatchObject([{ recoveredMs: 30 }]);
  });

  test('an order that leaves no mark is recovered at the next quote', () => {
    const market = calm();
    market.push({ timeMs: 20, sizeLots: 99, side: 'buy' });
    expect(market.pushQuote(20, usual)).toMatchObject([{ outcome: 'recovered', recoveredMs: 20, score: 1, quotes: 1 }]);
  });

  test('a market that does not come back times out, at the first event that is later', () => {
    const market = calm();
    market.pushQuote(10, quote(90, 101));
    expect(market.pushQuote(1010, quote(91, 101))).toEqual([]);
    expect(market.push({ timeMs: 1011, sizeLots: 1, side: 'buy' })).toMatchObject([
      { outcome: 'timed-out', recoveredMs: undefined, score: 0, spreadAtTicks: 11, spreadAfterTicks: 10 },
    ]);
  });

  test('after that the wide spread is the usual one', () => {
    const market = calm();
    market.pushQuote(10, quote(90, 101));
    market.pushQuote(1011, quote(90, 101));
    for (let ms = 2000; ms < 2010; ms += 1) expect(market.pushQuote(ms, quote(90, 101))).toEqual([]);
    market.pushQuote(3000, quote(60, 101));
    expect(market.pushQuote(3100, quote(90, 101))).toMatchObject([{ outcome: 'recovered', spreadBeforeTicks: 11 }]);
  });

  test('what happens in the shock is no part of what was before the next one', () => {
    const market = calm();
    for (let round = 0; round < 5; round += 1) {
      market.pushQuote(100 * round + 10, quote(50, 101));
      expect(market.pushQuote(100 * round + 20, usual)).toMatchObject([{ spreadBeforeTicks: 1, score: 0.99 }]);
    }
  });

  test('without a quote nothing can be said: the shock is interrupted, the warm-up starts again', () => {
    const market = calm();
    market.pushQuote(10, quote(90, 101));
    expect(market.pushQuote(11, undefined)).toMatchObject([{ outcome: 'interrupted', score: undefined }]);
    expect(market.pushQuote(12, quote(1, 101))).toEqual([]);
    expect(market.flush()).toEqual([]);
    const other = calm();
    other.pushQuote(10, quote(90, 101));
    expect(other.flush()).toMatchObject([{ outcome: 'interrupted', shockMs: 10, recoveredMs: undefined }]);
  });

  test('a second trigger is counted, not followed', () => {
    const market = calm();
    market.pushQuote(10, quote(90, 101));
    market.push({ timeMs: 11, sizeLots: 50, side: 'buy' });
    market.push({ timeMs: 11, sizeLots: 50, side: 'buy' });
    expect(market.counts.ignoredTriggers).toBe(1);
    expect(market.pushQuote(12, usual)).toMatchObject([{ trigger: 'spread' }]);
  });

  test('late events and unusable quotes are counted; a late print counts when it is known', () => {
    const market = calm();
    market.pushQuote(50, usual);
    expect(market.pushQuote(49, quote(1, 101))).toEqual([]);
    market.push({ timeMs: 45, sizeLots: 30, side: 'buy' });
    expect(market.snapshot().open).toMatchObject({ shockMs: 50 });
    market.pushQuote(60, quote(101, 101));
    expect(market.counts).toEqual({
      quotes: 7,
      lateQuotes: 1,
      unusableQuotes: 1,
      trades: 5,
      lateTrades: 1,
      ignoredTriggers: 0,
    });
  });

  test.each([
    { baselineQuotes: 0 },
    { baselineOrders: 1.5 },
    { spreadTimes: 0.5 },
    { tradeTimes: NaN },
    { recovery: 1.1 },
    { timeoutMs: 0 },
  ])('the options %j are refused', (options) => {
    expect(() => createResilience(options)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  test('a snapshot goes back to its own options alone', () => {
    const snapshot = createResilience().snapshot();
    expect(snapshot.options).toEqual(resilienceDefaults);
    expect(() => restoreResilience(snapshot, { timeoutMs: 1 })).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
  });
});

type Event = { readonly timeMs: number; readonly quote: TickQuote | undefined } | TickTrade;
const most = Number.MAX_SAFE_INTEGER;
const times = fc.oneof({ weight: 30, arbitrary: fc.nat({ max: 40 }) }, fc.constantFrom(-0, 1e15));
const lots = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 4 }) }, fc.constantFrom(0, most));
const quotes = fc
  .record({
    bidTicks: fc.nat({ max: 4 }),
    spread: fc.constantFrom(0, 1, 1, 1, 2, 3, 9, -1),
    bidLots: lots,
    askLots: lots,
  })
  .map(({ bidTicks, spread, ...sizes }) => ({ bidTicks: bidTicks - 1, askTicks: bidTicks - 1 + spread, ...sizes }));
const events: fc.Arbitrary<Event> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ timeMs: times, quote: fc.option(quotes, { nil: undefined, freq: 20 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      timeMs: times,
      priceTicks: fc.constant(1),
      sizeLots: lots,
      side: fc.constantFrom<Aggressor>('buy', 'sell', 'unknown'),
    }),
  },
);
const options = { baselineQuotes: 2, baselineOrders: 2, spreadTimes: 2, tradeTimes: 2, timeoutMs: 6 };
const contract = {
  create: () => createResilience(options),
  restore: (snapshot: never) => restoreResilience(snapshot, options),
  push: (market: Resilience, event: Event) =>
    'side' in event ? market.push(event) : market.pushQuote(event.timeMs, event.quote),
  refused: [
    { timeMs: NaN, quote: usual },
    { timeMs: 1, quote: quote(1, 2, -1) },
    { timeMs: 1, priceTicks: 1, sizeLots: 0.5, side: 'buy' },
    { timeMs: Infinity, priceTicks: 1, sizeLots: 1, side: 'buy' },
  ] as const,
  conserve: (tape: readonly Event[], outputs: readonly ResilienceEvent[], market: Resilience) => {
    expect([market.counts.trades, market.counts.quotes]).toEqual([
      tape.filter((event) => 'side' in event).length,
      tape.filter((event) => 'quote' in event).length,
    ]);
    for (const event of outputs) {
      for (const value of Object.values(event)) expect(typeof value !== 'number' || Number.isFinite(value)).toBe(true);
      expect(event.spreadAtTicks).toBeGreaterThanOrEqual(event.spreadAfterTicks);
      expect(event.depthAtLots).toBeLessThanOrEqual(event.depthAfterLots);
      expect(event.outcome === 'recovered').toBe(event.recoveredMs !== undefined);
      if (event.recoveredMs !== undefined) expect(event.recoveredMs - event.shockMs).toBeLessThanOrEqual(6);
      if (event.score !== undefined) expect(event.score >= 0 && event.score <= 1).toBe(true);
    }
  },
};
describeReducerContract({ ...contract, name: 'createResilience', inputs: fc.array(events, { maxLength: 40 }) });
describeReducerContract({
  ...contract,
  name: 'createResilience in order of time',
  inputs: fc
    .array(events, { maxLength: 40 })
    .map((tape) => tape.toSorted((a, b) => a.timeMs - b.timeMs || Number('side' in a) - Number('side' in b))),
  batch: (tape) =>
    resilienceOfColumns(
      tradeColumns(tape.filter((event) => 'side' in event)),
      quoteColumns(tape.filter((event) => 'quote' in event)),
      options,
    ).values,
});
