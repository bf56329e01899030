/** One running job per results folder: two would interleave its files. */
import { mkdir, open, readFile, rm } from 'node:fs/promises';
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
  const path = join(dir, 'running.lock');
  const mine = identityOf(process.pid) ?? String(process.pid);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(mine);
      await file.close();
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = await readFile(path, 'utf8').catch(() => '');
    const pid = Number(holder.split(' ')[0]);
    if (Number.isSafeInteger(pid) && pid > 0 && identityOf(pid) === holder) {
      throw new FolderInUseError(
        `"${dir}" is in use by process ${pid}. Stop it, or give this run another folder with --out.`,
      );
    }
    await rm(path, { force: true });
  }
  throw new FolderInUseError(`"${dir}" is being taken by other processes at the same time. Try again.`);
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
