import { bookRules } from '@tapekit/orderflow/book';
import { createGrid } from '@tapekit/orderflow/grid';
import type { L1Snapshot } from '@tapekit/orderflow/market';
import { expectedAnswers, hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { describe, expect, test } from 'vitest';
import type { SourceEvent } from './market-source.ts';
import {
  createOrderBookSampler,
  createOrderBookWriter,
  type OrderBookSample,
  type OrderBookSamplerOptions,
  type OrderBookWriterOptions,
  restoreOrderBookWriter,
} from './order-book-writer.ts';
import { useTestDatabases } from './postgres/internal/test-database.ts';
import { createRepositories } from './postgres/repositories.ts';
import type { FlowMetricsRecord } from './postgres/tables/flow.ts';
import { replayBinanceCombined } from './sources/binance-combined.ts';
import { fileInput } from './sources/node-files.ts';

const grid = createGrid({ tickSize: '0.01', lotSize: '0.001' });
const options: OrderBookSamplerOptions = { symbol: 'ETHUSDT', grid, source: 'test', everyMs: 1000 };
const quote = (timeMs: number, bid: [string, string], ask: [string, string]): SourceEvent => ({
  type: 'quote',
  symbol: 'ETHUSDT',
  timeMs,
  bidPrice: bid[0],
  bidSize: bid[1],
  askPrice: ask[0],
  askSize: ask[1],
});
/** Two intervals of quotes: +2 at the bid, then the ask thins by 3 in the next. */
const quotes = [
  quote(100, ['100.00', '10'], ['100.02', '20']),
  quote(600, ['100.00', '12'], ['100.02', '20']),
  quote(1500, ['100.00', '12'], ['100.02', '17']),
  quote(4000, ['100.00', '12'], ['100.02', '17']),
];
const samplesOf = (events: readonly SourceEvent[], more: Partial<OrderBookSamplerOptions> = {}): OrderBookSample[] => {
  const sampler = createOrderBookSampler({ ...options, ...more });
  return [
    ...events.flatMap((event) => sampler.push(event as never) ?? []),
    ...[sampler.flush()].flatMap((s) => s ?? []),
  ];
};

describe('samples', () => {
  test('hold the state at the end of an interval and the flow in it; quiet intervals have none', () => {
    expect(samplesOf(quotes)).toEqual([
      {
        quote: {
          time: 1000,
          symbol: 'ETHUSDT',
          bidPrice: '100',
          bidSize: '12',
          askPrice: '100.02',
          askSize: '20',
          source: 'test',
        },
        // (12 − 20) ÷ 32, and (100 × 20 + 100.02 × 12) ÷ 32.
        metrics: {
          timeMs: 1000,
          symbol: 'ETHUSDT',
          obi: '-0.25',
          ofi: '2',
          ofiCumulative: '2',
          vamp: '100.0075',
          source: 'test',
        },
      },
      expect.objectContaining({
        metrics: expect.objectContaining({ timeMs: 2000, ofi: '3', ofiCumulative: '5' }) as FlowMetricsRecord,
      }),
      expect.objectContaining({
        metrics: expect.objectContaining({ timeMs: 5000, ofi: '0', ofiCumulative: '5' }) as FlowMetricsRecord,
      }),
    ]);
  });

  test('put a late event into the open interval, and an event on the border into the next', () => {
    const late = [
      quotes[0]!,
      quote(2000, ['100.00', '11'], ['100.02', '20']),
      quote(900, ['100.00', '15'], ['100.02', '20']),
    ];
    expect(samplesOf(late).map(({ metrics }) => [metrics.timeMs, metrics.ofi])).toEqual([
      [1000, null],
      [3000, '5'],
    ]);
  });

  test('are unknown, not zero, while a side is empty or off the grid, and count no flow over that', () => {
    const events = [
      quotes[0]!,
      quote(1100, ['100.00', '0'], ['100.02', '20']),
      quote(2100, ['100.005', '5'], ['100.02', '20']),
      quote(3100, ['100.00', '50'], ['100.02', '20']),
    ];
    const [, empty, off, back] = samplesOf(events);
    expect(empty).toEqual({
      quote: { time: 2000, symbol: 'ETHUSDT', askPrice: '100.02', askSize: '20', source: 'test' },
      metrics: {
        timeMs: 2000,
        symbol: 'ETHUSDT',
        obi: null,
        ofi: null,
        ofiCumulative: null,
        vamp: null,
        source: 'test',
      },
    });
    expect(off!.quote).toBeUndefined();
    expect(back!.metrics).toMatchObject({ ofi: null, ofiCumulative: null });
  });

  test('see the levels of the book while it is complete, and nothing behind a gap', () => {
    const at = { symbol: 'ETHUSDT', bids: [], asks: [] } as const;
    const events: SourceEvent[] = [
      {
        type: 'book-snapshot',
        ...at,
        timeMs: 10,
        lastUpdateId: 1,
        bids: [
          ['100', '1'],
          ['99', '3'],
        ],
        asks: [['101', '2']],
      },
      { type: 'book-delta', ...at, timeMs: 20, firstUpdateId: 2, lastUpdateId: 2, bids: [['100', '2']] },
      { type: 'book-delta', ...at, timeMs: 1020, firstUpdateId: 9, lastUpdateId: 9, bids: [['100', '7']] },
    ];
    const rule = bookRules.bybit;
    const [first, second] = samplesOf(events, { rule, best: 'book' });
    // (2 + 3 − 2) ÷ 7.
    expect(first).toMatchObject({
      quote: { bidPrice: '100', bidSize: '2', askPrice: '101' },
      metrics: { obi: '0.4285714285714286', ofi: '1' },
    });
    expect(second).toEqual({ metrics: { ...first!.metrics, timeMs: 2000, obi: null, vamp: null, ofi: null } });
    expect(samplesOf(events, { rule, best: 'book', levels: 1 })[0]!.metrics.obi).toBe('0');
  });

  test('do not count a quote that was sent again', () => {
    const numbered = quotes.map((event, updateId) => ({ ...event, updateId }) as SourceEvent);
    const again = [...numbered.slice(0, 2), ...numbered.slice(0, 2), ...numbered.slice(2)];
    expect(samplesOf(again)).toEqual(samplesOf(quotes));
  });
});

/** Tables in memory that fail when they are told to. */
function memoryTables() {
  const rows = { l1: new Map<number, L1Snapshot>(), metrics: new Map<number, FlowMetricsRecord>() };
  const state = { failing: false };
  const insert =
    <T>(map: Map<number, T>, timeOf: (row: T) => number) =>
    (records: readonly T[]) => {
      if (state.failing) return Promise.reject(new Error('away'));
      for (const record of records) map.set(timeOf(record), record);
      return Promise.resolve({ written: records.length, kept: 0 });
    };
  const l1 = { insertMany: insert(rows.l1, ({ time }) => time) };
  const metrics = { insertMany: insert(rows.metrics, ({ timeMs }) => timeMs) };
  return { rows, state, tables: { l1, metrics } };
}

describe('a writer', () => {
  test('that is cut anywhere and restored writes the same records', async () => {
    const whole = memoryTables();
    const one = createOrderBookWriter({ ...options, tables: whole.tables });
    for (const event of quotes) await one.pushEvent(event);
    await one.flush();
    for (let cut = 0; cut <= quotes.length; cut += 1) {
      const parts = memoryTables();
      const given: OrderBookWriterOptions = { ...options, tables: parts.tables };
      const before = createOrderBookWriter(given);
      for (const event of quotes.slice(0, cut)) await before.pushEvent(event);
      const state = JSON.parse(JSON.stringify(before.snapshot())) as ReturnType<typeof before.snapshot>;
      const after = restoreOrderBookWriter(state, given);
      for (const event of quotes.slice(cut)) await after.pushEvent(event);
      await after.flush();
      expect(parts.rows).toEqual(whole.rows);
    }
  });

  test('keeps its samples while the database is away and writes them when it is back', async () => {
    const { rows, state, tables } = memoryTables();
    const writer = createOrderBookWriter({ ...options, tables, batch: 1 });
    state.failing = true;
    await writer.pushEvent(quotes[0]!);
    await expect(writer.pushEvent(quotes[2]!)).rejects.toThrow('away');
    expect(writer.stats()).toMatchObject({ samples: 1, stored: 0 });
    state.failing = false;
    await writer.pushEvent(quotes[3]!);
    await writer.flush();
    expect([...rows.metrics.keys()]).toEqual([1000, 2000, 5000]);
  });

  test('counts no flow over a gap or a lost connection', async () => {
    const { rows, tables } = memoryTables();
    const writer = createOrderBookWriter({ ...options, tables });
    const gap = { symbol: 'ETHUSDT', reason: 'reconnect', after: {}, before: {}, detail: '' } as const;
    await writer.pushEvent(quotes[0]!);
    await writer.push({ kind: 'gap', gap: { ...gap, channel: 'trade' } });
    // What is silent has not gone on: the samples know nothing new of it.
    await writer.push({ kind: 'gap', gap: { ...gap, channel: 'book', open: true } });
    await writer.pushEvent(quotes[1]!);
    await writer.push({ kind: 'gap', gap: { ...gap, channel: 'quote' } });
    await writer.pushEvent(quotes[2]!);
    await writer.flush();
    expect([...rows.metrics.values()].map(({ ofi }) => ofi)).toEqual(['2', null]);
  });

  test('refuses options that say nothing', () => {
    const { tables } = memoryTables();
    expect(() => createOrderBookWriter({ ...options, tables, everyMs: 0 })).toThrow(
      'everyMs "0" is not a whole number',
    );
    expect(() => createOrderBookWriter({ ...options, tables, best: 'book' })).toThrow('needs the rule of the book');
  });
});

describe.skipIf(!hasRecordedData)('a recorded tape', () => {
  const databases = useTestDatabases();
  interface Expected {
    final_book: { bids: [string, string][]; asks: [string, string][] };
  }

  test('is stored in Postgres; a second time changes nothing, and its end is the book that was computed independently', async () => {
    const { sql } = await databases.create();
    const { l1, metrics } = createRepositories(sql);
    const run = () =>
      createOrderBookWriter({
        symbol: 'ETHUSDT',
        grid,
        source: 'replay',
        everyMs: 1000,
        rule: bookRules.binanceFutures,
        tables: { l1, metrics },
      }).run(
        replayBinanceCombined({
          inputs: [fileInput(recordedPath('trades_books/binance_usdm_ethusdt_20240808.gz'))],
          symbol: 'ETHUSDT',
        }),
      );
    const first = await run();
    expect(first).toMatchObject({ quotes: 53_992, bookEvents: 6587, offGrid: 0, breaks: 0, staleQuotes: 0 });
    expect(first.stored).toBe(first.samples);
    const stored = await sql<{ quotes: number; metrics: number; sums: boolean }[]>`
      select (select count(*) from orderbook_l1)::int as quotes, count(*)::int as metrics,
        sum(ofi) = (select ofi_cumulative from orderflow_metrics order by time desc limit 1) as sums
      from orderflow_metrics`;
    expect(stored).toEqual([{ quotes: first.samples, metrics: first.samples, sums: true }]);

    expect(await run()).toEqual({ ...first, rowsWritten: 0 });

    const { bids, asks } = expectedAnswers<Expected>('binance_usdm_ETHUSDT').final_book;
    const lots = (levels: [string, string][]) =>
      levels.slice(0, 5).reduce((sum, [, size]) => sum + grid.toLots(size), 0);
    const [bid, ask] = [lots(bids), lots(asks)];
    const last = await metrics.latest('ETHUSDT');
    // Σ of the contributions of 53,992 quotes, summed in Python's decimals over the raw lines.
    expect(last!.ofiCumulative).toBe('43.492');
    expect(Number(last!.obi)).toBeCloseTo((bid - ask) / (bid + ask), 14);
  });
});
