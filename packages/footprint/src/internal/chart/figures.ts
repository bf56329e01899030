/** The figures in the cells: their texts, made once a bar, and where they stand. */
import { createTextBatch } from './batches.ts';
import type { Bitmap } from './canvas.ts';
import { unknownShare } from './detail.ts';
import type { FootprintLadder } from './footprint-item.ts';
import type { PlacedBar } from './painter.ts';
import type { FootprintSeriesOptions } from './series-options.ts';
import type { FootprintTheme } from './theme.ts';

/** Texts of a ladder's rows, from the lowest to the highest. */
export interface LadderTexts {
  readonly sell: readonly string[];
  readonly buy: readonly string[];
  readonly unknown: readonly string[];
  /** Characters of the longest sell or buy text. */
  readonly longest: number;
  readonly hasUnknown: boolean;
}

/** Where a row's figures stand, in device pixels. */
export interface RowPlace {
  readonly middle: number;
  readonly unknownLeft: number;
  readonly right: number;
  readonly top: number;
  readonly height: number;
  readonly hair: number;
  readonly sellMarked: boolean;
  readonly buyMarked: boolean;
}

export interface Figures {
  /** Takes the options of the frame; another `formatLots` makes all texts anew. */
  use(options: Readonly<FootprintSeriesOptions>): void;
  of(ladder: FootprintLadder): LadderTexts;
  /** Width that a ladder needs for the longest figures met so far, in CSS pixels; also sets the font of the frame. */
  ladderPx(bitmap: Bitmap, rowPx: number, bars: readonly PlacedBar[], from: number, to: number): number;
  add(texts: LadderTexts, row: number, place: RowPlace): void;
  draw(bitmap: Bitmap, theme: FootprintTheme): void;
}

export function createFigures(): Figures {
  const [sell, buy, bold] = [createTextBatch(), createTextBatch(), { sell: createTextBatch(), buy: createTextBatch() }];
  const [zeroSell, zeroBuy, times, unknown] = [
    createTextBatch(),
    createTextBatch(),
    createTextBatch(),
    createTextBatch(),
  ];
  const digitWidths = new Map<string, number>();
  let known = new WeakMap<FootprintLadder, LadderTexts>();
  let options: Readonly<FootprintSeriesOptions> | undefined;
  /** Grows only, so that the detail does not flicker while one scrolls. */
  let longest = 1;
  let [sizePx, digitPx, pixelRatio] = [10, 6, 1];

  const fontOf = (weight: number, theme: FootprintTheme): string =>
    `${weight} ${sizePx * pixelRatio}px ${theme.fontFamily}`;

  function of(ladder: FootprintLadder): LadderTexts {
    let texts = known.get(ladder);
    if (!texts) {
      texts = textsOf(ladder, options!);
      known.set(ladder, texts);
    }
    return texts;
  }

  return {
    use(next) {
      if (options && options.formatLots !== next.formatLots) [known, longest] = [new WeakMap(), 1];
      options = next;
    },
    of,
    ladderPx(bitmap, rowPx, bars, from, to) {
      pixelRatio = bitmap.verticalPixelRatio;
      sizePx = Math.min(12, Math.max(9, Math.floor(rowPx - 3)));
      const font = fontOf(700, options!.theme);
      let width = digitWidths.get(font);
      if (width === undefined) {
        bitmap.context.font = font;
        width = bitmap.context.measureText('0').width;
        digitWidths.set(font, width);
      }
      digitPx = width / pixelRatio;
      let hasUnknown = false;
      for (let i = from; i < to; i += 1) {
        const texts = of(bars[i]!.originalData.ladder);
        longest = Math.max(longest, texts.longest);
        if (texts.hasUnknown) hasUnknown = true;
      }
      const ladder = 2 * (longest * digitPx + digitPx * 0.8 + 3);
      return hasUnknown ? ladder / (1 - unknownShare) : ladder;
    },
    add(texts, row, { middle, unknownLeft, right, top, height, hair, sellMarked, buyMarked }) {
      const y = Math.round(top + height / 2 + sizePx * pixelRatio * 0.36);
      const aside = Math.round(digitPx * pixelRatio * 0.8);
      const [sellText, buyText, unknownText] = [texts.sell[row]!, texts.buy[row]!, texts.unknown[row]!];
      (sellMarked ? bold.sell : sellText === '0' ? zeroSell : sell).add(sellText, middle - aside, y);
      (buyMarked ? bold.buy : buyText === '0' ? zeroBuy : buy).add(buyText, middle + hair + aside, y);
      times.add('×', middle + hair / 2, y);
      if (unknownText !== '' && unknownText.length * digitPx * pixelRatio + 2 * hair <= right - unknownLeft) {
        unknown.add(unknownText, Math.round((unknownLeft + right) / 2), y);
      }
    },
    draw({ context }, theme) {
      const [plain, strong] = [fontOf(500, theme), fontOf(700, theme)];
      context.textBaseline = 'alphabetic';
      times.draw(context, plain, theme.mutedText, 'center');
      unknown.draw(context, plain, theme.text, 'center');
      zeroSell.draw(context, plain, theme.mutedText, 'right');
      zeroBuy.draw(context, plain, theme.mutedText, 'left');
      sell.draw(context, plain, theme.text, 'right');
      buy.draw(context, plain, theme.text, 'left');
      bold.sell.draw(context, strong, theme.textOnMark, 'right');
      bold.buy.draw(context, strong, theme.textOnMark, 'left');
    },
  };
}

function textsOf({ bar, grid }: FootprintLadder, { formatLots }: Readonly<FootprintSeriesOptions>): LadderTexts {
  const sell = bar.rows.map((row) => formatLots(row.sellLots, grid));
  const buy = bar.rows.map((row) => formatLots(row.buyLots, grid));
  const unknown = bar.rows.map((row) => (row.unknownLots > 0 ? formatLots(row.unknownLots, grid) : ''));
  let longest = 0;
  for (const text of sell) longest = Math.max(longest, text.length);
  for (const text of buy) longest = Math.max(longest, text.length);
  return { sell, buy, unknown, longest, hasUnknown: unknown.some((text) => text !== '') };
}
