/**
 * What may be on the disk after a power cut: everything that was synced, and any subset of what was not (the method of
 * ALICE, Pillai et al., OSDI 2014). Moves are one step, as on every journalling file system.
 */
import { dirname } from 'node:path';
import type { DiskOp } from './disk-log.ts';

/** Files by their names, and folders. */
export interface Tree {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly folders: ReadonlySet<string>;
}

/** A disk before the log begins: all of it is durable. */
export interface Start {
  /** Folder that all of it lies in. */
  readonly root: string;
  readonly names: ReadonlyMap<string, number>;
  readonly contents: ReadonlyMap<number, Uint8Array>;
  readonly folders: ReadonlySet<string>;
}

/** Indices of the operations before `end` that no sync made durable. */
export function volatileOps(log: readonly DiskOp[], end: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < end; i += 1) {
    const step = log[i]!;
    if (step.op === 'sync-file' || step.op === 'sync-folder') continue;
    const isDurable = log.slice(i + 1, end).some((later) => {
      if (later.op === 'sync-file') return step.op === 'write' && step.file === later.file;
      return later.op === 'sync-folder' && foldersOf(step).includes(later.path);
    });
    if (!isDurable) found.push(i);
  }
  return found;
}

/** Folders whose entries an operation changes. */
function foldersOf(step: DiskOp): readonly string[] {
  switch (step.op) {
    case 'name':
    case 'unname':
    case 'folder':
    case 'unfolder':
      return [dirname(step.path)];
    case 'move':
      return [dirname(step.from), dirname(step.to)];
    default:
      return [];
  }
}

/** How the bytes of a file look whose write was lost: it is empty, or as long as it was told and all zeros. */
export type LostBytes = 'empty' | 'zeros';

/** The disk after the operations before `end`, without those that were lost. */
export function treeAfter(
  start: Start,
  log: readonly DiskOp[],
  end: number,
  lost: ReadonlySet<number>,
  lostBytes: LostBytes,
): Tree {
  const names = new Map(start.names);
  const contents = new Map(start.contents);
  const folders = new Set(start.folders);
  for (let i = 0; i < end; i += 1) {
    const step = log[i]!;
    const isLost = lost.has(i);
    switch (step.op) {
      case 'write': {
        const before = contents.get(step.file) ?? new Uint8Array(0);
        const after = new Uint8Array(before.length + (isLost && lostBytes === 'empty' ? 0 : step.bytes.length));
        after.set(before);
        if (!isLost) after.set(step.bytes, before.length);
        contents.set(step.file, after);
        break;
      }
      case 'name':
        if (!isLost) names.set(step.path, step.file);
        break;
      case 'move':
        if (isLost) break;
        if (names.get(step.from) === step.file) names.delete(step.from);
        names.set(step.to, step.file);
        break;
      case 'unname':
        if (!isLost) names.delete(step.path);
        break;
      case 'folder':
        if (!isLost) folders.add(step.path);
        break;
      case 'unfolder':
        if (!isLost) folders.delete(step.path);
        break;
      default:
        break;
    }
  }
  // A name in a folder that was lost is lost with it.
  const isReachable = (path: string): boolean => {
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      if (!folders.has(folder)) return false;
      if (folder === start.root) return true;
    }
  };
  return {
    files: new Map(
      [...names]
        .filter(([path]) => isReachable(path))
        .map(([path, file]) => [path, contents.get(file) ?? new Uint8Array(0)]),
    ),
    folders: new Set([...folders].filter((folder) => folder !== start.root && isReachable(folder))),
  };
}

/** Every subset of the volatile operations, as sets of what is lost; beyond `most` volatile ones, seeded samples. */
export function* lossesOf(volatile: readonly number[], most: number): Generator<ReadonlySet<number>, void, undefined> {
  const pick = (mask: number): ReadonlySet<number> => new Set(volatile.filter((_, bit) => (mask >>> bit) & 1));
  if (volatile.length <= most) {
    for (let mask = 0; mask < 2 ** volatile.length; mask += 1) yield pick(mask);
    return;
  }
  let state = 1;
  for (let i = 0; i < 2 ** most; i += 1) {
    state = Math.imul(state, 48_271) % 2_147_483_647;
    yield pick(state >>> 1);
  }
}
