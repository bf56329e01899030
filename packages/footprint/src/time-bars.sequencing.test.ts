import { addExact, type ExactInt } from '@tapekit/orderflow/exact';
import { createGrid } from '@tapekit/orderflow/grid';
import type { TickTrade } from '@tapekit/orderflow/market';
import { describeReducerContract } from '@tapekit/tooling/contract';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { volumeLots } from './bar-stats.ts';
import type { FootprintBar } from './footprint-bar.ts';
import { createTimeBars, restoreTimeBars, type TimeBars, type TimeBarsOptions } from './time-bars.ts';

const grid = createGrid({ tickSize: '0.5', lotSize: '0.1' });

function minutes(options: Partial<TimeBarsOptions> = {}): TimeBars {
  return createTimeBars({ grid, intervalMs: 60_000, ...options });
}

/** `[second, ticks, lots, side, id]`. */
type Short = readonly [number, number, number, TickTrade['side'], (number | string)?];

function trade([second, priceTicks, sizeLots, side, id]: Short): TickTrade {
  return { timeMs: second * 1000, priceTicks, sizeLots, side, ...(id === undefined ? {} : { id }) };
}

function feed(bars: TimeBars, ...trades: Short[]): FootprintBar[] {
  return trades.flatMap((short) => [...bars.pushTicks(trade(short))]);
}

function latest(bars: readonly FootprintBar[]): FootprintBar[] {
  const byStart = new Map(bars.map((bar) => [bar.startMs, bar]));
  return [...byStart.values()].sort((a, b) => a.startMs - b.startMs);
}

const volumeOf = (bars: readonly FootprintBar[]): ExactInt => bars.map((bar) => bar.volumeLots).reduce(addExact, 0);

describe("a late trade with late: 'reject'", () => {
  test('is in no bar, and is counted with its lots', () => {
    const bars = minutes({ late: 'reject' });
    feed(bars, [1, 20, 5, 'buy', 1], [61, 20, 1, 'buy', 3]);
    expect(feed(bars, [2, 25, 4, 'sell', 2])).toEqual([]);
    expect(feed(bars, [2, 25, 4, 'sell', 2], [1, 20, 5, 'buy', 1])).toEqual([]);
    expect(bars.stats()).toMatchObject({ trades: 2, late: 1, lateRejected: 1, lateRejectedLots: 4, duplicates: 2 });
  });
});

describe("a late trade with late: 'next-bar'", () => {
  test('goes into the open bar and keeps emitted ones as they are', () => {
    const bars = minutes({ late: 'next-bar', integrity: true });
    feed(bars, [1, 20, 5, 'buy', 1], [61, 22, 1, 'buy', 3]);
    expect(feed(bars, [2, 25, 4, 'sell', 2])).toEqual([]);
    feed(bars, [70, 21, 1, 'buy', 4]);
    expect(bars.flush()).toMatchObject([
      {
        startMs: 60_000,
        openTicks: 22,
        highTicks: 25,
        lowTicks: 21,
        closeTicks: 21,
        volumeLots: 6,
        deltaLots: -2,
        minDeltaLots: -3,
        trades: 3,
        revision: 0,
        integrity: { late: 1, outOfOrder: 0, duplicates: 0, cancelled: 0, corrected: 0 },
      },
    ]);
    expect(bars.stats()).toMatchObject({ trades: 4, late: 1, lateMoved: 1, lateRejected: 0, revisions: 0 });
  });

  test('opens the bar after the closed ones, whose own first trade still opens it', () => {
    const bars = minutes({ late: 'next-bar' });
    feed(bars, [1, 20, 5, 'buy']);
    bars.advanceTo(60_000);
    feed(bars, [2, 30, 1, 'buy'], [3, 10, 1, 'buy'], [75, 20, 1, 'buy'], [80, 21, 1, 'buy'], [4, 40, 1, 'buy']);
    expect(bars.flush()).toMatchObject([
      { startMs: 60_000, openTicks: 20, highTicks: 40, lowTicks: 10, closeTicks: 21, trades: 5 },
    ]);
    feed(bars, [5, 7, 1, 'buy'], [6, 9, 1, 'buy']);
    expect(bars.flush()).toMatchObject([{ startMs: 120_000, openTicks: 7, closeTicks: 9, highTicks: 9, lowTicks: 7 }]);
  });

  test('is told from a duplicate by its id, while its bar is there and after', () => {
    const bars = minutes({ late: 'next-bar', retainBars: 0 });
    feed(bars, [1, 20, 5, 'buy', 1], [61, 20, 1, 'buy', 3], [2, 20, 1, 'buy', 2], [2, 20, 1, 'buy', 2]);
    feed(bars, [121, 20, 1, 'buy', 4], [2, 20, 1, 'buy', 2], [1, 20, 5, 'buy', 1]);
    expect(bars.stats()).toMatchObject({ trades: 4, lateMoved: 1, duplicates: 3 });
  });
});

describe('gaps', () => {
  test('are the ids between the lowest and the highest that did not come', () => {
    const bars = minutes();
    expect(bars.gaps()).toEqual([]);
    feed(
      bars,
      [1, 1, 1, 'buy', 5],
      [1, 1, 1, 'buy', 6],
      [1, 1, 1, 'buy', 9],
      [1, 1, 1, 'buy', 'x'],
      [1, 1, 1, 'buy', 20],
    );
    expect(bars.gaps()).toEqual([
      { from: 7, to: 8 },
      { from: 10, to: 19 },
    ]);
    expect(bars.stats().idGaps).toBe(12);
  });

  test('are at most 4 095, the newest; the ids of the others are counted', () => {
    const bars = minutes();
    for (let id = 0; id <= 10_000; id += 2) bars.pushTicks({ timeMs: id, priceTicks: 1, sizeLots: 1, side: 'buy', id });
    expect(bars.gaps()).toHaveLength(4095);
    expect(bars.gaps().at(-1)).toEqual({ from: 9999, to: 9999 });
    expect(bars.stats().idGaps).toBe(5000);
  });
});

describe('bars with an offset', () => {
  test('begin at midnight of the venue', () => {
    const days = minutes({ intervalMs: 86_400_000, offsetMs: -25_200_000 });
    const jakarta = (time: string): number => Date.parse(`${time}+07:00`) / 1000;
    const bars = feed(
      days,
      [jakarta('2026-02-19T00:00:00'), 1, 1, 'buy'],
      [jakarta('2026-02-19T23:59:59'), 2, 1, 'buy'],
      [jakarta('2026-02-20T00:00:00'), 3, 1, 'buy'],
    );
    expect(bars.map((bar) => [new Date(bar.startMs).toISOString(), bar.trades])).toEqual([
      ['2026-02-18T17:00:00.000Z', 2],
    ]);
  });

  test('hold every time between their start and their end', () => {
    const time = fc.oneof(fc.integer({ min: -1e13, max: 1e13 }), fc.double({ min: -1e13, max: 1e13, noNaN: true }));
    const offset = fc.oneof(fc.integer({ min: -90_000_000, max: 90_000_000 }), fc.constantFrom(1, -1, 60_000));
    fc.assert(
      fc.property(time, offset, fc.constantFrom(1, 1000, 60_000, 86_400_000), (timeMs, offsetMs, intervalMs) => {
        const bars = minutes({ intervalMs, offsetMs });
        bars.pushTicks({ timeMs, priceTicks: 1, sizeLots: 1, side: 'buy' });
        const [bar] = bars.flush();
        expect(bar!.startMs <= timeMs && timeMs < bar!.endMs).toBe(true);
        expect((bar!.startMs - offsetMs) % intervalMs).toBeCloseTo(0, 12);
        expect(bar!.endMs - bar!.startMs).toBe(intervalMs);
      }),
      { numRuns: 500 },
    );
  });
});

describe('intervals without trades', () => {
  const flat = { trades: 0, volumeLots: 0, rows: [], openTicks: 22, highTicks: 22, lowTicks: 22, closeTicks: 22 };

  test("have bars at the close before them with emptyBars: 'flat'", () => {
    const bars = minutes({ emptyBars: 'flat' });
    const emitted = feed(bars, [1, 20, 5, 'buy'], [2, 22, 5, 'buy'], [181, 30, 1, 'buy']);
    expect(emitted).toMatchObject([
      { startMs: 0, closeTicks: 22, trades: 2 },
      { startMs: 60_000, endMs: 120_000, pocTicks: 22, vahTicks: 22, valTicks: 22, ...flat },
      { startMs: 120_000, deltaLots: 0, minDeltaLots: 0, valueTickLots: 0, revision: 0, ...flat },
    ]);
    expect(bars.advanceTo(300_000)).toMatchObject([
      { startMs: 180_000, trades: 1 },
      { startMs: 240_000, trades: 0, closeTicks: 30 },
    ]);
    expect(bars.stats()).toMatchObject({ barsClosed: 5, flatBars: 3, revisions: 0, trades: 3 });
    expect(bars.flush()).toEqual([]);
  });

  test('have none before the first trade and over a pause of more than maxFlatBars', () => {
    const bars = minutes({ emptyBars: 'flat', maxFlatBars: 2 });
    expect(bars.advanceTo(600_000)).toEqual([]);
    feed(bars, [601, 20, 1, 'buy']);
    expect(feed(bars, [840, 20, 1, 'buy'])).toHaveLength(1);
    expect(feed(bars, [1020, 20, 1, 'buy']).map((bar) => bar.startMs)).toEqual([840_000, 900_000, 960_000]);
  });

  test('follow the close of a bar that a late trade changes', () => {
    const bars = minutes({ emptyBars: 'flat', retainBars: 4 });
    feed(bars, [1, 22, 5, 'buy'], [181, 30, 1, 'buy']);
    expect(feed(bars, [3, 25, 1, 'sell'])).toMatchObject([
      { startMs: 0, revision: 1, closeTicks: 25, trades: 2 },
      { startMs: 60_000, revision: 1, closeTicks: 25, trades: 0 },
      { startMs: 120_000, revision: 1, openTicks: 25, trades: 0 },
    ]);
    expect(feed(bars, [62, 27, 1, 'sell'])).toMatchObject([
      { startMs: 60_000, revision: 2, openTicks: 27, trades: 1 },
      { startMs: 120_000, revision: 2, closeTicks: 27, trades: 0 },
    ]);
  });
});

describe('rows', () => {
  const prices: Short[] = [
    [1, 15, 1, 'buy'],
    [2, 25, 1, 'buy'],
    [3, 26, 1, 'sell'],
    [4, -5, 1, 'sell'],
  ];

  test.each([
    ['floor', [-10, 10, 20], 20],
    ['half-even', [0, 20, 30], 20],
    ['ceil', [0, 20, 30], 30],
  ] as const)('are named by the %s of the price', (rowRule, names, poc) => {
    const bars = minutes({ rowTicks: 10, rowRule });
    feed(bars, ...prices);
    const [bar] = bars.flush();
    expect(bar!.rows.map((row) => row.priceTicks)).toEqual(names);
    expect(bar!.pocTicks).toBe(poc);
    expect(bar).toMatchObject({ openTicks: 15, highTicks: 26, lowTicks: -5, volumeLots: 4 });
  });

  test('have the largest print with tradeSizes', () => {
    const bars = minutes({ tradeSizes: true });
    feed(bars, [1, 20, 5, 'buy'], [2, 20, 9, 'sell'], [3, 21, 2, 'unknown'], [4, 20, 1, 'buy']);
    expect(bars.flush()[0]!.rows.map((row) => [row.priceTicks, row.maxTradeLots])).toEqual([
      [20, 9],
      [21, 2],
    ]);
  });
});

test('a bar says what it went through with integrity', () => {
  const bars = minutes({ integrity: true, corrections: true });
  feed(bars, [5, 20, 1, 'buy', 1], [3, 20, 1, 'buy', 2], [5, 20, 1, 'buy', 1], [6, 20, 1, 'buy', 3]);
  expect(bars.flush()[0]!.integrity).toEqual({ late: 0, outOfOrder: 1, duplicates: 1, cancelled: 0, corrected: 0 });
  feed(bars, [7, 20, 1, 'sell', 4]);
  bars.cancel(3);
  expect(bars.correctTicks(1, trade([5, 21, 1, 'buy']))[0]!.integrity).toEqual({
    late: 1,
    outOfOrder: 1,
    duplicates: 1,
    cancelled: 1,
    corrected: 1,
  });
});

describe('a cancel', () => {
  test('leaves the bar as if the print had not come', () => {
    const bars = minutes({ corrections: true });
    feed(bars, [1, 20, 3, 'sell', 1], [2, 35, 9, 'buy', 2], [3, 21, 5, 'sell', 3]);
    expect(bars.cancel(2)).toEqual([]);
    const without = minutes();
    feed(without, [1, 20, 3, 'sell', 1], [3, 21, 5, 'sell', 3]);
    expect(bars.flush()).toEqual(without.flush());
    expect(bars.stats()).toMatchObject({ trades: 2, cancelled: 1, correctionsRejected: 0 });
  });

  test('revises a retained bar, once', () => {
    const bars = minutes({ corrections: true });
    feed(bars, [1, 20, 3, 'buy', 'a'], [2, 21, 3, 'buy', 'b'], [61, 20, 1, 'buy', 'c']);
    expect(bars.cancel('b')).toMatchObject([{ startMs: 0, revision: 1, volumeLots: 3, closeTicks: 20, highTicks: 20 }]);
    expect(bars.cancel('b')).toEqual([]);
    expect(feed(bars, [2, 21, 3, 'buy', 'b'])).toEqual([]);
    expect(bars.stats()).toMatchObject({ cancelled: 1, correctionsRejected: 1, duplicates: 1, revisions: 1 });
  });

  test('of the last print of a closed bar leaves it without trades, at its former close', () => {
    const bars = minutes({ corrections: true });
    feed(bars, [1, 20, 3, 'buy', 1], [61, 30, 1, 'buy', 2]);
    expect(bars.cancel(1)).toMatchObject([
      { startMs: 0, revision: 1, trades: 0, volumeLots: 0, rows: [], closeTicks: 20, pocTicks: 20 },
    ]);
    expect(feed(bars, [5, 26, 3, 'buy', 3])).toMatchObject([{ startMs: 0, revision: 2, trades: 1, openTicks: 26 }]);
  });

  test('of the last print of the open bar leaves none to close', () => {
    const bars = minutes({ corrections: true });
    feed(bars, [1, 20, 3, 'buy', 1]);
    bars.cancel(1);
    expect(feed(bars, [61, 30, 1, 'buy', 2])).toEqual([]);
    expect(feed(bars, [1, 20, 3, 'buy', 1])).toEqual([]);
    expect(feed(bars, [2, 21, 3, 'buy', 3])).toMatchObject([{ startMs: 0, revision: 0, trades: 1 }]);
    expect(bars.stats()).toMatchObject({ duplicates: 1, trades: 2, barsClosed: 1 });
  });

  test('reaches no bar that was let go, and nothing without corrections', () => {
    const bars = minutes({ corrections: true, retainBars: 0 });
    feed(bars, [1, 20, 3, 'buy', 1], [61, 30, 1, 'buy', 2]);
    expect(bars.cancel(1)).toEqual([]);
    expect(bars.stats()).toMatchObject({ cancelled: 0, correctionsRejected: 1, trades: 2 });
    expect(() => minutes().cancel(1)).toThrow(
      'Trade "1" cannot be cancelled or corrected: bars remember their prints only with corrections: true.',
    );
    expect(() => minutes({ corrections: true, dedupe: false })).toThrow(
      'corrections "true" needs dedupe: a print is found by its id.',
    );
  });

  test('of any prints gives the bars of the tape without them', () => {
    fc.assert(
      fc.property(tape, fc.infiniteStream(fc.boolean()), (trades, coins) => {
        const gone = new Set(trades.filter(() => coins.next().value).map(({ id }) => id));
        const options = { corrections: true, tradeSizes: true, retainBars: 100, rowTicks: 3 };
        const bars = minutes(options);
        const emitted = trades.flatMap((each) => [...bars.pushTicks(each)]);
        for (const id of gone) emitted.push(...bars.cancel(id));
        emitted.push(...bars.flush());
        const without = minutes(options);
        const kept = trades.filter(({ id }) => !gone.has(id)).flatMap((each) => [...without.pushTicks(each)]);
        kept.push(...without.flush());
        const plain = (all: readonly FootprintBar[]): unknown =>
          latest(all).flatMap((bar) => (bar.trades > 0 ? [{ ...bar, revision: 0 }] : []));
        expect(plain(emitted)).toEqual(plain(kept));
        expect(bars.stats()).toMatchObject({ cancelled: gone.size, trades: trades.length - gone.size });
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a correction', () => {
  test('puts the trade in the place of the print', () => {
    const bars = minutes({ corrections: true });
    feed(bars, [1, 20, 3, 'sell', 1], [2, 350, 9, 'buy', 2], [2, 22, 5, 'sell', 3]);
    expect(bars.correct(2, { symbol: 'X', timeMs: 2000, price: '17.5', size: '0.4', side: 'buy' })).toEqual([]);
    const without = minutes();
    feed(without, [1, 20, 3, 'sell', 1], [2, 35, 4, 'buy', 2], [2, 22, 5, 'sell', 3]);
    expect(bars.flush()).toEqual(without.flush());
    expect(bars.stats()).toMatchObject({ trades: 3, corrected: 1 });
  });

  test('goes to the bar of its time', () => {
    const bars = minutes({ corrections: true });
    feed(bars, [1, 20, 3, 'sell', 1], [2, 21, 4, 'buy', 2], [61, 22, 5, 'buy', 3]);
    expect(bars.correctTicks(2, trade([65, 23, 4, 'buy']))).toMatchObject([{ startMs: 0, revision: 1, volumeLots: 3 }]);
    expect(bars.flush()).toMatchObject([{ startMs: 60_000, volumeLots: 9, closeTicks: 23, highTicks: 23 }]);
    expect(bars.correctTicks(3, trade([3, 24, 5, 'buy']))).toMatchObject([
      { startMs: 60_000, revision: 1, volumeLots: 4 },
      { startMs: 0, revision: 2, volumeLots: 8, closeTicks: 24 },
    ]);
    expect(bars.stats()).toMatchObject({ trades: 3, corrected: 2, late: 1 });
  });

  test('is found by the id that it brings, and by no id that came before', () => {
    const bars = minutes({ corrections: true });
    feed(bars, [1, 20, 3, 'sell', 1], [2, 21, 4, 'buy', 2]);
    bars.correctTicks(1, trade([1, 20, 5, 'sell', 'fix']));
    bars.cancel(1);
    expect(bars.stats().correctionsRejected).toBe(1);
    bars.correctTicks('fix', trade([1, 20, 6, 'sell', 2]));
    expect(bars.stats()).toMatchObject({ cancelled: 1, corrected: 1, trades: 1 });
    expect(bars.flush()).toMatchObject([{ buyLots: 4, sellLots: 0 }]);
  });

  test('to size 0 cancels; to a time of the far future, or of an unknown id, it changes nothing', () => {
    const bars = minutes({ corrections: true });
    feed(bars, [1, 20, 3, 'sell', 1], [2, 21, 4, 'buy', 2]);
    bars.correctTicks(1, trade([1, 20, 0, 'sell']));
    const { ids, open } = bars.snapshot();
    bars.correctTicks(2, trade([1e9, 21, 4, 'buy']));
    bars.correctTicks(9, trade([1, 21, 4, 'buy']));
    expect(() => bars.correctTicks(2, trade([1, 0.5, 4, 'buy']))).toThrow('Trade priceTicks "0.5" is not a whole');
    expect(bars.snapshot()).toMatchObject({ ids, open });
    expect(bars.stats()).toMatchObject({ trades: 1, cancelled: 1, corrected: 0, correctionsRejected: 2 });
  });
});

test('a snapshot is read only with the options that give its numbers their meaning', () => {
  const options = { offsetMs: 500, rowRule: 'ceil', corrections: true, tradeSizes: true } as const;
  for (const key of ['offsetMs', 'rowRule', 'corrections', 'tradeSizes'] as const) {
    const snapshot = minutes({ [key]: options[key] }).snapshot();
    expect(() => restoreTimeBars(snapshot, { grid, intervalMs: 60_000 })).toThrow(
      `Snapshot has ${key} "${options[key]}"`,
    );
  }
});

test.each([
  [{ offsetMs: 0.5 }, 'offsetMs "0.5" is not a whole number'],
  [{ rowRule: 'round' as 'floor' }, `rowRule "round" is unknown. Pass 'floor', 'half-even' or 'ceil'.`],
  [{ late: 'drop' as 'reject' }, `late "drop" is unknown. Pass 'revise', 'reject' or 'next-bar'.`],
  [{ emptyBars: 'fill' as 'flat' }, `emptyBars "fill" is unknown. Pass 'skip' or 'flat'.`],
  [{ maxFlatBars: -1 }, 'maxFlatBars "-1" is not a whole number from 0 to 100000.'],
])('%o is refused', (options, message) => {
  expect(() => minutes(options)).toThrow(message);
});

/** In order of time with ids from 0, some steps wider than a bar. */
const tape: fc.Arbitrary<readonly Required<TickTrade>[]> = fc
  .array(
    fc.record({
      step: fc.constantFrom(0, 0, 1000, 70_000),
      priceTicks: fc.oneof({ weight: 15, arbitrary: fc.integer({ min: -20, max: 60 }) }, fc.integer()),
      sizeLots: fc.oneof({ weight: 15, arbitrary: fc.integer({ min: 1, max: 90 }) }, fc.constant(2 ** 53 - 1)),
      side: fc.constantFrom('buy' as const, 'sell' as const, 'unknown' as const),
    }),
    { maxLength: 40 },
  )
  .map((prints) => {
    let timeMs = 0;
    return prints.map(({ step, ...print }, id) => ({ ...print, timeMs: (timeMs += step), id }));
  });

/** What a feed with corrections says. */
type Message =
  | { readonly type: 'trade'; readonly trade: TickTrade }
  | { readonly type: 'cancel'; readonly id: number | string }
  | { readonly type: 'correct'; readonly id: number | string; readonly trade: TickTrade }
  | { readonly type: 'time'; readonly timeMs: number };

const anyId = fc.oneof(fc.integer({ min: 1, max: 25 }), fc.constantFrom('a', 'b'));
const anyTrade: fc.Arbitrary<TickTrade> = fc.record(
  {
    timeMs: fc.integer({ min: 0, max: 9000 }),
    priceTicks: fc.integer({ min: -9, max: 40 }),
    sizeLots: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 50 }) }, fc.constantFrom(0, 2 ** 53 - 1)),
    side: fc.constantFrom('buy' as const, 'sell' as const, 'unknown' as const),
    id: anyId,
  },
  { requiredKeys: ['timeMs', 'priceTicks', 'sizeLots', 'side'] },
);
const messages: fc.Arbitrary<readonly Message[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ type: fc.constant('trade' as const), trade: anyTrade }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('cancel' as const), id: anyId }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('correct' as const), id: anyId, trade: anyTrade }) },
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constant('time' as const), timeMs: fc.integer({ min: 0, max: 9000 }) }),
    },
  ),
  { maxLength: 60 },
);

function say(bars: TimeBars, message: Message): readonly FootprintBar[] {
  if (message.type === 'trade') return bars.pushTicks(message.trade);
  if (message.type === 'cancel') return bars.cancel(message.id);
  if (message.type === 'time') return bars.advanceTo(message.timeMs);
  return bars.correctTicks(message.id, message.trade);
}

for (const late of ['revise', 'reject', 'next-bar'] as const) {
  for (const emptyBars of ['skip', 'flat'] as const) {
    const options: TimeBarsOptions = {
      ...{ grid, intervalMs: 1000, offsetMs: 300, rowTicks: 3, rowRule: 'half-even', maxJumpMs: 6000, maxFlatBars: 3 },
      ...{ late, emptyBars, corrections: true, tradeSizes: true, integrity: true },
    };
    describeReducerContract<Message, FootprintBar, TimeBars>({
      name: `createTimeBars with late: '${late}' and emptyBars: '${emptyBars}'`,
      create: () => createTimeBars(options),
      restore: (snapshot) => restoreTimeBars(snapshot, options),
      push: say,
      flush: (bars) => bars.flush(),
      inputs: messages,
      refused: [{ type: 'correct', id: 1, trade: { timeMs: NaN, priceTicks: 1, sizeLots: 1, side: 'buy' } }],
      conserve(inputs, outputs, bars) {
        const stats = bars.stats();
        const pushed = inputs.filter((message) => message.type === 'trade').length;
        const { trades, duplicates, lateRejected, ignored, future, cancelled } = stats;
        expect(trades + duplicates + lateRejected + ignored + future + cancelled).toBe(pushed);
        expect(latest(outputs).reduce((sum, bar) => sum + bar.trades, 0)).toBe(trades);
        expect(outputs.length).toBe(stats.barsClosed + stats.revisions);
        if (late === 'next-bar') expect(lateRejected).toBe(0);
        for (const bar of outputs) {
          expect(addExact(addExact(bar.buyLots, bar.sellLots), bar.unknownLots)).toBe(bar.volumeLots);
          expect(bar.rows.map(volumeLots).reduce<ExactInt>(addExact, 0)).toBe(bar.volumeLots);
          expect(bar.lowTicks <= Math.min(bar.openTicks, bar.closeTicks)).toBe(true);
          expect(bar.highTicks >= Math.max(bar.openTicks, bar.closeTicks)).toBe(true);
        }
      },
      runs: 150,
    });
  }
}

test("no volume is lost and no emitted bar changes with late: 'next-bar'", () => {
  fc.assert(
    fc.property(fc.array(anyTrade), (trades) => {
      const bars = minutes({ intervalMs: 1000, late: 'next-bar', dedupe: false });
      const emitted = [...trades.flatMap((each) => [...bars.pushTicks(each)]), ...bars.flush()];
      expect(volumeOf(emitted)).toBe(trades.map((each) => each.sizeLots).reduce<ExactInt>(addExact, 0));
      expect(new Set(emitted.map((bar) => bar.startMs)).size).toBe(emitted.length);
    }),
    { numRuns: 1000 },
  );
});

test("with emptyBars: 'flat' bars follow each other without a hole, each opening where it must", () => {
  fc.assert(
    fc.property(tape, (trades) => {
      const bars = minutes({ intervalMs: 1000, emptyBars: 'flat' });
      const emitted = [...trades.flatMap((each) => [...bars.pushTicks(each)]), ...bars.flush()];
      emitted.forEach((bar, i) => {
        const before = emitted[i - 1];
        if (before) expect(bar.startMs).toBe(before.endMs);
        if (bar.trades === 0) expect([bar.openTicks, bar.closeTicks]).toEqual([before!.closeTicks, before!.closeTicks]);
      });
      const skip = minutes({ intervalMs: 1000 });
      const traded = [...trades.flatMap((each) => [...skip.pushTicks(each)]), ...skip.flush()];
      expect(emitted.filter((bar) => bar.trades > 0)).toEqual(traded);
    }),
    { numRuns: 300 },
  );
});

/** A bar loses its only print before it is published; the price behind it comes from the bar before. */
const acrossUnpublished: readonly Message[] = [
  { type: 'trade', trade: { timeMs: 1000, priceTicks: 0, sizeLots: 1, side: 'buy', id: 'a' } },
  { type: 'correct', id: 'a', trade: { timeMs: 3000, priceTicks: 0, sizeLots: 1, side: 'buy' } },
  { type: 'trade', trade: { timeMs: 2000, priceTicks: 0, sizeLots: 1, side: 'buy', id: 'b' } },
  { type: 'correct', id: 'b', trade: { timeMs: 0, priceTicks: 1, sizeLots: 1, side: 'buy' } },
];

test('a bar without trades has the close of the bar before it, whatever came late or was taken back', () => {
  fc.assert(
    fc.property(messages, (said) => {
      const bars = minutes({ intervalMs: 1000, emptyBars: 'flat', corrections: true, retainBars: 100 });
      const emitted = said.flatMap((message) => [...say(bars, message)]);
      latest([...emitted, ...bars.flush()]).forEach((bar, i, all) => {
        if (bar.trades > 0 || i === 0) return;
        const close = all[i - 1]!.closeTicks;
        expect([bar.openTicks, bar.highTicks, bar.lowTicks, bar.closeTicks]).toEqual([close, close, close, close]);
      });
    }),
    { numRuns: 1000, examples: [[acrossUnpublished]] },
  );
});
