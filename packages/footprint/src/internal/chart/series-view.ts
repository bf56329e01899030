/** The custom series of lightweight-charts. */
import type {
  CustomSeriesWhitespaceData,
  ICustomSeriesPaneRenderer,
  ICustomSeriesPaneView,
  PaneRendererCustomData,
  Time,
} from 'lightweight-charts';
import type { Bitmap } from './canvas.ts';
import type { FootprintItem } from './footprint-item.ts';
import { createPainter } from './painter.ts';
import { footprintSeriesDefaults, type FootprintSeriesOptions } from './series-options.ts';
import { createZoneSpans } from './zone-spans.ts';

/** The pane view of the footprint series, as {@link createFootprintSeries} makes it. */
export type FootprintSeriesView = ICustomSeriesPaneView<Time, FootprintItem, FootprintSeriesOptions>;

/** The canvas of the chart, without the types of a browser. */
interface Target {
  useBitmapCoordinateSpace(paint: (bitmap: Bitmap) => void): void;
}

/**
 * A footprint series for `chart.addCustomSeries`; each series needs its own. It shows figures where they fit, else
 * coloured cells, else profiles, else candles. Feed it with {@link footprintSeriesData}.
 *
 * @example
 * ```ts
 * const series = chart.addCustomSeries(createFootprintSeries(), { theme: darkTheme });
 * series.setData(footprintSeriesData(bars, { grid, rowTicks: 10 }));
 * ```
 */
export function createFootprintSeries(): FootprintSeriesView {
  const painter = createPainter();
  const spansOf = createZoneSpans();
  let data: PaneRendererCustomData<Time, FootprintItem> | undefined;
  let options: FootprintSeriesOptions | undefined;

  const renderer: ICustomSeriesPaneRenderer = {
    draw(target, priceToY) {
      if (!data?.visibleRange || !options) return;
      const { bars, barSpacing, visibleRange } = data;
      const settings = options;
      const [from, to] = [Math.max(0, visibleRange.from), Math.min(bars.length, visibleRange.to)];
      if (from >= to) return;
      const spans = settings.zones ? spansOf(bars.map((bar) => bar.originalData.ladder)) : [];
      (target as unknown as Target).useBitmapCoordinateSpace((bitmap) =>
        painter.paint(bitmap, { bars, from, to, barSpacing, priceToY, options: settings, spans }),
      );
    },
  };

  return {
    renderer: () => renderer,
    update(next, seriesOptions) {
      data = next;
      options = seriesOptions;
    },
    priceValueBuilder({ low, high, close, ladder }) {
      const { bar, grid, rowTicks, offsetTicks } = ladder;
      const [lowest, highest] = [bar.rows[0], bar.rows.at(-1)];
      if (!lowest || !highest) return [low, high, close];
      const tick = Number(grid.tickSize);
      const bottom = (lowest.priceTicks + offsetTicks) * tick;
      const top = (highest.priceTicks + offsetTicks + rowTicks) * tick;
      return [Math.min(low, bottom), Math.max(high, top), close];
    },
    isWhitespace: (item): item is CustomSeriesWhitespaceData<Time> => !('ladder' in item),
    defaultOptions: () => ({ ...footprintSeriesDefaults }),
    destroy() {
      data = undefined;
      options = undefined;
    },
  };
}
