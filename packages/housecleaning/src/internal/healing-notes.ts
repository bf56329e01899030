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
  untold = `Run "${runId}" began to put it right, and ended before it told so, or is still at it.`,
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

/** What an archive that is whole was healed of by runs that could not tell it, the latest first. */
export async function tellNoted(
  store: Pick<ObjectStore, 'get'>,
  progress: CellProgress,
  notes: readonly HealingNote[],
  signal?: AbortSignal,
): Promise<void> {
  const own = notes.filter(({ cell }) => isSameCell(cell, progress.cell));
  // An archive that nobody has proven may be the damaged one.
  if (own.length === 0 || !progress.archive || progress.state === 'quarantined') return;
  const told = progress.healed ? [progress.healed] : [];
  for (const note of own.toReversed()) told.push(await readNote(store, note, signal));
  progress.healed = joined(told);
}

/** One account of several, the first with what was replaced. */
function joined([last, ...earlier]: readonly HealedArchive[]): HealedArchive {
  const before = earlier.map(({ fault, replaced }) => {
    const kept = replaced?.keptAs === undefined ? '' : ` What lay there is kept as "${replaced.keptAs}".`;
    return ` Before that: ${fault}${kept}`;
  });
  return { ...last!, fault: last!.fault + before.join('') };
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
  const marks = new Set(all.map((one) => one.key));
  // Of two that noted it the first by name tells, whoever of them it was. Some stores tell whole seconds.
  const isPeer = all.some((one) => {
    const note = one.key < key && one.uploadedMs >= safeTimeMs - 1_000 ? parseHealingKey(one.key) : undefined;
    return note?.isTold === false && !marks.has(healingKey(note.cell, note.startedAtMs, note.runId, true));
  });
  if (isPeer) settled.push(own);
  else progress.healed = await readNote(store, own, options.signal, 'The answer of the store to that was lost.');
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

/** Of an archive that a run was about to put back, and that is not there. */
export async function tellMissing(
  store: Pick<ObjectStore, 'get'>,
  note: HealingNote,
  signal?: AbortSignal,
): Promise<string> {
  const { symbol, date } = note.cell;
  const { fault } = await readNote(store, note, signal);
  const key = healingKey(note.cell, note.startedAtMs, note.runId);
  return (
    `There is no archive. ${fault} Run again with the cell ${symbol} ${date}, which puts it back; if it was moved away on ` +
    `purpose, move "${key}" away too.`
  );
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

/** Whether two cells are the same symbol and day. */
export function isSameCell(a: Cell, b: Cell): boolean {
  return a.symbol === b.symbol && a.date === b.date;
}

async function putText(store: Pick<ObjectStore, 'put'>, key: string, document: object): Promise<void> {
  const bytes = toUtf8(`${JSON.stringify(document)}\n`);
  await store.put(key, bytes, { sha256: await sha256Hex(bytes) });
}

/** What a note may say at most in words. */
const mostFaultChars = 4_000;

function parseNote(text: string): HealedArchive | undefined {
  try {
    const raw = JSON.parse(text) as { readonly schema?: unknown; readonly healed?: Partial<HealedArchive> } | null;
    const { fault, replaced, stage, gzSha256 } = (raw?.schema === 'hc-healing/1' && raw.healed) || {};
    if (typeof fault !== 'string' || !isText(gzSha256) || (stage !== null && !isText(stage))) return undefined;
    const told = { fault: fault.slice(0, mostFaultChars).replaceAll(/\p{Cc}/gu, ' '), stage, gzSha256 };
    if (replaced === null) return { ...told, replaced };
    if (!isText(replaced?.etag) || !Number.isSafeInteger(replaced.bytes)) return undefined;
    const { etag, bytes, keptAs } = replaced;
    if (keptAs !== undefined && !isText(keptAs)) return undefined;
    return { ...told, replaced: { etag, bytes, ...(keptAs === undefined ? {} : { keptAs }) } };
  } catch {
    return undefined;
  }
}

/** A name as this package writes them. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 1_024 && !/\p{Cc}/u.test(value);
}
