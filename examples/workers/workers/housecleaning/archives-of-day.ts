import type { Cell } from '@tapekit/housecleaning/keys';
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import { listArchivedCells } from '@tapekit/housecleaning/restore';

/**
 * Archives to prove on a day, so that each has its turn: a run looks at cells with raw objects, and nobody would miss an
 * archive without them. There are as many turns as it takes for `perDay` archives or fewer on average, a power of two, so
 * that more archives only split the turns.
 *
 * @param day - number of the day; the turns follow each other
 * @returns an archive that is gone too, as long as anything tells that there was one
 */
export async function archivesOfDay(
  store: Pick<ObjectStore, 'list'>,
  day: number,
  perDay: number,
): Promise<readonly Cell[]> {
  if (perDay === 0) return [];
  const cells: Cell[] = [];
  for await (const { symbol, date } of listArchivedCells(store)) cells.push({ symbol, date });
  let turns = 1;
  while (cells.length > turns * perDay) turns *= 2;
  return cells.filter((cell) => turnOf(cell) % turns === day % turns);
}

/** FNV-1a, the same wherever and whenever it is asked. */
function turnOf({ symbol, date }: Cell): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(`${symbol}/${date}`)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
