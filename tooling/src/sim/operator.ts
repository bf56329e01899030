/** Somebody who reads what a quarantined cell says of an archive that is missed, and does it. */
import { isHousecleaningError } from '@tapekit/housecleaning/errors';
import { resolveQuarantine, type HousecleaningOptions } from '@tapekit/housecleaning/housecleaning';
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import type { Cell } from '@tapekit/housecleaning/keys';
import { checkInvariants } from './invariants.ts';
import { runCleaner, type World } from './world.ts';

/**
 * Lets a run look at a cell. Where it misses an archive and stops, publishes what staged copies hold; where that is not all, or
 * nothing, accepts what is missing, and moves away first what the refusal names.
 */
export async function lookAfter(world: World, cell: Cell, run: Partial<HousecleaningOptions>): Promise<void> {
  const store = world.store.openFor('operator');
  for (const how of ['restore-from-stage', 'accept-live'] as const) {
    await runCleaner(world, 'run that is looked at', (direct) => direct, run);
    checkInvariants(world);
    const refusal = await refusalOf(resolveQuarantine(store, cell, how));
    if (refusal?.includes('move all of')) await moveAway(store, refusal);
  }
  await refusalOf(resolveQuarantine(store, cell, 'accept-live'));
  checkInvariants(world);
}

/** Why a cell stays as it is; most are in no quarantine. */
async function refusalOf(resolving: Promise<unknown>): Promise<string | undefined> {
  try {
    await resolving;
    return undefined;
  } catch (error) {
    if (isHousecleaningError(error, 'not-archived') || isHousecleaningError(error, 'not-quarantined'))
      return error.message;
    throw error;
  }
}

async function moveAway(store: Pick<ObjectStore, 'delete'>, refusal: string): Promise<void> {
  const [, named = ''] = /move all of (.*) out of the store/.exec(refusal) ?? [];
  await store.delete([...named.matchAll(/"([^"]+)"/g)].map(([, key]) => ({ key: key! })));
}
