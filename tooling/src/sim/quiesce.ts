/** What must be true of a world when everybody has stopped: clean runs finish the work, and then change nothing. */
import type { HousecleaningOptions } from '@tapekit/housecleaning/housecleaning';
import {
  archiveKey,
  clockKey,
  journalPrefix,
  leasePrefix,
  rawCellPrefix,
  reportKey,
  type Cell,
} from '@tapekit/housecleaning/keys';
import { restoreRaw } from '@tapekit/housecleaning/restore';
import { checkHealed, checkInvariants, checkReport, lostContents } from './invariants.ts';
import { rawCellOf } from './parsed-keys.ts';
import { holdingOf } from './truth.ts';
import { copyWorld, runCleaner, type RunRecord, type Violation, type World } from './world.ts';

export interface QuiesceOptions {
  readonly cells: readonly Cell[];
  readonly run: Partial<HousecleaningOptions>;
  /** Let the first run be one that applies a plan, and compare the two (I16). */
  readonly plan?: boolean;
  /** Also restore into a copy of the world (I13). */
  readonly restore?: boolean;
}

/** Runs after which nothing may be left to do. */
const maxRuns = 3;

/** Runs undisturbed cleaners until there is nothing to do, and checks what is left; adds to `world.violations`. */
export async function quiesce(world: World, options: QuiesceOptions): Promise<readonly Violation[]> {
  const found: Violation[] = [];
  const say = (invariant: string, message: string): void => {
    found.push({ invariant, message: `at rest: ${message}` });
  };
  const changes = world.violations.length;
  let idle = false;
  for (let i = 1; i <= maxRuns && !idle; i++) {
    let { record, error } = await cleanRun(world, `clean run ${i}`, options, i === 1 && options.plan === true);
    // Whoever came last may have changed the configuration and died: then somebody has to look, and to consent.
    if (i === 1 && record.report?.run.outcome === 'halted')
      ({ record, error } = await cleanRun(world, 'clean run with consent', options, true));
    if (!record.report) say('I10', `an undisturbed run failed: ${String(error)}`);
    if (record.plan !== undefined && record.plan !== record.report?.run.planHash)
      say('I16', 'a plan differs from the run that followed it');
    idle = !didWork(record);
  }
  if (!idle) say('I10', `after ${maxRuns} undisturbed runs there is still work to do`);
  for (const cell of options.cells) checkCell(world, cell, options.run.writers ?? 'write-once', say);
  if (options.restore === true) await checkRestore(world, options.cells, say);
  checkHealed(world);
  world.violations.push(...found);
  return world.violations.slice(changes);
}

async function cleanRun(
  world: World,
  by: string,
  { run }: QuiesceOptions,
  planned: boolean,
): ReturnType<typeof runCleaner> {
  const ran = await runCleaner(world, by, (store) => store, run, planned);
  checkInvariants(world);
  checkReport(world, ran.record);
  return ran;
}

/** True if a run changed more than every run does. */
function didWork({ changed }: RunRecord): boolean {
  return [...changed].some(
    (key) => key !== clockKey && key !== reportKey && !key.startsWith(journalPrefix) && !key.startsWith(leasePrefix),
  );
}

type Say = (invariant: string, message: string) => void;

function checkCell(world: World, cell: Cell, writers: string, say: Say): void {
  for (const content of lostContents(world, cell)) say('I1', `"${content}" is lost`);
  const holding = holdingOf(world.store, cell);
  const prefix = rawCellPrefix(cell);
  const seen = new Map<string, number>();
  for (const { key } of holding?.sources ?? []) seen.set(key, (seen.get(key) ?? 0) + 1);
  for (const [key, { info }] of world.store.objects) {
    if (!key.startsWith(prefix)) continue;
    const archived = holding?.sources.filter((source) => source.key === key) ?? [];
    if (!archived.some(({ sha256 }) => sha256.startsWith(info.etag))) say('I10', `"${key}" was never archived`);
    const certain = archived.some((source) => source.etag === info.etag && source.version === info.version);
    const kept =
      (world.options.flavour === 'r2' && writers === 'overwriting') ||
      (writers === 'write-once' && (seen.get(key) ?? 0) > 1);
    if (certain && !kept) say('I10', `"${key}" is archived and was not deleted`);
  }
}

async function checkRestore(world: World, cells: readonly Cell[], say: Say): Promise<void> {
  for (const cell of cells) {
    if (!world.store.objects.has(archiveKey(cell))) continue;
    const copy = copyWorld(world);
    await restoreRaw(copy.store.openFor('restorer'), cell);
    for (const [key, digests] of world.required) {
      const where = rawCellOf(key);
      if (where?.symbol !== cell.symbol || where.date !== cell.date) continue;
      const there = copy.store.objects.get(key)?.info.etag;
      const newest = [...digests].at(-1);
      // A put that was never acknowledged may have come after it, and be archived as well.
      const last = holdingOf(world.store, cell)?.byKey.get(key)?.at(-1)?.sha256;
      const restored = [newest, last].some((sha256) => there !== undefined && sha256?.startsWith(there) === true);
      if (newest !== undefined && !restored) say('I13', `"${key}" was not restored byte for byte`);
    }
  }
}
