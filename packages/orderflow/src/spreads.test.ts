import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { hasRecordedData, workedExamples } from '@tapekit/tooling/recorded-data';
import { quoteColumns, tradeColumns } from './columns.ts';
import { addExact } from './exact.ts';
import { createGrid } from './grid.ts';
import type { Aggressor, Side, TickQuote, TickTrade } from './market.ts';
import {
  createSpreads,
  quotedSpread,
  quotedSpreadBps,
  quotedSpreadBpsExact,
  restoreSpreads,
  spreadAround,
  spreadAveragesExact,
  spreadBps,
  spreadBpsExact,
  spreadsDefaults,
  spreadsOfColumns,
} from './spreads.ts';
import type { Spreads, TradeSpreads } from './spreads.ts';

const quote = (bidTicks: number, askTicks: number, lots = 5): TickQuote => ({
  bidTicks,
  bidLots: lots,
  askTicks,
  askLots: lots,
});
const print = (timeMs: number, priceTicks: number, sizeLots: number, side: Aggressor): TickTrade => ({
  timeMs,
  priceTicks,
  sizeLots,
  side,
});

describe('spreadAround', () => {
  test('a buy at 101 around a mid of 100.5, then 100.7: effective 1.0, realised 0.6, impact 0.4', () => {
    const grid = createGrid({ tickSize: '0.1', lotSize: '1' });
    const [before, after] = [quote(1000, 1010), quote(1002, 1012)].map(({ bidTicks, askTicks }) => bidTicks + askTicks);
    const effective = spreadAround('buy', 1010, before!);
    const realised = spreadAround('buy', 1010, after!);
    expect([effective, realised].map((spread) => grid.formatPrice(spread))).toEqual(['1', '0.6']);
    expect(grid.formatPrice(Number(effective) - Number(realised))).toBe('0.4');
    expect(spreadAround('sell', 1000, before!)).toBe(10);
  });

  test.skipIf(!hasRecordedData)('gives the worked examples', () => {
    type Row = { side: Side } & Record<'price' | 'mid' | 'mid_later' | 'effective' | 'realized' | 'impact', number>;
    const rows = workedExamples<{ spreads: Row[] }>().spreads;
    expect(rows.length).toBeGreaterThan(0);
    const grid = createGrid({ tickSize: '0.1', lotSize: '1' });
    for (const { side, price, mid, mid_later, effective, realized, impact } of rows) {
      const around = (m: number) => spreadAround(side, grid.toTicks(price), 2 * grid.toTicks(m));
      expect([around(mid), around(mid_later)].map((spread) => Number(grid.formatPrice(spread)))).toEqual([
        effective,
        realized,
      ]);
      expect(Number(grid.formatPrice(Number(around(mid)) - Number(around(mid_later))))).toBe(impact);
    }
  });
});

describe('relative spreads', () => {
  test('10 ticks around a mid of 1005 are 99.50 basis points', () => {
    expect(quotedSpread(quote(1000, 1010))).toBe(10);
    expect(quotedSpreadBps(quote(1000, 1010))).toBe(100_000 / 1005);
    expect(quotedSpreadBpsExact(quote(1000, 1010))).toBe('99.50248756218905');
    expect(spreadBps(-3, 2000)).toBe(-30);
    expect(spreadBpsExact(1, 6000)).toBe('3.333333333333333');
  });

  test('a mid that is not above 0 has none', () => {
    expect(quotedSpreadBps(quote(-5, 5))).toBeUndefined();
    expect(quotedSpreadBpsExact(quote(-9, 5))).toBeUndefined();
    expect(quotedSpread(quote(-9, 5))).toBe(14);
  });

  test('is exact beyond 2^53', () => {
    const most = Number.MAX_SAFE_INTEGER;
    expect(quotedSpread(quote(-most, most))).toBe(2n * BigInt(most));
    expect(spreadAround('sell', -most, 2n * BigInt(most))).toBe(4n * BigInt(most));
  });
});

describe('createSpreads', () => {
  test('weighs prints alike, by size, and by value', () => {
    const spreads = createSpreads({ horizonMs: 100, reorderMs: 0 });
    spreads.pushQuote(0, quote(1000, 1010));
    spreads.push(print(1, 1010, 1, 'buy')); // effective 10 around 1005
    spreads.push(print(2, 1004, 3, 'sell')); // 2
    spreads.pushQuote(50, quote(1004, 1014)); // mid 1009: realised 2 and 10, impact 8 and −8
    expect(spreads.pending).toBe(2);
    spreads.pushQuote(500, undefined);
    const { quoted, effective, realised, impact } = spreads.summary();
    expect(quoted).toMatchObject({ meanTicks: 10, volumeWeightedTicks: 10, meanBps: 100_000 / 1005 });
    expect(effective).toMatchObject({ meanTicks: 6, volumeWeightedTicks: 4, valueWeightedBps: 40_000 / 1005 });
    expect(realised).toMatchObject({ meanTicks: 6, volumeWeightedTicks: 8 });
    expect(impact).toMatchObject({ meanTicks: 0, volumeWeightedTicks: -4 });
    expect(effective.sums).toEqual({
      trades: 2,
      lots: 4,
      ticks: 12,
      tickLots: 16,
      midHalfTicks: 4020,
      midHalfTickLots: 8040,
    });
    expect(spreadAveragesExact(effective.sums)).toEqual({
      meanTicks: '6',
      volumeWeightedTicks: '4',
      meanBps: '59.70149253731343',
      valueWeightedBps: '39.80099502487562',
    });
  });

  test('the later mid is the last one at or before the horizon', () => {
    const spreads = createSpreads({ horizonMs: 100, reorderMs: 0 });
    spreads.pushQuote(0, quote(1000, 1010));
    spreads.push(print(10, 1010, 1, 'buy'));
    spreads.pushQuote(110, quote(1001, 1011));
    const [settled] = spreads.pushQuote(111, quote(2000, 2010));
    expect(settled).toEqual({
      timeMs: 10,
      side: 'buy',
      priceTicks: 1010,
      sizeLots: 1,
      midHalfTicks: 2010,
      quotedTicks: 10,
      effectiveTicks: 10,
      realisedTicks: 8,
      impactTicks: 2,
    });
  });

  test('a print whose later mid is not known is given so, never as 0', () => {
    const spreads = createSpreads({ horizonMs: 100 });
    spreads.pushQuote(0, quote(1000, 1010));
    spreads.push(print(1, 1010, 1, 'buy'));
    spreads.pushQuote(50, undefined);
    spreads.pushQuote(99, quote(1000, 1010));
    spreads.pushQuote(101, quote(1010, 1010)); // locked: no quote at 101
    spreads.push(print(102, 1000, 1, 'sell')); // without a quote
    spreads.pushQuote(150, quote(1000, 1010));
    spreads.push(print(160, 1000, 1, 'sell'));
    expect(spreads.flush()).toMatchObject([
      { timeMs: 1, effectiveTicks: 10, realisedTicks: undefined, impactTicks: undefined },
      { timeMs: 160, effectiveTicks: 10, realisedTicks: undefined, impactTicks: undefined },
    ]);
    expect(spreads.summary().realised).toMatchObject({ meanTicks: undefined, meanBps: undefined, sums: { trades: 0 } });
    expect(spreads.counts).toMatchObject({ trades: 3, tradesWithoutQuote: 1, unusableQuotes: 2 });
  });

  test('at the end of the tape a mid that is due by then is known', () => {
    const spreads = createSpreads({ horizonMs: 100 });
    spreads.pushQuote(0, quote(1000, 1010));
    spreads.push(print(1, 1010, 1, 'buy'));
    spreads.pushQuote(101, quote(1002, 1012));
    expect(spreads.flush()).toMatchObject([{ realisedTicks: 6 }]);
    expect(spreads.flush()).toEqual([]);
  });

  test('a lag finds the quote before the one that the print left behind', () => {
    const run = (quoteLagMs: number) => {
      const spreads = createSpreads({ quoteLagMs });
      spreads.pushQuote(0, quote(1000, 1010));
      spreads.pushQuote(7, quote(1010, 1020));
      spreads.push(print(7, 1010, 1, 'buy'));
      return spreads.summary().effective.meanTicks;
    };
    expect([run(0), run(1)]).toEqual([-10, 10]);
  });

  test('a print that arrives after later quotes finds its own, within reorderMs', () => {
    const spreads = createSpreads({ horizonMs: 100, reorderMs: 50 });
    spreads.pushQuote(0, quote(1000, 1010));
    spreads.pushQuote(40, quote(1020, 1030));
    spreads.push(print(45, 1030, 1, 'buy'));
    spreads.push(print(10, 1010, 1, 'buy'));
    spreads.pushQuote(60, quote(1040, 1050));
    spreads.push(print(9, 1010, 1, 'buy')); // 51 ms late
    expect(spreads.counts.lateTrades).toBe(1);
    expect(spreads.pushQuote(196, quote(1, 3)).map(({ timeMs, realisedTicks }) => [timeMs, realisedTicks])).toEqual([
      [10, 2020 - 2090],
      [45, 2060 - 2090],
    ]);
  });

  test('counts prints without a side, without a size, and late quotes, and guesses nothing', () => {
    const spreads = createSpreads();
    spreads.pushQuote(10, quote(1000, 1010));
    spreads.push(print(11, 1010, 1, 'unknown'));
    spreads.push(print(12, 1010, 0, 'buy'));
    spreads.pushQuote(9, quote(1, 2));
    expect(spreads.counts).toMatchObject({ trades: 2, unknownSideTrades: 1, zeroTrades: 1, quotes: 2, lateQuotes: 1 });
    expect(spreads.pending).toBe(0);
  });

  test('gives the oldest print early when too many wait', () => {
    const spreads = createSpreads({ maxPending: 2 });
    spreads.pushQuote(0, quote(1000, 1010));
    expect([1, 2, 3, 4].map((ms) => spreads.push(print(ms, 1010, 1, 'buy')).map(({ timeMs }) => timeMs))).toEqual([
      [],
      [],
      [1],
      [2],
    ]);
    expect([spreads.pending, spreads.counts.droppedTrades]).toEqual([2, 2]);
  });

  test.each([{ horizonMs: -1 }, { horizonMs: NaN }, { quoteLagMs: -1 }, { reorderMs: Infinity }, { maxPending: 0 }])(
    'the options %j are refused',
    (options) => {
      expect(() => createSpreads(options)).toThrow(expect.objectContaining({ code: 'bad-option' }));
    },
  );

  test('a snapshot goes back to its own options alone', () => {
    const snapshot = createSpreads().snapshot();
    expect({ horizonMs: snapshot.horizonMs, ...snapshot.tape.options }).toEqual(spreadsDefaults);
    expect(() => restoreSpreads(snapshot, { horizonMs: 1 })).toThrow(expect.objectContaining({ code: 'bad-snapshot' }));
    expect(restoreSpreads(snapshot).snapshot()).toEqual(snapshot);
  });
});

type Event = { readonly timeMs: number; readonly quote: TickQuote | undefined } | TickTrade;
const most = Number.MAX_SAFE_INTEGER;
const times = fc.oneof({ weight: 30, arbitrary: fc.nat({ max: 30 }) }, fc.constantFrom(-0, 1e15, 1e308));
const ticks = fc.oneof({ weight: 12, arbitrary: fc.integer({ min: -2, max: 6 }) }, fc.constantFrom(-0, most, -most));
const lots = fc.oneof({ weight: 9, arbitrary: fc.nat({ max: 4 }) }, fc.constant(most));
const quotes = fc.record({ bidTicks: ticks, bidLots: lots, askTicks: ticks, askLots: lots });
const sides = fc.constantFrom<Aggressor>('buy', 'sell', 'buy', 'sell', 'unknown');
const events: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ timeMs: times, quote: fc.option(quotes, { nil: undefined, freq: 6 }) }),
  fc.record({ timeMs: times, priceTicks: ticks, sizeLots: lots, side: sides }),
);
const push = (spreads: Spreads, event: Event): readonly TradeSpreads[] =>
  'side' in event ? spreads.push(event) : spreads.pushQuote(event.timeMs, event.quote);
const inTime = (tape: readonly Event[]): Event[] =>
  tape.toSorted((a, b) => a.timeMs - b.timeMs || Number('side' in a) - Number('side' in b));
const batchOf = (tape: readonly Event[], options: object) =>
  spreadsOfColumns(
    tradeColumns(tape.filter((event) => 'side' in event)),
    quoteColumns(tape.filter((event) => 'quote' in event)),
    options,
  );

test('in order of time every print gets the mids that a list of all quotes gives', () => {
  fc.assert(
    fc.property(
      fc.array(events, { maxLength: 30 }).map(inTime),
      fc.nat({ max: 3 }),
      fc.nat({ max: 9 }),
      (tape, lag, h) => {
        const usable = ({ bidLots, askLots, bidTicks, askTicks }: TickQuote) =>
          bidLots && askLots && bidTicks < askTicks;
        const mids = tape.flatMap((event) => ('side' in event ? [] : [event]));
        const midAt = (timeMs: number) => {
          const last = mids.findLast((event) => event.timeMs <= timeMs)?.quote;
          return last && usable(last) ? addExact(last.bidTicks, last.askTicks) : undefined;
        };
        const end = tape.at(-1)?.timeMs ?? 0;
        const expected = tape.flatMap((event) => {
          if (!('side' in event) || event.side === 'unknown' || event.sizeLots === 0) return [];
          const mid = midAt(event.timeMs - lag);
          if (mid === undefined) return [];
          const later = event.timeMs + h <= end ? midAt(event.timeMs + h) : undefined;
          const { side, priceTicks, timeMs } = event;
          return [
            [
              timeMs,
              spreadAround(side, priceTicks, mid),
              later === undefined ? later : spreadAround(side, priceTicks, later),
            ],
          ];
        });
        const { values } = batchOf(tape, { quoteLagMs: lag, horizonMs: h });
        expect(values.map((row) => [row.timeMs, row.effectiveTicks, row.realisedTicks])).toEqual(
          expected.map((row) => row.map((value) => (value === 0 ? 0 : value))),
        );
      },
    ),
    { numRuns: 400 },
  );
});

const options = { horizonMs: 4, reorderMs: 3, quoteLagMs: 1, maxQuotes: 4, maxPending: 3 };
const contract = {
  create: () => createSpreads(options),
  restore: (snapshot: never) => restoreSpreads(snapshot, options),
  push,
  refused: [
    { timeMs: NaN, quote: undefined },
    { timeMs: 1, quote: { ...quote(1, 2), bidLots: -1 } },
    print(Infinity, 1, 1, 'buy'),
    print(1, 0.5, 1, 'buy'),
    print(1, 1, NaN, 'sell'),
  ],
  conserve: (tape: readonly Event[], outputs: readonly TradeSpreads[], spreads: Spreads) => {
    const { trades, unknownSideTrades, zeroTrades, lateTrades, tradesWithoutQuote } = spreads.counts;
    expect(trades).toBe(tape.filter((event) => 'side' in event).length);
    expect(outputs.length).toBe(trades - unknownSideTrades - zeroTrades - lateTrades - tradesWithoutQuote);
    for (const { effectiveTicks, realisedTicks, impactTicks } of outputs) {
      if (realisedTicks !== undefined) expect(addExact(realisedTicks, impactTicks!)).toBe(effectiveTicks);
    }
    const { effective, realised, impact } = spreads.summary();
    expect(effective.sums.trades).toBe(outputs.length);
    expect(realised.sums.trades).toBe(impact.sums.trades);
    for (const { meanTicks, volumeWeightedTicks, meanBps, valueWeightedBps } of [effective, realised, impact]) {
      for (const value of [meanTicks, volumeWeightedTicks, meanBps, valueWeightedBps]) {
        expect(value === undefined || Number.isFinite(value)).toBe(true);
      }
    }
  },
};
describeReducerContract({ ...contract, name: 'createSpreads', inputs: fc.array(events, { maxLength: 30 }) });
describeReducerContract({
  ...contract,
  name: 'createSpreads in order of time',
  inputs: fc.array(events, { maxLength: 30 }).map(inTime),
  batch: (tape) => batchOf(tape, options).values,
});
