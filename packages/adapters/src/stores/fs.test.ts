import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeObjectStore } from '@tapekit/housecleaning/testing';
import { createFsStore } from './fs.ts';

let folder: string;
let count = 0;
const freshRoot = () => join(folder, `store-${++count}`);
const bytes = (text: string) => new TextEncoder().encode(text);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tapekit-fs-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describeObjectStore('fs store', () => createFsStore({ root: freshRoot() }), { describe, test });

describe('fs store', () => {
  test('keeps data and metadata for the next process', async () => {
    const root = freshRoot();
    const info = await createFsStore({ root }).put('a/b', bytes('x'), { metadata: { m: '1' } });
    expect(await createFsStore({ root }).head('a/b')).toEqual(info);
  });

  test('stores an object as a plain file under its key', async () => {
    const root = freshRoot();
    await createFsStore({ root }).put('raw_tns/BTC/1.jsonl', bytes('x\n'));
    expect(await readFile(join(root, 'raw_tns/BTC/1.jsonl'), 'utf8')).toBe('x\n');
  });

  test('keeps etag and metadata of a copied tree, whose files have other identities', async () => {
    const root = freshRoot();
    const info = await createFsStore({ root }).put('a/b', bytes('x'), { metadata: { m: '1' } });
    const copy = freshRoot();
    await cp(root, copy, { recursive: true });
    const head = await createFsStore({ root: copy }).head('a/b');
    expect(head).toMatchObject({ etag: info.etag, metadata: { m: '1' } });
  });

  test('never judges a lock by its age: one that is held may be as old as its process', async () => {
    const root = freshRoot();
    await createFsStore({ root }).put('k', bytes('x'));
    const lock = join(root, '.tapekit-meta', 'lock', 'held');
    await writeFile(lock, 'a lock');
    await utimes(lock, 1, 1);
    await createFsStore({ root }).put('other', bytes('y'));
    expect(await readFile(lock, 'utf8')).toBe('a lock');
  });

  test('opens when what was in the way is gone', async () => {
    const root = freshRoot();
    await writeFile(root, 'a file where the folder should be');
    const store = createFsStore({ root });
    await expect(store.head('k')).rejects.toThrow();
    await rm(root);
    expect(await store.head('k')).toBeUndefined();
  });

  test('tells a file that was changed behind its back by its bytes', async () => {
    const root = freshRoot();
    const store = createFsStore({ root });
    const info = await store.put('k', bytes('one'), { metadata: { m: '1' } });
    await writeFile(join(root, 'k'), 'two');
    await utimes(join(root, 'k'), 1, 1);
    const head = await store.head('k');
    expect(head?.etag).not.toBe(info.etag);
    expect(head?.metadata).toEqual({});
    expect(await store.delete([{ key: 'k', etag: info.etag }])).toEqual([{ key: 'k', outcome: 'changed' }]);
    expect(await readFile(join(root, 'k'), 'utf8')).toBe('two');
  });

  test('removes folders that a delete emptied and nothing else', async () => {
    const root = freshRoot();
    const store = createFsStore({ root });
    await store.put('a/b/c', bytes('x'));
    await store.put('a/d', bytes('x'));
    await store.delete([{ key: 'a/b/c' }]);
    expect(await readdir(join(root, 'a'))).toEqual(['d']);
    await store.delete([{ key: 'a/d' }]);
    expect(await readdir(root)).toEqual(['.tapekit-meta']);
  });

  test('undoes a delete that was killed between taking the file away and removing it', async () => {
    const root = freshRoot();
    const info = await createFsStore({ root }).put('a/b', bytes('x'), { metadata: { m: '1' } });
    const taken = join(root, '.tapekit-meta/trash/dead/a');
    await mkdir(taken, { recursive: true });
    await rename(join(root, 'a/b'), join(taken, 'b'));
    const store = createFsStore({ root });
    expect(await store.head('a/b')).toEqual(info);
    expect(await readdir(join(root, '.tapekit-meta/trash'))).toEqual([]);
  });

  test('breaks a lock whose owner is dead and sweeps old temporary files', async () => {
    const root = freshRoot();
    const store = createFsStore({ root });
    await store.put('k', bytes('one'));
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
    // The name of the lock of "k": the first 32 hex characters of its SHA-256.
    const name = (await sha256('k')).slice(0, 32);
    await writeFile(
      join(root, '.tapekit-meta/lock', name),
      JSON.stringify({ pid: 999_999_999, place: boot, started: '1' }),
    );
    await utimes(join(root, '.tapekit-meta/lock', name), 1, 1);
    await writeFile(join(root, '.tapekit-meta/tmp/old'), 'left over');
    await utimes(join(root, '.tapekit-meta/tmp/old'), 1, 1);
    await createFsStore({ root }).put('k', bytes('two'));
    expect(await readdir(join(root, '.tapekit-meta/tmp'))).toEqual([]);
    expect(await readdir(join(root, '.tapekit-meta/lock'))).toEqual([expect.stringMatching(/^claim-/)]);
    expect(await readFile(join(root, 'k'), 'utf8')).toBe('two');
  });

  test('leaves no temporary file behind a refused put', async () => {
    const root = freshRoot();
    const store = createFsStore({ root });
    await store.put('k', bytes('one'));
    await expect(store.put('k', bytes('two'), { ifAbsent: true })).rejects.toMatchObject({
      code: 'precondition-failed',
    });
    await expect(store.put('k', bytes('two'), { sha256: '0'.repeat(64) })).rejects.toMatchObject({
      code: 'checksum-mismatch',
    });
    expect(await readdir(join(root, '.tapekit-meta/tmp'))).toEqual([]);
  });

  test('refuses keys of its own folder, through links that lead out, and beside an object of the same name', async () => {
    const root = freshRoot();
    const store = createFsStore({ root });
    await store.put('a', bytes('x'));
    await store.put('b/c', bytes('x'));
    const outside = freshRoot();
    await mkdir(outside, { recursive: true });
    await symlink(outside, join(root, 'out'));
    const badKey = { code: 'bad-key' };
    await expect(store.put('.tapekit-meta/x', bytes('x'))).rejects.toMatchObject(badKey);
    await expect(store.put('out/x', bytes('x'))).rejects.toMatchObject(badKey);
    await expect(store.get('out/x')).rejects.toMatchObject(badKey);
    await expect(store.put('a/b', bytes('x'))).rejects.toMatchObject(badKey);
    await expect(store.put('b', bytes('x'))).rejects.toMatchObject(badKey);
    await expect(store.put('b', bytes('x'), { ifAbsent: true })).rejects.toMatchObject(badKey);
    await expect(store.put('n'.repeat(300), bytes('x'))).rejects.toMatchObject(badKey);
    expect(await readdir(outside)).toEqual([]);
    expect((await store.list()).objects.map(({ key }) => key)).toEqual(['a', 'b/c']);
  });

  test('refuses a body that is another file by the time it is read', async () => {
    const store = createFsStore({ root: freshRoot() });
    await store.put('k', bytes('one'));
    const object = await store.get('k');
    await store.put('k', bytes('two'));
    await expect(object?.bytes()).rejects.toMatchObject({ code: 'precondition-failed' });
  });

  test('refuses a cursor of another store', async () => {
    await expect(createFsStore({ root: freshRoot() }).list({ cursor: '' })).rejects.toMatchObject({
      code: 'bad-cursor',
    });
  });
});

async function sha256(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
