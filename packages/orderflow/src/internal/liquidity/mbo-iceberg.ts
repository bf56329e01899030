import type { IcebergEvent } from './iceberg-event.ts';
import { requireWhole, requireEventObject } from '../shared/checks.ts';
import { orderKeyShape, requireTime } from '../mbo/mbo-event.ts';
import type { MboEvent, MboOrderKey } from '../mbo/mbo-event.ts';
import { createMboOrders, mboOrdersFields } from '../mbo/mbo-orders.ts';
import type { MboAnomalies, MboOrdersJson } from '../mbo/mbo-orders.ts';
import { NONE } from '../mbo/mbo-queues.ts';
import { requireSameOptions } from '../shared/same-options.ts';
import { count, fields, finite, listOf, oneOf, whole } from '../shared/shapes.ts';
import { restored } from '../shared/snapshot.ts';

/** Options of {@link createMboIcebergDetector}. */
export interface MboIcebergOptions {
  /**
   * Most orders that are held; beyond it new ones are let go and counted as `overflowed`.
   * @defaultValue 1_000_000
   */
  readonly maxOrders?: number;
}

/** What {@link createMboIcebergDetector} uses where an option is left out. */
export const mboIcebergDefaults: Required<MboIcebergOptions> = { maxOrders: 1_000_000 };

/** A running detector over market by order. Made by {@link createMboIcebergDetector}. */
export interface MboIcebergDetector {
  /**
   * Takes the next record of one instrument, in the order of the feed, and gives the iceberg that it proves or proves
   * again.
   * @throws {@link OrderflowError} `bad-quote`, `bad-trade` or `bad-value` for a record that no feed can send; the state
   *   is as before.
   */
  push(event: MboEvent): IcebergEvent | undefined;
  /** Nothing is held back: `undefined`. */
  flush(): undefined;
  /** Icebergs that rest now, in order of their first fill. */
  resting(): readonly IcebergEvent[];
  /** Records that did not fit what came before. */
  anomalies(): MboAnomalies;
  /** The state as plain JSON. */
  snapshot(): MboIcebergSnapshot;
}

/** The state of a {@link MboIcebergDetector}. */
export interface MboIcebergSnapshot {
  readonly v: 1;
  readonly kind: 'mbo-iceberg';
  readonly maxOrders: number;
  readonly bids: MboOrdersJson;
  readonly asks: MboOrdersJson;
  readonly anomalies: MboAnomalies;
  /** Orders that were filled and rest on. */
  readonly filled: readonly IcebergEvent[];
}

type Filled = { -readonly [K in keyof IcebergEvent]: IcebergEvent[K] } & { orderId: MboOrderKey };

/**
 * A detector over market by order. An order is an iceberg when it shows more after a fill than the fill left (its next
 * slice), or when it is filled for more than it shows (slices that came and went within one event). Both are facts of
 * the feed: `quality: 'native'`, probability 1. A trader who enlarges an order does so in an event of its own, after
 * the fill was shown, and is not taken for one. An order that changes its price starts anew.
 *
 * It holds its own orders: one entry per resting order and level.
 *
 * @example
 * ```ts
 * const detector = createMboIcebergDetector();
 * const at = { timeMs: 0, side: 'B', orderId: 1, priceTicks: 100, sizeLots: 4 } as const;
 * detector.push({ ...at, action: 'A' });
 * detector.push({ ...at, action: 'F' });
 * detector.push({ ...at, action: 'M' })?.refills; // => 1
 * ```
 * @throws {@link OrderflowError} `bad-option` when `maxOrders` is not a positive whole number.
 */
export function createMboIcebergDetector(options: MboIcebergOptions = {}): MboIcebergDetector {
  return startDetector(options, undefined);
}

const shape = fields({
  ...mboOrdersFields,
  filled: listOf(
    fields({
      quality: oneOf('native'),
      priceTicks: whole,
      side: oneOf('bid', 'ask'),
      probability: oneOf(1),
      tradedLots: count,
      displayedLots: count,
      refills: count,
      firstMs: finite,
      lastMs: finite,
      orderId: orderKeyShape,
    }),
  ),
});

/**
 * The detector that a snapshot was taken of; pass the options that it was created with.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or `maxOrders`.
 */
export function restoreMboIcebergDetector(
  snapshot: MboIcebergSnapshot,
  options: MboIcebergOptions = {},
): MboIcebergDetector {
  return restored(snapshot, 'mbo-iceberg', shape, () => startDetector(options, snapshot));
}

/** Everything that {@link createMboIcebergDetector} tells over a list of records. */
export function mboIcebergsOf(events: readonly MboEvent[], options: MboIcebergOptions = {}): readonly IcebergEvent[] {
  const detector = createMboIcebergDetector(options);
  return events.map((event) => detector.push(event)).filter((event) => event !== undefined);
}

function startDetector(options: MboIcebergOptions, from: MboIcebergSnapshot | undefined): MboIcebergDetector {
  const { maxOrders } = { ...mboIcebergDefaults, ...options };
  requireWhole('maxOrders', maxOrders);
  if (from) requireSameOptions('mbo-iceberg', { maxOrders: from.maxOrders }, { maxOrders });
  const orders = createMboOrders({ maxOrders, ...(from ? { from } : {}) });
  const { queues } = orders;
  const filled = new Map<MboOrderKey, Filled>();
  for (const event of from?.filled ?? []) filled.set(event.orderId!, { ...event, orderId: event.orderId! });

  const fill = (key: MboOrderKey, lots: number, timeMs: number): void => {
    const slot = queues.find(key);
    let order = filled.get(key);
    if (!order) {
      order = {
        quality: 'native',
        priceTicks: queues.ticksOf(slot),
        side: queues.sideOf(slot) === 0 ? 'bid' : 'ask',
        probability: 1,
        tradedLots: 0,
        displayedLots: queues.lotsOf(slot),
        refills: 0,
        firstMs: timeMs,
        lastMs: timeMs,
        orderId: key,
      };
      filled.set(key, order);
    }
    order.tradedLots = Math.min(order.tradedLots + lots, Number.MAX_SAFE_INTEGER);
    order.lastMs = Math.max(order.lastMs, timeMs);
  };

  return {
    push(event) {
      requireEventObject(event);
      requireTime(event.timeMs);
      const { key, filledLots, refillLots, hiddenLots, removedLots, gone, clearedBids, clearedAsks } =
        orders.apply(event);
      if (filledLots > 0) fill(key, filledLots, event.timeMs + 0);
      if (clearedBids || clearedAsks) {
        for (const [id, { side }] of filled) if (side === 'bid' ? clearedBids : clearedAsks) filled.delete(id);
      }
      if (removedLots === 0) return undefined;
      const order = filled.get(key);
      if (!order) return undefined;
      const slot = gone ? NONE : queues.find(key);
      const moved =
        slot === NONE ||
        queues.ticksOf(slot) !== order.priceTicks ||
        queues.sideOf(slot) !== (order.side === 'bid' ? 0 : 1);
      if (moved) filled.delete(key);
      if (refillLots === 0 && hiddenLots === 0) return undefined;
      order.refills += 1;
      if (!moved) order.displayedLots = Math.max(order.displayedLots, queues.lotsOf(slot));
      return { ...order };
    },
    flush: () => undefined,
    resting: () => [...filled.values()].filter(({ refills }) => refills > 0).map((order) => ({ ...order })),
    anomalies: () => ({ ...orders.anomalies }),
    snapshot: () => ({
      v: 1,
      kind: 'mbo-iceberg',
      maxOrders,
      ...orders.toJson(),
      anomalies: { ...orders.anomalies },
      filled: [...filled.values()].map((order) => ({ ...order })),
    }),
  };
}
