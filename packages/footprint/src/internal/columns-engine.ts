/** Bars over a dense ladder, from prints in order of time; the open bar stays open between calls. */
import type { ColumnLists } from './columns-builder.ts';
import { carryDelta, clearRows, copyRows, createKernelLadder, findEnd } from './columns-kernel.ts';
import { highestOf, lowestOf, scatter, scatterAny } from './columns-kernel.ts';
import type { KernelLadder } from './columns-kernel.ts';
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
  readonly #lists: ColumnLists;
  /** Row 0 of it is {@link #base}. Empty outside of `[low, high]` of the open bar. */
  #ladder = createKernelLadder(1024);
  #base = 0;
  #volumes = new Float64Array(1024);
  readonly #area = { poc: 0, low: 0, high: 0 };

  #startMs = NaN;
  #trades = 0;
  #open = 0;
  #close = 0;
  #low = 0;
  #high = 0;
  /** Running delta, its lowest and its highest value. */
  readonly #delta = new Float64Array(3);

  constructor(options: EngineOptions, lists: ColumnLists) {
    this.#options = options;
    this.#lists = lists;
  }

  /**
   * Takes prints in order of time, none before the open bar. False when a bar does not fit the ladder or its value no
   * safe integer: what was written so far is of no use then.
   */
  push({ trades, rows, hasUnknown }: CheckedTrades): boolean {
    const { timeMs, ticks } = trades;
    const { intervalMs } = this.#options;
    for (let from = 0; from < rows;) {
      if (!(timeMs[from]! < this.#startMs + intervalMs)) {
        if (!this.close()) return false;
        this.#startMs = Math.floor(timeMs[from]! / intervalMs) * intervalMs + 0;
      }
      const to = findEnd(timeMs, from, this.#startMs + intervalMs);
      const low = lowestOf(ticks, from, to);
      const high = highestOf(ticks, from, to);
      if (!this.#reach(low, high)) return false;
      (hasUnknown ? scatterAny : scatter)(this.#ladder, trades, from, to, this.#base);
      carryDelta(trades, from, to, this.#delta);
      if (this.#trades === 0) this.#open = ticks[from]!;
      this.#close = ticks[to - 1]!;
      this.#trades += to - from;
      from = to;
    }
    return true;
  }

  /** Writes the open bar, if there is one. False as in {@link push}. */
  close(): boolean {
    if (this.#trades === 0) return true;
    const lists = this.#lists;
    const { rowTicks, rule } = this.#options;
    const [low, high] = [this.#low, this.#high];
    const firstRow = lists.rowPriceTicks.length;
    const lowestRow = Math.floor(low / rowTicks);
    const rows = Math.floor(high / rowTicks) - lowestRow + 1;
    const { total, buy, sell, value } = this.#writeRows(lowestRow, rows);
    // The product bounds every partial sum of the value.
    if (!Number.isSafeInteger(total * (high - low + 1))) return false;
    denseArea(this.#volumes, rows, total, rule, this.#area);

    lists.startMs.push(this.#startMs);
    lists.openTicks.push(this.#open);
    lists.highTicks.push(high);
    lists.lowTicks.push(low);
    lists.closeTicks.push(this.#close);
    lists.buyLots.push(buy);
    lists.sellLots.push(sell);
    lists.unknownLots.push(total - buy - sell);
    lists.minDeltaLots.push(this.#delta[1]!);
    lists.maxDeltaLots.push(this.#delta[2]!);
    lists.valueAboveLowTickLots.push(value);
    lists.trades.push(this.#trades);
    lists.pocTicks.push((lowestRow + this.#area.poc) * rowTicks);
    lists.vahTicks.push((lowestRow + this.#area.high) * rowTicks);
    lists.valTicks.push((lowestRow + this.#area.low) * rowTicks);
    lists.revision.push(0);
    lists.firstRow.push(firstRow);

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
  #writeRows(lowestRow: number, rows: number): { total: number; buy: number; sell: number; value: number } {
    const { lots, trades, unknownLots, unknownTrades } = this.#ladder;
    const lists = this.#lists;
    const { rowTicks } = this.#options;
    if (this.#volumes.length < rows) this.#volumes = new Float64Array(this.#ladder.rows);
    const sums = { total: 0, buy: 0, sell: 0, value: 0 };
    const lowest = this.#low - this.#base;
    const end = this.#high - this.#base + 1;
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
        const volume = lots[slot]! + lots[slot + 1]! + unknownLots[tick]!;
        if (volume === 0) continue;
        buy += lots[slot]!;
        sell += lots[slot + 1]!;
        unknown += unknownLots[tick]!;
        buys += trades[slot]!;
        sells += trades[slot + 1]!;
        unknowns += unknownTrades[tick]!;
        sums.value += (tick - lowest) * volume;
      }
      const volume = buy + sell + unknown;
      this.#volumes[row] = volume;
      if (volume === 0) continue;
      sums.total += volume;
      sums.buy += buy;
      sums.sell += sell;
      lists.rowPriceTicks.push((lowestRow + row) * rowTicks);
      lists.rowBuyLots.push(buy);
      lists.rowSellLots.push(sell);
      lists.rowUnknownLots.push(unknown);
      lists.rowBuyTrades.push(buys);
      lists.rowSellTrades.push(sells);
      lists.rowUnknownTrades.push(unknowns);
    }
    return sums;
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
