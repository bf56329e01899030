/** Damaged answers of the venues' REST endpoints: read, refused by the row, or refused whole with a reason. */
import { describe, expect, test } from 'vitest';
import { fuzzBodies } from '../internal/fuzz-body.fixture.ts';
import { fuzzCount, impossible } from '../internal/fuzz-frames.ts';
import type { BarsAnswer, BookAnswer, TradesAnswer } from '../venue-client.ts';
import { parseBitmexBars, parseBitmexBook, parseBitmexTrades } from './bitmex.ts';
import { parseBybitBars, parseBybitBook, parseBybitTrades } from './bybit.ts';
import {
  parseCoinbaseAdvancedBars,
  parseCoinbaseAdvancedBook,
  parseCoinbaseAdvancedTrades,
  parseCoinbaseExchangeBars,
  parseCoinbaseExchangeBook,
  parseCoinbaseExchangeTrades,
} from './coinbase.ts';
import { parseDeribitBars, parseDeribitBook, parseDeribitTrades } from './deribit.ts';
import { parseKrakenBars, parseKrakenBook, parseKrakenTrades } from './kraken.ts';
import { parseOkxBars, parseOkxBook, parseOkxTrades } from './okx.ts';

type Answer = TradesAnswer | BarsAnswer | BookAnswer;
type Parse = (body: string) => Answer;

const head = { symbol: 'A-B', intervalMs: 60_000, nowMs: 1_770_091_560_000 };
const instant = '2026-02-03T04:05:06.789Z';
const bybit = (result: string): string => `{"retCode":0,"retMsg":"OK","result":${result},"time":1709891679050}`;
const okx = (data: string): string => `{"code":"0","msg":"","data":[${data}]}`;
const kraken = (result: string): string => `{"error":[],"result":{"AB":${result},"last":"1762795434"}}`;
const bitmexRow = (side: string, price: number): string =>
  `{"symbol":"A","id":${price},"side":"${side}","size":3,"price":${price},"timestamp":"${instant}"}`;

const parsers: Readonly<Record<string, readonly [parse: Parse, body: string]>> = {
  'trades of Kraken': [
    (body) => parseKrakenTrades(body, 'A'),
    kraken('[["5.0","1.5",1762795433.9717445,"s","l","",7]]'),
  ],
  'bars of Kraken': [(body) => parseKrakenBars(body, 'A', 1), kraken('[[1762777020,"1","2","1","2","1.5","3",4]]')],
  'book of Kraken': [
    (body) => parseKrakenBook(body, 'A'),
    kraken('{"asks":[["101.0","1.5",1762777020]],"bids":[["100.0","2",1762777025]]}'),
  ],
  'trades of OKX': [
    parseOkxTrades,
    okx('{"instId":"A-B","side":"sell","sz":"0.1","px":"2","tradeId":"7","ts":"1747087163557"}'),
  ],
  'bars of OKX': [
    (body) => parseOkxBars(body, 'A-B', 60_000),
    okx('["1747094040000","1","2","1","2","3","0","0","1"]'),
  ],
  'book of OKX': [
    (body) => parseOkxBook(body, 'A-B'),
    okx('{"asks":[["11","2","0","1"]],"bids":[["10","1","0","1"]],"ts":"1630048897897","seqId":7}'),
  ],
  'trades of Bybit': [
    parseBybitTrades,
    bybit('{"list":[{"execId":"x","symbol":"A","price":"1","size":"2","side":"Buy","time":"1709891679000"}]}'),
  ],
  'bars of Bybit': [
    (body) => parseBybitBars(body, 60_000),
    bybit('{"symbol":"A","list":[["1709891679000","1","2","1","2","3","4"]]}'),
  ],
  'book of Bybit': [parseBybitBook, bybit('{"s":"A","b":[["1","2"]],"a":[["3","4"]],"ts":1709891679000,"u":5}')],
  'trades of Coinbase Exchange': [
    (body) => parseCoinbaseExchangeTrades(body, 'A-B'),
    `[{"time":"${instant}","trade_id":7,"price":"10.00","size":"0.01","side":"buy"}]`,
  ],
  'bars of Coinbase Exchange': [
    (body) => parseCoinbaseExchangeBars(body, head),
    '[[1770091500,0.30,0.32,0.31,0.305,180]]',
  ],
  'book of Coinbase Exchange': [
    (body) => parseCoinbaseExchangeBook(body, 'A-B'),
    `{"sequence":3,"bids":[["295.96","4.39",2]],"asks":[["295.97","25.23",12]],"time":"${instant}"}`,
  ],
  'trades of Coinbase Advanced': [
    (body) => parseCoinbaseAdvancedTrades(body, 'maker'),
    `{"trades":[{"trade_id":"9","product_id":"A-B","price":"1","size":"2","time":"${instant}","side":"SELL"}]}`,
  ],
  'bars of Coinbase Advanced': [
    (body) => parseCoinbaseAdvancedBars(body, head),
    '{"candles":[{"start":"1712192400","low":"1","high":"2","open":"1","close":"2","volume":"3"}]}',
  ],
  'book of Coinbase Advanced': [
    parseCoinbaseAdvancedBook,
    `{"pricebook":{"product_id":"A-B","bids":[{"price":"1","size":"2"}],"asks":[],"time":"${instant}"}}`,
  ],
  'trades of BitMEX': [
    parseBitmexTrades,
    `[{"timestamp":"${instant}","symbol":"A","side":"Buy","size":100,"price":98950.5,"trdMatchID":"m"}]`,
  ],
  'bars of BitMEX': [
    (body) => parseBitmexBars(body, 60_000),
    `[{"timestamp":"${instant}","symbol":"A","open":1.5,"high":2,"low":1,"close":2,"volume":3}]`,
  ],
  'book of BitMEX': [
    (body) => parseBitmexBook(body, 'A'),
    `[${bitmexRow('Sell', 12)},${bitmexRow('Sell', 11)},${bitmexRow('Buy', 10)}]`,
  ],
  'trades of Deribit': [
    parseDeribitTrades,
    '{"result":{"trades":[{"timestamp":1765531356452,"price":92294.5,"amount":10.0,"direction":"sell","instrument_name":"A","trade_seq":7,"trade_id":"x"}],"has_more":false}}',
  ],
  'bars of Deribit': [
    (body) => parseDeribitBars(body, head),
    '{"result":{"ticks":[1573645080000],"open":[5],"high":[9],"low":[4],"close":[6],"volume":[1.5],"status":"ok"}}',
  ],
  'book of Deribit': [
    parseDeribitBook,
    '{"result":{"instrument_name":"A","timestamp":1573645080000,"change_id":7,"bids":[[10.5,100.0]],"asks":[[11,2]]}}',
  ],
};

function fault(answer: Answer): string | undefined {
  const events =
    'trades' in answer ? answer.trades : 'bars' in answer ? answer.bars : 'book' in answer ? [answer.book] : [];
  for (const event of events) {
    const wrong = impossible(event);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

describe('damaged answers', () => {
  test.each(Object.entries(parsers))('with the %s are refused with a reason', (_name, [parse, body]) => {
    expect(parse(body).rejected).toEqual([]);
    const { read, refused } = fuzzBodies(parse, [body], { seed: 12, count: fuzzCount(1_500), check: fault });
    expect(read).toBeGreaterThan(0);
    expect(refused['bad-response']).toBeGreaterThan(0);
  });
});
