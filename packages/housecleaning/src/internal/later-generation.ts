import { isObjectStoreError } from '../errors.ts';
import { isSha256, manifestPrefix, type Cell } from '../keys.ts';
import type { ObjectInfo, ObjectStore } from '../object-store.ts';
import { isDigestFault, readManifest } from './base.ts';
import { listAll } from './listing.ts';

const maxManifests = 1_000_000;

/**
 * A sentence about a manifest of a later generation than the archive that lies there, or about any where none does: a run is
 * between its manifest and its publish, or died there, or the archive was rolled back or is gone. Which of it, `verifyCell`
 * tells; this is for somebody who only reads.
 *
 * Costs one listing; manifests are read only where one was put after that of the archive, the newest first, until one is later.
 * In a store whose times a copy has mixed up it may miss one.
 */
export async function tellLaterGeneration(
  store: Pick<ObjectStore, 'get' | 'list'>,
  cell: Cell,
  archive: ObjectInfo | undefined,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const day = `${cell.symbol} ${cell.date}`;
  let listed: readonly ObjectInfo[];
  try {
    listed = await listAll(store, `${manifestPrefix}${cell.symbol}/${cell.date}/`, maxManifests, signal);
  } catch (error) {
    if (!isObjectStoreError(error, 'refused')) throw error;
    return `Whether there is a later generation of ${day} is unknown: its manifests may not be listed. ${error.message}`;
  }
  const own = archive && listed.find(({ key }) => nameOf(key) === archive.metadata['manifest']);
  // What names no manifest that is there is refused by who reads it.
  if (archive && own === undefined) return undefined;
  const since = own?.uploadedMs ?? -Infinity;
  const newer = listed.filter((object) => object.uploadedMs > since && isSha256(nameOf(object.key)));
  const generation = archive ? Number(archive.metadata['generation']) : 0;
  for (const { key } of newer.sort((a, b) => b.uploadedMs - a.uploadedMs)) {
    const later = await generationOf(store, cell, nameOf(key), signal);
    if (later !== 'unreadable' && !(later > generation)) continue;
    const what = later === 'unreadable' ? 'cannot be read and may be of a later one' : `is of generation ${later}`;
    const [there, behind] = archive
      ? [`The archive of ${day} is of generation ${generation}`, 'was rolled back']
      : [`There is no archive of ${day}`, 'is gone'];
    return (
      `${there}, though manifest "${key}" ${what}: a run is at work or was cut short, or the archive ${behind}. ` +
      'verifyCell says which (on the command line: verify).'
    );
  }
  return undefined;
}

async function generationOf(
  store: Pick<ObjectStore, 'get'>,
  cell: Cell,
  sha256: string,
  signal: AbortSignal | undefined,
): Promise<number | 'unreadable'> {
  try {
    return (await readManifest(store, cell, sha256, signal)).generation;
  } catch (error) {
    if (!isDigestFault(error)) throw error;
    return 'unreadable';
  }
}

/** The digest that a manifest is named by. */
function nameOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1, -'.json'.length);
}
