/**
 * What a run is about to heal, written down before it does: a run that is killed before its report tells nothing, and what lay
 * there, if anything did, looks whole from then on. The next run tells it, and marks it as told.
 */
import { healingKey, parseHealingKey, rawCellPrefix, type Cell, type HealingName } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { readProvenArchive } from './base.ts';
import { countPresent, stateOf } from './cell-state.ts';
import { listAll } from './listing.ts';
import { classifySources } from './plan.ts';
import { readObject } from './reading.ts';
import type { CellReport, HealedArchive } from './report-types.ts';
import type { CellProgress, RunContext } from './run-context.ts';
import { sha256Hex } from './sha256.ts';
import { fromUtf8, toUtf8 } from './utf8.ts';

/** A note that lies in the store. */
export type HealingNote = Omit<HealingName, 'isTold'>;

/** Writes down what is about to be healed; once more by the same run it replaces what that wrote. */
export async function writeNote(
  store: Pick<ObjectStore, 'put'>,
  note: HealingNote,
  healed: HealedArchive,
): Promise<void> {
  const { cell, startedAtMs, runId } = note;
  await putText(store, healingKey(cell, startedAtMs, runId), { schema: 'hc-healing/1', cell, runId, healed });
}

/** Marks notes as told. What fails is told once more by the next run. */
export async function markTold(store: Pick<ObjectStore, 'put'>, notes: readonly HealingNote[]): Promise<void> {
  for (const { cell, startedAtMs, runId } of notes) {
    const key = healingKey(cell, startedAtMs, runId, true);
    await putText(store, key, { schema: 'hc-healing/1', cell, runId, told: true }).catch(() => undefined);
  }
}

/** What a note says, with what became of its run; also where nobody can read it. */
export async function readNote(
  store: Pick<ObjectStore, 'get'>,
  { cell, startedAtMs, runId }: HealingNote,
  signal?: AbortSignal,
  untold = `Run "${runId}" began to put it right, and ended before it told so.`,
): Promise<HealedArchive> {
  const key = healingKey(cell, startedAtMs, runId);
  // Two reads: a flipped bit on the way is no damage in the store.
  for (let attempt = 1; attempt <= 2; attempt++) {
    const read = await readObject(store, key, signal ? { signal } : {});
    const healed = read && parseNote(fromUtf8(read.bytes));
    if (healed) return { ...healed, fault: `${healed.fault} ${untold}` };
  }
  return { fault: `${untold} Its note "${key}" cannot be read.`, replaced: null, stage: null, gzSha256: '' };
}

/** What an archive that is whole was healed of by a run that could not tell it. */
export async function tellNoted(
  store: Pick<ObjectStore, 'get'>,
  progress: CellProgress,
  notes: readonly HealingNote[],
  signal?: AbortSignal,
): Promise<void> {
  const note = notes.findLast(({ cell }) => isSameCell(cell, progress.cell));
  // An archive that nobody has proven may be the damaged one.
  if (note === undefined || progress.healed || !progress.archive || progress.state === 'quarantined') return;
  progress.healed = await readNote(store, note, signal);
}

/**
 * What this run wrote down, and then found the archive whole: a peer healed it and tells so, or an answer was lost, and it was
 * this run.
 */
export async function tellOwn(context: RunContext, progress: CellProgress): Promise<void> {
  const { store, options, noted, settled, safeTimeMs } = context;
  const { cell } = progress;
  const own = noted.find((note) => isSameCell(note.cell, cell));
  if (own === undefined || progress.healed || !progress.archive || progress.state === 'quarantined') return;
  const key = healingKey(cell, own.startedAtMs, own.runId);
  const all = await listAll(store, key.slice(0, key.lastIndexOf('/') + 1), options.maxSources, options.signal);
  // Some stores tell whole seconds. What was noted before this run began is told by now, or among what it tells itself.
  const isPeer = all.some((one) => one.key !== key && one.uploadedMs >= safeTimeMs - 1_000 && isNote(one.key));
  if (isPeer) settled.push(own);
  else progress.healed = await readNote(store, own, options.signal, 'The answer of the store to that was lost.');
}

function isNote(key: string): boolean {
  return parseHealingKey(key)?.isTold === false;
}

/** A look at the archive of a cell with such a note that a run has nothing to do with; changes nothing. */
export async function lookAtNoted(
  store: Pick<ObjectStore, 'get' | 'list'>,
  progress: CellProgress,
  maxSources: number,
  signal?: AbortSignal,
): Promise<void> {
  const listed = await listAll(store, rawCellPrefix(progress.cell), maxSources, signal);
  const archive = await readProvenArchive(store, progress.cell, signal ? { signal } : {});
  if (!archive) return;
  const { manifest } = archive;
  const remaining = countPresent(manifest, listed);
  const isLate = classifySources(manifest, listed).added.length > 0;
  Object.assign(progress, {
    listed,
    archive,
    remaining,
    verified: true,
    state: isLate ? 'late' : stateOf(manifest, remaining),
  });
}

/** The cells of notes that are not among others, each once. */
export function cellsBeside(notes: readonly HealingNote[], others: readonly Cell[]): readonly Cell[] {
  const cells: Cell[] = [];
  for (const { cell } of notes) if (![...others, ...cells].some((one) => isSameCell(one, cell))) cells.push(cell);
  return cells;
}

/** Those of the notes whose cell a report calls healed. */
export function notesToldIn(cells: readonly CellReport[], notes: readonly HealingNote[]): readonly HealingNote[] {
  return notes.filter(({ cell }) => cells.some((one) => one.healed !== null && isSameCell(one, cell)));
}

export function isSameCell(a: Cell, b: Cell): boolean {
  return a.symbol === b.symbol && a.date === b.date;
}

async function putText(store: Pick<ObjectStore, 'put'>, key: string, document: object): Promise<void> {
  const bytes = toUtf8(`${JSON.stringify(document)}\n`);
  await store.put(key, bytes, { sha256: await sha256Hex(bytes) });
}

function parseNote(text: string): HealedArchive | undefined {
  try {
    const raw = JSON.parse(text) as { readonly schema?: unknown; readonly healed?: HealedArchive } | null;
    const healed = raw?.schema === 'hc-healing/1' ? raw.healed : undefined;
    return typeof healed?.fault === 'string' && typeof healed.gzSha256 === 'string' ? healed : undefined;
  } catch {
    return undefined;
  }
}
