/** Somebody who reads what a quarantined cell says of an archive that is missed, and does it. */
import { isHousecleaningError } from '@tapekit/housecleaning/errors';
import { resolveQuarantine, type HousecleaningOptions } from '@tapekit/housecleaning/housecleaning';
import { archiveKey, quarantineKey, type Cell } from '@tapekit/housecleaning/keys';
import { checkInvariants } from './invariants.ts';
import { runCleaner, type World } from './world.ts';

/**
 * Lets a run look at a cell. Where it misses an archive and stops, publishes the staged copy, or moves away what tells of it,
 * which the refusal names, and goes on without.
 */
export async function lookAfter(world: World, cell: Cell, run: Partial<HousecleaningOptions>): Promise<void> {
  await runCleaner(world, 'run that is looked at', (store) => store, run);
  checkInvariants(world);
  if (world.store.objects.has(archiveKey(cell)) || !world.store.objects.has(quarantineKey(cell))) return;
  const store = world.store.openFor('operator');
  try {
    await resolveQuarantine(store, cell, 'restore-from-stage');
  } catch (error) {
    if (!isHousecleaningError(error, 'not-archived')) throw error;
    const [, named = ''] = /move all of (.*) out of the store/.exec(error.message) ?? [];
    await store.delete([...named.matchAll(/"([^"]+)"/g)].map(([, key]) => ({ key: key! })));
    await resolveQuarantine(store, cell, 'accept-live');
  }
  checkInvariants(world);
}
