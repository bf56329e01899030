import { describeReducerContract } from '@tapekit/tooling/contract';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  barSignal,
  barSignalDefaults,
  barSignals,
  barSignalsDefaults,
  createBarSignals,
  restoreBarSignals,
  type BarSignal,
  type BarSignalInput,
  type BarSignalOptions,
} from './bar-signal.ts';
import { FootprintError, isFootprintError } from './errors.ts';
import { imbalancePresets, type ImbalanceRow } from './imbalances.ts';

/** `[price, sell, buy]`, as a footprint is read from left to right. */
type Level = readonly [priceTicks: number, sellLots: number, buyLots: number];

function ladder(...levels: readonly Level[]): ImbalanceRow[] {
  return levels.map(([priceTicks, sellLots, buyLots]) => ({ priceTicks, buyLots, sellLots, unknownLots: 0 }));
}

/** A bar of a ladder from its lowest to its highest row, or the other way, `[open, close]`. */
function barOf(
  minute: number,
  rows: readonly ImbalanceRow[],
  [openTicks, closeTicks]: [number, number],
): BarSignalInput {
  const total = (of: (row: ImbalanceRow) => number): number => rows.reduce((sum, row) => sum + of(row), 0);
  const [buy, sell] = [total((row) => Number(row.buyLots)), total((row) => Number(row.sellLots))];
  return {
    ...{ startMs: minute * 60_000, endMs: (minute + 1) * 60_000, openTicks, closeTicks, rows, revision: 0 },
    ...{ lowTicks: rows[0]!.priceTicks, highTicks: rows.at(-1)!.priceTicks, trades: rows.length },
    ...{ volumeLots: buy + sell + total((row) => Number(row.unknownLots)), deltaLots: buy - sell },
  };
}

/** A bar without imbalances. */
function plain(minute: number, lowTicks: number, highTicks: number, deltaLots: number, revision = 0): BarSignalInput {
  return {
    ...{
      startMs: minute * 60_000,
      endMs: (minute + 1) * 60_000,
      openTicks: lowTicks,
      closeTicks: highTicks,
      trades: 1,
    },
    ...{ lowTicks, highTicks, deltaLots, volumeLots: Math.abs(deltaLots), rows: [], revision },
  };
}

function shown({ score, tags, label }: BarSignal): unknown[] {
  return [score, ...tags, ...(label ? [label] : [])];
}

// Each of 101 to 103 has 30 buys or more against 10 sells below: three rows stand on each other.
const buyers = ladder([100, 10, 0], [101, 10, 30], [102, 10, 30], [103, 0, 40]);
// Each of 100 to 102 has 30 sells or more against 10 buys above.
const sellers = ladder([100, 40, 0], [101, 30, 10], [102, 30, 10], [103, 0, 10]);
/** Three bars that a bar from 100 to 103 stays within, or goes beyond at the high, or at the low. */
const before = {
  within: [plain(0, 90, 110, 5), plain(1, 90, 110, 5), plain(2, 90, 110, 5)],
  below: [plain(0, 90, 100, 5), plain(1, 90, 102, 5), plain(2, 90, 101, 5)],
  above: [plain(0, 104, 110, -5), plain(1, 101, 110, -5), plain(2, 102, 110, -5)],
};

describe('the score of a bar', () => {
  test('is +2 for stacked buys and +1 for a delta of 100 − 30 on 130 that agrees', () => {
    expect(barSignal(barOf(3, buyers, [100, 103]), before.within)).toEqual({
      startMs: 180_000,
      score: 3,
      parts: [
        { reason: 'stack', side: 'buy', points: 2, tag: 'STACK_BUY' },
        { reason: 'delta', side: 'buy', points: 1 },
      ],
      tags: ['STACK_BUY'],
      deltaSide: 'buy',
      label: 'ACC',
      zones: [{ lowTicks: 101, highTicks: 103, side: 'buy', count: 3 }],
      divergences: [],
    });
  });

  test('is −2 for stacked sells and −1 for a delta that agrees', () => {
    expect(shown(barSignal(barOf(3, sellers, [103, 100]), before.within))).toEqual([-3, 'STACK_SELL', 'ACC']);
  });

  test('is −2 for a new high over three bars with delta of at most 0, +2 for a new low with at least 0', () => {
    const at = (deltaLots: number): BarSignalInput => plain(3, 100, 103, deltaLots);
    expect([-9, 0, 1].map((delta) => shown(barSignal(at(delta), before.below)))).toEqual([
      [-2, 'DIV_BEAR'],
      [-2, 'DIV_BEAR'],
      [0],
    ]);
    expect([9, 0, -1].map((delta) => shown(barSignal(at(delta), before.above)))).toEqual([
      [2, 'DIV_BULL'],
      [2, 'DIV_BULL'],
      [0],
    ]);
  });

  test('adds up to at most 5, when buyers stack at a new low', () => {
    const { score, parts, tags, divergences } = barSignal(barOf(3, buyers, [100, 103]), before.above);
    expect([score, tags]).toEqual([5, ['STACK_BUY', 'DIV_BULL']]);
    expect(parts.map(({ reason, points }) => [reason, points])).toEqual([
      ['stack', 2],
      ['divergence', 2],
      ['delta', 1],
    ]);
    expect(divergences).toEqual([
      {
        side: 'bull',
        from: { startMs: 60_000, priceTicks: 101, deltaLots: -5 },
        to: { startMs: 180_000, priceTicks: 100, deltaLots: 70 },
        confirmedMs: 240_000,
      },
    ]);
  });

  test('is 0 for zones of both sides, and the delta decides', () => {
    // Sells 40, 30, 30 against 10 buys above each; buys 30, 30, 40 + more above against 10 sells below each.
    const up = buyers.map((row) => ({ ...row, priceTicks: row.priceTicks + 10 }));
    const more = [...sellers, ...up.slice(0, -1), { ...up.at(-1)!, buyLots: 200 }];
    expect(shown(barSignal(barOf(3, [...sellers, ...up], [100, 113]), []))).toEqual([0, 'STACK_BUY', 'STACK_SELL']);
    expect(shown(barSignal(barOf(3, more, [100, 113]), []))).toEqual([1, 'STACK_BUY', 'STACK_SELL', 'ACC']);
  });

  test('has no point for a delta without a stack of its side', () => {
    const flat = barOf(3, ladder([100, 0, 200]), [100, 100]);
    expect(barSignal(flat, [])).toMatchObject({ score: 0, parts: [], deltaSide: 'buy', label: 'ACC' });
  });

  test('asks for three rows of at least 6 against 3, each three times as much', () => {
    const scoreOf = (sell: number, buy: number): number => {
      const rows = ladder([100, sell, 0], [101, sell, buy], [102, sell, buy], [103, 0, buy]);
      return barSignal(barOf(3, rows, [100, 103]), []).score;
    };
    expect([scoreOf(3, 9), scoreOf(3, 8), scoreOf(2, 9)]).toEqual([2, 0, 0]);
    expect(shown(barSignal(barOf(3, buyers.slice(0, 3), [100, 102]), []))[0]).toBe(0);
  });
});

describe('the delta', () => {
  const flat = (buy: number, sell: number, unknownLots = 0): BarSignalInput =>
    barOf(0, [{ priceTicks: 100, buyLots: buy, sellLots: sell, unknownLots }], [100, 100]);
  const sideOf = (bar: BarSignalInput, options?: BarSignalOptions): unknown => barSignal(bar, [], options).deltaSide;

  test('is a signal from a volume of 100 and a quarter of it on', () => {
    expect([flat(62, 37), flat(63, 37), flat(125, 75), flat(124, 76)].map((bar) => sideOf(bar))).toEqual([
      undefined,
      'buy',
      'buy',
      undefined,
    ]);
    expect([flat(75, 125), flat(76, 124)].map((bar) => sideOf(bar))).toEqual(['sell', undefined]);
  });

  test('is a share of all volume, the unknown included', () => {
    expect([sideOf(flat(70, 30, 60)), sideOf(flat(70, 30, 61))]).toEqual(['buy', undefined]);
  });

  test('compares shares as they are written, and beyond safe integers', () => {
    expect(sideOf(flat(550, 450), { minDeltaShare: 0.1 })).toBe('buy');
    const big = 2n ** 60n;
    const huge = { ...flat(1, 0), volumeLots: 4n * big, deltaLots: big };
    expect([sideOf(huge), sideOf({ ...huge, deltaLots: 1n - big }), sideOf({ ...huge, deltaLots: -big })]).toEqual([
      'buy',
      undefined,
      'sell',
    ]);
  });

  test('is no signal at 0, whatever is asked', () => {
    expect(sideOf(flat(0, 0), { minVolumeLots: 0, minDeltaShare: 0 })).toBeUndefined();
    expect(sideOf(flat(1, 0), { minVolumeLots: 0, minDeltaShare: 1 })).toBe('buy');
  });

  test('is absorbed where the body goes against it by a tick, else accumulated', () => {
    const labels = (rows: ImbalanceRow[]): unknown[] =>
      [-2, -1, 0, 1].map((body) => barSignal(barOf(0, rows, [100, 100 + body]), []).label);
    expect(labels(ladder([100, 20, 100]))).toEqual(['ABS', 'ABS', 'ACC', 'ACC']);
    expect(labels(ladder([100, 100, 20]))).toEqual(['ACC', 'ACC', 'ACC', 'ABS']);
    expect(labels(ladder([100, 50, 50]))).toEqual([undefined, undefined, undefined, undefined]);
    const two = barOf(0, ladder([100, 20, 100]), [100, 99]);
    expect(barSignal(two, [], { minBodyTicks: 2 }).label).toBe('ACC');
  });
});

describe('the bars before', () => {
  const newHigh = plain(9, 100, 103, -1);

  test('are the latest three that traded', () => {
    const higher = plain(0, 90, 120, 5);
    expect(
      barSignal(newHigh, [higher, ...before.below.map((bar) => ({ ...bar, startMs: bar.startMs + 1 }))]).tags,
    ).toEqual(['DIV_BEAR']);
    const empty = { ...plain(4, 99, 99, 0), trades: 0 };
    expect(barSignal(newHigh, [...before.below, empty]).tags).toEqual(['DIV_BEAR']);
    expect(barSignal(newHigh, [...before.below.slice(1), empty]).tags).toEqual([]);
    expect(barSignal(newHigh, before.below.slice(1), { lookbackBars: 2 }).tags).toEqual(['DIV_BEAR']);
  });

  test('are refused out of order', () => {
    expect(() => barSignal(newHigh, [before.below[1]!, before.below[0]!])).toThrowErrorMatchingInlineSnapshot(
      `[FootprintError: Bar at "60000" comes before the one at "0". Sort bars by startMs.]`,
    );
  });
});

const cell = fc.constantFrom(0, 0, 3, 4, 10, 12, 30, 40, 120);
const tape = fc
  .array(
    fc.record({
      low: fc.integer({ min: 95, max: 105 }),
      cells: fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 7 }),
      body: fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 6 })),
    }),
    { maxLength: 12 },
  )
  .map((bars) =>
    bars.map(({ low, cells, body }, minute) => {
      const rows = ladder(...cells.map(([sell, buy], i): Level => [low + i, sell, buy]));
      return barOf(minute, rows, [low + (body[0] % cells.length), low + (body[1] % cells.length)]);
    }),
  );

describe('any bars', () => {
  test('have in a list the signals that they have one by one', () => {
    fc.assert(
      fc.property(tape, (bars) => {
        expect(barSignals(bars)).toEqual(bars.map((bar, i) => barSignal(bar, bars.slice(0, i))));
      }),
      { numRuns: 1000 },
    );
  });

  test('seen in a mirror (sides swapped, prices negative) have the signals in the mirror', () => {
    // A rule that prefers neither side, unlike the reference's, in which a buy hides a sell.
    const options = { imbalance: { ...imbalancePresets.reference, whenBoth: 'both' } } as const;
    const swapped = { STACK_BUY: 'STACK_SELL', STACK_SELL: 'STACK_BUY', DIV_BEAR: 'DIV_BULL', DIV_BULL: 'DIV_BEAR' };
    const seen = { score: 0, tags: 0, label: 0 };
    fc.assert(
      fc.property(tape, (bars) => {
        const mirrored = bars.map((bar) => ({
          ...bar,
          ...{ openTicks: -bar.openTicks, closeTicks: -bar.closeTicks, lowTicks: -bar.highTicks },
          ...{ highTicks: -bar.lowTicks, deltaLots: 0 - Number(bar.deltaLots) },
          rows: bar.rows
            .map((row) => ({ ...row, priceTicks: -row.priceTicks, buyLots: row.sellLots, sellLots: row.buyLots }))
            .reverse(),
        }));
        const there = barSignals(mirrored, options);
        for (const [i, here] of barSignals(bars, options).entries()) {
          const { score, label, tags } = there[i]!;
          expect([0 - score, label, tags.map((tag) => swapped[tag]).sort()]).toEqual([
            here.score,
            here.label,
            [...here.tags].sort(),
          ]);
          seen.score += Math.abs(score);
          seen.tags += tags.length;
          seen.label += label === 'ABS' ? 1 : 0;
        }
      }),
      { numRuns: 1000 },
    );
    // The tapes are such that something happens on them.
    expect(Math.min(seen.score, seen.tags, seen.label)).toBeGreaterThan(20);
  });

  test('have the signals of a naive reading of the rules', () => {
    fc.assert(
      fc.property(tape, (bars) => {
        expect(barSignals(bars).map(shown)).toEqual(
          bars.map((bar, i) => naive(bar, bars.slice(Math.max(0, i - 3), i))),
        );
      }),
      { numRuns: 1000 },
    );
  });
});

describe('bars as they come', () => {
  const all = [...before.below, plain(3, 100, 103, -1), plain(4, 100, 102, 1)];

  test('that are revised have their signal again, from the bars before them', () => {
    const signals = createBarSignals();
    for (const bar of all) signals.push(bar);
    expect(signals.push(plain(3, 100, 103, 1, 1)).map(shown)).toEqual([[0]]);
    expect(signals.push(plain(3, 100, 103, -1, 1))).toEqual([]);
    expect(signals.push(plain(3, 100, 103, -1, 2)).map(shown)).toEqual([[-2, 'DIV_BEAR']]);
    expect(signals.push(plain(3, 100, 105, -7, 3)).map(shown)).toEqual([[-2, 'DIV_BEAR']]);
    // 104 is above bars 1, 2 and 4, but not above the 105 that bar 3 has now.
    expect(signals.push(plain(5, 100, 104, -1)).map(shown)).toEqual([[0]]);
    expect(signals.stats()).toEqual({ bars: 6, revised: 3, late: 1, empty: 0 });
  });

  test('that belong between others are taken in while they are among the latest', () => {
    const signals = createBarSignals({ revisableBars: 2 });
    for (const bar of all.filter((_, i) => i !== 3)) signals.push(bar);
    expect(signals.push(all[3]!).map(shown)).toEqual([[-2, 'DIV_BEAR']]);
    expect(signals.push(plain(2, 90, 120, 5, 1))).toEqual([]);
    expect(signals.push(plain(0, 90, 100, 5))).toEqual([]);
    expect(signals.push(plain(4, 100, 102, 1, 0)).map(shown)).toEqual([[0]]);
    expect(signals.stats()).toEqual({ bars: 6, revised: 0, late: 2, empty: 0 });
  });

  test('that lost their last print are looked back at no more', () => {
    const signals = createBarSignals();
    for (const bar of [plain(0, 90, 104, 5), plain(1, 90, 102, 5), plain(2, 90, 101, 5), plain(3, 90, 101, 5)])
      signals.push(bar);
    expect(signals.push({ ...plain(3, 101, 101, 0, 1), trades: 0 }).map(shown)).toEqual([[0]]);
    // 103 is above bars 1 and 2, but bar 0 is the third to look back at again.
    expect(signals.push(plain(4, 100, 103, -1)).map(shown)).toEqual([[0]]);
    expect(signals.stats()).toEqual({ bars: 5, revised: 1, late: 0, empty: 0 });
  });

  test('hold no more than lookbackBars + revisableBars of them', () => {
    const signals = createBarSignals({ lookbackBars: 4, revisableBars: 2 });
    for (let i = 0; i < 500; i += 1) signals.push(plain(i, 100, 110, 1));
    expect(signals.snapshot().bars).toHaveLength(6);
  });
});

describe('wrong options, bars and snapshots', () => {
  const messageOf = (act: () => unknown): string => {
    try {
      act();
    } catch (error) {
      if (isFootprintError(error)) return `${error.code}: ${error.message}`;
      throw error;
    }
    return 'no error';
  };

  test('are named with their value and what to pass', () => {
    const one = plain(0, 100, 101, 1);
    const withOption = (options: object) => (): unknown => barSignal(one, [], options);
    const snapshot = createBarSignals().snapshot();
    expect(
      [
        withOption({ lookbackBars: 0 }),
        withOption({ minDeltaShare: 25 }),
        withOption({ minDeltaShare: '25%' }),
        withOption({ minBodyTicks: 0 }),
        withOption({ minStackRows: 0 }),
        withOption({ imbalance: { ...imbalancePresets.reference, ratio: 0 } }),
        () => createBarSignals({ revisableBars: 0 }),
        () => barSignals([], { imbalance: { ...imbalancePresets.reference, zero: 'none' as 'skip' } }),
        () => barSignals([{ ...one, highTicks: 100.5 }]),
        () => restoreBarSignals({ ...snapshot, kind: 'bars' as 'bar-signals' }),
        () => restoreBarSignals({ ...snapshot, stats: { ...snapshot.stats, bars: -1 } }),
        () => restoreBarSignals({ ...snapshot, bars: [[0, 1, 1, '0', 0, 0] as never] }),
      ].map(messageOf),
    ).toMatchInlineSnapshot(`
      [
        "bad-option: lookbackBars "0" is not a whole number of at least 1.",
        "bad-option: minDeltaShare "25" is above 1. Pass 0.25 for 25 %.",
        "bad-option: minDeltaShare "25%" is not a plain decimal below 1e9 with at most 6 decimals. Pass 3 or '3.5', for example.",
        "bad-option: minBodyTicks "0" is not a whole number of at least 1.",
        "bad-option: minStackRows "0" is not a whole number of at least 1.",
        "bad-option: ratio "0" is not above 0.",
        "bad-option: revisableBars "0" is not a whole number of at least 1.",
        "bad-option: zero "none" is unknown. Pass 'skip', 'as-one' or 'infinite'.",
        "bad-trade: Bar highTicks "100.5" is not a whole number. Pass bars in ticks and lots of the grid.",
        "bad-snapshot: Snapshot of kind "bars" and version "1" cannot be read, expected "bar-signals" version 1.",
        "bad-snapshot: Snapshot of "bar-signals" is damaged: stats is not what snapshot() of this module gives. Pass it unchanged, as it was stored.",
        "bad-snapshot: Snapshot of "bar-signals" is damaged: bars is not what snapshot() of this module gives. Pass it unchanged, as it was stored.",
      ]
    `);
    expect(messageOf(() => restoreBarSignals(snapshot, { lookbackBars: 4 }))).toMatch(
      /^bad-snapshot: .*"lookbackBars":4/,
    );
    expect(() => restoreBarSignals(snapshot, barSignalsDefaults)).not.toThrow(FootprintError);
  });

  test('go by what the fields say, in whatever order a database gives them', () => {
    const signals = createBarSignals();
    signals.push(plain(0, 100, 101, 1));
    const turned = (json: object): object => Object.fromEntries(Object.entries(json).reverse());
    const { options, ...rest } = signals.snapshot();
    const stored = turned({ ...rest, options: turned({ ...options, imbalance: turned(options.imbalance) }) });
    expect(restoreBarSignals(stored as never).snapshot()).toEqual(signals.snapshot());
  });

  test('leave the state as it was', () => {
    const signals = createBarSignals();
    signals.push(barOf(0, buyers, [100, 103]));
    const whole = signals.snapshot();
    expect(() => signals.push({ ...barOf(1, buyers, [100, 103]), rows: [...buyers].reverse() })).toThrow(
      FootprintError,
    );
    expect(signals.snapshot()).toEqual(whole);
  });
});

describe('the defaults', () => {
  test('are those of the reference', () => {
    expect(barSignalDefaults).toEqual({
      ...{ imbalance: imbalancePresets.reference, rowTicks: 1, minStackRows: 3, lookbackBars: 3 },
      ...{ minVolumeLots: 100, minDeltaShare: 0.25, minBodyTicks: 1 },
      ...{ stackPoints: 2, divergencePoints: 2, deltaPoints: 1 },
    });
    expect(barSignalsDefaults).toEqual({ ...barSignalDefaults, revisableBars: 3 });
  });
});

/** A tape with empty bars, repeats, bars that come late and revisions of the last bars. */
const roughTape = fc.tuple(tape, fc.array(fc.nat({ max: 9 }), { minLength: 12, maxLength: 12 })).map(([bars, kinds]) =>
  bars.map((bar, i): BarSignalInput => {
    const kind = kinds[i]!;
    const { startMs, endMs } = bars[kind < 5 ? Math.max(0, i - kind) : i]!;
    return { ...bar, startMs, endMs, revision: kind < 4 ? i : 0, trades: kind > 7 || kind === 3 ? 0 : bar.trades };
  }),
);

for (const options of [{}, { lookbackBars: 1, revisableBars: 1, minVolumeLots: 0 }]) {
  describeReducerContract({
    name: `createBarSignals with ${JSON.stringify(options)}`,
    create: () => createBarSignals(options),
    restore: (snapshot) => restoreBarSignals(snapshot, options),
    inputs: roughTape,
    batch: (inputs) => barSignals(inputs, options),
    refused: [{ ...plain(0, 100, 101, 1), lowTicks: NaN }],
    conserve: (inputs, outputs, signals) => {
      const { bars, revised, late, empty } = signals.stats();
      expect(bars + revised + late + empty).toBe(inputs.length);
      expect(outputs).toHaveLength(inputs.length - late);
    },
  });
}

/** The rules as they are told, in plain numbers. */
function naive(bar: BarSignalInput, latest: readonly BarSignalInput[]): unknown[] {
  const at = (price: number): { buy: number; sell: number } => {
    const row = bar.rows.find(({ priceTicks }) => priceTicks === price);
    return { buy: Number(row?.buyLots ?? 0), sell: Number(row?.sellLots ?? 0) };
  };
  const isOver = (one: number, other: number): boolean => one / Math.max(1, other) >= 3 && one >= 6 && other >= 3;
  let [buyRun, sellRun, longestBuy, longestSell] = [0, 0, 0, 0];
  for (let price = bar.lowTicks; price <= bar.highTicks; price += 1) {
    const isBuy = isOver(at(price).buy, at(price - 1).sell);
    const isSell = !isBuy && isOver(at(price).sell, at(price + 1).buy);
    [buyRun, sellRun] = [isBuy ? buyRun + 1 : 0, isSell ? sellRun + 1 : 0];
    [longestBuy, longestSell] = [Math.max(longestBuy, buyRun), Math.max(longestSell, sellRun)];
  }
  const [delta, volume] = [Number(bar.deltaLots), Number(bar.volumeLots)];
  const isDelta = delta !== 0 && volume >= 100 && Math.abs(delta) / volume >= 0.25;
  const out: unknown[] = [];
  let score = 0;
  const add = (isThere: boolean, points: number, tag?: string): void => {
    if (!isThere) return;
    score += points;
    if (tag) out.push(tag);
  };
  add(longestBuy >= 3, 2, 'STACK_BUY');
  add(longestSell >= 3, -2, 'STACK_SELL');
  const isFull = latest.length === 3;
  add(isFull && delta <= 0 && bar.highTicks > Math.max(...latest.map((b) => b.highTicks)), -2, 'DIV_BEAR');
  add(isFull && delta >= 0 && bar.lowTicks < Math.min(...latest.map((b) => b.lowTicks)), 2, 'DIV_BULL');
  add(isDelta && delta > 0 && longestBuy >= 3, 1);
  add(isDelta && delta < 0 && longestSell >= 3, -1);
  const body = bar.closeTicks - bar.openTicks;
  const isAbsorbed = delta > 0 ? body <= -1 : body >= 1;
  return [score, ...out, ...(isDelta ? [isAbsorbed ? 'ABS' : 'ACC'] : [])];
}
