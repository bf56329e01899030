import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '@tapekit/adapters/stores/memory';
import { defaultCodec } from './codec.ts';
import { runHousecleaning } from './housecleaning.ts';
import { archiveKey, manifestKey, rawCellPrefix } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import {
  readArchive,
  readArchivedKeys,
  readDurableSeq,
  restoreFiles,
  restoreRaw,
  verifyArchive,
  verifyArchiveFiles,
} from './restore.ts';
import { restoreDrill } from '../scripts/restore-drill.ts';
import { createTapeWriter } from './tape-writer.ts';
import { asPieces } from './internal/open-archive.ts';
import { collect } from './internal/streams.ts';
import { fromUtf8, toUtf8 } from './internal/utf8.ts';

const cell = { symbol: 'BTCUSDT', date: '2026-11-19' };

async function createArchived(foreign: Readonly<Record<string, string>> = {}) {
  const clock = { nowMs: Date.parse('2026-11-19T12:00:00Z') };
  const store = createMemoryStore({ clock: () => clock.nowMs });
  const writer = createTapeWriter({ store, symbol: cell.symbol, maxLines: 2 });
  for (let seq = 0; seq < 5; seq++) await writer.append({ date: cell.date, seq, line: `{"seq":${seq}}` });
  await writer.flush();
  for (const [name, text] of Object.entries(foreign)) await store.put(`${rawCellPrefix(cell)}${name}`, toUtf8(text));
  const raw = await contents(store);
  clock.nowMs = Date.parse('2026-11-22T12:00:00Z');
  const clean = () =>
    runHousecleaning({
      store,
      cells: [cell],
      nowMs: clock.nowMs,
      writers: 'overwriting',
      approve: 'first-run',
      env: { env: 't', bucketId: 'b' },
    });
  await clean();
  return { store, raw, clean };
}

async function contents(store: ObjectStore, below = ''): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { key } of (await store.list({ prefix: `${below}${rawCellPrefix(cell)}` })).objects) {
    found[key.slice(below.length)] = fromUtf8(await (await store.get(key))!.bytes());
  }
  return found;
}

describe('restoreRaw', () => {
  test('brings every raw object back byte for byte, also those without a final newline or with none at all', async () => {
    const { store, raw } = await createArchived({ 'a.json': '{"no":"newline"}', 'b.json': '', 'c.json': '\n\n{}\r\n' });
    expect(await contents(store)).toEqual({});
    expect(await restoreRaw(store, cell, { check: true })).toEqual({
      restored: 6,
      present: 0,
      differs: 0,
      superseded: 0,
    });
    expect(await contents(store)).toEqual({});
    expect(await restoreRaw(store, cell)).toEqual({ restored: 6, present: 0, differs: 0, superseded: 0 });
    expect(await contents(store)).toEqual(raw);
    expect(await restoreRaw(store, cell)).toEqual({ restored: 0, present: 6, differs: 0, superseded: 0 });
  });

  test('never writes over anything', async () => {
    const { store, raw } = await createArchived();
    const key = Object.keys(raw)[0]!;
    await store.put(key, toUtf8('mine'));
    const told: string[] = [];
    const result = await restoreRaw(store, cell, { onSource: (k, outcome) => told.push(`${outcome} ${k}`) });
    expect(result).toEqual({ restored: 2, present: 0, differs: 1, superseded: 0 });
    expect(told[0]).toBe(`differs ${key}`);
    expect((await contents(store))[key]).toBe('mine');
    // One byte of it differs.
    await store.put(key, toUtf8(raw[key]!.replace('0', '7')));
    expect(await restoreRaw(store, cell)).toEqual({ restored: 0, present: 2, differs: 1, superseded: 0 });
    expect(await restoreRaw(store, cell, { check: true })).toMatchObject({ differs: 1 });
  });

  test('is undone by the next housecleaning without a new generation', async () => {
    const { store, clean } = await createArchived();
    await restoreRaw(store, cell);
    const report = await clean();
    expect(report.cells[0]).toMatchObject({ generation: 1, deletedSources: 0, state: 'verified' });
  });

  test('names the archive that is missing', async () => {
    await expect(restoreRaw(createMemoryStore(), cell)).rejects.toThrow(
      'There is no "raw_tns_compressed/BTCUSDT/2026-11-19.jsonl.gz"; run housecleaning first, or read the raw objects. ' +
        'If there was one, its manifests know it: verifyCell says so (on the command line: verify).',
    );
  });
});

describe('restoreRaw elsewhere', () => {
  test('writes below another prefix, into another store, and leaves the originals alone', async () => {
    const { store, raw } = await createArchived();
    const told: string[] = [];
    const result = await restoreRaw(store, cell, { to: 'drill/', onSource: (key) => told.push(key) });
    expect(result).toEqual({ restored: 3, present: 0, differs: 0, superseded: 0 });
    expect(told).toEqual(Object.keys(raw).map((key) => `drill/${key}`));
    expect(await contents(store, 'drill/')).toEqual(raw);
    expect(await contents(store)).toEqual({});
    const other = createMemoryStore();
    await restoreRaw(store, cell, { into: other, concurrency: 1 });
    expect(await contents(other)).toEqual(raw);
    expect(await restoreRaw(store, cell, { into: other, check: true })).toMatchObject({ present: 3, restored: 0 });
  });

  test.each(['drill', 'raw_tns/', 'raw_tns_compressed/old/', 'housecleaning/v1/', '../', '/'])(
    'refuses the prefix "%s"',
    async (to) => {
      const { store } = await createArchived();
      await expect(restoreRaw(store, cell, { to })).rejects.toThrow(/expected|points to a folder|empty segment/);
      expect(await contents(store)).toEqual({});
    },
  );

  test('writes nothing of an archive that is damaged before it, and nothing more once a put failed', async () => {
    const { store } = await createArchived();
    const object = (await store.get(archiveKey(cell)))!;
    const bytes = await object.bytes();
    bytes[bytes.length - 9]! ^= 0x40;
    await store.put(archiveKey(cell), bytes, { metadata: object.metadata });
    await expect(restoreRaw(store, cell)).rejects.toMatchObject({ code: 'bad-archive' });

    const good = await createArchived();
    let puts = 0;
    const target = createMemoryStore();
    const failing: ObjectStore = {
      ...target,
      put: (key, body, options) =>
        (puts += 1) === 2 ? Promise.reject(new Error('full')) : target.put(key, body, options),
    };
    await expect(restoreRaw(good.store, cell, { into: failing, concurrency: 1 })).rejects.toThrow('full');
    expect(puts).toBe(2);
    expect(await restoreRaw(good.store, cell, { into: target })).toMatchObject({ restored: 2, present: 1 });
  });

  test('restores and verifies with nothing but two files, as bytes and as a stream', async () => {
    const { store, raw } = await createArchived();
    const object = (await store.get(archiveKey(cell)))!;
    const gz = await object.bytes();
    const manifestSha256 = object.metadata['manifest']!;
    const manifest = await (await store.get(manifestKey(cell, manifestSha256)))!.bytes();
    async function* dripping(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < gz.length; at += 7) yield gz.subarray(at, at + 7);
    }
    expect(await verifyArchiveFiles(gz, manifest, { manifestSha256 })).toMatchObject({ ok: true, manifest: { cell } });
    expect(await verifyArchiveFiles(dripping(), manifest)).toMatchObject({ ok: true });
    // As long manifests are stored.
    const compressed = await collect(defaultCodec().deflate(asPieces(manifest)));
    expect((await verifyArchiveFiles(gz, compressed.subarray(0, -1), { manifestSha256 })).problem).toMatch(
      /does not decode/,
    );
    expect(await verifyArchiveFiles(gz, compressed, { manifestSha256 })).toMatchObject({ ok: true });
    const target = createMemoryStore();
    expect(await restoreFiles(dripping(), manifest, target, { manifestSha256 })).toMatchObject({ restored: 3 });
    expect(await contents(target)).toEqual(raw);
  });

  test('finds every flipped byte in either file, and a file that is cut or too long', async () => {
    const { store } = await createArchived();
    const object = (await store.get(archiveKey(cell)))!;
    const gz = await object.bytes();
    const manifestSha256 = object.metadata['manifest']!;
    const manifest = await (await store.get(manifestKey(cell, manifestSha256)))!.bytes();
    const problem = async (a: Uint8Array, b: Uint8Array) =>
      (await verifyArchiveFiles(a, b, { manifestSha256 })).problem;
    const flip = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 0x20 : byte));
    for (let at = 0; at < gz.length; at++)
      expect(await problem(flip(gz, at), manifest)).toMatch(/is not what manifest|refused/);
    for (let at = 0; at < manifest.length; at++)
      expect(await problem(gz, flip(manifest, at))).toMatch(/has the SHA-256/);
    expect(await problem(gz.subarray(0, -1), manifest)).toMatch(/its size is/);
    expect(await problem(Uint8Array.of(...gz, 0), manifest)).toMatch(/more than/);
    expect((await verifyArchiveFiles(gz, toUtf8('{}'))).problem).toBe(
      'The manifest was refused: it names no symbol and day.',
    );
    expect((await verifyArchiveFiles(gz, toUtf8('{'))).problem).toBe('The manifest was refused: it is not JSON.');
    expect((await verifyArchiveFiles(gz, toUtf8('null'))).problem).toMatch(/names no symbol/);
  });

  test('gives back 2,000 objects of everything that breaks text tools', async () => {
    expect(await restoreDrill(2_000, 7)).toMatchObject({ sources: 2_000, cells: 2 });
  });
});

describe('readArchive', () => {
  test('gives the records in the order of their numbers, without blank lines', async () => {
    const { store } = await createArchived({ 'z.json': '\n{"z":1}\n\n{"z":2}' });
    const lines: string[] = [];
    for await (const line of readArchive(store, cell)) lines.push(line);
    expect(lines).toEqual(['{"seq":0}', '{"seq":1}', '{"seq":2}', '{"seq":3}', '{"seq":4}', '{"z":1}', '{"z":2}']);
  });

  test('throws for a damaged archive instead of giving some of it', async () => {
    const { store } = await createArchived();
    const object = (await store.get(archiveKey(cell)))!;
    const bytes = await object.bytes();
    bytes[20]! ^= 1;
    await store.put(archiveKey(cell), bytes, { metadata: object.metadata });
    await expect(readArchive(store, cell).next()).rejects.toMatchObject({ code: 'bad-archive' });
  });
});

describe('verifyArchive', () => {
  test('proves a good archive and explains a bad or missing one', async () => {
    const { store } = await createArchived();
    expect(await verifyArchive(store, cell)).toMatchObject({ ok: true, problem: null, manifest: { generation: 1 } });
    expect(await verifyArchive(createMemoryStore(), cell)).toMatchObject({ ok: false, manifest: null });
    await store.put(archiveKey(cell), new Uint8Array(3));
    expect((await verifyArchive(store, cell)).problem).toMatch(/does not name its manifest/);
  });
});

describe('readArchivedKeys and readDurableSeq', () => {
  test('know what the archive holds', async () => {
    const { store, raw } = await createArchived();
    expect([...(await readArchivedKeys(store, cell)).keys()]).toEqual(Object.keys(raw));
    expect(await readDurableSeq(store, cell)).toBe(4);
    expect((await readArchivedKeys(createMemoryStore(), cell)).size).toBe(0);
    expect(await readDurableSeq(createMemoryStore(), cell)).toBeUndefined();
  });
});
