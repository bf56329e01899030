/** The component `broker` as of a moment: only what was out by then, and nothing of long ago. */
import { brokerClassLookup, isIsoDate } from '../broker-classes.ts';
import type { BrokerClassLookup, BrokerClassTable } from '../broker-classes.ts';
import type { BrokerDay, BrokerFlowOptions, BrokerWindow } from '../broker-flow.ts';
import { brokerFlow, brokerFlowDefaults } from '../broker-flow.ts';
import { daysBetween } from '../broker-flow/day-book.ts';
import { checkBrokerFlow } from '../broker-flow/options.ts';
import { createRowIndex } from '../broker-flow/row-index.ts';
import { scoreWindows, staleComponent } from '../broker-flow/score.ts';
import { windowOf } from '../broker-flow/window.ts';
import type { ComponentScore } from '../component.ts';
import { missingComponent } from '../component.ts';
import { ScoringError } from '../errors.ts';
import { checkList, checkObject } from '../internal/objects.ts';
import { withDefaults } from '../internal/options.ts';

/**
 * Broker summaries of the symbol, with the options of `brokerFlow`; rows that were not out at the moment are not used, and
 * `maxAgeDays` counts from the last row to the day of the moment.
 */
export interface BrokerEvidence extends BrokerFlowOptions {
  /**
   * Of any dates, all of the symbol that is scored. A scorer reads each row once: a list that it knows already is looked at
   * for rows that were added at its end, and only another list is read anew.
   */
  readonly days: readonly BrokerDay[];
  /**
   * Time from 00:00 UTC of a row's date until it is out, milliseconds. The bar that ends at an exchange's close comes before
   * the summary of its day.
   * @defaultValue 39,600,000: 11:00 UTC, 18:00 in Jakarta
   */
  readonly publishedAfterMs?: number;
}

/** Reads the broker summaries of one symbol, each row once. */
export interface BrokerReader {
  /** Throws `bad-value` or `bad-option` for what cannot be of the symbol. */
  take(brokers: BrokerEvidence): void;
  componentOf(brokers: BrokerEvidence, asOfMs: number | undefined): ComponentScore;
}

/** 18:00 in Jakarta. */
const publishedAfterDefaultMs = 39_600_000;
const [firstMs, lastMs] = [Date.parse('0000-01-01'), Date.parse('9999-12-31')];

/** A reader of the summaries of `symbol`. */
export function createBrokerReader(symbol: string): BrokerReader {
  const index = createRowIndex(symbol);
  let lookup: { readonly table: BrokerClassTable; readonly classOf: BrokerClassLookup } | undefined;

  /** The last component, and what it is of: bars of one day need it once. */
  let made: { readonly of: readonly unknown[]; readonly component: ComponentScore } | undefined;

  const take = (brokers: BrokerEvidence): void => {
    checkObject('broker summaries', brokers);
    checkList('days of the broker summaries', brokers.days);
    checkObject('classes of the broker summaries', brokers.classes);
    const { publishedAfterMs = publishedAfterDefaultMs, asOf } = brokers;
    if (!(Number.isFinite(publishedAfterMs) && publishedAfterMs >= 0)) {
      throw new ScoringError(
        'bad-option',
        `publishedAfterMs "${String(publishedAfterMs)}" is not a finite number of at least 0. Pass for example 39600000.`,
        publishedAfterMs,
      );
    }
    if (asOf !== undefined && !isIsoDate(asOf)) {
      const message = `asOf "${asOf}" is not a date as YYYY-MM-DD. Write it as in "2024-06-30".`;
      throw new ScoringError('bad-option', message, asOf);
    }
    checkBrokerFlow(withDefaults(brokerFlowDefaults, brokers));
    if (lookup?.table !== brokers.classes) {
      lookup = { table: brokers.classes, classOf: brokerClassLookup(brokers.classes) };
    }
    index.take(brokers);
  };

  /** From what was out on `asOf`, at a moment of `today`. */
  const componentAt = (brokers: BrokerEvidence, asOf: string, today: string): ComponentScore => {
    const options = checkBrokerFlow(withDefaults(brokerFlowDefaults, brokers));
    const { maxAgeDays, longDays, shortDays } = options;
    const isOld = (date: string): boolean => daysBetween(date, today) > maxAgeDays;
    // Weekends and holidays follow the last trading day of a calendar that is up to date.
    const end = brokers.tradingDays?.at(-1);
    if (end !== undefined && end < asOf && isOld(end)) {
      return missingComponent('broker', `the trading days end with ${end}, more than ${maxAgeDays} days before`);
    }
    const book = index.bookOf(asOf, longDays);
    if (book.lastDate !== undefined && isOld(book.lastDate)) return staleComponent(book.lastDate, maxAgeDays);
    const window = (length: number): BrokerWindow => windowOf(book, length, lookup!.classOf, options);
    return scoreWindows(window(shortDays), window(longDays), options);
  };

  return {
    take,
    componentOf(brokers, asOfMs) {
      if (asOfMs === undefined) return brokerFlow(brokers.days, brokers).component;
      take(brokers);
      const out = dateOf(asOfMs - (brokers.publishedAfterMs ?? publishedAfterDefaultMs));
      const asOf = brokers.asOf !== undefined && brokers.asOf < out ? brokers.asOf : out;
      const of = [brokers, index.version, asOf, dateOf(asOfMs)] as const;
      if (!made?.of.every((one, i) => one === of[i]))
        made = { of, component: componentAt(brokers, asOf, dateOf(asOfMs)) };
      return made.component;
    },
  };
}

function dateOf(ms: number): string {
  return new Date(Math.max(firstMs, Math.min(lastMs, ms))).toISOString().slice(0, 10);
}
