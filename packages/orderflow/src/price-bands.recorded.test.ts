/** The IDX bands against recorded days: no close off its band, and every limit price a rounding of previous × (1 ± r). */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { divideExact } from './exact.ts';
import { createPriceBands, idxPriceBands } from './price-bands.ts';

const idx = createPriceBands(idxPriceBands);

function rowsOf(text: string): Record<string, string>[] {
  const [header = '', ...lines] = text.trim().split('\n');
  const names = header.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
  });
}

test.skipIf(!hasRecordedData)('no price of 30 stocks in 5½ years is off its band, no volume off its lot', () => {
  const folder = recordedPath('ohlcv/idx_daily');
  const counts = { days: 0, traded: 0, offBand: 0, offLot: 0 };
  for (const file of readdirSync(folder)) {
    for (const row of rowsOf(gunzipSync(readFileSync(`${folder}/${file}`)).toString())) {
      counts.days += 1;
      if (!idx.isOnBand(row['close']!)) counts.offBand += 1;
      if (Number(row['volume']) === 0) continue;
      counts.traded += 1;
      for (const price of ['high', 'low']) if (!idx.isOnBand(row[price]!)) counts.offBand += 1;
      if (idx.formatSize(idx.toLots(row['volume']!)) !== String(Number(row['volume']))) counts.offLot += 1;
    }
  }
  expect(counts).toEqual({ days: 39_980, traded: 39_530, offBand: 0, offLot: 0 });
});

test.skipIf(!hasRecordedData)('limit prices are previous × (1 ± r), down and up to the tick of their own band', () => {
  const rows = rowsOf(readFileSync(recordedPath('idx/price_limit_hits.csv'), 'utf8'));
  expect(rows.length).toBe(1600);
  const percent = (value: number, p: number): string => divideExact(value * p, 100);
  for (const { date = '', code, previous: before, regime, ara, arb } of rows) {
    const previous = Number(before);
    const upper = previous <= 200 ? 35 : previous <= 5000 ? 25 : 20;
    const lower =
      date < '2020-03-10' || date >= '2023-09-04' ? upper : date < '2020-03-13' ? 10 : date < '2023-06-05' ? 7 : 15;
    const step = previous <= 10 ? 1 : Math.floor(previous / 10);
    const limits =
      regime === 'main'
        ? [idx.round(percent(previous, 100 + upper), 'floor'), idx.round(percent(previous, 100 - lower), 'ceil')]
        : [String(previous + step), String(Math.max(1, previous - step))];
    if (regime === 'main' && Number(limits[1]) < 50) limits[1] = '50';
    expect([date, code, ...limits]).toEqual([date, code, ara, arb]);
  }
});
