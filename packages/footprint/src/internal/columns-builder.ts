/** Bars and their rows, written behind each other into columns that grow. */

/** The columns of a bar. */
export const barColumns = [
  'startMs',
  'openTicks',
  'highTicks',
  'lowTicks',
  'closeTicks',
  'buyLots',
  'sellLots',
  'unknownLots',
  'minDeltaLots',
  'maxDeltaLots',
  'valueAboveLowTickLots',
  'trades',
  'pocTicks',
  'vahTicks',
  'valTicks',
  'revision',
  'firstRow',
] as const;

/** The columns of a row. */
export const rowColumns = [
  'rowPriceTicks',
  'rowBuyLots',
  'rowSellLots',
  'rowUnknownLots',
  'rowBuyTrades',
  'rowSellTrades',
  'rowUnknownTrades',
] as const;

export type BarColumn = (typeof barColumns)[number];
export type RowColumn = (typeof rowColumns)[number];

/** The columns by name. */
export type Columns = Record<BarColumn | RowColumn, Float64Array<ArrayBuffer>>;

/** Of a tape of which less than this is done, nobody can tell how many rows it will have. */
const LEAST_SHARE = 1 / 16;

/** Bars and rows on their way out; who writes them asks for room first, and counts them then. */
export class ColumnOutputs {
  #columns: Columns;
  /** Bars that were written. */
  bars = 0;
  /** Rows that were written. */
  rows = 0;

  /** @param used - Columns that nobody reads any more, for their room. */
  constructor(used?: Columns) {
    this.#columns = used ?? emptyColumns(0, 0);
  }

  /**
   * The columns with room for so many more bars and rows. `share` is how much of the tape will be done then (0 to 1): they
   * are made once where it says how many will come.
   */
  reserve(bars: number, rows: number, share = 0): Columns {
    const old = this.#columns;
    const [barRoom, rowRoom] = [old.startMs.length, old.rowPriceTicks.length];
    if (this.bars + bars <= barRoom && this.rows + rows <= rowRoom) return old;
    const room = (has: number, needs: number): number => {
      if (needs <= has) return has;
      if (share < LEAST_SHARE) return Math.max(16, 2 * needs);
      return share >= 1 ? needs : Math.ceil((needs / share) * 1.02) + 64;
    };
    const grown = emptyColumns(room(barRoom, this.bars + bars), room(rowRoom, this.rows + rows));
    for (const name of barColumns) grown[name].set(old[name].subarray(0, this.bars));
    for (const name of rowColumns) grown[name].set(old[name].subarray(0, this.rows));
    this.#columns = grown;
    return grown;
  }

  /** What `write` writes; nothing where it gives false or throws. */
  orNothing(write: () => boolean): boolean {
    const { bars, rows } = this;
    let isWritten = false;
    try {
      isWritten = write();
    } finally {
      if (!isWritten) [this.bars, this.rows] = [bars, rows];
    }
    return isWritten;
  }

  /** What was written, with the closing entry of `firstRow`. The columns may have room behind their last entry. */
  finish(): Columns {
    this.#columns.firstRow[this.bars] = this.rows;
    return columnsBy((name) => trimmed(this.#columns[name], lengthOf(name, this.bars, this.rows)));
  }

  /** {@link finish} in arrays of their own, and forgets what was written; the room for it stays. */
  take(): Columns {
    const { bars, rows } = this;
    this.#columns.firstRow[bars] = rows;
    this.bars = 0;
    this.rows = 0;
    return columnsBy((name) => this.#columns[name].slice(0, lengthOf(name, bars, rows)));
  }
}

/** All the room that finished columns have; `undefined` for none, and where a buffer of theirs is gone to somewhere else. */
export function roomOf(columns: Readonly<Record<BarColumn | RowColumn, Float64Array>>): Columns | undefined {
  const lengthIn = (name: BarColumn | RowColumn): number => columns[name].buffer.byteLength / 8;
  const [bars, rows] = [lengthIn('startMs'), lengthIn('rowPriceTicks')];
  if (rows === 0 || !allColumns.every((name) => lengthIn(name) === lengthOf(name, bars, rows))) return undefined;
  return columnsBy((name) => new Float64Array(columns[name].buffer as ArrayBuffer));
}

/** The first entries of a column, which stays in its place unless most of it would be room for nothing. */
export function trimmed<Column extends Float64Array<ArrayBuffer> | Int8Array<ArrayBuffer>>(
  column: Column,
  length: number,
): Column {
  if (column.length === length) return column;
  return (column.length <= 2 * length ? column.subarray(0, length) : column.slice(0, length)) as Column;
}

const allColumns = [...barColumns, ...rowColumns] as const;
const rowNames: ReadonlySet<string> = new Set(rowColumns);

function lengthOf(name: BarColumn | RowColumn, bars: number, rows: number): number {
  if (name === 'firstRow') return bars + 1;
  return rowNames.has(name) ? rows : bars;
}

function emptyColumns(bars: number, rows: number): Columns {
  return columnsBy((name) => new Float64Array(lengthOf(name, bars, rows)));
}

function columnsBy(column: (name: BarColumn | RowColumn) => Float64Array<ArrayBuffer>): Columns {
  return Object.fromEntries(allColumns.map((name) => [name, column(name)])) as Columns;
}
