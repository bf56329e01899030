/**
 * Writes `src/venues/idx/closures.ts`: the weekdays on which the Indonesia Stock Exchange did not trade.
 *
 *     node scripts/make-idx-closures.ts TRADING_DAYS
 *
 * TRADING_DAYS is a list of days with trades, one a line; what lies after it comes from the venue's announcements below.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Announced closures, by year as `MM-DD`. */
const announced: Readonly<Record<string, string>> = {
  '2025':
    '01-01 01-27 01-28 01-29 03-28 03-31 04-01 04-02 04-03 04-04 04-07 04-18 05-01 05-12 05-13 05-29 05-30 06-06 06-09 ' +
    '06-27 08-18 09-05 12-25 12-26 12-31',
  '2026':
    '01-01 01-16 02-16 02-17 03-18 03-19 03-20 03-23 03-24 04-03 05-01 05-14 05-15 05-27 05-28 06-01 06-16 08-17 08-25 ' +
    '12-24 12-25 12-31',
};

const [, , list] = process.argv;
if (list === undefined) throw new Error('Usage: node scripts/make-idx-closures.ts TRADING_DAYS');
const traded = new Set(readFileSync(list, 'utf8').split(/\s+/).filter(Boolean));
const days = [...traded].sort();
const [first, last] = [days[0]!, days.at(-1)!];
const closures: string[] = [];
for (let ms = Date.parse(first); ms <= Date.parse(last); ms += 86_400_000) {
  const day = new Date(ms);
  const date = day.toISOString().slice(0, 10);
  if (day.getUTCDay() % 6 !== 0 && !traded.has(date)) closures.push(date);
}
for (const [year, dates] of Object.entries(announced)) {
  for (const date of dates.split(' ').map((monthAndDay) => `${year}-${monthAndDay}`)) {
    if (date > last) closures.push(date);
    else if (!closures.includes(date)) throw new Error(`${date} was announced as closed, but there are trades.`);
  }
}
const years = [...new Set(closures.map((date) => date.slice(0, 4)))];
const lines = years.map((year) => {
  const days = closures.filter((date) => date.startsWith(year)).map((date) => date.slice(5));
  return `  '${year}': '${days.join(' ')}',`;
});
const target = fileURLToPath(new URL('../src/venues/idx/closures.ts', import.meta.url));
writeFileSync(
  target,
  `// Made by scripts/make-idx-closures.ts.

/**
 * Weekdays on which the Indonesia Stock Exchange did not or will not trade, by year as \`MM-DD\`. From ${first} to
 * ${last}: weekdays without a trade in the daily history of all stocks. After that: as announced (2026:
 * Peng-00171/BEI.POP/09-2025, 239 trading days). Further closures may be announced during a year.
 */
export const idxClosures: Readonly<Record<string, string>> = {
${lines.join('\n')}
};

/** First day that the table speaks of. */
export const idxClosuresFrom = '${first}';
`,
);
console.log(`${target}: ${closures.length} closures`);
