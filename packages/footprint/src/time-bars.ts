/**
 * Footprint bars of fixed length from a stream of trades, exact to the last lot.
 *
 * - **Bars** are `[t0, t0 + intervalMs)` of the venue's trade time, aligned to the epoch plus `offsetMs`. An interval
 *   without trades has no bar, or with `emptyBars: 'flat'` one at the close before it. A bar closes when a trade of a
 *   later bar arrives, or by `advanceTo` or `flush`.
 * - **Late trades** revise a closed bar while it is among the `retainBars` latest closed ones: it is emitted again,
 *   whole, with `revision` + 1 (or for the first time, where its interval had no trade yet). Later than that a trade is
 *   counted in `lateRejected` and `lateRejectedLots`. `late` chooses another rule: reject them all, or put them into
 *   the open bar.
 * - **Cancels and corrections** take a print of the open or a retained bar back, or put another in its place, with
 *   `corrections: true`: the bar is then what it had been without it, to the last lot and the lowest delta.
 * - **Duplicates** are told by id, never by value. The ids of the open and the retained bars are remembered, numeric
 *   ones as ranges. A trade with such an id is a duplicate; a trade with an older id is late, not a duplicate, as long
 *   as its bar is there.
 * - **Open and close** are the first and the last trade by time, then by arrival; high and low are over all trades;
 *   the lowest and highest delta are over arrival order, starting at 0.
 * - **Trades of the future**, more than `maxJumpMs` ahead of all before them, are counted in `future` and `futureLots`
 *   and change nothing else. After a longer pause of the market, say with `advanceTo` what time it is.
 * - Trades with a size of 0, below 0 or NaN carry no volume: they are counted as `ignored` and move nothing.
 */
import type { Grid } from '@tapekit/orderflow/grid';
import type { TickTrade, Trade } from '@tapekit/orderflow/market';
import { FootprintError } from './errors.ts';
import type { FootprintBar } from './footprint-bar.ts';
import { InTurnSeries } from './internal/in-turn-series.ts';
import type { EmptyBarPolicy, LatePolicy, TimeBarsSnapshot, TimeBarsStats } from './internal/bar-series-state.ts';
import { lotsOf, onGrid } from './internal/grid-trade.ts';
import type { IdGap } from './internal/id-ranges.ts';
import { checkGrid, checkWhole, checkWord, MAX_BARS_AT_ONCE } from './internal/option-checks.ts';
import { checkRowRule, type RowRule } from './internal/rows.ts';
import { restored } from './internal/snapshot-checks.ts';
import { checkGiven } from './internal/trade-check.ts';
import { valueAreaRule } from './internal/value-area.ts';

export type { EmptyBarPolicy, LatePolicy, TimeBarsSnapshot, TimeBarsStats } from './internal/bar-series-state.ts';
export type { IdGap } from './internal/id-ranges.ts';
export type { RowJson } from './internal/ladder.ts';
export type { RowRule } from './internal/rows.ts';

/** What {@link createTimeBars} is made with. */
export interface TimeBarsOptions {
  /** Price and size steps of the instrument. */
  readonly grid: Grid;
  /** Length of a bar in milliseconds, for example 60 000. */
  readonly intervalMs: number;
  /**
   * Shifts the starts of the bars: they are the multiples of `intervalMs` plus this, in milliseconds. −25,200,000 lets
   * the bars of a day begin at midnight in Jakarta (UTC+7).
   * @defaultValue 0
   */
  readonly offsetMs?: number;
  /**
   * Height of a footprint row in ticks.
   * @defaultValue 1
   */
  readonly rowTicks?: number;
  /**
   * Which row a price belongs to: the one that starts at or below it, the nearest (`half-even`, as freqtrade) or the one
   * that ends at or above it (`ceil`, as py-market-profile). A row is named by its lower edge, middle or upper edge.
   * @defaultValue 'floor'
   */
  readonly rowRule?: RowRule;
  /**
   * Share of the volume in the value area, above 0 and up to 100.
   * @defaultValue 70
   */
  readonly valueAreaPercent?: number;
  /**
   * How many of the latest closed bars stay open to late trades, those whose prints were all cancelled included.
   * @defaultValue 2
   */
  readonly retainBars?: number;
  /**
   * Whether ids are remembered and trades with a remembered id dropped.
   * @defaultValue true
   */
  readonly dedupe?: boolean;
  /**
   * What becomes of a trade whose bar is closed:
   * - `revise`: its bar is emitted again while it is retained, then the trade is rejected;
   * - `reject`: it is in no bar, and counted with its lots;
   * - `next-bar`: it goes into the open bar (where there is none, into one that begins where the closed ones end), so
   *   that emitted bars never change and no volume is lost. There it may make the high or the low, but not the open or
   *   the close, unless the bar has no other: then those are the first and the last to arrive. A numeric id that the tape has seen is a duplicate, however old.
   * @defaultValue 'revise'
   */
  readonly late?: LatePolicy;
  /**
   * What becomes of an interval without trades, from the first bar on: nothing, or a bar with `trades` 0, no rows and
   * the close before it as all its prices. It follows that close when a late trade or a correction changes it.
   * @defaultValue 'skip'
   */
  readonly emptyBars?: EmptyBarPolicy;
  /**
   * A pause of more intervals than this gets no bars without trades: the market was closed.
   * @defaultValue 1,440 (a day of minutes)
   */
  readonly maxFlatBars?: number;
  /**
   * Whether the prints of the open and the retained bars are remembered, for `cancel` and `correct`. Takes memory for
   * each of these prints; needs `dedupe`.
   * @defaultValue false
   */
  readonly corrections?: boolean;
  /**
   * Whether rows have `maxTradeLots`.
   * @defaultValue false
   */
  readonly tradeSizes?: boolean;
  /**
   * Whether bars have `integrity`.
   * @defaultValue false
   */
  readonly integrity?: boolean;
  /**
   * How far a trade may lie ahead of the latest one (or of `advanceTo`, where that is later), in milliseconds. One beyond
   * it is counted as `future` and left out: it would close the open bar and make every trade after it late. The first
   * trade is taken as it comes. `Infinity` for no limit.
   * @defaultValue 31,536,000,000 (365 days): a wrong unit or a broken clock, not a pause between two recordings
   */
  readonly maxJumpMs?: number;
}

/** The defaults of {@link TimeBarsOptions}. */
export const timeBarsDefaults = {
  offsetMs: 0,
  rowTicks: 1,
  rowRule: 'floor',
  valueAreaPercent: 70,
  retainBars: 2,
  dedupe: true,
  late: 'revise',
  emptyBars: 'skip',
  maxFlatBars: 1440,
  corrections: false,
  tradeSizes: false,
  integrity: false,
  maxJumpMs: 365 * 86_400_000,
} as const satisfies Partial<TimeBarsOptions>;

/** Made by {@link createTimeBars}. Holds one instrument. */
export interface TimeBars {
  /**
   * Takes a trade with decimals and gives the bars that it closed or revised: none, most of the time.
   * @throws OrderflowError `bad-decimal`, `off-grid` or `out-of-range`, and {@link FootprintError} `bad-trade`; the
   * state is as before.
   */
  push(trade: Trade): readonly FootprintBar[];
  /**
   * Takes a trade in integers of the grid and gives the bars that it closed or revised.
   * @throws {@link FootprintError} `bad-trade`; the state is as before.
   */
  pushTicks(trade: TickTrade): readonly FootprintBar[];
  /**
   * Takes the print with that id out of its bar, and gives the bar again if it was closed. A closed bar that loses its last print
   * is given with `trades` 0. An id that is in no live bar is counted in `correctionsRejected`. The id stays known: the
   * same print sent again is a duplicate.
   * @throws {@link FootprintError} `bad-option` without `corrections`.
   */
  cancel(id: number | string): readonly FootprintBar[];
  /**
   * Puts a trade in the place of the print with that id, and gives the closed bars that it changed. The trade keeps the
   * print's turn in the bar's sequence; if its time lies in another bar, it goes there as a new trade would. It keeps
   * the id too, or has its own; one with an id that came before only cancels. Size 0 cancels. An id that is in no live
   * bar, and a time beyond `maxJumpMs`, are counted in `correctionsRejected`.
   * @throws as {@link TimeBars.push}, and {@link FootprintError} `bad-option` without `corrections`.
   */
  correct(id: number | string, trade: Trade): readonly FootprintBar[];
  /** {@link TimeBars.correct} with a trade in integers of the grid. */
  correctTicks(id: number | string, trade: TickTrade): readonly FootprintBar[];
  /** Says that time has come to `timeMs`: closes the open bar if it ended by then. For a timer on a quiet market. */
  advanceTo(timeMs: number): readonly FootprintBar[];
  /** Closes the open bar. Trades may follow; those of the closed bar are late. */
  flush(): readonly FootprintBar[];
  /** Counts so far. */
  stats(): TimeBarsStats;
  /**
   * Numeric ids that are missing between the lowest and the highest so far, ascending. Of more than 4,095 gaps the lowest
   * are forgotten; `stats().idGaps` counts their ids on.
   */
  gaps(): readonly IdGap[];
  /** The state as plain JSON, for {@link restoreTimeBars}. */
  snapshot(): TimeBarsSnapshot;
}

/**
 * Footprint bars from trades, one instrument per call.
 *
 * @example
 * ```ts
 * const bars = createTimeBars({ grid: createGrid({ tickSize: '0.5', lotSize: '1' }), intervalMs: 60_000 });
 * bars.push({ symbol: 'X', timeMs: 0, price: '10.5', size: '3', side: 'buy' }); // => []
 * bars.push({ symbol: 'X', timeMs: 1000, price: '10', size: '1', side: 'sell' }); // => []
 * const [bar] = bars.flush();
 * bar?.deltaLots; // => 2
 * ```
 * @throws {@link FootprintError} `bad-option`.
 */
export function createTimeBars(options: TimeBarsOptions): TimeBars {
  return timeBarsOf(options);
}

/**
 * The bars that a snapshot was taken of, to go on as if nothing had happened. Grid, `intervalMs`, `offsetMs`, `rowTicks`,
 * `rowRule`, `corrections` and `tradeSizes` must be those of the snapshot; the other options may change.
 *
 * @throws {@link FootprintError} `bad-snapshot` or `bad-option`.
 */
export function restoreTimeBars(snapshot: TimeBarsSnapshot, options: TimeBarsOptions): TimeBars {
  const retainBars = options.retainBars ?? timeBarsDefaults.retainBars;
  const whole = restored('time-bars', snapshot, () =>
    timeBarsOf({ ...options, retainBars: Math.max(retainBars, snapshot.retained.length || 0) }, snapshot),
  );
  return snapshot.retained.length <= retainBars ? whole : timeBarsOf(options, snapshot);
}

function timeBarsOf(options: TimeBarsOptions, snapshot?: TimeBarsSnapshot): TimeBars {
  const { grid, valueAreaPercent, ...all } = { ...timeBarsDefaults, ...options };
  checkGrid(grid);
  const { tickSize, lotSize } = grid;
  checkWhole('intervalMs', all.intervalMs, 1);
  checkWhole('offsetMs', all.offsetMs, -8.64e15);
  checkWhole('rowTicks', all.rowTicks, 1);
  checkRowRule(all.rowRule);
  checkWhole('retainBars', all.retainBars, 0);
  checkWhole('maxFlatBars', all.maxFlatBars, 0, MAX_BARS_AT_ONCE);
  if (all.maxJumpMs !== Infinity) checkWhole('maxJumpMs', all.maxJumpMs, 1);
  checkWord('late', all.late, ['revise', 'reject', 'next-bar']);
  checkWord('emptyBars', all.emptyBars, ['skip', 'flat']);
  if (all.corrections && !all.dedupe) {
    throw new FootprintError('bad-option', 'corrections "true" needs dedupe: a print is found by its id.', true);
  }
  const rule = valueAreaRule(valueAreaPercent);
  const series = new InTurnSeries({ ...all, tickSize, lotSize, rule }, snapshot);
  return {
    push(trade) {
      checkGiven(trade);
      return series.push(trade, grid.toTicks(trade.price), lotsOf(grid, trade.size));
    },
    pushTicks(trade) {
      checkGiven(trade);
      return series.push(trade, trade.priceTicks, trade.sizeLots);
    },
    cancel: (id) => series.cancel(id),
    correct(id, trade) {
      checkGiven(trade);
      return series.correct(id, onGrid(grid, trade));
    },
    correctTicks(id, trade) {
      checkGiven(trade);
      return series.correct(id, trade);
    },
    advanceTo: (timeMs) => series.advanceTo(timeMs),
    flush: () => series.flush(),
    stats: () => series.stats(),
    gaps: () => series.gaps(),
    snapshot: () => series.toJson(),
  };
}
