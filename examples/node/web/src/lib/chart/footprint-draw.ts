/** Paints footprint bars on a canvas. Everything is in device pixels, snapped to them. */
import type { ICustomSeriesPaneRenderer } from 'lightweight-charts';
import type { PriceSteps } from '../bars.ts';
import { abbreviate } from '../format.ts';
import type { DrawnRow, createRowCache } from './footprint-rows.ts';
import type { FootprintItem, FootprintView } from './footprint-series.ts';
import { type Detail, detailFor, mergeFactor } from './level-of-detail.ts';
import type { ChartPalette } from './palette.ts';

type Target = Parameters<ICustomSeriesPaneRenderer['draw']>[0];
type Scope = Parameters<Parameters<Target['useBitmapCoordinateSpace']>[0]>[0];

/** What painting needs besides the bars. */
export interface FootprintDrawing {
  readonly barSpacing: number;
  readonly palette: ChartPalette;
  readonly steps: PriceSteps;
  readonly priceToY: (price: number) => number | null;
  readonly rowsOf: ReturnType<typeof createRowCache>;
}

interface Placed {
  readonly x: number;
  readonly originalData: FootprintItem;
}

/** Smallest heights of a drawn row, in CSS pixels: with figures, and without. */
const minRowPx: Readonly<Record<Detail, number>> = { cells: 13, profile: 4, candles: 1 };

/** Paints the bars and says what could be shown of them. */
export function drawFootprints(scope: Scope, bars: readonly Placed[], drawing: FootprintDrawing): FootprintView {
  const { barSpacing, steps } = drawing;
  const detail = detailFor(barSpacing);
  if (detail === 'candles') {
    for (const bar of bars) drawCandle(scope, drawing, bar, bar.x, Math.max(1, Math.min(barSpacing * 0.62, 15)));
    return { detail, merge: 1, figures: 'none' };
  }

  const rowPx = rowHeight(bars, drawing);
  const merge = mergeFactor(rowPx, minRowPx[detail]);
  const ladders = bars.map(({ originalData }) => drawing.rowsOf(originalData.bar, steps, merge));
  const gap = Math.min(10, Math.max(3, barSpacing * 0.08));
  const lane = detail === 'cells' ? 9 : 5;
  if (detail === 'profile') {
    for (const [at, bar] of bars.entries()) drawProfile(scope, drawing, bar, ladders[at]!, gap, lane);
    return { detail, merge, figures: 'none' };
  }

  const half = (barSpacing - gap - lane) / 2;
  const font = Math.min(12.5, Math.max(9.5, rowPx * merge - 5));
  const { context: ctx, verticalPixelRatio } = scope;
  ctx.font = `500 ${font * verticalPixelRatio}px ${drawing.palette.fontFamily}`;
  const digitPx = ctx.measureText('0').width / verticalPixelRatio;
  const longest = ladders.flat().reduce((most, row) => Math.max(most, row.sellText.length, row.buyText.length), 0);
  const exact = longest * digitPx + 8 <= half;
  // Where "1.84M" is too wide, it is "1.8M".
  const widest = ladders
    .flat()
    .reduce((most, { sell, buy }) => Math.max(most, abbreviate(sell).length, abbreviate(buy).length), 0);
  const digits = widest * digitPx + 10 <= half ? 3 : 2;
  const figure = (text: string, value: number): string => (exact ? text : abbreviate(value, digits));
  const most = ladders.flat().reduce((max, row) => Math.max(max, row.buy, row.sell), 0) || 1;
  for (const [at, bar] of bars.entries()) drawCells(scope, drawing, bar, ladders[at]!, { gap, lane, most, figure });
  const rounded = ladders
    .flat()
    .some((row) => figure(row.sellText, row.sell) !== row.sellText || figure(row.buyText, row.buy) !== row.buyText);
  return { detail, merge, figures: rounded ? 'rounded' : 'exact' };
}

/** Height of one unmerged ladder row in CSS pixels at the present price scale. */
function rowHeight(bars: readonly Placed[], { priceToY, steps }: FootprintDrawing): number {
  const at = bars[0]!.originalData.close;
  const [upper, lower] = [priceToY(at + steps.row), priceToY(at)];
  return upper === null || lower === null ? 0 : Math.abs(lower - upper);
}

/** A hollow body rises, a filled one falls: readable without the colour. */
function drawCandle(
  { context: ctx, horizontalPixelRatio: hr, verticalPixelRatio: vr }: Scope,
  drawing: FootprintDrawing,
  bar: Placed,
  centre: number,
  width: number,
): void {
  const { open, high, low, close } = bar.originalData;
  const [openY, highY, lowY, closeY] = [open, high, low, close].map(drawing.priceToY);
  if (openY == null || highY == null || lowY == null || closeY == null) return;
  const rises = close >= open;
  const stroke = Math.max(1, Math.round(hr));
  const x = Math.round(centre * hr);
  const body = Math.max(stroke, Math.round(width * hr));
  const left = x - Math.floor(body / 2);
  const top = Math.round(Math.min(openY, closeY) * vr);
  const height = Math.max(stroke, Math.round(Math.abs(openY - closeY) * vr));
  const [wickTop, wickBottom] = [Math.round(highY * vr), Math.round(lowY * vr)];
  ctx.fillStyle = rises ? drawing.palette.buy : drawing.palette.sell;
  const wickX = left + Math.floor((body - stroke) / 2);
  ctx.fillRect(wickX, wickTop, stroke, Math.max(0, top - wickTop));
  ctx.fillRect(wickX, top + height, stroke, Math.max(0, wickBottom - top - height));
  if (rises && body >= 4 * stroke && height > 2 * stroke) {
    ctx.fillRect(left, top, body, stroke);
    ctx.fillRect(left, top + height - stroke, body, stroke);
    ctx.fillRect(left, top, stroke, height);
    ctx.fillRect(left + body - stroke, top, stroke, height);
  } else {
    ctx.fillRect(left, top, body, height);
  }
}

interface RowBox {
  readonly top: number;
  readonly height: number;
}

function rowBox(row: DrawnRow, { priceToY }: FootprintDrawing, vr: number): RowBox | undefined {
  const [upper, lower] = [priceToY(row.top), priceToY(row.bottom)];
  if (upper === null || lower === null) return undefined;
  const top = Math.round(upper * vr);
  return { top, height: Math.max(1, Math.round(lower * vr) - top) };
}

function drawProfile(
  scope: Scope,
  drawing: FootprintDrawing,
  bar: Placed,
  rows: readonly DrawnRow[],
  gap: number,
  lane: number,
): void {
  const { context: ctx, horizontalPixelRatio: hr, verticalPixelRatio: vr } = scope;
  const { palette, barSpacing } = drawing;
  const left = bar.x - (barSpacing - gap) / 2;
  const room = barSpacing - gap - lane;
  const most = rows.reduce((max, row) => Math.max(max, row.buy + row.sell + row.unknown), 0) || 1;
  for (const row of rows) {
    const box = rowBox(row, drawing, vr);
    if (!box) continue;
    const inset = box.height > 3 * vr ? Math.round(vr) : 0;
    let x = Math.round((left + lane) * hr);
    for (const [volume, colour] of [
      [row.sell, palette.sellFill],
      [row.buy, palette.buyFill],
      [row.unknown, palette.unknown],
    ] as const) {
      const width = Math.round((volume / most) * room * hr);
      ctx.globalAlpha = row.inValueArea ? 1 : 0.5;
      ctx.fillStyle = colour;
      ctx.fillRect(x, box.top, width, Math.max(1, box.height - inset));
      x += width;
    }
    ctx.globalAlpha = 1;
    if (row.poc) {
      ctx.fillStyle = palette.poc;
      ctx.fillRect(x + Math.round(hr), box.top, Math.max(2, Math.round(2 * hr)), Math.max(1, box.height - inset));
    }
  }
  drawCandle(scope, drawing, bar, left + 1.5, 3);
}

interface CellLayout {
  readonly gap: number;
  readonly lane: number;
  /** Largest one-sided volume in view: full shade. */
  readonly most: number;
  /** The text of a volume, exact or rounded. */
  readonly figure: (text: string, value: number) => string;
}

function drawCells(
  scope: Scope,
  drawing: FootprintDrawing,
  bar: Placed,
  rows: readonly DrawnRow[],
  layout: CellLayout,
): void {
  const { context: ctx, horizontalPixelRatio: hr, verticalPixelRatio: vr } = scope;
  const { palette, barSpacing } = drawing;
  const { gap, lane, most, figure } = layout;
  const hair = Math.max(1, Math.round(hr));
  const left = Math.round((bar.x - (barSpacing - gap) / 2 + lane) * hr);
  const right = Math.round((bar.x + (barSpacing - gap) / 2) * hr);
  const middle = Math.round((left + right) / 2);
  const pad = Math.round(4 * hr);
  let area: { top: number; bottom: number } | undefined;
  let poc: RowBox | undefined;
  ctx.textBaseline = 'middle';
  for (const row of rows) {
    const box = rowBox(row, drawing, vr);
    if (!box) continue;
    const inner = Math.max(1, box.height - hair);
    shade(ctx, left, box.top, middle - left, inner, palette.sellFill, row.sell / most);
    shade(ctx, middle + hair, box.top, right - middle - hair, inner, palette.buyFill, row.buy / most);
    const all = row.buy + row.sell + row.unknown;
    if (row.unknown > 0 && all > 0) {
      hatch(
        ctx,
        left,
        box.top + inner - Math.round(3 * vr),
        Math.round((right - left) * (row.unknown / all)),
        Math.round(3 * vr),
        palette.unknown,
        hair,
      );
    }
    if (box.height >= 10 * vr) {
      const y = box.top + inner / 2 + vr * 0.5;
      ctx.fillStyle = palette.text;
      ctx.textAlign = 'right';
      ctx.globalAlpha = row.sell === 0 ? 0.5 : 1;
      ctx.fillText(figure(row.sellText, row.sell), middle - pad, y);
      ctx.textAlign = 'left';
      ctx.globalAlpha = row.buy === 0 ? 0.5 : 1;
      ctx.fillText(figure(row.buyText, row.buy), middle + hair + pad, y);
      ctx.globalAlpha = 1;
    }
    if (row.inValueArea)
      area = { top: Math.min(area?.top ?? box.top, box.top), bottom: Math.max(area?.bottom ?? 0, box.top + inner) };
    if (row.poc) poc = { top: box.top, height: inner };
  }
  if (area) {
    // The bracket of the value area, to the right of the ladder.
    const x = right + Math.round(1.5 * hr);
    ctx.fillStyle = palette.muted;
    ctx.fillRect(x, area.top, hair, area.bottom - area.top);
    ctx.fillRect(x - Math.round(3 * hr), area.top, Math.round(3 * hr), hair);
    ctx.fillRect(x - Math.round(3 * hr), area.bottom - hair, Math.round(3 * hr), hair);
  }
  if (poc) {
    const weight = Math.max(1, Math.round(1.5 * hr));
    ctx.strokeStyle = palette.poc;
    ctx.lineWidth = weight;
    ctx.strokeRect(left + weight / 2, poc.top + weight / 2, right - left - weight, poc.height - weight);
  }
  drawCandle(scope, drawing, bar, bar.x - (barSpacing - gap) / 2 + 3, 5);
}

/** Fills with an alpha that grows with the root of the share, so that small volumes still differ from none. */
function shade(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  colour: string,
  share: number,
): void {
  ctx.fillStyle = colour;
  ctx.globalAlpha = share <= 0 ? 0.05 : 0.1 + 0.9 * Math.sqrt(Math.min(share, 1));
  ctx.fillRect(x, y, width, height);
  ctx.globalAlpha = 1;
}

/** A dashed strip along the foot of a cell: as long as the share of its volume whose aggressor is unknown. */
function hatch(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  colour: string,
  hair: number,
): void {
  ctx.fillStyle = colour;
  for (let at = 0; at < width; at += 3 * hair) ctx.fillRect(x + at, y, Math.min(2 * hair, width - at), height);
}
