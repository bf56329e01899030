// Raw objects that break text tools; scripts/restore-drill.ts generates any number of them.
import { createHash } from 'node:crypto';
import { createMemoryStore } from '@tapekit/adapters/stores/memory';
import { expect, test } from 'vitest';
import { runHousecleaning } from './housecleaning.ts';
import { rawCellPrefix } from './keys.ts';
import { restoreRaw } from './restore.ts';

const cell = { symbol: 'BTCUSDT', date: '2026-11-19' };
const mebibyte = 1024 * 1024;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('a line of 64 MiB, a BOM, lone surrogates, NUL and an object without an end come back byte for byte', async () => {
  const texts = ['\ufeff{"a":1}\r\n', '\n\n{}\n', '{"__proto__":{"a":1},"a":-0,"a":1e400}', '\u2028\u0000\n', ''];
  const raw = new Map<string, Uint8Array>([
    ['long.json', new Uint8Array(64 * mebibyte).fill(0x61)],
    ['surrogate.json', Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22, 0x0a)],
    ...texts.map((text, i) => [`${i}.json`, new TextEncoder().encode(text)] as const),
  ]);
  const clock = { nowMs: Date.parse('2026-11-19T12:00:00Z') };
  const store = createMemoryStore({ clock: () => clock.nowMs });
  for (const [name, bytes] of raw) await store.put(`${rawCellPrefix(cell)}${name}`, bytes);
  clock.nowMs += 3 * 86_400_000;
  const env = { env: 'fuzz', bucketId: 'memory' };
  const { cells } = await runHousecleaning({
    ...{ store, cells: [cell], nowMs: clock.nowMs, writers: 'overwriting', approve: 'first-run', env },
  });
  expect(cells).toMatchObject([{ state: 'archived', deletedSources: raw.size, problem: null }]);
  const into = createMemoryStore();
  expect(await restoreRaw(store, cell, { into })).toMatchObject({ restored: raw.size });
  for (const [name, bytes] of raw) {
    const back = await (await into.get(`${rawCellPrefix(cell)}${name}`))!.bytes();
    expect(sha256(back), name).toBe(sha256(bytes));
  }
});
