/** Which row of a ladder a price belongs to. */
import { FootprintError } from '../errors.ts';

/**
 * How a price finds its row of `rowTicks`, which is named by row number × `rowTicks`:
 * - `floor`: the row that starts at or below it; the name is the lower edge;
 * - `half-even`: the nearest row, of two equally near ones the even; the name is the middle (freqtrade);
 * - `ceil`: the row that ends at or above it; the name is the upper edge (py-market-profile).
 */
export type RowRule = 'floor' | 'half-even' | 'ceil';

/** Row number of a price, never −0. A quotient of safe integers never rounds over a whole number. */
export function rowOf(priceTicks: number, rowTicks: number, rule: RowRule): number {
  if (rule === 'ceil') return Math.ceil(priceTicks / rowTicks) + 0;
  const below = Math.floor(priceTicks / rowTicks) + 0;
  if (rule === 'floor') return below;
  // `below * rowTicks` may lie beyond the safe integers; the remainder does not.
  const remainder = priceTicks % rowTicks;
  const over = remainder < 0 ? remainder + rowTicks : remainder;
  const upper = rowTicks - over;
  return over > upper || (over === upper && below % 2 !== 0) ? below + 1 : below;
}

export function checkRowRule(rule: string): void {
  if (rule === 'floor' || rule === 'half-even' || rule === 'ceil') return;
  throw new FootprintError('bad-option', `rowRule "${rule}" is unknown. Pass 'floor', 'half-even' or 'ceil'.`, rule);
}

export function checkRowTicks(rowTicks: number): void {
  if (Number.isSafeInteger(rowTicks) && rowTicks > 0) return;
  throw new FootprintError('bad-option', `rowTicks "${rowTicks}" is not a whole number of at least 1.`, rowTicks);
}
