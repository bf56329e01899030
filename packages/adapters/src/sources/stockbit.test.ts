import { readFileSync } from 'node:fs';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { describe, expect, test } from 'vitest';
import { brokerTotals } from '../internal/broker-day.ts';
import { fuzzBodies } from '../internal/fuzz-body.fixture.ts';
import { fuzzCount } from '../internal/fuzz-frames.ts';
import { scriptedHttp } from '../internal/scripted-http.fixture.ts';
import {
  createStockbitClient,
  parseStockbitMarketDetector,
  parseStockbitOrderBook,
  parseStockbitRunningTrade,
  stockbitBrokerDays,
  stockbitL1,
  stockbitOrderBookProvider,
} from './stockbit.ts';

const tradeRow = {
  id: '4760187264',
  time: '08:58:00',
  action: 'buy',
  code: 'TEST',
  price: '6,300',
  change: '-1.18%',
  lot: '1',
  is_broker_exists: true,
  buyer: 'XL [D]',
  seller: 'BK [F]',
  trade_number: '17797',
  buyer_type: 'BROKER_TYPE_LOCAL',
  seller_type: 'BROKER_TYPE_FOREIGN',
  market_board: 'RG',
  buy_order_number: '85260',
  sell_order_number: '13070',
  group_order_number: '13070',
  value: { raw: 630000, formatted: '630.0K' },
};
const tape = (...rows: unknown[]) =>
  JSON.stringify({ message: 'ok', data: { is_open_market: false, running_trade: rows } });
const on = { date: '2026-07-31' };

describe('the running trade of Stockbit', () => {
  test('reads numbers with commas, takes the side from the venue and the size in shares', () => {
    const page = parseStockbitRunningTrade(tape(tradeRow), on);
    expect(page).toEqual({
      isOpen: false,
      trades: [
        {
          type: 'trade',
          symbol: 'TEST',
          timeMs: Date.UTC(2026, 6, 31, 1, 58),
          price: '6300',
          size: '100',
          side: 'buy',
          id: 2026073100017797,
          market: 'RG',
          tradeNumber: 17797,
          lots: 1,
          buyer: 'XL',
          seller: 'BK',
          buyerDomicile: 'D',
          sellerDomicile: 'F',
          groupOrder: '13070',
        },
      ],
      rejected: [],
      cursor: '17797',
      unknownKeys: [],
    });
  });

  test('members are unknown while the market is open', () => {
    const { trades } = parseStockbitRunningTrade(tape({ ...tradeRow, buyer: '', seller: '-', action: 'other' }), on);
    expect([trades[0]?.side, 'buyer' in trades[0]!, 'seller' in trades[0]!]).toEqual(['unknown', false, false]);
  });

  test('a value that is not price × lot × 100 gives away shares that are taken for lots', () => {
    const { trades, rejected } = parseStockbitRunningTrade(tape({ ...tradeRow, lot: '100' }, tradeRow), on);
    expect(trades).toHaveLength(1);
    expect(rejected).toEqual([
      { reason: 'bad-record', at: 1, detail: 'value.raw is 630000; expected price × lot × 100 = 63000000' },
    ]);
  });

  test('a key that is new is named; an error envelope is an error, not an empty tape', () => {
    expect(parseStockbitRunningTrade(tape({ ...tradeRow, flavour: 1 }), on).unknownKeys).toEqual(['flavour']);
    const refused =
      '{"message":"bad","error_type":"INVALID_PARAMETER","errors":[{"key":"from","error":"The Start date must be earlier"}]}';
    expect(() => parseStockbitRunningTrade(refused, on)).toThrow(
      'Stockbit running trade: Stockbit refused the request (INVALID_PARAMETER: bad; from: The Start date must be earlier). ' +
        'Correct it and ask again.',
    );
    expect(() => parseStockbitRunningTrade(tape(), { date: '31-07-2026' })).toThrow('expected a day as YYYY-MM-DD');
  });
});

const detector = (limitCut: boolean) => {
  const about = { netbs_date: '20260731', netbs_stock_code: 'TEST', type: 'Asing', freq: '3' };
  const buyer = { blot: '3', blotv: '5e+02', bval: '3e+04', bvalv: '50000', netbs_buy_avg_price: '100', ...about };
  const seller = { slot: '-2', slotv: '300', sval: '-20000', svalv: '3.0e+4', netbs_sell_avg_price: '100', ...about };
  const other = { ...seller, slot: '-1', slotv: '100', sval: '-10000', svalv: '10000', netbs_broker_code: 'CC' };
  const sells = [{ ...seller, netbs_broker_code: 'XL' }, ...(limitCut ? [] : [other])];
  return JSON.stringify({
    message: 'ok',
    data: {
      bandar_detector: { total_buyer: 1, total_seller: 2, volume: 3, value: 30000 },
      broker_summary: { brokers_buy: [{ ...buyer, netbs_broker_code: 'YU' }], brokers_sell: sells, symbol: 'TEST' },
      from: '2026-07-31',
      to: '2026-07-31',
    },
  });
};

describe('the broker summary of Stockbit', () => {
  test('gives back the gross of both sides: a net buyer of 3 lots that bought 500 shares sold 200', () => {
    const summary = parseStockbitMarketDetector(detector(false));
    expect(stockbitBrokerDays(summary, 'RG')).toEqual([
      {
        symbol: 'TEST',
        date: '2026-07-31',
        broker: 'YU',
        board: 'RG',
        buyShares: 500,
        sellShares: 200,
        buyValue: 50000,
        sellValue: 20000,
      },
      {
        symbol: 'TEST',
        date: '2026-07-31',
        broker: 'XL',
        board: 'RG',
        buyShares: 100,
        sellShares: 300,
        buyValue: 10000,
        sellValue: 30000,
      },
      {
        symbol: 'TEST',
        date: '2026-07-31',
        broker: 'CC',
        board: 'RG',
        buyShares: 0,
        sellShares: 100,
        buyValue: 0,
        sellValue: 10000,
      },
    ]);
    expect(summary).toMatchObject({ complete: true, missingNetLots: 0, totalSellers: 2, netVolumeLots: 3 });
    const totals = brokerTotals(stockbitBrokerDays(summary));
    expect([totals.buyShares, totals.buyValue]).toEqual([totals.sellShares, totals.sellValue]);
  });

  test('a list that the limit cut is not complete, and says how many lots are missing', () => {
    expect(parseStockbitMarketDetector(detector(true))).toMatchObject({ complete: false, missingNetLots: -1 });
  });
});

const book = JSON.stringify({
  message: 'ok',
  data: {
    symbol: 'TEST',
    bid: [
      { price: '6275', que_num: '11', volume: '1,200', change_percentage: '0' },
      { price: '6300', que_num: '5', volume: '300', change_percentage: '0' },
      { price: '0', que_num: '0', volume: '0', change_percentage: '0' },
    ],
    offer: [{ price: '6325', que_num: '2', volume: '400', change_percentage: '0' }],
    fbuy: 1.5e9,
    fsell: 0,
  },
});

test('the order book of Stockbit is sorted, without empty rows, in shares', () => {
  const read = parseStockbitOrderBook(book);
  expect(read.bids).toEqual([
    { price: '6300', shares: 300, orders: 5 },
    { price: '6275', shares: 1200, orders: 11 },
  ]);
  expect(read.foreignBuyValue).toBe('1500000000');
  expect(stockbitL1(read, { symbol: 'TEST', timeMs: 7 })).toEqual({
    time: 7,
    symbol: 'TEST',
    bidPrice: '6300',
    bidSize: '300',
    askPrice: '6325',
    askSize: '400',
    source: 'stockbit',
  });
});

test('a provider gives the best bid and offer, and as many levels as asked for', async () => {
  const http = scriptedHttp([book, book]);
  const provider = stockbitOrderBookProvider(createStockbitClient({ http, token: 't', minIntervalMs: 0 }), {
    now: () => 9,
  });
  expect(await provider.fetchL1('TEST')).toMatchObject({ time: 9, bidPrice: '6300', askSize: '400' });
  expect(await provider.fetchL2('TEST', 1)).toEqual({
    time: 9,
    symbol: 'TEST',
    bids: [['6300', '300']],
    asks: [['6325', '400']],
    source: 'stockbit',
  });
  await expect(provider.fetchL2('TEST', 0)).rejects.toThrow('depth is 0; expected a whole number from 1. Pass one.');
});

describe('the client of Stockbit', () => {
  test('pages until a page is empty, and keeps the token out of what may be shown', async () => {
    const http = scriptedHttp([tape(tradeRow), tape({ ...tradeRow, trade_number: '17796' }), tape()]);
    const client = createStockbitClient({ http, token: async () => 'T0K3N', minIntervalMs: 0 });
    const numbers: number[] = [];
    for await (const { trades } of client.runningTrades({ symbol: 'TEST', date: '2026-07-31' })) {
      numbers.push(...trades.map(({ tradeNumber }) => tradeNumber));
    }
    expect(numbers).toEqual([17797, 17796]);
    expect(http.requests.map(({ query }) => query?.['trade_number'])).toEqual([undefined, '17797', '17796']);
    expect(http.requests[0]?.secretHeaders).toEqual({ Authorization: 'Bearer T0K3N' });
    expect(JSON.stringify({ ...http.requests[0], secretHeaders: undefined })).not.toContain('T0K3N');
  });

  test('asks for one period by its two dates', async () => {
    const http = scriptedHttp([detector(false)]);
    await createStockbitClient({ http, token: 't' }).marketDetector({
      symbol: 'TEST',
      from: '2026-07-31',
      to: '2026-07-31',
    });
    expect(http.requests[0]).toMatchObject({
      url: 'https://exodus.stockbit.com/marketdetectors/TEST',
      query: { transaction_type: 'TRANSACTION_TYPE_NET', market_board: 'MARKET_BOARD_REGULER', limit: 150 },
    });
  });
});

test.skipIf(!hasRecordedData)('the recorded broker summary is read whole and its figures agree with each other', () => {
  const summary = parseStockbitMarketDetector(
    readFileSync(recordedPath('idx/stockbit_marketdetectors_BBRI_2026-07-31.json'), 'utf8'),
  );
  expect(summary.rejected).toEqual([]);
  expect(summary.unknownKeys).toEqual([]);
  // 16 buyers are all there; of 48 sellers the limit left 25, so 18,690 lots of sales are missing (983,225 - 964,535).
  expect(summary).toMatchObject({ complete: false, missingNetLots: -18_690, totalBuyers: 16, totalSellers: 48 });
  const buyers = summary.brokers.filter(({ netLots }) => netLots > 0);
  expect([buyers.length, summary.brokers.length - buyers.length]).toEqual([16, 25]);
  expect(buyers.reduce((sum, { netLots }) => sum + netLots, 0)).toBe(summary.netVolumeLots);
  const totals = brokerTotals(stockbitBrokerDays(summary));
  expect(totals).toEqual({
    buyShares: 225_102_200,
    sellShares: 223_233_200,
    buyValue: 680_335_289_000,
    sellValue: 674_651_456_000,
  });
  expect(totals.buyShares - totals.sellShares).toBe(18_690 * 100);
  // The average price is that of the gross: value over shares.
  for (const { averagePrice, netLots, buyShares, sellShares, buyValue, sellValue } of summary.brokers) {
    const average = netLots > 0 ? buyValue / buyShares : sellValue / sellShares;
    expect(Math.abs(Number(averagePrice) - average)).toBeLessThan(1e-6);
  }
});

describe('under fuzz', () => {
  test.each<[string, (body: string) => { readonly rejected: readonly unknown[] }, string]>([
    ['running trade', (body) => parseStockbitRunningTrade(body, on), tape(tradeRow, { ...tradeRow, buyer: '' })],
    ['market detector', parseStockbitMarketDetector, detector(false)],
    ['order book', parseStockbitOrderBook, book],
  ])('%s: every body is read or refused with a reason', (_name, parse, good) => {
    const result = fuzzBodies(parse, [good], { seed: 46, count: fuzzCount() });
    expect(result.read).toBeGreaterThan(0);
    expect(result.refused['bad-response']).toBeGreaterThan(0);
    expect(result.rejectedRows).toBeGreaterThan(0);
  });
});
