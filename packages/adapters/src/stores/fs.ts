/**
 * An object store in a folder: one file per object under its key, crash-safe, with compare-and-swap and conditional
 * delete that hold between processes of one machine.
 *
 * A file becomes visible by one `link` or `rename` after its bytes are synced, and its folder is synced before a put
 * resolves. Metadata lies beside the data in `.tapekit-meta`, written before the object is visible and tied to the
 * very file, so the two cannot disagree; of a copied tree everything but times survives. Node only.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, realpath, rename, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { ObjectStoreError } from '@tapekit/housecleaning/errors';
import {
  assertObjectKey,
  compareKeys,
  type DeleteResult,
  type GetOptions,
  type ObjectInfo,
  type ObjectStore,
  type StoredObject,
} from '@tapekit/housecleaning/object-store';
import { hasCode, ignore, sweepClaims, withFileLock } from '../internal/file-lock.ts';
import * as files from '../internal/fs-files.ts';
import { checksumMismatch, preconditionFailed } from '../internal/store-errors.ts';

/** Where the store lies. */
export interface FsStoreOptions {
  /** Folder of the data; made when it is missing. */
  readonly root: string;
}

const metaFolder = '.tapekit-meta';
/** Temporary files of writers that died are removed after this. */
const abandonedAfterMs = 3_600_000;
const pageSize = 1_000;
const maxRemembered = 100_000;
const cardPlaces = ['0', '1'] as const;

/**
 * The sidecar of an object. Each key has two places for it, so that the card of the next file can be written while the
 * one before is still visible.
 */
interface Card {
  /** The very file that it describes. */
  readonly identity: files.FileIdentity;
  readonly etag: string;
  readonly metadata: Readonly<Record<string, string>>;
}

interface Known {
  readonly identity: files.FileIdentity;
  readonly info: ObjectInfo;
}

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
  /** What was learned of files, valid as long as the file is the same write. */
  const remembered = new Map<string, Known>();
  let opening: Promise<string> | undefined;

  /** Makes the folders, undoes half-done deletes of killed processes; resolves to the real path of the root. */
  async function openRoot(): Promise<string> {
    for (const folder of [temporary, trash, locks]) await files.makeFolder(folder);
    for (const { name } of await files.entriesOf(temporary)) {
      const found = await files.identify(join(temporary, name));
      if (found && Date.now() - found.mtimeMs > abandonedAfterMs) await files.removeFile(join(temporary, name));
    }
    // Locks are never judged by age: a lock is another name of its owner's claim, and as old as that.
    await sweepClaims(locks);
    for (const { name } of await files.entriesOf(trash)) {
      for await (const key of walk(join(trash, name), '', '', undefined)) {
        // A delete in progress holds the lock; what is still here afterwards was never finished, so it is undone.
        await withLock(key, async () => {
          const object = join(trash, name, ...key.split('/'));
          if ((await files.identify(object)) === undefined) return;
          await putBack(object, pathOf(key));
          await files.removeFile(object);
          await files.removeEmptyFolders(dirname(object), trash);
        });
      }
    }
    return realpath(root);
  }

  /** One opening for all callers; one that failed is tried again by the next. */
  function opened(): Promise<string> {
    opening ??= openRoot().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  async function ready(key: string, signal: AbortSignal | undefined): Promise<string> {
    signal?.throwIfAborted();
    assertObjectKey(key);
    if (key.split('/', 1)[0] === metaFolder) throw badKey(key, `begins with "${metaFolder}", the store's own folder`);
    const realRoot = await opened();
    const path = pathOf(key);
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

  function cardPath(key: string, place: string): string {
    return join(own, 'meta', place, ...key.split('/'));
  }

  function withLock<T>(key: string, work: () => Promise<T>): Promise<T> {
    return withFileLock(locks, createHash('sha256').update(key).digest('hex').slice(0, 32), work);
  }

  async function inspect(key: string, path: string): Promise<Known | undefined> {
    for (;;) {
      const identity = await files.identify(path);
      if (identity === undefined) {
        remembered.delete(key);
        return undefined;
      }
      const before = remembered.get(key);
      if (files.sameFile(before?.identity, identity)) return before;
      const cards = await readCards(key);
      const card = cards.find((candidate) => files.sameFile(candidate.identity, identity));
      if (card) return remember(key, identity, card.etag, card.metadata);
      // No card of this very file: it was copied or written by others. Its bytes tell the etag.
      const etag = await files.hashFile(path);
      if (etag === undefined || !files.sameFile(identity, await files.identify(path))) continue;
      return remember(key, identity, etag, cards.find((candidate) => candidate.etag === etag)?.metadata ?? {});
    }
  }

  async function readCards(key: string): Promise<readonly (Card & { readonly place: string })[]> {
    const cards = [];
    for (const place of cardPlaces) {
      const text = await files.readText(cardPath(key, place));
      const card = text === undefined ? undefined : parseCard(text);
      if (card) cards.push({ ...card, place });
    }
    return cards;
  }

  /** Writes the card of a file that is not visible yet, beside that of the visible one, whose place it returns. */
  async function writeCard(key: string, card: Card, visible: Known | undefined): Promise<string | undefined> {
    const cards = visible ? await readCards(key) : [];
    // The card of the very file comes first: a killed write of the same bytes may have left one with other metadata.
    const used =
      visible &&
      (
        cards.find((candidate) => files.sameFile(candidate.identity, visible.identity)) ??
        cards.find(({ etag }) => etag === visible.info.etag)
      )?.place;
    const path = cardPath(key, used === '0' ? '1' : '0');
    // Without metadata a card only saves a hash; its loss costs nothing.
    const durable = Object.keys(card.metadata).length > 0;
    for (let attempt = 1; ; attempt++) {
      await files.makeFolder(dirname(path));
      try {
        await files.replaceFile(path, join(temporary, randomUUID()), JSON.stringify(card), durable);
        return used;
      } catch (error) {
        if (!hasCode(error, 'ENOENT') || attempt === 10) throw error;
      }
    }
  }

  function remember(key: string, identity: files.FileIdentity, etag: string, metadata: Card['metadata']): Known {
    if (remembered.size >= maxRemembered) remembered.clear();
    const known = { identity, info: { key, size: identity.size, etag, uploadedMs: identity.mtimeMs, metadata } };
    remembered.set(key, known);
    return known;
  }

  /** Keys of files below a folder in listing order, after `cursor`, with `prefix`. */
  async function* walk(
    folder: string,
    parent: string,
    prefix: string,
    cursor: string | undefined,
  ): AsyncGenerator<string> {
    const entries = (await files.entriesOf(folder)).map(({ name, isFolder }) => (isFolder ? `${name}/` : name));
    // A folder sorts by its name with the slash: "a-b" comes before "a/…".
    for (const name of entries.sort(compareKeys)) {
      const key = parent + name;
      if (key === `${metaFolder}/`) continue;
      if (name.endsWith('/')) {
        if (!key.startsWith(prefix) && !prefix.startsWith(key)) continue;
        if (cursor !== undefined && compareKeys(key, cursor) < 0 && !cursor.startsWith(key)) continue;
        yield* walk(join(folder, name), key, prefix, cursor);
      } else if (key.startsWith(prefix) && (cursor === undefined || compareKeys(key, cursor) > 0) && isKey(key)) {
        yield key;
      }
    }
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
    remembered.delete(key);
    for (const place of cardPlaces) await files.removeFile(cardPath(key, place));
    return 'deleted';
  }

  return {
    capabilities: { conditionalDelete: true, maxDeleteBatch: 1_000, listsMetadata: true },
    async get(key, getOptions = {}) {
      const path = await ready(key, getOptions.signal);
      const known = await inspect(key, path);
      if (known === undefined) return undefined;
      if (getOptions.ifMatch !== undefined && getOptions.ifMatch !== known.info.etag) throw preconditionFailed(key);
      return openObject(path, known, getOptions);
    },
    async head(key, { signal } = {}) {
      const path = await ready(key, signal);
      return (await inspect(key, path))?.info;
    },
    async put(key, body, { ifAbsent, ifMatch, sha256, metadata = {}, signal } = {}) {
      const path = await ready(key, signal);
      const waiting = join(temporary, randomUUID());
      try {
        const parts = body instanceof Uint8Array ? [body] : body;
        const written = await files.writeNewFile(waiting, parts);
        const etag = written.sha256;
        if (sha256 !== undefined && sha256 !== etag) throw checksumMismatch(key, sha256, etag);
        signal?.throwIfAborted();
        return await withLock(key, async () => {
          // What a compare-and-swap compares with is read, not remembered.
          remembered.delete(key);
          const before = await inspect(key, path);
          if ((ifAbsent === true && before) || (ifMatch !== undefined && ifMatch !== before?.info.etag)) {
            throw preconditionFailed(key);
          }
          if ((await stat(path).catch(ignore('ENOENT', 'ENOTDIR')))?.isDirectory())
            throw badKey(key, 'is a folder of other keys');
          const outdated = await writeCard(key, { identity: written.identity, etag, metadata }, before);
          await reveal(waiting, path, ifAbsent === true, key);
          if (outdated !== undefined) await files.removeFile(cardPath(key, outdated));
          return remember(key, written.identity, etag, { ...metadata }).info;
        });
      } catch (error) {
        if (hasCode(error, 'ENAMETOOLONG')) throw badKey(key, 'has a segment that is too long for a file name');
        if (hasCode(error, 'ENOTDIR', 'EEXIST')) throw badKey(key, 'needs a folder where an object lies');
        throw error;
      } finally {
        await files.removeFile(waiting);
      }
    },
    async delete(targets, { signal } = {}) {
      const results: DeleteResult[] = [];
      for (const { key } of targets) assertObjectKey(key);
      for (const { key, etag } of targets) {
        const path = await ready(key, signal);
        results.push({ key, outcome: await withLock(key, () => deleteOne(key, path, etag)) });
      }
      for (const folder of new Set(targets.map(({ key }) => key.split('/').slice(0, -1).join('/')))) {
        await files.syncFolder(join(root, folder));
        await files.removeEmptyFolders(join(root, folder), root);
        for (const place of cardPlaces) await files.removeEmptyFolders(join(own, 'meta', place, folder), own);
        await files.removeEmptyFolders(join(taken, folder), trash);
      }
      return results;
    },
    async list({ prefix = '', cursor, limit = pageSize, signal } = {}) {
      signal?.throwIfAborted();
      await opened();
      const after = cursor === undefined ? undefined : parseCursor(cursor);
      const most = Math.max(1, Math.min(limit, pageSize));
      const objects: ObjectInfo[] = [];
      for await (const key of walk(root, '', prefix, after)) {
        signal?.throwIfAborted();
        if (objects.length === most) return { objects, cursor: Buffer.from(objects.at(-1)!.key).toString('base64url') };
        const known = await inspect(key, pathOf(key));
        if (known) objects.push(known.info);
      }
      return { objects };
    },
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

/** Opens lazily and only the very file that was looked at: an object that is never read costs no descriptor. */
function openObject(path: string, known: Known, { range, signal }: GetOptions): StoredObject {
  const start = range?.offset ?? 0;
  const end = Math.min(known.info.size, range?.length === undefined ? Infinity : start + range.length);
  async function* read(): AsyncGenerator<Uint8Array> {
    const file = await open(path, 'r').catch(ignore('ENOENT'));
    try {
      const found = file && (await file.stat({ bigint: true }));
      const same =
        found && String(found.ino) === known.identity.ino && String(found.mtimeNs) === known.identity.mtimeNs;
      if (!file || !same) throw preconditionFailed(known.info.key);
      if (end > start) {
        const options = { fd: file, start, end: end - 1, autoClose: false, ...(signal ? { signal } : {}) };
        for await (const part of createReadStream(path, options)) yield part as Uint8Array;
      }
    } finally {
      await file?.close();
    }
  }
  return {
    ...known.info,
    get body() {
      return Readable.toWeb(Readable.from(read(), { objectMode: false })) as ReadableStream<Uint8Array>;
    },
    async bytes() {
      const parts: Uint8Array[] = [];
      for await (const part of read()) parts.push(part);
      return new Uint8Array(Buffer.concat(parts));
    },
  };
}

function parseCard(text: string): Card | undefined {
  try {
    return JSON.parse(text) as Card;
  } catch {
    return undefined;
  }
}

function parseCursor(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString();
  if (isKey(key)) return key;
  throw new ObjectStoreError(
    'bad-cursor',
    cursor,
    `The cursor "${cursor}" was not made by this store; list from the start.`,
  );
}

function isKey(text: string): boolean {
  try {
    assertObjectKey(text);
    return true;
  } catch {
    return false;
  }
}

function badKey(key: string, why: string): ObjectStoreError {
  return new ObjectStoreError(
    'bad-key',
    key,
    `The key ${JSON.stringify(key)} ${why}; expected a path of file names below the root.`,
  );
}
