/** Every recorded file of Databento: the binary form equals the CSV form, and single orders give the known books. */
import { describe, expect, test } from 'vitest';
import { createGrid } from '@tapekit/orderflow/grid';
import { createMboBook, mboEventOf } from '@tapekit/orderflow/mbo-book';
import type { MboLevel } from '@tapekit/orderflow/mbo-book';
import { expectedAnswers, hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { dbnBytes, decodeCsv, decodeDbn, gzippedLines } from './databento/decode.fixture.ts';

/** Data rows counted with `zcat file | tail -n +2 | wc -l`; trades by `awk -F, '$6=="T"'`. */
const pairs = [
  ['ESH4_2023-12-24_mbo_snapshot_only', 8_725, { order: 8_725 }],
  ['ESH4_2023-12-25_mbo_to2330Z', 44_371, { order: 44_371, trade: 1_865 }],
  ['ES_2024-05-08_mbo_snapshot', 13_796, { order: 13_796, trade: 5 }],
  ['ESU4_2024-07-01_mbp-1', 2_288, { quote: 2_288, trade: 120 }],
  ['ESU4_2024-07-01_trades', 120, { trade: 120 }],
  ['ESU4_2024-07-01_ohlcv-1m', 60, { bar: 60 }],
] as const;

function countTypes(events: readonly { type: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of events) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

describe.skipIf(!hasRecordedData)('recorded files of Databento', () => {
  test.each(pairs)('%s holds the same %i records in both forms', async (name, rows, types) => {
    const binary = decodeDbn(await dbnBytes(recordedPath(`futures/${name}.dbn.zst`)));
    const metadata = binary.decoder.metadata()!;
    const names = Object.fromEntries(
      metadata.mappings.flatMap(({ rawSymbol, intervals }) => intervals.map(({ symbol }) => [symbol, rawSymbol])),
    );
    const csv = decodeCsv(gzippedLines(recordedPath(`futures/${name}.csv.gz`)), { names });

    expect(binary.decoder.records()).toBe(rows);
    expect(binary.records).toHaveLength(rows);
    expect(csv.records).toEqual(binary.records);
    expect(csv.events).toEqual(binary.events);
    expect(csv.controls).toEqual(binary.controls);
    expect(countTypes(binary.events)).toEqual(types);
    expect([binary.rejected, csv.rejected]).toEqual([[], []]);
    expect([binary.unmodelled, csv.unmodelled]).toEqual([{ metadata: 1 }, { header: 1 }]);
  });

  test('chunks may be cut anywhere', async () => {
    const bytes = await dbnBytes(recordedPath('futures/ESU4_2024-07-01_mbp-1.dbn.zst'));
    const whole = decodeDbn(bytes);
    for (const chunkBytes of [1, 7, 79, 80, 81, 4096])
      expect(decodeDbn(bytes, { chunkBytes }).records).toEqual(whole.records);
  });

  test.each([
    ['es_mbo_2023-12-25_to2330Z', 'ESH4_2023-12-25_mbo_to2330Z'],
    ['es_mbo_2024-05-08', 'ES_2024-05-08_mbo_snapshot'],
  ])('orders of %s give the expected book, counts and volumes', async (answersName, file) => {
    interface Answers {
      records: number;
      actions: Record<string, number>;
      crossed_at_F_LAST: number;
      trade_volume: { buy_aggr: number; sell_aggr: number; none: number };
      final: { orders: number; bid_levels: number; ask_levels: number; bids: unknown; asks: unknown };
    }
    const answers = expectedAnswers<Answers>(answersName);
    const { events } = decodeDbn(await dbnBytes(recordedPath(`futures/${file}.dbn.zst`)));
    const grid = createGrid({ tickSize: '0.25', lotSize: '1' });
    const book = createMboBook();
    const traded = { buy: 0, sell: 0, unknown: 0 };
    for (const event of events) {
      if (event.type === 'order') book.push(mboEventOf(event, grid));
      if (event.type === 'trade') traded[event.side] += Number(event.size);
    }
    book.flush();
    const stats = book.stats();
    const levels = (side: readonly MboLevel[]) =>
      side.map(({ priceTicks, sizeLots, orders }) => [grid.formatPrice(priceTicks), sizeLots, orders]);
    const { bids, asks } = book.top(10);

    expect(stats.records).toBe(answers.records);
    expect(Object.fromEntries(Object.entries(stats.actions).filter(([, n]) => n > 0))).toEqual(answers.actions);
    expect(stats.crossedAtLast).toBe(answers.crossed_at_F_LAST);
    const { buy_aggr, sell_aggr, none } = answers.trade_volume;
    expect([stats.buyLots, stats.sellLots, stats.unknownLots]).toEqual([buy_aggr, sell_aggr, none]);
    // The trades beside the orders are the same tape.
    expect(traded).toEqual({ buy: buy_aggr, sell: sell_aggr, unknown: none });
    expect({
      orders: stats.orders,
      bid_levels: stats.bidLevels,
      ask_levels: stats.askLevels,
      bids: levels(bids),
      asks: levels(asks),
    }).toEqual(answers.final);
  });

  test('every version and kind of the published samples is read', async () => {
    const samples = {
      'mbo.v1.dbn.zst': [1, { order: 2 }, {}],
      'mbo.v3.dbn': [3, { order: 2 }, {}],
      'mbp-10.v1.dbn.zst': [1, { 'book-snapshot': 2 }, {}],
      'mbp-10.v3.dbn.zst': [3, { 'book-snapshot': 2 }, {}],
      'mbp-1.v3.dbn.zst': [3, { quote: 2 }, {}],
      'tbbo.v3.dbn.zst': [3, { quote: 2, trade: 2 }, {}],
      'bbo-1s.v3.dbn.zst': [3, { quote: 4 }, {}],
      'trades.v2.dbn.zst': [2, { trade: 2 }, {}],
      'ohlcv-1m.v3.dbn.zst': [3, { bar: 2 }, {}],
      'status.v3.dbn.zst': [3, {}, { status: 4 }],
      'definition.v3.dbn.zst': [3, {}, { definition: 2 }],
    } as const;
    for (const [name, [version, types, others]] of Object.entries(samples)) {
      const { decoder, events, rejected, unmodelled } = decodeDbn(
        await dbnBytes(recordedPath(`fixtures/dbn/test_data.${name}`)),
      );
      expect(decoder.metadata()?.version, name).toBe(version);
      expect(countTypes(events), name).toEqual(types);
      expect(unmodelled, name).toEqual({ metadata: 1, ...others });
      expect(rejected, name).toEqual([]);
    }
    const [v1, v3] = [
      decodeDbn(await dbnBytes(recordedPath('fixtures/dbn/test_data.mbp-10.v1.dbn.zst'))),
      decodeDbn(await dbnBytes(recordedPath('fixtures/dbn/test_data.mbp-10.v3.dbn.zst'))),
    ];
    expect(v3.records).toEqual(v1.records);
    expect(v3.events[0]).toMatchObject({ symbol: 'ESH1', lastUpdateId: 1_170_352 });
  });
});
