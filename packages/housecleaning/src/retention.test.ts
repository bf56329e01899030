import { describe, expect, test } from 'vitest';
import { archiveKey, clockKey, envKey, manifestPrefix, quarantineKey } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import type { DeletePlan } from './retention.ts';
import {
  cell,
  createFive,
  createWorld,
  dayMs,
  deletesOnly,
  logs,
  startMs,
  superseded,
} from './internal/retention.fixture.ts';

describe('runBulkDelete', () => {
  async function createPlanned(objects = 3) {
    const world = createWorld();
    await world.stamp();
    for (let i = 0; i < objects; i++) await world.put(`exports/daily/${String(i).padStart(6, '0')}`);
    world.clock.nowMs += 8 * dayMs;
    return { world, plan: await world.plan([logs()]) };
  }

  test('takes a plan back from JSON, whatever the order of its properties', async () => {
    const { world, plan } = await createPlanned();
    const reorder = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(reorder)
        : value && typeof value === 'object'
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([k, v]) => [k, reorder(v)]),
            )
          : value;
    const back = reorder(JSON.parse(JSON.stringify(plan))) as DeletePlan;
    expect(await world.run(back)).toMatchObject({ deleted: 3, remaining: 0 });
  });

  test('refuses an edited plan, a foreign secret, an expired or a made-up token, and deletes nothing', async () => {
    const { world, plan } = await createPlanned();
    const edits: DeletePlan[] = [
      { ...plan, targets: [...plan.targets, { key: archiveKey(cell), etag: 'x', size: 1 }] },
      { ...plan, targets: plan.targets.slice(1) },
      { ...plan, targets: plan.targets.map((t, i) => (i === 0 ? { ...t, etag: 'other' } : t)) },
      { ...plan, expiresMs: plan.expiresMs + 1 },
      { ...plan, madeAtMs: plan.madeAtMs + 1 },
      { ...plan, rules: [logs({ prefix: 'exports/daily/0/' })] },
      { ...plan, rules: [logs({ writers: 'write-once' })] },
      { ...plan, limits: { ...plan.limits, allow: ['exports/', 'backups/'] } },
      { ...plan, limits: { ...plan.limits, minDepth: 1 } },
      { ...plan, limits: { ...plan.limits, maxObjects: 1_000_000 } },
      { ...plan, env: { ...plan.env, bucketId: 'prod' } },
      { ...plan, bytes: 1 },
      { ...plan, objects: 2 },
      { ...plan, byPrefix: {} },
      { ...plan, listingDigest: plan.digest },
      { ...plan, digest: plan.listingDigest },
    ];
    for (const edited of edits) await expect(world.run(edited)).rejects.toMatchObject({ code: 'bad-token' });
    for (const token of [
      '',
      plan.token.slice(1),
      `${plan.token}0`,
      plan.token.toUpperCase(),
      '0'.repeat(64),
      plan.digest,
    ]) {
      await expect(world.run(plan, { token })).rejects.toMatchObject({ code: 'bad-token' });
    }
    await expect(world.run(plan, { secret: new Uint8Array(32).fill(8) })).rejects.toMatchObject({ code: 'bad-token' });
    world.clock.nowMs = plan.expiresMs;
    await expect(world.run(plan)).rejects.toThrow(/it expired at 2026-01-18T12:15:00.000Z; make a new plan\./);
    world.clock.nowMs = plan.madeAtMs - 60_001;
    await expect(world.run(plan)).rejects.toThrow(/which is still to come/);
    expect(await world.keys('exports/')).toHaveLength(3);
    world.clock.nowMs = plan.expiresMs - 1;
    expect(await world.run(plan)).toMatchObject({ deleted: 3 });
  });

  test('refuses a store in which the rules reach further than the plan', async () => {
    const { world, plan } = await createPlanned();
    const { nowMs } = world.clock;
    // By the store's time it was there when the plan was made, and old: the plan did not see it.
    world.clock.nowMs = startMs;
    await world.put('exports/daily/unseen');
    world.clock.nowMs = nowMs;
    await expect(world.run(plan)).rejects.toThrow(
      'The plan was refused: the rules also reach "exports/daily/unseen", which it does not name. Nothing was deleted; make a new plan.',
    );
    expect(await world.keys('exports/')).toHaveLength(4);
  });

  test('refuses when a target must stay by now: quarantine, a lost keeper, an archive rolled back', async () => {
    const five = await createFive();
    five.clock.nowMs = startMs + 400 * dayMs;
    const plan = await five.plan([superseded]);
    await five.put(quarantineKey(cell), '{}');
    await expect(five.run(plan)).rejects.toMatchObject({ code: 'plan-changed' });
    expect(await five.keys(manifestPrefix)).toHaveLength(5);

    const world = createWorld();
    await world.stamp();
    for (const name of ['a', 'b']) await world.put(`exports/daily/${name}`);
    world.clock.nowMs += 1;
    await world.put('exports/daily/newest');
    world.clock.nowMs += 8 * dayMs;
    const keeping = await world.plan([logs({ keepLast: 1 })]);
    expect(keeping.objects).toBe(2);
    await world.store.delete([{ key: 'exports/daily/newest' }]);
    await expect(world.run(keeping)).rejects.toMatchObject({ code: 'plan-changed' });
  });

  test('leaves objects that came or changed after the plan, and says so', async () => {
    const { world, plan } = await createPlanned(4);
    world.clock.nowMs += 1_000;
    await world.put('exports/daily/new');
    await world.put('exports/daily/000001', 'rewritten');
    await world.store.delete([{ key: 'exports/daily/000002' }]);
    expect(await world.run(plan)).toEqual({
      deleted: 2,
      bytes: 2 * 'exports/daily/000000'.length,
      absent: 1,
      changed: ['exports/daily/000001'],
      kept: [],
      remaining: 0,
    });
    expect(await world.keys('exports/')).toEqual(['exports/daily/000001', 'exports/daily/new']);
  });

  test('counts what must stay as of the plan, whatever comes later', async () => {
    const world = createWorld();
    await world.stamp();
    await world.put('exports/daily/old');
    world.clock.nowMs += 1;
    await world.put('exports/daily/newest');
    world.clock.nowMs += 8 * dayMs;
    const plan = await world.plan([logs({ keepLast: 1 })]);
    world.clock.nowMs += 1;
    await world.put('exports/daily/newer');
    expect(await world.run(plan)).toMatchObject({ deleted: 1 });
    expect(await world.keys('exports/')).toEqual(['exports/daily/newer', 'exports/daily/newest']);
  });

  test('leaves an object that is rewritten in the very moment of its deletion', async () => {
    const { world, plan } = await createPlanned();
    const racing: ObjectStore = {
      ...world.store,
      async delete(targets, options) {
        await world.put('exports/daily/000001', 'rewritten');
        return world.store.delete(targets, options);
      },
    };
    expect(await world.run(plan, {}, racing)).toMatchObject({ deleted: 2, changed: ['exports/daily/000001'] });
  });

  test('refuses another store and a clock that is not the store’s', async () => {
    const { world, plan } = await createPlanned();
    await expect(world.run(plan, { nowMs: world.clock.nowMs + 60_001 })).rejects.toMatchObject({ code: 'bad-option' });
    await world.put(envKey, '{"env":"test","bucketId":"other"}');
    await expect(world.run(plan)).rejects.toMatchObject({ code: 'wrong-store' });
    expect(await world.keys('exports/')).toHaveLength(3);
  });

  test('deletes 2,500 keys as 1,000 + 1,000 + 500, and after a failure goes on where it was', async () => {
    const { world, plan } = await createPlanned(2_500);
    const sizes: number[] = [];
    await expect(world.run(plan, {}, deletesOnly(world.store, 1, sizes))).rejects.toThrow('killed');
    expect(await world.keys('exports/')).toHaveLength(1_500);
    const seen: number[] = [];
    const result = await world.run(
      plan,
      { onProgress: ({ done }) => seen.push(done) },
      deletesOnly(world.store, 9, sizes),
    );
    expect(result).toMatchObject({ deleted: 1_500, absent: 1_000, remaining: 0 });
    expect(sizes).toEqual([1_000, 1_000, 500]);
    expect(seen).toEqual([2_000, 2_500]);
    expect(await world.run(plan)).toMatchObject({ deleted: 0, absent: 2_500, remaining: 0 });
  });

  test('stops at maxDeletes and at a signal, with nothing but whole batches done', async () => {
    const { world, plan } = await createPlanned(2_500);
    expect(await world.run(plan, { maxDeletes: 1_200 })).toMatchObject({ deleted: 1_200, remaining: 1_300 });
    const stop = new AbortController();
    const run = world.run(plan, { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) });
    await expect(run).rejects.toThrow('enough');
    expect(await world.keys('exports/')).toHaveLength(300);
  });

  test('changes nothing else in the store but the clock’s probe', async () => {
    const { world, plan } = await createPlanned();
    const written: string[] = [];
    const watched: ObjectStore = {
      ...world.store,
      put: (key, body, options) => {
        written.push(key);
        return world.store.put(key, body, options);
      },
    };
    await world.run(plan, {}, watched);
    expect(written).toEqual([clockKey]);
  });
});
