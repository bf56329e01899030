/**
 * A {@link BarSeries} with a short way for the prints that come in turn, as nearly all do: of the open bar, not before the
 * latest, with the next id. Such a print goes straight into the bar; the series hears of its time and its id when it is
 * asked for something else. From outside there is no difference.
 */
import type { TickTrade } from '@tapekit/orderflow/market';
import type { FootprintBar } from '../footprint-bar.ts';
import type { BarBuilder } from './bar-builder.ts';
import { BarSeries, NO_BARS } from './bar-series.ts';
import type { BarSeriesOptions, TimeBarsSnapshot, TimeBarsStats } from './bar-series-state.ts';
import type { IdGap } from './id-ranges.ts';
import { rowOf, type RowRule } from './rows.ts';
import { checkTrade } from './trade-check.ts';

/** What a trade has whatever its price is written in. */
type TimedTrade = Pick<TickTrade, 'timeMs' | 'side' | 'id'>;

export class InTurnSeries {
  readonly #series: BarSeries;
  readonly #dedupe: boolean;
  readonly #rowTicks: number;
  readonly #rowRule: RowRule;
  /** The bar that has turns, while there is one; they are over before `#untilMs`. */
  #bar: BarBuilder | undefined;
  #untilMs = NaN;
  /** Time and id of the latest print, and how many the series does not know of. */
  #timeMs = NaN;
  #id = NaN;
  #taken = 0;

  constructor(options: BarSeriesOptions, snapshot?: TimeBarsSnapshot) {
    this.#series = new BarSeries(options, snapshot);
    this.#dedupe = options.dedupe;
    this.#rowTicks = options.rowTicks;
    this.#rowRule = options.rowRule;
    this.#look();
  }

  /** Takes a trade at this price and of this size: whole ticks and lots. */
  push(trade: TimedTrade, ticks: number, lots: number): readonly FootprintBar[] {
    const { timeMs, side, id } = trade;
    const column = checkTrade(timeMs, ticks, lots, side, id);
    const hasId = id !== undefined && this.#dedupe;
    const bar = this.#bar;
    const isInTurn =
      bar !== undefined &&
      timeMs >= this.#timeMs &&
      timeMs < this.#untilMs &&
      lots > 0 &&
      (!hasId || id === this.#id + 1);
    if (!isInTurn) return this.#pushOther(trade, ticks, lots);
    if (hasId) this.#id += 1;
    this.#timeMs = timeMs;
    this.#taken += 1;
    const price = ticks + 0;
    bar.addNext(price, this.#rowTicks === 1 ? price : rowOf(price, this.#rowTicks, this.#rowRule), column, lots);
    return NO_BARS;
  }

  cancel(id: number | string): readonly FootprintBar[] {
    return this.#ask((series) => series.cancel(id));
  }

  correct(id: number | string, trade: TickTrade): readonly FootprintBar[] {
    return this.#ask((series) => series.correct(id, trade));
  }

  advanceTo(timeMs: number): readonly FootprintBar[] {
    return this.#ask((series) => series.advanceTo(timeMs));
  }

  flush(): readonly FootprintBar[] {
    return this.#ask((series) => series.flush());
  }

  stats(): TimeBarsStats {
    return this.#ask((series) => series.stats());
  }

  gaps(): readonly IdGap[] {
    return this.#ask((series) => series.gaps());
  }

  toJson(): TimeBarsSnapshot {
    return this.#ask((series) => series.toJson());
  }

  /** Takes a print out of turn: without volume, late, of another bar, or with another id. */
  #pushOther({ timeMs, side, id }: TimedTrade, ticks: number, lots: number): readonly FootprintBar[] {
    return this.#ask((series) => series.push(timeMs, ticks, lots, side, id));
  }

  /** Asks the series, which then knows of all prints. */
  #ask<Answer>(question: (series: BarSeries) => Answer): Answer {
    if (this.#taken > 0) this.#series.noteTurns(this.#taken, this.#timeMs, this.#id);
    this.#taken = 0;
    try {
      return question(this.#series);
    } finally {
      this.#look();
    }
  }

  #look(): void {
    const bar = this.#series.turns;
    this.#bar = bar;
    this.#untilMs = bar?.endMs ?? NaN;
    this.#timeMs = bar?.closeTimeMs ?? NaN;
    this.#id = this.#series.highestId;
  }
}
