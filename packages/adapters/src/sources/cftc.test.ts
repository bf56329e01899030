import { readFileSync } from 'node:fs';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { describe, expect, test } from 'vitest';
import { fuzzBodies } from '../internal/fuzz-body.fixture.ts';
import { fuzzCount } from '../internal/fuzz-frames.ts';
import { scriptedHttp } from '../internal/scripted-http.fixture.ts';
import { createCftcClient, parseCotReports } from './cftc.ts';

const row = {
  market_and_exchange_names: 'TEST - EXCHANGE',
  report_date_as_yyyy_mm_dd: '2026-01-06T00:00:00.000',
  cftc_contract_market_code: '13874A',
  open_interest_all: '100',
  prod_merc_positions_long: '30',
  swap__positions_short_all: '20',
  swap_positions_long_all: '10',
  m_money_positions_spread: '5',
  m_money_positions_long_old: '4',
  tot_rept_positions_long_all: '60',
  tot_rept_positions_short: '70',
  nonrept_positions_long_all: '40',
  nonrept_positions_short_all: '31',
  change_in_open_interest_all: '-3',
};

describe('Commitments of Traders', () => {
  test('columns are read through their typing errors, parts of a total are left out', () => {
    const { reports, rejected } = parseCotReports(JSON.stringify([row]));
    expect(rejected).toEqual([]);
    expect(reports).toEqual([
      {
        contractCode: '13874A',
        market: 'TEST - EXCHANGE',
        date: '2026-01-06',
        // Friday 2026-01-09, 15:30 in New York, which is UTC-5 in winter.
        publishedMs: Date.UTC(2026, 0, 9, 20, 30),
        openInterest: 100,
        positions: {
          prod_merc: { long: 30 },
          swap: { short: 20, long: 10 },
          m_money: { spread: 5 },
          tot_rept: { long: 60, short: 70 },
          nonrept: { long: 40, short: 31 },
        },
        faults: ['short'],
      },
    ]);
  });

  test('a row without date, interest or positions is refused alone; an error object is an error', () => {
    const { reports, rejected } = parseCotReports(
      JSON.stringify([{ ...row, report_date_as_yyyy_mm_dd: 'x' }, row, { ...row, open_interest_all: '1.5' }]),
    );
    expect([reports.length, rejected.map(({ at }) => at)]).toEqual([1, [1, 3]]);
    expect(() => parseCotReports('{"message":"Query coordinator error"}')).toThrow(
      'the message "Query coordinator error"',
    );
  });

  test('the client pages until a page is not full, and lets nothing else into the query', async () => {
    const http = scriptedHttp([JSON.stringify([row, row]), JSON.stringify([row])]);
    const client = createCftcClient({ http, pageSize: 2, minIntervalMs: 0, appToken: 'T' });
    const sizes: number[] = [];
    const request = { dataset: 'disaggregated-futures', contractCode: '13874A', from: '2026-01-01' } as const;
    for await (const { reports } of client.reports(request)) sizes.push(reports.length);
    expect(sizes).toEqual([2, 1]);
    expect(http.requests[1]).toMatchObject({
      url: 'https://publicreporting.cftc.gov/resource/72hh-3qpy.json',
      query: {
        $where: "report_date_as_yyyy_mm_dd >= '2026-01-01T00:00:00.000' AND cftc_contract_market_code='13874A'",
        $offset: 2,
      },
      secretHeaders: { 'X-App-Token': 'T' },
    });
    await expect(client.reports({ ...request, contractCode: "0' OR '1'='1" }).next()).rejects.toThrow(
      'expected a code such as',
    );
  });

  test.skipIf(!hasRecordedData)('the recorded report is read whole and its sums hold', () => {
    const { reports, rejected } = parseCotReports(
      readFileSync(recordedPath('macro/cftc_legacy_futures_only.json'), 'utf8'),
    );
    expect(rejected).toEqual([]);
    expect(reports).toHaveLength(1);
    const [report] = reports;
    expect(report).toMatchObject({
      contractCode: '099741',
      date: '2026-09-01',
      publishedMs: Date.UTC(2026, 8, 4, 19, 30),
      openInterest: 712_345,
    });
    expect(report?.faults).toBeUndefined();
    const { noncomm, comm, tot_rept: reported } = report!.positions;
    expect(noncomm!.long! + comm!.long! + noncomm!.spread!).toBe(reported!.long);
    expect(noncomm!.short! + comm!.short! + noncomm!.spread!).toBe(reported!.short);
  });

  test('under fuzz every answer is read or refused with a reason', () => {
    const result = fuzzBodies(parseCotReports, [JSON.stringify([row])], { seed: 55, count: fuzzCount() });
    expect(result.read).toBeGreaterThan(0);
    expect(result.refused['bad-response']).toBeGreaterThan(0);
    expect(result.rejectedRows).toBeGreaterThan(0);
  });
});
