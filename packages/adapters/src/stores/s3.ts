/**
 * An object store over any S3-compatible endpoint: AWS S3, R2's S3 API, MinIO, Ceph. Requests are signed by aws4fetch, so it
 * runs in Node, workerd and browsers alike.
 *
 * - **Compare-and-swap** is the service's: `If-None-Match: *` and `If-Match` on PutObject and CompleteMultipartUpload.
 * - **Deletes** are conditional (`If-Match` on DeleteObject, one request a key) only with `conditionalDelete: true`: AWS S3 has
 *   that since September 2025, R2's S3 API has not. Without it, etags of deletes are ignored and keys go in batches.
 * - **Bodies** longer than `partBytes` go up in parts, conditional ones only where the service honours conditions there
 *   (`conditionalParts`); what breaks off is aborted and leaves nothing.
 * - A listing of S3 has no metadata: it is empty there, and in `get` and `head` it is what was put.
 */
import { ObjectStoreError } from '@tapekit/housecleaning/errors';
import {
  assertObjectKey,
  type DeleteResult,
  type DeleteTarget,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
} from '@tapekit/housecleaning/object-store';
import { AdaptersError } from '../errors.ts';
import { createS3Client, type S3Client } from '../internal/s3-client.ts';
import { metadataHeaders, objectInfo, openObject, putInfo } from '../internal/s3-objects.ts';
import { putInParts } from '../internal/s3-parts.ts';
import { elementsOf, escaped, textOf } from '../internal/s3-xml.ts';
import { readBody, sha256Base64 } from '../internal/store-body.ts';
import { checksumMismatch, preconditionFailed } from '../internal/store-errors.ts';

/** What {@link createS3Store} is made with. */
export interface S3StoreOptions {
  /** Address of the service, for example `https://s3.eu-central-1.amazonaws.com`. */
  readonly endpoint: string;
  /** The bucket; it must exist. */
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
  /**
   * Region of the bucket; services without regions take `auto`.
   * @defaultValue 'auto'
   */
  readonly region?: string;
  /**
   * Whether the service honours `If-Match` on DeleteObject. Say so only when it does (AWS S3): a service that ignores it
   * would delete an object that has changed.
   * @defaultValue false
   */
  readonly conditionalDelete?: boolean;
  /**
   * Whether the service honours conditions on CompleteMultipartUpload (AWS S3 and R2's S3 API do; emulators ignore them).
   * Without it, a long body that is put with `ifAbsent` or `ifMatch` is held in memory and goes up in one request.
   * @defaultValue false
   */
  readonly conditionalParts?: boolean;
  /**
   * Bytes of a part of a long body, and the longest body that goes up in one request; from 5 MiB to 5 GiB.
   * @defaultValue 16,777,216
   */
  readonly partBytes?: number;
  /** The `fetch` to use, for proxies and tests. @defaultValue the platform's */
  readonly fetch?: typeof fetch;
}

/** The defaults of {@link S3StoreOptions}. */
export const s3StoreDefaults = {
  region: 'auto',
  conditionalDelete: false,
  conditionalParts: false,
  partBytes: 16 * 1024 * 1024,
} as const satisfies Partial<S3StoreOptions>;

const maxListed = 1_000;
const mebibyte = 1024 * 1024;

/**
 * A store over one bucket. Each operation is tried once: wrap it in `createRetryingStore` for a network.
 * @throws AdaptersError `bad-option`. Its operations throw `unreachable`, `rate-limited` (429 and 503) and `bad-response`
 *   beside the port's own errors.
 */
export function createS3Store(options: S3StoreOptions): ObjectStore {
  const { conditionalDelete, conditionalParts, partBytes, region } = { ...s3StoreDefaults, ...options };
  if (!Number.isSafeInteger(partBytes) || partBytes < 5 * mebibyte || partBytes > 5 * 1024 * mebibyte) {
    const message = `partBytes "${partBytes}" is not a whole number from 5 MiB to 5 GiB.`;
    throw new AdaptersError('bad-option', message, { value: partBytes });
  }
  const send = createS3Client({ ...options, region, fetch: options.fetch ?? fetch });

  return {
    capabilities: { conditionalDelete, maxDeleteBatch: maxListed, listsMetadata: false },
    async get(key, { ifMatch, range, signal } = {}) {
      assertObjectKey(key);
      const response = await send({
        method: 'GET',
        key,
        headers: {
          ...(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }),
          ...(range === undefined ? {} : { range: rangeHeader(range) }),
        },
        expects: [404, 412],
        ...(signal === undefined ? {} : { signal }),
      });
      if (response.status === 404) return missing(response, key);
      if (response.status === 412) {
        await response.body?.cancel();
        throw preconditionFailed(key);
      }
      return openObject(key, response);
    },
    async head(key, { signal } = {}) {
      assertObjectKey(key);
      const response = await send({ method: 'HEAD', key, expects: [404], ...(signal === undefined ? {} : { signal }) });
      return response.status === 404 ? undefined : objectInfo(key, response.headers);
    },
    async put(key, body, putOptions = {}) {
      assertObjectKey(key);
      const { ifAbsent, ifMatch } = putOptions;
      putOptions.signal?.throwIfAborted();
      if (ifAbsent === true && ifMatch !== undefined) throw preconditionFailed(key);
      const isShort = body instanceof Uint8Array && body.length <= partBytes;
      const isConditional = ifAbsent === true || ifMatch !== undefined;
      return isShort || (isConditional && !conditionalParts)
        ? putWhole(send, key, await readBody(body), putOptions)
        : putInParts(send, key, body, partBytes, putOptions, (bytes) => putWhole(send, key, bytes, putOptions));
    },
    async delete(targets, { signal } = {}) {
      for (const { key } of targets) assertObjectKey(key);
      if (targets.length === 0) return [];
      if (!conditionalDelete) return deleteTogether(send, targets, signal);
      const results: DeleteResult[] = [];
      for (const target of targets) results.push(await deleteOne(send, target, signal));
      return results;
    },
    async list({ prefix, cursor, limit = maxListed, signal } = {}) {
      const response = await send({
        method: 'GET',
        query: {
          'list-type': '2',
          'encoding-type': 'url',
          'max-keys': String(Math.max(1, Math.min(limit, maxListed))),
          ...(prefix === undefined || prefix === '' ? {} : { prefix }),
          ...(cursor === undefined ? {} : { 'continuation-token': cursor }),
        },
        ...(signal === undefined ? {} : { signal }),
      });
      return listing(await response.text(), prefix);
    },
  };
}

async function putWhole(
  send: S3Client,
  key: string,
  body: Uint8Array<ArrayBuffer>,
  { ifAbsent, ifMatch, sha256, metadata = {}, signal }: PutOptions,
): Promise<ObjectInfo> {
  const digest = await sha256Base64(body);
  if (sha256 !== undefined && digest.hex !== sha256) throw checksumMismatch(key, sha256, digest.hex);
  const response = await send({
    method: 'PUT',
    key,
    body,
    headers: {
      ...metadataHeaders(metadata),
      'x-amz-checksum-sha256': digest.base64,
      ...(ifAbsent === true ? { 'if-none-match': '*' } : {}),
      ...(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }),
    },
    // A key that ifMatch names may be gone.
    expects: ifMatch === undefined ? [412] : [404, 412],
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  if (response.status === 412 || textOf(text, 'Code') === 'NoSuchKey') throw preconditionFailed(key);
  if (response.status === 404) throw notThere(key, text);
  return putInfo(send, key, response.headers.get('etag'), response, body.length, metadata);
}

async function deleteOne(send: S3Client, { key, etag }: DeleteTarget, signal?: AbortSignal): Promise<DeleteResult> {
  const before = etag === undefined ? await send({ method: 'HEAD', key, expects: [404] }) : undefined;
  if (before?.status === 404) return { key, outcome: 'absent' };
  const response = await send({
    method: 'DELETE',
    key,
    headers: etag === undefined ? {} : { 'if-match': `"${etag}"` },
    expects: [404, 412],
    ...(signal === undefined ? {} : { signal }),
  });
  await response.body?.cancel();
  if (response.status !== 412) return { key, outcome: response.status === 404 ? 'absent' : 'deleted' };
  const now = await send({ method: 'HEAD', key, expects: [404] });
  return { key, outcome: now.status === 404 ? 'absent' : 'changed' };
}

async function deleteTogether(
  send: S3Client,
  targets: readonly DeleteTarget[],
  signal?: AbortSignal,
): Promise<DeleteResult[]> {
  const objects = targets.map(({ key }) => `<Object><Key>${escaped(key)}</Key></Object>`).join('');
  const body = `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>${objects}</Delete>`;
  const { base64 } = await sha256Base64(new TextEncoder().encode(body));
  const response = await send({
    method: 'POST',
    query: { delete: '' },
    body,
    headers: { 'content-type': 'application/xml', 'x-amz-checksum-sha256': base64 },
    ...(signal === undefined ? {} : { signal }),
  });
  // Answered 200 even where keys were refused.
  const [refused] = elementsOf(await response.text(), 'Error');
  if (refused !== undefined) {
    const [key, code] = [textOf(refused, 'Key') ?? '', textOf(refused, 'Code') ?? 'no reason'];
    throw new AdaptersError('bad-response', `The delete of "${key}" was refused (${code}).`, { value: key });
  }
  return targets.map(({ key }) => ({ key, outcome: 'deleted' }));
}

function listing(xml: string, prefix: string | undefined): Awaited<ReturnType<ObjectStore['list']>> {
  const refuse = (why: string): never => {
    throw new ObjectStoreError('bad-cursor', prefix ?? '', `A listing ${why}; list again.`);
  };
  const truncated = textOf(xml, 'IsTruncated');
  if (truncated !== 'true' && truncated !== 'false') refuse('does not say whether it is cut off');
  const objects = elementsOf(xml, 'Contents').map((entry): ObjectInfo => {
    const text = (name: string): string => textOf(entry, name) ?? refuse(`has an object without ${name}`);
    const [size, uploadedMs] = [Number(text('Size')), Date.parse(text('LastModified'))];
    if (!Number.isSafeInteger(size) || Number.isNaN(uploadedMs)) refuse('has an object without a size or a time');
    const key = decodeURIComponent(text('Key').replaceAll('+', ' '));
    return { key, size, etag: text('ETag').replaceAll('"', ''), uploadedMs, metadata: {} };
  });
  if (truncated === 'false') return { objects };
  return { objects, cursor: textOf(xml, 'NextContinuationToken') ?? refuse('was cut off without a cursor') };
}

/** 404 means a missing key only where the service says so: a missing bucket is an error, not an empty store. */
async function missing(response: Response, key: string): Promise<undefined> {
  const text = await response.text();
  const code = textOf(text, 'Code');
  if (code === undefined || code === 'NoSuchKey') return undefined;
  throw notThere(key, text);
}

function notThere(key: string, xml: string): AdaptersError {
  const code = textOf(xml, 'Code') ?? 'no reason';
  return new AdaptersError('bad-response', `"${key}" was answered 404 (${code}). Check the endpoint and the bucket.`, {
    status: 404,
    value: key,
  });
}

function rangeHeader({ offset, length }: { readonly offset: number; readonly length?: number }): string {
  return `bytes=${offset}-${length === undefined ? '' : offset + length - 1}`;
}
