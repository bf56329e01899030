/**
 * The port through which every byte of the archive moves: the smallest interface that housecleaning needs.
 *
 * Implementations live in `@tapekit/adapters/stores/*`; all of them pass the conformance suite of
 * `@tapekit/housecleaning/testing`.
 */
import { ObjectStoreError } from './errors.ts';
import { compareUtf8, toUtf8 } from './internal/utf8.ts';

export { piecesOfBody } from './internal/streams.ts';

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
  /**
   * Byte range, in whole numbers; `length` absent reads to the end. A range that begins at or beyond the end gives no
   * bytes, one that ends beyond it what there is.
   */
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
   * Bytes of the body; another length is a `size-mismatch` and stores nothing. With it a stream goes up in one request;
   * without it a long one goes up in parts, and with `ifAbsent` or `ifMatch` only where
   * `capabilities.conditionalStream`.
   */
  readonly size?: number;
  /**
   * Small string facts, kept with the object: names of lower-case letters, digits and dashes, values without halves of
   * surrogate pairs, no more than `capabilities.metadataBytes` together; otherwise `bad-metadata`.
   */
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

/** Something that lies where the objects of a store lie, and is none: it can be neither read nor deleted through the store. */
export interface StrayEntry {
  /** Its path, as a key would be; bytes that are no text are written `\\xff`. */
  readonly name: string;
  /** What it is, in words. */
  readonly why: string;
}

/** One page of a listing, in ascending order of the keys' UTF-8 bytes. */
export interface ListPage {
  readonly objects: readonly ObjectInfo[];
  /** Stray entries between the objects of this page: in a folder, links and names that are no keys. Most stores have none. */
  readonly strays?: readonly StrayEntry[];
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
  /**
   * True when the store itself compares {@link PutOptions.sha256} with the bytes that arrived, at least of a body that
   * goes up in one request. Every store refuses other bytes; where this is false, its client compared before it sent.
   */
  readonly serverChecksum: boolean;
  /** Most bytes of an object's metadata, names and values together, in UTF-8; more is `bad-metadata`. */
  readonly metadataBytes: number;
  /**
   * True when a stream without {@link PutOptions.size} may be put with `ifAbsent` or `ifMatch`. Where it is not, the
   * store cannot compare when it joins the parts of such a stream, so the put is `refused` at once: state the size.
   */
  readonly conditionalStream: boolean;
}

/** A flat key-value store of immutable-or-replaced objects with compare-and-swap. */
export interface ObjectStore {
  readonly capabilities: ObjectStoreCapabilities;
  /** `undefined` for a missing key; an error never means "missing". */
  get(key: string, options?: GetOptions): Promise<StoredObject | undefined>;
  /** `undefined` for a missing key. */
  head(key: string, options?: { readonly signal?: AbortSignal }): Promise<ObjectInfo | undefined>;
  /**
   * Resolves when the object is durable. Readers see the old object or the new one, whole.
   *
   * A body given as a stream is held in memory up to two parts. The last piece is handed on only when the stream has
   * ended and its size and digest are right, so a stream that fails, even at its very end, and an abort before that
   * store nothing, and cancel the stream. An abort after it may be too late: look, as after any lost answer.
   */
  put(key: string, body: ObjectBody, options?: PutOptions): Promise<ObjectInfo>;
  /**
   * One result per target, in their order. More than `capabilities.maxDeleteBatch` targets are `refused`, and nothing
   * is deleted.
   */
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

/**
 * Refuses metadata that some store would change or drop. Every store calls it first, with its `metadataBytes`.
 *
 * @throws ObjectStoreError `bad-metadata`
 */
export function assertMetadata(
  key: string,
  metadata: Readonly<Record<string, string>> | undefined,
  maxBytes: number,
): void {
  let bytes = 0;
  for (const [name, value] of Object.entries(metadata ?? {})) {
    // S3 carries names in headers, which know no case; values may hold anything that has a UTF-8 form.
    const why = !/^[a-z0-9][a-z0-9-]*$/.test(name)
      ? 'expected lower-case letters, digits and dashes'
      : typeof value !== 'string' || /\p{Surrogate}/u.test(value)
        ? 'expected a value that is text without halves of surrogate pairs'
        : undefined;
    if (why !== undefined)
      throw new ObjectStoreError('bad-metadata', key, `Metadata ${JSON.stringify(name)} of "${key}": ${why}.`);
    bytes += toUtf8(name).length + toUtf8(value).length;
  }
  if (bytes > maxBytes) {
    const message = `The metadata of "${key}" has ${bytes} bytes, expected at most ${maxBytes}; store the facts as an object.`;
    throw new ObjectStoreError('bad-metadata', key, message);
  }
}

/**
 * Refuses a range that is not whole numbers from 0, or that asks for no byte.
 *
 * @throws ObjectStoreError `bad-range`
 */
export function assertRange(key: string, range: GetOptions['range']): void {
  if (range === undefined) return;
  const { offset, length = 1 } = range;
  if (Number.isSafeInteger(offset) && offset >= 0 && Number.isSafeInteger(length) && length >= 1) return;
  const message = `The range ${JSON.stringify(range)} of "${key}" has to be an offset from 0 and a length from 1.`;
  throw new ObjectStoreError('bad-range', key, message);
}

/**
 * Refuses more targets than one request takes, and keys that are none. Every store calls it first.
 *
 * @throws ObjectStoreError `refused`, `bad-key`
 */
export function assertDeleteTargets(targets: readonly DeleteTarget[], maxDeleteBatch: number): void {
  if (targets.length > maxDeleteBatch) {
    const message = `A delete names ${targets.length} keys, expected at most ${maxDeleteBatch}; nothing was deleted.`;
    throw new ObjectStoreError('refused', targets[0]!.key, message);
  }
  for (const { key } of targets) assertObjectKey(key);
}

/** Ascending order of the keys' UTF-8 bytes, the order of every listing; for `sort`. */
export function compareKeys(a: string, b: string): number {
  return compareUtf8(a, b);
}
