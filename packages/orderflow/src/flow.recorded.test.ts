/**
 * Flow of recorded Binance sessions. The numbers are those of goldens/make_flow.py, which finds the events in the raw
 * prints by their definitions, the slow way.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { absorptionsOfColumns } from './absorption.ts';
import { tradeColumns } from './columns.ts';
import { createCvdBySize, cvdOfColumns } from './cvd.ts';
import { addExact } from './exact.ts';
import type { ExactInt } from './exact.ts';
import { exhaustionsOfColumns } from './exhaustion.ts';
import { createGrid } from './grid.ts';
import { largeTradesOfColumns } from './large-trades.ts';
import type { TickTrade } from './market.ts';
import { sweepsOfColumns } from './sweeps.ts';
import { tradeImbalanceOfColumns } from './trade-imbalance.ts';
import { velocityOfColumns } from './velocity.ts';
import type { Burst } from './velocity.ts';

interface Message {
  readonly e?: string;
  readonly T: number;
  readonly p: string;
  readonly q: string;
  readonly m: boolean;
  readonly X?: string;
}

function printsOf(files: readonly string[], tickSize: string, lotSize: string): TickTrade[] {
  const grid = createGrid({ tickSize, lotSize });
  const prints: TickTrade[] = [];
  for (const file of files) {
    const lines = gunzipSync(readFileSync(recordedPath(`trades_books/${file}.gz`)))
      .toString()
      .split('\n');
    for (const line of lines) {
      if (!line.includes('"e":"trade"')) continue;
      const parsed = JSON.parse(line.slice(line.indexOf(' ') + 1)) as Message | { readonly data: Message };
      const { T, p, q, m, X = 'MARKET' } = 'data' in parsed ? parsed.data : parsed;
      if (X !== 'MARKET') continue;
      prints.push({ timeMs: T, priceTicks: grid.toTicks(p), sizeLots: grid.toLots(q), side: m ? 'sell' : 'buy' });
    }
  }
  return prints;
}

const usdm = hasRecordedData ? printsOf(['binance_usdm_ethusdt_20240808'], '0.01', '0.001') : [];
const spot = hasRecordedData
  ? printsOf(['binance_spot_ethusdt_20240808', 'binance_spot_ethusdt_20240809'], '0.01', '0.0001')
  : [];

const eventsOf = (prints: readonly TickTrade[]) => {
  const columns = tradeColumns(prints);
  const { values, last } = velocityOfColumns(columns);
  return {
    sweeps: sweepsOfColumns(columns),
    bursts: [...values.map(({ burst }) => burst), last].filter((burst): burst is Burst => burst !== undefined),
    absorptions: absorptionsOfColumns(columns, { maxTicks: 20 }),
    exhaustions: exhaustionsOfColumns(columns, { reverseTicks: 100, rowTicks: 20 }),
    large: largeTradesOfColumns(columns, { rule: { zScore: 4 }, mergeSameTime: true }),
  };
};
const countsOf = ({ sweeps, bursts, absorptions, exhaustions, large }: ReturnType<typeof eventsOf>) => [
  sweeps.length,
  bursts.length,
  absorptions.length,
  exhaustions.length,
  large.length,
];
const sumOf = (lots: readonly ExactInt[]): ExactInt => lots.reduce(addExact, 0);

describe.skipIf(!hasRecordedData)('5.7 minutes of ETHUSDT on USD-M futures, 14,076 prints', () => {
  const events = eventsOf(usdm);

  test('312 sweeps, 13 bursts, 1 absorption, 5 exhaustions, 20 large orders', () => {
    expect(usdm).toHaveLength(14_076);
    expect(countsOf(events)).toEqual([312, 13, 1, 5, 20]);
    expect(events.sweeps.reduce((sum, { trades }) => sum + trades, 0)).toBe(9463);
    expect(sumOf(events.sweeps.map(({ lots }) => lots))).toBe(6_895_441);
  });

  test('the first sweep takes 1.379 at 2681.63, then 0.164 at 2681.76 and 0.118 at 2681.99, within 23 ms', () => {
    expect(events.sweeps[0]).toEqual({
      side: 'buy',
      startMs: 1723161258647,
      endMs: 1723161258670,
      fromTicks: 268163,
      toTicks: 268199,
      levels: 3,
      lots: 1379 + 164 + 118,
      tickLots: 1379 * 268163 + 164 * 268176 + 118 * 268199,
      averagePriceTicks: 445425123 / 1661,
      trades: 6,
    });
  });

  test('the first burst has 257 prints in three seconds at its peak', () => {
    const { peakZ, ...burst } = events.bursts[0]!;
    expect(burst).toEqual({
      startMs: 1723161355359,
      detectedMs: 1723161357816,
      endMs: 1723161358673,
      peakMs: 1723161358261,
      peakTrades: 257,
      peakTradesPerSecond: 257 / 3,
      trades: 259,
      lots: 294_403,
    });
    expect(peakZ).toBeCloseTo(2.869169273592066, 12);
  });

  test('the ask absorbs 633 ETH of net buying in 13 s: the price gains 15 ticks', () => {
    const { thresholdLots, score, ...absorption } = events.absorptions[0]!;
    expect(absorption).toEqual({
      absorbedSide: 'buy',
      byRestingSide: 'ask',
      startMs: 1723161551828,
      detectedMs: 1723161561607,
      endMs: 1723161564786,
      lots: 1_135_387,
      deltaLots: 633_467,
      unknownLots: 0,
      trades: 1143,
      fromTicks: 268348,
      toTicks: 268363,
      priceMoveTicks: 15,
      ended: 'dried',
    });
    expect(thresholdLots).toBeCloseTo(344342.7931034483, 6);
    expect(score).toBeCloseTo(633467 / 344342.7931034483 / 16, 12);
  });

  test('buyers run out at 2683.33: 42.560, 5.001 and 1.274 ETH in the last three rows of 0.20', () => {
    expect(events.exhaustions[0]).toMatchObject({
      side: 'buy',
      extremeTicks: 268333,
      confirmedMs: 1723161315826,
      volumesLots: [42_560, 5001, 1274],
      share: (1274 * 2) / (42_560 + 5001),
      extremes: 10,
    });
  });
});

describe.skipIf(!hasRecordedData)('10.8 minutes of ETHUSDT on spot over midnight, 14,515 prints', () => {
  const events = eventsOf(spot);

  test('579 sweeps, 11 bursts, 1 absorption, 11 exhaustions, 50 large orders', () => {
    expect(spot).toHaveLength(14_515);
    expect(countsOf(events)).toEqual([579, 11, 1, 11, 50]);
    expect(events.sweeps.reduce((sum, { trades }) => sum + trades, 0)).toBe(10_265);
    expect(sumOf(events.sweeps.map(({ lots }) => lots))).toBe(33_858_682);
  });

  test('one order sells 500 ETH through 110 prices in one millisecond: a sweep, and the largest order', () => {
    const order = { side: 'sell', fromTicks: 268515, toTicks: 268234, lots: 5_000_000, trades: 219 };
    const widest = events.sweeps.reduce((a, b) => (b.levels > a.levels ? b : a));
    expect(widest).toMatchObject({ ...order, levels: 110, startMs: 1723161588721, endMs: 1723161588721 });
    const largest = events.large.reduce((a, b) => (b.lots > a.lots ? b : a));
    expect(largest).toMatchObject({ ...order, timeMs: 1723161588721 });
  });

  test('the ask absorbs 167 ETH of net buying while the price falls by 51 ticks', () => {
    expect(events.absorptions[0]).toMatchObject({
      absorbedSide: 'buy',
      startMs: 1723161705494,
      endMs: 1723161716955,
      deltaLots: 1_674_817,
      priceMoveTicks: -51,
      trades: 354,
    });
  });
});

describe.skipIf(!hasRecordedData).each([
  ['USD-M futures', usdm],
  ['spot', spot],
])('on %s', (_, prints) => {
  const columns = tradeColumns(prints);
  const volume = sumOf(prints.map(({ sizeLots }) => sizeLots));

  test('the delta by size adds up to the delta, and its volume to all volume', () => {
    const bySize = createCvdBySize({ edgesLots: [100, 1000, 10_000, 100_000] });
    for (const trade of prints) bySize.push(trade);
    expect(bySize.value).toBe(cvdOfColumns(columns).at(-1));
    expect(bySize.totals().every(({ trades }) => trades > 0)).toBe(true);
    expect(
      sumOf(bySize.totals().flatMap(({ buyLots, sellLots, unknownLots }) => [buyLots, sellLots, unknownLots])),
    ).toBe(volume);
  });

  test('the imbalances of the minutes hold all volume, and no print is late', () => {
    const { values, last } = tradeImbalanceOfColumns(columns, { window: { everyMs: 60_000 } });
    const minutes = [...values.flatMap(({ ended }) => ended ?? []), last!];
    expect(sumOf(minutes.flatMap(({ totals: { buyLots, sellLots } }) => [buyLots, sellLots]))).toBe(volume);
  });
});
