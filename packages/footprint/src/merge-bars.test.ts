import { createGrid } from '@tapekit/orderflow/grid';
import type { TickTrade } from '@tapekit/orderflow/market';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FootprintError } from './errors.ts';
import type { FootprintBar } from './footprint-bar.ts';
import { formatFootprintLine, parseFootprintLine } from './footprint-json.ts';
import { mergeBars, mergeProfiles } from './merge-bars.ts';
import { createProfile, type ValueAreaMethod, type VolumeProfile } from './profile.ts';
import { createTimeBars, type TimeBarsOptions } from './time-bars.ts';

const grid = createGrid({ tickSize: '1', lotSize: '1' });

const tape: fc.Arbitrary<readonly TickTrade[]> = fc
  .array(
    fc.record({
      step: fc.constantFrom(0, 1, 200, 900),
      priceTicks: fc.oneof({ weight: 15, arbitrary: fc.integer({ min: -30, max: 90 }) }, fc.integer()),
      sizeLots: fc.oneof({ weight: 15, arbitrary: fc.integer({ min: 1, max: 90 }) }, fc.constant(2 ** 53 - 1)),
      side: fc.constantFrom('buy' as const, 'sell' as const, 'unknown' as const),
    }),
    { maxLength: 40 },
  )
  .map((prints) => {
    let timeMs = 0;
    return prints.map(({ step, ...print }) => ({ ...print, timeMs: (timeMs += step) }));
  });

function barsOf(trades: readonly TickTrade[], options: Partial<TimeBarsOptions> = {}): FootprintBar[] {
  const bars = createTimeBars({ grid, intervalMs: 1e9, ...options });
  return [...trades.flatMap((trade) => bars.pushTicks(trade)), ...bars.flush()];
}

function profileOf(
  trades: readonly TickTrade[],
  rowTicks: number,
  valueAreaMethod: ValueAreaMethod,
): VolumeProfile | undefined {
  const profile = createProfile({ rowTicks, valueAreaMethod });
  for (const trade of trades) profile.pushTicks(trade);
  return profile.flush();
}

describe('mergeBars', () => {
  test('runs the delta on from bar to bar', () => {
    // Delta by print: +5 | −9 → −4 | +12 → 8.
    const bars = barsOf(
      [
        { timeMs: 0, priceTicks: 10, sizeLots: 5, side: 'buy' },
        { timeMs: 1000, priceTicks: 8, sizeLots: 9, side: 'sell' },
        { timeMs: 2000, priceTicks: 12, sizeLots: 12, side: 'buy' },
      ],
      { intervalMs: 1000 },
    );
    expect(mergeBars(bars)).toMatchObject({
      startMs: 0,
      endMs: 3000,
      openTicks: 10,
      highTicks: 12,
      lowTicks: 8,
      closeTicks: 12,
      volumeLots: 26,
      deltaLots: 8,
      minDeltaLots: -4,
      maxDeltaLots: 8,
      valueTickLots: 50 + 72 + 144,
      pocTicks: 12,
      trades: 3,
      revision: 0,
    });
  });

  test('gives nothing for nothing, and a bar for itself', () => {
    expect(mergeBars([])).toBeUndefined();
    const [bar] = barsOf([{ timeMs: 0, priceTicks: 10, sizeLots: 5, side: 'buy' }]);
    expect(mergeBars([bar!])).toEqual(bar);
  });

  test('of two halves is the whole, wherever the tape is cut', () => {
    fc.assert(
      fc.property(tape, fc.nat(40), fc.constantFrom(1, 4), fc.boolean(), (trades, cut, rowTicks, tradeSizes) => {
        const options = { rowTicks, tradeSizes, integrity: tradeSizes };
        const halves = [trades.slice(0, cut), trades.slice(cut)].flatMap((half) => barsOf(half, options));
        expect(mergeBars(halves, { rowTicks })).toEqual(barsOf(trades, options)[0]);
      }),
      { numRuns: 1000 },
    );
  });

  test('of short bars is the long bar, in rows of any multiple', () => {
    fc.assert(
      fc.property(tape, fc.constantFrom(1, 2, 5), (trades, times) => {
        const short = barsOf(trades, { intervalMs: 500, rowTicks: 3 });
        const [long] = barsOf(trades, { rowTicks: 3 * times });
        const merged = mergeBars(short, { rowTicks: 3 * times });
        expect(merged && { ...merged, startMs: 0, endMs: 1e9 }).toEqual(long);
      }),
      { numRuns: 1000 },
    );
  });

  test('does not know the largest print when one bar does not', () => {
    const print = { timeMs: 0, priceTicks: 10, sizeLots: 5, side: 'buy' } as const;
    const [[knows], [knowsNot]] = [barsOf([print], { tradeSizes: true }), barsOf([print])];
    expect(mergeBars([knows!, knows!])?.rows[0]).toMatchObject({ buyLots: 10, maxTradeLots: 5 });
    expect(mergeBars([knows!, knowsNot!])?.rows[0]).not.toHaveProperty('maxTradeLots');
  });

  test('leaves out what bars without trades do not have', () => {
    const bars = barsOf(
      [
        { timeMs: 0, priceTicks: 10, sizeLots: 5, side: 'buy' },
        { timeMs: 3000, priceTicks: 20, sizeLots: 5, side: 'buy' },
      ],
      { intervalMs: 1000, emptyBars: 'flat' },
    );
    expect(bars.map((bar) => bar.trades)).toEqual([1, 0, 0, 1]);
    expect(mergeBars(bars.slice(1, 3))).toMatchObject({
      startMs: 1000,
      endMs: 3000,
      trades: 0,
      openTicks: 10,
      rows: [],
    });
    expect(mergeBars(bars.slice(1))).toMatchObject({
      openTicks: 20,
      lowTicks: 20,
      trades: 1,
      startMs: 1000,
      endMs: 4000,
    });
  });
});

describe('mergeProfiles', () => {
  test('of two halves is the whole, however they were picked', () => {
    const method = fc.constantFrom<ValueAreaMethod[]>('one-row', 'two-row', 'sorted');
    fc.assert(
      fc.property(
        tape,
        fc.infiniteStream(fc.boolean()),
        fc.constantFrom(1, 4),
        method,
        (trades, coins, rowTicks, method) => {
          const mine = new Set(trades.filter(() => coins.next().value));
          const halves = [trades.filter((trade) => mine.has(trade)), trades.filter((trade) => !mine.has(trade))]
            .map((half) => profileOf(half, rowTicks, method))
            .filter((profile) => profile !== undefined);
          expect(mergeProfiles(halves, { rowTicks, method })).toEqual(profileOf(trades, rowTicks, method));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('does not pretend to know the value when one profile does not', () => {
    const whole = profileOf([{ timeMs: 0, priceTicks: 3, sizeLots: 2, side: 'buy' }], 1, 'two-row')!;
    expect(mergeProfiles([whole, whole])?.valueTickLots).toBe(12);
    const { pocTicks, vahTicks, valTicks, volumeLots, totalLots, trades, rows } = whole;
    const rest = { pocTicks, vahTicks, valTicks, volumeLots, totalLots, trades, rows };
    expect(mergeProfiles([whole, rest])).not.toHaveProperty('valueTickLots');
    expect(mergeProfiles([])).toBeUndefined();
  });
});

test('bars that were read from JSON are refused: they do not keep every number', () => {
  const [bar] = barsOf([{ timeMs: 0, priceTicks: 10, sizeLots: 5, side: 'buy' }]);
  const line = formatFootprintLine(bar!, { symbol: 'X', grid });
  const stored = parseFootprintLine(line, grid) as unknown as FootprintBar;
  const lost = 'is not a whole number. Pass bars in ticks and lots of the grid. A footprint that was read from JSON';
  expect(() => mergeBars([stored, stored])).toThrow(`Bar valueTickLots "undefined" ${lost}`);
  expect(() => mergeBars([{ ...bar!, rows: stored.rows }])).toThrow(`Row unknownTrades "undefined" ${lost}`);
  const profile = createProfile();
  expect(() => profile.pushBar(stored)).toThrow(FootprintError);
  expect(() => profile.pushRows(stored.rows)).toThrow(FootprintError);
  expect(profile.flush()).toBeUndefined();
});
