/** CME Globex equity index futures as data: the nearly round-the-clock session in Chicago time, its break and its holidays. */
import { createVenueCalendar, type VenueCalendar, type VenueHours } from './calendar.ts';

/** The regular trading day: from the evening before, with an hour's break behind it. */
export const cmeEquityHours: readonly VenueHours[] = [{ name: 'globex', fromDay: -1, from: '17:00', to: '16:00' }];

/** Trading days without a session of their own: what trades in the evening belongs to the next trading day. */
export const cmeEquityClosed: readonly string[] = [
  ...['2023-12-25', '2024-01-01', '2024-03-29', '2024-12-25', '2025-01-01', '2025-04-18', '2025-12-25'],
  ...['2026-01-01', '2026-12-25'],
];

/**
 * Days on which trading halts early, by the Chicago time of the halt: US holidays at 12:00, the days beside them at 12:15.
 * By the venue's rule for US holidays; it publishes each schedule some weeks before, and a Good Friday on which the US jobs
 * report comes out (2026-04-03) is open to 08:15 by that rule. Check the venue's calendar before relying on a holiday.
 */
export const cmeEquityEarlyHalts: Readonly<Record<string, readonly string[]>> = {
  '08:15': ['2026-04-03'],
  '08:30': ['2025-01-09'],
  '12:00': [
    ...['2024-01-15', '2024-02-19', '2024-05-27', '2024-06-19', '2024-07-04', '2024-09-02', '2024-11-28'],
    ...['2025-01-20', '2025-02-17', '2025-05-26', '2025-06-19', '2025-07-04', '2025-09-01', '2025-11-27'],
    ...['2026-01-19', '2026-02-16', '2026-05-25', '2026-06-19', '2026-07-03', '2026-09-07', '2026-11-26'],
  ],
  '12:15': [
    ...['2024-07-03', '2024-11-29', '2024-12-24', '2025-07-03', '2025-11-28', '2025-12-24'],
    ...['2026-11-27', '2026-12-24'],
  ],
};

/**
 * The trading days of equity index futures (ES, NQ, RTY, YM and their micros), December 2023 to 2026.
 *
 * @example
 * ```ts
 * const calendar = createCmeEquityCalendar();
 * calendar.phaseAt(Date.UTC(2023, 11, 25, 23, 10))?.date; // => '2023-12-26'
 * calendar.phaseAt(Date.UTC(2024, 4, 8, 21, 30)); // => undefined (16:30 in Chicago: the break)
 * ```
 */
export function createCmeEquityCalendar(): VenueCalendar {
  const special = Object.entries(cmeEquityEarlyHalts).flatMap(([to, dates]) =>
    dates.map((date) => [date, cmeEquityHours.map((hours) => ({ ...hours, to }))] as const),
  );
  return createVenueCalendar({
    venue: 'CME Globex equity index futures',
    tz: 'America/Chicago',
    from: '2023-12-01',
    to: '2026-12-31',
    hours: [{ from: '2023-12-01', hours: cmeEquityHours }],
    closed: cmeEquityClosed,
    special: Object.fromEntries(special),
  });
}
