import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { describe, expect, test } from 'vitest';
import { fuzzCount, fuzzDecoder } from '../internal/fuzz-frames.ts';
import { decodeAll, recordedPayloads } from '../internal/venue/recordings.fixture.ts';
import { askedHttp, gather } from '../internal/venue/requests.fixture.ts';
import { createDeribitClient, deribitFeed, parseDeribitBars, parseDeribitTrades } from './deribit.ts';

const samplesPath = recordedPath('fixtures/exchange_payloads.ndjson');

const symbol = 'BTC-PERPETUAL';
const combo = 'BTC-CS-19MAY26-70000_75000';
const decoder = () =>
  deribitFeed({ symbols: [symbol, combo], channels: ['trades', 'book', 'quotes', 'bars'] }).decoder();
const notice = (channel: string, data: string): string =>
  `{"jsonrpc":"2.0","method":"subscription","params":{"channel":"${channel}","data":${data}}}`;
const row = (sequence: number, rest = ''): string =>
  `{"timestamp":1765531356452,"price":92294.5,"amount":10.0,"direction":"sell","instrument_name":"${symbol}",` +
  `"trade_seq":${sequence},"trade_id":"4036${sequence}"${rest}}`;
const trades = (...rows: readonly string[]): string => notice(`trades.${symbol}.100ms`, `[${rows.join()}]`);
const change = (id: number, before: number, bids: string): string =>
  notice(
    `book.${symbol}.100ms`,
    `{"type":"change","instrument_name":"${symbol}","timestamp":1699999999500,"change_id":${id},"prev_change_id":${before},"bids":[${bids}],"asks":[]}`,
  );
const snapshot = notice(
  `book.${symbol}.100ms`,
  `{"type":"snapshot","instrument_name":"${symbol}","timestamp":1699999999000,"change_id":5,"bids":[["new",42500.0,1000.0]],"asks":[["new",42501.0,800.0]]}`,
);

describe('Deribit', () => {
  test('gives the taker side of trades, finds lost ones by trade_seq, and marks blocks as no market trades', () => {
    const { events, controls } = decodeAll(decoder(), [
      trades(row(7), row(8, ',"block_trade_id":"B-1"')),
      trades(row(10)),
    ]);
    expect(events[0]).toEqual({
      type: 'trade',
      symbol,
      timeMs: 1765531356452,
      price: '92294.5',
      size: '10',
      side: 'sell',
      id: '40367',
    });
    expect(events.map((event) => event.nonMarket)).toEqual([undefined, true, undefined]);
    expect(controls).toMatchObject([{ kind: 'gap', channel: 'trades', afterId: '8', beforeId: '10' }]);
  });

  test('chains the book by the id that each change names', () => {
    const { events, controls, counts } = decodeAll(decoder(), [
      change(4, 3, ''),
      snapshot,
      change(9, 5, '["change",42500.0,950.0],["delete",42499.5,0.0]'),
      change(9, 5, ''),
      change(12, 11, ''),
    ]);
    expect(events).toMatchObject([
      { type: 'book-snapshot', lastUpdateId: 5, bids: [['42500', '1000']], asks: [['42501', '800']] },
      {
        type: 'book-delta',
        firstUpdateId: 9,
        lastUpdateId: 9,
        previousUpdateId: 5,
        bids: [
          ['42500', '950'],
          ['42499.5', '0'],
        ],
      },
    ]);
    expect(controls).toMatchObject([
      { kind: 'gap', afterId: undefined, beforeId: '4' },
      { kind: 'resync' },
      { kind: 'gap', afterId: '9', beforeId: '12' },
      { kind: 'resync' },
    ]);
    expect(counts.unmodelled).toEqual({ 'book delta without snapshot': 1, 'repeated book delta': 1 });
  });

  test('answers the test requests of the venue', () => {
    const { controls } = decodeAll(decoder(), [
      '{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"test_request"}}',
    ]);
    expect(controls).toEqual([{ kind: 'reply', frame: '{"jsonrpc":"2.0","id":0,"method":"public/test","params":{}}' }]);
  });

  test('gives bars, and closes one when the next one starts', () => {
    const bar = (tick: number, close: number): string =>
      notice(
        `chart.trades.${symbol}.1`,
        `{"volume":0.05,"tick":${tick},"open":5,"low":4,"high":9,"cost":20.0,"close":${close}}`,
      );
    const { events } = decodeAll(decoder(), [bar(1573645080000, 6), bar(1573645140000, 7)]);
    expect(events.map((event) => event.type === 'bar' && [event.startMs, event.close, event.final])).toEqual([
      [1573645080000, '6', false],
      [1573645080000, '6', true],
      [1573645140000, '7', false],
    ]);
  });

  test.skipIf(!hasRecordedData)('reads each message of the samples', () => {
    const payloads = recordedPayloads(samplesPath, 'deribit');
    const files = [...payloads.keys()].filter((name) => name.startsWith('ws_'));
    const order = ['ws_book_snapshot.json', ...files.filter((name) => name !== 'ws_book_snapshot.json')];
    const { counts, rejections } = decodeAll(
      decoder(),
      order.map((name) => payloads.get(name)!),
    );
    expect(rejections).toEqual(['10028: too_many_requests']);
    expect(counts).toEqual({
      events: { 'book-snapshot': 2, 'book-delta': 1, quote: 1, trade: 3 },
      rejected: { 'venue-error': 1 },
      unmodelled: { ticker: 1 },
      controls: { refused: 1, subscribed: 2 },
    });
  });
});

describe('the answers of Deribit', () => {
  test.skipIf(!hasRecordedData)('are trades, also of combinations', () => {
    const payloads = recordedPayloads(samplesPath, 'deribit');
    const files = [...payloads.keys()].filter((name) => name.startsWith('http_get_last_trades'));
    const read = files.map((name) => parseDeribitTrades(payloads.get(name)!));
    expect(files).toHaveLength(5);
    expect(read.flatMap(({ rejected }) => rejected)).toEqual([]);
    const { trades: all, lastSequence, hasMore } = read[0]!;
    expect(all[0]).toMatchObject({
      symbol: 'ETH-PERPETUAL',
      timeMs: 1766332040636,
      price: '2968.3',
      size: '1',
      side: 'sell',
    });
    expect([hasMore, lastSequence]).toEqual([true, 203024587 + all.length - 1]);
  });

  test('are paged by trade_seq between two known trades', async () => {
    const page = (more: boolean, ...rows: readonly string[]): string =>
      `{"jsonrpc":"2.0","result":{"trades":[${rows.join()}],"has_more":${more}}}`;
    const http = askedHttp(page(true, row(7), row(8)), page(false, row(9)));
    const pages = await gather(
      createDeribitClient({ http, minIntervalMs: 0 }).trades(symbol, { afterId: '6', beforeId: '10' }),
    );
    expect(pages.flatMap(({ trades: all }) => all.map(({ id }) => id))).toEqual(['40367', '40368', '40369']);
    const path = `https://www.deribit.com/api/v2/public/get_last_trades_by_instrument?instrument_name=${symbol}&count=1000`;
    expect(http.asked).toEqual([
      `${path}&start_seq=7&end_seq=9&sorting=asc`,
      `${path}&start_seq=9&end_seq=9&sorting=asc`,
    ]);
  });

  test('are columns of bars and a book, and say what Deribit answered', async () => {
    const columns =
      '"ticks":[1573645080000,1573645140000],"open":[5,6],"high":[9,8],"low":[4,9],"close":[6,7],"volume":[1,2]';
    const head = { symbol, intervalMs: 60_000, nowMs: 1573645140000 };
    const { bars, rejected } = parseDeribitBars(`{"result":{${columns},"status":"ok"}}`, head);
    expect(bars).toMatchObject([{ startMs: 1573645080000, open: '5', final: true }]);
    expect(rejected).toEqual([
      { reason: 'bad-record', at: 2, detail: 'low is 9; expected at most the high, which is 8' },
    ]);
    const http = askedHttp(
      `{"result":{"instrument_name":"${symbol}","timestamp":1573645080000,"change_id":7,"bids":[[10.5,100.0]],"asks":[]}}`,
      '{"error":{"code":10028,"message":"too_many_requests"}}',
      '{"error":{"code":13020,"message":"not_found"}}',
    );
    const client = createDeribitClient({ http, minIntervalMs: 0 });
    expect((await client.book(symbol)).book).toMatchObject({ lastUpdateId: 7, bids: [['10.5', '100']], asks: [] });
    await expect(client.book(symbol)).rejects.toMatchObject({ code: 'rate-limited' });
    await expect(client.book(symbol)).rejects.toMatchObject({ code: 'bad-response' });
  });
});

test('damaged frames of Deribit are refused with a reason', () => {
  const samples = [...recordedPayloads(samplesPath, 'deribit')]
    .filter(([name]) => name.startsWith('ws_'))
    .map(([, text]) => text);
  const corpus = [...samples, trades(row(7)), snapshot, change(9, 5, '["change",42500.0,950.0]')];
  const { events, rejected } = fuzzDecoder(decoder, corpus, { seed: 9, count: fuzzCount() });
  expect(events).toBeGreaterThan(0);
  expect(rejected['bad-record']).toBeGreaterThan(0);
});
