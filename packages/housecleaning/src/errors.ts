/** What a store refused, as a stable word. Other failures (network, disk) come as the platform's own errors. */
export type ObjectStoreErrorCode = 'precondition-failed' | 'checksum-mismatch' | 'bad-key' | 'bad-cursor';

/** Thrown by every `ObjectStore` implementation for what the caller can act on. */
export class ObjectStoreError extends Error {
  override readonly name = 'ObjectStoreError';
  readonly code: ObjectStoreErrorCode;
  readonly key: string;

  constructor(code: ObjectStoreErrorCode, key: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.key = key;
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
  /** A key that must hold certain bytes holds others. */
  | 'key-conflict'
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
