/** Paints the visible bars on the bitmap of their pane. Everything is in device pixels, snapped to them. */
import type { Bitmap } from './canvas.ts';
import { createRectBatches, type RectBatches } from './batches.ts';
import { detailFor, leastPx, mergeFactor, splitBar, type BarSplit, type FootprintDetail } from './detail.ts';
import { createFigures } from './figures.ts';
import type { FootprintItem, FootprintLadder } from './footprint-item.ts';
import { paintCandle } from './paint-candle.ts';
import { paintCells, paintProfile } from './paint-ladder.ts';
import { paintZones } from './paint-zones.ts';
import { colour, paletteOf } from './palette.ts';
import { createRowEdges, type PriceAxis, type RowEdges } from './row-edges.ts';
import type { FootprintSeriesOptions } from './series-options.ts';
import { createStrips, type Strip } from './strip.ts';
import { isSameTheme, type FootprintTheme } from './theme.ts';
import type { ZoneSpan } from './zone-spans.ts';

/** A bar as the chart places it. */
export interface PlacedBar {
  /** Centre, in CSS pixels; only right for bars in view. */
  readonly x: number;
  /** Index on the time axis. */
  readonly time: number;
  readonly originalData: Omit<FootprintItem, 'time'>;
}

/** What a frame is painted from. */
export interface Frame {
  readonly bars: readonly PlacedBar[];
  /** Bars in view: from this index to before `to`. */
  readonly from: number;
  readonly to: number;
  readonly barSpacing: number;
  readonly priceToY: (price: number) => number | null;
  readonly options: Readonly<FootprintSeriesOptions>;
  readonly spans: readonly ZoneSpan[];
}

/** What the parts of the painter share within a frame. */
export interface Brush {
  readonly bitmap: Bitmap;
  readonly options: Readonly<FootprintSeriesOptions>;
  readonly rects: RectBatches;
  readonly edges: RowEdges;
  readonly axis: PriceAxis;
  readonly split: BarSplit;
  readonly barSpacing: number;
  /** Width of a line. */
  readonly hair: number;
}

export interface Painter {
  /** Paints a frame and says in which detail. */
  paint(bitmap: Bitmap, frame: Frame): FootprintDetail;
}

export function createPainter(): Painter {
  const rects = createRectBatches();
  const edges = createRowEdges();
  const stripOf = createStrips();
  const figures = createFigures();
  let [theme, palette]: [FootprintTheme | undefined, readonly string[]] = [undefined, []];

  return {
    paint(bitmap, frame) {
      const { bars, from, to, barSpacing, priceToY, options } = frame;
      const first = bars[from]!.originalData.ladder;
      // The chart merges new options into the object that it has, so its identity says nothing.
      if (!theme || !isSameTheme(theme, options.theme)) {
        [theme, palette] = [{ ...options.theme }, paletteOf(options.theme)];
      }
      const { horizontalPixelRatio: hr, verticalPixelRatio, context } = bitmap;
      const axis: PriceAxis = { priceToY, tick: Number(first.grid.tickSize), verticalPixelRatio };
      const rowPx = rowHeightPx(bars[to - 1]!.originalData, priceToY);
      figures.use(options);
      const detail = detailFor({
        barPx: barSpacing,
        rowPx,
        numbersPx: () => {
          const { gapPx, candlePx } = splitBar(barSpacing, 'numbers', options.candles);
          return gapPx + candlePx + figures.ladderPx(bitmap, rowPx, bars, from, to);
        },
        maxDetail: options.maxDetail,
      });
      const split = splitBar(barSpacing, detail, options.candles);
      const hair = Math.max(1, Math.round(hr));
      const brush: Brush = { bitmap, options, rects, edges, axis, split, barSpacing, hair };

      const merge = detail === 'profile' ? mergeFactor(rowPx, leastPx.profileRow) : 1;
      const most = beginRows(brush, frame, stripOf, merge, detail);
      if (options.zones) paintZones(brush, frame, detail);
      for (let i = from; i < to; i += 1) {
        const bar = bars[i]!;
        const { ladder } = bar.originalData;
        if (detail === 'candle' || ladder.bar.rows.length === 0) {
          paintCandle(brush, bar, bar.x, Math.min(15, barSpacing * 0.7));
          continue;
        }
        const strip = stripOf(ladder, merge);
        if (detail === 'profile') paintProfile(brush, bar, strip);
        else paintCells(brush, bar, strip, most, detail === 'numbers' ? figures : undefined);
        if (options.candles)
          paintCandle(brush, bar, bar.x - (barSpacing - split.gapPx) / 2 + split.candlePx / 2, split.candlePx * 0.7);
      }
      rects.draw(context, palette, 0, colour.end);
      figures.draw(bitmap, options.theme);
      return detail;
    },
  };
}

/** Height of a row at the last price in view, in CSS pixels. */
function rowHeightPx({ close, ladder }: PlacedBar['originalData'], priceToY: Frame['priceToY']): number {
  const row = ladder.rowTicks * Number(ladder.grid.tickSize);
  const [upper, lower] = [priceToY(close + row), priceToY(close)];
  return upper === null || lower === null ? 0 : Math.abs(lower - upper);
}

/** Places the edges of the rows in view; gives what full intensity is, or 0 when each bar has its own. */
function beginRows(
  { options, edges, axis }: Brush,
  { bars, from, to }: Frame,
  stripOf: (ladder: FootprintLadder, merge: number) => Strip,
  merge: number,
  detail: FootprintDetail,
): number {
  if (detail === 'candle') return 0;
  let [low, high, most, step, offset] = [Infinity, -Infinity, 0, 1, 0];
  for (let i = from; i < to; i += 1) {
    const { ladder } = bars[i]!.originalData;
    const strip = stripOf(ladder, merge);
    if (strip.count === 0) continue;
    [step, offset] = [strip.stepTicks, ladder.offsetTicks];
    low = Math.min(low, strip.ticks[0]!);
    high = Math.max(high, strip.ticks[strip.count - 1]!);
    most = Math.max(most, options.shading === 'delta' ? strip.mostDelta : strip.mostSide);
  }
  if (low <= high) edges.begin(axis, offset, step, low, high + step);
  return options.shadeScope === 'bar' ? 0 : most;
}
