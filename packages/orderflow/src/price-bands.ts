/**
 * Prices whose tick changes with the price (IDX fraksi harga, tick tables of other venues), exact.
 *
 * Two integers say where a price is, and they are not to be mixed:
 *
 * - **ticks** of the finest tick: linear in price. That is what {@link PriceBands.toTicks} gives, so bands are a `Grid`
 *   and go wherever one is asked for (books, bars, VWAP, VAMP: sums of ticks × lots are right). Off-band prices are
 *   refused like all that is off a grid.
 * - **steps** of the ladder: {@link PriceBands.toStep} counts legal prices, one up for each, also over a border between
 *   bands. For rows of a ladder and distances between levels; never multiply or average them, they are not linear.
 */
import { OrderflowError } from './errors.ts';
import { createGrid } from './grid.ts';
import type { Grid } from './grid.ts';
import type { DecimalInput } from './market.ts';
import { createBandAxis } from './internal/grid/band-axis.ts';
import type { CanonicalBand, TickBand } from './internal/grid/band-axis.ts';
import { excerpt } from './internal/shared/excerpt.ts';
import { roundedSteps } from './internal/numbers/rounding.ts';
import type { RoundingRule } from './internal/numbers/rounding.ts';

export type { CanonicalBand, TickBand } from './internal/grid/band-axis.ts';
export type { RoundingRule } from './internal/numbers/rounding.ts';

/** Options of {@link createPriceBands}. */
export interface PriceBandsOptions {
  /** The bands, lowest first. The last one has no end. */
  readonly bands: readonly TickBand[];
  /** Smallest size step, as a decimal literal. */
  readonly lotSize: DecimalInput;
}

/** A grid of bands. Made by {@link createPriceBands}; stateless and safe to share. */
export interface PriceBands extends Grid {
  /** The finest tick: the greatest common divisor of all ticks. `toTicks` counts in it. */
  readonly tickSize: string;
  /** The bands, lowest first, in canonical decimals. */
  readonly bands: readonly CanonicalBand[];
  /**
   * Price to whole finest ticks.
   * @throws {@link OrderflowError} `off-grid` when the price is below the first band or not a multiple of its band's
   *   tick; `bad-decimal`, `out-of-range`.
   */
  toTicks(price: DecimalInput): number;
  /**
   * The tick that holds at a price, on the band or not.
   * @throws {@link OrderflowError} `bad-decimal`, or `off-grid` below the first band.
   */
  tickSizeAt(price: DecimalInput): string;
  /** True exactly when {@link PriceBands.toTicks} takes the price. */
  isOnBand(price: DecimalInput): boolean;
  /**
   * How many legal prices lie below this one: the row of a ladder. Two prices are `toStep(a) − toStep(b)` steps apart.
   * @throws {@link OrderflowError} as {@link PriceBands.toTicks}.
   */
  toStep(price: DecimalInput): number;
  /**
   * The price of a step.
   * @throws {@link OrderflowError} `bad-value` when the step is no whole number from 0 on, `out-of-range` beyond
   *   2^53 − 1 ticks.
   */
  formatStep(step: number): string;
  /**
   * {@link PriceBands.toStep} of ticks.
   * @throws {@link OrderflowError} `off-grid` when the ticks are no price of their band.
   */
  stepOfTicks(ticks: number): number;
  /**
   * The ticks of a step.
   * @throws {@link OrderflowError} as {@link PriceBands.formatStep}.
   */
  ticksOfStep(step: number): number;
  /**
   * The next legal price above any price.
   * @throws {@link OrderflowError} `bad-decimal`, or `off-grid` below the first band.
   */
  nextUp(price: DecimalInput): string;
  /**
   * The next legal price below any price; `undefined` at the first one.
   * @throws {@link OrderflowError} `bad-decimal`, or `off-grid` below the first band.
   */
  nextDown(price: DecimalInput): string | undefined;
  /**
   * The legal price that a rule gives; a legal price stays. For the remainder too, see `roundPrice` of `off-grid`.
   * @throws {@link OrderflowError} `bad-decimal`, `off-grid` below the first band, `bad-option` for another rule.
   */
  round(price: DecimalInput, rule: RoundingRule): string;
}

/**
 * Shares on the Indonesia Stock Exchange (fraksi harga, regular market): tick 1 below Rp 200, 2 below 500, 5 below
 * 2,000, 10 below 5,000, 25 from there on; sizes in lots of 100 shares. The floor price of a board (Rp 50 or Rp 1) and
 * the daily limits are no matter of ticks. The special monitoring board trades in steps of Rp 1: use a plain grid.
 */
export const idxPriceBands: PriceBandsOptions = {
  bands: [
    { from: '0', tickSize: '1' },
    { from: '200', tickSize: '2' },
    { from: '500', tickSize: '5' },
    { from: '2000', tickSize: '10' },
    { from: '5000', tickSize: '25' },
  ],
  lotSize: '100',
};

/**
 * A grid whose tick changes with the price.
 *
 * @example
 * ```ts
 * const idx = createPriceBands(idxPriceBands);
 * idx.tickSizeAt('1995'); // => '5'
 * idx.isOnBand('201'); // => false
 * idx.nextUp('1995'); // => '2000'
 * idx.nextUp('2000'); // => '2010'
 * idx.toStep('204') - idx.toStep('198'); // => 4
 * idx.toTicks('204') - idx.toTicks('198'); // => 6
 * idx.round('201', 'nearest'); // => '200'
 * ```
 * @throws {@link OrderflowError} `bad-option` when there is no band, a `from` is negative, does not ascend or is no
 *   multiple of its tick, or a step is no positive decimal.
 */
export function createPriceBands(options: PriceBandsOptions): PriceBands {
  const axis = createBandAxis(options.bands);
  const grid = createGrid({ tickSize: axis.step, lotSize: options.lotSize });
  const { counted } = axis;

  const stepOfTicks = (ticks: number): number => {
    requireWholeNumber('ticks', ticks);
    if (!axis.isLegal(ticks)) throw axis.offBand(grid.formatPrice(ticks), ticks);
    const band = counted[axis.bandAt(ticks)]!;
    return band.steps + (ticks - band.from) / band.tick;
  };

  const ticksOfStep = (step: number): number => {
    requireWholeNumber('step', step);
    const band = counted.findLast(({ steps }) => steps <= step);
    if (!band) throw badValue('step', step, 'a whole number from 0 on');
    const ticks = band.from + (step - band.steps) * band.tick;
    if (Number.isSafeInteger(ticks)) return ticks;
    throw new OrderflowError(
      'out-of-range',
      `step ${excerpt(step)} is more than ${Number.MAX_SAFE_INTEGER} ticks of ${axis.step}.`,
      step,
    );
  };

  return {
    ...grid,
    bands: axis.bands,
    toTicks: axis.toSteps,
    tickSizeAt: (price) => axis.bands[axis.bandAt(axis.bracket(price).low)]!.tickSize,
    isOnBand(price) {
      if (!Number.isNaN(axis.quickSteps(price))) return true;
      try {
        axis.toSteps(price);
        return true;
      } catch (error) {
        if (error instanceof OrderflowError) return false;
        throw error;
      }
    },
    toStep: (price) => stepOfTicks(axis.toSteps(price)),
    formatStep: (step) => grid.formatPrice(ticksOfStep(step)),
    stepOfTicks,
    ticksOfStep,
    nextUp: (price) => grid.formatPrice(axis.bracket(price).high),
    nextDown(price) {
      const { low, rest } = axis.bracket(price);
      if (rest > 0n) return grid.formatPrice(low);
      if (low === BigInt(counted[0]!.from)) return undefined;
      return grid.formatPrice(axis.bracket(grid.formatPrice(low - 1n)).low);
    },
    round: (price, rule) => grid.formatPrice(roundedSteps(axis.bracket(price), rule)),
  };
}

function requireWholeNumber(what: string, value: number): void {
  if (!Number.isSafeInteger(value)) throw badValue(what, value, 'a whole number');
}

function badValue(what: string, value: unknown, expected: string): OrderflowError {
  return new OrderflowError(
    'bad-value',
    `${what} ${excerpt(value)} is not ${expected}. Pass what this grid gave.`,
    value,
  );
}
