import { sideCode } from '@tapekit/orderflow/columns';
import { addExact, multiplyExact, subtractExact, type ExactInt } from '@tapekit/orderflow/exact';
import { createGrid } from '@tapekit/orderflow/grid';
import type { TickTrade } from '@tapekit/orderflow/market';
import { describeReducerContract } from '@tapekit/tooling/contract';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  barsOfColumns,
  createBars,
  deltaClock,
  fixedImbalanceClock,
  fixedRunsClock,
  imbalanceClock,
  rangeClock,
  renkoClock,
  restoreBars,
  runsClock,
  sessionClock,
  tickClock,
  timeClock,
  valueClock,
  volumeClock,
  type BarClock,
  type Bars,
  type EventBar,
} from './event-bars.ts';
import { createTimeBars } from './time-bars.ts';

const grid = createGrid({ tickSize: '0.01', lotSize: '0.001' });
const rowTicks = 3;
const side = fc.constantFrom('buy' as const, 'sell' as const, 'unknown' as const);

/** A walk in ticks with jumps, most of it in order of time. */
const tapes: fc.Arbitrary<readonly TickTrade[]> = fc
  .array(
    fc.record({
      step: fc.constantFrom(0, 1, 60, 300, 1700, -90),
      move: fc.constantFrom(-13, -2, -1, 0, 0, 1, 2, 9),
      sizeLots: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 40 }) }, fc.constantFrom(0, -3, 900)),
      side,
    }),
    { maxLength: 60 },
  )
  .map((steps) => {
    let [timeMs, priceTicks] = [1_700_000_000_000, 40];
    return steps.map(({ step, move, ...trade }, i) => ({
      ...trade,
      timeMs: (timeMs += step),
      priceTicks: (priceTicks += move),
      // One in ten comes again.
      id: i % 10 === 9 ? i - 1 : i,
    }));
  });

const clocks: readonly (readonly [name: string, clock: BarClock])[] = [
  ['tickClock', tickClock(4)],
  ['volumeClock', volumeClock(25)],
  ['valueClock', valueClock(900)],
  ['deltaClock', deltaClock(30)],
  ['rangeClock', rangeClock(5)],
  ['rangeClock, wide', rangeClock(5, { jump: 'wide' })],
  ['renkoClock', renkoClock(3)],
  ['fixedImbalanceClock', fixedImbalanceClock({ of: 'volume', threshold: 25 })],
  ['fixedImbalanceClock of value', fixedImbalanceClock({ of: 'value', threshold: 900 })],
  ['fixedRunsClock', fixedRunsClock({ of: 'volume', threshold: 30 })],
  ['imbalanceClock', imbalanceClock({ of: 'volume', expectedTrades: 5 })],
  ['runsClock', runsClock({ of: 'value', expectedTrades: 5 })],
  ['sessionClock', sessionClock({ sessions: { everyMs: 5000, lengthMs: 4000 }, intervalMs: 900, empty: 'carry' })],
  ['timeClock', timeClock(1000)],
];

const sum = <T>(items: readonly T[], of: (item: T) => ExactInt): ExactInt => items.map(of).reduce(addExact, 0);
const withVolume = (trades: readonly TickTrade[]): TickTrade[] => trades.filter(({ sizeLots }) => sizeLots > 0);

function conserve(inputs: readonly TickTrade[], bars: readonly EventBar[], reducer: Bars): void {
  const stats = reducer.stats();
  const { trades, duplicates, ignored, lateRejected, outside, future } = stats;
  expect(trades + duplicates + ignored + lateRejected + outside + future).toBe(inputs.length);
  expect(sum(bars, (bar) => bar.trades - bar.continuedTrades)).toBe(trades);
  expect(bars.length).toBe(stats.barsClosed);
  for (const bar of bars) {
    expect(addExact(addExact(bar.buyLots, bar.sellLots), bar.unknownLots)).toBe(bar.volumeLots);
    expect(sum(bar.rows, (row) => row.buyLots)).toBe(bar.buyLots);
    expect(sum(bar.rows, (row) => row.sellLots)).toBe(bar.sellLots);
    expect(sum(bar.rows, (row) => row.unknownLots)).toBe(bar.unknownLots);
    expect(bar.deltaLots).toBe(subtractExact(bar.buyLots, bar.sellLots));
    expect(bar.minDeltaLots <= bar.deltaLots && bar.deltaLots <= bar.maxDeltaLots).toBe(true);
    expect(bar.lowTicks <= Math.min(bar.openTicks, bar.closeTicks)).toBe(true);
    expect(bar.highTicks >= Math.max(bar.openTicks, bar.closeTicks)).toBe(true);
  }
  const seen = new Set<unknown>();
  const taken = withVolume(inputs).filter(({ id }) => !seen.has(id) && seen.add(id));
  const left = addExact(addExact(stats.lateRejectedLots, stats.outsideLots), stats.futureLots);
  const inBars = sum(bars, (bar) => bar.volumeLots);
  expect(addExact(inBars, left)).toBe(sum(taken, ({ sizeLots }) => sizeLots));
  if (left === 0) {
    expect(sum(bars, (bar) => bar.valueTickLots)).toBe(
      sum(taken, ({ priceTicks, sizeLots }) => multiplyExact(priceTicks, sizeLots)),
    );
  }
}

describe.each(clocks)('%s', (name, clock) => {
  describeReducerContract({
    name: `createBars by ${name}`,
    create: () => createBars({ grid, clock, rowTicks }),
    restore: (snapshot) => restoreBars(snapshot, { grid, clock, rowTicks }),
    push: (bars, trade) => bars.pushTicks(trade),
    flush: (bars) => bars.flush(),
    inputs: tapes,
    refused: [
      { timeMs: 1, priceTicks: 0.5, sizeLots: 1, side: 'buy' },
      { timeMs: NaN, priceTicks: 1, sizeLots: 1, side: 'buy' },
    ],
    conserve,
  });

  test('gives for columns what it gives for one print at a time', () => {
    fc.assert(
      fc.property(tapes, (tape) => {
        const prints = withVolume(tape);
        const bars = createBars({ grid, clock, rowTicks, dedupe: false });
        const columns = {
          timeMs: prints.map(({ timeMs }) => timeMs),
          priceTicks: prints.map(({ priceTicks }) => priceTicks),
          sizeLots: prints.map(({ sizeLots }) => sizeLots),
          side: prints.map((print) => sideCode(print.side)),
        };
        const streamed = [...prints.flatMap((print) => bars.pushTicks(print)), ...bars.flush()];
        expect(barsOfColumns(columns, { clock, rowTicks })).toEqual(streamed);
      }),
    );
  });
});

describe('volumeClock', () => {
  test('gives bars of exactly its lots, but for the one that is open', () => {
    fc.assert(
      fc.property(tapes, fc.integer({ min: 1, max: 60 }), (tape, lots) => {
        const bars = createBars({ grid, clock: volumeClock(lots) });
        for (const bar of tape.flatMap((trade) => bars.pushTicks(trade))) expect(bar.volumeLots).toBe(lots);
        for (const bar of bars.flush()) expect(bar.volumeLots < lots).toBe(true);
      }),
    );
  });
});

describe('rangeClock', () => {
  test('gives bars of exactly its range, but for the one that is open', () => {
    fc.assert(
      fc.property(tapes, fc.integer({ min: 1, max: 9 }), (tape, ticks) => {
        const bars = createBars({ grid, clock: rangeClock(ticks) });
        for (const bar of tape.flatMap((trade) => bars.pushTicks(trade))) {
          expect(bar.highTicks - bar.lowTicks).toBe(ticks);
        }
        for (const bar of bars.flush()) expect(bar.highTicks - bar.lowTicks).toBeLessThan(ticks);
      }),
    );
  });
});

describe('timeClock', () => {
  test.each(['skip', 'flat'] as const)(
    'gives the bars of createTimeBars for a tape in order of time, empty: %s',
    (empty) => {
      fc.assert(
        fc.property(tapes, fc.integer({ min: -3000, max: 3000 }), (tape, offsetMs) => {
          const ordered = tape.toSorted((a, b) => a.timeMs - b.timeMs);
          const timeBars = createTimeBars({ grid, intervalMs: 1000, rowTicks, offsetMs, emptyBars: empty });
          const clock = timeClock(1000, { offsetMs, empty: empty === 'flat' ? 'carry' : 'skip' });
          const bars = createBars({ grid, clock, rowTicks });
          const of = (made: typeof timeBars | typeof bars) => [
            ...ordered.flatMap((trade) => made.pushTicks(trade)),
            ...made.flush(),
          ];
          const all = of(timeBars).map((bar) => ({ ...bar, complete: true, continuedTrades: 0 }));
          const last = all.pop();
          expect(of(bars)).toEqual(last ? [...all, { ...last, complete: false }] : []);
        }),
      );
    },
  );

  test('leaves prints of a closed bar out', () => {
    const bars = createBars({ grid, clock: timeClock(1000) });
    const at = (timeMs: number) => ({ timeMs, priceTicks: 5, sizeLots: 2, side: 'buy' as const });
    expect([900, 1100, 999].flatMap((timeMs) => bars.pushTicks(at(timeMs)))).toMatchObject([
      { startMs: 0, endMs: 1000 },
    ]);
    expect(bars.stats()).toMatchObject({ trades: 2, late: 1, lateRejected: 1, lateRejectedLots: 2 });
  });
});
