/** Objects that grow in place: what was read of one before is the beginning of what is there now, and nothing of it is lost. */
import { openArchivedSources } from '../archive.ts';
import { isObjectStoreError } from '../errors.ts';
import { archiveKey, type Cell } from '../keys.ts';
import type { ObjectInfo, ObjectStore } from '../object-store.ts';
import { isDigestFault } from './base.ts';
import type { ArchiveManifest, ArchiveSource } from './manifest.ts';
import { createSha256 } from './sha256.ts';
import { piecesOfBody } from './streams.ts';

/** Whether a raw object begins with the bytes of a source, or is those bytes. */
export async function hasGrown(
  store: Pick<ObjectStore, 'get'>,
  source: ArchiveSource,
  object: ObjectInfo,
  signal?: AbortSignal,
): Promise<boolean> {
  if (object.size < source.size) return false;
  // Two reads: a flipped bit on the way makes no other object.
  for (let attempt = 1; attempt <= 2; attempt++) {
    try {
      const there = await store.get(object.key, { ifMatch: object.etag, ...(signal ? { signal } : {}) });
      if (there && (await findBeginnings(piecesOfBody(there.body), [source])).size > 0) return true;
    } catch (error) {
      if (!isObjectStoreError(error, 'precondition-failed')) throw error;
      return false;
    }
  }
  return false;
}

/** Those of the sources that an archive holds the later bytes of, under the same key. Reads it only where it may. */
export async function findGrownIn(
  store: Pick<ObjectStore, 'get'>,
  cell: Cell,
  manifest: ArchiveManifest,
  sources: readonly ArchiveSource[],
  signal?: AbortSignal,
): Promise<ReadonlySet<ArchiveSource>> {
  const grown = new Set<ArchiveSource>();
  const wantedBy = ({ key, size }: ArchiveSource): readonly ArchiveSource[] =>
    sources.filter((source) => source.key === key && source.size <= size);
  if (!manifest.sources.some((source) => wantedBy(source).length > 0)) return grown;
  // Two reads here too.
  for (let attempt = 1; attempt <= 2; attempt++) {
    const archive = await store.get(archiveKey(cell), signal ? { signal } : {});
    if (archive === undefined) return grown;
    try {
      for await (const opener of openArchivedSources(piecesOfBody(archive.body), manifest)) {
        const wanted = wantedBy(opener.source);
        if (wanted.length === 0) continue;
        for (const source of await findBeginnings(opener.open(), wanted)) grown.add(source);
      }
      return grown;
    } catch (error) {
      // Another archive lies there by now, or it arrives wrong: then nothing is said of what it holds.
      if (!isDigestFault(error)) throw error;
    }
  }
  return grown;
}

/** Those of the sources whose bytes the pieces begin with. */
async function findBeginnings(
  pieces: AsyncIterable<Uint8Array>,
  sources: readonly ArchiveSource[],
): Promise<ReadonlySet<ArchiveSource>> {
  const open = sources.map((source) => ({ source, hash: createSha256(), left: source.size }));
  for await (const piece of pieces) {
    for (const one of open) {
      if (one.left === 0) continue;
      one.hash.update(piece.length <= one.left ? piece : piece.subarray(0, one.left));
      one.left -= Math.min(piece.length, one.left);
    }
    if (open.every(({ left }) => left === 0)) break;
  }
  return new Set(
    open.filter(({ source, hash, left }) => left === 0 && hash.hex() === source.sha256).map(({ source }) => source),
  );
}
