/** What an earlier start may have left in a data folder: nothing, a dead server, an orphan, or a server in use. */
import { open, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import { AdaptersError } from '../../../errors.ts';
import type { Cluster } from './cluster.ts';
import { isIdentityAlive, isPidAlive, isZombie, processIdentity } from './process-identity.ts';

/** Server setting that carries the identity of the process that owns the server. */
export const ownerSetting = 'tapekit.owner';
/** How often a server's state is looked at while waiting for it. */
export const pollMs = 20;
const fastShutdownMs = 15_000;
/** No kernel hands out this pid, so PostgreSQL sees its holder as dead. */
const impossiblePid = 2_147_483_646;

/** The facts of `postmaster.pid`. */
export interface PidFile {
  readonly pid: number;
  readonly port: number;
  readonly status: string;
}

/** The server that says it runs in `pgdata`; `undefined` without one. */
export async function readPidFile(pgdata: string): Promise<PidFile | undefined> {
  const text = await readFile(join(pgdata, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  return Number.isInteger(pid) && pid > 0
    ? { pid, port: Number(lines[3]), status: (lines[7] ?? '').trim() }
    : undefined;
}

/**
 * Resolves when no server runs in the cluster. An orphan, whose owner is gone, is stopped rather than adopted: options
 * of this start (durability, port, binaries) must hold, and an adopted server could not be watched as a child.
 * @throws {@link AdaptersError} `database-in-use` when its owner lives or it cannot be spoken to.
 */
export async function settlePredecessor(cluster: Cluster, deadlineMs: number): Promise<void> {
  for (;;) {
    const found = await readPidFile(cluster.pgdata);
    if (!found || !isPidAlive(found.pid)) return;
    if (await isForeign(found.pid, cluster.pgdata)) {
      await disownPid(cluster.pgdata, found.pid);
      continue;
    }
    const owner = await askOwner(cluster, found.port);
    if (owner.kind === 'known') {
      if (isIdentityAlive(owner.identity)) throw inUse(cluster, `process ${owner.identity.split(':')[0]} owns it`);
      return stopOrphan(cluster, found.pid);
    }
    if (owner.kind === 'refused' || Date.now() > deadlineMs) throw inUse(cluster, owner.why);
    await delay(pollMs);
  }
}

function inUse({ pgdata }: Cluster, why: string): AdaptersError {
  return new AdaptersError(
    'database-in-use',
    `The database folder "${pgdata}" is in use: ${why}. Stop that process, choose another dataDir, or set DATABASE_URL.`,
    { value: pgdata },
  );
}

/**
 * True when the pid is no server of this folder: reused after a crash by something else (a server's working directory
 * is its data folder), or a killed server that its parent never waited for.
 */
async function isForeign(pid: number, pgdata: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  if (isZombie(pid)) return true;
  try {
    return (await readlink(`/proc/${pid}/cwd`)) !== pgdata;
  } catch (error) {
    // Not ours to look at means another user's process; a server of this folder runs as a user that we may look at.
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}

/**
 * PostgreSQL takes any live pid in its lock file for a server and refuses to start. Only the pid is replaced: the
 * shared memory key stays, by which PostgreSQL itself still notices surviving backends. One process at a time: while
 * the lock is held no server can start here, so the file that is written is the file that was read.
 */
async function disownPid(pgdata: string, pid: number): Promise<void> {
  const lock = join(pgdata, 'tapekit-disown.lock');
  const handle = await open(lock, 'wx').catch(async (error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const holder = await readFile(lock, 'utf8').catch(() => '');
    if (holder !== '' && !isIdentityAlive(holder)) await rm(lock, { force: true });
    return undefined;
  });
  if (!handle) return delay(pollMs);
  try {
    await handle.writeFile(processIdentity(process.pid));
    const path = join(pgdata, 'postmaster.pid');
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text?.startsWith(`${pid}\n`)) await writeFile(path, `${impossiblePid}${text.slice(String(pid).length)}`);
  } finally {
    await handle.close();
    await rm(lock, { force: true });
  }
}

type Owner =
  { readonly kind: 'known'; readonly identity: string } | { readonly kind: 'silent' | 'refused'; readonly why: string };

/** Asks the server itself, with the password of its folder, who owns it. */
async function askOwner({ user, password }: Cluster, port: number): Promise<Owner> {
  const sql = postgres({
    host: '127.0.0.1',
    port,
    user,
    password,
    database: 'postgres',
    ssl: false,
    max: 1,
    connect_timeout: 5,
    fetch_types: false,
    onnotice: () => undefined,
  });
  try {
    const [row] = await sql<{ owner: string | null }[]>`select current_setting(${ownerSetting}, true) as owner`;
    if (row?.owner != null && row.owner !== '') return { kind: 'known', identity: row.owner };
    return { kind: 'refused', why: `a server that was not started by this function answers on port ${port}` };
  } catch (error) {
    const code = String((error as { code?: unknown }).code);
    if (code.startsWith('28'))
      return { kind: 'refused', why: `the server on port ${port} refuses the password of this folder` };
    return { kind: 'silent', why: `its server does not answer on port ${port} (${code})` };
  } finally {
    await sql.end({ timeout: 0 }).catch(() => undefined);
  }
}

/** True when the server answers with the cluster's password. */
export async function answers(cluster: Cluster, port: number): Promise<boolean> {
  return (await askOwner(cluster, port)).kind === 'known';
}

async function stopOrphan(cluster: Cluster, pid: number): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
      throw inUse(cluster, `its server (process ${pid}) may not be stopped by this user`);
    }
    const untilMs = Date.now() + fastShutdownMs;
    while (Date.now() < untilMs) {
      if (!isPidAlive(pid) || (await readPidFile(cluster.pgdata))?.pid !== pid) return;
      await delay(pollMs);
    }
  }
  throw inUse(cluster, `its server (process ${pid}) does not stop`);
}
