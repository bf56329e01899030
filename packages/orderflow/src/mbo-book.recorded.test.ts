/** Recorded sessions of ES futures (CME, Databento MBO) through the book, against independently computed answers. */
import { describe, expect, test } from 'vitest';
import { expectedAnswers, hasRecordedData } from '@tapekit/tooling/recorded-data';
import { recordedMbo } from '@tapekit/tooling/recorded-mbo';
import { addExact } from './exact.ts';
import { createGrid } from './grid.ts';
import { createMboBook, mboEventOf, restoreMboBook } from './mbo-book.ts';
import type { MboBook, MboLevel } from './mbo-book.ts';
import { vwapOf } from './vwap.ts';

type Levels = readonly (readonly [price: string, lots: number, orders: number])[];
interface Answers {
  readonly records: number;
  readonly actions: Readonly<Record<string, number>>;
  readonly anomalies: Readonly<Record<string, number>>;
  readonly crossed_at_F_LAST: number;
  readonly trade_volume: { buy_aggr: number; sell_aggr: number; none: number; vwap: string };
  readonly checkpoints_5m: readonly {
    readonly ts_recv: number;
    readonly sequence: number;
    readonly orders: number;
    readonly bids: Levels;
    readonly asks: Levels;
    readonly cum_buy: number;
    readonly cum_sell: number;
    readonly cum_none: number;
  }[];
  readonly final: { orders: number; bid_levels: number; ask_levels: number; bids: Levels; asks: Levels };
}

const grid = createGrid({ tickSize: '0.25', lotSize: '1' });
const levels = (side: readonly MboLevel[]): Levels =>
  side.map(({ priceTicks, sizeLots, orders }) => [grid.formatPrice(priceTicks), sizeLots, orders]);
const topOf = (book: MboBook, n: number) => {
  const { bids, asks } = book.top(n);
  return { bids: levels(bids), asks: levels(asks) };
};

const sessions = [
  ['es_mbo_2023-12-25_to2330Z', 'ESH4_2023-12-25_mbo_to2330Z'],
  ['es_mbo_2024-05-08', 'ES_2024-05-08_mbo_snapshot'],
] as const;

describe.skipIf(!hasRecordedData).each(sessions)('the recorded session %s', (name, file) => {
  test('gives every checkpoint, the final book, all counts and volumes', () => {
    const answers = expectedAnswers<Answers>(name);
    let book = createMboBook();
    const checkpoints: unknown[] = [];
    let checked: bigint | undefined;
    let records = 0;
    for (const row of recordedMbo(file)) {
      book.push(mboEventOf(row, grid));
      // A cut anywhere must not show.
      if ((records += 1) % 7001 === 0) book = restoreMboBook(JSON.parse(JSON.stringify(book.snapshot())));
      if (!book.isConsistent) continue;
      // The first consistent book of every five minutes of receive time.
      const window = row.receivedNs / 300_000_000_000n;
      if (window === checked) continue;
      checked = window;
      const { orders, buyLots, sellLots, unknownLots } = book.stats();
      checkpoints.push({
        ts_recv: Number(row.receivedNs),
        sequence: row.sequence,
        orders,
        ...topOf(book, 5),
        cum_buy: buyLots,
        cum_sell: sellLots,
        cum_none: unknownLots,
      });
    }
    expect(checkpoints).toEqual(answers.checkpoints_5m);

    book.flush();
    const stats = book.stats();
    expect(stats.records).toBe(answers.records);
    expect(Object.fromEntries(Object.entries(stats.actions).filter(([, n]) => n > 0))).toEqual(answers.actions);
    expect(answers.anomalies).toEqual({});
    expect(stats.crossedAtLast).toBe(answers.crossed_at_F_LAST);
    const volume = [stats.buyLots, stats.sellLots, stats.unknownLots].reduce(addExact);
    expect({
      buy_aggr: stats.buyLots,
      sell_aggr: stats.sellLots,
      none: stats.unknownLots,
      vwap: Number(vwapOf(grid, stats.tradedTickLots, volume)).toFixed(9),
    }).toEqual(answers.trade_volume);
    expect({
      orders: stats.orders,
      bid_levels: stats.bidLevels,
      ask_levels: stats.askLevels,
      ...topOf(book, 10),
    }).toEqual(answers.final);
  });
});
