import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { Decimal } from 'decimal.js';
import { expect, test } from 'vitest';
import type { NumericBar } from './tape.ts';
import { scoreTape } from './tape.ts';

test.skipIf(!hasRecordedData)('scores a month of recorded minutes: all components, exact sums, all signals', () => {
  const bars = recordedMinutes();
  expect(bars.length).toBeGreaterThan(40_000);
  const seen = new Map<string, number>();
  for (let end = 40; end <= bars.length; end += 97) {
    const score = scoreTape({ symbol: 'BTC-PERP', bars: bars.slice(Math.max(0, end - 200), end) });
    expect(score.coverage).toBe(0.6);
    const sum = score.components.reduce((total, { contribution }) => total.plus(contribution), new Decimal(0));
    expect(sum.toString()).toBe(String(score.score));
    seen.set(score.signal!, (seen.get(score.signal!) ?? 0) + 1);
  }
  for (const signal of ['sell', 'neutral', 'buy']) expect(seen.get(signal)).toBeGreaterThan(10);
});

function recordedMinutes(): NumericBar[] {
  const file = recordedPath('ohlcv/BTC-PERP_1m_2021-12-31_2022-02-01.csv.gz');
  const rows = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n').slice(1);
  return rows.map((row) => {
    const [time, ...numbers] = row.split(',');
    const [open, high, low, close, volume] = numbers.map(Number) as [number, number, number, number, number];
    const startMs = Date.parse(`${time!.slice(0, 19).replace(' ', 'T')}Z`);
    return { startMs, endMs: startMs + 60_000, open, high, low, close, volume };
  });
}
