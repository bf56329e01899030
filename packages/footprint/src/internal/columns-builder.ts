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

/** Doubles behind each other, in an array that doubles when it is full. */
export class FloatList {
  #values = new Float64Array(256);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const old = this.#values;
      this.#values = new Float64Array(old.length * 2);
      this.#values.set(old);
    }
    this.#values[this.#length++] = value;
  }

  get length(): number {
    return this.#length;
  }

  toArray(): Float64Array {
    return this.#values.slice(0, this.#length);
  }

  /** Forgets the values; the room for them stays. */
  clear(): void {
    this.#length = 0;
  }
}

export type ColumnLists = Readonly<Record<BarColumn | RowColumn, FloatList>>;

/** Empty columns. */
export function createColumnLists(): ColumnLists {
  return Object.fromEntries([...barColumns, ...rowColumns].map((name) => [name, new FloatList()])) as Record<
    BarColumn | RowColumn,
    FloatList
  >;
}

/** The columns as arrays of their own; `firstRow` gets its closing entry. */
export function finishColumns(lists: ColumnLists): Record<BarColumn | RowColumn, Float64Array> {
  lists.firstRow.push(lists.rowPriceTicks.length);
  return Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, list.toArray()])) as Record<
    BarColumn | RowColumn,
    Float64Array
  >;
}
