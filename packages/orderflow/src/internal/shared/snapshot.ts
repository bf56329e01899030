import { isOrderflowError, OrderflowError } from '../../errors.ts';
import { snapshotDifference } from '../../snapshot-difference.ts';
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

/**
 * The reducer that a snapshot was taken of. What comes back from storage is only believed when the restored reducer has
 * the very same snapshot: a damaged or hand-edited one is refused here, not found out by a wrong number later.
 * @throws {@link OrderflowError} `bad-snapshot`, or `bad-option` as `make` does.
 */
export function restored<Reducer extends { snapshot(): object }>(
  snapshot: object,
  kind: string,
  make: () => Reducer,
): Reducer {
  requireSnapshot(snapshot, kind);
  let path: string | undefined = 'it';
  try {
    const reducer = make();
    path = snapshotDifference(snapshot, reducer.snapshot());
    if (path === undefined) return reducer;
  } catch (error) {
    if (isOrderflowError(error, 'bad-snapshot') || isOrderflowError(error, 'bad-option')) throw error;
  }
  throw new OrderflowError(
    'bad-snapshot',
    `snapshot of "${kind}" is damaged: ${path} is not what snapshot() of this module gives. ` +
      `Pass it unchanged, as it was stored.`,
    snapshot,
  );
}
