/** When a day begins in New York. */

const clock = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/New_York',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
});

/**
 * Midnight of a trading day in New York, epoch milliseconds UTC; `undefined` for what is no date. Clocks change on
 * Sundays only, so the offset at noon is that of the whole trading day.
 */
export function newYorkMidnightMs(date: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(date)) return undefined;
  const utcNoon = Date.parse(`${date}T12:00:00Z`);
  if (Number.isNaN(utcNoon) || new Date(utcNoon).toISOString().slice(0, 10) !== date) return undefined;
  const parts = Object.fromEntries(clock.formatToParts(utcNoon).map(({ type, value }) => [type, Number(value)]));
  const local = Date.UTC(parts['year']!, parts['month']! - 1, parts['day'], parts['hour'], parts['minute']);
  return Date.parse(`${date}T00:00:00Z`) + (utcNoon - local);
}
