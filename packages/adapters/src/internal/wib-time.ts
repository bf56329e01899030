/** Jakarta's clock (WIB): seven hours ahead of UTC, without daylight saving time. */

const DAY_MS = 86_400_000;
const WIB_OFFSET_MS = 7 * 3_600_000;

/** Start of the Jakarta day in which an instant lies, epoch milliseconds UTC. */
export function wibDayStart(timeMs: number): number {
  return Math.floor((timeMs + WIB_OFFSET_MS) / DAY_MS) * DAY_MS - WIB_OFFSET_MS;
}

/** Day of the week in Jakarta, 0 for Sunday to 6 for Saturday. */
export function wibWeekday(timeMs: number): number {
  // 1970-01-01 was a Thursday.
  return (((Math.floor((timeMs + WIB_OFFSET_MS) / DAY_MS) + 4) % 7) + 7) % 7;
}

/** Start of a Jakarta date, epoch milliseconds UTC; `undefined` for what is no `YYYY-MM-DD` (or `YYYYMMDD`) of a calendar. */
export function wibDateStart(date: string): number | undefined {
  const utc = utcDateStart(date);
  return utc === undefined ? undefined : utc - WIB_OFFSET_MS;
}

/** `YYYY-MM-DD` of an instant in Jakarta. */
export function wibDate(timeMs: number): string {
  return isoDate(timeMs + WIB_OFFSET_MS);
}

/** Milliseconds since midnight of `HHMMSS` or `HH:MM:SS`; `undefined` for what no clock shows. */
export function clockMs(text: string): number | undefined {
  const match = /^(\d{2}):?(\d{2}):?(\d{2})$/.exec(text);
  if (!match) return undefined;
  const [hours, minutes, seconds] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  return ((hours * 60 + minutes) * 60 + seconds) * 1000;
}

/** Midnight UTC of `YYYY-MM-DD` or `YYYYMMDD`, epoch milliseconds; `undefined` for a day that no calendar has. */
export function utcDateStart(date: string): number | undefined {
  const match = /^(\d{4})(-?)(\d{2})\2(\d{2})$/.exec(date);
  if (!match) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[3]), Number(match[4])];
  const timeMs = Date.UTC(year, month - 1, day);
  const there = new Date(timeMs);
  if (year < 1900 || there.getUTCMonth() !== month - 1 || there.getUTCDate() !== day) return undefined;
  return timeMs;
}

/** `YYYY-MM-DD` of an instant in UTC. */
export function isoDate(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}
