import { readFileSync } from 'node:fs';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { describe, expect, test } from 'vitest';
import { fuzzBodies } from '../internal/fuzz-body.fixture.ts';
import { fuzzCount } from '../internal/fuzz-frames.ts';
import { scriptedHttp } from '../internal/scripted-http.fixture.ts';
import { createFredClient, fredAsOf, parseFredObservations, parseFredVintageDates } from './fred.ts';

const observation = (date: string, value: string, start = '2026-11-20', end = '9999-12-31') => ({
  realtime_start: start,
  realtime_end: end,
  date,
  value,
});
const page = (count: number, offset: number, ...observations: object[]) =>
  JSON.stringify({ units: 'lin', count, offset, limit: 2, observations });

describe('observations of FRED', () => {
  test('a dot is a value that is missing, not 0', () => {
    const { observations, rejected } = parseFredObservations(
      page(
        4,
        0,
        observation('1776-07-04', '-0.50'),
        observation('2026-09-07', '.'),
        observation('2026-02-30', '1'),
        5 as never,
      ),
    );
    expect(observations).toEqual([
      { date: '1776-07-04', value: '-0.5', realtimeStart: '2026-11-20', realtimeEnd: '9999-12-31' },
      { date: '2026-09-07', realtimeStart: '2026-11-20', realtimeEnd: '9999-12-31' },
    ]);
    expect(rejected.map(({ at }) => at)).toEqual([3, 4]);
  });

  test('as of a day, a value is the one that was published then', () => {
    const { observations } = parseFredObservations(
      page(
        3,
        0,
        observation('2026-01-01', '2.1', '2026-04-30', '2026-05-27'),
        observation('2026-01-01', '1.8', '2026-05-28', '9999-12-31'),
        observation('2026-04-01', '3.0', '2026-07-30', '9999-12-31'),
      ),
    );
    const known = (day: string) => fredAsOf(observations, day).map(({ date, value }) => `${date} ${value}`);
    expect(known('2026-04-29')).toEqual([]);
    expect(known('2026-05-27')).toEqual(['2026-01-01 2.1']);
    expect(known('2026-08-01')).toEqual(['2026-01-01 1.8', '2026-04-01 3']);
  });

  test('errors say what to do, and never the key', () => {
    const key = 'abcdef0123456789abcdef0123456789';
    const refused = (error_code: number, error_message: string) => () =>
      parseFredObservations(JSON.stringify({ error_code, error_message }));
    expect(refused(400, `Bad Request.  The key ${key} is not registered.`)).toThrow(
      'FRED refused the request (400: Bad Request. The key (key) is not registered.). Correct it and ask again.',
    );
    expect(refused(429, 'Too Many Requests.')).toThrow('Wait a minute and ask again.');
    expect(() => parseFredObservations('<?xml version="1.0"?>')).toThrow('expected JSON');
  });
});

describe('the client of FRED', () => {
  test('pages by what came until the count is reached, with the key kept apart', async () => {
    const http = scriptedHttp([
      page(3, 0, observation('2026-01-01', '1'), observation('2026-01-02', '2')),
      page(3, 2, observation('2026-01-05', '3')),
    ]);
    const client = createFredClient({ http, apiKey: 'K3Y', pageSize: 2, minIntervalMs: 0 });
    const values: (string | undefined)[] = [];
    for await (const { observations } of client.observations({ seriesId: 'DGS10' })) {
      values.push(...observations.map(({ value }) => value));
    }
    expect(values).toEqual(['1', '2', '3']);
    expect(http.requests.map(({ query }) => query?.['offset'])).toEqual([0, 2]);
    expect(http.requests[0]).toMatchObject({
      query: { file_type: 'json', series_id: 'DGS10' },
      secretQuery: { api_key: 'K3Y' },
    });
  });

  test('a count that is never reached does not ask for ever', async () => {
    const http = scriptedHttp([page(9, 0)]);
    const client = createFredClient({ http, apiKey: 'k', minIntervalMs: 0 });
    const pages: number[] = [];
    for await (const { observations } of client.observations({ seriesId: 'X' })) pages.push(observations.length);
    expect(pages).toEqual([0]);
  });

  test('lists the days of publication', async () => {
    const vintages = (offset: number, ...vintage_dates: string[]) =>
      JSON.stringify({ count: 2, offset, limit: 1, vintage_dates });
    const http = scriptedHttp([vintages(0, '2026-04-30'), vintages(1, '2026-05-28')]);
    const dates: string[] = [];
    for await (const some of createFredClient({ http, apiKey: 'k', minIntervalMs: 0 }).vintageDates('GDP'))
      dates.push(...some);
    expect(dates).toEqual(['2026-04-30', '2026-05-28']);
  });
});

describe.skipIf(!hasRecordedData)('recorded answers', () => {
  const read = (name: string) => readFileSync(recordedPath(`macro/${name}.json`), 'utf8');

  test('seven observations, one of them missing; a page of three goes on', () => {
    const whole = parseFredObservations(read('fred_observations_DGS10'));
    expect([whole.count, whole.observations.length, whole.rejected, whole.nextOffset]).toEqual([7, 7, [], undefined]);
    expect(whole.observations.filter(({ value }) => value === undefined).map(({ date }) => date)).toEqual([
      '2026-08-10',
    ]);
    const first = parseFredObservations(read('fred_observations_page1_limit3'));
    expect([first.observations.length, first.nextOffset]).toEqual([3, 3]);
  });

  test.each([
    ['fred_error_400_key', 'bad-response'],
    ['fred_error_400_series', 'unknown-symbol'],
    ['fred_error_429', 'rate-limited'],
  ])('%s is %s', (name, code) => {
    expect(() => parseFredObservations(read(name))).toThrow(expect.objectContaining({ code }));
  });
});

test('under fuzz every answer is read or refused with a reason', () => {
  const good = page(3, 0, observation('2026-01-01', '1.5'), observation('2026-01-02', '.'));
  const result = fuzzBodies(parseFredObservations, [good], { seed: 52, count: fuzzCount() });
  expect(result.read).toBeGreaterThan(0);
  expect(result.refused['bad-response']).toBeGreaterThan(0);
  expect(result.rejectedRows).toBeGreaterThan(0);
  const vintages = '{"count":2,"offset":0,"limit":9,"vintage_dates":["2026-04-30","2026-05-28"]}';
  expect(fuzzBodies(parseFredVintageDates, [vintages], { seed: 53, count: fuzzCount() }).read).toBeGreaterThan(0);
});
