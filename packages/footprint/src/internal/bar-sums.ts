/**
 * Volume by aggressor, running delta and value of a bar: doubles while all of them are safe integers, exact integers of
 * any length from the first print that would leave them.
 */
import {
  addExact,
  compareExact,
  exactFromJson,
  exactToJson,
  multiplyExact,
  subtractExact,
  type ExactInt,
  type ExactIntJson,
} from '@tapekit/orderflow/exact';
import { BUY, SELL, UNKNOWN, type Column } from './ladder.ts';
import { unboxed } from './unboxed.ts';

/** Where the sums stand; those of the sides at their columns. */
const [VALUE, MIN_DELTA, MAX_DELTA, SUMS] = [3, 4, 5, 6];

const MOST = Number.MAX_SAFE_INTEGER;

/** The sums of a stored bar. */
export interface BarSumsJson {
  readonly buy: ExactIntJson;
  readonly sell: ExactIntJson;
  readonly unknown: ExactIntJson;
  readonly minDelta: ExactIntJson;
  readonly maxDelta: ExactIntJson;
  readonly value: ExactIntJson;
}

export class BarSums {
  readonly #sums = new Float64Array(SUMS);
  /** In the place of the doubles, once they do not hold the sums. */
  #exact: ExactInt[] | undefined;

  constructor(json?: BarSumsJson) {
    if (!json) return;
    const { buy, sell, unknown, value, minDelta, maxDelta } = json;
    const exact = [buy, sell, unknown, value, minDelta, maxDelta].map(exactFromJson);
    if (exact.every((sum) => typeof sum === 'number')) this.#sums.set(exact);
    else this.#exact = exact;
  }

  /** Adds a print. `ticks` and `lots` are safe integers, `lots` is positive. */
  add(ticks: number, column: Column, lots: number): void {
    const sums = this.#sums;
    const own = sums[column]! + lots;
    const worth = ticks * lots;
    const value = sums[VALUE]! + worth;
    // Where prices are below 0, values cancel out.
    if (this.#exact !== undefined || !(own <= MOST && Math.abs(worth) <= MOST && Math.abs(value) <= MOST)) {
      this.#addExactly(ticks, column, lots);
      return;
    }
    sums[column] = own;
    sums[VALUE] = value;
    const delta = sums[BUY]! - sums[SELL]!;
    if (delta > sums[MAX_DELTA]!) sums[MAX_DELTA] = delta;
    else if (delta < sums[MIN_DELTA]!) sums[MIN_DELTA] = delta;
  }

  clear(): void {
    this.#sums.fill(0);
    this.#exact = undefined;
  }

  get buy(): ExactInt {
    return this.#at(BUY);
  }

  get sell(): ExactInt {
    return this.#at(SELL);
  }

  get unknown(): ExactInt {
    return this.#at(UNKNOWN);
  }

  get volume(): ExactInt {
    return addExact(addExact(this.buy, this.sell), this.unknown);
  }

  get delta(): ExactInt {
    return subtractExact(this.buy, this.sell);
  }

  get minDelta(): ExactInt {
    return this.#at(MIN_DELTA);
  }

  get maxDelta(): ExactInt {
    return this.#at(MAX_DELTA);
  }

  /** Σ price × size. */
  get value(): ExactInt {
    return this.#at(VALUE);
  }

  toJson(): BarSumsJson {
    return {
      buy: exactToJson(this.buy),
      sell: exactToJson(this.sell),
      unknown: exactToJson(this.unknown),
      minDelta: exactToJson(this.minDelta),
      maxDelta: exactToJson(this.maxDelta),
      value: exactToJson(this.value),
    };
  }

  #at(index: number): ExactInt {
    return this.#exact ? this.#exact[index]! : unboxed(this.#sums[index]!);
  }

  #addExactly(ticks: number, column: Column, lots: number): void {
    const exact = (this.#exact ??= Array.from(this.#sums));
    exact[VALUE] = addExact(exact[VALUE]!, multiplyExact(ticks, lots));
    exact[column] = addExact(exact[column]!, lots);
    const delta = this.delta;
    if (compareExact(delta, exact[MAX_DELTA]!) > 0) exact[MAX_DELTA] = delta;
    if (compareExact(delta, exact[MIN_DELTA]!) < 0) exact[MIN_DELTA] = delta;
  }
}
