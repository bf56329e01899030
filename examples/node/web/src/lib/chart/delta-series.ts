/** A custom series of per-bar delta: a body from zero to the delta, whiskers to the lowest and highest running delta. */
import type {
  CustomSeriesOptions,
  CustomSeriesWhitespaceData,
  ICustomSeriesPaneRenderer,
  ICustomSeriesPaneView,
  PaneRendererCustomData,
  Time,
  UTCTimestamp,
} from 'lightweight-charts';
import { customSeriesDefaultOptions } from 'lightweight-charts';
import type { Footprint } from '@tapekit/sdk/schemas';
import { abbreviate } from '../format.ts';
import { detailWidthsPx } from './level-of-detail.ts';
import type { ChartPalette } from './palette.ts';

/** One item of the series, in size units. */
export interface DeltaItem {
  readonly time: UTCTimestamp;
  readonly delta: number;
  readonly min: number;
  readonly max: number;
}

export interface DeltaSeriesOptions extends CustomSeriesOptions {
  readonly palette: ChartPalette;
}

/** Makes an item of an API document. */
export function deltaItem(bar: Footprint): DeltaItem {
  return {
    time: (bar.t0 / 1000) as UTCTimestamp,
    delta: Number(bar.delta),
    min: Number(bar.minDelta),
    max: Number(bar.maxDelta),
  };
}

/** Creates the pane view. */
export function createDeltaView(palette: ChartPalette): ICustomSeriesPaneView<Time, DeltaItem, DeltaSeriesOptions> {
  let data: PaneRendererCustomData<Time, DeltaItem> | undefined;
  let colours = palette;

  const renderer: ICustomSeriesPaneRenderer = {
    draw: (target, priceToY) => {
      if (!data?.visibleRange) return;
      const { bars, barSpacing, visibleRange } = data;
      target.useBitmapCoordinateSpace(
        ({ context: ctx, horizontalPixelRatio: hr, verticalPixelRatio: vr, mediaSize }) => {
          const zero = priceToY(0);
          if (zero === null) return;
          const hair = Math.max(1, Math.round(hr));
          const body = Math.max(hair, Math.round(Math.min(barSpacing * 0.6, 34) * hr));
          ctx.fillStyle = colours.line;
          ctx.fillRect(0, Math.round(zero * vr), Math.round(mediaSize.width * hr), hair);
          for (const bar of bars.slice(visibleRange.from, visibleRange.to)) {
            const { delta, min, max } = bar.originalData;
            const [y, lowest, highest] = [delta, min, max].map(priceToY);
            if (y == null || lowest == null || highest == null) continue;
            const x = Math.round(bar.x * hr);
            const [top, bottom] = [Math.round(highest * vr), Math.round(lowest * vr)];
            ctx.fillStyle = delta < 0 ? colours.sell : colours.buy;
            ctx.globalAlpha = 0.7;
            ctx.fillRect(x - Math.floor(hair / 2), top, hair, Math.max(hair, bottom - top));
            if (barSpacing >= 8) {
              const cap = Math.round(Math.min(body * 0.45, 9 * hr));
              ctx.fillRect(x - Math.floor(cap / 2), top, cap, hair);
              ctx.fillRect(x - Math.floor(cap / 2), bottom - hair, cap, hair);
            }
            ctx.globalAlpha = 1;
            const from = Math.round(Math.min(y, zero) * vr);
            ctx.fillRect(x - Math.floor(body / 2), from, body, Math.max(hair, Math.round(Math.abs(y - zero) * vr)));
            if (barSpacing >= detailWidthsPx.cells) {
              // Beside the body, so that neither whisker nor pane edge cuts it.
              ctx.font = `500 ${10 * vr}px ${colours.fontFamily}`;
              ctx.textAlign = 'left';
              ctx.textBaseline = delta < 0 ? 'top' : 'bottom';
              ctx.fillText(
                `${delta > 0 ? '+' : ''}${abbreviate(delta)}`,
                x + body / 2 + 3 * hr,
                Math.round(zero * vr) + (delta < 0 ? 3 : -2) * vr,
              );
            }
          }
        },
      );
    },
  };

  return {
    renderer: () => renderer,
    update: (next, options) => {
      data = next;
      colours = options.palette;
    },
    priceValueBuilder: ({ delta, min, max }) => [Math.min(min, 0), Math.max(max, 0), delta],
    isWhitespace: (item): item is CustomSeriesWhitespaceData<Time> => !('delta' in item),
    defaultOptions: () => ({ ...customSeriesDefaultOptions, palette }),
  };
}
