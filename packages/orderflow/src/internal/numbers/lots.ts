import { OrderflowError } from '../../errors.ts';
import type { ExactInt } from '../../exact.ts';
import { excerpt } from '../shared/excerpt.ts';

/**
 * Refuses a size or a sum of sizes that is no whole, unsigned number of lots.
 * @throws {@link OrderflowError} `bad-quote`.
 */
export function requireLots(lots: ExactInt): void {
  if (typeof lots === 'number' ? Number.isSafeInteger(lots) && lots >= 0 : lots >= 0n) return;
  throw new OrderflowError(
    'bad-quote',
    `size ${excerpt(lots)} is not a whole, unsigned number of lots. Put decimals on a grid first, with createGrid.`,
    lots,
  );
}
