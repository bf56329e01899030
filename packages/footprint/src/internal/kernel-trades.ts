import type { TradeColumns } from '@tapekit/orderflow/columns';
import type { KernelTrades } from './columns-kernel.ts';

/** Trades as the kernel reads them, with what a look at them showed. */
export interface CheckedTrades {
  readonly trades: KernelTrades;
  /** Number of prints. */
  readonly rows: number;
  /** No size is above it; it may itself be above all of them. */
  readonly mostLots: number;
  /** True when there is a print without a known aggressor. */
  readonly hasUnknown: boolean;
}

/**
 * The columns in the kernel's types; `undefined` when a print is none, has no size above 0, or does not fit: a time before
 * the one before it, a price beyond 32 bits, a sum of sizes beyond the safe integers.
 */
export function kernelTrades(columns: TradeColumns, rows: number): CheckedTrades | undefined {
  const timeMs = columns.timeMs instanceof Float64Array ? columns.timeMs : Float64Array.from(columns.timeMs);
  const side = columns.side instanceof Int8Array ? columns.side : int8Of(columns.side);
  if (!side || !areTimes(timeMs)) return undefined;
  const sides = sidesOf(side);
  const sizes = columns.sizeLots instanceof Int32Array ? sizes32(columns.sizeLots) : sizesOf(columns.sizeLots);
  const ticks = columns.priceTicks instanceof Int32Array ? columns.priceTicks : int32Of(columns.priceTicks);
  if (!sizes || !ticks || sides === 'other') return undefined;
  const { lots, mostLots } = sizes;
  if (rows * mostLots > Number.MAX_SAFE_INTEGER && !isSafeSum(lots)) return undefined;
  return { trades: { timeMs, ticks, lots, side }, rows, mostLots, hasUnknown: sides === 'some unknown' };
}

function int32Of(column: ArrayLike<number>): Int32Array | undefined {
  const ticks = new Int32Array(column.length);
  for (let i = 0; i < column.length; i += 1) {
    ticks[i] = column[i]!;
    if (ticks[i] !== column[i]) return undefined;
  }
  return ticks;
}

function int8Of(column: ArrayLike<number>): Int8Array | undefined {
  const sides = new Int8Array(column.length);
  for (let i = 0; i < column.length; i += 1) {
    sides[i] = column[i]!;
    if (sides[i] !== column[i]) return undefined;
  }
  return sides;
}

/** Within the range of `Date`, and never before the one before. */
function areTimes(timeMs: Float64Array): boolean {
  let before = -8.64e15;
  for (let i = 0; i < timeMs.length; i += 1) {
    const time = timeMs[i]!;
    if (!(time >= before)) return false;
    before = time;
  }
  return before <= 8.64e15;
}

/** Whether all codes are −1, 0 or 1, and whether there is a 0; four at a time, and without a branch. */
function sidesOf(side: Int8Array): 'known' | 'some unknown' | 'other' {
  const lead = -side.byteOffset & 3;
  const count = Math.max(0, (side.length - lead) >> 2);
  const words = new Int32Array(side.buffer, count === 0 ? 0 : side.byteOffset + lead, count);
  let odd = -1;
  let beyond = 0;
  for (let i = 0; i < words.length; i += 1) {
    const four = words[i]!;
    odd &= four;
    // Of −1, 0 and 1 all bits but the lowest are alike.
    beyond |= (four ^ (four << 1)) & 0xfcfcfcfc;
  }
  for (let i = 0; i < side.length; i += 1) {
    if (i === lead) i += count << 2;
    if (i >= side.length) break;
    const code = side[i]!;
    odd &= code | 0x01010100;
    if (code > 1 || code < -1) beyond = 1;
  }
  if (beyond !== 0) return 'other';
  return (odd & 0x01010101) === 0x01010101 ? 'known' : 'some unknown';
}

interface Sizes {
  readonly lots: Float64Array | Int32Array;
  readonly mostLots: number;
}

function sizes32(lots: Int32Array): Sizes | undefined {
  let signs = 0;
  let bits = 0;
  for (let i = 0; i < lots.length; i += 1) {
    signs |= lots[i]! - 1;
    bits |= lots[i]!;
  }
  // What has any bit of any size is not below the largest of them. −2^31 less 1 does not show, but is below 0 itself.
  return signs < 0 || bits < 0 ? undefined : { lots, mostLots: bits };
}

/** Whole sizes above 0, in 32 bits where they fit. */
function sizesOf(column: ArrayLike<number>): Sizes | undefined {
  const narrow = new Int32Array(column.length);
  let most = 0;
  for (let i = 0; i < column.length; i += 1) {
    const size = column[i]!;
    narrow[i] = size;
    if (!(size > 0) || (narrow[i] !== size && size % 1 !== 0)) return undefined;
    if (size > most) most = size;
  }
  return { lots: most < 2 ** 31 ? narrow : Float64Array.from(column), mostLots: most };
}

function isSafeSum(lots: Float64Array | Int32Array): boolean {
  let sum = 0;
  for (let i = 0; i < lots.length; i += 1) sum += lots[i]!;
  return sum <= Number.MAX_SAFE_INTEGER;
}
