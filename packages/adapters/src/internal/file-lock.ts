import { randomUUID } from 'node:crypto';
import { link, readFile, readlink, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A lock that nobody can judge is taken for abandoned after this; holders need milliseconds. */
const abandonedAfterMs = 60_000;

interface Owner {
  readonly pid: number;
  /** Same kernel, same process numbers: only then does a missing process prove anything. */
  readonly place: string;
  readonly started: string;
}

let self: Promise<Owner> | undefined;

/** One finished file per folder and process; a lock is another name of it. */
const claims = new Map<string, Promise<string>>();

/**
 * Runs `work` while holding a lock file, across processes. A lock whose owner was killed is broken: the owner's process
 * number, start time and boot are in it.
 */
export async function withFileLock<T>(folder: string, name: string, work: () => Promise<T>): Promise<T> {
  const path = join(folder, name);
  for (let wait = 1; ; wait = Math.min(wait * 2, 50)) {
    try {
      await link(await claimIn(folder), path);
      break;
    } catch (error) {
      // Somebody swept the claim away: make another one.
      if (hasCode(error, 'ENOENT')) claims.delete(folder);
      else if (!hasCode(error, 'EEXIST')) throw error;
    }
    if (!(await breakIfAbandoned(path))) await delay(wait * (0.5 + Math.random()));
  }
  try {
    return await work();
  } finally {
    await unlink(path).catch(ignore('ENOENT'));
  }
}

/** The claim is complete before it gets the lock's name: nobody ever reads half an owner. */
function claimIn(folder: string): Promise<string> {
  let claim = claims.get(folder);
  if (claim === undefined) {
    claim = writeClaim(folder);
    claims.set(folder, claim);
    claim.catch(() => claims.delete(folder));
  }
  return claim;
}

async function writeClaim(folder: string): Promise<string> {
  const path = join(folder, `claim-${randomUUID()}`);
  await writeFile(path, JSON.stringify(await (self ??= describeSelf())), { flag: 'wx' });
  return path;
}

/** True for a system error with this code. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** A rejection handler that lets errors with these codes pass as `undefined`. */
export function ignore(...codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    if (hasCode(error, ...codes)) return undefined;
    throw error;
  };
}

async function breakIfAbandoned(path: string): Promise<boolean> {
  const seen = await stat(path, { bigint: true }).catch(ignore('ENOENT'));
  const text = seen && (await readFile(path, 'utf8').catch(ignore('ENOENT')));
  if (seen === undefined || text === undefined) return true;
  if (!(await isAbandoned(text, Number(seen.ctimeMs)))) return false;
  // Exactly one process moves this very file away; if it turns out to be a younger one, it is put back.
  const moved = `${path}-${randomUUID()}`;
  if ((await rename(path, moved).then(() => true, ignore('ENOENT'))) === undefined) return true;
  const taken = await stat(moved, { bigint: true });
  if (taken.ino !== seen.ino || taken.mtimeNs !== seen.mtimeNs) await link(moved, path).catch(ignore('EEXIST'));
  await unlink(moved);
  return true;
}

async function isAbandoned(text: string, heldSinceMs: number): Promise<boolean> {
  const old = Date.now() - heldSinceMs > abandonedAfterMs;
  let owner: Owner;
  try {
    owner = JSON.parse(text) as Owner;
  } catch {
    return old;
  }
  const { place } = await (self ??= describeSelf());
  if (owner.place !== place) return old;
  return (await startOf(owner.pid)) !== owner.started;
}

async function describeSelf(): Promise<Owner> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  const numbering = await readlink('/proc/self/ns/pid').catch(() => '');
  return {
    pid: process.pid,
    place: [hostname(), boot.trim(), numbering].join(' '),
    started: await startOf(process.pid),
  };
}

/** When a process started, in the kernel's words; `gone` for a process that does not exist. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // Fields after the command, which may hold spaces and brackets itself; the 22nd of all is the start time.
  if (stat !== undefined) {
    const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X' ? 'gone' : (rest[18] ?? '');
  }
  try {
    process.kill(pid, 0);
    return 'alive';
  } catch (error) {
    return hasCode(error, 'EPERM') ? 'alive' : 'gone';
  }
}
