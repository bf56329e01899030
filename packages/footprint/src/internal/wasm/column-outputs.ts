import { barColumns, rowColumns } from '../columns-builder.ts';
import type { BarColumn, RowColumn } from '../columns-builder.ts';
import { trimmed } from '../line-rows.ts';

type Columns = Record<BarColumn | RowColumn, Float64Array<ArrayBuffer>>;

/** Bars and rows as they come out of the kernel, in arrays that are made once where the first part tells their size. */
export class ColumnOutputs {
  #columns: Columns | undefined;
  #bars = 0;
  #rows = 0;

  /** Room for bars and rows, of which `share` (0 to 1] of the tape gave `bars` and `rows`. */
  #reserve(bars: number, rows: number, share: number): Columns {
    const old = this.#columns;
    const [barRoom, rowRoom] = old ? [old.startMs.length, old.rowPriceTicks.length] : [0, 0];
    if (old && this.#bars + bars <= barRoom && this.#rows + rows <= rowRoom) return old;
    const room = (done: number, more: number): number =>
      share === 1 ? done + more : Math.ceil(((done + more) / share) * 1.02) + 64;
    const grown = (name: BarColumn | RowColumn, length: number, done: number): [string, Float64Array] => {
      const column = new Float64Array(length);
      if (old) column.set(old[name].subarray(0, done));
      return [name, column];
    };
    this.#columns = Object.fromEntries([
      ...barColumns.map((name) => grown(name, room(this.#bars, bars), this.#bars)),
      ...rowColumns.map((name) => grown(name, room(this.#rows, rows), this.#rows)),
    ]) as Columns;
    return this.#columns;
  }

  /** Adds columns that stand behind each other in `bars` and `rows`, each `…Room` long. */
  add(
    bars: { readonly columns: Float64Array; readonly room: number; readonly count: number },
    rows: { readonly columns: Float64Array; readonly room: number; readonly count: number },
    share: number,
  ): void {
    const target = this.#reserve(bars.count, rows.count, share);
    for (const [i, name] of barColumns.entries()) {
      target[name].set(bars.columns.subarray(i * bars.room, i * bars.room + bars.count), this.#bars);
    }
    for (const [i, name] of rowColumns.entries()) {
      target[name].set(rows.columns.subarray(i * rows.room, i * rows.room + rows.count), this.#rows);
    }
    this.#bars += bars.count;
    this.#rows += rows.count;
  }

  /** The columns; `firstRow` with its closing entry. */
  finish(): Columns {
    const columns = this.#columns ?? this.#reserve(0, 0, 1);
    const firstRow = new Float64Array(this.#bars + 1);
    firstRow.set(columns.firstRow.subarray(0, this.#bars));
    firstRow[this.#bars] = this.#rows;
    return {
      ...(Object.fromEntries([
        ...barColumns.map((name) => [name, trimmed(columns[name], this.#bars)]),
        ...rowColumns.map((name) => [name, trimmed(columns[name], this.#rows)]),
      ]) as Columns),
      firstRow,
    };
  }
}
