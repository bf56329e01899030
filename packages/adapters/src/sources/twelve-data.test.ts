import { describe, expect, test } from 'vitest';
import { isAdaptersError } from '../errors.ts';
import { fuzzBodies } from '../internal/fuzz-body.fixture.ts';
import { fuzzCount, fuzzDecoder } from '../internal/fuzz-frames.ts';
import { scriptedHttp } from '../internal/scripted-http.fixture.ts';
import type { SourceEvent } from '../market-source.ts';
import type { FeedControl, FrameSink } from '../venue-feed.ts';
import {
  createTwelveDataClient,
  createTwelveDataDecoder,
  parseTwelveDataBatch,
  parseTwelveDataSeries,
  twelveDataFeed,
} from './twelve-data.ts';

const series = (interval: string, datetimes: readonly string[], more: object = {}) => ({
  meta: {
    symbol: 'TEST',
    interval,
    currency: 'IDR',
    exchange_timezone: 'Asia/Jakarta',
    exchange: 'IDX',
    mic_code: 'XIDX',
    type: 'Common Stock',
  },
  values: datetimes.map((datetime) => ({
    datetime,
    open: '6300.0',
    high: '6350.0',
    low: '6275.0',
    close: '6325.0',
    volume: '812',
  })),
  status: 'ok',
  ...more,
});
const refused = (code: number, message: string) => JSON.stringify({ code, message, status: 'error' });

describe('bars of Twelve Data', () => {
  test('come out oldest first, with the clock of the exchange turned into an instant', () => {
    const { bars, symbol, mic } = parseTwelveDataSeries(
      JSON.stringify(series('1min', ['2026-02-19 09:01:00', '2026-02-19 09:00:00'])),
    );
    expect([symbol, mic]).toEqual(['TEST', 'XIDX']);
    const nine = Date.UTC(2026, 1, 19, 2);
    expect(bars.map(({ startMs }) => startMs)).toEqual([nine, nine + 60_000]);
    expect(bars[0]).toEqual({
      startMs: nine,
      endMs: nine + 60_000,
      open: '6300',
      high: '6350',
      low: '6275',
      close: '6325',
      volume: '812',
    });
  });

  test('a day starts at midnight of the exchange; UTC times are taken as they are', () => {
    const daily = JSON.stringify(series('1day', ['2026-02-19']));
    expect(parseTwelveDataSeries(daily).bars[0]?.startMs).toBe(Date.UTC(2026, 1, 18, 17));
    expect(parseTwelveDataSeries(daily, { timeZone: 'UTC' }).bars[0]?.startMs).toBe(Date.UTC(2026, 1, 19));
  });

  test('an error is one with any status, and says whether waiting helps', () => {
    const out = refused(429, 'You have run out of API credits for the current minute.');
    try {
      parseTwelveDataSeries(out);
      expect.unreachable();
    } catch (error) {
      expect(isAdaptersError(error, 'rate-limited') && error.retryAfterMs).toBe(60_000);
    }
    expect(() => parseTwelveDataSeries(refused(400, 'symbol is missing or invalid'))).toThrow(
      'Twelve Data series: the request was refused (400: symbol is missing or invalid). Correct it and ask again.',
    );
  });

  test('of several symbols one may fail alone', () => {
    const batch = parseTwelveDataBatch(
      JSON.stringify({ A: series('1day', ['2026-02-19']), B: { code: 404, message: 'no data', status: 'error' } }),
    );
    expect(batch.get('A')).toMatchObject({ bars: [{ close: '6325' }] });
    expect(isAdaptersError(batch.get('B'), 'unknown-symbol')).toBe(true);
    expect(() => parseTwelveDataBatch(refused(401, 'apikey is incorrect'))).toThrow('apikey is incorrect');
  });

  test('the client sends the key where it is not shown, and asks for UTC where a clock matters', async () => {
    const http = scriptedHttp([JSON.stringify(series('1min', [])), JSON.stringify(series('1day', []))]);
    const client = createTwelveDataClient({ http, apiKey: 'K3Y', minIntervalMs: 0 });
    await client.series({ symbol: 'TEST', exchange: 'IDX', interval: '1min', from: '2026-02-19' });
    await client.series({ symbol: 'TEST', interval: '1day' });
    expect(http.requests.map(({ query }) => query?.['timezone'])).toEqual(['UTC', 'Exchange']);
    expect(http.requests[0]?.secretHeaders).toEqual({ Authorization: 'apikey K3Y' });
    expect(JSON.stringify({ ...http.requests[0], secretHeaders: undefined })).not.toContain('K3Y');
  });
});

const tick = {
  event: 'price',
  symbol: 'TEST',
  currency: 'IDR',
  exchange: 'IDX',
  timestamp: 1_618_482_192,
  price: 134.28,
};

function decode(frames: readonly object[], options = {}) {
  const events: SourceEvent[] = [];
  const controls: FeedControl[] = [];
  const rejects: string[] = [];
  const sink: FrameSink = {
    event: (event) => events.push(event),
    control: (control) => controls.push(control),
    reject: (reason, detail) => rejects.push(`${reason}: ${detail}`),
    unmodelled: (kind) => rejects.push(kind),
  };
  const decoder = createTwelveDataDecoder(options);
  for (const frame of frames) decoder.decode(JSON.stringify(frame), 0, sink);
  return { events, controls, rejects };
}

describe('ticks of Twelve Data', () => {
  test('are prices without a size: no volume, and a quote where bid and ask are known', () => {
    const { events } = decode([tick, { ...tick, symbol: 'EUR/USD', price: 1.1, bid: 1.0999, ask: 1.1001 }]);
    const about = { timeMs: 1_618_482_192_000, side: 'unknown', size: '0', nonMarket: true, type: 'trade' };
    expect(events).toEqual([
      { ...about, symbol: 'TEST', price: '134.28' },
      { ...about, symbol: 'EUR/USD', price: '1.1' },
      { type: 'quote', symbol: 'EUR/USD', timeMs: 1_618_482_192_000, bidPrice: '1.0999', askPrice: '1.1001' },
    ]);
  });

  test('have the growth of the day volume as size when asked for, never less than none', () => {
    const volumes = [1000, 1300, 1300, 200, 250].map((day_volume) => ({ ...tick, day_volume }));
    const { events } = decode(volumes, { sizes: 'day-volume' });
    expect(events.map((event) => event.type === 'trade' && [event.size, event.nonMarket])).toEqual([
      ['0', true],
      ['300', undefined],
      ['0', true],
      ['0', true],
      ['50', undefined],
    ]);
  });

  test('subscriptions and errors are told apart from the market', () => {
    const { controls } = decode([
      { event: 'subscribe-status', status: 'ok', success: [{ symbol: 'A' }], fails: [{ symbol: 'B' }] },
      { event: 'subscribe-status', status: 'error', success: null, fails: [{ symbol: 'C' }] },
      { status: 'error', code: 401, message: 'bad key' },
      { event: 'heartbeat', status: 'ok' },
    ]);
    expect(controls).toEqual([
      { kind: 'subscribed', channel: 'A' },
      { kind: 'refused', detail: 'symbol B was not subscribed', fatal: false },
      { kind: 'refused', detail: 'symbol C was not subscribed', fatal: true },
      { kind: 'refused', detail: '401: bad key', fatal: true },
      { kind: 'heartbeat' },
    ]);
  });

  test('the feed subscribes by name or by exchange, and keeps the connection alive', async () => {
    const feed = twelveDataFeed({ apiKey: 'k', symbols: ['AAPL', 'EUR/USD'] });
    expect(feed.opening()).toEqual(['{"action":"subscribe","params":{"symbols":"AAPL,EUR/USD"}}']);
    expect(feed.ping?.frame()).toBe('{"action":"heartbeat"}');
    expect(await feed.url()).toBe('wss://ws.twelvedata.com/v1/quotes/price?apikey=k');
    const other = twelveDataFeed({ apiKey: 'k', symbols: ['AAPL', { symbol: 'BBCA', exchange: 'IDX' }] });
    expect(other.opening()).toEqual([
      '{"action":"subscribe","params":{"symbols":[{"symbol":"AAPL"},{"symbol":"BBCA","exchange":"IDX"}]}}',
    ]);
  });
});

describe('under fuzz', () => {
  test('every answer is read or refused with a reason', () => {
    const good = JSON.stringify(series('1min', ['2026-02-19 09:01:00', '2026-02-19 09:00:00']));
    const result = fuzzBodies((body) => parseTwelveDataSeries(body), [good], { seed: 50, count: fuzzCount() });
    expect(result.read).toBeGreaterThan(0);
    expect(result.refused['bad-response']).toBeGreaterThan(0);
    expect(result.rejectedRows).toBeGreaterThan(0);
  });

  test('every answer for several symbols is read, symbol by symbol, or refused', () => {
    const good = JSON.stringify({
      A: series('1day', ['2026-02-19']),
      B: { code: 404, message: 'none', status: 'error' },
    });
    expect(fuzzBodies(parseTwelveDataBatch, [good], { seed: 57, count: fuzzCount() }).read).toBeGreaterThan(0);
  });

  test('no frame is lost and no event is impossible', () => {
    const corpus = [
      { ...tick, day_volume: 5, bid: 1, ask: 2 },
      { event: 'subscribe-status', status: 'ok', success: [{ symbol: 'A' }], fails: null },
      { event: 'heartbeat', status: 'ok' },
    ].map((frame) => JSON.stringify(frame));
    const result = fuzzDecoder(() => createTwelveDataDecoder({ sizes: 'day-volume' }), corpus, {
      seed: 51,
      count: fuzzCount(),
    });
    expect(result.events).toBeGreaterThan(0);
    expect(result.rejected['bad-record']).toBeGreaterThan(0);
  });
});
