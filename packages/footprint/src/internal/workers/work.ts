/** What a worker thread does with a job. */
// eslint-disable-next-line no-restricted-imports -- reached by the Node entry only
import { closeSync, openSync, readSync } from 'node:fs';
import type { TradeColumns } from '@tapekit/orderflow/columns';
import { createGrid } from '@tapekit/orderflow/grid';
import { FootprintError } from '../../errors.ts';
import type { FootprintColumns, FootprintColumnsOptions } from '../../footprint-columns.ts';
import { timeBarsDefaults } from '../../time-bars.ts';
import { createTradeLines, tradeLinesDefaults } from '../../trade-lines.ts';
import type { MalformedLine, TradeLinesOptions } from '../../trade-lines.ts';
import { footprintsThrough, inOrder, leaps } from '../columns-door.ts';
import type { FastPath } from '../columns-door.ts';
import { findEnd } from '../columns-kernel.ts';
import { startOf } from '../intervals.ts';
import { tradeLinesOf } from '../trade-lines-reader.ts';
import { valueAreaRule } from '../value-area.ts';
import { kernelColumns } from '../wasm/kernel-columns.ts';
import type { Kernel } from '../wasm/kernel-exports.ts';
import { kernelLines } from '../wasm/kernel-lines.ts';
import { firstFrom, joinTrades, viewOf } from './column-slices.ts';
import type { ByteRange, Job, LinesJob, LinesPart, LinesResult, TradesResult } from './jobs.ts';

/** The result, and the buffers that go with it; sooner with a kernel. */
export function workOn(job: Job, kernel?: Kernel): readonly [TradesResult | LinesResult, ArrayBuffer[]] {
  switch (job.kind) {
    case 'tape':
      return withBuffers(barsOf(job.trades, job.options, kernel));
    case 'slice':
      return withBuffers(fastBars(job.trades, job.options, kernel));
    case 'lines-slice':
    case 'lines-tape':
      return withBuffers(linesOf(job, kernel));
  }
}

/** The fast path: what a kernel refuses is for TypeScript. */
function fastPath(kernel: Kernel | undefined): FastPath {
  if (!kernel) return inOrder;
  const byKernel = kernelColumns(kernel);
  return (...tape) => byKernel(...tape) ?? inOrder(...tape);
}

/** Bars of any tape. */
function barsOf(trades: TradeColumns, options: FootprintColumnsOptions, kernel: Kernel | undefined): FootprintColumns {
  return footprintsThrough(fastPath(kernel), trades, options);
}

/** Bars of prints that are in order; `undefined` for any others. */
function fastBars(
  trades: TradeColumns,
  options: FootprintColumnsOptions,
  kernel: Kernel | undefined,
): FootprintColumns | undefined {
  const { intervalMs, rowTicks, valueAreaPercent, maxJumpMs } = { ...timeBarsDefaults, ...options };
  const rule = valueAreaRule(valueAreaPercent);
  const columns = fastPath(kernel)(trades, trades.timeMs.length, { intervalMs, rowTicks, rule }, maxJumpMs);
  return columns && { ...columns, bars: columns.startMs.length, intervalMs, rowTicks };
}

function linesOf(
  { kind, bytes, grid, fields, maxLineBytes, keepsMalformed, options }: LinesJob,
  kernel: Kernel | undefined,
): LinesResult {
  const malformed: MalformedLine[] = [];
  const reading: TradeLinesOptions = {
    grid: createGrid(grid),
    fields,
    maxLineBytes,
    ...(keepsMalformed ? { onMalformed: (line: MalformedLine) => malformed.push(line) } : {}),
  };
  const lines = kernel
    ? tradeLinesOf({ ...tradeLinesDefaults, ...reading }, undefined, kernelLines(kernel))
    : createTradeLines(reading);
  const parts: TradeColumns[] = [];
  for (const piece of piecesOf(bytes)) parts.push(lines.push(piece));
  parts.push(lines.flush());
  const trades = joinTrades(parts);
  const part =
    kind === 'lines-tape'
      ? { head: viewOf(trades, 0, 0), middle: barsOf(trades, options, kernel), tail: viewOf(trades, 0, 0) }
      : partOf(trades, options, kernel);
  return { stats: lines.stats(), malformed, part };
}

/** The bars between the first and the last one, and the prints of these two. */
function partOf(
  trades: TradeColumns,
  options: FootprintColumnsOptions,
  kernel: Kernel | undefined,
): LinesPart | undefined {
  const timeMs = trades.timeMs as Float64Array;
  const rows = timeMs.length;
  const { intervalMs } = options;
  if (!isOrdered(timeMs) || leaps(timeMs, options.maxJumpMs ?? timeBarsDefaults.maxJumpMs)) return undefined;
  const headEnd = rows === 0 ? 0 : findEnd(timeMs, 0, startOf(timeMs[0]!, intervalMs, 0) + intervalMs);
  const tailStart =
    headEnd === rows ? rows : firstFrom(timeMs, startOf(timeMs[rows - 1]!, intervalMs, 0), headEnd, rows);
  const middle = fastBars(viewOf(trades, headEnd, tailStart), options, kernel);
  return middle && { head: copyOf(viewOf(trades, 0, headEnd)), middle, tail: copyOf(viewOf(trades, tailStart, rows)) };
}

function isOrdered(timeMs: Float64Array): boolean {
  for (let i = 1; i < timeMs.length; i += 1) if (timeMs[i]! < timeMs[i - 1]!) return false;
  return true;
}

/** A view would send all that it is a view of. */
function copyOf({ timeMs, priceTicks, sizeLots, side }: TradeColumns): TradeColumns {
  return { timeMs: timeMs.slice(), priceTicks: priceTicks.slice(), sizeLots: sizeLots.slice(), side: side.slice() };
}

/** Bytes that are read at a time. */
const PIECE = 1 << 22;

function* piecesOf(bytes: ByteRange): Generator<Uint8Array> {
  if (bytes instanceof Uint8Array) {
    // A decoder refuses shared bytes.
    yield bytes.buffer instanceof SharedArrayBuffer ? new Uint8Array(bytes) : bytes;
    return;
  }
  const { path, from, to } = bytes;
  const file = openSync(path, 'r');
  try {
    const buffer = new Uint8Array(Math.min(PIECE, to - from));
    for (let at = from; at < to;) {
      const read = readSync(file, buffer, 0, Math.min(buffer.length, to - at), at);
      if (read === 0) {
        throw new FootprintError(
          'file-changed',
          `File "${path}" ended at byte ${at} while it was read, expected ${to} bytes. Read files that nobody writes.`,
          path,
        );
      }
      yield buffer.subarray(0, read);
      at += read;
    }
  } finally {
    closeSync(file);
  }
}

/** Every buffer of a result that is the thread's own. */
function withBuffers<Result extends TradesResult | LinesResult>(result: Result): readonly [Result, ArrayBuffer[]] {
  const buffers = new Set<ArrayBuffer>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (!ArrayBuffer.isView(value)) for (const inner of Object.values(value)) visit(inner);
    else if (value.buffer instanceof ArrayBuffer) buffers.add(value.buffer);
  };
  visit(result);
  return [result, [...buffers]];
}
