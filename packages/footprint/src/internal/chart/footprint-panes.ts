/** Footprints, delta and cumulative delta in three panes of one chart. */
import { addExact, type ExactInt } from '@tapekit/orderflow/exact';
import type { Grid } from '@tapekit/orderflow/grid';
import {
  createTextWatermark,
  HistogramSeries,
  LineSeries,
  type ChartOptions,
  type DeepPartial,
  type IChartApi,
  type ISeriesApi,
  type PriceFormatBuiltIn,
  type SeriesPartialOptions,
  type Time,
  type WhitespaceData,
} from 'lightweight-charts';
import type { FootprintBar } from '../../footprint-bar.ts';
import {
  currentBars,
  footprintDataDefaults,
  footprintItem,
  type FootprintDataOptions,
  type FootprintItem,
} from './footprint-item.ts';
import { cvdSeriesData, deltaSeriesData } from './panes-data.ts';
import { footprintSeriesDefaults, type FootprintSeriesOptions } from './series-options.ts';
import { createFootprintSeries } from './series-view.ts';
import type { FootprintTheme } from './theme.ts';

/** How {@link addFootprintPanes} sets up the chart. */
export interface FootprintPanesOptions extends FootprintDataOptions {
  /**
   * Colours of all three panes.
   * @defaultValue lightTheme
   */
  readonly theme?: FootprintTheme;
  /**
   * Further options of the footprint series.
   * @defaultValue footprintSeriesDefaults
   */
  readonly series?: SeriesPartialOptions<Omit<FootprintSeriesOptions, 'theme'>>;
  /**
   * Pane of the footprints; delta and cumulative delta are in the two below.
   * @defaultValue 0
   */
  readonly paneIndex?: number;
}

/** The defaults of {@link FootprintPanesOptions}, without those of the data. */
export const footprintPanesDefaults = {
  theme: footprintSeriesDefaults.theme,
  series: {},
  paneIndex: 0,
} as const satisfies Partial<FootprintPanesOptions>;

/** The footprint series on a chart, with its options and items. */
export type FootprintSeriesApi = ISeriesApi<
  'Custom',
  Time,
  FootprintItem | WhitespaceData,
  FootprintSeriesOptions,
  SeriesPartialOptions<FootprintSeriesOptions>
>;

/** Made by {@link addFootprintPanes}. */
export interface FootprintPanes {
  readonly series: FootprintSeriesApi;
  readonly deltaSeries: ISeriesApi<'Histogram'>;
  readonly cvdSeries: ISeriesApi<'Line'>;
  /** Shows these bars and no others; of bars of one time the last counts. */
  setBars(bars: readonly FootprintBar[]): void;
  /** Adds a bar, or replaces the one of its time: the open bar as it grows, and a revision of any bar. */
  updateBar(bar: FootprintBar): void;
  /** Changes the colours of the panes and of the chart. */
  applyTheme(theme: FootprintTheme): void;
  /** Removes the three series; their panes go with them when nothing else is in them. */
  remove(): void;
}

/**
 * Adds a footprint series, a delta histogram and a line of the cumulative delta to a chart, each in its pane, and gives
 * the chart the colours of the theme.
 *
 * @example
 * ```ts
 * const panes = addFootprintPanes(createChart(element), { grid, rowTicks: 10, theme: darkTheme });
 * panes.setBars(bars);
 * panes.updateBar(revised);
 * ```
 * @throws FootprintError `bad-option`, with the first bars.
 */
export function addFootprintPanes(chart: IChartApi, options: FootprintPanesOptions): FootprintPanes {
  const { series: seriesOptions, paneIndex, ...settings } = { ...footprintPanesDefaults, ...options };
  const { grid, timeOf = footprintDataDefaults.timeOf } = settings;
  let theme = settings.theme;
  let bars: FootprintBar[] = [];
  /** Cumulative delta of all bars but the last. */
  let beforeLast: ExactInt = 0;

  const lower = {
    priceFormat: { type: 'volume' },
    priceLineVisible: false,
    lastValueVisible: false,
  } as const;
  const series = chart.addCustomSeries(
    createFootprintSeries(),
    { priceFormat: footprintPriceFormat(grid), ...seriesOptions, theme },
    paneIndex,
  );
  const deltaSeries = chart.addSeries(HistogramSeries, lower, paneIndex + 1);
  const cvdSeries = chart.addSeries(
    LineSeries,
    { ...lower, lineWidth: 2, crosshairMarkerVisible: false },
    paneIndex + 2,
  );
  const panes = chart.panes();
  for (const [at, stretch] of [68, 16, 16].entries()) panes[paneIndex + at]?.setStretchFactor(stretch);
  for (const one of [deltaSeries, cvdSeries]) {
    one.priceScale().applyOptions({ scaleMargins: { top: 0.2, bottom: 0.08 }, entireTextOnly: true });
  }
  const names = ['Delta', 'CVD'] as const;
  const nameLines = (text: string) => [{ text, color: theme.mutedText, fontSize: 11, fontFamily: theme.fontFamily }];
  const labels = names.map((name, at) =>
    createTextWatermark(panes[paneIndex + 1 + at]!, { horzAlign: 'left', vertAlign: 'top', lines: nameLines(name) }),
  );
  colour();

  function colour(): void {
    chart.applyOptions(footprintChartOptions(theme));
    series.applyOptions({ theme, color: theme.mutedText });
    cvdSeries.applyOptions({ color: theme.cvd });
    for (const [at, name] of names.entries()) labels[at]!.applyOptions({ lines: nameLines(name) });
  }

  function setBars(next: readonly FootprintBar[]): void {
    const items = currentBars(next, timeOf).map((bar) => footprintItem(bar, settings));
    bars = items.map((item) => item.ladder.bar);
    series.setData(items);
    deltaSeries.setData(deltaSeriesData(bars, { grid, timeOf, theme }));
    showSums();
  }

  function showSums(): void {
    cvdSeries.setData(cvdSeriesData(bars, { grid, timeOf }));
    beforeLast = bars.slice(0, -1).reduce<ExactInt>((sum, bar) => addExact(sum, bar.deltaLots), 0);
  }

  return {
    series,
    deltaSeries,
    cvdSeries,
    setBars,
    updateBar(bar) {
      const time = timeOf(bar);
      const at = placeOf(bars, time, timeOf);
      const known = bars[at];
      const isKnown = known !== undefined && timeOf(known) === time;
      // A bar between others, of a late first trade, is taken by the chart as new data only.
      if (!isKnown && at < bars.length) {
        setBars([...bars, bar]);
        return;
      }
      const item = footprintItem(bar, settings);
      const isLast = at >= bars.length - 1;
      if (!isKnown) beforeLast = addExact(beforeLast, bars.at(-1)?.deltaLots ?? 0);
      bars[at] = bar;
      series.update(item, !isLast);
      deltaSeries.update(deltaSeriesData([bar], { grid, timeOf, theme })[0]!, !isLast);
      if (isLast) cvdSeries.update(cvdSeriesData([bar], { grid, timeOf, startLots: beforeLast })[0]!);
      else showSums();
    },
    applyTheme(next) {
      theme = next;
      colour();
      deltaSeries.setData(deltaSeriesData(bars, { grid, timeOf, theme }));
    },
    remove() {
      for (const label of labels) label.detach();
      for (const one of [cvdSeries, deltaSeries, series]) chart.removeSeries(one);
      [bars, beforeLast] = [[], 0];
    },
  };
}

/** Options of a chart in the colours of a theme. */
export function footprintChartOptions(theme: FootprintTheme): DeepPartial<ChartOptions> {
  const { background, mutedText, gridLine, fontFamily } = theme;
  const line = { color: gridLine };
  const crosshair = { color: mutedText, labelBackgroundColor: mutedText };
  return {
    layout: {
      background: { color: background },
      textColor: mutedText,
      fontFamily,
      panes: { separatorColor: gridLine },
    },
    grid: { vertLines: line, horzLines: line },
    crosshair: { vertLine: crosshair, horzLine: crosshair },
    rightPriceScale: { borderColor: gridLine },
    leftPriceScale: { borderColor: gridLine },
    timeScale: { borderColor: gridLine },
  };
}

/** The price format of a series on a grid: labels on whole ticks, with the decimals of the tick. */
export function footprintPriceFormat({ tickSize }: Pick<Grid, 'tickSize'>): PriceFormatBuiltIn {
  const [, decimals = ''] = tickSize.split('.');
  return { type: 'price', precision: decimals.length, minMove: Number(tickSize) };
}

/** Index of the first bar at or after a time; bars are in order. */
function placeOf(bars: readonly FootprintBar[], time: number, timeOf: (bar: FootprintBar) => number): number {
  let [from, to] = [0, bars.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (timeOf(bars[middle]!) < time) from = middle + 1;
    else to = middle;
  }
  return from;
}
