import { cp, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { archiveKey, envKey, rawCellPrefix } from '@tapekit/housecleaning/keys';
import type { SanityReport } from '@tapekit/housecleaning/housecleaning';
import { describe, expect, test } from 'vitest';
import { at, cell, cli, freshPath, run, storeOf } from './internal/cli/ground.fixture.ts';
import { createFsStore } from './stores/fs.ts';

const name = `${cell.symbol}/${cell.date}`;

/** A store that was cleaned once. */
async function cleaned(): Promise<string> {
  const root = await storeOf();
  expect((await run(root, '--approve', 'first-run')).code).toBe(0);
  return root;
}

describe('a store of another environment', () => {
  test.each([
    ['report'],
    ['verify'],
    ['read', name],
    ['restore', name],
    ['restore', name, '--check'],
    ['export', name, '--to', '/nowhere/x.parquet'],
    ['resolve', name, '--accept-live', '--by', 'ana'],
    ['explain', name],
    ['plan'],
  ])('is refused by "%s"', async (...command) => {
    const root = await cleaned();
    const { code, text } = await cli(...command, '--store', root, '--env', 'staging');
    expect([code, text]).toEqual([3, expect.stringContaining(envKey) as string]);
    expect((await createFsStore({ root }).list({ prefix: 'raw_tns/' })).objects).toEqual([]);
  });

  test('is so by its bucket alone, and by what the configuration says', async () => {
    const root = await cleaned();
    expect((await cli('verify', '--store', root, '--bucket-id', 'other')).code).toBe(3);
    const config = freshPath();
    await writeFile(config, JSON.stringify({ store: root, env: 'staging' }));
    const { code, text } = await cli('restore', name, '--config', config);
    expect([code, text]).toEqual([
      3,
      expect.stringMatching(
        /"housecleaning\/v1\/env\.json" says \{.*"env":"test".*\}, expected env "staging"\. Nothing was done\./,
      ),
    ]);
  });

  test('keeps the report of its own last run when a wrong one is halted', async () => {
    const root = await cleaned();
    expect((await cli('run', ...at(root, 'staging'))).code).toBe(3);
    expect(await cli('report', '--store', root, '--env', 'test')).toMatchObject({
      code: 0,
      text: expect.stringContaining('Outcome: ok') as string,
    });
  });

  test('is none where it is the right one, under another folder name too, nor where nothing is stamped', async () => {
    const root = await cleaned();
    const copy = freshPath();
    await cp(root, copy, { recursive: true });
    expect((await cli('verify', '--store', copy, '--env', 'test')).code).toBe(0);
    await createFsStore({ root: copy }).delete([{ key: envKey }]);
    expect((await cli('read', name, '--store', copy, '--env', 'test')).text).toContain('{"p":"10.1"}\n');
  });
});

describe('what no run touches', () => {
  test('is counted and named by plan, run, report and explain, from one thread and from several', async () => {
    const root = await storeOf();
    const tape = createFsStore({ root });
    for (const symbol of ['BETA', 'GAMMA']) await tape.put(`raw_tns/${symbol}/${cell.date}/1`, new Uint8Array(1));
    await tape.put('raw_tns/beta/2024-08-08/1', new Uint8Array(1));
    await symlink('elsewhere', join(root, rawCellPrefix(cell), 'link'));
    await writeFile(join(root, rawCellPrefix(cell), 'b\nc'), 'x');
    const told = [
      'Below raw_tns/ no run archives or deletes 1 objects under no key of a symbol and day that has begun, and 2 entries that are no objects:',
      String.raw`  - "raw_tns/ALPHA/2024-08-08/b\nc" (a name that is no key)`,
      '  - "raw_tns/ALPHA/2024-08-08/link" (a symbolic link, which is not followed)',
      '  - "raw_tns/beta/2024-08-08/1"',
    ].join('\n');
    expect((await cli('plan', ...at(root))).text).toContain(told);
    const explained = await cli('explain', name, ...at(root));
    expect(explained.text).toContain('  2 entries are no objects, and stay: "raw_tns/ALPHA/');
    expect(await run(root, '--approve', 'first-run', '--threads', '2')).toMatchObject({
      code: 0,
      text: expect.stringContaining(told) as string,
    });
    expect((await cli('report', '--store', root)).text).toContain(told);
    const again = await run(root, '--json');
    expect([again.code, (JSON.parse(again.text) as SanityReport).safety]).toMatchObject([
      0,
      { foreignKeys: 1, strays: 2, foreign: { length: 3 } },
    ]);
  });

  test('is named up to ten, and the rest counted', async () => {
    const root = await storeOf();
    const store = createFsStore({ root });
    for (let i = 0; i < 12; i++) await store.put(`raw_tns/beta/x/${i}`, new Uint8Array(1));
    const { text } = await cli('plan', ...at(root));
    expect(text.split('\n').filter((line) => line.startsWith('  - '))).toHaveLength(10);
    expect(text).toContain('  … and 2 more\n');
  });
});

describe('a folder that was copied', () => {
  test('heals an archive that was damaged in the copy, and keeps what lay there', async () => {
    const root = await cleaned();
    const copy = freshPath();
    await cp(root, copy, { recursive: true });
    const path = join(copy, archiveKey(cell));
    const bytes = await readFile(path);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(path, bytes);
    await utimes(path, 1, 1);
    expect((await cli('explain', name, ...at(copy), '--bucket-id', bucketOf(root))).text).toContain(
      'Next: a run replaces it',
    );
    const healed = await run(copy, name, '--bucket-id', bucketOf(root));
    expect(healed.code).toBe(0);
    expect(healed.text).toMatch(
      /! Healed: .* What lay there is kept as "housecleaning\/v1\/quarantine\/ALPHA\/2024-08-08\.[0-9a-f]{16}\.damaged"\./,
    );
    expect((await cli('verify', '--store', copy)).code).toBe(0);
  });
});

describe('resolve', () => {
  test('of a cell that is not in quarantine fails: the command line was right', async () => {
    const root = await cleaned();
    const { code, text } = await cli('resolve', name, '--store', root, '--accept-live', '--by', 'ana');
    expect([code, text]).toEqual([1, expect.stringContaining('is not in quarantine') as string]);
    expect(text).not.toContain('--help');
  });
});

describe('explain', () => {
  test('ends with 5 where a run would: an archived key was written again', async () => {
    const root = await storeOf();
    const store = createFsStore({ root });
    // Of another writer, whose keys say nothing of their bytes.
    const key = `${rawCellPrefix(cell)}1.json`;
    await store.put(key, new TextEncoder().encode('{"p":"8"}\n'));
    await run(root, '--approve', 'first-run');
    await store.put(key, new TextEncoder().encode('{"p":"9"}\n'));
    const other = { code: 5, text: expect.stringContaining('conflict') as string };
    expect(await run(root)).toMatchObject(other);
    expect(await run(root)).toMatchObject(other);
    expect(await cli('explain', name, ...at(root))).toMatchObject(other);
  });
});

function bucketOf(root: string): string {
  return root.split('/').at(-1)!;
}
