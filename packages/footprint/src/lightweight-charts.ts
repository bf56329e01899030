/**
 * Footprints in lightweight-charts 5, an optional peer dependency: a custom series with sell × buy cells, point of
 * control, value area, imbalances and their zones; data for delta and cumulative delta; and all three in one call.
 *
 * ```ts
 * const panes = addFootprintPanes(createChart(element), { grid, theme: darkTheme });
 * panes.setBars(bars);
 * ```
 */
export { footprintCellAt } from './internal/chart/cell-at.ts';
export type { FootprintCell } from './internal/chart/cell-at.ts';
export type { FootprintDetail } from './internal/chart/detail.ts';
export { footprintDataDefaults, footprintItem, footprintSeriesData } from './internal/chart/footprint-item.ts';
export type { FootprintDataOptions, FootprintItem, FootprintLadder } from './internal/chart/footprint-item.ts';
export {
  addFootprintPanes,
  footprintChartOptions,
  footprintPanesDefaults,
  footprintPriceFormat,
} from './internal/chart/footprint-panes.ts';
export type { FootprintPanes, FootprintPanesOptions, FootprintSeriesApi } from './internal/chart/footprint-panes.ts';
export { cvdSeriesData, deltaSeriesData } from './internal/chart/panes-data.ts';
export type { CvdDataOptions, DeltaDataOptions } from './internal/chart/panes-data.ts';
export { footprintSeriesDefaults } from './internal/chart/series-options.ts';
export type { FootprintSeriesOptions } from './internal/chart/series-options.ts';
export { createFootprintSeries } from './internal/chart/series-view.ts';
export type { FootprintSeriesView } from './internal/chart/series-view.ts';
export { darkTheme, lightTheme } from './internal/chart/theme.ts';
export type { FootprintTheme } from './internal/chart/theme.ts';
