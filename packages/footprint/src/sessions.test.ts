import { describe, expect, test } from 'vitest';
import { idxRegularHours, sessionsOfDates, type SessionHours } from './sessions.ts';

const hours: readonly SessionHours[] = [
  { name: 'am', from: '09:00', to: '12:00' },
  { name: 'pm', from: '13:30', to: '15:49:59' },
];
const iso = (ms: number): string => new Date(ms).toISOString();

test('a day with a lunch break is one session of two ranges', () => {
  const [day, ...none] = sessionsOfDates({ dates: ['2026-02-19'], utcOffsetMinutes: 420, hours });
  expect(none).toEqual([]);
  expect(day?.name).toBe('2026-02-19');
  expect(day?.ranges.map(({ startMs, endMs }) => [iso(startMs), iso(endMs)])).toEqual([
    ['2026-02-19T02:00:00.000Z', '2026-02-19T05:00:00.000Z'],
    ['2026-02-19T06:30:00.000Z', '2026-02-19T08:49:59.000Z'],
  ]);
});

test('a day with a lunch break is two sessions', () => {
  const sessions = sessionsOfDates({ dates: ['2026-02-19'], utcOffsetMinutes: 420, hours, breaks: 'separate' });
  expect(sessions.map(({ name, ranges }) => [name, ranges.length])).toEqual([
    ['2026-02-19 am', 1],
    ['2026-02-19 pm', 1],
  ]);
});

test('a session over midnight ends on the next day', () => {
  const night = [{ name: 'globex', from: '17:00', to: '16:00' }];
  const [session] = sessionsOfDates({ dates: ['2026-02-18'], utcOffsetMinutes: -360, hours: night });
  expect(session?.ranges.map(({ startMs, endMs }) => [iso(startMs), iso(endMs)])).toEqual([
    ['2026-02-18T23:00:00.000Z', '2026-02-19T22:00:00.000Z'],
  ]);
});

test('Jakarta has a longer break on Friday', () => {
  // 19 February 2026 is a Thursday.
  const sessions = sessionsOfDates({
    ...{ dates: ['2026-02-19', '2026-02-20'], utcOffsetMinutes: 420 },
    ...{ hours: idxRegularHours, breaks: 'separate' },
  });
  const wib = (ms: number): string => iso(ms + 25_200_000).slice(11, 19);
  expect(sessions.map(({ name, ranges: [range] }) => `${name} ${wib(range!.startMs)} ${wib(range!.endMs)}`)).toEqual([
    '2026-02-19 pre-opening 08:45:00 09:00:00',
    '2026-02-19 session-1 09:00:00 12:00:01',
    '2026-02-19 session-2 13:30:00 15:50:00',
    '2026-02-19 closing 15:50:00 16:15:01',
    '2026-02-20 pre-opening 08:45:00 09:00:00',
    '2026-02-20 session-1 09:00:00 11:30:01',
    '2026-02-20 session-2 14:00:00 15:50:00',
    '2026-02-20 closing 15:50:00 16:15:01',
  ]);
  expect(
    sessionsOfDates({ dates: ['2026-02-21'], utcOffsetMinutes: 0, hours: [{ ...hours[0]!, weekdays: [5] }] }),
  ).toEqual([]);
});

describe('what is no calendar is refused', () => {
  const of = (date: string, clock: string): unknown =>
    sessionsOfDates({ dates: [date], utcOffsetMinutes: 0, hours: [{ name: 'x', from: clock, to: '24:00' }] });

  test.each(['2026-02-30', '2026-2-3', '20260203', ''])('date "%s"', (date) => {
    expect(() => of(date, '09:00')).toThrow(`Date "${date}" is not a day of the calendar as YYYY-MM-DD.`);
  });

  test.each(['9:00', '24:01', '09:60', '0900', '09:00:60'])('time "%s"', (clock) => {
    expect(() => of('2026-02-19', clock)).toThrow(`Time "${clock}" is not a time of day as HH:MM or HH:MM:SS.`);
  });

  test('an offset beyond a day', () => {
    expect(() => sessionsOfDates({ dates: [], utcOffsetMinutes: 25_200, hours })).toThrow(
      'utcOffsetMinutes "25200" is not a number of minutes from -1440 to 1440.',
    );
  });
});
