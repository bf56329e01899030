/**
 * The exact grid: decimal literals become integers once, at the edge, and come back as decimal strings.
 *
 * A literal is read digit by digit; no binary fraction is ever involved, so `'0.1'` on a tick of `0.1` is 1 tick and
 * `'0.30000000000000004'` is refused.
 */
import { OrderflowError } from './errors.ts';
import type { ExactInt } from './exact.ts';
import type { DecimalInput } from './market.ts';
import { formatScaled, parseDecimal, scaleTo } from './internal/decimal-literal.ts';
import { excerpt } from './internal/excerpt.ts';

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
  /** Ticks to a canonical decimal string: no exponent, no trailing zeros. */
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

/** Finer than the smallest unit of any coin (10^−18 for Ether) by far; keeps the digits of every value bounded. */
const MAX_STEP_DECIMALS = 100;

interface Axis {
  readonly step: string;
  readonly mantissa: bigint;
  readonly scale: number;
  readonly toSteps: (value: DecimalInput) => number;
  readonly format: (steps: ExactInt) => string;
}

function createAxis(option: keyof GridOptions, what: 'price' | 'size', size: DecimalInput): Axis {
  const parsed = parseDecimal(size);
  if (!parsed || parsed.mantissa <= 0n || parsed.scale > MAX_STEP_DECIMALS) {
    throw new OrderflowError(
      'bad-option',
      `${option} ${excerpt(size)} is not a positive decimal of at most ${MAX_STEP_DECIMALS} decimals. ` +
        `Pass the venue's step, for example '0.01'.`,
      size,
    );
  }
  const { mantissa, scale } = parsed;
  const step = formatScaled(mantissa, scale);
  const stepNumber = mantissa <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(mantissa) : undefined;

  const toSteps = (value: DecimalInput): number => {
    if (stepNumber !== undefined && (typeof value === 'string' || typeof value === 'number')) {
      const fast = scaleTo(typeof value === 'string' ? value : String(value), scale);
      if (fast !== undefined) {
        // Below 2^53 a quotient that is no integer lies at least 1/step from one, which is more than half an ulp:
        // division never rounds it to an integer, so an integer here is exact.
        const steps = fast / stepNumber;
        if (Number.isInteger(steps)) return steps;
      }
    }
    return toStepsExactly(value);
  };

  const toStepsExactly = (value: DecimalInput): number => {
    const literal = parseDecimal(value);
    if (!literal) {
      throw new OrderflowError(
        'bad-decimal',
        `${what} ${excerpt(value)} is not a decimal number. Pass a literal such as '2683.80'.`,
        value,
      );
    }
    const common = Math.max(scale, literal.scale);
    const numerator = literal.mantissa * 10n ** BigInt(common - literal.scale);
    const denominator = mantissa * 10n ** BigInt(common - scale);
    if (numerator % denominator !== 0n) {
      throw new OrderflowError(
        'off-grid',
        `${what} ${excerpt(value)} is not a multiple of ${option} ${step}. Check the instrument's ${option}.`,
        value,
      );
    }
    const steps = Number(numerator / denominator);
    if (!Number.isSafeInteger(steps)) {
      throw new OrderflowError(
        'out-of-range',
        `${what} ${excerpt(value)} is more than ${Number.MAX_SAFE_INTEGER} steps of ${option} ${step}.`,
        value,
      );
    }
    return steps;
  };

  return { step, mantissa, scale, toSteps, format: (steps) => formatScaled(BigInt(steps) * mantissa, scale) };
}
