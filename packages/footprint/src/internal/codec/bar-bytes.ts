/** One bar as bytes; the layout is told in `footprint-binary`. */
import { addExact, multiplyExact, subtractExact, type ExactInt } from '@tapekit/orderflow/exact';
import type { EventBar } from '../event-bar-builder.ts';
import type { BarIntegrity, FootprintBar, FootprintRow } from '../../footprint-bar.ts';
import { cellsOf, checkWritable, integrityNames, isAmongRows } from './bar-rules.ts';
import { isSpan } from '../bar-check.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

/** What a bar is told relative to. */
export interface BarBefore {
  readonly startMs: number;
  readonly lengthMs: number;
  readonly closeTicks: number;
}

/** Before the first bar of a block. */
export const noBar: BarBefore = { startMs: 0, lengthMs: 0, closeTicks: 0 };

const INTEGRITY = 1;
const LARGEST = 2;
const EVENT = 4;
const INCOMPLETE = 8;
const FRACTION = 16;
/** Fewest bytes of a bar and of a row; a block that claims more of them than it has room for is none. */
export const LEAST_BAR_BYTES = 15;
const LEAST_ROW_BYTES = 2;

/** @throws FootprintError `bad-trade` for a bar that contradicts itself, or whose rows are not on `rowTicks`. */
export function writeBar(
  out: ByteWriter,
  bar: FootprintBar | EventBar,
  before: BarBefore,
  rowTicks: number,
): BarBefore {
  checkWritable(bar, rowTicks);
  const { startMs, endMs, openTicks, highTicks, lowTicks, closeTicks, rows, integrity } = bar;
  const event = 'complete' in bar ? bar : undefined;
  const hasLargest = rows[0]?.maxTradeLots !== undefined;
  const isWhole = isWholeSpan(startMs, endMs);
  out.byte(
    (integrity ? INTEGRITY : 0) |
      (hasLargest ? LARGEST : 0) |
      (event ? EVENT : 0) |
      (event && !event.complete ? INCOMPLETE : 0) |
      (isWhole ? 0 : FRACTION),
  );
  if (isWhole) {
    out.zigzag(subtractExact(startMs, before.startMs));
    out.zigzag(subtractExact(subtractExact(endMs, startMs), before.lengthMs));
  } else {
    out.float64(startMs);
    out.float64(endMs);
  }
  out.varint(bar.revision);
  out.varint(bar.trades);
  out.zigzag(subtractExact(openTicks, before.closeTicks));
  out.zigzag(subtractExact(closeTicks, openTicks));
  out.varint(subtractExact(highTicks, Math.max(openTicks, closeTicks)));
  out.varint(subtractExact(Math.min(openTicks, closeTicks), lowTicks));
  out.varint(subtractExact(0, bar.minDeltaLots));
  out.varint(bar.maxDeltaLots);
  out.zigzag(subtractExact(bar.valueTickLots, valueOf(rows)));
  for (const ticks of [bar.pocTicks, bar.vahTicks, bar.valTicks]) out.zigzag(subtractExact(ticks, lowTicks));
  if (integrity) for (const name of integrityNames) out.varint(integrity[name]);
  if (event) out.varint(event.continuedTrades);
  out.varint(rows.length);
  let row = Math.floor(lowTicks / rowTicks);
  rows.forEach((at, i) => {
    const own = at.priceTicks / rowTicks;
    if (i === 0) out.zigzag(subtractExact(own, row));
    else out.varint(subtractExact(own, row));
    row = own;
    writeRow(out, at);
  });
  return isWhole ? { startMs, lengthMs: endMs - startMs, closeTicks } : { ...before, closeTicks };
}

function writeRow(out: ByteWriter, row: FootprintRow): void {
  const cells = cellsOf(row);
  out.byte(cells.reduce<number>((mask, value, i) => mask | (value === 0 ? 0 : 1 << i), 0));
  for (const value of cells) if (value !== 0) out.varint(value);
  if (row.maxTradeLots !== undefined) out.varint(row.maxTradeLots);
}

/** @throws FootprintError `bad-binary`. */
export function readBar(
  from: ByteReader,
  before: BarBefore,
  rowTicks: number,
): [bar: FootprintBar | EventBar, BarBefore] {
  const flagsAt = from.at;
  const flags = from.byte('flags of a bar');
  if (flags > 31 || (flags & INCOMPLETE && !(flags & EVENT))) throw from.wrong('flags of a bar', 'known', flagsAt);
  const isWhole = !(flags & FRACTION);
  const startMs = isWhole ? sum(from, before.startMs, 'start') : from.float64('start');
  const lengthMs = isWhole ? sum(from, before.lengthMs, 'length') : 0;
  const endMs = isWhole ? startMs + lengthMs : from.float64('end');
  if (!(endMs > startMs) || !isSpan(startMs, endMs)) throw from.wrong('end', 'after the start', flagsAt);
  if (isWholeSpan(startMs, endMs) !== isWhole) throw from.wrong('times', 'in their shortest form', flagsAt);
  const [revision, trades] = [from.count('revision'), from.count('trades')];
  const openTicks = sum(from, before.closeTicks, 'open');
  const closeTicks = sum(from, openTicks, 'close');
  const highAt = from.at;
  const highTicks = safe(from, addExact(Math.max(openTicks, closeTicks), from.varint('high')), 'high', highAt);
  const lowAt = from.at;
  const lowTicks = safe(from, subtractExact(Math.min(openTicks, closeTicks), from.varint('low')), 'low', lowAt);
  const minDeltaLots = subtractExact(0, from.varint('lowest delta'));
  const maxDeltaLots = from.varint('highest delta');
  const valueRest = from.zigzag('value');
  const valuesAt = from.at;
  const [pocTicks, vahTicks, valTicks] = [
    sum(from, lowTicks, 'point of control'),
    sum(from, lowTicks, 'value area high'),
    sum(from, lowTicks, 'value area low'),
  ];
  const integrity = flags & INTEGRITY ? readIntegrity(from) : undefined;
  const continuedTrades = flags & EVENT ? from.count('continued trades') : 0;
  const rows = readRows(from, Math.floor(lowTicks / rowTicks), rowTicks, (flags & LARGEST) !== 0);
  const total = (of: (row: FootprintRow) => ExactInt): ExactInt => rows.map(of).reduce(addExact, 0);
  const [buyLots, sellLots, unknownLots] = [
    total((row) => row.buyLots),
    total((row) => row.sellLots),
    total((row) => row.unknownLots),
  ];
  const bar: FootprintBar = {
    startMs,
    endMs,
    openTicks,
    highTicks,
    lowTicks,
    closeTicks,
    volumeLots: addExact(addExact(buyLots, sellLots), unknownLots),
    buyLots,
    sellLots,
    unknownLots,
    deltaLots: subtractExact(buyLots, sellLots),
    minDeltaLots,
    maxDeltaLots,
    trades,
    valueTickLots: addExact(valueRest, valueOf(rows)),
    pocTicks,
    vahTicks,
    valTicks,
    revision,
    ...(integrity ? { integrity } : {}),
    rows,
  };
  if (!isAmongRows(bar)) throw from.wrong('point of control or value area', 'one of the rows', valuesAt);
  const next = isWhole ? { startMs, lengthMs, closeTicks } : { ...before, closeTicks };
  if (!(flags & EVENT)) return [bar, next];
  return [{ ...bar, complete: !(flags & INCOMPLETE), continuedTrades }, next];
}

function readIntegrity(from: ByteReader): BarIntegrity {
  const [late, outOfOrder, duplicates, cancelled, corrected] = integrityNames.map((name) => from.count(name)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return { late, outOfOrder, duplicates, cancelled, corrected };
}

function readRows(from: ByteReader, lowRow: number, rowTicks: number, hasLargest: boolean): FootprintRow[] {
  const rows: FootprintRow[] = [];
  let row = lowRow;
  const count = from.entries('number of rows', LEAST_ROW_BYTES);
  if (hasLargest && count === 0) throw from.wrong('number of rows', 'above 0 where largest prints are flagged');
  for (let i = 0; i < count; i++) {
    const at = from.at;
    const step = i === 0 ? from.zigzag('first row') : from.varint('row');
    row = safe(from, addExact(row, step), 'row', at);
    if ((i > 0 && step === 0) || !Number.isSafeInteger(row * rowTicks))
      throw from.wrong('row', 'above the row before', at);
    const mask = from.byte('columns of a row');
    if (mask === 0 || mask > 63) throw from.wrong('columns of a row', 'a row that traded', from.at - 1);
    const cells = Array.from({ length: 6 }, (_, cell) => {
      if (!(mask & (1 << cell))) return 0;
      const value = from.varint('row');
      if (value === 0) throw from.wrong('row', 'above 0 where it is marked so', from.at - 1);
      return value;
    });
    const counts = cells.slice(3).map((value) => {
      if (typeof value === 'number') return value;
      throw from.wrong('prints of a row', 'a safe integer', at);
    }) as [number, number, number];
    rows.push({
      priceTicks: row * rowTicks + 0,
      buyLots: cells[0]!,
      sellLots: cells[1]!,
      unknownLots: cells[2]!,
      buyTrades: counts[0],
      sellTrades: counts[1],
      unknownTrades: counts[2],
      ...(hasLargest ? { maxTradeLots: from.count('largest print') } : {}),
    });
  }
  return rows;
}

/** Whether times are told as whole milliseconds; else as floating point. */
function isWholeSpan(startMs: number, endMs: number): boolean {
  return [startMs, endMs, endMs - startMs].every((timeMs) => Number.isSafeInteger(timeMs));
}

/** A safe integer, told relative to another. */
function sum(from: ByteReader, base: number, what: string): number {
  const at = from.at;
  return safe(from, addExact(base, from.zigzag(what)), what, at);
}

function safe(from: ByteReader, value: ExactInt, what: string, at: number): number {
  if (typeof value === 'number') return value;
  throw from.wrong(what, 'a safe integer', at);
}

function valueOf(rows: readonly FootprintRow[]): ExactInt {
  return rows.reduce<ExactInt>((value, row) => {
    const volume = addExact(addExact(row.buyLots, row.sellLots), row.unknownLots);
    return addExact(value, multiplyExact(row.priceTicks, volume));
  }, 0);
}
