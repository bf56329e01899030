import { describe, expect, test } from 'vitest';
import {
  applyPlan,
  planHousecleaning,
  readLastRun,
  runHousecleaning,
  type HousecleaningOptions,
} from './housecleaning.ts';
import { archiveKey, clockKey, envKey, parseJournalKey, reportKey, type Cell } from './keys.ts';
import {
  cell,
  createWorld,
  dueMs,
  env,
  hourMs,
  mutationsOf,
  writtenMs,
  type TestWorld,
} from './internal/world.fixture.ts';

/** Options without consent. */
function unapproved(world: TestWorld, more: Partial<HousecleaningOptions> = {}): HousecleaningOptions {
  const options = { ...world.options(more) };
  delete (options as { approve?: unknown }).approve;
  return options;
}

const day = (offset: number): Cell => ({ ...cell, date: `2026-11-${String(10 + offset)}` });

/** One day of `objects` raw objects, cleaned at its own time. */
async function cleanDay(world: TestWorld, offset: number, objects: number, more: Partial<HousecleaningOptions> = {}) {
  world.clock.nowMs = Date.parse(`${day(offset).date}T12:00:00Z`);
  for (let i = 0; i < objects; i++) await world.put(2 * i, day(offset));
  return world.run({ nowMs: Date.parse(`${day(offset).date}T12:00:00Z`) + 48 * hourMs, ...more });
}

describe('C5: a store that holds data, but no stamp', () => {
  test('is not stamped without consent: it may be the wrong one', async () => {
    const world = createWorld();
    await world.put(0);
    const { counted, mutations } = mutationsOf(world.store);
    const report = await runHousecleaning({ ...unapproved(world), store: counted });
    expect(report.run.outcome).toBe('halted');
    expect(report.run.reason).toBe(
      'The store holds data, but no stamp that says that it belongs to env "test", bucket "tape". No run before this one ' +
        'changed anything here, so there is nothing to compare it with. Look at what would happen with planHousecleaning, ' +
        'then consent to it with applyPlan and its hash, or give the option approve: "first-run".',
    );
    expect(report.safety).toMatchObject({ ok: false, envStamp: 'unread', verdict: 'halt' });
    expect(report.safety.needsApproval).toHaveLength(2);
    expect(mutations()).toEqual([`put ${clockKey}`, `put ${reportKey}`]);
    expect(await world.store.head(envKey)).toBeUndefined();
  });

  test('may hold archives alone: they count as data too', async () => {
    const world = createWorld();
    await world.store.put(archiveKey(cell), new Uint8Array(1));
    const report = await runHousecleaning(unapproved(world));
    expect(report.run.outcome).toBe('halted');
    expect(await world.store.head(envKey)).toBeUndefined();
  });

  test('is stamped when it is empty, and asks once there is something to lose', async () => {
    const world = createWorld();
    const empty = await runHousecleaning(unapproved(world));
    expect([empty.run.outcome, empty.safety.envStamp]).toEqual(['ok', 'created']);
    world.clock.nowMs = writtenMs;
    await world.put(0);
    const asks = await runHousecleaning(unapproved(world));
    expect([asks.run.outcome, asks.safety.needsApproval]).toEqual([
      'halted',
      ['No run before this one changed anything here, so there is nothing to compare it with.'],
    ]);
    expect((await world.run()).cells).toMatchObject([{ state: 'archived' }]);
    // From now on it is a run like the one before.
    world.clock.nowMs = writtenMs;
    await world.put(2);
    expect((await runHousecleaning(unapproved(world))).run.outcome).toBe('ok');
  });

  test('is stamped by a plan that somebody applied', async () => {
    const world = createWorld();
    await world.put(0);
    const plan = await planHousecleaning(unapproved(world));
    expect(plan.needsApproval).toHaveLength(2);
    const report = await applyPlan({ ...unapproved(world), plan: plan.hash });
    expect(report.run).toMatchObject({ outcome: 'ok', planHash: plan.hash });
    expect(report.cells).toMatchObject([{ state: 'archived', deletedSources: 1 }]);
    expect(await readLastRun(world.store)).toMatchObject({ approvedBy: 'plan', history: [1], run: { outcome: 'ok' } });
  });
});

describe('C7: days and ages below one hour', () => {
  test.each(['graceMs', 'minAgeMs'] as const)('%s needs allowImmediate', async (name) => {
    const world = createWorld();
    await expect(world.run({ [name]: hourMs - 1 })).rejects.toThrow(
      `The option ${name} is 3599999; expected at least 3600000 (1 hour), or allowImmediate: true where no writer is left.`,
    );
    expect((await world.run({ [name]: hourMs })).run.outcome).toBe('ok');
    expect((await createWorld().run({ [name]: 0, allowImmediate: true })).run.outcome).toBe('ok');
  });
});

describe('I11: a changed configuration', () => {
  test('halts, says what changed, and goes on after a plan was applied', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    world.clock.nowMs = writtenMs;
    await world.put(2);
    const changed = { minAgeMs: hourMs, graceMs: 2 * hourMs };
    const { counted, mutations } = mutationsOf(world.store);
    const halted = await world.run({ ...changed, store: counted });
    expect(halted.run.outcome).toBe('halted');
    expect(halted.safety.needsApproval).toEqual([
      'The configuration changed since the last run: graceMs was 21600000, is 7200000; minAgeMs was 86400000, is 3600000.',
    ]);
    expect(mutations()).toEqual([`put ${clockKey}`, `put ${reportKey}`]);
    const plan = await planHousecleaning(world.options(changed));
    const applied = await applyPlan({ ...world.options(changed), plan: plan.hash });
    expect(applied.cells).toMatchObject([{ state: 'archived', generation: 2 }]);
    expect(applied.run.configSha256).not.toBe((await world.run()).run.configSha256);
    expect((await world.run(changed)).run.outcome).toBe('ok');
    // And back again is a change too.
    expect((await world.run()).run.outcome).toBe('halted');
  });

  test('is not covered by the consent to a first run, also where the stamp is gone', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    await world.store.delete([{ key: envKey }]);
    world.clock.nowMs = writtenMs;
    await world.put(2);
    const report = await world.run({ minAgeMs: hourMs });
    expect(report.run.outcome).toBe('halted');
    expect(report.safety.needsApproval).toEqual([
      'The configuration changed since the last run: minAgeMs was 86400000, is 3600000.',
    ]);
    expect(await world.store.head(envKey)).toBeUndefined();
  });

  test('is none where only limits, cells or concurrency differ', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    for (const more of [{ maxDeletes: 1 }, { cells: [cell] }, { concurrency: 4 }, { runId: 'other' }]) {
      expect((await world.run(more)).run.outcome).toBe('ok');
    }
  });

  test('is known after a crash in the middle of the run that was consented to', async () => {
    const world = createWorld();
    await world.put(0);
    const store = { ...world.store, list: () => Promise.reject(new Error('the process died')) };
    const broken = {
      ...store,
      list: (options: { prefix?: string } = {}) =>
        options.prefix?.includes('quarantine') === true ? store.list() : world.store.list(options),
    };
    expect((await world.run({ store: broken })).run).toMatchObject({ outcome: 'failed', reason: 'the process died' });
    expect(await readLastRun(world.store)).toMatchObject({ approvedBy: 'first-run' });
    expect((await runHousecleaning(unapproved(world))).cells).toMatchObject([{ state: 'archived' }]);
  });
});

describe('I11: more deletes than usual', () => {
  test('stop at three times the median of the last runs, and go on with a plan', async () => {
    const world = createWorld();
    const limits = { floor: 0 };
    for (const [offset, objects] of [4, 1, 2].entries()) await cleanDay(world, offset, objects, { limits });
    expect((await readLastRun(world.store))?.history).toEqual([4, 1, 2]);
    const report = await cleanDay(world, 4, 8, { limits });
    expect(report.limits).toEqual({ deletes: 6, history: [4, 1, 2] });
    expect(report.cells).toMatchObject([{ state: 'pruning', sources: 8, deletedSources: 6 }]);
    expect(report.run.outcome).toBe('partial');
    expect(report.cells[0]?.problem).toMatch(/^2 archived raw object\(s\) were kept: the run may not delete more;/);
    world.clock.nowMs = dueMs - 6 * 24 * hourMs;
    for (let i = 0; i < 22; i++) await world.put(2 * i, day(5));
    const options = world.options({ limits, nowMs: dueMs });
    // 2 are left of the day before; an ordinary run may delete 12 of the 24: the median of 1, 2, 4, 6 counts as 4.
    const plan = await planHousecleaning(options);
    expect(plan.mutations.filter(({ op }) => op === 'delete')).toHaveLength(24);
    const applied = await applyPlan({ ...options, plan: plan.hash });
    expect(applied.totals.deletedSources).toBe(24);
    expect((await readLastRun(world.store))?.history).toEqual([4, 1, 2, 6, 24]);
  });

  test('never go beyond maxDeletes, also with a plan', async () => {
    const world = createWorld();
    for (const seq of [0, 2, 4]) await world.put(seq);
    const options = world.options({ maxDeletes: 2 });
    const { hash } = await planHousecleaning(options);
    const report = await applyPlan({ ...options, plan: hash });
    expect(report.totals.deletedSources).toBe(2);
  });

  test('are allowed up to the floor, so that a small archive never waits for somebody', async () => {
    const world = createWorld();
    await cleanDay(world, 0, 1);
    const report = await cleanDay(world, 1, 40);
    expect(report.limits).toEqual({ deletes: 1_000, history: [1] });
    expect(report.cells).toMatchObject([{ state: 'archived', deletedSources: 40 }]);
  });
});

describe('applyPlan', () => {
  test('changes nothing when the store is no longer what the plan saw', async () => {
    const world = createWorld();
    await world.put(0);
    const options = world.options();
    const { hash } = await planHousecleaning(options);
    world.clock.nowMs = writtenMs;
    await world.put(2);
    world.clock.nowMs = dueMs;
    const { counted, mutations } = mutationsOf(world.store);
    await expect(applyPlan({ ...options, store: counted, plan: hash })).rejects.toMatchObject({
      code: 'plan-changed',
      subject: hash,
    });
    expect(mutations()).toEqual([]);
  });

  test('deletes nothing that comes in between the plan and the run', async () => {
    const world = createWorld();
    await world.put(0);
    const options = world.options();
    const { hash } = await planHousecleaning(options);
    let isLate = false;
    const store = {
      ...world.store,
      async put(...args: Parameters<typeof world.store.put>) {
        // The first put of the run itself: the plan was made again and found to be the same.
        if (!isLate) {
          isLate = true;
          world.clock.nowMs = writtenMs;
          await world.put(2);
          world.clock.nowMs = dueMs;
        }
        return world.store.put(...args);
      },
    };
    const report = await applyPlan({ ...options, store, plan: hash });
    expect(report.run.outcome).toBe('partial');
    expect(report.cells[0]).toMatchObject({ sources: 2, deletedSources: 0 });
    expect(report.cells[0]?.problem).toMatch(/The plan did not hold the delete of/);
    expect(await world.keys('raw_tns/')).toHaveLength(2);
  });
});

describe('the hash of a plan', () => {
  const others: Partial<HousecleaningOptions>[] = [
    { writers: 'overwriting' },
    { graceMs: 2 * hourMs },
    { minAgeMs: hourMs },
    { maxDeletes: 7 },
    { limits: { floor: 7 } },
    { limits: { medianFactor: 7 } },
    { env: { env: 'test', bucketId: 'other' } },
    { day: { tz: 'UTC', dayStart: '01:00' } },
  ];

  test.each(others)('consents to its own options: %j is another plan, also where nothing is due', async (more) => {
    const world = createWorld({ conditionalDelete: true });
    await world.put(0);
    for (const due of [true, false]) {
      const { hash } = await planHousecleaning(world.options());
      const before = await world.keys();
      const { counted, mutations } = mutationsOf(world.store);
      await expect(applyPlan({ ...world.options({ ...more, store: counted }), plan: hash })).rejects.toMatchObject({
        code: 'plan-changed',
      });
      expect([mutations(), await world.keys()]).toEqual([[], before]);
      expect((await planHousecleaning(world.options(more))).hash).not.toBe(hash);
      if (due) await world.run();
    }
  });

  test('of nothing to do consents to the configuration that it was made with', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    const changed = world.options({ minAgeMs: hourMs });
    const plan = await planHousecleaning(changed);
    expect(plan).toMatchObject({ mutations: [], needsApproval: [expect.stringContaining('minAgeMs was 86400000')] });
    expect((await applyPlan({ ...changed, plan: plan.hash })).run.outcome).toBe('ok');
    expect((await world.run({ minAgeMs: hourMs })).run.outcome).toBe('ok');
  });

  const broken = (world: TestWorld): HousecleaningOptions => ({
    ...world.options(),
    store: { ...world.store, list: () => Promise.reject(new Error('no route to host')) },
  });

  test.each([
    ['failed', broken],
    ['halted', (world: TestWorld) => world.options({ env: { env: 'other', bucketId: 'other' } })],
  ] as const)('is empty for a plan that %s, and consents to nothing', async (outcome, spoilt) => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    const plan = await planHousecleaning(spoilt(world));
    expect([plan.hash, plan.report.run.planHash, plan.report.run.outcome]).toEqual(['', '', outcome]);
    const good = await planHousecleaning(world.options());
    for (const options of [spoilt(world), world.options()]) {
      await expect(applyPlan({ ...options, plan: '' })).rejects.toMatchObject({ code: 'plan-changed' });
    }
    const applied = applyPlan({ ...spoilt(world), plan: good.hash });
    await expect(applied).rejects.toMatchObject({ code: 'plan-changed' });
    await expect(applied).rejects.toThrow(plan.report.run.reason!);
  });
});

describe('the journal', () => {
  test('has one entry for every run that changed something, none for the others', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run({ runId: 'one' });
    await world.run({ runId: 'two', nowMs: dueMs + 1 });
    world.clock.nowMs = writtenMs;
    await world.put(2);
    await world.run({ runId: 'three', nowMs: dueMs + 2 });
    const entries = (await world.keys('housecleaning/v1/journal/')).map((key) => parseJournalKey(key));
    expect(entries).toEqual([
      { startedAtMs: dueMs, runId: 'one' },
      { startedAtMs: dueMs + 2, runId: 'three' },
    ]);
    expect(await readLastRun(world.store)).toMatchObject({
      schema: 'hc-journal/1',
      run: { id: 'three', outcome: 'ok' },
      approvedBy: null,
      config: { env: 'test', bucketId: 'tape', writers: 'write-once', tz: 'UTC', dayStart: '00:00' },
      totals: { deletedSources: 1 },
      history: [1, 1],
    });
  });

  test('that cannot be read stops every run: nobody knows what was usual', async () => {
    const world = createWorld();
    await world.put(0);
    await world.store.put(`housecleaning/v1/journal/${dueMs}-x.json`, new TextEncoder().encode('{}'));
    const report = await world.run();
    expect(report.run).toMatchObject({
      outcome: 'failed',
      reason: `"housecleaning/v1/journal/${dueMs}-x.json" is no journal entry of this package; look at it and move it away.`,
    });
    expect(await world.keys('raw_tns/')).toHaveLength(1);
  });

  test('that cannot be written makes the run partial, not lost', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    world.clock.nowMs = writtenMs;
    await world.put(2);
    const store = {
      ...world.store,
      put: (key: string, ...rest: [Uint8Array]) =>
        parseJournalKey(key) ? Promise.reject(new Error('disk full')) : world.store.put(key, ...rest),
    };
    const report = await world.run({ store: store });
    expect(report.cells).toMatchObject([{ state: 'archived', generation: 2 }]);
    expect(report.run).toMatchObject({
      outcome: 'partial',
      reason: 'The journal entry of the run could not be stored: disk full',
    });
  });
});

test('C8: a halted run changes the clock object and the report, nothing else', async () => {
  const world = createWorld();
  await world.put(0);
  world.clock.nowMs = dueMs + 61_000;
  const { counted, mutations } = mutationsOf(world.store);
  const options = { store: counted, nowMs: dueMs, writers: 'write-once', env, approve: 'first-run' } as const;
  expect((await runHousecleaning(options)).run.outcome).toBe('halted');
  expect(mutations()).toEqual([`put ${clockKey}`, `put ${reportKey}`]);
});
