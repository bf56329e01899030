import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { expect, test } from 'vitest';
import { scoreFundamentals, sectorMedians } from './fundamentals.ts';

test.skipIf(!hasRecordedData)(
  '947 listed companies: every one with a positive price ÷ earnings has a valuation',
  () => {
    const file = gunzipSync(readFileSync(recordedPath('idx/financial_ratio.json.gz'))).toString('utf8');
    const { data } = JSON.parse(file) as {
      data: { sector: string; per: number; priceBV: number; roe: number; roa: number; npm: number; deRatio: number }[];
    };
    const companies = data.map((row) => ({
      sector: row.sector,
      priceToEarnings: row.per,
      priceToBook: row.priceBV,
      returnOnEquityPercent: row.roe,
      returnOnAssetsPercent: row.roa,
      netMarginPercent: row.npm,
      debtToEquity: row.deRatio,
    }));
    const medians = sectorMedians(companies);
    expect(medians.size).toBe(11);
    const scored = companies.map((company) =>
      scoreFundamentals({ ...company, sectorMultiples: medians.get(company.sector) }),
    );
    const scores = scored.flatMap(({ score }) => (score === undefined ? [] : [score]));
    expect(scores).toHaveLength(947);
    expect(new Set(scores).size).toBeGreaterThan(200);
    expect(Math.min(...scores)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...scores)).toBeLessThanOrEqual(100);
    const valued = scored.filter(({ parts }) => parts![0]!.score !== undefined);
    expect(valued).toHaveLength(947);
  },
);
