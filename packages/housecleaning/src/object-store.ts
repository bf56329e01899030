/**
 * The port through which every byte of the archive moves: the smallest interface that housecleaning needs.
 *
 * Implementations live in `@tapekit/adapters/stores/*`; all of them pass the conformance suite of
 * `@tapekit/housecleaning/testing`.
 */
import { ObjectStoreError } from './errors.ts';
import { compareUtf8, toUtf8 } from './internal/utf8.ts';

/** What a store knows of one object without reading it. */
export interface ObjectInfo {
  readonly key: string;
  /** Bytes stored. */
  readonly size: number;
  /** Changes whenever the bytes change; compared for equality only. */
  readonly etag: string;
  /** Identity of this very write, where the store has one: the same bytes put again give another version. */
  readonly version?: string;
  /** When the store accepted the object, by the store's clock, epoch milliseconds UTC. */
  readonly uploadedMs: number;
  /** Small string facts stored with the object. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** One object, opened for reading. Read the body once, as a stream or as bytes. */
export interface StoredObject extends ObjectInfo {
  readonly body: ReadableStream<Uint8Array>;
  bytes(): Promise<Uint8Array>;
}

/** What may be written: bytes at hand, or a stream. */
export type ObjectBody = Uint8Array | ReadableStream<Uint8Array>;

export interface GetOptions {
  /** Answer only if the object still has this etag; otherwise {@link ObjectStoreError} `precondition-failed`. */
  readonly ifMatch?: string;
  /** Byte range; `length` absent reads to the end. */
  readonly range?: { readonly offset: number; readonly length?: number };
  readonly signal?: AbortSignal;
}

export interface PutOptions {
  /** Write only if the key is free; otherwise {@link ObjectStoreError} `precondition-failed`. */
  readonly ifAbsent?: boolean;
  /** Write only over the object with this etag; otherwise {@link ObjectStoreError} `precondition-failed`. */
  readonly ifMatch?: string;
  /** Lower-case hex SHA-256 of the body; the store refuses other bytes with `checksum-mismatch` and stores nothing. */
  readonly sha256?: string;
  /**
   * Bytes of a body that is a stream; another length is an error and stores nothing. With it a stream goes up in one
   * request; without it a long one goes up in parts, or, with `ifAbsent` or `ifMatch`, may be held in memory.
   */
  readonly size?: number;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface ListOptions {
  /** Only keys that start with this string. */
  readonly prefix?: string;
  /** Where the page before this one ended. */
  readonly cursor?: string;
  /** At most this many keys a page; a store may return fewer. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/** One page of a listing, in ascending order of the keys' UTF-8 bytes. */
export interface ListPage {
  readonly objects: readonly ObjectInfo[];
  /** Present if and only if there may be more. */
  readonly cursor?: string;
}

/** What to delete: a key, and on stores that can check it the etag that it must still have. */
export interface DeleteTarget {
  readonly key: string;
  /** The identity that was archived. Honoured where `capabilities.conditionalDelete`, else ignored. */
  readonly etag?: string;
}

/** The answer for one {@link DeleteTarget}. */
export interface DeleteResult {
  readonly key: string;
  /** `changed`: the object is there with another etag and was kept. */
  readonly outcome: 'deleted' | 'absent' | 'changed';
}

export interface ObjectStoreCapabilities {
  /** True when `delete` honours {@link DeleteTarget.etag} atomically. */
  readonly conditionalDelete: boolean;
  /** Most keys of one `delete` call. */
  readonly maxDeleteBatch: number;
  /** True when `list` gives {@link ObjectInfo.metadata}; where it does not, it is empty there, and `head` has it. */
  readonly listsMetadata: boolean;
}

/** A flat key-value store of immutable-or-replaced objects with compare-and-swap. */
export interface ObjectStore {
  readonly capabilities: ObjectStoreCapabilities;
  /** `undefined` for a missing key; an error never means "missing". */
  get(key: string, options?: GetOptions): Promise<StoredObject | undefined>;
  /** `undefined` for a missing key. */
  head(key: string, options?: { readonly signal?: AbortSignal }): Promise<ObjectInfo | undefined>;
  /**
   * Resolves when the object is durable. Readers see the old object or the new one, whole. A stream that fails, and an
   * abort, store nothing.
   */
  put(key: string, body: ObjectBody, options?: PutOptions): Promise<ObjectInfo>;
  delete(
    targets: readonly DeleteTarget[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly DeleteResult[]>;
  list(options?: ListOptions): Promise<ListPage>;
}

/** Most bytes of a key, in UTF-8; the lowest limit of the stores that we know. */
export const maxKeyBytes = 1_024;

/**
 * Refuses what some store would refuse or read as another place: empty keys and segments, `.` and `..`, backslashes,
 * control characters, lone surrogates, more than {@link maxKeyBytes}. Every store calls it first, with every key.
 *
 * @throws ObjectStoreError `bad-key`
 */
export function assertObjectKey(key: string): void {
  const refuse = (why: string): never => {
    throw new ObjectStoreError(
      'bad-key',
      key,
      `The key ${JSON.stringify(key)} ${why}; expected segments joined by "/".`,
    );
  };
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f\\]/.test(key)) refuse('holds a backslash or a control character');
  if (/\p{Surrogate}/u.test(key)) refuse('holds half of a surrogate pair');
  if (toUtf8(key).length > maxKeyBytes) refuse(`is longer than ${maxKeyBytes} bytes`);
  for (const segment of key.split('/')) {
    if (segment === '') refuse('is empty or has an empty segment');
    if (segment === '.' || segment === '..') refuse('points to a folder instead of an object');
  }
}

/** Ascending order of the keys' UTF-8 bytes, the order of every listing; for `sort`. */
export function compareKeys(a: string, b: string): number {
  return compareUtf8(a, b);
}
