import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { lstat, mkdir, open, readdir, readFile, rename, rmdir, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode, ignore } from './file-lock.ts';

/** What tells one write of a file from every other: links and renames keep all three. */
export interface FileIdentity {
  readonly ino: string;
  readonly mtimeNs: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/** Identity of a regular file; `undefined` if there is none. */
export async function identify(path: string): Promise<FileIdentity | undefined> {
  const found = await lstat(path, { bigint: true }).catch(ignore('ENOENT', 'ENOTDIR'));
  if (!found?.isFile()) return undefined;
  return {
    ino: String(found.ino),
    mtimeNs: String(found.mtimeNs),
    size: Number(found.size),
    mtimeMs: Number(found.mtimeNs / 1_000_000n),
  };
}

/** True if both are the same write of the same file. */
export function sameFile(a: FileIdentity | undefined, b: FileIdentity | undefined): boolean {
  return a !== undefined && b !== undefined && a.ino === b.ino && a.mtimeNs === b.mtimeNs && a.size === b.size;
}

/** SHA-256 of a file's bytes, hex; `undefined` if it is gone. */
export async function hashFile(path: string): Promise<string | undefined> {
  const file = await open(path, 'r').catch(ignore('ENOENT', 'ENOTDIR'));
  if (file === undefined) return undefined;
  try {
    const hash = createHash('sha256');
    // One buffer for all of it: those of a read stream pile up outside of the collector's heap.
    const bytes = new Uint8Array(65_536);
    for (;;) {
      const { bytesRead } = await file.read(bytes);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(bytes.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/** Writes a new file durably and tells its SHA-256 and identity. */
export async function writeNewFile(
  path: string,
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<{ readonly sha256: string; readonly identity: FileIdentity }> {
  const hash = createHash('sha256');
  const file = await open(path, 'wx');
  try {
    for await (const part of parts) {
      hash.update(part);
      for (let at = 0; at < part.length;) at += (await file.write(part, at)).bytesWritten;
    }
    // Kernels tick in milliseconds and reuse inode numbers; the random fraction tells writes of one tick apart.
    const nowSeconds = (Date.now() + Math.random()) / 1_000;
    await file.utimes(nowSeconds, nowSeconds);
    await file.sync();
  } finally {
    await file.close();
  }
  return { sha256: hash.digest('hex'), identity: (await identify(path))! };
}

/** Writes a small file under its name, readers see the old text or the new one; `durable` survives a power cut. */
export async function replaceFile(path: string, temporary: string, text: string, durable: boolean): Promise<void> {
  try {
    if (durable) await writeNewFile(temporary, [Buffer.from(text)]);
    else await writeFile(temporary, text, { flag: 'wx' });
    await rename(temporary, path);
  } catch (error) {
    // A full disk must not fill up with what it had no room for.
    await removeFile(temporary);
    throw error;
  }
  if (durable) await syncFolder(dirname(path));
}

/** Makes a folder and what leads to it, each made durable in its parent. */
export async function makeFolder(path: string): Promise<void> {
  const first = await makeWithParents(path);
  if (first === undefined) return;
  for (let folder = path; folder.length >= first.length && folder !== dirname(folder); folder = dirname(folder)) {
    await syncFolder(dirname(folder));
  }
}

/** A peer that deletes may take an empty parent away between two steps. */
async function makeWithParents(path: string): Promise<string | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await mkdir(path, { recursive: true });
    } catch (error) {
      if (!hasCode(error, 'ENOENT') || attempt === 10) throw error;
    }
  }
}

/** Makes the names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  // Windows cannot open folders, and its file systems journal names.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r').catch(ignore('ENOENT'));
  if (folder === undefined) return;
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Removes empty folders from `path` up to, but without, `root`. */
export async function removeEmptyFolders(path: string, root: string): Promise<void> {
  for (let folder = path; folder.startsWith(`${root}/`); folder = dirname(folder)) {
    const gone = await rmdir(folder).then(() => true, ignore('ENOTEMPTY', 'EEXIST', 'ENOENT', 'EBUSY'));
    if (gone === undefined) return;
  }
}

/** Entries of a folder; none if it does not exist. */
export async function entriesOf(
  path: string,
): Promise<readonly { readonly name: string; readonly isFolder: boolean }[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(ignore('ENOENT', 'ENOTDIR'));
  return (entries ?? []).flatMap((entry) =>
    entry.isDirectory() || entry.isFile() ? [{ name: entry.name, isFolder: entry.isDirectory() }] : [],
  );
}

/** One entry of a folder, whatever it is. */
export interface FolderEntry {
  /** Bytes that are no UTF-8 are written `\\xff`. */
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other' | 'no text';
}

/** Everything in a folder; nothing if it does not exist. */
export async function everythingIn(path: string): Promise<readonly FolderEntry[]> {
  const entries = (await readdir(path, { withFileTypes: true }).catch(ignore('ENOENT', 'ENOTDIR'))) ?? [];
  // A name that is no UTF-8 was read as another one, perhaps as that of a neighbour: only its bytes tell them apart.
  if (!entries.some(({ name }) => name.includes('\ufffd')))
    return entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) }));
  const exact = await readdir(path, { withFileTypes: true, encoding: 'buffer' }).catch(ignore('ENOENT', 'ENOTDIR'));
  return (exact ?? []).map((entry) => {
    const name = entry.name.toString('utf8');
    if (Buffer.from(name).equals(entry.name)) return { name, kind: kindOf(entry) };
    const escaped = entry.name.toString('latin1').replace(/[\x80-\xff]/g, (c) => `\\x${c.charCodeAt(0).toString(16)}`);
    return { name: escaped, kind: 'no text' };
  });
}

function kindOf(entry: Pick<Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): FolderEntry['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

/** Text of a small file; `undefined` if it is gone. */
export async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(ignore('ENOENT', 'ENOTDIR'));
}

/** Removes a file if it is there. */
export async function removeFile(path: string): Promise<void> {
  await unlink(path).catch(ignore('ENOENT', 'ENOTDIR'));
}
