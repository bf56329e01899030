import { createGrid } from '@tapekit/orderflow/grid';
import type { Aggressor, TickTrade } from '@tapekit/orderflow/market';
import { describe, expect, test } from 'vitest';
import { isFootprintError } from './errors.ts';
import {
  createBars,
  deltaClock,
  rangeClock,
  renkoClock,
  restoreBars,
  tickClock,
  tickLotsOf,
  valueClock,
  volumeClock,
  type BarClock,
  type BarsOptions,
  type EventBar,
} from './event-bars.ts';

const grid = createGrid({ tickSize: '0.5', lotSize: '0.1' });

/** `[priceTicks, lots, side]`, one print a second from 0 on. */
type Short = readonly [priceTicks: number, lots: number, side?: Aggressor];

const tapeOf = (prints: readonly Short[]): TickTrade[] =>
  prints.map(([priceTicks, sizeLots, side = 'buy'], i) => ({ timeMs: i * 1000, priceTicks, sizeLots, side }));

function run(clock: BarClock, prints: readonly Short[], more: Partial<BarsOptions> = {}): EventBar[] {
  const bars = createBars({ grid, clock, ...more });
  return [...tapeOf(prints).flatMap((trade) => bars.pushTicks(trade)), ...bars.flush()];
}

/** `open high low close | buy/sell/unknown | trades-continued | value`, `…` when the clock did not end the bar. */
const line = (bar: EventBar): string =>
  [
    `${bar.openTicks} ${bar.highTicks} ${bar.lowTicks} ${bar.closeTicks}`,
    `${bar.buyLots}/${bar.sellLots}/${bar.unknownLots}`,
    `${bar.trades}-${bar.continuedTrades}`,
    `${bar.valueTickLots}${bar.complete ? '' : ' …'}`,
  ].join(' | ');

describe('tickClock', () => {
  test('ends a bar with every n-th print', () => {
    const prints: Short[] = [
      [100, 3],
      [102, 1, 'sell'],
      [101, 2, 'unknown'],
    ];
    expect(run(tickClock(2), prints).map(line)).toEqual([
      '100 102 100 102 | 3/1/0 | 2-0 | 402',
      '101 101 101 101 | 0/0/2 | 1-0 | 202 …',
    ]);
  });
});

describe('volumeClock', () => {
  test('splits the print that fills a bar; its parts keep side, price and time', () => {
    // 3 + 4 = 7 lots: 2 too many for a bar of 5.
    const bars = run(volumeClock(5), [
      [100, 3],
      [102, 4, 'sell'],
      [101, 1],
    ]);
    expect(bars.map(line)).toEqual(['100 102 100 102 | 3/2/0 | 2-0 | 504', '102 102 101 101 | 1/2/0 | 2-1 | 305 …']);
    expect(bars.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
      [0, 1001],
      [1000, 2001],
    ]);
    expect(bars[1]!.rows).toEqual([
      { priceTicks: 101, buyLots: 1, sellLots: 0, unknownLots: 0, buyTrades: 1, sellTrades: 0, unknownTrades: 0 },
      { priceTicks: 102, buyLots: 0, sellLots: 2, unknownLots: 0, buyTrades: 0, sellTrades: 1, unknownTrades: 0 },
    ]);
  });

  test('gives as many bars as a print fills, and none after an exact fill', () => {
    expect(
      run(volumeClock(5), [
        [100, 2],
        [101, 18],
      ]).map(line),
    ).toEqual([
      '100 101 100 101 | 5/0/0 | 2-0 | 503',
      '101 101 101 101 | 5/0/0 | 1-1 | 505',
      '101 101 101 101 | 5/0/0 | 1-1 | 505',
      '101 101 101 101 | 5/0/0 | 1-1 | 505',
    ]);
  });

  test('counts a print in several bars once, and as split', () => {
    const bars = createBars({ grid, clock: volumeClock(5) });
    for (const trade of tapeOf([
      [100, 2],
      [101, 18],
      [100, 5],
    ]))
      bars.pushTicks(trade);
    expect(bars.stats()).toMatchObject({ trades: 3, splitTrades: 1, barsClosed: 5 });
  });

  test('refuses a print of more than 100,000 bars and keeps its state', () => {
    const bars = createBars({ grid, clock: volumeClock(5) });
    bars.pushTicks(tapeOf([[100, 2]])[0]!);
    const before = bars.snapshot();
    const print = { timeMs: 5, priceTicks: 1, sizeLots: 500_003, side: 'buy' } as const;
    expect(() => bars.pushTicks({ ...print, sizeLots: 500_008 })).toThrow(
      'Trade sizeLots "500008" makes 100002 bars of 5 lots, expected at most 100000 from one print. Take a larger bar, or leave the print out.',
    );
    expect(bars.snapshot()).toEqual(before);
    expect(bars.pushTicks({ ...print, sizeLots: 500_000 - 2 })).toHaveLength(100_000);
  });
});

describe('valueClock', () => {
  test('splits at the lot that reaches the value and does not take over what that lot is worth beyond', () => {
    // 100 × 3 = 300 of 1,000; at 150 the bar needs ⌈700 ÷ 150⌉ = 5 lots (750), the next ⌈1,000 ÷ 150⌉ = 7 (1,050).
    expect(
      run(valueClock(1000), [
        [100, 3],
        [150, 13, 'sell'],
      ]).map(line),
    ).toEqual([
      '100 150 100 150 | 3/5/0 | 2-0 | 1050',
      '150 150 150 150 | 0/7/0 | 1-1 | 1050',
      '150 150 150 150 | 0/1/0 | 1-1 | 150 …',
    ]);
  });

  test('takes the magnitude of prices below 0, and fills nothing at 0', () => {
    expect(
      run(valueClock(100), [
        [0, 1000],
        [-10, 10],
      ]).map(line),
    ).toEqual(['0 0 -10 -10 | 1010/0/0 | 2-0 | -100']);
  });

  test('carries on beyond safe integers', () => {
    const clock = valueClock(10n ** 20n);
    const bars = run(clock, [
      [1e10, 9_999_999_999],
      [1e10, 2],
    ]);
    expect(bars.map((bar) => bar.valueTickLots)).toEqual([10n ** 20n, 1e10]);
  });

  test('reads a decimal value on the grid', () => {
    // One tick × lot is 0.05.
    expect(tickLotsOf('1000', grid)).toBe(20_000);
    expect(() => tickLotsOf('0.01', grid)).toThrow();
  });
});

describe('deltaClock', () => {
  test('ends with the whole print that takes |buy − sell| to the threshold', () => {
    expect(
      run(deltaClock(5), [
        [100, 3],
        [101, 2, 'sell'],
        [102, 9, 'unknown'],
        [101, 7],
        [100, 5, 'sell'],
      ]).map(line),
    ).toEqual(['100 102 100 101 | 10/2/9 | 4-0 | 2127', '100 100 100 100 | 0/5/0 | 1-0 | 500']);
  });
});

describe('rangeClock', () => {
  test('ends with the print that makes high − low the range', () => {
    expect(
      run(rangeClock(3), [
        [100, 1],
        [102, 1],
        [99, 1],
        [98, 2],
        [101, 1],
      ]).map(line),
    ).toEqual(['100 102 99 99 | 3/0/0 | 3-0 | 301', '98 101 98 101 | 3/0/0 | 2-0 | 297']);
  });

  test('bridges a jump with bars that no print reached', () => {
    // From 99 a range of 3 ends at 102; 109 is two ranges and a tick further.
    const bars = run(rangeClock(3), [
      [99, 1],
      [100, 1],
      [109, 4, 'sell'],
      [111, 1],
    ]);
    expect(bars.map(line)).toEqual([
      '99 102 99 102 | 2/0/0 | 2-0 | 199',
      '102 105 102 105 | 0/0/0 | 0-0 | 0',
      '105 108 105 108 | 0/0/0 | 0-0 | 0',
      '108 111 108 111 | 1/4/0 | 2-0 | 547',
    ]);
    expect(bars[1]).toMatchObject({
      startMs: 2000,
      endMs: 2001,
      rows: [],
      pocTicks: 105,
      vahTicks: 105,
      valTicks: 105,
    });
  });

  test('bridges a jump downwards, and ends at once where the print lies on the edge', () => {
    expect(
      run(rangeClock(3), [
        [100, 1],
        [94, 1, 'sell'],
      ]).map(line),
    ).toEqual(['100 100 97 97 | 1/0/0 | 1-0 | 100', '97 97 94 94 | 0/1/0 | 1-0 | 94']);
  });

  test('makes one wide bar of a jump when asked', () => {
    expect(
      run(rangeClock(3, { jump: 'wide' }), [
        [99, 1],
        [109, 4, 'sell'],
      ]).map(line),
    ).toEqual(['99 109 99 109 | 1/4/0 | 2-0 | 535']);
  });

  test('refuses a jump over more than 100,000 bars', () => {
    const bars = createBars({ grid, clock: rangeClock(1) });
    bars.pushTicks({ timeMs: 0, priceTicks: 0, sizeLots: 1, side: 'buy' });
    expect(() => bars.pushTicks({ timeMs: 0, priceTicks: 100_001, sizeLots: 1, side: 'buy' })).toThrow('100001 bars');
  });
});

describe('renkoClock', () => {
  test('ends a brick one brick on, or two bricks back', () => {
    expect(
      run(renkoClock(10), [
        [100, 1],
        [109, 1, 'sell'],
        [110, 2],
        [101, 1, 'sell'],
        [91, 1, 'sell'],
        [90, 3, 'sell'],
        [79, 1, 'sell'],
      ]).map(line),
    ).toEqual([
      '100 110 100 110 | 3/1/0 | 3-0 | 429',
      // Opens one brick below the edge of 110.
      '100 101 90 90 | 0/5/0 | 3-0 | 462',
      '90 90 79 80 | 0/1/0 | 1-0 | 79',
    ]);
  });

  test('shares the print of a jump over its bricks, never copies it', () => {
    const bars = run(renkoClock(10), [
      [100, 4, 'sell'],
      [133, 8],
    ]);
    // 8 lots over 3 bricks: 3, 3, 2. What was traded before stays in the first.
    expect(bars.map(line)).toEqual([
      '100 133 100 110 | 3/4/0 | 2-0 | 799',
      '110 133 110 120 | 3/0/0 | 1-1 | 399',
      '120 133 120 130 | 2/0/0 | 1-1 | 266',
    ]);
  });

  test('leaves the last bricks empty where there are fewer lots than bricks', () => {
    expect(
      run(renkoClock(10), [
        [100, 4],
        [70, 2, 'sell'],
      ]).map(line),
    ).toEqual(['100 100 70 90 | 4/1/0 | 2-0 | 470', '90 90 70 80 | 0/1/0 | 1-1 | 70', '80 80 70 70 | 0/0/0 | 0-0 | 0']);
  });
});

describe('createBars', () => {
  test('takes the order of arrival as the tape and counts what is out of order', () => {
    const bars = createBars({ grid, clock: tickClock(3) });
    bars.pushTicks({ timeMs: 2000, priceTicks: 10, sizeLots: 1, side: 'buy' });
    bars.pushTicks({ timeMs: 3000.5, priceTicks: 11, sizeLots: 1, side: 'buy' });
    const [bar] = bars.pushTicks({ timeMs: 1000, priceTicks: 12, sizeLots: 1, side: 'buy' });
    expect(bar).toMatchObject({ startMs: 1000, endMs: 3001, openTicks: 10, closeTicks: 12 });
    expect(bars.stats()).toMatchObject({ trades: 3, outOfOrder: 1, firstTimeMs: 1000, lastTimeMs: 3000.5 });
  });

  test('drops ids that it has seen and prints without volume, and counts them', () => {
    const bars = createBars({ grid, clock: tickClock(9) });
    const print = { symbol: 'X', timeMs: 0, price: '50', size: '0.3', side: 'buy' } as const;
    bars.push({ ...print, id: 7 });
    bars.push({ ...print, id: 7 });
    bars.push({ ...print, id: 'a' });
    bars.push({ ...print, id: 'a' });
    bars.push({ ...print, size: 0 });
    bars.push({ ...print, size: 'NaN' });
    expect(bars.stats()).toMatchObject({ trades: 2, duplicates: 2, ignored: 2 });
    expect(bars.flush()[0]).toMatchObject({ trades: 2, volumeLots: 6, complete: false });
  });

  test('remembers the latest 8,192 ids that are text', () => {
    const bars = createBars({ grid, clock: tickClock(1) });
    const print = { timeMs: 0, priceTicks: 1, sizeLots: 1, side: 'buy' } as const;
    for (let i = 0; i <= 8192; i++) bars.pushTicks({ ...print, id: `id ${i}` });
    bars.pushTicks({ ...print, id: 'id 1' });
    bars.pushTicks({ ...print, id: 'id 0' });
    expect(bars.stats()).toMatchObject({ trades: 8194, duplicates: 1 });
    expect(bars.snapshot().ids.names).toHaveLength(8192);
  });

  test('flushes the open bar, and nothing twice', () => {
    const bars = createBars({ grid, clock: volumeClock(5) });
    expect(bars.flush()).toEqual([]);
    bars.pushTicks({ timeMs: 0, priceTicks: 10, sizeLots: 3, side: 'buy' });
    expect(bars.flush().map((bar) => bar.complete)).toEqual([false]);
    expect(bars.flush()).toEqual([]);
    // What was flushed is no beginning of the next bar.
    expect(bars.pushTicks({ timeMs: 0, priceTicks: 10, sizeLots: 4, side: 'buy' })).toEqual([]);
  });

  test('puts prices into rows by the rule that is asked for', () => {
    const rows = (rowRule: 'floor' | 'ceil'): number[] =>
      run(
        tickClock(2),
        [
          [101, 1],
          [104, 1],
        ],
        { rowTicks: 4, rowRule },
      )[0]!.rows.map((row) => row.priceTicks);
    expect(rows('floor')).toEqual([100, 104]);
    expect(rows('ceil')).toEqual([104]);
  });

  test('refuses a clock that loses lots', () => {
    const clock: BarClock<null> = {
      kind: 'lossy',
      options: {},
      start: null,
      step: (state, { sizeLots }) => ({ state, plan: [{ lots: sizeLots - 1, closes: true }] }),
    };
    expect(() => run(clock, [[100, 3]])).toThrow(
      'clock "lossy" shares a print of 3 lots out as 2. Give parts of whole lots and ticks that add up to the print.',
    );
  });

  test('restores with the clock and the grid of the snapshot only', () => {
    const options = { grid, clock: volumeClock(5) };
    const snapshot = createBars(options).snapshot();
    expect(() => restoreBars(snapshot, { grid, clock: volumeClock(6) })).toThrow(
      'Snapshot has clock "volume lots=5", the options have "volume lots=6". Restore with the options it was made with.',
    );
    expect(() => restoreBars({ ...snapshot, v: 2 } as never, options)).toThrow('version "2"');
    expect(() => restoreBars(null as never, options)).toThrow('cannot be read');
    expect(() => restoreBars(snapshot, { ...options, rowTicks: 2 })).toThrow('rowTicks "1"');
  });

  test.each([
    ['trades', () => tickClock(0)],
    ['lots', () => volumeClock(0.5)],
    ['lots', () => deltaClock(-1)],
    ['valueTickLots', () => valueClock(0n)],
    ['ticks', () => rangeClock(NaN)],
    ['jump', () => rangeClock(1, { jump: 'gap' as never })],
    ['ticks', () => renkoClock(Infinity)],
    ['rowTicks', () => createBars({ grid, clock: tickClock(1), rowTicks: 0 })],
  ])('names the option that it refuses: %s', (name, make) => {
    try {
      make();
      expect.unreachable();
    } catch (error) {
      expect(isFootprintError(error, 'bad-option') && error.message.startsWith(name)).toBe(true);
    }
  });
});
