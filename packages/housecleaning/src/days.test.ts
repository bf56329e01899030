import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import {
  addDays,
  dateOf,
  dayBounds,
  durationMs,
  instantOf,
  isDayClosed,
  latestDate,
  utcDay,
  type MarketDay,
} from './days.ts';

const hourMs = 3_600_000;
const iso = (timeMs: number): string => new Date(timeMs).toISOString();
const isoBounds = (date: string, day: MarketDay): readonly string[] => {
  const { startMs, endMs } = dayBounds(date, day);
  return [iso(startMs), iso(endMs)];
};
const midnightIn = (tz: string): MarketDay => ({ tz, dayStart: '00:00' });
const hoursOf = (date: string, tz: string): number => {
  const { startMs, endMs } = dayBounds(date, midnightIn(tz));
  return (endMs - startMs) / hourMs;
};

/** The first instant at which the clock shows `clock` of `date` or later, by another implementation of time zones. */
function expectedInstant(date: string, clock: string, tz: string): number {
  const local = Temporal.PlainDateTime.from(`${date}T${clock}`);
  const zoned = local.toZonedDateTime(tz, { disambiguation: 'earlier' });
  // Put forward over the clock: "earlier" then lies before the change.
  if (!zoned.toPlainDateTime().equals(local)) return zoned.getTimeZoneTransition('next')!.epochMilliseconds;
  return zoned.epochMilliseconds;
}

describe('days', () => {
  test('of UTC last from midnight to midnight', () => {
    expect(isoBounds('2026-11-19', utcDay)).toEqual(['2026-11-19T00:00:00.000Z', '2026-11-20T00:00:00.000Z']);
    expect(dateOf(Date.parse('2026-11-19T23:59:59.999Z'), utcDay)).toBe('2026-11-19');
    expect(dateOf(Date.parse('2026-11-20T00:00:00.000Z'), utcDay)).toBe('2026-11-20');
  });

  test('of Jakarta begin seven hours before those of UTC', () => {
    expect(isoBounds('2026-11-19', midnightIn('Asia/Jakarta'))).toEqual([
      '2026-11-18T17:00:00.000Z',
      '2026-11-19T17:00:00.000Z',
    ]);
  });

  test('that begin in the afternoon bear the date of their beginning', () => {
    const chicago: MarketDay = { tz: 'America/Chicago', dayStart: '17:00' };
    expect(isoBounds('2026-11-19', chicago)).toEqual(['2026-11-19T23:00:00.000Z', '2026-11-20T23:00:00.000Z']);
    expect(dateOf(Date.parse('2026-11-20T22:59:59Z'), chicago)).toBe('2026-11-19');
  });

  test('have 23 hours where clocks are put forward and 25 where they are put back', () => {
    expect(hoursOf('2024-03-10', 'America/New_York')).toBe(23);
    expect(hoursOf('2024-11-03', 'America/New_York')).toBe(25);
    // Morocco goes back for Ramadan and forward after it.
    expect(hoursOf('2024-03-10', 'Africa/Casablanca')).toBe(25);
    expect(hoursOf('2024-04-14', 'Africa/Casablanca')).toBe(23);
    // Lord Howe Island changes by half an hour.
    expect(hoursOf('2024-10-06', 'Australia/Lord_Howe')).toBe(23.5);
    // Clocks are put forward at midnight: the day begins at one o'clock.
    expect(isoBounds('2018-11-04', midnightIn('America/Sao_Paulo'))).toEqual([
      '2018-11-04T03:00:00.000Z',
      '2018-11-05T02:00:00.000Z',
    ]);
    // Put back from one to midnight: it begins at the first midnight.
    expect(isoBounds('2024-11-03', midnightIn('America/Havana'))).toEqual([
      '2024-11-03T04:00:00.000Z',
      '2024-11-04T05:00:00.000Z',
    ]);
  });

  test('that a zone skipped have no length, and no instant lies in them', () => {
    const apia = midnightIn('Pacific/Apia');
    expect(isoBounds('2011-12-30', apia)).toEqual(['2011-12-30T10:00:00.000Z', '2011-12-30T10:00:00.000Z']);
    expect(dateOf(Date.parse('2011-12-30T09:59:59.999Z'), apia)).toBe('2011-12-29');
    expect(dateOf(Date.parse('2011-12-30T10:00:00.000Z'), apia)).toBe('2011-12-31');
  });

  test('begin where the clock is put forward over their start', () => {
    // 02:30 does not exist on that night: at 02:00 it becomes 03:00.
    expect(iso(instantOf('2024-03-10', '02:30', 'America/New_York'))).toBe('2024-03-10T07:00:00.000Z');
    // 01:30 comes twice.
    expect(iso(instantOf('2024-11-03', '01:30', 'America/New_York'))).toBe('2024-11-03T05:30:00.000Z');
    expect(iso(instantOf('2024-11-03', '24:00', 'America/New_York'))).toBe('2024-11-04T05:00:00.000Z');
  });

  test('follow on each other over years of any zone, as another implementation says', () => {
    const zones = Intl.supportedValuesOf('timeZone').filter((tz) => tz !== 'UTC');
    const clock = fc
      .integer({ min: 0, max: 95 })
      .map((quarter) => new Date(quarter * 900_000).toISOString().slice(11, 16));
    fc.assert(
      fc.property(
        ...([fc.constantFrom(...zones), fc.integer({ min: 0, max: 18_260 }), clock] as const),
        (tz, offset, dayStart) => {
          const day = { tz, dayStart };
          const date = addDays('1990-01-02', offset);
          const { startMs, endMs } = dayBounds(date, day);
          expect(startMs, `${date} ${dayStart} ${tz}`).toBe(expectedInstant(date, dayStart, tz));
          expect(endMs).toBe(dayBounds(addDays(date, 1), day).startMs);
          expect(instantOf(date, dayStart, tz)).toBe(startMs);
          if (endMs > startMs) expect([startMs, endMs - 1].map((ms) => dateOf(ms, day))).toEqual([date, date]);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('have begun where the clock shows a time before their start once more', () => {
    // 01:30 in New York comes at 05:30 UTC; at 06:00 the clock goes back to 01:00.
    const day: MarketDay = { tz: 'America/New_York', dayStart: '01:30' };
    const times = ['05:29', '05:30', '06:15', '06:30'].map((time) => Date.parse(`2024-11-03T${time}:00Z`));
    expect(times.map((timeMs) => dateOf(timeMs, day))).toEqual(['2024-11-02', ...Array<string>(3).fill('2024-11-03')]);
  });

  test('count on over months and years', () => {
    expect(addDays('2024-02-28', 1)).toBe('2024-02-29');
    expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
    expect(latestDate(Date.parse('2026-12-31T16:59:59Z'), midnightIn('Asia/Jakarta'))).toBe('2027-01-01');
    expect(latestDate(Date.parse('2026-12-31T17:00:00Z'), midnightIn('Asia/Jakarta'))).toBe('2027-01-02');
  });
});

describe('a day is open until its end and the grace period are over', () => {
  const graceMs = 6 * hourMs;
  const zones = ['UTC', 'Asia/Jakarta', 'America/New_York', 'Pacific/Apia', 'Africa/Casablanca'];
  const dates = Array.from({ length: 366 }, (_, i) => addDays('2024-01-01', i));
  const expectedBounds = (date: string, tz: string): { readonly opens: number; readonly closes: number } => {
    const start = Temporal.PlainDate.from(date).toZonedDateTime(tz);
    return { opens: start.epochMilliseconds, closes: start.add({ days: 1 }).startOfDay().epochMilliseconds };
  };
  /** Every date × zone × instant around the borders of the day: 366 × 5 × 6. */
  function* casesOf(): Generator<{ date: string; day: MarketDay; nowMs: number; isOpen: boolean }> {
    for (const tz of zones) {
      for (const date of dates) {
        const { opens, closes } = expectedBounds(date, tz);
        const due = closes + graceMs;
        for (const nowMs of [opens - 1_000, opens, closes - 1_000, closes, due - 1_000, due + 1_000])
          yield { date, day: midnightIn(tz), nowMs, isOpen: nowMs < due };
      }
    }
  }

  test('in 10,980 cases, and no open one is taken for closed', () => {
    let cases = 0;
    let touched = 0;
    for (const { date, day, nowMs, isOpen } of casesOf()) {
      cases += 1;
      const isClosed = isDayClosed(date, day, nowMs, graceMs);
      if (isClosed && isOpen) touched += 1;
      if (isClosed !== !isOpen) expect.fail(`${date} ${day.tz} at ${iso(nowMs)} is ${isOpen ? 'open' : 'closed'}`);
    }
    expect({ cases, touched }).toEqual({ cases: 10_980, touched: 0 });
    expect(isDayClosed('2024-06-01', utcDay, Date.parse('2024-06-02T06:00:00Z') - 1, graceMs)).toBe(false);
    expect(isDayClosed('2024-06-01', utcDay, Date.parse('2024-06-02T06:00:00Z'), graceMs)).toBe(true);
  });

  test('and the date of every instant is the one that the clock on the wall shows', () => {
    for (const { day, nowMs } of casesOf()) {
      const local = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(day.tz);
      if (dateOf(nowMs, day) !== local.toPlainDate().toString()) expect.fail(`${iso(nowMs)} in ${day.tz}`);
    }
  });

  test('also where a clock smears the leap second over the hours around it', () => {
    // 31 December 2016 had 86 401 seconds; a smearing clock is up to half a second off, and days still have 86 400.
    expect(hoursOf('2016-12-31', 'UTC')).toBe(24);
    const due = dayBounds('2016-12-31', utcDay).endMs + graceMs;
    expect([-501, -1, 0].map((ms) => isDayClosed('2016-12-31', utcDay, due + ms, graceMs))).toEqual([
      false,
      false,
      true,
    ]);
  });
});

describe('what is no day is refused', () => {
  test.each(['2026-02-30', '2026-2-3', '20260203', '', '1989-12-31'])('date "%s"', (date) => {
    expect(() => dayBounds(date, utcDay)).toThrow(
      `The date "${date}" is no day; expected a calendar day YYYY-MM-DD from 1990 to 2999.`,
    );
  });

  test.each(['Mars/Olympus', '+07:00', ''])('zone "%s"', (tz) => {
    expect(() => dayBounds('2026-11-19', midnightIn(tz))).toThrow(
      `The option tz is "${tz}"; expected an IANA time zone such as "UTC" or "Asia/Jakarta".`,
    );
  });

  test('a zone in another spelling, which would not equal itself in a manifest', () => {
    for (const attempt of [1, 2]) {
      expect(() => dateOf(0, midnightIn('asia/jakarta')), `attempt ${attempt}`).toThrow(
        'The option tz is "asia/jakarta"; expected the spelling "Asia/Jakarta".',
      );
    }
  });

  test.each(['24:00', '9:00', '09:60', '00:00:00'])('start "%s"', (dayStart) => {
    expect(() => dateOf(0, { tz: 'UTC', dayStart })).toThrow(
      `The option dayStart is "${dayStart}"; expected a local time from "00:00" to "23:59".`,
    );
  });

  test.each([NaN, Infinity, -1, 1e15])('time %s', (timeMs) => {
    expect(() => dateOf(timeMs, midnightIn('Asia/Jakarta'))).toThrow(
      `The option timeMs is ${timeMs}; expected epoch milliseconds from 1990 to 2999.`,
    );
  });
});

test('a duration is read as weeks, days, hours, minutes and seconds, or not at all', () => {
  expect(durationMs('P2W')).toBe(14 * 24 * hourMs);
  expect(durationMs('P1DT2H3M4S')).toBe(24 * hourMs + 2 * hourMs + 3 * 60_000 + 4_000);
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('P', 'T', '1', '0', 'W', 'D', 'H', 'M', 'S', '-', '.') }), (text) => {
      const iso = /^P(?=.)(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?$/.test(text);
      if (iso) expect(durationMs(text)).toBeGreaterThanOrEqual(0);
      else expect(() => durationMs(text)).toThrow(/ISO-8601/);
    }),
  );
});
