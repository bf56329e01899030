import { describe, expect, test } from 'vitest';
import { createFaultStore, type Fault, type FaultKind } from '@tapekit/tooling/fault-store';
import { defaultCodec } from '../codec.ts';
import { resolveQuarantine } from '../housecleaning.ts';
import { archiveKey, quarantineKey, quarantinePrefix, stagePrefix } from '../keys.ts';
import { verifyArchive } from '../restore.ts';
import { keepCopy } from './keep-copy.ts';
import { collect } from './streams.ts';
import { toUtf8 } from './utf8.ts';
import { cell, createWorld, dueMs, writtenMs, type TestWorld } from './world.fixture.ts';

const key = archiveKey(cell);
const flip = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte));

/** An archive that was damaged, with its metadata or without, and a raw object that came late. */
async function createDamaged(isNamed: boolean): Promise<{ readonly world: TestWorld; readonly rotten: Uint8Array }> {
  const world = createWorld();
  await world.put(0);
  await world.run();
  world.clock.nowMs = writtenMs;
  await world.put(2);
  const archive = (await world.store.get(key))!;
  const rotten = flip(await archive.bytes());
  await world.store.put(key, rotten, isNamed ? { metadata: archive.metadata } : {});
  return { world, rotten };
}

/** Bytes of every object that was kept. */
async function keptBy(world: TestWorld): Promise<readonly Uint8Array[]> {
  const names = (await world.keys(quarantinePrefix)).filter((name) => name.endsWith('.damaged'));
  return Promise.all(names.map(async (name) => (await world.store.get(name))!.bytes()));
}

const bytesAt = async (world: TestWorld): Promise<Uint8Array> => (await world.store.get(key))!.bytes();
const next = (more = 1) => ({ cells: [cell], nowMs: dueMs + more });

/** Numbers of the operations on the cell of a healing run. */
async function operationsOf(isNamed: boolean): Promise<readonly number[]> {
  const { world } = await createDamaged(isNamed);
  const { store, log } = createFaultStore(world.store);
  const report = await world.run({ ...next(), store });
  expect(report.cells).toMatchObject([
    { state: 'archived', generation: 2, healed: { fault: expect.any(String) as string } },
  ]);
  return log.flatMap(({ subject }, at) => (subject.includes('/BTCUSDT/') ? [at] : []));
}

describe.each([
  ['with its metadata', true],
  ['without its metadata', false],
])('a damaged archive %s', (_, isNamed) => {
  test('is kept before it is replaced', async () => {
    const { world, rotten } = await createDamaged(isNamed);
    const report = await world.run(next());
    const { keptAs = '' } = report.cells[0]!.healed!.replaced!;
    expect(await (await world.store.get(keptAs))!.bytes()).toEqual(rotten);
    expect(await world.lines()).toHaveLength(4);
  });

  test.each<FaultKind>(['bit-flip', 'short-body'])(
    'is healed, and kept as it was, whichever read or write of the run has the fault %s',
    async (kind) => {
      const operations = await operationsOf(isNamed);
      expect(operations.length).toBeGreaterThan(15);
      for (const at of operations) {
        const { world, rotten } = await createDamaged(isNamed);
        const { store, log } = createFaultStore(world.store, { at, kind });
        const report = await world.run({ ...next(), store });
        const where = `${at}: ${log[at]!.op} ${log[at]!.subject}`;
        expect(report.cells[0]!.state, where).not.toBe('quarantined');
        expect([await bytesAt(world), ...(await keptBy(world))], where).toContainEqual(rotten);
        expect((await world.run(next(2))).cells, where).toMatchObject([{ state: 'archived', problem: null }]);
        expect(await keptBy(world), where).toEqual([rotten]);
        expect(await world.lines(), where).toHaveLength(4);
      }
    },
  );

  test('is no reason for a quarantine where a peer healed it and went on, whenever that was', async () => {
    for (const at of await operationsOf(isNamed)) {
      const { world } = await createDamaged(isNamed);
      const interlude = async (): Promise<void> => {
        await world.run(next(2));
      };
      const { store, log } = createFaultStore(world.store, { at, kind: 'interlude', interlude });
      const report = await world.run({ ...next(), store });
      const where = `${at}: ${log[at]!.op} ${log[at]!.subject}`;
      expect(report.cells, where).toMatchObject([{ state: 'archived' }]);
      expect((await world.run(next(3))).cells, where).toMatchObject([{ generation: 2, problem: null }]);
      expect(await verifyArchive(world.store, cell), where).toMatchObject({ ok: true });
    }
  });

  test('stays where it is while no copy of it can be kept, and somebody is asked', async () => {
    const { world, rotten } = await createDamaged(isNamed);
    const { store, log } = createFaultStore(world.store, ({ op, subject }) =>
      op === 'put' && subject.endsWith('.damaged') ? { kind: 'bit-flip' } : undefined,
    );
    expect((await world.run({ ...next(), store })).cells).toMatchObject([{ state: 'quarantined', healed: null }]);
    expect(log.some(({ op, subject }) => op === 'put' && subject === key)).toBe(false);
    expect(await bytesAt(world)).toEqual(rotten);
    await expect(resolveQuarantine(store, cell, 'restore-from-stage')).rejects.toThrow('could not be copied');
    expect(await bytesAt(world)).toEqual(rotten);
  });
});

test('an archive that was put right while it was judged is not quarantined for what it was', async () => {
  const prepare = async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    const archive = (await world.store.get(key))!;
    const good = await archive.bytes();
    await world.store.delete((await world.keys(stagePrefix)).map((stage) => ({ key: stage })));
    await world.store.put(key, flip(good), { metadata: archive.metadata });
    const putRight = async (): Promise<void> => {
      await world.store.put(key, good, { metadata: archive.metadata });
    };
    return { world, putRight };
  };
  const { world: clean } = await prepare();
  const { store, log } = createFaultStore(clean.store);
  expect((await clean.run({ ...next(), store })).cells).toMatchObject([{ state: 'quarantined' }]);
  const first = log.findIndex(({ subject }) => subject === key);
  const record = log.findIndex(({ subject }) => subject === quarantineKey(cell));
  for (let at = first; at < record; at++) {
    const { world, putRight } = await prepare();
    const faulty = createFaultStore(world.store, { at, kind: 'interlude', interlude: putRight });
    const report = await world.run({ ...next(), store: faulty.store });
    expect(report.cells, `${at}: ${log[at]!.op} ${log[at]!.subject}`).toMatchObject([{ state: 'archived' }]);
  }
});

test('a readable file of somebody with our metadata is replaced, and kept', async () => {
  const { world } = await createDamaged(true);
  const theirs = await collect(
    defaultCodec().deflate(
      (async function* () {
        yield toUtf8('{"of":"somebody"}\n');
      })(),
    ),
  );
  await world.store.put(key, theirs, { metadata: (await world.store.head(key))!.metadata });
  expect((await world.run(next())).cells).toMatchObject([{ state: 'archived', generation: 2 }]);
  expect(await keptBy(world)).toEqual([theirs]);
});

test('an operator’s restore is not misled by a manifest or a stage that arrives wrong once', async () => {
  const prepare = async (): Promise<TestWorld> => {
    const { world } = await createDamaged(false);
    await world.run(next());
    await world.store.put(key, toUtf8('{}\n'), { metadata: { made: 'elsewhere' } });
    expect((await world.run(next(2))).cells).toMatchObject([{ state: 'quarantined' }]);
    return world;
  };
  const clean = await prepare();
  const { store, log } = createFaultStore(clean.store);
  await resolveQuarantine(store, cell, 'restore-from-stage');
  const reads = log.flatMap(({ op, subject }, at) =>
    op === 'get' && /\/(manifest|stage)\//.test(subject) ? [at] : [],
  );
  expect(reads.length).toBeGreaterThan(2);
  for (const at of reads) {
    const world = await prepare();
    const faulty = createFaultStore(world.store, { at, kind: 'bit-flip' });
    await resolveQuarantine(faulty.store, cell, 'restore-from-stage').catch(() => undefined);
    // Either nothing yet, or the newest generation: never an older one.
    const generation = (await world.store.head(key))!.metadata['generation'] ?? 'none';
    expect(['none', '2'], `${at}: ${log[at]!.subject}`).toContain(generation);
  }
});

describe('a copy that is kept', () => {
  const faults: readonly [string, readonly Fault[]][] = [
    ['the first read flips a bit', [{ at: 0, kind: 'bit-flip' }]],
    ['the first read ends early', [{ at: 0, kind: 'short-body' }]],
    ['the second read flips a bit', [{ at: 1, kind: 'bit-flip' }]],
    ['the write flips a bit', [{ at: 2, kind: 'bit-flip' }]],
    ['the copy is read with a flipped bit', [{ at: 3, kind: 'bit-flip' }]],
  ];
  test.each(faults)('is equal where %s', async (_, list) => {
    const { world, rotten } = await createDamaged(false);
    const { store } = createFaultStore(world.store, list);
    const name = await keepCopy(store, cell, (await world.store.head(key))!.etag);
    expect(await (await world.store.get(name!))!.bytes()).toEqual(rotten);
    expect(await keptBy(world)).toHaveLength(1);
  });

  test('is refused where both reads of the source agree on nothing', async () => {
    const { world } = await createDamaged(false);
    let reads = 0;
    const { store } = createFaultStore(world.store, ({ op, subject }) =>
      op === 'get' && subject === key && reads++ % 2 === 0 ? { kind: 'bit-flip' } : undefined,
    );
    const { etag } = (await world.store.head(key))!;
    await expect(keepCopy(store, cell, etag)).rejects.toMatchObject({ code: 'unstable-read' });
    expect(await keptBy(world)).toEqual([]);
  });

  test('has the metadata of what it is a copy of', async () => {
    const { world } = await createDamaged(true);
    const { etag, metadata } = (await world.store.head(key))!;
    const name = await keepCopy(world.store, cell, etag);
    expect((await world.store.head(name!))!.metadata).toEqual(metadata);
  });
});
