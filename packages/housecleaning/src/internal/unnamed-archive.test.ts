import { describe, expect, test } from 'vitest';
import { explainCell, readLastRun } from '../housecleaning.ts';
import { archiveKey, manifestPrefix, quarantineKey, stageKey, stagePrefix } from '../keys.ts';
import { concat } from './gzip.ts';
import { defaultCodec } from '../codec.ts';
import { collect } from './streams.ts';
import { toUtf8 } from './utf8.ts';
import { cell, createWorld, damage, dueMs, mutationsOf, writtenMs, type TestWorld } from './world.fixture.ts';

/** Two generations, the second of two raw objects. */
async function createTwo(): Promise<TestWorld> {
  const world = createWorld();
  await world.put(0);
  await world.run();
  world.clock.nowMs = writtenMs;
  await world.put(2);
  await world.run();
  return world;
}

/** Writes the archive as somebody does who knows nothing of metadata. */
async function overwrite(world: TestWorld, change: (bytes: Uint8Array) => Uint8Array): Promise<Uint8Array> {
  const bytes = change(await (await world.store.get(archiveKey(cell)))!.bytes());
  await world.store.put(archiveKey(cell), bytes);
  return bytes;
}

const flip = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte));

async function gzipOf(text: string): Promise<Uint8Array> {
  const source = (async function* () {
    yield toUtf8(text);
  })();
  return collect(defaultCodec().deflate(source));
}

describe('an archive that lost its metadata and was damaged', () => {
  test.each<readonly [string, (bytes: Uint8Array) => Uint8Array]>([
    ['a flipped bit', flip],
    ['its end cut off', (bytes) => bytes.slice(0, -1)],
    ['nothing in it', () => new Uint8Array()],
    ['zeros in it', (bytes) => new Uint8Array(bytes.length)],
    ['its checksum changed', (bytes) => bytes.map((byte, i) => (i === bytes.length - 6 ? byte ^ 1 : byte))],
  ])('with %s is healed by the stage of the newest manifest, and what lay there is kept', async (_, change) => {
    const world = await createTwo();
    const before = (await world.store.head(archiveKey(cell)))!;
    const rotten = await overwrite(world, change);
    const damaged = (await world.store.head(archiveKey(cell)))!;
    expect((await explainCell(world.options(), cell)).next).toMatch(/^a run replaces it.*and keeps what lies there$/);
    const report = await world.run({ cells: [cell], nowMs: dueMs + 1 });
    const keptAs = `${quarantineKey(cell).slice(0, -'.json'.length)}.`;
    const healed = {
      fault: expect.stringContaining('changed or copied without its metadata') as string,
      replaced: {
        ...{ etag: damaged.etag, bytes: rotten.length },
        keptAs: expect.stringMatching(new RegExp(`^${keptAs}[0-9a-f]{16}\\.damaged$`)) as string,
      },
      stage: before.metadata['stage'],
    };
    expect(report.run.outcome).toBe('ok');
    expect(report.cells).toMatchObject([{ state: 'archived', generation: 2, healed, problem: null }]);
    expect(await readLastRun(world.store)).toMatchObject({ healed: [healed] });
    expect(await world.store.head(archiveKey(cell))).toMatchObject({ metadata: before.metadata, etag: before.etag });
    const copy = await world.store.get(report.cells[0]!.healed!.replaced!.keptAs!);
    expect(await copy!.bytes()).toEqual(rotten);
    expect(await world.lines()).toHaveLength(4);
  });

  test('is healed by the copy that proves itself, where the first one is damaged too', async () => {
    const world = await createTwo();
    const { stage = '' } = (await world.store.head(archiveKey(cell)))!.metadata;
    const sha256 = /([0-9a-f]{64})\.jsonl\.gz$/.exec(stage)![1]!;
    const second = stageKey(cell, sha256, 1);
    await world.store.put(second, await (await world.store.get(stage))!.bytes());
    await damage(world.store, stage);
    await overwrite(world, flip);
    const report = await world.run({ cells: [cell], nowMs: dueMs + 1 });
    expect(report.cells).toMatchObject([{ state: 'archived', healed: { stage: second } }]);
  });

  test('is healed whichever byte it is', async () => {
    const world = await createTwo();
    const stored = (await world.store.get(archiveKey(cell)))!;
    const good = await stored.bytes();
    for (const at of good.keys()) {
      await world.store.put(
        archiveKey(cell),
        good.map((byte, i) => (i === at ? byte ^ (1 << (at & 7)) : byte)),
      );
      const report = await world.run({ cells: [cell], nowMs: dueMs + 1 + at });
      expect(report.cells, `byte ${at}`).toMatchObject([
        { state: 'archived', healed: { stage: stored.metadata['stage'] } },
      ]);
      expect(await (await world.store.get(archiveKey(cell)))!.bytes()).toEqual(good);
    }
  });

  const nothingIsProven: readonly [string, (world: TestWorld) => Promise<unknown>][] = [
    [
      'its staged copy is gone',
      async (world) => {
        const { stage = '' } = (await world.store.head(archiveKey(cell)))!.metadata;
        await world.store.delete([{ key: stage }]);
      },
    ],
    [
      'its staged copy is damaged',
      async (world) => damage(world.store, (await world.store.head(archiveKey(cell)))!.metadata['stage']!),
    ],
    [
      'its manifest is gone, and only the one before is there',
      async (world) => {
        const { manifest = '' } = (await world.store.head(archiveKey(cell)))!.metadata;
        const key = (await world.keys(manifestPrefix)).find((name) => name.includes(manifest))!;
        await world.store.delete([{ key }]);
      },
    ],
    [
      'a manifest cannot be read',
      async (world) => world.store.put(`${manifestPrefix}BTCUSDT/2026-11-19/${'0'.repeat(64)}.json`, new Uint8Array(9)),
    ],
    [
      'a staged copy is of no manifest',
      async (world) =>
        world.store.put(`${stagePrefix}BTCUSDT/2026-11-19/${'0'.repeat(64)}.jsonl.gz`, new Uint8Array(9)),
    ],
  ];
  test.each(nothingIsProven)('is quarantined where %s', async (_, prepare) => {
    const world = await createTwo();
    await prepare(world);
    const rotten = await overwrite(world, flip);
    const report = await world.run({ cells: [cell], nowMs: dueMs + 1 });
    expect(report.cells).toMatchObject([{ state: 'quarantined', healed: null }]);
    expect(await (await world.store.get(archiveKey(cell)))!.bytes()).toEqual(rotten);
  });

  test('is quarantined where its manifests are of another environment', async () => {
    const world = await createTwo();
    await overwrite(world, flip);
    await world.store.delete((await world.keys('housecleaning/v1/')).filter(isRecord).map((key) => ({ key })));
    const report = await world.run({ cells: [cell], nowMs: dueMs + 1, env: { env: 'other', bucketId: 'tape' } });
    expect(report.cells).toMatchObject([{ state: 'quarantined', healed: null }]);
  });
});

describe('a file under the name of an archive that anybody can read', () => {
  test.each<readonly [string, () => Promise<Uint8Array>]>([
    ['one gzip member', async () => gzipOf('{"of":"somebody"}\n')],
    ['two gzip members', async () => concat([await gzipOf('{"a":1}\n'), await gzipOf('{"b":2}\n')])],
    ['a gzip member with a tail', async () => concat([await gzipOf('{"a":1}\n'), new Uint8Array(512)])],
  ])('is somebody’s and stays, in quarantine: %s', async (_, make) => {
    const world = await createTwo();
    const theirs = await make();
    await overwrite(world, () => theirs);
    expect((await explainCell(world.options(), cell)).next).toMatch(
      /^a run puts it into quarantine: the file can be read/,
    );
    const { counted, mutations } = mutationsOf(world.store);
    const report = await world.run({ store: counted, cells: [cell], nowMs: dueMs + 1 });
    expect(report.cells).toMatchObject([{ state: 'quarantined', healed: null }]);
    expect(mutations().filter((change) => change.includes(archiveKey(cell)))).toEqual([]);
  });

  test('stays too where its metadata say something else', async () => {
    const world = await createTwo();
    await world.store.put(archiveKey(cell), new Uint8Array(9), { metadata: { made: 'elsewhere' } });
    const report = await world.run({ cells: [cell], nowMs: dueMs + 1 });
    expect(report.cells).toMatchObject([{ state: 'quarantined', healed: null }]);
  });
});

/** Whose store it is, and what runs wrote down about themselves. */
function isRecord(key: string): boolean {
  return /\/(env\.json|clock\.json|journal\/)/.test(key);
}
