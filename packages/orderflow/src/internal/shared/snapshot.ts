import { isOrderflowError, OrderflowError } from '../../errors.ts';
import { snapshotDifference } from '../../snapshot-difference.ts';
import { excerpt } from './excerpt.ts';
import type { Shape } from './shapes.ts';

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
 * The reducer that a snapshot was taken of. Before what comes back from storage is believed, its parts must be of the
 * `shape` that they are written in, and the restored reducer must have the very same snapshot. So what is missing, of
 * another type, out of its range or from elsewhere is refused here. A number that was changed into another one that could
 * be is not seen: nothing but a checksum of the stored bytes could tell.
 * @throws {@link OrderflowError} `bad-snapshot`, or `bad-option` as `make` does.
 */
export function restored<Reducer extends { snapshot(): object }>(
  snapshot: object,
  kind: string,
  shape: Shape,
  make: () => Reducer,
): Reducer {
  requireSnapshot(snapshot, kind);
  let path: string | undefined = 'it';
  try {
    // What a shape asks of the whole may find options that are none.
    const misshapen = shape(snapshot);
    if (misshapen === undefined) {
      const reducer = make();
      const again = reducer.snapshot();
      const fault = snapshotDifference(snapshot, again) ?? holeIn(again);
      if (fault === undefined) return reducer;
      path = fault;
    } else path = misshapen;
  } catch (error) {
    if (isOrderflowError(error, 'bad-snapshot') || isOrderflowError(error, 'bad-option')) throw error;
  }
  throw new OrderflowError(
    'bad-snapshot',
    `snapshot of "${kind}" is damaged: ${path || 'it'} is not what snapshot() of this module gives. ` +
      `Pass it unchanged, as it was stored.`,
    snapshot,
  );
}

/** The path of what JSON has no word for: a field that was missing comes back as `undefined`. */
function holeIn(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : '';
  if (typeof value !== 'object' || value === null) return value === undefined ? '' : undefined;
  for (const [name, inner] of Object.entries(value)) {
    const hole = holeIn(inner);
    if (hole !== undefined) return hole === '' ? name : `${name}.${hole}`;
  }
  return undefined;
}

/**
 * The options of a snapshot, filled in by `read`.
 * @throws {@link OrderflowError} `bad-snapshot` for options that no module could have been created with.
 */
export function storedOptions<Options, Filled>(read: (options: Options) => Filled, options: Options): Filled {
  try {
    return read(options);
  } catch (error) {
    throw new OrderflowError(
      'bad-snapshot',
      `options of the snapshot are damaged: ${(error as Error).message}`,
      options,
    );
  }
}
