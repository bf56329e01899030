/** The staged copy of the current archive: the only thing that heals it. */
import { verifyArchiveStream } from '../archive.ts';
import { isObjectStoreError } from '../errors.ts';
import { archiveKey, type Cell } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { isDigestFault, readStamp, type ProvenArchive } from './base.ts';
import { noteStoreTime, type CellProgress, type RunContext } from './run-context.ts';
import { piecesOfBody } from './streams.ts';

/** What is wrong with the staged copy of a proven archive; `undefined` if it is whole. */
export async function findStageFault(
  store: Pick<ObjectStore, 'get'>,
  cell: Cell,
  { info, manifest }: Pick<ProvenArchive, 'info' | 'manifest'>,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { stage } = readStamp(info, cell);
  // Two reads: a flipped bit on the way is no damage in the store.
  for (let attempt = 1; ; attempt++) {
    const object = await store.get(stage, signal ? { signal } : {});
    if (object === undefined)
      return `its staged copy "${stage}" is gone, which would heal the archive: a run of the cell puts it there again`;
    try {
      await verifyArchiveStream(piecesOfBody(object.body), manifest, { multiset: false });
      return undefined;
    } catch (error) {
      if (!isDigestFault(error)) throw error;
      if (attempt === 1) continue;
      const next =
        object.size === manifest.archive.gzBytes
          ? 'delete it, then a run of the cell puts it there again'
          : 'a run of the cell puts it there again';
      return `its staged copy "${stage}" is damaged, which would heal the archive: ${next}`;
    }
  }
}

/**
 * Puts the staged copy of a proven archive there again where it is gone or has another length; its bytes are those of the
 * archive, which the store compares with their digest.
 */
export async function stageAgain(context: RunContext, progress: CellProgress, proven: ProvenArchive): Promise<void> {
  const { store, options } = context;
  const { cell } = progress;
  const { gzBytes, gzSha256 } = proven.manifest.archive;
  const asked = options.signal ? { signal: options.signal } : {};
  const { stage } = readStamp(proven.info, cell);
  const there = await store.head(stage, asked);
  if (there?.size === gzBytes) return;
  try {
    const archive = await store.get(archiveKey(cell), { ifMatch: proven.info.etag, ...asked });
    if (archive === undefined) return;
    const how = there === undefined ? { ifAbsent: true } : { ifMatch: there.etag };
    noteStoreTime(context, await store.put(stage, archive.body, { ...how, sha256: gzSha256, size: gzBytes, ...asked }));
    progress.restaged = stage;
  } catch (error) {
    // Somebody else was there first, or the bytes did not arrive: the next run looks again.
    const isHarmless = (['precondition-failed', 'checksum-mismatch', 'size-mismatch'] as const).some((code) =>
      isObjectStoreError(error, code),
    );
    if (!isHarmless) throw error;
  }
}
