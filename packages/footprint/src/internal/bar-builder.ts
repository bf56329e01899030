/** One bar while trades can still reach it. */
import type { BarIntegrity, FootprintBar } from '../footprint-bar.ts';
import { BarSums, type BarSumsJson } from './bar-sums.ts';
import { IdRanges } from './id-ranges.ts';
import type { Column, Ladder, RowJson } from './ladder.ts';
import { printFromJson, printToJson, type Print, type PrintJson } from './print.ts';
import { rowOf, type RowRule } from './rows.ts';
import { areaOf, type ValueAreaRule } from './value-area.ts';

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

  readonly #sums: BarSums;
  #trades = 0;
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
    this.#sums = new BarSums(json);
    if (!json) return;
    this.published = json.published;
    this.#trades = json.trades;
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

  /** Whether a print of the bar's own time is in it; from then on {@link closeTimeMs} is that of the latest. */
  get hasOwn(): boolean {
    return this.#trades > this.#moved;
  }

  get closeTimeMs(): number {
    return this.#closeTimeMs;
  }

  get closeTicks(): number {
    return this.#close;
  }

  /** Adds one print of this bar. All numbers are safe integers, `lots` is positive. */
  add(timeMs: number, ticks: number, row: number, column: Column, lots: number): void {
    if (timeMs < this.#closeTimeMs || this.#trades === this.#moved) {
      this.#addOutOfTurn(timeMs, ticks);
    } else {
      this.#close = ticks;
      this.#closeTimeMs = timeMs;
    }
    this.#trades += 1;
    this.#fill(ticks, row, column, lots);
  }

  /** Adds a print not before the latest. {@link noteTurns} is to say when it was, before anything else is asked. */
  addNext(ticks: number, row: number, column: Column, lots: number): void {
    this.#close = ticks;
    this.#fill(ticks, row, column, lots);
  }

  /** Hears of prints that {@link addNext} added: how many, and the time of the last. */
  noteTurns(prints: number, timeMs: number): void {
    this.#trades += prints;
    this.#closeTimeMs = timeMs;
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
    this.#sums.clear();
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

  /** Adds numeric ids above all that the bar has, both ends included. */
  addIds(from: number, to: number): void {
    this.#ids.addRun(from, to);
  }

  /** The bar as published: a new object each time. */
  publish({ rowTicks, rule, rowRule = 'floor', integrity = false }: BarForm): FootprintBar {
    const sums = this.#sums;
    const rows = this.ladder.toRows(rowTicks);
    const area = areaOf(rows, rowTicks, rule);
    const flatTicks = area ? 0 : rowOf(this.#close, rowTicks, rowRule) * rowTicks;
    return {
      startMs: this.startMs,
      endMs: this.endMs,
      openTicks: this.#open,
      highTicks: this.#high,
      lowTicks: this.#low,
      closeTicks: this.#close,
      volumeLots: sums.volume,
      buyLots: sums.buy,
      sellLots: sums.sell,
      unknownLots: sums.unknown,
      deltaLots: sums.delta,
      minDeltaLots: sums.minDelta,
      maxDeltaLots: sums.maxDelta,
      trades: this.#trades,
      valueTickLots: sums.value,
      pocTicks: area ? rows[area.poc]!.priceTicks : flatTicks,
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
      ...this.#sums.toJson(),
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
  #fill(ticks: number, row: number, column: Column, lots: number): void {
    if (ticks > this.#high) this.#high = ticks;
    else if (ticks < this.#low) this.#low = ticks;
    this.ladder.add(row, column, lots);
    this.#sums.add(ticks, column, lots);
  }

  /** Takes the price of a print before the latest, or of the bar's first one. */
  #addOutOfTurn(timeMs: number, ticks: number): void {
    if (this.#trades > this.#moved) {
      this.#outOfOrder += 1;
      if (timeMs >= this.#openTimeMs) return;
      this.#open = ticks;
      this.#openTimeMs = timeMs;
      return;
    }
    // Prints that were moved here before are in the bar's range only.
    if (this.#trades === 0) this.#high = this.#low = ticks;
    this.#open = this.#close = ticks;
    this.#openTimeMs = this.#closeTimeMs = timeMs;
  }
}

/** Plain JSON of a {@link BarBuilder}. */
export interface BarBuilderJson extends BarSumsJson {
  readonly startMs: number;
  readonly published: number;
  readonly trades: number;
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
