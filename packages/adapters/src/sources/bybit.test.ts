import { bookRules, createBook } from '@tapekit/orderflow/book';
import type { Book } from '@tapekit/orderflow/book';
import { createGrid } from '@tapekit/orderflow/grid';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { describe, expect, test } from 'vitest';
import { fuzzCount, fuzzDecoder } from '../internal/fuzz-frames.ts';
import { askedHttp, gather } from '../internal/venue/requests.fixture.ts';
import { decodeAll, recordedFrames, recordedPayloads } from '../internal/venue/recordings.fixture.ts';
import {
  bybitFeed,
  bybitLegacyDecoder,
  createBybitClient,
  parseBybitBars,
  parseBybitBook,
  parseBybitTrades,
} from './bybit.ts';

const samplesPath = recordedPath('fixtures/exchange_payloads.ndjson');

const all = ['trades', 'book', 'quotes', 'bars'] as const;
const decoder = () => bybitFeed({ symbols: ['BTCUSDT'], channels: all }).decoder();
const book = (depth: number, type: string, u: number, b: string, a = ''): string =>
  `{"topic":"orderbook.${depth}.BTCUSDT","type":"${type}","ts":1672304484978,"cts":1672304484976,` +
  `"data":{"s":"BTCUSDT","b":[${b}],"a":[${a}],"u":${u},"seq":7961638724}}`;
const trade = (block: boolean): string =>
  `{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1672304486868,"data":[{"T":1672304486865,"s":"BTCUSDT",` +
  `"S":"Buy","v":"0.001","p":"16578.50","L":"PlusTick","i":"20f43950-d8dd-5b31-9112-a178eb6023af","BT":${block}}]}`;

describe('Bybit v5', () => {
  test('gives the taker side of trades, and marks blocks as no market trades', () => {
    const { events } = decodeAll(decoder(), [trade(false), trade(true)]);
    expect(events[0]).toEqual({
      type: 'trade',
      symbol: 'BTCUSDT',
      timeMs: 1672304486865,
      price: '16578.50',
      size: '0.001',
      side: 'buy',
      id: '20f43950-d8dd-5b31-9112-a178eb6023af',
    });
    expect(events.map((event) => event.nonMarket)).toEqual([undefined, true]);
  });

  test('reports a hole in the ids of a book, and takes a restart of the venue as a new book', () => {
    const decoded = decodeAll(decoder(), [
      book(50, 'snapshot', 10, '["9","1"],["8","0"]'),
      book(50, 'delta', 11, '["9","0"]'),
      book(50, 'delta', 13, '["9","2"]'),
      book(50, 'delta', 14, '["9","3"]'),
      book(50, 'delta', 1, '["7","3"]'),
      book(50, 'delta', 2, '["7","4"]'),
    ]);
    expect(
      decoded.events.map((event) => event.type.startsWith('book') && [event.type, 'bids' in event && event.bids]),
    ).toEqual([
      ['book-snapshot', [['9', '1']]],
      ['book-delta', [['9', '0']]],
      ['book-snapshot', [['7', '3']]],
      ['book-delta', [['7', '4']]],
    ]);
    expect(decoded.controls).toMatchObject([
      { kind: 'gap', afterId: '11', beforeId: '13' },
      { kind: 'resync', channel: 'book' },
    ]);
    expect(decoded.counts.unmodelled).toEqual({ 'book delta without snapshot': 1 });
  });

  test('follows the best bid and offer over deltas that replace one of them', () => {
    const { events } = decodeAll(decoder(), [
      book(1, 'snapshot', 5, '["9","1"]', '["10","2"]'),
      book(1, 'delta', 9, '["9","0"],["9.5","3"]'),
      book(1, 'delta', 12, '', '["10","0"]'),
    ]);
    const at = { type: 'quote', symbol: 'BTCUSDT', timeMs: 1672304484976 };
    expect(events).toEqual([
      { ...at, updateId: 5, bidPrice: '9', bidSize: '1', askPrice: '10', askSize: '2' },
      { ...at, updateId: 9, bidPrice: '9.5', bidSize: '3', askPrice: '10', askSize: '2' },
      { ...at, updateId: 12, bidPrice: '9.5', bidSize: '3' },
    ]);
  });

  test('subscribes in requests of ten topics', () => {
    const feed = bybitFeed({ market: 'spot', symbols: ['A', 'B', 'C'], channels: all, depth: 200, bar: '60' });
    const requests = feed.opening().map((frame) => JSON.parse(frame as string) as { args: string[] });
    expect(feed.url()).toBe('wss://stream.bybit.com/v5/public/spot');
    expect(requests.map(({ args }) => args.length)).toEqual([10, 2]);
    expect(requests[0]!.args.slice(0, 4)).toEqual([
      'publicTrade.A',
      'publicTrade.B',
      'publicTrade.C',
      'orderbook.200.A',
    ]);
    expect(feed.resubscribe?.('A', 'book')).toEqual([
      '{"op":"unsubscribe","args":["orderbook.200.A"]}',
      '{"op":"subscribe","args":["orderbook.200.A"]}',
    ]);
  });

  test.skipIf(!hasRecordedData)('reads each message of the samples', () => {
    const samples = [...recordedPayloads(samplesPath, 'bybit')].filter(([name]) => name.startsWith('ws_'));
    const { counts, rejections } = decodeAll(
      decoder(),
      samples.map(([, text]) => text),
    );
    expect(rejections).toEqual(['Invalid topic: invalid.topic.BTCUSDT']);
    expect(counts).toEqual({
      // The sample of trades has the topic of a client and not of the venue.
      events: { bar: 1, quote: 1 },
      rejected: { 'venue-error': 1 },
      unmodelled: { 'quotes delta without snapshot': 1, tickers: 2, trade: 1 },
      controls: { subscribed: 1, refused: 1, gap: 1, resync: 1 },
    });
  });
});

const recording = 'trades_books/cryptofeed_BYBIT.ws.25.0.txt.gz';
const symbols = 'BCHUSDT XTZUSDT UNIUSDT LTCUSDT DOTUSDT LINKUSDT ADAUSDT ETHUSDT'.split(' ');

describe.skipIf(!hasRecordedData)('the recording of Bybit before v5', () => {
  test('is read whole, and its books have 25 levels a side after each event and never cross', () => {
    const { counts, events, rejections } = decodeAll(
      bybitLegacyDecoder(symbols),
      recordedFrames(recordedPath(recording)),
    );
    expect(rejections).toEqual([]);
    expect(counts).toEqual({
      events: { 'book-snapshot': 8, 'book-delta': 3252, trade: 101 },
      rejected: {},
      unmodelled: {},
      controls: { subscribed: 16 },
    });
    const books = new Map<string, Book>();
    const grid = createGrid({ tickSize: '0.0001', lotSize: '1e-7' });
    for (const event of events) {
      if (event.type !== 'book-snapshot' && event.type !== 'book-delta') continue;
      const of =
        books.get(event.symbol) ?? createBook({ grid, rule: { ...bookRules.bybitTop, name: 'l2-25', resetId: -1 } });
      books.set(event.symbol, of);
      expect(of.push(event).outcome).toBe(event.type === 'book-snapshot' ? 'snapshot' : 'applied');
      const { bidLevels, askLevels, crossed } = of.stats();
      expect([bidLevels, askLevels, crossed]).toEqual([25, 25, 0]);
    }
  });
});

describe('the answers of Bybit', () => {
  test.skipIf(!hasRecordedData)('are trades, bars and a book', () => {
    const payloads = recordedPayloads(samplesPath, 'bybit');
    const { trades } = parseBybitTrades(payloads.get('http_get_trades_recent.json')!);
    expect(trades).toMatchObject([
      { symbol: 'BTCUSDT', timeMs: 1709891679000, price: '27450.50', size: '0.005', side: 'buy' },
    ]);
    const { bars } = parseBybitBars(payloads.get('http_get_klines_linear.json')!, 60_000);
    // It ends a minute after its start, and the answer is 50 ms old by then.
    expect(bars).toMatchObject([{ symbol: 'BTCUSDT', open: '27450', volume: '123.45', final: false }]);
    const { book: whole } = parseBybitBook(payloads.get('http_get_orderbook.json')!);
    expect(whole).toMatchObject({ lastUpdateId: 1234567, bids: [['27450.50', '1.500'], {}, {}] });
  });

  test('are asked for in windows of 1,000 bars', async () => {
    const answer = (rows: string): string =>
      `{"retCode":0,"retMsg":"OK","result":{"category":"spot","symbol":"A","list":[${rows}]},"time":1709891679050}`;
    const http = askedHttp(
      answer('["1700000060000","1","2","1","2","3","4"],["1700000000000","1","2","1","2","3","4"]'),
      answer(''),
    );
    const query = { intervalMs: 60_000, startMs: 1700000000000, endMs: 1700000000000 + 1001 * 60_000 };
    const pages = await gather(createBybitClient({ http, minIntervalMs: 0, market: 'spot' }).bars('A', query));
    expect(pages.map(({ bars }) => bars.map(({ startMs }) => startMs))).toEqual([[1700000000000, 1700000060000], []]);
    expect(http.asked).toEqual([
      'https://api.bybit.com/v5/market/kline?category=spot&symbol=A&interval=1&start=1700000000000&end=1700059999999&limit=1000',
      'https://api.bybit.com/v5/market/kline?category=spot&symbol=A&interval=1&start=1700060000000&end=1700060059999&limit=1000',
    ]);
  });

  test('say what Bybit answered', async () => {
    const http = askedHttp(
      '{"retCode":10001,"retMsg":"params error","result":{},"time":1}',
      '{"retCode":10006,"retMsg":"x"}',
    );
    const client = createBybitClient({ http, minIntervalMs: 0 });
    await expect(client.book('A')).rejects.toMatchObject({ code: 'bad-response' });
    await expect(gather(client.trades('A'))).rejects.toMatchObject({ code: 'rate-limited' });
  });
});

describe('damaged frames', () => {
  const samples = [...recordedPayloads(samplesPath, 'bybit')]
    .filter(([name]) => name.startsWith('ws_'))
    .map(([, text]) => text);

  test('of v5 are refused with a reason', () => {
    const corpus = [
      ...samples,
      trade(false),
      book(50, 'snapshot', 10, '["9","1"]'),
      book(50, 'delta', 11, '["9","2"]'),
    ];
    const { events, rejected } = fuzzDecoder(decoder, corpus, { seed: 4, count: fuzzCount() });
    expect(events).toBeGreaterThan(0);
    expect(rejected['bad-record']).toBeGreaterThan(0);
  });

  test.skipIf(!hasRecordedData)('of the protocol before v5 are refused with a reason', () => {
    const corpus = recordedFrames(recordedPath(recording))
      .slice(0, 400)
      .map(({ text }) => text);
    const { events, rejected } = fuzzDecoder(() => bybitLegacyDecoder(symbols), corpus, {
      seed: 5,
      count: fuzzCount(),
    });
    expect(events).toBeGreaterThan(0);
    expect(rejected['bad-record']).toBeGreaterThan(0);
  });
});

test('a refusal without a reason has one all the same', () => {
  const { controls } = decodeAll(decoder(), ['{"success":false,"ret_msg":"","op":"subscribe"}']);
  expect(controls).toEqual([{ kind: 'refused', detail: 'the venue gave no reason', fatal: false }]);
});
