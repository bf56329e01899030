import { verifyArchiveStream } from '../archive.ts';
import { HousecleaningError, isObjectStoreError } from '../errors.ts';
import { archiveKey, type Cell } from '../keys.ts';
import {
  isDigestFault,
  readManifest,
  readProvenArchive,
  readStamp,
  stampMetadata,
  type ProvenArchive,
} from './base.ts';
import { meansDay, type ArchiveManifest } from './manifest.ts';
import { writeQuarantine } from './quarantine.ts';
import { noteStoreTime, restart, type CellProgress, type RunContext } from './run-context.ts';
import type { RunStore } from './run-store.ts';
import type { ResolvedOptions } from './run-types.ts';
import { piecesOfBody } from './streams.ts';

/** P1: the proven base, `undefined` without one; heals it from the stage or puts the cell into quarantine. */
export async function proveBase(
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
      fault = findForeign(base.manifest, options);
      if (fault === undefined) return base;
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
  await writeQuarantine(store, { cell, reason, runId: options.runId });
  return 'quarantined';
}

/** Why a sound archive is none of this configuration's. */
export function findForeign(
  manifest: ArchiveManifest,
  { env, day }: Pick<ResolvedOptions, 'env' | 'day'>,
): HousecleaningError | undefined {
  const { by } = manifest;
  if (by.env !== env.env || by.bucketId !== env.bucketId) {
    const message = `Its manifest was made for env "${by.env}", bucket "${by.bucketId}".`;
    return new HousecleaningError('bad-manifest', message, by);
  }
  if (meansDay(manifest, day)) return undefined;
  const { tz, dayStart = '00:00' } = manifest.day;
  const message = `Its date means a day of ${tz} from ${dayStart}, but the configuration's one of ${day.tz} from ${day.dayStart}.`;
  return new HousecleaningError('bad-manifest', message, manifest.day);
}

/** Puts the staged copy back over a damaged canonical, if that copy is proven and the canonical still the damaged one. */
async function heal(context: RunContext, cell: Cell): Promise<boolean> {
  const { store, options } = context;
  const key = archiveKey(cell);
  const damaged = await store.head(key);
  if (damaged === undefined) return false;
  try {
    const stamp = readStamp(damaged, cell);
    const manifest = await readManifest(store, cell, stamp.manifest);
    if (findForeign(manifest, options)) return false;
    const info = await republish(store, cell, { ...stamp, manifestDocument: manifest, over: damaged.etag });
    if (info === undefined) return false;
    noteStoreTime(context, info);
    return true;
  } catch (error) {
    if (isObjectStoreError(error, 'precondition-failed')) return restart('another run repaired the archive');
    if (isDigestFault(error)) return false;
    throw error;
  }
}

/**
 * Proves a staged copy and puts it over the canonical object that was seen.
 *
 * @returns `undefined` if there is no such copy
 * @throws HousecleaningError `bad-archive` if it is not what its manifest declares
 */
export async function republish(
  store: Pick<RunStore, 'get' | 'put'>,
  cell: Cell,
  from: {
    readonly stage: string;
    readonly manifest: string;
    readonly manifestDocument: ArchiveManifest;
    /** Etag of the canonical object; `undefined` where there is none. */
    readonly over: string | undefined;
  },
): Promise<Awaited<ReturnType<RunStore['put']>> | undefined> {
  const { stage, manifest, manifestDocument, over } = from;
  const copy = await store.get(stage);
  if (copy === undefined) return undefined;
  await verifyArchiveStream(piecesOfBody(copy.body), manifestDocument);
  const again = await store.get(stage, { ifMatch: copy.etag });
  if (again === undefined) return undefined;
  return store.put(archiveKey(cell), again.body, {
    ...(over === undefined ? { ifAbsent: true } : { ifMatch: over }),
    sha256: manifestDocument.archive.gzSha256,
    size: manifestDocument.archive.gzBytes,
    metadata: stampMetadata({ manifest, stage }, manifestDocument),
  });
}
