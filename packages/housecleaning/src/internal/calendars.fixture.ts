/** Two venues whose calendars have everything that a calendar may have. */
import type { MarketCalendarOptions } from '../calendar.ts';

const mondayToThursday = [1, 2, 3, 4];
const friday = [5];

/**
 * Indonesia Stock Exchange, regular market: a lunch break, a longer one on Fridays. Holidays: announcements
 * Peng-00171/BEI.POP/09-2025 (2026, 239 trading days) and its predecessor for 2025.
 */
export const idx: MarketCalendarOptions = {
  tz: 'Asia/Jakarta',
  from: '2025-01-01',
  to: '2026-12-31',
  hours: [
    { name: 'session-1', from: '09:00', to: '12:00:01', weekdays: mondayToThursday },
    { name: 'session-1', from: '09:00', to: '11:30:01', weekdays: friday },
    { name: 'session-2', from: '13:30', to: '15:50', weekdays: mondayToThursday },
    { name: 'session-2', from: '14:00', to: '15:50', weekdays: friday },
    { name: 'closing', from: '15:50', to: '16:15:01', weekdays: [...mondayToThursday, ...friday] },
  ],
  closed: [
    ...['2025-01-01', '2025-01-27', '2025-01-28', '2025-01-29', '2025-03-28', '2025-03-31', '2025-04-01', '2025-04-02'],
    ...['2025-04-03', '2025-04-04', '2025-04-07', '2025-04-18', '2025-05-01', '2025-05-12', '2025-05-13', '2025-05-29'],
    ...['2025-05-30', '2025-06-06', '2025-06-09', '2025-06-27', '2025-08-18', '2025-09-05', '2025-12-25', '2025-12-26'],
    ...['2025-12-31', '2026-01-01', '2026-01-16', '2026-02-16', '2026-02-17', '2026-03-18', '2026-03-19', '2026-03-20'],
    ...['2026-03-23', '2026-03-24', '2026-04-03', '2026-05-01', '2026-05-14', '2026-05-15', '2026-05-27', '2026-05-28'],
    ...['2026-06-01', '2026-06-16', '2026-08-17', '2026-08-25', '2026-12-24', '2026-12-25', '2026-12-31'],
  ],
};

/**
 * New York Stock Exchange, core session: daylight saving time and early closes. Holidays: announcement of the NYSE Group
 * of 2024-11-08 (2026, 251 trading days).
 */
export const nyse: MarketCalendarOptions = {
  tz: 'America/New_York',
  from: '2026-01-01',
  to: '2026-12-31',
  hours: [{ name: 'core', from: '09:30', to: '16:00', weekdays: [1, 2, 3, 4, 5] }],
  closed: [
    ...['2026-01-01', '2026-01-19', '2026-02-16', '2026-04-03', '2026-05-25', '2026-06-19', '2026-07-03', '2026-09-07'],
    ...['2026-11-26', '2026-12-25'],
  ],
  special: {
    '2026-11-27': [{ name: 'core', from: '09:30', to: '13:00' }],
    '2026-12-24': [{ name: 'core', from: '09:30', to: '13:00' }],
  },
};
