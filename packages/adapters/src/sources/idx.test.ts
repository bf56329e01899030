import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { describe, expect, test } from 'vitest';
import { fuzzBodies } from '../internal/fuzz-body.fixture.ts';
import { fuzzCount } from '../internal/fuzz-frames.ts';
import { scriptedHttp } from '../internal/scripted-http.fixture.ts';
import {
  checkIdxDay,
  checkIdxHistory,
  createIdxClient,
  type IdxStockDay,
  parseIdxBrokers,
  parseIdxBrokerTotals,
  parseIdxCompanies,
  parseIdxDailyCsv,
  parseIdxFinancialRatios,
  parseIdxStockSummary,
} from './idx.ts';

const row = {
  No: 1,
  Date: '2026-08-14T00:00:00',
  StockCode: 'TEST',
  StockName: 'Test Tbk.',
  Remarks: '--MO1UQNCNU600G111------------',
  Previous: 6375.0,
  OpenPrice: 0.0,
  FirstTrade: 6325.0,
  High: 6400.0,
  Low: 6300.0,
  Close: 6350.0,
  Change: -25.0,
  Volume: 1000.0,
  Value: 6350000.0,
  Frequency: 4.0,
  IndexIndividual: 123.4,
  Offer: 6375.0,
  OfferVolume: 200.0,
  Bid: 0.0,
  BidVolume: 0.0,
  ListedShares: 122042299500.0,
  TradebleShares: 122042299500.0,
  WeightForIndex: 52477188785.0,
  ForeignSell: 500.0,
  ForeignBuy: 0.0,
  DelistingDate: '',
  NonRegularVolume: 10.0,
  NonRegularValue: 63500.0,
  NonRegularFrequency: 1.0,
  persen: null,
  percentage: null,
};
const summary = (...data: unknown[]) => JSON.stringify({ draw: 0, recordsTotal: 960, recordsFiltered: 960, data });

describe('the stock summary', () => {
  test('leaves out what is not published instead of calling it 0', () => {
    const { total, days, rejected } = parseIdxStockSummary(summary(row));
    expect([total, rejected]).toEqual([960, []]);
    expect(days).toEqual([
      {
        symbol: 'TEST',
        name: 'Test Tbk.',
        date: '2026-08-14',
        remarks: '--MO1UQNCNU600G111------------',
        previous: 6375,
        firstTrade: 6325,
        high: 6400,
        low: 6300,
        close: 6350,
        change: -25,
        volumeShares: 1000,
        valueIdr: 6350000,
        frequency: 4,
        indexIndividual: '123.4',
        offer: 6375,
        offerShares: 200,
        listedShares: 122042299500,
        tradableShares: 122042299500,
        weightForIndex: 52477188785,
        foreignBuyShares: 0,
        foreignSellShares: 500,
        nonRegularShares: 10,
        nonRegularValueIdr: 63500,
        nonRegularFrequency: 1,
      },
    ]);
    expect(checkIdxDay(days[0]!)).toEqual([]);
  });

  test('refuses a bad row alone', () => {
    const { days, rejected } = parseIdxStockSummary(
      summary({ ...row, Close: 'x' }, row, { ...row, Date: '2026-02-30' }, 7),
    );
    expect(days).toHaveLength(1);
    expect(rejected).toEqual([
      { reason: 'bad-record', at: 1, detail: 'Close is "x"; expected a whole number within 2^53' },
      { reason: 'bad-record', at: 3, detail: 'Date is "2026-02-30"; expected a date as YYYY-MM-DD' },
      { reason: 'bad-record', at: 4, detail: 'the row is 7; expected an object' },
    ]);
  });

  test('a holiday has no rows; a bot check is no holiday', () => {
    expect(parseIdxStockSummary('{"draw":0,"recordsTotal":0,"recordsFiltered":0,"data":[]}').days).toEqual([]);
    expect(() => parseIdxStockSummary('<html>Just a moment...</html>')).toThrow(
      'IDX stock summary: the answer has an HTML page; expected JSON. A bot check or a maintenance page may be in the way. ' +
        'Nothing of it was used; try again or look at the answer.',
    );
    expect(() => parseIdxStockSummary('{"recordsTotal":0}')).toThrow('data missing; expected a list');
  });
});

describe('the rules of a day', () => {
  const good = parseIdxStockSummary(summary(row)).days[0]!;
  test.each<[string, Partial<IdxStockDay>, string[]]>([
    ['a change that does not add up', { change: 25 }, ['change']],
    ['a close above the high', { close: 6425, change: 50 }, ['close-range']],
    ['a value above high × volume', { valueIdr: 6400001 * 1000 }, ['value-range']],
    ['foreign shares above the volume', { foreignBuyShares: 1100 }, ['foreign']],
    ['a crossed book', { bid: 6375 }, ['crossed']],
    ['an odd lot', { volumeShares: 1001, valueIdr: 6350000 }, ['lot']],
    ['a price between ticks', { high: 6401 }, ['tick']],
    ['a Sunday', { date: '2024-01-07' }, ['not-a-trading-day']],
  ])('%s is found', (_what, change, rules) => {
    expect(checkIdxDay({ ...good, ...change }).map(({ rule }) => rule)).toEqual(rules);
  });

  test('a day without volume has no high and no low, and closes where it was', () => {
    const nothing = { High: 0, Low: 0, Volume: 0, Value: 0, ForeignSell: 0 };
    const rulesOf = (more: object) =>
      checkIdxDay(parseIdxStockSummary(summary({ ...row, ...nothing, ...more })).days[0]!).map(({ rule }) => rule);
    expect(rulesOf({ Close: 6375, Change: 0 })).toEqual([]);
    expect(rulesOf({})).toEqual(['untraded']);
  });

  test('the row of another stock under a wrong code is found by its date and its previous price', () => {
    const day = (date: string, previous: number, close: number) => ({
      ...good,
      date,
      previous,
      close,
      change: close - previous,
      high: Math.max(previous, close),
      low: Math.min(previous, close),
      valueIdr: close * 1000,
    });
    const history = [day('2024-01-05', 7075, 7100), day('2024-01-07', 5400, 5425), day('2024-01-08', 7100, 7050)];
    expect(checkIdxHistory(history).map(({ rule, date }) => [rule, date])).toEqual([
      ['not-a-trading-day', '2024-01-07'],
      ['previous', '2024-01-07'],
    ]);
  });
});

describe('CSV data sets', () => {
  const header = 'date,previous,close,change,volume,value,frequency,foreign_sell,foreign_buy';
  test('reads columns by name, wherever they stand, with CRLF and a stock column', () => {
    const csv = `stock_code,${header}\r\nTEST,2026-08-14,100.0,101.0,1.0,100.0,10100.0,1.0,0.0,0.0\r\nTEST,2026-08-18,x\r\n`;
    const { days, rejected } = parseIdxDailyCsv(csv);
    expect(days).toMatchObject([{ symbol: 'TEST', date: '2026-08-14', close: 101, volumeShares: 100 }]);
    expect(rejected).toMatchObject([{ at: 3, detail: 'cells is 3; expected 10 as in the header' }]);
  });

  test('a file without a needed column is no data set', () => {
    expect(() => parseIdxDailyCsv(header)).toThrow('columns StockCode in it');
  });
});

describe('the client', () => {
  test('asks for a day, and pages through the ratios until the total is there', async () => {
    const ratio = { code: 'TEST', stockName: 'Test', sharia: 'S', fsDate: '2026-06-30', eps: -1.5 };
    const page = (n: number) => JSON.stringify({ totalRecords: 3, data: Array.from({ length: n }, () => ratio) });
    const http = scriptedHttp([summary(row), page(2), page(1)]);
    const client = createIdxClient({ http, minIntervalMs: 0 });
    expect((await client.stockSummary('2026-08-14')).days).toHaveLength(1);
    const sizes: number[] = [];
    for await (const { rows } of client.financialRatios({ year: 2026, quarter: 2 })) sizes.push(rows.length);
    expect(sizes).toEqual([2, 1]);
    expect(http.requests.map(({ query }) => [query?.['date'], query?.['pageNumber']])).toEqual([
      ['20260814', undefined],
      [undefined, 1],
      [undefined, 2],
    ]);
  });

  test('an HTML answer with status 200 is refused before it is read', async () => {
    const http = scriptedHttp([[200, '', { 'content-type': 'text/html' }]]);
    await expect(createIdxClient({ http, minIntervalMs: 0 }).brokers()).rejects.toThrow('took the request for a bot');
  });

  test('keeps its distance between two requests', async () => {
    const waits: number[] = [];
    let clock = 1000;
    const wait = async (ms: number) => {
      waits.push(ms);
      clock += ms;
    };
    const client = createIdxClient({ http: scriptedHttp([summary(), summary(), summary()]), now: () => clock, wait });
    await client.stockSummary('2026-08-14');
    clock += 500;
    await client.stockSummary('2026-08-18');
    await client.stockSummary('2026-08-19');
    expect(waits).toEqual([1500, 2000]);
  });
});

describe.skipIf(!hasRecordedData)('recorded data', () => {
  const read = (file: string) => gunzipSync(readFileSync(recordedPath(file))).toString('utf8');

  // Counted by a few lines of Python over the same files.
  test('the rules hold on all 39,980 recorded days but for 16 corporate actions and a trial session', () => {
    const tradingDays = new Set(
      readFileSync(recordedPath('idx/idx_trading_days_2019-07-29_2025-02-21.txt'), 'utf8').trim().split('\n'),
    );
    expect(tradingDays.size).toBe(1355);
    const counts = { days: 0, untraded: 0, withoutOpen: 0, withoutFirstTrade: 0 };
    const rules: Record<string, number> = {};
    const files = readdirSync(recordedPath('ohlcv/idx_daily'));
    for (const file of files) {
      const { days, rejected } = parseIdxDailyCsv(read(`ohlcv/idx_daily/${file}`), file.replace('.csv.gz', ''));
      expect(rejected).toEqual([]);
      for (const { rule } of checkIdxHistory(days, { tradingDays })) rules[rule] = (rules[rule] ?? 0) + 1;
      counts.days += days.length;
      counts.untraded += days.filter(({ volumeShares }) => volumeShares === 0).length;
      counts.withoutOpen += days.filter(({ open }) => open === undefined).length;
      counts.withoutFirstTrade += days.filter(({ firstTrade }) => firstTrade === undefined).length;
    }
    expect(files).toHaveLength(30);
    expect(counts).toEqual({ days: 39_980, untraded: 450, withoutOpen: 10_969, withoutFirstTrade: 10_969 });
    // 2021-05-22 is a Saturday: 29 stocks have a row, and on Monday each starts from its close on Friday.
    expect(rules).toEqual({ previous: 16, 'not-a-trading-day': 29 });
  });

  test('956 companies, 93 members and 947 reports are read whole', () => {
    const companies = parseIdxCompanies(read('idx/allCompanies.json.gz'));
    expect([companies.total, companies.rows.length, companies.rejected]).toEqual([956, 956, []]);
    expect(companies.rows.filter(({ board }) => board === 'Pemantauan Khusus')).toHaveLength(208);
    expect(companies.rows[0]).toMatchObject({ symbol: 'AADI', board: 'Utama', listingDate: '2024-12-05' });
    const brokers = parseIdxBrokers(read('idx/brokerSearch.json.gz'));
    expect([brokers.total, brokers.rows.length, brokers.rejected]).toEqual([93, 93, []]);
    expect(brokers.rows[0]).toEqual({
      code: 'XC',
      name: 'AJAIB SEKURITAS ASIA',
      licences: ['Manajer Investasi', 'Penjamin Emisi Efek', 'Perantara Pedagang Efek'],
    });
    const ratios = parseIdxFinancialRatios(read('idx/financial_ratio.json.gz'));
    expect([ratios.total, ratios.rows.length, ratios.rejected]).toEqual([947, 947, []]);
    expect(ratios.rows[0]).toMatchObject({
      symbol: 'AADI',
      sharia: true,
      priceToEarnings: '3.13',
      periodEnd: '2024-06-30',
    });
  });
});

describe('under fuzz', () => {
  const csvHead = 'stock_code,date,previous,high,low,close,change,volume,value,frequency,foreign_sell,foreign_buy';
  const csv = `${csvHead}\nTEST,2026-08-14,100,101,100,101,1,100,10100,1,0,0\nTEST,2026-08-18,101,0,0,101,0,0,0,0,0,0\n`;
  test.each<[string, (body: string) => { readonly rejected: readonly unknown[] }, string]>([
    ['stock summary', parseIdxStockSummary, summary(row, { ...row, Volume: 0, High: 0, Low: 0 })],
    ['daily CSV', (body) => parseIdxDailyCsv(body), csv],
    [
      'companies',
      parseIdxCompanies,
      summary({ KodeEmiten: 'TEST', NamaEmiten: 'T', TanggalPencatatan: '2024-12-05T00:00:00' }),
    ],
    ['brokers', parseIdxBrokers, summary({ Code: 'XC', Name: 'X', License: 'a, b' })],
    [
      'broker totals',
      parseIdxBrokerTotals,
      summary({ IDFirm: 'XC', FirmName: 'X', Date: '2026-08-14T00:00:00', Volume: 1, Value: 2, Frequency: 3 }),
    ],
    [
      'ratios',
      parseIdxFinancialRatios,
      JSON.stringify({
        totalRecords: 1,
        data: [{ code: 'TEST', stockName: 'T', sharia: 'S', fsDate: '2026-06-30', per: 1.5 }],
      }),
    ],
  ])('%s: every body is read or refused with a reason', (_name, parse, good) => {
    const result = fuzzBodies(parse, [good], { seed: 44, count: fuzzCount() });
    expect(result.read).toBeGreaterThan(0);
    expect(result.rejectedRows).toBeGreaterThan(0);
  });

  test('the rules take every day that was read', () => {
    const result = fuzzBodies(parseIdxDailyCsv, [csv], {
      seed: 45,
      count: fuzzCount(),
      check: ({ days }) => void checkIdxHistory(days),
    });
    expect(result.read).toBeGreaterThan(0);
  });
});
