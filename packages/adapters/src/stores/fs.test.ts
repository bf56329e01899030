import { utimesSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeObjectStore } from '@tapekit/housecleaning/testing';
import { withFileLock } from '../internal/file-lock.ts';
import { createFsStore } from './fs.ts';

let folder: string;
let count = 0;
const freshRoot = () => join(folder, `store-${++count}`);
const bytes = (text: string) => new TextEncoder().encode(text);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tapekit-fs-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describeObjectStore(
  'fs store',
  () => createFsStore({ root: freshRoot() }),
  { describe, test },
  { streamBytes: 1024 ** 2 },
);

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

  test('breaks a lock whose owner is dead, sweeps its claim and old temporary files', async () => {
    const root = freshRoot();
    const locks = join(root, '.tapekit-meta/lock');
    await createFsStore({ root }).put('k', bytes('one'));
    const [claim] = await readdir(locks);
    // The same process number with another start: the process that had it is gone.
    const dead = { ...(JSON.parse(await readFile(join(locks, claim!), 'utf8')) as object), started: 'gone before' };
    for (const name of ['claim-of-the-dead', await lockName('k'), `${await lockName('k')}-${crypto.randomUUID()}`]) {
      await writeFile(join(locks, name), JSON.stringify(dead));
    }
    await writeFile(join(root, '.tapekit-meta/tmp/old'), 'left over');
    await utimes(join(root, '.tapekit-meta/tmp/old'), 1, 1);
    await createFsStore({ root }).put('k', bytes('two'));
    expect(await readdir(join(root, '.tapekit-meta/tmp'))).toEqual([]);
    expect(await readdir(locks)).toEqual([claim]);
    expect(await readFile(join(root, 'k'), 'utf8')).toBe('two');
  });

  test('leaves a lock that is held alone, however old the process that holds it', async () => {
    const root = freshRoot();
    const locks = join(root, '.tapekit-meta/lock');
    await createFsStore({ root }).put('k', bytes('one'));
    await withFileLock(locks, await lockName('k'), async () => {
      // The lock is another name of the claim, which is as old as its process.
      for (const name of await readdir(locks)) await utimes(join(locks, name), 1, 1);
      const before = await readdir(locks);
      expect(before).toHaveLength(2);
      await createFsStore({ root }).head('k');
      expect(await readdir(locks)).toEqual(before);
    });
  });

  test('keeps claims whose owner cannot be looked up from here', async () => {
    const root = freshRoot();
    const locks = join(root, '.tapekit-meta/lock');
    await mkdir(locks, { recursive: true });
    await writeFile(join(locks, 'claim-elsewhere'), foreignOwner);
    await utimes(join(locks, 'claim-elsewhere'), 1, 1);
    await createFsStore({ root }).list();
    expect(await readdir(locks)).toEqual(['claim-elsewhere']);
  });

  test('breaks the lock of another machine only after it was silent for a minute of waiting', async () => {
    for (const [steps, silent] of [
      [[0, 30_000, 60_000, 60_001], true],
      [[0, 30_000, 60_000, 90_000, 90_001], false],
    ] as const) {
      const locks = freshRoot();
      await mkdir(locks, { recursive: true });
      await writeFile(join(locks, 'lock'), foreignOwner);
      await utimes(join(locks, 'lock'), 1, 1);
      let asked = 0;
      const clock = (): number => {
        // The other machine gives a sign of life while it is waited for.
        if (!silent && asked === 2) utimesSync(join(locks, 'lock'), 2, 2);
        return steps[asked++] ?? 1_000_000;
      };
      await withFileLock(locks, 'lock', async () => undefined, { monotonicMs: clock });
      expect(asked).toBe(silent ? 4 : 6);
    }
  });

  test('fails as unavailable, naming the owner, when a process that exists holds a lock and is silent for a minute', async () => {
    const locks = freshRoot();
    await mkdir(locks, { recursive: true });
    await withFileLock(locks, 'first', async () => {
      const [claim] = (await readdir(locks)).filter((name) => name.startsWith('claim-'));
      // This process itself, as one that was stopped: no touch comes while its clock jumps.
      await writeFile(join(locks, 'lock'), await readFile(join(locks, claim!)));
    });
    const steps = [0, 60_000, 60_001];
    let asked = 0;
    let worked = false;
    const waiting = withFileLock(locks, 'lock', async () => void (worked = true), {
      subject: 'raw_tns/X',
      monotonicMs: () => steps[asked++] ?? 0,
    });
    await expect(waiting).rejects.toMatchObject({ name: 'ObjectStoreError', code: 'unavailable', key: 'raw_tns/X' });
    await expect(waiting).rejects.toThrow(`"raw_tns/X" is locked by process ${process.pid} on host "${hostname()}"`);
    expect([asked, worked]).toEqual([3, false]);
    expect(await readdir(locks)).toContain('lock');
  });

  test('a signal ends the wait for a lock, of a put and of a delete', async () => {
    const root = freshRoot();
    const store = createFsStore({ root });
    await store.put('k', bytes('one'));
    const locks = join(root, '.tapekit-meta/lock');
    await withFileLock(locks, await lockName('k'), async () => {
      for (const work of ['put', 'delete'] as const) {
        const given = new AbortController();
        const { signal } = given;
        const waiting =
          work === 'put' ? store.put('k', bytes('two'), { signal }) : store.delete([{ key: 'k' }], { signal });
        setImmediate(() => given.abort(new Error('stopped')));
        await expect(waiting).rejects.toThrow('stopped');
      }
    });
    expect(await readFile(join(root, 'k'), 'utf8')).toBe('one');
    expect(await readdir(join(root, '.tapekit-meta/tmp'))).toEqual([]);
  });

  test('reading writes nothing, in a folder of others and in one that is not there', async () => {
    const root = freshRoot();
    const missing = createFsStore({ root });
    expect([await missing.head('k'), await missing.get('k'), (await missing.list()).objects]).toEqual([
      undefined,
      undefined,
      [],
    ]);
    await mkdir(join(root, 'a'), { recursive: true });
    await writeFile(join(root, 'a', 'k'), 'x');
    // The same store sees what came meanwhile.
    expect((await missing.head('a/k'))?.size).toBe(1);
    expect((await missing.list()).objects.map(({ key }) => key)).toEqual(['a/k']);
    expect(await (await missing.get('a/k'))?.bytes()).toEqual(bytes('x'));
    expect(await readdir(root)).toEqual(['a']);
  });

  test('keeps the metadata of the visible object when writes of its key are killed', async () => {
    const root = freshRoot();
    await createFsStore({ root }).put('k', bytes('x'), { metadata: { write: '1' } });
    const info = await createFsStore({ root }).put('k', bytes('x'), { metadata: { write: '2' } });
    // Each dies when its card is written and its file not yet visible; the first has the bytes of the visible object.
    for (const text of ['x', 'y']) await killedPut(root, 'k', text);
    expect(await createFsStore({ root }).head('k')).toEqual(info);
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

  test('leaves no temporary file behind a stream that breaks or is given up', async () => {
    const root = freshRoot();
    const store = createFsStore({ root });
    const body = (stop: () => void): ReadableStream<Uint8Array> => {
      let pulls = 0;
      return new ReadableStream(
        {
          pull(controller) {
            if (pulls++ === 0) {
              controller.enqueue(bytes('some'));
              return;
            }
            stop();
            return new Promise<void>(() => undefined);
          },
        },
        { highWaterMark: 0 },
      );
    };
    const given = new AbortController();
    const put = store.put(
      'k',
      body(() => given.abort(new Error('given up'))),
      { signal: given.signal },
    );
    await expect(put).rejects.toThrow('given up');
    const broken = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error('broke')) });
    await expect(store.put('k', broken)).rejects.toThrow('broke');
    expect(await readdir(join(root, '.tapekit-meta/tmp'))).toEqual([]);
    expect((await store.list()).objects).toEqual([]);
  });

  test('refuses a cursor of another store', async () => {
    await expect(createFsStore({ root: freshRoot() }).list({ cursor: '' })).rejects.toMatchObject({
      code: 'bad-cursor',
    });
  });
});

/** What a lock of another machine holds. */
const foreignOwner = JSON.stringify({ pid: 1, place: 'another machine', started: '1' });

/** The name of the lock of a key: the first 32 hex characters of its SHA-256. */
async function lockName(key: string): Promise<string> {
  return (await sha256(key)).slice(0, 32);
}

/** A put whose file vanishes before it can become visible, as if its process had been killed just then. */
async function killedPut(root: string, key: string, text: string): Promise<void> {
  const folder = join(root, '.tapekit-meta/tmp');
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        controller.enqueue(bytes(text));
        for (const name of await readdir(folder)) await rm(join(folder, name));
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  const put = createFsStore({ root }).put(key, body, { metadata: { write: `killed ${text}` } });
  await expect(put).rejects.toMatchObject({ code: 'ENOENT' });
}

async function sha256(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
