/**
 * Footprint bars of fixed length from a stream of trades, exact to the last lot.
 *
 * - **Bars** are `[t0, t0 + intervalMs)` of the venue's trade time, aligned to the epoch. An interval without trades
 *   has no bar. A bar closes when a trade of a later bar arrives, or by `advanceTo` or `flush`.
 * - **Late trades** revise a closed bar while it is among the `retainBars` latest closed ones: it is emitted again,
 *   whole, with `revision` + 1 (or for the first time, where its interval had no trade yet). Later than that a trade is
 *   counted in `lateRejected` and `lateRejectedLots`.
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
import type { DecimalInput, TickTrade, Trade } from '@tapekit/orderflow/market';
import { FootprintError } from './errors.ts';
import type { FootprintBar } from './footprint-bar.ts';
import { BarSeries, type TimeBarsSnapshot, type TimeBarsStats } from './internal/bar-series.ts';
import { valueAreaRule } from './internal/value-area.ts';

export type { RowJson } from './internal/ladder.ts';
export type { TimeBarsSnapshot, TimeBarsStats } from './internal/bar-series.ts';

/** What {@link createTimeBars} is made with. */
export interface TimeBarsOptions {
  /** Price and size steps of the instrument. */
  readonly grid: Grid;
  /** Length of a bar in milliseconds, for example 60 000. */
  readonly intervalMs: number;
  /**
   * Height of a footprint row in ticks; row r holds `floor(price / rowTicks)`.
   * @defaultValue 1
   */
  readonly rowTicks?: number;
  /**
   * Share of the volume in the value area, above 0 and up to 100.
   * @defaultValue 70
   */
  readonly valueAreaPercent?: number;
  /**
   * How many of the latest closed bars stay open to late trades.
   * @defaultValue 2
   */
  readonly retainBars?: number;
  /**
   * Whether ids are remembered and trades with a remembered id dropped.
   * @defaultValue true
   */
  readonly dedupe?: boolean;
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
  rowTicks: 1,
  valueAreaPercent: 70,
  retainBars: 2,
  dedupe: true,
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
  /** Says that time has come to `timeMs`: closes the open bar if it ended by then. For a timer on a quiet market. */
  advanceTo(timeMs: number): readonly FootprintBar[];
  /** Closes the open bar. Trades may follow; those of the closed bar are late. */
  flush(): readonly FootprintBar[];
  /** Counts so far. */
  stats(): TimeBarsStats;
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
 * The bars that a snapshot was taken of, to go on as if nothing had happened. Grid, `intervalMs` and `rowTicks` must be
 * those of the snapshot; the other options may change.
 *
 * @throws {@link FootprintError} `bad-snapshot` or `bad-option`.
 */
export function restoreTimeBars(snapshot: TimeBarsSnapshot, options: TimeBarsOptions): TimeBars {
  return timeBarsOf(options, snapshot);
}

function timeBarsOf(options: TimeBarsOptions, snapshot?: TimeBarsSnapshot): TimeBars {
  const { grid, intervalMs, rowTicks, retainBars, valueAreaPercent, dedupe, maxJumpMs } = {
    ...timeBarsDefaults,
    ...options,
  };
  checkWhole('intervalMs', intervalMs, 1);
  checkWhole('rowTicks', rowTicks, 1);
  checkWhole('retainBars', retainBars, 0);
  if (maxJumpMs !== Infinity) checkWhole('maxJumpMs', maxJumpMs, 1);
  const rule = valueAreaRule(valueAreaPercent);
  const { tickSize, lotSize } = grid;
  const series = new BarSeries(
    { tickSize, lotSize, intervalMs, rowTicks, retainBars, dedupe, maxJumpMs, rule },
    snapshot,
  );
  return {
    push({ timeMs, price, size, side, id }) {
      const priceTicks = grid.toTicks(price);
      const sizeLots = isNaNSize(size) ? NaN : grid.toLots(size);
      return series.push(timeMs, priceTicks, sizeLots, side, id);
    },
    pushTicks: ({ timeMs, priceTicks, sizeLots, side, id }) => series.push(timeMs, priceTicks, sizeLots, side, id),
    advanceTo: (timeMs) => series.advanceTo(timeMs),
    flush: () => series.flush(),
    stats: () => series.stats(),
    snapshot: () => series.toJson(),
  };
}

function checkWhole(option: keyof TimeBarsOptions, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new FootprintError('bad-option', `${option} "${value}" is not a whole number of at least ${least}.`, value);
}

function isNaNSize(size: DecimalInput): boolean {
  return typeof size === 'string' ? size === 'NaN' : typeof size === 'number' ? Number.isNaN(size) : size.isNaN();
}
