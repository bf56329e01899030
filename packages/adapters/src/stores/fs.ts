/**
 * An object store in a folder: one file per object under its key, crash-safe, with compare-and-swap and conditional
 * delete that hold between processes of one machine.
 *
 * A file becomes visible by one `link` or `rename` after its bytes are synced, and its folder is synced before a put
 * resolves. Metadata lies beside the data in `.tapekit-meta`, written before the object is visible and tied to the
 * very file, so the two cannot disagree; of a copied tree everything but times survives. Links are not followed; a listing
 * tells them, and files whose names are no keys, as strays. Node only.
 *
 * A delete takes the file away from its name, proves its bytes, and only then removes it, or puts it back. So a reader may
 * see an object that has *changed* as missing for a moment while somebody tries to delete the one before it.
 */
import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, realpath, rename, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isObjectStoreError, ObjectStoreError, type RequestEffect } from '@tapekit/housecleaning/errors';
import {
  assertDeleteTargets,
  assertMetadata,
  assertObjectKey,
  assertRange,
  type DeleteResult,
  type DeleteTarget,
  type GetOptions,
  type ListOptions,
  type ListPage,
  type ObjectBody,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
  type StoredObject,
  type StrayEntry,
} from '@tapekit/housecleaning/object-store';
import { createCursors } from '../internal/cursors.ts';
import { hasCode, ignore, sweepClaims, withFileLock } from '../internal/file-lock.ts';
import { openObject } from '../internal/fs-body.ts';
import { fromDisk } from '../internal/fs-errors.ts';
import * as files from '../internal/fs-files.ts';
import { createFileIndex } from '../internal/fs-index.ts';
import { isObjectKey, walkKeys } from '../internal/fs-walk.ts';
import { piecesOf, withBody } from '../internal/store-body.ts';
import { badCursor, checksumMismatch, preconditionFailed, sizeMismatch, withEffect } from '../internal/store-errors.ts';

/** Where the store lies. */
export interface FsStoreOptions {
  /** Folder of the data; made by the first put when it is missing. Reading needs no right to write. */
  readonly root: string;
}

const metaFolder = '.tapekit-meta';
/** Temporary files of writers that died are removed after this. */
const abandonedAfterMs = 3_600_000;
const pageSize = 1_000;
const maxDeleteBatch = 1_000;
/** As much as R2 takes, so that a tree can move there. */
const metadataBytes = 8_192;
const cursors = createCursors('fs');

/**
 * Opens the store. Etags are the SHA-256 of the bytes; keys are paths below `root`, so one key cannot also be a folder
 * of another (`bad-key`).
 */
export function createFsStore(options: FsStoreOptions): ObjectStore {
  const root = resolve(options.root);
  const own = join(root, metaFolder);
  const temporary = join(own, 'tmp');
  const trash = join(own, 'trash');
  const taken = join(trash, randomUUID());
  const locks = join(own, 'lock');
  const index = createFileIndex(own, temporary);
  const opening = once(openRoot, (isThere) => isThere);
  const preparing = once(openForWriting, () => true);
  const rootPath = once(
    () => realpath(root),
    () => true,
  );

  /** Looks whether there is a store, and undoes half-done deletes of killed processes; else changes nothing. */
  async function openRoot(): Promise<boolean> {
    const found = await stat(root).catch(ignore('ENOENT'));
    if (found === undefined) return false;
    if (!found.isDirectory()) throw new Error(`The root "${root}" is no folder; correct the path.`);
    for (const { name } of await files.entriesOf(trash)) {
      for await (const { key, stray } of walkKeys(join(trash, name), '', '', undefined, metaFolder)) {
        if (stray !== undefined) continue;
        const object = join(trash, name, ...key.split('/'));
        // A delete in progress holds the lock; what is still here afterwards was never finished, so it is undone.
        try {
          await files.makeFolder(locks);
          await withLock(key, undefined, async () => {
            if ((await files.identify(object)) === undefined) return;
            await putBack(object, pathOf(key));
            await files.removeFile(object);
            await files.removeEmptyFolders(dirname(object), trash);
          });
        } catch (error) {
          // Who may only read cannot undo, and need not where the delete was at work and is done by now.
          if (await files.identify(object)) throw error;
        }
      }
    }
    return true;
  }

  /** Makes the folders and sweeps what killed writers left. */
  async function openForWriting(): Promise<void> {
    for (const folder of [temporary, trash, locks]) await files.makeFolder(folder);
    for (const { name } of await files.entriesOf(temporary)) {
      const found = await files.identify(join(temporary, name));
      if (found && Date.now() - found.mtimeMs > abandonedAfterMs) await files.removeFile(join(temporary, name));
    }
    // Locks are never judged by age: a lock is another name of its owner's claim, and as old as that.
    await sweepClaims(locks);
  }

  /** One opening for all callers, whose signals end only their own wait; `false` if there is no folder yet. */
  function opened(signal: AbortSignal | undefined): Promise<boolean> {
    return unlessAborted(opening(), signal);
  }

  /** The same for who is about to change something. */
  async function openedForWriting(signal: AbortSignal | undefined): Promise<void> {
    await opened(signal);
    await unlessAborted(preparing(), signal);
  }

  /** The path of a key, which may be used now. */
  async function ready(key: string, signal: AbortSignal | undefined, isWriter = false): Promise<string> {
    signal?.throwIfAborted();
    assertObjectKey(key);
    if (key.split('/', 1)[0] === metaFolder) throw badKey(key, `begins with "${metaFolder}", the store's own folder`);
    if (isWriter) await openedForWriting(signal);
    const path = pathOf(key);
    if (!isWriter && !(await opened(signal))) return path;
    const realRoot = await rootPath();
    // A link inside the tree could lead out of it; the grammar of keys alone does not see that.
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      const real = await realpath(folder).catch(ignore('ENOENT', 'ENOTDIR', 'ENAMETOOLONG'));
      if (real === undefined) continue;
      if (real !== realRoot && !real.startsWith(`${realRoot}/`))
        throw badKey(key, 'leads out of the store through a link');
      break;
    }
    return path;
  }

  function pathOf(key: string): string {
    return join(root, ...key.split('/'));
  }

  function withLock<T>(key: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const name = createHash('sha256').update(key).digest('hex').slice(0, 32);
    return withFileLock(locks, name, work, { subject: key, signal });
  }

  async function putBack(object: string, path: string): Promise<void> {
    await files.makeFolder(dirname(path));
    await link(object, path).catch(ignore('EEXIST'));
    await files.syncFolder(dirname(path));
  }

  /** Deletes one object whose identity is proven after it was taken away from its name, so that nothing can slip in. */
  async function deleteOne(key: string, path: string, etag: string | undefined): Promise<DeleteResult['outcome']> {
    const object = join(taken, ...key.split('/'));
    for (;;) {
      if ((await files.identify(path)) === undefined) return 'absent';
      await mkdir(dirname(object), { recursive: true });
      if ((await rename(path, object).then(() => true, ignore('ENOENT'))) === true) break;
    }
    if (etag !== undefined && (await files.hashFile(object)) !== etag) {
      await putBack(object, path);
      await files.removeFile(object);
      return 'changed';
    }
    await files.removeFile(object);
    return 'deleted';
  }

  /** Removes the cards of an object that is gone, unless another one came in its place. */
  async function forgetDeleted(key: string): Promise<void> {
    const forgetting = withLock(key, undefined, async () => {
      if ((await files.identify(pathOf(key))) === undefined) await index.remove(key);
    });
    await forgetting.catch((error: unknown) => {
      // A card without its object is what a killed delete leaves too, and no reason to say that nothing was deleted.
      if (!isObjectStoreError(error, 'unavailable')) throw error;
    });
  }

  async function get(key: string, options: GetOptions): Promise<StoredObject | undefined> {
    const path = await ready(key, options.signal);
    assertRange(key, options.range);
    const known = await index.inspect(key, path);
    if (known === undefined) return undefined;
    if (options.ifMatch !== undefined && options.ifMatch !== known.info.etag) throw preconditionFailed(key);
    return openObject(path, known, options);
  }

  async function put(key: string, body: ObjectBody, options: PutOptions): Promise<ObjectInfo> {
    const { ifAbsent, ifMatch, size, sha256, metadata = {}, signal } = options;
    const path = await ready(key, signal, true);
    assertMetadata(key, metadata, metadataBytes);
    const waiting = join(temporary, randomUUID());
    let effect: RequestEffect = 'none';
    try {
      const written = await files.writeNewFile(waiting, piecesOf(body, signal));
      const etag = written.sha256;
      if (size !== undefined && size !== written.identity.size) throw sizeMismatch(key, size, written.identity.size);
      if (sha256 !== undefined && sha256 !== etag) throw checksumMismatch(key, sha256, etag);
      signal?.throwIfAborted();
      return await withLock(key, signal, async () => {
        index.forget(key);
        const before = await index.inspect(key, path);
        if ((ifAbsent === true && before) || (ifMatch !== undefined && ifMatch !== before?.info.etag)) {
          throw preconditionFailed(key);
        }
        if ((await stat(path).catch(ignore('ENOENT', 'ENOTDIR')))?.isDirectory())
          throw badKey(key, 'is a folder of other keys');
        const outdated = await index.writeCard(key, { identity: written.identity, etag, metadata }, before);
        effect = 'unknown';
        await reveal(waiting, path, ifAbsent === true, key);
        if (outdated !== undefined) await index.removeCard(key, outdated);
        return index.remember(key, written.identity, etag, { ...metadata }).info;
      });
    } catch (error) {
      if (hasCode(error, 'ENAMETOOLONG')) throw badKey(key, 'has a segment that is too long for a file name');
      if (hasCode(error, 'ENOTDIR', 'EEXIST')) throw badKey(key, 'needs a folder where an object lies');
      throw fromDisk(error, 'put', key, effect);
    } finally {
      await files.removeFile(waiting);
    }
  }

  async function deleteAll(targets: readonly DeleteTarget[], signal: AbortSignal | undefined): Promise<DeleteResult[]> {
    const results: DeleteResult[] = [];
    for (const { key, etag } of targets) {
      const path = await ready(key, signal, true);
      try {
        results.push({ key, outcome: await withLock(key, signal, () => deleteOne(key, path, etag)) });
      } catch (error) {
        throw withEffect(error, results.length > 0 ? 'unknown' : 'none');
      }
    }
    const folders = new Set(targets.map(({ key }) => key.split('/').slice(0, -1).join('/')));
    for (const folder of folders) {
      await files.syncFolder(join(root, folder));
      await files.syncFolder(join(taken, folder));
    }
    // Not before: an object that a power cut brings back must still have its card.
    for (const { key, outcome } of results) if (outcome === 'deleted') await forgetDeleted(key);
    for (const folder of folders) {
      await files.removeEmptyFolders(join(root, folder), root);
      await index.removeEmptyFolders(folder);
      await files.removeEmptyFolders(join(taken, folder), trash);
    }
    return results;
  }

  async function list({ prefix = '', cursor, limit = pageSize, signal }: ListOptions): Promise<ListPage> {
    signal?.throwIfAborted();
    const isThere = await opened(signal);
    const after = cursor === undefined ? undefined : parseCursor(cursor);
    const most = Math.max(1, Math.min(limit, pageSize));
    const objects: ObjectInfo[] = [];
    const strays: StrayEntry[] = [];
    if (!isThere) return { objects };
    const page = (): ListPage => (strays.length === 0 ? { objects } : { objects, strays });
    for await (const { key, stray } of walkKeys(root, '', prefix, after, metaFolder)) {
      signal?.throwIfAborted();
      // What is stray after the last object comes with the next page, which begins there.
      if (objects.length === most) return { ...page(), cursor: cursors.make(objects.at(-1)!.key) };
      if (stray !== undefined) {
        strays.push({ name: key, why: stray });
        continue;
      }
      const known = await index.inspect(key, pathOf(key));
      if (known) objects.push(known.info);
    }
    return page();
  }

  /** Failures of the disk in the port's words. */
  const diskly = <T>(operation: string, subject: string, effect: RequestEffect, work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw fromDisk(error, operation, subject, effect);
    });

  return {
    capabilities: {
      conditionalDelete: true,
      maxDeleteBatch,
      listsMetadata: true,
      serverChecksum: true,
      metadataBytes,
      conditionalStream: true,
    },
    get: (key, asked = {}) => diskly('get', key, 'none', get(key, asked)),
    head: (key, { signal } = {}) =>
      diskly(
        'head',
        key,
        'none',
        ready(key, signal).then(async (path) => (await index.inspect(key, path))?.info),
      ),
    put: (key, body, asked = {}) => diskly('put', key, 'none', withBody(body, put(key, body, asked))),
    async delete(targets, { signal } = {}) {
      assertDeleteTargets(targets, maxDeleteBatch);
      return diskly('delete', targets[0]?.key ?? '', 'unknown', deleteAll(targets, signal));
    },
    list: (asked = {}) => diskly('list', asked.prefix ?? '', 'none', list(asked)),
  };
}

/** Gives a finished file its name; the folder may be removed in between by a delete that emptied it. */
async function reveal(waiting: string, path: string, ifAbsent: boolean, key: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await files.makeFolder(dirname(path));
    try {
      if (ifAbsent) await link(waiting, path);
      else await rename(waiting, path);
      await files.syncFolder(dirname(path));
      return;
    } catch (error) {
      if (ifAbsent && hasCode(error, 'EEXIST')) throw preconditionFailed(key);
      if (!hasCode(error, 'ENOENT') || attempt === 10) throw error;
    }
  }
}

function parseCursor(cursor: string): string {
  const key = cursors.read(cursor);
  if (isObjectKey(key)) return key;
  throw badCursor(cursor);
}

function badKey(key: string, why: string): ObjectStoreError {
  return new ObjectStoreError(
    'bad-key',
    key,
    `The key ${JSON.stringify(key)} ${why}; expected a path of file names below the root.`,
  );
}

/** Does something once for all who ask, until it failed or its answer may change; then the next who asks tries again. */
function once<T>(work: () => Promise<T>, isLasting: (answer: T) => boolean): () => Promise<T> {
  let begun: Promise<T> | undefined;
  const answer = async (): Promise<T> => {
    let lasts = false;
    try {
      const got = await work();
      lasts = isLasting(got);
      return got;
    } finally {
      if (!lasts) begun = undefined;
    }
  };
  return () => (begun ??= answer());
}

/** What a promise that others wait for too comes to, unless this signal is aborted first. */
async function unlessAborted<T>(shared: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return shared;
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([shared, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
