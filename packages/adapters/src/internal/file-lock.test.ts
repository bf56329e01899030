import type * as promises from 'node:fs/promises';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { withFileLock } from './file-lock.ts';

/** How many reads of what the kernel says fail next. */
const short = vi.hoisted(() => ({ left: 0 }));
vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof promises>();
  const fails = <Name extends 'readFile' | 'readlink'>(name: Name): (typeof real)[Name] =>
    (async (path: unknown, ...rest: readonly never[]) => {
      if (String(path).startsWith('/proc/') && short.left > 0) {
        short.left -= 1;
        throw Object.assign(new Error(`EMFILE: too many open files, open '${path}'`), { code: 'EMFILE' });
      }
      return (real[name] as (path: unknown, ...rest: readonly never[]) => unknown)(path, ...rest);
    }) as never;
  return { ...real, readFile: fails('readFile'), readlink: fails('readlink') };
});

const folder = await mkdtemp(join(tmpdir(), 'tapekit-lock-'));
afterAll(() => rm(folder, { recursive: true }));

// Elsewhere than on Linux a process is looked for by its number, which takes no descriptor.
test.skipIf(process.platform !== 'linux')(
  'nobody is taken for dead by who has no descriptor left to look, and nothing that was found out so is kept',
  async () => {
    short.left = 1;
    const refused = { code: 'EMFILE' };
    await expect(withFileLock(folder, 'a', async () => 'done')).rejects.toMatchObject(refused);
    expect(await withFileLock(folder, 'a', async () => 'done')).toBe('done');

    let inside = 0;
    await withFileLock(folder, 'a', async () => {
      inside += 1;
      short.left = 1;
      const second = withFileLock(folder, 'a', async () => {
        inside += 1;
      });
      await expect(second).rejects.toMatchObject(refused);
      expect(inside).toBe(1);
      expect(await readdir(folder)).toContain('a');
    });
    expect(await withFileLock(folder, 'a', async () => 'done')).toBe('done');
  },
);
