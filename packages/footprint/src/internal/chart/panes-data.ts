/** Delta and cumulative delta as data of lightweight-charts. */
import { addExact, type ExactInt } from '@tapekit/orderflow/exact';
import type { Grid } from '@tapekit/orderflow/grid';
import type { HistogramData, LineData, UTCTimestamp } from 'lightweight-charts';
import type { FootprintBar } from '../../footprint-bar.ts';
import { currentBars, footprintDataDefaults, type FootprintDataOptions } from './footprint-item.ts';
import { lightTheme, type FootprintTheme } from './theme.ts';

/** How {@link deltaSeriesData} is made. */
export interface DeltaDataOptions extends Pick<FootprintDataOptions, 'grid' | 'timeOf'> {
  /**
   * Colours of positive and negative delta.
   * @defaultValue lightTheme
   */
  readonly theme?: Pick<FootprintTheme, 'buy' | 'sell'>;
}

/** Buy − sell of each bar, for a histogram. Of bars of one time the last counts. */
export function deltaSeriesData(
  bars: readonly FootprintBar[],
  { grid, timeOf = footprintDataDefaults.timeOf, theme = lightTheme }: DeltaDataOptions,
): HistogramData<UTCTimestamp>[] {
  return currentBars(bars, timeOf).map((bar) => ({
    time: timeOf(bar) as UTCTimestamp,
    value: sizeOf(bar.deltaLots, grid),
    color: bar.deltaLots < 0 ? theme.sell : theme.buy,
  }));
}

/** How {@link cvdSeriesData} is made. */
export interface CvdDataOptions extends Pick<FootprintDataOptions, 'grid' | 'timeOf'> {
  /**
   * What the sum starts from, in lots.
   * @defaultValue 0
   */
  readonly startLots?: ExactInt;
}

/** The running sum of the deltas, for a line; added up exactly. Of bars of one time the last counts. */
export function cvdSeriesData(
  bars: readonly FootprintBar[],
  { grid, timeOf = footprintDataDefaults.timeOf, startLots = 0 }: CvdDataOptions,
): LineData<UTCTimestamp>[] {
  let sum = startLots;
  return currentBars(bars, timeOf).map((bar) => {
    sum = addExact(sum, bar.deltaLots);
    return { time: timeOf(bar) as UTCTimestamp, value: sizeOf(sum, grid) };
  });
}

function sizeOf(lots: ExactInt, grid: Grid): number {
  return Number(grid.formatSize(lots));
}
