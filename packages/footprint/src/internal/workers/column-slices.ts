/** Cutting columns of trades between bars, and putting them behind each other. */
import type { NumberColumn, SideColumn, TradeColumns } from '@tapekit/orderflow/columns';
import { startOf } from '../intervals.ts';

/**
 * Indices at which a tape in order of time can be cut, each the first print of a bar, for at most `slices` parts of about
 * one size. `undefined` for a tape that is seen not to be in order.
 */
export function barCuts(timeMs: NumberColumn, intervalMs: number, slices: number): number[] | undefined {
  const rows = timeMs.length;
  const cuts: number[] = [];
  let last = 0;
  for (let k = 1; k < slices; k += 1) {
    const target = Math.max(Math.round((rows * k) / slices), last);
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
