/**
 * Who buys from whom: the net flow of groups of brokers from any end-of-day broker summary.
 *
 * Every share bought was sold by somebody, so the nets of a complete summary sum to zero and say nothing together. What
 * speaks is which group is on which side, for how many trading days, and how few brokers are behind it.
 */
import { brokerClassLookup } from './broker-classes.ts';
import type { BrokerDay } from './broker-flow/broker-day.ts';
import { bookOf, daysBetween } from './broker-flow/day-book.ts';
import type { BrokerFlowOptions } from './broker-flow/options.ts';
import { brokerFlowDefaults, checkBrokerFlow } from './broker-flow/options.ts';
import { scoreWindows, staleComponent } from './broker-flow/score.ts';
import type { BrokerWindow } from './broker-flow/broker-window.ts';
import { windowOf } from './broker-flow/window.ts';
import type { ComponentScore } from './component.ts';
import { withDefaults } from './internal/options.ts';

export type { BrokerDay } from './broker-flow/broker-day.ts';
export { brokerFlowDefaults } from './broker-flow/options.ts';
export type { BrokerFlowOptions } from './broker-flow/options.ts';
export { brokerFlowPoints } from './broker-flow/score.ts';
export { topBrokers, topBrokersDefaults } from './broker-flow/top-brokers.ts';
export type { BrokerNet, TopBrokers, TopBrokersLabel, TopBrokersOptions, TopNet } from './broker-flow/top-brokers.ts';
export type { BrokerTotal, BrokerWindow, Concentration, GroupFlow } from './broker-flow/broker-window.ts';

/** What {@link brokerFlow} gives. */
export interface BrokerFlow {
  /** The last date that was looked at; `undefined` without rows and without `asOf`. */
  readonly asOf: string | undefined;
  /** The table that the groups come from. */
  readonly classesId: string;
  readonly short: BrokerWindow;
  readonly long: BrokerWindow;
  /**
   * The last trading day's weighted net ÷ turnover against that of the `longDays` trading days before it, in population
   * standard deviations; `undefined` where too few of them are known, or all were alike.
   */
  readonly netZ: number | undefined;
  /** Rows that count. */
  readonly rows: number;
  /** Rows that came again for the same date, broker and board; the last one counts. */
  readonly duplicates: number;
  /** Rows that cannot be (negative or fractional shares, no date, values without shares, unsafe numbers); not counted in. */
  readonly refused: number;
  /** Rows after `asOf`, of another board, or of a date that is no trading day. */
  readonly leftOut: number;
  /** The component `broker`. */
  readonly component: ComponentScore;
}

/**
 * The flow of groups of brokers over the last trading days, and the component `broker` from it.
 *
 * The score is 50 plus up to 50 points, every rule symmetric: swapped sides give exactly 100 − score.
 *
 * @example
 * ```ts
 * const classes = { v: 1 as const, id: 'two', sources: { own: 'own list' }, entries: [
 *   { broker: 'AK', class: 'foreign' as const, source: 'own' }, { broker: 'XL', class: 'retail' as const, source: 'own' },
 * ] };
 * const day = (date: string) => [
 *   { symbol: 'BBRI', date, broker: 'AK', buyShares: 300, sellShares: 100, buyValue: 900_000, sellValue: 300_000 },
 *   { symbol: 'BBRI', date, broker: 'XL', buyShares: 100, sellShares: 300, buyValue: 300_000, sellValue: 900_000 },
 * ];
 * const flow = brokerFlow([...day('2026-07-30'), ...day('2026-07-31')], { classes, shortDays: 1, longDays: 2 });
 * flow.long.groups.foreign.netValue; // => 1200000
 * flow.long.weightedNet; // => 0.7
 * flow.component.score; // => 90
 * ```
 * @throws {@link ScoringError} `bad-option`; `bad-value` when rows are of several symbols, or of several boards while
 *   none was chosen, or sum to more than a safe integer.
 */
export function brokerFlow(days: readonly BrokerDay[], options: BrokerFlowOptions): BrokerFlow {
  const checked = checkBrokerFlow(withDefaults(brokerFlowDefaults, options));
  const classOf = brokerClassLookup(options.classes);
  const book = bookOf(days, options);
  const long = windowOf(book, checked.longDays, classOf, checked);
  const short = windowOf(book, checked.shortDays, classOf, checked);
  const lastDate = [...book.byDate.keys()].at(-1);
  const isOld = lastDate !== undefined && daysBetween(lastDate, book.asOf ?? lastDate) > checked.maxAgeDays;
  return {
    asOf: book.asOf,
    classesId: options.classes.id,
    short,
    long,
    netZ: netZOf(windowOf(book, checked.longDays + 1, classOf, checked), checked.leastKnownShare),
    ...book.counts,
    component: isOld ? staleComponent(lastDate, checked.maxAgeDays) : scoreWindows(short, long, checked),
  };
}

function netZOf({ daily, days }: BrokerWindow, leastKnownShare: number): number | undefined {
  const last = daily.at(-1)?.weightedNet;
  const before = daily.slice(0, -1).flatMap(({ weightedNet }) => weightedNet ?? []);
  if (last === undefined || before.length < 2 || before.length < leastKnownShare * (days - 1)) return undefined;
  const mean = before.reduce((sum, net) => sum + net, 0) / before.length;
  const deviation = Math.sqrt(before.reduce((sum, net) => sum + (net - mean) ** 2, 0) / before.length);
  return deviation > 1e-12 ? (last - mean) / deviation : undefined;
}
