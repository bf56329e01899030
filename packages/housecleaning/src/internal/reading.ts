import { HousecleaningError, isObjectStoreError } from '../errors.ts';
import { isSha256, parseRawKey } from '../keys.ts';
import type { ObjectInfo, ObjectStore } from '../object-store.ts';
import { release } from './release.ts';
import { createSha256, nativeSha256, sha256Hex } from './sha256.ts';
import { piecesOfBody } from './streams.ts';

/** An object with its bytes, whose length was checked. */
export interface ReadObject {
  readonly info: ObjectInfo;
  readonly bytes: Uint8Array;
}

/** Metadata name under which writers of this package store the full SHA-256 of what they put. */
export const sha256Metadata = 'sha256';

/** Raw objects up to this many bytes are read whole, so that a damaged read is simply repeated. */
const wholeBytes = 8 * 1024 * 1024;

/** The plain facts of an opened object. */
export function infoOf({ key, size, etag, version, uploadedMs, metadata }: ObjectInfo): ObjectInfo {
  return { key, size, etag, uploadedMs, metadata, ...(version === undefined ? {} : { version }) };
}

/** Reads one object whole; a body of another length than announced is read once more, then refused. */
export async function readObject(
  store: Pick<ObjectStore, 'get'>,
  key: string,
  options: { readonly ifMatch?: string; readonly signal?: AbortSignal } = {},
): Promise<ReadObject | undefined> {
  for (let attempt = 1; ; attempt++) {
    const object = await store.get(key, options);
    if (object === undefined) return undefined;
    const bytes = await object.bytes();
    const info = infoOf(object);
    if (bytes.length === info.size) return { info, bytes };
    if (attempt === 2) {
      throw new HousecleaningError(
        'unstable-read',
        `"${key}" has ${info.size} bytes, but ${bytes.length} arrived, twice.`,
        key,
      );
    }
  }
}

/**
 * Whether one reading can do without another pass and without holding much: an object that declares no digest is read whole,
 * twice.
 */
export function provesItself(listed: ObjectInfo): boolean {
  return listed.size <= wholeBytes || declaredDigest(listed) !== undefined;
}

/** How a raw object is read. */
export interface ReadSourceOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whoever takes the bytes compares them with another pass, and nothing else has to be. */
  readonly isSecondPass?: boolean;
  /** A second pass will compare; one read is enough for an object that declares no digest. */
  readonly comparedLater?: boolean;
}

/**
 * Reads a raw object pinned to the identity that was listed, and proves that the bytes are those that were written: by
 * the digest in its metadata or its key, or, for objects of other writers, by two reads that agree.
 *
 * @returns `undefined` if the object is gone or was replaced: the caller starts over, nobody concludes "empty".
 * @throws HousecleaningError `unstable-read`
 */
export function readSource(
  store: Pick<ObjectStore, 'get'>,
  listed: ObjectInfo,
  signal?: AbortSignal,
): Promise<{ readonly bytes: Uint8Array; readonly sha256: string } | undefined> {
  return readWhole(store, listed, { signal });
}

async function readWhole(
  store: Pick<ObjectStore, 'get'>,
  listed: ObjectInfo,
  options: ReadSourceOptions,
): Promise<{ readonly bytes: Uint8Array; readonly sha256: string } | undefined> {
  const seen = new Set<string>();
  let declared: string | undefined;
  for (let attempt = 1; attempt <= 3; attempt++) {
    let read: ReadObject | undefined;
    try {
      read = await readObject(store, listed.key, pinned(listed, options));
    } catch (error) {
      if (isObjectStoreError(error, 'precondition-failed')) return undefined;
      throw error;
    }
    if (read === undefined || !isListed(read.info, listed)) return undefined;
    if (options.isSecondPass === true) return { bytes: read.bytes, sha256: '' };
    declared = declaredDigest(read.info);
    const sha256 = await digestOf(read.bytes);
    const agrees =
      declared === undefined ? options.comparedLater === true || seen.has(sha256) : sha256.startsWith(declared);
    if (agrees) return { bytes: read.bytes, sha256 };
    seen.add(sha256);
  }
  throw unstable(
    listed,
    `was read three times and its bytes ${declared ? `never had the SHA-256 ${declared}` : 'differed'}; look at the object`,
  );
}

/**
 * Opens a raw object as {@link readSource} reads it; a large one is streamed, and its digest compared at its end. A piece
 * is the reader's only until it asks for the next one.
 *
 * @throws what `onGone` throws if the object is gone or was replaced; HousecleaningError `unstable-read`
 */
export async function* openSource(
  store: Pick<ObjectStore, 'get'>,
  listed: ObjectInfo,
  options: ReadSourceOptions,
  onGone: () => never,
): AsyncGenerator<Uint8Array, void, undefined> {
  // An object that declares nothing is streamed only where another pass compares it.
  if (listed.size <= wholeBytes || (!provesItself(listed) && options.comparedLater !== true)) {
    const { bytes } = (await readWhole(store, listed, options)) ?? onGone();
    yield bytes;
    if (bytes.length === bytes.buffer.byteLength) release(bytes);
    return;
  }
  let object;
  try {
    object = await store.get(listed.key, pinned(listed, options));
  } catch (error) {
    if (isObjectStoreError(error, 'precondition-failed')) return onGone();
    throw error;
  }
  if (object === undefined || !isListed(object, listed)) return onGone();
  const declared = options.isSecondPass === true ? undefined : declaredDigest(object);
  const hash = createSha256();
  let bytes = 0;
  for await (const piece of piecesOfBody(object.body)) {
    bytes += piece.length;
    if (declared !== undefined) hash.update(piece);
    yield piece;
  }
  if (bytes !== listed.size) throw unstable(listed, `has ${listed.size} bytes, but ${bytes} arrived; run again`);
  if (declared === undefined) return;
  const sha256 = hash.hex();
  if (!sha256.startsWith(declared))
    throw unstable(listed, `was read with the SHA-256 ${sha256} and not ${declared}; look at the object`);
}

/** On the spot where the platform can: handing megabytes to another thread copies them. */
async function digestOf(bytes: Uint8Array): Promise<string> {
  const hash = nativeSha256();
  if (hash === undefined) return sha256Hex(bytes);
  hash.update(bytes);
  return hash.hex();
}

function pinned(listed: ObjectInfo, { signal }: ReadSourceOptions): { ifMatch: string; signal?: AbortSignal } {
  return { ifMatch: listed.etag, ...(signal ? { signal } : {}) };
}

function isListed(read: ObjectInfo, listed: ObjectInfo): boolean {
  return read.etag === listed.etag && read.size === listed.size;
}

function declaredDigest(object: ObjectInfo): string | undefined {
  const full = object.metadata[sha256Metadata];
  return isSha256(full) ? full : parseRawKey(object.key)?.sha256Prefix;
}

function unstable(listed: ObjectInfo, why: string): HousecleaningError {
  return new HousecleaningError('unstable-read', `"${listed.key}" ${why}.`, listed.key);
}
