import { isHousecleaningError } from '../errors.ts';
import { archiveKey, isDate, isSha256, isSymbol, manifestPrefix, stagePrefix, type Cell } from '../keys.ts';
import type { ObjectInfo, ObjectStore } from '../object-store.ts';
import { readManifest, readStamp } from './base.ts';
import { listPages } from './listing.ts';
import { hasSameBytes } from './lost-generations.ts';
import type { ArchiveManifest } from './manifest.ts';
import { indexByKey } from './plan.ts';
import { readQuarantine } from './quarantine.ts';
import { compareUtf8 } from './utf8.ts';

/** What one cell no longer needs. */
export interface LeftBehind {
  readonly cell: Cell;
  /** What may go, in the order of deletion; stages before manifests: as long as one is there, a manifest says what it holds. */
  readonly objects: readonly ObjectInfo[];
  /** Etag of the archive that was looked at; `undefined` where nothing may go. */
  readonly archiveEtag?: string;
  /** Why something that looked as if it might go stays. */
  readonly kept: readonly string[];
}

/** Manifests and stages of one symbol and day. */
interface Control {
  readonly cell: Cell;
  readonly manifests: readonly ObjectInfo[];
  readonly stages: readonly ObjectInfo[];
}

/** A generation on the way back from the current archive. */
interface Link {
  readonly name: string;
  readonly generation: number;
  /** SHA-256 of the decompressed archive. */
  readonly content: string;
  /** The current archive holds everything that it does. */
  readonly isHeld: boolean;
  /** When its manifest was put; it superseded the generation before it no later. */
  readonly sinceMs: number;
  /** The current generation, or one of those that stay. */
  readonly needed: boolean;
}

const fewestKept = 2;

/**
 * What the archives have left behind, cell by cell: reachability from the canonical archive decides, never age alone. Kept
 * are the current generation, the `keepLast` before it, and every staged copy of their content. A cell without an archive,
 * in quarantine, or whose chain of manifests does not read, keeps everything.
 *
 * A run at work may take up a manifest or a stage that an earlier attempt left, however old it is. It builds the
 * generation after the current one, and sources are never lost: so only what is of a generation up to the current one, and
 * holds no source that the current one does not, can never be taken up again, and only that goes. What holds more may be all
 * that is left of an archive that was rolled back.
 */
export async function* findSuperseded(
  store: ObjectStore,
  keepLast: number,
  beforeMs: number,
  options: {
    readonly signal?: AbortSignal | undefined;
    readonly onObject?: ((object: ObjectInfo) => void) | undefined;
  },
): AsyncGenerator<LeftBehind, void, undefined> {
  for await (const control of readControl(store, options)) {
    const { cell, manifests } = control;
    if (manifests.length < 2 || !manifests.some(({ uploadedMs }) => uploadedMs <= beforeMs)) continue;
    const keep = (why: string): LeftBehind => ({ cell, objects: [], kept: [`${nameOf(cell)}: ${why}`] });
    if ((await readQuarantine(store, cell, options.signal))?.stops) {
      yield keep('in quarantine');
      continue;
    }
    const info = await store.head(archiveKey(cell), signalOf(options));
    if (info === undefined) {
      yield keep('has no archive');
      continue;
    }
    try {
      const stamp = readStamp(info, cell);
      const current = await readManifest(store, cell, stamp.manifest, options.signal);
      const isHeld = holderOf(current);
      const chain = await readChain(store, control, stamp.manifest, { keepLast, isHeld }, options.signal);
      const needed = chain.filter((link) => link.needed);
      const stays = new Set([digestOf(stamp.stage), ...needed.map(({ content }) => content)]);
      const found = await judge(store, control, { chain, stays, isHeld }, beforeMs, options.signal);
      yield { cell, archiveEtag: info.etag, ...found, objects: [...found.stages, ...found.manifests] };
    } catch (error) {
      if (!isHousecleaningError(error, 'bad-manifest')) throw error;
      yield keep(error.message);
    }
  }
}

/** Says of a manifest whether the current archive holds the bytes of all its sources. */
export type Holder = (manifest: Pick<ArchiveManifest, 'sources'>) => boolean;

/** Who asks a proven archive's manifest. */
export function holderOf(current: ArchiveManifest): Holder {
  const held = indexByKey(current.sources);
  return ({ sources }) => sources.every((source) => held.get(source.key)?.some((one) => hasSameBytes(one, source)));
}

/** Sorts what is not needed into what may go and what stays for now. */
async function judge(
  store: ObjectStore,
  { cell, manifests, stages }: Control,
  {
    chain,
    stays,
    isHeld,
  }: { readonly chain: readonly Link[]; readonly stays: ReadonlySet<string>; readonly isHeld: Holder },
  beforeMs: number,
  signal: AbortSignal | undefined,
): Promise<{
  readonly manifests: readonly ObjectInfo[];
  readonly stages: readonly ObjectInfo[];
  readonly kept: string[];
}> {
  const current = chain[0]!;
  const links = new Map(chain.map((link) => [link.name, link]));
  const going: ObjectInfo[] = [];
  const goingStages = new Map<string, ObjectInfo>();
  const kept: string[] = [];
  for (const object of manifests) {
    const name = digestOf(object.key);
    if (links.get(name)?.needed === true || object.uploadedMs > beforeMs) continue;
    const left = links.get(name) ?? (await readAttempt(store, cell, name, { isHeld, kept }, signal));
    if (left === undefined || left.generation > current.generation) continue;
    const after = chain.findLast(({ generation }) => generation > left.generation) ?? current;
    if (after.sinceMs > beforeMs) continue;
    if (!left.isHeld) {
      kept.push(`${nameOf(cell)}: "${object.key}" holds raw objects that the archive does not`);
      continue;
    }
    const copies = stays.has(left.content) ? [] : stages.filter(({ key }) => digestOf(key) === left.content);
    // The manifest stays as long as one of its copies does.
    if (copies.some(({ uploadedMs }) => uploadedMs > beforeMs)) continue;
    going.push(object);
    for (const copy of copies) goingStages.set(copy.key, copy);
  }
  return { manifests: going, stages: [...goingStages.values()], kept };
}

/** What a manifest outside the chain says: an attempt that lost, or whose run died. */
async function readAttempt(
  store: ObjectStore,
  cell: Cell,
  name: string,
  { isHeld, kept }: { readonly isHeld: Holder; readonly kept: string[] },
  signal: AbortSignal | undefined,
): Promise<Pick<Link, 'generation' | 'content' | 'isHeld'> | undefined> {
  try {
    const manifest = await readManifest(store, cell, name, signal);
    return { generation: manifest.generation, content: manifest.archive.sha256, isHeld: isHeld(manifest) };
  } catch (error) {
    if (!isHousecleaningError(error, 'bad-manifest')) throw error;
    kept.push(`${nameOf(cell)}: ${error.message}`);
    return undefined;
  }
}

/** The generations from the current one back to the first that is still there, newest first. */
async function readChain(
  store: ObjectStore,
  { cell, manifests }: Control,
  current: string,
  { keepLast, isHeld }: { readonly keepLast: number; readonly isHeld: Holder },
  signal: AbortSignal | undefined,
): Promise<readonly Link[]> {
  const listed = new Map(manifests.map((object) => [digestOf(object.key), object.uploadedMs]));
  const chain: Link[] = [];
  for (let name: string | null = current; name !== null;) {
    // An earlier rule may have kept fewer generations than this one wants to.
    if (chain.length > fewestKept && !listed.has(name)) break;
    const needed = chain.length <= keepLast;
    try {
      const manifest: ArchiveManifest = await readManifest(store, cell, name, signal);
      const { generation, archive, supersedes } = manifest;
      const sinceMs = listed.get(name) ?? Number.POSITIVE_INFINITY;
      chain.push({ name, generation, content: archive.sha256, isHeld: isHeld(manifest), sinceMs, needed });
      name = supersedes;
    } catch (error) {
      if (needed || !isHousecleaningError(error, 'bad-manifest')) throw error;
      break;
    }
  }
  return chain;
}

/** Joins the listings of manifests and stages, which have the same order, cell by cell. */
async function* readControl(
  store: ObjectStore,
  options: Parameters<typeof findSuperseded>[3],
): AsyncGenerator<Control, void, undefined> {
  const readers = [cellsBelow(store, manifestPrefix, options), cellsBelow(store, stagePrefix, options)] as const;
  const [manifests, stages] = readers;
  let [left, right] = await Promise.all([manifests.next(), stages.next()]);
  while (!left.done || !right.done) {
    const order = left.done ? 1 : right.done ? -1 : compareUtf8(left.value.path, right.value.path);
    const cell = order <= 0 ? (left.value as Group).cell : (right.value as Group).cell;
    yield {
      cell,
      manifests: order <= 0 ? (left.value as Group).objects : [],
      stages: order >= 0 ? (right.value as Group).objects : [],
    };
    if (order <= 0) left = await manifests.next();
    if (order >= 0) right = await stages.next();
  }
}

interface Group {
  /** `{SYMBOL}/{DATE}/`: groups come in the order of its bytes. */
  readonly path: string;
  readonly cell: Cell;
  readonly objects: ObjectInfo[];
}

/** Objects named by a digest, grouped by cell; what has another name is nobody's business here. */
async function* cellsBelow(
  store: ObjectStore,
  prefix: string,
  { signal, onObject }: Parameters<typeof findSuperseded>[3],
): AsyncGenerator<Group, void, undefined> {
  let group: Group | undefined;
  for await (const page of listPages(store, prefix, signal)) {
    for (const object of page) {
      onObject?.(object);
      const [symbol = '', date = '', name = '', ...deeper] = object.key.slice(prefix.length).split('/');
      if (!isSymbol(symbol) || !isDate(date) || deeper.length > 0 || !isSha256(digestOf(name))) continue;
      const path = `${symbol}/${date}/`;
      if (group?.path !== path) {
        if (group) yield group;
        group = { path, cell: { symbol, date }, objects: [] };
      }
      group.objects.push(object);
    }
  }
  if (group) yield group;
}

/** The digest that a manifest or stage is named by: the last segment up to its first dot. */
function digestOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1).split('.')[0]!;
}

function nameOf({ symbol, date }: Cell): string {
  return `${symbol}/${date}`;
}

function signalOf({ signal }: { readonly signal?: AbortSignal | undefined }): { readonly signal?: AbortSignal } {
  return signal ? { signal } : {};
}
