/** What a store refused, as a stable word. Other failures (a disk's) come as the platform's own errors. */
export type ObjectStoreErrorCode =
  | 'precondition-failed'
  | 'checksum-mismatch'
  | 'bad-key'
  | 'bad-cursor'
  /** A name that an HTTP header cannot carry unchanged, or more bytes than `capabilities.metadataBytes`. */
  | 'bad-metadata'
  /** A range that no object could have: no whole numbers, or no bytes. */
  | 'bad-range'
  /** The body is longer or shorter than `PutOptions.size`. */
  | 'size-mismatch'
  /** The service wants fewer requests (429, 503 "slow down"). */
  | 'throttled'
  /** No answer, or one that says that the service failed (5xx). */
  | 'unavailable'
  /** The service refused the request for another reason: rights, a missing bucket. Trying again will not help. */
  | 'refused';

/**
 * What a failed request may have done all the same: `none` for certain, or `unknown`. A put or delete with an unknown
 * effect must not be tried again blindly: look first.
 */
export type RequestEffect = 'none' | 'unknown';

/** Facts beside the message of an {@link ObjectStoreError}. */
export interface ObjectStoreErrorOptions extends ErrorOptions {
  /** @defaultValue 'none' */
  readonly effect?: RequestEffect;
  /** How long the service asked to wait, ms. */
  readonly retryAfterMs?: number;
}

/** Thrown by every `ObjectStore` implementation for what the caller can act on. */
export class ObjectStoreError extends Error {
  override readonly name = 'ObjectStoreError';
  readonly code: ObjectStoreErrorCode;
  readonly key: string;
  /** Whether the request may have taken effect. */
  readonly effect: RequestEffect;
  /** How long the service asked to wait, ms. */
  readonly retryAfterMs: number | undefined;

  constructor(code: ObjectStoreErrorCode, key: string, message: string, options: ObjectStoreErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.key = key;
    this.effect = options.effect ?? 'none';
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** True for an {@link ObjectStoreError}, also across two copies of this package; with `code`, only for that reason. */
export function isObjectStoreError(error: unknown, code?: ObjectStoreErrorCode): error is ObjectStoreError {
  if (!(error instanceof Error) || error.name !== 'ObjectStoreError' || !('code' in error)) return false;
  return code === undefined || error.code === code;
}

/** Why housecleaning, a restore or a writer stopped, as a stable word. */
export type HousecleaningErrorCode =
  /** An option has a value outside its documented domain. */
  | 'bad-option'
  /** A symbol, date, digest or key does not follow the grammar of `keys`. */
  | 'bad-key'
  /** Bytes are not what their declared digest says, or not one strict gzip member. */
  | 'bad-archive'
  /** A manifest is missing, does not hash to its name, or is not a `hc-manifest/1` document. */
  | 'bad-manifest'
  /** A listing broke its own rules (repeated key, wrong order, foreign prefix, cursor loop): nothing is concluded from it. */
  | 'bad-listing'
  /** Two reads of one object gave different bytes. */
  | 'unstable-read'
  /** A cell, a source or a listing is larger than the stated cap. */
  | 'too-large'
  /** The cell has no archive. */
  | 'not-archived'
  /** The cell is not in quarantine, so there is nothing to resolve. */
  | 'not-quarantined'
  /** A key that must hold certain bytes holds others. */
  | 'key-conflict'
  /** A record's number is not above the last one of its day, and the record is no repeat of one that was taken. */
  | 'seq-conflict'
  /** The stamp of the store names another environment or bucket than the configuration, or there is none. */
  | 'wrong-store'
  /** The store is no longer what the plan saw; make a new plan. */
  | 'plan-changed'
  /** The token of a plan has expired, is of another plan, or was not made with this secret. */
  | 'bad-token'
  /** The lease of a shard is no longer ours: stop, another holder may be at work. */
  | 'lease-lost'
  /** The run ended, but its report could not be stored; `subject` of the error holds it. */
  | 'report-not-written';

/** Thrown by the public functions of this package for what the caller can act on. */
export class HousecleaningError extends Error {
  override readonly name = 'HousecleaningError';
  readonly code: HousecleaningErrorCode;
  /** What the error is about: a key, an option or a value, as it was received. */
  readonly subject: unknown;

  constructor(code: HousecleaningErrorCode, message: string, subject?: unknown, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.subject = subject;
  }
}

/** True for a {@link HousecleaningError}, also across two copies of this package; with `code`, only for that reason. */
export function isHousecleaningError(error: unknown, code?: HousecleaningErrorCode): error is HousecleaningError {
  if (!(error instanceof Error) || error.name !== 'HousecleaningError' || !('code' in error)) return false;
  return code === undefined || error.code === code;
}
