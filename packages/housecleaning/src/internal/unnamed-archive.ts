/**
 * What to do about an archive whose metadata are gone: a file that was written, touched or copied behind the back of its
 * store. Only decides; who calls it does.
 */
import { gunzipStrictly } from '../codec.ts';
import { isHousecleaningError } from '../errors.ts';
import { manifestPrefix, stageKey, stagePrefix, type Cell } from '../keys.ts';
import type { ObjectInfo, ObjectStore } from '../object-store.ts';
import { readManifest } from './base.ts';
import { InflateError } from './inflater.ts';
import { listAll } from './listing.ts';
import type { ArchiveManifest } from './manifest.ts';
import { findLostSource } from './plan.ts';
import { createSha256 } from './sha256.ts';
import { stageKeysOf } from './stage-keys.ts';
import { piecesOfBody } from './streams.ts';

/** What its manifests and staged copies allow. */
export interface UnnamedVerdict {
  /**
   * `name`: its bytes are those of this manifest. `replace`: nobody can read them, or they are its content in another
   * frame, and the staged copies may replace them, once they prove themselves.
   */
  readonly action: 'name' | 'replace';
  readonly manifest: ArchiveManifest;
  readonly manifestSha256: string;
  /** Keys of staged copies, in the order in which to try them; of `name` the one that it names. */
  readonly stages: readonly string[];
}

/** How far it may look. */
export interface UnnamedLimits {
  readonly maxSources: number;
  readonly maxCellBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Decides by the control area alone, which is addressed by content: the manifest has to hold everything that any manifest of
 * the cell does, and every staged copy has to be named by one, else a newer generation may be gone and somebody has to look.
 * A file that can be read and holds something else is somebody's, perhaps an older system's only copy, and is never replaced.
 *
 * @returns `undefined` where nothing is proven
 * @throws HousecleaningError `bad-manifest` for a manifest that cannot be read: it decides nothing, nor lets anything be decided
 */
export async function judgeUnnamed(
  store: Pick<ObjectStore, 'get' | 'list'>,
  cell: Cell,
  { key, etag, size }: Pick<ObjectInfo, 'key' | 'etag' | 'size'>,
  limits: UnnamedLimits,
): Promise<UnnamedVerdict | undefined> {
  const { maxSources, signal } = limits;
  const path = `${cell.symbol}/${cell.date}/`;
  // Before the manifests: a generation that a peer makes meanwhile then has a manifest without a stage, never the reverse.
  const staged = (await listAll(store, `${stagePrefix}${path}`, maxSources, signal)).map((object) => object.key);
  const manifests: { readonly manifest: ArchiveManifest; readonly manifestSha256: string }[] = [];
  for (const { key: name } of await listAll(store, `${manifestPrefix}${path}`, maxSources, signal)) {
    const manifestSha256 = name.slice(name.lastIndexOf('/') + 1, -'.json'.length);
    manifests.push({ manifestSha256, manifest: await readManifest(store, cell, manifestSha256, signal) });
  }
  const complete = manifests
    .filter(({ manifest }) => !manifests.some((other) => findLostSource(other.manifest, manifest)))
    .sort((a, b) => b.manifest.generation - a.manifest.generation);
  const newest = complete[0];
  if (newest === undefined) return undefined;
  const pinned = { ifMatch: etag, ...(signal ? { signal } : {}) };

  if (complete.some(({ manifest }) => manifest.archive.gzBytes === size)) {
    const object = await store.get(key, pinned);
    if (object === undefined) return undefined;
    const hash = createSha256();
    for await (const piece of piecesOfBody(object.body)) hash.update(piece);
    const gzSha256 = hash.hex();
    const named = complete.find(({ manifest }) => manifest.archive.gzSha256 === gzSha256);
    if (named) return { action: 'name', ...named, stages: [stageKey(cell, named.manifest.archive.sha256)] };
  }

  const keysOf = ({ manifest }: { readonly manifest: ArchiveManifest }): readonly string[] =>
    stageKeysOf(cell, manifest.archive.sha256);
  const known = new Set(manifests.flatMap(keysOf));
  const stages = keysOf(newest).filter((name) => staged.includes(name));
  if (stages.length === 0 || staged.some((name) => !known.has(name))) return undefined;
  const object = await store.get(key, pinned);
  if (object === undefined) return undefined;
  const content = await contentOf(piecesOfBody(object.body), limits.maxCellBytes);
  if (content !== undefined && content !== newest.manifest.archive.sha256) return undefined;
  // Longer than all that is known: of a generation whose manifest is gone too, perhaps.
  if (content === undefined && size > newest.manifest.archive.gzBytes) return undefined;
  return { action: 'replace', ...newest, stages };
}

/**
 * The SHA-256 of what a gzip file of whatever tool holds; `undefined` if it cannot be read, `'more'` if it can and goes on
 * after its first member, or is too long to tell.
 */
export async function contentOf(gz: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string | undefined> {
  const hash = createSha256();
  try {
    // The option of a run may be any number from 0 on.
    const most = Math.min(Math.floor(maxBytes), Number.MAX_SAFE_INTEGER);
    for await (const piece of gunzipStrictly(gz, { maxBytes: most, header: 'any' })) hash.update(piece);
    return hash.hex();
  } catch (error) {
    if (!isHousecleaningError(error, 'bad-archive')) throw error;
    const { cause } = error;
    return cause instanceof InflateError && (cause.fault === 'tail' || cause.fault === 'too-long') ? 'more' : undefined;
  }
}
