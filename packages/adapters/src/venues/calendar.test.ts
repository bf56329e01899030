import { describe, expect, test } from 'vitest';
import { createVenueCalendar, type VenueCalendarOptions } from './calendar.ts';
import { createCmeEquityCalendar } from './cme.ts';
import { createCryptoCalendar } from './crypto.ts';

const demo: VenueCalendarOptions = {
  venue: 'demo',
  tz: 'Asia/Jakarta',
  from: '2026-01-01',
  to: '2026-12-31',
  closed: ['2026-01-01'],
  special: { '2026-01-03': [{ name: 'saturday', from: '10:00', to: '11:00' }] },
  hours: [
    { from: '2026-01-05', hours: [{ name: 'day', from: '09:00', to: '16:00' }] },
    {
      from: '2026-02-02',
      hours: [
        { name: 'am', from: '09:00', to: '12:00' },
        { name: 'pm', from: '13:30', to: '16:00' },
      ],
    },
  ],
};

describe('createVenueCalendar', () => {
  const calendar = createVenueCalendar(demo);

  test('knows days without their hours, holidays, and what it does not know', () => {
    expect(calendar.isSession('2026-01-01')).toBe(false);
    expect(calendar.isSession('2026-01-02')).toBe(true);
    expect(calendar.phasesOf('2026-01-02')).toBeUndefined();
    expect(calendar.sessionOf('2026-01-02')).toBeUndefined();
    expect(calendar.phasesOf('2026-01-04')).toEqual([]);
    expect(calendar.isSession('2027-01-04')).toBeUndefined();
    expect(calendar.phasesOf('2027-01-04')).toBeUndefined();
  });

  test('has the hours of the date, with the lunch break between two ranges', () => {
    expect(calendar.phasesOf('2026-01-05')).toEqual([
      { name: 'day', startMs: Date.UTC(2026, 0, 5, 2), endMs: Date.UTC(2026, 0, 5, 9) },
    ]);
    expect(calendar.sessionOf('2026-02-02')).toEqual({
      openMs: Date.UTC(2026, 1, 2, 2),
      closeMs: Date.UTC(2026, 1, 2, 9),
      ranges: [
        { startMs: Date.UTC(2026, 1, 2, 2), endMs: Date.UTC(2026, 1, 2, 5) },
        { startMs: Date.UTC(2026, 1, 2, 6, 30), endMs: Date.UTC(2026, 1, 2, 9) },
      ],
    });
  });

  test('trades on a special Saturday', () => {
    expect(calendar.tradingDays('2026-01-01', '2026-01-06')).toEqual([
      '2026-01-02',
      '2026-01-03',
      '2026-01-05',
      '2026-01-06',
    ]);
    expect(calendar.phaseAt(Date.UTC(2026, 0, 3, 3, 30))?.phase.name).toBe('saturday');
  });

  test('moves by trading days, also from a day that is none', () => {
    expect(calendar.shift('2026-01-04', 1)).toBe('2026-01-05');
    expect(calendar.shift('2026-01-04', -2)).toBe('2026-01-02');
    expect(calendar.shift('2026-01-04', 0)).toBe('2026-01-04');
    expect(() => calendar.shift('2026-12-30', 5)).toThrow(/"2026-01-01" to "2026-12-31" and not "2027-01-01"/);
    expect(() => calendar.tradingDays('2025-12-30', '2026-01-02')).toThrow(/not "2025-12-30"/);
  });

  test.each([
    [{ from: '2026-02-30' }, /from "2026-02-30" .* is not a date/],
    [{ to: '2025-01-01' }, /to "2025-01-01" .* is not a date from "2026-01-01" on/],
    [{ closed: ['2025-12-31'] }, /date "2025-12-31" .* is not a date from/],
    [{ closed: ['2026-01-03'] }, /special "2026-01-03"/],
    [{ hours: [...demo.hours].reverse() }, /hours.from "2026-01-05" .* is not a date after "2026-02-02"/],
  ] satisfies [Partial<VenueCalendarOptions>, RegExp][])('refuses %j', (wrong, message) => {
    expect(() => createVenueCalendar({ ...demo, ...wrong })).toThrow(message);
  });

  test('refuses a clock and a zone that are none', () => {
    const hours = (from: string) => [{ from: '2026-01-01', hours: [{ name: 'x', from, to: '12:00' }] }];
    expect(() => createVenueCalendar({ ...demo, hours: hours('25:00') })).toThrow(/25:00/);
    expect(() => createVenueCalendar({ ...demo, tz: 'Mars/Olympus' })).toThrow(/Mars\/Olympus/);
  });
});

describe('CME equity index futures', () => {
  const calendar = createCmeEquityCalendar();

  test('begin the evening before, and end an hour before the next day', () => {
    // Chicago is UTC−5 in May, UTC−6 in January.
    expect(calendar.phasesOf('2024-05-08')).toEqual([
      { name: 'globex', startMs: Date.UTC(2024, 4, 7, 22), endMs: Date.UTC(2024, 4, 8, 21) },
    ]);
    expect(calendar.phasesOf('2024-01-08')![0]!.startMs).toBe(Date.UTC(2024, 0, 7, 23));
    expect(calendar.phaseAt(Date.UTC(2024, 4, 8, 21, 30))).toBeUndefined();
    expect(calendar.phaseAt(Date.UTC(2024, 4, 8, 22))?.date).toBe('2024-05-09');
  });

  test('have 22 and 24 hours when the clocks change within the week, and 23 on every other day', () => {
    const hours = calendar.tradingDays('2024-02-01', '2024-12-20').map((date) => {
      const { startMs, endMs } = calendar.phasesOf(date)![0]!;
      return (endMs - startMs) / 3_600_000;
    });
    // Clocks change on Sunday at 02:00, when nothing trades.
    expect(new Set(hours)).toEqual(new Set([23, 19, 19.25]));
  });

  test('reopen on the evening of Christmas for the day after', () => {
    expect(calendar.phasesOf('2023-12-25')).toEqual([]);
    expect(calendar.phaseAt(Date.UTC(2023, 11, 25, 23, 10))?.date).toBe('2023-12-26');
    expect(calendar.phaseAt(Date.UTC(2023, 11, 25, 12))).toBeUndefined();
  });

  test('halt at noon on Thanksgiving', () => {
    expect(calendar.sessionOf('2026-11-26')!.closeMs).toBe(Date.UTC(2026, 10, 26, 18));
    expect(calendar.sessionOf('2026-11-27')!.closeMs).toBe(Date.UTC(2026, 10, 27, 18, 15));
  });
});

test('crypto venues trade on every UTC day, for 24 hours', () => {
  const calendar = createCryptoCalendar();
  const phase = { name: 'continuous', startMs: Date.UTC(2026, 1, 28), endMs: Date.UTC(2026, 2, 1) };
  expect(calendar.phasesOf('2026-02-28')).toEqual([phase]);
  expect(calendar.phaseAt(Date.UTC(2026, 1, 28, 23, 59, 59, 999))).toEqual({ date: '2026-02-28', phase });
  expect(calendar.shift('2026-02-28', 1)).toBe('2026-03-01');
});
