/** What a worker thread does with a job. */
// eslint-disable-next-line no-restricted-imports -- reached by the Node entry only
import { closeSync, openSync, readSync } from 'node:fs';
import type { TradeColumns } from '@tapekit/orderflow/columns';
import { createGrid } from '@tapekit/orderflow/grid';
import { FootprintError } from '../../errors.ts';
import { imbalancesOfColumns } from '../../columns-imbalances.ts';
import type { FootprintColumns, FootprintColumnsOptions } from '../../footprint-columns.ts';
import { timeBarsDefaults } from '../../time-bars.ts';
import { createTradeLines, tradeLinesDefaults } from '../../trade-lines.ts';
import type { MalformedLine, TradeLinesOptions } from '../../trade-lines.ts';
import { ColumnOutputs } from '../columns-builder.ts';
import { footprintsThrough, inOrder, leaps, orInOrder } from '../columns-door.ts';
import type { FastPath } from '../columns-door.ts';
import { findEnd } from '../columns-kernel.ts';
import { startOf } from '../intervals.ts';
import { tradeLinesOf } from '../trade-lines-reader.ts';
import { valueAreaRule } from '../value-area.ts';
import { kernelColumns } from '../wasm/kernel-columns.ts';
import { copyBytes } from './copy-bytes.ts';
import type { Kernel } from '../wasm/kernel-exports.ts';
import { kernelLines } from '../wasm/kernel-lines.ts';
import { firstFrom, joinTrades, viewOf } from './column-slices.ts';
import type { ByteRange, Job, JobResult, LinesJob, LinesPart, LinesResult, TradesJob, TradesResult } from './jobs.ts';
import { KeptBars } from './kept-bars.ts';

/** Gives the result of a job, and the buffers that go with it. It keeps what it was told to, so jobs come in turn. */
export type Work = (job: Job) => readonly [JobResult, ArrayBuffer[]];

/** What a thread does; sooner with a kernel. */
export function createWork(kernel?: Kernel): Work {
  const fast = kernel ? orInOrder(kernelColumns(kernel, copyBytes)) : inOrder;
  const kept = new KeptBars((trades, options, outputs) => writeBars(trades, options, fast, outputs));
  return (job) => {
    switch (job.kind) {
      case 'tape':
        return withBuffers(withImbalances(footprintsThrough(fast, job.trades, job.options), job.imbalances));
      case 'slice':
        return withBuffers(withImbalances(fastBars(job.trades, job.options, fast), job.imbalances));
      case 'keep':
        return [kept.keep(job), []];
      case 'place':
        kept.place(job);
        return [undefined, []];
      case 'lines-slice':
      case 'lines-tape':
        return withBuffers(linesOf(job, fast, kernel));
    }
  };
}

function withImbalances<Columns extends FootprintColumns | undefined>(
  columns: Columns,
  rule: TradesJob['imbalances'],
): Columns | TradesResult {
  return columns && rule ? { ...columns, imbalances: imbalancesOfColumns(columns, rule) } : columns;
}

/** Writes the bars of prints that are in order; false for any others. */
function writeBars(
  trades: TradeColumns,
  options: FootprintColumnsOptions,
  fast: FastPath,
  outputs: ColumnOutputs,
): boolean {
  const { intervalMs, rowTicks, valueAreaPercent, maxJumpMs } = { ...timeBarsDefaults, ...options };
  const rule = valueAreaRule(valueAreaPercent);
  return fast(trades, trades.timeMs.length, { intervalMs, rowTicks, rule }, maxJumpMs, outputs);
}

/** Bars of prints that are in order; `undefined` for any others. */
function fastBars(
  trades: TradeColumns,
  options: FootprintColumnsOptions,
  fast: FastPath,
): FootprintColumns | undefined {
  const outputs = new ColumnOutputs();
  if (!writeBars(trades, options, fast, outputs)) return undefined;
  const { intervalMs, rowTicks } = { ...timeBarsDefaults, ...options };
  const { bars } = outputs;
  return { ...outputs.finish(), bars, intervalMs, rowTicks };
}

function linesOf(
  { kind, bytes, grid, fields, maxLineBytes, keepsMalformed, options }: LinesJob,
  fast: FastPath,
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
      ? { head: viewOf(trades, 0, 0), middle: footprintsThrough(fast, trades, options), tail: viewOf(trades, 0, 0) }
      : partOf(trades, options, fast);
  return { stats: lines.stats(), malformed, part };
}

/** The bars between the first and the last one, and the prints of these two. */
function partOf(trades: TradeColumns, options: FootprintColumnsOptions, fast: FastPath): LinesPart | undefined {
  const timeMs = trades.timeMs as Float64Array;
  const rows = timeMs.length;
  const { intervalMs } = options;
  if (!isOrdered(timeMs) || leaps(timeMs, options.maxJumpMs ?? timeBarsDefaults.maxJumpMs)) return undefined;
  const headEnd = rows === 0 ? 0 : findEnd(timeMs, 0, startOf(timeMs[0]!, intervalMs, 0) + intervalMs);
  const tailStart =
    headEnd === rows ? rows : firstFrom(timeMs, startOf(timeMs[rows - 1]!, intervalMs, 0), headEnd, rows);
  const middle = fastBars(viewOf(trades, headEnd, tailStart), options, fast);
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

/** Bytes that are read at a time; few enough for the cache. */
const PIECE = 1 << 20;
/** They are read to the same place: what a job leaves to the collector makes it run all the time. */
let readInto: Uint8Array<ArrayBuffer> | undefined;

function* piecesOf(bytes: ByteRange): Generator<Uint8Array> {
  if (bytes instanceof Uint8Array) {
    // A decoder refuses shared bytes.
    yield bytes.buffer instanceof SharedArrayBuffer ? new Uint8Array(bytes) : bytes;
    return;
  }
  const { path, from, to } = bytes;
  const file = openSync(path, 'r');
  try {
    const buffer = (readInto ??= new Uint8Array(PIECE));
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
function withBuffers<Result extends JobResult>(result: Result): readonly [Result, ArrayBuffer[]] {
  const buffers = new Set<ArrayBuffer>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (!ArrayBuffer.isView(value)) for (const inner of Object.values(value)) visit(inner);
    else if (value.buffer instanceof ArrayBuffer) buffers.add(value.buffer);
  };
  visit(result);
  return [result, [...buffers]];
}
