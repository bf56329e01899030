/** Cutting columns of trades between bars, and putting them behind each other. */
import type { NumberColumn, SideColumn, TradeColumns } from '@tapekit/orderflow/columns';
import { startOf } from '../intervals.ts';

/**
 * Indices at which a tape in order of time can be cut, each the first print of a bar, for at most `slices` parts of about
 * one size, or of the sizes by which `shareOf` says how much of the tape (0 to 1) is in the first so many. `undefined` for
 * a tape that is seen not to be in order.
 */
export function barCuts(
  timeMs: NumberColumn,
  intervalMs: number,
  slices: number,
  shareOf: (slices: number) => number = (first) => first / slices,
): number[] | undefined {
  const rows = timeMs.length;
  const cuts: number[] = [];
  let last = 0;
  for (let k = 1; k < slices; k += 1) {
    const target = Math.max(Math.round(rows * shareOf(k)), last);
    if (target >= rows) break;
    let startMs = startOf(timeMs[target]!, intervalMs, 0);
    let cut = firstFrom(timeMs, startMs, last, rows);
    if (cut <= last) {
      // One bar goes from the cut before to here: the next one begins behind it.
      startMs += intervalMs;
      cut = firstFrom(timeMs, startMs, target, rows);
      if (cut === rows) break;
      startMs = startOf(timeMs[cut]!, intervalMs, 0);
    }
    // Also false where a time is no number.
    if (!(startOf(timeMs[cut - 1]!, intervalMs, 0) < startMs && timeMs[cut]! >= startMs)) return undefined;
    cuts.push(cut);
    last = cut;
  }
  return cuts;
}

/**
 * Shares for {@link barCuts}: of `slices` of one size, the last one of each thread is cut in smaller and smaller ones, so
 * that all threads are done at about one time.
 */
export function taperedShares(slices: number, threads: number): readonly number[] {
  const sizes = [
    ...Array.from({ length: slices - threads }, () => 4),
    ...Array.from({ length: threads }, () => 2),
    ...Array.from({ length: 2 * threads }, () => 1),
  ];
  let done = 0;
  return sizes.map((size) => (done += size) / (4 * slices));
}

/** Index of the first time at or after `limitMs`, by bisection; times never fall. */
export function firstFrom(timeMs: NumberColumn, limitMs: number, from: number, to: number): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timeMs[middle]! < limitMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Views of a part of the columns. */
export function viewOf(trades: TradeColumns, from: number, to: number): TradeColumns {
  return {
    timeMs: part(trades.timeMs, from, to),
    priceTicks: part(trades.priceTicks, from, to),
    sizeLots: part(trades.sizeLots, from, to),
    side: part(trades.side, from, to),
  };
}

/** Whether other threads can read all columns where they are. */
export function isInSharedMemory({ timeMs, priceTicks, sizeLots, side }: TradeColumns): boolean {
  return [timeMs, priceTicks, sizeLots, side].every(
    (column) => ArrayBuffer.isView(column) && column.buffer instanceof SharedArrayBuffer,
  );
}

/** A part of the columns for another thread: what is shared stays in place, anything else is copied. */
export function sendableSlice(trades: TradeColumns, from: number, to: number): [TradeColumns, ArrayBuffer[]] {
  const copies: ArrayBuffer[] = [];
  /** The part, where it is no view of memory that is shared already. */
  const own = <Values extends NumberColumn | Int8Array>(values: Values): Values => {
    if (!ArrayBuffer.isView(values) || values.buffer instanceof SharedArrayBuffer) return values;
    const copy = values.slice() as Values & Float64Array<ArrayBuffer>;
    copies.push(copy.buffer);
    return copy;
  };
  const { timeMs, priceTicks, sizeLots, side } = viewOf(trades, from, to);
  const slice = { timeMs: own(timeMs), priceTicks: own(priceTicks), sizeLots: own(sizeLots), side: own(side) };
  return [slice, copies];
}

/** The prints of all parts behind each other. */
export function joinTrades(parts: readonly TradeColumns[]): TradeColumns {
  if (parts.length === 1) return parts[0]!;
  const rows = parts.reduce((sum, { timeMs }) => sum + timeMs.length, 0);
  const all = {
    timeMs: new Float64Array(rows),
    priceTicks: new Float64Array(rows),
    sizeLots: new Float64Array(rows),
    side: new Int8Array(rows),
  };
  let at = 0;
  for (const { timeMs, priceTicks, sizeLots, side } of parts) {
    all.timeMs.set(timeMs, at);
    all.priceTicks.set(priceTicks, at);
    all.sizeLots.set(sizeLots, at);
    all.side.set(side, at);
    at += timeMs.length;
  }
  return all;
}

function part<Column extends NumberColumn | SideColumn>(column: Column, from: number, to: number): Column {
  return (ArrayBuffer.isView(column) ? column.subarray(from, to) : column.slice(from, to)) as Column;
}
