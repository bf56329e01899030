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
