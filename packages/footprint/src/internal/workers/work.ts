/** What a worker thread does with a job. */
// eslint-disable-next-line no-restricted-imports -- reached by the Node entry only
import { closeSync, openSync, readSync } from 'node:fs';
import type { TradeColumns } from '@tapekit/orderflow/columns';
import { createGrid } from '@tapekit/orderflow/grid';
import { FootprintError } from '../../errors.ts';
import { footprintsOfColumns } from '../../footprint-columns.ts';
import type { FootprintColumns, FootprintColumnsOptions } from '../../footprint-columns.ts';
import { timeBarsDefaults } from '../../time-bars.ts';
import { createTradeLines } from '../../trade-lines.ts';
import type { MalformedLine } from '../../trade-lines.ts';
import { inOrder, leaps } from '../columns-door.ts';
import { findEnd } from '../columns-kernel.ts';
import { startOf } from '../intervals.ts';
import { valueAreaRule } from '../value-area.ts';
import { firstFrom, joinTrades, viewOf } from './column-slices.ts';
import type { ByteRange, Job, LinesJob, LinesPart, LinesResult, TradesResult } from './jobs.ts';

/** The result, and the buffers that go with it. */
export function workOn(job: Job): readonly [TradesResult | LinesResult, ArrayBuffer[]] {
  switch (job.kind) {
    case 'tape':
      return withBuffers(footprintsOfColumns(job.trades, job.options));
    case 'slice':
      return withBuffers(fastBars(job.trades, job.options));
    case 'lines-slice':
    case 'lines-tape':
      return withBuffers(linesOf(job));
  }
}

/** Bars of prints that are in order; `undefined` for any others. */
function fastBars(trades: TradeColumns, options: FootprintColumnsOptions): FootprintColumns | undefined {
  const { intervalMs, rowTicks, valueAreaPercent, maxJumpMs } = { ...timeBarsDefaults, ...options };
  const rule = valueAreaRule(valueAreaPercent);
  const columns = inOrder(trades, trades.timeMs.length, { intervalMs, rowTicks, rule }, maxJumpMs);
  return columns && { ...columns, bars: columns.startMs.length, intervalMs, rowTicks };
}

function linesOf({ kind, bytes, grid, fields, maxLineBytes, keepsMalformed, options }: LinesJob): LinesResult {
  const malformed: MalformedLine[] = [];
  const lines = createTradeLines({
    grid: createGrid(grid),
    fields,
    maxLineBytes,
    ...(keepsMalformed ? { onMalformed: (line: MalformedLine) => malformed.push(line) } : {}),
  });
  const parts: TradeColumns[] = [];
  for (const piece of piecesOf(bytes)) parts.push(lines.push(piece));
  parts.push(lines.flush());
  const trades = joinTrades(parts);
  const part =
    kind === 'lines-tape'
      ? { head: viewOf(trades, 0, 0), middle: footprintsOfColumns(trades, options), tail: viewOf(trades, 0, 0) }
      : partOf(trades, options);
  return { stats: lines.stats(), malformed, part };
}

/** The bars between the first and the last one, and the prints of these two. */
function partOf(trades: TradeColumns, options: FootprintColumnsOptions): LinesPart | undefined {
  const timeMs = trades.timeMs as Float64Array;
  const rows = timeMs.length;
  const { intervalMs } = options;
  if (!isOrdered(timeMs) || leaps(timeMs, options.maxJumpMs ?? timeBarsDefaults.maxJumpMs)) return undefined;
  const headEnd = rows === 0 ? 0 : findEnd(timeMs, 0, startOf(timeMs[0]!, intervalMs, 0) + intervalMs);
  const tailStart =
    headEnd === rows ? rows : firstFrom(timeMs, startOf(timeMs[rows - 1]!, intervalMs, 0), headEnd, rows);
  const middle = fastBars(viewOf(trades, headEnd, tailStart), options);
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
