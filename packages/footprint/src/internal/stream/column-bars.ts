/** The bars of a tape that comes in blocks: ordered blocks through the engine, any other print by print. */
import { sideOfCode } from '@tapekit/orderflow/columns';
import type { ColumnBarsSnapshot, ColumnBarsStats, NumberedTradeColumns } from '../../columns-stream.ts';
import type { FootprintBar } from '../../footprint-bar.ts';
import type { FootprintColumns } from '../../footprint-columns.ts';
import { BarSeries } from '../bar-series.ts';
import type { BarSeriesOptions, TimeBarsSnapshot } from '../bar-series-state.ts';
import { columnsOfBars, tradeCount } from '../columns-door.ts';
import { kernelTrades } from '../kernel-trades.ts';
import { requireSnapshot } from '../snapshot-checks.ts';
import { checkTime, checkTrade } from '../trade-check.ts';
import { FastBars } from './fast-bars.ts';

export class ColumnBarSeries {
  readonly #options: BarSeriesOptions;
  readonly #fast: FastBars;
  /** Holds the state while it is there; else {@link #fast} does. */
  #series: BarSeries | undefined;
  /** Given for a block that closes no bar; nobody can tell one of them from another. */
  readonly #nothing: FootprintColumns;

  constructor(options: BarSeriesOptions, snapshot?: ColumnBarsSnapshot) {
    if (snapshot) requireSnapshot('time-bars', snapshot.bars);
    this.#options = options;
    this.#fast = new FastBars(options);
    if (snapshot) this.#series = new BarSeries(options, snapshot.bars);
    this.#nothing = Object.freeze(this.#columnsOf([]));
  }

  push(trades: NumberedTradeColumns): FootprintColumns {
    const rows = tradeCount(trades);
    if (rows === 0) return this.#nothing;
    const checked = kernelTrades(trades, rows);
    if (checked && this.#isFast()) {
      const plan = this.#fast.plan(checked, trades.id);
      if (plan) {
        this.#series = undefined;
        return this.#fast.push(checked, trades.id, plan) ?? this.#nothing;
      }
    }
    // Refused as a whole, before any of it is in.
    for (let i = 0; i < rows; i += 1) checkTrade(...printAt(trades, i));
    return this.#through((series, keep) => {
      for (let i = 0; i < rows; i += 1) keep(series.push(...printAt(trades, i)));
    });
  }

  advanceTo(timeMs: number): FootprintColumns {
    checkTime(timeMs);
    if (!this.#series) return this.#fast.advanceTo(timeMs) ?? this.#nothing;
    return this.#through((series, keep) => keep(series.advanceTo(timeMs)));
  }

  flush(): FootprintColumns {
    if (!this.#series) return this.#fast.flush() ?? this.#nothing;
    return this.#through((series, keep) => keep(series.flush()));
  }

  stats(): ColumnBarsStats {
    const stats = (this.#series ?? this.#fast).stats();
    const { trades, duplicates, idGaps, lateRejected, lateRejectedLots, future, futureLots, ignored } = stats;
    const { barsClosed, firstTimeMs, lastTimeMs } = stats;
    return {
      ...{ trades, duplicates, idGaps, lateRejected, lateRejectedLots, future, futureLots, ignored, barsClosed },
      ...(firstTimeMs === undefined || lastTimeMs === undefined ? {} : { firstTimeMs, lastTimeMs }),
    };
  }

  toJson(): ColumnBarsSnapshot {
    return { v: 1, kind: 'column-bars', bars: this.#state() };
  }

  #state(): TimeBarsSnapshot {
    return (this.#series ?? this.#fast).toJson();
  }

  /** True when the state is in the engine; it stays in the series as well until a block was taken. */
  #isFast(): boolean {
    return !this.#series || this.#fast.load(this.#series.toJson());
  }

  /** Does it print by print, on a copy of the state: what throws has changed nothing. */
  #through(run: (series: BarSeries, keep: (bars: readonly FootprintBar[]) => void) => void): FootprintColumns {
    const series = new BarSeries(this.#options, this.#state());
    const closed: FootprintBar[] = [];
    run(series, (bars) => closed.push(...bars));
    const columns = closed.length === 0 ? this.#nothing : this.#columnsOf(closed);
    this.#series = series;
    return columns;
  }

  #columnsOf(bars: readonly FootprintBar[]): FootprintColumns {
    const { intervalMs, rowTicks } = this.#options;
    return { ...columnsOfBars(bars), bars: bars.length, intervalMs, rowTicks };
  }
}

function printAt({ timeMs, priceTicks, sizeLots, side, id }: NumberedTradeColumns, i: number): Print {
  const number = id?.[i];
  return [timeMs[i]!, priceTicks[i]!, sizeLots[i]!, sideOfCode(side[i]!), Number.isNaN(number) ? undefined : number];
}

type Print = Parameters<BarSeries['push']>;
