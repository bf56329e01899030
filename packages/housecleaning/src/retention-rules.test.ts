import { describe, expect, test } from 'vitest';
import { journalKey } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import { planBulkDelete, type RetentionRule } from './retention.ts';
import { createWorld, dayMs, env, logs, secret, startMs, superseded } from './internal/retention.fixture.ts';

describe('the journal', () => {
  test('keeps its newest entries whatever their age, and knows nothing of other names', async () => {
    const world = createWorld();
    await world.stamp();
    for (let i = 0; i < 20; i++) await world.put(journalKey(startMs + i, `run-${i}`));
    await world.put('housecleaning/v1/journal/notes.txt');
    world.clock.nowMs += 31 * dayMs;
    const plan = await world.plan([{ what: 'journal', olderThan: 'P30D', keepLast: 14 }]);
    expect(plan.targets.map(({ key }) => key)).toEqual(
      Array.from({ length: 6 }, (_, i) => journalKey(startMs + i, `run-${i}`)),
    );
  });
});

test('the journal keeps entries that are young, however many there are', async () => {
  const world = createWorld();
  await world.stamp();
  const rule: RetentionRule = { what: 'journal', olderThan: 'P30D', keepLast: 14 };
  for (let i = 0; i < 3; i++) await world.put(journalKey(startMs + i, `run-${i}`));
  world.clock.nowMs += 31 * dayMs;
  for (let i = 3; i < 20; i++) await world.put(journalKey(startMs + i, `run-${i}`));
  expect((await world.plan([rule])).objects).toBe(3);
  await expect(world.plan([rule], { maxObjects: 2 })).rejects.toMatchObject({ code: 'too-large' });
});

describe('objects below a prefix', () => {
  test('go by age, the newest stay, and a look-alike prefix is another place', async () => {
    const world = createWorld();
    await world.stamp();
    for (let i = 0; i < 10; i++) {
      world.clock.nowMs = startMs + i * dayMs;
      await world.put(`exports/daily/${9 - i}.parquet`, 'x'.repeat(i + 1));
      await world.put(`exports/daily-of-others/${i}`);
    }
    // Day 12: older than seven days are those of the days 0 to 5.
    world.clock.nowMs = startMs + 12 * dayMs;
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
    world.clock.nowMs += 8 * dayMs;
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
    [
      'an unknown rule',
      { what: 'raw' } as unknown as RetentionRule,
      /superseded-archives, kept-copies, journal or objects/,
    ],
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
    await expect(world.plan([logs()], { ttlMs: dayMs + 1 })).rejects.toMatchObject(refused);
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
    world.clock.nowMs += 8 * dayMs;
    await expect(world.plan([logs()], { maxObjects: 4 })).rejects.toMatchObject({ code: 'too-large' });
    expect((await world.plan([logs()], { maxObjects: 5 })).objects).toBe(5);
  });

  test('a listing that fails or lies: nothing is concluded from it', async () => {
    const world = createWorld();
    await world.stamp();
    await world.put('exports/daily/a');
    const options = { allow: ['exports/'], minDepth: 2, nowMs: startMs + 30 * dayMs, secret, env };
    const failing: ObjectStore = { ...world.store, list: () => Promise.reject(new Error('503')) };
    await expect(planBulkDelete(failing, [logs()], options)).rejects.toThrow('503');
    const lying: ObjectStore = {
      ...world.store,
      list: async (o) => ({ objects: (await world.store.list({ ...o, prefix: '' })).objects }),
    };
    await expect(planBulkDelete(lying, [logs()], options)).rejects.toMatchObject({ code: 'bad-listing' });
  });
});
