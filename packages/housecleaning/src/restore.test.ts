import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '@tapekit/adapters/stores/memory';
import { runHousecleaning } from './housecleaning.ts';
import { archiveKey, rawCellPrefix } from './keys.ts';
import { readArchive, readArchivedKeys, readDurableSeq, restoreRaw, verifyArchive } from './restore.ts';
import { createTapeWriter } from './tape-writer.ts';
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
      env: { env: 't', bucketId: 'b' },
    });
  await clean();
  return { store, raw, clean };
}

async function contents(store: ReturnType<typeof createMemoryStore>): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { key } of (await store.list({ prefix: rawCellPrefix(cell) })).objects) {
    found[key] = fromUtf8(await (await store.get(key))!.bytes());
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
  });

  test('is undone by the next housecleaning without a new generation', async () => {
    const { store, clean } = await createArchived();
    await restoreRaw(store, cell);
    const report = await clean();
    expect(report.cells[0]).toMatchObject({ generation: 1, deletedSources: 0, state: 'verified' });
  });

  test('names the archive that is missing', async () => {
    await expect(restoreRaw(createMemoryStore(), cell)).rejects.toThrow(
      'There is no "raw_tns_compressed/BTCUSDT/2026-11-19.jsonl.gz"; run housecleaning first, or read the raw objects.',
    );
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
