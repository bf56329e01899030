/**
 * The exact grid: decimal literals become integers once, at the edge, and come back as decimal strings.
 *
 * A literal is read digit by digit; no binary fraction is ever involved, so `'0.1'` on a tick of `0.1` is 1 tick and
 * `'0.30000000000000004'` is refused. Signs, leading zeros, exponents up to four digits and fractions of any length are
 * read, 400 characters in all; numbers are read by their shortest literal, so `0.1` is 0.1.
 *
 * For values that lie off the grid and are wanted all the same see `off-grid`; for ticks that change with the price,
 * `price-bands`.
 */
import type { ExactInt } from './exact.ts';
import type { DecimalInput } from './market.ts';
import { formatScaled } from './internal/numbers/decimal-literal.ts';
import { createAxis } from './internal/grid/grid-axis.ts';

/** How prices and sizes of one instrument are counted. */
export interface GridOptions {
  /** Smallest price step, as a decimal literal, for example `'0.01'`. */
  readonly tickSize: DecimalInput;
  /** Smallest size step, as a decimal literal, for example `'0.0001'`. */
  readonly lotSize: DecimalInput;
}

/** A price and size grid. Made by {@link createGrid}; stateless and safe to share. */
export interface Grid {
  /** The price step in canonical form, for example `'0.01'`. */
  readonly tickSize: string;
  /** The size step in canonical form. */
  readonly lotSize: string;
  /**
   * Price to whole ticks.
   * @throws {@link OrderflowError} `bad-decimal`, `off-grid` or `out-of-range`.
   */
  toTicks(price: DecimalInput): number;
  /**
   * Size to whole lots.
   * @throws {@link OrderflowError} `bad-decimal`, `off-grid` or `out-of-range`.
   */
  toLots(size: DecimalInput): number;
  /**
   * Ticks to a canonical decimal string: no exponent, no trailing zeros.
   * @throws RangeError of the language when the ticks are no integer, as all three formats do.
   */
  formatPrice(ticks: ExactInt): string;
  /** Lots to a canonical decimal string. */
  formatSize(lots: ExactInt): string;
  /** A sum of ticks × lots to a canonical decimal string in quote currency. */
  formatValue(tickLots: ExactInt): string;
}

/**
 * A grid with the given steps.
 *
 * @example
 * ```ts
 * const grid = createGrid({ tickSize: '0.01', lotSize: '0.0001' });
 * grid.toTicks('2683.80000000'); // => 268380
 * grid.formatPrice(268380); // => '2683.8'
 * ```
 * @throws {@link OrderflowError} `bad-option` when a step is not a positive decimal.
 */
export function createGrid(options: GridOptions): Grid {
  const tick = createAxis('tickSize', 'price', options.tickSize);
  const lot = createAxis('lotSize', 'size', options.lotSize);
  return {
    tickSize: tick.step,
    lotSize: lot.step,
    toTicks: tick.toSteps,
    toLots: lot.toSteps,
    formatPrice: tick.format,
    formatSize: lot.format,
    formatValue: (tickLots) => formatScaled(BigInt(tickLots) * tick.mantissa * lot.mantissa, tick.scale + lot.scale),
  };
}
