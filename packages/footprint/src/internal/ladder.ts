/**
 * Volume and trade counts per price row: a dense window around the prices that trade, and a map for the few that are
 * far away, so that one absurd price costs one map entry and not gigabytes.
 */
import { addExact, exactFromJson, exactToJson, type ExactInt, type ExactIntJson } from '@tapekit/orderflow/exact';
import type { FootprintRow } from '../footprint-bar.ts';
import { unboxed } from './unboxed.ts';

/** Aggressor as a column of the ladder. */
export type Column = 0 | 1 | 2;
export const BUY = 0;
export const SELL = 1;
export const UNKNOWN = 2;

/**
 * The column of a side; `undefined` for a word that is no side. Sides come in no order that a processor could foresee, so
 * that of the two is counted, not branched upon.
 */
export function columnOf(side: string): Column | undefined {
  const sell = Number(side === 'sell');
  if ((sell | Number(side === 'buy')) !== 0) return sell as Column;
  return side === 'unknown' ? UNKNOWN : undefined;
}

/** `[row, buy, sell, unknown, buyTrades, sellTrades, unknownTrades]`, and the largest print where it is kept. */
export type RowJson = readonly [number, ExactIntJson, ExactIntJson, ExactIntJson, number, number, number, number?];

/** Cells per row: lots of buy, sell, unknown, then trades of buy, sell, unknown. */
const WIDTH = 6;
const FIRST_ROWS = 64;
/** 3 MiB; a wider window is not worth its memory, the prices outside of it go to the map. */
export const MAX_DENSE_ROWS = 65_536;
/** Where a row is that is not in the dense window. */
const FAR = -1;
const NO_ROWS: readonly number[] = [];

export class Ladder {
  #cells: Float64Array = new Float64Array(0);
  /** Row of the first cell. */
  #base = 0;
  #rows = 0;
  /** Used part of the dense window, counted from its first row; empty while from > to. */
  #from = 0;
  #to = -1;
  readonly #far = new Map<number, Float64Array>();
  /** What a row's cells hold beyond safe integers, per column. */
  readonly #spill = new Map<number, [bigint, bigint, bigint]>();
  /** Largest print per row of the dense window, where it is kept. */
  #largest: Float64Array | undefined;
  readonly #farLargest = new Map<number, number>();

  constructor(keepsLargest = false) {
    if (keepsLargest) this.#largest = new Float64Array(0);
  }

  /** Adds one print. `lots` is a safe integer, `row` a whole row number. */
  add(row: number, column: Column, lots: number): void {
    let at = row - this.#base;
    if (!(at >= this.#from && at <= this.#to)) at = this.#reach(row);
    if (at === FAR) {
      this.#addFar(row, column, lots);
      return;
    }
    const cells = this.#cells;
    const cell = at * WIDTH + column;
    const sum = cells[cell]! + lots;
    cells[cell] = sum <= Number.MAX_SAFE_INTEGER ? sum : this.#overflow(row, column, cells[cell]!, lots);
    cells[cell + 3]! += 1;
    if (this.#largest !== undefined) this.#largest[at] = Math.max(this.#largest[at]!, lots);
  }

  /** Adds a whole row, as another ladder or a snapshot gives it. */
  addRow(
    row: number,
    lots: readonly [ExactInt, ExactInt, ExactInt],
    trades: readonly [number, number, number],
    largest = 0,
  ): void {
    const at = this.#reach(row);
    const cells = at === FAR ? this.#farCells(row) : this.#cells;
    const start = at === FAR ? 0 : at * WIDTH;
    for (let column = 0; column < 3; column++) {
      const sum = addExact(cells[start + column]!, lots[column]!);
      if (typeof sum === 'number') {
        cells[start + column] = sum;
      } else {
        this.#spillOf(row)[column]! += sum;
        cells[start + column] = 0;
      }
      cells[start + column + 3]! += trades[column]!;
    }
    if (this.#largest === undefined) return;
    if (at === FAR) this.#sawFar(row, largest);
    else if (largest > this.#largest[at]!) this.#largest[at] = largest;
  }

  /** The rows that traded, lowest first, as new objects. */
  toRows(rowTicks: number): FootprintRow[] {
    const rows: FootprintRow[] = [];
    const far = this.#far.size === 0 ? NO_ROWS : [...this.#far.keys()].sort((a, b) => a - b);
    let next = 0;
    const [cells, base, to] = [this.#cells, this.#base, this.#to];
    for (let at = this.#from; at <= to; at++) {
      const start = at * WIDTH;
      if (cells[start + 3] === 0 && cells[start + 4] === 0 && cells[start + 5] === 0) continue;
      for (; next < far.length && far[next]! < base + at; next++) rows.push(this.#farRow(far[next]!, rowTicks));
      rows.push(this.#row(base + at, cells, start, rowTicks));
    }
    for (; next < far.length; next++) rows.push(this.#farRow(far[next]!, rowTicks));
    return rows;
  }

  toJson(): RowJson[] {
    return this.toRows(1).map((row) => {
      const lots = [exactToJson(row.buyLots), exactToJson(row.sellLots), exactToJson(row.unknownLots)] as const;
      const trades = [row.buyTrades, row.sellTrades, row.unknownTrades] as const;
      const { priceTicks, maxTradeLots } = row;
      return maxTradeLots === undefined
        ? [priceTicks, ...lots, ...trades]
        : [priceTicks, ...lots, ...trades, maxTradeLots];
    });
  }

  static fromJson(rows: readonly RowJson[], keepsLargest = false): Ladder {
    const ladder = new Ladder(keepsLargest);
    for (const [row, buy, sell, unknown, buys, sells, unknowns, largest] of rows) {
      const lots = [exactFromJson(buy), exactFromJson(sell), exactFromJson(unknown)] as const;
      ladder.addRow(row, lots, [buys, sells, unknowns], largest);
    }
    return ladder;
  }

  /** Empties the ladder and keeps its window for the next bar. */
  clear(): void {
    if (this.#from <= this.#to) {
      this.#cells.fill(0, this.#from * WIDTH, (this.#to + 1) * WIDTH);
      this.#largest?.fill(0, this.#from, this.#to + 1);
    }
    this.#from = 0;
    this.#to = -1;
    this.#far.clear();
    this.#farLargest.clear();
    this.#spill.clear();
  }

  /** Bytes of the dense window; for tests and benches. */
  get bytes(): number {
    return this.#cells.byteLength;
  }

  #row(row: number, cells: Float64Array, start: number, rowTicks: number): FootprintRow {
    const counted = {
      priceTicks: unboxed(row * rowTicks),
      buyLots: this.#lots(row, BUY, cells[start]!),
      sellLots: this.#lots(row, SELL, cells[start + 1]!),
      unknownLots: this.#lots(row, UNKNOWN, cells[start + 2]!),
      buyTrades: unboxed(cells[start + 3]!),
      sellTrades: unboxed(cells[start + 4]!),
      unknownTrades: unboxed(cells[start + 5]!),
    };
    return this.#largest === undefined ? counted : { ...counted, maxTradeLots: this.#largestOf(row) };
  }

  #farRow(row: number, rowTicks: number): FootprintRow {
    return this.#row(row, this.#far.get(row)!, 0, rowTicks);
  }

  /** All lots of a row, of which a cell holds what is not spilled. */
  #lots(row: number, column: Column, held: number): ExactInt {
    const spill = this.#spill.size === 0 ? undefined : this.#spill.get(row);
    return spill ? addExact(spill[column], held) : unboxed(held);
  }

  #largestOf(row: number): number {
    const at = row - this.#base;
    return unboxed(at >= this.#from && at <= this.#to ? this.#largest![at]! : this.#farLargest.get(row)!);
  }

  #addFar(row: number, column: Column, lots: number): void {
    const cells = this.#farCells(row);
    const sum = cells[column]! + lots;
    cells[column] = sum <= Number.MAX_SAFE_INTEGER ? sum : this.#overflow(row, column, cells[column]!, lots);
    cells[column + 3]! += 1;
    if (this.#largest !== undefined) this.#sawFar(row, lots);
  }

  #sawFar(row: number, lots: number): void {
    this.#farLargest.set(row, Math.max(this.#farLargest.get(row) ?? 0, lots));
  }

  /** Moves what a cell holds to the spill; the cell goes on with `lots`. */
  #overflow(row: number, column: Column, held: number, lots: number): number {
    this.#spillOf(row)[column] += BigInt(held);
    return lots;
  }

  #spillOf(row: number): [bigint, bigint, bigint] {
    let spill = this.#spill.get(row);
    if (!spill) this.#spill.set(row, (spill = [0n, 0n, 0n]));
    return spill;
  }

  #farCells(row: number): Float64Array {
    let cells = this.#far.get(row);
    if (!cells) this.#far.set(row, (cells = new Float64Array(WIDTH)));
    return cells;
  }

  /**
   * Makes the used part of the dense window reach `row`, and gives where the row is in it; {@link FAR} when that would
   * make it too wide. The used part only grows, so a row that was too far once stays too far: a row lives in one place.
   */
  #reach(row: number): number {
    const isEmpty = this.#from > this.#to;
    if (isEmpty) this.#base = row;
    const at = row - this.#base;
    const from = isEmpty ? at : Math.min(this.#from, at);
    const to = isEmpty ? at : Math.max(this.#to, at);
    if (to - from >= MAX_DENSE_ROWS) return FAR;
    const shift = from >= 0 && to < this.#rows && !isEmpty ? 0 : this.#rebase(from, to);
    this.#from = from + shift;
    this.#to = to + shift;
    return at + shift;
  }

  /** Puts these rows into the middle of the window, a larger one where they fill more than half; gives how far they moved. */
  #rebase(from: number, to: number): number {
    const span = to - from + 1;
    let rows = Math.max(this.#rows, FIRST_ROWS);
    while (rows < MAX_DENSE_ROWS && rows < 2 * span) rows *= 2;
    const base = this.#base + from - Math.floor((rows - span) / 2);
    // Beyond the safe integers the base may have been rounded.
    const shift = this.#base - base;
    if (this.#from <= this.#to || rows !== this.#rows) {
      this.#cells = this.#moved(this.#cells, rows, shift, WIDTH);
      if (this.#largest !== undefined) this.#largest = this.#moved(this.#largest, rows, shift, 1);
    }
    this.#base = base;
    this.#rows = rows;
    return shift;
  }

  /** The used part of a column in a window of so many rows. */
  #moved(column: Float64Array, rows: number, shift: number, width: number): Float64Array {
    const moved = new Float64Array(rows * width);
    moved.set(column.subarray(this.#from * width, (this.#to + 1) * width), Math.max(0, this.#from + shift) * width);
    return moved;
  }
}
