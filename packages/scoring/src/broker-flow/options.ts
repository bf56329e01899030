import type { BrokerClassTable, BrokerGroup } from '../broker-classes.ts';
import { brokerGroups } from '../broker-classes.ts';
import { ScoringError } from '../errors.ts';
import { checkPeriod } from '../internal/checks.ts';

/** Options of `brokerFlow`. */
export interface BrokerFlowOptions {
  /** Who the brokers work for, by date. */
  readonly classes: BrokerClassTable;
  /**
   * Last date that is looked at (`YYYY-MM-DD`); later rows are left out.
   * @defaultValue the last date of the rows
   */
  readonly asOf?: string | undefined;
  /**
   * The exchange's trading days (`YYYY-MM-DD`, ascending), at least as far back as the longer window. Without them the
   * dates of the rows count as the trading days, and a day that the feed lost is not seen.
   */
  readonly tradingDays?: readonly string[] | undefined;
  /**
   * Board whose rows count, for example `RG`; without it all rows must be of one board, since a summary of all boards
   * has the others in it.
   */
  readonly board?: string | undefined;
  /**
   * Trading days of the short window.
   * @defaultValue 5
   */
  readonly shortDays?: number;
  /**
   * Trading days of the long window.
   * @defaultValue 20
   */
  readonly longDays?: number;
  /**
   * What a group's net counts, −1 to 1. In a complete summary only the differences between groups matter.
   * @defaultValue foreign 1, local institution 0.6, state 0.6, retail −0.4, unknown 0
   */
  readonly groupWeights?: Readonly<Record<BrokerGroup, number>>;
  /**
   * Groups whose brokers can act in concert.
   * @defaultValue foreign, local institution, state
   */
  readonly institutions?: readonly BrokerGroup[];
  /**
   * Brokers on one side that make it coordinated.
   * @defaultValue 3
   */
  readonly coordinatedBrokers?: number;
  /**
   * Share of a window's known days on which such a broker must have been on that side, 0 to 1.
   * @defaultValue 0.5
   */
  readonly coordinatedShare?: number;
  /**
   * Share of all bought and of all sold from which a broker that keeps next to nothing is a churner, 0 to 1.
   * @defaultValue 0.1
   */
  readonly churnShare?: number;
  /**
   * Net, as a share of what the broker traded, up to which it keeps next to nothing, 0 to 1.
   * @defaultValue 0.05
   */
  readonly churnNetShare?: number;
  /**
   * Weighted net, as a share of the turnover, that is worth all its points.
   * @defaultValue 0.1
   */
  readonly fullNetShare?: number;
  /**
   * Share of a window's days that must be known for the window to count, above 0 to 1.
   * @defaultValue 0.6
   */
  readonly leastKnownShare?: number;
  /**
   * Days of the calendar from the last row to `asOf` after which the component is `missing`: longer than the holidays of an
   * exchange, so the feed has ended or the stock does not trade.
   * @defaultValue 14
   */
  readonly maxAgeDays?: number;
}

/** The options that apply where none are given; the reference system's weights 1, 0.8, 0.8, 0.3 about its own 0.5 for unknown. */
export const brokerFlowDefaults: Required<Omit<BrokerFlowOptions, 'asOf' | 'board' | 'classes' | 'tradingDays'>> = {
  shortDays: 5,
  longDays: 20,
  groupWeights: { foreign: 1, 'local-institution': 0.6, state: 0.6, retail: -0.4, unknown: 0 },
  institutions: ['foreign', 'local-institution', 'state'],
  coordinatedBrokers: 3,
  coordinatedShare: 0.5,
  churnShare: 0.1,
  churnNetShare: 0.05,
  fullNetShare: 0.1,
  leastKnownShare: 0.6,
  maxAgeDays: 14,
};

/** Checked options of the windows and of the score. */
export type CheckedBrokerFlow = typeof brokerFlowDefaults;

/** Throws `bad-option` for what is outside its documented domain. */
export function checkBrokerFlow(options: BrokerFlowOptions & CheckedBrokerFlow): CheckedBrokerFlow {
  const { shortDays, longDays, coordinatedBrokers } = options;
  checkPeriod('shortDays', shortDays);
  checkPeriod('longDays', longDays);
  checkPeriod('coordinatedBrokers', coordinatedBrokers);
  checkPeriod('maxAgeDays', options.maxAgeDays);
  const institutions: unknown = options.institutions;
  const isGroup = (group: unknown): boolean => (brokerGroups as readonly unknown[]).includes(group);
  if (!Array.isArray(institutions) || !institutions.every(isGroup)) {
    throw bad('institutions', institutions, `a list of ${brokerGroups.join(', ')}`, 'Pass groups of brokers.');
  }
  if (shortDays > longDays) {
    throw bad('shortDays', shortDays, `at most longDays "${longDays}"`, 'Swap them, or pass for example 5 and 20.');
  }
  for (const group of brokerGroups) {
    const weight = options.groupWeights[group];
    if (typeof weight === 'number' && Math.abs(weight) <= 1) continue;
    throw bad(`groupWeights.${group}`, weight, 'a number from −1 to 1', 'Pass a weight for every group.');
  }
  checkShare('coordinatedShare', options.coordinatedShare);
  checkShare('churnShare', options.churnShare);
  checkShare('churnNetShare', options.churnNetShare);
  checkShare('fullNetShare', options.fullNetShare);
  checkShare('leastKnownShare', options.leastKnownShare);
  return options;
}

function checkShare(name: string, value: number): void {
  if (typeof value === 'number' && value > 0 && value <= 1) return;
  throw bad(name, value, 'a share above 0, at most 1', 'Pass for example 0.5 for a half.');
}

function bad(name: string, value: unknown, expected: string, next: string): ScoringError {
  return new ScoringError('bad-option', `${name} "${String(value)}" is not ${expected}. ${next}`, value);
}
