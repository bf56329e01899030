/** One axis of a grid, prices or sizes: decimals counted in whole steps, and back. */
import { OrderflowError } from '../../errors.ts';
import type { ExactInt } from '../../exact.ts';
import type { DecimalInput } from '../../market.ts';
import { formatScaled, parseDecimal, powersOfTen, scaleTo } from '../numbers/decimal-literal.ts';
import { excerpt } from '../shared/excerpt.ts';

/** The two neighbours on the grid that a value lies between. */
export interface Bracket {
  /** The last step at or below the value. */
  readonly low: bigint;
  /** The first step above {@link Bracket.low}. */
  readonly high: bigint;
  /** `value − low` as an integer over `10^scale`; 0 when the value is on the grid. */
  readonly rest: bigint;
  /** `high − low`, likewise. */
  readonly gap: bigint;
  readonly scale: number;
  /** True when `low` is an even multiple of the step that holds there. */
  readonly lowIsEven: boolean;
}

/** Decimals counted in whole steps. */
export interface Axis {
  /** The step in canonical form. */
  readonly step: string;
  readonly mantissa: bigint;
  readonly scale: number;
  /** Steps of a value, the quick way; NaN where only {@link Axis.bracket} can tell. */
  readonly quickSteps: (value: DecimalInput) => number;
  /** Throws `bad-decimal` for what is no decimal. */
  readonly bracket: (value: DecimalInput) => Bracket;
  /** Steps of a value that is on the grid. Throws `bad-decimal`, `off-grid` or `out-of-range`. */
  readonly toSteps: (value: DecimalInput) => number;
  readonly format: (steps: ExactInt) => string;
}

/** Finer than the smallest unit of any coin (10^−18 for Ether) by far; keeps the digits of every value bounded. */
const MAX_STEP_DECIMALS = powersOfTen.length - 1;
/** Powers of ten up to this one are doubles. */
const MAX_EXACT_POWER = 22;

/**
 * An axis with one step everywhere.
 * @throws {@link OrderflowError} `bad-option` when the step is not a positive decimal.
 */
export function createAxis(option: 'tickSize' | 'lotSize', what: 'price' | 'size', size: DecimalInput): Axis {
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
  // A step beyond the safe integers divides no safe integer but 0.
  const divisor = mantissa <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(mantissa) : NaN;
  const power = scale <= MAX_EXACT_POWER ? powersOfTen[scale]! : NaN;

  /** Steps of so many units of 10^−scale. */
  const stepsOf = (scaled: number): number => {
    if (divisor === 1) return scaled;
    // Below 2^53 a quotient that is no integer lies at least 1/step from one, which is more than half an ulp:
    // division never rounds it to an integer, so an integer here is exact.
    const steps = scaled / divisor;
    return Number.isInteger(steps) ? steps : NaN;
  };

  const quickNumber = (value: number): number => {
    // Decimals of up to 15 digits are told apart by their doubles, so the one that has this double is its shortest
    // literal. 10^15 and more, and powers that are no doubles (NaN), fail a comparison.
    const scaled = Math.round(value * power);
    return Math.abs(scaled) < 1e15 && scaled / power === value ? stepsOf(scaled) + 0 : NaN;
  };

  const quickSteps = (value: DecimalInput): number => {
    if (typeof value === 'string') {
      const scaled = scaleTo(value, scale);
      if (scaled >= 0) return stepsOf(scaled);
      const magnitude = value.charCodeAt(0) === 45 ? scaleTo(value, scale, 1) : -1;
      return magnitude >= 0 ? 0 - stepsOf(magnitude) : NaN;
    }
    return typeof value === 'number' ? quickNumber(value) : NaN;
  };

  const bracket = (value: DecimalInput): Bracket => {
    const literal = requireDecimal(what, value);
    const common = Math.max(scale, literal.scale);
    const numerator = literal.mantissa * 10n ** BigInt(common - literal.scale);
    const gap = mantissa * 10n ** BigInt(common - scale);
    let low = numerator / gap;
    if (low * gap > numerator) low -= 1n;
    return { low, high: low + 1n, rest: numerator - low * gap, gap, scale: common, lowIsEven: low % 2n === 0n };
  };

  const steadySteps = (value: DecimalInput): number => {
    const steps = quickSteps(value);
    if (!Number.isNaN(steps)) return steps;
    const { low, rest } = bracket(value);
    if (rest === 0n) return requireSafe(what, value, low, `${option} ${step}`);
    throw new OrderflowError(
      'off-grid',
      `${what} ${excerpt(value)} is not a multiple of ${option} ${step}. Check the instrument's ${option}.`,
      value,
    );
  };

  return {
    step,
    mantissa,
    scale,
    quickSteps,
    bracket,
    toSteps(value) {
      // Nearly every literal of a tape ends here; so short, it becomes a part of its caller.
      const scaled = typeof value === 'string' && divisor === 1 ? scaleTo(value, scale) : -1;
      return scaled >= 0 ? scaled : steadySteps(value);
    },
    format: (steps) => formatScaled(BigInt(steps) * mantissa, scale),
  };
}

/** The steps as a number, refused where one cannot hold them. */
export function requireSafe(what: string, value: unknown, steps: bigint, step: string): number {
  const number = Number(steps);
  if (Number.isSafeInteger(number)) return number;
  throw new OrderflowError(
    'out-of-range',
    `${what} ${excerpt(value)} is more than ${Number.MAX_SAFE_INTEGER} steps of ${step}.`,
    value,
  );
}

function requireDecimal(what: string, value: DecimalInput): { readonly mantissa: bigint; readonly scale: number } {
  const literal = parseDecimal(value);
  if (literal) return literal;
  throw new OrderflowError(
    'bad-decimal',
    `${what} ${excerpt(value)} is not a decimal number. Pass a literal such as '2683.80'.`,
    value,
  );
}
