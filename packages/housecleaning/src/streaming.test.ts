import { createMemoryStore } from '@tapekit/adapters/stores/memory';
import { createFaultStore } from '@tapekit/tooling/fault-store';
import { describe, expect, test } from 'vitest';
import { codecOf } from './codec.ts';
import { planHousecleaning, runHousecleaning } from './housecleaning.ts';
import { archiveKey, clockKey, formatRawKey, manifestKey, rawCellPrefix, reportKey, stageKey } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import { readArchiveManifest, restoreRaw, verifyArchive } from './restore.ts';
import { assertNothingLost } from './internal/build.ts';
import { deadAtPublish } from './internal/lost-generations.fixture.ts';
import { sha256Hex } from './internal/sha256.ts';
import { toUtf8 } from './internal/utf8.ts';
import { cell, createWorld, dueMs, env, mutationsOf, writtenMs } from './internal/world.fixture.ts';

/** Streams everything: a cell of one byte is beyond the buffer. */
const streamed = { bufferBytes: 0 } as const;
/** One pass is tried for up to 160 bytes, and given up: no archive is that small. */
const givenUp = { bufferBytes: 20 } as const;

/** Operations of one run by kind; `of` picks those on the cell alone. */
async function countOperations(options: {
  sources: number;
  conditionalDelete: boolean;
  bufferBytes?: number;
}): Promise<{ cell: number; run: number; gets: number }> {
  const world = createWorld(options);
  for (let i = 0; i < options.sources; i++) await world.put(2 * i);
  const { store, log } = createFaultStore(world.store);
  const more = options.bufferBytes === undefined ? {} : { bufferBytes: options.bufferBytes };
  const report = await world.run({ store, cells: [cell], ...more });
  expect(report.cells).toMatchObject([{ state: 'archived', deletedSources: options.sources }]);
  const ofCell = log.filter(({ subject }) => subject.includes(`${cell.symbol}/${cell.date}`));
  const gets = log.filter(({ op, subject }) => op === 'get' && subject.startsWith(rawCellPrefix(cell))).length;
  return { cell: ofCell.length, run: log.length - ofCell.length, gets };
}

describe('a cell beyond the buffer', () => {
  test.each([
    [3, 'compressed in one pass where its archive fits', { bufferBytes: 100 }],
    [6, 'read again where its archive turns out to be larger', givenUp],
    [6, 'not even tried where it has more than eight times as many bytes', { bufferBytes: 8 }],
    [6, 'streamed where nothing may be held', streamed],
  ])('of 66 bytes makes the same archive in %i reads, %s', async (reads, _, more) => {
    const archived = [];
    for (const options of [{}, more]) {
      const world = createWorld();
      for (const seq of [0, 2, 4]) await world.put(seq);
      const { store, log } = createFaultStore(world.store);
      const report = await world.run({ store, ...options });
      expect(report.cells).toMatchObject([{ state: 'archived', sources: 3, lines: 6, deletedSources: 3 }]);
      archived.push([
        await readArchiveManifest(world.store, cell),
        [...(await (await world.store.get(archiveKey(cell)))!.bytes())],
      ]);
      const gets = log.filter(({ op, subject }) => op === 'get' && subject.startsWith(rawCellPrefix(cell)));
      expect(gets).toHaveLength(options === more ? reads : 3);
      expect(await world.lines()).toEqual([0, 1, 2, 3, 4, 5].map((seq) => `{"seq":${seq}}`));
    }
    expect(archived[1]).toEqual(archived[0]);
  });

  test('with a large object of another writer is streamed twice: it is proven by that, and never held whole', async () => {
    const world = createWorld();
    await world.put(0);
    const key = `${rawCellPrefix(cell)}13.json`;
    await world.store.put(key, toUtf8(`{"v":"${'x'.repeat(86)}"}\n`.repeat(95_000)));
    let reads = 0;
    const store: ObjectStore = {
      ...world.store,
      async get(subject, options) {
        const object = await world.store.get(subject, options);
        if (subject !== key || !object) return object;
        reads += 1;
        return { ...object, bytes: () => Promise.reject(new Error('held whole')) };
      },
    };
    const report = await world.run({ store, cells: [cell] });
    expect(report.cells).toMatchObject([{ state: 'archived', sources: 2, lines: 95_002, problem: null }]);
    expect(reads).toBe(2);
  });

  test.each([streamed, givenUp, {}])(
    'grows by late objects, every generation holding the one before: %o',
    async (more) => {
      const world = createWorld();
      for (const seq of [2, 6]) await world.put(seq);
      await world.run(more);
      for (const seq of [0, 4, 8]) {
        world.clock.nowMs = writtenMs;
        await world.put(seq);
        expect((await world.run(more)).cells).toMatchObject([{ state: 'archived', addedSources: 1 }]);
      }
      const manifest = (await readArchiveManifest(world.store, cell))!;
      expect(manifest.sources.map(({ generation }) => generation)).toEqual([2, 1, 3, 1, 4]);
      expect(await world.lines()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((seq) => `{"seq":${seq}}`));
      expect(await restoreRaw(world.store, cell)).toMatchObject({ restored: 5 });
    },
  );

  test('is planned by the same changes', async () => {
    const world = createWorld();
    await world.put(0);
    const options = world.options(streamed);
    const { hash, mutations } = await planHousecleaning(options);
    expect(mutations).toHaveLength(5);
    expect((await runHousecleaning(options)).run.planHash).toBe(hash);
  });

  test.each([streamed, givenUp])(
    'starts over when a raw object is replaced between the two reads: %o',
    async (more) => {
      const world = createWorld();
      const key = `${rawCellPrefix(cell)}13.json`;
      await world.store.put(key, toUtf8('{"v":1}\n'));
      let reads = 0;
      const store: ObjectStore = {
        ...world.store,
        async get(subject, options) {
          if (subject === key && ++reads === 2) {
            world.clock.nowMs = writtenMs;
            await world.store.put(key, toUtf8('{"v":2}\n'));
            world.clock.nowMs = dueMs;
          }
          return world.store.get(subject, options);
        },
      };
      const report = await world.run({ store, writers: 'overwriting', ...more });
      expect(report.cells).toMatchObject([{ state: 'archived', generation: 1, problem: null }]);
      expect(await world.lines()).toEqual(['{"v":2}']);
    },
  );

  test.each([{}, streamed])(
    'of an object without a digest takes two reads that agree, whatever one of them says: %o',
    async (more) => {
      for (const flipped of [1, 2]) {
        const world = createWorld();
        const key = `${rawCellPrefix(cell)}13.json`;
        await world.store.put(key, toUtf8('{"v":1}\n'));
        let reads = 0;
        const store: ObjectStore = {
          ...world.store,
          async get(subject, options) {
            const object = await world.store.get(subject, options);
            if (subject !== key || ++reads !== flipped || !object) return object;
            const bytes = await object.bytes();
            bytes[3]! ^= 1;
            return { ...object, bytes: async () => bytes };
          },
        };
        const report = await world.run({ store, writers: 'overwriting', ...more });
        expect(report.cells).toMatchObject([{ state: 'archived', problem: null }]);
        expect(await world.lines()).toEqual(['{"v":1}']);
      }
    },
  );

  test('takes up what a killed run has staged, instead of compressing again', async () => {
    const world = createWorld();
    await world.put(0);
    const dies: ObjectStore = {
      ...world.store,
      put: (key, ...rest) =>
        key === archiveKey(cell) ? Promise.reject(new Error('killed')) : world.store.put(key, ...rest),
    };
    await world.run({ store: dies, ...streamed });
    const before = await world.keys('housecleaning/v1/stage/');
    expect(before).toHaveLength(1);
    const { counted, mutations } = mutationsOf(world.store);
    expect((await world.run({ store: counted, ...streamed })).cells).toMatchObject([{ state: 'archived' }]);
    expect(mutations().filter((line) => line.includes('/stage/'))).toEqual([]);
  });
});

describe('C2: a staged copy with other gzip bytes', () => {
  test.each([{}, streamed])('of the same content is taken as it is, by a manifest of its own: %o', async (more) => {
    const world = createWorld();
    for (const seq of [0, 2, 4]) await world.put(seq);
    const dies: ObjectStore = {
      ...world.store,
      put: (key, ...rest) =>
        key === archiveKey(cell) ? Promise.reject(new Error('killed')) : world.store.put(key, ...rest),
    };
    await world.run({ store: dies, codec: codecOf('portable') });
    const [stage] = await world.keys('housecleaning/v1/stage/');
    // Other bytes for the same content, as another platform would make them: stored instead of compressed.
    const content = [0, 1, 2, 3, 4, 5].map((seq) => `{"seq":${seq}}\n`).join('');
    const gz = storedGzip(toUtf8(content));
    await world.store.put(stage!, gz);
    const report = await world.run(more);
    expect(report.cells).toMatchObject([{ state: 'archived', problem: null, gzBytes: gz.length }]);
    expect(await world.keys('housecleaning/v1/stage/')).toEqual([stage]);
    expect(await verifyArchive(world.store, cell)).toMatchObject({ ok: true });
    expect((await readArchiveManifest(world.store, cell))?.archive.gzSha256).toBe(await sha256Hex(gz));
  });

  test.each([{}, streamed])('that only the platform would take is left alone: %o', async (more) => {
    const world = createWorld();
    await world.put(0);
    await world.run({ store: deadAtPublish(world) });
    const content = toUtf8('{"seq":0}\n{"seq":1}\n');
    const sha256 = await sha256Hex(content);
    const gz = storedGzip(content);
    // Padding behind the three bits of the only block's header: zlib does not look at it, our own decoder does.
    gz[10] = 0x09;
    await world.store.put(stageKey(cell, sha256), gz);
    expect((await world.run(more)).cells).toMatchObject([{ state: 'archived', problem: null }]);
    expect((await world.store.head(archiveKey(cell)))?.metadata['stage']).toBe(stageKey(cell, sha256, 1));
  });

  test.each([{}, streamed])('that is damaged is left alone, and the next name is used: %o', async (more) => {
    const world = createWorld();
    await world.put(0);
    await world.run({ store: deadAtPublish(world) });
    const sha256 = await sha256Hex(toUtf8('{"seq":0}\n{"seq":1}\n'));
    await world.store.put(stageKey(cell, sha256), toUtf8('not ours'));
    expect((await world.run(more)).cells).toMatchObject([{ state: 'archived', problem: null }]);
    expect(await world.keys('housecleaning/v1/stage/')).toEqual([stageKey(cell, sha256, 1), stageKey(cell, sha256)]);
    expect((await world.store.head(archiveKey(cell)))?.metadata['stage']).toBe(stageKey(cell, sha256, 1));
  });
});

describe('I3: the next generation', () => {
  const source = { key: 'raw_tns/X/2026-11-19/a', etag: 'e', size: 2, sha256: 'a'.repeat(64), lines: 1, uploadedMs: 0 };
  const at = { ...source, offset: 0, length: 2, addedNewline: false, generation: 1 };
  const base = { sources: [at], multiset: { alg: 'sum-sha256-mod-2^256', value: '1'.repeat(64), count: 1 } };
  const digest = {
    sha256: '',
    bytes: 2,
    lines: 1,
    multiset: '',
    kept: { multiset: '1'.repeat(64), lines: 1 },
    sources: [at],
  };

  test('may hold the same and more, never less', () => {
    const check = (next: object) => () => assertNothingLost(base as never, { ...digest, ...next });
    expect(check({})).not.toThrow();
    expect(check({ sources: [] })).toThrow(
      'The next generation would lose "raw_tns/X/2026-11-19/a"; this is a defect.',
    );
    expect(check({ sources: [{ ...at, sha256: 'b'.repeat(64) }] })).toThrow(/would lose/);
    expect(check({ kept: { multiset: '2'.repeat(64), lines: 1 } })).toThrow('would lose records of the one before');
    expect(check({ kept: { multiset: '1'.repeat(64), lines: 2 } })).toThrow('would lose records of the one before');
  });

  test.each([{}, streamed])('is not published if it counts other records than the one before: %o', async (more) => {
    const codec = codecOf('portable');
    // Loses the first record of every object.
    const lossy = {
      ...codec,
      createMultiset() {
        const records = codec.createMultiset();
        return { ...records, push: (bytes: Uint8Array) => records.push(bytes.subarray(bytes.indexOf(10) + 1)) };
      },
    };
    const world = createWorld();
    await world.put(0);
    await world.run(more);
    world.clock.nowMs = writtenMs;
    await world.put(2);
    const report = await world.run({ ...more, codec: lossy });
    expect(report.cells[0]).toMatchObject({ generation: 1, deletedSources: 0 });
    expect(report.cells[0]?.problem).toMatch(
      /would lose records of the one before; this is a defect. Nothing was published/,
    );
    expect((await readArchiveManifest(world.store, cell))?.generation).toBe(1);
  });
});

describe('what a run costs', () => {
  test.each([
    [true, 1],
    [true, 10],
    [true, 100],
    [true, 1_000],
    [false, 10],
    [false, 100],
    [false, 1_000],
  ])(
    'at most 1.15 n + 14 requests a cell, and twelve a run (conditional delete %s, %i raw objects)',
    async (conditionalDelete, n) => {
      const counts = await countOperations({ sources: n, conditionalDelete });
      expect(counts.cell).toBeLessThanOrEqual(1.15 * n + 14);
      expect(counts.gets).toBe(n);
      expect(counts.run).toBeLessThanOrEqual(12);
    },
  );

  test('one more read of each raw object where a cell is beyond the buffer', async () => {
    const counts = await countOperations({ sources: 100, conditionalDelete: true, bufferBytes: 0 });
    expect(counts.gets).toBe(200);
    expect(counts.cell).toBeLessThanOrEqual(2.15 * 100 + 15);
  });

  test('a converged run changes the clock object and the report, and reads the archive once', async () => {
    const world = createWorld();
    for (const seq of [0, 2]) await world.put(seq);
    await world.run();
    const { counted, log, mutations } = mutationsOf(world.store);
    expect((await world.run({ store: counted, cells: [cell] })).cells).toMatchObject([{ state: 'archived' }]);
    expect(mutations()).toEqual([`put ${clockKey}`, `put ${reportKey}`]);
    expect(log.filter(({ subject }) => subject === archiveKey(cell))).toHaveLength(1);
  });
});

describe('a manifest above 1 MiB', () => {
  test('is stored compressed under the name of its document, and read by everybody', async () => {
    let nowMs = writtenMs;
    const store = createMemoryStore({ clock: () => nowMs });
    for (let i = 0; i < 4_000; i++) {
      const bytes = toUtf8(`{"seq":${i}}\n`);
      const sha256 = await sha256Hex(bytes);
      await store.put(formatRawKey({ ...cell, firstSeq: i, lastSeq: i, sha256 }), bytes);
    }
    nowMs = dueMs;
    const report = await runHousecleaning({ store, nowMs, writers: 'write-once', env, approve: 'first-run' });
    expect(report.cells).toMatchObject([{ state: 'archived', sources: 4_000, deletedSources: 4_000 }]);
    const key = manifestKey(cell, report.cells[0]!.manifestSha256!);
    const stored = await (await store.get(key))!.bytes();
    expect([stored[0], stored[1]]).toEqual([0x1f, 0x8b]);
    expect(stored.length).toBeLessThan(1_048_576);
    expect((await readArchiveManifest(store, cell))?.sources).toHaveLength(4_000);
    stored[stored.length >> 1]! ^= 1;
    await store.put(key, stored);
    expect(await verifyArchive(store, cell)).toMatchObject({ ok: false });
  });
});

/** A gzip member that stores its content instead of compressing it. */
function storedGzip(content: Uint8Array): Uint8Array {
  let crc = 0xffffffff;
  for (const byte of content) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  const gz = new Uint8Array(10 + 5 + content.length + 8);
  gz.set([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1]);
  const view = new DataView(gz.buffer);
  view.setUint16(11, content.length, true);
  view.setUint16(13, ~content.length & 0xffff, true);
  gz.set(content, 15);
  view.setUint32(15 + content.length, ~crc >>> 0, true);
  view.setUint32(19 + content.length, content.length, true);
  return gz;
}
