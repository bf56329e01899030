import { readFileSync } from 'node:fs';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { describe, expect, test } from 'vitest';
import { fuzzBodies } from '../internal/fuzz-body.fixture.ts';
import { fuzzCount } from '../internal/fuzz-frames.ts';
import { scriptedHttp } from '../internal/scripted-http.fixture.ts';
import { createFinraClient, parseRegSho, parseRegShoFacilityDays, parseShortInterest } from './finra.ts';

const header = 'Date|Symbol|ShortVolume|ShortExemptVolume|TotalVolume|Market';
const file = (...lines: string[]) => [header, ...lines, ''].join('\r\n');

describe('Reg SHO files', () => {
  test('shares have fractions, symbols have blanks, and the trailer counts the rows', () => {
    expect(
      parseRegSho(file('20260805|AAPL|9125331.512004|41223|21044921.336120|B,Q,N', '20260805|BRK B|5|0|5|N', '2')),
    ).toEqual({
      days: [
        {
          date: '2026-08-05',
          symbol: 'AAPL',
          shortVolume: '9125331.512004',
          shortExemptVolume: '41223',
          totalVolume: '21044921.33612',
          markets: ['B', 'Q', 'N'],
        },
        expect.objectContaining({ symbol: 'BRK B', shortVolume: '5', totalVolume: '5' }),
      ],
      rejected: [],
      complete: true,
      trailer: 2,
    });
  });

  test.each([
    ['20260805|A|5.000001|0|5|N', 'ShortVolume is "5.000001"; expected at most TotalVolume, which is 5'],
    ['20260804|A|1|0|5|N', 'Date is "2026-08-04"; expected 2026-08-05'],
    ['20260805|OK|1|0|5|N', 'Symbol is "OK"; expected each symbol once'],
    ['20260805|A|-1|0|5|N', 'ShortVolume is "-1"; expected a decimal from 0'],
    ['20260805|A|1|0|5', 'cells is 5; expected 6 between pipes'],
  ])('refuses %s', (line, detail) => {
    const { days, rejected, complete } = parseRegSho(file('20260805|OK|1|0|5|N', line, '2'), { date: '2026-08-05' });
    expect([days.length, complete]).toEqual([1, true]);
    expect(rejected).toEqual([{ reason: 'bad-record', at: 3, detail }]);
  });

  test('a file that was cut is not complete, and a page is no file', () => {
    expect(parseRegSho(file('20260805|A|1|0|5|N'))).toMatchObject({ complete: false, days: [{}] });
    expect(parseRegSho(file('20260805|A|1|0|5|N', '7'))).toMatchObject({ complete: false, trailer: 7 });
    expect(() => parseRegSho('<html>Access denied')).toThrow('FINRA Reg SHO file: the answer has another first line');
  });
});

const interest = {
  symbolCode: 'GME',
  settlementDate: '2026-10-30',
  currentShortPositionQuantity: 61230110,
  revisionFlag: 'R',
};
const facility = {
  securitiesInformationProcessorSymbolIdentifier: 'GME',
  tradeReportDate: '2026-10-30',
  shortParQuantity: 10.5,
  shortExemptParQuantity: 0,
  totalParQuantity: 20,
  reportingFacilityCode: 'NQTRF',
};

describe('queries', () => {
  test('rows are read, and no rows are none, as a list or as nothing', () => {
    expect(parseShortInterest(JSON.stringify([interest])).rows).toEqual([
      { symbol: 'GME', settlementDate: '2026-10-30', shares: 61230110, revised: true, split: false },
    ]);
    expect(parseRegShoFacilityDays(JSON.stringify([facility])).rows).toMatchObject([
      { facility: 'NQTRF', shortVolume: '10.5' },
    ]);
    expect(parseShortInterest('').rows).toEqual([]);
    expect(() => parseShortInterest('{"statusCode":400}')).toThrow('expected a list of rows');
  });

  test('pages follow the record total, or else end with a page that is not full', async () => {
    const body = (n: number) => JSON.stringify(Array.from({ length: n }, () => interest));
    const total = { 'Record-Total': '3' };
    const http = scriptedHttp([[200, body(1), total], [200, body(2), total], body(2), body(1)]);
    const client = createFinraClient({ http, userAgent: 'me/1', pageSize: 2, minIntervalMs: 0 });
    const sizes: number[] = [];
    const range = { symbol: 'GME', from: '2026-01-01', to: '2026-11-20' };
    for await (const { rows } of client.shortInterest(range)) sizes.push(rows.length);
    for await (const { rows } of client.shortInterest(range)) sizes.push(rows.length);
    expect(sizes).toEqual([1, 2, 2, 1]);
    expect(http.requests.map(({ body: sent }) => (JSON.parse(sent!) as { offset: number }).offset)).toEqual([
      0, 1, 0, 2,
    ]);
  });

  test('a file is asked for by its day', async () => {
    const http = scriptedHttp([file('20260805|A|1|0|5|N', '1')]);
    const client = createFinraClient({ http, userAgent: 'me/1' });
    expect((await client.regShoFile('2026-08-05')).complete).toBe(true);
    expect(http.requests[0]?.url).toBe('https://cdn.finra.org/equity/regsho/daily/CNMSshvol20260805.txt');
    await expect(client.regShoFile('05/08/2026')).rejects.toThrow('expected a day as YYYY-MM-DD');
  });
});

test.skipIf(!hasRecordedData)('the recorded file and answer are read whole', () => {
  const day = parseRegSho(readFileSync(recordedPath('macro/CNMSshvol20260805.txt'), 'utf8'), { date: '2026-08-05' });
  expect([day.days.length, day.trailer, day.complete, day.rejected]).toEqual([6, 6, true, []]);
  const rows = parseShortInterest(readFileSync(recordedPath('macro/finra_consolidatedShortInterest.json'), 'utf8'));
  expect(rows.rejected).toEqual([]);
  expect(rows.rows).toMatchObject([{ symbol: 'GME', shares: 61_230_110, daysToCover: '6.71', changePercent: '-2.83' }]);
});

describe('under fuzz', () => {
  test.each<[string, (body: string) => { readonly rejected: readonly unknown[] }, string]>([
    ['Reg SHO file', (body) => parseRegSho(body), file('20260805|A|1.5|0|5|B,N', '20260805|B C|1|0|5|N', '2')],
    ['short interest', parseShortInterest, JSON.stringify([interest, { ...interest, daysToCoverQuantity: 1.5 }])],
    ['facility days', parseRegShoFacilityDays, JSON.stringify([facility])],
  ])('%s: every body is read or refused with a reason', (_name, parse, good) => {
    const result = fuzzBodies(parse, [good], { seed: 54, count: fuzzCount() });
    expect(result.read).toBeGreaterThan(0);
    expect(result.refused['bad-response']).toBeGreaterThan(0);
    expect(result.rejectedRows).toBeGreaterThan(0);
  });
});
