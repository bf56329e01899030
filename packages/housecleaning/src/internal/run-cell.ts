import { isDayClosed } from '../days.ts';
import { isObjectStoreError } from '../errors.ts';
import { quarantineKey, rawCellPrefix, type Cell } from '../keys.ts';
import type { ObjectInfo } from '../object-store.ts';
import { listAll } from './listing.ts';
import type { ArchiveManifest } from './manifest.ts';
import { countPresent, stateOf } from './cell-state.ts';
import { healLost } from './heal-lost.ts';
import { isSameCell, lookAtNoted, tellMissing, tellNoted, tellOwn, type HealingNote } from './healing-notes.ts';
import { listControl } from './lost-generations.ts';
import { classifySources, indexByKey } from './plan.ts';
import { proveBase } from './prove-base.ts';
import { provePublished, publishGeneration } from './publish.ts';
import { readQuarantine } from './quarantine.ts';
import { readSource } from './reading.ts';
import type { CellReport } from './report-types.ts';
import { restart, RestartCell, type CellProgress, type RunContext, type TellStep } from './run-context.ts';
import type { RunStore } from './run-store.ts';
import type { ResolvedOptions } from './run-types.ts';
import { stageAgain } from './staged-copy.ts';

const maxRestarts = 5;

/** Takes one cell through the protocol, as far as it is safe; a failure is part of the answer, never thrown. */
export async function runCell(
  context: RunContext,
  cell: Cell,
): Promise<{ readonly report: CellReport; readonly error?: unknown }> {
  const progress = startOf(cell);
  let failure: unknown;
  for (let restarts = 0; ; restarts++) {
    try {
      await attemptCell(context, progress);
      await tellNoted(context.store, progress, context.untold, context.options.signal);
      await tellOwn(context, progress);
      break;
    } catch (error) {
      if (isMovedOn(error) && restarts < maxRestarts) continue;
      progress.problems.push(error instanceof Error ? error.message : String(error));
      failure = error;
      break;
    }
  }
  const report = reportCell(progress, context.options.nowMs);
  return failure === undefined ? { report } : { report, error: failure };
}

/** A peer was faster; a store that opens an object only when its body is read says so in the middle of it. */
function isMovedOn(error: unknown): boolean {
  return error instanceof RestartCell || isObjectStoreError(error, 'precondition-failed');
}

/** The report of a cell in quarantine that nobody looked into. */
export function reportStopped(cell: Cell, nowMs: number): CellReport {
  const progress = startOf(cell);
  stop(progress);
  return reportCell(progress, nowMs);
}

/**
 * The report of a cell that a run does not work on, and whose archive an earlier run was about to heal when it ended; nothing
 * is changed.
 */
export async function reportNoted(
  store: Pick<RunStore, 'get' | 'list'>,
  cell: Cell,
  untold: readonly HealingNote[],
  {
    nowMs,
    maxSources,
    signal,
  }: Pick<ResolvedOptions, 'nowMs' | 'maxSources'> & { readonly signal?: AbortSignal | undefined },
): Promise<CellReport> {
  const progress = startOf(cell);
  try {
    await lookAtNoted(store, progress, maxSources, signal);
    await tellNoted(store, progress, untold, signal);
    const note = untold.findLast((one) => isSameCell(one.cell, cell));
    if (!progress.archive && note) progress.problems.push(await tellMissing(store, note, signal));
  } catch (error) {
    progress.problems.push(error instanceof Error ? error.message : String(error));
  }
  return reportCell(progress, nowMs);
}

function startOf(cell: Cell): CellProgress {
  return {
    cell,
    state: 'raw',
    listed: [],
    archive: undefined,
    verified: false,
    added: 0,
    deleted: 0,
    remaining: 0,
    conflicts: 0,
    kept: 0,
    gap: false,
    problems: [],
  };
}

function stop(progress: CellProgress): void {
  progress.state = 'quarantined';
  progress.problems.push(
    `Quarantined; read "${quarantineKey(progress.cell)}", repair the archive, then say so with resolveQuarantine.`,
  );
}

async function attemptCell(context: RunContext, progress: CellProgress): Promise<void> {
  const { store, options } = context;
  const { cell } = progress;
  const { signal } = options;
  Object.assign(progress, {
    archive: undefined,
    verified: false,
    remaining: 0,
    conflicts: 0,
    kept: 0,
    gap: false,
    problems: [],
  });
  const step: TellStep = (name, done, total) => {
    signal?.throwIfAborted();
    context.tell({ type: 'step', cell, step: name, done, total });
  };

  // P0: a quarantined cell and an open day are not even looked into.
  if (await isStopped(context, cell)) {
    stop(progress);
    return;
  }
  if (!isDayClosed(cell.date, options.day, context.safeTimeMs, options.graceMs)) {
    progress.state = 'open';
    return;
  }

  // P1: nothing is built on an archive that was not proven first.
  step('base', 0, 1);
  const base = await proveBase(context, progress);
  if (base === 'quarantined') return;
  if (base) Object.assign(progress, { archive: base, verified: true, state: 'verified' });

  // P2. The control area first: what a run at work names later may be made of raw objects that come later.
  step('list', 0, 1);
  const control = await listControl(store, cell, options.maxSources, signal);
  const listed = await listAll(store, rawCellPrefix(cell), options.maxSources, signal);
  progress.listed = listed;
  if (await healLost(context, progress, base, control)) return;
  if (listed.length === 0 && !base) {
    progress.state = 'empty';
    progress.gap = isSession(options, cell);
    progress.problems.push(
      progress.gap
        ? 'Gap: the market traded on this day, but there is neither a raw object nor an archive; look at the ingest.'
        : 'There is neither a raw object nor an archive: nothing was recorded under this symbol and day.',
    );
    return;
  }

  const { additions, replayed } = await findAdditions(context, progress, base?.manifest);
  let proven = base;
  if (additions.length > 0) {
    progress.state = base ? 'late' : 'raw';
    progress.verified = false;
    const published = await publishGeneration(context, progress, base, additions, step);
    progress.added += additions.length;
    progress.archive = published.staged;
    if (options.stopAfter === 'publish') return;
    proven = await provePublished(context, cell, published, step);
  } else await stageAgain(context, progress, proven!);
  progress.archive = proven;
  progress.verified = true;
  progress.state = 'verified';

  if (options.stopAfter === 'publish') {
    progress.remaining = countPresent(proven!.manifest, listed);
    progress.state = stateOf(proven!.manifest, progress.remaining);
  } else {
    await context.prune(context, progress, proven!, step);
  }
  if (replayed > 0 && !isQuarantined(progress)) progress.state = 'conflict';
}

/** The state changes under the hands of others: what was assigned last is no fact. */
function isQuarantined({ state }: CellProgress): boolean {
  return state === 'quarantined';
}

/** Looked up again with every attempt: another run may have stopped the cell meanwhile. */
async function isStopped(context: RunContext, cell: Cell): Promise<boolean> {
  if (!context.quarantined.has(`${cell.symbol}/${cell.date}`)) return false;
  return (await readQuarantine(context.store, cell, context.options.signal))?.stops === true;
}

/** P3, where a key is taken: an object under an archived key may hold archived bytes or new ones; only reading tells. */
async function findAdditions(
  context: RunContext,
  progress: CellProgress,
  manifest: ArchiveManifest | undefined,
): Promise<{ readonly additions: readonly ObjectInfo[]; readonly replayed: number }> {
  const { store, options } = context;
  const plan = classifySources(manifest, progress.listed);
  const archived = indexByKey(manifest?.sources ?? []);
  const additions = [...plan.added];
  for (const object of plan.conflicting) {
    const read = (await readSource(store, object, options.signal)) ?? restart(`"${object.key}" changed`);
    if (archived.get(object.key)?.some((s) => s.sha256 === read.sha256) !== true) additions.push(object);
  }
  progress.conflicts = plan.conflicting.length;
  const replaced = additions.slice(plan.added.length);
  const replayed = plan.conflicting.filter((object) => !replaced.includes(object));
  if (replayed.length > 0) {
    progress.problems.push(
      `${replayed.length} archived raw object(s) were put again with the same bytes, first "${replayed[0]!.key}": they are ` +
        'in the archive and are kept. Let the writer pass archivedKeys; delete them by hand once verifyArchive says ok.',
    );
  }
  if (replaced.length > 0) {
    progress.problems.push(
      `${replaced.length} archived key(s) hold other bytes now, first "${replaced[0]!.key}": both contents are archived.` +
        (options.writers === 'write-once' ? ' A writer broke its promise to write once; find it.' : ''),
    );
  }
  return { additions, replayed: replayed.length };
}

/** True if the market traded on this day, as far as the safety check's calendar and roster tell. */
function isSession({ safety }: ResolvedOptions, { symbol, date }: Cell): boolean {
  if (safety?.roster.includes(symbol) !== true) return false;
  return safety.calendar === undefined || safety.calendar.isSession(date) === true;
}

function reportCell(progress: CellProgress, nowMs: number): CellReport {
  const { cell, archive, listed } = progress;
  const manifest = archive?.manifest;
  const summaries = manifest?.sources.map(({ records }) => records);
  return {
    symbol: cell.symbol,
    date: cell.date,
    state: progress.state,
    generation: manifest?.generation ?? 0,
    sources: manifest?.sources.length ?? listed.length,
    lines: manifest?.archive.lines ?? 0,
    rawBytes: manifest?.archive.bytes ?? listed.reduce((sum, object) => sum + object.size, 0),
    gzBytes: manifest?.archive.gzBytes ?? 0,
    prunedSources: manifest && progress.verified ? manifest.sources.length - progress.remaining : 0,
    verifiedAtMs: progress.verified ? nowMs : null,
    problem: progress.problems.length === 0 ? null : progress.problems.join(' '),
    addedSources: progress.added,
    deletedSources: progress.deleted,
    conflicts: progress.conflicts,
    keptSources: progress.kept,
    healed: progress.healed ?? null,
    ...(progress.restaged === undefined ? {} : { restaged: progress.restaged }),
    gap: progress.gap,
    misdated:
      summaries?.every((summary) => summary !== undefined) === true
        ? summaries.reduce((sum, summary) => sum + summary.misdated, 0)
        : null,
    sha256: manifest?.archive.sha256 ?? null,
    manifestSha256: archive?.manifestSha256 ?? null,
  };
}
