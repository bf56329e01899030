// Real processes, a real file system, SIGKILL. scripts/kill-housecleaning.ts does the same in any number.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { archiveDigest, countOperations, prepare, provesSafe } from '../scripts/kill-housecleaning.ts';

const sources = 4;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tapekit-kill-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a process killed at any operation loses nothing, and the next run makes the same archive', async () => {
  const reference = join(folder, 'reference');
  await prepare(reference, sources);
  const operations = await countOperations(reference);
  const expected = await archiveDigest(reference);
  expect(operations).toBeGreaterThan(15);
  for (let at = 0; at < operations; at++) {
    for (const when of ['before', 'after'] as const) {
      expect(await provesSafe(folder, sources, { at, when }, expected)).toBe(true);
    }
  }
});
