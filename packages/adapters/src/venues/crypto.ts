/** Venues that never close. */
import { createVenueCalendar, type VenueCalendar } from './calendar.ts';

/**
 * A calendar without holidays: every UTC day is a trading day of 24 hours.
 *
 * @example
 * ```ts
 * createCryptoCalendar().shift('2026-02-28', 1); // => '2026-03-01'
 * ```
 */
export function createCryptoCalendar(): VenueCalendar {
  return createVenueCalendar({
    venue: 'crypto',
    tz: 'UTC',
    from: '2009-01-03',
    to: '2199-12-31',
    hours: [{ from: '2009-01-03', hours: [{ name: 'continuous', from: '00:00', to: '24:00' }] }],
    weekdays: [0, 1, 2, 3, 4, 5, 6],
    closed: [],
  });
}
