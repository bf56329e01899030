/**
 * What must hold between a tape and another made from it, whatever the tape: 1,000 random cases a relation, for bars from
 * a stream of prints and for bars from columns.
 */
import { tradeColumns } from '@tapekit/orderflow/columns';
import { addExact, multiplyExact, subtractExact, type ExactInt } from '@tapekit/orderflow/exact';
import { createGrid } from '@tapekit/orderflow/grid';
import type { TickTrade } from '@tapekit/orderflow/market';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBars, restoreBars, volumeClock, type EventBar } from './event-bars.ts';
import type { FootprintBar } from './footprint-bar.ts';
import { footprintBarsOf, footprintsOfColumns } from './footprint-columns.ts';
import { mergeBars } from './merge-bars.ts';
import { createProfile } from './profile.ts';
import { createTimeBars, restoreTimeBars, type TimeBarsOptions } from './time-bars.ts';

const cases = { numRuns: 1000 };
const grid = createGrid({ tickSize: '0.01', lotSize: '0.001' });
const options: TimeBarsOptions = { grid, intervalMs: 1000, rowTicks: 3 };

/** In order of time and id, some steps of the clock wider than a bar. */
const tapes: fc.Arbitrary<readonly Required<TickTrade>[]> = fc
  .array(
    fc.record({
      step: fc.constantFrom(0, 1, 60, 300, 1700),
      priceTicks: fc.oneof(
        { weight: 20, arbitrary: fc.integer({ min: -20, max: 400 }) },
        fc.integer({ min: -1e9, max: 1e9 }),
      ),
      sizeLots: fc.oneof({ weight: 20, arbitrary: fc.integer({ min: 1, max: 500 }) }, fc.integer({ min: 1, max: 2e6 })),
      side: fc.constantFrom('buy' as const, 'sell' as const, 'unknown' as const),
    }),
    { maxLength: 60 },
  )
  .map((steps) => {
    let timeMs = 1_700_000_000_000;
    return steps.map(({ step, ...trade }, i) => ({ ...trade, timeMs: (timeMs += step), id: 7000 + i }));
  });

type Door = (trades: readonly TickTrade[], more?: Partial<TimeBarsOptions>) => readonly FootprintBar[];

/** The last revision of each bar. */
const streamed: Door = (trades, more = {}) => {
  const bars = createTimeBars({ ...options, ...more });
  const all = [...trades.flatMap((trade) => bars.pushTicks(trade)), ...bars.flush()];
  return [...new Map(all.map((bar) => [bar.startMs, bar])).values()].sort((a, b) => a.startMs - b.startMs);
};
const columnar: Door = (trades, more = {}) =>
  footprintBarsOf(footprintsOfColumns(tradeColumns(trades), { ...options, ...more }));

const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const negative = (value: ExactInt): ExactInt => subtractExact(0, value);

describe('split and resume anywhere', () => {
  test('time bars go on as if nothing had happened', () => {
    fc.assert(
      fc.property(tapes, fc.nat(60), fc.nat(60), (trades, first, second) => {
        let bars = createTimeBars(options);
        const out: FootprintBar[] = [];
        for (const [i, trade] of trades.entries()) {
          if (i === first || i === second) bars = restoreTimeBars(throughJson(bars.snapshot()), options);
          out.push(...bars.pushTicks(trade));
        }
        expect([...out, ...bars.flush()]).toEqual(streamed(trades));
      }),
      cases,
    );
  });

  test('volume bars go on as if nothing had happened', () => {
    const with_ = { grid, clock: volumeClock(40_000) };
    fc.assert(
      fc.property(tapes, fc.nat(60), (trades, at) => {
        const [whole, head] = [createBars(with_), createBars(with_)];
        const from = (bars: typeof head, part: readonly TickTrade[]): EventBar[] =>
          part.flatMap((trade) => bars.pushTicks(trade));
        const before = from(head, trades.slice(0, at));
        const tail = restoreBars(throughJson(head.snapshot()), with_);
        const after = from(tail, trades.slice(at));
        expect([...before, ...after, ...tail.flush()]).toEqual([...from(whole, trades), ...whole.flush()]);
      }),
      cases,
    );
  });
});

test('every k-th message sent twice changes no bar', () => {
  fc.assert(
    fc.property(tapes, fc.integer({ min: 1, max: 5 }), (trades, k) => {
      const doubled = trades.flatMap((trade, i) => (i % k === 0 ? [trade, trade] : [trade]));
      expect(streamed(doubled)).toEqual(streamed(trades));
    }),
    cases,
  );
});

describe.each([
  ['streamed', streamed],
  ['columnar', columnar],
] as const)('%s bars', (_, barsOf) => {
  test('late delivery within the retained bars ends in the totals of delivery in order', () => {
    const totals = (bars: readonly FootprintBar[]): unknown =>
      bars.map((bar) => ({ ...bar, minDeltaLots: 0, maxDeltaLots: 0, openTicks: 0, closeTicks: 0, revision: 0 }));
    fc.assert(
      fc.property(tapes, fc.array(fc.nat(3), { minLength: 60, maxLength: 60 }), (trades, delays) => {
        const shuffled = trades
          .map((trade, i) => ({ trade, arrival: i + delays[i % delays.length]! }))
          .sort((a, b) => a.arrival - b.arrival)
          .map(({ trade }) => trade);
        expect(totals(barsOf(shuffled, { retainBars: 60 }))).toEqual(totals(barsOf(trades)));
      }),
      cases,
    );
  });

  test('sizes × 1000 multiply every volume, delta and value and move no price', () => {
    const thousandfold = (value: ExactInt): ExactInt => multiplyExact(value, 1000);
    const amounts = ['volumeLots', 'buyLots', 'sellLots', 'unknownLots', 'deltaLots'] as const;
    const times = (bar: FootprintBar): FootprintBar => ({
      ...bar,
      ...Object.fromEntries(
        [...amounts, 'minDeltaLots' as const, 'maxDeltaLots' as const, 'valueTickLots' as const].map((name) => [
          name,
          thousandfold(bar[name]),
        ]),
      ),
      rows: bar.rows.map((row) => ({
        ...row,
        buyLots: thousandfold(row.buyLots),
        sellLots: thousandfold(row.sellLots),
        unknownLots: thousandfold(row.unknownLots),
      })),
    });
    fc.assert(
      fc.property(tapes, (trades) => {
        // Columns hold safe integers only.
        const near = trades.map((trade) => ({ ...trade, priceTicks: trade.priceTicks % 400 }));
        const more = near.map((trade) => ({ ...trade, sizeLots: trade.sizeLots * 1000 }));
        expect(barsOf(more)).toEqual(barsOf(near).map(times));
      }),
      cases,
    );
  });

  test('prices × 10 in rows ten times as high multiply every price and move no volume', () => {
    const tenfold = (bar: FootprintBar): FootprintBar => ({
      ...bar,
      openTicks: bar.openTicks * 10,
      highTicks: bar.highTicks * 10,
      lowTicks: bar.lowTicks * 10,
      closeTicks: bar.closeTicks * 10,
      pocTicks: bar.pocTicks * 10,
      vahTicks: bar.vahTicks * 10,
      valTicks: bar.valTicks * 10,
      valueTickLots: multiplyExact(bar.valueTickLots, 10),
      rows: bar.rows.map((row) => ({ ...row, priceTicks: row.priceTicks * 10 })),
    });
    fc.assert(
      fc.property(tapes, (trades) => {
        const near = trades.map((trade) => ({ ...trade, priceTicks: trade.priceTicks % 1e4 }));
        const higher = near.map((trade) => ({ ...trade, priceTicks: trade.priceTicks * 10 }));
        expect(barsOf(higher, { rowTicks: 30 })).toEqual(barsOf(near).map(tenfold));
      }),
      cases,
    );
  });

  test('exchanging buy and sell negates every delta and nothing else', () => {
    const other = { buy: 'sell', sell: 'buy', unknown: 'unknown' } as const;
    const mirrored = (bar: FootprintBar): FootprintBar => ({
      ...bar,
      buyLots: bar.sellLots,
      sellLots: bar.buyLots,
      deltaLots: negative(bar.deltaLots),
      minDeltaLots: negative(bar.maxDeltaLots),
      maxDeltaLots: negative(bar.minDeltaLots),
      rows: bar.rows.map((row) => ({
        ...row,
        buyLots: row.sellLots,
        sellLots: row.buyLots,
        buyTrades: row.sellTrades,
        sellTrades: row.buyTrades,
      })),
    });
    fc.assert(
      fc.property(tapes, (trades) => {
        const exchanged = trades.map((trade) => ({ ...trade, side: other[trade.side] }));
        expect(barsOf(exchanged)).toEqual(barsOf(trades).map(mirrored));
      }),
      cases,
    );
  });

  test('two halves of the tape, merged, are the whole', () => {
    fc.assert(
      fc.property(tapes, fc.nat(60), (trades, cut) => {
        const [head, tail] = [barsOf(trades.slice(0, cut)), barsOf(trades.slice(cut))];
        const [last, first] = [head.at(-1), tail[0]];
        const joined =
          last && last.startMs === first?.startMs
            ? [...head.slice(0, -1), mergeBars([last, first], { rowTicks: 3 }), ...tail.slice(1)]
            : [...head, ...tail];
        expect(joined).toEqual(barsOf(trades));

        const profileOf = (bars: readonly FootprintBar[]): unknown => {
          const profile = createProfile({ rowTicks: 3 });
          for (const bar of bars) profile.pushBar(bar);
          return profile.flush();
        };
        expect(profileOf([...head, ...tail])).toEqual(profileOf(barsOf(trades)));
      }),
      cases,
    );
  });

  test('rows of a finer tick keep the totals of the bar, and add up to the coarser rows', () => {
    fc.assert(
      fc.property(tapes, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 2, max: 5 }), (trades, rowTicks, times) => {
        const [fine, coarse] = [barsOf(trades, { rowTicks }), barsOf(trades, { rowTicks: rowTicks * times })];
        const withoutRows = (bar: FootprintBar): unknown => ({
          ...bar,
          rows: 0,
          pocTicks: 0,
          vahTicks: 0,
          valTicks: 0,
        });
        expect(fine.map(withoutRows)).toEqual(coarse.map(withoutRows));
        const height = rowTicks * times;
        for (const [i, { rows }] of coarse.entries()) {
          const sums = new Map<number, (ExactInt | undefined)[]>();
          for (const row of fine[i]!.rows) {
            const key = Math.floor(row.priceTicks / height) * height + 0;
            const own = [row.buyLots, row.sellLots, row.unknownLots, row.buyTrades, row.sellTrades, row.unknownTrades];
            sums.set(
              key,
              own.map((value, j) => addExact(value, sums.get(key)?.[j] ?? 0)),
            );
          }
          expect(
            rows.map(({ priceTicks, buyLots, sellLots, unknownLots, buyTrades, sellTrades, unknownTrades }) => [
              priceTicks,
              [buyLots, sellLots, unknownLots, buyTrades, sellTrades, unknownTrades],
            ]),
          ).toEqual([...sums]);
        }
      }),
      cases,
    );
  });
});

test('prices × 10 and sizes × 1000 on a grid that is as much coarser give the same integers', () => {
  const [fine, coarse] = [
    { grid: createGrid({ tickSize: '0.01', lotSize: '0.001' }), price: -2, size: -3 },
    { grid: createGrid({ tickSize: '0.1', lotSize: '1' }), price: -1, size: 0 },
  ];
  fc.assert(
    fc.property(tapes, (trades) => {
      const run = ({ grid: on, price, size }: typeof fine): readonly FootprintBar[] => {
        const bars = createTimeBars({ ...options, grid: on });
        const out = trades.flatMap(({ priceTicks, sizeLots, ...trade }) =>
          bars.push({ ...trade, symbol: 'X', price: `${priceTicks}e${price}`, size: `${sizeLots}e${size}` }),
        );
        return [...out, ...bars.flush()];
      };
      expect(run(coarse)).toEqual(run(fine));
    }),
    cases,
  );
});
