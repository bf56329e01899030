/** What a run has to do, as its parts pass it on: plain JSON. */
import {
  listCells,
  tallyForeign,
  type ForeignEntries,
  type HousecleaningOptions,
} from '@tapekit/housecleaning/housecleaning';
import type { Cell } from '@tapekit/housecleaning/keys';

/** The cells of a run, and what lies beside them. */
export interface DueCells {
  readonly cells: readonly Cell[];
  /** What no run touches; `undefined` where nobody looked, because the run was given its cells. */
  readonly foreign?: ForeignEntries;
}

/** Lists what is due, once for all parts; what belongs to no cell is counted on the way, for the report. */
export async function listDueCells(options: HousecleaningOptions): Promise<DueCells> {
  if (options.cells) return { cells: [...options.cells] };
  const tally = tallyForeign();
  const cells: Cell[] = [];
  for await (const cell of listCells({ ...options, foreign: tally })) cells.push(cell);
  return { cells, foreign: tally.found() };
}

/** What a run under way remembers. A release before this one remembered its cells alone. */
export function readDueCells(remembered: unknown): DueCells {
  return Array.isArray(remembered) ? { cells: remembered as readonly Cell[] } : (remembered as DueCells);
}
