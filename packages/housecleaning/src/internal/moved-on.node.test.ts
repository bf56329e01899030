import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFsStore } from '@tapekit/adapters/stores/fs';
import { afterEach, expect, test } from 'vitest';
import { runHousecleaning, type HousecleaningOptions } from '../housecleaning.ts';
import { archiveKey, formatRawKey } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { readArchive } from '../restore.ts';
import { sha256Hex } from './sha256.ts';
import { toUtf8 } from './utf8.ts';
import { cell, dueMs, env } from './world.fixture.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Later than everything that the test puts: a folder tells the time of the machine. */
const optionsOf = (store: ObjectStore): HousecleaningOptions => ({
  ...{ store, env, cells: [cell], writers: 'write-once', approve: 'first-run' },
  ...{ nowMs: dueMs, clockToleranceMs: Number.MAX_SAFE_INTEGER, graceMs: 0, minAgeMs: 0, allowImmediate: true },
});

/** A folder with an archive of record 0, and record 1 beside it. */
async function createLate(): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), 'tapekit-moved-'));
  folders.push(root);
  const store = createFsStore({ root });
  for (const seq of [0, 1]) {
    const bytes = toUtf8(`{"seq":${seq}}\n`);
    await store.put(formatRawKey({ ...cell, firstSeq: seq, lastSeq: seq, sha256: await sha256Hex(bytes) }), bytes);
    if (seq === 0) await runHousecleaning(optionsOf(store));
  }
  return root;
}

/** A folder opens an archive when its body is read: whatever was published since `get` is found out only then. */
test('a cell starts over where a peer publishes between any read of its archive and the bytes', async () => {
  let reads = 0;
  for (let at = 1; at <= Math.max(1, reads); at++) {
    const root = await createLate();
    const store = createFsStore({ root });
    const peer = createFsStore({ root });
    let gets = 0;
    let overtaken: string | undefined;
    const report = await runHousecleaning({
      ...optionsOf({
        ...store,
        async get(key, options) {
          const object = await store.get(key, options);
          if (key === archiveKey(cell) && ++gets === at)
            overtaken = (await runHousecleaning(optionsOf(peer))).run.outcome;
          return object;
        },
      }),
    });
    reads = Math.max(reads, gets);
    expect([at, overtaken, report.run.outcome, report.cells]).toMatchObject([
      at,
      'ok',
      'ok',
      [{ state: 'archived', generation: 2, lines: 2, problem: null }],
    ]);
    const lines: string[] = [];
    for await (const line of readArchive(store, cell)) lines.push(line);
    expect(lines).toEqual(['{"seq":0}', '{"seq":1}']);
  }
  expect(reads).toBeGreaterThanOrEqual(3);
});
