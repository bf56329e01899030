import { isObjectStoreError } from '../errors.ts';
import { archiveKey, type Cell } from '../keys.ts';
import type { ObjectInfo } from '../object-store.ts';
import { isDigestFault, readProvenArchive, stampMetadata, type ProvenArchive } from './base.ts';
import { draftGeneration } from './build.ts';
import { noteStoreTime, restart, type CellProgress, type RunContext, type TellStep } from './run-context.ts';
import { openStaged, stageDraft, type Staged } from './stage.ts';

/** P3 to P8: builds the next generation and publishes it; what comes back is not re-read yet. */
export async function publishGeneration(
  context: RunContext,
  progress: CellProgress,
  base: ProvenArchive | undefined,
  additions: readonly ObjectInfo[],
  step: TellStep,
): Promise<{ readonly etag: string; readonly staged: Staged }> {
  const { cell } = progress;
  step('build', 0, additions.length);
  const draft = await draftGeneration(context, cell, base, additions, (done) => step('build', done, additions.length));
  const staged = await stageDraft(context, draft, step);
  progress.state = 'staged';
  step('publish', 0, 1);
  const etag = await publish(context, cell, base, staged);
  progress.state = 'published';
  return { etag, staged };
}

/** P9: re-reads what was published, by new requests, pinned; the manifest too is read from the store. */
export async function provePublished(
  context: RunContext,
  cell: Cell,
  published: { readonly etag: string; readonly staged: Staged },
  step: TellStep,
): Promise<ProvenArchive> {
  const { signal } = context.options;
  step('verify', 0, 1);
  let fault: unknown;
  for (let attempt = 1; attempt <= 2; attempt++) {
    try {
      const pinned = { ifMatch: published.etag, ...(signal ? { signal } : {}) };
      const proven = await readProvenArchive(context.store, cell, pinned);
      if (proven?.manifestSha256 !== published.staged.manifestSha256) return restart('the archive moved on');
      step('verify', 1, 1);
      return proven;
    } catch (error) {
      if (isObjectStoreError(error, 'precondition-failed')) return restart('the archive moved on');
      if (!isDigestFault(error)) throw error;
      fault = error;
    }
  }
  return restart(fault instanceof Error ? fault.message : 'the published archive is damaged');
}

/** P8, the commit point: compare-and-swap of the canonical; returns its etag. */
async function publish(
  context: RunContext,
  cell: Cell,
  base: ProvenArchive | undefined,
  staged: Staged,
): Promise<string> {
  const { store, options } = context;
  const { gzSha256, gzBytes } = staged.manifest.archive;
  const body = await openStaged(context, staged);
  try {
    const info = await store.put(archiveKey(cell), body, {
      ...(base ? { ifMatch: base.info.etag } : { ifAbsent: true }),
      sha256: gzSha256,
      size: gzBytes,
      metadata: stampMetadata({ manifest: staged.manifestSha256, stage: staged.info.key }, staged.manifest),
      ...(options.signal ? { signal: options.signal } : {}),
    });
    noteStoreTime(context, info);
    return info.etag;
  } catch (error) {
    if (isObjectStoreError(error, 'precondition-failed')) return restart('another run published first');
    // The answer was lost, not necessarily the request: look instead of trying again.
    const now = await store.head(archiveKey(cell));
    if (now?.metadata['manifest'] === staged.manifestSha256) return now.etag;
    throw error;
  }
}
