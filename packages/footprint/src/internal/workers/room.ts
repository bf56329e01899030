/** Memory that threads share for the bars of one tape: each writes its part, nobody copies them again. */
import { barColumns, rowColumns } from '../columns-builder.ts';
import type { BarColumn, RowColumn } from '../columns-builder.ts';
import { sharedBytes } from './shared-bytes.ts';

/** Room for so many bars and rows: their columns behind each other, then a flag a row. */
export interface Room {
  readonly buffer: SharedArrayBuffer;
  readonly bars: number;
  readonly rows: number;
}

/** What stands in a room. */
export interface RoomColumns {
  readonly columns: Readonly<Record<BarColumn | RowColumn, Float64Array>>;
  /** Imbalances, an entry a row. */
  readonly flags: Uint8Array;
}

export function createRoom(bars: number, rows: number): Room {
  const doubles = barColumns.length * bars + 1 + rowColumns.length * rows;
  return { buffer: sharedBytes(8 * doubles + rows), bars, rows };
}

/** Copies the first so many bars and rows of one room to another. */
export function copyRoom(from: Room, to: Room, bars: number, rows: number): void {
  const [source, target] = [columnsIn(from, bars, rows), columnsIn(to, bars, rows)];
  for (const name of [...barColumns, ...rowColumns]) target.columns[name].set(source.columns[name]);
  target.flags.set(source.flags);
}

/** The first so many bars and rows of a room. */
export function columnsIn(room: Room, bars: number = room.bars, rows: number = room.rows): RoomColumns {
  const { buffer } = room;
  const columns: Partial<Record<BarColumn | RowColumn, Float64Array>> = {};
  let at = 0;
  for (const name of barColumns) {
    // A further entry says where the last row ends.
    const further = name === 'firstRow' ? 1 : 0;
    columns[name] = new Float64Array(buffer, at, bars + further);
    at += 8 * (room.bars + further);
  }
  for (const name of rowColumns) {
    columns[name] = new Float64Array(buffer, at, rows);
    at += 8 * room.rows;
  }
  return { columns: columns as RoomColumns['columns'], flags: new Uint8Array(buffer, at, rows) };
}
