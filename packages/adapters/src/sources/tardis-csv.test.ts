import { describe, expect, test } from 'vitest';
import { createBook, bookRules } from '@tapekit/orderflow/book';
import { createGrid } from '@tapekit/orderflow/grid';
import { fuzzCount, fuzzDecoder } from '../internal/fuzz-frames.ts';
import type { FrameDecoder } from '../venue-feed.ts';
import { collector } from './databento/decode.fixture.ts';
import type { Collected } from './databento/decode.fixture.ts';
import { createTardisCsvDecoder } from './tardis-csv.ts';
import type { TardisCsvOptions } from './tardis-csv.ts';

function decode(text: string, options?: TardisCsvOptions): Collected {
  const collected = collector();
  const decoder = createTardisCsvDecoder(options);
  for (const line of text.trim().split('\n')) decoder.decode(line.trim(), 0, collected.sink);
  decoder.end(collected.sink);
  return collected;
}

/** 2020-02-01T00:00:00.123456Z in microseconds. */
const us = '1580515200123456';
const timeMs = 1_580_515_200_123;

const trades = `
  exchange,symbol,timestamp,local_timestamp,id,side,price,amount
  bitmex,XBTUSD,${us},1580515200140000,a-1,buy,9350.5,100
  bitmex,XBTUSD,${us},1580515200140000,,sell,9350,2.5
  bitmex,XBTUSD,${us},1580515200140000,,unknown,9350,1`;
const book = `
  exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount
  deribit,BTC-PERP,1580515200000000,1580515200000001,true,bid,99,1
  deribit,BTC-PERP,1580515200000000,1580515200000001,true,bid,100,5
  deribit,BTC-PERP,1580515200000000,1580515200000001,true,ask,102,3
  deribit,BTC-PERP,1580515200000000,1580515200000001,true,ask,101,2
  deribit,BTC-PERP,1580515200001000,1580515200001001,false,bid,100,0
  deribit,BTC-PERP,1580515200001000,1580515200001001,false,ask,101,4
  deribit,BTC-PERP,1580515200002000,1580515200002001,false,bid,100,7
  deribit,BTC-PERP,1580515200003000,1580515200003001,true,bid,90,1
  deribit,BTC-PERP,1580515200004000,1580515200004001,true,ask,91,1
  deribit,BTC-PERP,1580515200005000,1580515200005001,false,ask,91,2`;

describe('trades', () => {
  test('have the venue time in milliseconds, the taker side, and an id where there is one', () => {
    expect(decode(trades).events).toEqual([
      { type: 'trade', symbol: 'XBTUSD', timeMs, price: '9350.5', size: '100', side: 'buy', id: 'a-1' },
      { type: 'trade', symbol: 'XBTUSD', timeMs, price: '9350', size: '2.5', side: 'sell' },
      { type: 'trade', symbol: 'XBTUSD', timeMs, price: '9350', size: '1', side: 'unknown' },
    ]);
  });

  test('of amount 0 are no market trades', () => {
    expect(decode(trades.replace(',100', ',0')).events[0]).toMatchObject({ nonMarket: true });
  });

  test('and liquidations have one header: the caller says which it is', () => {
    const { events, unmodelled } = decode(trades, { kind: 'liquidations' });
    expect(events).toEqual([]);
    expect(unmodelled).toEqual({ header: 1, liquidations: 3 });
  });

  test('of symbols that were not asked for are rejected', () => {
    expect(decode(trades, { symbols: ['ETHUSD'] }).rejected.map(({ reason }) => reason)).toEqual(
      Array(3).fill('other-symbol'),
    );
  });
});

describe('incremental_book_L2', () => {
  test('rows of one message are one event; a run of snapshot rows replaces the book once', () => {
    const { events, rejected } = decode(book);
    expect(rejected).toEqual([]);
    expect(events.map(({ type }) => type)).toEqual([
      'book-snapshot',
      'book-delta',
      'book-delta',
      'book-snapshot',
      'book-delta',
      'book-delta',
    ]);
    expect(events[0]).toEqual({
      type: 'book-snapshot',
      symbol: 'BTC-PERP',
      timeMs: 1_580_515_200_000,
      lastUpdateId: 1,
      bids: [
        ['100', '5'],
        ['99', '1'],
      ],
      asks: [
        ['101', '2'],
        ['102', '3'],
      ],
    });
    expect(events[1]).toMatchObject({ firstUpdateId: 2, lastUpdateId: 2, bids: [['100', '0']], asks: [['101', '4']] });
  });

  test('the book follows: best 99 / 101 x 4, then 100 x 7, then 90 / 91 x 2', () => {
    const grid = createGrid({ tickSize: '1', lotSize: '1' });
    const kept = createBook({ grid, rule: bookRules.generic });
    const bests = decode(book).events.map((event) => {
      if (event.type === 'book-snapshot' || event.type === 'book-delta') kept.push(event);
      return kept.best();
    });
    const best = (bidTicks: number, bidLots: number, askTicks: number, askLots: number) => ({
      bidTicks,
      bidLots,
      askTicks,
      askLots,
    });
    expect(bests).toEqual([
      best(100, 5, 101, 2),
      best(99, 1, 101, 4),
      best(100, 7, 101, 4),
      undefined,
      best(90, 1, 91, 1),
      best(90, 1, 91, 2),
    ]);
  });

  test('a message of too many rows comes in parts and gives the same book', () => {
    const { events } = decode(book, { maxMessageRows: 2 });
    expect(events.map(({ type }) => type).slice(0, 2)).toEqual(['book-snapshot', 'book-delta']);
    const grid = createGrid({ tickSize: '1', lotSize: '1' });
    const kept = createBook({ grid, rule: bookRules.generic });
    for (const event of events) if (event.type === 'book-snapshot' || event.type === 'book-delta') kept.push(event);
    expect(kept.best()).toEqual({ bidTicks: 90, bidLots: 1, askTicks: 91, askLots: 2 });
  });

  test('a row that cannot be read leaves a hole: the book is to be asked for anew', () => {
    const { rejected, controls } = decode(book.replace(',100,0', ',1OO,0'));
    expect(rejected).toEqual([{ reason: 'bad-record', detail: 'price is "1OO"; expected a decimal, such as 2683.80' }]);
    expect(controls).toMatchObject([{ kind: 'resync', symbol: 'BTC-PERP', channel: 'book' }]);
  });
});

test('quotes: empty cells and amounts of 0 are absent sides', () => {
  const { events } = decode(`
    exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount
    binance,btcusdt,${us},${us},2,101.5,101.25,3
    binance,btcusdt,${us},${us},,,101.25,3
    binance,btcusdt,${us},${us},2,101.5,101.25,0`);
  expect(events).toEqual([
    { type: 'quote', symbol: 'btcusdt', timeMs, bidPrice: '101.25', bidSize: '3', askPrice: '101.5', askSize: '2' },
    { type: 'quote', symbol: 'btcusdt', timeMs, bidPrice: '101.25', bidSize: '3' },
    { type: 'quote', symbol: 'btcusdt', timeMs, askPrice: '101.5', askSize: '2' },
  ]);
});

test('book_snapshot_N: as many levels as the header has and the row fills', () => {
  const { events } = decode(`
    exchange,symbol,timestamp,local_timestamp,asks[0].price,asks[0].amount,bids[0].price,bids[0].amount,asks[1].price,asks[1].amount,bids[1].price,bids[1].amount
    ftx,BTC-PERP,${us},${us},101,1,100,2,102,3,,`);
  expect(events).toEqual([
    {
      type: 'book-snapshot',
      symbol: 'BTC-PERP',
      timeMs,
      lastUpdateId: 1,
      bids: [['100', '2']],
      asks: [
        ['101', '1'],
        ['102', '3'],
      ],
    },
  ]);
});

test('derivative_ticker and options_chain are counted as unmodelled', () => {
  const row = `deribit,BTC-PERP,${us},${us}`;
  const start = 'exchange,symbol,timestamp,local_timestamp';
  expect(
    decode(`${start},funding_timestamp,funding_rate\n${row},,0.0001\n${start},type,strike_price\n${row},call,9000`)
      .unmodelled,
  ).toEqual({ header: 2, derivative_ticker: 1, options_chain: 1 });
});

test('milliseconds, and rows without a header, are refused', () => {
  expect(decode(trades.replace(us, String(timeMs))).rejected[0]?.detail).toBe(
    'timestamp is "1580515200123"; expected microseconds since 1970: 16 digits',
  );
  expect(decode('bitmex,XBTUSD').rejected[0]?.detail).toBe(
    'the line starts with "bitmex,XBTUSD" before a header; expected exchange,symbol,timestamp,…',
  );
});

test.each([
  ['trades', trades],
  ['incremental_book_L2', book],
])('damaged files of %s are refused and counted', (_name, text) => {
  // Each frame is a file, since one row of a message rightly gives nothing.
  const files = (): FrameDecoder => ({
    decode(frame, receiveMs, sink) {
      const decoder = createTardisCsvDecoder({ maxLineLength: 4_096 });
      const lines = typeof frame === 'string' ? frame : new TextDecoder().decode(frame);
      for (const line of lines.split('\n')) decoder.decode(line, receiveMs, sink);
      decoder.end(sink);
    },
  });
  const corpus = [text.trim().replace(/^ +/gm, '')];
  const result = fuzzDecoder(files, corpus, { seed: 7_601, count: fuzzCount() });
  expect(result.frames).toBe(fuzzCount());
  expect(result.events).toBeGreaterThan(0);
  expect(result.rejected['bad-record']).toBeGreaterThan(0);
});
