/** The bar that is open: one object for all bars of a stream, so that a bar costs what it publishes. */
import type { ExactInt } from '@tapekit/orderflow/exact';
import type { FootprintBar } from '../footprint-bar.ts';
import type { BarForm } from './bar-builder.ts';
import { checkBarJson } from './bar-json-check.ts';
import { BarSums, type BarSumsJson } from './bar-sums.ts';
import type { OpenBar } from './clocks/clock.ts';
import { Ladder, type Column, type RowJson } from './ladder.ts';
import { rowOf } from './rows.ts';
import { areaOf } from './value-area.ts';

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
  readonly #ladder: Ladder;
  readonly #sums: BarSums;
  /** Times are those of an interval, not of the prints. */
  #hasSpan = false;
  #continued = 0;
  /** Whether a print or the clock has set a price. */
  #hasPrice = false;

  constructor(json?: EventBarBuilderJson) {
    if (json) checkBarJson(json);
    this.#ladder = json ? Ladder.fromJson(json.rows) : new Ladder();
    this.#sums = new BarSums(json);
    if (!json) return;
    this.isOpen = true;
    [this.startMs, this.endMs] = json.span;
    this.#hasSpan = json.hasSpan;
    this.#hasPrice = true;
    [this.openTicks, this.highTicks, this.lowTicks, this.closeTicks] = json.ohlc;
    this.trades = json.trades;
    this.#continued = json.continued;
  }

  get volumeLots(): ExactInt {
    return this.#sums.volume;
  }

  get deltaLots(): ExactInt {
    return this.#sums.delta;
  }

  /** Begins a bar at the time of a print. */
  begin(timeMs: number): void {
    this.isOpen = true;
    this.#hasSpan = false;
    this.startMs = timeMs;
    this.endMs = Math.floor(timeMs) + 1;
    this.#hasPrice = false;
    this.trades = this.#continued = 0;
    this.#sums.clear();
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
    this.#sums.add(ticks, column, lots);
  }

  /** Ends the bar and gives it, a new object. */
  close({ rowTicks, rule, rowRule = 'floor' }: BarForm, complete: boolean): EventBar {
    const sums = this.#sums;
    const rows = this.#ladder.toRows(rowTicks);
    const area = areaOf(rows, rowTicks, rule);
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
      volumeLots: sums.volume,
      buyLots: sums.buy,
      sellLots: sums.sell,
      unknownLots: sums.unknown,
      deltaLots: sums.delta,
      minDeltaLots: sums.minDelta,
      maxDeltaLots: sums.maxDelta,
      trades: this.trades,
      valueTickLots: sums.value,
      pocTicks: area ? rows[area.poc]!.priceTicks : flatTicks,
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
      ...this.#sums.toJson(),
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
export interface EventBarBuilderJson extends BarSumsJson {
  readonly span: readonly [startMs: number, endMs: number];
  readonly hasSpan: boolean;
  readonly ohlc: readonly [open: number, high: number, low: number, close: number];
  readonly trades: number;
  readonly continued: number;
  readonly rows: readonly RowJson[];
}
