/** The bar that is open: one object for all bars of a stream, so that a bar costs what it publishes. */
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
import type { BarForm } from './bar-builder.ts';
import { checkBarJson } from './bar-json-check.ts';
import type { OpenBar } from './clocks/clock.ts';
import { BUY, Ladder, SELL, type Column, type RowJson } from './ladder.ts';
import { rowOf } from './rows.ts';
import { pocIndex, valueAreaOf } from './value-area.ts';

/** A bar of `createBars`. */
export interface EventBar extends FootprintBar {
  /**
   * Inclusive start, epoch milliseconds UTC: the time of its earliest print. Of a bar that no print reached, the time of
   * the print that made it; of a session clock, the start of the interval.
   */
  readonly startMs: number;
  /**
   * Exclusive end, epoch milliseconds UTC: the first whole millisecond after its latest print. So bars of one millisecond
   * overlap; their order is the order in which they come. Of a session clock, the end of the interval.
   */
  readonly endMs: number;
  /** False when `flush` closed the bar before its clock did. */
  readonly complete: boolean;
  /**
   * 1 when the bar holds the rest of a print that an earlier bar holds the beginning of, else 0. Such a print is in `trades`
   * of each of its bars: over all bars, Σ `trades` − Σ `continuedTrades` is the number of prints.
   */
  readonly continuedTrades: number;
}

export class EventBarBuilder implements OpenBar {
  isOpen = false;
  startMs = 0;
  endMs = 0;
  openTicks = 0;
  highTicks = 0;
  lowTicks = 0;
  closeTicks = 0;
  trades = 0;
  volumeLots: ExactInt = 0;
  readonly #ladder: Ladder;
  /** Times are those of an interval, not of the prints. */
  #hasSpan = false;
  #continued = 0;
  /** Whether a print or the clock has set a price. */
  #hasPrice = false;
  #buy: ExactInt = 0;
  #sell: ExactInt = 0;
  #unknown: ExactInt = 0;
  #minDelta: ExactInt = 0;
  #maxDelta: ExactInt = 0;
  #value: ExactInt = 0;

  constructor(json?: EventBarBuilderJson) {
    if (json) checkBarJson(json);
    this.#ladder = json ? Ladder.fromJson(json.rows) : new Ladder();
    if (!json) return;
    this.isOpen = true;
    [this.startMs, this.endMs] = json.span;
    this.#hasSpan = json.hasSpan;
    this.#hasPrice = true;
    [this.openTicks, this.highTicks, this.lowTicks, this.closeTicks] = json.ohlc;
    this.trades = json.trades;
    this.#continued = json.continued;
    [this.#buy, this.#sell, this.#unknown] = [
      exactFromJson(json.buy),
      exactFromJson(json.sell),
      exactFromJson(json.unknown),
    ];
    this.volumeLots = addExact(addExact(this.#buy, this.#sell), this.#unknown);
    [this.#minDelta, this.#maxDelta] = [exactFromJson(json.minDelta), exactFromJson(json.maxDelta)];
    this.#value = exactFromJson(json.value);
  }

  get deltaLots(): ExactInt {
    return subtractExact(this.#buy, this.#sell);
  }

  /** Begins a bar at the time of a print. */
  begin(timeMs: number): void {
    this.isOpen = true;
    this.#hasSpan = false;
    this.startMs = timeMs;
    this.endMs = Math.floor(timeMs) + 1;
    this.#hasPrice = false;
    this.trades = this.#continued = 0;
    this.volumeLots = this.#buy = this.#sell = this.#unknown = 0;
    this.#minDelta = this.#maxDelta = this.#value = 0;
  }

  /** Begins a bar of an interval. */
  beginSpan(startMs: number, endMs: number): void {
    this.begin(startMs);
    this.endMs = endMs;
    this.#hasSpan = true;
  }

  /** Opens the bar at a price that no print may have had. */
  setOpen(ticks: number): void {
    this.#reach(ticks);
    this.openTicks = ticks;
  }

  setClose(ticks: number): void {
    this.#reach(ticks);
    this.closeTicks = ticks;
  }

  /** Adds a print or a part of one. All numbers are safe integers, `lots` is positive. */
  add(timeMs: number, ticks: number, row: number, column: Column, lots: number, isContinued: boolean): void {
    if (!this.#hasSpan) {
      if (timeMs < this.startMs) this.startMs = timeMs;
      if (timeMs >= this.endMs) this.endMs = Math.floor(timeMs) + 1;
    }
    this.#reach(ticks);
    this.closeTicks = ticks;
    this.trades += 1;
    if (isContinued) this.#continued += 1;
    this.#ladder.add(row, column, lots);
    this.volumeLots = addExact(this.volumeLots, lots);
    this.#value = addExact(this.#value, multiplyExact(ticks, lots));
    if (column === BUY) {
      this.#buy = addExact(this.#buy, lots);
      const delta = this.deltaLots;
      if (compareExact(delta, this.#maxDelta) > 0) this.#maxDelta = delta;
    } else if (column === SELL) {
      this.#sell = addExact(this.#sell, lots);
      const delta = this.deltaLots;
      if (compareExact(delta, this.#minDelta) < 0) this.#minDelta = delta;
    } else {
      this.#unknown = addExact(this.#unknown, lots);
    }
  }

  /** Ends the bar and gives it, a new object. */
  close({ rowTicks, rule, rowRule = 'floor' }: BarForm, complete: boolean): EventBar {
    const rows = this.#ladder.toRows(rowTicks);
    const poc = rows.length > 0 ? pocIndex(rows) : 0;
    const area = rows.length > 0 ? valueAreaOf(rows, poc, rowTicks, rule) : undefined;
    const flatTicks = area ? 0 : rowOf(this.closeTicks, rowTicks, rowRule) * rowTicks;
    this.isOpen = false;
    this.#ladder.clear();
    return {
      startMs: this.startMs,
      endMs: this.endMs,
      openTicks: this.openTicks,
      highTicks: this.highTicks,
      lowTicks: this.lowTicks,
      closeTicks: this.closeTicks,
      volumeLots: this.volumeLots,
      buyLots: this.#buy,
      sellLots: this.#sell,
      unknownLots: this.#unknown,
      deltaLots: this.deltaLots,
      minDeltaLots: this.#minDelta,
      maxDeltaLots: this.#maxDelta,
      trades: this.trades,
      valueTickLots: this.#value,
      pocTicks: area ? rows[poc]!.priceTicks : flatTicks,
      vahTicks: area ? rows[area.high]!.priceTicks : flatTicks,
      valTicks: area ? rows[area.low]!.priceTicks : flatTicks,
      revision: 0,
      complete,
      continuedTrades: this.#continued,
      rows,
    };
  }

  toJson(): EventBarBuilderJson {
    return {
      span: [this.startMs, this.endMs],
      hasSpan: this.#hasSpan,
      ohlc: [this.openTicks, this.highTicks, this.lowTicks, this.closeTicks],
      trades: this.trades,
      continued: this.#continued,
      buy: exactToJson(this.#buy),
      sell: exactToJson(this.#sell),
      unknown: exactToJson(this.#unknown),
      minDelta: exactToJson(this.#minDelta),
      maxDelta: exactToJson(this.#maxDelta),
      value: exactToJson(this.#value),
      rows: this.#ladder.toJson(),
    };
  }

  #reach(ticks: number): void {
    if (!this.#hasPrice) {
      this.#hasPrice = true;
      this.openTicks = this.highTicks = this.lowTicks = this.closeTicks = ticks;
    } else if (ticks > this.highTicks) {
      this.highTicks = ticks;
    } else if (ticks < this.lowTicks) {
      this.lowTicks = ticks;
    }
  }
}

/** Plain JSON of an {@link EventBarBuilder} with an open bar. */
export interface EventBarBuilderJson {
  readonly span: readonly [startMs: number, endMs: number];
  readonly hasSpan: boolean;
  readonly ohlc: readonly [open: number, high: number, low: number, close: number];
  readonly trades: number;
  readonly continued: number;
  readonly buy: ExactIntJson;
  readonly sell: ExactIntJson;
  readonly unknown: ExactIntJson;
  readonly minDelta: ExactIntJson;
  readonly maxDelta: ExactIntJson;
  readonly value: ExactIntJson;
  readonly rows: readonly RowJson[];
}
