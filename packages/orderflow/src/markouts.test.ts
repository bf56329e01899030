import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { quoteColumns, tradeColumns } from './columns.ts';
import { addExact } from './exact.ts';
import type { ExactInt } from './exact.ts';
import type { Aggressor, TickQuote, TickTrade } from './market.ts';
import {
  createMarkouts,
  markoutAveragesExact,
  markoutsDefaults,
  markoutsOfColumns,
  restoreMarkouts,
} from './markouts.ts';
import type { Markouts, TradeMarkouts } from './markouts.ts';

const quote = (bidTicks: number, askTicks: number): TickQuote => ({ bidTicks, bidLots: 5, askTicks, askLots: 5 });
const print = (timeMs: number, priceTicks: number, sizeLots: number, side: Aggressor): TickTrade => ({
  timeMs,
  priceTicks,
  sizeLots,
  side,
});

describe('createMarkouts', () => {
  test('follows the mid after each print, above 0 when it goes the way of the taker', () => {
    const markouts = createMarkouts({ horizonsMs: [100, 1000], reorderMs: 0 });
    markouts.pushQuote(0, quote(1000, 1010)); // mid 1005
    markouts.push(print(1, 1010, 2, 'buy'));
    markouts.push(print(2, 1000, 6, 'sell'));
    markouts.pushQuote(50, quote(1003, 1012)); // 1007.5
    markouts.pushQuote(500, quote(998, 1010)); // 1004
    markouts.pushQuote(1002, quote(998, 1010));
    expect(markouts.pushQuote(1003, undefined)).toEqual([
      { timeMs: 2, side: 'sell', priceTicks: 1000, sizeLots: 6, halfTicks: [-5, 2] },
    ]);
    const [short, long] = markouts.summary();
    expect([short!.buy.meanTicks, short!.sell.meanTicks, short!.all.meanTicks]).toEqual([2.5, -2.5, 0]);
    expect(short!.all.volumeWeightedTicks).toBe((2.5 * 2 - 2.5 * 6) / 8);
    expect(long).toMatchObject({ horizonMs: 1000, buy: { meanTicks: -1 }, sell: { meanTicks: 1 }, unknownTrades: 0 });
    expect(markoutAveragesExact(short!.all.sums)).toEqual({ meanTicks: '0', volumeWeightedTicks: '-1.25' });
  });

  test('from the price, half the spread is paid first', () => {
    const markouts = createMarkouts({ horizonsMs: [0, 100], from: 'price', reorderMs: 0 });
    markouts.pushQuote(0, quote(1000, 1010));
    markouts.push(print(1, 1010, 1, 'buy'));
    markouts.pushQuote(50, quote(1010, 1020));
    expect(markouts.pushQuote(200, undefined)[0]?.halfTicks).toEqual([-10, 10]);
  });

  test('a mid that is not known is undefined and counted, never 0', () => {
    const markouts = createMarkouts({ horizonsMs: [10, 20, 1000] });
    markouts.pushQuote(0, quote(1000, 1010));
    markouts.push(print(1, 1010, 1, 'buy'));
    markouts.pushQuote(15, undefined);
    markouts.pushQuote(30, quote(1000, 1010));
    expect(markouts.flush()[0]?.halfTicks).toEqual([0, undefined, undefined]);
    expect(markouts.summary().map(({ unknownTrades }) => unknownTrades)).toEqual([0, 1, 1]);
    expect(markouts.summary()[1]!.all).toMatchObject({ meanTicks: undefined, volumeWeightedTicks: undefined });
  });

  test('a late quote is counted and left out', () => {
    const markouts = createMarkouts({ horizonsMs: [10], reorderMs: 0 });
    markouts.pushQuote(0, quote(1000, 1010));
    markouts.push(print(1, 1010, 1, 'buy'));
    markouts.pushQuote(8, quote(1000, 1010));
    markouts.pushQuote(7, quote(2000, 2010));
    expect(markouts.pushQuote(12, undefined)[0]?.halfTicks).toEqual([0]);
    expect(markouts.counts.lateQuotes).toBe(1);
  });

  test.each([
    { horizonsMs: [] },
    { horizonsMs: [5, 5] },
    { horizonsMs: [-1, 5] },
    { horizonsMs: [NaN] },
    { horizonsMs: [Infinity] },
    { horizonsMs: Array.from({ length: 101 }, (_, i) => i) },
    { from: 'bid' as never },
  ])('the options %j are refused', (options) => {
    expect(() => createMarkouts(options)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  test('a snapshot goes back to its own options alone', () => {
    const snapshot = createMarkouts().snapshot();
    const { horizonsMs, from, tape } = snapshot;
    expect({ horizonsMs, from, ...tape.options }).toEqual(markoutsDefaults);
    expect(restoreMarkouts(snapshot).snapshot()).toEqual(snapshot);
    expect(() => restoreMarkouts(snapshot, { from: 'price' })).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
  });
});

type Event = { readonly timeMs: number; readonly quote: TickQuote | undefined } | TickTrade;
const most = Number.MAX_SAFE_INTEGER;
const times = fc.oneof({ weight: 30, arbitrary: fc.nat({ max: 30 }) }, fc.constantFrom(-0, 1e15, 1e308));
const ticks = fc.oneof({ weight: 12, arbitrary: fc.integer({ min: -2, max: 6 }) }, fc.constantFrom(-0, most, -most));
const lots = fc.oneof({ weight: 9, arbitrary: fc.nat({ max: 4 }) }, fc.constant(most));
const events: fc.Arbitrary<Event> = fc.oneof(
  fc.record({
    timeMs: times,
    quote: fc.option(fc.record({ bidTicks: ticks, bidLots: lots, askTicks: ticks, askLots: lots }), {
      nil: undefined,
      freq: 6,
    }),
  }),
  fc.record({
    timeMs: times,
    priceTicks: ticks,
    sizeLots: lots,
    side: fc.constantFrom<Aggressor>('buy', 'sell', 'buy', 'sell', 'unknown'),
  }),
);
const options = { horizonsMs: [0, 2, 9], reorderMs: 3, maxQuotes: 4, maxPending: 3, from: 'price' } as const;
const contract = {
  create: () => createMarkouts(options),
  restore: (snapshot: never) => restoreMarkouts(snapshot, options),
  push: (markouts: Markouts, event: Event) =>
    'side' in event ? markouts.push(event) : markouts.pushQuote(event.timeMs, event.quote),
  refused: [
    { timeMs: -Infinity, quote: undefined },
    { timeMs: 1, quote: { ...quote(1, 2), askTicks: 0.5 } },
    print(1, NaN, 1, 'buy'),
    print(1, 1, -1, 'sell'),
  ],
  conserve: (_: readonly Event[], outputs: readonly TradeMarkouts[], markouts: Markouts) => {
    const { trades, unknownSideTrades, zeroTrades, lateTrades, tradesWithoutQuote } = markouts.counts;
    expect(outputs.length).toBe(trades - unknownSideTrades - zeroTrades - lateTrades - tradesWithoutQuote);
    markouts.summary().forEach(({ buy, sell, all, unknownTrades }, h) => {
      const known = outputs.map(({ halfTicks }) => halfTicks[h]).filter((move) => move !== undefined);
      expect([all.sums.trades, unknownTrades]).toEqual([known.length, outputs.length - known.length]);
      expect(all.sums.halfTicks).toBe(known.reduce<ExactInt>(addExact, 0));
      for (const value of [buy, sell, all].flatMap((m) => [m.meanTicks, m.volumeWeightedTicks])) {
        expect(value === undefined || Number.isFinite(value)).toBe(true);
      }
    });
  },
};
describeReducerContract({ ...contract, name: 'createMarkouts', inputs: fc.array(events, { maxLength: 30 }) });
describeReducerContract({
  ...contract,
  name: 'createMarkouts in order of time',
  inputs: fc
    .array(events, { maxLength: 30 })
    .map((tape) => tape.toSorted((a, b) => a.timeMs - b.timeMs || Number('side' in a) - Number('side' in b))),
  batch: (tape) =>
    markoutsOfColumns(
      tradeColumns(tape.filter((event) => 'side' in event)),
      quoteColumns(tape.filter((event) => 'quote' in event)),
      options,
    ).values,
});
