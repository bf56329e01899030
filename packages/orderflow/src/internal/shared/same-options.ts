import { OrderflowError } from '../../errors.ts';
import { snapshotDifference } from '../../snapshot-difference.ts';
import { excerpt } from './excerpt.ts';

/**
 * Refuses options that differ from those a snapshot was made with: the state would go on under another meaning. Their
 * fields may come in any order.
 * @throws {@link OrderflowError} `bad-snapshot`.
 */
export function requireSameOptions(kind: string, stored: unknown, given: unknown): void {
  const path = snapshotDifference(plain(stored), plain(given));
  if (path === undefined) return;
  throw new OrderflowError(
    'bad-snapshot',
    `snapshot of "${kind}" was made with ${path || 'options'} ${shown(stored, path)}, not with ${shown(given, path)}. ` +
      `Restore with the options that it was made with.`,
    given,
  );
}

/** As JSON holds it: without undefined fields, and null for an infinity. */
function plain(options: unknown): unknown {
  return options === undefined ? undefined : (JSON.parse(JSON.stringify(options)) as unknown);
}

function shown(options: unknown, path: string): string {
  let value = options;
  for (const key of path === '' ? [] : path.split('.')) value = (value as Record<string, unknown> | undefined)?.[key];
  return value === undefined ? 'nothing' : excerpt(typeof value === 'object' ? JSON.stringify(value) : value);
}
