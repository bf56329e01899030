import { HousecleaningError, isHousecleaningError } from '../errors.ts';
import { archiveKey, assertCell, quarantineKey, rawCellPrefix, stageKey, type Cell } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { isDigestFault, readProvenArchive, stampMetadata, type ProvenArchive } from './base.ts';
import { listAll } from './listing.ts';
import { findLostGeneration, listControl, type LostGeneration } from './lost-generations.ts';
import { putRecord, readQuarantine, type QuarantineRecord } from './quarantine.ts';
import { readObject } from './reading.ts';
import { readManifests, restoreFromStage } from './restore-from-stage.ts';
import { withoutDelete, type RunStore } from './run-store.ts';
import { sha256Hex } from './sha256.ts';

const maxObjects = 1_000_000;

/**
 * Ends the quarantine of a cell, once somebody has looked.
 * - `accept-live`: the archive that is published is right. It must prove itself; if it only lost its metadata, the manifest
 *   that describes its bytes is found and named again. Manifests and staged copies that still tell of more than there is stop
 *   the cell no more (`accepted`); those of what was brought back do, when it is missing again.
 * - `restore-from-stage`: the newest staged copy that proves itself is published, if it loses nothing of what lies there: no
 *   source of its manifest, no generation that its metadata name, and, where that manifest cannot be read, no line. What lay
 *   there is kept beside the quarantine record; `published` says what was published over what, `missing` what still is.
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
  const before = seen.record?.accepted ?? [];
  const published = how === 'accept-live' ? undefined : await restoreOrSay(ground, cell, before);
  const base = how === 'accept-live' ? await acceptLive(ground, cell) : await readProvenArchive(ground, cell);
  const lost = await findLost(ground, cell, base, before);
  if (how === 'accept-live' && base === undefined && lost?.isSure) throw nothingThere(cell, lost);
  const isMissing = lost?.isSure === true;
  // Only what is still missing: what was brought back is protected again.
  const accepted = [...new Set([...before, ...(how === 'accept-live' && isMissing ? lost.manifests : [])])].filter(
    (name) => name !== base?.manifestSha256 && name !== base?.manifest.archive.sha256,
  );
  const { reason = 'The record was not readable.', runId = 'unknown', manifests } = seen.record ?? {};
  const resolved: QuarantineRecord = {
    ...{ schema: 'hc-quarantine/1', cell, reason, runId },
    ...(manifests ? { manifests } : {}),
    state: 'resolved',
    resolution: `${how} by ${by}`,
    ...(accepted.length > 0 ? { accepted } : {}),
    ...(published ? { published } : {}),
    ...(isMissing ? { missing: lost.reason } : {}),
  };
  await putRecord(ground, resolved, seen.etag);
  return resolved;
}

/** What is lost against the archive that lies there now. */
async function findLost(
  store: RunStore,
  cell: Cell,
  base: ProvenArchive | undefined,
  accepted: readonly string[],
): Promise<LostGeneration | undefined> {
  const control = await listControl(store, cell, maxObjects);
  const listed = await listAll(store, rawCellPrefix(cell), maxObjects);
  return findLostGeneration(store, cell, { ...control, base, listed, accepted });
}

/** The archive that proves itself; `undefined` if nothing lies there. */
async function acceptLive(store: RunStore, cell: Cell): Promise<ProvenArchive | undefined> {
  const live = await store.head(archiveKey(cell));
  if (live === undefined) return undefined;
  try {
    return await readProvenArchive(store, cell);
  } catch (error) {
    if (!isDigestFault(error)) throw error;
    const read = await readObject(store, archiveKey(cell), { ifMatch: live.etag });
    const gzSha256 = read && (await sha256Hex(read.bytes));
    const match = (await readManifests(store, cell)).find(({ manifest }) => manifest.archive.gzSha256 === gzSha256);
    if (read === undefined || match === undefined) throw error;
    const { manifestSha256, manifest } = match;
    const stamp = { manifest: manifestSha256, stage: stageKey(cell, manifest.archive.sha256) };
    await store.put(archiveKey(cell), read.bytes, {
      ifMatch: read.info.etag,
      sha256: manifest.archive.gzSha256,
      metadata: stampMetadata(stamp, manifest),
    });
    return readProvenArchive(store, cell);
  }
}

/** Where nothing can be restored and nothing lies there, the way out is another. */
async function restoreOrSay(
  store: RunStore,
  cell: Cell,
  accepted: readonly string[],
): ReturnType<typeof restoreFromStage> {
  try {
    return await restoreFromStage(store, cell);
  } catch (error) {
    if (!isHousecleaningError(error, 'not-archived') || (await store.head(archiveKey(cell)))) throw error;
    const lost = await findLost(store, cell, undefined, accepted);
    if (lost?.isSure !== true) throw error;
    throw new HousecleaningError('not-archived', `${error.message} ${waysOut(lost)}`, cell, { cause: error });
  }
}

function nothingThere(cell: Cell, lost: LostGeneration): HousecleaningError {
  const where = `${cell.symbol} ${cell.date} stays in quarantine: there is no archive to accept.`;
  const message = `${where} ${lost.reason} Where a staged copy proves itself, "restore-from-stage" publishes it. ${waysOut(lost)}`;
  return new HousecleaningError('not-archived', message, cell);
}

/** What somebody can do about an archive that is gone. */
function waysOut({ objects }: LostGeneration): string {
  return (
    'Bring the archive or its staged copy back from a backup. If nothing can be brought back, move all of ' +
    `${objects.map((key) => `"${key}"`).join(', ')} out of the store; then "accept-live".`
  );
}
