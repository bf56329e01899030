/**
 * Impact, spreads and resilience of recorded markets. The numbers are those of goldens/make_impact.py, which takes each
 * measure by its definition from the raw messages, the slow way.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { amihudOfColumns } from './amihud.ts';
import { quoteColumns, tradeColumns } from './columns.ts';
import type { ExactInt } from './exact.ts';
import { createGrid } from './grid.ts';
import { impactNormalisedFlowOfColumns } from './impact-normalised-flow.ts';
import { createKyle, kyleLambdaInPrice } from './kyle.ts';
import type { TickQuote, TickTrade } from './market.ts';
import { markoutsOfColumns } from './markouts.ts';
import type { MarkoutMeasure } from './markouts.ts';
import { resilienceOfColumns } from './resilience.ts';
import { abdiRanaldoOfColumns, corwinSchultzOfColumns, rollSpread } from './spread-estimators.ts';
import { spreadsOfColumns } from './spreads.ts';
import type { SpreadMeasure } from './spreads.ts';

interface Tape {
  readonly prints: readonly TickTrade[];
  readonly quotes: readonly { readonly timeMs: number; readonly quote: TickQuote }[];
}

/** Prints and quotes by the clock of the venue or of the recorder, at one time in order of arrival. */
function tapeOf(files: readonly string[], lotSize: string, clock: 'venue' | 'recorder'): Tape {
  const grid = createGrid({ tickSize: '0.01', lotSize });
  const prints: TickTrade[] = [];
  const quotes: Tape['quotes'][number][] = [];
  for (const file of files) {
    const text = gunzipSync(readFileSync(recordedPath(`trades_books/${file}.gz`))).toString();
    for (const line of text.split('\n')) {
      if (!line.includes('"e":"trade"') && !line.includes('@bookTicker"')) continue;
      const [arrival, json] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)];
      const { data } = JSON.parse(json) as { data: Record<string, string> & { T: number; m: unknown } };
      // The recorder's nanoseconds leave the safe integers: their last six digits go.
      const timeMs = clock === 'venue' ? data.T : Number(arrival.slice(0, -6));
      if (data['e'] === 'trade') {
        if ((data['X'] ?? 'MARKET') !== 'MARKET') continue;
        const side = data.m === true ? 'sell' : 'buy';
        prints.push({ timeMs, priceTicks: grid.toTicks(data['p']!), sizeLots: grid.toLots(data['q']!), side });
      } else {
        const [bidTicks, askTicks] = [grid.toTicks(data['b']!), grid.toTicks(data['a']!)];
        const [bidLots, askLots] = [grid.toLots(data['B']!), grid.toLots(data['A']!)];
        quotes.push({ timeMs, quote: { bidTicks, askTicks, bidLots, askLots } });
      }
    }
  }
  const byTime = <T extends { timeMs: number }>(rows: T[]) => rows.sort((a, b) => a.timeMs - b.timeMs);
  return { prints: byTime(prints), quotes: byTime(quotes) };
}

const none: Tape = { prints: [], quotes: [] };
const usdm = hasRecordedData ? tapeOf(['binance_usdm_ethusdt_20240808'], '0.001', 'venue') : none;
const spot = hasRecordedData
  ? tapeOf(['binance_spot_ethusdt_20240808', 'binance_spot_ethusdt_20240809'], '0.0001', 'recorder')
  : none;

/** All sums of a measure, in the order of its fields. */
const sumsOf = ({ sums }: SpreadMeasure | MarkoutMeasure): readonly ExactInt[] => Object.values<ExactInt>({ ...sums });
const spreadsWith = ({ prints, quotes }: Tape, quoteLagMs: number) =>
  spreadsOfColumns(tradeColumns(prints), quoteColumns(quotes), { quoteLagMs, horizonMs: 5000 }).summary;
/** Bars of ten seconds with prints. */
function barsOf({ prints }: Tape) {
  const windows = new Map<number, number[]>();
  for (const { timeMs, priceTicks } of prints) {
    const at = Math.floor(timeMs / 10_000);
    const window = windows.get(at);
    if (window) window.push(priceTicks);
    else windows.set(at, [priceTicks]);
  }
  const prices = [...windows.values()];
  return {
    high: prices.map((window) => Math.max(...window)),
    low: prices.map((window) => Math.min(...window)),
    close: prices.map((window) => window.at(-1)!),
    volume: prices.map(() => 1),
  };
}

describe.skipIf(!hasRecordedData)('5.7 minutes of ETHUSDT on USD-M futures, by the clock of the venue', () => {
  test('1 ms before the prints 0.056 bps were quoted; 0.762 were paid, 1.525 lost to the price, −0.759 kept', () => {
    const { quoted, effective, realised, impact } = spreadsWith(usdm, 1);
    expect(sumsOf(quoted)).toEqual([14076, 9164948, 21298, 16135684, 7548370592, 4914770101116]);
    expect(sumsOf(effective)).toEqual([14076, 9164948, 287670, 402559598, 7548370592, 4914770101116]);
    expect(sumsOf(realised)).toEqual([13967, 9136909, -284196, -215340262, 7489904824, 4899729737979]);
    expect(sumsOf(impact)).toEqual([13967, 9136909, 571026, 617813879, 7489904824, 4899729737979]);
    expect([quoted, effective, realised, impact].map(({ meanBps }) => meanBps?.toFixed(5))).toEqual([
      '0.05643',
      '0.76220',
      '-0.75888',
      '1.52479',
    ]);
  });

  test('with the quotes that the prints left behind the effective spread looks eight times smaller', () => {
    const { effective } = spreadsWith(usdm, 0);
    expect(sumsOf(effective).slice(2, 4)).toEqual([35402, 151941509]);
    expect(effective.meanBps).toBeCloseTo(0.0938, 5);
  });

  test('the mid goes on the way of the taker by 24 ticks in 0.1 s, on average of all bought', () => {
    const { summary } = markoutsOfColumns(tradeColumns(usdm.prints), quoteColumns(usdm.quotes), {
      horizonsMs: [100, 1000, 5000],
      quoteLagMs: 1,
    });
    expect(summary.map(({ buy, sell }) => [buy, sell].map(sumsOf))).toEqual([
      [
        [6984, 4960564, 338952, 372164145],
        [7092, 4204384, 276763, 259977354],
      ],
      [
        [6984, 4960564, 330466, 367077102],
        [7092, 4204384, 300495, 287929344],
      ],
      [
        [6972, 4958843, 401919, 441637098],
        [6995, 4178066, 169107, 176176781],
      ],
    ]);
    expect(summary[0]!.buy.meanTicks).toBeCloseTo(24.266, 3);
  });

  test('λ is 0.00027 ticks a lot of 0.001: 1000 ETH move the price by 2.72, R² 0.26', () => {
    const kyle = createKyle({ window: 'all' });
    for (const print of usdm.prints) kyle.push(print);
    kyle.flush();
    const { lambda, intercept, n, r2, t } = kyle.fit()!;
    expect(n).toBe(343);
    expect(lambda).toBeCloseTo(0.0002719382710010792, 16);
    expect(intercept).toBeCloseTo(-0.6703384009632077, 12);
    expect(r2).toBeCloseTo(0.2599302761674389, 12);
    expect(t).toBeCloseTo(10.943829159108983, 11);
    expect(1000 * kyleLambdaInPrice(createGrid({ tickSize: '0.01', lotSize: '0.001' }), lambda)).toBeCloseTo(2.719, 3);
  });

  test('prices alone say little of a spread of 0.06 bps: Roll finds no bounce, bars of 10 s say 1.2 to 2', () => {
    expect(rollSpread(usdm.prints.map(({ priceTicks }) => priceTicks))).toMatchObject({
      outcome: 'no-bounce',
      autocovariance: expect.closeTo(0.7490407844251812, 10),
    });
    const { values, counts } = corwinSchultzOfColumns(barsOf(usdm), { window: 'all' });
    expect(values.at(-1)!.spread).toBeCloseTo(0.00011936861325028199, 14);
    expect([counts.pairs, counts.negativePairs]).toEqual([35, 12]);
    const { twoDay, monthly } = abdiRanaldoOfColumns(barsOf(usdm), { window: 'all' }).values.at(-1)!;
    expect(twoDay).toBeCloseTo(0.00016950251883419143, 14);
    expect(monthly).toBeCloseTo(0.0001997058495088239, 14);
  });

  test('of 297 wide spreads 296 are narrow again within 5 s, half of them within 11 ms', () => {
    const { values } = resilienceOfColumns(tradeColumns(usdm.prints), quoteColumns(usdm.quotes));
    const of = (trigger: string) => {
      const own = values.filter((event) => event.trigger === trigger && event.outcome !== 'interrupted');
      const took = own.flatMap(({ shockMs, recoveredMs }) => (recoveredMs === undefined ? [] : recoveredMs - shockMs));
      const total = took.reduce((sum, ms) => sum + ms, 0);
      return [
        own.length,
        took.length,
        took.toSorted((x, y) => x - y)[Math.floor(took.length / 2)],
        total / took.length,
      ];
    };
    // Shocks, how many recovered, their median and their mean in ms.
    expect(of('trade')).toEqual([37, 35, 17, 230.6]);
    expect(of('spread')).toEqual([297, 296, 11, expect.closeTo(80.42905405405405, 10)]);
    expect(values[0]).toMatchObject({
      trigger: 'spread',
      shockMs: 1723161258647,
      recoveredMs: 1723161258653,
      spreadBeforeTicks: 1,
      spreadAtTicks: 12,
      spreadAfterTicks: 1,
    });
    expect(values.at(-1)).toMatchObject({ trigger: 'trade', outcome: 'interrupted', shockMs: 1723161600029 });
  });

  test('of 344 seconds 319 have a λ that is believed, from the 60 seconds before', () => {
    const { values, last } = impactNormalisedFlowOfColumns(tradeColumns(usdm.prints));
    const intervals = [...values, last].filter((value) => value !== undefined);
    const judged = intervals.filter(({ impactRatio }) => impactRatio !== undefined);
    expect([intervals.length, judged.length]).toEqual([344, 319]);
    const numbersOf = ({ expectedTicks, normalisedFlow, absorbedLots }: (typeof judged)[0]) =>
      [expectedTicks!, normalisedFlow!, absorbedLots!].map((value) => value.toPrecision(10));
    expect(numbersOf(judged[0]!)).toEqual(['-0.08842944788', '-0.02947648263', '-4819.698348']);
    // Selling that used to move the price by 21.6 ticks moved it by 2.
    const most = judged.reduce((a, b) => (Math.abs(b.normalisedFlow!) > Math.abs(a.normalisedFlow!) ? b : a));
    expect(numbersOf(most)).toEqual(['-21.61217183', '-10.80608591', '-24222.81790']);
    expect(Math.abs(Number(most.priceChangeTicks))).toBe(2);
  });
});

describe.skipIf(!hasRecordedData)('10.8 minutes of ETHUSDT on spot, by the clock of the recorder', () => {
  test('quotes come before the prints that moved them: 20 ms of lag turn −0.217 bps into 0.540', () => {
    const rows = [0, 1, 20].map((lag) => spreadsWith(spot, lag));
    expect(rows.map(({ effective }) => sumsOf(effective).slice(2, 4))).toEqual([
      [-84542, 1164679572],
      [-24548, 1337832547],
      [210241, 1948566101],
    ]);
    expect(rows.map(({ effective }) => effective.meanBps?.toFixed(4))).toEqual(['-0.2173', '-0.0631', '0.5404']);
    expect(rows.map(({ quoted }) => quoted.meanBps?.toFixed(4))).toEqual(['0.1269', '0.1291', '0.0598']);
    expect(rows.map(({ realised }) => sumsOf(realised).slice(0, 4))).toEqual(
      [0, 1, 20].map(() => [14447, 42702286, -397005, -1841423226]),
    );
  });

  test('estimates from bars of 10 s are far above it', () => {
    expect(corwinSchultzOfColumns(barsOf(spot), { window: 'all' }).values.at(-1)!.spread).toBeCloseTo(
      9.850673701310244e-5,
      14,
    );
    expect(abdiRanaldoOfColumns(barsOf(spot), { window: 'all' }).values.at(-1)).toMatchObject({
      twoDay: expect.closeTo(0.00016745649246177228, 14),
      monthly: 0,
    });
  });
});

/** Columns of a daily file of the Indonesian exchange. */
function dailyOf(symbol: string) {
  const [head, ...rows] = gunzipSync(readFileSync(recordedPath(`ohlcv/idx_daily/${symbol}.csv.gz`)))
    .toString()
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  const column = (name: string) => rows.map((row) => Number(row[head!.indexOf(name)]));
  const [high, low, close, volume] = ['high', 'low', 'close', 'volume'].map(column) as [
    number[],
    number[],
    number[],
    number[],
  ];
  return { high, low, close, volume, value: column('value') };
}

describe.skipIf(!hasRecordedData)('1355 days of Indonesian stocks', () => {
  test.each([
    ['BBCA', 2.0184937880653533e-14, 0.005535728723210499, 0.007621875504031687, 0.010153428994737744, 1354],
    ['TLKM', 3.7168653518875126e-14, 0.006429028798309762, 0.00781782314118586, 0.007298092058973049, 1354],
    ['BUMI', 7.536846110480287e-13, 0.015335165283829411, 0.012415828448914035, 0, 1354],
    ['WSKT', 3.0229657635168186e-12, 0.010269119077429893, 0.010296624393318068, 0, 913],
  ])('%s: Amihud %d, Corwin-Schultz %d, Abdi-Ranaldo %d and %d', (symbol, illiquidity, cs, twoDay, monthly, days) => {
    const { value, ...bars } = dailyOf(symbol);
    const amihud = amihudOfColumns({ close: bars.close, volume: bars.volume, quoteVolume: value });
    expect(amihud.values.at(-1)! / illiquidity).toBeCloseTo(1, 12);
    expect(amihud.counts).toMatchObject({ bars: days, unusableBars: 0 });
    expect(corwinSchultzOfColumns(bars, { window: 'all' }).values.at(-1)!.spread).toBeCloseTo(cs, 13);
    const estimate = abdiRanaldoOfColumns(bars, { window: 'all' });
    expect(estimate.values.at(-1)).toMatchObject({
      twoDay: expect.closeTo(twoDay, 13),
      monthly: expect.closeTo(monthly, 13),
      pairs: days,
    });
    expect(estimate.counts.unusableBars).toBe(1354 - days);
  });
});
