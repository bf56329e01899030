import { stageKey, type Cell } from '../keys.ts';

/** Staged copies of one content: more than one only where an earlier one is bad and may not be written again. */
const mostCopies = 10;

/** The keys of the staged copies of one content, in the order in which they are made and tried. */
export function stageKeysOf(cell: Cell, contentSha256: string): readonly string[] {
  return Array.from({ length: mostCopies }, (_, attempt) => stageKey(cell, contentSha256, attempt));
}
