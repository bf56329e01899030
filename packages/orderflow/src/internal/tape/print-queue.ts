import { count, finite, isAscending, listOf, oneOf, tupleOf, where, whole } from '../shared/shapes.ts';
import type { Shape } from '../shared/shapes.ts';

/** The prints of a sliding window, oldest first, without an object per print. */

/**
 * A print as plain JSON: time, price in ticks, size in lots, and 1 for buy, −1 for sell, 0 for unknown. What a module does
 * not need is 0: the time in a window by number of prints, the price in a velocity.
 */
export type PrintRow = readonly [timeMs: number, priceTicks: number, sizeLots: number, side: number];

/** A ring of prints in order of time. */
export interface PrintQueue {
  readonly size: number;
  /** Puts a print behind all that are not later: equal times keep their order of arrival. */
  insert(timeMs: number, priceTicks: number, sizeLots: number, side: number): void;
  /** Time of the oldest print; the queue must not be empty. */
  oldestMs(): number;
  /** Price of the oldest print; the queue must not be empty. */
  oldestTicks(): number;
  /** Takes the oldest print out; the queue must not be empty. */
  shift(): PrintRow;
  clear(): void;
  /** All prints, oldest first. */
  rows(): PrintRow[];
}

const FIELDS = 4;

/** A queue; `from` is what {@link PrintQueue.rows} gave. It grows with what it holds: the caller bounds it. */
export function createPrintQueue(from: readonly PrintRow[] = []): PrintQueue {
  // The capacity is a power of two, so that a position wraps with a mask.
  let capacity = 16;
  let ring = new Float64Array(capacity * FIELDS);
  let head = 0;
  let size = 0;
  const slot = (i: number): number => ((head + i) & (capacity - 1)) * FIELDS;
  const row = (at: number): PrintRow => [ring[at]!, ring[at + 1]!, ring[at + 2]!, ring[at + 3]!];
  const grow = (): void => {
    const larger = new Float64Array(capacity * 2 * FIELDS);
    for (let i = 0; i < size; i += 1) larger.set(ring.subarray(slot(i), slot(i) + FIELDS), i * FIELDS);
    ring = larger;
    head = 0;
    capacity *= 2;
  };

  const queue: PrintQueue = {
    get size() {
      return size;
    },
    insert(timeMs, priceTicks, sizeLots, side) {
      if (size === capacity) grow();
      let i = size;
      while (i > 0 && ring[slot(i - 1)]! > timeMs) {
        ring.copyWithin(slot(i), slot(i - 1), slot(i - 1) + FIELDS);
        i -= 1;
      }
      const at = slot(i);
      ring[at] = timeMs;
      ring[at + 1] = priceTicks;
      ring[at + 2] = sizeLots;
      ring[at + 3] = side;
      size += 1;
    },
    oldestMs: () => ring[slot(0)]!,
    oldestTicks: () => ring[slot(0) + 1]!,
    shift() {
      const oldest = row(slot(0));
      head = (head + 1) & (capacity - 1);
      size -= 1;
      return oldest;
    },
    clear() {
      size = 0;
    },
    rows: () => Array.from({ length: size }, (_, i) => row(slot(i))),
  };
  for (const [timeMs, priceTicks, sizeLots, side] of from) queue.insert(timeMs, priceTicks, sizeLots, side);
  return queue;
}

/** Prints as they are stored: oldest first. */
export const printRowsShape: Shape = where(
  listOf(tupleOf(finite, whole, count, oneOf(-1, 0, 1))),
  (rows: readonly PrintRow[]) => isAscending(rows.map(([timeMs]) => timeMs)),
);
