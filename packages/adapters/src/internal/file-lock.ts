import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, readlink, rename, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ObjectStoreError } from '@tapekit/housecleaning/errors';
import { unlessShort } from './unless-short.ts';

/**
 * Nobody waits longer than this for an owner without a sign of life, by the waiter's own clock: times of files say nothing,
 * a lock is another name of a file as old as its process. A lock of another machine or container is then taken for
 * abandoned. An owner that exists here and is silent was stopped, and may go on where it stood: its lock is never broken.
 */
const silentForMs = 60_000;
/** While a lock is held its file is touched this often. */
const signOfLifeMs = 5_000;

interface Owner {
  readonly pid: number;
  /** Same kernel, same process numbers: only then does a missing process prove anything. */
  readonly place: string;
  readonly started: string;
}

/** What a waiter saw last of a lock, and since when. */
interface Watch {
  sign: string;
  sinceMs: number;
}

/** A lock's name with the random part that breaking it adds. */
const movedPattern = /-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let self: Promise<Owner> | undefined;

/** One finished file per folder and process; a lock is another name of it. */
const claims = new Map<string, Promise<string>>();

/** How long to wait for a lock, and for what. */
export interface FileLockOptions {
  /** What the lock is for, in the words of the caller: the key of an error. */
  readonly subject?: string;
  /** Ends the wait; not `work`. */
  readonly signal?: AbortSignal | undefined;
  /** Measures how long an owner is silent. */
  readonly monotonicMs?: () => number;
}

/**
 * Runs `work` while holding a lock file, across processes. A lock whose owner was killed is broken: the owner's process
 * number, start time and boot are in it.
 *
 * @throws ObjectStoreError `unavailable`, naming the owner, if it exists and gave no sign of life for a minute; the reason
 *   of an abort
 */
export async function withFileLock<T>(
  folder: string,
  name: string,
  work: () => Promise<T>,
  { subject = name, signal, monotonicMs = () => performance.now() }: FileLockOptions = {},
): Promise<T> {
  const path = join(folder, name);
  const watch: Watch = { sign: '', sinceMs: 0 };
  for (let wait = 1; ; wait = Math.min(wait * 2, 50)) {
    signal?.throwIfAborted();
    try {
      await link(await claimIn(folder), path);
      break;
    } catch (error) {
      // Somebody swept the claim away: make another one.
      if (hasCode(error, 'ENOENT')) claims.delete(folder);
      else if (!hasCode(error, 'EEXIST')) throw error;
    }
    const found = await breakIfAbandoned(path, watch, monotonicMs);
    if (found === 'free') continue;
    if (found !== 'held') throw heldBySilent(subject, found);
    await delay(wait * (0.5 + Math.random()));
  }
  const touch = (): void => void utimes(path, new Date(), new Date()).catch(() => undefined);
  const alive = setInterval(touch, signOfLifeMs);
  alive.unref();
  try {
    return await work();
  } finally {
    clearInterval(alive);
    await unlink(path).catch(ignore('ENOENT'));
  }
}

/**
 * Removes what processes that are proven dead left in a folder of locks: their claims, and locks that were being broken
 * when the breaker died. A lock that is still in its place is left to whoever wants it next.
 */
export async function sweepClaims(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const isClaim = name.startsWith('claim-');
    if (!isClaim && !movedPattern.test(name)) continue;
    const path = join(folder, name);
    const text = await readFile(path, 'utf8').catch(ignore('ENOENT'));
    if (text !== undefined && (await judge(text)) === 'dead') await unlink(path).catch(ignore('ENOENT'));
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
  await writeFile(path, JSON.stringify(await thisOwner()), { flag: 'wx' });
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

function heldBySilent(subject: string, { pid, place }: Owner): ObjectStoreError {
  const message =
    `"${subject}" is locked by process ${pid} on host "${place.split(' ')[0]!}", which exists and gave no sign of life for ` +
    `${silentForMs / 1_000} seconds: it was stopped or hangs. Continue it (SIGCONT) or end it (SIGKILL), then try again.`;
  return new ObjectStoreError('unavailable', subject, message);
}

/** Breaks the lock of an owner that is gone; tells whether the lock is free, or held, or by whom that is silent for long. */
async function breakIfAbandoned(
  path: string,
  watch: Watch,
  monotonicMs: () => number,
): Promise<'free' | 'held' | Owner> {
  const seen = await stat(path, { bigint: true }).catch(ignore('ENOENT'));
  const text = seen && (await readFile(path, 'utf8').catch(ignore('ENOENT')));
  if (seen === undefined || text === undefined) return 'free';
  const verdict = await judge(text);
  if (verdict !== 'dead') {
    const sign = `${seen.ino} ${seen.mtimeNs} ${seen.ctimeNs}`;
    const nowMs = monotonicMs();
    if (watch.sign !== sign) Object.assign(watch, { sign, sinceMs: nowMs });
    if (nowMs - watch.sinceMs <= silentForMs) return 'held';
    if (verdict === 'alive') return JSON.parse(text) as Owner;
  }
  // Exactly one process moves this very file away; if it turns out to be a younger one, it is put back.
  const moved = `${path}-${randomUUID()}`;
  if ((await rename(path, moved).then(() => true, ignore('ENOENT'))) === undefined) return 'free';
  const taken = await stat(moved, { bigint: true }).catch(ignore('ENOENT'));
  if (taken && (taken.ino !== seen.ino || taken.mtimeNs !== seen.mtimeNs)) {
    await link(moved, path).catch(ignore('EEXIST', 'ENOENT'));
  }
  await unlink(moved).catch(ignore('ENOENT'));
  return 'free';
}

/** Only the kernel under which an owner runs can tell that it is dead. */
async function judge(text: string): Promise<'alive' | 'dead' | 'unknown'> {
  let owner: Owner;
  try {
    owner = JSON.parse(text) as Owner;
  } catch {
    return 'unknown';
  }
  const { place } = await thisOwner();
  if (owner.place !== place) return 'unknown';
  return (await startOf(owner.pid)) === owner.started ? 'alive' : 'dead';
}

/** This process, found out once. */
async function thisOwner(): Promise<Owner> {
  self ??= describeSelf();
  try {
    return await self;
  } catch (error) {
    self = undefined;
    throw error;
  }
}

async function describeSelf(): Promise<Owner> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(unlessShort);
  const numbering = await readlink('/proc/self/ns/pid').catch(unlessShort);
  return {
    pid: process.pid,
    place: [hostname(), boot?.trim() ?? '', numbering ?? ''].join(' '),
    started: await startOf(process.pid),
  };
}

/** When a process started, in the kernel's words; `gone` for a process that does not exist. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(unlessShort);
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
