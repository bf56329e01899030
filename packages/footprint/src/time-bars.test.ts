import { createGrid } from '@tapekit/orderflow/grid';
import type { TickTrade } from '@tapekit/orderflow/market';
import { describe, expect, test } from 'vitest';
import type { FootprintBar } from './footprint-bar.ts';
import { MAX_DENSE_ROWS } from './internal/ladder.ts';
import { createTimeBars, restoreTimeBars, timeBarsDefaults, type TimeBars, type TimeBarsOptions } from './time-bars.ts';

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

describe('a bar', () => {
  test('holds every trade of its interval, by row and by aggressor', () => {
    const bars = minutes();
    feed(
      bars,
      [1, 20, 5, 'buy'],
      [2, 22, 3, 'sell'],
      [3, 20, 2, 'sell'],
      [4, 21, 1, 'unknown'],
      [59.999, 20, 4, 'buy'],
    );
    expect(bars.flush()).toEqual([
      {
        startMs: 0,
        endMs: 60_000,
        openTicks: 20,
        highTicks: 22,
        lowTicks: 20,
        closeTicks: 20,
        volumeLots: 15,
        buyLots: 9,
        sellLots: 5,
        unknownLots: 1,
        deltaLots: 4,
        minDeltaLots: 0,
        maxDeltaLots: 5,
        trades: 5,
        valueTickLots: 20 * 11 + 22 * 3 + 21,
        pocTicks: 20,
        vahTicks: 20,
        valTicks: 20,
        revision: 0,
        rows: [
          { priceTicks: 20, buyLots: 9, sellLots: 2, unknownLots: 0, buyTrades: 2, sellTrades: 1, unknownTrades: 0 },
          { priceTicks: 21, buyLots: 0, sellLots: 0, unknownLots: 1, buyTrades: 0, sellTrades: 0, unknownTrades: 1 },
          { priceTicks: 22, buyLots: 0, sellLots: 3, unknownLots: 0, buyTrades: 0, sellTrades: 1, unknownTrades: 0 },
        ],
      },
    ]);
  });

  test('starts on the epoch grid and ends before the next one', () => {
    const bars = minutes();
    const [first] = feed(bars, [119.999, 1, 1, 'buy'], [120, 1, 1, 'buy']);
    expect([first?.startMs, first?.endMs, first?.trades]).toEqual([60_000, 120_000, 1]);
    expect(bars.flush()[0]?.startMs).toBe(120_000);
  });

  test('is aligned before 1970 too', () => {
    const bars = minutes();
    feed(bars, [-0.001, 1, 1, 'buy']);
    expect(bars.flush()[0]).toMatchObject({ startMs: -60_000, endMs: 0 });
  });

  test('takes a fraction of a millisecond before its end', () => {
    const bars = minutes();
    bars.pushTicks({ timeMs: 1_723_161_299_999.9998, priceTicks: 1, sizeLots: 1, side: 'buy' });
    expect(bars.flush()[0]?.startMs).toBe(1_723_161_240_000);
  });

  test('closes when the first trade of a later bar arrives; a quiet minute has none', () => {
    const bars = minutes();
    expect(feed(bars, [1, 1, 1, 'buy'], [59, 1, 1, 'buy'])).toEqual([]);
    expect(feed(bars, [200, 1, 1, 'buy']).map((bar) => bar.startMs)).toEqual([0]);
    expect(bars.flush().map((bar) => bar.startMs)).toEqual([180_000]);
    expect(bars.flush()).toEqual([]);
  });

  test('closes by the clock when time reaches its end', () => {
    const bars = minutes();
    feed(bars, [1, 1, 1, 'buy']);
    expect(bars.advanceTo(59_999)).toEqual([]);
    expect(bars.advanceTo(60_000)).toHaveLength(1);
    expect(bars.advanceTo(120_000)).toEqual([]);
    expect(() => bars.advanceTo(NaN)).toThrow('advanceTo "NaN" is not a time');
  });

  test('keeps the lowest and the highest delta of its sequence, starting at 0', () => {
    const bars = minutes();
    feed(bars, [1, 1, 3, 'sell'], [2, 1, 9, 'buy'], [3, 1, 5, 'unknown'], [4, 1, 2, 'sell']);
    expect(bars.flush()[0]).toMatchObject({ deltaLots: 4, minDeltaLots: -3, maxDeltaLots: 6 });
  });

  test('opens and closes by trade time, then by arrival', () => {
    const bars = minutes();
    feed(
      bars,
      [10, 100, 1, 'buy'],
      [20, 104, 1, 'buy'],
      [20, 103, 1, 'buy'],
      [15, 110, 1, 'buy'],
      [5, 90, 1, 'buy'],
      [5, 91, 1, 'buy'],
    );
    expect(bars.flush()[0]).toMatchObject({ openTicks: 90, closeTicks: 103, highTicks: 110, lowTicks: 90 });
  });

  test('puts a price into the row below or at it, below zero as well', () => {
    const bars = minutes({ rowTicks: 10 });
    feed(bars, [1, 19, 1, 'buy'], [1, 20, 1, 'buy'], [1, -1, 1, 'sell'], [1, -10, 1, 'sell'], [1, -11, 1, 'sell']);
    expect(bars.flush()[0]?.rows.map((row) => [row.priceTicks, row.buyTrades + row.sellTrades])).toEqual([
      [-20, 1],
      [-10, 2],
      [10, 1],
      [20, 1],
    ]);
  });
});

describe('the decimal door', () => {
  test('gives the same bar as the integer door', () => {
    const [decimals, integers] = [minutes(), minutes()];
    decimals.push({ symbol: 'X', timeMs: 1000, price: '10.50', size: 0.3, side: 'buy', id: 1 });
    integers.pushTicks({ timeMs: 1000, priceTicks: 21, sizeLots: 3, side: 'buy', id: 1 });
    expect(decimals.flush()).toEqual(integers.flush());
  });

  test.each([
    [{ price: '10.3', size: '1' }, 'price "10.3" is not a multiple of tickSize 0.5.'],
    [{ price: '10', size: '0.05' }, 'size "0.05" is not a multiple of lotSize 0.1.'],
    [{ price: 'x', size: '1' }, 'price "x" is not a decimal number.'],
  ])('refuses %o and stays as it was', (bad, message) => {
    const bars = minutes();
    feed(bars, [1, 1, 1, 'buy', 7]);
    const before = JSON.stringify(bars.snapshot());
    expect(() => bars.push({ symbol: 'X', timeMs: 99_000, side: 'buy', id: 8, ...bad })).toThrow(message);
    expect(JSON.stringify(bars.snapshot())).toBe(before);
  });

  test.each(['0', 0, '-1', NaN, 'NaN'])('counts size %o as ignored', (size) => {
    const bars = minutes();
    expect(bars.push({ symbol: 'X', timeMs: 1000, price: '10', size, side: 'buy' })).toEqual([]);
    expect(bars.stats()).toMatchObject({ ignored: 1, trades: 0 });
    expect(bars.flush()).toEqual([]);
  });
});

describe('the integer door', () => {
  test.each<[string, Partial<Record<keyof TickTrade, unknown>>, string]>([
    [
      'a fractional tick',
      { priceTicks: 1.5 },
      'Trade priceTicks "1.5" is not a whole number of ticks; pass decimals to push.',
    ],
    [
      'a fractional lot',
      { sizeLots: 0.1 },
      'Trade sizeLots "0.1" is not a whole number of lots; pass decimals to push.',
    ],
    ['no time', { timeMs: NaN }, 'Trade timeMs "NaN" is not epoch milliseconds.'],
    ['a wrong side', { side: 'BUY' }, `Trade side "BUY" is not 'buy', 'sell' or 'unknown'.`],
    [
      'an id that lost digits',
      { id: 2 ** 53 },
      'Trade id "9007199254740992" is not a safe integer; pass ids beyond 2^53 as strings.',
    ],
  ])('refuses %s', (_, bad, message) => {
    expect(() => minutes().pushTicks({ ...trade([1, 1, 1, 'buy']), ...bad } as TickTrade)).toThrow(message);
  });
});

describe('late trades', () => {
  test('revise a retained bar, which is emitted again as a whole', () => {
    const bars = minutes();
    const [first, revised] = feed(bars, [1, 20, 5, 'buy', 1], [61, 20, 1, 'buy', 3], [2, 25, 2, 'sell', 2]);
    expect(first).toMatchObject({ startMs: 0, revision: 0, volumeLots: 5, closeTicks: 20, highTicks: 20 });
    expect(revised).toMatchObject({
      startMs: 0,
      revision: 1,
      volumeLots: 7,
      deltaLots: 3,
      closeTicks: 25,
      highTicks: 25,
    });
    expect(bars.stats()).toMatchObject({ trades: 3, late: 1, lateRejected: 0, revisions: 1, barsClosed: 1, idGaps: 0 });
  });

  test('do not become the close of a bar that they reach in the middle', () => {
    const bars = minutes();
    feed(bars, [1, 20, 5, 'buy'], [50, 22, 5, 'buy'], [61, 20, 1, 'buy']);
    expect(feed(bars, [30, 30, 1, 'buy'])[0]).toMatchObject({ openTicks: 20, closeTicks: 22, highTicks: 30 });
  });

  test('are rejected and counted when their bar is no longer retained', () => {
    const bars = minutes({ retainBars: 2 });
    feed(bars, [1, 1, 1, 'buy'], [61, 1, 1, 'buy'], [121, 1, 1, 'buy'], [181, 1, 1, 'buy']);
    expect(feed(bars, [2, 1, 40, 'sell'])).toEqual([]);
    expect(feed(bars, [62, 1, 4, 'sell'])[0]).toMatchObject({ startMs: 60_000, revision: 1, volumeLots: 5 });
    expect(bars.stats()).toMatchObject({ trades: 5, late: 2, lateRejected: 1, lateRejectedLots: 40 });
  });

  test('are all rejected when no bar is retained', () => {
    const bars = minutes({ retainBars: 0 });
    feed(bars, [1, 1, 1, 'buy'], [61, 1, 1, 'buy'], [2, 1, 1, 'buy']);
    expect(bars.stats()).toMatchObject({ late: 1, lateRejected: 1, barsClosed: 1 });
  });

  test('open the bar of an interval that had no trade, once', () => {
    const bars = minutes();
    feed(bars, [1, 1, 1, 'buy'], [121, 1, 1, 'buy']);
    expect(
      feed(bars, [61, 5, 2, 'sell'], [62, 6, 2, 'sell']).map((bar) => [bar.startMs, bar.revision, bar.trades]),
    ).toEqual([
      [60_000, 0, 1],
      [60_000, 1, 2],
    ]);
    expect(bars.stats()).toMatchObject({ barsClosed: 2, revisions: 1, late: 2 });
  });

  test('revise the bar that a flush or the clock closed', () => {
    const bars = minutes();
    feed(bars, [1, 1, 1, 'buy']);
    bars.flush();
    expect(feed(bars, [2, 1, 1, 'buy'])[0]).toMatchObject({ revision: 1, trades: 2 });
  });

  test('leave the emitted bar as it was', () => {
    const bars = minutes();
    const [first] = feed(bars, [1, 1, 1, 'buy'], [61, 1, 1, 'buy']);
    const before = JSON.stringify(first);
    feed(bars, [2, 1, 1, 'buy']);
    expect(JSON.stringify(first)).toBe(before);
  });
});

describe('duplicates', () => {
  test('are told by id, never by value', () => {
    const bars = minutes();
    feed(bars, [1, 1, 1, 'buy', 10], [1, 1, 1, 'buy', 11], [1, 1, 1, 'buy', 10], [1, 1, 1, 'buy'], [1, 1, 1, 'buy']);
    expect(bars.stats()).toMatchObject({ trades: 4, duplicates: 1, idGaps: 0 });
  });

  test('are told by string ids as well, within the open and the retained bars', () => {
    const bars = minutes();
    feed(bars, [1, 1, 1, 'buy', 'a'], [61, 1, 1, 'buy', 'b'], [1, 1, 1, 'buy', 'a'], [61, 1, 1, 'buy', 'b']);
    expect(bars.stats()).toMatchObject({ trades: 2, duplicates: 2, late: 0, idGaps: 0 });
  });

  test('are not late trades: an id below the highest that was never seen is taken in', () => {
    const bars = minutes();
    feed(bars, [1, 1, 1, 'buy', 1], [2, 1, 1, 'buy', 5], [2, 1, 1, 'buy', 3]);
    expect(bars.stats()).toMatchObject({ trades: 3, duplicates: 0, idGaps: 2 });
    feed(bars, [2, 1, 1, 'buy', 2], [2, 1, 1, 'buy', 4], [2, 1, 1, 'buy', 3]);
    expect(bars.stats()).toMatchObject({ trades: 5, duplicates: 1, idGaps: 0 });
  });

  test('of bars that are gone are duplicates, not lost volume', () => {
    const bars = minutes({ retainBars: 0 });
    feed(bars, [1, 1, 7, 'buy', 1], [61, 1, 1, 'buy', 3], [1, 1, 7, 'buy', 1], [2, 1, 9, 'buy', 2]);
    expect(bars.stats()).toMatchObject({ duplicates: 1, lateRejected: 1, lateRejectedLots: 9, idGaps: 0 });
  });

  test('do not exist where ids start over, once the bars with the old ids are gone', () => {
    const bars = minutes({ retainBars: 1 });
    const day = 86_400;
    feed(bars, [1, 1, 1, 'buy', 1], [2, 1, 1, 'buy', 2], [61, 1, 1, 'buy', 3], [121, 1, 1, 'buy', 4]);
    feed(bars, [day, 1, 1, 'buy', 1], [day + 1, 1, 1, 'buy', 2]);
    expect(bars.stats()).toMatchObject({ trades: 6, duplicates: 0 });
  });

  test('are counted in when ids are not remembered', () => {
    const bars = minutes({ dedupe: false });
    feed(bars, [1, 1, 1, 'buy', 1], [1, 1, 1, 'buy', 1]);
    expect(bars.stats()).toMatchObject({ trades: 2, duplicates: 0, idGaps: 0 });
  });

  test('cost no memory while ids are contiguous', () => {
    const bars = minutes();
    for (let id = 1; id <= 5000; id++) bars.pushTicks({ timeMs: id, priceTicks: 1, sizeLots: 1, side: 'buy', id });
    expect(bars.snapshot()).toMatchObject({ ids: { ranges: [1, 5000] }, open: { ids: [1, 5000] } });
  });
});

describe('sums', () => {
  const huge = Number.MAX_SAFE_INTEGER;

  test('go on exactly beyond safe integers', () => {
    const bars = minutes();
    feed(bars, [1, 3, huge, 'buy'], [2, 3, huge, 'buy'], [3, 3, 5, 'sell']);
    const [bar] = bars.flush();
    expect(bar).toMatchObject({
      buyLots: 18_014_398_509_481_982n,
      sellLots: 5,
      volumeLots: 18_014_398_509_481_987n,
      deltaLots: 18_014_398_509_481_977n,
      maxDeltaLots: 18_014_398_509_481_982n,
      valueTickLots: 54_043_195_528_445_961n,
      pocTicks: 3,
    });
    expect(bar?.rows[0]?.buyLots).toBe(18_014_398_509_481_982n);
  });

  test('of lots go on exactly where the price is 0', () => {
    const bars = minutes();
    feed(bars, [1, 0, huge, 'sell'], [2, 0, 2, 'sell'], [3, 0, 1, 'buy']);
    expect(bars.flush()[0]).toMatchObject({
      sellLots: 9_007_199_254_740_993n,
      minDeltaLots: -9_007_199_254_740_993n,
      deltaLots: -9_007_199_254_740_992n,
      valueTickLots: 0,
    });
  });

  test('of value do not round a product that comes back into range', () => {
    const bars = minutes();
    feed(bars, [1, -1000, 1e12, 'sell'], [2, 9009, 1_000_000_000_003, 'buy']);
    expect(bars.flush()[0]).toMatchObject({ valueTickLots: 8_009_000_000_027_027, volumeLots: 2_000_000_000_003 });
  });

  test('come back from a snapshot exactly', () => {
    const bars = minutes();
    feed(bars, [1, 3, huge, 'buy'], [2, 3, huge, 'buy'], [2, 900_000, huge, 'sell']);
    const again = restoreTimeBars(JSON.parse(JSON.stringify(bars.snapshot())), { grid, intervalMs: 60_000 });
    feed(bars, [3, 3, huge, 'buy'], [3, 900_000, huge, 'sell']);
    feed(again, [3, 3, huge, 'buy'], [3, 900_000, huge, 'sell']);
    expect(again.flush()).toEqual(bars.flush());
  });
});

test('a price far away costs a row, not memory', () => {
  const bars = minutes();
  feed(
    bars,
    [1, 100, 1, 'buy'],
    [2, 2_000_000_000_000, 1, 'buy'],
    [3, 101, 1, 'sell'],
    [4, -5_000_000, 2, 'sell'],
    [5, 2_000_000_000_000, 1, 'buy'],
  );
  const [bar] = bars.flush();
  expect(bar?.rows.map((row) => [row.priceTicks, row.buyLots, row.sellLots])).toEqual([
    [-5_000_000, 0, 2],
    [100, 1, 0],
    [101, 0, 1],
    [2_000_000_000_000, 2, 0],
  ]);
  expect(MAX_DENSE_ROWS).toBe(65_536);
});

describe('options', () => {
  test.each([
    [{ intervalMs: 0 }, 'intervalMs "0" is not a whole number of at least 1.'],
    [{ rowTicks: 1.5 }, 'rowTicks "1.5" is not a whole number of at least 1.'],
    [{ retainBars: -1 }, 'retainBars "-1" is not a whole number of at least 0.'],
    [{ valueAreaPercent: 101 }, 'Value area percent "101" is not a number above 0 and up to 100'],
  ])('%o is refused', (options, message) => {
    expect(() => minutes(options)).toThrow(message);
  });

  test('have the documented defaults', () => {
    expect(timeBarsDefaults).toEqual({
      offsetMs: 0,
      rowTicks: 1,
      rowRule: 'floor',
      valueAreaPercent: 70,
      retainBars: 2,
      dedupe: true,
      late: 'revise',
      emptyBars: 'skip',
      maxFlatBars: 1440,
      corrections: false,
      tradeSizes: false,
      integrity: false,
      maxJumpMs: 31_536_000_000,
    });
  });

  test('must be those of the snapshot', () => {
    const snapshot = minutes().snapshot();
    expect(() => restoreTimeBars(snapshot, { grid, intervalMs: 1000 })).toThrow(
      'Snapshot has intervalMs "60000", the options have "1000". Restore with the options it was made with.',
    );
    expect(() => restoreTimeBars({ ...snapshot, v: 2 as 1 }, { grid, intervalMs: 60_000 })).toThrow(
      'Snapshot of kind "time-bars" and version "2" cannot be read, expected "time-bars" version 1.',
    );
  });

  test('may retain more bars after a restore, but a bar that was let go never begins again', () => {
    const bars = minutes({ retainBars: 1 });
    feed(bars, [1, 20, 5, 'buy'], [61, 20, 1, 'buy'], [121, 20, 1, 'buy'], [181, 20, 1, 'buy']);
    const more = restoreTimeBars(bars.snapshot(), { grid, intervalMs: 60_000, retainBars: 5 });
    expect(feed(more, [62, 20, 7, 'sell'])).toEqual([]);
    expect(more.stats()).toMatchObject({ lateRejected: 1, lateRejectedLots: 7 });
    expect(feed(more, [122, 20, 7, 'sell'])).toMatchObject([{ startMs: 120_000, revision: 1, volumeLots: 8 }]);
  });

  test('may retain fewer bars after a restore; the oldest go', () => {
    const bars = minutes({ retainBars: 3 });
    feed(bars, [1, 1, 1, 'buy'], [61, 1, 1, 'buy'], [121, 1, 1, 'buy'], [181, 1, 1, 'buy']);
    const again = restoreTimeBars(bars.snapshot(), { grid, intervalMs: 60_000, retainBars: 1 });
    feed(again, [2, 1, 1, 'buy'], [122, 1, 1, 'buy']);
    expect(again.stats()).toMatchObject({ lateRejected: 1, revisions: 1 });
  });
});

describe('a trade of the future', () => {
  const year = 365 * 86_400;

  test('is counted with its lots and moves nothing; the trades after it are on time', () => {
    const bars = minutes();
    feed(bars, [0, 20, 5, 'buy', 1]);
    const before = bars.snapshot();
    expect(feed(bars, [year + 0.001, 20, 7, 'sell', 99])).toEqual([]);
    expect(bars.snapshot()).toEqual({ ...before, counts: { ...before.counts, future: 1, futureLots: 7 } });
    expect(feed(bars, [1, 21, 3, 'buy', 2], [61, 21, 1, 'buy', 3])).toMatchObject([
      { startMs: 0, volumeLots: 8, revision: 0 },
    ]);
    expect(bars.stats()).toMatchObject({ trades: 3, late: 0, revisions: 0, idGaps: 0, future: 1, futureLots: 7 });
  });

  test('is one beyond maxJumpMs after the latest trade, and never the first', () => {
    const bars = minutes({ maxJumpMs: 120_000 });
    feed(bars, [1e9, 1, 1, 'buy'], [1e9 + 120, 1, 1, 'buy'], [1e9 + 240.001, 1, 1, 'buy'], [1e9 + 240, 1, 1, 'buy']);
    expect(bars.stats()).toMatchObject({ trades: 3, future: 1 });
    expect(timeBarsDefaults.maxJumpMs).toBe(year * 1000);
    const any = minutes({ maxJumpMs: Infinity });
    expect(feed(any, [0, 1, 1, 'buy'], [8e12, 1, 1, 'buy'])).toHaveLength(1);
    expect(() => minutes({ maxJumpMs: 0 })).toThrow('maxJumpMs "0" is not a whole number of at least 1.');
  });

  test('is of the present once advanceTo says so', () => {
    const bars = minutes();
    feed(bars, [0, 1, 1, 'buy'], [3 * year, 1, 1, 'buy']);
    expect(bars.advanceTo(3 * year * 1000)).toHaveLength(1);
    feed(bars, [3 * year, 1, 1, 'buy']);
    expect(bars.stats()).toMatchObject({ trades: 2, future: 1, late: 0 });
  });

  test('is counted on after a restore, also of a snapshot from before there was a limit', () => {
    const bars = minutes();
    feed(bars, [0, 1, 1, 'buy'], [2 * year, 1, 4, 'buy']);
    const again = restoreTimeBars(JSON.parse(JSON.stringify(bars.snapshot())), { grid, intervalMs: 60_000 });
    feed(again, [2 * year, 1, 4, 'buy']);
    expect(again.stats()).toMatchObject({ future: 2, futureLots: 8 });
    const plain = minutes();
    feed(plain, [0, 1, 1, 'buy']);
    expect(Object.keys(plain.snapshot().counts)).not.toContain('future');
    expect(restoreTimeBars(plain.snapshot(), { grid, intervalMs: 60_000 }).stats()).toEqual(plain.stats());
  });
});
