import type { Aggressor, TickTrade } from '@tapekit/orderflow/market';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BarSeries } from './bar-series.ts';
import type { BarSeriesOptions } from './bar-series-state.ts';
import { InTurnSeries } from './in-turn-series.ts';
import { valueAreaRule } from './value-area.ts';

const options: BarSeriesOptions = {
  tickSize: '1',
  lotSize: '1',
  intervalMs: 100,
  offsetMs: 0,
  rowTicks: 1,
  rowRule: 'floor',
  retainBars: 2,
  dedupe: true,
  maxJumpMs: 1000,
  late: 'revise',
  emptyBars: 'skip',
  maxFlatBars: 10,
  corrections: false,
  tradeSizes: false,
  integrity: true,
  rule: valueAreaRule(70),
};

/** Mostly in turn: each print goes on a little from the one before, some go back, jump, repeat an id or have none. */
const step = fc.record({
  afterMs: fc.oneof(
    { weight: 8, arbitrary: fc.nat(9) },
    { weight: 1, arbitrary: fc.integer({ min: -250, max: 2000 }) },
  ),
  ticks: fc.oneof(fc.integer({ min: -20, max: 20 }), fc.constantFrom(-0, 1e9, Number.MAX_SAFE_INTEGER)),
  lots: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 9 }) },
    { weight: 1, arbitrary: fc.constantFrom(0, -3, NaN, Number.MAX_SAFE_INTEGER) },
  ),
  side: fc.constantFrom<Aggressor>('buy', 'sell', 'unknown'),
  id: fc.oneof(
    { weight: 8, arbitrary: fc.constant<number | string | undefined>(1) },
    { weight: 1, arbitrary: fc.constantFrom<number | string | undefined>(0, -4, 3, 'a', 'b', undefined) },
  ),
});
const call = fc.oneof(
  { weight: 12, arbitrary: step },
  { weight: 1, arbitrary: fc.constantFrom('flush', 'stats', 'gaps', 'restore', 'advance', 'cancel') },
);

const variants = fc.record({
  rowTicks: fc.constantFrom(1, 5),
  rowRule: fc.constantFrom('floor', 'half-even', 'ceil'),
  dedupe: fc.boolean(),
  late: fc.constantFrom('revise', 'reject', 'next-bar'),
  emptyBars: fc.constantFrom('skip', 'flat'),
  tradeSizes: fc.boolean(),
});

test('says what the series itself says, to every print and every question', () => {
  fc.assert(
    fc.property(fc.array(call, { maxLength: 80 }), variants, fc.boolean(), (calls, changed, asksForCancels) => {
      const made = { ...options, ...changed, corrections: asksForCancels && changed.dedupe };
      let [plain, quick] = [new BarSeries(made), new InTurnSeries(made)];
      let [timeMs, id] = [0, 10];
      for (const next of calls) {
        if (typeof next === 'object') {
          timeMs += next.afterMs;
          if (typeof next.id === 'number') id += next.id;
          const trade: TickTrade = {
            timeMs,
            priceTicks: next.ticks,
            sizeLots: next.lots,
            side: next.side,
            ...(next.id === undefined ? {} : { id: typeof next.id === 'number' ? id : next.id }),
          };
          const bars = plain.push(timeMs, next.ticks, next.lots, next.side, trade.id);
          expect(quick.push(trade, next.ticks, next.lots)).toEqual(bars);
        } else if (next === 'restore') {
          [plain, quick] = [new BarSeries(made, plain.toJson()), new InTurnSeries(made, quick.toJson())];
        } else if (next === 'advance') {
          expect(quick.advanceTo(timeMs)).toEqual(plain.advanceTo(timeMs));
        } else if (next === 'cancel') {
          if (made.corrections) expect(quick.cancel(id)).toEqual(plain.cancel(id));
        } else {
          expect(quick[next]()).toEqual(plain[next]());
        }
      }
      expect(JSON.stringify(quick.toJson())).toBe(JSON.stringify(plain.toJson()));
      expect(quick.flush()).toEqual(plain.flush());
    }),
    { numRuns: 1000 },
  );
});

test('asks the series only out of turn', () => {
  const series = new InTurnSeries(options);
  const push = (timeMs: number, id: number): unknown => series.push({ timeMs, side: 'buy', id }, 7, 2);
  for (const id of [1, 2, 3]) push(10 * id, id);
  expect(series.stats()).toMatchObject({ trades: 3, idGaps: 0, firstTimeMs: 10, lastTimeMs: 30 });
  push(40, 5);
  expect(series.gaps()).toEqual([{ from: 4, to: 4 }]);
  expect(push(50, 5)).toEqual([]);
  expect(series.stats()).toMatchObject({ trades: 4, duplicates: 1, lastTimeMs: 40 });
  expect(push(100, 6)).toMatchObject([{ startMs: 0, trades: 4, volumeLots: 8, closeTicks: 7 }]);
});
