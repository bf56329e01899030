/**
 * Icebergs: resting orders that show a slice of themselves and refill it as it trades.
 *
 * Market by order proves them (`quality: 'native'`): an order is filled for more than it shows, or shows more after a
 * fill than the fill left. An L2 book and trades can only give a probability (`quality: 'proxy'`): a level that is
 * consumed and refilled again and again may as well be many traders. No public standard exists for it; ours is
 * {@link icebergProbability}.
 */
import type { BookDepth } from './depth.ts';
import type { LiquidityEvent } from './liquidity-outcome.ts';
import {
  requireBetween,
  requireSide,
  requireTrade,
  requireWhole,
  requireEventObject,
} from './internal/shared/checks.ts';
import { createDepthView, depthViewShape } from './internal/depth/depth-view.ts';
import {
  createIcebergCandidates,
  icebergProbability,
  icebergCandidateShape,
} from './internal/liquidity/iceberg-candidates.ts';
import type { IcebergCandidate, IcebergCandidateJson } from './internal/liquidity/iceberg-candidates.ts';
import type { DepthViewJson } from './internal/depth/depth-view.ts';
import type { IcebergEvent } from './internal/liquidity/iceberg-event.ts';
import { requireTime } from './internal/mbo/mbo-event.ts';
import type { SideIndex } from './internal/mbo/mbo-queues.ts';
import { requireSameOptions } from './internal/shared/same-options.ts';
import { count, fields, finite, listOf, orNull } from './internal/shared/shapes.ts';
import { restored } from './internal/shared/snapshot.ts';
import { createTradeMatcher, tradeMatcherShape } from './internal/liquidity/trade-matcher.ts';
import type { TradeMatcherJson } from './internal/liquidity/trade-matcher.ts';

export { icebergProbability } from './internal/liquidity/iceberg-candidates.ts';
export type { IcebergCandidateJson, IcebergEvidence } from './internal/liquidity/iceberg-candidates.ts';
export type { IcebergEvent } from './internal/liquidity/iceberg-event.ts';
export {
  createMboIcebergDetector,
  mboIcebergDefaults,
  mboIcebergsOf,
  restoreMboIcebergDetector,
} from './internal/liquidity/mbo-iceberg.ts';
export type { MboIcebergDetector, MboIcebergOptions, MboIcebergSnapshot } from './internal/liquidity/mbo-iceberg.ts';

/** Options of {@link createIcebergDetector}. */
export interface IcebergOptions {
  /**
   * A level that grows within this time after it was consumed is refilled; later growth is someone else's.
   * @defaultValue 500
   */
  readonly refillWithinMs?: number;
  /**
   * A price without a trade for this long starts anew.
   * @defaultValue 10_000
   */
  readonly idleMs?: number;
  /**
   * Least probability that is told.
   * @defaultValue 0.5
   */
  readonly minProbability?: number;
  /**
   * How long a trade and the change of the book that shows it may be apart, in milliseconds. Take at
   * least twice the interval of a book that is sent at intervals.
   * @defaultValue 250
   */
  readonly matchWithinMs?: number;
  /**
   * Most prices that are followed, and most trades and removals that wait for each other; beyond it the oldest goes.
   * @defaultValue 4096
   */
  readonly maxWaiting?: number;
}

/** What {@link createIcebergDetector} uses where an option is left out. */
export const icebergDefaults: Required<IcebergOptions> = {
  refillWithinMs: 500,
  idleMs: 10_000,
  minProbability: 0.5,
  matchWithinMs: 250,
  maxWaiting: 4096,
};

/** A running detector over an L2 feed. Made by {@link createIcebergDetector}. */
export interface IcebergDetector {
  /**
   * Takes the next event in order of arrival, and gives the price at which a trade went on after a refill, when its
   * probability is at least `minProbability`. Time never goes back: an earlier event counts at the latest time seen.
   * @throws {@link OrderflowError} `bad-quote`, `bad-trade` or `bad-value` for what no feed can send; the state is as
   *   before.
   */
  push(event: LiquidityEvent): IcebergEvent | undefined;
  /** A `depth` event from a buffer; a side with room left in it is complete. */
  pushDepth(timeMs: number, depth: BookDepth): void;
  /** All prices that are followed now with a probability of at least `minProbability`, in order of their last trade. */
  candidates(): readonly IcebergEvent[];
  /** {@link candidates}, and forgets all prices; the book stays. */
  flush(): readonly IcebergEvent[];
  /** The state as plain JSON. */
  snapshot(): IcebergSnapshot;
}

/** The state of an {@link IcebergDetector}. */
export interface IcebergSnapshot {
  readonly v: 1;
  readonly kind: 'iceberg';
  readonly options: Required<IcebergOptions>;
  readonly nowMs: number | null;
  readonly view: DepthViewJson;
  readonly waiting: TradeMatcherJson;
  readonly overflowed: number;
  readonly candidates: readonly IcebergCandidateJson[];
}

/**
 * A detector over an L2 feed. At a price, from the first trade on, it follows what traded, the most that was shown, and
 * the refills: growth within `refillWithinMs` after lots were consumed, or traded lots that the book never showed going
 * (a refill faster than the feed) while the level is still there. A refill counts when the same aggressors go on trading.
 *
 * State: the last book, at most `maxWaiting` prices, and as many trades and removals.
 *
 * @example
 * ```ts
 * const detector = createIcebergDetector({ minProbability: 0.4 });
 * const asks = [{ priceTicks: 101, sizeLots: 9 }];
 * const depth = (timeMs: number, sizeLots: number) =>
 *   detector.push({ type: 'depth', timeMs, bids: [{ priceTicks: 100, sizeLots }], asks });
 * const sell = (timeMs: number, sizeLots: number) =>
 *   detector.push({ type: 'trade', timeMs, priceTicks: 100, sizeLots, side: 'sell' });
 * depth(0, 10);
 * sell(10, 8);
 * depth(11, 2);
 * depth(12, 10); // refilled
 * sell(20, 8);
 * depth(21, 2);
 * depth(22, 10); // and again
 * sell(30, 8)?.refills; // => 2
 * detector.candidates()[0]?.displayedLots; // => 10
 * ```
 * @throws {@link OrderflowError} `bad-option` when an option is outside its domain.
 */
export function createIcebergDetector(options: IcebergOptions = {}): IcebergDetector {
  return startDetector(options, undefined);
}

const shape = fields({
  nowMs: orNull(finite),
  view: depthViewShape,
  waiting: tradeMatcherShape,
  overflowed: count,
  candidates: listOf(icebergCandidateShape),
});

/**
 * The detector that a snapshot was taken of; pass the options that it was created with.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or options.
 */
export function restoreIcebergDetector(snapshot: IcebergSnapshot, options: IcebergOptions = {}): IcebergDetector {
  return restored(snapshot, 'iceberg', shape, () => startDetector(options, snapshot));
}

/** Everything that {@link createIcebergDetector} tells over a list of events, `flush` included. */
export function icebergsOf(events: readonly LiquidityEvent[], options: IcebergOptions = {}): readonly IcebergEvent[] {
  const detector = createIcebergDetector(options);
  const found: IcebergEvent[] = [];
  for (const event of events) {
    const iceberg = detector.push(event);
    if (iceberg) found.push(iceberg);
  }
  return [...found, ...detector.flush()];
}

function startDetector(given: IcebergOptions, from: IcebergSnapshot | undefined): IcebergDetector {
  const { refillWithinMs, idleMs, minProbability, matchWithinMs, maxWaiting } = { ...icebergDefaults, ...given };
  const options = { refillWithinMs, idleMs, minProbability, matchWithinMs, maxWaiting };
  requireBetween('refillWithinMs', refillWithinMs, 0);
  requireBetween('idleMs', idleMs, 0);
  requireBetween('minProbability', minProbability, 0, 1);
  requireBetween('matchWithinMs', matchWithinMs, 0);
  requireWhole('maxWaiting', maxWaiting);
  if (from) requireSameOptions('iceberg', from.options, options);
  let nowMs = from?.nowMs ?? -Infinity;

  const followed = createIcebergCandidates({ refillWithinMs, idleMs, most: maxWaiting }, from?.candidates);
  const matcher = createTradeMatcher(
    { withinMs: matchWithinMs, maxWaiting, ...(from ? { from: from.waiting, overflowed: from.overflowed } : {}) },
    {
      consumed: (side, ticks, _lots, timeMs) => followed.consumed(side, ticks, timeMs),
      pulled: () => undefined,
      unmatched: (side, ticks) => {
        // A trade at a price that shows nothing met a hidden order, or a book that is behind: no refill.
        if (view.lotsAt(side, ticks) > 0) followed.refilledUnseen(side, ticks);
      },
    },
  );
  const view = createDepthView(
    {
      changed(side, ticks, before, after) {
        if (after < before) matcher.removal(side, ticks, before - after, nowMs);
        else followed.grown(side, ticks, before, after, nowMs);
      },
      entered: () => undefined,
      left: () => undefined,
    },
    from?.view,
  );

  const moveTo = (timeMs: number): void => {
    nowMs = Math.max(nowMs, timeMs + 0);
    matcher.advance(nowMs);
    followed.advance(nowMs);
  };
  const eventOf = (candidate: IcebergCandidate): IcebergEvent | undefined => {
    const probability = icebergProbability(candidate, { refillWithinMs });
    if (probability < minProbability) return undefined;
    const { side, priceTicks, tradedLots, displayedLots, refills, firstMs, lastMs } = candidate;
    return {
      quality: 'proxy',
      priceTicks,
      side: side === 0 ? 'bid' : 'ask',
      probability,
      tradedLots,
      displayedLots,
      refills,
      firstMs,
      lastMs,
    };
  };
  const trade = (resting: SideIndex, ticks: number, lots: number): IcebergEvent | undefined => {
    // The book may have shown the removal before the trade came.
    const shown = Math.min(view.lotsAt(resting, ticks) + matcher.waitingRemovals(resting, ticks), MAX_LOTS);
    const { candidate, confirmed } = followed.traded(resting, ticks, lots, shown, nowMs);
    matcher.trade(resting, ticks, lots, nowMs);
    return confirmed ? eventOf(candidate) : undefined;
  };
  const candidates = (): readonly IcebergEvent[] =>
    followed
      .all()
      .map(eventOf)
      .filter((event) => event !== undefined);

  return {
    push(event) {
      requireEventObject(event);
      requireTime(event.timeMs);
      if (event.type === 'depth') {
        const { bids, asks, complete = false } = event;
        view.update(bids, asks, complete, () => moveTo(event.timeMs));
        return undefined;
      }
      if (event.type === 'gap') {
        moveTo(event.timeMs);
        view.forget();
        return undefined;
      }
      requireTrade(event);
      requireSide(event.side);
      moveTo(event.timeMs);
      if (event.side === 'unknown' || event.sizeLots === 0) return undefined;
      return trade(event.side === 'sell' ? 0 : 1, event.priceTicks + 0, event.sizeLots);
    },
    pushDepth(timeMs, depth) {
      requireTime(timeMs);
      view.updateDepth(depth, () => moveTo(timeMs));
    },
    candidates,
    flush() {
      const found = candidates();
      followed.clear();
      return found;
    },
    snapshot: () => ({
      v: 1,
      kind: 'iceberg',
      options,
      nowMs: Number.isFinite(nowMs) ? nowMs : null,
      view: view.toJson(),
      waiting: matcher.toJson(),
      overflowed: matcher.overflowed,
      candidates: followed.toJson(),
    }),
  };
}

const MAX_LOTS = Number.MAX_SAFE_INTEGER;
