import { bookRules, createBook } from '@tapekit/orderflow/book';
import type { Book, BookOptions } from '@tapekit/orderflow/book';
import { krakenBookChecksum } from '@tapekit/orderflow/book-checksum';
import { createGrid } from '@tapekit/orderflow/grid';
import { expectedAnswers, hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { describe, expect, test } from 'vitest';
import { fuzzCount, fuzzDecoder } from '../internal/fuzz-frames.ts';
import { decodeAll, recordedFrames, recordedPayloads } from '../internal/venue/recordings.fixture.ts';
import type { SourceEvent } from '../market-source.ts';
import { krakenFeed, krakenV1Feed } from './kraken.ts';

const samplesPath = recordedPath('fixtures/exchange_payloads.ndjson');

const all = ['trades', 'book', 'quotes', 'bars'] as const;
const v2 = () => krakenFeed({ symbols: ['BTC/USD'], channels: all }).decoder();

const book = (type: string, bids: string, asks: string, checksum: number): string =>
  `{"channel":"book","type":"${type}","data":[{"symbol":"BTC/USD","bids":[${bids}],"asks":[${asks}],` +
  `"checksum":${checksum},"timestamp":"2026-02-03T04:05:06.789012Z"}]}`;
const trade = (id: number, price = '100.5', qty = '0.25'): string =>
  `{"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"sell","price":${price},"qty":${qty},` +
  `"ord_type":"market","trade_id":${id},"timestamp":"2026-02-03T04:05:06.789012Z"}]}`;
const at = Date.UTC(2026, 1, 3, 4, 5, 6, 789);

describe('Kraken v2', () => {
  test('gives the taker side, the id and the decimals of a trade as the venue prints them', () => {
    const { events } = decodeAll(v2(), [trade(7, '100.50', '1e-8')]);
    expect(events).toEqual([
      { type: 'trade', symbol: 'BTC/USD', timeMs: at, price: '100.5', size: '0.00000001', side: 'sell', id: 7 },
    ]);
  });

  test('keeps all digits of a size that a double does not hold', () => {
    const [event] = decodeAll(v2(), [trade(7, '0.0000012', '12345678901.12345678')]).events;
    expect(event).toMatchObject({ price: '0.0000012', size: '12345678901.12345678' });
  });

  test('does not count the trades from before the subscription, but knows where the live ones go on', () => {
    const snapshot = trade(7).replace('update', 'snapshot');
    const { counts, controls } = decodeAll(v2(), [snapshot, trade(8), trade(10), trade(11)]);
    expect(counts.events).toEqual({ trade: 3 });
    expect(counts.unmodelled).toEqual({ 'trade before subscription': 1 });
    expect(controls).toEqual([
      {
        kind: 'gap',
        symbol: 'BTC/USD',
        channel: 'trades',
        afterId: '8',
        beforeId: '10',
        detail: 'trade 10 after 8; 1 are missing',
      },
    ]);
  });

  test('drops deltas that no snapshot precedes, and asks anew for a book with a record that cannot be read', () => {
    const level = '{"price":100,"qty":1}';
    const decoded = decodeAll(v2(), [
      book('update', level, '', 1),
      book('snapshot', level, '{"price":101,"qty":0}', 2),
      book('update', '', '{"price":"x","qty":1}', 3),
      book('update', level, '', 4),
    ]);
    expect(decoded.events).toEqual([
      {
        type: 'book-snapshot',
        symbol: 'BTC/USD',
        timeMs: at,
        lastUpdateId: 0,
        bids: [['100', '1']],
        asks: [],
        checksum: 2,
      },
    ]);
    expect(decoded.counts.unmodelled).toEqual({
      'book delta without snapshot': 2,
      'book without a checksum that can be checked': 1,
    });
    expect(decoded.rejections).toEqual([
      'asks[0].price is "x"; expected a decimal that is not negative, such as 2683.80',
    ]);
    const ofBook = { symbol: 'BTC/USD', channel: 'book' };
    expect(decoded.controls).toMatchObject([
      { kind: 'gap', ...ofBook, detail: 'changes came without a snapshot before them' },
      { kind: 'resync', ...ofBook },
      { kind: 'gap', ...ofBook, detail: expect.stringContaining('asks[0].price is "x"') as string },
      { kind: 'resync', ...ofBook },
    ]);
  });

  test('learns the decimals of a pair from the checksum of its snapshot, and finds a lost update by the next one', () => {
    // Kraken's own example: ten levels a side, 0.05005 to 0.05050 and 0.05000 to 0.04955, all of 0.00000500.
    const prices = (list: string): string =>
      list
        .split(' ')
        .map((price) => `{"price":0.${price},"qty":0.000005}`)
        .join();
    const asks = prices('05005 05010 05015 05020 05025 05030 05035 05040 05045 05050');
    const bids = prices('05 04995 0499 0498 04975 0497 04965 0496 04955 0495');
    const decoded = decodeAll(v2(), [
      book('snapshot', bids, asks, 974947235),
      book('update', '{"price":0.01,"qty":1}', '', 974947235),
      book('update', '{"price":0.05,"qty":0}', '', 974947235),
    ]);
    expect(decoded.counts.events).toEqual({ 'book-snapshot': 1, 'book-delta': 1 });
    expect(decoded.counts.controls).toEqual({ gap: 1, resync: 1 });
  });

  test('closes a bar when the next one starts', () => {
    const bar = (minute: string, close: number): string =>
      `{"channel":"ohlc","type":"update","data":[{"symbol":"BTC/USD","interval":1,"open":5,"high":9,"low":4,` +
      `"close":${close},"volume":0.5,"interval_begin":"2026-02-03T04:${minute}:00.000000000Z"}]}`;
    const { events } = decodeAll(v2(), [bar('05', 6), bar('05', 7), bar('06', 8)]);
    expect(events.map((event) => event.type === 'bar' && [event.startMs, event.close, event.final])).toEqual([
      [at - 6789, '6', false],
      [at - 6789, '7', false],
      [at - 6789, '7', true],
      [at - 6789 + 60_000, '8', false],
    ]);
  });

  test('says what the venue refused', () => {
    const { counts, controls } = decodeAll(v2(), [
      '{"error":"Currency pair not supported XXX/YYY","method":"subscribe","success":false}',
      '{"channel":"heartbeat"}',
      '{"channel":"trade","type":"update","data":[{"symbol":"ETH/USD"}]}',
    ]);
    expect(counts.rejected).toEqual({ 'venue-error': 1, 'other-symbol': 1 });
    expect(controls).toEqual([
      { kind: 'refused', detail: 'Currency pair not supported XXX/YYY', fatal: true },
      { kind: 'heartbeat' },
    ]);
  });

  test.skipIf(!hasRecordedData)('reads each message of the samples, and says whose book cannot be checked', () => {
    const payloads = recordedPayloads(samplesPath, 'kraken');
    const files = [...payloads.keys()].filter((name) => name.startsWith('ws_') && !name.startsWith('ws_futures'));
    const decoded = decodeAll(
      v2(),
      files.map((file) => payloads.get(file)!),
    );
    expect(decoded.counts).toEqual({
      events: { 'book-snapshot': 1, 'book-delta': 1, bar: 1, quote: 1, trade: 2 },
      rejected: {},
      // The sample shows three of the ten levels that its checksum is over.
      unmodelled: { 'book without a checksum that can be checked': 1 },
      controls: { subscribed: 1 },
    });
  });

  test('subscribes to each channel with the depth and the interval that were asked for', () => {
    const feed = krakenFeed({ symbols: ['BTC/USD', 'ETH/USD'], channels: all, depth: 100, barMinutes: 5 });
    expect(feed.opening().map((frame) => JSON.parse(frame as string) as unknown)).toEqual([
      { method: 'subscribe', params: { channel: 'trade', symbol: ['BTC/USD', 'ETH/USD'], snapshot: false } },
      { method: 'subscribe', params: { channel: 'book', symbol: ['BTC/USD', 'ETH/USD'], depth: 100 } },
      { method: 'subscribe', params: { channel: 'ticker', symbol: ['BTC/USD', 'ETH/USD'], event_trigger: 'bbo' } },
      { method: 'subscribe', params: { channel: 'ohlc', symbol: ['BTC/USD', 'ETH/USD'], interval: 5 } },
    ]);
    expect(() => krakenFeed({ symbols: ['BTC/USD'], channels: all, depth: 20 })).toThrowErrorMatchingInlineSnapshot(
      `[AdaptersError: depth 20 of krakenFeed is not offered by the venue. Pass one of 10, 25, 100, 500, 1000.]`,
    );
    expect(() => krakenFeed({ symbols: [], channels: all })).toThrowErrorMatchingInlineSnapshot(
      `[AdaptersError: symbols [] of krakenFeed is not usable. Pass a list such as ['BTCUSDT'], spelled as the venue does.]`,
    );
  });
});

const recording = 'trades_books/cryptofeed_KRAKEN.ws.50.0.txt.gz';
const pairs = 'WAVES/EUR XMR/USD KSM/XBT GRT/ETH SC/EUR ETH/CHF OCEAN/XBT OMG/USD XBT/CHF ADA/XBT'.split(' ');
const v1 = () => krakenV1Feed({ symbols: pairs, channels: all, depth: 1000 }).decoder();

describe('Kraken v1', () => {
  test.skipIf(!hasRecordedData)('reads the recording whole, and each checksum agrees with the book', () => {
    const { counts, events, rejections } = decodeAll(v1(), recordedFrames(recordedPath(recording)));
    expect(rejections).toEqual([]);
    // 2,274 lines were received: 6 snapshots, 2,226 updates, 31 heartbeats, 10 subscriptions and 1 status.
    expect(counts).toEqual({
      events: { 'book-snapshot': 6, 'book-delta': 2226 },
      rejected: {},
      unmodelled: { systemStatus: 1 },
      controls: { subscribed: 10, heartbeat: 31 },
    });
    const books = booksOf(events);
    const matches = [...books].map(([pair, of]) => [`${pair} ok`, of.stats().checksumMatches] as const);
    expect(Object.fromEntries(matches.filter(([, n]) => n > 0))).toEqual(
      expectedAnswers<{ checks: Record<string, number> }>('kraken_checksum').checks,
    );
    for (const [, of] of books) expect(of.stats()).toMatchObject({ synced: true, gaps: 0, checksumMismatches: 0 });
  });

  test.skipIf(!hasRecordedData)(
    'finds by the checksums that updates were lost, and delivers no book after that',
    () => {
      const frames = recordedFrames(recordedPath(recording));
      const isUpdate = (text: string): boolean => text.startsWith('[') && !text.includes('"as":');
      const firstLost = frames.findIndex(({ text }) => isUpdate(text) && text.endsWith('"SC/EUR"]'));
      const { counts, controls } = decodeAll(v1(), frames.toSpliced(firstLost, 1));
      expect(controls.filter(({ kind }) => kind === 'gap' || kind === 'resync')).toMatchObject([
        { kind: 'gap', symbol: 'SC/EUR', channel: 'book' },
        { kind: 'resync', symbol: 'SC/EUR', channel: 'book' },
      ]);
      // 818 updates of the pair are in the recording, and those of the other pairs go on.
      expect(counts.events['book-delta']! + counts.unmodelled['book delta without snapshot']! + 2).toBe(2226);
      expect(counts.events['book-delta']).toBeGreaterThanOrEqual(2226 - 818);
    },
  );

  test('reads trades, spreads and bars from lists', () => {
    const { events } = decodeAll(v1(), [
      '[1,[["5541.2","0.158","1770091506.789012","s","l",""],["5541.3","2","1770091506.8","b","m",""]],"trade","XBT/CHF"]',
      '[2,["5698.4","5700.0","1770091506.789","1.01","0"],"spread","XBT/CHF"]',
      '[3,["1770091511.1","1770091560.0","5","9","4","6","5.5","0.75",3],"ohlc-1","XBT/CHF"]',
      '[4,{"a":["5525.4",1,"1.2"],"b":["5525.1",1,"3.5"]},"ticker","XBT/CHF"]',
    ]);
    expect(events).toEqual([
      { type: 'trade', symbol: 'XBT/CHF', timeMs: at, price: '5541.2', size: '0.158', side: 'sell' },
      { type: 'trade', symbol: 'XBT/CHF', timeMs: at + 11, price: '5541.3', size: '2', side: 'buy' },
      { type: 'quote', symbol: 'XBT/CHF', timeMs: at, bidPrice: '5698.4', bidSize: '1.01' },
      {
        type: 'bar',
        symbol: 'XBT/CHF',
        startMs: 1770091500000,
        endMs: 1770091560000,
        open: '5',
        high: '9',
        low: '4',
        close: '6',
        volume: '0.75',
        final: false,
      },
      {
        type: 'quote',
        symbol: 'XBT/CHF',
        timeMs: 1_700_000_000_000,
        bidPrice: '5525.1',
        bidSize: '3.5',
        askPrice: '5525.4',
        askSize: '1.2',
      },
    ]);
  });
});

describe('damaged frames', () => {
  const samples = [...recordedPayloads(samplesPath, 'kraken')]
    .filter(([name]) => name.startsWith('ws_'))
    .map(([, text]) => text);

  test('of v2 are refused with a reason', () => {
    const corpus = [...samples, trade(7), book('snapshot', '{"price":1,"qty":2}', '', 3)];
    const { events, rejected } = fuzzDecoder(v2, corpus, { seed: 1, count: fuzzCount() });
    expect(events).toBeGreaterThan(0);
    expect(rejected['bad-frame']).toBeGreaterThan(0);
    expect(rejected['bad-record']).toBeGreaterThan(0);
  });

  test.skipIf(!hasRecordedData)('of v1 are refused with a reason', () => {
    const small = recordedFrames(recordedPath(recording)).filter(({ text }) => text.length < 5000);
    const snapshot =
      '[1920,{"as":[["0.043","1.0","1618678133.1"]],"bs":[["0.042","2.0","1618678133"]]},"book-1000","SC/EUR"]';
    const corpus = [...small.slice(0, 300).map(({ text }) => text), ...Array<string>(50).fill(snapshot)];
    const { events, rejected } = fuzzDecoder(v1, corpus, { seed: 2, count: fuzzCount() });
    expect(events).toBeGreaterThan(0);
    expect(rejected['bad-record']).toBeGreaterThan(0);
  });
});

/** A book for each pair; decimals are those of its first level. */
function booksOf(events: readonly SourceEvent[]): ReadonlyMap<string, Book> {
  const books = new Map<string, Book>();
  for (const event of events) {
    if (event.type !== 'book-snapshot' && event.type !== 'book-delta') continue;
    const of = books.get(event.symbol) ?? createBook(optionsOf(event.asks[0] as readonly [string, string]));
    books.set(event.symbol, of);
    const { outcome } = of.push(event);
    expect(outcome).toBe(event.type === 'book-snapshot' ? 'snapshot' : 'applied');
  }
  return books;
}

function optionsOf([price, size]: readonly [string, string]): BookOptions {
  const decimals = (text: string): number => (text.split('.')[1] ?? '').length;
  const [priceDecimals, sizeDecimals] = [decimals(price), decimals(size)];
  return {
    grid: createGrid({ tickSize: `1e-${priceDecimals}`, lotSize: `1e-${sizeDecimals}` }),
    rule: bookRules.kraken,
    maxLevels: 1000,
    checksum: krakenBookChecksum({ priceDecimals, sizeDecimals }),
  };
}
