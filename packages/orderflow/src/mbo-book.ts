/**
 * A book of single orders (market by order, in Databento's vocabulary): levels with order counts, the place of an order
 * in its queue, and the levels that each event changed, for whatever reads an L2 book.
 */
import type { BookDepth } from './depth.ts';
import { OrderflowError } from './errors.ts';
import { addExact, exactFromJson, exactToJson, multiplyExact } from './exact.ts';
import type { ExactInt } from './exact.ts';
import type { TickLevel, TickQuote } from './market.ts';
import { createBookSide } from './internal/book/book-side.ts';
import type { BookSide } from './internal/book/book-side.ts';
import { requireWhole } from './internal/shared/checks.ts';
import { excerpt } from './internal/shared/excerpt.ts';
import { emptyMboCounts, mboBookShape } from './internal/mbo/mbo-book-state.ts';
import type { MboBookSnapshot, MboCounts, TouchedLevel } from './internal/mbo/mbo-book-state.ts';
import { mboFlags, orderKey } from './internal/mbo/mbo-event.ts';
import type { MboEvent, MboOrderId, MboOrderKey } from './internal/mbo/mbo-event.ts';
import { createMboOrders } from './internal/mbo/mbo-orders.ts';
import type { MboAnomalies } from './internal/mbo/mbo-orders.ts';
import { NONE } from './internal/mbo/mbo-queues.ts';
import type { SideIndex } from './internal/mbo/mbo-queues.ts';
import { requireSameOptions } from './internal/shared/same-options.ts';
import { restored } from './internal/shared/snapshot.ts';

export type { MboActionCounts, MboBookSnapshot, MboCounts, TouchedLevel } from './internal/mbo/mbo-book-state.ts';
export { mboEventOf, mboFlags } from './internal/mbo/mbo-event.ts';
export type { MboAction, MboEvent, MboOrderId, MboOrderKey, MboRecord, MboSide } from './internal/mbo/mbo-event.ts';
export type { MboAnomalies, MboOrdersJson } from './internal/mbo/mbo-orders.ts';

/** Options of {@link createMboBook}. */
export interface MboBookOptions {
  /**
   * Most orders that are held; beyond it new ones are let go and counted as `overflowed`.
   * @defaultValue 1_000_000
   */
  readonly maxOrders?: number;
}

/** What {@link createMboBook} uses where an option is left out. */
export const mboBookDefaults: Required<MboBookOptions> = { maxOrders: 1_000_000 };

/** What the book reads of a record. */
export type MboBookEvent = Omit<MboEvent, 'timeMs'>;

/** A level with the number of its orders. */
export interface MboLevel extends TickLevel {
  /** Orders resting at this price. */
  readonly orders: number;
}

/** The new state of a level that an event changed; 0 lots and 0 orders when it is gone. */
export interface MboLevelChange extends MboLevel {
  readonly side: 'bid' | 'ask';
}

/** A resting order. */
export interface MboOrder {
  /** As it is held: a number up to 2^53, else text. */
  readonly orderId: MboOrderKey;
  readonly side: 'bid' | 'ask';
  readonly priceTicks: number;
  /** Displayed size in lots, before fills that no `C` or `M` has shown yet. */
  readonly sizeLots: number;
}

/** Where an order stands in the queue of its level. */
export interface QueuePosition {
  /** Lots that trade before the order's first one. */
  readonly lotsAhead: number;
  /** Orders in front. */
  readonly ordersAhead: number;
}

/** What a book has counted, and how large it is. */
export interface MboBookStats extends Omit<MboCounts, 'buyLots' | 'sellLots' | 'unknownLots' | 'tradedTickLots'> {
  /** Orders resting now. */
  readonly orders: number;
  readonly bidLevels: number;
  readonly askLevels: number;
  /** Traded lots (`T`) whose aggressor bought. */
  readonly buyLots: ExactInt;
  /** Traded lots whose aggressor sold. */
  readonly sellLots: ExactInt;
  /** Traded lots without an aggressor: auctions. */
  readonly unknownLots: ExactInt;
  /** Σ price × size of the trades, in ticks × lots: `vwapOf` makes the average price of it. */
  readonly tradedTickLots: ExactInt;
  /** Records that did not fit what came before. */
  readonly anomalies: MboAnomalies;
}

/** A running book of orders. Made by {@link createMboBook}. */
export interface MboBook {
  /**
   * Takes the next record of one instrument, in the order of the feed. At the last record of an event it gives the
   * levels that the event changed (bids before asks, each in order of its first change); `undefined` before that and
   * where nothing changed.
   * @throws {@link OrderflowError} `bad-quote`, `bad-trade` or `bad-value` for a record that no feed can send; the book
   *   is as before.
   */
  push(event: MboBookEvent): readonly MboLevelChange[] | undefined;
  /** Takes the records so far as a whole event: for the end of a stream that was cut inside one. */
  flush(): readonly MboLevelChange[] | undefined;
  /**
   * True when the last record ended its event. In between (a trade is out, the order that it filled is not yet
   * changed) levels stay those of the last consistent book; `order` and `queuePosition` are of the last record.
   */
  readonly isConsistent: boolean;
  /** True from a record that says so (the feed lost data) until the book is cleared. */
  readonly maybeBad: boolean;
  /** The best bid and offer; `undefined` while a side is empty. Crossed in auctions. */
  best(): TickQuote | undefined;
  /**
   * At most `n` levels a side, best first.
   * @throws {@link OrderflowError} `bad-option` when `n` is neither a whole number from 0 on nor `Infinity`.
   */
  top(n: number): { readonly bids: readonly MboLevel[]; readonly asks: readonly MboLevel[] };
  /** Fills `depth` with the first levels, best first, and gives it back. Allocates nothing. */
  readDepth(depth: BookDepth): BookDepth;
  /**
   * A resting order.
   * @throws {@link OrderflowError} `bad-value` for a number that is no order id.
   */
  order(id: MboOrderId): MboOrder | undefined;
  /**
   * What is in front of a resting order, under price-time priority: an order keeps its place when it shrinks and goes
   * to the end when its price changes or its size grows (beyond what its fills left). Walks the queue.
   * @throws {@link OrderflowError} `bad-value` for a number that is no order id.
   */
  queuePosition(id: MboOrderId): QueuePosition | undefined;
  stats(): MboBookStats;
  /** The state as plain JSON. */
  snapshot(): MboBookSnapshot;
}

/**
 * An empty book of orders. It holds one entry per resting order and level.
 *
 * @example
 * ```ts
 * const book = createMboBook();
 * book.push({ action: 'A', side: 'B', orderId: 1, priceTicks: 100, sizeLots: 5 });
 * book.push({ action: 'A', side: 'B', orderId: 2, priceTicks: 100, sizeLots: 3 });
 * book.push({ action: 'C', side: 'B', orderId: 1, priceTicks: 100, sizeLots: 4 }); // => [{ side: 'bid', priceTicks: 100, sizeLots: 4, orders: 2 }]
 * book.queuePosition(2); // => { lotsAhead: 1, ordersAhead: 1 }
 * ```
 * @throws {@link OrderflowError} `bad-option` when `maxOrders` is not a positive whole number.
 */
export function createMboBook(options: MboBookOptions = {}): MboBook {
  return startBook(options, undefined);
}

/**
 * The book that a snapshot was taken of; pass the options that it was created with.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or `maxOrders`.
 */
export function restoreMboBook(snapshot: MboBookSnapshot, options: MboBookOptions = {}): MboBook {
  return restored(snapshot, 'mbo-book', mboBookShape, () => {
    requireSameOptions(
      'mbo-book',
      { maxOrders: snapshot.maxOrders },
      { maxOrders: options.maxOrders ?? mboBookDefaults.maxOrders },
    );
    return startBook(options, snapshot);
  });
}

const sideName = (side: SideIndex): 'bid' | 'ask' => (side === 0 ? 'bid' : 'ask');

function startBook(options: MboBookOptions, from: MboBookSnapshot | undefined): MboBook {
  const maxOrders = options.maxOrders ?? mboBookDefaults.maxOrders;
  requireWhole('maxOrders', maxOrders);
  const sides: readonly [BookSide, BookSide] = [createBookSide('bid'), createBookSide('ask')];
  /** Levels that changed since the last consistent book, as they were then. */
  const touched = [new Map<number, TouchedLevel>(), new Map<number, TouchedLevel>()] as const;

  const touch = (side: SideIndex, ticks: number): void => {
    if (touched[side].has(ticks)) return;
    touched[side].set(ticks, [ticks, queues.levelLots(side, ticks), queues.levelOrders(side, ticks)]);
  };
  const orders = createMboOrders({ maxOrders, touch, ...(from ? { from } : {}) });
  const { queues, anomalies } = orders;

  const { actions, buyLots, sellLots, unknownLots, tradedTickLots, ...counts } = structuredClone(
    from?.counts ?? emptyMboCounts,
  ) as { -readonly [K in keyof MboCounts]: MboCounts[K] };
  const actionCounts = actions as { -readonly [K in keyof typeof actions]: number };
  let [buy, sell, unknown, value] = [buyLots, sellLots, unknownLots, tradedTickLots].map(exactFromJson) as [
    ExactInt,
    ExactInt,
    ExactInt,
    ExactInt,
  ];
  let consistent = from?.consistent ?? true;
  let maybeBad = from?.maybeBad ?? false;

  if (from) {
    for (const side of [0, 1] as const) {
      // From the worst price on, each level goes to the end of the side: no level is moved.
      for (const price of queues.prices(side).reverse()) sides[side].set(price, queues.levelLots(side, price));
      for (const level of from.touched[side]) {
        touched[side].set(level[0], level);
        sides[side].set(level[0], level[1]);
      }
    }
  }

  const commit = (): readonly MboLevelChange[] | undefined => {
    consistent = true;
    let changes: MboLevelChange[] | undefined;
    for (const side of [0, 1] as const) {
      const levels = touched[side];
      if (levels.size === 0) continue;
      for (const [priceTicks, wasLots, wasOrders] of levels.values()) {
        const sizeLots = queues.levelLots(side, priceTicks);
        const count = queues.levelOrders(side, priceTicks);
        if (sizeLots === wasLots && count === wasOrders) continue;
        if (sizeLots !== wasLots) sides[side].set(priceTicks, sizeLots);
        (changes ??= []).push({ side: sideName(side), priceTicks, sizeLots, orders: count });
      }
      levels.clear();
    }
    return changes;
  };

  const best = (): TickQuote | undefined => {
    const [bid, ask] = [sides[0].best(), sides[1].best()];
    if (!bid || !ask) return undefined;
    return { bidTicks: bid.priceTicks, bidLots: bid.sizeLots, askTicks: ask.priceTicks, askLots: ask.sizeLots };
  };

  const countTrade = ({ side, priceTicks, sizeLots }: MboBookEvent): void => {
    if (side === 'B') buy = addExact(buy, sizeLots);
    else if (side === 'A') sell = addExact(sell, sizeLots);
    else unknown = addExact(unknown, sizeLots);
    value = addExact(value, multiplyExact(priceTicks, sizeLots));
  };

  return {
    push(event) {
      orders.apply(event);
      const { action, flags = mboFlags.last } = event;
      counts.records += 1;
      if (Object.hasOwn(actionCounts, action)) actionCounts[action] += 1;
      if (action === 'T') countTrade(event);
      if (action === 'R') maybeBad = false;
      if ((flags & mboFlags.maybeBadBook) !== 0) {
        counts.maybeBadRecords += 1;
        maybeBad = true;
      }
      consistent = false;
      if ((flags & mboFlags.last) === 0) return undefined;
      const changes = commit();
      counts.events += 1;
      const [bid, ask] = [sides[0].best(), sides[1].best()];
      if (bid && ask && bid.priceTicks >= ask.priceTicks) counts.crossedAtLast += 1;
      return changes;
    },
    flush: commit,
    get isConsistent() {
      return consistent;
    },
    get maybeBad() {
      return maybeBad;
    },
    best,
    top(n) {
      if (!(Number.isInteger(n) || n === Infinity) || n < 0) {
        throw new OrderflowError(
          'bad-option',
          `top(${excerpt(n)}): the number of levels is neither a whole number from 0 on nor Infinity. Pass 10, say.`,
          n,
        );
      }
      const [bids, asks] = ([0, 1] as const).map((side) =>
        sides[side].top(n).map((level) => ({
          ...level,
          orders: touched[side].get(level.priceTicks)?.[2] ?? queues.levelOrders(side, level.priceTicks),
        })),
      ) as [MboLevel[], MboLevel[]];
      return { bids, asks };
    },
    readDepth(depth) {
      depth.bidLevels = sides[0].readTop(depth.bidTicks, depth.bidLots);
      depth.askLevels = sides[1].readTop(depth.askTicks, depth.askLots);
      return depth;
    },
    order(id) {
      const slot = queues.find(orderKey(id));
      if (slot === NONE) return undefined;
      return {
        orderId: queues.keyOf(slot),
        side: sideName(queues.sideOf(slot)),
        priceTicks: queues.ticksOf(slot),
        sizeLots: queues.lotsOf(slot),
      };
    },
    queuePosition(id) {
      const slot = queues.find(orderKey(id));
      if (slot === NONE) return undefined;
      let [lotsAhead, ordersAhead] = [0, 0];
      for (let ahead = queues.inFrontOf(slot); ahead !== NONE; ahead = queues.inFrontOf(ahead)) {
        lotsAhead += Math.max(0, queues.lotsOf(ahead) - queues.pendingOf(ahead));
        ordersAhead += 1;
      }
      return { lotsAhead, ordersAhead };
    },
    stats: () => ({
      ...counts,
      actions: { ...actionCounts },
      orders: queues.size,
      bidLevels: sides[0].size,
      askLevels: sides[1].size,
      buyLots: buy,
      sellLots: sell,
      unknownLots: unknown,
      tradedTickLots: value,
      anomalies: { ...anomalies },
    }),
    snapshot: () => ({
      v: 1,
      kind: 'mbo-book',
      maxOrders,
      consistent,
      maybeBad,
      ...orders.toJson(),
      touched: [[...touched[0].values()], [...touched[1].values()]],
      counts: {
        ...counts,
        actions: { ...actionCounts },
        buyLots: exactToJson(buy),
        sellLots: exactToJson(sell),
        unknownLots: exactToJson(unknown),
        tradedTickLots: exactToJson(value),
      },
      anomalies: { ...anomalies },
    }),
  };
}
