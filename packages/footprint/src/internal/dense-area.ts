/** Point of control and value area over the volumes of consecutive rows, the first and the last of which traded. */
import type { ValueAreaRule } from './value-area.ts';

/** Rows by index: the point of control, and the inclusive ends of the value area, which are rows that traded. */
export interface DenseArea {
  poc: number;
  low: number;
  high: number;
}

/** Writes the area of the first `rows` volumes, whose sum is `total`; the rules of `valueAreaOf` over sparse rows. */
export function denseArea(
  volumes: Float64Array,
  rows: number,
  total: number,
  { numerator, denominator, method }: ValueAreaRule,
  area: DenseArea,
): void {
  const poc = densePoc(volumes, rows);
  const target = targetOf(total, numerator, denominator);
  const step = method === 'one-row' ? 1 : 2;
  let low = poc;
  let high = poc;
  let volume = volumes[poc]!;
  while (volume < target && (low > 0 || high < rows - 1)) {
    let up = 0;
    for (let i = high + 1; i <= high + step && i < rows; i += 1) up += volumes[i]!;
    let down = 0;
    for (let i = low - 1; i >= low - step && i >= 0; i -= 1) down += volumes[i]!;
    if (low === 0 || (high < rows - 1 && up >= down)) {
      high = Math.min(high + step, rows - 1);
      volume += up;
    } else {
      low = Math.max(low - step, 0);
      volume += down;
    }
  }
  while (volumes[high] === 0) high -= 1;
  while (volumes[low] === 0) low += 1;
  area.poc = poc;
  area.low = low;
  area.high = high;
}

/** Most volume; among equals the nearest to the middle, then the lower. */
function densePoc(volumes: Float64Array, rows: number): number {
  let best = 0;
  let most = volumes[0]!;
  for (let i = 1; i < rows; i += 1) {
    const volume = volumes[i]!;
    if (volume < most) continue;
    if (volume > most || Math.abs(2 * i - rows + 1) < Math.abs(2 * best - rows + 1)) {
      best = i;
      most = volume;
    }
  }
  return best;
}

/** The smallest whole volume with `volume × denominator ≥ total × numerator`. */
function targetOf(total: number, numerator: number, denominator: number): number {
  const product = total * numerator;
  // Below 2^53 a quotient that is no whole number lies further from one than the division can round.
  if (product <= Number.MAX_SAFE_INTEGER) return Math.ceil(product / denominator);
  return Number((BigInt(total) * BigInt(numerator) + BigInt(denominator) - 1n) / BigInt(denominator));
}
