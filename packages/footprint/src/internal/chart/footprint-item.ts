/** The data of the footprint series: bars with their marks, ready to draw. */
import type { Grid } from '@tapekit/orderflow/grid';
import type { CustomData, UTCTimestamp } from 'lightweight-charts';
import { auctionDefaults, unfinishedAuctions, type AuctionOptions } from '../../auctions.ts';
import type { FootprintBar } from '../../footprint-bar.ts';
import {
  imbalancePresets,
  imbalances,
  stackedImbalances,
  type ImbalanceMark,
  type ImbalanceRule,
  type ImbalanceZone,
} from '../../imbalances.ts';
import { valueArea, type RowRule, type ValueAreaMethod } from '../../profile.ts';
import { checkWhole } from '../option-checks.ts';
import { checkRowRule, checkRowTicks } from '../rows.ts';

/** How bars become data of the chart. */
export interface FootprintDataOptions {
  /** The grid of the bars. */
  readonly grid: Grid;
  /**
   * Height of the bars' rows, in ticks.
   * @defaultValue 1
   */
  readonly rowTicks?: number;
  /**
   * The row rule that the bars were made with.
   * @defaultValue 'floor'
   */
  readonly rowRule?: RowRule;
  /**
   * Counts the value area anew, with this share of the volume.
   * @defaultValue that of the bar
   */
  readonly valueAreaPercent?: number;
  /**
   * Counts the value area anew, by this method.
   * @defaultValue that of the bar
   */
  readonly valueAreaMethod?: ValueAreaMethod;
  /**
   * What is an imbalance: a rule, or what differs from the default. Volumes are in lots.
   * @defaultValue imbalancePresets.tradingView
   */
  readonly imbalance?: Partial<ImbalanceRule>;
  /**
   * Least number of rows of a zone of stacked imbalances.
   * @defaultValue 3
   */
  readonly zoneMinRows?: number;
  /**
   * What is an unfinished auction.
   * @defaultValue auctionDefaults
   */
  readonly auctions?: AuctionOptions;
  /**
   * Where a bar stands on the time axis, in epoch seconds. Two bars of one time are two revisions of one bar; for event
   * bars, of which several may start in one millisecond, give each its own.
   * @defaultValue `bar.startMs / 1000`
   */
  readonly timeOf?: (bar: FootprintBar) => number;
}

/** The defaults of {@link FootprintDataOptions}. */
export const footprintDataDefaults = {
  rowTicks: 1,
  rowRule: 'floor',
  imbalance: imbalancePresets.tradingView,
  zoneMinRows: 3,
  auctions: auctionDefaults,
  timeOf: (bar) => bar.startMs / 1000,
} as const satisfies Partial<FootprintDataOptions>;

/** A bar's ladder with everything that is marked on it. */
export interface FootprintLadder {
  readonly bar: FootprintBar;
  readonly grid: Grid;
  /** Height of a row, in ticks. */
  readonly rowTicks: number;
  /** From a row's `priceTicks` to the edge it is drawn from: half a tick below the lowest price in it. */
  readonly offsetTicks: number;
  /** Point of control and value area (rows, in ticks); absent without trades. */
  readonly area?: Readonly<Record<'pocTicks' | 'vahTicks' | 'valTicks', number>>;
  readonly imbalances: readonly ImbalanceMark[];
  readonly zones: readonly ImbalanceZone[];
  /** Whether the auction was surely left unfinished. */
  readonly unfinished: Readonly<Record<'high' | 'low', boolean>>;
}

/** One item of the footprint series. */
export interface FootprintItem extends CustomData<UTCTimestamp> {
  time: UTCTimestamp;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly ladder: FootprintLadder;
}

/** One bar as an item of the series. */
export function footprintItem(bar: FootprintBar, options: FootprintDataOptions): FootprintItem {
  const settings = { ...footprintDataDefaults, ...options };
  const { grid, rowTicks, rowRule, zoneMinRows, timeOf } = settings;
  checkRowTicks(rowTicks);
  checkRowRule(rowRule);
  checkWhole('zoneMinRows', zoneMinRows);
  const marks = imbalances(bar.rows, { ...footprintDataDefaults.imbalance, ...settings.imbalance, rowTicks });
  const area = areaOf(bar, settings);
  const ends = unfinishedAuctions(bar.rows, settings.auctions);
  const price = (ticks: number): number => Number(grid.formatPrice(ticks));
  return {
    time: timeOf(bar) as UTCTimestamp,
    open: price(bar.openTicks),
    high: price(bar.highTicks),
    low: price(bar.lowTicks),
    close: price(bar.closeTicks),
    ladder: {
      bar,
      grid,
      rowTicks,
      offsetTicks: rowRule === 'floor' ? -0.5 : rowRule === 'ceil' ? 0.5 - rowTicks : -rowTicks / 2,
      ...(area && { area }),
      imbalances: marks,
      zones: stackedImbalances(marks, { minRows: zoneMinRows, rowTicks }),
      unfinished: { high: ends?.high.unfinished === true, low: ends?.low.unfinished === true },
    },
  };
}

/**
 * Bars as data of the series, for `series.setData`.
 *
 * @param bars - In any order; of bars of one time the last counts, so a list with revisions may be passed as it came.
 * @throws FootprintError `bad-option`: also for rows that are no multiples of `rowTicks` apart.
 */
export function footprintSeriesData(bars: readonly FootprintBar[], options: FootprintDataOptions): FootprintItem[] {
  return currentBars(bars, options.timeOf).map((bar) => footprintItem(bar, options));
}

/** One bar for each time, the last of the list, in order of time. */
export function currentBars(
  bars: readonly FootprintBar[],
  timeOf: (bar: FootprintBar) => number = footprintDataDefaults.timeOf,
): FootprintBar[] {
  const byTime = new Map(bars.map((bar) => [timeOf(bar), bar]));
  return [...byTime].sort(([a], [b]) => a - b).map(([, bar]) => bar);
}

function areaOf(
  bar: FootprintBar,
  { rowTicks, valueAreaPercent, valueAreaMethod }: FootprintDataOptions,
): FootprintLadder['area'] {
  if (bar.rows.length === 0) return undefined;
  if (valueAreaPercent === undefined && valueAreaMethod === undefined) {
    const { pocTicks, vahTicks, valTicks } = bar;
    return { pocTicks, vahTicks, valTicks };
  }
  const counted = valueArea(bar.rows, {
    ...(rowTicks !== undefined && { rowTicks }),
    ...(valueAreaPercent !== undefined && { percent: valueAreaPercent }),
    ...(valueAreaMethod !== undefined && { method: valueAreaMethod }),
  })!;
  return { pocTicks: counted.pocTicks, vahTicks: counted.vahTicks, valTicks: counted.valTicks };
}
