/** Wall clocks of time zones to instants, by the platform's time zone data. */

const formats = new Map<string, Intl.DateTimeFormat>();
const maxFormats = 64;

/**
 * The instant at which a zone's clock shows a date and time, epoch milliseconds UTC. Of a clock that shows it twice, the
 * first; of one that skips it, the instant an hour later by the clock.
 * @param wallMs - the date and time as if it were UTC
 * @returns `undefined` when the platform does not know the zone
 */
export function zonedInstant(wallMs: number, timeZone: string): number | undefined {
  const format = formatOf(timeZone);
  if (!format) return undefined;
  const before = wallMs - offsetAt(format, wallMs - 86_400_000);
  const after = wallMs - offsetAt(format, wallMs + 86_400_000);
  for (const instant of [Math.min(before, after), Math.max(before, after)]) {
    if (instant + offsetAt(format, instant) === wallMs) return instant;
  }
  return Math.max(before, after);
}

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(timeZone);
  if (known) return known;
  if (!/^[\w+/-]{1,60}$/.test(timeZone)) return undefined;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    if (formats.size >= maxFormats) formats.clear();
    formats.set(timeZone, format);
    return format;
  } catch {
    return undefined;
  }
}

/** The zone's clock less UTC, milliseconds. */
function offsetAt(format: Intl.DateTimeFormat, timeMs: number): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(timeMs)) parts[type] = Number(value);
  const { year, month, day, hour, minute, second } = parts;
  const wall = Date.UTC(year!, month! - 1, day, hour, minute, second);
  return wall - Math.floor(timeMs / 1000) * 1000;
}
