import { addExact, divideExact, multiplyExact, subtractExact } from '../../exact.ts';
import type { ExactInt } from '../../exact.ts';

/** `numerator ÷ denominator` to the nearest double (within one step beyond 2^53); `undefined` over an empty total. */
export function ratioOf(numerator: ExactInt, denominator: ExactInt): number | undefined {
  if (denominator === 0 || denominator === 0n) return undefined;
  if (typeof numerator === 'number' && typeof denominator === 'number') return numerator / denominator + 0;
  return Number(divideExact(numerator, denominator, 17));
}

/** `(a − b) ÷ (a + b)` in floating point; `undefined` when both are empty. */
export function balanceOf(a: ExactInt, b: ExactInt): number | undefined {
  return ratioOf(subtractExact(a, b), addExact(a, b));
}

/** {@link balanceOf} as a decimal string of 16 significant digits, rounded half to even. */
export function balanceExactOf(a: ExactInt, b: ExactInt): string | undefined {
  const total = addExact(a, b);
  return total === 0 ? undefined : divideExact(subtractExact(a, b), total);
}

/** The magnitude of an exact integer. */
export function absExact(value: ExactInt): ExactInt {
  return value < 0 ? multiplyExact(value, -1) : value;
}
