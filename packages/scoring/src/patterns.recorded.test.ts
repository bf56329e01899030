import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { describe, expect, test } from 'vitest';
import type { PatternBar } from './patterns.ts';
import { patterns } from './patterns.ts';
import type { WyckoffEvent, WyckoffPhase } from './wyckoff.ts';
import { wyckoff } from './wyckoff.ts';

const symbols = ['BBCA', 'BBRI', 'TLKM', 'GOTO', 'WSKT', 'ANTM'];

/** Days with trades of one stock, oldest first. */
function daily(symbol: string): PatternBar[] {
  const file = readFileSync(recordedPath(`ohlcv/idx_daily/${symbol}.csv.gz`));
  const [header = '', ...lines] = gunzipSync(file).toString('utf8').trim().split('\n');
  const names = header.split(',');
  return lines
    .map((line) => line.split(','))
    .map((cells) => {
      const of = (name: string): number => Number(cells[names.indexOf(name)]);
      return { high: of('high'), low: of('low'), close: of('close'), volume: of('volume') };
    })
    .filter(({ volume }) => volume > 0);
}

describe.skipIf(!hasRecordedData)('patterns of recorded days', () => {
  test.each(symbols)('%s: what was said at the close of a day stands', (symbol) => {
    const bars = daily(symbol);
    const whole = patterns(bars);
    for (const share of [0.3, 0.7]) {
      const past = bars.slice(0, Math.floor(share * bars.length));
      expect(patterns(past)).toEqual(whole.slice(0, past.length));
    }
  });

  test('a range is opened by a climax, fixed by a rally, goes forward only, and ends', () => {
    const order: readonly WyckoffPhase[] = ['A', 'B', 'C', 'D', 'E'];
    let ranges = 0;
    for (const symbol of symbols) {
      const readings = wyckoff(daily(symbol));
      for (const side of ['accumulation', 'distribution'] as const) {
        let open: WyckoffEvent[] = [];
        for (const event of readings.flatMap(({ events }) => events.filter((e) => e.side === side))) {
          if (event.kind === 'End') {
            ranges += 1;
            open = [];
            continue;
          }
          const before = open.at(-1);
          if (before) expect(order.indexOf(event.phase!)).toBeGreaterThanOrEqual(order.indexOf(before.phase!));
          open.push(event);
          const kinds = open.map(({ kind }) => kind);
          // A preliminary support is told together with its climax, just before it.
          if (kinds.length > 1 || !kinds[0]!.startsWith('PS')) {
            expect(kinds.slice(0, 2).some((kind) => kind === 'SC' || kind === 'BC')).toBe(true);
          }
          if (kinds.includes('ST')) expect(kinds).toContain('AR');
        }
      }
    }
    expect(ranges).toBeGreaterThan(20);
  });
});
