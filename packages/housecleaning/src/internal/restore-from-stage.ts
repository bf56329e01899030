/** One of the two ends of a quarantine: a staged copy is published over what lies there. */
import { verifyArchiveStream } from '../archive.ts';
import { HousecleaningError } from '../errors.ts';
import { archiveKey, manifestKey, manifestPrefix, stagePrefix, type Cell } from '../keys.ts';
import type { ObjectInfo } from '../object-store.ts';
import { isDigestFault, readManifest, readStamp } from './base.ts';
import { compareContent } from './held-content.ts';
import { listAll } from './listing.ts';
import type { NamedManifest } from './lost-generations.ts';
import type { ArchiveManifest } from './manifest.ts';
import { findLostSource } from './plan.ts';
import { republish } from './prove-base.ts';
import type { PublishedFromStage } from './quarantine.ts';
import type { RunStore } from './run-store.ts';
import { stageKeysOf } from './stage-keys.ts';
import { piecesOfBody } from './streams.ts';

const maxControlObjects = 100_000;

type ReadStore = Pick<RunStore, 'get' | 'head' | 'list'>;

/** What lies there, as far as its metadata and its manifest tell. */
interface LiveArchive {
  readonly info: ObjectInfo;
  /** Name of its manifest; `undefined` if the metadata are gone. */
  readonly named?: string;
  readonly generation: number | null;
  /** `undefined` if it cannot be read. */
  readonly manifest?: ArchiveManifest | undefined;
}

/** A staged copy that loses nothing of what lies there, as far as that is known. */
interface Candidate {
  readonly stage: string;
  readonly manifestSha256: string;
  readonly manifest: ArchiveManifest;
}

/** What stands against the others. */
interface Against {
  readonly problems: string[];
  /** What lies there is known by its lines or its metadata alone. */
  isBlind: boolean;
}

/**
 * Publishes the newest staged copy that proves itself and loses nothing of what lies there: no source of its manifest, no
 * generation that its metadata name, and, where that manifest cannot be read or is not known, no line that can be.
 *
 * @throws HousecleaningError `not-archived` if there is none, with what stands against each
 */
export async function restoreFromStage(store: RunStore, cell: Cell): Promise<PublishedFromStage> {
  const manifests = await readManifests(store, cell);
  const live = await lookAt(store, cell, manifests);
  const against: Against = { problems: [], isBlind: false };
  for await (const { stage, manifestSha256, manifest } of findCandidates(store, cell, { manifests, live, against })) {
    const from = { stage, manifest: manifestSha256, manifestDocument: manifest, over: live?.info.etag };
    try {
      const info = await lookTwice(() => republish(store, cell, from));
      if (info === undefined) continue;
      const over = live && { generation: live.generation, etag: live.info.etag, keptAs: info.keptAs ?? null };
      return { generation: manifest.generation, manifest: manifestSha256, stage, over: over ?? null };
    } catch (error) {
      if (!isDigestFault(error)) throw error;
      against.problems.push(`"${stage}" is damaged, or what lies there cannot be kept: ${(error as Error).message}`);
    }
  }
  const bring =
    live?.named === undefined
      ? 'Move'
      : `Bring its manifest "${manifestKey(cell, live.named)}" back from a backup; or move`;
  const way = against.isBlind
    ? ` ${bring} "${live!.info.key}" out of the store first, if what it holds is not wanted: then the newest staged copy is published.`
    : '';
  const why = against.problems.join('; ') || 'there is none';
  throw new HousecleaningError(
    'not-archived',
    `${cell.symbol} ${cell.date} stays in quarantine: no staged copy can be restored: ${why}.${way}`,
    cell,
  );
}

/** What {@link restoreFromStage} would publish now; `undefined` if it would refuse. Changes nothing. */
export async function findRestorable(
  store: ReadStore,
  cell: Cell,
): Promise<{ readonly stage: string; readonly manifestSha256: string; readonly generation: number } | undefined> {
  const manifests = await readManifests(store, cell);
  const live = await lookAt(store, cell, manifests);
  const against: Against = { problems: [], isBlind: false };
  for await (const { stage, manifestSha256, manifest } of findCandidates(store, cell, { manifests, live, against })) {
    const copy = await store.get(stage);
    if (copy === undefined) continue;
    try {
      await verifyArchiveStream(piecesOfBody(copy.body), manifest);
      return { stage, manifestSha256, generation: manifest.generation };
    } catch (error) {
      if (!isDigestFault(error)) throw error;
    }
  }
  return undefined;
}

/** Staged copies of the newest generation first, not proven yet. */
async function* findCandidates(
  store: ReadStore,
  cell: Cell,
  {
    manifests,
    live,
    against,
  }: {
    readonly manifests: readonly NamedManifest[];
    readonly live: LiveArchive | undefined;
    readonly against: Against;
  },
): AsyncGenerator<Candidate, void, undefined> {
  const { problems } = against;
  const stages = new Set((await listAll(store, folder(stagePrefix, cell), maxControlObjects)).map(({ key }) => key));
  for (const { manifestSha256, manifest } of manifests) {
    const { generation } = manifest;
    const lost = live?.manifest && findLostSource(live.manifest, manifest);
    if (lost) {
      problems.push(`generation ${generation} does not hold "${lost.key}"`);
      continue;
    }
    const copies = stageKeysOf(cell, manifest.archive.sha256).filter((key) => stages.has(key));
    if (copies.length > 0 && live?.generation && generation < live.generation) {
      against.isBlind ||= live.manifest === undefined;
      problems.push(
        `generation ${generation} is older than ${live.generation}, which the archive that lies there is of`,
      );
      continue;
    }
    for (const stage of copies) {
      // The lines are all that is known of it.
      if (live && live.manifest === undefined) {
        if ((await lookTwice(() => compareContent(store, live.info.key, stage))) === 'not-held') {
          against.isBlind = true;
          problems.push(`generation ${generation} does not hold all lines of the archive that lies there`);
          continue;
        }
      }
      yield { stage, manifestSha256, manifest };
    }
  }
}

async function lookAt(
  store: ReadStore,
  cell: Cell,
  manifests: readonly NamedManifest[],
): Promise<LiveArchive | undefined> {
  const info = await store.head(archiveKey(cell));
  if (info === undefined) return undefined;
  try {
    const named = readStamp(info, cell).manifest;
    const generation = Number(info.metadata['generation']);
    const manifest = manifests.find(({ manifestSha256 }) => manifestSha256 === named)?.manifest;
    const isNumber = Number.isSafeInteger(generation) && generation > 0;
    return { info, named, manifest, generation: manifest?.generation ?? (isNumber ? generation : null) };
  } catch (error) {
    // It lost its metadata: nothing is known of what it held.
    if (!isDigestFault(error)) throw error;
    return { info, generation: null };
  }
}

/** Manifests of a cell that can be read, the newest generation first. */
export async function readManifests(store: ReadStore, cell: Cell): Promise<readonly NamedManifest[]> {
  const found: NamedManifest[] = [];
  for (const { key } of await listAll(store, folder(manifestPrefix, cell), maxControlObjects)) {
    const manifestSha256 = key.slice(key.lastIndexOf('/') + 1, -'.json'.length);
    try {
      const manifest = await lookTwice(() => readManifest(store, cell, manifestSha256));
      found.push({ manifestSha256, manifest });
    } catch (error) {
      if (!isDigestFault(error)) throw error;
    }
  }
  return found.sort((a, b) => b.manifest.generation - a.manifest.generation);
}

/** What arrives wrong once is no damage in the store. */
async function lookTwice<T>(look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (!isDigestFault(error)) throw error;
    return look();
  }
}

function folder(prefix: string, { symbol, date }: Cell): string {
  return `${prefix}${symbol}/${date}/`;
}
