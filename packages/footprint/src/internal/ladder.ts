/**
 * Volume and trade counts per price row: a dense window around the prices that trade, and a map for the few that are
 * far away, so that one absurd price costs one map entry and not gigabytes.
 */
import { addExact, exactFromJson, exactToJson, type ExactInt, type ExactIntJson } from '@tapekit/orderflow/exact';
import type { FootprintRow } from '../footprint-bar.ts';

/** Aggressor as a column of the ladder. */
export type Column = 0 | 1 | 2;
export const BUY = 0;
export const SELL = 1;
const UNKNOWN = 2;

/** The column of a side; `undefined` for a word that is no side. */
export function columnOf(side: string): Column | undefined {
  return side === 'buy' ? BUY : side === 'sell' ? SELL : side === 'unknown' ? UNKNOWN : undefined;
}

/** `[row, buy, sell, unknown, buyTrades, sellTrades, unknownTrades]`, and the largest print where it is kept. */
export type RowJson = readonly [number, ExactIntJson, ExactIntJson, ExactIntJson, number, number, number, number?];

/** Cells per row: lots of buy, sell, unknown, then trades of buy, sell, unknown. */
const WIDTH = 6;
const FIRST_ROWS = 64;
/** 3 MiB; a wider window is not worth its memory, the prices outside of it go to the map. */
export const MAX_DENSE_ROWS = 65_536;

export class Ladder {
  #cells = new Float64Array(0);
  /** Row of the first cell. */
  #base = 0;
  #rows = 0;
  /** Used part of the dense window; empty while low > high. */
  #low = Infinity;
  #high = -Infinity;
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
    const at = row - this.#base;
    if (at >= 0 && at < this.#rows) {
      if (row < this.#low) this.#low = row;
      if (row > this.#high) this.#high = row;
      const cells = this.#cells;
      const cell = at * WIDTH + column;
      const sum = cells[cell]! + lots;
      cells[cell] = sum <= Number.MAX_SAFE_INTEGER ? sum : this.#overflow(row, column, cells[cell]!, lots);
      cells[cell + 3]! += 1;
      if (this.#largest !== undefined && lots > this.#largest[at]!) this.#largest[at] = lots;
      return;
    }
    if (this.#reach(row)) {
      this.add(row, column, lots);
      return;
    }
    const cells = this.#farCells(row);
    const sum = cells[column]! + lots;
    cells[column] = sum <= Number.MAX_SAFE_INTEGER ? sum : this.#overflow(row, column, cells[column]!, lots);
    cells[column + 3]! += 1;
    if (this.#largest !== undefined) this.#sawFar(row, lots);
  }

  /** Adds a whole row, as another ladder or a snapshot gives it. */
  addRow(
    row: number,
    lots: readonly [ExactInt, ExactInt, ExactInt],
    trades: readonly [number, number, number],
    largest = 0,
  ): void {
    const inside = (row >= this.#base && row < this.#base + this.#rows) || this.#reach(row);
    const cells = inside ? this.#cells : this.#farCells(row);
    const start = inside ? (row - this.#base) * WIDTH : 0;
    if (inside) {
      this.#low = Math.min(this.#low, row);
      this.#high = Math.max(this.#high, row);
    }
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
    if (!inside) this.#sawFar(row, largest);
    else if (largest > this.#largest[row - this.#base]!) this.#largest[row - this.#base] = largest;
  }

  /** The rows that traded, lowest first, as new objects. */
  toRows(rowTicks: number): FootprintRow[] {
    const out: FootprintRow[] = [];
    this.#visit((row, lots, cells, start) => {
      const counted = {
        priceTicks: row * rowTicks,
        buyLots: lots[BUY],
        sellLots: lots[SELL],
        unknownLots: lots[UNKNOWN],
        buyTrades: cells[start + 3]!,
        sellTrades: cells[start + 4]!,
        unknownTrades: cells[start + 5]!,
      };
      out.push(this.#largest === undefined ? counted : { ...counted, maxTradeLots: this.#largestOf(row) });
    });
    return out;
  }

  toJson(): RowJson[] {
    const out: RowJson[] = [];
    this.#visit((row, [buy, sell, unknown], cells, start) => {
      const lots = [exactToJson(buy), exactToJson(sell), exactToJson(unknown)] as const;
      const trades = [cells[start + 3]!, cells[start + 4]!, cells[start + 5]!] as const;
      out.push(
        this.#largest === undefined ? [row, ...lots, ...trades] : [row, ...lots, ...trades, this.#largestOf(row)],
      );
    });
    return out;
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
    if (this.#low <= this.#high) {
      const [from, to] = [this.#low - this.#base, this.#high - this.#base + 1];
      this.#cells.fill(0, from * WIDTH, to * WIDTH);
      this.#largest?.fill(0, from, to);
    }
    this.#low = Infinity;
    this.#high = -Infinity;
    this.#far.clear();
    this.#farLargest.clear();
    this.#spill.clear();
  }

  /** Bytes of the dense window; for tests and benches. */
  get bytes(): number {
    return this.#cells.byteLength;
  }

  #visit(
    see: (row: number, lots: readonly [ExactInt, ExactInt, ExactInt], cells: Float64Array, start: number) => void,
  ): void {
    const far = [...this.#far.keys()].sort((a, b) => a - b);
    let next = 0;
    const seeFar = (below: number): void => {
      for (; next < far.length && far[next]! < below; next++) {
        see(far[next]!, this.#lots(far[next]!, this.#far.get(far[next]!)!, 0), this.#far.get(far[next]!)!, 0);
      }
    };
    for (let row = this.#low; row <= this.#high; row++) {
      const start = (row - this.#base) * WIDTH;
      const cells = this.#cells;
      if (cells[start + 3] === 0 && cells[start + 4] === 0 && cells[start + 5] === 0) continue;
      seeFar(row);
      see(row, this.#lots(row, cells, start), cells, start);
    }
    seeFar(Infinity);
  }

  #lots(row: number, cells: Float64Array, start: number): readonly [ExactInt, ExactInt, ExactInt] {
    const spill = this.#spill.size > 0 ? this.#spill.get(row) : undefined;
    if (!spill) return [cells[start]!, cells[start + 1]!, cells[start + 2]!];
    return [
      addExact(spill[0], cells[start]!),
      addExact(spill[1], cells[start + 1]!),
      addExact(spill[2], cells[start + 2]!),
    ];
  }

  #largestOf(row: number): number {
    const at = row - this.#base;
    return this.#low <= row && row <= this.#high ? this.#largest![at]! : this.#farLargest.get(row)!;
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
   * Makes the dense window reach `row`; false when that would make it too wide. The used part only grows, so a row that
   * was too far once stays too far: a row lives in one place.
   */
  #reach(row: number): boolean {
    const low = Math.min(this.#low, row);
    const high = Math.max(this.#high, row);
    const span = high - low + 1;
    if (span > MAX_DENSE_ROWS) return false;
    const isEmpty = this.#low > this.#high;
    let rows = Math.max(this.#rows, FIRST_ROWS);
    while (rows < MAX_DENSE_ROWS && rows < 2 * span) rows *= 2;
    const base = low - Math.floor((rows - span) / 2);
    if (isEmpty && rows === this.#rows) {
      this.#base = base;
      return true;
    }
    const cells = new Float64Array(rows * WIDTH);
    if (!isEmpty) {
      const used = this.#cells.subarray((this.#low - this.#base) * WIDTH, (this.#high - this.#base + 1) * WIDTH);
      cells.set(used, (this.#low - base) * WIDTH);
    }
    if (this.#largest !== undefined) {
      const largest = new Float64Array(rows);
      if (!isEmpty)
        largest.set(this.#largest.subarray(this.#low - this.#base, this.#high - this.#base + 1), this.#low - base);
      this.#largest = largest;
    }
    this.#cells = cells;
    this.#base = base;
    this.#rows = rows;
    return true;
  }
}
