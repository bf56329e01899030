import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createGrid, type Grid } from '@tapekit/orderflow/grid';
import type { Trade } from '@tapekit/orderflow/market';
import { expectedAnswers, hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { recordedMbo } from '@tapekit/tooling/recorded-mbo';
import { describe, expect, test } from 'vitest';
import { unfinishedAuctions } from './auctions.ts';
import { barSignals } from './bar-signal.ts';
import { divergencePresets, divergences } from './divergence.ts';
import type { FootprintBar } from './footprint-bar.ts';
import { imbalancePresets, imbalances, stackedImbalances } from './imbalances.ts';
import { createNakedPocs } from './naked-pocs.ts';
import { createTimeBars } from './time-bars.ts';

type Preset = keyof typeof imbalancePresets;

/** One recorded session, its bars, and what a second look at the very trades gives. */
interface Session {
  readonly grid: Grid;
  readonly rowTicks: number;
  readonly trades: readonly Trade[];
}

const MINUTE = 60_000;

/** One price row, read anew from the decimals. */
interface Cell {
  buy: number;
  sell: number;
  unknown: number;
  buys: number;
  sells: number;
}

const nothing: Cell = { buy: 0, sell: 0, unknown: 0, buys: 0, sells: 0 };

/** By minute and row, in hundredths of the price and ten thousandths of the size. */
function naiveLadders(trades: readonly Trade[], rowHundredths: number): Map<number, Map<number, Cell>> {
  const minutes = new Map<number, Map<number, Cell>>();
  for (const { timeMs, price, size, side } of trades) {
    const minute = Math.floor(timeMs / MINUTE) * MINUTE;
    const row = Math.floor(Math.round(Number(price) * 100) / rowHundredths);
    const rows = minutes.get(minute) ?? new Map<number, Cell>();
    const cell = rows.get(row) ?? { ...nothing };
    cell[side] += Math.round(Number(size) * 10_000);
    if (side === 'buy') cell.buys += 1;
    if (side === 'sell') cell.sells += 1;
    minutes.set(minute, rows.set(row, cell));
  }
  return minutes;
}

/** The marks of a ladder as each platform tells its rule; `row side`, sorted. */
function naiveMarks(rows: Map<number, Cell>, preset: Preset, contract: number): string[] {
  const [low, high] = [Math.min(...rows.keys()), Math.max(...rows.keys())];
  const at = (row: number): Cell => rows.get(row) ?? nothing;
  const marks: string[] = [];
  const mark = (row: number, buy: boolean, sell: boolean): void => {
    if (buy) marks.push(`${row} buy`);
    if (sell) marks.push(`${row} sell`);
  };
  const both = (one: number, other: number, times: number): boolean => other > 0 && one > other * times;
  for (let row = low; row <= high; row += 1) {
    const { buy, sell, sells } = at(row);
    const [below, above] = [at(row - 1).sell, at(row + 1).buy];
    const [isInBuy, isInSell] = [row > low, row < high];
    switch (preset) {
      case 'tradingView':
        mark(row, isInBuy && buy > 3 * below, isInSell && sell > 3 * above);
        break;
      case 'atas':
        mark(row, isInBuy && both(buy, below, 3.5), isInSell && both(sell, above, 3.5));
        break;
      case 'atasClusters':
        mark(row, isInBuy && both(buy, below, 2.5), isInSell && both(sell, above, 2.5));
        break;
      case 'flowsurface':
        mark(row, isInBuy && both(buy, below, 3), isInSell && both(sell, above, 3));
        break;
      case 'chartPatterns':
        mark(row, buy > 4 * sell, sell > 4 * buy);
        break;
      case 'freqtrade':
        if (row < high) mark(row, at(row + 1).buys > 3 * sells, sells > 3 * at(row + 1).buys);
        break;
      case 'reference': {
        const is = (one: number, other: number): boolean =>
          one >= 3 * other && one >= 6 * contract && other >= 3 * contract;
        mark(row, is(buy, below), !is(buy, below) && is(sell, above));
      }
    }
  }
  return marks.sort();
}

/** Runs of at least three rows with a mark; `low–high side`, sorted. */
function naiveStacks(marks: readonly string[]): string[] {
  const zones: string[] = [];
  for (const side of ['buy', 'sell']) {
    const rows = new Set(marks.filter((mark) => mark.endsWith(` ${side}`)).map((mark) => parseInt(mark, 10)));
    for (const row of rows) {
      if (rows.has(row - 1)) continue;
      let length = 1;
      while (rows.has(row + length)) length += 1;
      if (length >= 3) zones.push(`${row}–${row + length - 1} ${side}`);
    }
  }
  return zones.sort();
}

/** Of the end of a ladder: both sides traded, or did not, or that depends on the unknown. */
function naiveEnd({ buy, sell, unknown }: Cell): boolean | undefined {
  if (buy > 0 && sell > 0) return true;
  const missing = Number(buy === 0) + Number(sell === 0);
  // In whole contracts: one print of one contract can be on one side only.
  return unknown >= missing * 10_000 ? undefined : false;
}

function barsOf({ grid, rowTicks, trades }: Session): FootprintBar[] {
  const bars = createTimeBars({ grid, intervalMs: MINUTE, rowTicks });
  return [...trades.flatMap((trade) => [...bars.push(trade)]), ...bars.flush()];
}

/** Compares all minutes with the second look; gives how many marks, zones and unfinished ends there were. */
function compared(session: Session, rowHundredths: number, lotsOfContract: number): Record<Preset, string> {
  const { rowTicks } = session;
  const ladders = naiveLadders(session.trades, rowHundredths);
  const bars = barsOf(session);
  expect(bars.map(({ startMs }) => startMs)).toEqual([...ladders.keys()].sort((a, b) => a - b));
  const found: [string, string][] = [];
  for (const preset of Object.keys(imbalancePresets) as Preset[]) {
    const rule = { ...imbalancePresets[preset], rowTicks };
    const isReference = preset === 'reference';
    const scaled = isReference ? { minVolume: 6 * lotsOfContract, minOpposite: 3 * lotsOfContract } : {};
    let [marked, stacked] = [0, 0];
    for (const { rows, startMs } of bars) {
      const marks = imbalances(rows, { ...rule, ...scaled });
      const zones = stackedImbalances(marks, { rowTicks });
      const expected = naiveMarks(ladders.get(startMs)!, preset, 10_000);
      expect(marks.map(({ priceTicks, side }) => `${priceTicks / rowTicks} ${side}`).sort()).toEqual(expected);
      expect(
        zones.map(({ lowTicks, highTicks, side }) => `${lowTicks / rowTicks}–${highTicks / rowTicks} ${side}`).sort(),
      ).toEqual(naiveStacks(expected));
      marked += marks.length;
      stacked += zones.length;
    }
    found.push([preset, `${marked} marks, ${stacked} zones`]);
  }
  return Object.fromEntries(found) as Record<Preset, string>;
}

/** Counts of unfinished, finished and unknown ends after comparing them with the second look. */
function comparedAuctions(session: Session, rowHundredths: number): readonly number[] {
  const ladders = naiveLadders(session.trades, rowHundredths);
  const ends = barsOf(session).flatMap(({ rows, startMs }) => {
    const ladder = ladders.get(startMs)!;
    const { high, low } = unfinishedAuctions(rows)!;
    const expected = [Math.max(...ladder.keys()), Math.min(...ladder.keys())].map((row) => naiveEnd(ladder.get(row)!));
    expect([high.unfinished, low.unfinished]).toEqual(expected);
    return expected;
  });
  return [true, false, undefined].map((kind) => ends.filter((end) => end === kind).length);
}

/** The naked points after comparing them with the bars after each. */
function comparedNaked(session: Session): number {
  const { rowTicks } = session;
  const bars = barsOf(session);
  const pocs = createNakedPocs({ rowTicks });
  for (const bar of bars) pocs.push(bar);
  const expected = bars.filter(({ pocTicks }, i) =>
    bars.slice(i + 1).every(({ lowTicks, highTicks }) => lowTicks >= pocTicks + rowTicks || highTicks < pocTicks),
  );
  expect(pocs.naked()).toEqual(expected.map(({ pocTicks, startMs, endMs }) => ({ pocTicks, startMs, endMs })));
  expect(pocs.stats()).toMatchObject({ added: bars.length, touched: bars.length - expected.length });
  return expected.length;
}

/** The signals of a session, after comparing their divergences with the detector's and their scores with their parts. */
function comparedSignals(session: Session, minVolumeLots: number, lotsOfContract: number): string[] {
  const bars = barsOf(session);
  const imbalance = {
    ...imbalancePresets.reference,
    ...{ minVolume: 6 * lotsOfContract, minOpposite: 3 * lotsOfContract },
  };
  const signals = barSignals(bars, { imbalance, rowTicks: session.rowTicks, minVolumeLots });
  expect(signals.flatMap((signal) => signal.divergences)).toEqual(divergences(bars, divergencePresets.reference));
  for (const [i, { score, parts, deltaSide, label }] of signals.entries()) {
    const { deltaLots, volumeLots, openTicks, closeTicks } = bars[i]!;
    const [delta, volume] = [Number(deltaLots), Number(volumeLots)];
    expect(score).toBe(parts.reduce((sum, { points }) => sum + points, 0));
    const isSignal = volume >= minVolumeLots && Math.abs(delta) >= volume / 4;
    expect(deltaSide).toBe(isSignal ? (delta > 0 ? 'buy' : 'sell') : undefined);
    expect(label).toBe(isSignal ? ((closeTicks - openTicks) * delta < 0 ? 'ABS' : 'ACC') : undefined);
  }
  return signals
    .filter(({ parts, label }) => parts.length > 0 || label)
    .map(({ startMs, score, tags, label }) =>
      [new Date(startMs).toISOString().slice(11, 16), score, ...tags, label].join(' ').trim(),
    );
}

describe.skipIf(!hasRecordedData)('eleven minutes of ETHUSDT spot trades', () => {
  interface Answers {
    readonly files: readonly string[];
    readonly minutes: readonly { readonly t: number; readonly buy: string; readonly sell: string }[];
  }
  const answers = hasRecordedData ? expectedAnswers<Answers>('binance_spot_ETHUSDT') : { files: [], minutes: [] };
  // Rows of 0.10; a "contract" of the reference's minima is one ether.
  const session: Session = {
    grid: createGrid({ tickSize: '0.01', lotSize: '0.0001' }),
    rowTicks: 10,
    trades: answers.files.flatMap((file) => binanceTrades(file)),
  };

  test('are, in the second look, the minutes that were computed independently', () => {
    const sums = [...naiveLadders(session.trades, 10)].map(([t, rows]) => {
      const sum = (side: 'buy' | 'sell'): number => [...rows.values()].reduce((total, cell) => total + cell[side], 0);
      return [t, sum('buy'), sum('sell')];
    });
    expect(sums).toEqual(
      answers.minutes.map(({ t, buy, sell }) => [t, Math.round(Number(buy) * 1e4), Math.round(Number(sell) * 1e4)]),
    );
  });

  test('have the imbalances and zones of the second look, by every preset', () => {
    expect(compared(session, 10, 10_000)).toMatchInlineSnapshot(`
      {
        "atas": "195 marks, 8 zones",
        "atasClusters": "229 marks, 15 zones",
        "chartPatterns": "264 marks, 24 zones",
        "flowsurface": "215 marks, 9 zones",
        "freqtrade": "178 marks, 12 zones",
        "reference": "19 marks, 0 zones",
        "tradingView": "288 marks, 19 zones",
      }
    `);
  });

  test('have its unfinished auctions', () => {
    expect(comparedAuctions(session, 10)).toMatchInlineSnapshot(`
      [
        15,
        9,
        0,
      ]
    `);
  });

  test('have its naked points of control', () => {
    expect(comparedNaked(session)).toMatchInlineSnapshot(`2`);
  });

  test('have signals that add up', () => {
    expect(comparedSignals(session, 1_000_000, 10_000)).toMatchInlineSnapshot(`
      [
        "23:54 0 ACC",
        "23:55 0 ABS",
        "23:56 0 ABS",
        "23:57 0 ACC",
        "23:58 2 DIV_BULL",
        "23:59 -2 DIV_BEAR ACC",
        "00:01 2 DIV_BULL",
        "00:04 0 ABS",
      ]
    `);
  });
});

describe.skipIf(!hasRecordedData)('half an hour of ES futures', () => {
  interface Answers {
    readonly trade_volume: { readonly buy_aggr: number; readonly sell_aggr: number; readonly none: number };
  }
  const rows = hasRecordedData ? recordedMbo('ESH4_2023-12-25_mbo_to2330Z') : [];
  const session: Session = {
    grid: createGrid({ tickSize: '0.25', lotSize: '1' }),
    rowTicks: 1,
    trades: rows
      .filter(({ action }) => action === 'T')
      .map(({ timeMs, price, size, side }) => ({
        ...{ symbol: 'ESH4', timeMs, price, size },
        side: side === 'B' ? 'buy' : side === 'A' ? 'sell' : 'unknown',
      })),
  };

  test('are, in the second look, the volumes that were computed independently', () => {
    const { buy_aggr, sell_aggr, none } = expectedAnswers<Answers>('es_mbo_2023-12-25_to2330Z').trade_volume;
    const cells = [...naiveLadders(session.trades, 25).values()].flatMap((ladder) => [...ladder.values()]);
    const sum = (side: 'buy' | 'sell' | 'unknown'): number =>
      cells.reduce((total, cell) => total + cell[side], 0) / 1e4;
    expect([sum('buy'), sum('sell'), sum('unknown')]).toEqual([buy_aggr, sell_aggr, none]);
  });

  test('have the imbalances and zones of the second look, by every preset', () => {
    expect(compared(session, 25, 1)).toMatchInlineSnapshot(`
      {
        "atas": "35 marks, 0 zones",
        "atasClusters": "47 marks, 2 zones",
        "chartPatterns": "64 marks, 1 zones",
        "flowsurface": "38 marks, 1 zones",
        "freqtrade": "37 marks, 0 zones",
        "reference": "28 marks, 0 zones",
        "tradingView": "43 marks, 2 zones",
      }
    `);
  });

  test('have its unfinished auctions', () => {
    expect(comparedAuctions(session, 25)).toMatchInlineSnapshot(`
      [
        26,
        34,
        0,
      ]
    `);
  });

  test('have its naked points of control', () => {
    expect(comparedNaked(session)).toMatchInlineSnapshot(`3`);
  });

  test('have signals that add up', () => {
    expect(comparedSignals(session, 100, 1)).toMatchInlineSnapshot(`
      [
        "23:01 0 ACC",
        "23:02 0 ACC",
        "23:05 0 ACC",
        "23:08 0 ACC",
        "23:12 0 ACC",
        "23:14 0 ACC",
        "23:17 2 DIV_BULL ABS",
        "23:22 0 ACC",
        "23:23 0 ABS",
        "23:28 0 ABS",
        "23:29 0 ACC",
      ]
    `);
  });
});

function binanceTrades(file: string): Trade[] {
  interface Row {
    readonly s: string;
    readonly T: number;
    readonly t: number;
    readonly p: string;
    readonly q: string;
    readonly m: boolean;
  }
  return gunzipSync(readFileSync(recordedPath(`trades_books/${file}`)))
    .toString()
    .split('\n')
    .filter((line) => line.includes('@trade"'))
    .map((line) => (JSON.parse(line.slice(line.indexOf(' ') + 1)) as { data: Row }).data)
    .map(({ s, T, t, p, q, m }) => ({ symbol: s, timeMs: T, id: t, price: p, size: q, side: m ? 'sell' : 'buy' }));
}
