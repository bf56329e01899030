/**
 * What a program told the disk, in order, so that a power cut can be played at every moment. The functions of
 * `node:fs/promises` that write go through {@link recorded}; they do what they always do, and are written down.
 */
import type { FileHandle } from 'node:fs/promises';
import type * as FsPromises from 'node:fs/promises';
import { dirname } from 'node:path';

/** One thing that the disk was told. A file is a number; its names are entries of folders. */
export type DiskOp =
  | { readonly op: 'name'; readonly path: string; readonly file: number }
  | { readonly op: 'move'; readonly from: string; readonly to: string; readonly file: number }
  | { readonly op: 'unname'; readonly path: string }
  | { readonly op: 'folder'; readonly path: string }
  | { readonly op: 'unfolder'; readonly path: string }
  | { readonly op: 'write'; readonly file: number; readonly bytes: Uint8Array }
  | { readonly op: 'sync-file'; readonly file: number }
  | { readonly op: 'sync-folder'; readonly path: string };

/** Everything that was told since the last {@link startLog}. */
export const log: DiskOp[] = [];
/** Files by the name that they have now. */
const names = new Map<string, number>();
let nextFile = 1;

/** Forgets everything; files that are there already get numbers. */
export function startLog(there: readonly string[]): ReadonlyMap<string, number> {
  log.length = 0;
  names.clear();
  for (const path of there) names.set(path, nextFile++);
  return new Map(names);
}

function created(path: string): number {
  const file = nextFile++;
  names.set(path, file);
  log.push({ op: 'name', path, file });
  return file;
}

/** A handle whose writes and syncs are written down. */
function watched(handle: FileHandle, path: string, file: number | undefined): FileHandle {
  return new Proxy(handle, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]): Promise<unknown> => {
        const result: unknown = await (value as (...all: unknown[]) => unknown).apply(target, args);
        if (name === 'write' && file !== undefined) {
          const [bytes, at] = args as [Uint8Array, number];
          const { bytesWritten } = result as { readonly bytesWritten: number };
          log.push({ op: 'write', file, bytes: new Uint8Array(bytes.subarray(at, at + bytesWritten)) });
        }
        if (name === 'sync') log.push(file === undefined ? { op: 'sync-folder', path } : { op: 'sync-file', file });
        return result;
      };
    },
  });
}

/** The module with its writing functions written down. */
export function recorded(actual: typeof FsPromises): typeof FsPromises {
  const text = (path: unknown): string => String(path);
  return {
    ...actual,
    open: async (path, flags, mode) => {
      const handle = await actual.open(path, flags, mode);
      const file = flags === 'wx' ? created(text(path)) : names.get(text(path));
      return watched(handle, text(path), file);
    },
    writeFile: (async (path, data, options) => {
      await actual.writeFile(path, data, options);
      const file = created(text(path));
      log.push({ op: 'write', file, bytes: new TextEncoder().encode(data as string) });
    }) as typeof actual.writeFile,
    rename: async (from, to) => {
      await actual.rename(from, to);
      const file = names.get(text(from))!;
      names.delete(text(from));
      names.set(text(to), file);
      log.push({ op: 'move', from: text(from), to: text(to), file });
    },
    link: async (existing, path) => {
      await actual.link(existing, path);
      const file = names.get(text(existing))!;
      names.set(text(path), file);
      log.push({ op: 'name', path: text(path), file });
    },
    unlink: async (path) => {
      await actual.unlink(path);
      names.delete(text(path));
      log.push({ op: 'unname', path: text(path) });
    },
    mkdir: (async (path: string, options: { recursive?: boolean }) => {
      const first = await actual.mkdir(path, options);
      const made: string[] = [];
      if (first !== undefined) for (let at = path; at.length >= first.length; at = dirname(at)) made.unshift(at);
      for (const folder of made) log.push({ op: 'folder', path: folder });
      return first;
    }) as typeof actual.mkdir,
    rmdir: async (path) => {
      await actual.rmdir(path);
      log.push({ op: 'unfolder', path: text(path) });
    },
  };
}
