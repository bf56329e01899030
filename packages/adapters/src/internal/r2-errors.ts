/** What R2's errors mean; the number is in brackets at the end of the message (developers.cloudflare.com/r2/api/error-codes). */
import { ObjectStoreError, type ObjectStoreErrorCode, type RequestEffect } from '@tapekit/housecleaning/errors';

const certain: Readonly<Record<number, readonly [ObjectStoreErrorCode, string]>> = {
  10002: ['refused', 'Check the credentials.'],
  10003: ['refused', 'Check the rights of the binding.'],
  10006: ['refused', 'Check the bucket of the binding.'],
  10011: ['refused', 'Parts have at least 5 MiB.'],
  10012: ['bad-metadata', 'Store the facts as an object.'],
  10013: ['unavailable', 'The body broke off.'],
  10020: ['bad-key', 'R2 takes no such key.'],
  10024: ['refused', 'The upload is gone.'],
  10025: ['refused', 'A part of the upload is gone.'],
  10031: ['precondition-failed', 'Read it again.'],
  10037: ['checksum-mismatch', 'Nothing was stored.'],
  10042: ['refused', 'The account has no R2.'],
  10048: ['refused', 'Parts have one length.'],
  10058: ['throttled', 'R2 takes one write a second of a key.'],
  10069: ['refused', 'A lock rule of the bucket keeps it.'],
  100100: ['refused', 'One request takes 5 GiB.'],
};

/** The number of R2's error; `undefined` for failures of the way there. */
function r2Code(error: unknown): number | undefined {
  const found = error instanceof Error ? /\((\d{5,6})\)\s*$/.exec(error.message)?.[1] : undefined;
  return found === undefined ? undefined : Number(found);
}

/** The port's error for one of R2; `effect` is what a failure without a certain answer may have done. */
export function fromR2(error: unknown, operation: string, key: string, effect: RequestEffect): ObjectStoreError {
  const code = r2Code(error);
  const known = code === undefined ? undefined : certain[code];
  const said = error instanceof Error ? error.message : String(error);
  if (known)
    return new ObjectStoreError(known[0], key, `${operation} "${key}" failed: ${said}. ${known[1]}`, { cause: error });
  const advice = effect === 'unknown' ? 'It may have taken effect: look before trying again.' : 'Try again.';
  return new ObjectStoreError('unavailable', key, `${operation} "${key}" failed: ${said}. ${advice}`, {
    effect,
    cause: error,
  });
}
