/**
 * What each record does to the resting orders, and what became of the lots: filled, taken away, added, refilled. One
 * set of rules for the book, the outcome measures and the iceberg detector.
 */
import { OrderflowError } from '../../errors.ts';
import { excerpt } from '../shared/excerpt.ts';
import { isEmptyTop, mboFlags, orderKeyShape, requireMbo } from './mbo-event.ts';
import type { MboEvent, MboOrderKey } from './mbo-event.ts';
import type { Shape } from '../shared/shapes.ts';
import { createMboQueues, NONE } from './mbo-queues.ts';
import type { MboQueues, SideIndex } from './mbo-queues.ts';
import { count, countsOf, listOf, tupleOf, where, whole } from '../shared/shapes.ts';

/** Records that do not fit what came before; each is handled as said and counted. */
export interface MboAnomalies {
  /** `C` of an order that is not in the book: nothing happens. */
  readonly unknownCancels: number;
  /** `M` of an order that is not in the book: it is added, since the record says all that there is to know. */
  readonly unknownModifies: number;
  /** `F` of an order that is not in the book: nothing happens. */
  readonly unknownFills: number;
  /** `A` of an order that is in the book: the new one takes its place. */
  readonly duplicateAdds: number;
  /** `C` of more lots than the order shows: it is removed. */
  readonly overCancels: number;
  /** `A` or `M` of an unknown order without a side, or of no lots: nothing is added. */
  readonly emptyOrders: number;
  /** `M` to the other side of the book: the order changes sides. */
  readonly sideChanges: number;
  /** Orders let go because the book held its most orders, or a level its most lots (2^53 − 1). */
  readonly overflowed: number;
  /** Records whose action is none of the seven: nothing happens. */
  readonly unknownActions: number;
  /** Records whose side is none of `A`, `B` and `N` (`b`, say): they are taken as records without a side. */
  readonly unknownSides: number;
}

/** What the last record did. The object is used again for the next one. */
export interface MboEffect {
  /** The order; meaningful where lots moved. */
  key: MboOrderKey;
  removedSide: SideIndex;
  removedTicks: number;
  /** Displayed lots that left their level: `consumedLots` and the rest, which was pulled. */
  removedLots: number;
  /** Part of `removedLots` that fills explain. */
  consumedLots: number;
  /** Lots of a fill of a resting order: nothing moves yet. */
  filledLots: number;
  /** Lots filled beyond what the order showed. */
  hiddenLots: number;
  addedSide: SideIndex;
  addedTicks: number;
  addedLots: number;
  /** Part of `addedLots` by which a filled order shows more than its fills left: an iceberg's next slice. */
  refillLots: number;
  /** True when `addedLots` came with a snapshot. */
  fromSnapshot: boolean;
  /** True when the order, or the one whose id it took, is gone. */
  gone: boolean;
  clearedBids: boolean;
  clearedAsks: boolean;
}

/** Resting orders in JSON: levels of a side, best first, each with its orders, first in line first. */
export type MboOrdersJson = readonly (readonly [
  priceTicks: number,
  orders: readonly (readonly [id: MboOrderKey, sizeLots: number, pendingLots: number])[],
])[];

/** Resting orders under the rules of the feed. */
export interface MboOrders {
  readonly queues: MboQueues;
  readonly anomalies: MboAnomalies;
  /**
   * Takes a record and gives what it did, in an object that the next record uses again.
   * @throws {@link OrderflowError} as {@link requireMbo}; the state is as before.
   */
  apply(event: Omit<MboEvent, 'timeMs'>): Readonly<MboEffect>;
  toJson(): { readonly bids: MboOrdersJson; readonly asks: MboOrdersJson };
}

/** The anomalies of a new book. */
export const noAnomalies: MboAnomalies = {
  unknownCancels: 0,
  unknownModifies: 0,
  unknownFills: 0,
  duplicateAdds: 0,
  overCancels: 0,
  emptyOrders: 0,
  sideChanges: 0,
  overflowed: 0,
  unknownActions: 0,
  unknownSides: 0,
};

/** How {@link createMboOrders} is made. */
export interface MboOrdersSetup {
  /** Most orders held. */
  readonly maxOrders: number;
  /** Called before a level changes. */
  readonly touch?: (side: SideIndex, priceTicks: number) => void;
  readonly from?: { readonly bids: MboOrdersJson; readonly asks: MboOrdersJson; readonly anomalies: MboAnomalies };
}

const SIDES: ReadonlySet<string> = new Set(['A', 'B', 'N']);
const sideIndex = (side: string): SideIndex | undefined => (side === 'B' ? 0 : side === 'A' ? 1 : undefined);

/** No orders, or those of {@link MboOrders.toJson}. */
export function createMboOrders({ maxOrders, touch = () => undefined, from }: MboOrdersSetup): MboOrders {
  const queues = createMboQueues();
  const anomalies = { ...noAnomalies, ...from?.anomalies };
  const effect: MboEffect = { ...noEffect };

  for (const [side, levels] of [[0, from?.bids ?? []] as const, [1, from?.asks ?? []] as const]) {
    for (const [priceTicks, orders] of levels) {
      for (const [key, lots, pending] of orders) {
        const slot = queues.add(key, side, priceTicks, lots);
        if (slot === NONE) throw badOrders(key);
        queues.setPending(slot, pending);
      }
    }
  }

  const add = (key: MboOrderKey, side: SideIndex | undefined, ticks: number, lots: number): void => {
    if (side === undefined || lots === 0) {
      anomalies.emptyOrders += 1;
      return;
    }
    if (queues.size < maxOrders) {
      touch(side, ticks);
      if (queues.add(key, side, ticks, lots) !== NONE) {
        effect.addedSide = side;
        effect.addedTicks = ticks;
        effect.addedLots = lots;
        return;
      }
    }
    anomalies.overflowed += 1;
  };

  /** Lots of an order that leave its level, split by what its fills explain. */
  const take = (slot: number, lots: number): void => {
    const pending = queues.pendingOf(slot);
    const consumed = Math.min(pending, lots);
    effect.removedSide = queues.sideOf(slot);
    effect.removedTicks = queues.ticksOf(slot);
    effect.removedLots = lots;
    effect.consumedLots = consumed;
    queues.setPending(slot, pending - consumed);
    touch(effect.removedSide, effect.removedTicks);
  };

  const drop = (slot: number): void => {
    take(slot, queues.lotsOf(slot));
    effect.hiddenLots = queues.pendingOf(slot);
    effect.gone = true;
    queues.remove(slot);
  };

  const clearSide = (side: SideIndex): void => {
    if (side === 0) effect.clearedBids = true;
    else effect.clearedAsks = true;
    for (const ticks of queues.prices(side)) {
      touch(side, ticks);
      for (const slot of queues.queueOf(side, ticks)) queues.remove(slot);
    }
  };

  const cancel = (key: MboOrderKey, lots: number): void => {
    const slot = queues.find(key);
    if (slot === NONE) {
      anomalies.unknownCancels += 1;
      return;
    }
    const displayed = queues.lotsOf(slot);
    if (lots > displayed) anomalies.overCancels += 1;
    if (lots >= displayed) {
      drop(slot);
    } else {
      take(slot, lots);
      queues.shrink(slot, displayed - lots);
    }
  };

  const modify = (key: MboOrderKey, sideName: string, ticks: number, lots: number): void => {
    const slot = queues.find(key);
    if (slot === NONE) {
      anomalies.unknownModifies += 1;
      add(key, sideIndex(sideName), ticks, lots);
      return;
    }
    const oldSide = queues.sideOf(slot);
    const side = sideIndex(sideName) ?? oldSide;
    if (side !== oldSide) anomalies.sideChanges += 1;
    const displayed = queues.lotsOf(slot);
    if (lots === 0) {
      drop(slot);
      return;
    }
    const pending = queues.pendingOf(slot);
    const stays = side === oldSide && ticks === queues.ticksOf(slot);
    // Fills come first: an order of 5 that was filled 5 and is now 5 again shows a new slice, at the end of the queue.
    const left = Math.max(0, displayed - pending);
    take(slot, stays ? Math.max(displayed - left, displayed - lots) : displayed);
    effect.hiddenLots = queues.pendingOf(slot);
    queues.setPending(slot, 0);
    if (stays && lots <= left) {
      queues.shrink(slot, lots);
      return;
    }
    touch(side, ticks);
    if (!queues.requeue(slot, side, ticks, lots)) {
      anomalies.overflowed += 1;
      // What stayed on display is gone as well.
      effect.removedLots = displayed;
      effect.gone = true;
      return;
    }
    effect.addedSide = side;
    effect.addedTicks = ticks;
    effect.addedLots = stays ? lots - left : lots;
    if (stays && pending > 0) effect.refillLots = lots - left;
  };

  return {
    queues,
    anomalies,
    apply(event) {
      const key = requireMbo(event);
      reset(effect, key);
      if (!SIDES.has(event.side)) anomalies.unknownSides += 1;
      const ticks = event.priceTicks + 0;
      const lots = event.sizeLots + 0;
      switch (event.action) {
        case 'A': {
          const side = sideIndex(event.side);
          const flags = event.flags ?? 0;
          if ((flags & mboFlags.topOfBook) !== 0 && side !== undefined) clearSide(side);
          if (isEmptyTop(event)) break;
          const slot = queues.find(key);
          if (slot !== NONE) {
            anomalies.duplicateAdds += 1;
            drop(slot);
          }
          effect.fromSnapshot = (flags & mboFlags.snapshot) !== 0;
          add(key, side, ticks, lots);
          break;
        }
        case 'C':
          cancel(key, lots);
          break;
        case 'M':
          modify(key, event.side, ticks, lots);
          break;
        case 'R':
          clearSide(0);
          clearSide(1);
          queues.clear();
          break;
        case 'F': {
          const slot = queues.find(key);
          if (slot === NONE) {
            anomalies.unknownFills += 1;
            effect.hiddenLots = lots;
          } else if (event.side === 'N' || Number.isNaN(ticks) || ticks === queues.ticksOf(slot)) {
            // A resting order fills at its own price (but in an auction). Another price says that the order was moved
            // to trade as the aggressor: what it showed was not consumed.
            effect.filledLots = lots;
            // A sum beyond the exact integers says no more than "all of it, and more".
            queues.setPending(slot, Math.min(queues.pendingOf(slot) + lots, Number.MAX_SAFE_INTEGER));
          }
          break;
        }
        case 'T':
        case 'N':
          break;
        default:
          anomalies.unknownActions += 1;
      }
      return effect;
    },
    toJson() {
      const json = (side: SideIndex): MboOrdersJson =>
        queues
          .prices(side)
          .map((ticks) => [
            ticks,
            queues
              .queueOf(side, ticks)
              .map((slot) => [queues.keyOf(slot), queues.lotsOf(slot), queues.pendingOf(slot)] as const),
          ]);
      return { bids: json(0), asks: json(1) };
    },
  };
}

const noEffect: Readonly<MboEffect> = {
  key: 0,
  removedSide: 0,
  removedTicks: 0,
  removedLots: 0,
  consumedLots: 0,
  filledLots: 0,
  hiddenLots: 0,
  addedSide: 0,
  addedTicks: 0,
  addedLots: 0,
  refillLots: 0,
  fromSnapshot: false,
  gone: false,
  clearedBids: false,
  clearedAsks: false,
};

/** Sides and prices are left: they mean something only where lots moved. */
function reset(effect: MboEffect, key: MboOrderKey): void {
  effect.key = key;
  effect.removedLots = effect.consumedLots = effect.filledLots = effect.hiddenLots = 0;
  effect.addedLots = effect.refillLots = 0;
  effect.fromSnapshot = effect.gone = effect.clearedBids = effect.clearedAsks = false;
}

function badOrders(key: MboOrderKey): OrderflowError {
  return new OrderflowError(
    'bad-snapshot',
    `order ${excerpt(key)} of the snapshot does not fit its level. Pass what snapshot() returned, unchanged.`,
    key,
  );
}

const ordersShape = listOf(
  tupleOf(
    whole,
    listOf(
      tupleOf(
        orderKeyShape,
        where(count, (lots: number) => lots > 0),
        count,
      ),
    ),
  ),
);

/** The fields of stored orders. */
export const mboOrdersFields: Readonly<Record<'bids' | 'asks' | 'anomalies', Shape>> = {
  bids: ordersShape,
  asks: ordersShape,
  anomalies: countsOf(...Object.keys(noAnomalies)),
};
