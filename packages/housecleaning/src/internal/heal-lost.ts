import { isObjectStoreError } from '../errors.ts';
import { archiveKey, type Cell } from '../keys.ts';
import { isDigestFault, type ProvenArchive } from './base.ts';
import { findLostGeneration, listControl, type CellSources, type LostGeneration } from './lost-generations.ts';
import { findForeign, howToResolve, replacedBy, republish } from './prove-base.ts';
import { putRecord, readQuarantine, writeQuarantine } from './quarantine.ts';
import type { HealedArchive } from './report-types.ts';
import { noteStoreTime, restart, type CellProgress, type RunContext } from './run-context.ts';
import { stageKeysOf } from './stage-keys.ts';

/**
 * After P2: nothing is built beside a manifest or a staged copy that tells of more than there is. The staged copy of a manifest
 * that holds everything that is known is published again, and the cell starts over; else somebody has to look.
 *
 * Where nothing but overwritten raw objects tells of it, and writers may overwrite, it may as well be an attempt that died: the
 * cell goes on, and has a problem.
 *
 * @returns true if the cell was stopped
 */
export async function healLost(
  context: RunContext,
  progress: CellProgress,
  base: ProvenArchive | undefined,
  control: Pick<CellSources, 'names' | 'stages'>,
): Promise<boolean> {
  const { store, options } = context;
  const { cell, listed } = progress;
  const { signal } = options;
  const asked = signal ? { signal } : {};
  const sources: CellSources = { ...control, base, listed, signal };
  if (base) await dropAccepted(context, cell, [base.manifestSha256, base.manifest.archive.sha256]);
  if ((await findLostGeneration(store, cell, sources)) === undefined) return false;
  const accepted = (await readQuarantine(store, cell, signal))?.record?.accepted ?? [];
  const lost = await findLostGeneration(store, cell, { ...sources, accepted });
  // A run that publishes, proves and prunes meanwhile leaves the same traces.
  if ((await store.head(archiveKey(cell), asked))?.etag !== base?.info.etag) restart('another run published first');
  if (lost === undefined) return false;
  if (!lost.isSure && options.writers !== 'write-once') {
    tellDoubt(progress, lost);
    return false;
  }

  // Once more: a listing may have left it out.
  const { stages } = await listControl(store, cell, options.maxSources, signal);
  const staged = new Set([...control.stages, ...stages]);
  for (const { manifest, manifestSha256 } of lost.complete) {
    if (findForeign(manifest, options)) continue;
    for (const stage of stageKeysOf(cell, manifest.archive.sha256)) {
      if (!staged.has(stage)) continue;
      const tell = (keptAs?: string): HealedArchive => {
        const replaced = base ? replacedBy({ ...base.info, keptAs }) : null;
        return { fault: lost.reason, replaced, stage, gzSha256: manifest.archive.gzSha256 };
      };
      const beforePut = (keptAs?: string): Promise<void> => context.noteHealing(cell, tell(keptAs));
      const from = {
        ...{ stage, manifest: manifestSha256, manifestDocument: manifest, over: base?.info.etag, signal, beforePut },
      };
      const info = (await publishAgain(context, from)) ?? (await publishAgain(context, from));
      if (info === undefined) continue;
      noteStoreTime(context, info);
      progress.healed = tell(info.keptAs);
      restart('a lost generation was published again');
    }
  }
  if (!lost.isSure) {
    tellDoubt(progress, lost);
    return false;
  }
  progress.state = 'quarantined';
  progress.problems.push(
    `${lost.reason} Nothing of this cell is archived or deleted until an operator has looked. ${wayBack}`,
  );
  const { reason, manifests } = lost;
  await writeQuarantine(store, { cell, reason, runId: options.runId, manifests });
  return true;
}

/** Nothing decides whether an archive is gone: the cell goes on, and somebody is told. */
function tellDoubt(progress: CellProgress, { reason, objects }: LostGeneration): void {
  const named = objects.map((key) => `"${key}"`).join(', ');
  progress.problems.push(
    `Perhaps an archive is gone, perhaps an attempt died before it published one and a writer overwrote what it had read: ${reason} ` +
      'The journal does not tell, and this run goes on without those bytes. If they are wanted, bring them back with ' +
      `restoreFiles, from that manifest and its staged copy; if they are not, move all of ${named} out of the store.`,
  );
}

/** The ways out, where more was known than is there. */
const wayBack =
  `${howToResolve} With "accept-live" what is still missing then counts as looked at. What a manifest alone holds is brought ` +
  'back before, from it and its staged copy with restoreFiles: raw objects that a run archives again.';

/** What lies there again is missed the next time that it is gone, whatever was accepted before. */
async function dropAccepted({ store, quarantined }: RunContext, cell: Cell, live: readonly string[]): Promise<void> {
  if (!quarantined.has(`${cell.symbol}/${cell.date}`)) return;
  const seen = await readQuarantine(store, cell);
  const { record } = seen ?? {};
  if (seen === undefined || seen.stops || record?.accepted?.some((name) => live.includes(name)) !== true) return;
  const accepted = record.accepted.filter((name) => !live.includes(name));
  try {
    await putRecord(store, { ...record, accepted }, seen.etag);
  } catch (error) {
    // Somebody else wrote it: the next run looks again.
    if (!isObjectStoreError(error, 'precondition-failed')) throw error;
  }
}

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
