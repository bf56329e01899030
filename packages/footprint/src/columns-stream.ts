/**
 * The columnar engine on a tape that is still coming: blocks of trades in, columns of the bars that they closed out,
 * without an object a trade.
 *
 * However the tape is cut into blocks, the bars are those of `createTimeBars` with `late: 'reject'`: an emitted bar is
 * final. Blocks in order of time, with ids (where there are any) that rise, take the fast path. Any other block goes print
 * by print, by the same rules: a print of a closed bar is counted in `lateRejected`, one with a known id in `duplicates`,
 * one without volume in `ignored`, one beyond `maxJumpMs` in `future`; a print out of order inside the open bar is taken.
 *
 * Memory is bounded by the open bar: its ladder, and its ids where the tape has them.
 */
import type { NumberColumn, TradeColumns } from '@tapekit/orderflow/columns';
import type { FootprintColumns } from './footprint-columns.ts';
import type { TimeBarsSnapshot, TimeBarsStats } from './internal/bar-series-state.ts';
import { checkWhole } from './internal/option-checks.ts';
import { restored } from './internal/snapshot-checks.ts';
import { ColumnBarSeries } from './internal/stream/column-bars.ts';
import { valueAreaRule } from './internal/value-area.ts';
import { timeBarsDefaults, type TimeBarsOptions } from './time-bars.ts';

export { concatFootprintColumns } from './internal/stream/concat.ts';

/** What {@link createColumnBars} is made with: options of `createTimeBars`. */
export type ColumnBarsOptions = Pick<TimeBarsOptions, 'intervalMs' | 'rowTicks' | 'valueAreaPercent' | 'maxJumpMs'>;

/** A block of the tape; the venue's numbers of the trades may come along. */
export interface NumberedTradeColumns extends TradeColumns {
  /** Trade ids, safe integers; `NaN` for a trade without one. Without the column no print is a duplicate. */
  readonly id?: NumberColumn;
}

/**
 * What became of the trades. Pushed = `trades` + `duplicates` + `lateRejected` + `ignored` + `future`. The fields are those
 * of `createTimeBars`.
 */
export type ColumnBarsStats = Pick<
  TimeBarsStats,
  | 'trades'
  | 'duplicates'
  | 'idGaps'
  | 'lateRejected'
  | 'lateRejectedLots'
  | 'future'
  | 'futureLots'
  | 'ignored'
  | 'barsClosed'
  | 'firstTimeMs'
  | 'lastTimeMs'
>;

/** Made by {@link createColumnBars}. Holds one instrument. */
export interface ColumnBars {
  /**
   * Takes the next block of the tape and gives the bars that it closed, often none. Taken whole or, when it throws, not
   * at all.
   * @throws {@link FootprintError} `bad-option` for trades without one of the four columns, `bad-trade` for a row that is
   *   no print, `out-of-range` when a sum leaves the safe integers (`restoreTimeBars` with `snapshot().bars` carries on
   *   there); OrderflowError `bad-columns`.
   */
  push(trades: NumberedTradeColumns): FootprintColumns;
  /**
   * Says that time has come to `timeMs`: closes the open bar if it ended by then. For a timer on a quiet market.
   * @throws {@link FootprintError} `bad-trade` for what is no time, `out-of-range` as {@link push}, for the bar that it
   *   would close.
   */
  advanceTo(timeMs: number): FootprintColumns;
  /**
   * Closes the open bar. Trades may follow; those of the closed bar are late.
   * @throws {@link FootprintError} `out-of-range` as {@link push}.
   */
  flush(): FootprintColumns;
  /** Counts so far. */
  stats(): ColumnBarsStats;
  /** The state as plain JSON, for {@link restoreColumnBars}. Beside the ladder of the open bar it is a few numbers. */
  snapshot(): ColumnBarsSnapshot;
}

/** The state of {@link ColumnBars}. */
export interface ColumnBarsSnapshot {
  readonly v: 1;
  readonly kind: 'column-bars';
  /** The state as `createTimeBars({ grid, late: 'reject', retainBars: 0 })` has it on a grid of steps of 1. */
  readonly bars: TimeBarsSnapshot;
}

/**
 * Footprint bars from blocks of trades, one instrument per call.
 *
 * @example
 * ```ts
 * const bars = createColumnBars({ intervalMs: 60_000 });
 * bars.push({ timeMs: [0, 1000], priceTicks: [21, 20], sizeLots: [3, 1], side: [1, -1] }).bars; // => 0
 * const closed = bars.push({ timeMs: [60_000], priceTicks: [20], sizeLots: [4], side: [1] });
 * [closed.bars, closed.buyLots[0], closed.pocTicks[0]]; // => [1, 3, 21]
 * ```
 * @throws {@link FootprintError} `bad-option`.
 */
export function createColumnBars(options: ColumnBarsOptions): ColumnBars {
  return columnBarsOf(options, undefined);
}

/**
 * The bars that a snapshot was taken of, to go on as if nothing had happened. `intervalMs` and `rowTicks` must be those of
 * the snapshot.
 * @throws {@link FootprintError} `bad-snapshot` or `bad-option`.
 */
export function restoreColumnBars(snapshot: ColumnBarsSnapshot, options: ColumnBarsOptions): ColumnBars {
  return restored('column-bars', snapshot, () => columnBarsOf(options, snapshot));
}

function columnBarsOf(options: ColumnBarsOptions, snapshot: ColumnBarsSnapshot | undefined): ColumnBars {
  const { valueAreaPercent, intervalMs, rowTicks, maxJumpMs } = { ...timeBarsDefaults, ...options };
  checkWhole('intervalMs', intervalMs);
  checkWhole('rowTicks', rowTicks);
  if (maxJumpMs !== Infinity) checkWhole('maxJumpMs', maxJumpMs);
  const rule = valueAreaRule(valueAreaPercent);
  const fixed = { ...timeBarsDefaults, tickSize: '1', lotSize: '1', late: 'reject', retainBars: 0 } as const;
  const series = new ColumnBarSeries({ ...fixed, intervalMs, rowTicks, maxJumpMs, rule }, snapshot);
  return {
    push: (trades) => series.push(trades),
    advanceTo: (timeMs) => series.advanceTo(timeMs),
    flush: () => series.flush(),
    stats: () => series.stats(),
    snapshot: () => series.toJson(),
  };
}
