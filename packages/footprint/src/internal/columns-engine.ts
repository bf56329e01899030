/** Bars over a dense ladder, from prints in order of time; the open bar stays open between calls. */
import type { ColumnOutputs, Columns } from './columns-builder.ts';
import { addStage, carryDelta, carryDelta32, clearRows, copyRows, createKernelLadder } from './columns-kernel.ts';
import { createStage, findEnd, rangeOf, scatter, scatterAny, sumOf } from './columns-kernel.ts';
import type { KernelLadder, KernelTrades } from './columns-kernel.ts';
import { denseArea } from './dense-area.ts';
import type { CheckedTrades } from './kernel-trades.ts';
import type { ValueAreaRule } from './value-area.ts';

/** The options, every one set and checked. */
export interface EngineOptions {
  readonly intervalMs: number;
  readonly rowTicks: number;
  readonly rule: ValueAreaRule;
}

/** More than this many ticks in one bar are a broken price, not a market: the ladder would not fit. */
export const MAX_ROWS = 1 << 20;

/** What is known of an open bar besides its ladder. */
export interface OpenBarHead {
  readonly startMs: number;
  readonly trades: number;
  readonly openTicks: number;
  readonly closeTicks: number;
  readonly lowTicks: number;
  readonly highTicks: number;
  /** Running delta, its lowest and its highest value. */
  readonly delta: ArrayLike<number>;
}

/** An open bar. The ladder is the engine's own, its row 0 is `baseTicks`. */
export interface OpenBar extends OpenBarHead {
  readonly ladder: KernelLadder;
  readonly baseTicks: number;
}

/** The bar that is open and its ladder. */
export class ColumnsEngine {
  readonly #options: EngineOptions;
  readonly #outputs: ColumnOutputs;
  /** Row 0 of it is {@link #base}. Empty outside of `[low, high]` of the open bar. */
  #ladder = createKernelLadder(1024);
  #base = 0;
  #volumes = new Float64Array(1024);
  /** Empty between calls. */
  #stage = createStage(256);
  readonly #range = new Int32Array(2);
  readonly #area = { poc: 0, low: 0, high: 0 };

  #startMs = NaN;
  #trades = 0;
  #open = 0;
  #close = 0;
  #low = 0;
  #high = 0;
  /** Running delta, its lowest and its highest value. */
  readonly #delta = new Float64Array(3);

  constructor(options: EngineOptions, outputs: ColumnOutputs) {
    this.#options = options;
    this.#outputs = outputs;
  }

  /**
   * Takes prints in order of time, none before the open bar; with `isWhole` they are all that there will be. False when a
   * bar does not fit the ladder or its value no safe integer: what was written so far is of no use then.
   */
  push({ trades, rows, mostLots, hasUnknown }: CheckedTrades, isWhole = false): boolean {
    const { timeMs, ticks } = trades;
    const { intervalMs } = this.#options;
    for (let from = 0; from < rows;) {
      if (!(timeMs[from]! < this.#startMs + intervalMs)) {
        if (!this.close(isWhole ? from / rows : 0)) return false;
        this.#startMs = Math.floor(timeMs[from]! / intervalMs) * intervalMs + 0;
      }
      const to = findEnd(timeMs, from, this.#startMs + intervalMs);
      rangeOf(ticks, from, to, this.#range);
      const [low, high] = [this.#range[0]!, this.#range[1]!];
      if (!this.#reach(low, high)) return false;
      this.#add(trades, from, to, low, high, mostLots, hasUnknown);
      if (this.#trades === 0) this.#open = ticks[from]!;
      this.#close = ticks[to - 1]!;
      this.#trades += to - from;
      from = to;
    }
    return true;
  }

  #add(
    trades: KernelTrades,
    from: number,
    to: number,
    low: number,
    high: number,
    mostLots: number,
    hasUnknown: boolean,
  ): void {
    const { lots, side } = trades;
    const [prints, span] = [to - from, high - low + 1];
    const is32 = lots instanceof Int32Array && (prints * mostLots < 2 ** 31 || sumOf(lots, from, to) < 2 ** 31);
    if (is32 && !hasUnknown && prints > 2 * span) {
      if (this.#stage.length < span * 8) this.#stage = createStage(this.#ladder.rows);
      scatter(this.#stage, trades, lots, from, to, low);
      addStage(this.#stage, span, this.#ladder, low - this.#base);
    } else scatterAny(this.#ladder, trades, from, to, this.#base);
    if (is32) carryDelta32(side, lots, from, to, this.#delta);
    else carryDelta(trades, from, to, this.#delta);
  }

  /** Writes the open bar, if there is one; `share` of the tape is done with it. False as in {@link push}. */
  close(share = 0): boolean {
    if (this.#trades === 0) return true;
    const outputs = this.#outputs;
    const { rowTicks, rule } = this.#options;
    const [low, high] = [this.#low, this.#high];
    const lowestRow = Math.floor(low / rowTicks);
    const rows = Math.floor(high / rowTicks) - lowestRow + 1;
    const columns = outputs.reserve(1, rows, share);
    const bar = outputs.bars;
    columns.firstRow[bar] = outputs.rows;
    const { total, buy, sell, value } = this.#writeRows(columns, lowestRow, rows);
    // The product bounds every partial sum of the value.
    if (!Number.isSafeInteger(total * (high - low + 1))) return false;
    denseArea(this.#volumes, rows, total, rule, this.#area);

    columns.startMs[bar] = this.#startMs;
    columns.openTicks[bar] = this.#open;
    columns.highTicks[bar] = high;
    columns.lowTicks[bar] = low;
    columns.closeTicks[bar] = this.#close;
    columns.buyLots[bar] = buy;
    columns.sellLots[bar] = sell;
    columns.unknownLots[bar] = total - buy - sell;
    columns.minDeltaLots[bar] = this.#delta[1]!;
    columns.maxDeltaLots[bar] = this.#delta[2]!;
    columns.valueAboveLowTickLots[bar] = value;
    columns.trades[bar] = this.#trades;
    columns.pocTicks[bar] = (lowestRow + this.#area.poc) * rowTicks;
    columns.vahTicks[bar] = (lowestRow + this.#area.high) * rowTicks;
    columns.valTicks[bar] = (lowestRow + this.#area.low) * rowTicks;
    columns.revision[bar] = 0;
    outputs.bars += 1;

    clearRows(this.#ladder, low - this.#base, high - this.#base + 1);
    this.#delta.fill(0);
    this.#trades = 0;
    return true;
  }

  /** The open bar; `undefined` while there is none. */
  get openBar(): OpenBar | undefined {
    if (this.#trades === 0) return undefined;
    return {
      startMs: this.#startMs,
      trades: this.#trades,
      openTicks: this.#open,
      closeTicks: this.#close,
      lowTicks: this.#low,
      highTicks: this.#high,
      delta: this.#delta,
      ladder: this.#ladder,
      baseTicks: this.#base,
    };
  }

  /**
   * Puts an open bar in the place of the one that there is, or none. Its ladder is empty, the caller fills it. False when
   * it does not fit.
   */
  resume(bar: OpenBarHead | undefined): boolean {
    if (this.#trades > 0) clearRows(this.#ladder, this.#low - this.#base, this.#high - this.#base + 1);
    this.#trades = 0;
    this.#startMs = NaN;
    this.#delta.fill(0);
    if (!bar) return true;
    if (!this.#reach(bar.lowTicks, bar.highTicks)) return false;
    this.#startMs = bar.startMs;
    this.#trades = bar.trades;
    this.#open = bar.openTicks;
    this.#close = bar.closeTicks;
    this.#delta.set(bar.delta);
    return true;
  }

  /** Writes the rows that traded, and the volume of each row from `lowestRow` on. */
  #writeRows(
    { rowPriceTicks, rowBuyLots, rowSellLots, rowUnknownLots, rowBuyTrades, rowSellTrades, rowUnknownTrades }: Columns,
    lowestRow: number,
    rows: number,
  ): { total: number; buy: number; sell: number; value: number } {
    const { lots, trades, unknownLots, unknownTrades } = this.#ladder;
    const { rowTicks } = this.#options;
    if (this.#volumes.length < rows) this.#volumes = new Float64Array(this.#ladder.rows);
    const volumes = this.#volumes;
    const lowest = this.#low - this.#base;
    const end = this.#high - this.#base + 1;
    let [total, buyTotal, sellTotal, value] = [0, 0, 0, 0];
    let out = this.#outputs.rows;
    let tick = lowest;
    for (let row = 0; row < rows; row += 1) {
      const rowEnd = Math.min(end, (lowestRow + row + 1) * rowTicks - this.#base);
      let buy = 0;
      let sell = 0;
      let unknown = 0;
      let buys = 0;
      let sells = 0;
      let unknowns = 0;
      for (; tick < rowEnd; tick += 1) {
        const slot = tick << 1;
        buy += lots[slot]!;
        sell += lots[slot + 1]!;
        unknown += unknownLots[tick]!;
        buys += trades[slot]!;
        sells += trades[slot + 1]!;
        unknowns += unknownTrades[tick]!;
        value += (tick - lowest) * (lots[slot]! + lots[slot + 1]! + unknownLots[tick]!);
      }
      const volume = buy + sell + unknown;
      volumes[row] = volume;
      // Nobody can guess which rows did not trade: what they write is written over.
      total += volume;
      buyTotal += buy;
      sellTotal += sell;
      rowPriceTicks[out] = (lowestRow + row) * rowTicks;
      rowBuyLots[out] = buy;
      rowSellLots[out] = sell;
      rowUnknownLots[out] = unknown;
      rowBuyTrades[out] = buys;
      rowSellTrades[out] = sells;
      rowUnknownTrades[out] = unknowns;
      out += +(volume !== 0);
    }
    this.#outputs.rows = out;
    return { total, buy: buyTotal, sell: sellTotal, value };
  }

  /** Makes the ladder span the open bar and `[low, high]`; false when that is too wide. */
  #reach(low: number, high: number): boolean {
    const isEmpty = this.#trades === 0;
    const from = isEmpty ? low : Math.min(low, this.#low);
    const to = isEmpty ? high : Math.max(high, this.#high);
    const span = to - from + 1;
    if (span > MAX_ROWS) return false;
    if (from < this.#base || to >= this.#base + this.#ladder.rows) this.#rebase(from, span, isEmpty);
    this.#low = from;
    this.#high = to;
    return true;
  }

  /** Puts the span into the middle of the ladder, a larger one where it fills more than half. */
  #rebase(from: number, span: number, isEmpty: boolean): void {
    let rows = this.#ladder.rows;
    while (rows < 2 * span) rows *= 2;
    const base = from - Math.floor((rows - span) / 2);
    if (!isEmpty) {
      const moved = createKernelLadder(rows);
      copyRows(this.#ladder, this.#low - this.#base, this.#high - this.#base + 1, moved, this.#low - base);
      this.#ladder = moved;
    } else if (rows !== this.#ladder.rows) this.#ladder = createKernelLadder(rows);
    this.#base = base;
  }
}
