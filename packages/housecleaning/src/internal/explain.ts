import { verifyArchiveStream } from '../archive.ts';
import { isDayClosed } from '../days.ts';
import { HousecleaningError, isObjectStoreError } from '../errors.ts';
import { archiveKey, assertCell, quarantineKey, rawCellPrefix, type Cell } from '../keys.ts';
import type { ObjectInfo } from '../object-store.ts';
import { isDigestFault, readManifest, readProvenArchive, type ProvenArchive } from './base.ts';
import { deriveCell, type CellFacts } from './derive-cell.ts';
import { isAnother, readEnvironment } from './environment.ts';
import { tallyForeign } from './foreign.ts';
import { listAll } from './listing.ts';
import { findLostGeneration, listControl } from './lost-generations.ts';
import type { ArchiveManifest } from './manifest.ts';
import { classifySources } from './plan.ts';
import { findForeign, hasStamp } from './prove-base.ts';
import { weighSources, whyKept } from './prune.ts';
import { readQuarantine, type QuarantineRecord } from './quarantine.ts';
import type { CellState } from './report-types.ts';
import { findRestorable } from './restore-from-stage.ts';
import { resolveOptions } from './run-options.ts';
import type { HousecleaningOptions, ResolvedOptions } from './run-types.ts';
import { stageKeysOf } from './stage-keys.ts';
import { findStageFault } from './staged-copy.ts';
import { piecesOfBody } from './streams.ts';
import { judgeUnnamed } from './unnamed-archive.ts';

/** Where one cell stands, and why. */
export interface CellExplanation {
  readonly symbol: string;
  readonly date: string;
  readonly state: CellState;
  /** How the state follows from what is in the store, step by step. */
  readonly reasons: readonly string[];
  /** Generation of the archive, 0 without one. */
  readonly generation: number;
  /** Raw objects listed. */
  readonly raw: number;
  /** Those that the archive does not hold. */
  readonly added: number;
  /** Those that lie under a key of the archive and are another object. */
  readonly conflicting: number;
  /** Archived raw objects that a run could delete now, if its budget allows it. */
  readonly deletable: number;
  /** Archived raw objects that it could not delete, by reason. */
  readonly blocked: Readonly<Record<string, number>>;
  /** Keys of staged copies. */
  readonly stages: readonly string[];
  readonly manifests: number;
  /** Entries among the raw objects that are no objects, and stay: in a folder, links and names that are no keys. */
  readonly strays: number;
  /** The first ten of them, with what they are. */
  readonly strayNames: readonly string[];
  readonly quarantine: QuarantineRecord | null;
  /** What a run would do with it, or what somebody has to do. */
  readonly next: string;
}

/**
 * Derives the state of one cell from the store, by the same functions as a run, and says how. Reads everything that the
 * state depends on, the archive included; changes nothing.
 *
 * @throws HousecleaningError `bad-option`, `bad-key`, `bad-listing`; `wrong-store` if its stamp is another's
 */
export async function explainCell(options: HousecleaningOptions, cell: Cell): Promise<CellExplanation> {
  assertCell(cell);
  const resolved = resolveOptions(options);
  const { store, signal } = resolved;
  if ((await readEnvironment(store, resolved)) === 'differs')
    throw new HousecleaningError('wrong-store', `${isAnother(resolved)} A run would be halted.`, resolved.env);
  const quarantine = await readQuarantine(store, cell, signal);
  const strays = tallyForeign();
  // Before the raw objects, as a run does.
  const { names: manifests, stages } = await listControl(store, cell, resolved.maxSources, signal);
  const listed = await listAll(store, rawCellPrefix(cell), resolved.maxSources, signal, strays.addStray);
  const base = await proof(resolved, cell);
  const proven = base.proven;
  const { added, conflicting } = classifySources(proven?.manifest, listed);
  const blocked: Record<string, number> = {};
  let deletable = 0;
  let candidates = 0;
  let overwritten = 0;
  if (proven) {
    const about = { cell, listed, options: resolved, manifest: proven.manifest, safeTimeMs: resolved.nowMs };
    const state = quarantine?.stops === true ? 'quarantined' : 'verified';
    for (const candidate of weighSources({
      ...{ ...about, state, verified: true, archiveOnly: false, capabilities: store.capabilities },
    })) {
      candidates += 1;
      if (candidate.overwritten) overwritten += 1;
      const why = whyKept(candidate, resolved.minAgeMs);
      if (why === undefined) deletable += 1;
      else blocked[why] = (blocked[why] ?? 0) + 1;
    }
  }
  const staged = await findStaged(resolved, cell, proven, stages, manifests);
  const accepted = quarantine?.record?.accepted ?? [];
  const found = { names: manifests, stages, base: proven, listed, accepted, signal };
  const suspected = base.fault === undefined ? await findLostGeneration(store, cell, found) : undefined;
  // A run that publishes and prunes meanwhile leaves the same traces.
  const now = suspected && (await store.head(archiveKey(cell), signal ? { signal } : {}));
  const lost = now?.etag === proven?.info.etag ? suspected : undefined;
  const isStaged = lost?.complete.some((one) => isStagedOf(one.manifest, stages, resolved));
  const passedOver = strays.found();
  const derived = deriveCell({
    closed: isDayClosed(cell.date, resolved.day, resolved.nowMs, resolved.graceMs),
    stopped: quarantine?.stops === true,
    fault: base.fault,
    proven,
    staged,
    ...{ raw: listed.length, added: added.length, conflicting: conflicting.length, candidates, overwritten, deletable },
    quarantineKey: quarantineKey(cell),
    ...{ stages: stages.length, unnamed: base.unnamed, isForeign: base.isForeign === true },
    // A sole suspicion, which nothing can heal or an overwriting writer explains, is none to a run either.
    lost:
      lost && (lost.isSure || (isStaged === true && resolved.writers === 'write-once'))
        ? { reason: lost.reason, objects: lost.objects, isStaged: isStaged === true }
        : undefined,
    stageFault: proven && (await findStageFault(store, cell, proven, signal)),
  });
  // Where not everything is staged, something may be all the same.
  const isPart = quarantine?.stops === true && lost !== undefined && isStaged !== true;
  const part = isPart ? await findRestorable(store, cell) : undefined;
  const next =
    part === undefined || part.manifestSha256 === proven?.manifestSha256
      ? derived.next
      : `${derived.next}; "restore-from-stage" would publish generation ${part.generation} at once, from "${part.stage}", and say what is still missing`;
  return {
    ...{ symbol: cell.symbol, date: cell.date, ...derived, next, generation: proven?.manifest.generation ?? 0 },
    ...{ raw: listed.length, added: added.length, conflicting: conflicting.length, deletable, blocked },
    ...{ stages, manifests: manifests.length, quarantine: quarantine?.record ?? null },
    ...{ strays: passedOver.strays, strayNames: passedOver.names },
  };
}

async function proof(
  options: ResolvedOptions,
  cell: Cell,
): Promise<{
  readonly proven?: ProvenArchive;
  readonly fault?: string;
  readonly unnamed?: CellFacts['unnamed'];
  readonly isForeign?: boolean;
}> {
  const { store, signal } = options;
  try {
    const proven = await readProvenArchive(store, cell, signal ? { signal } : {});
    if (proven === undefined) return {};
    const foreign = findForeign(proven.manifest, options);
    return foreign ? { fault: foreign.message, isForeign: true } : { proven };
  } catch (error) {
    if (!isDigestFault(error)) throw error;
    const info = await store.head(archiveKey(cell), signal ? { signal } : {});
    const fault = error instanceof Error ? error.message : String(error);
    return !info || hasStamp(info, cell) ? { fault } : { fault, unnamed: await whatIsAllowed(options, cell, info) };
  }
}

/** What a run would do about an archive without our metadata. */
async function whatIsAllowed(options: ResolvedOptions, cell: Cell, info: ObjectInfo): Promise<CellFacts['unnamed']> {
  if (Object.keys(info.metadata).length > 0) return 'nothing';
  try {
    const verdict = await judgeUnnamed(options.store, cell, info, options);
    return verdict && !findForeign(verdict.manifest, options) ? verdict.action : 'nothing';
  } catch (error) {
    // Who looks while somebody mends it learns that by looking again.
    if (!isDigestFault(error) && !isObjectStoreError(error, 'precondition-failed')) throw error;
    return 'nothing';
  }
}

/** The generation that lies staged and proven and is not published. */
async function findStaged(
  { store, signal }: ResolvedOptions,
  cell: Cell,
  proven: ProvenArchive | undefined,
  stages: readonly string[],
  manifests: readonly string[],
): Promise<number | undefined> {
  for (const sha256 of manifests) {
    let manifest: ArchiveManifest;
    try {
      manifest = await readManifest(store, cell, sha256, signal);
    } catch (error) {
      if (!isDigestFault(error)) throw error;
      continue;
    }
    if (manifest.supersedes !== (proven?.manifestSha256 ?? null)) continue;
    for (const stage of stageKeysOf(cell, manifest.archive.sha256)) {
      if (!stages.includes(stage)) continue;
      const object = await store.get(stage, signal ? { signal } : {});
      if (object === undefined) continue;
      try {
        await verifyArchiveStream(piecesOfBody(object.body), manifest);
        return manifest.generation;
      } catch (error) {
        if (!isDigestFault(error)) throw error;
      }
    }
  }
  return undefined;
}

/** Whether a run may publish a staged copy of it. */
function isStagedOf(manifest: ArchiveManifest, stages: readonly string[], options: ResolvedOptions): boolean {
  const { cell, archive } = manifest;
  const isThere = stageKeysOf(cell, archive.sha256).some((key) => stages.includes(key));
  return isThere && !findForeign(manifest, options);
}
