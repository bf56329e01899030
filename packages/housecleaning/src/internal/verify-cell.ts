import type { HousecleaningError } from '../errors.ts';
import {
  archiveKey,
  archivePrefix,
  isDate,
  isSymbol,
  manifestKey,
  manifestPrefix,
  parseArchiveKey,
  rawCellPrefix,
  type Cell,
} from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { isDigestFault, readProvenArchive, type ProvenArchive } from './base.ts';
import { listAll, listPages } from './listing.ts';
import { findLostGeneration, listManifests, type CellSources } from './lost-generations.ts';
import type { ArchiveManifest } from './manifest.ts';
import { readQuarantine } from './quarantine.ts';
import { findStageFault } from './staged-copy.ts';
import { compareUtf8 } from './utf8.ts';

/** What {@link verifyCell} found. */
export interface CellVerification {
  /** Everything that was ever archived, as far as the manifests tell, is in a proven archive or among the raw objects. */
  readonly ok: boolean;
  /** What is wrong; `null` if nothing is. */
  readonly problem: string | null;
  /** False where there is no archive, and nothing says that there was one. */
  readonly isArchived: boolean;
  /** Of the archive; `null` unless it was proven. */
  readonly manifest: ArchiveManifest | null;
  /** What would be missed after the next damage: a staged copy that is gone or damaged, a manifest that cannot be read. */
  readonly warnings: readonly string[];
}

/** Options of {@link verifyCell}. */
export interface VerifyCellOptions {
  readonly signal?: AbortSignal | undefined;
}

const maxObjects = 1_000_000;

/**
 * Proves the archive of a cell like `verifyArchive`, and compares it with what its manifests tell: an archive that is gone or
 * was rolled back is a problem, and the staged copy that would heal it is proven too. Changes nothing.
 *
 * @throws HousecleaningError `bad-listing`, `too-large`
 */
export async function verifyCell(
  store: ObjectStore,
  cell: Cell,
  { signal }: VerifyCellOptions = {},
): Promise<CellVerification> {
  const asked = signal ? { signal } : {};
  const warnings: string[] = [];
  // The archive last: a run at work publishes what it prunes before it does.
  const names = await listManifests(store, cell, maxObjects, signal);
  const listed = await listAll(store, rawCellPrefix(cell), maxObjects, signal);
  let base: ProvenArchive | undefined;
  try {
    base = await readProvenArchive(store, cell, asked);
  } catch (error) {
    if (!isDigestFault(error)) throw error;
    const problem = (error as HousecleaningError).message;
    return { ok: false, problem, isArchived: true, manifest: null, warnings };
  }
  const found: CellSources = {
    ...{ names, base, listed, signal },
    accepted: (await readQuarantine(store, cell, signal))?.record?.accepted ?? [],
    onUnread: (name) => warnings.push(`its manifest "${manifestKey(cell, name)}" cannot be read`),
  };
  const lost = await findLostGeneration(store, cell, found);
  if (lost && !lost.isSure) warnings.push(lost.reason);
  if (base) {
    const fault = await findStageFault(store, cell, base, signal);
    if (fault !== undefined) warnings.push(fault);
  }
  const isLost = lost?.isSure === true;
  return {
    ok: base !== undefined && !isLost,
    problem: isLost
      ? lost.reason
      : base
        ? null
        : `There is no "${archiveKey(cell)}"; run housecleaning first, or read the raw objects.`,
    isArchived: base !== undefined || isLost,
    manifest: base?.manifest ?? null,
    warnings,
  };
}

/**
 * Every symbol and day that has an archive or a manifest, in the order of their keys: what a check of all archives has to
 * look at, for an archive that is gone is in no listing.
 *
 * @throws HousecleaningError `bad-listing`
 */
export async function* listArchivedCells(
  store: Pick<ObjectStore, 'list'>,
  { signal }: VerifyCellOptions = {},
): AsyncGenerator<Cell & { readonly hasArchive: boolean }, void, undefined> {
  const archives = cellsBelow(store, archivePrefix, parseArchiveKey, signal);
  const manifests = cellsBelow(store, manifestPrefix, cellOfManifest, signal);
  let [left, right] = await Promise.all([archives.next(), manifests.next()]);
  while (!left.done || !right.done) {
    const order = left.done ? 1 : right.done ? -1 : compareUtf8(pathOf(left.value), pathOf(right.value));
    yield { ...((order <= 0 ? left : right).value as Cell), hasArchive: order <= 0 };
    if (order <= 0) left = await archives.next();
    if (order >= 0) right = await manifests.next();
  }
}

/** The cells of the keys below a prefix, each once; both areas have them in the same order. */
async function* cellsBelow(
  store: Pick<ObjectStore, 'list'>,
  prefix: string,
  cellOf: (key: string) => Cell | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Cell, void, undefined> {
  let last: Cell | undefined;
  for await (const page of listPages(store, prefix, signal)) {
    for (const { key } of page) {
      const cell = cellOf(key);
      if (cell === undefined || (last && pathOf(last) === pathOf(cell))) continue;
      last = cell;
      yield cell;
    }
  }
}

function cellOfManifest(key: string): Cell | undefined {
  const [symbol = '', date = '', ...rest] = key.slice(manifestPrefix.length).split('/');
  return isSymbol(symbol) && isDate(date) && rest.length === 1 ? { symbol, date } : undefined;
}

function pathOf({ symbol, date }: Cell): string {
  return `${symbol}/${date}`;
}
