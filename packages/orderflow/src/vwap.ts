/** Volume-weighted prices as exact decimal strings. */
import { divideExact, multiplyExact } from './exact.ts';
import type { ExactInt } from './exact.ts';
import type { Grid } from './grid.ts';
import { parseDecimal } from './internal/numbers/decimal-literal.ts';

/**
 * The volume-weighted average price of exact sums, in price units: 16 significant digits, rounded half to even.
 * `undefined` without volume: nothing traded, so there is no average. With `createPriceBands` pass its ticks, never its
 * steps, which are not linear in price.
 *
 * @param valueTickLots - Σ ticks × lots.
 * @param volumeLots - Σ lots of the same prints.
 * @example
 * ```ts
 * const grid = createGrid({ tickSize: '0.01', lotSize: '1' });
 * // 1 lot at 100.00 and 2 lots at 100.01
 * vwapOf(grid, 10000 * 1 + 10001 * 2, 3); // => '100.0066666666667'
 * ```
 */
export function vwapOf(
  grid: Pick<Grid, 'tickSize'>,
  valueTickLots: ExactInt,
  volumeLots: ExactInt,
): string | undefined {
  if (volumeLots === 0 || volumeLots === 0n) return undefined;
  const tick = parseDecimal(grid.tickSize)!;
  return divideExact(multiplyExact(valueTickLots, tick.mantissa), multiplyExact(volumeLots, 10n ** BigInt(tick.scale)));
}
