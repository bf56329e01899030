import { HousecleaningError, isObjectStoreError } from '../errors.ts';
import { isSha256, parseRawKey } from '../keys.ts';
import type { ObjectInfo, ObjectStore } from '../object-store.ts';
import { sha256Hex } from './sha256.ts';

/** An object with its bytes, whose length was checked. */
export interface ReadObject {
  readonly info: ObjectInfo;
  readonly bytes: Uint8Array;
}

/** Metadata name under which writers of this package store the full SHA-256 of what they put. */
export const sha256Metadata = 'sha256';

/** Reads one object whole; a body of another length than announced is read once more, then refused. */
export async function readObject(
  store: ObjectStore,
  key: string,
  options: { readonly ifMatch?: string; readonly signal?: AbortSignal } = {},
): Promise<ReadObject | undefined> {
  for (let attempt = 1; ; attempt++) {
    const object = await store.get(key, options);
    if (object === undefined) return undefined;
    const bytes = await object.bytes();
    const { size, etag, version, uploadedMs, metadata } = object;
    const info = { key, size, etag, uploadedMs, metadata, ...(version === undefined ? {} : { version }) };
    if (bytes.length === size) return { info, bytes };
    if (attempt === 2) {
      throw new HousecleaningError(
        'unstable-read',
        `"${key}" has ${size} bytes, but ${bytes.length} arrived, twice.`,
        key,
      );
    }
  }
}

/**
 * Reads a raw object pinned to the identity that was listed, and proves that the bytes are those that were written: by
 * the digest in its metadata or its key, or, for objects of other writers, by two reads that agree.
 *
 * @returns `undefined` if the object is gone or was replaced: the caller starts over, nobody concludes "empty".
 * @throws HousecleaningError `unstable-read`
 */
export async function readSource(
  store: ObjectStore,
  listed: ObjectInfo,
  signal?: AbortSignal,
): Promise<{ readonly bytes: Uint8Array; readonly sha256: string } | undefined> {
  const declared = declaredDigest(listed);
  let before: string | undefined;
  for (let attempt = 1; attempt <= 3; attempt++) {
    let read: ReadObject | undefined;
    try {
      read = await readObject(store, listed.key, { ifMatch: listed.etag, ...(signal ? { signal } : {}) });
    } catch (error) {
      if (isObjectStoreError(error, 'precondition-failed')) return undefined;
      throw error;
    }
    if (read?.info.etag !== listed.etag || read.info.size !== listed.size) return undefined;
    const sha256 = await sha256Hex(read.bytes);
    if (declared === undefined ? sha256 === before : sha256.startsWith(declared)) return { bytes: read.bytes, sha256 };
    before = sha256;
  }
  throw new HousecleaningError(
    'unstable-read',
    `"${listed.key}" was read three times and its bytes ${declared ? `never had the SHA-256 ${declared}` : 'differed'}; look at the object.`,
    listed.key,
  );
}

function declaredDigest(listed: ObjectInfo): string | undefined {
  const full = listed.metadata[sha256Metadata];
  return isSha256(full) ? full : parseRawKey(listed.key)?.sha256Prefix;
}
