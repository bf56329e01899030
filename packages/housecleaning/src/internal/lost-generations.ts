/**
 * Evidence of archives that are gone: a manifest is stored before its staged copy is finished and its archive published, and
 * outlives them. Only looks; who calls it acts.
 */
import {
  archiveKey,
  isSha256,
  isStageKey,
  manifestKey,
  manifestPrefix,
  parseRawKey,
  stagePrefix,
  type Cell,
} from '../keys.ts';
import type { ObjectInfo, ObjectStore } from '../object-store.ts';
import { isDigestFault, readManifest, type ProvenArchive } from './base.ts';
import { findGrownIn, hasGrown } from './grown-objects.ts';
import { findPublished } from './journal.ts';
import { listAll } from './listing.ts';
import type { ArchiveManifest, ArchiveSource } from './manifest.ts';
import { findLostSource, indexByKey, isSameObject } from './plan.ts';
import { stageKeysOf } from './stage-keys.ts';
import { areHeldIn, findUnnamedStages, type UnnamedStage } from './unnamed-stages.ts';

/** A manifest and its name. */
export interface NamedManifest {
  readonly manifestSha256: string;
  readonly manifest: ArchiveManifest;
}

/** A generation that a manifest or a staged copy tells of, and that is neither archived nor there as raw objects. */
export interface LostGeneration {
  /**
   * Names of the manifests that tell of it, the newest generation first, and the digests that staged copies without a
   * manifest are named by: what somebody who looked may accept.
   */
  readonly manifests: readonly string[];
  /** Keys of all that tells of it: nothing does once they are elsewhere. */
  readonly objects: readonly string[];
  /** What somebody reads about it. */
  readonly reason: string;
  /**
   * False where nothing but overwritten raw objects tells of it, and no journal entry: then it may as well be an attempt that
   * died, whose raw objects a writer replaced since.
   */
  readonly isSure: boolean;
  /** Manifests that hold everything that those tell of and that is no raw object, the best first. */
  readonly complete: readonly NamedManifest[];
}

/** What there is to compare with the manifests. */
export interface CellSources {
  /** Keys of its staged copies, listed before the manifests were: a copy that comes later has a manifest. */
  readonly stages: readonly string[];
  /** Names of its manifests, listed before the raw objects were: what is named later may be made of later raw objects. */
  readonly names: readonly string[];
  readonly base: Pick<ProvenArchive, 'manifest' | 'manifestSha256'> | undefined;
  /** Its raw objects. */
  readonly listed: readonly ObjectInfo[];
  /** Manifests, and digests of staged copies without one, whose loss somebody has accepted. */
  readonly accepted?: readonly string[];
  /** Is told the names of manifests that cannot be read. */
  readonly onUnread?: (manifestSha256: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Keys of the staged copies and names of the manifests of a cell, in this order. */
export async function listControl(
  store: Pick<ObjectStore, 'list'>,
  cell: Cell,
  maxObjects: number,
  signal?: AbortSignal,
): Promise<Pick<CellSources, 'stages' | 'names'>> {
  const prefix = `${stagePrefix}${cell.symbol}/${cell.date}/`;
  const staged = (await listAll(store, prefix, maxObjects, signal)).map(({ key }) => key);
  const names = await listManifests(store, cell, maxObjects, signal);
  return { stages: staged.filter((key) => isStageKey(cell, key)), names };
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
 * or was rolled back, or somebody took its raw objects away. Where other objects lie under their keys, those of the attempt may
 * have been overwritten before any archive was made: the bytes that they begin with, what was built upon the manifest, and the
 * journal tell them apart, as far as they do. A manifest that nobody can read counts too, unless the base is
 * built upon it; and a staged copy that no manifest names, unless the base holds its lines.
 *
 * Reads every manifest but the base's own and, where all staged copies have a manifest, the one that it supersedes. Whoever
 * acts on the answer looks first whether the archive is still the one that was proven: a run at work publishes and prunes
 * meanwhile.
 */
export async function findLostGeneration(
  store: Pick<ObjectStore, 'get' | 'head' | 'list'>,
  cell: Cell,
  sources: CellSources,
): Promise<LostGeneration | undefined> {
  const { names, stages, base, accepted = [], signal } = sources;
  const others = names.filter(
    (name) => name !== base?.manifestSha256 && name !== base?.manifest.supersedes && !accepted.includes(name),
  );
  const isKept = keeperOf(base, sources.listed);
  const suspects: Suspect[] = [];
  const unread: string[] = [];
  /** Of a manifest that was read: what it was built upon, and the digest of its content. */
  const known = new Map<string, KnownManifest>();
  /** What was built upon was published. */
  const published = new Set<string | null>();
  if (base) known.set(base.manifestSha256, factsOf(base.manifest));
  // One at a time: a manifest of very many sources is large.
  for (const name of others) {
    const manifest = await readTwice(store, cell, name, signal);
    if (manifest === 'unreadable') {
      unread.push(name);
      sources.onUnread?.(name);
    } else if (manifest) {
      known.set(name, factsOf(manifest));
      published.add(manifest.supersedes);
      const missing = await findMissing(store, cell, manifest, isKept, base, signal);
      if (missing) suspects.push({ name, generation: manifest.generation, ...missing });
    }
  }
  const unsure = suspects.filter(({ name, isGone }) => !isGone && !published.has(name));
  for (const name of await findPublished(store, unsure, signal)) published.add(name);
  const look = async (name: string): Promise<KnownManifest | undefined> => {
    const manifest = await readTwice(store, cell, name, signal);
    return manifest === undefined || manifest === 'unreadable' ? undefined : factsOf(manifest);
  };
  const unnamed = await findUnnamedStages(store, {
    ...{ stages, names, known, look, accepted, signal, unread },
    within: base && archiveKey(cell),
    relist: () => listManifests(store, cell, mostManifests, signal),
  });
  const blind = unread.length > 0 && base ? await withoutPredecessors(unread, base, known, look) : unread;
  const isSureOf = (suspect: Suspect): boolean => suspect.isGone || published.has(suspect.name);
  const hasMore = blind.length > 0 || unnamed.length > 0;
  const told = (hasMore || suspects.some(isSureOf) ? suspects.filter(isSureOf) : suspects).sort(
    (a, b) => b.generation - a.generation,
  );
  if (told.length === 0 && !hasMore) return undefined;
  const manifests = told.map(({ name }) => name);
  // One that cannot be read may be of a later generation.
  const complete =
    unread.length > 0 || told.length === 0
      ? []
      : await findComplete(store, cell, { ...sources, names: others }, manifests);
  const holding = unnamed.length === 0 ? complete : await areHeldIn(store, cell, unnamed, complete, stages, signal);
  const contents = new Set(manifests.flatMap((name) => stageKeysOf(cell, known.get(name)?.content ?? '')));
  return {
    manifests: [...manifests, ...blind, ...new Set(unnamed.map(({ content }) => content))],
    objects: [
      ...[...manifests, ...blind].map((name) => manifestKey(cell, name)),
      ...stages.filter((key) => contents.has(key) || unnamed.some((stage) => stage.key === key)),
    ],
    isSure: hasMore || told.some(isSureOf),
    reason: tell(cell, base, { told, blind, unnamed: holding.length > 0 ? [] : unnamed }),
    complete: holding,
  };
}

const mostManifests = 1_000_000;

/** What is remembered of a manifest that was read. */
export interface KnownManifest {
  readonly supersedes: string | null;
  /** SHA-256 of the decompressed archive, by which its staged copies are named. */
  readonly content: string;
}

function factsOf({ supersedes, archive }: ArchiveManifest): KnownManifest {
  return { supersedes, content: archive.sha256 };
}

/** Those that the base is not known to be built upon. */
async function withoutPredecessors(
  unread: readonly string[],
  base: NonNullable<CellSources['base']>,
  known: ReadonlyMap<string, KnownManifest>,
  look: (name: string) => Promise<KnownManifest | undefined>,
): Promise<readonly string[]> {
  const built = new Set<string>();
  for (let name = base.manifest.supersedes; name !== null && !built.has(name);) {
    built.add(name);
    if (unread.includes(name)) break;
    name = (known.get(name) ?? (await look(name)))?.supersedes ?? null;
  }
  return unread.filter((name) => !built.has(name));
}

/** What somebody reads about it. */
function tell(
  cell: Cell,
  base: CellSources['base'],
  found: {
    readonly told: readonly Suspect[];
    readonly blind: readonly string[];
    readonly unnamed: readonly UnnamedStage[];
  },
): string {
  const gone = base === undefined ? 'There is no archive' : `The archive is of generation ${base.manifest.generation}`;
  const [{ name, generation, source, isGone } = {}] = found.told;
  const sentences: string[] = [];
  if (name !== undefined && source) {
    const where = isGone ? 'which is neither in the archive nor among the raw objects' : 'which was overwritten since';
    sentences.push(
      `${gone}, though manifest "${manifestKey(cell, name)}" says that there was one: its generation ${generation} ` +
        `holds "${source.key}", ${where}.`,
    );
  }
  if (found.blind[0] !== undefined) {
    const key = manifestKey(cell, found.blind[0]);
    const what = base === undefined ? 'says that there may have been one' : 'may be of a later one';
    sentences.push(
      `${gone}, though manifest "${key}", which cannot be read, ${what}. Bring it back from a backup, or move it out of the ` +
        'store if nothing can be.',
    );
  }
  if (found.unnamed[0]) {
    const { key, isReadable } = found.unnamed[0];
    const more = found.unnamed.length > 1 ? ` (and ${found.unnamed.length - 1} more)` : '';
    const what =
      base === undefined
        ? 'says that there was one: no manifest that can be read names it'
        : `is of another: no manifest that can be read names it, and ${isReadable ? 'it holds lines that the archive does not' : 'it cannot be read'}`;
    sentences.push(
      `${gone}, though staged copy "${key}"${more} ${what}. Bring its manifest back from a backup, or move that copy out of the ` +
        'store if it is not wanted.',
    );
  }
  return sentences.join(' ');
}

/** A manifest with a source that is not kept. */
interface Suspect {
  readonly name: string;
  readonly generation: number;
  readonly source: ArchiveSource;
  /** Nothing lies under its key; else another object does. */
  readonly isGone: boolean;
  /** When the last of its raw objects was put. */
  readonly sinceMs: number;
}

/** Whether the base holds the bytes of a source, or its raw object was listed. */
export function keeperOf(base: CellSources['base'], listed: readonly ObjectInfo[]): (source: ArchiveSource) => boolean {
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

/**
 * A source that is nowhere; looked for once more each, for a listing is no evidence that something is not there. An object that
 * has grown since holds what it was.
 */
async function findMissing(
  store: Pick<ObjectStore, 'get' | 'head'>,
  cell: Cell,
  { sources, generation }: ArchiveManifest,
  isKept: (source: ArchiveSource) => boolean,
  base: CellSources['base'],
  signal: AbortSignal | undefined,
): Promise<Omit<Suspect, 'name' | 'generation'> | undefined> {
  const sinceMs = sources.reduce((latestMs, { uploadedMs }) => Math.max(latestMs, uploadedMs), -Infinity);
  const overwritten: ArchiveSource[] = [];
  for (const source of sources) {
    if (isKept(source)) continue;
    const object = await store.head(source.key, signal ? { signal } : {});
    if (object === undefined) {
      // An attempt that died, whose key a writer used again before the base was made of it and it was pruned.
      const isReplaced = generation <= (base?.manifest.generation ?? 0) && parseRawKey(source.key) === undefined;
      if (!isReplaced || !base?.manifest.sources.some(({ key }) => key === source.key))
        return { source, isGone: true, sinceMs };
      overwritten.push(source);
    } else if (!isSameObject(source, object) && !(await hasGrown(store, source, object, signal))) {
      // One that was put again with the same bytes, or copied with its store, is held by them.
      overwritten.push(source);
    }
  }
  if (overwritten.length === 0) return undefined;
  const grown = base && (await findGrownIn(store, cell, base.manifest, overwritten, signal));
  const source = overwritten.find((one) => grown?.has(one) !== true);
  return source && { source, isGone: false, sinceMs };
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
export async function readTwice(
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
