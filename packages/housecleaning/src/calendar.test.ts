import { describe, expect, test } from 'vitest';
import { createMarketCalendar, type MarketCalendarOptions } from './calendar.ts';
import { addDays } from './days.ts';
import { idx, nyse } from './internal/calendars.fixture.ts';

const iso = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 19);
const sessionsOf2026 = (options: MarketCalendarOptions): number => {
  const calendar = createMarketCalendar(options);
  return Array.from({ length: 365 }, (_, i) => addDays('2026-01-01', i)).filter((date) => calendar.isSession(date))
    .length;
};

describe('the calendar of Jakarta', () => {
  const calendar = createMarketCalendar(idx);

  test('has the 239 trading days of 2026 that the exchange announced', () => {
    expect(sessionsOf2026(idx)).toBe(239);
  });

  test('has a lunch break, and a longer one on Friday', () => {
    // 19 November 2026 is a Thursday; Jakarta is seven hours ahead of UTC.
    const ranges = (date: string) =>
      calendar.sessionOf(date)?.ranges?.map(({ startMs, endMs }) => `${iso(startMs)} ${iso(endMs)}`);
    expect(ranges('2026-11-19')).toEqual([
      '2026-11-19T02:00:00 2026-11-19T05:00:01',
      '2026-11-19T06:30:00 2026-11-19T08:50:00',
      '2026-11-19T08:50:00 2026-11-19T09:15:01',
    ]);
    expect(ranges('2026-11-20')?.slice(0, 2)).toEqual([
      '2026-11-20T02:00:00 2026-11-20T04:30:01',
      '2026-11-20T07:00:00 2026-11-20T08:50:00',
    ]);
    expect(iso(calendar.sessionOf('2026-11-19')!.openMs)).toBe('2026-11-19T02:00:00');
    expect(iso(calendar.sessionOf('2026-11-19')!.closeMs)).toBe('2026-11-19T09:15:01');
  });

  test('knows holidays and weekends from days that nobody has announced yet', () => {
    const answers = ['2026-03-20', '2026-03-21', '2026-03-25', '2024-12-31', '2027-01-04', '2026-02-30'];
    expect(answers.map((date) => calendar.isSession(date))).toEqual([
      ...[false, false, true, undefined, undefined, undefined],
    ]);
    for (const date of answers.filter((date) => date !== '2026-03-25'))
      expect(calendar.sessionOf(date), date).toBeUndefined();
  });
});

describe('the calendar of New York', () => {
  const calendar = createMarketCalendar(nyse);

  test('has the 251 trading days of 2026', () => {
    expect(sessionsOf2026(nyse)).toBe(251);
  });

  test('opens an hour earlier by UTC in summer, and closes early after Thanksgiving', () => {
    const hours = (date: string) => {
      const { openMs, closeMs } = calendar.sessionOf(date)!;
      return `${iso(openMs)} ${iso(closeMs)}`;
    };
    expect(hours('2026-03-06')).toBe('2026-03-06T14:30:00 2026-03-06T21:00:00');
    expect(hours('2026-03-09')).toBe('2026-03-09T13:30:00 2026-03-09T20:00:00');
    expect(hours('2026-11-27')).toBe('2026-11-27T14:30:00 2026-11-27T18:00:00');
  });
});

describe('a calendar', () => {
  test('may hold sessions over midnight and on single Saturdays', () => {
    const calendar = createMarketCalendar({
      ...{ tz: 'Asia/Jakarta', from: '2026-11-01', to: '2026-11-30' },
      hours: [{ name: 'night', from: '17:00', to: '16:00', weekdays: [0, 1, 2, 3, 4] }],
      special: { '2026-11-21': [{ name: 'trial', from: '10:00', to: '11:00' }] },
    });
    const { openMs, closeMs } = calendar.sessionOf('2026-11-19')!;
    expect([iso(openMs), iso(closeMs)]).toEqual(['2026-11-19T10:00:00', '2026-11-20T09:00:00']);
    expect(['2026-11-20', '2026-11-21'].map((date) => calendar.isSession(date))).toEqual([false, true]);
  });

  test('may go around the clock', () => {
    const calendar = createMarketCalendar({
      ...{ tz: 'UTC', from: '2026-11-01', to: '2026-11-30', hours: [{ name: 'day', from: '00:00', to: '00:00' }] },
    });
    const { openMs, closeMs } = calendar.sessionOf('2026-11-19')!;
    expect(closeMs - openMs).toBe(24 * 3_600_000);
  });

  const refused: [string, Partial<MarketCalendarOptions>, string][] = [
    [
      'a wrong beginning',
      { from: '2026-1-1' },
      'The option from of the calendar holds "2026-1-1"; expected a calendar day YYYY-MM-DD.',
    ],
    [
      'an end before it',
      { to: '2025-12-31' },
      'The option to of the calendar holds "2025-12-31"; expected a calendar day YYYY-MM-DD from "2026-01-01" on.',
    ],
    [
      'a holiday that does not exist',
      { closed: ['2026-02-30'] },
      'The option closed of the calendar holds "2026-02-30"; expected a calendar day from "2026-01-01" to "2026-12-31".',
    ],
    [
      'a holiday of another year',
      { closed: ['2027-01-01'] },
      'The option closed of the calendar holds "2027-01-01"; expected a calendar day from "2026-01-01" to "2026-12-31".',
    ],
    [
      'a day both closed and special',
      { closed: ['2026-11-27'] },
      'The option special of the calendar holds "2026-11-27"; expected a day that is not closed as well.',
    ],
    [
      'wrong hours',
      { hours: [{ name: 'x', from: '9:30', to: '16:00' }] },
      'The option clock is "9:30"; expected a local time "HH:MM" or "HH:MM:SS" up to "24:00".',
    ],
    [
      'a wrong zone',
      { tz: 'New York' },
      'The option tz is "New York"; expected an IANA time zone such as "UTC" or "Asia/Jakarta".',
    ],
  ];
  test.each(refused)('with %s is refused when it is made', (_, wrong, message) => {
    expect(() => createMarketCalendar({ ...nyse, ...wrong })).toThrow(message);
  });
});
