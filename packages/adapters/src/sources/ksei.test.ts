import { readFileSync } from 'node:fs';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { describe, expect, test } from 'vitest';
import { fuzzBodies } from '../internal/fuzz-body.fixture.ts';
import { fuzzCount } from '../internal/fuzz-frames.ts';
import { parseKseiBalances, parseLargeHolders } from './ksei.ts';

const file = [
  'Date|Code|Type|Sec. Num|Price|Local IS|Local CP|Total|Foreign IS|Foreign CP|Total',
  '29-MAY-2026|TEST|EQUITY|1,000|505|100|300|400|50|250|300',
  '31-DES-2026|TESB|CORPORATE BOND|1000|100|1|2|3|0|0|0',
  '10/31/2023|TESC|EQUITY|1000|8400|100|300|401|700|0|700',
  '31/10/2023|TESD|EQUITY|1000|8400|100|300|400|50|250|300',
  '',
].join('\r\n');

describe('the holding composition of KSEI', () => {
  test('tells the two columns called Total apart and checks all three sums', () => {
    const { balances, rejected, otherTypes } = parseKseiBalances(file);
    expect(balances).toEqual([
      {
        date: '2026-05-29',
        symbol: 'TEST',
        type: 'EQUITY',
        listedShares: 1000,
        price: '505',
        local: { IS: 100, CP: 300 },
        foreign: { IS: 50, CP: 250 },
        localTotal: 400,
        foreignTotal: 300,
      },
      expect.objectContaining({ date: '2023-10-31', symbol: 'TESC', faults: ['local-total', 'above-listed'] }),
    ]);
    expect(otherTypes).toEqual({ 'CORPORATE BOND': 1 });
    expect(rejected).toEqual([
      { reason: 'bad-record', at: 5, detail: 'Date is "31/10/2023"; expected a date such as 29-MAY-2026' },
    ]);
  });

  test('takes kinds of investors that are new, and sums with names of their own', () => {
    const { balances } = parseKseiBalances(
      'Date|Code|Type|Sec. Num|Price|Total Local|Local IS|Local HF 2|Total Foreign|Foreign IS\n' +
        '30-AGS-2026|TEST|EQUITY|10|1|3|1|2|4|4',
    );
    expect(balances).toMatchObject([{ date: '2026-08-30', local: { IS: 1, 'HF 2': 2 }, foreign: { IS: 4 } }]);
    expect(balances[0]?.faults).toBeUndefined();
  });

  test('a file with another header is none of these', () => {
    expect(() => parseKseiBalances('<html>')).toThrow('KSEI balance positions: the answer has a header without');
  });

  test.skipIf(!hasRecordedData)('the recorded sample is read whole and all sums hold', () => {
    const { balances, rejected } = parseKseiBalances(
      readFileSync(recordedPath('idx/ksei_balancepos_sample.txt'), 'utf8'),
    );
    expect(rejected).toEqual([]);
    expect(balances.map(({ symbol, date, faults }) => [symbol, date, faults])).toEqual([
      ['AADI', '2026-05-29', undefined],
      ['ZZZZ', '2026-05-29', undefined],
    ]);
    const [aadi] = balances;
    expect([aadi!.localTotal, aadi!.foreignTotal]).toEqual([6_956_628_420, 830_263_340]);
    expect(aadi!.localTotal + aadi!.foreignTotal).toBe(aadi!.listedShares);
    expect(Object.keys(aadi!.local)).toEqual(['IS', 'CP', 'PF', 'IB', 'ID', 'MF', 'SC', 'FD', 'OT']);
  });
});

const holders = [
  'DATE|SHARE_CODE|ISSUER_NAME|INVESTOR_NAME|INVESTOR_TYPE|LOCAL_FOREIGN|NATIONALITY|DOMICILE|HOLDINGS_SCRIPLESS|HOLDINGS_SCRIP|TOTAL_HOLDING_SHARES|PERCENTAGE',
  '30-JUN-2026|TEST|Test Tbk|Somebody|ID|L|INDONESIA|JAKARTA|1,000|500|1,500|60.00',
  '30-JUN-2026|TEST|Test Tbk|Another|CP|A||SINGAPORE|1,100|0|1,200|41.00%',
  '30-JUN-2026|TEST|Test Tbk|Third|CP|F|||x|0|1|1',
].join('\n');

describe('the list of large holders', () => {
  test('keeps no names unless asked, and tells sums that do not hold', () => {
    const { holders: read, rejected, above100 } = parseLargeHolders(holders);
    expect(read).toEqual([
      {
        date: '2026-06-30',
        symbol: 'TEST',
        investorType: 'ID',
        localForeign: 'L',
        nationality: 'INDONESIA',
        domicile: 'JAKARTA',
        scriplessShares: 1000,
        scripShares: 500,
        totalShares: 1500,
        percent: '60',
      },
      expect.objectContaining({ localForeign: 'F', domicile: 'SINGAPORE', faults: ['total'] }),
    ]);
    expect(above100).toEqual(['TEST']);
    expect(rejected).toHaveLength(1);
    expect(JSON.stringify(read)).not.toContain('Somebody');
    expect(parseLargeHolders(holders, { keepNames: true }).holders[0]?.investorName).toBe('Somebody');
  });
});

describe('under fuzz', () => {
  test.each<[string, (body: string) => { readonly rejected: readonly unknown[] }, string]>([
    ['holding composition', (body) => parseKseiBalances(body), file],
    ['large holders', (body) => parseLargeHolders(body), holders],
  ])('%s: every file is read or refused with a reason', (_name, parse, good) => {
    const result = fuzzBodies(parse, [good], { seed: 48, count: fuzzCount() });
    expect(result.read).toBeGreaterThan(0);
    expect(result.refused['bad-response']).toBeGreaterThan(0);
    expect(result.rejectedRows).toBeGreaterThan(0);
  });
});
