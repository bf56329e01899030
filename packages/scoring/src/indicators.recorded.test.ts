/** Recorded daily bars of IDX: gaps, days without a trade, prices at their limits, whole years of them. */
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import * as indicators from './indicators.ts';
import type { IndicatorBar } from './indicators.ts';
import { toBarColumns } from './indicators.ts';
import { allIndicators, latestValues } from './screener.ts';
import { createTechnicalRating, technicalRating } from './technical-rating.ts';

function dailyBars(file: string): IndicatorBar[] {
  const [head, ...lines] = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n');
  const names = head!.toLowerCase().split(',');
  const at = (cells: readonly string[], name: string): number => Number(cells[names.indexOf(name)]);
  return lines.map((line, i) => {
    const cells = line.split(',');
    return {
      startMs: i * 86_400_000,
      high: at(cells, 'high'),
      low: at(cells, 'low'),
      close: at(cells, 'close'),
      volume: at(cells, 'volume'),
    };
  });
}

test.skipIf(!hasRecordedData)('every recorded symbol gives the same as a batch and as a stream', () => {
  const folder = recordedPath('ohlcv/idx_daily');
  const files = readdirSync(folder).filter((file) => file.endsWith('.csv.gz'));
  expect(files.length).toBeGreaterThan(5);
  const make = indicators as unknown as Record<string, () => { push(input: unknown): unknown }>;
  const single = ['adl', 'atr', 'awesome', 'cci', 'cmf', 'mfi', 'obv', 'rvol', 'ultimate', 'vwap', 'vwma', 'williamsR'];
  for (const file of files) {
    // A day without a trade has no range: the vendor writes zeros for it.
    const bars = dailyBars(join(folder, file)).filter((bar) => bar.low > 0 && bar.high >= bar.low);
    const columns = toBarColumns(bars);
    const latest = latestValues(allIndicators(columns));
    for (const name of single) {
      const stream = make[`create${name[0]!.toUpperCase()}${name.slice(1)}`]!();
      let last: unknown;
      for (const bar of bars) last = stream.push(bar);
      expect(last, `${name} of ${file}`).toBe(latest[name]);
    }
    const rating = createTechnicalRating();
    const point = bars.map((bar) => rating.push(bar)).at(-1);
    expect(point?.rating, file).toBe(technicalRating(columns).rating.values.at(-1));
    for (const value of Object.values(latest)) if (value !== undefined) expect(value).toSatisfy(Number.isFinite);
  }
});
