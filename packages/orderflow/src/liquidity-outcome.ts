/**
 * What became of resting liquidity: was it consumed by trades, or pulled before they came? Queue imbalance that is
 * pulled as soon as it is approached predicts nothing.
 *
 * From market by order the answer is exact: a fill names its order. From an L2 book and trades it is a pairing of lots
 * that left a level with trades at that price, and says `quality: 'proxy'`.
 */
import type { BookDepth } from './depth.ts';
import type { TickLevel, TickTrade } from './market.ts';
import {
  requireBetween,
  requireSide,
  requireTrade,
  requireWhole,
  requireEventObject,
} from './internal/shared/checks.ts';
import { createDepthView, depthViewShape } from './internal/depth/depth-view.ts';
import type { DepthViewJson } from './internal/depth/depth-view.ts';
import { createLiquiditySums, liquiditySumsShape } from './internal/liquidity/liquidity-sums.ts';
import type { LiquidityOutcome, LiquiditySumsJson } from './internal/liquidity/liquidity-sums.ts';
import { requireTime } from './internal/mbo/mbo-event.ts';
import { requireSameOptions } from './internal/shared/same-options.ts';
import { count, fields, finite, orNull } from './internal/shared/shapes.ts';
import { restored } from './internal/shared/snapshot.ts';
import { createTradeMatcher, tradeMatcherShape } from './internal/liquidity/trade-matcher.ts';
import type { TradeMatcherJson } from './internal/liquidity/trade-matcher.ts';

export { consumedShareExact } from './internal/liquidity/liquidity-sums.ts';
export type { LiquidityOutcome, LiquiditySide, LiquiditySumsJson } from './internal/liquidity/liquidity-sums.ts';
export {
  createMboLiquidityOutcome,
  mboLiquidityOutcomeDefaults,
  mboLiquidityOutcomeOf,
  restoreMboLiquidityOutcome,
} from './internal/liquidity/mbo-liquidity-outcome.ts';
export type {
  MboLiquidityOutcome,
  MboLiquidityOutcomeOptions,
  MboLiquidityOutcomeSnapshot,
} from './internal/liquidity/mbo-liquidity-outcome.ts';

/** Options of {@link createLiquidityOutcome}. */
export interface LiquidityOutcomeOptions {
  /**
   * How long a trade and the change of the book that shows it may be apart, in milliseconds, whichever comes first:
   * books and trades are two feeds. Take at least twice the interval of a book that is sent at intervals.
   * @defaultValue 250
   */
  readonly matchWithinMs?: number;
  /**
   * Most trades and removals that wait for each other; beyond it the oldest is given up on early, and counted.
   * @defaultValue 4096
   */
  readonly maxWaiting?: number;
}

/** What {@link createLiquidityOutcome} uses where an option is left out. */
export const liquidityOutcomeDefaults: Required<LiquidityOutcomeOptions> = { matchWithinMs: 250, maxWaiting: 4096 };

/** What an L2 feed says about liquidity. */
export type LiquidityEvent =
  | {
      /** The book's first levels, best first, after an update. */
      readonly type: 'depth';
      /** Epoch milliseconds UTC, by the same clock as the trades'. */
      readonly timeMs: number;
      readonly bids: readonly TickLevel[];
      readonly asks: readonly TickLevel[];
      /** True when these are all levels of the book. Left out: there may be more behind the last one. */
      readonly complete?: boolean;
    }
  | ({ readonly type: 'trade' } & TickTrade)
  | {
      /** The book is not known from here on (out of sync), until the next `depth`. */
      readonly type: 'gap';
      readonly timeMs: number;
    };

/** A running outcome over an L2 feed. Made by {@link createLiquidityOutcome}. */
export interface RunningLiquidityOutcome {
  /**
   * Takes the next event in order of arrival. Time never goes back: an event that is earlier than one before it counts
   * at the latest time seen, and as {@link lateEvents}.
   * @throws {@link OrderflowError} `bad-quote`, `bad-trade` or `bad-value` for what no feed can send; the state is as
   *   before.
   */
  push(event: LiquidityEvent): void;
  /** A `depth` event from a buffer; a side with room left in it is complete. */
  pushDepth(timeMs: number, depth: BookDepth): void;
  /** The outcome of the interval so far, with what waits as `undecidedLots` and `waitingLots`. */
  totals(): LiquidityOutcome;
  /**
   * Ends the interval. What still waits is settled first (as pulled, and as unmatched), so that the sums close: make
   * intervals much longer than `matchWithinMs`.
   */
  flush(): LiquidityOutcome;
  /** Events that were earlier than one before them. */
  readonly lateEvents: number;
  /** Trades and removals given up on early, because more than `maxWaiting` waited. */
  readonly overflowed: number;
  /** The state as plain JSON. */
  snapshot(): LiquidityOutcomeSnapshot;
}

/** The state of a {@link RunningLiquidityOutcome}. */
export interface LiquidityOutcomeSnapshot {
  readonly v: 1;
  readonly kind: 'liquidity-outcome';
  readonly options: Required<LiquidityOutcomeOptions>;
  readonly nowMs: number | null;
  readonly lateEvents: number;
  readonly overflowed: number;
  readonly view: DepthViewJson;
  readonly waiting: TradeMatcherJson;
  readonly sums: LiquiditySumsJson;
}

/**
 * A running outcome over an L2 feed.
 *
 * A level that shows fewer lots than in the book before had lots removed. Those that trades at its price explain, by an
 * aggressor of the other side and within `matchWithinMs` before or after, are consumed; the rest is pulled. A book
 * shows net changes only: lots added and removed between two books are not seen, and trades they paid for are
 * `unmatchedLots`. Trades without an aggressor explain nothing.
 *
 * State: the last book, and at most `maxWaiting` trades and removals.
 *
 * @example
 * ```ts
 * const outcome = createLiquidityOutcome();
 * const ask = { priceTicks: 101, sizeLots: 9 };
 * const bids = (sizeLots: number) => [{ priceTicks: 100, sizeLots }];
 * outcome.push({ type: 'depth', timeMs: 0, bids: bids(10), asks: [ask] });
 * outcome.push({ type: 'trade', timeMs: 5, priceTicks: 100, sizeLots: 3, side: 'sell' });
 * outcome.push({ type: 'depth', timeMs: 10, bids: bids(6), asks: [ask] });
 * const { bid } = outcome.flush();
 * [bid.consumedLots, bid.pulledLots, bid.consumedShare]; // => [3, 1, 0.75]
 * ```
 * @throws {@link OrderflowError} `bad-option` when `matchWithinMs` is negative or not finite, or `maxWaiting` not a
 *   positive whole number.
 */
export function createLiquidityOutcome(options: LiquidityOutcomeOptions = {}): RunningLiquidityOutcome {
  return startOutcome(options, undefined);
}

const shape = fields({
  nowMs: orNull(finite),
  lateEvents: count,
  overflowed: count,
  view: depthViewShape,
  waiting: tradeMatcherShape,
  sums: liquiditySumsShape,
});

/**
 * The outcome that a snapshot was taken of; pass the options that it was created with.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or options.
 */
export function restoreLiquidityOutcome(
  snapshot: LiquidityOutcomeSnapshot,
  options: LiquidityOutcomeOptions = {},
): RunningLiquidityOutcome {
  return restored(snapshot, 'liquidity-outcome', shape, () => startOutcome(options, snapshot));
}

/** The outcome of a list of events, as {@link createLiquidityOutcome} gives it at the end. */
export function liquidityOutcomeOf(
  events: readonly LiquidityEvent[],
  options: LiquidityOutcomeOptions = {},
): LiquidityOutcome {
  const outcome = createLiquidityOutcome(options);
  for (const event of events) outcome.push(event);
  return outcome.flush();
}

function startOutcome(
  options: LiquidityOutcomeOptions,
  from: LiquidityOutcomeSnapshot | undefined,
): RunningLiquidityOutcome {
  const { matchWithinMs, maxWaiting } = { ...liquidityOutcomeDefaults, ...options };
  requireBetween('matchWithinMs', matchWithinMs, 0);
  requireWhole('maxWaiting', maxWaiting);
  if (from) requireSameOptions('liquidity-outcome', from.options, { matchWithinMs, maxWaiting });
  const sums = createLiquiditySums('proxy', from?.sums);
  const matcher = createTradeMatcher(
    { withinMs: matchWithinMs, maxWaiting, ...(from ? { from: from.waiting, overflowed: from.overflowed } : {}) },
    {
      consumed: (side, _ticks, lots) => sums.add('consumed', side, lots),
      pulled: (side, _ticks, lots) => sums.add('pulled', side, lots),
      unmatched: (side, _ticks, lots) => sums.add('unmatched', side, lots),
    },
  );
  const view = createDepthView(
    {
      changed(side, ticks, before, after) {
        if (after > before) {
          sums.add('added', side, after - before);
        } else {
          sums.add('removed', side, before - after);
          matcher.removal(side, ticks, before - after, nowMs);
        }
      },
      entered: (side, lots) => sums.add('entered', side, lots),
      left: (side, lots) => sums.add('left', side, lots),
    },
    from?.view,
  );
  let nowMs = from?.nowMs ?? -Infinity;
  let lateEvents = from?.lateEvents ?? 0;

  const moveTo = (timeMs: number): void => {
    if (timeMs < nowMs) lateEvents += 1;
    else nowMs = timeMs + 0;
    matcher.advance(nowMs);
  };

  return {
    push(event) {
      requireEventObject(event);
      requireTime(event.timeMs);
      if (event.type === 'depth') {
        const { bids, asks, complete = false } = event;
        view.update(bids, asks, complete, () => moveTo(event.timeMs));
      } else if (event.type === 'gap') {
        moveTo(event.timeMs);
        view.forget();
      } else {
        requireTrade(event);
        requireSide(event.side);
        moveTo(event.timeMs);
        const { side, priceTicks, sizeLots } = event;
        if (side === 'unknown') {
          sums.addUnknown(sizeLots);
          return;
        }
        const resting = side === 'sell' ? 0 : 1;
        sums.add('traded', resting, sizeLots);
        matcher.trade(resting, priceTicks + 0, sizeLots, nowMs);
      }
    },
    pushDepth(timeMs, depth) {
      requireTime(timeMs);
      view.updateDepth(depth, () => moveTo(timeMs));
    },
    totals: () => sums.outcome(),
    flush() {
      matcher.settle();
      const ended = sums.outcome();
      sums.turn();
      return ended;
    },
    get lateEvents() {
      return lateEvents;
    },
    get overflowed() {
      return matcher.overflowed;
    },
    snapshot: () => ({
      v: 1,
      kind: 'liquidity-outcome',
      options: { matchWithinMs, maxWaiting },
      nowMs: Number.isFinite(nowMs) ? nowMs : null,
      lateEvents,
      overflowed: matcher.overflowed,
      view: view.toJson(),
      waiting: matcher.toJson(),
      sums: sums.toJson(),
    }),
  };
}
