import { createLiquiditySums, liquiditySumsShape } from './liquidity-sums.ts';
import type { LiquidityOutcome, LiquiditySumsJson } from './liquidity-sums.ts';
import { requireWhole } from '../shared/checks.ts';
import type { MboEvent } from '../mbo/mbo-event.ts';
import { createMboOrders, mboOrdersFields } from '../mbo/mbo-orders.ts';
import type { MboAnomalies, MboOrdersJson } from '../mbo/mbo-orders.ts';
import { requireSameOptions } from '../shared/same-options.ts';
import { fields } from '../shared/shapes.ts';
import { restored } from '../shared/snapshot.ts';

/** Options of {@link createMboLiquidityOutcome}. */
export interface MboLiquidityOutcomeOptions {
  /**
   * Most orders that are held; beyond it new ones are let go and counted as `overflowed`.
   * @defaultValue 1_000_000
   */
  readonly maxOrders?: number;
}

/** What {@link createMboLiquidityOutcome} uses where an option is left out. */
export const mboLiquidityOutcomeDefaults: Required<MboLiquidityOutcomeOptions> = { maxOrders: 1_000_000 };

/** A running outcome over market by order. Made by {@link createMboLiquidityOutcome}. */
export interface MboLiquidityOutcome {
  /**
   * Takes the next record of one instrument, in the order of the feed.
   * @throws {@link OrderflowError} `bad-quote`, `bad-trade` or `bad-value` for a record that no feed can send; the state
   *   is as before.
   */
  push(event: Omit<MboEvent, 'timeMs'>): void;
  /** The outcome of the interval so far. */
  totals(): LiquidityOutcome;
  /** Ends the interval; the orders stay. */
  flush(): LiquidityOutcome;
  /** Records that did not fit what came before. */
  anomalies(): MboAnomalies;
  /** The state as plain JSON. */
  snapshot(): MboLiquidityOutcomeSnapshot;
}

/** The state of a {@link MboLiquidityOutcome}. */
export interface MboLiquidityOutcomeSnapshot {
  readonly v: 1;
  readonly kind: 'mbo-liquidity-outcome';
  readonly maxOrders: number;
  readonly bids: MboOrdersJson;
  readonly asks: MboOrdersJson;
  readonly anomalies: MboAnomalies;
  readonly sums: LiquiditySumsJson;
}

/**
 * A running outcome over market by order, exact: lots that leave an order after its `F` were consumed, all others were
 * pulled (also those moved to another price, where they count as added). Fills beyond what an order shows are
 * `unmatchedLots`: the hidden part of icebergs. A snapshot's orders count as `enteredLots`, cleared ones as `leftLots`.
 * Lots count when a `C`, `M` or `A` moves them, so nothing is ever undecided.
 *
 * It holds its own orders: one entry per resting order and level.
 *
 * @example
 * ```ts
 * const outcome = createMboLiquidityOutcome();
 * const at = { side: 'B', orderId: 1, priceTicks: 100 } as const;
 * outcome.push({ ...at, action: 'A', sizeLots: 10 });
 * outcome.push({ ...at, action: 'F', sizeLots: 3 });
 * outcome.push({ ...at, action: 'M', sizeLots: 7 });
 * outcome.push({ ...at, action: 'C', sizeLots: 1 });
 * const { bid } = outcome.totals();
 * [bid.consumedLots, bid.pulledLots, bid.consumedShare]; // => [3, 1, 0.75]
 * ```
 * @throws {@link OrderflowError} `bad-option` when `maxOrders` is not a positive whole number.
 */
export function createMboLiquidityOutcome(options: MboLiquidityOutcomeOptions = {}): MboLiquidityOutcome {
  return startOutcome(options, undefined);
}

const shape = fields({ ...mboOrdersFields, sums: liquiditySumsShape });

/**
 * The outcome that a snapshot was taken of; pass the options that it was created with.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or `maxOrders`.
 */
export function restoreMboLiquidityOutcome(
  snapshot: MboLiquidityOutcomeSnapshot,
  options: MboLiquidityOutcomeOptions = {},
): MboLiquidityOutcome {
  return restored(snapshot, 'mbo-liquidity-outcome', shape, () => startOutcome(options, snapshot));
}

/** The outcome of a list of records, as {@link createMboLiquidityOutcome} gives it at the end. */
export function mboLiquidityOutcomeOf(
  events: readonly Omit<MboEvent, 'timeMs'>[],
  options: MboLiquidityOutcomeOptions = {},
): LiquidityOutcome {
  const outcome = createMboLiquidityOutcome(options);
  for (const event of events) outcome.push(event);
  return outcome.flush();
}

function startOutcome(
  options: MboLiquidityOutcomeOptions,
  from: MboLiquidityOutcomeSnapshot | undefined,
): MboLiquidityOutcome {
  const { maxOrders } = { ...mboLiquidityOutcomeDefaults, ...options };
  requireWhole('maxOrders', maxOrders);
  if (from) requireSameOptions('mbo-liquidity-outcome', { maxOrders: from.maxOrders }, { maxOrders });
  const orders = createMboOrders({ maxOrders, ...(from ? { from } : {}) });
  const sums = createLiquiditySums('exact', from?.sums);

  return {
    push(event) {
      const effect = orders.apply(event);
      if (effect.clearedBids) sums.leaveAll(0);
      if (effect.clearedAsks) sums.leaveAll(1);
      const { removedSide, removedLots, consumedLots, addedSide, addedLots, hiddenLots } = effect;
      if (removedLots > 0) {
        sums.add('removed', removedSide, removedLots);
        sums.add('consumed', removedSide, consumedLots);
        sums.add('pulled', removedSide, removedLots - consumedLots);
        sums.add('traded', removedSide, consumedLots);
      }
      if (addedLots > 0) sums.add(effect.fromSnapshot ? 'entered' : 'added', addedSide, addedLots);
      if (hiddenLots === 0) return;
      // Of a fill of an unknown order nothing but the side is known, in an auction not even that.
      const side = removedLots > 0 ? removedSide : event.side === 'B' ? 0 : event.side === 'A' ? 1 : undefined;
      if (side === undefined) {
        sums.addUnknown(hiddenLots);
      } else {
        sums.add('traded', side, hiddenLots);
        sums.add('unmatched', side, hiddenLots);
      }
    },
    totals: () => sums.outcome(),
    flush() {
      const ended = sums.outcome();
      sums.turn();
      return ended;
    },
    anomalies: () => ({ ...orders.anomalies }),
    snapshot: () => ({
      v: 1,
      kind: 'mbo-liquidity-outcome',
      maxOrders,
      ...orders.toJson(),
      anomalies: { ...orders.anomalies },
      sums: sums.toJson(),
    }),
  };
}
