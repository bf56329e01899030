/** One bar while trades can still reach it. */
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
import type { FootprintBar } from '../footprint-bar.ts';
import { IdRanges } from './id-ranges.ts';
import { BUY, SELL, type Column, type Ladder, type RowJson } from './ladder.ts';
import { pocIndex, valueAreaOf, type ValueAreaRule } from './value-area.ts';

export class BarBuilder {
  readonly startMs: number;
  readonly endMs: number;
  readonly ladder: Ladder;
  /** Number of times that the bar was published. */
  published = 0;
  readonly #ids: IdRanges;
  readonly #names: Set<string>;

  // Plain numbers until a sum leaves the safe integers, exact bigints from there.
  #trades = 0;
  #buy: ExactInt = 0;
  #sell: ExactInt = 0;
  #unknown: ExactInt = 0;
  #volume: ExactInt = 0;
  #minDelta: ExactInt = 0;
  #maxDelta: ExactInt = 0;
  #value: ExactInt = 0;
  #open = 0;
  #high = 0;
  #low = 0;
  #close = 0;
  #openTimeMs = 0;
  #closeTimeMs = 0;

  constructor(startMs: number, endMs: number, ladder: Ladder, json?: BarBuilderJson) {
    this.startMs = startMs;
    this.endMs = endMs;
    this.ladder = ladder;
    this.#ids = new IdRanges(Infinity, json && { ranges: json.ids });
    this.#names = new Set(json?.names);
    if (!json) return;
    this.published = json.published;
    this.#trades = json.trades;
    [this.#buy, this.#sell, this.#unknown] = [
      exactFromJson(json.buy),
      exactFromJson(json.sell),
      exactFromJson(json.unknown),
    ];
    this.#volume = addExact(addExact(this.#buy, this.#sell), this.#unknown);
    [this.#minDelta, this.#maxDelta] = [exactFromJson(json.minDelta), exactFromJson(json.maxDelta)];
    this.#value = exactFromJson(json.value);
    [this.#open, this.#high, this.#low, this.#close] = json.ohlc;
    [this.#openTimeMs, this.#closeTimeMs] = json.times;
  }

  /** Adds one print of this bar. All numbers are safe integers, `lots` is positive. */
  add(timeMs: number, ticks: number, row: number, column: Column, lots: number): void {
    if (this.#trades === 0) {
      this.#open = this.#high = this.#low = this.#close = ticks;
      this.#openTimeMs = this.#closeTimeMs = timeMs;
    } else {
      if (ticks > this.#high) this.#high = ticks;
      else if (ticks < this.#low) this.#low = ticks;
      if (timeMs >= this.#closeTimeMs) {
        this.#close = ticks;
        this.#closeTimeMs = timeMs;
      } else if (timeMs < this.#openTimeMs) {
        this.#open = ticks;
        this.#openTimeMs = timeMs;
      }
    }
    this.#trades += 1;
    this.ladder.add(row, column, lots);

    if (typeof this.#volume === 'bigint' || typeof this.#value === 'bigint') {
      this.#addExactly(ticks, column, lots);
      return;
    }
    const value = ticks * lots;
    const values = this.#value + value;
    const volume = this.#volume + lots;
    if (volume > Number.MAX_SAFE_INTEGER || !Number.isSafeInteger(value) || !Number.isSafeInteger(values)) {
      this.#addExactly(ticks, column, lots);
      return;
    }
    this.#value = values;
    this.#volume = volume;
    if (column === BUY) {
      this.#buy = (this.#buy as number) + lots;
      const delta = this.#buy - (this.#sell as number);
      if (delta > (this.#maxDelta as number)) this.#maxDelta = delta;
    } else if (column === SELL) {
      this.#sell = (this.#sell as number) + lots;
      const delta = (this.#buy as number) - this.#sell;
      if (delta < (this.#minDelta as number)) this.#minDelta = delta;
    } else {
      this.#unknown = (this.#unknown as number) + lots;
    }
  }

  hasId(id: number | string): boolean {
    return typeof id === 'number' ? this.#ids.has(id) : this.#names.has(id);
  }

  addId(id: number | string): void {
    if (typeof id === 'number') this.#ids.add(id);
    else this.#names.add(id);
  }

  /** The bar as published: a new object each time. */
  publish(rowTicks: number, rule: ValueAreaRule): FootprintBar {
    const rows = this.ladder.toRows(rowTicks);
    const poc = pocIndex(rows);
    const area = valueAreaOf(rows, poc, rowTicks, rule);
    return {
      startMs: this.startMs,
      endMs: this.endMs,
      openTicks: this.#open,
      highTicks: this.#high,
      lowTicks: this.#low,
      closeTicks: this.#close,
      volumeLots: this.#volume,
      buyLots: this.#buy,
      sellLots: this.#sell,
      unknownLots: this.#unknown,
      deltaLots: subtractExact(this.#buy, this.#sell),
      minDeltaLots: this.#minDelta,
      maxDeltaLots: this.#maxDelta,
      trades: this.#trades,
      valueTickLots: this.#value,
      pocTicks: rows[poc]!.priceTicks,
      vahTicks: rows[area.high]!.priceTicks,
      valTicks: rows[area.low]!.priceTicks,
      revision: this.published++,
      rows,
    };
  }

  toJson(): BarBuilderJson {
    const { ranges } = this.#ids.toJson();
    return {
      startMs: this.startMs,
      published: this.published,
      trades: this.#trades,
      buy: exactToJson(this.#buy),
      sell: exactToJson(this.#sell),
      unknown: exactToJson(this.#unknown),
      minDelta: exactToJson(this.#minDelta),
      maxDelta: exactToJson(this.#maxDelta),
      value: exactToJson(this.#value),
      ohlc: [this.#open, this.#high, this.#low, this.#close],
      times: [this.#openTimeMs, this.#closeTimeMs],
      ids: ranges,
      names: [...this.#names],
      rows: this.ladder.toJson(),
    };
  }

  #addExactly(ticks: number, column: Column, lots: number): void {
    this.#value = addExact(this.#value, multiplyExact(ticks, lots));
    this.#volume = addExact(this.#volume, lots);
    if (column === BUY) this.#buy = addExact(this.#buy, lots);
    else if (column === SELL) this.#sell = addExact(this.#sell, lots);
    else this.#unknown = addExact(this.#unknown, lots);
    const delta = subtractExact(this.#buy, this.#sell);
    if (compareExact(delta, this.#maxDelta) > 0) this.#maxDelta = delta;
    if (compareExact(delta, this.#minDelta) < 0) this.#minDelta = delta;
  }
}

/** Plain JSON of a {@link BarBuilder}. */
export interface BarBuilderJson {
  readonly startMs: number;
  readonly published: number;
  readonly trades: number;
  readonly buy: ExactIntJson;
  readonly sell: ExactIntJson;
  readonly unknown: ExactIntJson;
  readonly minDelta: ExactIntJson;
  readonly maxDelta: ExactIntJson;
  readonly value: ExactIntJson;
  readonly ohlc: readonly [open: number, high: number, low: number, close: number];
  readonly times: readonly [openMs: number, closeMs: number];
  readonly ids: readonly number[];
  readonly names: readonly string[];
  readonly rows: readonly RowJson[];
}
