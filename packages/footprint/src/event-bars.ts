/**
 * Footprint bars by any clock: prints, lots, value, delta, range, Renko bricks, imbalance, runs, sessions.
 *
 * - **A clock** is plain data and a pure function; only those that are imported are in the bundle.
 * - **The tape is the order of arrival.** Bars by events cannot be revised: a print that comes late is the next print. It is
 *   counted in `outOfOrder`, and the bar's times reach it.
 * - **Volume is conserved.** Each lot of the tape is in one bar, at its price and side. A print that fills several bars is
 *   split over them and counted in the `trades` of each; `continuedTrades` tells how many are the rest of one before.
 * - **Times** of a bar are those of its prints: `[earliest, latest + 1)`. Bars of session clocks have their interval.
 * - **Duplicates** are told by id, never by value. Numeric ids are kept as at most 4,096 ranges (of more, the lowest gaps
 *   are forgotten, and a print with an id as low counts as new), of other ids the latest 8,192.
 * - Trades with a size of 0, below 0 or NaN carry no volume: they are counted as `ignored` and move nothing.
 *
 * Memory is that of the open bar and the ids.
 */
import { rowCount, sideOfCode, type TradeColumns } from '@tapekit/orderflow/columns';
import type { Grid } from '@tapekit/orderflow/grid';
import type { TickTrade, Trade } from '@tapekit/orderflow/market';
import { FootprintError } from './errors.ts';
import type { BarClock } from './internal/clocks/clock.ts';
import type { EventBar } from './internal/event-bar-builder.ts';
import { EventBarSeries, type BarsSnapshot, type BarsStats } from './internal/event-bar-series.ts';
import { lotsOf } from './internal/grid-trade.ts';
import { checkRowRule, checkRowTicks, type RowRule } from './internal/rows.ts';
import { checkGrid } from './internal/option-checks.ts';
import { restored } from './internal/snapshot-checks.ts';
import { checkGiven } from './internal/trade-check.ts';
import { valueAreaRule } from './internal/value-area.ts';

export type { BarClock, BarPart, BarPlan, BarsSoFar, ClockPrint, ClockStep, OpenBar } from './internal/clocks/clock.ts';
export { deltaClock, tickClock, tickLotsOf, valueClock, volumeClock } from './internal/clocks/count-clocks.ts';
export {
  expectedFlowDefaults,
  imbalanceClock,
  runsClock,
  type ExpectedFlowOptions,
  type ExpectedFlowState,
} from './internal/clocks/expected-flow.ts';
export {
  fixedImbalanceClock,
  fixedRunsClock,
  type FixedFlowOptions,
  type FlowMeasure,
  type RunState,
} from './internal/clocks/flow-clocks.ts';
export {
  rangeClock,
  rangeClockDefaults,
  renkoClock,
  type RangeClockOptions,
  type RangeJump,
  type RenkoState,
} from './internal/clocks/price-clocks.ts';
export {
  sessionClock,
  sessionClockDefaults,
  type EmptyIntervals,
  type SessionClockOptions,
  type SessionClockState,
  timeClock,
  type TimeClockOptions,
} from './internal/clocks/session-clock.ts';
export type { RepeatingSessions } from './internal/clocks/sessions.ts';
export type { EventBar } from './internal/event-bar-builder.ts';
export type { BarsSnapshot, BarsStats } from './internal/event-bar-series.ts';

/** What {@link createBars} is made with. */
export interface BarsOptions {
  /** Price and size steps of the instrument. */
  readonly grid: Grid;
  /** When bars end, for example `volumeClock(1000)`. */
  readonly clock: BarClock;
  /**
   * Height of a footprint row in ticks.
   * @defaultValue 1
   */
  readonly rowTicks?: number;
  /**
   * Which row a price belongs to, as in `createTimeBars`.
   * @defaultValue 'floor'
   */
  readonly rowRule?: RowRule;
  /**
   * Share of the volume in the value area, above 0 and up to 100.
   * @defaultValue 70
   */
  readonly valueAreaPercent?: number;
  /**
   * Whether ids are remembered and trades with a remembered id dropped.
   * @defaultValue true
   */
  readonly dedupe?: boolean;
}

/** The defaults of {@link BarsOptions}. */
export const barsDefaults = {
  rowTicks: 1,
  rowRule: 'floor',
  valueAreaPercent: 70,
  dedupe: true,
} as const satisfies Partial<BarsOptions>;

/** Made by {@link createBars}. Holds one instrument. */
export interface Bars {
  /**
   * Takes a trade with decimals and gives the bars that it ended.
   * @throws OrderflowError `bad-decimal`, `off-grid` or `out-of-range`, and {@link FootprintError} `bad-trade`, also for a
   *   print that would make more than 100,000 bars; the state is as before.
   */
  push(trade: Trade): readonly EventBar[];
  /**
   * Takes a trade in integers of the grid and gives the bars that it ended.
   * @throws {@link FootprintError} `bad-trade`; the state is as before.
   */
  pushTicks(trade: TickTrade): readonly EventBar[];
  /**
   * Says that time has come to `timeMs`: ends the bars of a session clock that are over by then. Others do not go by time.
   * @throws {@link FootprintError} `bad-option` when that is no time.
   */
  advanceTo(timeMs: number): readonly EventBar[];
  /** Gives the open bar as it is, with `complete` false. Trades that follow begin a new one. */
  flush(): readonly EventBar[];
  /** Counts so far. */
  stats(): BarsStats;
  /** The state as plain JSON, for {@link restoreBars}. */
  snapshot(): BarsSnapshot;
}

/**
 * Footprint bars from trades by a clock, one instrument per call.
 *
 * @example
 * ```ts
 * const grid = createGrid({ tickSize: '0.5', lotSize: '1' });
 * const bars = createBars({ grid, clock: volumeClock(4) });
 * bars.push({ symbol: 'X', timeMs: 0, price: '10.5', size: '3', side: 'buy' }); // => []
 * const [bar] = bars.push({ symbol: 'X', timeMs: 1000, price: '10', size: '2', side: 'sell' });
 * [bar?.buyLots, bar?.sellLots, bar?.deltaLots]; // => [3, 1, 2]
 * bars.flush()[0]?.sellLots; // => 1
 * ```
 * @throws {@link FootprintError} `bad-option`.
 */
export function createBars(options: BarsOptions): Bars {
  return barsOf(options);
}

/**
 * The bars that a snapshot was taken of, to go on as if nothing had happened. Grid, clock, `rowTicks` and `rowRule` must be
 * those of the snapshot; the other options may change.
 *
 * @throws {@link FootprintError} `bad-snapshot` or `bad-option`.
 */
export function restoreBars(snapshot: BarsSnapshot, options: BarsOptions): Bars {
  return restored('event-bars', snapshot, () => barsOf(options, snapshot));
}

/**
 * The bars of a whole tape, the last of them as `flush` gives it.
 *
 * @example
 * ```ts
 * const trades = { timeMs: [0, 1, 2], priceTicks: [21, 20, 20], sizeLots: [3, 1, 5], side: [1, -1, 1] };
 * barsOfColumns(trades, { clock: tickClock(2) }).map((bar) => bar.volumeLots); // => [4, 5]
 * ```
 * @throws {@link FootprintError} `bad-option` or `bad-trade`; OrderflowError `bad-columns`.
 */
export function barsOfColumns(columns: TradeColumns, options: Omit<BarsOptions, 'grid' | 'dedupe'>): EventBar[] {
  const series = seriesOf({ ...barsDefaults, ...options, dedupe: false }, { tickSize: '1', lotSize: '1' });
  const { timeMs, priceTicks, sizeLots, side } = columns;
  const bars: EventBar[] = [];
  for (let i = 0, rows = rowCount(columns); i < rows; i++) {
    for (const bar of series.push(timeMs[i]!, priceTicks[i]!, sizeLots[i]!, sideOfCode(side[i]!), undefined)) {
      bars.push(bar);
    }
  }
  return [...bars, ...series.flush()];
}

function barsOf(options: BarsOptions, snapshot?: BarsSnapshot): Bars {
  const { grid } = options;
  checkGrid(grid);
  const series = seriesOf({ ...barsDefaults, ...options }, grid, snapshot);
  return {
    push(trade) {
      checkGiven(trade);
      const { timeMs, price, size, side, id } = trade;
      return series.push(timeMs, grid.toTicks(price), lotsOf(grid, size), side, id);
    },
    pushTicks(trade) {
      checkGiven(trade);
      const { timeMs, priceTicks, sizeLots, side, id } = trade;
      return series.push(timeMs, priceTicks, sizeLots, side, id);
    },
    advanceTo: (timeMs) => series.advanceTo(timeMs),
    flush: () => series.flush(),
    stats: () => series.stats(),
    snapshot: () => series.toJson(),
  };
}

function seriesOf(
  { clock, rowTicks, rowRule, valueAreaPercent, dedupe }: Required<Omit<BarsOptions, 'grid'>>,
  { tickSize, lotSize }: Pick<Grid, 'tickSize' | 'lotSize'>,
  snapshot?: BarsSnapshot,
): EventBarSeries {
  checkClock(clock);
  checkRowTicks(rowTicks);
  checkRowRule(rowRule);
  const rule = valueAreaRule(valueAreaPercent);
  return new EventBarSeries({ clock, rowTicks, rowRule, rule, dedupe, tickSize, lotSize }, snapshot);
}

function checkClock(clock: unknown): void {
  const { kind, step } = (clock as { kind?: unknown; step?: unknown } | null | undefined) ?? {};
  if (typeof kind === 'string' && typeof step === 'function') return;
  throw new FootprintError(
    'bad-option',
    `clock "${String(clock)}" is none. Pass volumeClock(1000), for example.`,
    clock,
  );
}
