import {
  isObjectStoreError,
  ObjectStoreError,
  type ObjectStoreErrorOptions,
  type RequestEffect,
} from '@tapekit/housecleaning/errors';

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

/** The body is not as long as was promised. */
export function sizeMismatch(key: string, expected: number, actual: number | 'more'): ObjectStoreError {
  const message = `The body for "${key}" has ${actual} bytes, expected ${expected}; nothing was stored.`;
  return new ObjectStoreError('size-mismatch', key, message);
}

/** A stream of unknown length with a condition, where parts know no conditions. */
export function unconditionalStream(key: string): ObjectStoreError {
  const message =
    `A stream of unknown length goes up to "${key}" in parts, which are joined without a condition here; ` +
    'state its size, or put it without ifAbsent and ifMatch.';
  return new ObjectStoreError('refused', key, message);
}

/** More parts than one upload takes. */
export function tooManyParts(key: string, partBytes: number): ObjectStoreError {
  const message = `The body for "${key}" has more than 10,000 parts of ${partBytes} bytes; raise partBytes.`;
  return new ObjectStoreError('refused', key, message);
}

/** A cursor that this store did not hand out. */
export function badCursor(cursor: string): ObjectStoreError {
  const message = `The cursor "${cursor}" was not made by this store; list from the start.`;
  return new ObjectStoreError('bad-cursor', cursor, message);
}

/** The same error with another word on what the request may have done, for steps of a longer operation. */
export function withEffect(error: unknown, effect: RequestEffect): unknown {
  if (!isObjectStoreError(error) || error.effect === effect) return error;
  return copyOf(error, error.key, { effect });
}

/** The same error about another key, for stores that rename. */
export function aboutKey(error: unknown, key: string): unknown {
  return isObjectStoreError(error) && error.key !== key ? copyOf(error, key, {}) : error;
}

function copyOf(error: ObjectStoreError, key: string, change: ObjectStoreErrorOptions): ObjectStoreError {
  return new ObjectStoreError(error.code, key, error.message, {
    effect: error.effect,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    cause: error,
    ...change,
  });
}
