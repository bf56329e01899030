/**
 * Queue imbalance and micro-price on recorded best quotes: fitted on the first half of a session, judged on the second.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { createGrid } from './grid.ts';
import type { TickQuote } from './market.ts';
import { fitMicroPrice, microPrice } from './micro-price.ts';
import type { MicroPriceOptions } from './micro-price.ts';
import { createQueueImbalanceSamples, fitQueueImbalance, upProbability } from './queue-imbalance.ts';
import { vampBbo } from './vamp.ts';

const linesOf = (file: string): string[] =>
  gunzipSync(readFileSync(recordedPath(file)))
    .toString()
    .split('\n');

function bookTickers(session: string, lotSize: string): TickQuote[] {
  const grid = createGrid({ tickSize: '0.01', lotSize });
  const quotes: TickQuote[] = [];
  for (const line of linesOf(`trades_books/binance_${session}_20240808.gz`)) {
    if (!line.includes('@bookTicker')) continue;
    const { data } = JSON.parse(line.slice(line.indexOf(' ') + 1)) as { data: Record<'b' | 'B' | 'a' | 'A', string> };
    quotes.push({
      bidTicks: grid.toTicks(data.b),
      bidLots: grid.toLots(data.B),
      askTicks: grid.toTicks(data.a),
      askLots: grid.toLots(data.A),
    });
  }
  return quotes;
}

const midOf = ({ bidTicks, askTicks }: TickQuote): number => (bidTicks + askTicks) / 2;
const weightedMidOf = ({ bidTicks, bidLots, askTicks, askLots }: TickQuote): number =>
  vampBbo({ bidPrice: bidTicks, bidSize: bidLots, askPrice: askTicks, askSize: askLots })!;

/** Mean squared distance, in ticks², of a price of every quote from the mid after its next `moves` moves. */
function errorsOf(quotes: readonly TickQuote[], moves: number, pricesOf: ((quote: TickQuote) => number | undefined)[]) {
  const movedAt = quotes.flatMap((quote, i) => (i > 0 && midOf(quote) !== midOf(quotes[i - 1]!) ? [i] : []));
  const sums = pricesOf.map(() => 0);
  let next = 0;
  let n = 0;
  for (const [i, quote] of quotes.entries()) {
    while (next < movedAt.length && movedAt[next]! <= i) next += 1;
    const target = movedAt[next + moves - 1];
    const prices = pricesOf.map((priceOf) => priceOf(quote));
    if (target === undefined || prices.includes(undefined)) continue;
    n += 1;
    prices.forEach((price, k) => (sums[k]! += (midOf(quotes[target]!) - price!) ** 2));
  }
  return sums.map((sum) => sum / n);
}

const sessions: [session: string, lotSize: string, quotes: number][] = [
  ['spot_ethusdt', '0.00001', 24_077],
  ['usdm_ethusdt', '0.001', 53_992],
  ['cm_ethusd_perp', '1', 15_812],
];

describe.skipIf(!hasRecordedData).each(sessions)('%s', (session, lotSize, count) => {
  const quotes = hasRecordedData ? bookTickers(session, lotSize) : [];
  const [first, second] = [quotes.slice(0, quotes.length >> 1), quotes.slice(quotes.length >> 1)];
  const labelled = (of: readonly TickQuote[], quote: 'last' | 'first') => {
    const samples = createQueueImbalanceSamples({ quote });
    return of.map((next) => samples.push(next)).filter((sample) => sample !== undefined);
  };

  test.each(['last', 'first'] as const)(
    'the %s imbalance tells two of three moves of the mid, out of sample',
    (quote) => {
      expect(quotes).toHaveLength(count);
      const model = fitQueueImbalance(labelled(first, quote));
      const samples = labelled(second, quote);
      const right = samples.filter(({ imbalance, up }) => upProbability(model, imbalance)! > 0.5 === up);
      expect(model.slope / model.slopeError).toBeGreaterThan(10);
      expect(model.logLoss).toBeLessThan(model.nullLogLoss);
      expect(right.length / samples.length).toBeGreaterThan(2 / 3);
    },
  );

  const fitted = (options: MicroPriceOptions) => {
    const model = fitMicroPrice(first, options);
    return (quote: TickQuote) => microPrice(model, quote);
  };

  test('the first term is nearer to the next mid than mid and weighted mid are, out of sample', () => {
    const [mid, weighted, micro] = errorsOf(second, 1, [midOf, weightedMidOf, fitted({ terms: 1 })]) as [
      number,
      number,
      number,
    ];
    expect(micro).toBeLessThan(mid);
    expect(micro).toBeLessThan(weighted);
  });

  test('six terms are nearer to the mid six moves on, out of sample', () => {
    const [mid, weighted, micro] = errorsOf(second, 6, [midOf, weightedMidOf, fitted({})]) as [number, number, number];
    expect(micro).toBeLessThan(mid);
    expect(micro).toBeLessThan(weighted);
  });

  // One tick is 0.04 basis points: the mid moves by ten of them while the spread is one.
  test('where a tick is next to nothing, the fair price lies beyond the best quote most of the time', () => {
    const priceOf = fitted({});
    const inside = second.filter((quote) => {
      const price = priceOf(quote)!;
      return price >= quote.bidTicks && price <= quote.askTicks;
    });
    expect(inside.length / second.length).toBeLessThan(0.1);
  });
});

describe.skipIf(!hasRecordedData)('an index future with a large tick', () => {
  const quotes = (): TickQuote[] => {
    const grid = createGrid({ tickSize: '0.25', lotSize: '1' });
    const [head, ...rows] = linesOf('futures/ESU4_2024-07-01_mbp-1.csv.gz');
    const at = (name: string): number => head!.split(',').indexOf(name);
    const [bid, ask, bidSize, askSize] = [at('bid_px_00'), at('ask_px_00'), at('bid_sz_00'), at('ask_sz_00')] as const;
    return rows
      .filter((row) => row !== '')
      .map((row) => row.split(','))
      .map((row) => ({
        bidTicks: grid.toTicks(row[bid]!),
        bidLots: grid.toLots(row[bidSize]!),
        askTicks: grid.toTicks(row[ask]!),
        askLots: grid.toLots(row[askSize]!),
      }));
  };

  test('the micro-price lies between bid and ask for every quote', () => {
    const all = quotes();
    expect(all).toHaveLength(2288);
    const model = fitMicroPrice(all);
    let priced = 0;
    for (const quote of all) {
      const price = microPrice(model, quote);
      if (price === undefined) continue;
      priced += 1;
      expect(price >= quote.bidTicks && price <= quote.askTicks).toBe(true);
    }
    expect(priced).toBe(2288);
  });
});
