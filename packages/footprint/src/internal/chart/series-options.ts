/** What the footprint series draws, and in which colours. */
import type { ExactInt } from '@tapekit/orderflow/exact';
import type { Grid } from '@tapekit/orderflow/grid';
import { customSeriesDefaultOptions, type CustomSeriesOptions } from 'lightweight-charts';
import type { FootprintDetail } from './detail.ts';
import { lightTheme, type FootprintTheme } from './theme.ts';

/** Options of the footprint series; change them with `series.applyOptions`. */
export interface FootprintSeriesOptions extends CustomSeriesOptions {
  /**
   * Colours and font.
   * @defaultValue lightTheme
   */
  theme: FootprintTheme;
  /**
   * The most that is drawn, however far one zooms in.
   * @defaultValue 'numbers'
   */
  maxDetail: FootprintDetail;
  /**
   * What the intensity of a cell says: the volume of its side, or the delta of the row in the colour of the side that won.
   * @defaultValue 'volume'
   */
  shading: 'volume' | 'delta';
  /**
   * What full intensity is: the largest cell of the bars in view, or that of each bar.
   * @defaultValue 'view'
   */
  shadeScope: 'view' | 'bar';
  /**
   * The candle beside the cells.
   * @defaultValue true
   */
  candles: boolean;
  /**
   * The outline of the point of control.
   * @defaultValue true
   */
  poc: boolean;
  /**
   * The lines at the upper and lower end of the value area.
   * @defaultValue true
   */
  valueArea: boolean;
  /**
   * Strong colour on cells with an imbalance.
   * @defaultValue true
   */
  imbalances: boolean;
  /**
   * Bands of stacked imbalances.
   * @defaultValue true
   */
  zones: boolean;
  /**
   * How many bars a band reaches to the right at most; it ends before the first bar that trades in it. With 0 bands
   * stay at their own bar.
   * @defaultValue 50
   */
  zoneBars: number;
  /**
   * Marks beyond a high or low whose auction was left unfinished.
   * @defaultValue false
   */
  unfinishedAuctions: boolean;
  /**
   * The figure of a cell.
   * @defaultValue the exact size when it is short, as 12345 and 12.5 are, else three significant digits and k, M or B
   */
  formatLots: (lots: ExactInt, grid: Grid) => string;
}

/** The defaults of {@link FootprintSeriesOptions}. */
export const footprintSeriesDefaults: Readonly<FootprintSeriesOptions> = {
  ...customSeriesDefaultOptions,
  // A line at the last price would run through the figures of the last bar; the label on the axis stays.
  priceLineVisible: false,
  theme: lightTheme,
  maxDetail: 'numbers',
  shading: 'volume',
  shadeScope: 'view',
  candles: true,
  poc: true,
  valueArea: true,
  imbalances: true,
  zones: true,
  zoneBars: 50,
  unfinishedAuctions: false,
  formatLots: (lots, grid) => shortDecimal(grid.formatSize(lots)),
};

/** A decimal of at most five characters: whole numbers of five digits, else three significant digits, rounded. */
export function shortDecimal(decimal: string): string {
  if (decimal.length <= (decimal.includes('.') ? 4 : 5)) return decimal;
  const value = Number(decimal);
  const size = Math.abs(value);
  // 999.5 rounds to 1000, which is 1k.
  for (const [unit, suffix] of [
    [1e9, 'B'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (size >= unit * 0.9995) return threeDigits(value / unit) + suffix;
  }
  if (size >= 0.01) return threeDigits(value);
  return size >= 0.0005 ? value.toFixed(3) : '~0';
}

function threeDigits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}
