import type { ArchiveManifest, ArchiveSource } from './manifest.ts';
import type { ObjectInfo } from '../object-store.ts';

/** The nine facts that decide whether one raw object may be deleted. */
export interface DeleteFacts {
  /** The safety check of the run failed. */
  readonly halted: boolean;
  /** The archive was read back from the store and proven in this run. */
  readonly verifiedThisRun: boolean;
  readonly quarantined: boolean;
  /** The day ended at least the grace period ago. */
  readonly dayClosed: boolean;
  /** The store accepted the object long enough ago. */
  readonly ageOk: boolean;
  /** The manifest of the proven archive holds the key. */
  readonly inManifest: boolean;
  /** What lies under the key is the very object that was archived. */
  readonly identityMatches: boolean;
  readonly withinBudget: boolean;
  /** The store deletes conditionally, or the key can never be written again. */
  readonly cannotBeOverwritten: boolean;
}

/** The only place that allows a delete: every fact must speak for it. */
export function canDelete(facts: DeleteFacts): boolean {
  return (
    !facts.halted &&
    facts.verifiedThisRun &&
    !facts.quarantined &&
    facts.dayClosed &&
    facts.ageOk &&
    facts.inManifest &&
    facts.identityMatches &&
    facts.withinBudget &&
    facts.cannotBeOverwritten
  );
}

/** What a listing means against a manifest. */
export interface SourcePlan {
  /** The very objects of the manifest: nothing to archive, candidates for deletion. */
  readonly known: readonly ObjectInfo[];
  /** Keys that the manifest does not know: the next generation. */
  readonly added: readonly ObjectInfo[];
  /** Keys of the manifest under which another object lies; their bytes decide. */
  readonly conflicting: readonly ObjectInfo[];
}

/** Sorts listed objects into known, added and conflicting. */
export function classifySources(manifest: ArchiveManifest | undefined, listed: readonly ObjectInfo[]): SourcePlan {
  const byKey = indexByKey(manifest?.sources ?? []);
  const known: ObjectInfo[] = [];
  const added: ObjectInfo[] = [];
  const conflicting: ObjectInfo[] = [];
  for (const object of listed) {
    const archived = byKey.get(object.key);
    if (archived === undefined) added.push(object);
    else if (archived.some((source) => isSameObject(source, object))) known.push(object);
    else conflicting.push(object);
  }
  return { known, added, conflicting };
}

/** True if the listed object is the one that was archived, not merely one with the same bytes. */
export function isSameObject(source: ArchiveSource, object: ObjectInfo): boolean {
  return source.etag === object.etag && source.size === object.size && source.version === object.version;
}

/** Sources by key; a key has several where a writer overwrote it between generations. */
export function indexByKey(sources: readonly ArchiveSource[]): ReadonlyMap<string, readonly ArchiveSource[]> {
  const byKey = new Map<string, ArchiveSource[]>();
  for (const source of sources) {
    const same = byKey.get(source.key);
    if (same) same.push(source);
    else byKey.set(source.key, [source]);
  }
  return byKey;
}

/** The first source of `before` that `after` does not hold unchanged, if any: a generation never loses one. */
export function findLostSource(
  before: Pick<ArchiveManifest, 'sources'>,
  after: Pick<ArchiveManifest, 'sources'>,
): ArchiveSource | undefined {
  const byKey = indexByKey(after.sources);
  return before.sources.find(
    (old) =>
      !byKey
        .get(old.key)
        ?.some(
          (s) => s.etag === old.etag && s.version === old.version && s.sha256 === old.sha256 && s.size === old.size,
        ),
  );
}
