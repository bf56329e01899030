/** Writes to S3: bytes and streams of stated length in one request, long bodies of unknown length in parts. */
import { ObjectStoreError } from '@tapekit/housecleaning/errors';
import type { ObjectBody, ObjectInfo, PutOptions } from '@tapekit/housecleaning/object-store';
import { sendsStreams, watchPieces } from './fixed-length.ts';
import { base64OfHex, sha256Of } from './sha256.ts';
import { maxParts, partLimits, partsOf, shortBytes } from './parts.ts';
import { refusal, type S3Client, type S3Request } from './s3-client.ts';
import { bareEtag, metadataHeaders, objectInfo } from './s3-objects.ts';
import { textOf } from './s3-xml.ts';
import { provenPieces, readBody } from './store-body.ts';
import { checksumMismatch, preconditionFailed, tooManyParts, unconditionalStream, withEffect } from './store-errors.ts';

/** How the service and its client put long bodies. */
export interface S3PutStyle {
  readonly partBytes: number;
  readonly conditionalParts: boolean;
}

/** Puts a body of any kind. */
export async function putToS3(
  send: S3Client,
  key: string,
  body: ObjectBody,
  options: PutOptions,
  { partBytes, conditionalParts }: S3PutStyle,
): Promise<ObjectInfo> {
  const { ifAbsent, ifMatch, size, sha256, signal } = options;
  const isStated = size !== undefined && size <= partLimits.largest;
  if (body instanceof Uint8Array || (isStated && (size <= shortBytes || !sendsStreams()))) {
    return putBytes(send, key, await readBody(key, body, options), options);
  }
  if (isStated) {
    const stop = new AbortController();
    const watched = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
    const source = watchPieces(provenPieces(key, body, { ...options, signal: watched }), size);
    const known = sha256 === undefined ? {} : { sha256 };
    try {
      return await putOnce(send, key, { body: { source, size }, ...known }, options, size);
    } finally {
      stop.abort();
    }
  }
  if ((ifAbsent === true || ifMatch !== undefined) && !conditionalParts) throw unconditionalStream(key);
  return putInParts(send, key, body, partBytes, options);
}

async function putBytes(
  send: S3Client,
  key: string,
  bytes: Uint8Array<ArrayBuffer>,
  options: PutOptions,
): Promise<ObjectInfo> {
  const hex = await sha256Of(bytes);
  if (options.sha256 !== undefined && options.sha256 !== hex) throw checksumMismatch(key, options.sha256, hex);
  return putOnce(send, key, { body: bytes, sha256: hex }, options, bytes.length);
}

async function putOnce(
  send: S3Client,
  key: string,
  what: Pick<S3Request, 'body' | 'sha256'>,
  options: PutOptions,
  size: number,
): Promise<ObjectInfo> {
  const { metadata, signal } = options;
  const answer = await send({
    method: 'PUT',
    key,
    ...what,
    headers: {
      ...metadataHeaders(metadata),
      ...conditionHeaders(options),
      ...(what.sha256 === undefined ? {} : { 'x-amz-checksum-sha256': base64OfHex(what.sha256) }),
    },
    expects: [404, 409, 412],
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await answer.text();
  await throwIfRefused(send, key, answer, text, options);
  return putInfo(send, key, bareEtag(answer.headers.get('etag')), answer, size, metadata);
}

/**
 * Puts a body in parts, or in one request when it turns out to be short. Completing is what publishes; anything that
 * fails before aborts the upload, and nothing is stored.
 */
async function putInParts(
  send: S3Client,
  key: string,
  body: ObjectBody,
  partBytes: number,
  options: PutOptions,
): Promise<ObjectInfo> {
  const parts = partsOf(provenPieces(key, body, options), partBytes);
  const first = (await parts.next()).value!;
  if (first.isLast) return putBytes(send, key, first.bytes, options);

  const { metadata, signal } = options;
  const abortable = signal === undefined ? {} : { signal };
  // Before completing, an unknown effect on a part is none on the object.
  const step = (request: S3Request): Promise<Response> =>
    send({ ...request, ...abortable }).catch((error: unknown) => {
      throw withEffect(error, 'none');
    });
  const begun = await step({ method: 'POST', key, query: { uploads: '' }, headers: metadataHeaders(metadata) });
  const uploadId = textOf(await begun.text(), 'UploadId');
  if (uploadId === undefined)
    throw new ObjectStoreError('unavailable', key, `The upload of "${key}" in parts was begun without an id.`);
  try {
    const etags: string[] = [];
    let size = 0;
    const put = async (bytes: Uint8Array<ArrayBuffer>): Promise<void> => {
      const query = { partNumber: String(etags.length + 1), uploadId };
      const answer = await step({ method: 'PUT', key, query, body: bytes });
      size += bytes.length;
      etags.push(answer.headers.get('etag') ?? '');
      await answer.body?.cancel();
    };
    await put(first.bytes);
    for await (const { bytes } of parts) {
      if (etags.length === maxParts) throw tooManyParts(key, partBytes);
      await put(bytes);
    }
    const listed = etags.map((etag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${etag}</ETag></Part>`);
    const done = await send({
      method: 'POST',
      key,
      query: { uploadId },
      body: `<CompleteMultipartUpload>${listed.join('')}</CompleteMultipartUpload>`,
      headers: { 'content-type': 'application/xml', ...conditionHeaders(options) },
      expects: [404, 409, 412],
      ...abortable,
    });
    const text = await done.text();
    await throwIfRefused(send, key, done, text, options);
    const etag = bareEtag(textOf(text, 'ETag'));
    // A failure may come with status 200, because the answer was begun before the parts were joined.
    if (etag === undefined) throw await refusal(new Response(null, { status: 500 }), 'POST', key, text);
    return await putInfo(send, key, etag, done, size, metadata);
  } catch (error) {
    await parts.return(undefined).catch(() => undefined);
    const gone = send({ method: 'DELETE', key, query: { uploadId }, expects: [404] });
    await gone.catch(() => undefined); // The first error says more; lifecycle rules remove the parts.
    throw error;
  }
}

function conditionHeaders({ ifAbsent, ifMatch }: PutOptions): Record<string, string> {
  return {
    ...(ifAbsent === true ? { 'if-none-match': '*' } : {}),
    ...(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }),
  };
}

/** 412 is a failed condition, 404 one on a missing key, and 409 a write at the same time: then only a look tells which. */
async function throwIfRefused(
  send: S3Client,
  key: string,
  answer: Response,
  xml: string,
  { ifAbsent, ifMatch }: PutOptions,
): Promise<void> {
  const reason = textOf(xml, 'Code');
  if (answer.status === 412 || reason === 'PreconditionFailed') throw preconditionFailed(key);
  if (answer.status === 404) {
    if (ifMatch !== undefined && reason === 'NoSuchKey') throw preconditionFailed(key);
    throw await refusal(answer, 'PUT', key, xml);
  }
  if (answer.status !== 409) return;
  const refused = await refusal(answer, 'PUT', key, xml);
  if (ifAbsent !== true && ifMatch === undefined) throw refused;
  const now = await send({ method: 'HEAD', key, expects: [404] }).catch(() => undefined);
  if (now === undefined) throw refused;
  const etag = now.status === 404 ? undefined : objectInfo(key, now.headers).etag;
  const isLost = ifAbsent === true ? etag !== undefined : etag !== ifMatch;
  throw isLost ? preconditionFailed(key) : refused;
}

/** What is known of an object that was just put. Services that do not date their answer are asked for its time. */
async function putInfo(
  send: S3Client,
  key: string,
  etag: string | undefined,
  answer: Response,
  size: number,
  metadata: PutOptions['metadata'],
): Promise<ObjectInfo> {
  const version = answer.headers.get('x-amz-version-id');
  let uploadedMs = Date.parse(answer.headers.get('date') ?? '');
  let known = etag;
  if (Number.isNaN(uploadedMs) || known === undefined) {
    const now = await send({ method: 'HEAD', key }).catch((error: unknown) => {
      throw withEffect(error, 'unknown');
    });
    const info = objectInfo(key, now.headers);
    known ??= info.etag;
    uploadedMs = info.uploadedMs;
  }
  return { key, size, etag: known, ...(version === null ? {} : { version }), uploadedMs, metadata: { ...metadata } };
}
