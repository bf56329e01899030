/**
 * Whose broker is it? A dated table with its sources: classes change by licence and by owner, and sources disagree, so
 * they are data that the caller passes in.
 *
 * A class says who the broker works for as a rule, not who traded: domestic clients trade through foreign brokers, and
 * foreign funds through local ones.
 */
import type { BrokerClass, BrokerClassEntry, BrokerClassTable, BrokerGroup } from './broker-classes/broker-class.ts';
import { brokerGroups } from './broker-classes/broker-class.ts';
import { ScoringError } from './errors.ts';

export { brokerGroups } from './broker-classes/broker-class.ts';
export type { BrokerClass, BrokerClassEntry, BrokerClassTable, BrokerGroup } from './broker-classes/broker-class.ts';
export { idxBrokerClasses } from './broker-classes/idx-broker-classes.ts';

/** Looks up classes of one table; throws {@link ScoringError} `bad-option` for a date that does not exist. */
export type BrokerClassLookup = (broker: string, date: string) => BrokerGroup;

/**
 * A checked look-up of a table.
 *
 * @example
 * ```ts
 * const table = {
 *   v: 1 as const, id: 'mine', sources: { own: 'our own list' },
 *   entries: [
 *     { broker: 'AB', class: 'retail' as const, to: '2024-06-30', source: 'own' },
 *     { broker: 'AB', class: 'foreign' as const, from: '2024-07-01', source: 'own' },
 *   ],
 * };
 * const classOf = brokerClassLookup(table);
 * [classOf('AB', '2024-06-30'), classOf('AB', '2024-07-01'), classOf('ZZ', '2024-07-01')]; // => ['retail', 'foreign', 'unknown']
 * ```
 * @throws {@link ScoringError} `bad-option` for a class, a date or a source that is none, and for spans that overlap.
 */
export function brokerClassLookup(table: BrokerClassTable): BrokerClassLookup {
  const spans = new Map<string, { from: string; to: string; class: BrokerClass }[]>();
  for (const entry of table.entries) {
    checkEntry(entry, table);
    const span = { from: entry.from ?? firstDate, to: entry.to ?? lastDate, class: entry.class };
    const known = spans.get(entry.broker) ?? [];
    const other = known.find(({ from, to }) => span.from <= to && from <= span.to);
    if (other) {
      throw bad(
        `broker "${entry.broker}" of table "${table.id}" is "${other.class}" and "${span.class}" at the same time, ` +
          'expected spans that do not overlap. End the earlier span with "to" before the later one begins.',
        entry,
      );
    }
    known.push(span);
    spans.set(entry.broker, known);
  }
  // Looked up broker by broker of one day: a date is checked once.
  let checked: string | undefined;
  return (broker, date) => {
    if (date !== checked && !isIsoDate(date)) {
      throw bad(`date "${date}" is not a date as YYYY-MM-DD. Write it as in "2024-06-30".`, date);
    }
    checked = date;
    return spans.get(broker)?.find(({ from, to }) => from <= date && date <= to)?.class ?? 'unknown';
  };
}

/** True for a date that exists, as `YYYY-MM-DD`. */
export function isIsoDate(text: unknown): boolean {
  if (typeof text !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  // February 30 is read as March 2 by lenient parsers.
  return Number.isFinite(ms) && new Date(ms).toISOString().startsWith(text);
}

const firstDate = '0000-00-00';
const lastDate = '9999-99-99';

function checkEntry(entry: BrokerClassEntry, table: BrokerClassTable): void {
  const where = `broker "${entry.broker}" of table "${table.id}"`;
  const name = entry.class as string;
  const classes: readonly string[] = brokerGroups.filter((group) => group !== 'unknown');
  if (!classes.includes(name)) {
    throw bad(`class "${name}" of ${where} is not one of ${classes.join(', ')}. Leave out the unknown.`, name);
  }
  if (!Object.hasOwn(table.sources, entry.source)) {
    throw bad(`source "${entry.source}" of ${where} is not in its sources. Say there where it comes from.`, entry);
  }
  for (const date of [entry.from, entry.to]) {
    if (date === undefined || isIsoDate(date)) continue;
    throw bad(`date "${date}" of ${where} is not a date as YYYY-MM-DD. Write it as in "2024-06-30".`, date);
  }
  if (entry.from !== undefined && entry.to !== undefined && entry.from > entry.to) {
    throw bad(`span of ${where} begins "${entry.from}" after its end "${entry.to}". Swap the two.`, entry);
  }
}

function bad(message: string, value: unknown): ScoringError {
  return new ScoringError('bad-option', message, value);
}
