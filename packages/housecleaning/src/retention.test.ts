import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemoryStore, type MemoryStoreOptions } from '@tapekit/adapters/stores/memory';
import { encodeManifest } from './archive.ts';
import { runHousecleaning } from './housecleaning.ts';
import {
  archiveKey,
  clockKey,
  envKey,
  journalKey,
  manifestKey,
  manifestPrefix,
  quarantineKey,
  rawCellPrefix,
  stagePrefix,
  type Cell,
} from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import { readArchive, verifyArchive } from './restore.ts';
import {
  planBulkDelete,
  runBulkDelete,
  type DeletePlan,
  type PlanBulkDeleteOptions,
  type RetentionRule,
  type RunBulkDeleteOptions,
} from './retention.ts';
import { durationMs } from './days.ts';
import { sha256Hex } from './internal/sha256.ts';
import { toUtf8 } from './internal/utf8.ts';

const env = { env: 'test', bucketId: 'memory' };
const secret = new Uint8Array(32).fill(7);
const day = 86_400_000;
const start = Date.parse('2026-01-10T12:00:00Z');
const cell = { symbol: 'BTCUSDT', date: '2026-01-02' };
const logs = (over: Partial<Extract<RetentionRule, { what: 'objects' }>> = {}): RetentionRule => ({
  what: 'objects',
  prefix: 'exports/daily/',
  olderThan: 'P7D',
  keepLast: 0,
  ...over,
});
const superseded: RetentionRule = { what: 'superseded-archives', olderThan: 'P30D', keepLast: 2 };

function createWorld(options: Omit<MemoryStoreOptions, 'clock'> = {}) {
  const clock = { nowMs: start };
  const store = createMemoryStore({ ...options, clock: () => clock.nowMs });
  const world = {
    clock,
    store,
    async put(key: string, text = key) {
      return store.put(key, toUtf8(text));
    },
    async stamp() {
      await store.put(envKey, toUtf8(`${JSON.stringify({ schema: 'hc-env/1', ...env })}\n`));
    },
    /** One more raw object, then one run: one more generation. */
    async generation(name: string, of: Cell = cell, through: ObjectStore = store) {
      await store.put(`${rawCellPrefix(of)}${name}`, toUtf8(`{"of":"${name}"}\n`));
      return runHousecleaning({
        ...{ store: through, cells: [of], nowMs: clock.nowMs, writers: 'overwriting', env, approve: 'first-run' },
      });
    },
    plan: (rules: readonly RetentionRule[], over: Partial<PlanBulkDeleteOptions> = {}) =>
      planBulkDelete(store, rules, { allow: ['exports/'], minDepth: 2, nowMs: clock.nowMs, secret, env, ...over }),
    run: (plan: DeletePlan, over: Partial<RunBulkDeleteOptions> = {}, through: ObjectStore = store) =>
      runBulkDelete(through, plan, { token: plan.token, secret, nowMs: clock.nowMs, ...over }),
    keys: async (prefix: string) => {
      const keys: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.list({ prefix, ...(cursor === undefined ? {} : { cursor }) });
        keys.push(...page.objects.map(({ key }) => key));
        cursor = page.cursor;
      } while (cursor !== undefined);
      return keys;
    },
  };
  return world;
}

/** Five generations, ten days apart. */
async function createFive(options: Omit<MemoryStoreOptions, 'clock'> = {}) {
  const world = createWorld(options);
  for (let i = 0; i < 5; i++) {
    world.clock.nowMs = start + i * 10 * day;
    await world.generation(`${i}.jsonl`);
  }
  return world;
}

/** Stops every delete after the first `calls`. */
function deletesOnly(store: ObjectStore, calls: number, sizes: number[] = []): ObjectStore {
  return {
    ...store,
    async delete(targets, options) {
      if (sizes.length === calls) throw new Error('killed');
      sizes.push(targets.length);
      return store.delete(targets, options);
    },
  };
}

describe('superseded archives', () => {
  test('keep the current generation and the two before it, and 30 days from the day they were superseded', async () => {
    const world = await createFive();
    expect(await world.keys(manifestPrefix)).toHaveLength(5);
    expect(await world.keys(stagePrefix)).toHaveLength(5);
    // Day 45: the first was superseded on day 10, the second on day 20; both are older than 30 days.
    world.clock.nowMs = start + 45 * day;
    const early = await world.plan([superseded]);
    expect(early.byPrefix).toMatchObject({ [manifestPrefix]: { objects: 1 }, [stagePrefix]: { objects: 1 } });
    world.clock.nowMs = start + 400 * day;
    const plan = await world.plan([superseded]);
    expect(plan.objects).toBe(4);
    expect(plan.targets.map(({ key }) => key.startsWith(stagePrefix))).toEqual([true, true, false, false]);
    expect(await world.run(plan)).toMatchObject({ deleted: 4, absent: 0, changed: [], remaining: 0 });
    expect(await world.keys(manifestPrefix)).toHaveLength(3);
    expect(await world.keys(stagePrefix)).toHaveLength(3);
    expect((await world.plan([superseded])).objects).toBe(0);
  });

  test('are not missed: the archive verifies, a late object makes the next generation, healing works', async () => {
    const world = await createFive();
    world.clock.nowMs = start + 400 * day;
    await world.run(await world.plan([superseded]));
    expect(await verifyArchive(world.store, cell)).toMatchObject({ ok: true });
    expect((await world.generation('late.jsonl')).cells[0]).toMatchObject({ generation: 6, problem: null });
    const lines: string[] = [];
    for await (const line of readArchive(world.store, cell)) lines.push(line);
    expect(lines).toHaveLength(6);
    // A flipped byte in the archive is healed from its stage.
    const object = (await world.store.get(archiveKey(cell)))!;
    const bytes = await object.bytes();
    bytes[30]! ^= 1;
    await world.store.put(archiveKey(cell), bytes, { metadata: object.metadata });
    await world.generation('later.jsonl');
    expect(await verifyArchive(world.store, cell)).toMatchObject({ ok: true, manifest: { generation: 7 } });
  });

  test('include an attempt that was overtaken, and never one that the next run could still take up', async () => {
    const world = createWorld();
    await world.generation('a.jsonl');
    // The run dies when it publishes: manifest and stage of generation 2 lie there.
    const broken: ObjectStore = {
      ...world.store,
      put: (key, body, options) =>
        key === archiveKey(cell) ? Promise.reject(new Error('killed')) : world.store.put(key, body, options),
    };
    world.clock.nowMs += 3 * day;
    await world.generation('b.jsonl', cell, broken);
    expect(await world.keys(manifestPrefix)).toHaveLength(2);
    world.clock.nowMs += 300 * day;
    expect((await world.plan([superseded])).targets).toEqual([]);
    // With a third object generation 2 is another one; the attempt can never be published again.
    await world.generation('c.jsonl');
    expect(await world.keys(manifestPrefix)).toHaveLength(3);
    expect((await world.plan([superseded])).targets).toEqual([]);
    world.clock.nowMs += 31 * day;
    const plan = await world.plan([superseded]);
    expect(plan.objects).toBe(2);
    await world.run(plan);
    expect(await verifyArchive(world.store, cell)).toMatchObject({ ok: true, manifest: { generation: 2 } });
    expect(await world.keys(stagePrefix)).toHaveLength(2);
  });

  test('include no manifest of the next generation, also without its stage', async () => {
    const world = createWorld();
    await world.generation('a.jsonl');
    const broken: ObjectStore = {
      ...world.store,
      put: (key, body, options) =>
        key.startsWith(stagePrefix) ? Promise.reject(new Error('killed')) : world.store.put(key, body, options),
    };
    world.clock.nowMs += 3 * day;
    await world.generation('b.jsonl', cell, broken);
    expect(await world.keys(manifestPrefix)).toHaveLength(2);
    expect(await world.keys(stagePrefix)).toHaveLength(1);
    world.clock.nowMs += 300 * day;
    expect((await world.plan([superseded])).targets).toEqual([]);
  });

  test('include no overtaken attempt that is longer than the archive: a later generation may have its content', async () => {
    const world = createWorld();
    await world.generation('a.jsonl');
    const broken: ObjectStore = {
      ...world.store,
      put: (key, body, options) =>
        key === archiveKey(cell) ? Promise.reject(new Error('killed')) : world.store.put(key, body, options),
    };
    world.clock.nowMs += 3 * day;
    await world.generation('long-long-long-name.jsonl', cell, broken);
    // It is taken away and another one comes: generation 2 is shorter than the attempt was.
    await world.store.delete([{ key: `${rawCellPrefix(cell)}long-long-long-name.jsonl` }]);
    await world.generation('b.jsonl');
    world.clock.nowMs += 300 * day;
    expect(await world.keys(stagePrefix)).toHaveLength(3);
    expect((await world.plan([superseded])).targets).toEqual([]);
  });

  test('leave the stage of the current content, whatever else describes it', async () => {
    const world = createWorld();
    await world.generation('a.jsonl');
    const { manifest } = await verifyArchive(world.store, cell);
    const twin = encodeManifest({ ...manifest!, by: { ...manifest!.by, bucketId: 'another-bucket' } });
    const twinKey = manifestKey(cell, await sha256Hex(twin));
    await world.store.put(twinKey, twin);
    world.clock.nowMs += 300 * day;
    expect((await world.plan([superseded])).targets.map(({ key }) => key)).toEqual([twinKey]);
  });

  test('stay as a whole where the cell is in quarantine, has lost its archive, or its chain does not read', async () => {
    const world = await createFive();
    world.clock.nowMs = start + 400 * day;
    await world.put(quarantineKey(cell), '{}');
    expect(await world.plan([superseded])).toMatchObject({ objects: 0, kept: ['BTCUSDT/2026-01-02: in quarantine'] });
    // The record of a cell that an operator has resolved stays, and stops nothing.
    await world.put(quarantineKey(cell), JSON.stringify({ schema: 'hc-quarantine/1', cell, state: 'resolved' }));
    expect((await world.plan([superseded])).objects).toBe(4);
    const current = (await verifyArchive(world.store, cell)).manifest!;
    const middle = `${manifestPrefix}BTCUSDT/2026-01-02/${current.supersedes}.json`;
    const body = await (await world.store.get(middle))!.bytes();
    await world.put(middle, 'damaged');
    expect((await world.plan([superseded])).kept[0]).toMatch(/BTCUSDT\/2026-01-02: The manifest .* has the SHA-256/);
    await world.store.put(middle, body);
    await world.store.delete([{ key: archiveKey(cell) }]);
    expect(await world.plan([superseded])).toMatchObject({ objects: 0, kept: ['BTCUSDT/2026-01-02: has no archive'] });
  });

  test('of look-alike symbols are told apart', async () => {
    const world = createWorld();
    const cells = ['BTC', 'BTC-X', 'BTCUSD'].map((symbol) => ({ symbol, date: cell.date }));
    for (let i = 0; i < 4; i++) {
      world.clock.nowMs = start + i * 10 * day;
      for (const of of cells.slice(0, i < 3 ? 3 : 1)) await world.generation(`${i}.jsonl`, of);
    }
    world.clock.nowMs = start + 400 * day;
    const plan = await world.plan([superseded]);
    expect(plan.targets.map(({ key }) => key.split('/')[3])).toEqual(['BTC', 'BTC']);
  });

  test('are kept if their cell is quarantined or its archive replaced between two batches', async () => {
    const world = await createFive();
    const other = { symbol: 'ETHUSDT', date: cell.date };
    for (let i = 0; i < 4; i++) await world.generation(`${i}.jsonl`, other);
    world.clock.nowMs = start + 400 * day;
    const plan = await world.plan([superseded]);
    expect(plan.objects).toBe(6);
    const small: ObjectStore = {
      ...world.store,
      capabilities: { ...world.store.capabilities, maxDeleteBatch: 4 },
      async delete(targets, options) {
        const results = await world.store.delete(targets, options);
        await world.put(quarantineKey(other), '{}');
        return results;
      },
    };
    const result = await world.run(plan, {}, small);
    expect(result).toMatchObject({ deleted: 4, remaining: 0 });
    expect(result.kept).toHaveLength(2);
    expect(result.kept[0]).toMatch(/ETHUSDT.*in quarantine by now/);

    const again = await createFive();
    for (let i = 0; i < 4; i++) await again.generation(`${i}.jsonl`, other);
    again.clock.nowMs = start + 400 * day;
    const publishing: ObjectStore = {
      ...again.store,
      capabilities: { ...again.store.capabilities, maxDeleteBatch: 4 },
      async delete(targets, options) {
        const results = await again.store.delete(targets, options);
        await again.generation('late.jsonl', other);
        return results;
      },
    };
    const moved = await again.run(await again.plan([superseded]), {}, publishing);
    expect(moved).toMatchObject({ deleted: 4, remaining: 0 });
    expect(moved.kept[0]).toMatch(/ETHUSDT.*its archive is another one by now; plan again/);
  });
});

describe('the journal', () => {
  test('keeps its newest entries whatever their age, and knows nothing of other names', async () => {
    const world = createWorld();
    await world.stamp();
    for (let i = 0; i < 20; i++) await world.put(journalKey(start + i, `run-${i}`));
    await world.put('housecleaning/v1/journal/notes.txt');
    world.clock.nowMs += 31 * day;
    const plan = await world.plan([{ what: 'journal', olderThan: 'P30D', keepLast: 14 }]);
    expect(plan.targets.map(({ key }) => key)).toEqual(
      Array.from({ length: 6 }, (_, i) => journalKey(start + i, `run-${i}`)),
    );
  });
});

test('the journal keeps entries that are young, however many there are', async () => {
  const world = createWorld();
  await world.stamp();
  const rule: RetentionRule = { what: 'journal', olderThan: 'P30D', keepLast: 14 };
  for (let i = 0; i < 3; i++) await world.put(journalKey(start + i, `run-${i}`));
  world.clock.nowMs += 31 * day;
  for (let i = 3; i < 20; i++) await world.put(journalKey(start + i, `run-${i}`));
  expect((await world.plan([rule])).objects).toBe(3);
  await expect(world.plan([rule], { maxObjects: 2 })).rejects.toMatchObject({ code: 'too-large' });
});

describe('objects below a prefix', () => {
  test('go by age, the newest stay, and a look-alike prefix is another place', async () => {
    const world = createWorld();
    await world.stamp();
    for (let i = 0; i < 10; i++) {
      world.clock.nowMs = start + i * day;
      await world.put(`exports/daily/${9 - i}.parquet`, 'x'.repeat(i + 1));
      await world.put(`exports/daily-of-others/${i}`);
    }
    // Day 12: older than seven days are those of the days 0 to 5.
    world.clock.nowMs = start + 12 * day;
    const plan = await world.plan([logs()]);
    expect(plan).toMatchObject({ objects: 6, bytes: 1 + 2 + 3 + 4 + 5 + 6 });
    expect((await world.plan([logs({ keepLast: 4 })])).objects).toBe(6);
    const kept = await world.plan([logs({ keepLast: 6 })]);
    expect(kept.targets.map(({ key }) => key).sort()).toEqual([6, 7, 8, 9].map((n) => `exports/daily/${n}.parquet`));
    expect(await world.run(plan)).toMatchObject({ deleted: 6, bytes: 21 });
    expect(await world.keys('exports/')).toHaveLength(14);
  });

  test('are refused on a store that deletes without looking, unless they are written only once', async () => {
    const world = createWorld({ conditionalDelete: false });
    await world.stamp();
    await world.put('exports/daily/a');
    world.clock.nowMs += 8 * day;
    await expect(world.plan([logs()])).rejects.toThrow(
      'The writers of "exports/daily/" is "overwriting"; expected write-once: this store cannot delete conditionally, so an object overwritten meanwhile would be lost.',
    );
    const plan = await world.plan([logs({ writers: 'write-once' })]);
    expect(plan.targets).toMatchObject([{ key: 'exports/daily/a', version: expect.any(String) as string }]);
    expect(await world.run(plan)).toMatchObject({ deleted: 1 });
  });
});

describe('planBulkDelete refuses', () => {
  test.each<[string, RetentionRule, RegExp]>([
    ['a prefix without its slash', logs({ prefix: 'raw_tns' }), /The prefix is "raw_tns"; expected whole segments/],
    ['raw objects', logs({ prefix: 'raw_tns/BTCUSDT/' }), /a place outside "raw_tns\/"/],
    ['archives', logs({ prefix: 'raw_tns_compressed/BTCUSDT/' }), /a place outside "raw_tns_compressed\/"/],
    ['its own area', logs({ prefix: 'housecleaning/v1/' }), /a place outside "housecleaning\/"/],
    ['everything', logs({ prefix: '/' }), /empty segment/],
    ['an empty prefix', logs({ prefix: '' }), /whole segments/],
    ['a way out', logs({ prefix: 'exports/../raw_tns/' }), /points to a folder/],
    ['a shallow prefix', logs({ prefix: 'exports/' }), /at least 2 segments/],
    ['a place off the allow-list', logs({ prefix: 'backups/daily/' }), /below one of \["exports\/"\]/],
    ['a look-alike of the allow-list', logs({ prefix: 'exports-old/daily/' }), /below one of/],
    ['months', logs({ olderThan: 'P1M' }), /an ISO-8601 duration such as P30D/],
    ['a bare number', logs({ olderThan: 30 as unknown as string }), /ISO-8601/],
    ['an age below a day', logs({ olderThan: 'PT1H' }), /P1D or longer/],
    ['superseded archives before 30 days', { ...superseded, olderThan: 'P29D' }, /P30D or longer/],
    ['all superseded generations', { ...superseded, keepLast: 1 }, /a whole number from 2 on/],
    ['a short journal', { what: 'journal', olderThan: 'P30D', keepLast: 13 }, /from 14 on/],
    ['an unknown rule', { what: 'raw' } as unknown as RetentionRule, /superseded-archives, journal or objects/],
  ])('%s', async (_, rule, message) => {
    const world = createWorld();
    await world.stamp();
    await expect(world.plan([rule])).rejects.toThrow(message);
  });

  test('no rules, rules for one place twice, weak secrets, long lives', async () => {
    const world = createWorld();
    await world.stamp();
    const refused = { code: 'bad-option' };
    await expect(world.plan([])).rejects.toMatchObject(refused);
    await expect(world.plan([superseded, superseded])).rejects.toMatchObject(refused);
    await expect(world.plan([logs(), logs({ prefix: 'exports/daily/old/' })])).rejects.toMatchObject(refused);
    await expect(world.plan([logs()], { secret: new Uint8Array(31) })).rejects.toMatchObject(refused);
    await expect(world.plan([logs()], { ttlMs: day + 1 })).rejects.toMatchObject(refused);
    await expect(world.plan([logs()], { minDepth: 0 })).rejects.toMatchObject(refused);
    await expect(world.plan([logs()], { allow: ['exports'] })).rejects.toMatchObject(refused);
    await expect(world.plan([logs()], { allow: ['exports/daily-of-others/'] })).rejects.toMatchObject(refused);
  });

  test('more objects than the cap, the store of somebody else, a store without a stamp', async () => {
    const world = createWorld();
    await expect(world.plan([logs()])).rejects.toMatchObject({ code: 'wrong-store' });
    await world.stamp();
    await expect(world.plan([logs()], { env: { ...env, bucketId: 'prod' } })).rejects.toThrow(
      '"housecleaning/v1/env.json" says {"schema":"hc-env/1","env":"test","bucketId":"memory"}; expected env "test" and bucket "prod". Compare the store with the configuration.',
    );
    for (let i = 0; i < 5; i++) await world.put(`exports/daily/${i}`);
    world.clock.nowMs += 8 * day;
    await expect(world.plan([logs()], { maxObjects: 4 })).rejects.toMatchObject({ code: 'too-large' });
    expect((await world.plan([logs()], { maxObjects: 5 })).objects).toBe(5);
  });

  test('a listing that fails or lies: nothing is concluded from it', async () => {
    const world = createWorld();
    await world.stamp();
    await world.put('exports/daily/a');
    const options = { allow: ['exports/'], minDepth: 2, nowMs: start + 30 * day, secret, env };
    const failing: ObjectStore = { ...world.store, list: () => Promise.reject(new Error('503')) };
    await expect(planBulkDelete(failing, [logs()], options)).rejects.toThrow('503');
    const lying: ObjectStore = {
      ...world.store,
      list: async (o) => ({ objects: (await world.store.list({ ...o, prefix: '' })).objects }),
    };
    await expect(planBulkDelete(lying, [logs()], options)).rejects.toMatchObject({ code: 'bad-listing' });
  });
});

describe('runBulkDelete', () => {
  async function createPlanned(objects = 3) {
    const world = createWorld();
    await world.stamp();
    for (let i = 0; i < objects; i++) await world.put(`exports/daily/${String(i).padStart(6, '0')}`);
    world.clock.nowMs += 8 * day;
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
    world.clock.nowMs = start;
    await world.put('exports/daily/unseen');
    world.clock.nowMs = nowMs;
    await expect(world.run(plan)).rejects.toThrow(
      'The plan was refused: the rules also reach "exports/daily/unseen", which it does not name. Nothing was deleted; make a new plan.',
    );
    expect(await world.keys('exports/')).toHaveLength(4);
  });

  test('refuses when a target must stay by now: quarantine, a lost keeper, an archive rolled back', async () => {
    const five = await createFive();
    five.clock.nowMs = start + 400 * day;
    const plan = await five.plan([superseded]);
    await five.put(quarantineKey(cell), '{}');
    await expect(five.run(plan)).rejects.toMatchObject({ code: 'plan-changed' });
    expect(await five.keys(manifestPrefix)).toHaveLength(5);

    const world = createWorld();
    await world.stamp();
    for (const name of ['a', 'b']) await world.put(`exports/daily/${name}`);
    world.clock.nowMs += 1;
    await world.put('exports/daily/newest');
    world.clock.nowMs += 8 * day;
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
    world.clock.nowMs += 8 * day;
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

test('a duration is read as weeks, days, hours, minutes and seconds, or not at all', () => {
  expect(durationMs('P2W')).toBe(14 * day);
  expect(durationMs('P1DT2H3M4S')).toBe(day + 2 * 3_600_000 + 3 * 60_000 + 4_000);
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('P', 'T', '1', '0', 'W', 'D', 'H', 'M', 'S', '-', '.') }), (text) => {
      const iso = /^P(?=.)(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?$/.test(text);
      if (iso) expect(durationMs(text)).toBeGreaterThanOrEqual(0);
      else expect(() => durationMs(text)).toThrow(/ISO-8601/);
    }),
  );
});
