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
