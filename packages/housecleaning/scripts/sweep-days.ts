/**
 * Every change of clocks that the platform knows, against another implementation of time zones.
 *
 *     node --conditions=source scripts/sweep-days.ts --until 2050
 *
 * Around each change from 1990 on, in every zone, the starts of five days are compared for six times of the day. Also tells
 * the shortest time between two changes: `days` relies on there being one at most within 28 hours. Exits 1 at the first
 * difference.
 */
import { parseArgs } from 'node:util';
import { Temporal } from 'temporal-polyfill';
import { addDays, dayBounds } from '../src/days.ts';

const { values } = parseArgs({ options: { until: { type: 'string', default: '2050' } } });
const until = Temporal.Instant.from(`${values.until}-01-01T00:00:00Z`).epochMilliseconds;
const starts = ['00:00', '00:30', '02:00', '02:30', '17:00', '23:30'];
const zones = Intl.supportedValuesOf('timeZone').filter((tz) => tz !== 'UTC');
let changes = 0;
let compared = 0;
let shortestHours = Infinity;

for (const tz of zones) {
  let before: number | undefined;
  let change = Temporal.Instant.from('1990-01-04T00:00:00Z').toZonedDateTimeISO(tz).getTimeZoneTransition('next');
  for (; change && change.epochMilliseconds < until; change = change.getTimeZoneTransition('next')) {
    changes += 1;
    if (before !== undefined) shortestHours = Math.min(shortestHours, (change.epochMilliseconds - before) / 3_600_000);
    before = change.epochMilliseconds;
    for (const days of [-2, -1, 0, 1, 2]) {
      const date = addDays(change.toPlainDate().toString(), days);
      for (const dayStart of starts) {
        compared += 1;
        const found = dayBounds(date, { tz, dayStart }).startMs;
        if (found !== expectedStart(date, dayStart, tz))
          throw new Error(`${date} ${dayStart} in ${tz} begins at ${new Date(found).toISOString()}.`);
      }
    }
  }
}
console.log(JSON.stringify({ zones: zones.length, changes, compared, shortestHours }));
if (shortestHours <= 28) throw new Error('Two changes of clocks are nearer to each other than days can tell.');

function expectedStart(date: string, clock: string, tz: string): number {
  const local = Temporal.PlainDateTime.from(`${date}T${clock}`);
  const zoned = local.toZonedDateTime(tz, { disambiguation: 'earlier' });
  if (zoned.toPlainDateTime().equals(local)) return zoned.epochMilliseconds;
  return zoned.getTimeZoneTransition('next')!.epochMilliseconds;
}
