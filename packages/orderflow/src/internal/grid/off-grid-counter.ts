/** Values moved to a grid by a rule, with an exact account of what was left over. */
import { OrderflowError } from '../../errors.ts';
import type { DecimalInput } from '../../market.ts';
import { createBandAxis } from './band-axis.ts';
import type { CanonicalBand } from './band-axis.ts';
import { formatScaled, parseScaled } from '../numbers/decimal-literal.ts';
import type { DecimalLiteral } from '../numbers/decimal-literal.ts';
import { excerpt } from '../shared/excerpt.ts';
import { createAxis, requireSafe } from './grid-axis.ts';
import type { Axis } from './grid-axis.ts';
import { requireRule, roundedSteps, roundingRules } from '../numbers/rounding.ts';
import type { RoundingRule } from '../numbers/rounding.ts';

/** A {@link RoundingRule}, or `reject`: an off-grid value is an error, as on a plain grid. */
export type OffGridRule = 'reject' | RoundingRule;

/** What was done to the values of one kind so far. */
export interface OffGridCounts {
  /** Values that were given back, on the grid or moved to it. Those that were refused are not in it. */
  readonly values: number;
  /** Values that were moved. */
  readonly adjusted: number;
  /** The farthest that a value was moved, unsigned; decimal string. */
  readonly largestRemainder: string;
  /** Σ (value − what it became), exact; decimal string. Σ values = Σ of what they became + this. */
  readonly totalRemainder: string;
}

export interface OffGridCounter {
  readonly toSteps: (value: DecimalInput) => number;
  readonly counts: () => OffGridCounts;
}

/** A counter of one kind of value, from zero or from where `from` was. */
export function createOffGridCounter(
  what: 'price' | 'size',
  axis: Axis,
  rule: OffGridRule,
  from: OffGridCounts | undefined,
): OffGridCounter {
  requireRule(rule, ['reject', ...roundingRules]);
  let values = from?.values ?? 0;
  let adjusted = from?.adjusted ?? 0;
  let largest = storedDecimal(from?.largestRemainder ?? '0');
  let total = storedDecimal(from?.totalRemainder ?? '0');

  const move = (value: DecimalInput, by: RoundingRule): number => {
    const { steps, remainder } = place(axis, what, value, by);
    const { mantissa, scale } = remainder;
    if (mantissa !== 0n) {
      const distance = { mantissa: mantissa < 0n ? -mantissa : mantissa, scale };
      if (sumOf(distance, { ...largest, mantissa: -largest.mantissa }).mantissa > 0n) largest = distance;
      total = sumOf(total, remainder);
      adjusted += 1;
    }
    return steps;
  };

  return {
    toSteps(value) {
      let steps = axis.quickSteps(value);
      if (Number.isNaN(steps)) steps = rule === 'reject' ? axis.toSteps(value) : move(value, rule);
      values += 1;
      return steps;
    },
    counts: () => ({
      values,
      adjusted,
      largestRemainder: decimalText(largest),
      totalRemainder: decimalText(total),
    }),
  };
}

/** One value on the axis by a rule, and value − what it became. */
export function place(
  axis: Axis,
  what: 'price' | 'size',
  value: DecimalInput,
  rule: RoundingRule,
): { readonly steps: number; readonly remainder: DecimalLiteral } {
  const bracket = axis.bracket(value);
  const steps = roundedSteps(bracket, rule);
  const { low, rest, gap, scale } = bracket;
  return {
    steps: requireSafe(what, value, steps, `${what === 'price' ? 'tickSize' : 'lotSize'} ${axis.step}`),
    remainder: { mantissa: steps === low ? rest : rest - gap, scale },
  };
}

/** The price axis of a grid, with bands or without. */
export function priceAxis(grid: { readonly tickSize: string; readonly bands?: readonly CanonicalBand[] }): Axis {
  return grid.bands ? createBandAxis(grid.bands) : createAxis('tickSize', 'price', grid.tickSize);
}

/** The size axis of a grid. */
export function sizeAxis({ lotSize }: { readonly lotSize: string }): Axis {
  return createAxis('lotSize', 'size', lotSize);
}

/** A remainder as a canonical decimal. */
export function decimalText({ mantissa, scale }: DecimalLiteral): string {
  return formatScaled(mantissa, scale);
}

function sumOf(a: DecimalLiteral, b: DecimalLiteral): DecimalLiteral {
  const scale = Math.max(a.scale, b.scale);
  const mantissa = a.mantissa * 10n ** BigInt(scale - a.scale) + b.mantissa * 10n ** BigInt(scale - b.scale);
  return { mantissa, scale };
}

/** A remainder has as many decimals as the finest value read: up to 9,999 by exponent, and 400 written out. */
const MAX_STORED = 12_000;

function storedDecimal(value: string): DecimalLiteral {
  const literal = typeof value === 'string' && value.length <= MAX_STORED ? parseScaled(value) : undefined;
  if (literal) return literal;
  throw new OrderflowError(
    'bad-snapshot',
    `remainder ${excerpt(value)} is not a decimal. Pass what snapshot() of this module returned.`,
    value,
  );
}
