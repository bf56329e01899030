import { addExact, subtractExact, type ExactInt } from '@tapekit/orderflow/exact';
import { createGrid } from '@tapekit/orderflow/grid';
import type { TickTrade } from '@tapekit/orderflow/market';
import { describeReducerContract } from '@tapekit/tooling/contract';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FootprintBar } from './footprint-bar.ts';
import { createProfile, restoreProfile } from './profile.ts';
import { createTimeBars, restoreTimeBars, type TimeBars, type TimeBarsOptions } from './time-bars.ts';

const grid = createGrid({ tickSize: '0.01', lotSize: '0.001' });
const options: TimeBarsOptions = { grid, intervalMs: 1000, rowTicks: 3 };

const lots = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 1, max: 500 }) },
  fc.constant(Number.MAX_SAFE_INTEGER),
);
const ticks = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: -20, max: 400 }) },
  fc.integer({ min: -1e12, max: 1e12 }),
);
const side = fc.constantFrom('buy' as const, 'sell' as const, 'unknown' as const);

/** In order of time and id, some steps of the clock wider than a bar. */
const orderly: fc.Arbitrary<readonly Required<TickTrade>[]> = fc
  .array(fc.record({ step: fc.constantFrom(0, 1, 60, 300, 1700), priceTicks: ticks, sizeLots: lots, side }), {
    maxLength: 60,
  })
  .map((steps) => {
    let timeMs = 1_700_000_000_000;
    return steps.map(({ step, ...trade }, i) => ({ ...trade, timeMs: (timeMs += step), id: 7000 + i }));
  });

/** With everything that a feed does wrong: late, twice, without size, with other ids or none. */
const messy: fc.Arbitrary<readonly TickTrade[]> = fc.array(
  fc.record(
    {
      timeMs: fc.integer({ min: 0, max: 9000 }),
      priceTicks: ticks,
      sizeLots: fc.oneof({ weight: 9, arbitrary: lots }, fc.constantFrom(0, -3)),
      side,
      id: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constantFrom('a', 'b', 'c')),
    },
    { requiredKeys: ['timeMs', 'priceTicks', 'sizeLots', 'side'] },
  ),
  { maxLength: 60 },
);

const sum = <T>(items: readonly T[], of: (item: T) => ExactInt): ExactInt => items.map(of).reduce(addExact, 0);

/** The last revision of each bar. */
function latest(bars: readonly FootprintBar[]): FootprintBar[] {
  const byStart = new Map(bars.map((bar) => [bar.startMs, bar]));
  return [...byStart.values()].sort((a, b) => a.startMs - b.startMs);
}

function barsOf(trades: readonly TickTrade[], with_: Partial<TimeBarsOptions> = {}): FootprintBar[] {
  const bars = createTimeBars({ ...options, ...with_ });
  return [...trades.flatMap((trade) => bars.pushTicks(trade)), ...bars.flush()];
}

function conserve(inputs: readonly TickTrade[], outputs: readonly FootprintBar[], bars: TimeBars): void {
  const stats = bars.stats();
  const final = latest(outputs);
  expect(stats.trades + stats.duplicates + stats.lateRejected + stats.ignored + stats.future).toBe(inputs.length);
  expect(sum(final, (bar) => bar.trades)).toBe(stats.trades);
  expect(outputs.length).toBe(stats.barsClosed + stats.revisions);
  for (const bar of outputs) {
    expect(addExact(addExact(bar.buyLots, bar.sellLots), bar.unknownLots)).toBe(bar.volumeLots);
    expect(sum(bar.rows, (row) => row.buyLots)).toBe(bar.buyLots);
    expect(sum(bar.rows, (row) => row.sellLots)).toBe(bar.sellLots);
    expect(sum(bar.rows, (row) => row.unknownLots)).toBe(bar.unknownLots);
    expect(sum(bar.rows, (row) => row.buyTrades + row.sellTrades + row.unknownTrades)).toBe(bar.trades);
    expect(bar.deltaLots).toBe(subtractExact(bar.buyLots, bar.sellLots));
    expect(bar.minDeltaLots <= bar.deltaLots && bar.deltaLots <= bar.maxDeltaLots).toBe(true);
  }
  if (stats.duplicates === 0) {
    const pushed = sum(inputs, (trade) => Math.max(trade.sizeLots, 0));
    expect(
      addExact(
        sum(final, (bar) => bar.volumeLots),
        addExact(stats.lateRejectedLots, stats.futureLots),
      ),
    ).toBe(pushed);
  }
}

describeReducerContract({
  name: 'createTimeBars',
  create: () => createTimeBars(options),
  restore: (snapshot) => restoreTimeBars(snapshot, options),
  push: (bars, trade) => bars.pushTicks(trade),
  flush: (bars) => bars.flush(),
  inputs: messy,
  refused: [
    { timeMs: 1, priceTicks: 0.5, sizeLots: 1, side: 'buy' },
    { timeMs: NaN, priceTicks: 1, sizeLots: 1, side: 'buy' },
  ],
  conserve,
  runs: 150,
});

describeReducerContract({
  name: 'createTimeBars with a limit of its jumps',
  create: () => createTimeBars({ ...options, maxJumpMs: 1500 }),
  restore: (snapshot) => restoreTimeBars(snapshot, { ...options, maxJumpMs: 1500 }),
  push: (bars, trade) => bars.pushTicks(trade),
  flush: (bars) => bars.flush(),
  inputs: messy,
  conserve,
});

describeReducerContract({
  name: 'createProfile',
  create: () => createProfile({ rowTicks: 5 }),
  restore: (snapshot) => restoreProfile(snapshot, { rowTicks: 5 }),
  push: (profile, trade) => profile.pushTicks(trade),
  flush: (profile) => profile.flush(),
  inputs: messy,
  conserve: (inputs, outputs) =>
    expect(sum(outputs, (profile) => profile.totalLots)).toBe(sum(inputs, (trade) => Math.max(trade.sizeLots, 0))),
});

test('every k-th message sent twice changes no bar', () => {
  fc.assert(
    fc.property(orderly, fc.integer({ min: 1, max: 5 }), (trades, k) => {
      const doubled = trades.flatMap((trade, i) => (i % k === 0 ? [trade, trade] : [trade]));
      expect(barsOf(doubled)).toEqual(barsOf(trades));
    }),
  );
});

test('a trade of the far future changes no bar, wherever it comes', () => {
  fc.assert(
    fc.property(orderly, fc.nat(60), fc.integer({ min: 366 * 86_400_000, max: 4e15 }), (trades, at, aheadMs) => {
      const i = 1 + (at % Math.max(1, trades.length));
      const before = trades[i - 1];
      if (!before) return;
      const wrong = { ...before, timeMs: before.timeMs + aheadMs, id: 1e12 };
      expect(barsOf([...trades.slice(0, i), wrong, ...trades.slice(i)])).toEqual(barsOf(trades));
    }),
  );
});

test('late delivery within the retained bars ends in the same totals as delivery in order', () => {
  fc.assert(
    fc.property(orderly, fc.array(fc.nat(3), { minLength: 60, maxLength: 60 }), (trades, delays) => {
      const shuffled = trades
        .map((trade, i) => ({ trade, arrival: i + delays[i % delays.length]! }))
        .sort((a, b) => a.arrival - b.arrival)
        .map(({ trade }) => trade);
      const totals = (bars: readonly FootprintBar[]): unknown =>
        latest(bars).map((bar) => without(bar, 'minDeltaLots', 'maxDeltaLots', 'openTicks', 'closeTicks', 'revision'));
      expect(totals(barsOf(shuffled, { retainBars: 60 }))).toEqual(totals(barsOf(trades)));
    }),
  );
});

test('exchanging buy and sell negates every delta and nothing else', () => {
  const mirrorSide = { buy: 'sell', sell: 'buy', unknown: 'unknown' } as const;
  const negative = (value: ExactInt): ExactInt => subtractExact(0, value);
  fc.assert(
    fc.property(orderly, (trades) => {
      const mirrored = barsOf(trades.map((trade) => ({ ...trade, side: mirrorSide[trade.side] })));
      const expected = barsOf(trades).map((bar) => ({
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
      }));
      expect(mirrored).toEqual(expected);
    }),
  );
});

test('prices × 10 and sizes × 1000 on a grid that is as much coarser give the same integers', () => {
  const [fine, coarse] = [
    { grid: createGrid({ tickSize: '0.01', lotSize: '0.001' }), price: -2, size: -3 },
    { grid: createGrid({ tickSize: '0.1', lotSize: '1' }), price: -1, size: 0 },
  ];
  fc.assert(
    fc.property(orderly, (trades) => {
      const run = ({ grid: on, price, size }: typeof fine): readonly FootprintBar[] => {
        const bars = createTimeBars({ ...options, grid: on });
        const out = trades.flatMap(({ priceTicks, sizeLots, ...trade }) =>
          bars.push({ ...trade, symbol: 'X', price: `${priceTicks}e${price}`, size: `${sizeLots}e${size}` }),
        );
        return [...out, ...bars.flush()];
      };
      expect(run(coarse)).toEqual(run(fine));
    }),
  );
});

test('two halves of the tape add up to the whole', () => {
  fc.assert(
    fc.property(orderly, fc.nat(60), (trades, cut) => {
      const profile = (parts: readonly (readonly TickTrade[])[]): unknown => {
        const all = createProfile({ rowTicks: 6 });
        for (const part of parts) for (const bar of barsOf(part)) all.pushRows(bar.rows);
        return all.flush();
      };
      expect(profile([trades.slice(0, cut), trades.slice(cut)])).toEqual(profile([trades]));
    }),
  );
});

function without<T extends object, K extends keyof T & string>(value: T, ...keys: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key as K))) as Omit<T, K>;
}
