import { isDayClosed, latestDate, utcDay, type MarketDay } from '../days.ts';
import { parseRawCell, rawPrefix, type Cell } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import type { ForeignTally } from './foreign.ts';
import { listPages } from './listing.ts';
import { readStopped } from './quarantine.ts';
import { housecleaningDefaults } from './run-types.ts';

/** Which cells {@link listCells} lists. */
export interface ListCellsOptions {
  readonly store: Pick<ObjectStore, 'list'>;
  /** The time of the run, epoch ms UTC. */
  readonly nowMs: number;
  /** @defaultValue the UTC day */
  readonly day?: MarketDay;
  /** @defaultValue 6 hours */
  readonly graceMs?: number;
  /** Counts what no run touches on the way, for the report: pass what it found to `finishParts`. */
  readonly foreign?: ForeignTally;
  readonly signal?: AbortSignal;
}

/**
 * Every symbol and day that has a raw object and is over, in the order of their keys: what a run without `cells` would
 * look at, for those who share it out.
 *
 * @throws HousecleaningError `bad-listing`
 */
export async function* listCells(options: ListCellsOptions): AsyncGenerator<Cell, void, undefined> {
  const { store, nowMs, day = utcDay, graceMs = housecleaningDefaults.graceMs, foreign, signal } = options;
  for await (const cell of scanCells(store, latestDate(nowMs, day), foreign, signal)) {
    if (isDayClosed(cell.date, day, nowMs, graceMs)) yield cell;
  }
}

/**
 * Cells in quarantine that are not among the others. They may have no raw object left, and yet every run shows them until
 * somebody has looked.
 */
export async function findStoppedBeside(
  store: Pick<ObjectStore, 'get'>,
  quarantined: Iterable<string>,
  others: readonly Cell[],
  signal: AbortSignal | undefined,
): Promise<readonly Cell[]> {
  const seen = new Set(others.map(({ symbol, date }) => `${symbol}/${date}`));
  return readStopped(
    store,
    [...quarantined].filter((name) => !seen.has(name)),
    signal,
  );
}

/**
 * The cells of all raw objects, each once; what belongs to none is counted. Only the last cell is kept: a store may hold
 * more raw objects than a memory.
 */
export async function* scanCells(
  store: Pick<ObjectStore, 'list'>,
  latest: string,
  foreign: ForeignTally | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Cell, void, undefined> {
  let last: Cell | undefined;
  for await (const page of listPages(store, rawPrefix, signal, foreign?.addStray)) {
    for (const { key } of page) {
      const cell = parseRawCell(key, latest);
      if (cell === undefined) foreign?.addKey(key);
      if (cell === undefined || (cell.symbol === last?.symbol && cell.date === last.date)) continue;
      last = cell;
      yield cell;
    }
  }
}
