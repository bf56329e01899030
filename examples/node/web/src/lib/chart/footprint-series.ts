/** A lightweight-charts custom series of footprint bars: candles from afar, profiles nearer, figures up close. */
import type {
  CustomSeriesOptions,
  CustomSeriesPricePlotValues,
  CustomSeriesWhitespaceData,
  ICustomSeriesPaneRenderer,
  ICustomSeriesPaneView,
  PaneRendererCustomData,
  Time,
  UTCTimestamp,
} from 'lightweight-charts';
import { customSeriesDefaultOptions } from 'lightweight-charts';
import type { Footprint } from '@tapekit/sdk/schemas';
import type { PriceSteps } from '../bars.ts';
import { drawFootprints } from './footprint-draw.ts';
import { createRowCache } from './footprint-rows.ts';
import type { Detail } from './level-of-detail.ts';
import type { ChartPalette } from './palette.ts';

/** One item of the series. */
export interface FootprintItem {
  readonly time: UTCTimestamp;
  readonly bar: Footprint;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** What the last paint showed, for the words around the chart. */
export interface FootprintView {
  readonly detail: Detail;
  /** Ladder rows that are drawn as one. */
  readonly merge: number;
  /** Whether figures are drawn, and whether some of them are rounded. */
  readonly figures: 'none' | 'exact' | 'rounded';
}

export interface FootprintSeriesOptions extends CustomSeriesOptions {
  readonly palette: ChartPalette;
  readonly steps: PriceSteps;
}

/** Makes an item of an API document. Bars are keyed by their start. */
export function footprintItem(bar: Footprint): FootprintItem {
  return {
    time: (bar.t0 / 1000) as UTCTimestamp,
    bar,
    open: Number(bar.open),
    high: Number(bar.high),
    low: Number(bar.low),
    close: Number(bar.close),
  };
}

/** Creates the pane view; `onView` hears of every change of what is shown. */
export function createFootprintView(
  defaults: Pick<FootprintSeriesOptions, 'palette' | 'steps'>,
  onView: (view: FootprintView) => void,
): ICustomSeriesPaneView<Time, FootprintItem, FootprintSeriesOptions> {
  const rowsOf = createRowCache();
  let data: PaneRendererCustomData<Time, FootprintItem> | undefined;
  let options: FootprintSeriesOptions | undefined;
  let shown = '';

  const renderer: ICustomSeriesPaneRenderer = {
    draw: (target, priceToY) => {
      if (!data?.visibleRange || !options) return;
      const { palette, steps } = options;
      // Bars outside this range keep the coordinates of an earlier zoom.
      const bars = data.bars.slice(data.visibleRange.from, data.visibleRange.to);
      if (bars.length === 0) return;
      const { barSpacing } = data;
      target.useBitmapCoordinateSpace((scope) => {
        const view = drawFootprints(scope, bars, { barSpacing, palette, steps, priceToY, rowsOf });
        const key = JSON.stringify(view);
        if (key === shown) return;
        shown = key;
        queueMicrotask(() => onView(view));
      });
    },
  };

  return {
    renderer: () => renderer,
    update: (next, seriesOptions) => {
      data = next;
      options = seriesOptions;
    },
    priceValueBuilder: ({ bar, high, low, close }): CustomSeriesPricePlotValues => {
      const { steps } = options ?? defaults;
      const top = bar.levels.at(-1);
      const bottom = bar.levels[0];
      return [
        Math.min(low, bottom ? Number(bottom.price) : low) - steps.tick / 2,
        Math.max(high, top ? Number(top.price) + steps.row : high) - steps.tick / 2,
        close,
      ];
    },
    isWhitespace: (item): item is CustomSeriesWhitespaceData<Time> => !('bar' in item),
    defaultOptions: () => ({ ...customSeriesDefaultOptions, ...defaults }),
  };
}
