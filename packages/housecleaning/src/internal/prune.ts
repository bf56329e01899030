import { isDayClosed } from '../days.ts';
import { archiveKey, parseRawKey, type Cell } from '../keys.ts';
import type { ObjectInfo, ObjectStore, ObjectStoreCapabilities } from '../object-store.ts';
import type { ProvenArchive } from './base.ts';
import { stateOf } from './cell-state.ts';
import type { ArchiveManifest } from './manifest.ts';
import { canDelete, indexByKey, isSameObject, type DeleteFacts } from './plan.ts';
import { readQuarantine } from './quarantine.ts';
import type { CellState } from './report-types.ts';
import { restart, type CellProgress, type RunContext, type TellStep } from './run-context.ts';
import type { ResolvedOptions } from './run-types.ts';

/** Objects deleted between two looks at whether the cell may still be pruned. */
const slice = 100;

/** P10 of one cell. */
export type Prune = (
  context: RunContext,
  progress: CellProgress,
  proven: ProvenArchive,
  step: TellStep,
) => Promise<void>;

/**
 * Makes the only function of a run that can delete.
 *
 * It deletes the raw objects of a manifest whose archive was proven in this run. The set comes from the manifest; the
 * listing only says which of its objects are still there. Before each batch it looks whether that archive is still the
 * published one and whether somebody put the cell into quarantine. It stops at the first answer that was not expected.
 */
export function createPruner(store: Pick<ObjectStore, 'delete'>): Prune {
  return async (context, progress, proven, step) => {
    const { options } = context;
    const { capabilities } = context.store;
    const candidates = weighSources({ ...context, capabilities, ...progress, manifest: proven.manifest });
    const wanted = candidates.filter((candidate) => whyKept(candidate, options.minAgeMs) === undefined);
    const granted = await context.takeDeletes(wanted.length);
    const allowed = wanted.slice(0, granted);
    for (const candidate of wanted.slice(granted)) candidate.facts.withinBudget = false;
    progress.remaining = candidates.length;
    let asked = 0;
    try {
      const size = Math.min(slice, capabilities.maxDeleteBatch);
      for (let at = 0; at < allowed.length; at += size) {
        step('prune', at, allowed.length);
        const batch = await reconsider(context, progress, proven, allowed.slice(at, at + size));
        if (batch === undefined) break;
        progress.state = 'pruning';
        if (!capabilities.conditionalDelete && !(await stillTheSame(context, batch))) {
          progress.problems.push(
            `An object of "${batch[0]!.key}" … was replaced while it was about to be deleted; nothing more was.`,
          );
          break;
        }
        asked += batch.length;
        const results = await store.delete(batch.map(({ key, etag }) => ({ key, etag })));
        for (const { outcome } of results) {
          if (outcome === 'deleted') progress.deleted += 1;
          if (outcome !== 'changed') progress.remaining -= 1;
        }
        const changed = results.find(({ outcome }) => outcome === 'changed');
        if (changed) {
          progress.problems.push(
            `"${changed.key}" was replaced while it was about to be deleted; it was kept and nothing more deleted.`,
          );
          break;
        }
      }
    } finally {
      context.giveBackDeletes(granted - asked);
    }
    if (progress.state === 'quarantined') return;
    const kept = new Map<string, number>();
    for (const candidate of candidates) {
      const why = whyKept(candidate, options.minAgeMs);
      if (why !== undefined) kept.set(why, (kept.get(why) ?? 0) + 1);
    }
    for (const [why, count] of kept) {
      // What can never change here is no news every day: it is counted.
      if (why === unguarded) progress.kept = count;
      else if (why !== young) progress.problems.push(`${count} archived raw object(s) were kept: ${why}.`);
    }
    const isOverwritten = candidates.some(({ overwritten }) => overwritten);
    progress.state = isOverwritten ? 'conflict' : stateOf(proven.manifest, progress.remaining);
    step('prune', allowed.length, allowed.length);
  };
}

/** A listed object that the archive holds. */
export interface Candidate {
  readonly object: ObjectInfo;
  readonly facts: { -readonly [K in keyof DeleteFacts]: DeleteFacts[K] };
  /** A key that was archived twice was overwritten once: under a promise to write once nothing about it is certain. */
  readonly overwritten: boolean;
}

/**
 * What is known of every listed object that the manifest holds; the budget is not asked yet. A key that the manifest does
 * not hold, or holds with another identity, is none of the pruner's business at all.
 */
export function weighSources(about: {
  readonly cell: Cell;
  readonly state: CellState;
  readonly verified: boolean;
  readonly listed: readonly ObjectInfo[];
  readonly manifest: ArchiveManifest;
  readonly options: ResolvedOptions;
  readonly capabilities: ObjectStoreCapabilities;
  readonly safeTimeMs: number;
  readonly archiveOnly: boolean;
}): readonly Candidate[] {
  const { cell, state, verified, listed, manifest, options, capabilities, safeTimeMs, archiveOnly } = about;
  const archived = indexByKey(manifest.sources);
  const dayClosed = isDayClosed(cell.date, options.day, safeTimeMs, options.graceMs);
  const candidates: Candidate[] = [];
  for (const object of listed) {
    const sources = archived.get(object.key);
    const source = sources?.find((s) => isSameObject(s, object));
    if (source === undefined) continue;
    candidates.push({
      object,
      overwritten: options.writers === 'write-once' && sources!.length > 1,
      facts: {
        halted: archiveOnly,
        verifiedThisRun: verified,
        quarantined: state === 'quarantined',
        dayClosed,
        ageOk: options.minAgeMs === 0 || object.uploadedMs <= safeTimeMs - options.minAgeMs,
        inManifest: archived.has(object.key),
        identityMatches: isSameObject(source, object),
        withinBudget: true,
        cannotBeOverwritten:
          capabilities.conditionalDelete ||
          (options.writers === 'write-once' && isWriteOnceKey(object.key, source.sha256)),
      },
    });
  }
  return candidates;
}

/** Why a candidate stays; `undefined` if it may go. */
export function whyKept({ facts, overwritten }: Candidate, minAgeMs: number): string | undefined {
  if (overwritten) return 'its key was overwritten';
  return canDelete(facts) ? undefined : explain(facts, minAgeMs);
}

/** The batch as far as it may still be deleted, by facts of this moment; `undefined` where the cell was put into quarantine. */
async function reconsider(
  context: RunContext,
  progress: CellProgress,
  proven: ProvenArchive,
  batch: readonly Candidate[],
): Promise<readonly ObjectInfo[] | undefined> {
  const { cell } = progress;
  const quarantine = await readQuarantine(context.store, cell, context.options.signal);
  const now = await context.store.head(archiveKey(cell));
  const quarantined = quarantine?.stops === true;
  const verifiedThisRun = progress.verified && now?.etag === proven.info.etag;
  if (quarantined) {
    progress.state = 'quarantined';
    progress.problems.push('Another run put this cell into quarantine; nothing more was deleted.');
    return undefined;
  }
  if (!verifiedThisRun) return restart('the archive moved on before its raw objects were deleted');
  return batch.filter(({ facts }) => canDelete({ ...facts, quarantined, verifiedThisRun })).map(({ object }) => object);
}

/** Without conditional delete the ends of a batch are looked at once more: a tripwire, not the guarantee. */
async function stillTheSame(context: RunContext, batch: readonly ObjectInfo[]): Promise<boolean> {
  const ends = batch.length > 1 ? [batch[0]!, batch.at(-1)!] : batch;
  for (const object of ends) {
    const now = await context.store.head(object.key);
    if (now && (now.etag !== object.etag || now.version !== object.version || now.size !== object.size)) return false;
  }
  return true;
}

/** A key that carries the digest of its bytes cannot come to mean other bytes. */
function isWriteOnceKey(key: string, sha256: string): boolean {
  const segment = parseRawKey(key);
  return segment !== undefined && sha256.startsWith(segment.sha256Prefix);
}

/** Kept for a while only: nothing that needs attention. */
const young = 'not old enough';
/** Kept for ever. */
const unguarded =
  'the store cannot delete conditionally, and the key is not one that is written only once (writers: "write-once" and keys of createTapeWriter)';

function explain(facts: DeleteFacts, minAgeMs: number): string {
  if (facts.halted) return 'the safety check let nothing be deleted (onUnsafe: "archive-only")';
  if (!facts.cannotBeOverwritten) return unguarded;
  if (!facts.ageOk) return young;
  if (!facts.withinBudget) {
    return 'the run may not delete more; run again, raise maxDeletes, or, where the last runs set the limit, look at the plan and apply it';
  }
  return `a fact speaks against deleting them (minAgeMs ${minAgeMs})`;
}
