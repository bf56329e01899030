import type { ObjectInfo } from '../object-store.ts';
import type { ArchiveManifest } from './manifest.ts';
import { indexByKey, isSameObject } from './plan.ts';

/** Archived raw objects that are still there. */
export function countPresent(manifest: ArchiveManifest, listed: readonly ObjectInfo[]): number {
  const archived = indexByKey(manifest.sources);
  return listed.filter((object) => archived.get(object.key)?.some((source) => isSameObject(source, object)) === true)
    .length;
}

/** Where a proven archive stands by what is left of its raw objects. */
export function stateOf(manifest: ArchiveManifest, remaining: number): 'archived' | 'pruning' | 'verified' {
  if (remaining === 0) return 'archived';
  return remaining < manifest.sources.length ? 'pruning' : 'verified';
}
