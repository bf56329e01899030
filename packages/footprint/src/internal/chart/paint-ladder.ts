/** Cells with or without figures, and profiles: the ladder of one bar. */
import { unknownShare } from './detail.ts';
import type { Figures } from './figures.ts';
import type { Brush, PlacedBar } from './painter.ts';
import { colour } from './palette.ts';
import { flag, type Strip } from './strip.ts';
import { shadeStep } from './theme.ts';

/** Paints sell | buy | unknown for each row; with `figures`, their figures too. `most` is full intensity; 0: the bar's own. */
export function paintCells(
  brush: Brush,
  bar: PlacedBar,
  strip: Strip,
  most: number,
  figures: Figures | undefined,
): void {
  const { bitmap, options, rects, edges, hair } = brush;
  const { shading, imbalances, poc, valueArea, unfinishedAuctions } = options;
  const { bitmapSize } = bitmap;
  const { ladder } = bar.originalData;
  const [left, right] = ladderSides(brush, bar);
  const unknownLeft = strip.hasUnknown ? Math.round(right - (right - left) * unknownShare) : right;
  const buyRight = strip.hasUnknown ? unknownLeft - hair : right;
  const middle = Math.round((left + buyRight - hair) / 2);
  const byDelta = shading === 'delta';
  const full = most > 0 ? most : byDelta ? strip.mostDelta : strip.mostSide;
  const texts = figures?.of(ladder);
  for (let i = 0; i < strip.count; i += 1) {
    const ticks = strip.ticks[i]!;
    const [one, other] = [edges.at(ticks), edges.at(ticks + strip.stepTicks)];
    const [top, bottom] = one < other ? [one, other] : [other, one];
    if (!(bottom > 0 && top < bitmapSize.height)) continue;
    const height = bottom - top > 4 * hair ? bottom - top - hair : Math.max(1, bottom - top);
    const [sell, buy, unknown] = [strip.sell[i]!, strip.buy[i]!, strip.unknown[i]!];
    const bits = strip.flags[i]!;
    const sellMarked = imbalances && (bits & flag.sell) !== 0;
    const buyMarked = imbalances && (bits & flag.buy) !== 0;
    const step = byDelta ? shadeStep(Math.abs(buy - sell), full) : 0;
    const row = buy > sell ? colour.buyShade : colour.sellShade;
    const sellInk = byDelta ? row + step : colour.sellShade + shadeStep(sell, full);
    const buyInk = byDelta ? row + step : colour.buyShade + shadeStep(buy, full);
    rects.add(sellMarked ? colour.sellMark : sellInk, left, top, middle - left, height);
    rects.add(buyMarked ? colour.buyMark : buyInk, middle + hair, top, buyRight - middle - hair, height);
    if (strip.hasUnknown) {
      rects.add(colour.unknownShade + shadeStep(unknown, full), unknownLeft, top, right - unknownLeft, height);
    }
    if (figures && texts)
      figures.add(texts, i, { middle, unknownLeft, right, top, height, hair, sellMarked, buyMarked });
    if (poc && (bits & flag.poc) !== 0) outline(brush, left, top, right - left, height);
  }
  if (valueArea) areaLines(brush, bar, left, right);
  if (unfinishedAuctions) auctionMarks(brush, bar, strip, left, right);
}

/** Paints a bar of volume for each row: sell, buy and unknown behind each other. */
export function paintProfile(brush: Brush, bar: PlacedBar, strip: Strip): void {
  const { bitmap, options, rects, edges, hair } = brush;
  const [left, right] = ladderSides(brush, bar);
  // Of merged rows nearly all would have a mark.
  const hasMarks = options.imbalances && strip.merge === 1;
  const scale = strip.mostRow > 0 ? (right - left) / strip.mostRow : 0;
  for (let i = 0; i < strip.count; i += 1) {
    const ticks = strip.ticks[i]!;
    const [one, other] = [edges.at(ticks), edges.at(ticks + strip.stepTicks)];
    const [top, bottom] = one < other ? [one, other] : [other, one];
    if (!(bottom > 0 && top < bitmap.bitmapSize.height)) continue;
    const height = bottom - top > 3 * hair ? bottom - top - hair : Math.max(1, bottom - top);
    const bits = strip.flags[i]!;
    const outside = options.valueArea && (bits & flag.inArea) === 0 ? colour.outside : 0;
    const sellEnd = left + Math.round(strip.sell[i]! * scale);
    const buyEnd = left + Math.round((strip.sell[i]! + strip.buy[i]!) * scale);
    const end = left + Math.round((strip.sell[i]! + strip.buy[i]! + strip.unknown[i]!) * scale);
    const sellMarked = hasMarks && (bits & flag.sell) !== 0;
    const buyMarked = hasMarks && (bits & flag.buy) !== 0;
    rects.add(sellMarked ? colour.sellMark : colour.sellBar + outside, left, top, sellEnd - left, height);
    rects.add(buyMarked ? colour.buyMark : colour.buyBar + outside, sellEnd, top, buyEnd - sellEnd, height);
    rects.add(colour.unknownBar + outside, buyEnd, top, end - buyEnd, height);
    if (options.poc && (bits & flag.poc) !== 0)
      rects.add(colour.poc, Math.max(left, end - 2 * hair), top, 2 * hair, height);
  }
}

/** Left and right end of a bar's ladder. */
function ladderSides({ bitmap, split, barSpacing }: Brush, { x }: PlacedBar): [left: number, right: number] {
  const half = (barSpacing - split.gapPx) / 2;
  const ratio = bitmap.horizontalPixelRatio;
  return [Math.round((x - half + split.candlePx) * ratio), Math.round((x + half) * ratio)];
}

/** A line around a row, outside of it, so that it cuts no figure. */
function outline({ rects, hair }: Brush, x: number, y: number, width: number, height: number): void {
  rects.add(colour.poc, x - hair, y - hair, width + 2 * hair, hair);
  rects.add(colour.poc, x - hair, y + height, width + 2 * hair, hair);
  rects.add(colour.poc, x - hair, y, hair, height);
  rects.add(colour.poc, x + width, y, hair, height);
}

/** A line above the highest and one below the lowest row of the value area. */
function areaLines({ rects, edges, hair }: Brush, { originalData }: PlacedBar, left: number, right: number): void {
  const { area, rowTicks } = originalData.ladder;
  if (!area) return;
  const [vah, val] = [edges.at(area.vahTicks + rowTicks), edges.at(area.valTicks)];
  for (const y of [vah, val]) {
    rects.add(colour.valueArea, left - hair, y - hair, right - left + 2 * hair, hair);
  }
}

/** A short thick line beyond an end of the ladder. */
function auctionMarks(
  { rects, edges, hair }: Brush,
  { originalData }: PlacedBar,
  strip: Strip,
  left: number,
  right: number,
): void {
  const { unfinished } = originalData.ladder;
  const width = Math.round((right - left) / 3);
  const x = Math.round((left + right - width) / 2);
  const highest = strip.ticks[strip.count - 1]!;
  const [highEdge, highInner] = [edges.at(highest + strip.stepTicks), edges.at(highest)];
  const [lowEdge, lowInner] = [edges.at(strip.ticks[0]!), edges.at(strip.ticks[0]! + strip.stepTicks)];
  const thick = 2 * hair;
  const place = (edge: number, inner: number): number => (edge < inner ? edge - thick - 2 * hair : edge + 2 * hair);
  if (unfinished.high) rects.add(colour.poc, x, place(highEdge, highInner), width, thick);
  if (unfinished.low) rects.add(colour.poc, x, place(lowEdge, lowInner), width, thick);
}
