/** What passes between the messages of a run, below `housecleaning-parts/{run}/`: its cells, and the report of each. */
import { continueReport, type HousecleaningOptions, type SanityReport } from '@tapekit/housecleaning/housecleaning';
import { assertCell, type Cell } from '@tapekit/housecleaning/keys';
import { isObjectStoreError } from '@tapekit/housecleaning/errors';
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import { listDueCells, readDueCells, type DueCells } from './due-cells.ts';

const root = 'housecleaning-parts/';
/** How often a part is put over that of another delivery that was faster. */
const maxPutAttempts = 5;

/** The cells of a run and what lies beside them, listed once. */
export async function rememberCells(options: HousecleaningOptions, runId: string): Promise<DueCells> {
  const known = await readCells(options.store, runId);
  if (known) return known;
  const due = await listDueCells(options);
  try {
    await options.store.put(cellsKey(runId), encode(due), { ifAbsent: true });
    return due;
  } catch (error) {
    if (!isObjectStoreError(error, 'precondition-failed')) throw error;
    return (await readCells(options.store, runId)) ?? due;
  }
}

/** What {@link rememberCells} stored; `undefined` once the run is over. */
export async function readCells(store: ObjectStore, runId: string): Promise<DueCells | undefined> {
  const found = await store.get(cellsKey(runId));
  if (found === undefined) return undefined;
  const due = readDueCells(decode(await found.bytes()));
  due.cells.forEach(assertCell);
  return due;
}

/** Whether a run was begun and is not over. */
export async function isUnderWay(store: ObjectStore, runId: string): Promise<boolean> {
  return (await store.head(cellsKey(runId))) !== undefined;
}

/** Stores the report of a cell, continued where a message came twice: what the first one did is not forgotten. */
export async function putPart(
  store: ObjectStore,
  runId: string,
  cell: Cell,
  report: SanityReport,
): Promise<SanityReport> {
  const key = partKey(runId, cell);
  let tried = '';
  for (let attempt = 1; ; attempt += 1) {
    const found = await store.get(key);
    const before = found && new TextDecoder().decode(await found.bytes());
    // The answer was lost, and the request not: it must not count twice.
    if (before !== undefined && before === tried) return JSON.parse(before) as SanityReport;
    const part = before === undefined ? report : continueReport(JSON.parse(before) as SanityReport, report);
    tried = JSON.stringify(part);
    try {
      await store.put(key, new TextEncoder().encode(tried), found ? { ifMatch: found.etag } : { ifAbsent: true });
      return part;
    } catch (error) {
      if (!isObjectStoreError(error, 'precondition-failed') || attempt === maxPutAttempts) throw error;
    }
  }
}

/** The report of a cell; `undefined` while there is none. */
export async function readPart(store: ObjectStore, runId: string, cell: Cell): Promise<SanityReport | undefined> {
  const found = await store.get(partKey(runId, cell));
  return found && (decode(await found.bytes()) as SanityReport);
}

/** Deletes only what this run put: nothing here names a key of the tape. */
export async function forget(store: ObjectStore, runId: string, cells: readonly Cell[]): Promise<void> {
  // The list goes last: while it is there, the run can be finished.
  const keys = [...cells.map((cell) => partKey(runId, cell)), cellsKey(runId)];
  const size = store.capabilities.maxDeleteBatch;
  for (let i = 0; i < keys.length; i += size) await store.delete(keys.slice(i, i + size).map((key) => ({ key })));
}

function cellsKey(runId: string): string {
  return `${root}${runId}/cells.json`;
}

function partKey(runId: string, { symbol, date }: Cell): string {
  return `${root}${runId}/part/${symbol}/${date}.json`;
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function decode(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}
