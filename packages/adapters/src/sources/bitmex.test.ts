import { bookRules, createBook } from '@tapekit/orderflow/book';
import type { Book } from '@tapekit/orderflow/book';
import { createGrid } from '@tapekit/orderflow/grid';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { describe, expect, test } from 'vitest';
import { fuzzCount, fuzzDecoder } from '../internal/fuzz-frames.ts';
import { decodeAll, recordedFrames, recordedPayloads } from '../internal/venue/recordings.fixture.ts';
import { askedHttp, gather } from '../internal/venue/requests.fixture.ts';
import type { SourceEvent } from '../market-source.ts';
import { bitmexFeed, createBitmexClient, parseBitmexBars, parseBitmexTrades } from './bitmex.ts';

const samplesPath = recordedPath('fixtures/exchange_payloads.ndjson');

const decoder = () => bitmexFeed({ symbols: ['XBTUSD'], channels: ['trades', 'book', 'quotes', 'bars'] }).decoder();
const table = (name: string, action: string, ...rows: readonly string[]): string =>
  `{"table":"${name}","action":"${action}","data":[${rows.join()}]}`;
const row = (id: number, side: string, rest = ''): string => `{"symbol":"XBTUSD","id":${id},"side":"${side}"${rest}}`;
const trade = (kind: string): string =>
  `{"timestamp":"2026-02-03T04:05:06.789Z","symbol":"XBTUSD","side":"Sell","size":100,"price":98570.9,` +
  `"trdMatchID":"00000000-006d-1000-0000-000e8737d536","trdType":"${kind}"}`;
const at = Date.UTC(2026, 1, 3, 4, 5, 6, 789);

describe('BitMEX', () => {
  test('gives the taker side of trades, and marks settlements as no market trades', () => {
    const frames = [
      table('trade', 'partial', trade('Regular')),
      table('trade', 'insert', trade('Regular'), trade('Settlement')),
    ];
    const { events, counts } = decodeAll(decoder(), frames);
    expect(events[0]).toEqual({
      type: 'trade',
      symbol: 'XBTUSD',
      timeMs: at,
      price: '98570.9',
      size: '100',
      side: 'sell',
      id: '00000000-006d-1000-0000-000e8737d536',
    });
    expect(counts).toMatchObject({
      events: { trade: 1, nonMarket: 1 },
      unmodelled: { 'trade before subscription': 1 },
    });
  });

  test('finds the price of a row by its id, and sorts the snapshot best first', () => {
    const { events } = decodeAll(decoder(), [
      table('orderBookL2', 'update', row(1, 'Buy', ',"size":9')),
      table(
        'orderBookL2',
        'partial',
        row(4, 'Sell', ',"size":5,"price":11.5'),
        row(3, 'Sell', ',"size":6,"price":11'),
        row(1, 'Buy', ',"size":7,"price":10'),
        row(2, 'Buy', ',"size":8,"price":10.5'),
      ),
      table('orderBookL2', 'update', row(1, 'Buy', ',"size":9')),
      table('orderBookL2', 'delete', row(3, 'Sell')),
      table('orderBookL2', 'insert', row(5, 'Sell', ',"size":1,"price":0.0000012')),
    ]);
    expect(events.map((event) => event.type.startsWith('book') && 'bids' in event && [event.bids, event.asks])).toEqual(
      [
        [
          [
            ['10.5', '8'],
            ['10', '7'],
          ],
          [
            ['11', '6'],
            ['11.5', '5'],
          ],
        ],
        [[['10', '9']], []],
        [[], [['11', '0']]],
        [[], [['0.0000012', '1']]],
      ],
    );
  });

  test('asks for the book anew when a row changes that it does not know', () => {
    const { counts, controls } = decodeAll(decoder(), [
      table('orderBookL2', 'partial', row(1, 'Buy', ',"size":7,"price":10')),
      table('orderBookL2', 'update', row(2, 'Buy', ',"size":9')),
      table('orderBookL2', 'update', row(1, 'Buy', ',"size":9')),
    ]);
    const detail = 'price is missing; expected the price of row 2, which is new';
    const ofBook = { symbol: 'XBTUSD', channel: 'book', detail };
    expect(controls).toEqual([
      { kind: 'gap', ...ofBook, afterId: undefined, beforeId: undefined },
      { kind: 'resync', ...ofBook },
    ]);
    expect(counts.events).toEqual({ 'book-snapshot': 1 });
  });

  test.skipIf(!hasRecordedData)('starts a bar one interval before its stamp', () => {
    const sample = recordedPayloads(samplesPath, 'bitmex').get('ws_trade_bin_1m.json')!;
    const [bar] = decodeAll(decoder(), [table('tradeBin1m', 'insert', sample)]).events;
    expect(bar).toEqual({
      type: 'bar',
      symbol: 'XBTUSD',
      startMs: Date.UTC(2024, 10, 23, 20, 6),
      endMs: Date.UTC(2024, 10, 23, 20, 7),
      open: '97550',
      high: '97584.4',
      low: '97550',
      close: '97570.1',
      volume: '84000',
      final: true,
    });
  });

  test('says what the venue refused', () => {
    const { controls } = decodeAll(decoder(), ['{"status":400,"error":"Unknown table: x"}', 'pong']);
    expect(controls).toEqual([{ kind: 'refused', detail: 'Unknown table: x', fatal: true }, { kind: 'heartbeat' }]);
  });
});

const recording = 'trades_books/cryptofeed_BITMEX.ws.1.0.txt.gz';
const symbols = 'XRPU21 UNIUSDT XBTUSD ADAUSDT SOLUSDT TRXU21 EOSUSDT TRXUSDT BCHUSD MATICUSDT'.split(' ');
const ofRecording = () => bitmexFeed({ symbols, channels: ['trades', 'book', 'quotes'] }).decoder();

describe.skipIf(!hasRecordedData)('the recording of BitMEX', () => {
  test('is read whole, and its books show each of the 436 quotes in their order', () => {
    const { counts, events, rejections } = decodeAll(ofRecording(), recordedFrames(recordedPath(recording)));
    expect(rejections).toEqual([]);
    expect(counts).toEqual({
      events: { 'book-snapshot': 10, 'book-delta': 1969, quote: 436, trade: 17 },
      rejected: {},
      unmodelled: { 'trade before subscription': 10, info: 1 },
      controls: { subscribed: 30 },
    });
    for (const symbol of symbols) {
      const own = events.filter((event) => event.symbol === symbol);
      const bests = bestsOf(own);
      let from = 0;
      for (const quote of own) {
        if (quote.type !== 'quote') continue;
        const found = bests.indexOf([quote.bidPrice, quote.bidSize, quote.askPrice, quote.askSize].join(), from);
        expect(found, `${symbol} ${JSON.stringify(quote)}`).toBeGreaterThanOrEqual(0);
        from = found;
      }
    }
  });
});

/** The best bid and offer after each event of a book. */
function bestsOf(events: readonly SourceEvent[]): readonly string[] {
  // Futures on coins are priced in bitcoin.
  const tickSize = events[0]!.symbol.endsWith('U21') ? '1e-10' : '1e-5';
  const grid = createGrid({ tickSize, lotSize: '1' });
  const book: Book = createBook({ grid, rule: bookRules.bitmex });
  const bests: string[] = [];
  for (const event of events) {
    if (event.type !== 'book-snapshot' && event.type !== 'book-delta') continue;
    expect(book.push(event)).toMatchObject({ offGrid: [] });
    expect(book.stats().crossed).toBe(0);
    const best = book.best()!;
    const side = (ticks: number, lots: number) => [grid.formatPrice(ticks), grid.formatSize(lots)];
    bests.push([...side(best.bidTicks, best.bidLots), ...side(best.askTicks, best.askLots)].join());
  }
  return bests;
}

describe('the answers of BitMEX', () => {
  test.skipIf(!hasRecordedData)('are trades and bars', () => {
    const payloads = recordedPayloads(samplesPath, 'bitmex');
    const { trades, rejected } = parseBitmexTrades(payloads.get('http_get_trades.json')!);
    expect([trades.map(({ side, size, price }) => [side, size, price]), rejected]).toEqual([
      [
        ['buy', '100', '98950'],
        ['buy', '100', '98951'],
        ['sell', '50', '98949.5'],
      ],
      [],
    ]);
    const { bars } = parseBitmexBars(payloads.get('http_get_trade_bins.json')!, 60_000);
    expect(bars.map(({ startMs, volume }) => [startMs, volume])).toEqual([
      [Date.UTC(2024, 10, 25, 10, 29), '150000'],
      [Date.UTC(2024, 10, 25, 10, 30), '95000'],
      [Date.UTC(2024, 10, 25, 10, 31), '78000'],
    ]);
    expect(() => parseBitmexTrades(payloads.get('http_error_response.json')!)).toThrowErrorMatchingInlineSnapshot(
      `[AdaptersError: BitMEX answered "HTTPError: Invalid API Key.". Check the symbol and the query.]`,
    );
  });

  test('are asked for by time and offset', async () => {
    const level = (id: number, side: string, price: number): string =>
      row(id, side, `,"size":3,"price":${price},"timestamp":"2026-02-03T04:05:06.789Z"`);
    const http = askedHttp(
      `[${trade('Regular')}]`,
      '[]',
      `[${level(1, 'Sell', 12)},${level(2, 'Sell', 11)},${level(3, 'Buy', 10)}]`,
    );
    const client = createBitmexClient({ http, minIntervalMs: 0 });
    const range = { startMs: at, endMs: at + 60_000 };
    expect(await gather(client.trades('XBTUSD', range))).toHaveLength(1);
    await gather(client.bars('XBTUSD', { ...range, intervalMs: 60_000 }));
    expect((await client.book('XBTUSD', { depth: 2 })).book).toEqual({
      type: 'book-snapshot',
      symbol: 'XBTUSD',
      timeMs: at,
      lastUpdateId: 0,
      bids: [['10', '3']],
      asks: [
        ['11', '3'],
        ['12', '3'],
      ],
    });
    expect(http.asked).toEqual([
      'https://www.bitmex.com/api/v1/trade?symbol=XBTUSD&count=1000&reverse=false&startTime=2026-02-03T04:05:06.789Z&endTime=2026-02-03T04:06:06.788Z&start=0',
      'https://www.bitmex.com/api/v1/trade/bucketed?binSize=1m&partial=false&symbol=XBTUSD&count=1000&reverse=false&startTime=2026-02-03T04:06:06.789Z&endTime=2026-02-03T04:07:06.788Z',
      'https://www.bitmex.com/api/v1/orderBook/L2?symbol=XBTUSD&depth=2',
    ]);
  });
});

test('damaged frames of BitMEX are refused with a reason', () => {
  const corpus = [
    table('trade', 'insert', trade('Regular')),
    table('orderBookL2', 'partial', row(4, 'Sell', ',"size":5,"price":11.5'), row(1, 'Buy', ',"size":7,"price":10')),
    table('orderBookL2', 'update', row(1, 'Buy', ',"size":9')),
    table('orderBookL2', 'delete', row(4, 'Sell')),
    table(
      'quote',
      'insert',
      '{"timestamp":"2026-02-03T04:05:06.789Z","symbol":"XBTUSD","bidSize":1,"bidPrice":2,"askPrice":3,"askSize":4}',
    ),
    table(
      'tradeBin1m',
      'insert',
      '{"timestamp":"2026-02-03T04:05:00.000Z","symbol":"XBTUSD","open":1,"high":2,"low":1,"close":2,"volume":3}',
    ),
    '{"success":true,"subscribe":"trade:XBTUSD","request":{}}',
  ];
  const { events, rejected } = fuzzDecoder(decoder, corpus, { seed: 8, count: fuzzCount() });
  expect(events).toBeGreaterThan(0);
  expect(rejected['bad-record']).toBeGreaterThan(0);
});
