import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FolderInUseError, lockFolder } from './folder-lock.ts';

describe('lockFolder', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tapekit-lock-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  test('refuses a folder that a live process holds, and says what to do', async () => {
    const release = await lockFolder(dir);
    await expect(lockFolder(dir)).rejects.toThrow(FolderInUseError);
    await expect(lockFolder(dir)).rejects.toThrow(
      `"${dir}" is in use by process ${process.pid}. Stop it, or give this run another folder with --out.`,
    );
    await release();
  });

  test('gives the folder back', async () => {
    await (
      await lockFolder(dir)
    )();
    expect(await readdir(dir)).toEqual([]);
    await (
      await lockFolder(dir)
    )();
  });

  test.each(['999999999 12345', `${process.pid} 1`, 'garbage', ''])(
    'takes over a lock that no live process holds: "%s"',
    async (holder) => {
      await writeFile(join(dir, 'running.lock'), holder);
      const release = await lockFolder(dir);
      await release();
    },
  );
});
