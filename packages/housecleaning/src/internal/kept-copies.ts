import { isHousecleaningError } from '../errors.ts';
import { archiveKey, manifestKey, quarantinePrefix, type Cell } from '../keys.ts';
import type { ObjectInfo, ObjectStore } from '../object-store.ts';
import { isDigestFault, readManifest, readProvenArchive, type ProvenArchive } from './base.ts';
import { judgeDamage } from './judge-damage.ts';
import { parseKeptCopyKey } from './keep-copy.ts';
import { listPages } from './listing.ts';
import { listManifests } from './lost-generations.ts';
import type { ArchiveManifest } from './manifest.ts';
import { readQuarantine } from './quarantine.ts';
import { createSha256 } from './sha256.ts';
import { stageKeysOf } from './stage-keys.ts';
import { piecesOfBody } from './streams.ts';
import { holderOf, type LeftBehind } from './superseded.ts';
import { contentOf } from './unnamed-archive.ts';

/** What a manifest says about a copy, without its sources: a manifest of very many of them is large. */
interface Named extends Pick<ArchiveManifest['archive'], 'gzSha256' | 'gzBytes' | 'sha256' | 'bytes'> {
  readonly name: string;
  /** It is the manifest of the proven archive. */
  readonly isLive: boolean;
  /** The proven archive holds everything that it does. */
  readonly isHeld: boolean;
}

/** A listed copy. */
interface Copy {
  readonly object: ObjectInfo;
  readonly sha256Prefix: string;
}

const maxManifests = 1_000_000;

/**
 * Copies of what lay in the place of an archive, cell by cell, that nobody needs any more: the archive is proven now, and
 * holds every source of the manifest that names the copy's content. What was damaged counts as the content that its metadata
 * name only where its bytes are those of that archive, or of its staged copy, cut short or with a few of them flipped. What is
 * neither may be all that is left of something: it stays until its key is among `lookedAt`, and is told. A cell in quarantine
 * keeps everything.
 */
export async function* findKeptCopies(
  store: ObjectStore,
  { keepLast, lookedAt = [] }: { readonly keepLast: number; readonly lookedAt?: readonly string[] },
  beforeMs: number,
  options: {
    /** Copies that came later neither go nor count. */
    readonly asOfMs: number;
    readonly signal?: AbortSignal | undefined;
    readonly onObject?: ((object: ObjectInfo) => void) | undefined;
  },
): AsyncGenerator<LeftBehind, void, undefined> {
  const { signal } = options;
  for await (const { cell, copies } of copiesByCell(store, options)) {
    const newestFirst = [...copies].sort((a, b) => b.object.uploadedMs - a.object.uploadedMs);
    const old = newestFirst.slice(keepLast).filter(({ object }) => object.uploadedMs <= beforeMs);
    if (old.length === 0) continue;
    const keep = (why: string): LeftBehind => ({
      cell,
      objects: [],
      kept: [`${nameOf(cell)}: its kept copies: ${why}`],
    });
    if ((await readQuarantine(store, cell, signal))?.stops) {
      yield keep('in quarantine');
      continue;
    }
    let live: ProvenArchive | undefined;
    try {
      live = await readProvenArchive(store, cell, signal ? { signal } : {});
    } catch (error) {
      if (!isDigestFault(error)) throw error;
      yield keep((error as Error).message);
      continue;
    }
    if (live === undefined) {
      yield keep('has no archive');
      continue;
    }
    const manifests = await readNamed(store, cell, live, signal);
    const objects: ObjectInfo[] = [];
    const kept: string[] = [];
    for (const copy of old.toReversed()) {
      const { object } = copy;
      const why = await whyItStays(store, cell, copy, { manifests, isLookedAt: lookedAt.includes(object.key) }, signal);
      if (why === undefined) objects.push(object);
      else kept.push(`${nameOf(cell)}: "${object.key}" ${why}`);
    }
    yield { cell, archiveEtag: live.info.etag, objects, kept };
  }
}

/** Why a copy may not go; `undefined` if it may. */
async function whyItStays(
  store: Pick<ObjectStore, 'get'>,
  cell: Cell,
  copy: Copy,
  { manifests, isLookedAt }: { readonly manifests: readonly Named[]; readonly isLookedAt: boolean },
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const { key, etag } = copy.object;
  const read = await store.get(key, { ifMatch: etag, ...(signal ? { signal } : {}) });
  if (read === undefined) return 'is gone by now';
  const { sha256, content } = await readCopy(read.body, Math.max(0, ...manifests.map(({ bytes }) => bytes)));
  if (!sha256.startsWith(copy.sha256Prefix)) return `does not have the digest of its name, but ${sha256}`;
  if (isLookedAt) return undefined;
  const whole = manifests.find((one) => one.gzSha256 === sha256 || one.sha256 === content);
  // A folder forgets the metadata of a file that was cut short: then it may be the archive that is there.
  const stamp = read.metadata['manifest'];
  const named = whole ?? manifests.find(({ name, isLive }) => (stamp === undefined ? isLive : name === stamp));
  if (named === undefined) return `holds what no manifest names; ${lookAtIt}`;
  const damage = whole ? 'own' : await findDamage(store, cell, { ...copy.object, sha256 }, named, signal);
  const manifest = `manifest "${manifestKey(cell, named.name)}"`;
  if (damage === 'own') return named.isHeld ? undefined : `holds what ${manifest} names, and the archive does not`;
  return damage === 'other'
    ? `holds what no manifest names, nor is it what ${manifest} names, cut short or with a few bytes flipped; ${lookAtIt}`
    : `may hold what no manifest names: no sound staged copy of ${manifest} is there to compare it with; ${lookAtIt}`;
}

const lookAtIt = 'look at it, then put its key into "lookedAt" of the rule';

/** Whether a copy is what its metadata name, damaged; `unknown` where no sound bytes of that lie there. */
async function findDamage(
  store: Pick<ObjectStore, 'get'>,
  cell: Cell,
  { key, etag, size, sha256 }: Pick<ObjectInfo, 'key' | 'etag' | 'size'> & { readonly sha256: string },
  { isLive, sha256: content, gzSha256, gzBytes }: Named,
  signal: AbortSignal | undefined,
): Promise<'own' | 'other' | 'unknown'> {
  const asked = signal ? { signal } : {};
  let verdict: 'other' | 'unknown' = 'unknown';
  for (const name of isLive ? [archiveKey(cell)] : stageKeysOf(cell, content)) {
    const right = await store.get(name, asked);
    if (right === undefined) continue;
    const copy = await store.get(key, { ifMatch: etag, ...asked }).catch(async (error: unknown) => {
      await right.body.cancel().catch(() => undefined);
      throw error;
    });
    if (copy === undefined) {
      await right.body.cancel().catch(() => undefined);
      return 'unknown';
    }
    const found = await judgeDamage(
      { pieces: piecesOfBody(copy.body), sha256, size },
      { pieces: piecesOfBody(right.body), gzSha256, gzBytes },
    );
    if (found === 'own') return 'own';
    if (found === 'other') verdict = 'other';
  }
  return verdict;
}

/** Digest of a copy and of its content, from one reading: what is judged is what was proven to be the copy. */
async function readCopy(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<{ readonly sha256: string; readonly content: string | undefined }> {
  const hash = createSha256();
  const pieces = piecesOfBody(body);
  async function* hashed(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
      hash.update(next.value);
      yield next.value;
    }
  }
  const content = await contentOf(hashed(), maxBytes);
  for await (const rest of pieces) hash.update(rest);
  return { sha256: hash.hex(), content };
}

/** The manifests of a cell that can be read, the archive's own first. */
async function readNamed(
  store: ObjectStore,
  cell: Cell,
  live: ProvenArchive,
  signal: AbortSignal | undefined,
): Promise<readonly Named[]> {
  const isHeld = holderOf(live.manifest);
  const found: Named[] = [{ name: live.manifestSha256, ...live.manifest.archive, isLive: true, isHeld: true }];
  for (const name of await listManifests(store, cell, maxManifests, signal)) {
    if (name === live.manifestSha256) continue;
    try {
      const manifest = await readManifest(store, cell, name, signal);
      found.push({ name, ...manifest.archive, isLive: false, isHeld: isHeld(manifest) });
    } catch (error) {
      if (!isHousecleaningError(error, 'bad-manifest')) throw error;
    }
  }
  return found;
}

/** The listed copies, grouped by cell; what has another name is nobody's business here. */
async function* copiesByCell(
  store: ObjectStore,
  { asOfMs, signal, onObject }: Parameters<typeof findKeptCopies>[3],
): AsyncGenerator<{ readonly cell: Cell; readonly copies: readonly Copy[] }, void, undefined> {
  let group: { readonly cell: Cell; readonly copies: Copy[] } | undefined;
  for await (const page of listPages(store, quarantinePrefix, signal)) {
    for (const object of page) {
      onObject?.(object);
      const parsed = parseKeptCopyKey(object.key);
      if (parsed === undefined || object.uploadedMs > asOfMs) continue;
      if (group === undefined || nameOf(group.cell) !== nameOf(parsed.cell)) {
        if (group) yield group;
        group = { cell: parsed.cell, copies: [] };
      }
      group.copies.push({ object, sha256Prefix: parsed.sha256Prefix });
    }
  }
  if (group) yield group;
}

function nameOf({ symbol, date }: Cell): string {
  return `${symbol}/${date}`;
}
