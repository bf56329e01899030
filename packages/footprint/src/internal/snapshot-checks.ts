/** Refusing snapshots that another module, another version, or other options made, and damaged ones. */
import { snapshotDifference } from '@tapekit/orderflow/snapshot-difference';
import { FootprintError, isFootprintError } from '../errors.ts';

/** @throws FootprintError `bad-snapshot` for what is no snapshot of this kind and version 1. */
export function requireSnapshot(kind: string, snapshot: object): void {
  // Snapshots come back from storage, so the static type is a claim, not a fact.
  const { v, kind: found } = (snapshot as { v?: unknown; kind?: unknown } | null | undefined) ?? {};
  if (v === 1 && found === kind) return;
  throw new FootprintError(
    'bad-snapshot',
    `Snapshot of kind "${String(found)}" and version "${String(v)}" cannot be read, expected "${kind}" version 1.`,
    snapshot,
  );
}

/** @throws FootprintError `bad-snapshot` for the first of the options that the snapshot was not made with. */
export function requireSameOptions<Name extends string>(
  stored: Readonly<Record<Name, number | string | boolean>>,
  options: Readonly<Record<Name, number | string | boolean>>,
  names: readonly Name[],
): void {
  for (const name of names) {
    if (stored[name] === options[name]) continue;
    throw new FootprintError(
      'bad-snapshot',
      `Snapshot has ${name} "${stored[name]}", the options have "${options[name]}". Restore with the options it was made with.`,
      stored[name],
    );
  }
}

/**
 * @param options - Plain data; its fields may come in any order.
 * @throws FootprintError `bad-snapshot`.
 */
export function checkSnapshotOf(kind: string, snapshot: { readonly options: unknown }, options: unknown): void {
  requireSnapshot(kind, snapshot);
  const [made, asked] = [JSON.stringify(snapshot.options), JSON.stringify(options)];
  if (snapshotDifference(snapshot.options, options) === undefined) return;
  throw new FootprintError(
    'bad-snapshot',
    `Snapshot of "${kind}" was made with the options ${made}, not with ${asked}. Restore with the options it was made with.`,
    snapshot.options,
  );
}

/**
 * The reducer that a snapshot was taken of. What comes back from storage is only believed when the restored reducer has
 * the very same snapshot: a damaged or hand-edited one is refused here, not found out by a wrong number later.
 * @throws FootprintError `bad-snapshot`, or `bad-option` as `make` does.
 */
export function restored<Reducer extends { snapshot(): object }>(
  kind: string,
  snapshot: object,
  make: () => Reducer,
): Reducer {
  requireSnapshot(kind, snapshot);
  let path = 'it';
  try {
    const reducer = make();
    const difference = snapshotDifference(snapshot, reducer.snapshot());
    if (difference === undefined) return reducer;
    path = difference;
  } catch (error) {
    if (isFootprintError(error, 'bad-snapshot') || isFootprintError(error, 'bad-option')) throw error;
  }
  throw damaged(kind, path, snapshot);
}

/**
 * Refuses what a restored reducer would carry on with: a list that is too long or out of order, text for a number.
 * @param path - The part that is not sound.
 * @throws FootprintError `bad-snapshot`.
 */
export function requireSound(kind: string, snapshot: object, path: string, isSound: boolean): void {
  if (!isSound) throw damaged(kind, path, snapshot);
}

/** Whether these are counts, as the stats of a snapshot are. */
export function areCounts(counts: object): boolean {
  return Object.values(counts).every((count) => Number.isSafeInteger(count) && (count as number) >= 0);
}

function damaged(kind: string, path: string, snapshot: object): FootprintError {
  return new FootprintError(
    'bad-snapshot',
    `Snapshot of "${kind}" is damaged: ${path} is not what snapshot() of this module gives. Pass it unchanged, as it was stored.`,
    snapshot,
  );
}
