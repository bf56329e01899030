import type { TradeColumns } from '@tapekit/orderflow/columns';
import type { KernelTrades } from './columns-kernel.ts';

/** Trades as the kernel reads them, with what a look at them showed. */
export interface CheckedTrades {
  readonly trades: KernelTrades;
  /** Number of prints. */
  readonly rows: number;
  /** Σ of the sizes, safe. */
  readonly sumLots: number;
  /** True when times never fall. */
  readonly isOrdered: boolean;
  /** True when there is a print without a known aggressor. */
  readonly hasUnknown: boolean;
}

/**
 * The columns in the kernel's types; `undefined` when a print is none, has no size above 0, or does not fit: a price
 * beyond 32 bits, a sum of sizes beyond the safe integers.
 */
export function kernelTrades(columns: TradeColumns, rows: number): CheckedTrades | undefined {
  const ticks = columns.priceTicks instanceof Int32Array ? columns.priceTicks : int32Of(columns.priceTicks);
  const timeMs = columns.timeMs instanceof Float64Array ? columns.timeMs : Float64Array.from(columns.timeMs);
  const lots = isKernelSizes(columns.sizeLots) ? columns.sizeLots : Float64Array.from(columns.sizeLots);
  const side = columns.side instanceof Int8Array ? columns.side : Int8Array.from(columns.side);
  const sumLots = sumOfSizes(lots);
  if (!ticks || !areTimes(timeMs) || !areSides(side, columns.side) || sumLots === undefined) return undefined;
  const trades = { timeMs, ticks, lots, side };
  return { trades, rows, sumLots, isOrdered: neverFalls(timeMs), hasUnknown: side.includes(0) };
}

function isKernelSizes(column: TradeColumns['sizeLots']): column is Int32Array | Float64Array {
  return column instanceof Int32Array || column instanceof Float64Array;
}

function int32Of(column: ArrayLike<number>): Int32Array | undefined {
  const ticks = new Int32Array(column.length);
  for (let i = 0; i < column.length; i += 1) {
    ticks[i] = column[i]!;
    if (ticks[i] !== column[i]) return undefined;
  }
  return ticks;
}

/** Within the range of `Date`. */
function areTimes(timeMs: Float64Array): boolean {
  for (let i = 0; i < timeMs.length; i += 1) if (!(timeMs[i]! >= -8.64e15 && timeMs[i]! <= 8.64e15)) return false;
  return true;
}

function neverFalls(timeMs: Float64Array): boolean {
  for (let i = 1; i < timeMs.length; i += 1) if (timeMs[i]! < timeMs[i - 1]!) return false;
  return true;
}

function areSides(side: Int8Array, column: ArrayLike<number>): boolean {
  for (let i = 0; i < side.length; i += 1) {
    if (side[i] !== column[i] || side[i]! > 1 || side[i]! < -1) return false;
  }
  return true;
}

/** The sum of whole sizes above 0, where it is safe. */
function sumOfSizes(lots: Float64Array | Int32Array): number | undefined {
  let sum = 0;
  for (let i = 0; i < lots.length; i += 1) {
    const size = lots[i]!;
    if (!(size > 0) || size % 1 !== 0) return undefined;
    sum += size;
  }
  return sum <= Number.MAX_SAFE_INTEGER ? sum : undefined;
}
