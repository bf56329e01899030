/** Bands of stacked imbalances, from their bar to the right. */
import type { FootprintDetail } from './detail.ts';
import type { Brush, Frame } from './painter.ts';
import { colour } from './palette.ts';
import { toPixel } from './row-edges.ts';

/** Paints the zones that reach into view: a band until the first bar that trades in it, at ladders a bold line too. */
export function paintZones(
  { bitmap, options, rects, axis, split, barSpacing, hair }: Brush,
  frame: Frame,
  detail: FootprintDetail,
): void {
  const { bars, from, to, spans } = frame;
  const ratio = bitmap.horizontalPixelRatio;
  const { width, height } = bitmap.bitmapSize;
  const [origin, last] = [bars[from]!, bars.length - 1];
  // Bars out of view keep the place of an earlier zoom.
  const centre = (index: number): number => origin.x + (bars[index]!.time - origin.time) * barSpacing;
  const half = (detail === 'candle' ? Math.min(15, barSpacing * 0.7) : barSpacing - split.gapPx) / 2;
  for (const span of spans) {
    const reach = Math.min(span.to, span.from + options.zoneBars + 1);
    if (span.from >= to || reach < from) continue;
    const [one, other] = [toPixel(axis, span.lowEdge), toPixel(axis, span.highEdge)];
    const [top, bottom] = one < other ? [one, other] : [other, one];
    if (!(bottom > 0 && top < height)) continue;
    const isBuy = span.zone.side === 'buy';
    const left = Math.round((centre(span.from) + half) * ratio);
    const right = reach > last ? width : Math.round((centre(reach) - half) * ratio);
    const start = Math.max(0, left);
    const tall = Math.max(hair, bottom - top - (bottom - top > 4 * hair ? hair : 0));
    if (options.zoneBars > 0) {
      rects.add(isBuy ? colour.buyZone : colour.sellZone, start, top, Math.min(width, right) - start, tall);
    }
    if (detail !== 'candle') rects.add(isBuy ? colour.buyMark : colour.sellMark, left, top, 2 * hair, tall);
  }
}
