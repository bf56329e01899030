/**
 * Orders in the queues of their price levels: linked lists over flat arrays, so that an order is added, shrunk, moved
 * and removed in constant time, and a book of ten thousand orders is a handful of objects.
 */
import type { MboOrderKey } from './mbo-event.ts';

/** Index of a side: bids 0, asks 1. */
export type SideIndex = 0 | 1;

/** No slot: the end of a list. */
export const NONE = -1;

/** The queues of both sides. Slots are indices of orders; a freed slot is used again. */
export interface MboQueues {
  /** Orders held. */
  readonly size: number;
  /** Slot of an order, or {@link NONE}. */
  find(key: MboOrderKey): number;
  /** Puts a new order at the end of its queue; {@link NONE} when the level would leave the exact integers. */
  add(key: MboOrderKey, side: SideIndex, priceTicks: number, sizeLots: number): number;
  /** Moves an order to the end of another or the same queue, at a new size; false when it does not fit and is gone. */
  requeue(slot: number, side: SideIndex, priceTicks: number, sizeLots: number): boolean;
  /** Sets a smaller or equal size; the order keeps its place. */
  shrink(slot: number, sizeLots: number): void;
  remove(slot: number): void;
  clear(): void;
  keyOf(slot: number): MboOrderKey;
  sideOf(slot: number): SideIndex;
  ticksOf(slot: number): number;
  lotsOf(slot: number): number;
  /** Lots filled that no change of the order has shown yet. */
  pendingOf(slot: number): number;
  setPending(slot: number, lots: number): void;
  /** Slot of the order in front, or {@link NONE}. */
  inFrontOf(slot: number): number;
  /** Lots of a level; 0 where there is none. */
  levelLots(side: SideIndex, priceTicks: number): number;
  /** Orders of a level; 0 where there is none. */
  levelOrders(side: SideIndex, priceTicks: number): number;
  /** Prices of a side, best first. */
  prices(side: SideIndex): number[];
  /** Slots of a level, first in line first. */
  queueOf(side: SideIndex, priceTicks: number): number[];
}

interface Level {
  readonly side: SideIndex;
  readonly priceTicks: number;
  lots: number;
  orders: number;
  head: number;
  tail: number;
}

/** Empty queues. */
export function createMboQueues(): MboQueues {
  const slots = new Map<MboOrderKey, number>();
  const sides = [new Map<number, Level>(), new Map<number, Level>()] as const;
  const keys: MboOrderKey[] = [];
  const levels: Level[] = [];
  const free: number[] = [];
  let lots = new Float64Array(1024);
  let pending = new Float64Array(1024);
  let front = new Int32Array(1024);
  let behind = new Int32Array(1024);

  const grow = (): void => {
    const wider = <T extends Float64Array | Int32Array>(from: T, into: T): T => (into.set(from), into);
    const length = lots.length * 2;
    lots = wider(lots, new Float64Array(length));
    pending = wider(pending, new Float64Array(length));
    front = wider(front, new Int32Array(length));
    behind = wider(behind, new Int32Array(length));
  };

  /** The level with room for `sizeLots` more. */
  const levelFor = (side: SideIndex, priceTicks: number, sizeLots: number): Level | undefined => {
    const found = sides[side].get(priceTicks);
    if (found) return Number.isSafeInteger(found.lots + sizeLots) ? found : undefined;
    const level: Level = { side, priceTicks, lots: 0, orders: 0, head: NONE, tail: NONE };
    sides[side].set(priceTicks, level);
    return level;
  };

  const append = (slot: number, level: Level, sizeLots: number): void => {
    lots[slot] = sizeLots;
    levels[slot] = level;
    front[slot] = level.tail;
    behind[slot] = NONE;
    if (level.tail === NONE) level.head = slot;
    else behind[level.tail] = slot;
    level.tail = slot;
    level.lots += sizeLots;
    level.orders += 1;
  };

  const unlink = (slot: number): void => {
    const level = levels[slot]!;
    const [before, after] = [front[slot]!, behind[slot]!];
    if (before === NONE) level.head = after;
    else behind[before] = after;
    if (after === NONE) level.tail = before;
    else front[after] = before;
    level.lots -= lots[slot]!;
    level.orders -= 1;
    if (level.orders === 0) sides[level.side].delete(level.priceTicks);
  };

  const release = (slot: number): void => {
    slots.delete(keys[slot]!);
    free.push(slot);
  };

  return {
    get size() {
      return slots.size;
    },
    find: (key) => slots.get(key) ?? NONE,
    add(key, side, priceTicks, sizeLots) {
      const level = levelFor(side, priceTicks, sizeLots);
      if (!level) return NONE;
      const slot = free.pop() ?? keys.length;
      if (slot >= lots.length) grow();
      keys[slot] = key;
      pending[slot] = 0;
      slots.set(key, slot);
      append(slot, level, sizeLots);
      return slot;
    },
    requeue(slot, side, priceTicks, sizeLots) {
      unlink(slot);
      const level = levelFor(side, priceTicks, sizeLots);
      if (level) append(slot, level, sizeLots);
      else release(slot);
      return level !== undefined;
    },
    shrink(slot, sizeLots) {
      levels[slot]!.lots += sizeLots - lots[slot]!;
      lots[slot] = sizeLots;
    },
    remove(slot) {
      unlink(slot);
      release(slot);
    },
    clear() {
      slots.clear();
      sides[0].clear();
      sides[1].clear();
      keys.length = levels.length = free.length = 0;
    },
    keyOf: (slot) => keys[slot]!,
    sideOf: (slot) => levels[slot]!.side,
    ticksOf: (slot) => levels[slot]!.priceTicks,
    lotsOf: (slot) => lots[slot]!,
    pendingOf: (slot) => pending[slot]!,
    setPending(slot, filled) {
      pending[slot] = filled;
    },
    inFrontOf: (slot) => front[slot]!,
    levelLots: (side, priceTicks) => sides[side].get(priceTicks)?.lots ?? 0,
    levelOrders: (side, priceTicks) => sides[side].get(priceTicks)?.orders ?? 0,
    prices: (side) => [...sides[side].keys()].sort((a, b) => (side === 0 ? b - a : a - b)),
    queueOf(side, priceTicks) {
      const queue: number[] = [];
      for (let slot = sides[side].get(priceTicks)?.head ?? NONE; slot !== NONE; slot = behind[slot]!) queue.push(slot);
      return queue;
    },
  };
}
