import { describe, expect, test } from 'vitest';
import { encodeManifest } from './archive.ts';
import { archiveKey, manifestKey, manifestPrefix, quarantineKey, rawCellPrefix, stagePrefix } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import { readArchive, verifyArchive } from './restore.ts';
import { cell, createFive, createWorld, dayMs, startMs, superseded } from './internal/retention.fixture.ts';
import { sha256Hex } from './internal/sha256.ts';

describe('superseded archives', () => {
  test('keep the current generation and the two before it, and 30 days from the day they were superseded', async () => {
    const world = await createFive();
    expect(await world.keys(manifestPrefix)).toHaveLength(5);
    expect(await world.keys(stagePrefix)).toHaveLength(5);
    // Day 45: the first was superseded on day 10, the second on day 20; both are older than 30 days.
    world.clock.nowMs = startMs + 45 * dayMs;
    const early = await world.plan([superseded]);
    expect(early.byPrefix).toMatchObject({ [manifestPrefix]: { objects: 1 }, [stagePrefix]: { objects: 1 } });
    world.clock.nowMs = startMs + 400 * dayMs;
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
    world.clock.nowMs = startMs + 400 * dayMs;
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
    world.clock.nowMs += 3 * dayMs;
    await world.generation('b.jsonl', cell, broken);
    expect(await world.keys(manifestPrefix)).toHaveLength(2);
    world.clock.nowMs += 300 * dayMs;
    expect((await world.plan([superseded])).targets).toEqual([]);
    // With a third object generation 2 is another one; the attempt can never be published again.
    await world.generation('c.jsonl');
    expect(await world.keys(manifestPrefix)).toHaveLength(3);
    expect((await world.plan([superseded])).targets).toEqual([]);
    world.clock.nowMs += 31 * dayMs;
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
    world.clock.nowMs += 3 * dayMs;
    await world.generation('b.jsonl', cell, broken);
    expect(await world.keys(manifestPrefix)).toHaveLength(2);
    expect(await world.keys(stagePrefix)).toHaveLength(1);
    world.clock.nowMs += 300 * dayMs;
    expect((await world.plan([superseded])).targets).toEqual([]);
  });

  test('include nothing that holds more than the archive: it may be all that is left, whatever its length', async () => {
    const world = createWorld();
    await world.generation('a.jsonl');
    const first = (await world.store.get(archiveKey(cell)))!;
    const bytes = await first.bytes();
    world.clock.nowMs += dayMs;
    await world.generation('b.jsonl');
    const lost = (await world.store.head(archiveKey(cell)))!.metadata;
    // Raw objects are gone; the archive of generation 1 is put back, and those who went on had seen nothing of 2.
    await world.store.delete([{ key: `${rawCellPrefix(cell)}b.jsonl` }]);
    const manifest = manifestKey(cell, lost['manifest']!);
    const stage = lost['stage']!;
    const [body, copy] = await Promise.all([manifest, stage].map(async (key) => (await world.store.get(key))!.bytes()));
    await world.store.delete([{ key: manifest }, { key: stage }]);
    await world.store.put(archiveKey(cell), bytes, { metadata: first.metadata });
    for (const name of ['a-much-longer-name-than-the-others.jsonl', 'c.jsonl', 'd.jsonl', 'e.jsonl']) {
      world.clock.nowMs += dayMs;
      await world.generation(name);
    }
    await world.store.put(stage, copy!);
    await world.store.put(manifest, body!);
    world.clock.nowMs += 300 * dayMs;
    const plan = await world.plan([superseded]);
    const names = plan.targets.map(({ key }) => key);
    expect(names).not.toContain(manifest);
    expect(names).not.toContain(stage);
    expect(plan.kept).toEqual([`BTCUSDT/2026-01-02: "${manifest}" holds raw objects that the archive does not`]);
    // Generations 1 and 2 of those who went on are superseded as ever.
    expect(plan.objects).toBe(4);
  });

  test('leave the stage of the current content, whatever else describes it', async () => {
    const world = createWorld();
    await world.generation('a.jsonl');
    const { manifest } = await verifyArchive(world.store, cell);
    const twin = encodeManifest({ ...manifest!, by: { ...manifest!.by, bucketId: 'another-bucket' } });
    const twinKey = manifestKey(cell, await sha256Hex(twin));
    await world.store.put(twinKey, twin);
    world.clock.nowMs += 300 * dayMs;
    expect((await world.plan([superseded])).targets.map(({ key }) => key)).toEqual([twinKey]);
  });

  test('stay as a whole where the cell is in quarantine, has lost its archive, or its chain does not read', async () => {
    const world = await createFive();
    world.clock.nowMs = startMs + 400 * dayMs;
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
      world.clock.nowMs = startMs + i * 10 * dayMs;
      for (const of of cells.slice(0, i < 3 ? 3 : 1)) await world.generation(`${i}.jsonl`, of);
    }
    world.clock.nowMs = startMs + 400 * dayMs;
    const plan = await world.plan([superseded]);
    expect(plan.targets.map(({ key }) => key.split('/')[3])).toEqual(['BTC', 'BTC']);
  });

  test('are kept if their cell is quarantined or its archive replaced between two batches', async () => {
    const world = await createFive();
    const other = { symbol: 'ETHUSDT', date: cell.date };
    for (let i = 0; i < 4; i++) await world.generation(`${i}.jsonl`, other);
    world.clock.nowMs = startMs + 400 * dayMs;
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
    again.clock.nowMs = startMs + 400 * dayMs;
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
