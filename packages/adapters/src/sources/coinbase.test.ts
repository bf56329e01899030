import { bookRules, createBook } from '@tapekit/orderflow/book';
import type { Book } from '@tapekit/orderflow/book';
import { createGrid } from '@tapekit/orderflow/grid';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { describe, expect, test } from 'vitest';
import { fuzzCount, fuzzDecoder } from '../internal/fuzz-frames.ts';
import { decodeAll, recordedFrames, recordedPayloads } from '../internal/venue/recordings.fixture.ts';
import { askedHttp, gather } from '../internal/venue/requests.fixture.ts';
import {
  coinbaseAdvancedFeed,
  coinbaseExchangeFeed,
  createCoinbaseAdvancedClient,
  createCoinbaseExchangeClient,
  parseCoinbaseAdvancedBars,
  parseCoinbaseAdvancedBook,
  parseCoinbaseAdvancedTrades,
} from './coinbase.ts';

const samplesPath = recordedPath('fixtures/exchange_payloads.ndjson');

const exchange = () => coinbaseExchangeFeed({ symbols: ['BTC-USD'], channels: ['trades', 'book', 'quotes'] }).decoder();
const match = (id: number, type = 'match'): string =>
  `{"type":"${type}","trade_id":${id},"maker_order_id":"m","taker_order_id":"t","side":"sell","size":"985",` +
  `"price":"0.00001305","product_id":"BTC-USD","sequence":177100030,"time":"2026-02-03T04:05:06.789012Z"}`;
const update = (changes: string): string =>
  `{"type":"l2update","product_id":"BTC-USD","changes":[${changes}],"time":"2026-02-03T04:05:06.789012Z"}`;
const at = Date.UTC(2026, 1, 3, 4, 5, 6, 789);

describe('Coinbase Exchange', () => {
  test('gives the side of the taker, which is not the one that the venue names', () => {
    const { events, counts } = decodeAll(exchange(), [match(6, 'last_match'), match(7)]);
    expect(events).toEqual([
      { type: 'trade', symbol: 'BTC-USD', timeMs: at, price: '0.00001305', size: '985', side: 'buy', id: 7 },
    ]);
    expect(counts.unmodelled).toEqual({ 'trade before subscription': 1 });
  });

  test('finds lost trades by their ids, also when only the heartbeat knows of them', () => {
    const beat =
      '{"type":"heartbeat","sequence":90,"last_trade_id":12,"product_id":"BTC-USD","time":"2026-02-03T04:05:07Z"}';
    const { controls } = decodeAll(exchange(), [match(7), match(9), match(9), beat, match(13)]);
    expect(controls.filter(({ kind }) => kind === 'gap')).toMatchObject([
      { afterId: '7', beforeId: '9' },
      { afterId: '9', beforeId: '13', detail: 'trade 13 after 9; 3 are missing' },
    ]);
  });

  test('asks for every book anew after a frame that nobody can read', () => {
    const snapshot = '{"type":"snapshot","product_id":"BTC-USD","bids":[["1","2"]],"asks":[]}';
    const { events, controls } = decodeAll(exchange(), [snapshot, update('["buy","1","0"]'), '{"type":', update('')]);
    expect(events.map(({ type }) => type)).toEqual(['book-snapshot', 'book-delta']);
    const ofBook = { symbol: 'BTC-USD', channel: 'book', detail: 'a frame was no JSON' };
    expect(controls).toEqual([
      { kind: 'gap', ...ofBook, afterId: undefined, beforeId: undefined },
      { kind: 'resync', ...ofBook },
    ]);
  });

  test('subscribes to heartbeats, too, and has no bars', () => {
    const feed = coinbaseExchangeFeed({ symbols: ['BTC-USD'], channels: ['trades', 'book'] });
    expect(feed.opening()).toEqual([
      '{"type":"subscribe","product_ids":["BTC-USD"],"channels":["matches","level2_batch","heartbeat"]}',
    ]);
    expect(() => coinbaseExchangeFeed({ symbols: ['BTC-USD'], channels: ['bars'] })).toThrowErrorMatchingInlineSnapshot(
      `[AdaptersError: channels of coinbaseExchangeFeed has bars, and the venue streams none. Make them of trades, or ask the REST client.]`,
    );
  });
});

const recording = 'trades_books/cryptofeed_COINBASE.ws.28.0.txt.gz';
const products = 'SKL-USD SKL-BTC BAND-GBP NMR-EUR BAND-BTC YFI-BTC DASH-BTC NU-GBP CRV-EUR SKL-GBP'.split(' ');
const ofRecording = () => coinbaseExchangeFeed({ symbols: products, channels: ['trades', 'book', 'quotes'] }).decoder();

describe.skipIf(!hasRecordedData)('the recording of Coinbase', () => {
  test('is read whole; books never cross, and trades are on the side of the book that they took', () => {
    const { counts, events, rejections } = decodeAll(ofRecording(), recordedFrames(recordedPath(recording)));
    expect(rejections).toEqual([]);
    expect(counts).toEqual({
      events: { 'book-snapshot': 7, 'book-delta': 5457, trade: 29, quote: 36 },
      rejected: {},
      unmodelled: { 'trade before subscription': 7 },
      // One of one, one of two and one of three channels.
      controls: { subscribed: 6 },
    });
    const books = new Map<string, Book>();
    const grid = createGrid({ tickSize: '1e-8', lotSize: '1e-8' });
    const sides = { agree: 0, differ: 0, between: 0 };
    for (const event of events) {
      const book = books.get(event.symbol) ?? createBook({ grid, rule: bookRules.coinbaseExchange });
      books.set(event.symbol, book);
      if (event.type === 'book-snapshot' || event.type === 'book-delta') {
        expect(book.push(event).outcome).toBe(event.type === 'book-snapshot' ? 'snapshot' : 'applied');
        expect(book.stats().crossed).toBe(0);
      }
      const best = book.best();
      if (event.type !== 'trade' || !best) continue;
      const ticks = grid.toTicks(event.price);
      // The book may be ahead of the print, by which the level is gone already: then the print is between the sides.
      const took = ticks >= best.askTicks ? 'buy' : ticks <= best.bidTicks ? 'sell' : undefined;
      if (took === undefined) sides.between += 1;
      else if (took === event.side) sides.agree += 1;
      else sides.differ += 1;
    }
    expect(sides).toEqual({ agree: 20, differ: 0, between: 9 });
  });
});

const advanced = (tradeSide: 'maker' | 'taker' = 'maker') =>
  coinbaseAdvancedFeed({ symbols: ['BTC-USD'], channels: ['trades', 'book', 'quotes', 'bars'], tradeSide }).decoder();
const envelope = (channel: string, sequence: number, event: string): string =>
  `{"channel":"${channel}","client_id":"","timestamp":"2026-02-03T04:05:06.789012Z","sequence_num":${sequence},"events":[${event}]}`;
const trades = (type: string): string =>
  `{"type":"${type}","trades":[{"trade_id":"9","product_id":"BTC-USD","price":"68900.50","size":"0.0015","side":"BUY","time":"2026-02-03T04:05:06.789012Z"}]}`;
const level2 = (type: string, quantity: string): string =>
  `{"type":"${type}","product_id":"BTC-USD","updates":[{"side":"bid","event_time":"2026-02-03T04:05:06Z","price_level":"68900.00","new_quantity":"${quantity}"}]}`;

describe('Coinbase Advanced', () => {
  test('takes the side of a trade as that of the maker, unless told otherwise, and no history as live', () => {
    const frames = [envelope('market_trades', 1, trades('snapshot')), envelope('market_trades', 2, trades('update'))];
    const sides = (['maker', 'taker'] as const).map((side) => {
      const { events, counts } = decodeAll(advanced(side), frames);
      expect(counts.unmodelled).toEqual({ 'trade before subscription': 1 });
      return events.map((event) => event.type === 'trade' && event.side);
    });
    expect(sides).toEqual([['sell'], ['buy']]);
  });

  test('has a gap in every channel after a hole in the numbers of the connection, and no book until a snapshot', () => {
    const decoded = decodeAll(advanced(), [
      envelope('l2_data', 1, level2('snapshot', '2')),
      envelope('heartbeats', 2, '{"current_time":"x","heartbeat_counter":42}'),
      envelope('l2_data', 3, level2('update', '0')),
      envelope('l2_data', 3, level2('update', '0')),
      envelope('heartbeats', 5, '{"current_time":"x","heartbeat_counter":43}'),
      envelope('l2_data', 6, level2('update', '1')),
    ]);
    expect(decoded.events).toEqual([
      { type: 'book-snapshot', symbol: 'BTC-USD', timeMs: at, lastUpdateId: 1, bids: [['68900.00', '2']], asks: [] },
      {
        type: 'book-delta',
        symbol: 'BTC-USD',
        timeMs: at,
        firstUpdateId: 3,
        lastUpdateId: 3,
        bids: [['68900.00', '0']],
        asks: [],
      },
    ]);
    expect(decoded.counts.controls).toEqual({ heartbeat: 2, gap: 4, resync: 1 });
    expect(decoded.counts.unmodelled).toEqual({ 'repeated message': 1, 'book delta without snapshot': 1 });
  });

  test.skipIf(!hasRecordedData)('reads each message of the samples', () => {
    const samples = [...recordedPayloads(samplesPath, 'coinbase')].filter(([name]) => name.startsWith('ws_'));
    const feed = () => coinbaseAdvancedFeed({ symbols: ['BTC-USD'], channels: ['book'] }).decoder();
    const totals = { events: 0, rejected: 0 };
    for (const [, text] of samples) {
      const { events, rejections } = decodeAll(feed(), [text]);
      totals.events += events.length;
      totals.rejected += rejections.length;
    }
    // 1 candle, 1 snapshot, 2 trades and 1 ticker; the update comes without its snapshot here.
    expect(totals).toEqual({ events: 5, rejected: 0 });
  });
});

describe('the answers of Coinbase', () => {
  test.skipIf(!hasRecordedData)('of Advanced are trades, bars and a book', () => {
    const payloads = recordedPayloads(samplesPath, 'coinbase');
    const { trades: all, rejected } = parseCoinbaseAdvancedTrades(payloads.get('http_ticker.json')!, 'maker');
    // The answer's best ask is 68,923.67: both of its first prints took it.
    expect(all.map(({ price, side }) => [price, side])).toEqual([
      ['68923.67', 'buy'],
      ['68923.67', 'buy'],
      ['68924.94', 'sell'],
    ]);
    const head = { symbol: 'BTC-USD', intervalMs: 3_600_000, nowMs: 1712196000_000 - 1 };
    const { bars } = parseCoinbaseAdvancedBars(payloads.get('http_candles.json')!, head);
    expect(bars.map(({ startMs, close, final }) => [startMs, close, final])).toEqual([
      [1712188800_000, '66314.59', true],
      [1712192400_000, '66181.6', false],
    ]);
    const { book } = parseCoinbaseAdvancedBook(payloads.get('http_product_book.json')!);
    expect([rejected, book?.bids[0], book?.asks[0]]).toEqual([
      [],
      ['68923.66', '0.17189468'],
      ['68923.67', '0.16987193'],
    ]);
  });

  test('of Exchange lead back by id to the last known trade, and give bars and the book', async () => {
    const row = (id: number): string =>
      `{"time":"2026-02-03T04:05:06.789012Z","trade_id":${id},"price":"10.00","size":"0.01","side":"buy"}`;
    const http = askedHttp(
      `[${row(9)},${row(8)}]`,
      `[${row(7)}]`,
      '[[1770091500,0.30,0.32,0.31,0.305,180]]',
      '{"sequence":3,"bids":[["295.96","4.39",2]],"asks":[["295.97","25.23",12]],"time":"2026-02-03T04:05:06Z"}',
    );
    const client = createCoinbaseExchangeClient({ http, minIntervalMs: 0, now: () => 1770091560_000 });
    const pages = await gather(client.trades('BTC-USD', { afterId: '6', beforeId: '10' }));
    expect(pages.flatMap(({ trades: all }) => all.map(({ id, side }) => [id, side]))).toEqual([
      [9, 'sell'],
      [8, 'sell'],
      [7, 'sell'],
    ]);
    const query = { intervalMs: 60_000, startMs: 1770091500_000, endMs: 1770091560_000 };
    expect(await gather(client.bars('BTC-USD', query))).toMatchObject([
      { bars: [{ open: '0.31', high: '0.32', low: '0.3', close: '0.305', volume: '180', final: true }] },
    ]);
    expect((await client.book('BTC-USD')).book).toMatchObject({ lastUpdateId: 3, bids: [['295.96', '4.39']] });
    expect(http.asked).toEqual([
      'https://api.exchange.coinbase.com/products/BTC-USD/trades?limit=1000&after=10',
      'https://api.exchange.coinbase.com/products/BTC-USD/trades?limit=1000&after=8',
      'https://api.exchange.coinbase.com/products/BTC-USD/candles?granularity=60&start=2026-02-03T04:05:00.000Z&end=2026-02-03T04:05:59.999Z',
      'https://api.exchange.coinbase.com/products/BTC-USD/book?level=2',
    ]);
  });

  test('of Advanced are asked for by seconds', async () => {
    const http = askedHttp('{"trades":[]}', '{"candles":[]}');
    const client = createCoinbaseAdvancedClient({ http, minIntervalMs: 0 });
    await gather(client.trades('A-B', { startMs: 1770091500_000, endMs: 1770091560_000 }));
    await gather(client.bars('A-B', { intervalMs: 60_000, startMs: 1770091500_000, endMs: 1770091560_000 }));
    const base = 'https://api.coinbase.com/api/v3/brokerage/market/products/A-B';
    expect(http.asked).toEqual([
      `${base}/ticker?limit=1000&start=1770091500&end=1770091560`,
      `${base}/candles?start=1770091500&end=1770091559&granularity=ONE_MINUTE`,
    ]);
  });
});

describe('damaged frames', () => {
  test('of Exchange are refused with a reason', () => {
    const snapshot = '{"type":"snapshot","product_id":"BTC-USD","bids":[["1","2"]],"asks":[["3","4"]]}';
    const ticker =
      '{"type":"ticker","sequence":3,"product_id":"BTC-USD","price":"1","best_bid":"1","best_ask":"3","time":"2026-02-03T04:05:06Z"}';
    const corpus = [match(7), match(8, 'last_match'), snapshot, update('["buy","1","0"],["sell","3","1"]'), ticker];
    const { events, rejected } = fuzzDecoder(exchange, corpus, { seed: 6, count: fuzzCount() });
    expect(events).toBeGreaterThan(0);
    expect(rejected['bad-record']).toBeGreaterThan(0);
  });

  test('of Advanced are refused with a reason', () => {
    const samples = [...recordedPayloads(samplesPath, 'coinbase')]
      .filter(([name]) => name.startsWith('ws_'))
      .map(([, text]) => text);
    const own = [envelope('l2_data', 1, level2('snapshot', '2')), envelope('market_trades', 2, trades('update'))];
    const { events, rejected } = fuzzDecoder(advanced, [...samples, ...own], { seed: 7, count: fuzzCount() });
    expect(events).toBeGreaterThan(0);
    expect(rejected['bad-record']).toBeGreaterThan(0);
  });
});
