/** The candle: a hollow body rises and a filled one falls, so that it reads without the colour. */
import type { Brush, PlacedBar } from './painter.ts';
import { colour } from './palette.ts';
import { toPixel } from './row-edges.ts';

/** Paints the candle of a bar around `centrePx`, `widthPx` wide, both in CSS pixels. */
export function paintCandle(
  { bitmap, rects, axis, hair }: Brush,
  { originalData }: PlacedBar,
  centrePx: number,
  widthPx: number,
): void {
  const { bar } = originalData.ladder;
  const ratio = bitmap.horizontalPixelRatio;
  // Of the parity of the wick, which then stands in the middle.
  const wide = Math.round(widthPx * ratio);
  const body = Math.max(hair, wide - ((wide - hair) % 2));
  const left = Math.round(centrePx * ratio - body / 2);
  const wick = left + (body - hair) / 2;
  const [open, close] = [toPixel(axis, bar.openTicks), toPixel(axis, bar.closeTicks)];
  const [high, low] = [toPixel(axis, bar.highTicks), toPixel(axis, bar.lowTicks)];
  const [top, bottom] = [Math.min(open, close), Math.max(open, close)];
  const height = Math.max(hair, bottom - top);
  const rises = bar.closeTicks > bar.openTicks;
  const ink = rises ? colour.buyMark : bar.closeTicks < bar.openTicks ? colour.sellMark : colour.flat;
  const [wickTop, wickBottom] = [Math.min(high, low), Math.max(high, low)];
  rects.add(ink, wick, wickTop, hair, top - wickTop);
  rects.add(ink, wick, top + height, hair, wickBottom - top - height);
  rects.add(ink, left, top, body, height);
  if (rises && body >= 3 * hair) rects.add(colour.hollow, left + hair, top + hair, body - 2 * hair, height - 2 * hair);
}
