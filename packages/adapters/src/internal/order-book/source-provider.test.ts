import { bookRules } from '@tapekit/orderflow/book';
import { createGrid } from '@tapekit/orderflow/grid';
import { expectedAnswers, hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { describe, expect, test } from 'vitest';
import type { SourceEvent, SourceItem } from '../../market-source.ts';
import { createSourceOrderBookProvider } from '../../order-book-provider.ts';
import { replayBinanceCombined } from '../../sources/binance-combined.ts';
import { fileInput } from '../../sources/node-files.ts';

const grid = createGrid({ tickSize: '0.01', lotSize: '0.001' });
const setUp = () =>
  createSourceOrderBookProvider({ source: 'test', instruments: { A: { grid, rule: bookRules.bybit } } });
const at = { symbol: 'A', bids: [], asks: [] } as const;
const snapshot: SourceEvent = {
  type: 'book-snapshot',
  ...at,
  timeMs: 10,
  lastUpdateId: 1,
  bids: [
    ['100.00', '1'],
    ['99.5', '3.0'],
  ],
  asks: [['101', '2']],
};
const delta: SourceEvent = {
  type: 'book-delta',
  ...at,
  timeMs: 20,
  firstUpdateId: 2,
  lastUpdateId: 2,
  bids: [['100', '0']],
};
const gapOf = (channel: string): SourceItem => ({
  kind: 'gap',
  gap: { symbol: 'A', channel, reason: 'reconnect', after: {}, before: {}, detail: '' },
});

describe('a provider over a source', () => {
  test('gives the levels of a complete book and its top', async () => {
    const books = setUp();
    expect(await books.fetchL2('A', 5)).toBeUndefined();
    books.observeEvent(snapshot);
    books.observeEvent(delta);
    expect(await books.fetchL2('A', 5)).toEqual({
      time: 20,
      symbol: 'A',
      bids: [['99.5', '3']],
      asks: [['101', '2']],
      lastUpdateId: 2,
      source: 'test',
    });
    expect(await books.fetchL1('A')).toEqual({
      time: 20,
      symbol: 'A',
      bidPrice: '99.5',
      bidSize: '3',
      askPrice: '101',
      askSize: '2',
      source: 'test',
    });
  });

  test('knows nothing behind a gap of the book, of its ids or of the connection, until a snapshot comes', async () => {
    const disconnected: SourceItem = {
      kind: 'status',
      status: { state: 'disconnected', connection: 1, atMs: 0, reason: 'closed', detail: '' },
    };
    const missing: SourceItem = {
      kind: 'record',
      record: {
        seq: 1,
        line: 1,
        file: '',
        receiveNs: '0',
        receiveMs: 0,
        raw: '',
        events: [{ ...delta, firstUpdateId: 8, lastUpdateId: 8 }],
      },
    };
    for (const loss of [gapOf('book'), missing, disconnected]) {
      const books = setUp();
      books.observeEvent(snapshot);
      books.observe(gapOf('trade'));
      expect(await books.fetchL2('A', 1)).toBeDefined();
      books.observe(loss);
      expect([await books.fetchL1('A'), await books.fetchL2('A', 1)]).toEqual([undefined, undefined]);
      books.observeEvent(snapshot);
      expect(await books.fetchL2('A', 1)).toMatchObject({ bids: [['100', '1']] });
    }
  });

  test('keeps a book over a gap of quotes, and over the silence of another channel', async () => {
    const books = setUp();
    books.observeEvent(snapshot);
    const { kind, gap } = gapOf('book') as Extract<SourceItem, { kind: 'gap' }>;
    books.observe({ kind, gap: { ...gap, open: true } });
    expect([await books.fetchL1('A'), await books.fetchL2('A', 1)]).toMatchObject([{ bidPrice: '100' }, {}]);
    books.observe(gapOf('quote'));
    expect(await books.fetchL1('A')).toBeUndefined();
    expect(await books.fetchL2('A', 1)).toMatchObject({ bids: [['100', '1']] });
  });

  test('gives quotes of every symbol, levels of none that it was not told of', async () => {
    const books = setUp();
    books.observeEvent({ type: 'quote', symbol: 'B', timeMs: 1, bidPrice: 5, bidSize: '1.0' });
    expect(await books.fetchL1('B')).toEqual({ time: 1, symbol: 'B', bidPrice: '5', bidSize: '1', source: 'test' });
    expect(await books.fetchL2('B', 1)).toBeUndefined();
    await expect(books.fetchL2('A', 0)).rejects.toMatchObject({ code: 'bad-option' });
  });

  test.skipIf(!hasRecordedData)('ends a recorded tape with the book that was computed independently', async () => {
    const expected = expectedAnswers<{ final_book: { lastUpdateId: number; bids: unknown[]; asks: unknown[] } }>(
      'binance_usdm_ETHUSDT',
    ).final_book;
    const books = createSourceOrderBookProvider({
      source: 'replay',
      instruments: { ETHUSDT: { grid, rule: bookRules.binanceFutures } },
    });
    const inputs = [fileInput(recordedPath('trades_books/binance_usdm_ethusdt_20240808.gz'))];
    await books.follow(replayBinanceCombined({ inputs, symbol: 'ETHUSDT' }));
    const { bids, asks, lastUpdateId } = (await books.fetchL2('ETHUSDT', 20))!;
    expect({ bids, asks, lastUpdateId }).toEqual({
      bids: expected.bids,
      asks: expected.asks,
      lastUpdateId: expected.lastUpdateId,
    });
  });
});
