import { verifyArchiveStream } from '../archive.ts';
import { HousecleaningError, isObjectStoreError } from '../errors.ts';
import { archiveKey, type Cell } from '../keys.ts';
import type { ObjectInfo } from '../object-store.ts';
import {
  isDigestFault,
  readManifest,
  readProvenArchive,
  readStamp,
  stampMetadata,
  type ProvenArchive,
} from './base.ts';
import { keepCopy } from './keep-copy.ts';
import { meansDay, type ArchiveManifest } from './manifest.ts';
import { writeQuarantine } from './quarantine.ts';
import type { HealedArchive } from './report-types.ts';
import { noteStoreTime, restart, type CellProgress, type RunContext } from './run-context.ts';
import type { RunStore } from './run-store.ts';
import type { ResolvedOptions } from './run-types.ts';
import { piecesOfBody } from './streams.ts';
import { judgeUnnamed } from './unnamed-archive.ts';

/** P1: the proven base, `undefined` without one; heals it from the stage or puts the cell into quarantine. */
export async function proveBase(
  context: RunContext,
  progress: CellProgress,
): Promise<ProvenArchive | undefined | 'quarantined'> {
  const { store, options } = context;
  const { cell } = progress;
  const asked = options.signal ? { signal: options.signal } : {};
  const key = archiveKey(cell);
  /** What the verdict is about. */
  let judged: ObjectInfo | undefined;
  let fault: unknown;
  // Two clean reads: a flipped bit on the way is no damage in the store.
  for (let attempt = 1; attempt <= 2; attempt++) {
    try {
      const base = await readProvenArchive(store, cell, { ...asked, ...(judged ? { ifMatch: judged.etag } : {}) });
      if (base === undefined && judged === undefined) return undefined;
      if (base === undefined) restart('the archive went away');
      fault = findForeign(base.manifest, options);
      if (fault === undefined) return base;
      judged = base.info;
      break;
    } catch (error) {
      if (isObjectStoreError(error, 'precondition-failed')) restart('another run replaced the archive');
      if (!isDigestFault(error)) throw error;
      fault = error;
      judged ??= (await store.head(key, asked)) ?? restart('the archive went away');
    }
  }
  const reason = fault instanceof Error ? fault.message : String(fault);
  // Twice too: a manifest, a staged copy or a listing that arrives wrong once is no damage either.
  const healed = (await heal(context, cell, judged!, reason)) ?? (await heal(context, cell, judged!, reason));
  if (healed) {
    progress.healed = healed;
    return restart('the archive was healed');
  }
  // Whoever repaired it meanwhile made the verdict one about the past.
  if ((await store.head(key, asked))?.etag !== judged!.etag) return restart('another run replaced the archive');
  progress.state = 'quarantined';
  progress.problems.push(`${reason} Nothing of this cell is deleted until an operator has looked. ${howToResolve}`);
  await writeQuarantine(store, { cell, reason, runId: options.runId });
  return 'quarantined';
}

/** The way out of a quarantine. */
export const howToResolve =
  'Look with explainCell, then decide with resolveQuarantine (on the command line: explain, resolve): "restore-from-stage" to ' +
  'publish a staged copy, "accept-live" where an archive lies there and is the right one.';

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

/**
 * Puts the staged copy back over a damaged canonical, if that copy is proven and the canonical still the damaged one. Where
 * the metadata are gone too, the manifests and staged copies of the cell decide.
 */
async function heal(
  context: RunContext,
  cell: Cell,
  damaged: ObjectInfo,
  fault: string,
): Promise<HealedArchive | undefined> {
  const { store, options } = context;
  try {
    if (!hasStamp(damaged, cell)) {
      // Metadata that say something else are damage, or somebody's: only what says nothing was lost on the way.
      if (Object.keys(damaged.metadata).length > 0) return undefined;
      return await healUnnamed(context, cell, damaged, fault);
    }
    const stamp = readStamp(damaged, cell);
    const { signal } = options;
    const manifest = await readManifest(store, cell, stamp.manifest, signal);
    if (findForeign(manifest, options)) return undefined;
    const { gzSha256 } = manifest.archive;
    const tell = (keptAs?: string): HealedArchive => {
      return { fault, replaced: replacedBy({ ...damaged, keptAs }), stage: stamp.stage, gzSha256 };
    };
    const beforePut = (keptAs?: string): Promise<void> => context.noteHealing(cell, tell(keptAs));
    const info = await republish(store, cell, {
      ...{ ...stamp, manifestDocument: manifest, over: damaged.etag, signal, beforePut },
    });
    if (info === undefined) return undefined;
    noteStoreTime(context, info);
    return tell(info.keptAs);
  } catch (error) {
    if (isObjectStoreError(error, 'precondition-failed')) return restart('another run repaired the archive');
    if (isDigestFault(error)) return undefined;
    throw error;
  }
}

/** True if an archive's metadata name its manifest and stage. */
export function hasStamp(info: ObjectInfo, cell: Cell): boolean {
  try {
    readStamp(info, cell);
    return true;
  } catch (error) {
    if (!isDigestFault(error)) throw error;
    return false;
  }
}

/**
 * Gives an archive that lost its metadata a name again, or replaces what nobody can read by its staged copy; the bytes that
 * lay there are kept.
 */
async function healUnnamed(
  context: RunContext,
  cell: Cell,
  damaged: ObjectInfo,
  fault: string,
): Promise<HealedArchive | undefined> {
  const { store, options } = context;
  const { signal } = options;
  const verdict = await judgeUnnamed(store, cell, damaged, options);
  if (verdict === undefined || findForeign(verdict.manifest, options)) return undefined;
  const { manifest, manifestSha256, stages } = verdict;
  const { gzSha256 } = manifest.archive;
  if (verdict.action === 'name') {
    const again = await store.get(damaged.key, { ifMatch: damaged.etag, ...(signal ? { signal } : {}) });
    if (again === undefined) return undefined;
    const named = { fault, replaced: replacedBy(damaged), stage: null, gzSha256 };
    await letGoIfItFails(again.body, context.noteHealing(cell, named));
    const info = await store.put(damaged.key, again.body, {
      ...{ ifMatch: damaged.etag, sha256: gzSha256, size: damaged.size },
      metadata: stampMetadata({ manifest: manifestSha256, stage: stages[0]! }, manifest),
      ...(signal ? { signal } : {}),
    });
    noteStoreTime(context, info);
    return named;
  }
  for (const stage of stages) {
    const tell = (keptAs?: string): HealedArchive => {
      return { fault, replaced: replacedBy({ ...damaged, keptAs }), stage, gzSha256 };
    };
    const beforePut = (keptAs?: string): Promise<void> => context.noteHealing(cell, tell(keptAs));
    const from = { stage, manifest: manifestSha256, manifestDocument: manifest, over: damaged.etag, signal };
    const info = await republish(store, cell, { ...from, beforePut }).catch(noCopy);
    if (info === undefined) continue;
    noteStoreTime(context, info);
    return tell(info.keptAs);
  }
  return undefined;
}

/** A staged copy that does not prove itself is none. */
function noCopy(error: unknown): undefined {
  if (!isDigestFault(error)) throw error;
  return undefined;
}

/** What lay there, as a report tells it. */
export function replacedBy({
  etag,
  size,
  keptAs,
}: Pick<ObjectInfo, 'etag' | 'size'> & { readonly keptAs?: string | undefined }): NonNullable<
  HealedArchive['replaced']
> {
  return { etag, bytes: size, ...(keptAs === undefined ? {} : { keptAs }) };
}

/** A canonical archive that was put again. */
export interface Republished extends ObjectInfo {
  /** Where the object that lay there is kept. */
  readonly keptAs?: string;
}

/**
 * Proves a staged copy and puts it over the canonical object that was seen, which is kept before.
 *
 * @returns `undefined` if there is no such copy
 * @throws HousecleaningError `bad-archive` if it is not what its manifest declares; `unstable-read` if what lies there cannot
 *   be kept
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
    /** Called when nothing but the put is left to do, with the key of the copy of what lies there. */
    readonly beforePut?: (keptAs: string | undefined) => Promise<void>;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Republished | undefined> {
  const { stage, manifest, manifestDocument, over } = from;
  const asked = from.signal ? { signal: from.signal } : {};
  const copy = await store.get(stage, asked);
  if (copy === undefined) return undefined;
  await verifyArchiveStream(piecesOfBody(copy.body), manifestDocument);
  const keptAs = over === undefined ? undefined : await keepCopy(store, cell, over, from.signal);
  const again = await store.get(stage, { ifMatch: copy.etag, ...asked });
  if (again === undefined) return undefined;
  await letGoIfItFails(again.body, from.beforePut?.(keptAs));
  const info = await store.put(archiveKey(cell), again.body, {
    ...(over === undefined ? { ifAbsent: true } : { ifMatch: over }),
    sha256: manifestDocument.archive.gzSha256,
    size: manifestDocument.archive.gzBytes,
    metadata: stampMetadata({ manifest, stage }, manifestDocument),
    ...asked,
  });
  return keptAs === undefined ? info : { ...info, keptAs };
}

/** What has to be done before a body is used; without that nobody reads it. */
async function letGoIfItFails(body: ReadableStream<Uint8Array>, before: Promise<void> | undefined): Promise<void> {
  try {
    await before;
  } catch (error) {
    await body.cancel().catch(() => undefined);
    throw error;
  }
}
