import { sideCode, tradeColumns } from '@tapekit/orderflow/columns';
import { createGrid } from '@tapekit/orderflow/grid';
import type { TickTrade } from '@tapekit/orderflow/market';
import { describeReducerContract } from '@tapekit/tooling/contract';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatFootprintColumns, createColumnBars, restoreColumnBars } from './columns-stream.ts';
import type { ColumnBars, ColumnBarsOptions, NumberedTradeColumns } from './columns-stream.ts';
import type { FootprintBar } from './footprint-bar.ts';
import { footprintBarsOf, footprintsOfColumns } from './footprint-columns.ts';
import type { FootprintColumns } from './footprint-columns.ts';
import { ColumnOutputs } from './internal/columns-builder.ts';
import { ColumnsEngine } from './internal/columns-engine.ts';
import { createTimeBars, restoreTimeBars, type TimeBars } from './time-bars.ts';

/** `TAPEKIT_LONG=1` asks for the long form. */
const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };
const cases = { numRuns: process?.env['TAPEKIT_LONG'] ? 1000 : 200 };

const grid = createGrid({ tickSize: '1', lotSize: '1' });
const minute = { intervalMs: 60_000 };

const listsOf = (trades: readonly TickTrade[]): NumberedTradeColumns => ({
  timeMs: trades.map(({ timeMs }) => timeMs),
  priceTicks: trades.map(({ priceTicks }) => priceTicks),
  sizeLots: trades.map(({ sizeLots }) => sizeLots),
  side: trades.map(({ side }) => sideCode(side)),
  ...(trades.some(({ id }) => id !== undefined) ? { id: trades.map(({ id }) => Number(id ?? NaN)) } : {}),
});
const typedOf = (trades: readonly TickTrade[]): NumberedTradeColumns => ({
  ...tradeColumns(trades),
  ...(trades.some(({ id }) => id !== undefined) ? { id: Float64Array.from(trades, ({ id }) => Number(id)) } : {}),
});

/** Bars of the tape in blocks; each cut is an index into the tape. */
function inBlocks(
  bars: ColumnBars,
  trades: readonly TickTrade[],
  cuts: readonly number[],
  columnsOf = listsOf,
): FootprintColumns[] {
  const ends = [...new Set([...cuts.map((cut) => cut % (trades.length + 1)), trades.length])].sort((a, b) => a - b);
  return [...ends.map((end, i) => bars.push(columnsOf(trades.slice(ends[i - 1] ?? 0, end)))), bars.flush()];
}

function reference(trades: readonly TickTrade[], options: ColumnBarsOptions): [FootprintBar[], TimeBars] {
  const bars = createTimeBars({ grid, late: 'reject', retainBars: 0, ...options });
  return [[...trades.flatMap((trade) => bars.pushTicks(trade)), ...bars.flush()], bars];
}

const sides = fc.constantFrom('buy' as const, 'sell' as const, 'unknown' as const);
interface Shape {
  readonly pause: fc.Arbitrary<number>;
  readonly price: fc.Arbitrary<number>;
  readonly size: fc.Arbitrary<number>;
  readonly idStep?: fc.Arbitrary<number>;
}
const tapeOf = ({ pause, price, size, idStep }: Shape): fc.Arbitrary<readonly TickTrade[]> =>
  fc.array(fc.tuple(pause, price, size, sides, idStep ?? fc.constant(0)), { maxLength: 80 }).map((steps) => {
    let [timeMs, lastId] = [1_700_000_000_000, 500];
    return steps.map(([step, priceTicks, sizeLots, side, ids]): TickTrade => {
      timeMs += step;
      lastId += ids;
      return { timeMs, priceTicks, sizeLots, side, ...(idStep ? { id: lastId } : {}) };
    });
  });
const near = fc.integer({ min: -30, max: 30 });
const sizes = fc.integer({ min: 1, max: 99 });
const rising = fc.nat({ max: 40_000 });
const ordered = tapeOf({ pause: rising, price: near, size: sizes });
const cutsOf = fc.array(fc.nat(), { maxLength: 8 });
const options = fc.record({
  intervalMs: fc.constantFrom(1000, 60_000, 3_600_000),
  rowTicks: fc.constantFrom(1, 3, 10),
  valueAreaPercent: fc.constantFrom(70, 68, 99.5, 100),
});

describe('createColumnBars', () => {
  test('gives a bar with the block that closes it', () => {
    const bars = createColumnBars(minute);
    const first = bars.push({ timeMs: [0, 1000], priceTicks: [21, 20], sizeLots: [3, 1], side: [1, -1] });
    expect([first.bars, [...first.firstRow], first.intervalMs, first.rowTicks]).toEqual([0, [0], 60_000, 1]);
    const second = bars.push({ timeMs: [2000, 60_000], priceTicks: [20, 25], sizeLots: [4, 9], side: [0, 1] });
    expect(footprintBarsOf(second)).toEqual([
      {
        startMs: 0,
        endMs: 60_000,
        openTicks: 21,
        highTicks: 21,
        lowTicks: 20,
        closeTicks: 20,
        volumeLots: 8,
        buyLots: 3,
        sellLots: 1,
        unknownLots: 4,
        deltaLots: 2,
        minDeltaLots: 0,
        maxDeltaLots: 3,
        trades: 3,
        valueTickLots: 21 * 3 + 20 * 5,
        pocTicks: 20,
        vahTicks: 21,
        valTicks: 20,
        revision: 0,
        rows: [
          { priceTicks: 20, buyLots: 0, sellLots: 1, unknownLots: 4, buyTrades: 0, sellTrades: 1, unknownTrades: 1 },
          { priceTicks: 21, buyLots: 3, sellLots: 0, unknownLots: 0, buyTrades: 1, sellTrades: 0, unknownTrades: 0 },
        ],
      },
    ]);
    expect([...bars.flush().startMs]).toEqual([60_000]);
    expect(bars.flush().bars).toBe(0);
  });

  test.each([
    ['lists', listsOf],
    ['typed arrays', typedOf],
  ])('gives the bars of one call over an ordered tape, however it is cut into %s', (_, columnsOf) => {
    fc.assert(
      fc.property(ordered, options, cutsOf, (trades, asked, cuts) => {
        const parts = inBlocks(createColumnBars(asked), trades, cuts, columnsOf);
        const whole = footprintsOfColumns(columnsOf(trades), asked);
        expect(concatFootprintColumns(parts)).toEqual(whole);
        const [bars] = reference(trades, { ...asked });
        expect(footprintBarsOf(whole)).toEqual(bars);
      }),
      cases,
    );
  });

  test.each([
    ['in order, with ids', { pause: rising, price: near, size: sizes, idStep: fc.integer({ min: 1, max: 3 }) }],
    ['sent twice', { pause: rising, price: near, size: sizes, idStep: fc.integer({ min: -2, max: 3 }) }],
    ['out of order', { pause: fc.integer({ min: -20_000, max: 30_000 }), price: near, size: sizes }],
    ['late and without volume', { pause: fc.integer({ min: -90_000, max: 120_000 }), price: near, size: fc.nat(2) }],
    ['far apart in price', { pause: rising, price: fc.integer({ min: -3e9, max: 3e9 }), size: sizes }],
    ['wide apart in price', { pause: rising, price: fc.integer({ min: 0, max: 2 ** 16 }), size: sizes }],
    ['of the future', { pause: fc.constantFrom(0, 900, 30_000, 40 * 86_400_000_000), price: near, size: sizes }],
  ] satisfies [string, Shape][])('is createTimeBars that rejects what is late, for prints %s', (_, shape) => {
    fc.assert(
      fc.property(tapeOf(shape), options, cutsOf, (trades, asked, cuts) => {
        const bars = createColumnBars(asked);
        const [expected, stream] = reference(trades, asked);
        expect(inBlocks(bars, trades, cuts).flatMap(footprintBarsOf)).toEqual(expected);
        expect(stream.stats()).toMatchObject(bars.stats());
        // `createTimeBars` has the same state.
        expect(bars.snapshot().bars).toEqual(stream.snapshot());
      }),
      cases,
    );
  });

  test('is exact to where a column can hold it, and refuses a block beyond', () => {
    fc.assert(
      fc.property(
        tapeOf({ pause: rising, price: fc.constantFrom(0, 1, 1000), size: fc.integer({ min: 1, max: 2 ** 51 }) }),
        options,
        cutsOf,
        (trades, asked, cuts) => {
          const bars = createColumnBars(asked);
          const [expected] = reference(trades, asked);
          const isSafe = expected.every(({ volumeLots, valueTickLots, lowTicks }) => {
            const aboveLow = BigInt(valueTickLots) - BigInt(lowTicks) * BigInt(volumeLots);
            return typeof volumeLots === 'number' && aboveLow <= Number.MAX_SAFE_INTEGER;
          });
          if (isSafe) expect(inBlocks(bars, trades, cuts).flatMap(footprintBarsOf)).toEqual(expected);
          else expect(() => inBlocks(bars, trades, cuts)).toThrow(expect.objectContaining({ code: 'out-of-range' }));
        },
      ),
      cases,
    );
  });

  test('leaves a sum that no column holds to createTimeBars, with the state that it had', () => {
    const bars = createColumnBars(minute);
    const huge = { priceTicks: [7], sizeLots: [2 ** 52], side: [1] };
    for (const timeMs of [0, 1, 2]) bars.push({ timeMs: [timeMs], ...huge });
    expect(() => bars.flush()).toThrow(/^volumeLots|^buyLots "13510798882111488" of the bar at 0 is no safe integer/);
    const exact = restoreTimeBars(bars.snapshot().bars, { grid, ...minute, late: 'reject', retainBars: 0 });
    expect(exact.flush()).toMatchObject([{ buyLots: 3n * 2n ** 52n, trades: 3 }]);
  });

  test('counts what is late, sent twice, empty or of the future', () => {
    const bars = createColumnBars({ ...minute, maxJumpMs: 86_400_000 });
    bars.push({ timeMs: [0, 61_000], priceTicks: [10, 11], sizeLots: [1, 1], side: [1, 1], id: [1, 2] });
    const closed = bars.push({
      timeMs: [500, 61_000, 62_000, 62_500, 9e12, 63_000],
      priceTicks: [10, 11, 11, 11, 11, 12],
      sizeLots: [7, 1, 0, NaN, 5, 2],
      side: [1, 1, 1, 1, 1, -1],
      id: [9, 2, 4, NaN, 6, 7],
    });
    expect(closed.bars).toBe(0);
    expect(bars.stats()).toEqual({
      trades: 3,
      duplicates: 1,
      idGaps: 4,
      lateRejected: 1,
      lateRejectedLots: 7,
      future: 1,
      futureLots: 5,
      ignored: 2,
      barsClosed: 1,
      firstTimeMs: 0,
      lastTimeMs: 63_000,
    });
    expect(footprintBarsOf(bars.flush())).toMatchObject([{ buyLots: 1, sellLots: 2, closeTicks: 12, trades: 2 }]);
  });

  test('closes the open bar when a clock says that it ended', () => {
    const bars = createColumnBars(minute);
    bars.push({ timeMs: [500], priceTicks: [10], sizeLots: [1], side: [1] });
    expect(bars.advanceTo(59_999).bars).toBe(0);
    expect(bars.advanceTo(60_000).bars).toBe(1);
    bars.push({ timeMs: [59_999], priceTicks: [10], sizeLots: [5], side: [1] });
    expect(bars.stats()).toMatchObject({ lateRejected: 1, lateRejectedLots: 5, barsClosed: 1 });
    expect(() => bars.advanceTo(NaN)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  test('takes a block whole or not at all', () => {
    const bars = createColumnBars(minute);
    bars.push({ timeMs: [0], priceTicks: [10], sizeLots: [1], side: [1] });
    const before = JSON.stringify(bars.snapshot());
    const half = { timeMs: [1, 61_000, NaN], priceTicks: [10, 10, 10], sizeLots: [1, 1, 1], side: [1, 1, 1] };
    expect(() => bars.push(half)).toThrow('Trade timeMs "NaN" is not epoch milliseconds.');
    expect(() => bars.push({ ...half, timeMs: [1] })).toThrow(expect.objectContaining({ code: 'bad-columns' }));
    expect(JSON.stringify(bars.snapshot())).toBe(before);
  });

  test.each([
    ['intervalMs', { intervalMs: 0 }],
    ['rowTicks', { ...minute, rowTicks: 0.5 }],
    ['maxJumpMs', { ...minute, maxJumpMs: 0 }],
    ['percent', { ...minute, valueAreaPercent: 101 }],
  ])('refuses %s outside of its domain', (name, asked) => {
    expect(() => createColumnBars(asked)).toThrow(new RegExp(`${name} ".*" is not a`, 'i'));
  });

  test('holds little more than the ladder of the open bar', () => {
    fc.assert(
      fc.property(fc.integer({ min: 40, max: 2600 }), fc.constantFrom(1, 10), fc.boolean(), (rows, rowTicks, byId) => {
        const bars = createColumnBars({ ...minute, rowTicks });
        const trades = Array.from({ length: rows * rowTicks * 2 }, (_, i): TickTrade => {
          const side = i % 3 === 0 ? 'buy' : 'sell';
          return { timeMs: 60_000 + i / 100, priceTicks: 5000 + (i >> 1), sizeLots: 1 + (i % 90), side };
        });
        const numbered = trades.map((trade, id) => (byId ? { ...trade, id } : trade));
        inBlocksWithoutFlush(bars, numbered);
        const state = JSON.stringify(bars.snapshot());
        const ladder = bars.flush();
        expect(ladder.rowPriceTicks).toHaveLength(rows + (5000 % rowTicks === 0 ? 0 : 1));
        // The ladder in the same notation: seven numbers a row.
        const columns = [ladder.rowPriceTicks, ladder.rowBuyLots, ladder.rowSellLots, ladder.rowUnknownLots];
        const counts = [ladder.rowBuyTrades, ladder.rowSellTrades, ladder.rowUnknownTrades];
        const own = JSON.stringify([...columns, ...counts].map((column) => [...column]));
        expect(state.length).toBeLessThan(2 * own.length);
      }),
      { numRuns: 20 },
    );
  });

  test('keeps a ladder of the span of the open bar, however many prints and bars went through it', () => {
    const outputs = new ColumnOutputs();
    const engine = new ColumnsEngine(
      { intervalMs: 1000, rowTicks: 1, rule: { numerator: 7, denominator: 10, method: 'two-row' } },
      outputs,
    );
    for (let bar = 0; bar < 50; bar += 1) {
      const timeMs = Float64Array.from({ length: 5000 }, () => bar * 1000);
      const ticks = Int32Array.from({ length: 5000 }, (_, i) => bar * 100_000 + (i % 2600));
      const trades = { timeMs, ticks, lots: new Int32Array(5000).fill(1), side: new Int8Array(5000).fill(1) };
      engine.push({ trades, rows: 5000, mostLots: 1, hasUnknown: false });
      expect(engine.openBar!.ladder.rows).toBeLessThan(4 * 2600);
      outputs.take();
    }
  });
});

function inBlocksWithoutFlush(bars: ColumnBars, trades: readonly TickTrade[]): void {
  for (let i = 0; i < trades.length; i += 700) bars.push(listsOf(trades.slice(i, i + 700)));
}

const blocks = fc.array(
  fc
    .array(
      fc.record({
        step: fc.constantFrom(0, 1, 300, 900, -400),
        priceTicks: fc.integer({ min: -20, max: 40 }),
        sizeLots: fc.nat({ max: 9 }),
        side: sides,
        id: fc.nat({ max: 60 }),
      }),
      { maxLength: 12 },
    )
    .map((steps) => {
      let timeMs = 5000;
      return listsOf(steps.map(({ step, ...trade }): TickTrade => ({ ...trade, timeMs: (timeMs += step) })));
    }),
  { maxLength: 8 },
);
const joined = (parts: readonly NumberedTradeColumns[]): NumberedTradeColumns => ({
  timeMs: parts.flatMap(({ timeMs }) => [...timeMs]),
  priceTicks: parts.flatMap(({ priceTicks }) => [...priceTicks]),
  sizeLots: parts.flatMap(({ sizeLots }) => [...sizeLots]),
  side: parts.flatMap(({ side }) => [...side]),
  id: parts.flatMap(({ id, timeMs }) => [...(id ?? timeMs.map(() => NaN))]),
});
const one = { priceTicks: [1], sizeLots: [1], side: [1] };

describe.each([
  ['a tick', 1],
  ['three ticks', 3],
])('createColumnBars with rows of %s', (_, rowTicks) => {
  const asked = { intervalMs: 1000, rowTicks };
  describeReducerContract<NumberedTradeColumns, FootprintBar, ColumnBars>({
    name: 'createColumnBars',
    create: () => createColumnBars(asked),
    restore: (snapshot) => restoreColumnBars(snapshot, asked),
    inputs: blocks,
    push: (bars, block) => footprintBarsOf(bars.push(block)),
    flush: (bars) => footprintBarsOf(bars.flush()),
    batch: (tape) => {
      const bars = createColumnBars(asked);
      return [...footprintBarsOf(bars.push(joined(tape))), ...footprintBarsOf(bars.flush())];
    },
    conserve: (tape, out, bars) => {
      const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
      const { trades, duplicates, lateRejected, future, ignored } = bars.stats();
      expect(trades + duplicates + lateRejected + future + ignored).toBe(sum(tape.map((block) => block.timeMs.length)));
      expect(sum(out.map((bar) => bar.trades))).toBe(trades);
      for (const { volumeLots, buyLots, sellLots, unknownLots, rows } of out) {
        expect(Number(buyLots) + Number(sellLots) + Number(unknownLots)).toBe(volumeLots);
        expect(sum(rows.map((row) => Number(row.buyLots)))).toBe(buyLots);
      }
    },
    refused: [
      { timeMs: [NaN], ...one },
      { timeMs: [5000], ...one, priceTicks: [0.5] },
      { timeMs: [5000], ...one, sizeLots: [1.5] },
      { timeMs: [5000, 5001], ...one },
      { timeMs: [5000], ...one, id: [2 ** 60] },
    ],
  });
});

test('a block without its columns is refused, and counts nothing', () => {
  const bars = createColumnBars(minute);
  for (const block of [{}, undefined, { timeMs: [0], priceTicks: [1], sizeLots: [1] }]) {
    expect(() => bars.push(block as never)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  }
  expect(() => bars.push({} as never)).toThrow(
    'trades have no column timeMs. Pass columns timeMs, priceTicks, sizeLots and side, as tradeColumns gives them.',
  );
  expect(bars.stats()).toMatchObject({ trades: 0, ignored: 0 });
});

describe('restoreColumnBars', () => {
  const bars = createColumnBars({ ...minute, rowTicks: 5 });
  bars.push({ timeMs: [0, 1], priceTicks: [12, 19], sizeLots: [3, 4], side: [1, -1] });
  const snapshot = bars.snapshot();

  test('keeps the traded value of prices inside of a row', () => {
    const again = restoreColumnBars(JSON.parse(JSON.stringify(snapshot)) as typeof snapshot, {
      ...minute,
      rowTicks: 5,
    });
    again.push({ timeMs: [2], priceTicks: [7], sizeLots: [2], side: [1] });
    expect(footprintBarsOf(again.flush())).toMatchObject([{ valueTickLots: 12 * 3 + 19 * 4 + 7 * 2, lowTicks: 7 }]);
  });

  test.each([
    ['another kind', { ...snapshot, kind: 'time-bars' }],
    ['another version', { ...snapshot, v: 2 }],
    ['no state', { v: 1, kind: 'column-bars' }],
    ['rows of other volume', { ...snapshot, bars: { ...snapshot.bars, open: { ...snapshot.bars.open, rows: 'x' } } }],
    ['other options', { ...snapshot, bars: { ...snapshot.bars, rowTicks: 1 } }],
  ])('refuses a snapshot of %s', (_, bad) => {
    expect(() => restoreColumnBars(bad as never, { ...minute, rowTicks: 5 })).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
  });
});
