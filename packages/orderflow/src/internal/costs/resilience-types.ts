import type { Aggressor } from '../../market.ts';
import { requireBetween, requireWhole } from '../shared/checks.ts';
import type { OrderSizesJson } from './order-sizes.ts';

/** Options of `createResilience`. */
export interface ResilienceOptions {
  /**
   * Number of quotes before a shock whose means are the spread and depth "before", from 2 on; also the warm-up.
   * @defaultValue 100
   */
  readonly baselineQuotes?: number;
  /**
   * A spread of at least this many times the mean before is a shock.
   * @defaultValue 3
   */
  readonly spreadTimes?: number;
  /**
   * An order (prints of one time and side in a row) of at least this many times the mean order is a shock.
   * @defaultValue 10
   */
  readonly tradeTimes?: number;
  /**
   * Number of orders that the mean order is over, from 2 on; also the warm-up.
   * @defaultValue 100
   */
  readonly baselineOrders?: number;
  /**
   * Share of the damage that must be undone, 0 to 1: of the way from the widest spread back to the mean before, and of
   * the way from the thinnest depth back up to it.
   * @defaultValue 0.9
   */
  readonly recovery?: number;
  /**
   * How long a market may take to recover, in milliseconds.
   * @defaultValue 5000
   */
  readonly timeoutMs?: number;
}

/** What `createResilience` uses where an option is left out. */
export const resilienceDefaults: Required<ResilienceOptions> = {
  baselineQuotes: 100,
  spreadTimes: 3,
  tradeTimes: 10,
  baselineOrders: 100,
  recovery: 0.9,
  timeoutMs: 5000,
};

/** The options with their defaults, in one order. */
export function resilienceOptions(options: ResilienceOptions): Required<ResilienceOptions> {
  const { baselineQuotes, spreadTimes, tradeTimes, baselineOrders, recovery, timeoutMs } = {
    ...resilienceDefaults,
    ...options,
  };
  requireWhole('baselineQuotes', baselineQuotes, 2);
  requireBetween('spreadTimes', spreadTimes, 1);
  requireBetween('tradeTimes', tradeTimes, 1);
  requireWhole('baselineOrders', baselineOrders, 2);
  requireBetween('recovery', recovery, 0, 1);
  requireBetween('timeoutMs', timeoutMs, 1);
  return { baselineQuotes, spreadTimes, tradeTimes, baselineOrders, recovery: recovery + 0, timeoutMs };
}

/** A shock and what became of the market after it. */
export interface ResilienceEvent {
  /** What the shock was: an order far above the usual size, or a spread far above it. */
  readonly trigger: 'trade' | 'spread';
  /** The aggressor of the order; `undefined` for a spread. */
  readonly side: Aggressor | undefined;
  /** Size of the order when it became large, in lots; `undefined` for a spread. */
  readonly tradeLots: number | undefined;
  /** Time of the shock, epoch milliseconds UTC. */
  readonly shockMs: number;
  /**
   * `recovered`: the spread and the depth came back. `timed-out`: not within `timeoutMs`. `interrupted`: the tape ended or
   * had no quote before either.
   */
  readonly outcome: 'recovered' | 'timed-out' | 'interrupted';
  /** Time of the recovery, epoch milliseconds UTC; `undefined` when there was none. */
  readonly recoveredMs: number | undefined;
  /** Quotes after the shock up to its end: the clock of Degryse et al. */
  readonly quotes: number;
  /** Mean spread of the quotes before, in ticks. */
  readonly spreadBeforeTicks: number;
  /** Widest spread from the shock on, in ticks. */
  readonly spreadAtTicks: number;
  /** Spread at the end, in ticks. */
  readonly spreadAfterTicks: number;
  /** Mean size at both best prices before, in lots. */
  readonly depthBeforeLots: number;
  /** Smallest size at both best prices from the shock on, in lots. */
  readonly depthAtLots: number;
  /** Size at both best prices at the end, in lots. */
  readonly depthAfterLots: number;
  /**
   * 1 for a recovery at the time of the shock, falling linearly to 0 at `timeoutMs`; 0 when timed out, `undefined` when
   * interrupted.
   */
  readonly score: number | undefined;
}

/** What became of the tape, since the start. */
export interface ResilienceCounts {
  readonly quotes: number;
  /** Quotes with a time before the latest one seen; left out. */
  readonly lateQuotes: number;
  /** Times without a usable quote: none, locked, crossed or with an empty side. Each starts the baseline anew. */
  readonly unusableQuotes: number;
  readonly trades: number;
  /** Prints with a time before the latest one seen; they count at that time. */
  readonly lateTrades: number;
  /** Large orders and wide spreads while a shock was open, and large ones in the warm-up; no shocks of their own. */
  readonly ignoredTriggers: number;
}

/** A shock that is open, in plain JSON. */
export interface OpenShock {
  readonly trigger: 'trade' | 'spread';
  readonly side: Aggressor | null;
  readonly tradeLots: number | null;
  readonly shockMs: number;
  readonly quotes: number;
  readonly spreadBeforeTicks: number;
  readonly spreadAtTicks: number;
  readonly spreadAfterTicks: number;
  readonly depthBeforeLots: number;
  readonly depthAtLots: number;
  readonly depthAfterLots: number;
}

/** The state of a `Resilience`. */
export interface ResilienceSnapshot {
  readonly v: 1;
  readonly kind: 'resilience';
  readonly options: Required<ResilienceOptions>;
  readonly latestMs: number | null;
  readonly spreads: readonly number[];
  readonly depths: readonly number[];
  readonly orders: OrderSizesJson;
  /** Spread and depth of the quote in force. */
  readonly last: readonly [spreadTicks: number, depthLots: number] | null;
  readonly open: OpenShock | null;
  readonly counts: ResilienceCounts;
}
