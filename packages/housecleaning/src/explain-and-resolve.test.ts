import { describe, expect, test } from 'vitest';
import { explainCell, resolveQuarantine, type CellState } from './housecleaning.ts';
import { archiveKey, manifestKey, manifestPrefix, quarantineKey, stagePrefix } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import { sha256Hex } from './internal/sha256.ts';
import { fromUtf8, toUtf8 } from './internal/utf8.ts';
import {
  cell,
  createWorld,
  damage,
  dueMs,
  hourMs,
  mutationsOf,
  writtenMs,
  type TestWorld,
} from './internal/world.fixture.ts';

describe('explainCell', () => {
  /** A run that dies in front of the archive. */
  const staged = async (world: TestWorld): Promise<void> => {
    const store: ObjectStore = {
      ...world.store,
      put: (key, ...rest) =>
        key === archiveKey(cell) ? Promise.reject(new Error('killed')) : world.store.put(key, ...rest),
    };
    await world.run({ store });
    world.clock.nowMs = writtenMs;
  };
  const quarantined = async (world: TestWorld): Promise<void> => {
    await world.run();
    await damage(world.store, archiveKey(cell));
    await damage(world.store, (await world.keys(stagePrefix))[0]!);
    await world.run({ cells: [cell] });
  };
  const cases: readonly [CellState, (world: TestWorld) => Promise<unknown>, object][] = [
    ['empty', async () => undefined, { raw: 0, next: 'look at the ingest if the market traded' }],
    ['raw', (world) => world.put(0), { raw: 1, added: 1, next: 'a run archives them' }],
    ['staged', async (world) => (await world.put(0), staged(world)), { generation: 0, manifests: 1 }],
    [
      'verified',
      async (world) => (await world.put(0), world.run({ stopAfter: 'publish' })),
      { generation: 1, deletable: 1, next: 'a run deletes 1 of them' },
    ],
    [
      'pruning',
      async (world) => (await world.put(0), await world.put(2), world.run({ maxDeletes: 1 })),
      { deletable: 1, raw: 1 },
    ],
    ['archived', async (world) => (await world.put(0), world.run()), { raw: 0, deletable: 0, next: 'nothing' }],
    [
      'late',
      async (world) => {
        await world.put(0);
        await world.run();
        world.clock.nowMs = writtenMs;
        await world.put(2);
      },
      { raw: 1, added: 1, next: 'a run makes the next generation' },
    ],
    [
      'conflict',
      async (world) => {
        const { key } = await world.put(0);
        await world.run();
        await world.store.put(key, toUtf8('{"other":1}\n'));
      },
      { raw: 1, conflicting: 1, deletable: 0 },
    ],
    ['quarantined', async (world) => (await world.put(0), quarantined(world)), { generation: 0 }],
  ];
  test.each(cases)('derives "%s" from the store alone, and changes nothing', async (state, prepare, more) => {
    const world = createWorld();
    await prepare(world);
    const { counted, mutations } = mutationsOf(world.store);
    const explained = await explainCell(world.options({ store: counted }), cell);
    expect(explained).toMatchObject({ ...cell, state, ...more });
    expect(explained.reasons[0]).toBe('the day is over and the grace period too');
    expect(mutations()).toEqual([]);
  });

  test('says that a day is open, and what keeps raw objects', async () => {
    const world = createWorld();
    await world.put(0);
    expect(await explainCell(world.options({ nowMs: writtenMs }), cell)).toMatchObject({
      state: 'open',
      reasons: ['the day is not over, or not for the grace period'],
    });
    const early = world.options({ nowMs: writtenMs + 20 * hourMs });
    await world.run(early);
    expect(await explainCell(early, cell)).toMatchObject({ deletable: 0, blocked: { 'not old enough': 1 } });
  });
});

describe('a store of another environment', () => {
  test('is not explained: a run would be halted, and say why', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    const options = world.options({ env: { env: 'staging', bucketId: 'tape' } });
    const refused = explainCell(options, cell);
    await expect(refused).rejects.toMatchObject({ code: 'wrong-store' });
    await expect(refused).rejects.toThrow(
      'The store is not the one that this configuration means (env "staging", bucket "tape"); compare ' +
        '"housecleaning/v1/env.json" with the configuration. A run would be halted.',
    );
    expect((await world.run({ env: options.env })).run.outcome).toBe('halted');
  });
});

describe('resolveQuarantine', () => {
  async function createQuarantined(): Promise<{ world: TestWorld; good: Uint8Array; stage: string }> {
    const world = createWorld();
    await world.put(0);
    await world.run();
    const stage = (await world.keys(stagePrefix))[0]!;
    const good = await (await world.store.get(stage))!.bytes();
    await damage(world.store, archiveKey(cell));
    await damage(world.store, stage);
    expect((await world.run({ cells: [cell], runId: 'finder' })).cells).toMatchObject([{ state: 'quarantined' }]);
    return { world, good, stage };
  }

  test('accepts the live archive only once it proves itself, and leaves a record', async () => {
    const { world, good } = await createQuarantined();
    await expect(resolveQuarantine(world.store, cell, 'accept-live', 'ada')).rejects.toMatchObject({
      code: 'bad-archive',
    });
    const { metadata } = (await world.store.head(archiveKey(cell)))!;
    await world.store.put(archiveKey(cell), good, { metadata });
    const { counted, log } = mutationsOf(world.store);
    expect(await resolveQuarantine(counted, cell, 'accept-live', 'ada')).toMatchObject({
      state: 'resolved',
      runId: 'finder',
      resolution: 'accept-live by ada',
    });
    expect(log.filter(({ op }) => op === 'delete')).toEqual([]);
    expect(JSON.parse(fromUtf8(await (await world.store.get(quarantineKey(cell)))!.bytes()))).toMatchObject({
      state: 'resolved',
    });
    expect((await world.run({ cells: [cell] })).cells).toMatchObject([{ state: 'archived' }]);
    await expect(resolveQuarantine(world.store, cell, 'accept-live')).rejects.toThrow(/was resolved before/);
  });

  test('names the manifest of an archive that only lost its metadata', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    const bytes = await (await world.store.get(archiveKey(cell)))!.bytes();
    await world.store.put(archiveKey(cell), bytes);
    // A manifest that cannot be read may be of a newer generation: a run decides nothing then.
    await world.store.put(manifestKey(cell, '0'.repeat(64)), new Uint8Array(9));
    expect((await world.run({ cells: [cell] })).cells).toMatchObject([{ state: 'quarantined' }]);
    await resolveQuarantine(world.store, cell, 'accept-live');
    expect((await world.run({ cells: [cell] })).cells).toMatchObject([{ state: 'archived', generation: 1 }]);
    expect(await world.lines()).toEqual(['{"seq":0}', '{"seq":1}']);
  });

  test('restores the staged copy, and keeps what lay there', async () => {
    const { world, good, stage } = await createQuarantined();
    await expect(resolveQuarantine(world.store, cell, 'restore-from-stage')).rejects.toMatchObject({
      code: 'not-archived',
    });
    const damagedSha = await sha256Hex(await (await world.store.get(archiveKey(cell)))!.bytes());
    await world.store.put(stage, good);
    await resolveQuarantine(world.store, cell, 'restore-from-stage', 'ada');
    expect((await world.run({ cells: [cell] })).cells).toMatchObject([{ state: 'archived' }]);
    const copies = (await world.keys('housecleaning/v1/quarantine/')).filter((key) => key.endsWith('.damaged'));
    const kept = await Promise.all(copies.map(async (key) => sha256Hex(await (await world.store.get(key))!.bytes())));
    expect(kept).toContain(damagedSha);
  });

  test('never restores a generation that holds less than the one that is published', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    world.clock.nowMs = writtenMs;
    await world.put(2);
    await world.run();
    const stamp = (await world.store.head(archiveKey(cell)))!.metadata['stage']!;
    await damage(world.store, archiveKey(cell));
    await damage(world.store, stamp);
    expect((await world.run({ cells: [cell] })).cells).toMatchObject([{ state: 'quarantined' }]);
    expect(await world.keys(manifestPrefix)).toHaveLength(2);
    await expect(resolveQuarantine(world.store, cell, 'restore-from-stage')).rejects.toThrow(
      /generation 1 does not hold "raw_tns\/BTCUSDT\/2026-11-19\/000000000002/,
    );
    expect((await world.run({ cells: [cell] })).cells).toMatchObject([{ state: 'quarantined' }]);
  });

  test('refuses a cell that is not in quarantine', async () => {
    const world = createWorld();
    await expect(resolveQuarantine(world.store, cell, 'accept-live')).rejects.toMatchObject({
      code: 'not-quarantined',
    });
    await expect(resolveQuarantine(world.store, cell, 'accept-live')).rejects.toThrow(
      'BTCUSDT 2026-11-19 is not in quarantine: "housecleaning/v1/quarantine/BTCUSDT/2026-11-19.json" is not there.',
    );
  });

  test('a cell that is stopped again after it was resolved gets its record back', async () => {
    const { world, good } = await createQuarantined();
    const { metadata } = (await world.store.head(archiveKey(cell)))!;
    await world.store.put(archiveKey(cell), good, { metadata });
    await resolveQuarantine(world.store, cell, 'accept-live');
    await damage(world.store, archiveKey(cell));
    expect((await world.run({ cells: [cell], nowMs: dueMs + 1 })).cells).toMatchObject([{ state: 'quarantined' }]);
    expect(JSON.parse(fromUtf8(await (await world.store.get(quarantineKey(cell)))!.bytes()))).toMatchObject({
      state: 'open',
    });
  });
});
