import { bookRules, createBook } from '@tapekit/orderflow/book';
import type { Book } from '@tapekit/orderflow/book';
import { okxBookChecksum } from '@tapekit/orderflow/book-checksum';
import { createGrid } from '@tapekit/orderflow/grid';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { describe, expect, test } from 'vitest';
import { fuzzCount, fuzzDecoder } from '../internal/fuzz-frames.ts';
import { askedHttp, gather } from '../internal/venue/requests.fixture.ts';
import { decodeAll, recordedFrames, recordedPayloads } from '../internal/venue/recordings.fixture.ts';
import { createOkxClient, okxFeed, parseOkxBars, parseOkxTrades } from './okx.ts';

const samplesPath = recordedPath('fixtures/exchange_payloads.ndjson');

const decoder = () => okxFeed({ symbols: ['BTC-USDT'], channels: ['trades', 'book', 'quotes'] }).decoder();
const trade = (id: number, count: number): string =>
  `{"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"${id}","px":"42219.9",` +
  `"sz":"0.12","side":"sell","ts":"1630048897897","count":"${count}"}]}`;
const book = (action: string, id: number, before: number, bids = '["10","1","0","1"]'): string =>
  `{"arg":{"channel":"books","instId":"BTC-USDT"},"action":"${action}","data":[{"asks":[["11","2","0","1"]],` +
  `"bids":[${bids}],"ts":"1630048897897","checksum":5,"prevSeqId":${before},"seqId":${id}}]}`;

describe('OKX', () => {
  test('gives the taker side and the id of the last fill; the count says where the row before ended', () => {
    const { events, controls } = decodeAll(decoder(), [trade(10, 1), trade(13, 3), trade(16, 2)]);
    expect(events[0]).toEqual({
      type: 'trade',
      symbol: 'BTC-USDT',
      timeMs: 1630048897897,
      price: '42219.9',
      size: '0.12',
      side: 'sell',
      id: '10',
    });
    // 13 stands for 11, 12 and 13; 16 for 15 and 16: one is missing.
    expect(controls).toMatchObject([{ kind: 'gap', channel: 'trades', afterId: '13', beforeId: '15' }]);
  });

  test('chains deltas by the id that they name, over keep-alives and ids that fall', () => {
    const frames = [
      book('snapshot', 100, -1),
      book('update', 103, 100),
      book('update', 103, 103, ''),
      book('update', 5, 103),
    ];
    const { events, controls } = decodeAll(decoder(), [...frames, book('update', 8, 7), book('update', 9, 8)]);
    const deltas = events.filter((event) => event.type === 'book-delta');
    expect(events).toHaveLength(4);
    expect(deltas.map((event) => [event.previousUpdateId, event.firstUpdateId, event.lastUpdateId])).toEqual([
      [100, 103, 103],
      [103, 103, 103],
      [103, 5, 5],
    ]);
    expect(controls).toEqual([
      {
        kind: 'gap',
        symbol: 'BTC-USDT',
        channel: 'book',
        afterId: '5',
        beforeId: '8',
        detail: 'previous-id 7; expected 5',
      },
      { kind: 'resync', symbol: 'BTC-USDT', channel: 'book', detail: 'previous-id 7; expected 5' },
    ]);
  });

  test('says what the venue announced and refused', () => {
    const { controls } = decodeAll(decoder(), [
      'pong',
      '{"event":"error","code":"60018","msg":"Wrong URL or channel doesn\'t exist"}',
      '{"event":"notice","code":"64008","msg":"The connection will soon be closed"}',
    ]);
    expect(controls).toEqual([
      { kind: 'heartbeat' },
      { kind: 'refused', detail: "60018: Wrong URL or channel doesn't exist", fatal: true },
      { kind: 'expires', atMs: undefined, detail: '64008: The connection will soon be closed' },
    ]);
  });

  test('asks for bars at their own address, and not together with others', () => {
    const feed = okxFeed({ symbols: ['BTC-USDT'], channels: ['bars'], bar: '1H' });
    expect([feed.url(), ...feed.opening()]).toEqual([
      'wss://ws.okx.com:8443/ws/v5/business',
      '{"op":"subscribe","args":[{"channel":"candle1H","instId":"BTC-USDT"}]}',
    ]);
    expect(() => okxFeed({ symbols: ['BTC-USDT'], channels: ['bars', 'book'] })).toThrowErrorMatchingInlineSnapshot(
      `[AdaptersError: channels of okxFeed mixes bars with others, and OKX serves bars at another address. Make a feed of ['bars'] alone.]`,
    );
  });

  test.skipIf(!hasRecordedData)('reads each message of the samples', () => {
    const samples = [...recordedPayloads(samplesPath, 'okx')].filter(([name]) => name.startsWith('ws_'));
    const { counts, events } = decodeAll(
      okxFeed({ symbols: ['BTC-USDT', 'BTC-USD', 'BTC-USDT-SWAP'], channels: ['trades'] }).decoder(),
      samples.map(([, text]) => text),
    );
    expect(counts).toEqual({
      events: { quote: 2, 'book-snapshot': 1, 'book-delta': 1, bar: 1, trade: 1 },
      rejected: {},
      unmodelled: { 'funding-rate': 1 },
      controls: {},
    });
    expect(events.find((event) => event.type === 'bar')).toMatchObject({
      open: '8533.02',
      volume: '45247',
      final: true,
    });
  });
});

const recording = 'trades_books/cryptofeed_OKX.ws.1.0.txt.gz';
const symbols = ['BTC-USD-220527', 'UNI-USD-SWAP', 'BTC-USDT'];

describe.skipIf(!hasRecordedData)('the recording of OKX', () => {
  test('is read whole, and each of its 192 checksums agrees with the book', () => {
    const { counts, events, rejections } = decodeAll(
      okxFeed({ symbols, channels: ['trades', 'book', 'quotes'] }).decoder(),
      recordedFrames(recordedPath(recording)),
    );
    expect(rejections).toEqual([]);
    // 218 lines were received: 2 snapshots, 190 updates, 5 trades, 3 tickers and 18 answers to subscriptions.
    expect(counts).toEqual({
      events: { 'book-snapshot': 2, 'book-delta': 190, trade: 5, quote: 3 },
      rejected: {},
      unmodelled: {},
      controls: { subscribed: 18 },
    });
    const books = new Map<string, Book>();
    for (const event of events) {
      if (event.type !== 'book-snapshot' && event.type !== 'book-delta') continue;
      const grid = createGrid({ tickSize: event.symbol.startsWith('UNI') ? '0.001' : '0.1', lotSize: '1' });
      // The recording is from before OKX had ids: only the checksum proves the book.
      const of = books.get(event.symbol) ?? createBook({ grid, rule: bookRules.generic, checksum: okxBookChecksum() });
      books.set(event.symbol, of);
      expect(of.push(event).outcome).toBe(event.type === 'book-snapshot' ? 'snapshot' : 'applied');
    }
    const matches = [...books.values()].map((of) => of.stats().checksumMatches);
    expect(matches.reduce((a, b) => a + b)).toBe(192);
  });
});

describe('the answers of OKX', () => {
  test.skipIf(!hasRecordedData)('are trades and bars', () => {
    const payloads = recordedPayloads(samplesPath, 'okx');
    const { trades, rejected } = parseOkxTrades(payloads.get('http_get_trades.json')!);
    expect([trades.map(({ id, side, size }) => [id, side, size]), rejected]).toEqual([
      [
        ['734864333', 'sell', '0.00013669'],
        ['734864332', 'buy', '0.0000125'],
      ],
      [],
    ]);
    const { bars } = parseOkxBars(payloads.get('http_get_candlesticks_full.json')!, 'BTC-USDT', 60_000);
    expect(bars.map(({ startMs, close, final }) => [startMs, close, final])).toEqual([
      [1747093980000, '102806.1', true],
      [1747094040000, '102820.4', true],
    ]);
  });

  test('lead back from the first known trade to the last known one', async () => {
    const row = (id: number): string =>
      `{"instId":"A-B","side":"buy","sz":"1","px":"2","tradeId":"${id}","ts":"1747087163557"}`;
    const page = (...ids: readonly number[]): string => `{"code":"0","msg":"","data":[${ids.map(row).join()}]}`;
    const http = askedHttp(page(19, 18), page(17, 16));
    const pages = await gather(
      createOkxClient({ http, minIntervalMs: 0 }).trades('A-B', { afterId: '15', beforeId: '20' }),
    );
    expect(pages.flatMap(({ trades }) => trades.map(({ id }) => id))).toEqual(['19', '18', '17', '16']);
    expect(http.asked).toEqual([
      'https://www.okx.com/api/v5/market/history-trades?instId=A-B&type=1&after=20&limit=100',
      'https://www.okx.com/api/v5/market/history-trades?instId=A-B&type=1&after=18&limit=100',
    ]);
  });

  test('are asked for in windows of 100 bars', async () => {
    const http = askedHttp(
      '{"code":"0","msg":"","data":[["1625097660000","1","2","1","2","3","0","0","0"],["1625097600000","1","2","1","2","3","0","0","1"]]}',
      '{"code":"0","msg":"","data":[]}',
    );
    const query = { intervalMs: 60_000, startMs: 1625097600000, endMs: 1625097600000 + 101 * 60_000 };
    const pages = await gather(createOkxClient({ http, minIntervalMs: 0 }).bars('A-B', query));
    expect(pages.flatMap(({ bars }) => bars.map(({ startMs, final }) => [startMs, final]))).toEqual([
      [1625097600000, true],
      [1625097660000, false],
    ]);
    expect(http.asked).toEqual([
      'https://www.okx.com/api/v5/market/history-candles?instId=A-B&bar=1m&before=1625097599999&after=1625103600000&limit=100',
      'https://www.okx.com/api/v5/market/history-candles?instId=A-B&bar=1m&before=1625103599999&after=1625103660000&limit=100',
    ]);
  });

  test('give the book, and say what OKX answered', async () => {
    const http = askedHttp(
      '{"code":"0","msg":"","data":[{"asks":[["11","2","0","1"]],"bids":[["10","1","0","1"]],"ts":"1630048897897","seqId":7}]}',
      '{"code":"51001","msg":"Instrument ID does not exist","data":[]}',
      '{"code":"50011","msg":"Too Many Requests","data":[]}',
    );
    const client = createOkxClient({ http, minIntervalMs: 0 });
    expect((await client.book('A-B')).book).toMatchObject({
      lastUpdateId: 7,
      bids: [['10', '1']],
      asks: [['11', '2']],
    });
    await expect(client.book('A-B')).rejects.toMatchObject({ code: 'bad-response' });
    await expect(client.book('A-B')).rejects.toMatchObject({ code: 'rate-limited' });
  });
});

test('damaged frames of OKX are refused with a reason', () => {
  const samples = [...recordedPayloads(samplesPath, 'okx')]
    .filter(([name]) => name.startsWith('ws_'))
    .map(([, text]) => text);
  const corpus = [...samples, trade(10, 1), book('snapshot', 100, -1), book('update', 103, 100)];
  const make = () => okxFeed({ symbols: ['BTC-USDT', 'BTC-USD'], channels: ['trades'] }).decoder();
  const { events, rejected } = fuzzDecoder(make, corpus, { seed: 3, count: fuzzCount() });
  expect(events).toBeGreaterThan(0);
  expect(rejected['bad-frame']).toBeGreaterThan(0);
  expect(rejected['bad-record']).toBeGreaterThan(0);
});
