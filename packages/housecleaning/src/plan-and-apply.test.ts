import { describe, expect, test } from 'vitest';
import { planHousecleaning } from './housecleaning.ts';
import { createWorld, dueMs, env, hourMs, mutationsOf } from './internal/world.fixture.ts';

describe('planHousecleaning', () => {
  test('changes nothing, and its hash is the one of the run that follows', async () => {
    for (const conditionalDelete of [true, false]) {
      const world = createWorld({ conditionalDelete });
      for (const seq of [0, 2]) await world.put(seq);
      world.clock.nowMs = dueMs;
      const { counted, mutations } = mutationsOf(world.store);
      const plan = await planHousecleaning({
        store: counted,
        nowMs: dueMs,
        writers: 'write-once',
        env,
        approve: 'first-run',
      });
      expect(mutations()).toEqual([]);
      expect(plan.mutations.map(({ op }) => op).join(' ')).toBe('put put put put delete delete');
      expect(plan.report.cells).toMatchObject([{ state: 'archived', deletedSources: 2 }]);
      const report = await world.run();
      expect(report.run.planHash).toBe(plan.hash);
    }
  });

  test('has another hash when the outlook is another', async () => {
    const world = createWorld();
    await world.put(0);
    world.clock.nowMs = dueMs;
    const options = { store: world.store, nowMs: dueMs, writers: 'write-once', env } as const;
    const one = await planHousecleaning(options);
    expect((await planHousecleaning(options)).hash).toBe(one.hash);
    expect((await planHousecleaning({ ...options, minAgeMs: 100 * hourMs })).hash).not.toBe(one.hash);
  });
});
