import { parseRawKey } from '../keys.ts';
import type { ObjectInfo } from '../object-store.ts';
import type { ArchiveManifest } from './manifest.ts';
import { canDelete, indexByKey, isDayClosed, isSameObject, type DeleteFacts } from './plan.ts';
import type { CellProgress, RunContext, TellStep } from './run-context.ts';

const slice = 100;

/**
 * P10: deletes the raw objects of a manifest whose archive was proven in this run. The set comes from the manifest; the
 * listing only says which of its objects are still there. Stops at the first answer that was not expected.
 */
export async function prune(
  context: RunContext,
  progress: CellProgress,
  manifest: ArchiveManifest,
  step: TellStep,
): Promise<void> {
  const { store, options } = context;
  const archived = indexByKey(manifest.sources);
  const present: ObjectInfo[] = [];
  const allowed: ObjectInfo[] = [];
  const kept = new Map<string, number>();
  for (const object of progress.listed) {
    const source = archived.get(object.key)?.find((s) => isSameObject(s, object));
    if (source) present.push(object);
    const facts: DeleteFacts = {
      halted: false,
      verifiedThisRun: progress.verified,
      quarantined: progress.state === 'quarantined',
      dayClosed: isDayClosed(progress.cell.date, context.safeTimeMs, options.graceMs),
      ageOk: options.minAgeMs === 0 || object.uploadedMs <= context.safeTimeMs - options.minAgeMs,
      inManifest: archived.has(object.key),
      identityMatches: source !== undefined,
      withinBudget: allowed.length < context.budget,
      cannotBeOverwritten:
        store.capabilities.conditionalDelete ||
        (options.writers === 'write-once' && isWriteOnceKey(object.key, source?.sha256)),
    };
    // A key that was archived twice was overwritten once: under a promise to write once nothing about it is certain.
    const overwritten = options.writers === 'write-once' && (archived.get(object.key)?.length ?? 0) > 1;
    if (canDelete(facts) && !overwritten) allowed.push(object);
    else if (source) {
      const why = overwritten ? 'its key was overwritten' : explain(facts, options.minAgeMs);
      kept.set(why, (kept.get(why) ?? 0) + 1);
    }
  }
  progress.remaining = present.length;
  const size = Math.min(slice, store.capabilities.maxDeleteBatch);
  for (let at = 0; at < allowed.length; at += size) {
    step('prune', at, allowed.length);
    const batch = allowed.slice(at, at + size);
    progress.state = 'pruning';
    if (!store.capabilities.conditionalDelete && !(await stillTheSame(context, batch))) {
      progress.problems.push(
        `An object of "${batch[0]!.key}" … was replaced while it was about to be deleted; nothing more was.`,
      );
      break;
    }
    const results = await store.delete(batch.map(({ key, etag }) => ({ key, etag })));
    context.budget -= batch.length;
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
  for (const [why, count] of kept) {
    if (why !== young) progress.problems.push(`${count} archived raw object(s) were kept: ${why}.`);
  }
  const pruned = manifest.sources.length - progress.remaining;
  progress.state = progress.remaining === 0 ? 'archived' : pruned > 0 ? 'pruning' : 'verified';
  step('prune', allowed.length, allowed.length);
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
function isWriteOnceKey(key: string, sha256: string | undefined): boolean {
  const segment = parseRawKey(key);
  return segment !== undefined && sha256?.startsWith(segment.sha256Prefix) === true;
}

const young = 'not old enough';

function explain(facts: DeleteFacts, minAgeMs: number): string {
  if (!facts.cannotBeOverwritten) {
    return 'the store cannot delete conditionally, and the key is not one that is written only once (writers: "write-once" and keys of createTapeWriter)';
  }
  if (!facts.withinBudget) return 'the run may not delete more; raise maxDeletes or run again';
  if (!facts.ageOk) return young;
  return `a fact speaks against deleting them (minAgeMs ${minAgeMs})`;
}
