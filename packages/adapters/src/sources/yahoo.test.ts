import { readdirSync, readFileSync } from 'node:fs';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { describe, expect, test } from 'vitest';
import { fuzzBodies } from '../internal/fuzz-body.fixture.ts';
import { fuzzCount } from '../internal/fuzz-frames.ts';
import { scriptedHttp } from '../internal/scripted-http.fixture.ts';
import { shortestSingle } from './yahoo/chart.ts';
import { createYahooClient, parseYahooChart, parseYahooCrumb, parseYahooQuotes } from './yahoo.ts';

/** 2026-02-19 09:00 in Jakarta, in seconds. */
const open = Date.UTC(2026, 1, 19, 2) / 1000;
const day = 86_400;
const meta = {
  currency: 'IDR',
  symbol: 'TEST.JK',
  gmtoffset: 25_200,
  exchangeTimezoneName: 'Asia/Jakarta',
  priceHint: 2,
  regularMarketTime: open + day + 3600,
  currentTradingPeriod: { regular: { start: open + day, end: open + day + 25_200 } },
  dataGranularity: '1d',
};
const single = Math.fround;
const chart = (more: object = {}) =>
  JSON.stringify({
    chart: {
      result: [
        {
          meta,
          timestamp: [open - day, open, open + day, open + day + 3600],
          events: {
            dividends: { [open]: { amount: 50.5, date: open } },
            splits: { [open]: { date: open, numerator: 5, denominator: 1, splitRatio: '5:1' } },
          },
          indicators: {
            quote: [
              {
                open: [null, single(75.05), 76, 76],
                high: [null, single(75.1), 77, 78],
                low: [null, 75, 76, 76],
                close: [null, single(75.0875), 77, 76],
                volume: [null, 0, 300, 400],
              },
            ],
            adjclose: [{ adjclose: [null, single(71.3), 77, 76] }],
          },
          ...more,
        },
      ],
      error: null,
    },
  });

describe('the chart of Yahoo', () => {
  test('drops days without a close, keeps days without volume, and undoes single precision', () => {
    const { bars, empty, utcOffsetMinutes, rejected } = parseYahooChart(chart());
    expect(bars[0]).toEqual({
      startMs: open * 1000,
      endMs: (open + day) * 1000,
      date: '2026-02-19',
      open: '75.05',
      high: '75.1',
      low: '75',
      close: '75.0875',
      volume: '0',
      adjustedClose: '71.3',
      final: true,
    });
    expect([empty, utcOffsetMinutes, rejected]).toEqual([1, 420, []]);
    expect(parseYahooChart(chart(), { rounding: 'price-hint' }).bars[0]?.close).toBe('75.09');
  });

  test('a second row of the running day takes the place of the first, and is not final', () => {
    const { bars, replaced } = parseYahooChart(chart());
    expect(replaced).toBe(1);
    expect(bars).toHaveLength(2);
    expect(bars[1]).toMatchObject({
      startMs: (open + day) * 1000,
      date: '2026-02-20',
      close: '76',
      volume: '400',
      final: false,
    });
  });

  test('dividends and splits have the day of the exchange', () => {
    const { dividends, splits } = parseYahooChart(chart());
    expect(dividends).toEqual([{ timeMs: open * 1000, date: '2026-02-19', amount: '50.5' }]);
    expect(splits).toEqual([{ timeMs: open * 1000, date: '2026-02-19', numerator: 5, denominator: 1 }]);
  });

  test('columns of another length are an error, not a shift', () => {
    expect(() => parseYahooChart(chart({ timestamp: [open] }))).toThrow(
      'Yahoo chart: the answer has open of 4; expected 1 values',
    );
  });

  test('what Yahoo refuses is an error with its reason', () => {
    const refused = (code: string, description: string) =>
      JSON.stringify({ chart: { result: null, error: { code, description } } });
    expect(() => parseYahooChart(refused('Not Found', 'No data found, symbol may be delisted'))).toThrow(
      'Yahoo chart: Yahoo refused the request (Not Found: No data found, symbol may be delisted). ' +
        'Check the symbol; stocks in Jakarta end in .JK.',
    );
    expect(() => parseYahooChart(refused('Unprocessable Entity', 'within the last 60 days'))).toThrow('last 60 days');
    expect(() => parseYahooChart('Too Many Requests\r\n')).toThrow('asks for fewer requests');
    expect(() =>
      parseYahooQuotes('{"finance":{"result":null,"error":{"code":"Unauthorized","description":"Invalid Crumb"}}}'),
    ).toThrow('Invalid Crumb');
  });

  test('no single-precision price has more digits than it needs', () => {
    expect([75.0875015258789, 129.0399932861328, 9050, 0.10000000149011612].map(shortestSingle)).toEqual([
      75.0875, 129.04, 9050, 0.1,
    ]);
    expect([0.1, 28_806_799_360].map(shortestSingle)).toEqual([0.1, 28_806_799_360]);
  });

  test('asks for minutes a week at a time, with an end that is exclusive', async () => {
    const http = scriptedHttp([chart(), chart()]);
    const client = createYahooClient({ http, userAgent: 'me/1', minIntervalMs: 0 });
    const toMs = (open + 10 * day) * 1000;
    const seen: number[] = [];
    for await (const { bars } of client.chart({ symbol: '^JKSE', interval: '1m', fromMs: open * 1000, toMs })) {
      seen.push(bars.length);
    }
    expect(seen).toEqual([2, 2]);
    expect(http.requests.map(({ query }) => [query?.['period1'], query?.['period2']])).toEqual([
      [open, open + 7 * day],
      [open + 7 * day, open + 10 * day],
    ]);
    expect(http.requests[0]?.url).toBe('https://query2.finance.yahoo.com/v8/finance/chart/%5EJKSE');
  });
});

test('a crumb is eleven characters, and a page is none', () => {
  expect(parseYahooCrumb('abcD1efGhIJ')).toBe('abcD1efGhIJ');
  for (const body of ['', '<html>', '{"finance":{}}']) expect(() => parseYahooCrumb(body)).toThrow('that are no crumb');
});

describe.skipIf(!hasRecordedData)('recorded answers', () => {
  interface Recorded {
    response: { bodyJson?: object; bodyText?: string };
  }
  const read = (name: string) => JSON.parse(readFileSync(recordedPath(`fixtures/yahoo/${name}`), 'utf8')) as Recorded;
  const bodyOf = (name: string) => JSON.stringify(read(name).response.bodyJson);

  // Counted by a few lines of Python over the same files: [bars, dividends, splits].
  const expected: Record<string, readonly [number, number, number]> = {
    'chart-AAPL-2020-08-31-to-2020-11-07.json': [49, 1, 1],
    'chart-AAPL-2025-02-01-to-2025-02-02-includePrePost-false-interval-1m.json': [0, 0, 0],
    'chart-TSLA-2025-01-01-to-2025-01-02-interval-1h.fake.json': [0, 0, 0],
    'chart-WSKT.JK-2020-01-01-to-2020-01-03.json': [1, 0, 0],
    'chart-notimestamp-quotes-length.fake.json': [0, 0, 0],
    'chart-notimestamp-weird-quote.fake.json': [0, 0, 0],
    'historical-via-chart-MSFT-dividends-2021-02-01-to-2022-01-31.csv.json': [252, 4, 0],
  };

  test('all charts are read whole', () => {
    const names = readdirSync(recordedPath('fixtures/yahoo')).filter((name) => name.includes('chart'));
    const counts = names.map((name) => {
      const { bars, dividends, splits, rejected, empty } = parseYahooChart(bodyOf(name));
      expect([rejected, empty]).toEqual([[], 0]);
      expect(bars.every(({ close, final }) => final && close.length <= 8)).toBe(true);
      return [name, [bars.length, dividends.length, splits.length]];
    });
    expect(Object.fromEntries(counts)).toEqual(expected);
  });

  test('the first close is the one that was traded, and volumes add up', () => {
    const [first] = parseYahooChart(bodyOf('chart-AAPL-2020-08-31-to-2020-11-07.json')).bars;
    expect([first?.date, first?.close]).toEqual(['2020-08-31', '129.04']);
    const { bars } = parseYahooChart(bodyOf('historical-via-chart-MSFT-dividends-2021-02-01-to-2022-01-31.csv.json'));
    expect(bars.reduce((sum, { volume }) => sum + Number(volume), 0)).toBe(6_808_289_700);
    expect(parseYahooChart(bodyOf('chart-WSKT.JK-2020-01-01-to-2020-01-03.json')).bars[0]).toMatchObject({
      date: '2020-01-02',
      close: '1505',
    });
  });

  test('the quote and the crumb are read; zeros that stand for nothing are absent', () => {
    const { quotes, rejected } = parseYahooQuotes(bodyOf('quote-WSKT.JK.json'));
    expect(rejected).toEqual([]);
    expect(quotes).toEqual([
      {
        symbol: 'WSKT.JK',
        currency: 'IDR',
        timeMs: 1_721_764_800_000,
        price: '202',
        previousClose: '202',
        volume: '0',
        sharesOutstanding: '28806799360',
        marketCap: '5818973421568',
        delayMinutes: 10,
      },
    ]);
    expect(parseYahooCrumb(read('getCrumb-getcrumb.json').response.bodyText!)).toHaveLength(11);
    expect(() => parseYahooCrumb(read('getCrumb-quote-AAPL.json').response.bodyText!)).toThrow('no crumb');
  });
});

describe('under fuzz', () => {
  const quote = JSON.stringify({
    quoteResponse: { result: [{ symbol: 'T', regularMarketPrice: 1.5, regularMarketTime: open, bid: 1 }], error: null },
  });
  test.each<[string, (body: string) => { readonly rejected: readonly unknown[] }, string]>([
    ['chart', (body) => parseYahooChart(body), chart()],
    ['quotes', parseYahooQuotes, quote],
  ])('%s: every body is read or refused with a reason', (_name, parse, good) => {
    const result = fuzzBodies(parse, [good], { seed: 49, count: fuzzCount() });
    expect(result.read).toBeGreaterThan(0);
    expect(result.refused['bad-response']).toBeGreaterThan(0);
    expect(result.rejectedRows).toBeGreaterThan(0);
  });
});
