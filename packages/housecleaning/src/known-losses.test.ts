// Ways in which archives of raw data were lost elsewhere, each as the shortest run that would lose something here.
// T1 to T8: counterexamples of the protocol's model. L1 to L24: what happened to others.
import { describe, expect, test } from 'vitest';
import { planHousecleaning, runHousecleaning } from './housecleaning.ts';
import { archiveKey, formatRawKey, rawCellPrefix } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import { readArchiveManifest, readArchiveSources, verifyArchive } from './restore.ts';
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

type Call = 'get' | 'head' | 'put' | 'delete' | 'list';

/** Does something once, just before (or after) the first call of an operation on a key that fits. */
function at(
  store: ObjectStore,
  op: Call,
  fits: (subject: string) => boolean,
  happens: () => Promise<unknown>,
  when: 'before' | 'after' = 'before',
): ObjectStore {
  let done = false;
  const call = (...args: readonly unknown[]): Promise<unknown> =>
    (store[op] as (...given: readonly unknown[]) => Promise<unknown>)(...args);
  return {
    ...store,
    [op]: async (...args: readonly unknown[]) => {
      const subject = typeof args[0] === 'string' ? args[0] : JSON.stringify(args[0]);
      const now = !done && fits(subject);
      if (now && when === 'before') {
        done = true;
        await happens();
      }
      const result = await call(...args);
      if (now && when === 'after') {
        done = true;
        await happens();
      }
      return result;
    },
  };
}

const raw = (subject: string): boolean => subject.includes(rawCellPrefix(cell));
const canonical = (subject: string): boolean => subject === archiveKey(cell);
const crash = (): Promise<never> => Promise.reject(new Error('the process died'));

/** Puts an object as old as the others, in the middle of a run. */
async function putLate(world: TestWorld, firstSeq: number): Promise<void> {
  const { nowMs } = world.clock;
  world.clock.nowMs = writtenMs;
  await world.put(firstSeq);
  world.clock.nowMs = nowMs;
}

/** Runs until nothing changes any more; then every record must be in the archive, and nothing else. */
async function expectEverything(world: TestWorld, seqs: readonly number[]): Promise<void> {
  for (let i = 0; i < 3; i++) await world.run();
  expect(await world.lines()).toEqual(seqs.map((seq) => `{"seq":${seq}}`));
  expect(await world.keys('raw_tns/')).toEqual([]);
}

describe.each([true, false])('with conditional delete: %s', (conditionalDelete) => {
  test('T1, L1: a crash in the middle of the deletes, and a run over what is left', async () => {
    const world = createWorld({ conditionalDelete });
    for (const seq of [0, 2]) await world.put(seq);
    await world.run({ maxDeletes: 1 });
    expect(await world.keys('raw_tns/')).toHaveLength(1);
    await expectEverything(world, [0, 1, 2, 3]);
  });

  test.each(['build', 'publish', 'prune'] as const)('T2, L2: an object that comes in late, during %s', async (when) => {
    const world = createWorld({ conditionalDelete });
    await world.put(0);
    const late = () => putLate(world, 2);
    const store =
      when === 'build'
        ? at(world.store, 'get', raw, late)
        : when === 'publish'
          ? at(world.store, 'put', canonical, late)
          : at(world.store, 'delete', raw, late);
    const report = await world.run({ store });
    expect(report.cells).toMatchObject([{ deletedSources: 1, sources: 1 }]);
    await expectEverything(world, [0, 1, 2, 3]);
  });

  test('T3, L10: deletes name objects, never a prefix: what comes in after the listing stays', async () => {
    const world = createWorld({ conditionalDelete });
    await world.put(0);
    const { counted, log } = mutationsOf(at(world.store, 'delete', raw, () => putLate(world, 2)));
    await world.run({ store: counted });
    const [deleted] = log.filter(({ op }) => op === 'delete');
    expect(deleted?.subject).toMatch(/\/000000000000-000000000001-[0-9a-f]{16}\.jsonl$/);
    expect(await world.keys('raw_tns/')).toHaveLength(1);
  });

  test('T4, L3: another run that deletes what was listed: a 404 is no empty object', async () => {
    const world = createWorld({ conditionalDelete });
    for (const seq of [0, 2]) await world.put(seq);
    const report = await world.run({ store: at(world.store, 'get', raw, () => world.run()) });
    expect(report.cells).toMatchObject([{ state: 'archived', generation: 1, lines: 4 }]);
    await expectEverything(world, [0, 1, 2, 3]);
  });

  test('T5, L6: another run that publishes more in between: nobody overwrites it', async () => {
    const world = createWorld({ conditionalDelete });
    await world.put(0);
    const peer = async () => {
      await putLate(world, 2);
      await world.run();
    };
    await world.run({ store: at(world.store, 'put', canonical, peer) });
    await expectEverything(world, [0, 1, 2, 3]);
  });

  test.each(['get', 'delete'] as const)(
    'T6, T7, L9: a writer that overwrites before the %s: its bytes stay',
    async (op) => {
      const world = createWorld({ conditionalDelete });
      const { key } = await world.put(0);
      const overwrite = () => world.store.put(key, toUtf8('{"seq":7}\n'));
      // Without conditional delete the tripwire looks at the object last.
      const last = op === 'delete' && !conditionalDelete ? 'head' : op;
      const report = await world.run({ store: at(world.store, last, raw, overwrite), writers: 'write-once' });
      expect(report.cells[0]?.deletedSources).toBe(0);
      expect(fromUtf8(await (await world.store.get(key))!.bytes())).toBe('{"seq":7}\n');
    },
  );

  test('T8, L12: a damaged upload of the next generation never becomes what deletes rest on', async () => {
    const world = createWorld({ conditionalDelete });
    await world.put(0);
    await world.run();
    await putLate(world, 2);
    const spoil = at(world.store, 'put', canonical, () => damage(world.store, archiveKey(cell)), 'after');
    const { counted, log } = mutationsOf(spoil);
    const report = await world.run({ store: counted });
    expect(report.cells).toMatchObject([{ state: 'archived', generation: 2, problem: null }]);
    // Healed and proven before anything was deleted.
    const puts = log.findLastIndex(({ op, subject }) => op === 'put' && canonical(subject));
    expect(log.findIndex(({ op }) => op === 'delete')).toBeGreaterThan(puts);
    await expectEverything(world, [0, 1, 2, 3]);
  });
});

describe('what happened to others', () => {
  test('L4: a page shorter than asked for, and a key before the cursor, only make an object late', async () => {
    const world = createWorld();
    for (const seq of [2, 4, 6]) await world.put(seq);
    let pages = 0;
    const store: ObjectStore = {
      ...world.store,
      async list(options = {}) {
        if (options.prefix !== rawCellPrefix(cell)) return world.store.list(options);
        if (pages++ === 1) await putLate(world, 0);
        return world.store.list({ ...options, limit: 1 });
      },
    };
    expect((await world.run({ store })).cells).toMatchObject([{ sources: 3, deletedSources: 3 }]);
    await expectEverything(world, [0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('L5: an upload that breaks off leaves neither data nor garbage that is taken for data', async () => {
    const world = createWorld();
    await world.put(0);
    for (const part of ['/stage/', '/manifest/', 'raw_tns_compressed/BTCUSDT/']) {
      await world.run({ store: at(world.store, 'put', (key) => key.includes(part), crash) });
      expect(await world.keys('raw_tns/')).toHaveLength(1);
    }
    await expectEverything(world, [0, 1]);
  });

  test('L7, L21: two runs at once, without any lock, and one more than was planned', async () => {
    const world = createWorld({ conditionalDelete: false });
    for (let seq = 0; seq < 20; seq += 2) await world.put(seq);
    await Promise.all([world.run(), world.run(), world.run()]);
    await expectEverything(
      world,
      Array.from({ length: 20 }, (_, seq) => seq),
    );
  });

  test('L8, L24: no run deletes anything but raw objects: heads, manifests, stages and records stay', async () => {
    const world = createWorld();
    const { counted, log } = mutationsOf(world.store);
    for (const seq of [0, 2, 4]) {
      await putLate(world, seq);
      await world.run({ store: counted });
    }
    const deleted = log.filter(({ op }) => op === 'delete').flatMap(({ subject }) => subject.split(' '));
    expect(deleted).toHaveLength(3);
    expect(deleted.every((key) => raw(key))).toBe(true);
    expect(await world.keys('housecleaning/v1/manifest/')).toHaveLength(3);
    expect(await world.keys('housecleaning/v1/stage/')).toHaveLength(3);
  });

  test('L10: a symbol that begins like another, and a day that does, are other cells', async () => {
    const world = createWorld();
    await world.put(0);
    await world.put(0, { symbol: 'BTCUSD', date: cell.date });
    await world.put(0, { symbol: 'BTCUSDT', date: '2026-11-18' });
    await world.run({ cells: [{ symbol: 'BTCUSD', date: cell.date }] });
    expect((await world.keys('raw_tns/')).map((key) => key.split('/').slice(1, 3).join(' '))).toEqual([
      'BTCUSDT 2026-11-18',
      'BTCUSDT 2026-11-19',
    ]);
  });

  test('L11: an age in other units than meant, and any other age than before, need somebody to look', async () => {
    const world = createWorld();
    await world.put(0);
    await expect(world.run({ minAgeMs: 24 })).rejects.toMatchObject({ code: 'bad-option' });
    await world.run({ nowMs: writtenMs + 19 * hourMs });
    expect((await world.run({ minAgeMs: hourMs })).run.outcome).toBe('halted');
    expect(await world.keys('raw_tns/')).toHaveLength(1);
  });

  test('L15: an encoder that makes a mistake is caught before anything is uploaded', async () => {
    const { defaultCodec } = await import('./codec.ts');
    const codec = defaultCodec();
    const broken = {
      ...codec,
      async *deflate(source: AsyncIterable<Uint8Array>) {
        async function* changed(): AsyncGenerator<Uint8Array, void, undefined> {
          for await (const piece of source) yield piece.map((byte) => (byte === 0x30 ? 0x31 : byte));
        }
        yield* codec.deflate(changed());
      },
    };
    for (const more of [{}, { bufferBytes: 0 }]) {
      const world = createWorld();
      await world.put(0);
      const report = await world.run({ ...more, codec: broken });
      expect(report.run.outcome).toBe('partial');
      expect(report.cells[0]).toMatchObject({ state: 'raw', deletedSources: 0 });
      expect(report.cells[0]?.problem).toMatch(/does not decode to its content; nothing was published/);
      expect(await world.keys('housecleaning/v1/stage/')).toEqual([]);
      expect(await world.keys('housecleaning/v1/manifest/')).toEqual([]);
    }
  });

  test('L16: a read that is damaged on the way is read once more before anybody is alarmed', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    let reads = 0;
    const store: ObjectStore = {
      ...world.store,
      async get(key, options) {
        const object = await world.store.get(key, options);
        if (!object || !canonical(key) || ++reads > 1) return object;
        const bytes = await object.bytes();
        bytes[12]! ^= 1;
        return { ...object, body: new Blob([bytes]).stream() };
      },
    };
    expect((await world.run({ store, cells: [cell] })).cells).toMatchObject([{ state: 'archived', problem: null }]);
    expect(reads).toBe(2);
  });

  test('L17: a date means what it meant when the cell was archived, or the cell is stopped', async () => {
    const world = createWorld();
    await world.put(0);
    const jakarta = { tz: 'Asia/Jakarta', dayStart: '00:00' };
    await world.run({ day: jakarta });
    expect(await readArchiveManifest(world.store, cell)).toMatchObject({
      schema: 'hc-manifest/2',
      day: { ...jakarta, startMs: Date.parse('2026-11-18T17:00:00Z'), endMs: Date.parse('2026-11-19T17:00:00Z') },
    });
    const { applyPlan } = await import('./housecleaning.ts');
    const { hash } = await planHousecleaning(world.options({ cells: [cell] }));
    const report = await applyPlan({ ...world.options({ cells: [cell] }), plan: hash });
    expect(report.cells).toMatchObject([{ state: 'quarantined' }]);
    expect(report.cells[0]?.problem).toMatch(
      /^Its date means a day of Asia\/Jakarta from 00:00, but the configuration's one of UTC from 00:00\./,
    );
  });

  test('L19: a store of another environment is left alone, whatever the key says that opened it', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run({ nowMs: writtenMs + hourMs });
    const report = await world.run({ env: { env: 'staging', bucketId: 'tape' } });
    expect(report.run.outcome).toBe('halted');
    expect(await world.keys('raw_tns/')).toHaveLength(1);
  });

  test('L22: equal records, and equal objects under other keys, are all kept', async () => {
    const world = createWorld();
    const bytes = toUtf8('{"seq":0}\n{"seq":0}\n');
    const sha256 = await sha256Hex(bytes);
    for (const firstSeq of [0, 2]) {
      await world.store.put(formatRawKey({ ...cell, firstSeq, lastSeq: firstSeq + 1, sha256 }), bytes);
    }
    expect((await world.run()).cells).toMatchObject([{ state: 'archived', sources: 2, lines: 4 }]);
    expect(await world.lines()).toEqual(Array<string>(4).fill('{"seq":0}'));
  });

  test('L23: one flipped bit anywhere in a stored archive is detected, and the raw objects stay', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run({ stopAfter: 'publish' });
    const info = (await world.store.head(archiveKey(cell)))!;
    const [stage] = await world.keys('housecleaning/v1/stage/');
    const good = await (await world.store.get(archiveKey(cell)))!.bytes();
    for (let bit = 0; bit < 8 * good.length; bit++) {
      const bytes = good.slice();
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      await world.store.put(archiveKey(cell), bytes, { metadata: info.metadata });
      expect((await verifyArchive(world.store, cell)).ok, `bit ${bit}`).toBe(false);
    }
    await damage(world.store, stage!);
    expect((await world.run()).cells).toMatchObject([{ state: 'quarantined', deletedSources: 0 }]);
    expect(await world.keys('raw_tns/')).toHaveLength(1);
  });
});

test('a thousand raw objects, half of them late, deletes in parts of 250: every byte stays readable at any time', async () => {
  const world = createWorld({ conditionalDelete: false });
  const acked = new Map<string, string>();
  const put = async (firstSeq: number) => {
    const { key } = await world.put(firstSeq);
    acked.set(key, fromUtf8(await (await world.store.get(key))!.bytes()));
  };
  const expectAll = async () => {
    const found = new Map<string, string>();
    for (const key of await world.keys(rawCellPrefix(cell)))
      found.set(key, fromUtf8(await (await world.store.get(key))!.bytes()));
    if (await world.store.head(archiveKey(cell))) {
      for await (const { source, bytes } of readArchiveSources(world.store, cell))
        found.set(source.key, fromUtf8(bytes));
    }
    expect(found).toEqual(acked);
  };
  for (let i = 0; i < 500; i++) await put(4 * i);
  const limits = { maxDeletes: 250 };
  expect((await world.run(limits)).totals.deletedSources).toBe(250);
  await expectAll();
  world.clock.nowMs = writtenMs;
  for (let i = 0; i < 500; i++) await put(4 * i + 2);
  const left = [];
  for (let run = 0; run < 3; run++) {
    world.clock.nowMs = dueMs;
    await runHousecleaning(world.options(limits));
    await expectAll();
    left.push((await world.keys('raw_tns/')).length);
  }
  expect(left).toEqual([500, 250, 0]);
  expect((await readArchiveManifest(world.store, cell))?.sources).toHaveLength(1_000);
});
