import { OrderflowError } from '../../errors.ts';
import { excerpt } from './excerpt.ts';

/**
 * Refuses options that differ from those a snapshot was made with: the state would go on under another meaning.
 * Compared as JSON, so both sides must be plain data with their fields in the same order.
 * @throws {@link OrderflowError} `bad-snapshot`.
 */
export function requireSameOptions(kind: string, stored: unknown, given: unknown): void {
  const [made, asked] = [JSON.stringify(stored), JSON.stringify(given)];
  if (made === asked) return;
  throw new OrderflowError(
    'bad-snapshot',
    `snapshot of "${kind}" was made with the options ${excerpt(made)}, not with ${excerpt(asked)}. ` +
      `Restore with the options that it was made with.`,
    given,
  );
}
