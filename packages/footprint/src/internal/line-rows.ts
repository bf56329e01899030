/** Trades of lines, in columns that grow. */
import type { TradeColumns } from '@tapekit/orderflow/columns';
import { trimmed } from './columns-builder.ts';

/** Trades of one call. */
export class LineRows {
  #timeMs: Float64Array<ArrayBuffer>;
  #priceTicks: Float64Array<ArrayBuffer>;
  #sizeLots: Float64Array<ArrayBuffer>;
  #side: Int8Array<ArrayBuffer>;
  #rows = 0;

  constructor(expected: number) {
    const room = Math.max(16, expected);
    this.#timeMs = new Float64Array(room);
    this.#priceTicks = new Float64Array(room);
    this.#sizeLots = new Float64Array(room);
    this.#side = new Int8Array(room);
  }

  add(timeMs: number, priceTicks: number, sizeLots: number, side: number): void {
    if (this.#rows === this.#side.length) this.#grow();
    const i = this.#rows++;
    this.#timeMs[i] = timeMs;
    this.#priceTicks[i] = priceTicks;
    this.#sizeLots[i] = sizeLots;
    this.#side[i] = side;
  }

  get length(): number {
    return this.#rows;
  }

  /** Adds columns of equal length. */
  append(timeMs: Float64Array, priceTicks: Float64Array, sizeLots: Float64Array, side: Int8Array): void {
    while (this.#rows + side.length > this.#side.length) this.#grow();
    this.#timeMs.set(timeMs, this.#rows);
    this.#priceTicks.set(priceTicks, this.#rows);
    this.#sizeLots.set(sizeLots, this.#rows);
    this.#side.set(side, this.#rows);
    this.#rows += side.length;
  }

  columns(): TradeColumns {
    const rows = this.#rows;
    return {
      timeMs: trimmed(this.#timeMs, rows),
      priceTicks: trimmed(this.#priceTicks, rows),
      sizeLots: trimmed(this.#sizeLots, rows),
      side: trimmed(this.#side, rows),
    };
  }

  #grow(): void {
    const room = this.#side.length * 2;
    const grown = <Column extends Float64Array | Int8Array>(column: Column, larger: Column): Column => {
      larger.set(column);
      return larger;
    };
    this.#timeMs = grown(this.#timeMs, new Float64Array(room));
    this.#priceTicks = grown(this.#priceTicks, new Float64Array(room));
    this.#sizeLots = grown(this.#sizeLots, new Float64Array(room));
    this.#side = grown(this.#side, new Int8Array(room));
  }
}
