import { OrderflowError } from '../../errors.ts';
import { excerpt } from './excerpt.ts';

/**
 * Refuses a snapshot that another module, or a version that is not read here, has made.
 * @throws {@link OrderflowError} `bad-snapshot`.
 */
export function requireSnapshot(snapshot: object, kind: string): void {
  // Snapshots come back from storage, so the static type is a claim, not a fact.
  const { v, kind: found } = (snapshot as { v?: unknown; kind?: unknown } | null | undefined) ?? {};
  if (v === 1 && found === kind) return;
  throw new OrderflowError(
    'bad-snapshot',
    `snapshot has kind ${excerpt(found)} and version ${excerpt(v)}, expected "${kind}" version 1. ` +
      `Pass what snapshot() of the same module returned.`,
    snapshot,
  );
}
