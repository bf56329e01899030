/** Long bodies of S3 objects, in parts. */
import { sha256 as incrementalSha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { ObjectBody, ObjectInfo, PutOptions } from '@tapekit/housecleaning/object-store';
import { AdaptersError } from '../errors.ts';
import type { S3Client } from './s3-client.ts';
import { metadataHeaders, putInfo } from './s3-objects.ts';
import { textOf } from './s3-xml.ts';
import { checksumMismatch, preconditionFailed } from './store-errors.ts';

/**
 * Puts a body of unknown length: in one request by `putWhole` when a part holds it, otherwise in parts, at most one part in
 * memory. Completing is what publishes; anything that fails before aborts the upload, and nothing is stored.
 */
export async function putInParts(
  send: S3Client,
  key: string,
  body: ObjectBody,
  partBytes: number,
  options: PutOptions,
  putWhole: (bytes: Uint8Array<ArrayBuffer>) => Promise<ObjectInfo>,
): Promise<ObjectInfo> {
  const parts = partsOf(body, partBytes);
  const first = await parts.next();
  const second = first.done === true ? first : await parts.next();
  if (second.done === true) return putWhole(first.value ?? new Uint8Array());

  const { ifAbsent, ifMatch, sha256, metadata = {}, signal } = options;
  const abortable = signal === undefined ? {} : { signal };
  const begun = await send({
    method: 'POST',
    key,
    query: { uploads: '' },
    headers: metadataHeaders(metadata),
    ...abortable,
  });
  const uploadId = textOf(await begun.text(), 'UploadId');
  if (uploadId === undefined) throw noUpload(key);
  try {
    const digest = incrementalSha256.create();
    const etags: string[] = [];
    let size = 0;
    const put = async (part: Uint8Array<ArrayBuffer>): Promise<void> => {
      digest.update(part);
      size += part.length;
      const query = { partNumber: String(etags.length + 1), uploadId };
      const answer = await send({ method: 'PUT', key, query, body: part, ...abortable });
      etags.push(answer.headers.get('etag') ?? '');
      await answer.body?.cancel();
    };
    await put(first.value!);
    await put(second.value);
    for await (const part of parts) await put(part);
    const actual = bytesToHex(digest.digest());
    if (sha256 !== undefined && actual !== sha256) throw checksumMismatch(key, sha256, actual);

    const listed = etags.map((etag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${etag}</ETag></Part>`);
    const done = await send({
      method: 'POST',
      key,
      query: { uploadId },
      body: `<CompleteMultipartUpload>${listed.join('')}</CompleteMultipartUpload>`,
      headers: {
        'content-type': 'application/xml',
        ...(ifAbsent === true ? { 'if-none-match': '*' } : {}),
        ...(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }),
      },
      expects: ifMatch === undefined ? [412] : [404, 412],
      ...abortable,
    });
    const text = await done.text();
    if (done.status === 412 || textOf(text, 'Code') === 'NoSuchKey') throw preconditionFailed(key);
    // A refusal may come with status 200, because the answer was begun before the parts were joined.
    const etag = textOf(text, 'ETag')?.replaceAll('"', '');
    if (etag === undefined) throw noUpload(key, text);
    return await putInfo(send, key, etag, done, size, metadata);
  } catch (error) {
    await parts.return(undefined);
    const gone = send({ method: 'DELETE', key, query: { uploadId }, expects: [404] });
    await gone.catch(() => undefined); // The first error says more; lifecycle rules remove the parts.
    throw error;
  }
}

/** The body in pieces of `partBytes`, the last one shorter; none for an empty body. */
async function* partsOf(body: ObjectBody, partBytes: number): AsyncGenerator<Uint8Array<ArrayBuffer>, undefined> {
  const pieces = body instanceof Uint8Array ? [body] : body;
  let [held, used]: [Uint8Array[], number] = [[], 0];
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      // Copied, as the caller may reuse its buffer; `slice` of a Node Buffer is a view.
      const taken = new Uint8Array(piece.subarray(at, at + partBytes - used));
      held.push(taken);
      at += taken.length;
      used += taken.length;
      if (used < partBytes) continue;
      yield joined(held, used);
      [held, used] = [[], 0];
    }
  }
  if (used > 0) yield joined(held, used);
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function noUpload(key: string, xml = ''): AdaptersError {
  const code = textOf(xml, 'Code') ?? 'no reason';
  return new AdaptersError('bad-response', `The upload of "${key}" in parts was refused (${code}).`, { value: key });
}
