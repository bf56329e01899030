import { verifyArchiveBytes } from '../archive.ts';
import { HousecleaningError, isObjectStoreError } from '../errors.ts';
import { archiveKey, quarantineKey, rawCellPrefix, type Cell } from '../keys.ts';
import {
  isDigestFault,
  readManifest,
  readProvenArchive,
  readStamp,
  stampMetadata,
  type ProvenArchive,
} from './base.ts';
import { listAll } from './listing.ts';
import { classifySources, indexByKey, isDayClosed } from './plan.ts';
import { prune } from './prune.ts';
import { publishGeneration } from './publish.ts';
import { readObject, readSource } from './reading.ts';
import {
  noteStoreTime,
  restart,
  RestartCell,
  type CellProgress,
  type RunContext,
  type TellStep,
} from './run-context.ts';
import type { CellReport } from './run-types.ts';
import { sha256Hex } from './sha256.ts';
import { toUtf8 } from './utf8.ts';

const maxRestarts = 5;

/** Takes one cell through the protocol, as far as it is safe; a failure is part of the answer, never thrown. */
export async function runCell(
  context: RunContext,
  cell: Cell,
): Promise<{ readonly report: CellReport; readonly error?: unknown }> {
  const progress: CellProgress = {
    cell,
    state: 'raw',
    listed: [],
    archive: undefined,
    verified: false,
    added: 0,
    deleted: 0,
    remaining: 0,
    conflicts: 0,
    problems: [],
  };
  let failure: unknown;
  for (let restarts = 0; ; restarts++) {
    try {
      await attemptCell(context, progress);
      break;
    } catch (error) {
      if (error instanceof RestartCell && restarts < maxRestarts) continue;
      progress.problems.push(error instanceof Error ? error.message : String(error));
      failure = error;
      break;
    }
  }
  const report = reportCell(progress, context.options.nowMs);
  return failure === undefined ? { report } : { report, error: failure };
}

async function attemptCell(context: RunContext, progress: CellProgress): Promise<void> {
  const { store, options } = context;
  const { cell } = progress;
  const { signal } = options;
  Object.assign(progress, { archive: undefined, verified: false, remaining: 0, conflicts: 0, problems: [] });
  const step: TellStep = (name, done, total) => {
    signal?.throwIfAborted();
    context.tell({ type: 'step', cell, step: name, done, total });
  };

  // P0: an open day and a quarantined cell are not even looked into.
  if (!isDayClosed(cell.date, context.safeTimeMs, options.graceMs)) {
    progress.state = 'open';
    return;
  }
  if (context.quarantined.has(`${cell.symbol}/${cell.date}`)) {
    progress.state = 'quarantined';
    progress.problems.push(`Quarantined; read "${quarantineKey(cell)}", repair the archive, then delete that record.`);
    return;
  }

  // P1: nothing is built on an archive that was not proven first.
  step('base', 0, 1);
  const base = await proveBase(context, progress);
  if (base === 'quarantined') return;
  if (base) {
    progress.archive = base;
    progress.verified = true;
    progress.state = 'verified';
  }

  // P2
  step('list', 0, 1);
  const listed = await listAll(store, rawCellPrefix(cell), options.maxSources, signal);
  progress.listed = listed;
  if (listed.length === 0 && !base) {
    progress.state = 'empty';
    progress.problems.push(
      'There is neither a raw object nor an archive: nothing was recorded under this symbol and day.',
    );
    return;
  }

  // P3: an object under an archived key may hold archived bytes or new ones; only reading tells.
  const plan = classifySources(base?.manifest, listed);
  const archived = indexByKey(base?.manifest.sources ?? []);
  const additions = [...plan.added];
  for (const object of plan.conflicting) {
    const read = (await readSource(store, object, signal)) ?? restart(`"${object.key}" changed`);
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

  let current: Omit<ProvenArchive, 'gz'>;
  if (additions.length === 0) {
    current = base!;
  } else {
    progress.state = base ? 'late' : 'raw';
    progress.verified = false;
    current = await publishGeneration(context, progress, base, additions, step);
    progress.added += additions.length;
  }
  progress.archive = current;
  progress.verified = true;
  progress.state = 'verified';

  // P10
  await prune(context, progress, current.manifest, step);
}

/** P1: the proven base, `undefined` without one; heals from the stage or puts the cell into quarantine. */
async function proveBase(
  context: RunContext,
  progress: CellProgress,
): Promise<ProvenArchive | undefined | 'quarantined'> {
  const { store, options } = context;
  const { cell } = progress;
  let fault: unknown;
  // Two clean reads: a flipped bit on the way is no damage in the store.
  for (let attempt = 1; attempt <= 2; attempt++) {
    try {
      const base = await readProvenArchive(store, cell, options.signal ? { signal: options.signal } : {});
      if (base === undefined) return undefined;
      const { by } = base.manifest;
      if (by.env === options.env.env && by.bucketId === options.env.bucketId) return base;
      fault = new HousecleaningError(
        'bad-manifest',
        `Its manifest was made for env "${by.env}", bucket "${by.bucketId}".`,
        by,
      );
      break;
    } catch (error) {
      if (!isDigestFault(error)) throw error;
      fault = error;
    }
  }
  if (await heal(context, cell)) return restart('the archive was healed from its stage');
  progress.state = 'quarantined';
  const reason = fault instanceof Error ? fault.message : String(fault);
  progress.problems.push(`${reason} Nothing of this cell is deleted until an operator has looked.`);
  const record = toUtf8(JSON.stringify({ schema: 'hc-quarantine/1', cell, reason }));
  try {
    await store.put(quarantineKey(cell), record, { ifAbsent: true, sha256: await sha256Hex(record) });
  } catch (error) {
    if (!isObjectStoreError(error, 'precondition-failed')) throw error;
  }
  return 'quarantined';
}

/** Puts the staged copy back over a damaged canonical, if that copy is proven and the canonical still the damaged one. */
async function heal(context: RunContext, cell: Cell): Promise<boolean> {
  const { store } = context;
  const key = archiveKey(cell);
  const damaged = await store.head(key);
  if (damaged === undefined) return false;
  try {
    const stamp = readStamp(damaged, cell);
    const manifest = await readManifest(store, cell, stamp.manifest);
    const { env, bucketId } = context.options.env;
    if (manifest.by.env !== env || manifest.by.bucketId !== bucketId) return false;
    const staged = await readObject(store, stamp.stage);
    if (staged === undefined) return false;
    await verifyArchiveBytes(staged.bytes, manifest);
    const info = await store.put(key, staged.bytes, {
      ifMatch: damaged.etag,
      sha256: manifest.archive.gzSha256,
      metadata: stampMetadata(stamp, manifest),
    });
    noteStoreTime(context, info);
    return true;
  } catch (error) {
    if (isObjectStoreError(error, 'precondition-failed')) return restart('another run repaired the archive');
    if (isDigestFault(error)) return false;
    throw error;
  }
}

function reportCell(progress: CellProgress, nowMs: number): CellReport {
  const { cell, archive, listed } = progress;
  const manifest = archive?.manifest;
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
    sha256: manifest?.archive.sha256 ?? null,
    manifestSha256: archive?.manifestSha256 ?? null,
  };
}
