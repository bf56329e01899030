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
  stagePrefix,
  type Cell,
} from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { isDigestFault, readProvenArchive, type ProvenArchive } from './base.ts';
import { listAll, listPages } from './listing.ts';
import { findLostGeneration, keeperOf, listControl, readTwice, type CellSources } from './lost-generations.ts';
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
  const control = await listControl(store, cell, maxObjects, signal);
  const listed = await listAll(store, rawCellPrefix(cell), maxObjects, signal);
  let base: ProvenArchive | undefined;
  try {
    base = await readProvenArchive(store, cell, asked);
  } catch (error) {
    if (!isDigestFault(error)) throw error;
    const problem = (error as HousecleaningError).message;
    return { ok: false, problem, isArchived: true, manifest: null, warnings };
  }
  const accepted = (await readQuarantine(store, cell, signal))?.record?.accepted ?? [];
  const found: CellSources = {
    ...{ ...control, base, listed, signal, accepted },
    onUnread: (name) => warnings.push(`its manifest "${manifestKey(cell, name)}" cannot be read`),
  };
  const lost = await findLostGeneration(store, cell, found);
  if (lost && !lost.isSure) warnings.push(lost.reason);
  warnings.push(...(await tellAccepted(store, cell, found)));
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
        : `There is no "${archiveKey(cell)}", nor anything that tells of one; run housecleaning first, or read the raw objects.`,
    isArchived: base !== undefined || isLost,
    manifest: base?.manifest ?? null,
    warnings,
  };
}

/** What somebody has accepted that the archive does not hold: it stops nothing, and stays lost until somebody wants it. */
async function tellAccepted(store: ObjectStore, cell: Cell, sources: CellSources): Promise<readonly string[]> {
  const { accepted = [], base, listed, signal, stages, names } = sources;
  if (accepted.length === 0) return [];
  const isKept = keeperOf(base, listed);
  const told: string[] = [];
  for (const name of accepted.filter((one) => names.includes(one) && one !== base?.manifestSha256)) {
    const manifest = await readTwice(store, cell, name, signal);
    const what = `accepted: its manifest "${manifestKey(cell, name)}"`;
    if (manifest === 'unreadable') told.push(`${what} cannot be read`);
    if (manifest === undefined || manifest === 'unreadable') continue;
    const missing = manifest.sources.filter((source) => !isKept(source)).length;
    if (missing > 0)
      told.push(
        `${what}, of generation ${manifest.generation}, holds ${missing} raw objects that the archive does not`,
      );
  }
  const { objects = [] } =
    (await findLostGeneration(store, cell, { ...sources, accepted: [], onUnread: () => undefined })) ?? {};
  for (const key of objects.filter((one) => stages.includes(one) && accepted.some((digest) => one.includes(digest))))
    told.push(
      `accepted: its staged copy "${key}" is of no manifest that can be read, and holds what the archive does not`,
    );
  return told;
}

/**
 * Every symbol and day that has an archive, a manifest or a staged copy, in the order of their keys: what a check of all
 * archives has to look at, for an archive that is gone is in no listing.
 *
 * @throws HousecleaningError `bad-listing`
 */
export async function* listArchivedCells(
  store: Pick<ObjectStore, 'list'>,
  { signal }: VerifyCellOptions = {},
): AsyncGenerator<Cell & { readonly hasArchive: boolean }, void, undefined> {
  const archives = cellsBelow(store, archivePrefix, parseArchiveKey, signal);
  const manifests = cellsBelow(store, manifestPrefix, cellIn(manifestPrefix), signal);
  const stages = cellsBelow(store, stagePrefix, cellIn(stagePrefix), signal);
  for await (const { cell, isLeft } of merge(archives, merge(manifests, stages))) yield { ...cell, hasArchive: isLeft };
}

/** Joins two listings of cells, each cell once. */
async function* merge<Left extends Cell | MergedCell, Right extends Cell | MergedCell>(
  lefts: AsyncGenerator<Left, void, undefined>,
  rights: AsyncGenerator<Right, void, undefined>,
): AsyncGenerator<MergedCell, void, undefined> {
  let [left, right] = await Promise.all([lefts.next(), rights.next()]);
  while (!left.done || !right.done) {
    const order = left.done ? 1 : right.done ? -1 : compareUtf8(pathOf(left.value), pathOf(right.value));
    const next = (order <= 0 ? left : right).value as Left | Right;
    yield { cell: cellOf(next), isLeft: order <= 0 };
    if (order <= 0) left = await lefts.next();
    if (order >= 0) right = await rights.next();
  }
}

interface MergedCell {
  readonly cell: Cell;
  /** Whether the first listing has it. */
  readonly isLeft: boolean;
}

function cellOf(value: Cell | MergedCell): Cell {
  return 'cell' in value ? value.cell : value;
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

function cellIn(prefix: string): (key: string) => Cell | undefined {
  return (key) => {
    const [symbol = '', date = '', ...rest] = key.slice(prefix.length).split('/');
    return isSymbol(symbol) && isDate(date) && rest.length === 1 ? { symbol, date } : undefined;
  };
}

function pathOf(value: Cell | MergedCell): string {
  const { symbol, date } = cellOf(value);
  return `${symbol}/${date}`;
}
