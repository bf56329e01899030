import { buildArchive, decodeArchive, verifyArchiveBytes, type ArchiveInput, type BuiltArchive } from '../archive.ts';
import { HousecleaningError, isObjectStoreError } from '../errors.ts';
import { archiveKey, manifestKey, stageKey, type Cell } from '../keys.ts';
import type { ObjectInfo } from '../object-store.ts';
import { isDigestFault, readProvenArchive, stampMetadata, type ProvenArchive } from './base.ts';
import { compareSources } from './manifest.ts';
import { findLostSource } from './plan.ts';
import { readObject, readSource } from './reading.ts';
import { noteStoreTime, restart, type CellProgress, type RunContext, type TellStep } from './run-context.ts';

/** P4 to P9: builds the next generation and returns it proven from the store. */
export async function publishGeneration(
  context: RunContext,
  progress: CellProgress,
  base: ProvenArchive | undefined,
  additions: readonly ObjectInfo[],
  step: TellStep,
): Promise<ProvenArchive> {
  const { store, options } = context;
  const { cell } = progress;
  const total = additions.length;

  // P4, with a decode of our own output before it leaves the process.
  step('build', 0, total);
  const built = await buildArchive(
    mergedInputs(context, base, additions, (done) => step('build', done, total)),
    {
      cell,
      generation: (base?.manifest.generation ?? 0) + 1,
      supersedes: base?.manifestSha256 ?? null,
      env: options.env,
      maxBytes: options.maxCellBytes,
    },
  );
  await verifyArchiveBytes(built.gz, built.manifest);
  const lost = base && findLostSource(base.manifest, built.manifest);
  if (lost)
    throw new HousecleaningError(
      'bad-archive',
      `The next generation would lose "${lost.key}"; this is a defect.`,
      lost,
    );

  // P5
  step('manifest', 0, total);
  try {
    const options = { ifAbsent: true, sha256: built.manifestSha256 };
    noteStoreTime(context, await store.put(manifestKey(cell, built.manifestSha256), built.manifestBytes, options));
  } catch (error) {
    if (!isObjectStoreError(error, 'precondition-failed')) throw error;
  }

  // P6, P7
  step('stage', 0, total);
  const staged = await stage(context, cell, built);
  progress.state = 'staged';

  // P8
  step('publish', 0, total);
  const etag = await publish(context, cell, base, built, staged);
  progress.state = 'published';

  // P9: a new request, pinned; the manifest too is read from the store.
  step('verify', 0, total);
  let fault: unknown;
  for (let attempt = 1; attempt <= 2; attempt++) {
    try {
      const proven = await readProvenArchive(store, cell, { ifMatch: etag });
      if (proven?.manifestSha256 !== built.manifestSha256) return restart('the archive moved on');
      step('verify', total, total);
      return proven;
    } catch (error) {
      if (isObjectStoreError(error, 'precondition-failed')) return restart('the archive moved on');
      if (!isDigestFault(error)) throw error;
      fault = error;
    }
  }
  return restart(fault instanceof Error ? fault.message : 'the published archive is damaged');
}

/** The sources of the base and the new objects in the order of the archive, one object in memory at a time. */
async function* mergedInputs(
  context: RunContext,
  base: ProvenArchive | undefined,
  additions: readonly ObjectInfo[],
  onRead: (done: number) => void,
): AsyncGenerator<ArchiveInput, void, undefined> {
  const generation = (base?.manifest.generation ?? 0) + 1;
  const fresh = additions.map((object) => ({ ...object, generation })).sort(compareSources);
  let next = 0;
  async function* until(limit: ArchiveInput['source'] | undefined): AsyncGenerator<ArchiveInput, void, undefined> {
    for (let source = fresh[next]; source !== undefined; source = fresh[next]) {
      if (limit && compareSources(source, limit) > 0) return;
      const read =
        (await readSource(context.store, source, context.options.signal)) ?? restart(`"${source.key}" is gone`);
      next += 1;
      onRead(next);
      yield { source, bytes: read.bytes };
    }
  }
  if (base) {
    for await (const { source, bytes } of decodeArchive(base.gz, base.manifest)) {
      yield* until(source);
      yield { source, bytes };
    }
  }
  yield* until(undefined);
}

/** P6 and P7: the staged copy, read back and proven; a key that is taken by other bytes is left alone. */
async function stage(
  context: RunContext,
  cell: Cell,
  built: BuiltArchive,
): Promise<{ readonly key: string; readonly bytes: Uint8Array }> {
  const { store } = context;
  const { sha256, gzSha256 } = built.manifest.archive;
  for (let attempt = 0; attempt < 10; attempt++) {
    const key = stageKey(cell, sha256, attempt);
    try {
      noteStoreTime(context, await store.put(key, built.gz, { ifAbsent: true, sha256: gzSha256 }));
    } catch (error) {
      if (!isObjectStoreError(error, 'precondition-failed')) throw error;
    }
    for (let reads = 0; reads < 2; reads++) {
      try {
        const read = await readObject(store, key);
        if (read === undefined) continue;
        await verifyArchiveBytes(read.bytes, built.manifest);
        return { key, bytes: read.bytes };
      } catch (error) {
        if (!isDigestFault(error)) throw error;
      }
    }
  }
  throw new HousecleaningError(
    'unstable-read',
    `No staged copy of ${cell.symbol} ${cell.date} could be read back intact.`,
    cell,
  );
}

/** P8, the commit point: compare-and-swap of the canonical; returns its etag. */
async function publish(
  context: RunContext,
  cell: Cell,
  base: ProvenArchive | undefined,
  built: BuiltArchive,
  staged: { readonly key: string; readonly bytes: Uint8Array },
): Promise<string> {
  const { store } = context;
  const metadata = stampMetadata({ manifest: built.manifestSha256, stage: staged.key }, built.manifest);
  try {
    const info = await store.put(archiveKey(cell), staged.bytes, {
      ...(base ? { ifMatch: base.info.etag } : { ifAbsent: true }),
      sha256: built.manifest.archive.gzSha256,
      metadata,
    });
    noteStoreTime(context, info);
    return info.etag;
  } catch (error) {
    if (isObjectStoreError(error, 'precondition-failed')) return restart('another run published first');
    // The answer was lost, not necessarily the request: look instead of trying again.
    const now = await store.head(archiveKey(cell));
    if (now?.metadata['manifest'] === built.manifestSha256) return now.etag;
    throw error;
  }
}
