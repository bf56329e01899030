import { describe, expect, test } from 'vitest';
import { footprintSeriesData } from './footprint-item.ts';
import { createPainter, type Frame } from './painter.ts';
import { footprintSeriesDefaults, type FootprintSeriesOptions } from './series-options.ts';
import { createFootprintSeries } from './series-view.ts';
import { barsOf, testGrid as grid } from './test-bars.ts';
import { lightTheme } from './theme.ts';
import { createZoneSpans } from './zone-spans.ts';

interface Painted {
  readonly rects: readonly (readonly [colour: string, x: number, y: number, width: number, height: number])[];
  readonly texts: readonly (readonly [text: string, colour: string, x: number, y: number])[];
  readonly detail: string;
}

/** Paints on a recorder: figures are 6 pixels a character, a tick is `tickPx` pixels high and price 0 is at `zeroY`. */
function paint(
  bars: ReturnType<typeof barsOf>,
  options: Partial<FootprintSeriesOptions> = {},
  { barSpacing = 100, tickPx = 20, zeroY = 2200, ratio = 1 } = {},
): Painted {
  const rects: Painted['rects'][number][] = [];
  const texts: Painted['texts'][number][] = [];
  const context = {
    fillStyle: '',
    font: '',
    textAlign: '',
    textBaseline: '',
    fillRect: (...box: [number, number, number, number]) => rects.push([context.fillStyle, ...box]),
    fillText: (text: string, x: number, y: number) => texts.push([text, context.fillStyle, x, y]),
    measureText: () => ({ width: 6 * ratio }),
  };
  const items = footprintSeriesData(bars, { grid });
  const frame: Frame = {
    bars: items.map((originalData, i) => ({ x: 50 + i * barSpacing, time: i, originalData })),
    from: 0,
    to: items.length,
    barSpacing,
    priceToY: (price) => zeroY - price * 4 * tickPx,
    options: { ...footprintSeriesDefaults, candles: false, poc: false, valueArea: false, ...options },
    spans: createZoneSpans()(items.map((item) => item.ladder)),
  };
  const bitmap = {
    context,
    bitmapSize: { width: 400 * ratio, height: 400 * ratio },
    horizontalPixelRatio: ratio,
    verticalPixelRatio: ratio,
  };
  const detail = createPainter().paint(bitmap, frame);
  return { rects, texts, detail };
}

const two = barsOf([
  [100, 40, 10],
  [101, 12, 130],
]);

describe('painter', () => {
  test('paints sell left and buy right of each row, a pixel apart, around the price of the row', () => {
    const { rects, detail } = paint(two, { imbalances: false });
    expect(detail).toBe('numbers');
    // 100 px less a gap of 9: from 4.5 to 95.5. Row 100 is from 100.5 × 20 to 99.5 × 20 above price 0.
    expect(rects.map(([, ...box]) => box).sort(([, y1], [, y2]) => y2 - y1)).toEqual([
      [5, 190, 45, 19],
      [51, 190, 45, 19],
      [5, 170, 45, 19],
      [51, 170, 45, 19],
    ]);
  });

  test('paints the largest cell in the full colour and marks in that of the side', () => {
    const { rects } = paint(two, { imbalances: false });
    expect(rects.find(([, x, y]) => x === 51 && y === 170)![0]).toBe(lightTheme.buyCell);
    const marked = paint(two);
    // 130 bought against 40 sold a row below.
    expect(marked.rects.find(([, x, y]) => x === 51 && y === 170)![0]).toBe(lightTheme.buy);
    expect(marked.texts.find(([text]) => text === '130')![1]).toBe(lightTheme.textOnMark);
    expect(marked.texts.find(([text]) => text === '40')![1]).toBe(lightTheme.text);
  });

  test('writes sell × buy on whole pixels', () => {
    const { texts } = paint(two);
    expect(texts.map(([text]) => text).sort()).toEqual(['10', '12', '130', '40', '×', '×']);
    for (const [, , x, y] of texts) expect([x * 2, y]).toEqual([Math.round(x * 2), Math.round(y)]);
  });

  test('gives unknown volume a third cell, and its figure', () => {
    const { rects, texts } = paint(barsOf([[100, 40, 10, 7]]), { imbalances: false });
    expect(rects.map(([, x, , width]) => [x, width])).toEqual([
      [5, 32],
      [38, 32],
      [71, 25],
    ]);
    expect(texts.map(([text]) => text)).toContain('7');
  });

  test('shades both cells in the colour of the side that won, by delta', () => {
    const { rects } = paint(two, { shading: 'delta', imbalances: false });
    const colourAt = (y: number): string[] => rects.filter((rect) => rect[2] === y).map(([colour]) => colour);
    expect(colourAt(170)).toEqual([lightTheme.buyCell, lightTheme.buyCell]);
    const [left, right] = colourAt(190);
    expect(left).toBe(right);
    expect(left).not.toBe(lightTheme.sellCell);
  });

  test('covers the pane without gaps or blur when a row is no whole number of pixels high', () => {
    const rows = Array.from({ length: 12 }, (_, i) => [98 + i, 5, 5] as const);
    const { rects } = paint(barsOf(rows), { maxDetail: 'cells' }, { tickPx: 7.3, zeroY: 900, ratio: 1.5 });
    const left = rects.filter(([, x]) => x === Math.min(...rects.map((rect) => rect[1]))).sort((a, b) => b[2] - a[2]);
    expect(left).toHaveLength(12);
    for (const [, ...box] of left) expect(box).toEqual(box.map(Math.round));
    // Each row ends a line of two pixels (1.5, rounded) above the next.
    for (const [i, [, , y, , height]] of left.entries()) if (i > 0) expect(left[i - 1]![2] - (y + height)).toBe(2);
  });

  test('paints nothing of rows outside the pane', () => {
    const tall = barsOf(Array.from({ length: 400 }, (_, i) => [i, 5, 5] as const));
    const { rects, texts } = paint(tall, {}, { zeroY: 4000 });
    // 400 pixels hold 20 rows of 20, and one cut at each edge.
    expect(rects.length).toBeLessThanOrEqual(2 * 21);
    expect(rects.length).toBeGreaterThanOrEqual(2 * 20);
    expect(texts.length).toBeLessThanOrEqual(3 * 21);
  });

  test('stacks the sides of a profile to the volume of the row', () => {
    const { rects, detail } = paint(two, { maxDetail: 'profile', imbalances: false });
    expect(detail).toBe('profile');
    // 142 lots are all 91 px: 12 are 8, 50 are 32.
    expect(rects.map(([, ...box]) => box).filter(([, y]) => y === 170)).toEqual([
      [5, 170, 8, 19],
      [13, 170, 83, 19],
    ]);
    expect(rects.map(([, ...box]) => box).filter(([, y]) => y === 190)).toEqual([
      [5, 190, 26, 19],
      [31, 190, 6, 19],
    ]);
  });

  test('is a candle when bars are narrow: hollow when it rises, filled when it falls', () => {
    const rising = paint(two, {}, { barSpacing: 8 });
    expect(rising.detail).toBe('candle');
    expect(rising.rects.map(([colour]) => colour)).toEqual([lightTheme.buy, lightTheme.background]);
    const falling = paint(
      barsOf([
        [101, 1, 0],
        [100, 1, 0],
      ]),
      {},
      { barSpacing: 8 },
    );
    expect(falling.rects.map(([colour]) => colour)).toEqual([lightTheme.sell]);
  });

  test('marks ends that are surely unfinished, only when asked', () => {
    const count = (options: Partial<FootprintSeriesOptions>): number =>
      paint(two, { imbalances: false, ...options }).rects.filter(([colour]) => colour === lightTheme.poc).length;
    // Both sides traded at 101 and at 100.
    expect([count({}), count({ unfinishedAuctions: true })]).toEqual([0, 2]);
  });

  test('paints a bar without trades as a dash, among others', () => {
    const [first, second] = barsOf([[100, 40, 10]], [[100, 40, 10]]);
    const empty = { ...second!, rows: [], trades: 0, volumeLots: 0 };
    const { rects, detail } = paint([first!, empty]);
    expect(detail).toBe('numbers');
    expect(rects.filter(([colour]) => colour === lightTheme.mutedText)).toHaveLength(1);
  });
});

describe('pane view', () => {
  const [item] = footprintSeriesData(two, { grid });

  test('covers its rows with low and high, and has the close last', () => {
    expect(createFootprintSeries().priceValueBuilder(item!)).toEqual([24.875, 25.375, 25.25]);
  });

  test('tells whitespace from bars', () => {
    const view = createFootprintSeries();
    expect([view.isWhitespace(item!), view.isWhitespace({ time: item!.time })]).toEqual([false, true]);
  });
});
