/** Writes to R2: bytes, streams of stated length in one request, streams of unknown length in parts. */
import type { RequestEffect } from '@tapekit/housecleaning/errors';
import type { ObjectBody, PutOptions } from '@tapekit/housecleaning/object-store';
import { feedFixed, fixedLengthStream, watchPieces } from './fixed-length.ts';
import { maxParts, partLimits, partsOf, shortBytes } from './parts.ts';
import type { R2BucketLike, R2ObjectLike, R2PutOptionsLike, R2UploadedPartLike } from './r2-bucket.ts';
import { fromR2 } from './r2-errors.ts';
import { provenPieces, readBody } from './store-body.ts';
import { preconditionFailed, tooManyParts, unconditionalStream } from './store-errors.ts';

/** Puts a body of any kind; resolves to what R2 says of the object. */
export async function putToR2(
  bucket: R2BucketLike,
  key: string,
  body: ObjectBody,
  options: PutOptions,
  partBytes: number,
): Promise<R2ObjectLike> {
  const { ifAbsent, ifMatch, size, sha256, metadata, signal } = options;
  const isConditional = ifAbsent === true || ifMatch !== undefined;
  const asked: R2PutOptionsLike = {
    ...(ifAbsent === true ? { onlyIf: { etagDoesNotMatch: '*' } } : {}),
    ...(ifMatch === undefined ? {} : { onlyIf: { etagMatches: ifMatch } }),
    ...(sha256 === undefined ? {} : { sha256 }),
    customMetadata: { ...metadata },
  };
  const FixedLength = fixedLengthStream();
  const isStated = size !== undefined && size <= partLimits.largest;
  if (body instanceof Uint8Array || (isStated && (size <= shortBytes || FixedLength === undefined))) {
    return putBytes(bucket, key, await readBody(key, body, options), asked);
  }
  if (isStated && FixedLength) {
    const stop = new AbortController();
    const watched = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
    const source = watchPieces(provenPieces(key, body, { ...options, signal: watched }), size);
    const fed = feedFixed(FixedLength, size, source.pieces);
    let answer: R2ObjectLike | null;
    try {
      answer = await bucket.put(key, fed.readable, asked);
    } catch (error) {
      if (source.failure) throw source.failure.error;
      throw fromR2(error, 'put', key, source.isHandedOver ? 'unknown' : 'none');
    } finally {
      // R2 may answer before it has read the body.
      fed.stop();
      stop.abort();
    }
    return stored(key, answer);
  }
  if (isConditional) throw unconditionalStream(key);
  return putParts(bucket, key, body, options, asked, partBytes);
}

async function putBytes(
  bucket: R2BucketLike,
  key: string,
  bytes: Uint8Array,
  asked: R2PutOptionsLike,
): Promise<R2ObjectLike> {
  const answer = await bucket.put(key, bytes, asked).catch((error: unknown) => {
    throw fromR2(error, 'put', key, 'unknown');
  });
  return stored(key, answer);
}

/** `complete` publishes; whatever fails before it aborts the upload. R2 knows no digest of the whole: it was compared here. */
async function putParts(
  bucket: R2BucketLike,
  key: string,
  body: ObjectBody,
  options: PutOptions,
  asked: R2PutOptionsLike,
  partBytes: number,
): Promise<R2ObjectLike> {
  const parts = partsOf(provenPieces(key, body, options), partBytes);
  const first = (await parts.next()).value!;
  if (first.isLast) return putBytes(bucket, key, first.bytes, asked);
  let effect: RequestEffect = 'none';
  const asking = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw fromR2(error, 'put', key, effect);
    });
  const upload = await asking(bucket.createMultipartUpload(key, { customMetadata: { ...options.metadata } }));
  try {
    const taken: R2UploadedPartLike[] = [await asking(upload.uploadPart(1, first.bytes))];
    for await (const { bytes } of parts) {
      if (taken.length === maxParts) throw tooManyParts(key, partBytes);
      taken.push(await asking(upload.uploadPart(taken.length + 1, bytes)));
    }
    options.signal?.throwIfAborted();
    effect = 'unknown';
    return await asking(upload.complete(taken));
  } catch (error) {
    await parts.return(undefined).catch(() => undefined);
    // The first error says more; R2 removes what is left of uploads after a week.
    await upload.abort().catch(() => undefined);
    throw error;
  }
}

function stored(key: string, answer: R2ObjectLike | null): R2ObjectLike {
  if (answer === null) throw preconditionFailed(key);
  return answer;
}
