/** What a block of ordered prints will do to the engine, found out before it is done. */
import type { NumberColumn } from '@tapekit/orderflow/columns';
import { MAX_ROWS } from '../columns-engine.ts';
import { findEnd, rangeOf, sumOf } from '../columns-kernel.ts';
import type { CheckedTrades } from '../kernel-trades.ts';

/** The bar that is open before the block. */
export interface OpenRange {
  readonly endMs: number;
  readonly lots: number;
  readonly lowTicks: number;
  readonly highTicks: number;
}

/** The bar that is open after the block. */
export interface BlockPlan {
  /** Index of its first print in the block; −1 when it was open before. */
  readonly firstPrint: number;
  /** Its volume. */
  readonly lots: number;
}

/** `undefined` when a bar of the block would not fit the engine. */
export function planBlock(
  { trades, rows }: CheckedTrades,
  intervalMs: number,
  open: OpenRange | undefined,
): BlockPlan | undefined {
  const { timeMs, ticks, lots } = trades;
  let { endMs, lots: total, lowTicks: low, highTicks: high } = open ?? NO_BAR;
  const range = new Int32Array(2);
  let firstPrint = -1;
  for (let from = 0; from < rows;) {
    if (!(timeMs[from]! < endMs)) {
      endMs = Math.floor(timeMs[from]! / intervalMs) * intervalMs + intervalMs;
      ({ lots: total, lowTicks: low, highTicks: high } = NO_BAR);
      firstPrint = from;
    }
    const to = findEnd(timeMs, from, endMs);
    rangeOf(ticks, from, to, range);
    low = Math.min(low, range[0]!);
    high = Math.max(high, range[1]!);
    total += sumOf(lots, from, to);
    const span = high - low + 1;
    if (span > MAX_ROWS || !Number.isSafeInteger(total * span)) return undefined;
    from = to;
  }
  return { firstPrint, lots: total };
}

const NO_BAR: OpenRange = { endMs: -Infinity, lots: 0, lowTicks: Infinity, highTicks: -Infinity };

/** True when every id is new by being higher than all before it. */
export function areNewIds(ids: NumberColumn, highest: number): boolean {
  let last = highest;
  for (let i = 0; i < ids.length; i += 1) {
    const id = ids[i]!;
    if (!(id > last) || !Number.isSafeInteger(id)) return false;
    last = id;
  }
  return true;
}
