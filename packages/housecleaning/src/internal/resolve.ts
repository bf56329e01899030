import { HousecleaningError } from '../errors.ts';
import {
  archiveKey,
  assertCell,
  manifestPrefix,
  quarantineKey,
  rawCellPrefix,
  stageKey,
  stagePrefix,
  type Cell,
} from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { isDigestFault, readManifest, readProvenArchive, readStamp, stampMetadata } from './base.ts';
import { listAll } from './listing.ts';
import { findLostGeneration, listManifests } from './lost-generations.ts';
import type { ArchiveManifest } from './manifest.ts';
import { findLostSource } from './plan.ts';
import { republish } from './prove-base.ts';
import { putRecord, readQuarantine, type QuarantineRecord } from './quarantine.ts';
import { readObject } from './reading.ts';
import { withoutDelete, type RunStore } from './run-store.ts';
import { sha256Hex } from './sha256.ts';

const maxControlObjects = 100_000;

interface NamedManifest {
  readonly sha256: string;
  readonly manifest: ArchiveManifest;
}

/**
 * Ends the quarantine of a cell, once somebody has looked.
 * - `accept-live`: the archive that is published is right. It must prove itself; if it only lost its metadata, the manifest
 *   that describes its bytes is found and named again. Manifests that tell of more than there is stop the cell no more.
 * - `restore-from-stage`: the newest staged copy that proves itself, and that loses nothing that the published archive is
 *   known to hold, is published. What lay there is kept beside the quarantine record.
 *
 * The record is not deleted: it stays as the memory of what happened, `resolved`. The next run proves the archive again
 * before anything is built on it or deleted.
 *
 * @param by - who decided; goes into the record
 * @throws HousecleaningError `not-quarantined`; `bad-archive`, `bad-manifest`, `not-archived`
 *   if there is nothing sound to accept or restore, and the quarantine stays
 */
export async function resolveQuarantine(
  store: ObjectStore,
  cell: Cell,
  how: 'accept-live' | 'restore-from-stage',
  by = 'operator',
): Promise<QuarantineRecord> {
  assertCell(cell);
  const ground = withoutDelete(store);
  const seen = await readQuarantine(ground, cell);
  if (!seen?.stops) {
    throw new HousecleaningError(
      'not-quarantined',
      `${cell.symbol} ${cell.date} is not in quarantine: "${quarantineKey(cell)}" ${seen ? 'was resolved before' : 'is not there'}.`,
      cell,
    );
  }
  if (how === 'accept-live') await acceptLive(ground, cell);
  else await restoreFromStage(ground, cell);
  const { accepted = [], manifests = [] } = seen.record ?? {};
  const looked = how === 'accept-live' ? [...new Set([...accepted, ...manifests])] : accepted;
  const record: QuarantineRecord = {
    ...(seen.record ?? { schema: 'hc-quarantine/1', cell, reason: 'The record was not readable.', runId: 'unknown' }),
    state: 'resolved',
    resolution: `${how} by ${by}`,
    ...(looked.length > 0 ? { accepted: looked } : {}),
  };
  await putRecord(ground, record, seen.etag);
  return record;
}

async function acceptLive(store: RunStore, cell: Cell): Promise<void> {
  const live = await store.head(archiveKey(cell));
  if (live === undefined) {
    const names = await listManifests(store, cell, maxControlObjects);
    const listed = await listAll(store, rawCellPrefix(cell), 1_000_000);
    const lost = await findLostGeneration(store, cell, { names, base: undefined, listed });
    if (lost?.isSure !== true) return;
    throw nothingThere(cell, `restore it from its staged copy. ${lost.reason}`);
  }
  try {
    await readProvenArchive(store, cell);
    return;
  } catch (error) {
    if (!isDigestFault(error)) throw error;
    const read = await readObject(store, archiveKey(cell), { ifMatch: live.etag });
    const gzSha256 = read && (await sha256Hex(read.bytes));
    const match = (await readManifests(store, cell)).find(({ manifest }) => manifest.archive.gzSha256 === gzSha256);
    if (read === undefined || match === undefined) throw error;
    const { sha256, manifest } = match;
    const stamp = { manifest: sha256, stage: stageKey(cell, manifest.archive.sha256) };
    await store.put(archiveKey(cell), read.bytes, {
      ifMatch: read.info.etag,
      sha256: manifest.archive.gzSha256,
      metadata: stampMetadata(stamp, manifest),
    });
    await readProvenArchive(store, cell);
  }
}

async function restoreFromStage(store: RunStore, cell: Cell): Promise<void> {
  const live = await store.head(archiveKey(cell));
  const manifests = await readManifests(store, cell);
  let known: ArchiveManifest | undefined;
  if (live) {
    try {
      known = manifests.find(({ sha256 }) => sha256 === readStamp(live, cell).manifest)?.manifest;
    } catch (error) {
      // It lost its metadata: nothing is known of what it held.
      if (!isDigestFault(error)) throw error;
    }
  }
  const stages = new Set((await listAll(store, folder(stagePrefix, cell), maxControlObjects)).map(({ key }) => key));
  const problems: string[] = [];
  for (const { sha256, manifest } of manifests) {
    const lost = known && findLostSource(known, manifest);
    if (lost) {
      problems.push(`generation ${manifest.generation} does not hold "${lost.key}"`);
      continue;
    }
    for (let attempt = 0; attempt < 10; attempt++) {
      const stage = stageKey(cell, manifest.archive.sha256, attempt);
      if (!stages.has(stage)) continue;
      const from = { stage, manifest: sha256, manifestDocument: manifest, over: live?.etag };
      try {
        if (await lookTwice(() => republish(store, cell, from))) return;
      } catch (error) {
        if (!isDigestFault(error)) throw error;
        problems.push(`"${stage}" is damaged, or what lies there cannot be kept: ${(error as Error).message}`);
      }
    }
  }
  throw nothingThere(cell, `no staged copy can be restored: ${problems.join('; ') || 'there is none'}`);
}

/** Manifests of a cell that can be read, the newest generation first. */
async function readManifests(store: RunStore, cell: Cell): Promise<readonly NamedManifest[]> {
  const found: NamedManifest[] = [];
  for (const { key } of await listAll(store, folder(manifestPrefix, cell), maxControlObjects)) {
    const sha256 = key.slice(key.lastIndexOf('/') + 1, -'.json'.length);
    try {
      found.push({ sha256, manifest: await lookTwice(() => readManifest(store, cell, sha256)) });
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

function nothingThere(cell: Cell, next: string): HousecleaningError {
  return new HousecleaningError('not-archived', `${cell.symbol} ${cell.date} stays in quarantine: ${next}.`, cell);
}
