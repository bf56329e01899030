import { isObjectStoreError } from '../errors.ts';
import { archiveKey, stagePrefix } from '../keys.ts';
import { isDigestFault, type ProvenArchive } from './base.ts';
import { listAll } from './listing.ts';
import { findLostGeneration, type CellSources } from './lost-generations.ts';
import { findForeign, howToResolve, republish } from './prove-base.ts';
import { readQuarantine, writeQuarantine } from './quarantine.ts';
import { noteStoreTime, restart, type CellProgress, type RunContext } from './run-context.ts';
import { stageKeysOf } from './stage-keys.ts';

/**
 * After P2: nothing is built beside a manifest that tells of more than there is. Its staged copy is published again, where it
 * holds everything that is known, and the cell starts over; else somebody has to look.
 *
 * @returns true if the cell was stopped
 */
export async function healLost(
  context: RunContext,
  progress: CellProgress,
  base: ProvenArchive | undefined,
  names: readonly string[],
): Promise<boolean> {
  const { store, options } = context;
  const { cell, listed } = progress;
  const { signal } = options;
  const asked = signal ? { signal } : {};
  const sources: CellSources = { names, base, listed, signal };
  if ((await findLostGeneration(store, cell, sources)) === undefined) return false;
  const accepted = (await readQuarantine(store, cell, signal))?.record?.accepted ?? [];
  const lost = await findLostGeneration(store, cell, { ...sources, accepted });
  // A run that publishes, proves and prunes meanwhile leaves the same traces.
  if ((await store.head(archiveKey(cell), asked))?.etag !== base?.info.etag) restart('another run published first');
  if (lost === undefined) return false;

  const prefix = `${stagePrefix}${cell.symbol}/${cell.date}/`;
  const staged = new Set((await listAll(store, prefix, options.maxSources, signal)).map(({ key }) => key));
  for (const { manifest, manifestSha256 } of lost.complete) {
    if (findForeign(manifest, options)) continue;
    for (const stage of stageKeysOf(cell, manifest.archive.sha256)) {
      if (!staged.has(stage)) continue;
      const from = { stage, manifest: manifestSha256, manifestDocument: manifest, over: base?.info.etag, signal };
      const info = (await publishAgain(context, from)) ?? (await publishAgain(context, from));
      if (info === undefined) continue;
      noteStoreTime(context, info);
      const { keptAs } = info;
      const replaced = base && { etag: base.info.etag, bytes: base.info.size, ...(keptAs ? { keptAs } : {}) };
      progress.healed = {
        ...{ fault: lost.reason, replaced: replaced ?? null, stage },
        gzSha256: manifest.archive.gzSha256,
      };
      restart('a lost generation was published again');
    }
  }
  if (!lost.isSure) return false;
  progress.state = 'quarantined';
  progress.problems.push(
    `${lost.reason} Nothing of this cell is archived or deleted until an operator has looked. ${wayBack}`,
  );
  const { reason, manifests } = lost;
  await writeQuarantine(store, { cell, reason, runId: options.runId, manifests });
  return true;
}

/** The ways out, where more was known than is there. */
const wayBack =
  `${howToResolve} With "accept-live" these manifests count as looked at. What they alone hold is brought back before, from a ` +
  'manifest and its staged copy with restoreFiles: raw objects that a run archives again.';

/** A staged copy that does not prove itself is none. */
async function publishAgain(
  { store }: RunContext,
  from: Parameters<typeof republish>[2],
): ReturnType<typeof republish> {
  try {
    return await republish(store, from.manifestDocument.cell, from);
  } catch (error) {
    if (isObjectStoreError(error, 'precondition-failed')) return restart('another run published first');
    if (!isDigestFault(error)) throw error;
    return undefined;
  }
}
