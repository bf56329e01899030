/** Each feed of the crypto venues against a venue that does everything wrong; frames are recorded where there are any. */
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { describe, expect, test } from 'vitest';
import { recordedFrames } from '../internal/venue/recordings.fixture.ts';
import { checkFault, faultCases, type FaultRecording } from '../testing/fault-suite.ts';
import type { VenueFeed } from '../venue-feed.ts';
import { bitmexFeed } from './bitmex.ts';
import { bybitFeed } from './bybit.ts';
import { coinbaseAdvancedFeed, coinbaseExchangeFeed } from './coinbase.ts';
import { deribitFeed } from './deribit.ts';
import { krakenFeed, krakenV1Feed } from './kraken.ts';
import { okxFeed } from './okx.ts';

interface Session {
  readonly feed: VenueFeed;
  readonly frames: readonly string[];
  readonly book?: FaultRecording['book'];
}

const channels = ['trades', 'book', 'quotes'] as const;
const texts = (file: string, count: number): readonly string[] =>
  hasRecordedData
    ? recordedFrames(recordedPath(`trades_books/cryptofeed_${file}.txt.gz`))
        .slice(0, count)
        .map(({ text }) => text)
    : [];
/** A snapshot, and then trades and changes of the book in turn. */
const session = (snapshot: string, trade: (i: number) => string, change: (i: number) => string): readonly string[] => [
  snapshot,
  ...Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? trade(i / 2) : change((i - 1) / 2))),
];

const recorded: readonly Session[] = [
  {
    feed: krakenV1Feed({
      symbols: 'WAVES/EUR XMR/USD KSM/XBT GRT/ETH SC/EUR ETH/CHF OCEAN/XBT OMG/USD XBT/CHF ADA/XBT'.split(' '),
      channels,
      depth: 1000,
    }),
    frames: texts('KRAKEN.ws.50.0', 120),
  },
  {
    feed: okxFeed({ symbols: ['BTC-USD-220527', 'UNI-USD-SWAP', 'BTC-USDT'], channels }),
    frames: texts('OKX.ws.1.0', 218),
  },
  {
    feed: coinbaseExchangeFeed({
      symbols: 'SKL-USD SKL-BTC BAND-GBP NMR-EUR BAND-BTC YFI-BTC DASH-BTC NU-GBP CRV-EUR SKL-GBP'.split(' '),
      channels,
    }),
    frames: texts('COINBASE.ws.28.0', 300),
  },
  {
    feed: bitmexFeed({
      symbols: 'XRPU21 UNIUSDT XBTUSD ADAUSDT SOLUSDT TRXU21 EOSUSDT TRXUSDT BCHUSD MATICUSDT'.split(' '),
      channels,
    }),
    frames: texts('BITMEX.ws.1.0', 300),
  },
];

const instant = '2026-02-03T04:05:06.789012Z';
const advanced = (sequence: number, channel: string, event: string): string =>
  `{"channel":"${channel}","timestamp":"${instant}","sequence_num":${sequence},"events":[${event}]}`;
const deribit = (channel: string, data: string): string =>
  `{"jsonrpc":"2.0","method":"subscription","params":{"channel":"${channel}.BTC-PERPETUAL.100ms","data":${data}}}`;

const krakenSnapshot = `{"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[],"asks":[],"checksum":1,"timestamp":"${instant}"}]}`;
const bybitSnapshot = (id: number): string =>
  `{"topic":"orderbook.50.BTCUSDT","type":"snapshot","ts":1672304484978,"data":{"s":"BTCUSDT","b":[],"a":[],"u":${id}}}`;
const deribitSnapshot = (id: number): string =>
  deribit(
    'book',
    `{"type":"snapshot","instrument_name":"BTC-PERPETUAL","timestamp":1699999999000,"change_id":${id},"bids":[],"asks":[]}`,
  );

const made: readonly Session[] = [
  {
    feed: krakenFeed({ symbols: ['BTC/USD'], channels }),
    book: { symbol: 'BTC/USD', again: krakenSnapshot },
    frames: session(
      krakenSnapshot,
      (i) =>
        `{"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"sell","price":100.5,"qty":0.25,"trade_id":${i},"timestamp":"${instant}"}]}`,
      (i) =>
        `{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[{"price":${i + 1},"qty":1}],"asks":[],"checksum":1,"timestamp":"${instant}"}]}`,
    ),
  },
  {
    feed: bybitFeed({ symbols: ['BTCUSDT'], channels }),
    // After 20 frames the next change is the 11th.
    book: { symbol: 'BTCUSDT', again: bybitSnapshot(109) },
    frames: session(
      bybitSnapshot(99),
      (i) =>
        `{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1672304486868,"data":[{"T":1672304486865,"s":"BTCUSDT","S":"Buy","v":"0.001","p":"16578.50","i":"id-${i}","BT":false}]}`,
      (i) =>
        `{"topic":"orderbook.50.BTCUSDT","type":"delta","ts":1672304484978,"data":{"s":"BTCUSDT","b":[["${i + 1}","1"]],"a":[],"u":${100 + i}}}`,
    ),
  },
  {
    feed: coinbaseAdvancedFeed({ symbols: ['BTC-USD'], channels }),
    frames: session(
      advanced(0, 'l2_data', '{"type":"snapshot","product_id":"BTC-USD","updates":[]}'),
      (i) =>
        advanced(
          2 * i + 1,
          'market_trades',
          `{"type":"update","trades":[{"trade_id":"${i}","product_id":"BTC-USD","price":"68900.50","size":"0.0015","side":"BUY","time":"${instant}"}]}`,
        ),
      (i) =>
        advanced(
          2 * i + 2,
          'l2_data',
          `{"type":"update","product_id":"BTC-USD","updates":[{"side":"bid","price_level":"${i + 1}","new_quantity":"2"}]}`,
        ),
    ),
  },
  {
    feed: deribitFeed({ symbols: ['BTC-PERPETUAL'], channels }),
    book: { symbol: 'BTC-PERPETUAL', again: deribitSnapshot(109) },
    frames: session(
      deribitSnapshot(99),
      (i) =>
        deribit(
          'trades',
          `[{"timestamp":1765531356452,"price":92294.5,"amount":10.0,"direction":"sell","instrument_name":"BTC-PERPETUAL","trade_seq":${i},"trade_id":"${i}"}]`,
        ),
      (i) =>
        deribit(
          'book',
          `{"type":"change","instrument_name":"BTC-PERPETUAL","timestamp":1699999999500,"change_id":${100 + i},"prev_change_id":${99 + i},"bids":[["new",${i + 1}.0,950.0]],"asks":[]}`,
        ),
    ),
  },
];

for (const { feed, frames, book } of [...recorded, ...made]) {
  describe.skipIf(frames.length === 0)(`the feed of ${feed.name} recovers and loses nothing when its venue`, () => {
    test.each(faultCases.map((fault) => [fault.name, fault] as const))('%s', async (_name, fault) => {
      const { yielded, delivered } = await checkFault(fault, { feed, frames, ...(book ? { book } : {}) });
      expect(yielded).toBe(delivered);
    });
  });
}
