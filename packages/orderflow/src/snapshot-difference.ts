/** Telling whether a stored snapshot came back whole: for reducers of one's own, under the same contract as these. */

/**
 * The path of the first value in which a snapshot differs from the one that the reducer restored from it gives, or
 * `undefined` when they are the same. Keys may come in any order; a number that is not finite is never the same.
 *
 * @example
 * ```ts
 * snapshotDifference({ v: 1, rows: [[7, 3]] }, { rows: [[7, 4]], v: 1 }); // => 'rows.0.1'
 * snapshotDifference({ v: 1 }, { v: 1 }); // => undefined
 * ```
 * @param given - What came back from storage; any JSON.
 * @param own - What `snapshot()` of the restored reducer gives.
 */
export function snapshotDifference(given: unknown, own: unknown): string | undefined {
  return differenceAt('', given, own);
}

function differenceAt(path: string, given: unknown, own: unknown): string | undefined {
  if (typeof own !== 'object' || own === null || typeof given !== 'object' || given === null) {
    return given === own && (typeof own !== 'number' || Number.isFinite(own)) ? undefined : path;
  }
  if (Array.isArray(given) !== Array.isArray(own)) return path;
  if (Array.isArray(given) && Array.isArray(own) && given.length !== own.length) return path;
  for (const key of new Set([...Object.keys(given), ...Object.keys(own)])) {
    const [a, b] = [(given as Record<string, unknown>)[key], (own as Record<string, unknown>)[key]];
    const difference = differenceAt(path === '' ? key : `${path}.${key}`, a, b);
    if (difference !== undefined) return difference;
  }
  return undefined;
}
