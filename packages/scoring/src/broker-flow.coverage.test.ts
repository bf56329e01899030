import { describe, expect, test } from 'vitest';
import { brokerFlow } from './broker-flow.ts';
import { accumulation, classes, row } from './broker-flow/days.fixture.ts';

describe('the coverage of the component broker', () => {
  test('turnover of brokers without a class lowers the coverage by its share', () => {
    const of = (unknown: number): unknown =>
      brokerFlow(
        [row('2026-07-01', 'F1', 100 - unknown, 0), row('2026-07-01', 'R1', 0, 100 - unknown)].concat([
          row('2026-07-01', 'ZZ', unknown, 0),
          row('2026-07-01', 'QQ', 0, unknown),
        ]),
        { classes, shortDays: 1, longDays: 1 },
      ).component.coverage;
    expect([of(0), of(20), of(50)]).toEqual([1, 0.8, 0.5]);
    expect(of(51)).toBeUndefined();
  });

  test('days that are not known lower the coverage of the rules that read them', () => {
    const tradingDays = ['2026-07-01', '2026-07-02', '2026-07-03', '2026-07-06'];
    const of = (days: readonly string[]): unknown =>
      brokerFlow(days.flatMap(accumulation), { classes, tradingDays, shortDays: 1, longDays: 4 }).component.coverage;
    // The short window is worth 15 of 50 points, the long one the rest.
    expect([of(tradingDays), of(tradingDays.slice(1))]).toEqual([1, (15 + 35 * 0.75) / 50]);
  });

  test('rows of long ago are missing: 14 days, or as many as the caller says', () => {
    const of = (asOf: string, maxAgeDays?: number): unknown =>
      brokerFlow(accumulation('2026-07-31'), {
        ...{ classes, asOf, shortDays: 1, longDays: 1 },
        ...(maxAgeDays === undefined ? {} : { maxAgeDays }),
      }).component.reasons[0];
    expect(of('2026-08-14')).toBe('1-day weighted net 70 % of turnover: accumulation');
    expect(of('2026-08-15')).toBe('the last broker summary is of 2026-07-31, more than 14 days before');
    expect(of('2026-08-15', 15)).toBe('1-day weighted net 70 % of turnover: accumulation');
    expect(() => of('2026-08-15', 0)).toThrow('maxAgeDays "0" is not a whole number of at least 1.');
  });
});
