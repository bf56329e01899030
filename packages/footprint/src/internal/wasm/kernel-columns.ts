/** Prints to bars by the kernel: chunks of the tape are copied into its memory, bars are copied out. */
import type { NumberColumn, SideColumn } from '@tapekit/orderflow/columns';
import type { FastPath } from '../columns-door.ts';
import { barColumns, rowColumns } from '../columns-builder.ts';
import type { Kernel } from './kernel-exports.ts';

/** Rows of more ticks are rows of 32 bits no more. */
const MAX_ROW_TICKS = 2 ** 31;
const PAGE = 65_536;

/** Copies values `[from, to)` to the beginning of an array of the same type. */
export type CopyPart = (source: Values, from: number, to: number, target: Values) => void;
export type Values = Float64Array | Int32Array | Int8Array;

const setPart: CopyPart = (source, from, to, target) => target.set(source.subarray(from, to));

/**
 * The fast path by a kernel, which holds nothing between calls; what it refuses is for TypeScript.
 *
 * @param copyPart - How a host copies sooner than `set` does.
 */
export function kernelColumns(kernel: Kernel, copyPart: CopyPart = setPart): FastPath {
  const { exports, layout } = kernel;
  const { CHUNK, BARS, ROWS, DONE, DRAIN, GROW } = layout;
  let views = viewsOf(exports.memory.buffer, layout);

  /** Doubles the ladder; false where memory has an end. */
  const grow = (): boolean => {
    try {
      exports.memory.grow(Math.max(1, Math.floor((exports.memory.buffer.byteLength - layout.LADDER) / PAGE)));
    } catch {
      return false;
    }
    exports.grown();
    views = viewsOf(exports.memory.buffer, layout);
    return true;
  };

  const write: FastPath = (columns, rows, { intervalMs, rowTicks, rule }, maxJumpMs, outputs) => {
    if (rowTicks > MAX_ROW_TICKS) return false;
    const rowsBefore = outputs.rows;
    if (views.times.buffer !== exports.memory.buffer) views = viewsOf(exports.memory.buffer, layout);
    const ticksAreDoubles = !(columns.priceTicks instanceof Int32Array);
    const lotsAreDoubles = !(columns.sizeLots instanceof Int32Array);
    const fetch = (share: number): void => {
      const [newBars, newRows] = [exports.waitingBars(), exports.waitingRows()];
      const target = outputs.reserve(newBars, newRows, share);
      for (const [i, name] of barColumns.entries()) {
        target[name].set(views.bars.subarray(i * BARS, i * BARS + newBars), outputs.bars);
      }
      if (rowsBefore > 0) for (let i = 0; i < newBars; i += 1) target.firstRow[outputs.bars + i]! += rowsBefore;
      for (const [i, name] of rowColumns.entries()) {
        target[name].set(views.rows.subarray(i * ROWS, i * ROWS + newRows), outputs.rows);
      }
      outputs.bars += newBars;
      outputs.rows += newRows;
      exports.fetched();
    };

    const step = rule.method === 'one-row' ? 1 : 2;
    exports.start(intervalMs, rowTicks, rule.numerator, rule.denominator, step, maxJumpMs);
    for (let from = 0; from < rows; from += CHUNK) {
      const to = Math.min(rows, from + CHUNK);
      copyNumbers(columns.timeMs, from, to, views.times, copyPart);
      copyNumbers(columns.priceTicks, from, to, ticksAreDoubles ? views.doubleTicks : views.ticks, copyPart);
      copyNumbers(columns.sizeLots, from, to, lotsAreDoubles ? views.doubleLots : views.lots, copyPart);
      if (!copySides(columns.side, from, to, views.sides, copyPart)) return false;
      if (exports.take(to - from, ticksAreDoubles, lotsAreDoubles) !== DONE) return false;
      for (let status = exports.run(); status !== DONE; status = exports.run()) {
        if (status === DRAIN) fetch(to / rows);
        else if (status !== GROW || !grow()) return false;
      }
    }
    for (let status = exports.close(); status !== DONE; status = exports.close()) {
      if (status !== DRAIN) return false;
      fetch(1);
    }
    fetch(1);
    return true;
  };

  return (columns, rows, options, maxJumpMs, outputs) => {
    // A column may be more than an array: its getter may come back here.
    if (kernel.isBusy) return false;
    kernel.isBusy = true;
    try {
      return outputs.orNothing(() => write(columns, rows, options, maxJumpMs, outputs));
    } finally {
      kernel.isBusy = false;
    }
  };
}

interface Views {
  readonly times: Float64Array;
  readonly ticks: Int32Array;
  readonly lots: Int32Array;
  readonly sides: Int8Array;
  readonly doubleTicks: Float64Array;
  readonly doubleLots: Float64Array;
  readonly bars: Float64Array;
  readonly rows: Float64Array;
}

function viewsOf(buffer: ArrayBuffer, layout: Kernel['layout']): Views {
  const { CHUNK, BARS, ROWS } = layout;
  return {
    times: new Float64Array(buffer, layout.TIMES, CHUNK),
    ticks: new Int32Array(buffer, layout.TICKS, CHUNK),
    lots: new Int32Array(buffer, layout.LOTS, CHUNK),
    sides: new Int8Array(buffer, layout.SIDES, CHUNK),
    doubleTicks: new Float64Array(buffer, layout.DOUBLE_TICKS, CHUNK),
    doubleLots: new Float64Array(buffer, layout.DOUBLE_LOTS, CHUNK),
    bars: new Float64Array(buffer, layout.BAR_COLUMNS, 17 * BARS),
    rows: new Float64Array(buffer, layout.ROW_COLUMNS, 7 * ROWS),
  };
}

function copyNumbers(
  column: NumberColumn,
  from: number,
  to: number,
  target: Float64Array | Int32Array,
  copyPart: CopyPart,
): void {
  if (column.constructor === target.constructor) copyPart(column as typeof target, from, to, target);
  else target.set(Array.isArray(column) ? column.slice(from, to) : (column as Float64Array).subarray(from, to));
}

/** False when a side does not fit its byte. */
function copySides(column: SideColumn, from: number, to: number, target: Int8Array, copyPart: CopyPart): boolean {
  if (column instanceof Int8Array) {
    copyPart(column, from, to, target);
    return true;
  }
  for (let i = from; i < to; i += 1) {
    target[i - from] = column[i]!;
    if (target[i - from] !== column[i]) return false;
  }
  return true;
}
