import { runPart, type HousecleaningOptions, type SanityReport } from '@tapekit/housecleaning/housecleaning';
import type { Cell } from '@tapekit/housecleaning/keys';

/** The report of cells that nobody worked on, or whose worker was lost: nothing is changed, and the reason is told. */
export function partOfLost(
  options: HousecleaningOptions,
  cells: readonly Cell[],
  reason: unknown,
): Promise<SanityReport> {
  return runPart({ ...options, cells, ...(cells.length === 0 ? {} : { signal: AbortSignal.abort(reason) }) });
}
