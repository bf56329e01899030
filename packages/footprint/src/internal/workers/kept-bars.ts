/** Bars of slices that a thread keeps until it is known where they go: that depends on the slices of the other threads. */
import type { TradeColumns } from '@tapekit/orderflow/columns';
import { imbalancesOfColumns } from '../../columns-imbalances.ts';
import type { FootprintColumnsOptions } from '../../footprint-columns.ts';
import { barColumns, ColumnOutputs, rowColumns } from '../columns-builder.ts';
import type { Columns } from '../columns-builder.ts';
import type { ImbalanceRule } from '../imbalance-rule.ts';
import { viewOf } from './column-slices.ts';
import { copyBytes } from './copy-bytes.ts';
import type { KeepJob, KeepSession, KeptSlice, PlaceJob } from './jobs.ts';
import { columnsIn, type RoomColumns } from './room.ts';
import { countShared } from './shared-bytes.ts';

/** Writes the bars of prints in order behind what is in `outputs`; false, and nothing, for any others. */
export type WriteBars = (trades: TradeColumns, options: FootprintColumnsOptions, outputs: ColumnOutputs) => boolean;

export class KeptBars {
  readonly #writeBars: WriteBars;
  readonly #outputs = new KeptOutputs();
  /** Bars and rows before each slice, and at the end. */
  #ends: KeptSlice[] = [START];
  #session: KeepSession | undefined;
  #room: RoomColumns | undefined;

  constructor(writeBars: WriteBars) {
    this.#writeBars = writeBars;
  }

  /** Keeps the bars of a slice; `undefined` where it is not for the fast path. */
  keep({ session, trades, places }: KeepJob): KeptSlice | undefined {
    if (session) this.#start(session);
    const { tape, options } = this.#session!;
    if (places.length > 0) this.#place(places, this.#room!);
    const outputs = this.#outputs;
    const before = this.#ends.at(-1)!;
    const slice = isRange(trades) ? viewOf(tape!, ...trades) : trades;
    if (!this.#writeBars(slice, options, outputs)) return undefined;
    this.#ends.push({ bars: outputs.bars, rows: outputs.rows });
    return { bars: outputs.bars - before.bars, rows: outputs.rows - before.rows };
  }

  /** Writes the slices to their places, one for each in the order in which they were kept, and lets the tape go. */
  place({ places, room }: PlaceJob): void {
    if (room) countShared(room.buffer.byteLength);
    this.#place(places, room ? columnsIn(room) : this.#room!);
    this.#session = this.#room = undefined;
  }

  #start(session: KeepSession): void {
    this.#clear();
    this.#session = session;
    this.#room = session.room && columnsIn(session.room);
    if (session.newBytes > 0) countShared(session.newBytes);
  }

  #place(places: readonly KeptSlice[], target: RoomColumns): void {
    const { form, imbalances } = this.#session!;
    const source = this.#outputs.reserve(0, 0);
    for (const [i, place] of places.entries()) {
      const [from, to] = [this.#ends[i]!, this.#ends[i + 1]!];
      copySlice(source, from, to, target, place);
      const size = { bars: to.bars - from.bars, rows: to.rows - from.rows };
      if (imbalances) flagSlice(target, place, size, form, imbalances);
    }
    this.#clear();
  }

  /** Forgets what was kept; its memory stays for what comes. */
  #clear(): void {
    this.#outputs.bars = this.#outputs.rows = 0;
    this.#ends = [START];
  }
}

const START: KeptSlice = { bars: 0, rows: 0 };

function isRange(trades: KeepJob['trades']): trades is readonly [number, number] {
  return Array.isArray(trades);
}

/** Nobody can tell from one slice how many rows there will be. */
class KeptOutputs extends ColumnOutputs {
  override reserve(bars: number, rows: number): Columns {
    return super.reserve(bars, rows);
  }
}

function copySlice(source: Columns, from: KeptSlice, to: KeptSlice, { columns }: RoomColumns, place: KeptSlice): void {
  for (const name of barColumns) copyBytes(source[name], from.bars, to.bars, columns[name], place.bars);
  for (const name of rowColumns) copyBytes(source[name], from.rows, to.rows, columns[name], place.rows);
  const moved = place.rows - from.rows;
  const end = place.bars + to.bars - from.bars;
  for (let bar = place.bars; bar < end; bar += 1) columns.firstRow[bar]! += moved;
}

/** The imbalances of a slice in its place: none is found across the ends of a bar. */
function flagSlice(
  { columns, flags }: RoomColumns,
  place: KeptSlice,
  { bars, rows }: KeptSlice,
  form: KeepSession['form'],
  rule: ImbalanceRule,
): void {
  const slice = Object.fromEntries([
    ...barColumns.map((name) => [name, columns[name].subarray(place.bars, place.bars + bars)]),
    ...rowColumns.map((name) => [name, columns[name].subarray(place.rows, place.rows + rows)]),
  ]) as Columns;
  const firstRow = new Float64Array(bars + 1);
  for (let bar = 0; bar < bars; bar += 1) firstRow[bar] = slice.firstRow[bar]! - place.rows;
  firstRow[bars] = rows;
  const reuse = flags.subarray(place.rows, place.rows + rows);
  imbalancesOfColumns({ ...slice, ...form, firstRow, bars }, { ...rule, reuse });
}
