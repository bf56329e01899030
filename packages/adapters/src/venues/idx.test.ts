import { readFileSync, readdirSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createPriceBands, idxPriceBands } from '@tapekit/orderflow/price-bands';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIdxDailyCsv } from '../sources/idx.ts';
import { createIdxCalendar, idxLimitRegimes, idxPriceLimits } from './idx.ts';

const jakarta = (date: string, clock: string): number => Date.parse(`${date}T${clock}+07:00`);

describe('createIdxCalendar', () => {
  const calendar = createIdxCalendar();

  test('has 239 trading days in 2026, as announced', () => {
    expect(calendar.tradingDays('2026-01-01', '2026-12-31')).toHaveLength(239);
  });

  test.each([
    // Thursday
    ['2026-02-19', '08:58:00', 'pre-opening'],
    ['2026-02-19', '11:45:00', 'session-1'],
    ['2026-02-19', '12:00:00', 'session-1'],
    ['2026-02-19', '13:00:00', undefined],
    ['2026-02-19', '13:30:00', 'session-2'],
    ['2026-02-19', '15:49:59', 'session-2'],
    ['2026-02-19', '15:55:00', 'pre-closing'],
    ['2026-02-19', '16:15:00', 'post-trading'],
    ['2026-02-19', '16:16:00', undefined],
    // Friday
    ['2026-02-20', '11:45:00', undefined],
    ['2026-02-20', '13:45:00', undefined],
    ['2026-02-20', '14:00:00', 'session-2'],
    // a holiday
    ['2026-02-17', '10:00:00', undefined],
  ])('%s %s is %s', (date, clock, phase) => {
    expect(calendar.phaseAt(jakarta(date, clock))?.phase.name).toBe(phase);
  });

  test('the cash market trades in session 1 alone, the negotiated one to 16:30', () => {
    expect(
      createIdxCalendar({ market: 'TN' })
        .phasesOf('2026-02-19')
        ?.map(({ name }) => name),
    ).toEqual(['session-1']);
    expect(createIdxCalendar({ market: 'NG' }).phaseAt(jakarta('2026-02-19', '16:29:00'))?.phase.name).toBe(
      'session-2',
    );
  });

  test('takes closures that were announced late, and later years', () => {
    const longer = createIdxCalendar({ to: '2027-12-31', closed: ['2026-11-27', '2027-01-01'] });
    expect(longer.isSession('2026-11-27')).toBe(false);
    expect(longer.shift('2026-12-30', 1)).toBe('2027-01-04');
    expect(calendar.isSession('2027-01-04')).toBeUndefined();
  });

  test.skipIf(!hasRecordedData)('has the recorded trading days, and no other', () => {
    const days = readFileSync(recordedPath('idx/idx_trading_days_2019-07-29_2025-02-21.txt'), 'utf8')
      .trim()
      .split(/\s+/);
    // The rows of 2021-05-22, a Saturday, are no trading.
    expect(calendar.tradingDays('2019-07-29', '2025-02-21')).toEqual(days.filter((day) => day !== '2021-05-22'));
  });
});

describe('idxPriceLimits', () => {
  test.each([
    [3_130, '2026-02-19', {}, { upper: 3_910, lower: 2_670 }],
    [885, '2026-02-19', {}, { upper: 1_105, lower: 755 }],
    [200, '2026-02-19', {}, { upper: 270, lower: 170 }],
    [202, '2026-02-19', {}, { upper: 252, lower: 172 }],
    // 57 × 0.85 = 48.45, but no price lies below 50.
    [57, '2026-02-19', {}, { upper: 76, lower: 50 }],
    // symmetric in 2024, 7 % in 2021, 10 % for three days in 2020
    [1_000, '2024-01-02', {}, { upper: 1_250, lower: 750 }],
    [1_000, '2021-06-02', {}, { upper: 1_250, lower: 930 }],
    [1_000, '2020-03-12', {}, { upper: 1_250, lower: 900 }],
    [1_000, '2023-07-03', {}, { upper: 1_250, lower: 850 }],
    // twice the percentage after a listing, until 2020
    [100, '2019-10-01', { isFirstDay: true }, { upper: 170, lower: 50 }],
    [100, '2024-01-02', { isFirstDay: true }, { upper: 135, lower: 65 }],
    // below 50, special monitoring and acceleration
    [9, '2026-02-19', {}, { upper: 10, lower: 8 }],
    [1, '2026-02-19', {}, { upper: 2, lower: 1 }],
    [49, '2026-02-19', {}, { upper: 53, lower: 45 }],
    [100, '2026-02-19', { board: 'special-monitoring' }, { upper: 110, lower: 90 }],
    [100, '2026-02-19', { board: 'acceleration' }, { upper: 110, lower: 90 }],
  ] as const)('of %d on %s %j', (previous, date, options, limits) => {
    expect(idxPriceLimits(previous, date, options)).toEqual(limits);
  });

  test('lie on the ticks, around the previous close, within the percentage, in every regime', () => {
    const bands = createPriceBands(idxPriceBands);
    const regular = fc.integer({ min: 50, max: 2_000_000 }).filter((price) => bands.isOnBand(price));
    fc.assert(
      fc.property(regular, fc.constantFrom(...idxLimitRegimes), (previous, { from }) => {
        const { upper, lower } = idxPriceLimits(previous, from);
        expect(bands.isOnBand(upper) && bands.isOnBand(lower)).toBe(true);
        expect(lower).toBeLessThanOrEqual(previous);
        expect(upper).toBeGreaterThanOrEqual(previous);
        expect(upper * 100).toBeLessThanOrEqual(previous * 135);
        // One tick more would be too far.
        expect(Number(bands.nextUp(upper)) * 100).toBeGreaterThan(
          previous * (previous <= 200 ? 135 : previous <= 5_000 ? 125 : 120),
        );
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    [0, '2026-02-19', /previous "0"/],
    [1.5, '2026-02-19', /previous "1.5"/],
    [NaN, '2026-02-19', /previous "NaN"/],
    [100, '19-02-2026', /date "19-02-2026"/],
    [100, '2026-02-30', /date "2026-02-30" is not a date as YYYY-MM-DD from 1900-01-01 on/],
    [100, '2026-13-01', /date "2026-13-01"/],
    [100, '1899-12-31', /date "1899-12-31"/],
  ])('refuses %d on %s', (previous, date, message) => {
    expect(() => idxPriceLimits(previous, date)).toThrow(message);
  });

  test.skipIf(!hasRecordedData)('are those of 1,600 recorded days on which a price stood at its limit', () => {
    const [header, ...lines] = readFileSync(recordedPath('idx/price_limit_hits.csv'), 'utf8').trim().split('\n');
    const names = header!.split(',');
    const differing = lines.filter((line) => {
      const row = Object.fromEntries(line.split(',').map((cell, i) => [names[i]!, cell]));
      const { upper, lower } = idxPriceLimits(Number(row['previous']), row['date']!);
      return upper !== Number(row['ara']) || lower !== Number(row['arb']);
    });
    expect(lines).toHaveLength(1_600);
    expect(differing).toEqual([]);
  });

  test.skipIf(!hasRecordedData)('hold over every recorded day of 30 stocks', () => {
    const outside: string[] = [];
    let traded = 0;
    let atLimit = 0;
    for (const file of readdirSync(recordedPath('ohlcv/idx_daily'))) {
      const text = gunzipSync(readFileSync(recordedPath(`ohlcv/idx_daily/${file}`))).toString('utf8');
      for (const day of parseIdxDailyCsv(text, file.replace('.csv.gz', '')).days) {
        if (day.volumeShares === 0 || day.high === undefined || day.low === undefined) continue;
        traded += 1;
        const { upper, lower } = idxPriceLimits(day.previous, day.date);
        if (day.high === upper || day.low === lower) atLimit += 1;
        if (day.high > upper || day.low < lower) outside.push(`${day.date} ${day.symbol}`);
      }
    }
    expect(traded).toBe(39_530);
    expect(atLimit).toBeGreaterThan(100);
    // A day on which others stopped at −10 % exactly; why these went on is not known.
    const known = ['ADRO', 'INCO', 'PGAS', 'PWON', 'SMGR', 'WSKT'].map((symbol) => `2020-03-12 ${symbol}`);
    expect(outside).toEqual(known);
  });
});
