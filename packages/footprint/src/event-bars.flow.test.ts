import { createGrid } from '@tapekit/orderflow/grid';
import type { TickTrade } from '@tapekit/orderflow/market';
import { describe, expect, test } from 'vitest';
import {
  createBars,
  fixedImbalanceClock,
  fixedRunsClock,
  imbalanceClock,
  runsClock,
  type BarClock,
  type ExpectedFlowState,
} from './event-bars.ts';

const grid = createGrid({ tickSize: '1', lotSize: '1' });
const sides = { B: 'buy', S: 'sell', U: 'unknown' } as const;

/** `'B3 S1'`: a buy of 3 lots and a sell of 1, at 10 ticks; `'B'` is a buy of one lot. */
const tapeOf = (text: string, priceTicks = 10): TickTrade[] =>
  text.split(' ').map((print, timeMs) => ({
    timeMs,
    priceTicks,
    sizeLots: Number(print.slice(1) || 1),
    side: sides[print[0] as 'B' | 'S' | 'U'],
  }));

/** `buy/sell/unknown` of each bar, with `…` for one that the clock did not end. */
function run(clock: BarClock, text: string, priceTicks?: number): string[] {
  const bars = createBars({ grid, clock });
  return [...tapeOf(text, priceTicks).flatMap((trade) => bars.pushTicks(trade)), ...bars.flush()].map(
    (bar) => `${bar.buyLots}/${bar.sellLots}/${bar.unknownLots}${bar.complete ? '' : ' …'}`,
  );
}

function stateAfter(clock: BarClock<ExpectedFlowState>, text: string): ExpectedFlowState {
  const bars = createBars({ grid, clock });
  for (const trade of tapeOf(text)) bars.pushTicks(trade);
  return bars.snapshot().clock.state as ExpectedFlowState;
}

describe('fixedImbalanceClock', () => {
  test('splits lots exactly where |buy − sell| is the threshold', () => {
    // 3 − 1 = 2 ahead: 3 of the 10 lots fill the bar, 5 the next, 2 are over; from there 7 sold take it to −5.
    expect(run(fixedImbalanceClock({ of: 'volume', threshold: 5 }), 'B3 S1 U9 B10 S7')).toEqual([
      '6/1/9',
      '5/0/0',
      '2/7/0',
    ]);
  });

  test('counts prints whole', () => {
    expect(run(fixedImbalanceClock({ of: 'trades', threshold: 2 }), 'B3 S1 B1 B9 S1 S1 B1')).toEqual([
      '13/1/0',
      '0/2/0',
      '1/0/0 …',
    ]);
  });

  test('splits value at the lot that reaches the threshold', () => {
    // At 10 a lot, 45 takes 5 lots.
    expect(run(fixedImbalanceClock({ of: 'value', threshold: 45 }), 'S2 S9')).toEqual(['0/5/0', '0/5/0', '0/1/0 …']);
    expect(run(fixedImbalanceClock({ of: 'value', threshold: 45n }), 'S9', 0)).toEqual(['0/9/0 …']);
  });
});

describe('fixedRunsClock', () => {
  test('starts again with each print of the other side, and is not broken by an unknown one', () => {
    expect(run(fixedRunsClock({ of: 'trades', threshold: 3 }), 'B B S B B U B S S')).toEqual(['5/1/1', '0/2/0 …']);
  });

  test('splits lots at the end of the run', () => {
    expect(run(fixedRunsClock({ of: 'volume', threshold: 5 }), 'B3 S4 B7 B3')).toEqual(['8/4/0', '5/0/0']);
  });
});

describe('imbalanceClock', () => {
  const small = { of: 'trades', expectedTrades: 4, expectedShare: 0.5, spanBars: 1, spanTrades: 3 } as const;

  test('learns its threshold from the bars before', () => {
    // First: 4 × 0.5 = 2, as √4 × 1. Two buys end it; the next bar: 2 prints × 1 = 2, reached by S B B B.
    expect(run(imbalanceClock(small), 'B B S B B B B B B B')).toEqual(['2/0/0', '3/1/0', '4/0/0']);
    // Means of half the weight each: buys 0.921875, sells 0.0625, of 1 − 1/64: 0.859375 ÷ 0.984375 = 55/63 ahead; × 4.
    const state = stateAfter(imbalanceClock(small), 'B B S B B B');
    expect(state.expectedTrades).toBe(4);
    expect(state.threshold).toBeCloseTo((4 * 55) / 63, 12);
  });

  test('keeps the threshold at that of a coin in a balanced market, and ends at maxTrades', () => {
    const clock = imbalanceClock({ ...small, maxTrades: 6 });
    expect(run(clock, 'B S B S B S B S B S B S')).toEqual(['3/3/0', '3/3/0']);
    const { threshold, expectedTrades } = stateAfter(clock, 'B S B S B S B S B S B S');
    expect(expectedTrades).toBe(6);
    expect(threshold).toBeCloseTo(Math.sqrt(6), 12);
  });

  test('ends no bar before minTrades prints', () => {
    const clock = imbalanceClock({ of: 'trades', expectedTrades: 4, minTrades: 4, expectedShare: 0 });
    const bars = createBars({ grid: createGrid({ tickSize: '1', lotSize: '1' }), clock });
    const closed = Array.from({ length: 12 }, (_, i) =>
      bars.pushTicks({ timeMs: i, priceTicks: 5, sizeLots: 1, side: 'buy' }),
    );
    expect(closed.flat().map(({ trades }) => trades)).toEqual([4, 4, 4]);
  });

  test('expects no bar shorter than minTrades', () => {
    const clock = imbalanceClock({ of: 'volume', expectedTrades: 16, minTrades: 4, spanBars: 1, expectedSize: 1 });
    // Each print is far beyond all that came before it, but a bar has four.
    const text = 'B10 S1000 B100000 S10000000';
    expect(run(clock, text)).toEqual(['100010/10001000/0']);
    expect(stateAfter(clock, text).expectedTrades).toBe(4);
  });

  test('takes the first print for the size that it is not told', () => {
    // √9 × 5 = 15 lots.
    expect(run(imbalanceClock({ of: 'volume', expectedTrades: 9 }), 'B5 B5 S1 B5 B1')).toEqual(['16/1/0']);
    expect(run(imbalanceClock({ of: 'value', expectedTrades: 9, expectedSize: 50 }), 'B5 B5 S1 B5 B1')).toEqual([
      '16/1/0',
    ]);
  });

  test('does not learn from a bar that was flushed', () => {
    const bars = createBars({ grid, clock: imbalanceClock(small) });
    bars.pushTicks(tapeOf('B')[0]!);
    bars.flush();
    expect(tapeOf('B S B B').map((trade) => bars.pushTicks(trade).length)).toEqual([0, 0, 0, 1]);
  });
});

describe('runsClock', () => {
  test('ends when one side has done enough, whatever came between', () => {
    const clock = runsClock({ of: 'trades', expectedTrades: 4, spanBars: 1, spanTrades: 3 });
    expect(run(clock, 'B S B S S S S')).toEqual(['2/1/0', '0/3/0', '0/1/0 …']);
    // 3 prints × max(buys 0.625, sells 0.25) ÷ 0.875 = 15/7; then 3 sells.
    expect(stateAfter(clock, 'B S B').threshold).toBeCloseTo(15 / 7, 12);
  });

  test('ends at maxTrades when no side is known', () => {
    const clock = runsClock({ of: 'volume', expectedTrades: 2, maxTrades: 3 });
    expect(run(clock, 'U1 U1 U1 U1 U1 U1 U1')).toEqual(['0/0/3', '0/0/3', '0/0/1 …']);
  });
});

test.each([
  ['of', () => imbalanceClock({ of: 'lots' as never, expectedTrades: 9 })],
  ['expectedTrades', () => runsClock({ of: 'trades', expectedTrades: 0 })],
  ['expectedShare', () => imbalanceClock({ of: 'trades', expectedTrades: 9, expectedShare: 1.1 })],
  ['expectedSize', () => imbalanceClock({ of: 'volume', expectedTrades: 9, expectedSize: 0 })],
  ['maxTrades', () => imbalanceClock({ of: 'trades', expectedTrades: 9, minTrades: 5, maxTrades: 4 })],
  ['spanBars', () => imbalanceClock({ of: 'trades', expectedTrades: 9, spanBars: 0 })],
  ['threshold', () => fixedImbalanceClock({ of: 'trades', threshold: 0 })],
  ['of', () => fixedRunsClock({ of: '' as never, threshold: 1 })],
])('names the option that it refuses: %s', (name, make) => {
  expect(make).toThrow(new RegExp(`^${name} "`));
});
