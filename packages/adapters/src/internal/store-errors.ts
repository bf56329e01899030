import { ObjectStoreError } from '@tapekit/housecleaning/errors';

/** The object is there where it should not be, is gone, or has other bytes than the request expects. */
export function preconditionFailed(key: string): ObjectStoreError {
  return new ObjectStoreError(
    'precondition-failed',
    key,
    `"${key}" is not in the state that the request expects; read it again.`,
  );
}

/** The body is not what its digest promised. */
export function checksumMismatch(key: string, expected: string, actual: string): ObjectStoreError {
  return new ObjectStoreError(
    'checksum-mismatch',
    key,
    `The body for "${key}" has the SHA-256 ${actual}, expected ${expected}; nothing was stored.`,
  );
}
