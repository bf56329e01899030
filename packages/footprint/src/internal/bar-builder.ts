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
import type { BarIntegrity, FootprintBar } from '../footprint-bar.ts';
import { IdRanges } from './id-ranges.ts';
import { BUY, SELL, type Column, type Ladder, type RowJson } from './ladder.ts';
import { printFromJson, printToJson, type Print, type PrintJson } from './print.ts';
import { rowOf, type RowRule } from './rows.ts';
import { pocIndex, valueAreaOf, type ValueAreaRule } from './value-area.ts';

/** How a bar is published. */
export interface BarForm {
  readonly rowTicks: number;
  readonly rule: ValueAreaRule;
  /** @defaultValue 'floor' */
  readonly rowRule?: RowRule;
  /** @defaultValue false */
  readonly integrity?: boolean;
}

export class BarBuilder {
  readonly startMs: number;
  readonly endMs: number;
  readonly ladder: Ladder;
  /** Number of times that the bar was published. */
  published = 0;
  /** Prints whose id was in the bar already. */
  duplicates = 0;
  /** Prints taken out again. */
  cancelled = 0;
  /** Prints changed in place. */
  corrected = 0;
  #late = 0;
  #outOfOrder = 0;
  /** Prints of an earlier bar's time; they never open or close a bar that has others. */
  #moved = 0;
  #prints: Print[] | undefined;
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
    const { integrity = [0, 0, 0, 0, 0], moved = 0 } = json;
    [this.#late, this.#outOfOrder, this.duplicates, this.cancelled, this.corrected] = integrity;
    this.#moved = moved;
    this.#prints = json.prints?.map(printFromJson);
  }

  get trades(): number {
    return this.#trades;
  }

  get closeTicks(): number {
    return this.#close;
  }

  /** Adds one print of this bar. All numbers are safe integers, `lots` is positive. */
  add(timeMs: number, ticks: number, row: number, column: Column, lots: number): void {
    if (this.#trades === this.#moved) {
      this.#openFirst(timeMs, ticks);
    } else {
      if (ticks > this.#high) this.#high = ticks;
      else if (ticks < this.#low) this.#low = ticks;
      if (timeMs >= this.#closeTimeMs) {
        this.#close = ticks;
        this.#closeTimeMs = timeMs;
      } else {
        this.#outOfOrder += 1;
        if (timeMs < this.#openTimeMs) {
          this.#open = ticks;
          this.#openTimeMs = timeMs;
        }
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

  /** Adds a print that came when its bar was closed: to that bar, or moved to this one. */
  addLate(timeMs: number, ticks: number, row: number, column: Column, lots: number, isMoved: boolean): void {
    this.#late += 1;
    if (!isMoved) {
      this.add(timeMs, ticks, row, column, lots);
      return;
    }
    const [open, openTimeMs, closeTimeMs] = [this.#open, this.#openTimeMs, this.#closeTimeMs];
    const [outOfOrder, hasPrints] = [this.#outOfOrder, this.#trades > 0];
    this.add(timeMs, ticks, row, column, lots);
    this.#moved += 1;
    this.#outOfOrder = outOfOrder;
    // Its time lies before the bar: the close is that of a print of the bar's own time, if there is one.
    if (hasPrints) [this.#open, this.#openTimeMs, this.#closeTimeMs] = [open, openTimeMs, closeTimeMs];
  }

  /** Keeps a print for {@link take} and {@link replace}. */
  remember(print: Print): void {
    (this.#prints ??= []).push(print);
  }

  /** The print with that id, while it is in the bar. */
  printOf(id: number | string): Print | undefined {
    return this.hasId(id) ? this.#prints?.find((print) => print.id === id) : undefined;
  }

  /** Changes a remembered print, or takes it out; the bar is then as if it had come so, in its place. */
  change(old: Print, by: Print | undefined, rowTicks: number, rowRule: RowRule): void {
    const prints = this.#prints!;
    prints.splice(prints.indexOf(old), 1, ...(by ? [by] : []));
    this.ladder.clear();
    this.#trades = this.#moved = this.#late = this.#outOfOrder = 0;
    this.#buy = this.#sell = this.#unknown = this.#volume = 0;
    this.#minDelta = this.#maxDelta = this.#value = 0;
    for (const { timeMs, ticks, column, lots, isLate, isMoved } of prints) {
      const row = rowOf(ticks, rowTicks, rowRule);
      if (isLate) this.addLate(timeMs, ticks, row, column, lots, isMoved);
      else this.add(timeMs, ticks, row, column, lots);
    }
  }

  /** Sets the price of a bar without prints. */
  flatten(ticks: number): void {
    this.#open = this.#high = this.#low = this.#close = ticks;
  }

  hasId(id: number | string): boolean {
    return typeof id === 'number' ? this.#ids.has(id) : this.#names.has(id);
  }

  addId(id: number | string): void {
    if (typeof id === 'number') this.#ids.add(id);
    else this.#names.add(id);
  }

  /** The bar as published: a new object each time. */
  publish({ rowTicks, rule, rowRule = 'floor', integrity = false }: BarForm): FootprintBar {
    const rows = this.ladder.toRows(rowTicks);
    const hasRows = rows.length > 0;
    const poc = hasRows ? pocIndex(rows) : 0;
    const area = hasRows ? valueAreaOf(rows, poc, rowTicks, rule) : undefined;
    const flatTicks = area ? 0 : rowOf(this.#close, rowTicks, rowRule) * rowTicks;
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
      pocTicks: area ? rows[poc]!.priceTicks : flatTicks,
      vahTicks: area ? rows[area.high]!.priceTicks : flatTicks,
      valTicks: area ? rows[area.low]!.priceTicks : flatTicks,
      revision: this.published++,
      ...(integrity ? { integrity: this.#integrity() } : {}),
      rows,
    };
  }

  toJson(): BarBuilderJson {
    const { ranges } = this.#ids.toJson();
    const counts = [this.#late, this.#outOfOrder, this.duplicates, this.cancelled, this.corrected] as const;
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
      ...(counts.some((count) => count > 0) ? { integrity: counts } : {}),
      ...(this.#moved > 0 ? { moved: this.#moved } : {}),
      ...(this.#prints ? { prints: this.#prints.map(printToJson) } : {}),
    };
  }

  #integrity(): BarIntegrity {
    return {
      late: this.#late,
      outOfOrder: this.#outOfOrder,
      duplicates: this.duplicates,
      cancelled: this.cancelled,
      corrected: this.corrected,
    };
  }

  /** The first print of the bar's own time opens and closes it; ones moved here before have been in its range only. */
  #openFirst(timeMs: number, ticks: number): void {
    const isFirst = this.#trades === 0;
    this.#high = isFirst ? ticks : Math.max(this.#high, ticks);
    this.#low = isFirst ? ticks : Math.min(this.#low, ticks);
    this.#open = this.#close = ticks;
    this.#openTimeMs = this.#closeTimeMs = timeMs;
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
  /** Absent while all are 0. */
  readonly integrity?: readonly [
    late: number,
    outOfOrder: number,
    duplicates: number,
    cancelled: number,
    corrected: number,
  ];
  /** Number of prints of an earlier bar's time; absent while there are none. */
  readonly moved?: number;
  /** Only with `corrections`. */
  readonly prints?: readonly PrintJson[];
}
