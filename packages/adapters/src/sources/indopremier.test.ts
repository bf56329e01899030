import { describe, expect, test } from 'vitest';
import { brokerTotals } from '../internal/broker-day.ts';
import { fuzzBodies } from '../internal/fuzz-body.fixture.ts';
import { fuzzCount } from '../internal/fuzz-frames.ts';
import { scriptedHttp } from '../internal/scripted-http.fixture.ts';
import { readHtmlTable } from './indopremier/html-table.ts';
import { createIndopremierClient, parseIndopremierBrokerSummary } from './indopremier.ts';

const row = (buyer: string, seller: string) => `<tr>${buyer}<td>1</td>${seller}</tr>`;
const half = (code: string, kind: string, lots: string, value: string, average: string) =>
  `<td><span class="text-${kind}">${code}</span></td><td>${lots}</td><td>${value}</td><td>${average}</td>`;
const nothing = '<td>&nbsp;</td><td></td><td> </td><td>&#160;</td>';
const foot = '<td colspan="9">T. Val : 24.5 M&nbsp; F. NVal : -1.5 M  T.Lot : 2,000  Avg : 123</td>';
const page = (...rows: string[]) =>
  `<p>x</p><table class="other"><tr><td>1</td></tr></table>\n<table  border=0 class="table table-summary">` +
  `<thead><tr><th>BY</th></tr></thead><tbody>${rows.join('\n')}</tbody><tfoot><tr>${foot}</tr></tfoot></table>`;
const good = page(
  row(half('AK', 'foreign', '1,500', '18.4 M', '123'), half('YP', 'local', '2,000', '24.60 M', '123')),
  row(half('CC', 'bumn', '500', '6.1&nbsp;M', '122'), nothing),
);
const about = { symbol: 'TEST', date: '2026-02-19' };

describe('the broker summary of Indo Premier', () => {
  test('computes values from lots and average price where that agrees with the rounded value', () => {
    const { buyers, sellers, rejected, totals } = parseIndopremierBrokerSummary(good, about);
    expect(rejected).toEqual([]);
    // 1,500 lots × 100 × 123 = 18,450,000: shown as 18.4 M, which is right within 0.05 M.
    expect(buyers).toEqual([
      {
        broker: 'AK',
        owner: 'foreign',
        lots: 1500,
        shownValue: 18_400_000,
        roundingIdr: 50_000,
        averagePrice: '123',
        value: 18_450_000,
      },
      {
        broker: 'CC',
        owner: 'state',
        lots: 500,
        shownValue: 6_100_000,
        roundingIdr: 50_000,
        averagePrice: '122',
        value: 6_100_000,
      },
    ]);
    expect(sellers).toMatchObject([{ broker: 'YP', owner: 'local', roundingIdr: 5000, value: 24_600_000 }]);
    expect(totals).toEqual({
      lots: 2000,
      value: 24_500_000,
      roundingIdr: 50_000,
      foreignNetValue: -1_500_000,
      averagePrice: '123',
    });
  });

  test('balances in shares to the share, and in value within the rounding that is shown', () => {
    const { days, buyers, sellers, totals } = parseIndopremierBrokerSummary(good, { ...about, board: 'RG' });
    expect(days).toContainEqual({
      symbol: 'TEST',
      date: '2026-02-19',
      broker: 'CC',
      board: 'RG',
      buyShares: 50_000,
      sellShares: 0,
      buyValue: 6_100_000,
      sellValue: 0,
      valueIsRounded: true,
    });
    const { buyShares, sellShares, buyValue, sellValue } = brokerTotals(days);
    expect([buyShares, sellShares]).toEqual([totals.lots! * 100, totals.lots! * 100]);
    const rounding = [...buyers, ...sellers].reduce((sum, { roundingIdr }) => sum + roundingIdr, 0);
    expect(Math.abs(buyValue - sellValue)).toBeLessThanOrEqual(rounding);
  });

  test('keeps the shown value when lots × average price contradicts it', () => {
    const { buyers } = parseIndopremierBrokerSummary(
      page(row(half('AK', 'local', '10', '2.0 B', '154'), nothing)),
      about,
    );
    expect(buyers[0]?.value).toBe(2_000_000_000);
  });

  test('refuses a half alone, and a row of another width once', () => {
    const { buyers, sellers, rejected } = parseIndopremierBrokerSummary(
      page(row(half('AK', 'local', 'x', '2.0 B', '154'), half('YP', 'local', '1', '1 K', '10')), '<tr><td>1</td></tr>'),
      about,
    );
    expect([buyers.length, sellers.length]).toEqual([0, 1]);
    expect(rejected).toEqual([
      { reason: 'bad-record', at: 1, detail: 'lots is "x"; expected a whole number from 0' },
      { reason: 'bad-record', at: 2, detail: 'cells is 1; expected 9' },
    ]);
  });

  test('no table, or one that was cut, is not a day without trades', () => {
    for (const html of ['<html>blocked</html>', good.slice(0, -20), '']) {
      expect(() => parseIndopremierBrokerSummary(html, about)).toThrow(
        'Indo Premier broker summary of TEST: the answer has no complete table',
      );
    }
    expect(parseIndopremierBrokerSummary(page(), about).days).toEqual([]);
  });

  test('asks with dates in the American order', async () => {
    const http = scriptedHttp([good]);
    const { days } = await createIndopremierClient({ http }).brokerSummary({ symbol: 'TEST', date: '2026-02-19' });
    expect(days).toHaveLength(3);
    expect(http.requests[0]?.query).toEqual({
      code: 'TEST',
      start: '02/19/2026',
      end: '02/19/2026',
      fd: 'all',
      board: 'all',
    });
    await expect(createIndopremierClient({ http }).brokerSummary({ symbol: 'T', date: '19/02/2026' })).rejects.toThrow(
      'date is "19/02/2026"; expected a day as YYYY-MM-DD. Pass one.',
    );
  });
});

describe('HTML tables', () => {
  test('entities, comments, scripts, unquoted classes and cells without an end are read', () => {
    const html = `<script>"<table class=t>"</script><TABLE class='a t'><!-- <td>no --><tr><td>A&amp;B &#x41;<td class=x>1<br>2</table>`;
    expect(readHtmlTable(html, 't')?.body).toEqual([
      [
        { text: 'A&B A', classes: [] },
        { text: '1 2', classes: ['x'] },
      ],
    ]);
  });

  test('a hostile page costs one pass: every character is looked at a bounded number of times', () => {
    const hostile = '<table class=t>' + '<td><'.repeat(200_000) + '&'.repeat(200_000) + ' '.repeat(200_000);
    expect(readHtmlTable(hostile, 't')).toBeUndefined();
    expect(readHtmlTable(`<table class=t><tr><td>${'&#'.repeat(300_000)}</td></tr></table>`, 't')?.body).toHaveLength(
      1,
    );
  });
});

test('under fuzz every page is read or refused with a reason', () => {
  const result = fuzzBodies((html) => parseIndopremierBrokerSummary(html, about), [good], {
    seed: 47,
    count: fuzzCount(),
    check: ({ days }) =>
      days.every(({ buyShares }) => Number.isSafeInteger(buyShares)) ? undefined : 'not whole shares',
  });
  expect(result.read).toBeGreaterThan(0);
  expect(result.refused['bad-response']).toBeGreaterThan(0);
  expect(result.rejectedRows).toBeGreaterThan(0);
});
