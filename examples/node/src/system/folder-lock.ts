/** One running job per results folder: two would interleave its files. */
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder is in use by another live process. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
}

/**
 * Takes the folder until the returned function is called. A lock whose process is gone (killed, machine restarted) is
 * taken over.
 * @throws {@link FolderInUseError}
 */
export async function lockFolder(dir: string): Promise<() => Promise<void>> {
  await mkdir(dir, { recursive: true });
  const lock = join(dir, 'running.lock');
  const claim = `${lock}.${process.pid}.${randomUUID()}`;
  await writeFile(claim, identityOf(process.pid) ?? String(process.pid));
  try {
    // The lock appears with its content, by a link: a reader never sees a lock without a holder.
    for (let attempt = 0; attempt < 5; attempt += 1) {
      if (await linked(claim, lock)) return () => rm(lock, { force: true });
      const holder = await readFile(lock, 'utf8').catch(() => '');
      if (isAlive(holder)) throw inUse(dir, holder);
      await breakLock(lock, holder, dir);
    }
    throw new FolderInUseError(`"${dir}" is being taken by other processes at the same time. Try again.`);
  } finally {
    await rm(claim, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Takes the dead holder's lock away, by a rename so that one process only does; a lock renewed meanwhile is put back. */
async function breakLock(lock: string, deadHolder: string, dir: string): Promise<void> {
  const taken = `${lock}.broken.${randomUUID()}`;
  try {
    await rename(lock, taken);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const holder = await readFile(taken, 'utf8');
  if (holder !== deadHolder && isAlive(holder)) {
    await linked(taken, lock);
    await rm(taken, { force: true });
    throw inUse(dir, holder);
  }
  await rm(taken, { force: true });
}

function isAlive(holder: string): boolean {
  const pid = Number(holder.split(' ')[0]);
  return Number.isSafeInteger(pid) && pid > 0 && identityOf(pid) === holder;
}

function inUse(dir: string, holder: string): FolderInUseError {
  return new FolderInUseError(
    `"${dir}" is in use by process ${holder.split(' ')[0]}. Stop it, or give this run another folder with --out.`,
  );
}

/** Process id with its start time where the platform tells it, so that a reused id is not mistaken for the holder. */
function identityOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
  } catch {
    return String(pid);
  }
}
