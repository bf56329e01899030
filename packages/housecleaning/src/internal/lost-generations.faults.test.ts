// A run that finds an archive gone or rolled back, disturbed at each of its operations.
import { expect, test } from 'vitest';
import { canHappen, createFaultStore, faultKinds, listingFaultKinds } from '@tapekit/tooling/fault-store';
import { archiveKey } from '../keys.ts';
import { backUp, createGenerations, looked, putAndRun, putLate, seqs } from './lost-generations.fixture.ts';
import { cell, dueMs, type TestWorld } from './world.fixture.ts';

const everything = seqs(0, 1, 2, 3, 4, 5);

/** Two generations, of which the archive or the second one is gone, and a raw object that came late. */
async function createLost(how: 'gone' | 'rolled back'): Promise<TestWorld> {
  const world = await createGenerations(1);
  const rollBack = await backUp(world);
  await putAndRun(world, 2);
  if (how === 'gone') await world.store.delete([{ key: archiveKey(cell) }]);
  else await rollBack();
  await putLate(world, 4);
  return world;
}

test.each(['gone', 'rolled back'] as const)(
  'where it was %s, no single fault and no peer stops or loses anything',
  async (how) => {
    const clean = await createLost(how);
    const { store, log } = createFaultStore(clean.store);
    const report = await clean.run({ ...looked, store });
    expect(report.cells).toMatchObject([{ generation: 3, healed: { fault: expect.any(String) as string } }]);
    for (const [at, operation] of log.entries()) {
      for (const kind of [...faultKinds, ...listingFaultKinds, 'peer'] as const) {
        if (kind !== 'peer' && !canHappen(kind, operation)) continue;
        const world = await createLost(how);
        const interlude = async (): Promise<void> => {
          await world.run(looked);
        };
        const faulty = createFaultStore(
          world.store,
          kind === 'peer' ? { at, kind: 'interlude', interlude } : { at, kind },
        );
        await world.run({ ...looked, store: faulty.store }).catch(() => undefined);
        const after = await world.run({ ...looked, nowMs: dueMs + 2 });
        const name = `${kind} at ${at} ${operation.op} ${operation.subject}`;
        expect([after.run.outcome, after.cells[0]?.state, after.cells[0]?.sources], name).toEqual([
          'ok',
          'archived',
          3,
        ]);
        expect(await world.lines(), name).toEqual(everything);
      }
    }
  },
  60_000,
);

test('three runs at once publish it again once', async () => {
  const world = await createLost('gone');
  const reports = await Promise.all([1, 2, 3].map((i) => world.run({ ...looked, nowMs: dueMs + i })));
  expect(reports.map(({ run }) => run.outcome)).toEqual(['ok', 'ok', 'ok']);
  // Each of them may have done it; one does not tell if another one surely will.
  expect(reports.filter(({ totals }) => totals.healed > 0).length).toBeGreaterThan(0);
  expect(reports.filter(({ totals }) => totals.healed > 0).length).toBeLessThan(3);
  expect(await world.lines()).toEqual(everything);
});
