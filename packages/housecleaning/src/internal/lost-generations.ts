/**
 * Evidence of archives that are gone: a manifest is stored before its archive is published, and outlives it. Only looks; who
 * calls it acts.
 */
import { isSha256, manifestKey, manifestPrefix, type Cell } from '../keys.ts';
import type { ObjectInfo, ObjectStore } from '../object-store.ts';
import { isDigestFault, readManifest, type ProvenArchive } from './base.ts';
import { listAll } from './listing.ts';
import type { ArchiveManifest, ArchiveSource } from './manifest.ts';
import { findLostSource, indexByKey, isSameObject } from './plan.ts';
import { readSource } from './reading.ts';

/** A manifest and its name. */
export interface NamedManifest {
  readonly manifestSha256: string;
  readonly manifest: ArchiveManifest;
}

/** A generation that a manifest tells of, and whose raw objects are neither archived nor there. */
export interface LostGeneration {
  /** Names of the manifests that tell of it, the newest generation first. */
  readonly manifests: readonly string[];
  /** What somebody reads about it. */
  readonly reason: string;
  /**
   * False where nothing but overwritten raw objects tells of it: then it may as well be an attempt that died, whose raw
   * objects a writer replaced since.
   */
  readonly isSure: boolean;
  /** Manifests that hold everything that those tell of and that is no raw object, the best first. */
  readonly complete: readonly NamedManifest[];
}

/** What there is to compare with the manifests. */
export interface CellSources {
  /** Names of its manifests, listed before the raw objects were: what is named later may be made of later raw objects. */
  readonly names: readonly string[];
  readonly base: Pick<ProvenArchive, 'manifest' | 'manifestSha256'> | undefined;
  /** Its raw objects. */
  readonly listed: readonly ObjectInfo[];
  /** Manifests whose loss somebody has accepted. */
  readonly accepted?: readonly string[];
  /** Is told the names of manifests that cannot be read. */
  readonly onUnread?: (manifestSha256: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Names of the manifests of a cell, in the order of their keys. */
export async function listManifests(
  store: Pick<ObjectStore, 'list'>,
  { symbol, date }: Cell,
  maxObjects: number,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const prefix = `${manifestPrefix}${symbol}/${date}/`;
  const keys = (await listAll(store, prefix, maxObjects, signal)).map(({ key }) => key.slice(prefix.length));
  return keys.flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : [])).filter(isSha256);
}

/**
 * Looks for a manifest with a source that neither the proven base holds nor the raw objects are. An attempt that died before
 * its publish still has its raw objects, or an archive since then; so such a manifest was published, and its archive is gone
 * or was rolled back, or somebody took its raw objects away. Without a base a manifest that nobody can read counts too.
 *
 * Reads every manifest but the base's own and the one that it supersedes. Whoever acts on the answer looks first whether the
 * archive is still the one that was proven: a run at work publishes and prunes meanwhile.
 */
export async function findLostGeneration(
  store: Pick<ObjectStore, 'get' | 'head'>,
  cell: Cell,
  sources: CellSources,
): Promise<LostGeneration | undefined> {
  const { names, base, accepted = [], signal } = sources;
  const others = names.filter(
    (name) => name !== base?.manifestSha256 && name !== base?.manifest.supersedes && !accepted.includes(name),
  );
  const isKept = keeperOf(base, sources.listed);
  const suspects: Suspect[] = [];
  const unread: string[] = [];
  /** What was built upon was published. */
  const published = new Set<string | null>();
  // One at a time: a manifest of very many sources is large.
  for (const name of others) {
    const manifest = await readTwice(store, cell, name, signal);
    if (manifest === 'unreadable') {
      unread.push(name);
      sources.onUnread?.(name);
    } else if (manifest) {
      published.add(manifest.supersedes);
      const missing = await findMissing(store, manifest, isKept, signal);
      if (missing) suspects.push({ name, generation: manifest.generation, ...missing });
    }
  }
  const gone = base === undefined ? 'There is no archive' : `The archive is of generation ${base.manifest.generation}`;
  const sure = suspects.filter(({ name, isGone }) => isGone || published.has(name));
  const told = (sure.length > 0 ? sure : suspects).sort((a, b) => b.generation - a.generation);
  if (told[0]) {
    const { name, generation, source, isGone } = told[0];
    const where = isGone ? 'which is neither in the archive nor among the raw objects' : 'which was overwritten since';
    const manifests = told.map((one) => one.name);
    const isSure = sure.length > 0;
    return {
      ...{ manifests, isSure },
      reason:
        `${gone}, though manifest "${manifestKey(cell, name)}" says that there was one: its generation ${generation} ` +
        `holds "${source.key}", ${where}.`,
      // One that cannot be read may be of a later generation.
      complete: unread.length > 0 ? [] : await findComplete(store, cell, { ...sources, names: others }, manifests),
    };
  }
  if (base === undefined && unread.length > 0) {
    const name = manifestKey(cell, unread[0]!);
    const reason = `${gone}, though manifest "${name}", which cannot be read, says that there may have been one.`;
    return { manifests: unread, reason, isSure: true, complete: [] };
  }
  return undefined;
}

/** A manifest with a source that is not kept. */
interface Suspect {
  readonly name: string;
  readonly generation: number;
  readonly source: ArchiveSource;
  /** Nothing lies under its key; else another object does. */
  readonly isGone: boolean;
}

/** Whether the base holds the bytes of a source, or its raw object was listed. */
function keeperOf(base: CellSources['base'], listed: readonly ObjectInfo[]): (source: ArchiveSource) => boolean {
  const archived = indexByKey(base?.manifest.sources ?? []);
  const there = new Map(listed.map((object) => [object.key, object]));
  return (source) => {
    const object = there.get(source.key);
    if (object && isSameObject(source, object)) return true;
    return archived.get(source.key)?.some((held) => hasSameBytes(held, source)) === true;
  };
}

/** True if two sources of the same key hold the same bytes, whatever the store calls them. */
export function hasSameBytes(a: ArchiveSource, b: ArchiveSource): boolean {
  return a.sha256 === b.sha256 && a.size === b.size;
}

/** A source that is nowhere; looked for once more each, for a listing is no evidence that something is not there. */
async function findMissing(
  store: Pick<ObjectStore, 'get' | 'head'>,
  { sources }: ArchiveManifest,
  isKept: (source: ArchiveSource) => boolean,
  signal: AbortSignal | undefined,
): Promise<Pick<Suspect, 'source' | 'isGone'> | undefined> {
  let overwritten: ArchiveSource | undefined;
  for (const source of sources) {
    if (isKept(source)) continue;
    const object = await store.head(source.key, signal ? { signal } : {});
    if (object === undefined) return { source, isGone: true };
    if (isSameObject(source, object) || overwritten) continue;
    // Put again, or copied with its store: its bytes decide.
    const read = object.size === source.size ? await readSource(store, object, signal) : undefined;
    if (read?.sha256 !== source.sha256) overwritten = source;
  }
  return overwritten && { source: overwritten, isGone: false };
}

/**
 * The manifests that lose nothing of the base: first those that hold what any manifest does beyond the raw objects, then
 * those that hold at least what `lost` tell of.
 */
async function findComplete(
  store: Pick<ObjectStore, 'get' | 'head'>,
  cell: Cell,
  { names, base, listed, signal }: CellSources,
  lost: readonly string[],
): Promise<readonly NamedManifest[]> {
  const isRaw = keeperOf(undefined, listed);
  const found: NamedManifest[] = [];
  for (const manifestSha256 of names) {
    const manifest = await readTwice(store, cell, manifestSha256, signal);
    if (manifest === 'unreadable') return [];
    if (manifest) found.push({ manifestSha256, manifest });
  }
  const candidates = found
    .filter(({ manifest }) => base === undefined || !findLostSource(base.manifest, manifest))
    .sort((a, b) => b.manifest.generation - a.manifest.generation);
  const holdsAll = ({ manifest }: NamedManifest, of: readonly NamedManifest[]): boolean => {
    const holds = indexByKey(manifest.sources);
    const isHeld = (source: ArchiveSource): boolean =>
      isRaw(source) || holds.get(source.key)?.some((held) => hasSameBytes(held, source)) === true;
    return of.every((one) => one.manifest.sources.every(isHeld));
  };
  const best = candidates.filter((one) => holdsAll(one, found));
  if (best.length > 0) return best;
  const needed = found.filter(({ manifestSha256 }) => lost.includes(manifestSha256));
  return candidates.filter((one) => holdsAll(one, needed));
}

/** A manifest; `undefined` if it is gone by now. A flipped bit on the way is no damage in the store. */
async function readTwice(
  store: Pick<ObjectStore, 'get' | 'head'>,
  cell: Cell,
  sha256: string,
  signal: AbortSignal | undefined,
): Promise<ArchiveManifest | 'unreadable' | undefined> {
  for (let attempt = 1; attempt <= 2; attempt++) {
    try {
      return await readManifest(store, cell, sha256, signal);
    } catch (error) {
      if (!isDigestFault(error)) throw error;
    }
  }
  const info = await store.head(manifestKey(cell, sha256), signal ? { signal } : {});
  return info === undefined ? undefined : 'unreadable';
}
