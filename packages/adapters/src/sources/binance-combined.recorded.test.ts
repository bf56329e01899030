import { expectedAnswers, hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { generateTape } from '@tapekit/tooling/tape-generator';
import { describe, expect, test } from 'vitest';
import { replayBinanceCombined } from './binance-combined.ts';
import { replay } from './binance/tape.fixture.ts';
import { fileInput } from './node-files.ts';

describe('a generated tape', () => {
  test('is read as its truth says: lines by kind, duplicates as lines, cut lines quarantined', async () => {
    const { lines, truth } = generateTape({ seed: 3, durationMs: 300_000, faults: { badLines: 7, duplicates: 5 } });
    const { entries, records, stats } = await replay(lines.join('\n'), { symbol: 'TAPEUSDT' });
    expect(stats.events).toEqual({
      trade: truth.lines.trade,
      nonMarketTrade: 0,
      quote: truth.lines.quote,
      bookSnapshot: truth.lines.snapshot,
      bookDelta: truth.lines.depth,
      bar: 0,
      order: 0,
    });
    expect(entries.map((entry) => entry.reason)).toEqual(Array.from({ length: 7 }, () => 'bad-json'));
    const ids = records.flatMap(({ events }) => events.flatMap((event) => (event.type === 'trade' ? [event.id] : [])));
    expect(ids).toHaveLength(truth.session.n + truth.duplicates.length);
    expect(new Set(ids)).toEqual(new Set(truth.trades.map((trade) => trade.id)));
  });
});

describe.skipIf(!hasRecordedData)('recorded captures', () => {
  interface Expected {
    readonly files: readonly string[];
    readonly symbol: string;
    readonly counts: Record<'bookTicker' | 'depth_events' | 'snapshots' | 'trade_events', number>;
    readonly trades: {
      readonly n: number;
      readonly non_market_or_zero: number;
      readonly first_T: number;
      readonly last_T: number;
    };
  }

  test.each([
    ['binance_spot_ETHUSDT', 'binanceSpot'],
    ['binance_usdm_ETHUSDT', 'binanceFutures'],
    ['binance_cm_ETHUSD_PERP', 'binanceFutures'],
  ])('%s is read whole, by kind', async (name, bookRule) => {
    const expected = expectedAnswers<Expected>(name);
    const inputs = expected.files.map((file) => fileInput(recordedPath(`trades_books/${file}`)));
    const source = replayBinanceCombined({ inputs, symbol: expected.symbol });
    const times: number[] = [];
    for await (const item of source) {
      if (item.kind !== 'record') continue;
      for (const event of item.record.events) if (event.type === 'trade') times.push(event.timeMs);
    }
    const stats = source.stats();
    expect(stats.events).toEqual({
      trade: expected.trades.n,
      nonMarketTrade: expected.trades.non_market_or_zero,
      quote: expected.counts.bookTicker,
      bookSnapshot: expected.counts.snapshots,
      bookDelta: expected.counts.depth_events,
      bar: 0,
      order: 0,
    });
    expect(expected.trades.n + expected.trades.non_market_or_zero).toBe(expected.counts.trade_events);
    expect(stats).toMatchObject({ bookRule, quarantined: 0, blank: 0, unmodelled: {} });
    expect([times[0], times.at(-1)]).toEqual([expected.trades.first_T, expected.trades.last_T]);
  });
});
